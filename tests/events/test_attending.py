"""Who was there: any number of doors, in any order, come to the same list."""

import itertools
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import actions
from events.actions import attending
from events.actions.attending import NOT_CONFIRMED, NOT_REGISTERED, OTHER_EVENT, UNKNOWN_SESSION
from events.models import Attendance, Certificate, EventPage, Registration, RegistrationStep, Session
from events.ticks import Tick
from members.models import User
from pages.errors import ActionError


@pytest.fixture
def today(make_event, now) -> EventPage:
    """An event that has just begun."""
    return make_event(starts_at=now - timedelta(minutes=10), registration_closes_at=now + timedelta(hours=1))


@pytest.fixture
def talk(today) -> Session:
    return Session.objects.create(
        event=today, title="Talk", starts_at=today.starts_at, ends_at=today.starts_at + timedelta(hours=1)
    )


@pytest.fixture
def note(organiser, now):
    def note_attendance(event: EventPage, *ticks: Tick, at=now):
        return actions.note_attendance(event=event, ticks=list(ticks), actor=organiser, now=at)

    return note_attendance


@pytest.fixture
def walk_in(organiser, now):
    def add_walk_in(event: EventPage, email: str = "", name: str = "", organisation: str = "", **given):
        return actions.add_walk_in(
            event=event,
            email=email,
            name=name,
            organisation=organisation,
            session=given.get("session"),
            actor=organiser,
            now=given.get("at", now),
        )

    return add_walk_in


def tick(registration: Registration, at, *, is_present: bool = True, session: Session | None = None) -> Tick:
    return Tick(registration.uuid, session.key if session else None, is_present, at)


def noted() -> list[tuple]:
    return list(
        Attendance.objects.order_by("pk").values_list("registration", "session", "is_present", "noted_at")
    )


def test_note_attendance_writes_who_when_and_by_whom(today, fill, note, now, organiser):
    [person] = fill(today, 1)

    assert note(today, tick(person, now - timedelta(minutes=2))) == []
    assert noted() == [(person.pk, None, True, now - timedelta(minutes=2))]
    assert Attendance.objects.get().noted_by == organiser


def test_note_attendance_of_a_session(today, talk, fill, note, now):
    [person] = fill(today, 1)

    assert note(today, tick(person, now, session=talk)) == []
    assert noted() == [(person.pk, talk.pk, True, now)]


def test_note_attendance_again_changes_nothing(today, fill, note, now):
    [person] = fill(today, 1)
    same = tick(person, now)
    note(today, same)

    note(today, same, same, at=now + timedelta(minutes=1))

    assert noted() == [(person.pk, None, True, now)]
    assert RegistrationStep.objects.count() == 1


def test_note_attendance_undone(today, fill, note, now):
    [person] = fill(today, 1)
    note(today, tick(person, now))

    note(today, tick(person, now + timedelta(seconds=1), is_present=False), at=now + timedelta(minutes=1))

    assert noted() == [(person.pk, None, False, now + timedelta(seconds=1))]


def test_tick_that_arrives_late_overrules_nothing_made_after_it(today, fill, note, now):
    [person] = fill(today, 1)
    note(today, tick(person, now, is_present=False))

    refused = note(today, tick(person, now - timedelta(minutes=5)), at=now + timedelta(minutes=1))

    assert (refused, noted()) == ([], [(person.pk, None, False, now)])


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(made=st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=1, max_size=4))
def test_any_order_of_the_same_ticks_ends_the_same(today, fill, note, now, made):
    [person] = fill(today, 1)
    ticks = [tick(person, now + timedelta(seconds=at), is_present=is_present) for at, is_present in made]
    ends = set()
    for order in itertools.islice(itertools.permutations(ticks), 6):
        Attendance.objects.all().delete()
        for each in order:
            note(today, each, at=now + timedelta(minutes=1))
        ends.add(tuple(noted()))

    assert len(ends) == 1
    latest = max(at for at, _ in made)
    assert ends.pop()[0][2] == any(is_present for at, is_present in made if at == latest)


def test_phone_whose_clock_is_wrong_is_put_right(today, fill, note, now):
    ahead, behind = fill(today, 2)

    note(today, tick(ahead, now + timedelta(hours=5)), tick(behind, now - timedelta(days=400)))

    assert noted() == [
        (ahead.pk, None, True, now),
        (behind.pk, None, True, today.starts_at - timedelta(hours=12)),
    ]


def test_tick_for_a_stranger_is_refused_and_the_others_are_not(today, fill, note, now):
    [person] = fill(today, 1)
    stranger = Tick(uuid4(), None, is_present=True, at=now)

    refused = note(today, stranger, tick(person, now))

    assert [(each.tick, each.reason) for each in refused] == [(stranger, NOT_REGISTERED)]
    assert noted() == [(person.pk, None, True, now)]


def test_code_of_another_event_is_refused_by_its_name(today, make_event, fill, note, now):
    [elsewhere] = fill(make_event(title="Elsewhere"), 1)

    [refused] = note(today, tick(elsewhere, now))

    assert refused.reason == "This code is for “Elsewhere”, Thursday 25 March 2027, 9:30am to 12:30pm."
    assert noted() == []


def test_event_that_the_actor_cannot_see_is_not_named(today, make_event, fill, note, now):
    [elsewhere] = fill(make_event(title="Elsewhere", live=False), 1)

    [refused] = note(today, tick(elsewhere, now))

    assert refused.reason == OTHER_EVENT


@pytest.mark.parametrize("state", ["waiting", "cancelled", "declined"])
def test_somebody_without_a_place_is_refused(today, fill, note, now, state):
    [person] = fill(today, 1, state=state)

    [refused] = note(today, tick(person, now))

    assert (refused.reason, noted()) == (NOT_CONFIRMED, [])


def test_somebody_who_cancelled_can_be_undone(today, fill, note, now):
    [person] = fill(today, 1)
    note(today, tick(person, now))
    Registration.objects.update(state="cancelled")

    refused = note(
        today, tick(person, now + timedelta(seconds=1), is_present=False), at=now + timedelta(hours=1)
    )

    assert (refused, Attendance.objects.present().count()) == ([], 0)


def test_session_has_to_be_one_that_people_attend(today, talk, fill, note, now, make_event):
    [person] = fill(today, 1)
    times = {"starts_at": talk.starts_at, "ends_at": talk.ends_at}
    lunch = Session.objects.create(event=today, title="Lunch", kind=Session.Kind.BREAK, **times)
    gone = Session.objects.create(event=today, title="Gone", is_cancelled=True, **times)
    other = Session.objects.create(event=make_event(), title="Other", **times)

    refused = note(today, *(tick(person, now, session=session) for session in (lunch, gone, other, None)))

    assert [each.reason for each in refused] == [UNKNOWN_SESSION] * 4
    assert noted() == []


def test_session_of_an_event_without_any_is_refused(today, fill, note, now):
    [person] = fill(today, 1)

    [refused] = note(today, Tick(person.uuid, uuid4(), is_present=True, at=now))

    assert refused.reason == UNKNOWN_SESSION


def test_nobody_is_checked_in_before_the_day(make_event, fill, note, now):
    event = make_event(starts_at=now + timedelta(hours=13))
    [person] = fill(event, 1)

    with pytest.raises(actions.NotTheDayYet, match="Thursday 14 January 2027, 10:30am"):
        note(event, tick(person, now))
    assert note(event, tick(person, now), at=now + timedelta(hours=1)) == []


def test_nobody_is_checked_in_where_only_the_month_is_known(make_event, note, now):
    event = make_event(starts_at=now, date_precision="month")

    with pytest.raises(actions.NotTheDayYet, match="once the day of the event is known"):
        note(event)


def test_nobody_is_checked_in_at_a_cancelled_event(today, fill, note, now):
    EventPage.objects.update(cancelled_at=now)
    today.refresh_from_db()

    with pytest.raises(actions.EventCancelled):
        note(today)


def test_note_attendance_is_in_the_history(today, talk, fill, note, now, organiser):
    [person] = fill(today, 1)

    note(today, tick(person, now, session=talk))

    step = person.steps.get()
    assert (step.verb, step.actor, step.at) == ("note_attendance", organiser, now)
    assert step.detail == {"state": "confirmed", "session": talk.pk, "is_present": True}


@pytest.mark.parametrize("number", [3, 200])
def test_note_attendance_costs_the_same_for_any_number(
    today, fill, note, now, number, django_assert_max_num_queries
):
    people = fill(today, number)
    note(today, tick(people[0], now))

    with django_assert_max_num_queries(9):
        note(
            today,
            *(tick(person, now + timedelta(seconds=1)) for person in people),
            at=now + timedelta(hours=1),
        )
    assert Attendance.objects.present().count() == number


# --- Walk-ins --------------------------------------------------------------------------------------------------


def test_add_walk_in_finds_a_member_by_address(today, member, walk_in, now):
    registration = walk_in(today, email="Practitioner@Force.example")

    assert (registration.member, registration.organisation) == (member, member.organisation)
    assert (registration.state, registration.is_walk_in, registration.guest_email) == ("confirmed", True, "")
    assert noted() == [(registration.pk, None, True, now)]


def test_add_walk_in_goes_beyond_the_capacity(make_event, member, walk_in, now, fill):
    event = make_event(starts_at=now, capacity=1)
    fill(event, 1)

    walk_in(event, email=member.email)

    assert event.registrations.confirmed().count() == 2
    assert event.registrations.filter(is_walk_in=True).count() == 1


@pytest.mark.parametrize(
    ("organisation", "known", "as_given"),
    [("example police", "Example Police", ""), ("A council", None, "A council"), ("", None, "")],
)
def test_add_walk_in_takes_a_guest(today, force, walk_in, organisation, known, as_given):
    registration = walk_in(today, email="Guest@Council.example", name="A Guest", organisation=organisation)

    assert registration.member is None
    assert (registration.name, registration.address) == ("A Guest", "guest@council.example")
    assert (registration.organisation.name if registration.organisation else None) == known
    assert registration.guest_organisation == as_given


def test_add_walk_in_twice_is_one(today, member, walk_in):
    assert walk_in(today, email=member.email) == walk_in(today, email=member.email)
    assert walk_in(today, "guest@x.example", "A Guest") == walk_in(today, "guest@x.example", "A Guest")
    assert today.registrations.count() == 2


def test_add_walk_in_of_two_guests_without_an_address_is_two(today, walk_in):
    assert walk_in(today, name="A Guest") != walk_in(today, name="A Guest")


def test_add_walk_in_of_somebody_registered_ticks_them(today, book, member, walk_in, now):
    registration = book(today, member)

    assert walk_in(today, email=member.email) == registration
    assert noted() == [(registration.pk, None, True, now)]
    registration.refresh_from_db()
    assert registration.is_walk_in is False


def test_add_walk_in_gives_somebody_who_waits_a_place(make_event, member, wait, fill, walk_in, now):
    event = make_event(starts_at=now, registration_closes_at=now + timedelta(hours=1), capacity=1)
    fill(event, 1)
    waiting = wait(event, member)
    assert waiting.state == "waiting"

    walk_in(event, email=member.email)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_walk_in, waiting.confirmed_at) == ("confirmed", True, now)


def test_add_walk_in_of_somebody_who_cancelled_is_a_new_registration(today, member, book, walk_in, now):
    cancelled = actions.cancel_registration(registration=book(today, member), actor=member, now=now)

    assert walk_in(today, email=member.email) != cancelled
    assert today.registrations.confirmed().count() == 1


def test_add_walk_in_at_a_session(today, talk, member, walk_in):
    registration = walk_in(today, email=member.email, session=talk.key)

    assert Attendance.objects.get().session == talk
    assert registration.session_places.count() == 0


def test_add_walk_in_is_in_the_history(today, member, walk_in, organiser):
    registration = walk_in(today, email=member.email)

    assert list(registration.steps.values_list("verb", "actor")) == [
        ("add_walk_in", organiser.pk),
        ("note_attendance", organiser.pk),
    ]


@pytest.mark.parametrize("changes", [{"cancelled_at": True}, {"starts_at": timedelta(days=2)}])
def test_add_walk_in_is_refused_off_the_day(make_event, member, walk_in, now, changes):
    event = make_event(starts_at=now + changes.get("starts_at", timedelta()))
    if "cancelled_at" in changes:
        EventPage.objects.update(cancelled_at=now)

    with pytest.raises(ActionError):
        walk_in(event, email=member.email)
    assert Registration.objects.count() == 0


def test_add_walk_in_does_not_find_those_who_left(today, member, walk_in):
    User.objects.filter(pk=member.pk).update(state="left", is_active=False)

    assert walk_in(today, email=member.email, name="A Guest").member is None


# --- Two doors at once -------------------------------------------------------------------------------------------


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Let each act in a thread and a transaction of its own; return what came of it."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(position: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[position] = act()
        except IntegrityError as error:
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def two_doors(site_tree, make_event, fill, organiser, now):
    """Four phones at once, each with six ticks or undos in an order of its own; the undos are the latest."""
    event = make_event(starts_at=now)
    people = fill(event, 6)
    first = [tick(person, now + timedelta(seconds=1)) for person in people]
    second = [tick(person, now + timedelta(seconds=2), is_present=False) for person in reversed(people)]

    def send(ticks: list[Tick]) -> Callable[[], Any]:
        at = now + timedelta(minutes=1)
        return lambda: actions.note_attendance(event=event, ticks=ticks, actor=organiser, now=at)

    return lambda: at_once([send(first), send(second), send(first), send(second)])


@pytest.fixture
def writing_takes_time(monkeypatch) -> None:
    """Between reading and writing everybody waits, so that without a lock all have read by then."""
    bulk_create = QuerySet.bulk_create

    def slowly(self, rows, *args, **kwargs):
        if self.model is Attendance:
            time.sleep(0.1)
        return bulk_create(self, rows, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "bulk_create", slowly)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_doors_at_once_agree(two_doors, writing_takes_time):
    assert two_doors() == [[], [], [], []]
    assert Attendance.objects.count() == 6
    assert Attendance.objects.present().count() == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_doors_at_once_disagree_without_the_lock(two_doors, writing_takes_time, monkeypatch):
    monkeypatch.setattr(
        attending,
        "_locked",
        lambda event, ticks: {
            registration.uuid: registration
            for registration in event.registrations.filter(uuid__in=[tick.registration for tick in ticks])
        },
    )

    assert sum(isinstance(result, IntegrityError) for result in two_doors()) == 3


# --- Guests, afterwards --------------------------------------------------------------------------------------


def test_erase_guests_forgets_them_90_days_after_the_event(
    today, make_event, walk_in, organiser, member, now, capsys
):
    """That somebody was there stays; members, and guests of other events, are not touched."""
    walk_in(today, "guest@agency.example", "Guest", "Example Agency")
    walk_in(today, member.email)
    later = make_event(starts_at=now + timedelta(minutes=1))
    walk_in(later, "another@agency.example", "Another guest", "Example Agency")
    at = today.ends_at + timedelta(days=90)
    assert actions.erase_guests(now=at - timedelta(seconds=1)) == 0
    with mock.patch("django.utils.timezone.now", return_value=at):
        call_command("erase_guests", dry_run=True)
        call_command("erase_guests")
        call_command("erase_guests")

    assert capsys.readouterr().out.splitlines() == [
        "1 guest to erase.",
        "1 guest erased.",
        "0 guests erased.",
    ]
    named = Registration.objects.order_by("pk").values_list("guest_name", "guest_email", "guest_organisation")
    assert list(named) == [
        ("", "", ""),
        ("", "", ""),
        ("Another guest", "another@agency.example", "Example Agency"),
    ]
    guest = Registration.objects.first()
    assert (guest.name, guest.address, guest.organisation_name) == ("Somebody who walked in", "", "")
    assert Attendance.objects.present().filter(registration=guest).count() == 1


def test_erase_guests_leaves_the_certificate(today, walk_in, now):
    walk_in(today, "guest@agency.example", "Guest")
    over = today.ends_at + timedelta(hours=1)
    assert actions.issue_certificates(now=over) == 1

    actions.erase_guests(now=today.ends_at + timedelta(days=90))

    assert Certificate.objects.get().name == "Guest"
