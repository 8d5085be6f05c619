"""Registering, waiting and cancelling: what each action changes and whom it writes to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from wagtail.models import PageLogEntry

from events import actions
from events.models import PersonalCalendar, Registration
from mailing.composition import composed
from mailing.models import OutgoingMail
from tests.events.outcomes import letters, states

State = Registration.State
HOUR = timedelta(hours=1)


# --- book_place ----------------------------------------------------------------------------------------------


def test_book_place_gives_a_place_and_writes_to_the_member(event, member, now):
    registration = actions.book_place(event=event, member=member, actor=member, now=now)

    assert states(event) == [("practitioner", "confirmed")]
    assert (registration.registered_at, registration.confirmed_at) == (now, now)
    assert registration.organisation == member.organisation
    assert letters() == [("place_booked", "practitioner")]


def test_book_place_refuses_when_all_places_are_taken(small, member, other_member, book):
    book(small, member)

    with pytest.raises(actions.EventFull) as refusal:
        book(small, other_member)

    assert refusal.value.message == "All places are taken. You can join the waiting list."
    assert states(small) == [("practitioner", "confirmed")]
    assert letters() == [("place_booked", "practitioner")]


def test_book_place_says_when_there_is_no_waiting_list(make_event, member, other_member, book):
    event = make_event(capacity=1, has_waiting_list=False)
    book(event, member)

    with pytest.raises(actions.NoWaitingList):
        book(event, other_member)


def test_book_place_takes_no_place_from_those_who_wait(make_event, fill, member, book, now):
    """A place is free because the event starts too soon to offer it. It is not for who comes by."""
    event = make_event(capacity=2, starts_at=now + timedelta(minutes=30))
    fill(event, 1)
    fill(event, 1, "waiting")

    with pytest.raises(actions.EventFull):
        book(event, member)


def test_book_place_has_no_limit_where_the_event_has_none(event, make_members, book):
    for someone in make_members(3):
        book(event, someone)

    assert [state for _, state in states(event)] == ["confirmed"] * 3


def test_book_place_twice_is_refused_with_the_first_one(event, member, book):
    first = book(event, member)

    with pytest.raises(actions.AlreadyRegistered) as refusal:
        book(event, member)

    assert refusal.value.registration == first
    assert states(event) == [("practitioner", "confirmed")]
    assert letters() == [("place_booked", "practitioner")]


@pytest.mark.parametrize(
    ("fields", "refusal", "message"),
    [
        (
            {"registration_closes_at": -HOUR},
            actions.RegistrationClosed,
            "Registration closed on Thursday 14 January 2027, 8:30am.",
        ),
        (
            {"registration_opens_at": HOUR},
            actions.NotOpenYet,
            "Registration opens on Thursday 14 January 2027, 10:30am.",
        ),
        ({"cancelled_at": -HOUR}, actions.EventCancelled, "This event was cancelled."),
        ({"starts_at": -5 * HOUR}, actions.EventOver, "This event is over."),
        (
            {"starts_at": -HOUR},
            actions.RegistrationClosed,
            "Registration closed on Thursday 14 January 2027, 8:30am.",
        ),
    ],
)
@pytest.mark.parametrize("register", [actions.book_place, actions.join_waiting_list])
def test_registering_is_refused_with_the_reason(make_event, member, now, register, fields, refusal, message):
    event = make_event(**{name: now + offset for name, offset in fields.items()})

    with pytest.raises(refusal) as refused:
        register(event=event, member=member, actor=member, now=now)

    assert refused.value.message == message
    assert states(event) == []
    assert letters() == []


def test_the_clock_of_a_refusal_is_the_clock_at_the_event(make_event, member, book, now):
    event = make_event(time_zone="America/New_York", registration_closes_at=now - HOUR)

    with pytest.raises(actions.RegistrationClosed) as refusal:
        book(event, member)

    assert refusal.value.message == "Registration closed on Thursday 14 January 2027, 3:30am, New York time."


def test_book_place_after_cancelling_makes_a_new_registration_and_a_newer_file(event, member, book, now):
    first = book(event, member)
    actions.cancel_registration(registration=first, actor=member, now=now + HOUR)
    event.refresh_from_db()
    sequence_of_the_cancellation = event.calendar_sequence

    book(event, member, now + 2 * HOUR)

    event.refresh_from_db()
    assert states(event) == [("practitioner", "cancelled"), ("practitioner", "confirmed")]
    assert event.calendar_sequence == sequence_of_the_cancellation + 1


def test_a_letter_that_cannot_be_written_leaves_no_place_behind(event, member, book, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("events.mail.queueing.queue_letter", fail)

    with pytest.raises(RuntimeError):
        book(event, member)

    assert states(event) == []


# --- join_waiting_list ---------------------------------------------------------------------------------------


def test_join_waiting_list_puts_each_at_the_end(small, make_members, book, wait, now):
    first, second, third = make_members(3)
    book(small, first)

    waiting = [wait(small, second), wait(small, third)]

    assert [registration.waiting_number for registration in waiting] == [1, 2]
    assert [registration.count_ahead(now) for registration in waiting] == [0, 1]
    assert letters() == [
        ("place_booked", "member-0"),
        ("waiting_list_joined", "member-1"),
        ("waiting_list_joined", "member-2"),
    ]


def test_join_waiting_list_offers_a_place_that_came_free_meanwhile(small, member, wait, now):
    registration = wait(small, member)

    assert (registration.state, registration.offer_expires_at) == (State.OFFERED, now + 48 * HOUR)
    assert letters() == [("place_offered", "practitioner")]


def test_join_waiting_list_needs_one(make_event, member, wait):
    event = make_event(capacity=1, has_waiting_list=False)

    with pytest.raises(actions.NoWaitingList):
        wait(event, member)


def test_join_waiting_list_twice_is_refused_with_the_first_one(small, make_members, book, wait):
    first, second = make_members(2)
    book(small, first)
    waiting = wait(small, second)

    with pytest.raises(actions.AlreadyRegistered) as refusal:
        wait(small, second)

    assert refusal.value.registration == waiting


# --- cancel_registration -------------------------------------------------------------------------------------


def test_cancel_registration_offers_the_place_to_whoever_waits_longest(small, make_members, book, wait, now):
    first, second, third = make_members(3)
    registration = book(small, first)
    wait(small, second)
    wait(small, third)

    cancelled = actions.cancel_registration(registration=registration, actor=first, now=now + HOUR)

    assert cancelled.cancelled_at == now + HOUR
    assert states(small) == [("member-0", "cancelled"), ("member-1", "offered"), ("member-2", "waiting")]
    assert small.registrations.get(state=State.OFFERED).offer_expires_at == now + 49 * HOUR
    assert letters()[-2:] == [("registration_cancelled", "member-0"), ("place_offered", "member-1")]


def test_cancel_registration_leaves_the_line_of_the_others_as_it_was(small, make_members, book, wait, now):
    first, second, third = make_members(3)
    book(small, first)
    wait(small, second)
    last = wait(small, third)

    actions.cancel_registration(
        registration=small.registrations.get(member=second), actor=second, now=now + HOUR
    )

    assert states(small) == [("member-0", "confirmed"), ("member-1", "cancelled"), ("member-2", "waiting")]
    assert last.count_ahead(now) == 0
    assert letters()[-1] == ("registration_cancelled", "member-1")


def test_cancel_registration_of_an_offer_passes_it_on(small, make_members, book, wait, now):
    first, second, third = make_members(3)
    registration = book(small, first)
    wait(small, second)
    wait(small, third)
    actions.cancel_registration(registration=registration, actor=first, now=now)

    actions.cancel_registration(
        registration=small.registrations.get(member=second), actor=second, now=now + HOUR
    )

    assert states(small) == [("member-0", "cancelled"), ("member-1", "cancelled"), ("member-2", "offered")]


def test_cancel_registration_twice_is_refused(event, member, book, now):
    registration = book(event, member)
    actions.cancel_registration(registration=registration, actor=member, now=now)

    with pytest.raises(actions.RegistrationEnded):
        actions.cancel_registration(registration=registration, actor=member, now=now + HOUR)

    assert letters() == [("place_booked", "practitioner"), ("registration_cancelled", "practitioner")]


def test_cancel_registration_is_refused_when_the_event_is_over_or_cancelled(make_event, fill, now):
    over = make_event(starts_at=now - 5 * HOUR)
    cancelled = make_event(cancelled_at=now - HOUR)
    [of_over], [of_cancelled] = fill(over, 1), fill(cancelled, 1)

    with pytest.raises(actions.EventOver):
        actions.cancel_registration(registration=of_over, actor=of_over.member, now=now)
    with pytest.raises(actions.EventCancelled):
        actions.cancel_registration(registration=of_cancelled, actor=of_cancelled.member, now=now)

    assert states(over) + states(cancelled) == [("member-0", "confirmed"), ("member-1", "confirmed")]


def test_cancel_registration_by_an_organiser_says_so_and_stays_in_the_history(
    event, member, organiser, book, now
):
    registration = book(event, member)

    actions.cancel_registration(registration=registration, actor=organiser, now=now)

    letter = OutgoingMail.objects.get(kind="events/mail/registration_cancelled")
    assert "The organiser cancelled your registration" in composed(letter).text
    entry = PageLogEntry.objects.get(page=event.pk, action__startswith="events.")
    assert (entry.action, entry.user) == ("events.cancel_registration", organiser)
    assert entry.data == {"registration": str(registration.uuid)}


# --- cancel_event --------------------------------------------------------------------------------------------


def test_cancel_event_tells_everybody_and_keeps_the_record(small, offered, organiser, book, now):
    sequence = small.calendar_sequence
    told = actions.cancel_event(event=small, reason="The trainer is ill.", actor=organiser, now=now + HOUR)

    small.refresh_from_db()
    assert told == 2
    assert (small.cancelled_at, small.cancellation_reason) == (now + HOUR, "The trainer is ill.")
    assert small.calendar_sequence > sequence
    # Nobody can take the offer any more: it is no offer.
    assert states(small) == [("member-0", "cancelled"), ("member-1", "waiting"), ("member-2", "waiting")]
    assert letters() == [("event_cancelled", "member-1"), ("event_cancelled", "member-2")]


def test_cancel_event_twice_is_refused(event, organiser, now):
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    with pytest.raises(actions.EventCancelled):
        actions.cancel_event(event=event, reason="Again.", actor=organiser, now=now)

    event.refresh_from_db()
    assert event.cancellation_reason == "Ill."


def test_cancel_event_after_it_is_over_is_refused(make_event, organiser, now):
    event = make_event(starts_at=now - 5 * HOUR)

    with pytest.raises(actions.EventOver):
        actions.cancel_event(event=event, reason="Too late.", actor=organiser, now=now)


# --- Calendars -----------------------------------------------------------------------------------------------


def test_renew_calendar_replaces_the_address(member, now):
    first = actions.renew_calendar(member=member, now=now)
    second = actions.renew_calendar(member=member, now=now + HOUR)

    [kept] = PersonalCalendar.objects.filter(member=member)
    assert first.key != second.key == kept.key
    assert kept.made_at == now + HOUR


def test_end_calendar_twice_changes_nothing(member, other_member, now):
    actions.renew_calendar(member=member, now=now)
    theirs = actions.renew_calendar(member=other_member, now=now)

    actions.end_calendar(member=member)
    actions.end_calendar(member=member)

    assert list(PersonalCalendar.objects.all()) == [theirs]


# --- What the database itself holds --------------------------------------------------------------------------


def test_no_two_active_registrations_even_past_the_actions(event, member, now):
    values = {"event": event, "member": member, "registered_at": now}
    Registration.objects.create(state=State.CONFIRMED, **values)
    Registration.objects.create(state=State.CANCELLED, **values)

    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(state=State.WAITING, waiting_number=1, **values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "waiting"},
        {"state": "offered"},
        {"state": "confirmed", "offer_expires_at": "now"},
        {"state": "unheard of"},
    ],
)
def test_no_registration_that_contradicts_itself(event, member, now, wrong):
    wrong = {name: now if value == "now" else value for name, value in wrong.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(event=event, member=member, registered_at=now, **wrong)
