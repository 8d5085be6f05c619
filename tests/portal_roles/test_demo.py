"""The demo command: what it promises, whatever the parts put in."""

from time import monotonic

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection

from members import demo as members_demo
from members.models import User
from portal.management.commands.demo import GROUPS
from portal.roles import Role


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the database holds it.

    Save how SQLite lays out its full-text index inside: it is rebuilt, with the same entries.
    """
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if "_fts_" in table:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(cursor.fetchall(), key=repr)  # some tables have no order of their own
    return rows


def test_demo_again_changes_nothing(site_tree, capsys) -> None:
    call_command("demo", yes=True)
    before = everything()
    capsys.readouterr()

    call_command("demo", yes=True)

    after = everything()
    assert {table for table in before if before[table] != after[table]} == set()
    assert len(before["members_user"]) > len(members_demo.LOGINS)


def test_demo_is_there_within_seconds_and_says_what_it_does(site_tree, capsys) -> None:
    started = monotonic()

    call_command("demo", yes=True)

    assert monotonic() - started < 20
    lines = [line.split(" … ")[0].split(" (")[0] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "Organisations and members",
        "Front page and standing pages",
        "Findings",
        "Events and registrations",
        "The demo is there",
    ]


def test_demo_gives_each_login_its_group_and_no_other(site_tree) -> None:
    call_command("demo", yes=True)

    groups = {
        login.role: [group.name for group in User.objects.get(email=login.email).groups.all()]
        for login in members_demo.LOGINS
    }
    expected = {
        login.role: [GROUPS[login.role].value] if login.role in GROUPS else []
        for login in members_demo.LOGINS
    }
    # Named for the sensitive answers of the conference.
    expected["organiser"].append(Role.EVENT_TEAM.value)
    assert {role: set(names) for role, names in groups.items()} == {
        role: set(names) for role, names in expected.items()
    }
    assert set(GROUPS.values()) <= set(Role)
    assert Group.objects.count() == len(Role)


def test_demo_refuses_production_and_changes_nothing(site_tree) -> None:
    with pytest.raises(CommandError, match=r"DEBUG is off.*Nothing was changed.*demo --yes"):
        call_command("demo")

    assert User.objects.count() == 0


def test_demo_asks_nothing_where_errors_are_shown(site_tree, settings, monkeypatch) -> None:
    settings.DEBUG = True
    loaded = []
    monkeypatch.setattr(
        "portal.management.commands.demo.import_module",
        lambda name: type("Part", (), {"load": lambda now: loaded.append(name)}),
    )
    monkeypatch.setattr("portal.management.commands.demo.Command._give_roles", lambda command: None)

    call_command("demo")

    assert loaded == ["members.demo", "home.demo", "library.demo", "events.demo"]
