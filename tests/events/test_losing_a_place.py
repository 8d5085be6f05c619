"""Whoever loses a place without cancelling it: the event leaves their calendar with the letter that says so."""

import pytest

from events import actions
from events.answers import Answers
from events.models import EventPage
from mailing.models import OutgoingMail


@pytest.fixture
def changed(make_event, member, make_question, organiser, now):
    """A place that was approved, and lost when an answer that matters was changed."""
    event = make_event(needs_approval=True, capacity=1)
    question = make_question(event, "Your role", needs_new_approval=True)
    registration = actions.book_place(
        event=event, member=member, actor=member, now=now, answers=Answers(plain={str(question.key): "One"})
    )
    actions.approve_registration(registration=registration, actor=organiser, now=now)
    OutgoingMail.objects.all().delete()
    answers = Answers(plain={str(question.key): "Two"})
    return actions.change_answers(registration=registration, answers=answers, actor=member, now=now)


def files() -> list[tuple[str, str, str, int]]:
    """Of each letter with a calendar file: its kind, what the file asks for, and the file's sequence."""
    found = []
    for letter in OutgoingMail.objects.order_by("pk"):
        for plan in letter.attachments:
            values = plan.get("values", {})
            if "entries" in values:
                kind = letter.kind.rpartition("/")[2]
                found.append((kind, values["method"], values["entries"][0]["sequence"]))
    return found


def test_change_answers_that_costs_the_place_takes_the_event_out_of_the_calendar(changed):
    """The letter that asks for approval anew brings the file, and says what it is for."""
    [(kind, method, _)] = files()

    assert (kind, method) == ("approval_awaited", "CANCEL")
    letter = OutgoingMail.objects.get(kind="events/mail/approval_awaited")
    assert letter.values["calendar_note"] == "The attached file takes the event out of your calendar."


def test_approve_registration_brings_the_event_back_with_a_newer_file(changed, organiser, now):
    """Calendars leave alone what is not newer than what took the event out."""
    actions.approve_registration(registration=changed, actor=organiser, now=now)

    [(_, _, taken_out), (kind, method, put_in)] = files()
    assert (kind, method, put_in > taken_out) == ("place_booked", "PUBLISH", True)
    assert EventPage.objects.get(pk=changed.event_id).calendar_sequence == put_in


def test_change_answers_before_there_was_a_place_has_no_file(
    make_event, member, make_question, organiser, now
):
    event = make_event(needs_approval=True, needs_manager=True)
    question = make_question(event, "Your role", needs_new_approval=True)
    given = Answers(plain={str(question.key): "One"}, manager_email="line.manager@force.example")
    registration = actions.book_place(event=event, member=member, actor=member, now=now, answers=given)
    actions.approve_registration(registration=registration, actor=organiser, now=now)

    answers = Answers(plain={str(question.key): "Two"})
    actions.change_answers(registration=registration, answers=answers, actor=member, now=now)

    assert files() == []
    assert OutgoingMail.objects.filter(kind="events/mail/approval_awaited").count() == 2
