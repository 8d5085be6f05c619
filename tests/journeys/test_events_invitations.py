"""From a CSV to a conference: invited, accepted without an account, declined, reminded, and followed."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Invitation, InvitationWave, Registration
from mailing import delivery
from mailing.models import OutgoingMail
from members.models import User
from tests.journeys.browsing import PHONE, faults
from tests.journeys.conftest import PASSWORD, link_in

pytestmark = pytest.mark.journey

ORGANISER = "organiser@portal.example"


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).click()


def expect_heading(page: Page, name: str) -> None:
    expect(page.locator("main").get_by_role("heading", name=name, exact=True)).to_be_visible()


def deliver(wave: InvitationWave) -> None:
    """What the worker does once a minute."""
    mailings = [wave.mailing_id, *wave.reminder_mailings.values_list("pk", flat=True)]
    due = OutgoingMail.objects.filter(mailing__in=mailings, state="queued")
    delivery.deliver(due.values_list("pk", flat=True), clock=timezone.now)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_organiser_invites_from_a_csv_and_follows_what_becomes_of_it(
    visit, visit_as, make_workshop, new_address, letters_to, tmp_path: Path, javascript
) -> None:
    workshop = make_workshop(capacity=20)
    accepts, declines, is_silent = (new_address() for _ in range(3))
    people = [
        ["email", "name", "organisation"],
        [accepts, "Newly Invited", "Example Agency"],
        [declines, "", ""],
        ["no address", "", ""],
        [is_silent, "Quiet Person", ""],
        [accepts.upper(), "", ""],
    ]
    file = tmp_path / "people.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as written:
        csv.writer(written, delimiter=";").writerows(people)

    # The organiser plans a round, brings the list and sends it.
    admin = visit_as(ORGANISER)
    admin.goto(f"/admin/events/{workshop.pk}/")
    follow(admin, "Invitations")
    follow(admin, "Invite people")
    press(admin, "Save and continue")
    follow(admin, "Bring a list")
    admin.get_by_label("CSV file").set_input_files(file)
    press(admin, "Take this list")
    expect(admin.get_by_text("2 lines could not be taken. Below it says why.")).to_be_visible()
    expect(admin.get_by_role("row", name="4 no address")).to_contain_text("This is no e-mail address.")
    expect(admin.get_by_role("row", name=f"6 {accepts}")).to_contain_text("The same address as on line 2.")
    expect(admin.locator("main")).to_contain_text("Hello Newly Invited,")
    press(admin, "Send 3 invitations")
    expect(admin.get_by_text("The invitations are on their way.")).to_be_visible()

    # The worker writes and delivers them.
    call_command("send_invitations", verbosity=0)
    wave = InvitationWave.objects.get(event=workshop)
    deliver(wave)

    # One accepts without an account, signs up with the address that the link has confirmed, and registers.
    page = visit(PHONE, javascript=javascript)
    [letter] = letters_to(accepts)
    page.goto(link_in(letter))
    expect_heading(page, "You are invited")
    if javascript:
        assert list(faults(page)) == []
    assert not Invitation.objects.filter(wave=wave).exclude(answer="").exists()  # gateways follow links too
    press(page, "Accept and register")
    expect_heading(page, "Create an account to register")
    expect(page.get_by_label("E-mail address")).to_have_value(accepts)
    expect(page.get_by_label("E-mail address")).to_be_disabled()
    page.get_by_label("First name").fill("Newly")
    page.get_by_label("Last name").fill("Invited")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create account")
    expect_heading(page, f"Register for “{workshop.title}”")
    press(page, "Register")
    expect_heading(page, "You are registered")
    assert User.objects.get(email=accepts).is_approved
    assert [letter.kind for letter in letters_to(accepts) if "confirm" in letter.kind] == []

    # Another declines.
    page = visit(javascript=javascript)
    page.goto(link_in(letters_to(declines)[0]))
    page.get_by_label("Why").fill("I am in court that day.")
    press(page, "Decline")
    expect_heading(page, "You said that you cannot come")

    # A week later only the silent one is reminded.
    OutgoingMail.objects.filter(mailing=wave.mailing_id).update(sent_at=F("sent_at") - timedelta(days=7))
    call_command("remind_invited", verbosity=0)
    reminded = OutgoingMail.objects.filter(mailing__in=wave.reminder_mailings.all())
    assert list(reminded.values_list("recipient", flat=True)) == [is_silent]
    deliver(wave)

    # The organiser sees all of it.
    admin.reload()
    expect(admin.locator("main")).to_contain_text("3 of 3 letters sent")
    for who, standing in (
        (accepts, "Registered"),
        (declines, "Declined"),
        (is_silent, "No answer"),
    ):
        expect(admin.get_by_role("row", name=who)).to_contain_text(standing)
    expect(admin.get_by_role("row", name=declines)).to_contain_text("“I am in court that day.”")
    expect(admin.locator("main")).to_contain_text("1 person was reminded so far.")
    admin.get_by_label("Where it stands").select_option("Declined")
    press(admin, "Search")
    expect(admin.get_by_text("1 person matches.")).to_be_visible()
    assert Registration.objects.get(event=workshop).member.email == accepts
