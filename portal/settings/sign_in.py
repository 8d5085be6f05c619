"""An organisation's own sign-in by OpenID Connect. Absent unless OIDC_SERVER_URL is set."""

from typing import Any
from urllib.parse import urlsplit

from portal.settings.environment import Environment, malformed, missing, read

SHAPE = "the address of the OpenID Connect provider, such as https://login.example/realms/police"
NEEDED = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


def openid_connect(env: Environment) -> dict[str, Any]:
    """django-allauth's SOCIALACCOUNT_PROVIDERS: one provider, or none.

    Raises ImproperlyConfigured with the name of the variable that is malformed, or missing beside the
    others.
    """
    server = str(env.get_value("OIDC_SERVER_URL", default=""))
    values = {name: str(env.get_value(name, default="")) for name in NEEDED}
    if not server:
        if any(values.values()):
            missing("OIDC_SERVER_URL", or_else="leave out all of OIDC_…")
        return {}
    origin_of(server)
    for name, value in values.items():
        if not value:
            missing(name, or_else="leave out all of OIDC_…")
    app = {
        "provider_id": "organisation",
        "name": str(env.get_value("OIDC_NAME", default="your organisation")),
        "client_id": values["OIDC_CLIENT_ID"],
        "secret": values["OIDC_CLIENT_SECRET"],
        "settings": {"server_url": server},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def sign_in_origins(providers: dict[str, Any]) -> list[str]:
    """Where our sign-in form may lead: the browser follows a form's redirect only to named origins."""
    apps = providers.get("openid_connect", {}).get("APPS", [])
    return [origin_of(app["settings"]["server_url"]) for app in apps]


def origin_of(server: str) -> str:
    """Scheme, host and port of the provider, which has to be reached by TLS, or on this machine."""
    parts = read("OIDC_SERVER_URL", lambda: urlsplit(server), SHAPE)
    read("OIDC_SERVER_URL", lambda: parts.port, SHAPE)
    is_safe = parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1"}
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_safe:
        malformed("OIDC_SERVER_URL", SHAPE)
    return f"{parts.scheme}://{parts.netloc}"
