"""Registering, waiting, offers, cancelling: what each action changes and whom it writes to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from wagtail.models import PageLogEntry

from events import actions, line
from events.models import EventPage, PersonalCalendar, Registration
from mailing.actions import stop_letters
from mailing.composition import composed
from mailing.models import OutgoingMail

State = Registration.State
HOUR = timedelta(hours=1)


def letters() -> list[tuple[str, str]]:
    """What was written to whom, in order: the name of the letter and the name before the @."""
    written = OutgoingMail.objects.order_by("pk").values_list("kind", "recipient")
    return [(kind.removeprefix("events/mail/"), to.split("@")[0]) for kind, to in written]


def states(event: EventPage) -> list[tuple[str, str]]:
    """Each registration of an event in the order in which they came: whose, and its state."""
    found = event.registrations.order_by("pk").values_list("member__email", "state")
    return [(address.split("@")[0], state) for address, state in found]


@pytest.fixture
def small(make_event) -> EventPage:
    """One place, and a waiting list."""
    return make_event(capacity=1)


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


def test_join_waiting_list_puts_each_at_the_end(small, make_members, book, wait):
    first, second, third = make_members(3)
    book(small, first)

    waiting = [wait(small, second), wait(small, third)]

    assert [registration.waiting_number for registration in waiting] == [1, 2]
    assert [registration.count_ahead() for registration in waiting] == [0, 1]
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
    assert last.count_ahead() == 0
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


# --- Offers --------------------------------------------------------------------------------------------------


@pytest.fixture
def offered(small, make_members, book, wait, now) -> Registration:
    """An offer to the second of three members, 48 hours from now; the third waits."""
    first, second, third = make_members(3)
    registration = book(small, first)
    wait(small, second)
    wait(small, third)
    actions.cancel_registration(registration=registration, actor=first, now=now)
    OutgoingMail.objects.all().delete()
    return small.registrations.get(member=second)


def test_take_place_makes_the_offer_a_place(small, offered, now):
    taken = actions.take_place(registration=offered, actor=offered.member, now=now + 47 * HOUR)

    assert (taken.state, taken.confirmed_at, taken.offer_expires_at) == (
        State.CONFIRMED,
        now + 47 * HOUR,
        None,
    )
    assert states(small)[1:] == [("member-1", "confirmed"), ("member-2", "waiting")]
    assert letters() == [("place_booked", "member-1")]


def test_take_place_twice_changes_nothing(small, offered, now):
    actions.take_place(registration=offered, actor=offered.member, now=now)

    again = actions.take_place(registration=offered, actor=offered.member, now=now + HOUR)

    assert (again.state, again.confirmed_at) == (State.CONFIRMED, now)
    assert letters() == [("place_booked", "member-1")]


@pytest.mark.parametrize("sweeps_first", [True, False])
def test_take_place_too_late_goes_back_to_the_end_of_the_line(small, offered, now, sweeps_first):
    late = now + 48 * HOUR
    if sweeps_first:
        actions.expire_offers(now=late)

    returned = actions.take_place(registration=offered, actor=offered.member, now=late)

    assert returned.state == State.WAITING
    assert returned.waiting_number == 3
    assert states(small)[1:] == [("member-1", "waiting"), ("member-2", "offered")]
    assert letters()[-1] == ("waiting_list_joined", "member-1")
    assert ("place_offered", "member-2") in letters()


def test_take_place_too_late_gives_the_place_after_all_if_nobody_waits(small, offered, now):
    actions.cancel_registration(
        registration=small.registrations.get(state=State.WAITING), actor=offered.member, now=now
    )

    taken = actions.take_place(registration=offered, actor=offered.member, now=now + 50 * HOUR)

    assert (taken.state, taken.confirmed_at) == (State.CONFIRMED, now + 50 * HOUR)
    assert letters()[-1] == ("place_booked", "member-1")
    assert ("place_offered", "member-1") not in letters()


def test_take_place_too_late_by_somebody_who_has_registered_since(small, offered, now, wait):
    actions.expire_offers(now=now + 48 * HOUR)
    anew = wait(small, offered.member, now + 49 * HOUR)

    with pytest.raises(actions.AlreadyRegistered) as refusal:
        actions.take_place(registration=offered, actor=offered.member, now=now + 50 * HOUR)

    assert refusal.value.registration == anew


def test_take_place_is_refused_where_nothing_is_on_offer(small, offered, now):
    waiting = small.registrations.get(state=State.WAITING)

    with pytest.raises(actions.NothingOffered):
        actions.take_place(registration=waiting, actor=waiting.member, now=now)


def test_take_place_is_refused_once_the_event_has_started(small, offered):
    with pytest.raises(actions.TooLate):
        actions.take_place(registration=offered, actor=offered.member, now=small.starts_at)


def test_decline_place_passes_it_on(small, offered, now):
    declined = actions.decline_place(registration=offered, actor=offered.member, now=now + HOUR)

    assert (declined.state, declined.cancelled_at) == (State.CANCELLED, now + HOUR)
    assert states(small)[1:] == [("member-1", "cancelled"), ("member-2", "offered")]
    assert letters() == [("place_offered", "member-2")]


def test_decline_place_is_refused_where_nothing_is_on_offer(event, member, book, now):
    registration = book(event, member)

    with pytest.raises(actions.NothingOffered):
        actions.decline_place(registration=registration, actor=member, now=now)


def test_offers_are_refused_when_the_event_is_cancelled(small, offered, organiser, now):
    actions.cancel_event(event=small, reason="The trainer is ill.", actor=organiser, now=now)

    with pytest.raises(actions.EventCancelled):
        actions.take_place(registration=offered, actor=offered.member, now=now)
    with pytest.raises(actions.EventCancelled):
        actions.decline_place(registration=offered, actor=offered.member, now=now)


@pytest.mark.parametrize(
    ("hours_before_start", "hours_of_offer"),
    [(100, 48), (48, 48), (20, 20), (1, 1), (0.5, None)],
)
def test_an_offer_never_outlasts_the_start_and_none_is_too_short(
    make_event, member, wait, now, hours_before_start, hours_of_offer
):
    event = make_event(capacity=1, starts_at=now + hours_before_start * HOUR)

    registration = wait(event, member)

    if hours_of_offer is None:
        assert (registration.state, letters()) == (State.WAITING, [("waiting_list_joined", "practitioner")])
    else:
        assert registration.offer_expires_at == now + hours_of_offer * HOUR


def test_an_offer_may_outlast_the_start_where_registration_does(make_event, member, wait, now):
    event = make_event(
        capacity=1,
        starts_at=now + HOUR,
        ends_at=now + 30 * HOUR,
        registration_closes_at=now + 25 * HOUR,
    )

    assert wait(event, member).offer_expires_at == now + 25 * HOUR


def test_many_free_places_are_offered_in_steps(make_event, fill, now, monkeypatch):
    monkeypatch.setattr(line, "OFFERS_AT_ONCE", 2)
    event = make_event(capacity=3)
    fill(event, 4, "waiting")

    counts = []
    for _ in range(3):
        actions.expire_offers(now=now)
        counts.append(event.registrations.filter(state=State.OFFERED).count())

    assert counts == [2, 3, 3]


# --- expire_offers -------------------------------------------------------------------------------------------


def test_expire_offers_ends_what_is_overdue_and_offers_it_on(small, offered, now):
    assert actions.expire_offers(now=now + 47 * HOUR) == 0
    assert actions.expire_offers(now=now + 48 * HOUR) == 1

    assert states(small)[1:] == [("member-1", "expired"), ("member-2", "offered")]
    assert small.registrations.get(state=State.OFFERED).offer_expires_at == now + 96 * HOUR
    assert letters() == [("offer_expired", "member-1"), ("place_offered", "member-2")]


def test_expire_offers_again_changes_nothing(small, offered, now):
    actions.expire_offers(now=now + 48 * HOUR)
    before = list(Registration.objects.order_by("pk").values())

    assert actions.expire_offers(now=now + 48 * HOUR) == 0

    assert list(Registration.objects.order_by("pk").values()) == before


def test_expire_offers_finds_free_places_that_nobody_offered(make_event, fill, now):
    """As after a crash between a publication and what follows from it."""
    event = make_event(capacity=5)
    fill(event, 2)
    fill(event, 1, "waiting")

    assert actions.expire_offers(now=now) == 1

    assert [state for _, state in states(event)] == ["confirmed", "confirmed", "offered"]


@pytest.mark.parametrize(
    "fields",
    [{"cancelled_at": -HOUR}, {"starts_at": -5 * HOUR}, {"starts_at": HOUR / 2}],
)
def test_expire_offers_leaves_alone_events_that_give_no_more_places(make_event, fill, now, fields):
    event = make_event(capacity=5, **{name: now + offset for name, offset in fields.items()})
    fill(event, 1, "waiting")

    assert actions.expire_offers(now=now) == 0

    assert [state for _, state in states(event)] == ["waiting"]


def test_expire_offers_asks_the_same_number_of_questions_for_many_waiting(
    make_event, fill, now, django_assert_num_queries
):
    for number in (1, 3, 200):
        fill(make_event(capacity=1), number)

    with django_assert_num_queries(1):
        actions.expire_offers(now=now)


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


# --- send_reminders ------------------------------------------------------------------------------------------


@pytest.fixture
def tomorrow(make_event, now) -> EventPage:
    """At 1pm tomorrow; now it is half past nine, half an hour after reminders are due."""
    return make_event(starts_at=now + timedelta(days=1, hours=3.5))


def test_send_reminders_the_day_before_and_once(tomorrow, member, book, now):
    registration = book(tomorrow, member, now - 24 * HOUR)
    OutgoingMail.objects.all().delete()

    sent = [actions.send_reminders(now=now), actions.send_reminders(now=now + HOUR)]

    registration.refresh_from_db()
    assert sent == [1, 0]
    assert registration.reminded_at == now
    assert letters() == [("event_reminder", "practitioner")]


@pytest.mark.parametrize(
    ("hours", "sent"),
    [
        (-2, 0),  # half past seven: too early
        (0, 1),
        (20, 1),  # the command did not run for a day: better late than never
        (27.4, 1),
        (27.5, 0),  # it starts
    ],
)
def test_send_reminders_from_nine_until_the_start(tomorrow, member, book, now, hours, sent):
    book(tomorrow, member, now - 24 * HOUR)

    assert actions.send_reminders(now=now + hours * HOUR) == sent


def test_send_reminders_at_nine_where_the_event_is(make_event, member, book, now):
    """At half past nine in London it is half past four in the morning in New York."""
    event = make_event(starts_at=now + timedelta(days=1, hours=6), time_zone="America/New_York")
    book(event, member, now - 24 * HOUR)

    assert [actions.send_reminders(now=now), actions.send_reminders(now=now + 5 * HOUR)] == [0, 1]


@pytest.mark.parametrize(
    ("fields", "member_fields"),
    [
        ({"cancelled_at": "now"}, {}),
        ({"live": False}, {}),
        ({"date_precision": "month"}, {}),
        ({}, {"state": "suspended", "is_active": False}),
    ],
)
def test_send_reminders_to_nobody_who_should_have_none(make_event, fill, now, fields, member_fields):
    fields = {name: now if value == "now" else value for name, value in fields.items()}
    event = make_event(starts_at=now + timedelta(days=1, hours=3.5), **fields)
    [registration] = fill(event, 1)
    type(registration.member).objects.filter(pk=registration.member.pk).update(**member_fields)

    assert actions.send_reminders(now=now) == 0


def test_send_reminders_to_nobody_who_stopped_them(tomorrow, fill, now):
    [registration] = fill(tomorrow, 1)
    stop_letters(address=registration.member.email, category="event_reminders", now=now)

    assert actions.send_reminders(now=now) == 0


@pytest.mark.parametrize("state", sorted(set(State.values) - {"confirmed", "waiting", "offered"}))
def test_send_reminders_to_nobody_without_a_place(tomorrow, fill, now, state):
    fill(tomorrow, 1, state)
    fill(tomorrow, 1, "waiting")

    assert actions.send_reminders(now=now) == 0


def test_send_reminders_not_right_after_the_letter_that_says_it_all(tomorrow, member, book, now):
    book(tomorrow, member, now)

    assert actions.send_reminders(now=now + HOUR) == 0


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
