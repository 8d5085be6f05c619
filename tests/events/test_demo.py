"""The demo: real past events from published facts, three made up, and the same again when loaded again."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from events import demo
from events.models import EventPage, RecordedFigures, Registration
from mailing.models import OutgoingMail
from members import demo as members_demo
from members.models import User


@pytest.fixture
def loaded(index, now):
    members_demo.load(now)
    demo.load(now)


def dump() -> str:
    out = StringIO()
    call_command("dumpdata", "events", "wagtailcore.page", "wagtailcore.revision", "mailing", stdout=out)
    return out.getvalue()


def test_loading_again_changes_nothing(loaded, now):
    before = dump()

    demo.load(now + timedelta(days=3))

    assert dump() == before


def test_loading_again_leaves_alone_what_people_did(loaded, now):
    event = EventPage.objects.get(slug="managing-risk-together")
    EventPage.objects.filter(pk=event.pk).update(capacity=12)
    event.registrations.all().delete()

    demo.load(now)

    event.refresh_from_db()
    assert (event.capacity, event.registrations.count()) == (12, 0)


def test_past_events_are_the_published_ones(loaded, now):
    past = EventPage.objects.live().past(now).select_related("recorded_figures")

    assert [(event.title, event.when, event.co_host, event.recorded_figures.attended) for event in past] == [
        ("Workshop, January 2020", "January 2020", "", 69),
        ("Workshop, December 2019", "December 2019", "", 69),
        ("National conference, May 2019", "May 2019", "National Police Chiefs’ Council", 400),
        ("Workshop, June 2018", "June 2018", "", 168),
        ("National conference, November 2017", "November 2017", "National Police Chiefs’ Council", 400),
    ]


def test_no_figure_is_given_to_one_event_that_was_counted_for_several(loaded):
    counted = {
        figures.name: (
            figures.attended,
            figures.organisations,
            figures.feedback_answers,
            figures.feedback_asked,
            figures.number_of_events,
            figures.events.count(),
        )
        for figures in RecordedFigures.objects.all()
    }

    assert counted == {
        "Conferences, November 2017 and May 2019": (400, None, 41, 400, 2, 2),
        "Workshops, December 2019 and January 2020": (69, 21, 60, 69, 2, 2),
        "Workshop, June 2018": (168, None, None, None, 1, 1),
    }
    derived = RecordedFigures.objects.get(name="Workshop, June 2018")
    assert derived.source.endswith("(237 at all three workshops, less 69 at the other two)")


def test_upcoming_events_are_of_three_kinds_and_say_that_they_are_made_up(loaded, now):
    upcoming = EventPage.objects.live().upcoming(now).with_places()

    assert [
        (event.title, event.when, event.where, event.capacity, event.places_taken, event.number_waiting)
        for event in upcoming
    ] == [
        (
            "Rating the factors that are hardest to rate",
            "Thursday 4 February 2027, 1pm to 4:30pm",
            "Online",
            60,
            6,
            0,
        ),
        (
            "Working with people who are hostile to assessment",
            "Wednesday 17 March 2027, 10am to 4pm",
            "In person, East of England",
            6,
            6,
            2,
        ),
        (
            "Managing risk together: national conference",
            "Tuesday 13 and Wednesday 14 July 2027",
            "In person, Midlands",
            400,
            4,
            0,
        ),
    ]
    assert all("made up for demonstration" in str(event.body) for event in upcoming)


@pytest.mark.parametrize("month", range(1, 13))
def test_upcoming_events_are_upcoming_whatever_the_day(index, month):
    now = datetime(2027, month, 28, 23, 30, tzinfo=UTC)

    demo.load(now)

    assert EventPage.objects.live().upcoming(now).count() == 3
    for event in EventPage.objects.live().upcoming(now):
        assert not event.is_closed(now)


def test_only_the_practitioner_gets_a_letter(loaded):
    assert list(OutgoingMail.objects.values_list("kind", "recipient")) == [
        ("events/mail/place_booked", "practitioner@force.example")
    ]


def test_without_the_demo_members_the_events_are_there_all_the_same(index, now):
    User.objects.filter(email__endswith=".example").delete()

    demo.load(now)

    assert (EventPage.objects.count(), Registration.objects.count()) == (8, 0)
