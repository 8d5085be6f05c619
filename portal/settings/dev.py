"""Settings for `make run`: one machine, mail as files, errors shown."""

from portal.settings.base import *  # noqa: F403 - settings modules extend each other this way
from portal.settings.base import env

DEBUG = True
SECRET_KEY = env.str("SECRET_KEY", default="development-only-key-that-protects-nothing-of-value")
ALLOWED_HOSTS = ["*"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
EMAIL_BACKEND = "mailing.backends.MaildirBackend"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
