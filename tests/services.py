"""A pytest plugin: tests that need a service are left out where it is missing, and the end says so.

With REQUIRE_SERVICES=1 a missing service is a failure. The browser journeys ask for their browser in
tests/journeys/conftest.py, by the same rule.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable

import pytest
from django.conf import settings


def has_postgres() -> bool:
    return bool(settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql")


def has_redis() -> bool:
    return bool(os.environ.get("REDIS_URL"))


# By marker: whether the service is there, and how to get it.
SERVICES: dict[str, tuple[Callable[[], bool], str]] = {
    "postgres": (
        has_postgres,
        (
            "PostgreSQL is not there. Make an empty database whose user may create others, and set "
            "TEST_DATABASE_URL=postgresql://USER:PASSWORD@HOST:5432/NAME (or let .ci/run do it)."
        ),
    ),
    "redis": (
        has_redis,
        (
            "Redis is not there. Install it (Debian: apt-get install redis-server), start it, and set "
            "REDIS_URL=redis://127.0.0.1:6379/0 (or let .ci/run do it)."
        ),
    ),
}


def services_are_required() -> bool:
    return os.environ.get("REQUIRE_SERVICES") == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "redis: needs a Redis server (REDIS_URL)")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (is_there, how_to_get_it) in SERVICES.items():
        if item.get_closest_marker(marker) and not is_there():
            (pytest.fail if services_are_required() else pytest.skip)(how_to_get_it)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, number in reasons.most_common():
        terminalreporter.write_line(
            f"Left out: {number} test{'s' if number != 1 else ''}. {reason}", yellow=True
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    if settings.configured:
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
