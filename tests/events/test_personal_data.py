"""What events hold about a member: handed over in full, and erased without harm to others."""

from datetime import timedelta

from events import actions
from events.models import PersonalCalendar, Registration
from mailing.models import OutgoingMail
from members import personal_data

DAY = timedelta(days=1)


def test_collect_gives_every_registration_and_no_secret(make_event, member, other_member, book, now):
    book(make_event(title="Mine"), member)
    book(make_event(title="Not mine"), other_member)
    calendar = actions.renew_calendar(member=member, now=now)

    held = personal_data.collect(member)

    assert held["registrations"] == [
        {
            "event": "Mine",
            "when": "Thursday 25 March 2027, 9:30am to 12:30pm",
            "where": "In person, Midlands",
            "organisation": "Example Police",
            "state": "Registered",
            "registered_at": now,
            "confirmed_at": now,
            "number_in_line": None,
            "offered_until": None,
            "cancelled_at": None,
            "reminded_at": None,
        }
    ]
    assert held["calendar"] == [{"made_at": now}]
    assert calendar.key.hex not in str(held)


def test_erase_gives_up_places_ahead_and_takes_the_name_off_the_rest(
    make_event, member, other_member, book, wait, fill, now
):
    ahead = make_event(capacity=1)
    book(ahead, member)
    wait(ahead, other_member)
    past = make_event(starts_at=now - 10 * DAY)
    [attended] = fill(past, 1)
    Registration.objects.filter(pk=attended.pk).update(member=member)
    OutgoingMail.objects.all().delete()

    personal_data.erase(member, now)

    assert list(ahead.registrations.order_by("pk").values_list("member", "state")) == [
        (None, "cancelled"),
        (other_member.pk, "offered"),
    ]
    attended.refresh_from_db()
    assert (attended.member, attended.state) == (None, "confirmed")
    assert attended.organisation.name == "Example Police"
    assert list(OutgoingMail.objects.values_list("kind", "recipient")) == [
        ("events/mail/place_offered", "colleague@force.example")
    ]


def test_erase_of_a_registration_for_a_cancelled_event(make_event, member, organiser, book, now):
    event = make_event()
    book(event, member)
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    personal_data.erase(member, now)

    assert event.registrations.get().member is None


def test_erase_ends_the_calendar(member, now):
    actions.renew_calendar(member=member, now=now)

    personal_data.erase(member, now)

    assert PersonalCalendar.objects.count() == 0


def test_nothing_is_held_about_somebody_new(member):
    held = personal_data.collect(member)

    assert (held["registrations"], held["calendar"]) == ([], [])
