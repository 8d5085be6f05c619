"""Settings for `make run`: one machine, mail as files."""

from portal.settings.base import *  # noqa: F403 - settings modules extend each other this way
from portal.settings.base import MIDDLEWARE, env

DEBUG = True
# `make run` is what people try the portal with, so they see its own error pages.
if not env.bool("DJANGO_ERROR_PAGES", default=False):
    # Outside allauth's, which answers some exceptions itself: it asks for the password by raising one.
    MIDDLEWARE.insert(
        MIDDLEWARE.index("allauth.account.middleware.AccountMiddleware"), "portal.error_pages.OwnErrorPages"
    )
SECRET_KEY = env.str("SECRET_KEY", default="development-only-key-that-protects-nothing-of-value")
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = ["*"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
EMAIL_BACKEND = "mailing.backends.MaildirBackend"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
