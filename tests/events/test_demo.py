"""The demo: real past events from published facts, some made up, and the same again when loaded again."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command

from events import actions, cpd, demo, timetable
from events.answers import overlapping
from events.models import (
    Attendance,
    EventPage,
    InvitationWave,
    RecordedFigures,
    Registration,
    SeriesPage,
    Speaker,
)
from events.programme_editing import speakers_in_two_places
from library import demo as library_demo
from library.models import FindingPage
from mailing import mailings
from mailing.models import OutgoingMail
from members import demo as members_demo
from members.models import User


@pytest.fixture
def loaded(index, now):
    members_demo.load(now)
    demo.load(now)


HELD = ["formulating-risk-together", "refresher-on-dynamic-factors"]


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
    past = EventPage.objects.live().past(now).exclude(slug__in=HELD).select_related("recorded_figures")

    assert [(event.title, event.when, event.co_host, event.recorded_figures.attended) for event in past] == [
        ("Workshop, January 2020", "January 2020", "", 69),
        ("Workshop, December 2019", "December 2019", "", 69),
        ("National conference, May 2019", "May 2019", "National Police Chiefs’ Council", 400),
        ("Workshop, June 2018", "June 2018", "", 168),
        ("National conference, November 2017", "November 2017", "National Police Chiefs’ Council", 400),
    ]


def test_events_that_were_held_say_that_they_are_made_up_and_have_no_recorded_figures(loaded, now):
    held = EventPage.objects.live().past(now).filter(slug__in=HELD)

    assert [
        (event.title, event.when, event.recorded_figures, event.registrations.count()) for event in held
    ] == [
        ("Formulating risk together", "Wednesday 16 December 2026, 10am to 3:30pm", None, 5),
        ("Refresher on dynamic factors", "Tuesday 9 December 2025, 2pm to 4pm", None, 2),
    ]
    assert all("made up for demonstration" in str(event.body) for event in held)


def test_practitioner_has_certificates_of_two_years(loaded):
    practitioner = User.objects.get(email="practitioner@force.example")

    assert [(year.year, year.total_shown) for year in cpd.record_of(practitioner)] == [
        (2026, "4 hours 30 minutes"),
        (2025, "2 hours"),
    ]
    present = Attendance.objects.present().values_list("registration", flat=True)
    assert len(set(present)) == 6


def test_materials_were_handed_out(loaded, now):
    workshop = EventPage.objects.get(slug="formulating-risk-together")
    practitioner = User.objects.get(email="practitioner@force.example")

    assert [item.title for item in workshop.materials.visible_to(practitioner, now)] == [
        "Handout: four questions",
        "Reading list",
    ]
    assert [item.title for item in workshop.materials.visible_to(AnonymousUser(), now)] == ["Reading list"]


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


def test_upcoming_events_say_that_they_are_made_up(loaded, now):
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
        *[
            (title, f"Tuesday {day} 2027, 10am to 12:30pm", "Online", 5, 5, 2)
            for title, day in (
                ("Plans that hold 1: from formulation to plan", "3 August"),
                ("Plans that hold 2: writing for two agencies", "17 August"),
                ("Plans that hold 3: when something changes", "31 August"),
            )
        ],
    ]
    assert all("made up for demonstration" in str(event.body) for event in upcoming)


def test_the_course_is_booked_and_waited_for_as_a_whole(loaded, now):
    course = SeriesPage.objects.get(slug="plans-that-hold")
    dates = course.dates_to_come(now)

    assert (course.is_booked_as_one, len(dates)) == (True, 3)
    assert "made up for demonstration" in course.summary
    in_order = [
        list(date.registrations.order_by("pk").values_list("member__email", "state")) for date in dates
    ]
    assert in_order[0] == in_order[1] == in_order[2]
    assert [state for _, state in in_order[0]] == ["confirmed"] * 5 + ["waiting"] * 2
    together = (
        Registration.objects.filter(event__in=dates).values_list("booked_together", "member").distinct()
    )
    assert len(set(together)) == 7
    practitioner = User.objects.get(email="practitioner@force.example")
    assert course.standing_of(practitioner, dates, now)["standing"] == "may wait"
    assert actions.settle_courses(now=now) == 0


def test_the_evaluation_leads_to_the_conference_that_begins_with_it(index, client, now):
    members_demo.load(now)
    library_demo.load(now)
    demo.load(now)
    finding = FindingPage.objects.get(kind="evaluation")
    assert '<a class="govuk-link" href="/events/managing-risk-together/">' in client.get(finding.url).text

    finding.occasions.clear()
    finding.save_revision().publish()
    demo.load(now)

    assert FindingPage.objects.get(pk=finding.pk).occasions.count() == 0  # an editor's choice


def test_the_conference_has_two_days_in_parallel_streams(loaded):
    event = EventPage.objects.get(slug="managing-risk-together")
    sessions = event.programme()

    days = timetable.lay_out(sessions, time_zone=event.time_zone, url_of=event.session_url)
    assert [(day.columns, len(day.rows)) for day in days] == [
        (["Assessment", "People", "Working together"], 7),
        (["Assessment", "People", "Working together"], 5),
    ]
    assert all(event.starts_at <= each.starts_at < each.ends_at <= event.ends_at for each in sessions)
    assert speakers_in_two_places(sessions) == []
    assert event.venue.name == "Demo Conference Centre"
    assert all("made up for demonstration" in each.biography for each in Speaker.objects.all())
    series = SeriesPage.objects.get(slug="practitioner-workshops")
    assert sorted(series.events.values_list("slug", flat=True)) == [
        "hostile-to-assessment",
        "rating-the-hardest-factors",
    ]


@pytest.mark.parametrize("month", range(1, 13))
def test_upcoming_events_are_upcoming_whatever_the_day(index, month):
    now = datetime(2027, month, 28, 23, 30, tzinfo=UTC)

    demo.load(now)

    assert EventPage.objects.live().upcoming(now).count() == 6
    for event in EventPage.objects.live().upcoming(now):
        assert not event.is_closed(now)


def test_only_the_practitioner_gets_a_letter(loaded):
    alone = OutgoingMail.objects.filter(mailing__isnull=True)
    assert list(alone.values_list("kind", "recipient")) == [
        ("events/mail/place_booked", "practitioner@force.example"),
        ("events/mail/certificate_issued", "practitioner@force.example"),
        ("events/mail/certificate_issued", "practitioner@force.example"),
    ]


def test_one_round_of_invitations_was_answered_one_is_on_its_way_and_one_is_half_done(loaded, now):
    answered, alone, under_way = InvitationWave.objects.order_by("pk").select_related("mailing")

    assert answered.invitations.count_by_standing() == {
        "accepted": 4,
        "declined": 4,
        "not this time": 4,
        "silent": 12,
    }
    assert set(answered.invitations.filter(answer="").values_list("reminders", flat=True)) == {1}
    progress = mailings.progress(under_way.mailing)
    assert (under_way.mailing.state, progress.sent, progress.failed) == ("paused", 17, 1)
    assert progress.queued > 40
    assert under_way.left_out["invited"] == 1
    [letter] = alone.mailing.letters.all()
    assert (alone.mailing.state, letter.state) == ("running", "queued")
    assert letter.recipient == "practitioner@force.example"


def test_letters_of_invitations_leave_after_they_were_written_and_before_now(loaded, now):
    done = OutgoingMail.objects.filter(mailing__isnull=False, finished_at__isnull=False)

    written = done.select_related("mailing").values_list("mailing__started_at", "created_at", "finished_at")
    assert [times for times in written if not times[0] <= times[1] <= times[2] <= now] == []
    assert len(written) > 30


def test_without_the_demo_members_the_events_are_there_all_the_same(index, now):
    User.objects.filter(email__endswith=".example").delete()

    demo.load(now)

    assert (EventPage.objects.count(), Registration.objects.count()) == (13, 0)


def test_upcoming_events_ask_questions_and_have_answers(loaded):
    conference = EventPage.objects.get(slug="managing-risk-together")
    clinic = EventPage.objects.get(slug="hostile-to-assessment")

    assert [(event.questions.count(), event.needs_approval) for event in (conference, clinic)] == [
        (4, False),
        (1, True),
    ]
    for event in (conference, clinic):  # and the editor's draft has them too
        assert event.get_latest_revision_as_object().questions.count() == event.questions.count()
    assert clinic.registrations.count_by_state() == {"confirmed": 6, "waiting": 2, "awaiting approval": 1}
    for registration in conference.registrations.all():
        chosen = [place.session for place in registration.session_places.select_related("session")]
        assert (len(chosen) >= 3, overlapping(chosen)) == (True, None)
        assert len(registration.answers) == 2
        assert list(registration.steps.values_list("verb", flat=True)) == ["book_place"]
    needs = [len(found.sensitive_answers.answers) for found in conference.registrations.order_by("pk")]
    assert needs == [1, 2, 1, 1]
