"""Reminders to invited people who said nothing, and what is forgotten of all of them."""

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from events import actions, audiences, invitation_letters, personal_data
from events.models import (
    EventPage,
    Invitation,
    ListedPerson,
)
from mailing.actions import stop_letters
from mailing.composition import composed
from mailing.models import OutgoingMail, Suppression
from members.models import User
from tests.events.rounds import answer, deliver, invited

pytestmark = pytest.mark.django_db

Answer = Invitation.Answer
DAY = timedelta(days=1)


def remind(at: datetime) -> list[str]:
    """Whom a run at this time writes to."""
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    for wave in invitation_letters.waves_to_remind(at):
        invitation_letters.remind(wave=wave, now=at)
    new = OutgoingMail.objects.exclude(pk__in=before)
    found = sorted(new.values_list("recipient", flat=True))
    new.update(state="sent", sent_at=at, finished_at=at)
    return found


def test_remind_at_most_so_often_and_so_far_apart(invitation, now) -> None:
    days = [day for day in range(30) if remind(now + day * DAY)]
    assert days == [7, 14]
    invitation.refresh_from_db()
    assert (invitation.reminders, invitation.reminded_at) == (2, now + 14 * DAY)


def test_remind_says_the_reminder_with_the_same_link(invitation, now) -> None:
    remind(now + 7 * DAY)
    letter = OutgoingMail.objects.latest("pk")
    assert letter.category == audiences.CATEGORY
    assert composed(letter).subject == "Your invitation waits for an answer: Workshop 1"
    assert invitation_letters.address_of(invitation) in composed(letter).text


@pytest.mark.parametrize("said", Answer.values)
def test_remind_stops_on_any_answer(invitation, now, said) -> None:
    answer(invitation, said, now + DAY)
    assert remind(now + 7 * DAY) == []


def test_remind_leaves_alone_who_registered_or_once_did(make_wave, send, event, member, book, now) -> None:
    wave = send(make_wave(lines=[member.email, "silent@a.example"]))
    deliver(wave.mailing, now)
    registration = book(event, member)
    assert remind(now + 7 * DAY) == ["silent@a.example"]
    actions.cancel_registration(registration=registration, actor=member, now=now)
    assert remind(now + 14 * DAY) == []


def test_remind_leaves_alone_whom_no_letter_reached(make_wave, send, now) -> None:
    wave = send(make_wave(lines=["waits@a.example", "failed@a.example"]))
    wave.mailing.letters.filter(recipient__startswith="failed").update(
        state="failed", finished_at=now, last_error="550"
    )
    assert remind(now + 7 * DAY) == []


def test_remind_leaves_alone_who_stopped_invitations_or_is_suppressed_or_shut_out(
    make_wave, send, member, now
) -> None:
    wave = send(make_wave(lines=["stopped@a.example", "bounced@a.example", member.email]))
    deliver(wave.mailing, now)
    stop_letters(address="stopped@a.example", category=audiences.CATEGORY, now=now)
    Suppression.objects.create(address="bounced@a.example", reason="hard", since=now)
    User.objects.filter(pk=member.pk).update(state=User.State.SUSPENDED, is_active=False)
    assert remind(now + 7 * DAY) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"cancelled_at": -DAY},
        {"registration_closes_at": 6 * DAY},
        {"starts_at": 6 * DAY, "ends_at": 9 * DAY},
    ],
)
def test_remind_nobody_of_an_event_that_cannot_be_come_to(invitation, now, changed) -> None:
    EventPage.objects.filter(pk=invitation.event_id).update(
        **{name: now + by for name, by in changed.items()}
    )
    assert remind(now + 7 * DAY) == []


def test_remind_not_while_paused_and_not_after_the_reminders_were_stopped(invitation, organiser, now) -> None:
    wave = invitation.wave
    actions.pause_wave(wave=wave, actor=organiser)
    assert remind(now + 7 * DAY) == []
    actions.resume_wave(wave=wave, actor=organiser, now=now)
    actions.stop_reminders(wave=wave, actor=organiser, now=now)
    assert remind(now + 7 * DAY) == []


def test_answer_takes_back_a_reminder_that_has_not_left(invitation, now) -> None:
    wave = invitation_letters.waves_to_remind(now + 7 * DAY).get()
    assert invitation_letters.remind(wave=wave, now=now + 7 * DAY) == 1
    answer(invitation, Answer.DECLINED, now + 7 * DAY)
    assert OutgoingMail.objects.latest("pk").state == OutgoingMail.State.CANCELLED


def test_remind_twice_at_once_writes_one(invitation, now) -> None:
    at = now + 7 * DAY
    wave = invitation_letters.waves_to_remind(at).get()
    batch = list(invitation_letters.to_remind(wave, at).select_related("member__organisation"))
    values = invitation_letters.event_values(wave.event)
    assert invitation_letters._remind(wave, batch, 1, values, at) == 1
    assert invitation_letters._remind(wave, batch, 1, values, at) == 0


def test_remind_invited_command(invitation, now, capsys, monkeypatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + 7 * DAY)
    call_command("remind_invited", "--dry-run")
    assert capsys.readouterr().out == "1 person is due a reminder.\n"
    call_command("remind_invited")
    assert capsys.readouterr().out == "1 reminder written.\n"
    call_command("remind_invited")
    assert capsys.readouterr().out == "0 reminders written.\n"


# --- Forgetting ---------------------------------------------------------------------------------------------------------


def test_erase_invitations_long_after_the_event_keeps_the_numbers(
    invitation, now, capsys, monkeypatch
) -> None:
    wave = invitation.wave
    answer(invitation, Answer.DECLINED, now, reason="On leave.")
    end = invitation.event.ends_at
    monkeypatch.setattr("django.utils.timezone.now", lambda: end + 90 * DAY)
    call_command("erase_invitations")
    assert capsys.readouterr().out == "0 invitations erased.\n"
    monkeypatch.setattr("django.utils.timezone.now", lambda: end + 91 * DAY)
    call_command("erase_invitations", "--dry-run")
    assert capsys.readouterr().out.endswith("1 event is long over.\n")
    call_command("erase_invitations")
    wave.refresh_from_db()
    assert (Invitation.objects.count(), ListedPerson.objects.count()) == (0, 0)
    assert wave.numbers == {"declined": 1}
    call_command("erase_invitations", "--dry-run")
    assert capsys.readouterr().out.endswith("0 events are long over.\n")


def test_personal_data_of_an_invited_member(make_wave, send, member, other_member, now) -> None:
    wave = send(make_wave(lines=[f"{member.email},As Listed", other_member.email]))
    found = actions.invitation_with(wave.invitations.get(email=member.email).key)
    answer(found, Answer.DECLINED, now, reason="On leave.", visitor=member)
    [held] = personal_data.collect_invitations(member)
    assert held == {
        "event": "Workshop 1",
        "address": member.email,
        "name_as_listed": "As Listed",
        "organisation_as_listed": "",
        "invited_at": now,
        "reminded_at": None,
        "answer": "Declined",
        "answered_at": now,
        "reason": "On leave.",
    }
    personal_data.erase_invitations(member, now)
    assert invited(wave) == [other_member.email]
    assert list(wave.listed.values_list("email", flat=True)) == [other_member.email]
