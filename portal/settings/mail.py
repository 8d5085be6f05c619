"""How mail leaves a real site: by SMTP, or by the API of a provider that django-anymail knows."""

from typing import Any

from portal.settings.environment import Environment, missing

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


def mail_settings(env: Environment) -> dict[str, Any]:
    """Django's EMAIL_… settings, from MAIL_PROVIDER and its keys or from EMAIL_URL."""
    provider = env.choice("MAIL_PROVIDER", default="", choices=("", *PROVIDERS))
    if not provider:
        return _smtp(env)
    keys = {name: env.str(name) for name in PROVIDERS[provider]}
    urls = {name: value for name in API_URLS if (value := env.str(name, default=""))}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend",
        "ANYMAIL": {**keys, **urls, "REQUESTS_TIMEOUT": TIMEOUT_SECONDS},
    }


def _smtp(env: Environment) -> dict[str, Any]:
    if not env.str("EMAIL_URL", default=""):
        missing("EMAIL_URL", or_else="name a provider in MAIL_PROVIDER")
    return env.smtp("EMAIL_URL")
