"""A session that moved while somebody filled the form in: the choice is kept, and the form says what moved."""

import re
from datetime import timedelta

import pytest

from events.models import Session, SessionPlace
from tests.events.filling import errors_in, slot, text, url_of

MINUTES = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def move(session: Session, by: timedelta) -> None:
    session.starts_at += by
    session.ends_at += by
    session.save()


def ticked(response) -> list[str]:
    """The labels of the radios that are chosen."""
    shown = text(response)
    ids = re.findall(r'type="radio"[^>]*id="([^"]*)" checked', shown)
    return [re.search(f'for="{each}">([^<]*)<', shown)[1] for each in ids]


@pytest.fixture
def pair(event, make_session) -> tuple[Session, Session]:
    """Two that start together."""
    return make_session(event, "Rating", stream="A"), make_session(event, "Visiting", stream="B")


def test_a_choice_stays_when_its_session_moves(signed_in, event, pair):
    _, session = pair
    typed = {slot(session): str(session.pk)}
    move(session, MINUTES)

    shown = signed_in.post(url_of("book_place", event), typed)

    assert errors_in(shown) == [
        (
            "“Visiting” moved from 9:30am to 9:35am while you were writing. "
            "It is still chosen: send the form again if that suits you, or choose another"
        )
    ]
    assert ticked(shown) == ["None of these", "Visiting"]
    assert event.registrations.count() == 0


def test_the_form_is_taken_when_it_is_sent_again(signed_in, event, pair):
    other, session = pair
    move(session, MINUTES)

    signed_in.post(url_of("book_place", event), {slot(other): "none", slot(session): str(session.pk)})

    assert [place.session for place in SessionPlace.objects.all()] == [session]


def test_all_that_move_together_stay_chosen(signed_in, event, make_session):
    first, second = make_session(event, "First"), make_session(event, "Second", after=1)
    typed = {slot(first): str(first.pk), slot(second): str(second.pk)}
    move(first, HOUR)
    move(second, HOUR)

    shown = signed_in.post(url_of("book_place", event), typed)

    assert ticked(shown) == ["First", "Second"]
    assert [error.split(" while")[0] for error in errors_in(shown)] == [
        "“First” moved from 9:30am to 10:30am",
        "“Second” moved from 10:30am to 11:30am",
    ]


def test_what_was_chosen_at_the_new_time_stands(signed_in, event, pair, make_session):
    other, session = pair
    later = make_session(event, "Later", after=1)
    typed = {slot(other): str(session.pk), slot(later): str(later.pk)}
    move(session, HOUR)

    shown = signed_in.post(url_of("book_place", event), typed)

    assert errors_in(shown) == [
        (
            "“Visiting” moved from 9:30am to 10:30am while you were writing, and then you chose “Later”. "
            "Choose one of them, or none of these"
        )
    ]
    assert ticked(shown) == ["None of these", "Later"]


def test_a_move_to_another_day_names_the_days(signed_in, event, pair):
    _, session = pair
    typed = {slot(session): str(session.pk)}
    move(session, 24 * HOUR)

    [error] = errors_in(signed_in.post(url_of("book_place", event), typed))

    assert error.startswith(
        "“Visiting” moved from Thursday 25 March 2027, 9:30am to Friday 26 March 2027, 9:30am while"
    )


def test_a_choice_that_is_gone_is_asked_for_again(signed_in, event, pair):
    _, session = pair
    Session.objects.filter(pk=session.pk).update(is_cancelled=True)

    shown = signed_in.post(url_of("book_place", event), {slot(session): str(session.pk)})

    assert errors_in(shown) == [
        "The session you chose is not there any more. Choose another, or none of these"
    ]
    assert event.registrations.count() == 0


def test_a_choice_whose_time_is_gone_is_not_dropped_in_silence(signed_in, event, make_session):
    only, later = make_session(event, "Only"), make_session(event, "Later", after=1)
    Session.objects.filter(pk=only.pk).update(is_cancelled=True)
    typed = {slot(only): str(only.pk), slot(later): "none"}

    shown = signed_in.post(url_of("book_place", event), typed)

    assert "The session that you chose for Thursday 25 March 2027, 9:30am is not there any more" in text(
        shown
    )
    assert event.registrations.count() == 0
    signed_in.post(url_of("book_place", event), {slot(later): "none"})
    assert event.registrations.count() == 1


@pytest.mark.parametrize("name", ["sessions-", "sessions-x", "sessions-999999999999999999", "sessions-²"])
def test_names_that_are_no_moments_are_passed_over(signed_in, event, make_session, name):
    session = make_session(event, "Rating")

    signed_in.post(url_of("book_place", event), {name: str(session.pk), slot(session): "none"})

    assert (event.registrations.count(), SessionPlace.objects.count()) == (1, 0)


def test_a_choice_stays_when_answers_are_changed(signed_in, event, pair):
    _, session = pair
    signed_in.post(url_of("book_place", event), {slot(session): str(session.pk)})
    registration = event.registrations.get()
    typed = {slot(session): str(session.pk)}
    move(session, MINUTES)

    shown = signed_in.post(url_of("change_answers", registration), typed)

    assert ticked(shown) == ["None of these", "Visiting"]
    assert [place.session for place in SessionPlace.objects.all()] == [session]
