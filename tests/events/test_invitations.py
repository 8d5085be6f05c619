"""Rounds of invitations: whom they are for, written once whatever happens, answered, reminded, forgotten."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from events import actions, audiences, invitation_letters, links, personal_data
from events.audiences import Chosen
from events.models import (
    Attendance,
    Audience,
    EventPage,
    Invitation,
    InvitationWave,
    ListedPerson,
    Registration,
    SeriesPage,
)
from mailing import mailings
from mailing.actions import stop_letters
from mailing.composition import composed
from mailing.models import Mailing, OutgoingMail, Suppression
from members.models import Organisation, OrganisationKind, User
from pages.errors import ActionError

pytestmark = pytest.mark.django_db

Answer = Invitation.Answer
Standing = Invitation.Standing
DAY = timedelta(days=1)


def deliver(mailing: Mailing, at: datetime) -> None:
    """As if the mail server had taken every letter."""
    mailing.letters.filter(state="queued").update(state="sent", sent_at=at, finished_at=at)


def invited(wave: InvitationWave) -> list[str]:
    return sorted(wave.invitations.values_list("email", flat=True))


def standings(wave: InvitationWave) -> dict[str, str]:
    return dict(wave.invitations.with_standing().values_list("email", "standing"))


# --- Whom ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(force, event, make_event, now) -> dict[str, User]:
    """Members who differ in what an audience is chosen by."""
    charity = Organisation.objects.create(
        name="Example Charity", kind=OrganisationKind.CHARITY, region="London"
    )

    def member(name: str, organisation: Organisation | None, **fields: Any) -> User:
        fields.setdefault("state", User.State.APPROVED)
        return User.objects.create_user(f"{name}@people.example", organisation=organisation, **fields)

    return {
        "analyst": member("analyst", force, job_title="Senior Analyst"),
        "officer": member("officer", force, job_title="Officer"),
        "caseworker": member("caseworker", charity, job_title="Caseworker"),
        "alone": member("alone", None),
    }


def names(chosen: Chosen) -> list[str]:
    return sorted(member.email.partition("@")[0] for member in chosen.members())


def test_audience_without_a_choice_is_nobody(people) -> None:
    assert names(Chosen()) == []


def test_audience_of_all_members_leaves_out_who_is_not_let_in_or_has_left(people) -> None:
    User.objects.create_user("pending@people.example", state=User.State.PENDING)
    User.objects.create_user("left@people.example", state=User.State.LEFT)
    assert names(Chosen(everyone=True)) == ["alone", "analyst", "caseworker", "officer"]


def test_audience_by_organisation_kind_region_and_job_title(people, force) -> None:
    assert names(Chosen(organisations=(force.pk,))) == ["analyst", "officer"]
    assert names(Chosen(kinds=(OrganisationKind.CHARITY,))) == ["caseworker"]
    assert names(Chosen(regions=("London", "Wales"))) == ["caseworker"]
    assert names(Chosen(job_title="ANALYST")) == ["analyst"]
    assert names(Chosen(kinds=(OrganisationKind.POLICE_FORCE,), job_title="officer")) == ["officer"]
    assert names(Chosen(kinds=(OrganisationKind.POLICE_FORCE,), regions=("London",))) == []


def test_audience_by_past_events_of_which_kind_they_were_and_who_was_there(
    people, index, make_event, now
) -> None:
    series = index.add_child(instance=SeriesPage(title="A course", slug="course", summary="Dates."))
    past = make_event(starts_at=now - timedelta(days=40), kind=EventPage.Kind.CASE_CLINIC, series=series)
    for name, state in [("analyst", "confirmed"), ("officer", "confirmed"), ("caseworker", "cancelled")]:
        registration = Registration.objects.create(
            event=past, member=people[name], state=state, registered_at=now - timedelta(days=50)
        )
        if name == "analyst":
            Attendance.objects.create(registration=registration, is_present=True, noted_at=now)
    for chosen in (
        {"events": (past.pk,)},
        {"series": (series.pk,)},
        {"event_kinds": (EventPage.Kind.CASE_CLINIC,)},
    ):
        assert names(Chosen(**chosen)) == ["analyst", "officer"]
        assert names(Chosen(**chosen, attended=True)) == ["analyst"]
    assert names(Chosen(event_kinds=(EventPage.Kind.REFRESHER,))) == []


def test_audience_survives_being_stored(force) -> None:
    chosen = Chosen(organisations=(force.pk,), kinds=("charity",), job_title="analyst", attended=True)
    assert Chosen.read(chosen.stored()) == chosen
    assert Chosen.read({"unknown": 1}) == Chosen()


def test_audience_in_words(people, force) -> None:
    chosen = Chosen(organisations=(force.pk,), kinds=("police force",), job_title="analyst")
    assert chosen.in_words() == [
        "Of Example Police",
        "Kind of organisation: Police force",
        "Job title with “analyst”",
    ]


def test_count_names_each_reason_once_and_the_others_are_invited(
    make_wave, send, people, event, book, now
) -> None:
    def member(name: str, **fields: Any) -> User:
        fields.setdefault("state", User.State.APPROVED)
        return User.objects.create_user(f"{name}@people.example", **fields)

    member("suspended", state=User.State.SUSPENDED)
    member("declined", state=User.State.DECLINED)
    bounced = member("bounced")
    Suppression.objects.create(address=bounced.email, reason="hard", detail="550", since=now)
    stopped = member("stopped")
    stop_letters(address=stopped.email, category=audiences.CATEGORY, now=now)
    book(event, member("registered"))
    Invitation.objects.create(event=event, email="before@else.example", invited_at=now)
    wave = make_wave(
        Chosen(everyone=True),
        lines=[
            "before@else.example",
            "Bounced@People.example",
            "suspended@people.example",
            "analyst@people.example",
            "new@else.example",
        ],
    )
    counted = audiences.count(wave)
    assert counted.left_out == {
        audiences.SHUT_OUT: 2,
        audiences.SUPPRESSED: 1,
        audiences.UNSUBSCRIBED: 1,
        audiences.REGISTERED: 1,
        audiences.INVITED: 1,
    }
    # The organiser of the fixture is a member, too.
    assert (counted.members, counted.listed, counted.twice) == (5, 1, 3)
    wave = send(wave)
    assert wave.left_out == counted.left_out
    assert invited(wave) == [
        "alone@people.example",
        "analyst@people.example",
        "caseworker@people.example",
        "new@else.example",
        "officer@people.example",
        "organiser@portal.example",
    ]


@pytest.mark.parametrize("reason", ["registered", "shut out", "suppressed", "unsubscribed"])
def test_listed_addresses_are_left_out_for_the_same_reasons(
    make_wave, event, member, book, now, reason
) -> None:
    if reason == "registered":
        book(event, member)
    elif reason == "shut out":
        User.objects.filter(pk=member.pk).update(state=User.State.SUSPENDED, is_active=False)
    elif reason == "suppressed":
        Suppression.objects.create(address=member.email, reason="hard", since=now)
    else:
        stop_letters(address=member.email, category=audiences.CATEGORY, now=now)
    counted = audiences.count(make_wave(lines=[member.email]))
    assert (counted.invited, counted.left_out) == (0, {reason: 1})


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
        "Workshop 1: 1 people would be invited.\n1 rounds of invitations wait to be written.\n"
    )
    assert Invitation.objects.count() == 0
    call_command("send_invitations")
    assert capsys.readouterr().out == "1 invitations written.\n"
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


def test_try_invitation_sends_a_link_that_answers_nothing(make_wave, organiser, event) -> None:
    wave = make_wave(lines=["one@a.example"])
    actions.try_invitation(wave=wave, actor=organiser)
    letter = OutgoingMail.objects.get()
    assert letter.recipient == organiser.email
    assert invitation_letters.sample_address(wave) in composed(letter).text
    assert Invitation.objects.count() == 0


# --- Answering --------------------------------------------------------------------------------------------------------


@pytest.fixture
def invitation(make_wave, send, now) -> Invitation:
    wave = send(make_wave(lines=["one@a.example,Role One"], reminders=2, days_between=7))
    deliver(wave.mailing, now)
    return wave.invitations.select_related("event", "wave__mailing").get()


def answer(invitation: Invitation, said: str, now: datetime, **fields: Any) -> Invitation:
    fields.setdefault("visitor", None)
    return actions.answer_invitation(invitation=invitation, answer=said, now=now, **fields)


def test_answer_invitation_keeps_the_last_answer(invitation, now) -> None:
    answer(invitation, Answer.DECLINED, now, reason="On leave.")
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.reason, invitation.answered_at) == ("declined", "On leave.", now)
    answer(invitation, Answer.ACCEPTED, now + DAY)
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.reason, invitation.answered_at) == ("accepted", "", now + DAY)


@pytest.mark.parametrize(
    ("event_fields", "accepting", "declining"),
    [
        ({}, None, None),
        ({"registration_opens_at": DAY}, actions.NotOpenYet, None),
        ({"registration_closes_at": -DAY}, actions.RegistrationClosed, None),
        ({"cancelled_at": -DAY}, actions.EventCancelled, actions.EventCancelled),
        ({"starts_at": -2 * DAY, "ends_at": -DAY}, actions.EventOver, actions.EventOver),
    ],
)
def test_answer_invitation_while_there_is_something_to_answer(
    invitation, now, event_fields, accepting, declining
) -> None:
    EventPage.objects.filter(pk=invitation.event_id).update(
        **{name: now + by for name, by in event_fields.items()}
    )
    for said, refusal in (
        (Answer.ACCEPTED, accepting),
        (Answer.DECLINED, declining),
        (Answer.NOT_THIS_TIME, declining),
    ):
        fresh = actions.invitation_with(invitation.key)
        if refusal is None:
            assert answer(fresh, said, now).answer == said
        else:
            with pytest.raises(refusal):
                answer(fresh, said, now)


def test_answer_invitation_is_accepted_by_nobody_else(invitation, member, now) -> None:
    with pytest.raises(actions.InvitedAtOtherAddress):
        answer(invitation, Answer.ACCEPTED, now, visitor=member)
    assert answer(invitation, Answer.DECLINED, now, visitor=member).member is None


def test_answer_invitation_knows_the_invited_under_a_new_address(make_wave, send, member, now) -> None:
    wave = send(make_wave(lines=[member.email]))
    User.objects.filter(pk=member.pk).update(email="moved@force.example")
    member.refresh_from_db()
    found = actions.invitation_with(wave.invitations.get().key)
    assert answer(found, Answer.ACCEPTED, now, visitor=member).member == member


def test_answer_invitation_does_not_decline_a_place_that_is_held(
    make_wave, send, event, member, book, now
) -> None:
    wave = send(make_wave(lines=[member.email]))
    book(event, member)
    found = actions.invitation_with(wave.invitations.get().key)
    with pytest.raises(actions.HasRegistered):
        answer(found, Answer.DECLINED, now)
    assert answer(found, Answer.ACCEPTED, now).answer == Answer.ACCEPTED


def test_registering_another_way_and_cancelling_show(make_wave, send, event, member, book, now) -> None:
    wave = send(make_wave(lines=[member.email]))
    deliver(wave.mailing, now)
    assert standings(wave) == {member.email: Standing.SILENT}
    registration = book(event, member)
    assert standings(wave) == {member.email: Standing.REGISTERED}
    actions.cancel_registration(registration=registration, actor=member, now=now)
    assert standings(wave) == {member.email: Standing.ENDED}


def test_registration_that_ended_before_says_nothing(make_wave, send, event, member, book, now) -> None:
    registration = book(event, member, now - DAY)
    actions.cancel_registration(registration=registration, actor=member, now=now - DAY)
    wave = send(make_wave(lines=[member.email]))
    deliver(wave.mailing, now)
    assert standings(wave) == {member.email: Standing.SILENT}


def test_every_standing(make_wave, send, event, now) -> None:
    expected = {
        "waits": Standing.QUEUED,
        "failed": Standing.NOT_SENT,
        "silent": Standing.SILENT,
        "accepted": Standing.ACCEPTED,
        "declined": Standing.DECLINED,
        "later": Standing.NOT_THIS_TIME,
    }
    wave = send(make_wave(lines=[f"{name}@a.example" for name in expected]))
    letters = wave.mailing.letters
    letters.exclude(recipient__startswith="waits").update(state="sent", sent_at=now, finished_at=now)
    letters.filter(recipient__startswith="failed").update(state="failed", sent_at=None, last_error="550")
    for name in ("accepted", "declined"):
        wave.invitations.filter(email__startswith=name).update(answer=name, answered_at=now)
    wave.invitations.filter(email__startswith="later").update(answer="not this time", answered_at=now)
    assert standings(wave) == {f"{name}@a.example": standing for name, standing in expected.items()}
    assert wave.invitations.count_by_standing() == dict.fromkeys(expected.values(), 1)


# --- Coming with an invitation ----------------------------------------------------------------------------------------


def test_event_for_invited_people_takes_only_them(
    make_event, make_wave, send, member, other_member, book
) -> None:
    event = make_event(audience=Audience.INVITED)
    send(make_wave(lines=[member.email], of=event))
    assert book(event, member).state == Registration.State.CONFIRMED
    with pytest.raises(actions.NeedsInvitation):
        book(event, other_member)
    assert list(Invitation.objects.open_for(event.pk, other_member)) == []


@pytest.mark.parametrize(
    ("keeps", "until", "has_place"),
    [(True, None, True), (True, DAY, True), (True, -DAY, False), (False, None, False)],
)
def test_kept_places_are_for_those_whose_round_has_them(
    make_event, make_wave, send, member, book, now, keeps, until, has_place
) -> None:
    event = make_event(capacity=1, reserved_places=1)
    until = None if until is None else now + until
    send(make_wave(lines=[member.email], of=event, keeps_places=keeps, keeps_places_until=until))
    if has_place:
        assert book(event, member).is_invited
    else:
        with pytest.raises(actions.EventFull):
            book(event, member)


# --- Reminders ----------------------------------------------------------------------------------------------------------


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
    assert capsys.readouterr().out == "1 people are due a reminder.\n"
    call_command("remind_invited")
    assert capsys.readouterr().out == "1 reminders written.\n"
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
    assert capsys.readouterr().out.endswith("1 events are long over.\n")
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


def test_links_of_invitations_and_of_trials_are_no_use_for_each_other(invitation) -> None:
    token = links.token(links.INVITE, invitation.key)
    assert links.key_in(links.INVITE, token) == invitation.key
    assert links.key_in(links.TRY_INVITATION, token) is None
    assert links.key_in(links.INVITE, f"{invitation.key.hex}.made-up") is None


def test_every_refusal_says_what_to_do() -> None:
    refusals = [
        actions.HasRegistered,
        actions.InvitedAtOtherAddress,
        actions.NobodyToInvite,
        actions.WaveIsOver,
        actions.WaveIsUnderWay,
    ]
    assert [
        refusal for refusal in refusals if not issubclass(refusal, ActionError) or not refusal.message
    ] == []
