"""What becomes of an invitation: answers, registrations, and the places that are kept for invited people."""

from datetime import timedelta

import pytest

from events import actions, links
from events.models import (
    Audience,
    EventPage,
    Invitation,
    Registration,
)
from members.models import User
from pages.errors import ActionError
from tests.events.rounds import answer, deliver, standings

pytestmark = pytest.mark.django_db

Answer = Invitation.Answer
Standing = Invitation.Standing
DAY = timedelta(days=1)


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
        answer(found, Answer.DECLINED, now, visitor=member)
    assert answer(found, Answer.ACCEPTED, now, visitor=member).answer == Answer.ACCEPTED


def test_answer_invitation_by_the_link_alone_says_nothing_of_a_place_that_is_held(
    make_wave, send, event, member, other_member, book, now
) -> None:
    wave = send(make_wave(lines=[member.email]))
    registration = book(event, member)
    found = actions.invitation_with(wave.invitations.get().key)
    for visitor in (None, other_member):
        assert answer(found, Answer.DECLINED, now, visitor=visitor).answer == Answer.DECLINED
    registration.refresh_from_db()
    assert registration.state == Registration.State.CONFIRMED


def test_registering_another_way_and_cancelling_show(make_wave, send, event, member, book, now) -> None:
    wave = send(make_wave(lines=[member.email]))
    deliver(wave.mailing, now)
    assert standings(wave) == {member.email: Standing.SILENT}
    registration = book(event, member)
    assert standings(wave) == {member.email: Standing.REGISTERED}
    actions.cancel_registration(registration=registration, actor=member, now=now)
    assert standings(wave) == {member.email: Standing.ENDED}


def test_registration_that_ended_before_says_nothing(
    make_wave, send, event, member, book, organiser, now
) -> None:
    registration = book(event, member, now - DAY)
    actions.cancel_registration(registration=registration, actor=organiser, now=now - DAY)
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
