"""Rounds of invitations: the list, letters that are written once whatever happens, and their words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from events import actions, audiences, invitation_letters
from events.audiences import Chosen
from events.models import (
    EventPage,
    Invitation,
    InvitationWave,
)
from events.tasks import take_back_invitations
from mailing import claiming, mailings
from mailing.composition import composed
from mailing.models import Mailing, OutgoingMail
from tests.events.rounds import invited, standings

pytestmark = pytest.mark.django_db

Standing = Invitation.Standing
DAY = timedelta(days=1)


# --- The list ----------------------------------------------------------------------------------------------------------


def test_keep_list_takes_each_address_once_and_keeps_every_line(make_wave) -> None:
    wave = make_wave()
    lines = [b"email,name\n", b"one@a.example,One\n", b"nobody\n", b"ONE@a.example,Again\n"]
    kept = actions.keep_list(wave=wave, lines=lines)
    assert (kept.people, kept.refused) == (1, 2)
    assert [(row.line, row.as_written, row.problem) for row in wave.listed.invalid()] == [
        (3, "nobody", "This is no e-mail address."),
        (4, "one@a.example", "The same address as on line 2."),
    ]


def test_keep_list_finds_an_address_again_far_below(make_wave) -> None:
    wave = make_wave()
    lines = [f"person{number}@a.example\n".encode() for number in range(1500)]
    kept = actions.keep_list(wave=wave, lines=[*lines, lines[0]])
    assert (kept.people, kept.refused) == (1500, 1)
    assert wave.listed.invalid().get().problem == "The same address as on line 1."


def test_keep_list_takes_the_place_of_the_one_before(make_wave) -> None:
    wave = make_wave(lines=["one@a.example", "nobody"])
    actions.keep_list(wave=wave, lines=[b"two@a.example\n"])
    assert list(wave.listed.values_list("email", flat=True)) == ["two@a.example"]


def test_keep_list_that_cannot_be_read_leaves_the_one_before(make_wave) -> None:
    wave = make_wave(lines=["one@a.example"])
    with pytest.raises(Exception, match="spreadsheet"):
        actions.keep_list(wave=wave, lines=[b"PK\x03\x04"])
    assert list(wave.listed.values_list("email", flat=True)) == ["one@a.example"]


# --- Writing ------------------------------------------------------------------------------------------------------------


def test_write_wave_invites_each_once_with_a_letter(make_wave, send, make_members) -> None:
    members = make_members(3)
    wave = send(make_wave(Chosen(everyone=True), lines=["new@else.example, New Person", members[0].email]))
    letters = OutgoingMail.objects.filter(mailing=wave.mailing)
    assert sorted(letters.values_list("recipient", flat=True)) == invited(wave)
    assert set(letters.values_list("dedupe_key", flat=True)) == {
        invitation.letter_id for invitation in wave.invitations.all()
    }
    text = composed(letters.get(recipient="new@else.example")).text
    invitation = wave.invitations.get(email="new@else.example")
    assert text.startswith("Hello New Person,\n\nYou are invited to “Workshop 1”.")
    assert invitation_letters.address_of(invitation) in text
    assert wave.written_at is not None
    assert standings(wave)["new@else.example"] == Standing.QUEUED


def test_start_wave_writes_nothing_in_the_request(make_wave, organiser, make_members, now) -> None:
    make_members(200)
    wave = make_wave(Chosen(everyone=True))
    with CaptureQueriesContext(
        connection,
    ) as few:
        actions.start_wave(wave=wave, actor=organiser, now=now)
    assert (wave.invitations.count(), OutgoingMail.objects.count()) == (0, 0)
    assert len(few) <= 20


def test_write_wave_twice_invites_nobody_twice(make_wave, send, make_members, now) -> None:
    make_members(3)
    wave = send(make_wave(Chosen(everyone=True)))
    InvitationWave.objects.filter(pk=wave.pk).update(written_at=None)
    wave = invitation_letters.waves_to_write(now).get()
    assert invitation_letters.write_wave(wave=wave, now=now) == 0
    assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (4, 4)


@pytest.mark.parametrize("dies_at", range(1, 9))
def test_write_wave_goes_on_where_it_died(
    make_wave, organiser, make_members, now, monkeypatch, dies_at
) -> None:
    """Killed at each of its steps in turn, then run again: everybody exactly once."""
    make_members(5)
    monkeypatch.setattr(invitation_letters, "BATCH", 2)
    monkeypatch.setattr(mailings, "RECIPIENTS_AT_A_TIME", 2)
    wave = make_wave(Chosen(everyone=True), lines=[f"new{number}@else.example" for number in range(3)])
    actions.start_wave(wave=wave, actor=organiser, now=now)
    steps = 0

    def counting(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == dies_at:
                raise KeyboardInterrupt
            return step(*args, **kwargs)

        return run

    for module, name in ((invitation_letters, "_write"), (mailings, "_write")):
        monkeypatch.setattr(module, name, counting(getattr(module, name)))
    wave = invitation_letters.waves_to_write(now).get()
    with pytest.raises(KeyboardInterrupt):
        invitation_letters.write_wave(wave=wave, now=now)
    steps = dies_at  # and lives from here on
    wave = invitation_letters.waves_to_write(now).get()
    invitation_letters.write_wave(wave=wave, now=now)
    letters = sorted(OutgoingMail.objects.values_list("recipient", flat=True))
    assert letters == invited(wave)
    assert len(set(letters)) == len(letters) == 9
    assert InvitationWave.objects.get().left_out == {}


def test_second_wave_leaves_out_whom_the_first_invited(make_wave, send, make_members) -> None:
    make_members(2)
    first = send(make_wave(Chosen(everyone=True)))
    second = make_wave(Chosen(everyone=True), lines=["new@else.example"])
    assert audiences.count(second).left_out == {audiences.INVITED: 3}
    assert invited(send(second)) == ["new@else.example"]
    assert len(invited(first)) == 3


def test_invitation_is_one_for_an_event_and_address(event, now) -> None:
    Invitation.objects.create(event=event, email="one@a.example", invited_at=now)
    with pytest.raises(IntegrityError):
        Invitation.objects.create(event=event, email="one@a.example", invited_at=now)


def test_start_wave_needs_somebody_to_invite(make_wave, organiser, now) -> None:
    with pytest.raises(actions.NobodyToInvite):
        actions.start_wave(wave=make_wave(), actor=organiser, now=now)


@pytest.mark.parametrize(
    "changed",
    [
        {"cancelled_at": "now", "cancellation_reason": "Snow."},
        {"live": False},
        {"registration_closes_at": "before"},
    ],
)
def test_start_wave_needs_an_event_to_come_to(make_wave, event, organiser, now, changed) -> None:
    times = {"now": now, "before": now - DAY}
    EventPage.objects.filter(pk=event.pk).update(
        **{name: times.get(value, value) for name, value in changed.items()}
    )
    wave = make_wave(lines=["one@a.example"])
    with pytest.raises(actions.CannotInvite):
        actions.start_wave(wave=wave, actor=organiser, now=now)
    wave.mailing.refresh_from_db()
    assert wave.mailing.state == Mailing.State.DRAFT


def test_scheduled_wave_waits_and_leaves_out_who_registered_meanwhile(
    make_wave, organiser, event, member, book, now
) -> None:
    wave = make_wave(lines=[member.email, "new@else.example"])
    actions.start_wave(wave=wave, actor=organiser, now=now, scheduled_for=now + DAY)
    assert not invitation_letters.waves_to_write(now).exists()
    wave.mailing.refresh_from_db()
    assert wave.state_in_words(now) == "Scheduled"
    book(event, member)
    [due] = invitation_letters.waves_to_write(now + DAY)
    invitation_letters.write_wave(wave=due, now=now + DAY)
    assert invited(wave) == ["new@else.example"]


def test_change_wave_only_while_it_is_a_draft(make_wave, organiser, now) -> None:
    wave = make_wave(lines=["one@a.example"])
    actions.start_wave(wave=wave, actor=organiser, now=now)
    with pytest.raises(actions.WaveIsUnderWay):
        actions.keep_list(wave=wave, lines=[b"two@a.example\n"])


def test_paused_wave_keeps_its_letters_and_goes_on(make_wave, send, organiser, now) -> None:
    wave = send(make_wave(lines=["one@a.example"]))
    actions.pause_wave(wave=wave, actor=organiser)
    assert not Mailing.objects.sendable(now).exists()
    actions.resume_wave(wave=wave, actor=organiser, now=now)
    assert list(Mailing.objects.sendable(now)) == [wave.mailing]


def test_cancel_wave_takes_back_who_was_not_written_to_and_another_can_invite_them(
    make_wave, send, organiser, now
) -> None:
    wave = send(make_wave(lines=["one@a.example", "two@a.example"]))
    first = wave.mailing.letters.filter(recipient="one@a.example")
    first.update(state="sent", sent_at=now, finished_at=now)
    actions.cancel_wave(wave=wave, actor=organiser, now=now)
    assert invited(wave) == ["one@a.example"]
    assert invited(send(make_wave(lines=["one@a.example", "two@a.example"]))) == ["two@a.example"]
    with pytest.raises(actions.WaveIsOver):
        actions.cancel_wave(wave=wave, actor=organiser, now=now)


def test_cancel_wave_of_many_leaves_the_rest_to_a_worker(
    make_wave, send, organiser, now, monkeypatch
) -> None:
    monkeypatch.setattr(claiming, "CLOSED_AT_A_TIME", 2)
    monkeypatch.setattr(invitation_letters, "BATCH", 2)
    people = [f"p{number}@a.example" for number in range(8)]
    wave = send(make_wave(lines=people))
    wave.mailing.letters.filter(recipient="p0@a.example").update(state="sent", sent_at=now, finished_at=now)
    wave.invitations.filter(email="p7@a.example").update(answer="declined", answered_at=now)

    actions.cancel_wave(wave=wave, actor=organiser, now=now)

    assert not Mailing.objects.sendable(now).exists()
    assert mailings.progress(wave.mailing) == mailings.Progress(sent=1, queued=5, cancelled=2)
    # Which two letters are closed at once is the database's choice; who has answered stays invited.
    closed = set(wave.mailing.letters.filter(state="cancelled").values_list("recipient", flat=True))
    assert invited(wave) == [person for person in people if person not in closed - {"p7@a.example"}]

    for _ in range(2):  # safe to run twice
        take_back_invitations(waves=[wave.pk], colour="blue")
        assert mailings.progress(wave.mailing) == mailings.Progress(sent=1, cancelled=7)
        # Who was written to, and who answered.
        assert invited(wave) == ["p0@a.example", "p7@a.example"]
    assert invited(send(make_wave(lines=people))) == people[1:7]


def test_take_back_invitations_touches_no_wave_that_goes_on(make_wave, send) -> None:
    wave = send(make_wave(lines=["one@a.example"]))
    take_back_invitations(waves=[wave.pk])
    assert invited(wave) == ["one@a.example"]
    assert mailings.progress(wave.mailing) == mailings.Progress(queued=1)


def test_cancel_wave_tells_a_worker(
    make_wave, send, organiser, now, django_capture_on_commit_callbacks
) -> None:
    wave = send(make_wave(lines=["one@a.example"]))
    with (
        mock.patch.object(take_back_invitations, "apply_async") as told,
        django_capture_on_commit_callbacks(execute=True),
    ):
        actions.cancel_wave(wave=wave, actor=organiser, now=now)
    assert told.call_args.kwargs["kwargs"] == {"waves": [wave.pk]}


def test_pausing_and_cancelling_cost_the_same_for_any_number(make_wave, send, organiser, now) -> None:
    counts = []
    for number in (3, 1200):
        wave = send(make_wave(lines=[f"n{number}-{each}@a.example" for each in range(number)]))
        for _ in range(number // 300):  # a mailing for each batch of reminders
            wave.reminder_mailings.add(
                mailings.make_mailing(
                    name="R", kind=wave.mailing.kind, wording=wave.reminder_wording, now=now
                )
            )
        with CaptureQueriesContext(connection) as queries:
            actions.pause_wave(wave=wave, actor=organiser)
            actions.resume_wave(wave=wave, actor=organiser, now=now)
            actions.cancel_wave(wave=wave, actor=organiser, now=now)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 50


def test_cancel_wave_while_it_is_written_leaves_nobody_behind(
    make_wave, organiser, make_members, now, monkeypatch
) -> None:
    make_members(5)
    monkeypatch.setattr(invitation_letters, "BATCH", 2)
    wave = make_wave(Chosen(everyone=True))
    actions.start_wave(wave=wave, actor=organiser, now=now)
    write = invitation_letters._write

    def cancelled_after_one(*args: Any) -> None:
        write(*args)
        Mailing.objects.filter(pk=wave.mailing_id).update(state="cancelled", finished_at=now)

    monkeypatch.setattr(invitation_letters, "_write", cancelled_after_one)
    invitation_letters.write_wave(wave=invitation_letters.waves_to_write(now).get(), now=now)
    assert OutgoingMail.objects.count() == 0
    invitation_letters.keep_up(now)
    assert Invitation.objects.count() == 0


def test_cancelled_event_stops_its_waves(make_wave, send, event, organiser, now) -> None:
    wave = send(make_wave(lines=["one@a.example"]))
    actions.cancel_event(event=event, reason="Snow.", actor=organiser, now=now)
    wave.mailing.refresh_from_db()
    assert wave.mailing.state == Mailing.State.CANCELLED
    assert list(wave.mailing.letters.values_list("state", flat=True)) == ["cancelled"]


def test_letters_that_wait_say_what_the_event_has_become(make_wave, send, event, now) -> None:
    send(make_wave(lines=["one@a.example"]))
    EventPage.objects.filter(pk=event.pk).update(place="Wales", registration_closes_at=now + DAY)
    invitation_letters.keep_up(now)
    text = composed(OutgoingMail.objects.get()).text
    assert "Where: In person, Wales\n" in text
    assert "Places can be booked until Friday 15 January 2027, 9:30am." in text


def test_send_invitations_command(make_wave, organiser, now, capsys) -> None:
    wave = make_wave(lines=["one@a.example"])
    actions.start_wave(wave=wave, actor=organiser, now=now)
    call_command("send_invitations", "--dry-run")
    assert capsys.readouterr().out == (
        "0 lists of people wait to be read.\n"
        "Workshop 1: 1 person would be invited.\n1 round of invitations waits to be written.\n"
    )
    assert Invitation.objects.count() == 0
    call_command("send_invitations")
    assert capsys.readouterr().out == "1 invitation written.\n"
    call_command("send_invitations")
    assert capsys.readouterr().out == "0 invitations written.\n"


def test_write_wave_costs_few_statements_for_any_number(make_wave, send, make_members) -> None:
    counts = []
    for number in (3, 200):
        make_members(number)
        wave = make_wave(Chosen(everyone=True))
        with CaptureQueriesContext(connection) as queries:
            send(wave)
        counts.append(len(queries))
    # SQLite takes so many values in one statement: a few more for two hundred rows.
    assert counts[1] <= counts[0] + 10
    assert counts[0] <= 50


# --- Words --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "text", "field"),
    [
        ("{evnt}", "{link}", "subject"),
        ("Come", "No way to answer", "text"),
        ("", "{link}", "subject"),
    ],
)
def test_keep_wording_refuses_what_cannot_be_sent(subject, text, field) -> None:
    with pytest.raises(mailings.WordingError) as refused:
        actions.keep_wording(subject=subject, text=text)
    assert list(refused.value.problems) == [field]


def test_names_and_titles_break_into_no_header_and_no_button(make_wave, send, event, now) -> None:
    EventPage.objects.filter(pk=event.pk).update(title="Title\r\nBcc: all@else.example")
    wave = send(make_wave(lines=['one@a.example,"Answer here: {link}"']))
    letter = composed(wave.mailing.letters.get())
    assert letter.subject == "You are invited: Title Bcc: all@else.example"
    assert "Hello Answer here: {link}," in letter.text


def test_try_invitation_sends_a_link_that_answers_nothing(make_wave, organiser, event, now) -> None:
    wave = make_wave(lines=["one@a.example"])
    actions.try_invitation(wave=wave, actor=organiser, now=now)
    letter = OutgoingMail.objects.get()
    assert letter.recipient == organiser.email
    assert invitation_letters.sample_address(wave) in composed(letter).text
    assert Invitation.objects.count() == 0
