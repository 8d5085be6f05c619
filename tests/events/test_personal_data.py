"""What events hold about a member: handed over in full, and erased without harm to others."""

from datetime import timedelta

from events import actions
from events.answers import Answers
from events.models import (
    Certificate,
    Handover,
    Invitation,
    ManagerApproval,
    PersonalCalendar,
    Question,
    Registration,
    SensitiveAnswers,
)
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
            "week_reminded_at": None,
            "reminded_at": None,
            "answers": {},
            "sessions": [],
            "was_invited": False,
            "approved_at": None,
            "declined_because": "",
            "line_manager": None,
            "passed_to": [],
            "history": [{"at": now, "what": "book_place"}],
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


def test_collect_gives_attendance_and_certificates_also_of_a_guest(make_event, member, organiser, now):
    event = make_event(title="Mine", starts_at=now - timedelta(hours=4))
    registration = Registration.objects.create(
        event=event, member=member, state="confirmed", registered_at=now
    )
    actions.note_attendance(
        event=event,
        ticks=[actions.Tick(registration.uuid, None, is_present=True, at=now)],
        actor=organiser,
        now=now,
    )
    as_guest(make_event(title="As a guest", starts_at=now), member.email, organiser, now)
    as_guest(make_event(title="Somebody else", starts_at=now), "guest@council.example", organiser, now)
    actions.issue_certificates(now=now)

    held = personal_data.collect(member)

    assert [(each["event"], each["was_there"]) for each in held["attendance"]] == [
        ("Mine", True),
        ("As a guest", True),
    ]
    [certificate] = held["certificates"]
    assert (certificate["event"], certificate["name"], certificate["withdrawn_at"]) == (
        "Mine",
        "Pat Practitioner",
        None,
    )


def test_erase_takes_certificates_and_what_was_written_at_the_door(make_event, member, organiser, now):
    event = make_event(starts_at=now - timedelta(hours=4))
    own = actions.add_walk_in(
        event=event, email=member.email, name="", organisation="", session=None, actor=organiser, now=now
    )
    other = as_guest(event, "guest@council.example", organiser, now)
    earlier = Registration.objects.create(
        event=event,
        state="confirmed",
        registered_at=now,
        guest_name="Pat as a guest",
        guest_email=member.email,
        guest_organisation="A council",
    )
    actions.issue_certificates(now=now)

    personal_data.erase(member, now)

    assert [certificate.registration for certificate in Certificate.objects.all()] == [other]
    earlier.refresh_from_db()
    assert (earlier.guest_name, earlier.guest_email, earlier.guest_organisation) == ("", "", "")
    other.refresh_from_db()
    assert (other.guest_name, other.guest_email) == ("A Guest", "guest@council.example")
    assert own.attendances.present().count() == 1  # that somebody was there stays


def as_guest(event, email, organiser, now) -> Registration:
    """A registration made at the door before there was an account."""
    guest = Registration.objects.create(
        event=event, state="confirmed", registered_at=now, guest_name="A Guest", guest_email=email
    )
    ticks = [actions.Tick(guest.uuid, None, is_present=True, at=now)]
    assert actions.note_attendance(event=event, ticks=ticks, actor=organiser, now=now) == []
    return guest


def test_collect_and_erase_what_was_answered_approved_and_passed_on(make_event, member, other_member, now):
    event = make_event(needs_manager=True)
    plain = Question.objects.create(event=event, label="Role")
    sensitive = Question.objects.create(event=event, label="Diet", is_sensitive=True)
    registration = actions.book_place(
        event=event,
        member=member,
        actor=member,
        now=now,
        answers=Answers(
            plain={str(plain.key): "Analyst", "a question that is gone": "still theirs"},
            sensitive={str(sensitive.key): "No nuts"},
            manager_email="manager@force.example",
        ),
    )
    Handover.objects.create(
        registration=registration, colleague_email=other_member.email, colleague=other_member, offered_at=now
    )
    Invitation.objects.create(event=event, email=member.email, invited_at=now)

    [held] = personal_data.collect(member)["registrations"]
    assert held["answers"] == {
        "Role": "Analyst",
        "a question that is gone": "still theirs",
        "Diet": "No nuts",
    }
    assert (held["line_manager"], held["passed_to"]) == ("manager@force.example", ["colleague@force.example"])

    personal_data.erase(member, now)

    registration.refresh_from_db()
    assert (registration.member, registration.answers) == (None, {})
    assert [model.objects.count() for model in (SensitiveAnswers, ManagerApproval, Handover, Invitation)] == [
        0,
        0,
        0,
        0,
    ]
    assert set(registration.steps.values_list("actor", flat=True)) == {None}


def test_a_colleague_who_leaves_is_not_offered_a_place_any_more(event, member, other_member, book, now):
    registration = book(event, member)
    actions.hand_over(registration=registration, colleague_email=other_member.email, actor=member, now=now)

    personal_data.erase(other_member, now)

    assert Handover.objects.count() == 0
