"""The post room alone: what its processes need, and nothing that makes them slow to start."""

from pathlib import Path

from portal.settings.broker import EXCHANGE, TASK_ROUTES, task_queues, transport_options
from portal.settings.environment import Environment

env = Environment()
VAR_DIR = env.folder("VAR_DIR", default=Path("/nonexistent"))

SECRET_KEY = "tests-only"
BASE_URL = "https://portal.example"
INSTALLED_APPS = ["mailing", "django.contrib.contenttypes", "django.contrib.auth"]
ROOT_URLCONF = "tests.faults.urls"
USE_TZ = True
DATABASES = {"default": env.database(default=VAR_DIR / "faults.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", env.number("SMTP_PORT", default=25)
EMAIL_TIMEOUT = 1
DEFAULT_FROM_EMAIL = "Practice Portal <portal@portal.example>"
MAIL_PROVIDER = MAIL_BOUNCES_TO = MAIL_BOUNCES_MAILBOX = ""
MAIL_PER_MINUTE = MAIL_PER_DOMAIN_PER_MINUTE = 0
MAIL_BODY_DAYS = 30

CELERY_BROKER_URL = env.broker(default="filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(CELERY_BROKER_URL, VAR_DIR / "queue")
BROKER_GATHER_SECONDS = 0.1
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = CELERY_TASK_DEFAULT_ROUTING_KEY = "default"
CELERY_TASK_DEFAULT_EXCHANGE = EXCHANGE
CELERY_TASK_QUEUES = task_queues()
CELERY_TASK_ROUTES = TASK_ROUTES
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
