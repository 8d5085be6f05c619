"""An organiser takes last year's conference, gives it other days, and publishes it with a programme."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Page, expect

from events.models import ConferencePage, EventIndexPage, Session, SessionSpeaker, Speaker
from pages.dates import LONDON, day_date
from tests.journeys.browsing import DESK, PHONE, faults

pytestmark = pytest.mark.journey

ORGANISER = "organiser@portal.example"


@pytest.fixture
def last_year(portal) -> ConferencePage:
    """A conference of last November, half past nine by winter time, with two parallel streams."""
    day = timezone.localdate().replace(month=11, day=18) - timedelta(days=366)
    starts_at = datetime.combine(day, time(9, 30), tzinfo=LONDON)
    page = EventIndexPage.objects.get().add_child(
        instance=ConferencePage(
            title="Conference of last year",
            slug="conference-of-last-year",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=6),
            place="Midlands",
        )
    )
    for position, (title, stream) in enumerate(
        [("Welcome", ""), ("Rating", "Assessment"), ("Visiting", "People")]
    ):
        session = Session.objects.create(
            event=page,
            title=title,
            stream=stream,
            starts_at=starts_at + timedelta(hours=1 if stream else 0),
            ends_at=starts_at + timedelta(hours=2 if stream else 1),
            sort_order=position,
        )
        speaker, _ = Speaker.objects.get_or_create(name=f"Speaker on {title.lower()}")
        SessionSpeaker.objects.create(session=session, speaker=speaker)
    return ConferencePage.objects.get(pk=page.pk)


def type_moment(admin: Page, field: str, moment: str) -> None:
    """Type over the picker that opens a moment later, and close it: it lies over what comes next."""
    admin.locator(field).fill(moment)
    picker = admin.locator(".xdsoft_datetimepicker:visible")
    picker.wait_for()
    admin.locator(field).press("Tab")
    picker.wait_for(state="hidden")


def add_session(admin: Page, number: int, title: str, begin: str, end: str, speaker: str) -> None:
    """Fill in one more session, its speaker taken from the chooser."""
    admin.get_by_role("button", name="Add session").click()
    field = f"#id_sessions-{number}-"
    admin.locator(f"{field}title").fill(title)
    type_moment(admin, f"{field}starts_at", begin)
    type_moment(admin, f"{field}ends_at", end)
    admin.locator(f"{field}session_speakers-OPEN_MODAL").click()
    # Wagtail gives the boxes titles, no labels.
    admin.get_by_title(f"Select {speaker}").check()
    admin.locator("input[value='Confirm selection'], button:has-text('Confirm selection')").click()
    expect(admin.locator(f"{field}session_speakers-0-speaker-chooser")).to_contain_text(speaker)


def publish(admin: Page) -> None:
    admin.get_by_role("button", name="More actions").click()
    admin.get_by_role("button", name="Publish").click()


def test_organiser_copies_last_years_conference_and_publishes_it(visit, visit_as, last_year) -> None:
    admin = visit_as(ORGANISER)
    first_day = timezone.localdate().replace(month=7, day=6) + timedelta(days=365)

    admin.goto(f"/admin/pages/{last_year.pk}/copy/")
    admin.get_by_label("New title").fill("Conference of next year")
    admin.get_by_label("New slug").fill("conference-of-next-year")
    type_moment(admin, "#id_first_day", first_day.isoformat())
    admin.get_by_role("button", name="Copy this page").click()
    expect(admin.get_by_text("is a draft now")).to_contain_text(day_date(first_day))
    expect(admin.locator("#id_starts_at")).to_have_value(f"{first_day} 09:30")
    expect(admin.locator("#id_sessions-1-starts_at")).to_have_value(f"{first_day} 10:30")

    add_session(admin, 3, "Closing", f"{first_day} 15:00", f"{first_day} 16:00", "Speaker on rating")
    publish(admin)
    expect(admin.get_by_text("The event ends on")).to_contain_text("Give an earlier time")
    type_moment(admin, "#id_sessions-3-ends_at", f"{first_day} 15:30")
    publish(admin)
    admin.wait_for_url(f"**/admin/pages/{last_year.get_parent().pk}/")

    copied = ConferencePage.objects.get(slug="conference-of-next-year")
    assert copied.live
    assert [
        (
            session.title,
            session.starts_at.astimezone(LONDON).strftime("%H:%M"),
            [str(each) for each in session.speakers],
        )
        for session in copied.programme()
    ] == [
        ("Welcome", "09:30", ["Speaker on welcome"]),
        ("Rating", "10:30", ["Speaker on rating"]),
        ("Visiting", "10:30", ["Speaker on visiting"]),
        ("Closing", "15:00", ["Speaker on rating"]),
    ]
    assert last_year.sessions.count() == 3

    for width in (DESK, PHONE):
        page = visit(width)
        page.goto("/events/conference-of-next-year/")
        page.get_by_role("link", name="Whole programme").click()
        expect(page.get_by_role("columnheader")).to_have_text(["Time", "Assessment", "People"])
        assert list(faults(page)) == []
        page.get_by_role("link", name="Rating").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Rating")
        assert list(faults(page)) == []
        with page.expect_download() as download:
            page.get_by_role("link", name="Add to calendar").click()
        [entry] = Calendar.from_ical(download.value.path().read_bytes()).events
        assert (str(entry["SUMMARY"]), entry.decoded("DTSTART").date()) == ("Rating", first_day)
