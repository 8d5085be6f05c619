"""What an invitation promises: who has to approve, how long places are kept; and what it does not promise."""

from datetime import timedelta

import pytest
from django.urls import reverse

from events import actions, audiences, invitation_letters, links
from events.audiences import Chosen
from events.invitation_forms import WaveForm, defaults
from events.models import Invitation, InvitationWave
from home.waiting import waiting_for
from mailing.composition import composed
from mailing.models import OutgoingMail
from tests.events.rounds import deliver, invited, standings

pytestmark = pytest.mark.usefixtures("stopped_clock")

DAY = timedelta(days=1)
Standing = Invitation.Standing
KEPT = "Places are kept for people who were invited, until Sunday 17 January 2027, 9:30am."
APPROVED = "Your line manager and the organiser approve each registration. Then you get a place, or stand in the line if all are taken."


@pytest.fixture
def keeping(make_event, now):
    """An event that keeps two of six places for five days, and approves."""
    return make_event(
        capacity=6,
        reserved_places=2,
        reserved_until=now + 5 * DAY,
        needs_approval=True,
        needs_manager=True,
        places_per_organisation=3,
    )


def invite(make_wave, send, event, address: str, **fields) -> Invitation:
    wave = send(make_wave(of=event, lines=[address], **fields))
    return actions.invitation_with(wave.invitations.get().key)


def page_of(client, invitation: Invitation) -> str:
    token = links.token(links.INVITE, invitation.key)
    answered = client.get(reverse("events:answer_invitation", args=[token]))
    return " ".join(answered.content.decode().split())


def letter_to(address: str) -> str:
    return composed(OutgoingMail.objects.get(recipient=address)).text


def test_an_invitation_says_who_approves_and_until_when_places_are_kept(
    client, make_wave, send, keeping, member, now
):
    """In the letter, behind its link and on the reader's own page; whichever of the two dates comes first."""
    found = invite(make_wave, send, keeping, member.email, keeps_places_until=now + 3 * DAY)

    letter, page = letter_to(member.email), page_of(client, found)
    deliver(found.wave.mailing, now)
    [waiting] = waiting_for(member, now)

    assert (KEPT in letter, APPROVED in letter) == (True, True)
    assert KEPT in page
    assert "Your line manager and the organiser approve each registration." in page
    assert "Accept and ask for a place" in page
    assert waiting.note.endswith(f"{KEPT} {APPROVED}")


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({}, "Places are kept for people who were invited, until Tuesday 19 January 2027, 9:30am."),
        ({"keeps_places": False}, ""),
        ({"keeps_places_until": -DAY}, ""),
    ],
)
def test_wave_values_promise_what_the_round_does(make_wave, keeping, now, fields, note):
    """The event's own date where the round has none; nothing where its people get none of the kept places."""
    given = {name: now + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    wave = make_wave(of=keeping, **given)

    values = invitation_letters.wave_values(wave, now)

    assert values["places_note"] == note
    assert bool(values["kept_until"]) == bool(note)


def test_wave_values_promise_nothing_where_nothing_is_kept_nor_approved(make_wave, event, now):
    values = invitation_letters.wave_values(make_wave(), now)

    assert (values["places_note"], values["kept_until"], values["approval_note"]) == ("", "", "")


def test_refresh_values_takes_a_promise_back_when_its_time_is_up(make_wave, send, keeping, now):
    """Letters that wait say what is true when they leave."""
    invite(make_wave, send, keeping, "new@else.example")
    wave = InvitationWave.objects.select_related("mailing", "event").get()

    invitation_letters.refresh_values(wave, now + 5 * DAY)

    assert "Places are kept" not in letter_to("new@else.example")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("2027-01-19T09:30", None),
        ("", None),
        (
            "2027-01-19T09:31",
            "The event keeps places until Tuesday 19 January 2027, 9:30am. Give that or an earlier time.",
        ),
    ],
)
def test_plan_wave_keeps_places_no_longer_than_the_event(keeping, now, typed, problem):
    form = WaveForm({**defaults(keeping), "keeps_places_until": typed}, event=keeping, now=now)

    assert form.errors.get("keeps_places_until") == ([problem] if problem else None)


def test_plan_wave_keeps_places_no_longer_than_anybody_can_register(make_event, now):
    """Also where the event itself sets no date."""
    event = make_event(
        capacity=6, reserved_places=2, starts_at=now + 5 * DAY, registration_closes_at=now + 4 * DAY
    )
    form = WaveForm({**defaults(event), "keeps_places_until": "2027-01-19T00:00"}, event=event, now=now)

    assert form.errors["keeps_places_until"] == [
        "Registration closes on Monday 18 January 2027, 9:30am. Give that or an earlier time."
    ]


def test_plan_wave_offers_past_events_alone_as_those_somebody_came_to(make_event, event, fill, now):
    past, ahead = make_event(starts_at=now - DAY, title="Past"), make_event(title="Ahead")
    for each in (past, ahead):
        fill(each, 1)

    form = WaveForm(event=event, now=now)

    assert form.fields["events"].choices == [(past.pk, "Past (2027)")]


def test_whoever_cancelled_themselves_is_left_out_and_counted(
    make_wave, event, force, make_members, book, organiser, send, now
):
    """Not whoever an organiser took out: for them it may be why the round is sent."""
    by_themselves, by_organiser, other = make_members(3)
    for member, actor in ((by_themselves, by_themselves), (by_organiser, organiser)):
        actions.cancel_registration(registration=book(event, member), actor=actor, now=now)

    wave = send(make_wave(Chosen(organisations=(force.pk,))))

    assert wave.left_out == {audiences.GAVE_UP: 1}
    assert audiences.reasons_in_words(wave.left_out) == [
        ("Cancelled their registration for this event themselves", 1)
    ]
    assert invited(wave) == [by_organiser.email, other.email]


def test_whoever_declined_a_place_on_offer_is_left_out(make_wave, offered, now):
    actions.decline_place(registration=offered, actor=offered.member, now=now)

    counted = audiences.count(make_wave(of=offered.event, lines=[offered.member.email]))

    assert counted.left_out == {audiences.GAVE_UP: 1}


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("confirmed", Standing.REGISTERED),
        ("waiting", Standing.ASKED),
        ("offered", Standing.ASKED),
        ("awaiting approval", Standing.ASKED),
        ("cancelled", Standing.ENDED),
    ],
)
def test_standing_tells_those_who_have_a_place_from_those_who_asked(
    make_wave, send, event, member, put, state, standing
):
    """Nobody plans a room with people who wait."""
    wave = send(make_wave(lines=[member.email]))
    put(event, member, state)

    assert standings(wave) == {member.email: standing}


def test_overview_shows_who_was_invited_and_waits_apart(desk, make_wave, send, event, make_members, put):
    members = make_members(3)
    send(make_wave(lines=[member.email for member in members]))
    for number, state in enumerate(["confirmed", "waiting", "awaiting approval"]):
        put(event, members[number], state, waiting_number=number + 1)

    figures = desk.get(f"/admin/events/{event.pk}/").context["invited"]

    assert [(label, number) for label, number, _ in figures] == [
        ("Invited", 3),
        ("Invited and registered", 1),
        ("Invited, asked for a place, has none yet", 2),
        ("Accepted, not registered yet", 0),
        ("Declined the invitation", 0),
    ]


# --- What one organisation can have -----------------------------------------------------------------------------


@pytest.fixture
def capped(make_event, fill):
    """Six places, three for each organisation; one organisation has its three."""
    event = make_event(capacity=6, places_per_organisation=3)
    fill(event, 3)
    return event


CAPPED = "Your organisation has all 3 places that one organisation can have"


def test_an_invitation_says_that_the_places_of_an_organisation_are_taken(
    signed_in, make_wave, send, capped, member
):
    """Places are free: not all are taken."""
    page = page_of(signed_in, invite(make_wave, send, capped, member.email))

    assert f"{CAPPED}. You can join the waiting list" in page
    assert "All places are taken" not in page


def test_book_place_says_that_the_places_of_an_organisation_are_taken(signed_in, capped):
    event_page = " ".join(signed_in.get(capped.url).content.decode().split())
    form = " ".join(signed_in.get(reverse("events:book_place", args=[capped.uuid])).content.decode().split())

    assert "<strong>The places of your organisation are taken.</strong> Waiting list open" in event_page
    assert CAPPED in form
    assert "Full." not in event_page + form


def test_whoever_is_capped_is_not_told_that_they_are_next(signed_in, capped, member, wait):
    """Others behind them go first when a place comes free that is not their organisation's."""
    registration = wait(capped, member)
    pages = [
        " ".join(signed_in.get(address).content.decode().split())
        for address in (capped.url, reverse("events:registration", args=[registration.uuid]))
    ]

    for shown in (*pages, letter_to(member.email)):
        assert "You are the next in line" not in shown
        assert "places for others go to those behind you." in " ".join(shown.split())


@pytest.mark.parametrize(
    ("has_line", "taken", "refusal", "words"),
    [
        (
            True,
            3,
            actions.EventFull,
            "The places of your organisation are taken. You can join the waiting list.",
        ),
        (
            False,
            3,
            actions.NoWaitingList,
            "The places of your organisation are taken, and this event keeps no waiting list.",
        ),
        (True, 2, None, ""),
    ],
)
def test_book_place_refuses_whoever_is_capped_with_the_reason(
    make_event, fill, member, book, has_line, taken, refusal, words
):
    """Not that all places are taken."""
    event = make_event(capacity=6, places_per_organisation=3, has_waiting_list=has_line)
    fill(event, taken)

    if refusal is None:
        assert book(event, member).state == "confirmed"
    else:
        with pytest.raises(refusal) as refused:
            book(event, member)
        assert refused.value.message == words
