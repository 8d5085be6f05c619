"""What staff do in the Wagtail admin, and what becomes of it for everybody else."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import expect

from members import demo as members_demo
from members.models import User
from portal.roles import Role
from tests.journeys.browsing import DESK
from tests.journeys.conftest import PASSWORD, link_in

pytestmark = pytest.mark.journey

MEMBERSHIP = "membership@portal.example"


@pytest.fixture
def editor(make_member) -> User:
    user = make_member()
    user.groups.add(Group.objects.get(name=Role.EDITORS))
    TOTP.activate(user, generate_totp_secret())
    return user


def test_stranger_waits_until_a_membership_manager_approves(
    visit, visit_as, portal, letters_to, new_address
) -> None:
    stranger = new_address().replace(members_demo.FORCE_DOMAIN, "elsewhere.example")
    page = visit()

    page.goto("/account/signup/")
    page.get_by_label("First name").fill("Some")
    page.get_by_label("Last name").fill("Stranger")
    page.get_by_label("E-mail address").fill(stranger)
    page.get_by_label("Organisation").fill("A borough council")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Create account").click()
    page.goto(link_in(letters_to(stranger)[0]))
    page.get_by_role("button", name=f"Yes, confirm {stranger}").click()
    page.wait_for_url("**/members/status/")
    assert User.objects.get(email=stranger).state == User.State.PENDING

    admin = visit_as(MEMBERSHIP)
    admin.goto("/admin/")
    admin.get_by_role("link", name="Decide who is let in").click()
    admin.get_by_role("link", name="Some Stranger").click()
    admin.get_by_role("link", name="Approve", exact=True).click()
    admin.get_by_label("Organisation").select_option(members_demo.FORCE_NAME)
    admin.locator("main").get_by_role("button", name="Approve").click()
    admin.wait_for_load_state()

    assert User.objects.get(email=stranger).is_approved
    assert letters_to(stranger)[-1].kind == "members/mail/membership_approved"
    page.goto("/members/status/")
    expect(page.locator("main")).to_contain_text("member")


def test_editor_publishes_an_event_and_everybody_sees_it(visit, sign_in, editor) -> None:
    admin, page = visit(), visit()
    starts_at = timezone.localtime().replace(hour=13, minute=0) + timedelta(days=2)

    admin.goto("/admin/")
    sign_in(admin, editor.email)
    admin.goto("/admin/")
    admin.get_by_role("link", name="Put an event on the site").click()
    admin.get_by_role("link", name="Workshop, case clinic or refresher", exact=True).click()
    admin.locator("#id_title").fill("A workshop from the admin")
    admin.locator("#id_starts_at").fill(f"{starts_at:%Y-%m-%d} 13:00")
    admin.locator("#id_ends_at").fill(f"{starts_at:%Y-%m-%d} 16:30")
    admin.get_by_role("button", name="Toggle preview").click()
    preview = admin.frame_locator("#w-preview-iframe")
    expect(preview.get_by_role("heading", name="A workshop from the admin", exact=True)).to_be_visible()
    admin.get_by_role("button", name="More actions").click()
    admin.get_by_role("button", name="Publish").click()
    expect(admin.get_by_text("A workshop from the admin").first).to_be_visible()

    page.goto("/events/")
    expect(page.get_by_role("link", name="A workshop from the admin")).to_be_visible()


def test_admin_asks_staff_for_their_second_factor(visit, editor) -> None:
    page = visit()

    page.goto("/admin/")
    page.get_by_label("E-mail address").fill(editor.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Code")).to_be_visible()

    page.goto("/admin/")
    expect(page.get_by_role("link", name="Pages")).to_have_count(0)
    expect(page.get_by_label("Code")).to_be_visible()


def test_admin_is_closed_to_members(visit, sign_in, make_member) -> None:
    page = visit(DESK)
    sign_in(page, make_member().email)

    assert page.goto("/admin/").status == 403
