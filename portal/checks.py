"""What Django's checks cannot know about the portal: `manage.py check`, and more with `--deploy`."""

import os
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core import checks

from portal.settings.base import env
from portal.settings.variables import unread

MAIL_THAT_STAYS_HERE = (
    "mailing.backends.MaildirBackend",
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
    "django.core.mail.backends.filebased.EmailBackend",
    "django.core.mail.backends.locmem.EmailBackend",
)


@checks.register
def check_environment(**_options: Any) -> list[checks.CheckMessage]:
    """Whoever sets something sees that it counts, or that it does not."""
    return [
        checks.Warning(found.words, hint=found.hint, id="portal.W005" if found.is_known else "portal.W004")
        for found in unread(os.environ, env.read)
    ]


@checks.register(checks.Tags.security, deploy=True)
def check_mail_leaves(**_options: Any) -> list[checks.CheckMessage]:
    """Letters reach people, and come from an address that exists."""
    found: list[checks.CheckMessage] = []
    if settings.EMAIL_BACKEND in MAIL_THAT_STAYS_HERE:
        found.append(
            checks.Error(
                "No letter leaves this machine.",
                hint="Set EMAIL_URL to a mail server, or MAIL_PROVIDER to a provider.",
                id="portal.E001",
            )
        )
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if address == "portal@portal.example":
        found.append(
            checks.Warning(
                "Letters come from an address that does not exist, so mail servers refuse them.",
                hint="Set MAIL_FROM to an address of yours.",
                id="portal.W002",
            )
        )
    return found


@checks.register(checks.Tags.caches, deploy=True)
def check_cache_is_shared(**_options: Any) -> list[checks.CheckMessage]:
    """Limits on sign-in attempts are counted in the cache, so all server processes must share it."""
    if settings.CACHES["default"]["BACKEND"] != "django.core.cache.backends.locmem.LocMemCache":
        return []
    return [
        checks.Warning(
            "Each server process has a cache of its own, so limits on sign-in attempts count per process.",
            hint="Run one server process with threads, or set CACHE_URL to a Redis server.",
            id="portal.W003",
        )
    ]
