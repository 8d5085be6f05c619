"""Settings for the test suite."""

import tempfile
from pathlib import Path

from portal.settings.base import *  # noqa: F403 - settings modules extend each other this way
from portal.settings.base import CACHES, DATABASES, env

SECRET_KEY = "test-only-key"  # noqa: S105 - protects nothing but tests
ALLOWED_HOSTS = ["*"]
BASE_URL = "https://portal.example"
WAGTAILADMIN_BASE_URL = BASE_URL
VAR_DIR = Path(tempfile.mkdtemp(prefix="portal-test-"))
MEDIA_ROOT = VAR_DIR / "media"
MAIL_DIR = VAR_DIR / "mail"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir()
DATABASES["default"]["CONN_MAX_AGE"] = 0
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", default=True)
