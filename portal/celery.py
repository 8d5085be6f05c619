"""The Celery application. Tasks live in the apps and are found by name (`tasks.py`)."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

from portal.schedule import beat_schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")

TRANSPORT_ALIASES["filesystem"] = "portal.filesystem_broker:Transport"

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_schedule()
app.autodiscover_tasks()
