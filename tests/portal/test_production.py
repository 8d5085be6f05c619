"""What the production settings promise, as Django sees them."""

import importlib
import logging
import logging.config
import sys

import pytest

from portal.logs import IdsOnlyFormatter
from tests.portal.test_environment import sample_environment


@pytest.fixture
def production(monkeypatch, tmp_path):
    """The production settings module, loaded with the sample environment and some changes."""

    def load(**changes: str):
        for name, value in {**sample_environment(), "VAR_DIR": str(tmp_path), **changes}.items():
            monkeypatch.setenv(name, value)
        for module in ("portal.settings.base", "portal.settings.production"):
            monkeypatch.delitem(sys.modules, module, raising=False)
        return importlib.import_module("portal.settings.production")

    yield load
    for module in ("portal.settings.base", "portal.settings.production"):
        sys.modules.pop(module, None)


def test_production_keeps_cookies_and_pages_to_https(production):
    settings = production()

    assert settings.SECURE_SSL_REDIRECT is True
    assert settings.SECURE_HSTS_SECONDS == 31_536_000
    assert (settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE) == (True, True)
    assert (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME) == (
        "__Host-sessionid",
        "__Host-csrftoken",
    )
    assert settings.DEBUG is False


@pytest.mark.parametrize(("count", "trusted"), [("0", False), ("1", True)])
def test_production_believes_a_proxy_only_if_there_is_one(production, count, trusted):
    settings = production(TRUSTED_PROXY_COUNT=count)

    assert hasattr(settings, "SECURE_PROXY_SSL_HEADER") is trusted


def test_production_takes_every_part_from_the_environment(production):
    settings = production()

    assert settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert settings.CELERY_BROKER_URL == "redis://127.0.0.1:6379/0"
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["socket_connect_timeout"] == 2
    assert settings.CELERY_WORKER_ENABLE_REMOTE_CONTROL is True
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
    assert settings.EMAIL_HOST == "127.0.0.1"
    assert settings.DEFAULT_FROM_EMAIL == "Practice Portal <portal@mail.portal.example>"


def test_production_runs_on_one_machine_with_nothing_installed(production):
    settings = production(DATABASE_URL="", BROKER_URL="", CACHE_URL="")

    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings.CELERY_BROKER_URL == "filesystem://localhost/"
    assert settings.CELERY_WORKER_ENABLE_REMOTE_CONTROL is False
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.locmem.LocMemCache"


def record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, None) if error else None
    return logging.LogRecord("portal", logging.ERROR, __file__, 1, message, args, info)


def test_logs_leave_addresses_out():
    error = ValueError(
        'duplicate key value violates unique constraint "members_user_email_key"\n'
        "DETAIL:  Key (email)=(pat.practitioner+1@mail.force.example) already exists."
    )

    line = IdsOnlyFormatter().format(record("Letter %s to %s failed", 12, "pat@force.example", error=error))

    assert "ERROR portal: Letter 12 to [address] failed" in line
    assert "pat" not in line
    assert 'unique constraint "members_user_email_key"\nDETAIL: [left out]' in line


def test_production_logs_through_that_formatter(production):
    config = production().LOGGING
    formatter = logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["ids_only"])

    assert type(formatter).__name__ == "IdsOnlyFormatter"
    assert config["root"]["handlers"] == ["console"]
