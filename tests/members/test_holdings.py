"""What a member has elsewhere is read beside the decision on their membership."""

import pytest

from members import holdings
from members.models import User

WORDS = "They are registered for 2 events to come."


@pytest.fixture
def _has_something(monkeypatch):
    """One app that says nothing, and one that says something."""
    monkeypatch.setattr(holdings, "_apps", [])
    holdings.register(lambda _member, _now: "")
    holdings.register(lambda _member, _now: WORDS)


def test_register_counts_an_app_once(monkeypatch, approved, now):
    monkeypatch.setattr(holdings, "_apps", [])

    def say(_member, _now) -> str:
        return WORDS

    holdings.register(say)
    holdings.register(say)

    assert holdings.of(approved, now) == [WORDS]


@pytest.mark.usefixtures("_has_something")
@pytest.mark.parametrize("address", ["", "suspend/"])
def test_suspend_member_shows_what_they_have(browser_of, manager, approved, address):
    """On the member's page, and where the decision is made."""
    page = browser_of(manager).get(f"/admin/members/{approved.uuid}/{address}")

    assert page.content.decode().count(f"<p>{WORDS}</p>") == 1


@pytest.mark.usefixtures("_has_something")
def test_reinstate_member_does_not_repeat_it(browser_of, manager, make_user):
    suspended = make_user("gone@essex.police.uk", state=User.State.SUSPENDED)
    page = browser_of(manager).get(f"/admin/members/{suspended.uuid}/reinstate/")

    assert (page.status_code, WORDS in page.content.decode()) == (200, False)
