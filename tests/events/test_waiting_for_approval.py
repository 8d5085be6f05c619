"""Organisers see on their front page and in their list of events how many registrations wait for them to decide."""

from datetime import timedelta

import pytest
from django.urls import reverse

from events import actions
from events.models import EventPage, TeamMember
from tests.events.desk import cost_of, html, list_url, names, text, url

pytestmark = pytest.mark.usefixtures("stopped_clock")

FRONT = reverse("wagtailadmin_home")


@pytest.fixture
def asks(make_event, fill):
    """A published event with so many registrations that wait for an organiser."""

    def make(number: int, **fields) -> EventPage:
        event = make_event(**{"needs_approval": True, **fields})
        fill(event, number, "awaiting approval")
        return event

    return make


def link(event: EventPage, words: str) -> str:
    return f'<a href="{list_url(event)}?state=awaiting+approval">{words}'


def test_the_front_page_says_what_waits_for_approval_and_leads_there(desk, asks, make_event, fill, now):
    several, one = asks(8, title="Several"), asks(1, title="One", starts_at=now + timedelta(weeks=11))
    fill(make_event(title="None"), 3)

    shown = html(desk.get(FRONT))

    assert f"{link(several, '8 registrations wait for your approval')}</a>: Several, " in shown
    assert f"{link(one, '1 registration waits for your approval')}</a>: One, " in shown
    assert shown.count("for your approval") == 2
    assert len(names(desk.get(f"{list_url(several)}?state=awaiting+approval"))) == 8


def test_an_event_far_down_the_list_is_told_of_all_the_same(desk, asks, make_event, now):
    for week in range(1, 8):
        make_event(starts_at=now + timedelta(weeks=week))
    asks(2, title="Late", starts_at=now + timedelta(weeks=40))

    assert "2 registrations wait for your approval : Late" in text(desk.get(FRONT))


def test_what_an_organiser_decided_or_cannot_decide_does_not_wait_for_one(desk, asks, now):
    decided = asks(2)
    decided.registrations.update(approved_at=now)  # waits for the line manager
    asks(2, needs_approval=False, needs_manager=True)
    asks(2, starts_at=now - timedelta(days=1))
    asks(2, cancelled_at=now)

    assert "Waiting for you" not in text(desk.get(FRONT))
    for address in (url("events"), url("events") + "?when=past"):
        assert "for your approval" not in text(desk.get(address))


def test_the_list_of_events_says_how_many_wait(desk, asks):
    event = asks(8)

    assert link(event, "8 wait for your approval") in html(desk.get(url("events")))


@pytest.mark.parametrize(
    ("role", "on_front", "in_list"),
    [
        ("manage", True, "2 wait for your approval"),
        ("read", False, "2 wait for an organiser’s approval"),
        ("check in", False, ""),
    ],
)
def test_only_who_decides_is_told_that_it_waits_for_them(at_desk, member, asks, now, role, on_front, in_list):
    event, _other = asks(2, title="Mine"), asks(3, title="Not mine")
    TeamMember.objects.create(event=event, member=member, role=role, added_at=now)
    actions.keep_in_event_team(member)
    client = at_desk(member)

    assert ("Waiting for you" in text(client.get(FRONT))) is on_front
    listed = client.get(url("events"))
    if in_list:
        assert in_list in text(listed)
        assert text(listed).count("approval") == 1
    else:
        assert listed.status_code in {302, 403}


def test_it_costs_the_same_for_many(desk, asks):
    front, listed = [], []
    for number in (1, 2, 30):
        for _ in range(number):
            asks(1)
        front.append(cost_of(desk, FRONT))
        listed.append(cost_of(desk, url("events")))

    assert len(set(front)) == len(set(listed)) == 1
