"""Sessions to choose: one at a time, with places of their own, also for those who wait."""

import pytest

from events import actions
from events.answers import Answers
from events.models import Registration, SessionPlace
from events.registration_forms import name_of
from mailing.composition import composed
from mailing.models import OutgoingMail
from tests.events.filling import errors_in, slot, text, url_of

State = Registration.State


def test_sessions_are_chosen_one_at_a_time(signed_in, event, make_session):
    first, second = make_session(event, "Rating", stream="A"), make_session(event, "Visiting", stream="B")

    shown = signed_in.post(url_of("book_place", event))
    assert errors_in(shown) == ["Choose an answer for “Thursday 25 March 2027, 9:30am”"]
    sent = signed_in.post(url_of("book_place", event), {slot(first): str(second.pk)})

    assert [place.session for place in SessionPlace.objects.all()] == [second]
    assert "Visiting" in text(signed_in.get(sent.url))


def test_none_of_the_sessions_is_a_choice(signed_in, event, make_session):
    session = make_session(event, "Rating")

    signed_in.post(url_of("book_place", event), {slot(session): "none"})

    assert (event.registrations.get().state, SessionPlace.objects.count()) == (State.CONFIRMED, 0)


def test_sessions_that_overlap_are_refused_at_the_later_one(signed_in, event, make_session):
    long, later = make_session(event, "Long", hours=2), make_session(event, "Later", after=1)

    shown = signed_in.post(
        url_of("book_place", event), {slot(long): str(long.pk), slot(later): str(later.pk)}
    )

    assert errors_in(shown) == [
        "“Later” overlaps “Long”, 9:30am to 11:30am. Choose one of them, or none of these"
    ]
    assert event.registrations.count() == 0


def test_the_action_refuses_an_overlap_that_no_form_saw(event, member, make_session, now):
    long, later = make_session(event, "Long", hours=2), make_session(event, "Later", after=1)

    with pytest.raises(actions.SessionsOverlap):
        actions.book_place(
            event=event,
            member=member,
            actor=member,
            now=now,
            answers=Answers(sessions=frozenset({long.pk, later.pk})),
        )
    assert event.registrations.count() == 0


@pytest.mark.parametrize("which", ["of another event", "cancelled", "for everybody", "gone"])
def test_only_sessions_to_choose_are_chosen(make_event, event, member, make_session, now, which):
    session = {
        "of another event": lambda: make_session(make_event(), "X").pk,
        "cancelled": lambda: make_session(event, "X", is_cancelled=True).pk,
        "for everybody": lambda: make_session(event, "X", is_chosen=False).pk,
        "gone": lambda: 0,
    }[which]()

    with pytest.raises(actions.SessionGone):
        actions.book_place(
            event=event, member=member, actor=member, now=now, answers=Answers(sessions=frozenset({session}))
        )
    assert event.registrations.count() == 0


def test_a_session_that_filled_meanwhile_keeps_the_rest_of_the_form(
    signed_in, event, make_session, make_question, make_members, now
):
    session = make_session(event, "Case clinic", capacity=1)
    question = make_question(event, "Role")
    [faster] = make_members(1)
    assert "1 place left" in text(signed_in.get(url_of("book_place", event)))
    actions.book_place(
        event=event, member=faster, actor=faster, now=now, answers=Answers(sessions=frozenset({session.pk}))
    )

    shown = signed_in.post(
        url_of("book_place", event), {slot(session): str(session.pk), name_of(question): "Analyst"}
    )

    assert shown.status_code == 409
    assert errors_in(shown) == [
        "“Case clinic” is full. Choose another session. Everything else you wrote is kept."
    ]
    assert 'value="Analyst"' in shown.content.decode()
    assert "until 10:30am. Full" in text(shown)
    assert event.registrations.count() == 1


def test_whoever_waits_may_choose_a_full_session_and_is_told_when_their_turn_comes(
    make_event, make_session, make_members, now
):
    event = make_event(capacity=2)
    full, other = make_session(event, "Case clinic", capacity=1), make_session(event, "Talk", after=1)
    first, leaver, waiter = make_members(3)

    def register(member, *sessions, act=actions.book_place) -> Registration:
        answers = Answers(sessions=frozenset(session.pk for session in sessions))
        return act(event=event, member=member, actor=member, now=now, answers=answers)

    register(first, full)
    leaving = register(leaver)
    waiting = register(waiter, full, other, act=actions.join_waiting_list)
    assert SessionPlace.objects.taken().count() == 1

    actions.cancel_registration(registration=leaving, actor=leaver, now=now)

    waiting.refresh_from_db()
    assert waiting.state == State.OFFERED
    assert [place.session for place in waiting.session_places.all()] == [other]
    letter = OutgoingMail.objects.get(kind="events/mail/place_offered")
    assert "“Case clinic” is full by now, so you have no place in it." in composed(letter).text
    step = waiting.steps.get(verb="offer_place")
    assert step.detail == {"state": "offered", "missed_sessions": [str(full.key)]}


def test_a_session_of_the_waiting_is_theirs_as_soon_as_they_hold_a_place(
    make_event, make_session, make_members, now
):
    """Two wait for the one place in a session: the first who is called has it."""
    event = make_event(capacity=2)
    session = make_session(event, "Case clinic", capacity=1)
    leavers, waiters = make_members(2), make_members(2)
    leaving = [actions.book_place(event=event, member=one, actor=one, now=now) for one in leavers]
    waiting = [
        actions.join_waiting_list(
            event=event, member=one, actor=one, now=now, answers=Answers(sessions=frozenset({session.pk}))
        )
        for one in waiters
    ]

    for registration in leaving:
        actions.cancel_registration(registration=registration, actor=registration.member, now=now)

    assert [registration.session_places.count() for registration in waiting] == [1, 0]


def test_a_session_place_is_free_again_when_its_holder_cancels(event, make_session, make_members, now):
    session = make_session(event, "Case clinic", capacity=1)
    first, second = make_members(2)
    chosen = Answers(sessions=frozenset({session.pk}))
    held = actions.book_place(event=event, member=first, actor=first, now=now, answers=chosen)
    actions.cancel_registration(registration=held, actor=first, now=now)

    actions.book_place(event=event, member=second, actor=second, now=now, answers=chosen)

    assert SessionPlace.objects.taken().get().registration.member == second
