"""`manage.py check --deploy`, beyond what Django asks."""

import pytest

from portal import checks

LOCMEM = "django.core.cache.backends.locmem.LocMemCache"
REDIS = "django.core.cache.backends.redis.RedisCache"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("backend", "sender", "found"),
    [
        (SMTP, "Portal <portal@mail.example>", []),
        ("anymail.backends.postmark.EmailBackend", "portal@mail.example", []),
        ("mailing.backends.MaildirBackend", "portal@mail.example", ["portal.E001"]),
        ("django.core.mail.backends.console.EmailBackend", "portal@mail.example", ["portal.E001"]),
        (SMTP, "Practice Portal <portal@portal.example>", ["portal.W002"]),
    ],
)
def test_check_mail_leaves(settings, backend, sender, found):
    settings.EMAIL_BACKEND = backend
    settings.DEFAULT_FROM_EMAIL = sender

    assert [message.id for message in checks.check_mail_leaves()] == found


@pytest.mark.parametrize(("backend", "found"), [(REDIS, []), (LOCMEM, ["portal.W003"])])
def test_check_cache_is_shared(settings, backend, found):
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:6379/1"}}

    assert [message.id for message in checks.check_cache_is_shared()] == found
