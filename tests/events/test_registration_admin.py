"""One registration in the admin: its history, notes and answers, and registering somebody."""

from datetime import timedelta

import pytest
from wagtail.models import PageLogEntry

from events import actions, history
from events.models import (
    Registration,
    SensitiveAnswers,
    TeamMember,
)
from tests.events.desk import states, text, told, url
from tests.events.outcomes import letters

pytestmark = pytest.mark.usefixtures("stopped_clock")

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


# --- One registration ----------------------------------------------------------------------------------------


def test_registration_tells_its_history_in_words(desk, event, member, book, organiser, now):
    registration = book(event, member, at=now - DAY)
    actions.write_note(registration=registration, text="Comes later.", actor=organiser, now=now - HOUR)
    actions.cancel_registration(registration=registration, actor=organiser, now=now)

    shown = text(desk.get(url("registration", event.pk, registration.uuid)))

    assert "9:30am: Demo Organiser cancelled the registration. Since then: Cancelled." in shown
    assert "8:30am: Demo Organiser wrote a note. Comes later." in shown
    assert "9:30am: Pat Practitioner registered. Since then: Registered." in shown
    assert "Place booked Waiting" in shown
    assert "Registration cancelled Waiting" in shown


def test_registration_names_the_portal_and_those_who_left(desk, event, fill, now):
    [registration] = fill(event, 1)
    history.add_step("expire_offer", registration, None, now)
    history.add_step("book_place", registration, None, now)
    Registration.objects.update(member=None)

    shown = text(desk.get(url("registration", event.pk, registration.uuid)))

    assert "The portal ended the offer, since its time was up." in shown
    assert "Somebody who has left registered." in shown


def test_registration_shows_sensitive_answers_to_those_named_alone(desk, event, ask, fill, organiser, now):
    plain, sensitive = ask("Which day"), ask("Needs", is_sensitive=True)
    [registration] = fill(event, 1)
    Registration.objects.update(answers={str(plain.key): "First"})
    SensitiveAnswers.objects.create(registration=registration, answers={str(sensitive.key): "wheelchair"})
    address = url("registration", event.pk, registration.uuid)

    before = text(desk.get(address))
    TeamMember.objects.create(
        event=event, member=organiser, role="read", sees_sensitive_answers=True, added_at=now
    )
    after = text(desk.get(address))

    assert ("Which day First" in before, "wheelchair" in before) == (True, False)
    assert "There are sensitive answers too." in before
    assert "Needs (sensitive) wheelchair" in after


def test_write_note_keeps_it_with_the_history_alone(desk, event, fill):
    [registration] = fill(event, 1)

    desk.post(url("write_note", event.pk, registration.uuid), {"note": "Comes later."})

    step = registration.steps.get()
    assert (step.verb, step.detail["text"]) == ("write_note", "Comes later.")
    logged = PageLogEntry.objects.get(action="events.write_note")
    assert logged.data == {"registration": str(registration.uuid)}


def test_write_note_wants_words(desk, event, fill):
    [registration] = fill(event, 1)

    shown = desk.post(url("write_note", event.pk, registration.uuid), {"note": " "})

    assert shown.context["form"].errors.as_data()["note"][0].code == "required"
    assert not registration.steps.exists()


def test_change_answers_of_somebody_else_keeps_what_is_hidden(desk, event, ask, fill):
    plain = ask("Which day", sort_order=1)
    sensitive = ask("Needs", is_sensitive=True, sort_order=2)
    depending = ask("Which needs", shown_if="Needs", shown_if_answer="wheelchair", sort_order=3)
    [registration] = fill(event, 1)
    Registration.objects.update(answers={str(plain.key): "First", str(depending.key): "A ramp"})
    SensitiveAnswers.objects.create(registration=registration, answers={str(sensitive.key): "wheelchair"})
    address = url("change_answers", event.pk, registration.uuid)

    shown = desk.get(address)
    desk.post(address, {f"question-{plain.key.hex}": "Second"})

    assert list(shown.context["form"].fields) == [f"question-{plain.key.hex}"]
    assert "wheelchair" not in text(shown)
    registration.refresh_from_db()
    assert registration.answers == {str(plain.key): "Second", str(depending.key): "A ramp"}
    assert registration.sensitive_answers.answers == {str(sensitive.key): "wheelchair"}


def test_change_answers_of_what_has_ended_is_refused(desk, event, ask, fill):
    ask("Which day")
    [registration] = fill(event, 1, "cancelled")

    done = desk.get(url("change_answers", event.pk, registration.uuid), follow=True)

    assert told(done) == ["The answers cannot be changed any more."]


# --- Registering somebody ------------------------------------------------------------------------------------


def test_register_member_gives_a_place_and_tells_them(desk, event, member):
    desk.post(url("register_member", event.pk), {"email": member.email.upper()})

    assert states(event) == ["confirmed"]
    assert letters() == [("place_booked", "practitioner")]
    step = Registration.objects.get().steps.get()
    assert (step.verb, step.actor.email) == ("book_place", "organiser@portal.example")


@pytest.mark.parametrize(
    ("wants_list", "expected"), [(True, ["confirmed", "waiting"]), (False, ["confirmed"])]
)
def test_register_member_puts_them_on_the_waiting_list_if_wanted(
    desk, make_event, fill, member, wants_list, expected
):
    event = make_event(capacity=1)
    fill(event, 1)
    data = {"email": member.email} | ({"is_for_waiting_list": "on"} if wants_list else {})

    desk.post(url("register_member", event.pk), data)

    assert states(event) == expected


def test_register_member_works_while_registration_is_closed(desk, make_event, member, now):
    event = make_event(registration_closes_at=now - DAY)

    desk.post(url("register_member", event.pk), {"email": member.email})

    assert states(event) == ["confirmed"]


@pytest.mark.parametrize("address", ["nobody@force.example", "practitioner@force.example", "nonsense", ""])
def test_register_member_says_why_not(desk, event, member, book, address):
    book(event, member)

    shown = desk.post(url("register_member", event.pk), {"email": address})

    assert list(shown.context["form"].errors) == ["email"]
    assert states(event) == ["confirmed"]
