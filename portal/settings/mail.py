"""How mail leaves a real site: by SMTP, or by the API of a provider that django-anymail knows."""

from typing import Any
from urllib.parse import urlsplit

from portal.settings.environment import Environment, malformed, missing, read

# What each provider asks for, in the names django-anymail gives it. Some have an address per region.
PROVIDERS: dict[str, tuple[str, ...]] = {
    "amazon_ses": (),  # boto3 finds its credentials itself
    "brevo": ("BREVO_API_KEY",),
    "mailersend": ("MAILERSEND_API_TOKEN",),
    "mailgun": ("MAILGUN_API_KEY", "MAILGUN_SENDER_DOMAIN"),
    "mailjet": ("MAILJET_API_KEY", "MAILJET_SECRET_KEY"),
    "mandrill": ("MANDRILL_API_KEY",),
    "postmark": ("POSTMARK_SERVER_TOKEN",),
    "resend": ("RESEND_API_KEY",),
    "sparkpost": ("SPARKPOST_API_KEY",),
}
API_URLS = ("MAILGUN_API_URL", "SPARKPOST_API_URL")
TIMEOUT_SECONDS = 15
MAILBOX_SHAPE = "maildir:///PATH, imaps://USER:PASSWORD@HOST/FOLDER or pop3s://USER:PASSWORD@HOST"


def mail_settings(env: Environment) -> dict[str, Any]:
    """Django's EMAIL_… settings, from MAIL_PROVIDER and its keys or from EMAIL_URL."""
    provider = env.choice("MAIL_PROVIDER", default="", choices=("", *PROVIDERS))
    if not provider:
        return _smtp(env)
    keys = {name: env.str(name) for name in PROVIDERS[provider]}
    urls = {name: value for name in API_URLS if (value := env.str(name, default=""))}
    # Without a secret in their address, reports of what came back could be anybody's: none are taken.
    secret = env.str("MAIL_WEBHOOK_SECRET", default="")
    return {
        "MAIL_PROVIDER": provider if secret else "",
        "EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend",
        "ANYMAIL": {**keys, **urls, "REQUESTS_TIMEOUT": TIMEOUT_SECONDS, "WEBHOOK_SECRET": secret or None},
    }


def returned_to(env: Environment) -> str:
    """The address that letters come back to when they cannot be delivered (the envelope's sender)."""
    return env.mail_address("MAIL_BOUNCES_TO", default="") if env.str("MAIL_BOUNCES_TO", default="") else ""


def returned_mailbox(env: Environment) -> str:
    """The mailbox where returned letters are read; empty for none."""
    value = str(env.str("MAIL_BOUNCES_MAILBOX", default=""))
    if not value:
        return ""
    parts = read("MAIL_BOUNCES_MAILBOX", lambda: urlsplit(value), MAILBOX_SHAPE)
    read("MAIL_BOUNCES_MAILBOX", lambda: parts.port, MAILBOX_SHAPE)
    is_file = parts.scheme == "maildir" and parts.path
    is_server = parts.scheme in {"imap", "imaps", "pop3", "pop3s"} and parts.hostname and parts.username
    return value if is_file or is_server else malformed("MAIL_BOUNCES_MAILBOX", MAILBOX_SHAPE)


def _smtp(env: Environment) -> dict[str, Any]:
    if not env.str("EMAIL_URL", default=""):
        missing("EMAIL_URL", or_else="name a provider in MAIL_PROVIDER")
    return env.smtp("EMAIL_URL")
