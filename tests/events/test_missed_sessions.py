"""Somebody's session was full when their turn came: they are told, wherever they look, until they choose another."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import actions
from events.answers import Answers
from events.missed import missed_by
from events.models import Registration, SessionPlace
from events.retelling import history_of
from home.waiting import waiting_for

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def dropped(make_event, make_session, make_members, member, now) -> Registration:
    """An offer to the member, whose session is full; another one at the same time has room."""
    event = make_event(capacity=1)
    full, _other = make_session(event, "Listening well", capacity=1), make_session(event, "Other")
    make_session(event, "Later", after=1)
    holder, second = make_members(2)
    chosen = Answers(sessions=frozenset({full.pk}))
    has_it = actions.book_place(event=event, member=holder, actor=holder, now=now, answers=chosen)
    mine = actions.join_waiting_list(event=event, member=member, actor=member, now=now, answers=chosen)
    # The place comes free, and not the session in it.
    other = actions.join_waiting_list(event=event, member=second, actor=second, now=now)
    SessionPlace.objects.filter(registration=has_it).update(registration=other)
    Registration.objects.filter(pk=other.pk).update(state="confirmed")
    Registration.objects.filter(pk=has_it.pk).update(state="cancelled")
    type(event).objects.filter(pk=event.pk).update(capacity=2)
    actions.expire_offers(now=now)
    mine.refresh_from_db()
    return mine


def test_history_says_that_the_session_was_not_given(dropped):
    """Not that it was offered."""
    line = next(line for line in history_of(dropped, dropped.event) if "offered" in line.what)

    assert line.what == "offered a place, but none in “Listening well”, which could not be had any more"


def test_registration_page_says_that_the_time_is_empty(signed_in, dropped):
    """Also where the offer is taken."""
    address = reverse("events:registration", args=[dropped.uuid])

    for _ in range(2):
        page = " ".join(signed_in.get(address).content.decode().split())
        assert "<strong>You have no place in “Listening well”</strong>" in page
        assert "Choose another session</a>" in page
        signed_in.post(reverse("events:take_place", args=[dropped.uuid]))


def test_waiting_for_names_the_session_until_another_is_chosen(dropped, member, now):
    """My page never says that there is nothing to do."""
    [_, waiting] = waiting_for(member, now)
    assert (waiting.what, waiting.action) == (
        "You have no place in “Listening well”",
        "Choose another session",
    )
    assert waiting.url == reverse("events:change_answers", args=[dropped.uuid])

    later, other = (dropped.event.sessions.get(title=title).pk for title in ("Later", "Other"))
    for chosen, number in ((later, 2), (other, 1)):
        answers = Answers(sessions=frozenset({chosen}))
        actions.change_answers(registration=dropped, answers=answers, actor=member, now=now)
        assert len(waiting_for(member, now)) == number


def test_missed_by_says_nothing_where_nothing_else_can_be_chosen(dropped):
    dropped.event.sessions.filter(title="Other").update(is_cancelled=True)

    assert missed_by([dropped]) == {}


def test_waiting_for_says_nothing_once_answers_are_final(dropped, member, now):
    type(dropped.event).objects.filter(pk=dropped.event_id).update(
        answers_change_until=now - timedelta(hours=1)
    )

    assert [waiting.action for waiting in waiting_for(member, now)] == ["Take or decline the place"]


@pytest.mark.parametrize("number", [1, 3])
def test_missed_by_costs_one_query_where_nobody_missed_anything(event, fill, number):
    registrations = fill(event, number)

    with CaptureQueriesContext(connection) as queries:
        assert missed_by(registrations) == {}
    assert len(queries) == 1


def test_missed_by_costs_four_queries(dropped):
    with CaptureQueriesContext(connection) as queries:
        [[session]] = missed_by([dropped]).values()
    assert (session.title, len(queries)) == ("Listening well", 4)
