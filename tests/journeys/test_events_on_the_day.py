"""The day: two phones at two doors, one without a connection for a while; and the certificate afterwards."""

import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from events.models import Attendance, Certificate, EventPage, Material, Registration, TeamMember
from members.models import User
from tests.journeys.browsing import DESK, PHONE, faults
from tests.journeys.conftest import link_in

pytestmark = pytest.mark.journey


@pytest.fixture
def today(make_workshop) -> EventPage:
    """A workshop that began a moment ago."""
    workshop = make_workshop()
    starts_at = timezone.now() - timedelta(minutes=30)
    EventPage.objects.filter(pk=workshop.pk).update(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), registration_closes_at=None
    )
    workshop.refresh_from_db()
    return workshop


@pytest.fixture
def people(today, make_member) -> list[Registration]:
    """Three with a place."""
    registrations = []
    for number in ("One", "Two", "Three"):
        member = make_member()
        User.objects.filter(pk=member.pk).update(first_name="Participant", last_name=number)
        registrations.append(
            Registration.objects.create(
                event=today, member=member, state="confirmed", registered_at=today.starts_at
            )
        )
    return registrations


@pytest.fixture
def helper(today, make_member) -> User:
    """A member who checks people in at this event."""
    member = make_member()
    TeamMember.objects.create(event=today, member=member, role="check in", added_at=timezone.now())
    return member


def row(page: Page, name: str):
    return page.locator(".pp-checkin__person", has_text=name)


def tick(page: Page, name: str, verb: str = "Check in") -> None:
    row(page, name).get_by_role("button", name=f"{verb} {name}").click()


def here(today: EventPage) -> list[str]:
    present = Attendance.objects.present().filter(registration__event=today)
    return sorted(present.values_list("registration__member__last_name", flat=True))


def open_list(page: Page, today: EventPage) -> None:
    page.goto(reverse("events:check_in", args=[today.uuid]))


def test_two_phones_agree_also_after_one_was_offline(visit, sign_in, today, people, helper) -> None:
    first, second = visit(PHONE), visit(PHONE)
    for page in (first, second):
        sign_in(page, helper.email)
        open_list(page, today)
    expect(first.locator("#unsent")).to_have_text("Everything is sent.")
    assert list(faults(first)) == []

    # The first loses its connection, and goes on.
    first.context.set_offline(True)
    tick(first, "Participant One")
    tick(first, "Participant Two")
    expect(row(first, "Participant One").get_by_text("Here", exact=True)).to_be_visible()
    expect(row(first, "Participant Three").get_by_text("Here", exact=True)).to_be_hidden()
    expect(first.locator("#here")).to_have_text("2")
    expect(first.locator("#unsent")).to_contain_text("2 ticks are not sent yet")
    assert list(faults(first)) == []
    assert here(today) == []

    # The second ticks one, takes it back, and ticks another.
    tick(second, "Participant Two")
    expect(second.locator("#unsent")).to_have_text("Everything is sent.")
    tick(second, "Participant Two", "Undo")
    tick(second, "Participant Three")
    expect(second.locator("#here")).to_have_text("1")
    expect(second.locator("#unsent")).to_have_text("Everything is sent.")
    assert here(today) == ["Three"]

    # Back again, the first sends what it kept: the undo was made after its tick, so it stands.
    first.context.set_offline(False)
    first.evaluate("dispatchEvent(new Event('online'))")
    expect(first.locator("#unsent")).to_have_text("Everything is sent.")
    expect(first.locator("#here")).to_have_text("2")
    assert here(today) == ["One", "Three"]
    expect(row(first, "Participant Two").get_by_role("button")).to_have_text("Check in Participant Two")

    # The second looks again by itself; here it is told to.
    second.evaluate("dispatchEvent(new Event('online'))")
    expect(second.locator("#here")).to_have_text("2")


def test_ticks_survive_that_the_page_is_loaded_again(visit, sign_in, today, people, helper) -> None:
    page = visit(PHONE)
    sign_in(page, helper.email)
    open_list(page, today)
    expect(page.locator("#unsent")).to_have_text("Everything is sent.")
    # Pages come through, ticks do not: the worst of both for whatever is only in the page.
    page.route("**/note-attendance/", lambda route: route.abort())
    tick(page, "Participant One")
    expect(page.locator("#unsent")).to_contain_text("1 tick is not sent yet")

    page.reload()
    expect(page.locator("#unsent")).to_contain_text("1 tick is not sent yet")
    expect(page.locator("#here")).to_have_text("1")
    assert here(today) == []

    page.unroute("**/note-attendance/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#unsent")).to_have_text("Everything is sent.")
    assert here(today) == ["One"]


def test_phone_with_a_wrong_clock_notes_the_right_time(visit, sign_in, today, people, helper) -> None:
    page = visit(PHONE)
    sign_in(page, helper.email)
    page.clock.install(time=timezone.now() - timedelta(days=3))
    open_list(page, today)
    before = timezone.now()
    tick(page, "Participant One")
    expect(page.locator("#unsent")).to_have_text("Everything is sent.")

    noted_at = Attendance.objects.get(registration=people[0]).noted_at
    assert abs(noted_at - before) < timedelta(seconds=20)


def test_list_is_searched_while_typing_and_names_come_through_as_text(
    visit, sign_in, today, people, helper
) -> None:
    User.objects.filter(pk=people[0].member_id).update(first_name="<img src=x onerror=alert(1)>")
    page = visit(PHONE)
    sign_in(page, helper.email)
    open_list(page, today)

    page.get_by_label("Name or organisation").fill("three")

    expect(page.locator(".pp-checkin__person:visible")).to_have_count(1)
    page.get_by_label("Name or organisation").fill("nobody")
    expect(page.get_by_text("Nobody on this list is called that.")).to_be_visible()
    page.get_by_label("Name or organisation").fill("onerror")
    expect(page.locator(".pp-checkin__person:visible")).to_have_count(1)


def test_door_works_without_scripts(visit, sign_in, today, people, helper) -> None:
    page = visit(PHONE, javascript=False)
    sign_in(page, helper.email)
    open_list(page, today)

    tick(page, "Participant One")
    expect(row(page, "Participant One").get_by_text("Here", exact=True)).to_be_visible()
    expect(row(page, "Participant Two").get_by_text("Here", exact=True)).to_be_hidden()
    tick(page, "Participant Two")
    tick(page, "Participant One", "Undo")
    assert here(today) == ["Two"]

    page.get_by_label("Name or organisation").fill("three")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".pp-checkin__person")).to_have_count(1)

    page.get_by_role("link", name="Add somebody who is not on the list").click()
    page.get_by_label("Name").fill("A Guest")
    page.get_by_role("button", name="Add and check in").click()
    expect(row(page, "A Guest").get_by_text("Walk-in")).to_be_visible()


def test_code_is_scanned_and_the_certificate_is_downloaded_and_checked(
    visit, sign_in, today, people, helper, letters_to
) -> None:
    participant, door = people[0].member, visit(PHONE)
    page = visit(DESK)
    sign_in(page, participant.email)
    page.goto(reverse("events:registration", args=[people[0].uuid]))
    expect(page.get_by_role("img", name="Your code for the door")).to_be_visible()
    assert list(faults(page)) == []
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert list(faults(page)) == []

    # What the code says, as the helper's camera opens it: signing in first.
    sign_in(door, helper.email)
    door.goto(reverse("events:check_in_person", args=[today.uuid, people[0].uuid]))
    assert list(faults(door)) == []
    door.get_by_role("button", name="Check in").click()
    expect(door.get_by_text("Participant One is checked in.")).to_be_visible()

    # Two hours later.
    Material.objects.create(
        event=today,
        title="Recording",
        url="https://video.example/1",
        audience="attended",
        added_at=timezone.now(),
    )
    ended_at = timezone.now() - timedelta(minutes=1)
    EventPage.objects.filter(pk=today.pk).update(ends_at=ended_at)
    Attendance.objects.update(noted_at=today.starts_at)
    call_command("issue_certificates", verbosity=0)
    letter = letters_to(participant.email)[-1]
    assert letter.kind == "events/mail/certificate_issued"

    # The participant downloads it.
    page.reload()
    expect(page.get_by_role("link", name="Recording")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Certificate of attendance (PDF)").click()
    reader = PdfReader(io.BytesIO(download.value.path().read_bytes()))
    text = " ".join(reader.pages[0].extract_text().split())
    assert "Participant One" in text
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    [address] = {
        annotation.get_object()["/A"]["/URI"]
        for annotation in reader.pages[0]["/Annots"]
        if "/A" in annotation.get_object()
    }
    assert urlsplit(address).path == link_in(letter)

    # Somebody else checks it, without an account.
    stranger = visit(PHONE)
    stranger.goto(urlsplit(address).path)
    expect(stranger.get_by_role("heading", name="Certificate of attendance")).to_be_visible()
    expect(stranger.get_by_text("Participant One")).to_be_visible()
    assert list(faults(stranger)) == []
    code = Certificate.objects.get(registration=people[0]).code_shown
    assert code in text
    stranger.goto("/certificates/")
    stranger.get_by_label("Code on the certificate").fill(code.lower())
    stranger.get_by_role("button", name="Check").click()
    expect(stranger.get_by_text("Participant One")).to_be_visible()

    # The list is corrected, and it is not valid any more.
    open_list(door, today)
    tick(door, "Participant One", "Undo")
    expect(door.locator("#unsent")).to_have_text("Everything is sent.")
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This certificate is not valid")).to_be_visible()
    assert letters_to(participant.email)[-1].kind == "events/mail/certificate_withdrawn"
