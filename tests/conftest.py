"""What several apps' tests need: people, and the day it is."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from home.models import HomePage
from members.models import Organisation, OrganisationKind, User
from portal import roles
from portal import site_tree as tree
from tests import migrated

ROOT = Path(__file__).resolve().parent.parent
EVAL_DATA = Path(os.environ.get("EVAL_DATA", ROOT.parent / "shared" / "data"))

# Fixtures and marks of pytest-django's with which a test reaches the database.
ASKS_DATABASE = {"db", "transactional_db", "live_server", "django_db"}

pytest_plugins = ["tests.services"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what asks no database: it has passed on SQLite."""
    if connection.vendor != "postgresql":
        return
    ours = [item for item in items if ASKS_DATABASE & {*item.fixturenames, *map(_name, item.iter_markers())}]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(ours)])
    items[:] = ours


def _name(mark: pytest.Mark) -> str:
    return mark.name


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings) -> None:
    """On SQLite, do not migrate again what an earlier run has migrated."""
    if connection.vendor == "sqlite" and migrated.kept_copy().exists():
        settings.DATABASES["default"].setdefault("TEST", {})["MIGRATE"] = False
        connection.settings_dict["TEST"]["MIGRATE"] = False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            if connection.settings_dict["TEST"]["MIGRATE"]:
                migrated.keep()
            else:
                migrated.restore()


@pytest.fixture
def now() -> datetime:
    """A fixed moment: a Thursday morning in winter, so London is on UTC."""
    return datetime(2027, 1, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def site_tree(db) -> HomePage:
    """The front page, with all that migrations put around it: site, pages and roles.

    It is there anyway in a test that rolls back. A test with its own transactions starts on an empty
    database and asks for it.
    """
    tree.plant(apps)
    roles.grant(apps)
    return HomePage.objects.get()


@pytest.fixture
def force(db) -> Organisation:
    return Organisation.objects.create(
        name="Example Police", kind=OrganisationKind.POLICE_FORCE, region="East of England"
    )


@pytest.fixture
def member(force) -> User:
    """An approved practitioner."""
    return User.objects.create_user(
        "practitioner@force.example",
        first_name="Pat",
        last_name="Practitioner",
        organisation=force,
        state=User.State.APPROVED,
    )


@pytest.fixture
def other_member(force) -> User:
    """Another approved practitioner."""
    return User.objects.create_user(
        "colleague@force.example",
        first_name="Col",
        last_name="League",
        organisation=force,
        state=User.State.APPROVED,
    )


@pytest.fixture(scope="session")
def naughty_strings() -> list[str]:
    """Strings that have broken software before. They are not ours: `EVAL_DATA` says where they lie."""
    strings = EVAL_DATA / "naughty_strings" / "blns.json"
    if not strings.exists():
        pytest.skip("no EVAL_DATA")
    return json.loads(strings.read_text(encoding="utf-8"))
