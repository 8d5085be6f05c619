"""Changing one's answers: what stands in the form already, and until when."""

import re
from datetime import timedelta

import pytest

from events import actions
from events.answers import Answers
from events.models import Question, Registration, SensitiveAnswers, Session
from events.registration_forms import name_of
from tests.events.filling import slot, text, url_of

Kind = Question.Kind


def test_change_answers_starts_from_what_was_answered(signed_in, event, make_question, make_session):
    role, diet = make_question(event, "Role"), make_question(event, "Diet", is_sensitive=True)
    first, second = make_session(event, "Rating"), make_session(event, "Visiting")
    signed_in.post(
        url_of("book_place", event),
        {name_of(role): "Analyst", name_of(diet): "No nuts", slot(first): str(first.pk)},
    )
    registration = event.registrations.get()
    url = url_of("change_answers", registration)

    shown = signed_in.get(url).content.decode()
    assert ('value="Analyst"' in shown, 'value="No nuts"' in shown) == (True, True)
    assert re.search(rf'value="{first.pk}"[^>]*checked', shown)
    signed_in.post(url, {name_of(role): "Trainer", slot(first): str(second.pk)})

    registration.refresh_from_db()
    assert registration.answers == {str(role.key): "Trainer"}
    assert not SensitiveAnswers.objects.exists()
    assert registration.session_places.get().session == second
    step = registration.steps.get(verb="change_answers")
    assert step.detail == {
        "state": "confirmed",
        "questions": [str(role.key), str(diet.key)],
        "sessions_changed": True,
    }
    assert "Trainer" not in str(list(registration.steps.values()))


def checked_in(response) -> list[str]:
    """Values of the radio buttons that are on."""
    return re.findall(r'<input[^>]*type="radio"[^>]*value="([^"]*)"[^>]*checked', response.content.decode())


def test_change_answers_starts_from_none_where_none_was_chosen(signed_in, event, make_session):
    rating, visiting = make_session(event, "Rating"), make_session(event, "Visiting", after=2)
    signed_in.post(url_of("book_place", event), {slot(rating): str(rating.pk), slot(visiting): "none"})

    shown = signed_in.get(url_of("change_answers", event.registrations.get()))

    assert checked_in(shown) == [str(rating.pk), "none"]


def test_change_answers_chooses_nothing_for_those_whom_nobody_asked(
    signed_in, event, make_session, member, organiser, now
):
    make_session(event, "Rating")
    registration = actions.book_place(event=event, member=member, actor=organiser, now=now)

    assert checked_in(signed_in.get(url_of("change_answers", registration))) == []


def test_change_answers_asks_again_for_the_time_of_a_cancelled_session(signed_in, event, make_session):
    rating = make_session(event, "Rating")
    make_session(event, "Visiting")
    signed_in.post(url_of("book_place", event), {slot(rating): str(rating.pk)})
    Session.objects.filter(pk=rating.pk).update(is_cancelled=True)

    assert checked_in(signed_in.get(url_of("change_answers", event.registrations.get()))) == []


def test_change_answers_keeps_a_place_in_a_full_session(signed_in, event, make_session):
    session = make_session(event, "Case clinic", capacity=1)
    signed_in.post(url_of("book_place", event), {slot(session): str(session.pk)})
    registration = event.registrations.get()
    url = url_of("change_answers", registration)

    assert "until 10:30am. You chose this" in text(signed_in.get(url))
    sent = signed_in.post(url, {slot(session): str(session.pk)})

    assert sent.status_code == 302
    assert registration.session_places.count() == 1


@pytest.mark.parametrize(
    ("fields", "at", "is_possible"),
    [
        ({}, timedelta(weeks=10, minutes=-1), True),
        ({}, timedelta(weeks=10), False),  # when registration closes
        ({"answers_change_until": 5}, timedelta(days=5, minutes=-1), True),
        ({"answers_change_until": 5}, timedelta(days=5), False),
    ],
)
def test_answers_change_until_the_date(make_event, member, make_question, now, fields, at, is_possible):
    event = make_event(**{name: now + timedelta(days=days) for name, days in fields.items()})
    key = str(make_question(event, "Role").key)
    registration = actions.book_place(event=event, member=member, actor=member, now=now)

    def change() -> Registration:
        return actions.change_answers(
            registration=registration, answers=Answers(plain={key: "x"}), actor=member, now=now + at
        )

    if is_possible:
        assert change().answers == {key: "x"}
    else:
        with pytest.raises(actions.AnswersFinal):
            change()


def test_the_answers_of_a_stranger_are_not_there(signed_in, event, other_member, make_question, now):
    make_question(event, "Role")
    theirs = actions.book_place(event=event, member=other_member, actor=other_member, now=now)

    assert signed_in.get(url_of("change_answers", theirs)).status_code == 404
    assert signed_in.post(url_of("change_answers", theirs)).status_code == 404


def test_answers_outlive_a_question_that_became_another(signed_in, event, make_question, now, member):
    question = make_question(event, "Role")
    registration = actions.book_place(
        event=event,
        member=member,
        actor=member,
        now=now,
        answers=Answers(plain={str(question.key): "Analyst"}),
    )
    question.kind, question.label, question.options = Kind.CHOICES, "Roles", "Analyst\nTrainer"
    question.save()

    assert "Roles</dt>" in text(signed_in.get(url_of("registration", registration)))
    assert signed_in.get(url_of("change_answers", registration)).status_code == 200
