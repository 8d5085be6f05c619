"""When people are reminded: by the clock at the event, across summer time, each reminder once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from events import actions, reminders
from events.models import EventPage, Registration, Venue
from mailing.actions import stop_letters
from mailing.composition import composed
from mailing.models import OutgoingMail

LONDON, NEW_YORK, SYDNEY = (
    ZoneInfo(name) for name in ("Europe/London", "America/New_York", "Australia/Sydney")
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# --- The day before, by the clock ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_at", "zone", "due_at"),
    [
        # Winter and summer.
        (utc(2027, 1, 15, 13), LONDON, utc(2027, 1, 14, 9)),
        (utc(2027, 7, 15, 12), LONDON, utc(2027, 7, 14, 8)),
        # Clocks go forward on Sunday 28 March 2027, back on Sunday 31 October.
        (utc(2027, 3, 28, 8), LONDON, utc(2027, 3, 27, 9)),
        (utc(2027, 3, 29, 8), LONDON, utc(2027, 3, 28, 8)),
        (utc(2027, 10, 31, 9), LONDON, utc(2027, 10, 30, 8)),
        (utc(2027, 11, 1, 9), LONDON, utc(2027, 10, 31, 9)),
        # Where the event is, not where the portal is.
        (utc(2027, 1, 15, 13), NEW_YORK, utc(2027, 1, 14, 14)),
        (utc(2027, 1, 14, 23), SYDNEY, utc(2027, 1, 13, 22)),
        # An event just after midnight.
        (utc(2027, 1, 15, 0), LONDON, utc(2027, 1, 14, 9)),
    ],
)
def test_day_before_is_nine_in_the_morning_there(starts_at, zone, due_at):
    assert reminders.day_before(starts_at, zone) == due_at


@pytest.mark.parametrize(
    ("starts_at", "hours_before", "due_at"),
    [
        (utc(2027, 1, 15, 9), 24, utc(2027, 1, 14, 9)),  # shows just then
        (utc(2027, 1, 15, 13), 24, utc(2027, 1, 14, 13)),  # waited for
        (utc(2027, 1, 15, 18), 24, utc(2027, 1, 14, 18)),  # the latest that is waited for
        (utc(2027, 1, 15, 18, 1), 24, utc(2027, 1, 14, 9)),  # too late in the evening
        (utc(2027, 1, 15, 13), 48, utc(2027, 1, 14, 9)),  # showed before
        (utc(2027, 1, 15, 13), 1, utc(2027, 1, 14, 9)),  # shows on the day itself
        (utc(2027, 3, 28, 12), 24, utc(2027, 3, 27, 12)),  # 1pm that day, 12 noon the day before
    ],
)
def test_day_before_waits_for_a_link_that_shows_that_day(starts_at, hours_before, due_at):
    link_shows_at = starts_at - hours_before * HOUR

    assert reminders.day_before(starts_at, LONDON, link_shows_at=link_shows_at) == due_at


# --- A week before ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_at", "zone", "first", "last"),
    [
        (utc(2027, 1, 15, 13), LONDON, utc(2027, 1, 8, 9), utc(2027, 1, 10, 9)),
        # Seven days that are 167 and 169 hours long.
        (utc(2027, 4, 1, 8), LONDON, utc(2027, 3, 25, 9), utc(2027, 3, 27, 9)),
        (utc(2027, 11, 4, 9), LONDON, utc(2027, 10, 28, 8), utc(2027, 10, 30, 8)),
        (utc(2027, 1, 14, 23), SYDNEY, utc(2027, 1, 7, 22), utc(2027, 1, 9, 22)),
    ],
)
def test_a_week_before_begins_at_nine_there_and_lasts_two_days(starts_at, zone, first, last):
    def is_due(now):
        return reminders.is_week_before(starts_at, zone, now=now, since=LONG_AGO)

    second = timedelta(seconds=1)
    assert [is_due(first - second), is_due(first), is_due(last - second), is_due(last)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("starts_at", "since", "is_due"),
    [
        (utc(2027, 1, 15, 13), utc(2027, 1, 6, 13), True),  # nine days to the minute
        (utc(2027, 1, 15, 13), utc(2027, 1, 6, 13, 1), False),
        (utc(2027, 4, 1, 8), utc(2027, 3, 23, 9), True),  # nine days by the clock, an hour shorter
        (utc(2027, 4, 1, 8), utc(2027, 3, 23, 9, 1), False),
    ],
)
def test_a_week_before_leaves_out_who_came_less_than_nine_days_before(starts_at, since, is_due):
    nine = datetime.combine(starts_at.astimezone(LONDON).date() - 7 * DAY, reminders.MORNING, tzinfo=LONDON)

    assert reminders.is_week_before(starts_at, LONDON, now=nine, since=since) is is_due


# --- Sent ------------------------------------------------------------------------------------------------------


@pytest.fixture
def in_a_week(make_event, now) -> EventPage:
    """At 1pm on Thursday 21 January; now it is half past nine a week before."""
    return make_event(title="Rating together", starts_at=now + 7 * DAY + 3.5 * HOUR)


def reminded() -> list[tuple[str, str]]:
    """Which reminders, to whom."""
    rows = OutgoingMail.objects.filter(kind__endswith="_reminder").order_by("pk")
    return [(row.kind.removeprefix("events/mail/"), row.recipient.split("@")[0]) for row in rows]


def test_send_reminders_twice_each_once(in_a_week, member, book, now):
    registration = book(in_a_week, member, now - 30 * DAY)
    hours = [now + hour * HOUR for hour in range(-2, 24 * 7)]

    sent = [hour for hour in hours if actions.send_reminders(now=hour)]

    registration.refresh_from_db()
    assert sent == [now, now + 6 * DAY]  # at half past nine, the first hour after nine
    assert (registration.week_reminded_at, registration.reminded_at) == (now, now + 6 * DAY)
    assert reminded() == [("week_reminder", "practitioner"), ("event_reminder", "practitioner")]


def test_send_reminders_across_the_beginning_of_summer_time(make_event, member, book):
    """Thursday 1 April 2027, 10am in London: summer time begins on the Sunday before."""
    event = make_event(starts_at=utc(2027, 4, 1, 9))
    book(event, member, utc(2027, 3, 1, 9))
    first, last = utc(2027, 3, 24, 0, 10), utc(2027, 4, 1, 9)
    hours = [first + hour * HOUR for hour in range(int((last - first) / HOUR) + 1)]

    sent = [hour for hour in hours if actions.send_reminders(now=hour)]

    assert sent == [utc(2027, 3, 25, 9, 10), utc(2027, 3, 31, 8, 10)]


@pytest.mark.parametrize(
    ("confirmed", "since", "sent"),
    [
        (True, timedelta(days=9), 1),
        (True, timedelta(days=8, hours=23), 0),
        # Waited for months, and got the letter that says it all a moment ago.
        (True, timedelta(days=7, hours=1), 0),
        (False, timedelta(days=30), 0),
    ],
)
def test_send_reminders_a_week_before_to_those_with_a_place_for_long(
    in_a_week, member, now, confirmed, since, sent
):
    Registration.objects.create(
        event=in_a_week,
        member=member,
        state="confirmed" if confirmed else "waiting",
        waiting_number=None if confirmed else 1,
        registered_at=now - 90 * DAY,
        confirmed_at=in_a_week.starts_at - since if confirmed else None,
    )

    assert actions.send_reminders(now=now) == sent


@pytest.mark.parametrize(
    ("fields", "member_fields"),
    [
        ({"cancelled_at": utc(2027, 1, 2), "cancellation_reason": "Ill."}, {}),
        ({"live": False}, {}),
        ({"date_precision": "month"}, {}),
        ({}, {"is_active": False}),
        ({"starts_at": utc(2027, 1, 22, 13), "ends_at": utc(2027, 1, 22, 16)}, {}),
    ],
)
def test_send_reminders_a_week_before_to_nobody_who_should_have_none(
    in_a_week, fill, now, fields, member_fields
):
    [registration] = fill(in_a_week, 1)
    EventPage.objects.filter(pk=in_a_week.pk).update(**fields)
    for name, value in member_fields.items():
        setattr(registration.member, name, value)
    registration.member.save()

    assert actions.send_reminders(now=now) == 0


def test_send_reminders_to_nobody_who_stopped_them(in_a_week, fill, now):
    stopped, wants = fill(in_a_week, 2)
    stop_letters(address=stopped.member.email, category="event_reminders", now=now)

    assert actions.send_reminders(now=now) == 1
    assert reminded() == [("week_reminder", wants.member.email.split("@")[0])]


def test_send_reminders_again_once_the_event_has_moved(in_a_week, member, book, now):
    book(in_a_week, member, now - 30 * DAY)
    actions.send_reminders(now=now)
    in_a_week.starts_at += 14 * DAY
    in_a_week.ends_at += 14 * DAY
    in_a_week.save()
    actions.announce_changes(event=in_a_week, now=now + HOUR)

    assert [actions.send_reminders(now=now + 2 * HOUR), actions.send_reminders(now=now + 14 * DAY)] == [0, 1]
    assert reminded() == [("week_reminder", "practitioner")] * 2


def test_send_reminders_not_twice_for_another_place_on_the_same_day(in_a_week, member, book, now):
    book(in_a_week, member, now - 30 * DAY)
    actions.send_reminders(now=now)
    in_a_week.place = "East of England"
    in_a_week.save()
    actions.announce_changes(event=in_a_week, now=now + HOUR)

    actions.send_reminders(now=now + 2 * HOUR)

    assert reminded() == [("week_reminder", "practitioner")]


def test_send_reminders_dry_run_counts_both(in_a_week, make_event, fill, now, capsys, monkeypatch):
    fill(in_a_week, 2)
    fill(make_event(starts_at=now + DAY + HOUR), 1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    call_command("send_reminders", "--dry-run")

    assert capsys.readouterr().out == "3 reminders are due.\n"
    assert reminded() == []


@pytest.mark.parametrize("number", [1, 3, 200])
def test_finding_whom_to_remind_costs_two_queries(
    in_a_week, make_event, fill, now, number, django_assert_num_queries
):
    venue = Venue.objects.create(name="Training centre", address="1 High Street")
    EventPage.objects.update(venue=venue)
    fill(in_a_week, number)
    fill(make_event(starts_at=now + DAY + HOUR, venue=venue), number)

    with django_assert_num_queries(2):
        due = actions.registrations_to_remind(now)
        words = {(each.member.email, each.event.where_in_full) for each in due}

    assert len(words) == 2 * number


# --- What they say ---------------------------------------------------------------------------------------------


def body(kind: str) -> str:
    return composed(OutgoingMail.objects.get(kind=f"events/mail/{kind}")).text.split("\n\n-- \n")[0]


@pytest.fixture
def venue() -> Venue:
    return Venue.objects.create(
        name="Training centre",
        address="1 High Street\nMidtown",
        map_url="https://maps.example/1",
        travel="Ten minutes from the station.",
        access_information="Step-free.",
    )


def test_week_reminder_says_when_where_and_how_to_get_there(make_event, venue, member, book, now):
    event = make_event(title="Rating together", starts_at=now + 7 * DAY + 3.5 * HOUR, venue=venue)
    registration = book(event, member, now - 30 * DAY)

    actions.send_reminders(now=now)

    letter = OutgoingMail.objects.get(kind="events/mail/week_reminder")
    assert composed(letter).subject == "Coming up on Thursday 21 January 2027: Rating together"
    assert body("week_reminder").partition("\n\nCancel without signing in:\n")[0] == (
        "You are registered for “Rating together”.\n\n"
        "When: Thursday 21 January 2027, 1pm to 4pm\n"
        "Where: In person, Training centre, Midlands\n\n"
        "How to get there:\n\n"
        "Training centre\n1 High Street\nMidtown\nhttps://maps.example/1\nTen minutes from the station.\n"
        "Access: Step-free.\n\n"
        "See or cancel your registration:\n"
        f"https://portal.example/events/registrations/{registration.uuid}/\n\n"
        "If you cannot come, cancel now, so that somebody else can still plan to come."
    )


@pytest.mark.parametrize(
    ("where", "hours", "has_link", "note", "has_way"),
    [
        ("in person", 24, False, "", True),
        ("online", 24, True, "", False),
        ("hybrid", 24, True, "", True),
        (
            "hybrid",
            2,
            False,
            "The link to join online shows on the page of your registration from Friday 15 January 2027, 11am.",
            True,
        ),
    ],
)
def test_event_reminder_says_how_to_come(
    make_event, venue, member, book, now, where, hours, has_link, note, has_way
):
    event = make_event(
        starts_at=now + DAY + 3.5 * HOUR,
        format=where,
        venue=venue,
        joining_url="" if where == "in person" else "https://meet.example/room",
        hours_joining_link_shows=hours,
    )
    book(event, member, now - 30 * DAY)

    assert sum(actions.send_reminders(now=now + hour * HOUR) for hour in range(5)) == 1
    words = body("event_reminder")
    assert ("Join online:\nhttps://meet.example/room" in words) is has_link
    assert "https://meet.example" not in words or has_link
    assert ("How to get there:\n\nTraining centre\n1 High Street" in words) is has_way
    assert ("The link to join online shows" in words) is bool(note)
    assert note in words
