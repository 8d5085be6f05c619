"""The portal's settings as a server in use has them, plus a measuring middleware and the peers' addresses."""

from portal.settings.base import *  # noqa: F403 - settings modules extend each other this way
from portal.settings.base import INSTALLED_APPS, MIDDLEWARE, STATIC_ROOT, VAR_DIR, env

SECRET_KEY = "bench-only-key"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.urls"
INSTALLED_APPS = ["bench", *INSTALLED_APPS]
MIDDLEWARE = ["bench.measuring.StatementsMiddleware", *MIDDLEWARE]

SILENCED_SYSTEM_CHECKS = ["wagtailcore.W003"]

# The benchmarks of `mailing` name a mail server; all others throw letters away.
EMAIL_PORT = env.number("BENCH_SMTP_PORT", default=0)
EMAIL_HOST = "127.0.0.1"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_PORT else 'dummy'}.EmailBackend"
for folder in (STATIC_ROOT, VAR_DIR / "queue"):
    folder.mkdir(parents=True, exist_ok=True)

# The negative control of `events.book_place`: the same code, its lock taken out.
BENCH_WITHOUT_LOCK = env.bool("BENCH_WITHOUT_LOCK", default=False)
