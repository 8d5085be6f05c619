"""Settings for a real site. Everything comes from the environment; docs/operations.md lists it all.

What is missing or malformed is named when the portal starts, before it answers anybody.
"""

from portal.settings.base import *  # noqa: F403 - settings modules extend each other this way
from portal.settings.base import ALLAUTH_TRUSTED_PROXY_COUNT, VAR_DIR, env
from portal.settings.environment import malformed
from portal.settings.mail import mail_settings
from portal.settings.storage import file_storage, private_storage

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.host_names("ALLOWED_HOSTS")
BASE_URL = env.base_url()
if not BASE_URL.startswith("https://"):
    malformed("BASE_URL")
WAGTAILADMIN_BASE_URL = BASE_URL

# --- Behind a proxy that ends TLS ------------------------------------------------------------------

if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # Load balancers ask from within, without TLS.
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", default=365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)
SILENCED_SYSTEM_CHECKS = [
    "security.W019",  # Frames of our own site only: Wagtail's preview panel is one.
    "security.W021",  # The browsers' preload list is the domain owner's decision, and hard to take back.
]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# The prefix makes browsers refuse such a cookie from a neighbouring subdomain.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"

# --- Mail: SMTP or a provider ------------------------------------------------------------------------

globals().update(mail_settings(env))

# --- Files -------------------------------------------------------------------------------------------

STORAGES = {
    "default": file_storage(env),
    "private": private_storage(env, VAR_DIR / "private"),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Logs: what happened to which id, never who or what they wrote -----------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ids_only": {"()": "portal.logs.IdsOnlyFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ids_only"}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", default="INFO", choices=LOG_LEVELS)},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Warnings here repeat addresses of pages, and those of confirmation links are secrets.
        "django.request": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
        # Anybody who sends a made-up Host header would write a page of traceback here.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
