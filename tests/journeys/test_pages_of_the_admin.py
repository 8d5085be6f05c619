"""What holds on every page of the Wagtail admin, most of them Wagtail's own: axe finds nothing on them either.

An event's own pages in the admin are looked at by the journeys of events.
"""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page as Window
from playwright.sync_api import expect
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Page
from wagtail.snippets.models import get_snippet_models

from events.models import ConferencePage, EventIndexPage, SeriesPage, Session, SessionSpeaker, Speaker
from home.models import StandardPage
from library.models import FindingPage
from members.models import User
from tests.journeys.browsing import AXE, DESK, HEIGHT, PHONE, RULES, as_json, crawl, faults, sort_of

pytestmark = [
    pytest.mark.journey,
    # Wagtail leaves the file open from which it makes a smaller picture.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]

ADMINISTRATOR = "admin@portal.example"
ADMIN = "/admin/"
PAGES, SNIPPETS = "/admin/pages/", "/admin/snippets/"
SEEN_BELOW = (PAGES, SNIPPETS, "/admin/reports/")
SEEN_ELSEWHERE = ("/admin/bulk/", "/admin/events/", "/admin/logout/", "/admin/sprite/")
# Without content they hold a sentence with a link.
LISTS = (
    reverse("wagtailimages:index"),
    reverse("wagtaildocs:index"),
    reverse("wagtailadmin_collections:index"),
    reverse("wagtailredirects:index"),
)
REPORTS = tuple(
    reverse(f"wagtailadmin_reports:{name}")
    for name in ("aging_pages", "locked_pages", "page_types_usage", "site_history")
)
# Wagtail's menu opens and shuts itself, with a movement, when a window becomes wide or narrow: each has its own button.
SETTLED = """() => document.getAnimations().every(each => each.playState !== "running")
    && [...document.querySelectorAll("[aria-label='Toggle sidebar']")].filter(e => e.offsetWidth > 0).length < 2"""
# What of axe's rules remains broken in Wagtail, by rule and class, once the list of blocks is open: it puts a button
# that shows a picture of the block beside each option, within the list. Moving them is more than a portal should do.
REMAINS = [("aria-required-children", "w-combobox__menu")]


def edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def sort_of_admin(url: str) -> str:
    """As elsewhere, but what happened to a thing and where it is used looks alike for all kinds of things."""
    view = sort_of(url)
    return verb if (verb := view.rpartition(":")[2]) in {"history", "usage"} else view


def faults_on_both(page: Window) -> Iterator[str]:
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.wait_for_function(SETTLED)
        yield from faults(page)


def look_at_all(
    page: Window,
    portal: str,
    starts: tuple[str, ...],
    *,
    within: str = ADMIN,
    leave_out: tuple[str, ...] = SEEN_ELSEWHERE,
) -> set[str]:
    """Look at all sorts of pages of the admin that links lead to; the paths, if nothing is wrong with any."""
    looked_at, found = set(), []
    addresses = [f"{portal}{path}" for path in starts]
    for url in crawl(page, addresses, within=within, leave_out=leave_out, of_each_sort=1, sort=sort_of_admin):
        looked_at.add(urlsplit(url).path)
        found += faults_on_both(page)
    assert found == [], as_json(found)
    return looked_at


@pytest.fixture
def conference(portal) -> ConferencePage:
    """A draft of two sessions, each with its speaker, and a text."""
    now, speaker = timezone.now(), Speaker.objects.first()
    return EventIndexPage.objects.get().add_child(
        instance=ConferencePage(
            title="Conference of two sessions",
            live=False,
            starts_at=now,
            ends_at=now + timedelta(hours=2),
            body=[("text", "<p>A text.</p>")],
            sessions=[
                Session(
                    title=title,
                    starts_at=now,
                    ends_at=now + timedelta(hours=1),
                    session_speakers=[SessionSpeaker(speaker=speaker)],
                )
                for title in ("One", "Two")
            ],
        )
    )


@pytest.fixture
def content(portal) -> tuple[str, ...]:
    """One of each that the demo has none of; the addresses where they are edited."""
    return (
        reverse("wagtailimages:edit", args=[Image.objects.create(title="Picture", file=get_test_image_file()).pk]),
        reverse("wagtaildocs:edit", args=[Document.objects.create(title="Text", file=ContentFile(b"-", "a.txt")).pk]),
        reverse("wagtailadmin_collections:edit", args=[Collection.get_first_root_node().add_child(name="Reports").pk]),
        reverse("wagtailredirects:edit", args=[Redirect.objects.create(old_path="/old", redirect_link="/").pk]),
    )  # fmt: skip


def test_administrator_finds_no_fault_in_reports_and_empty_lists(visit_as, portal) -> None:
    page = visit_as(ADMINISTRATOR)

    assert look_at_all(page, portal, (*LISTS, *REPORTS), leave_out=(ADMIN,)) == {*LISTS, *REPORTS}


def test_administrator_finds_no_fault_on_any_page(visit_as, portal, content) -> None:
    page = visit_as(ADMINISTRATOR)
    roles = tuple(
        reverse("wagtailusers_users:edit", args=[User.objects.get(email=email).pk])
        for email in (ADMINISTRATOR, "practitioner@force.example")
    )

    looked_at = look_at_all(page, portal, (ADMIN, *content, *roles), leave_out=(*SEEN_ELSEWHERE, *SEEN_BELOW))

    assert {*content, *roles} <= looked_at
    assert {"/admin/members/", "/admin/letters/", "/admin/account/"} <= looked_at


def test_administrator_finds_no_fault_where_pages_are_written(visit_as, portal, conference) -> None:
    kinds = (SeriesPage, StandardPage, FindingPage)
    editors = (edit(conference), *(edit(kind.objects.live().last()) for kind in kinds))

    looked_at = look_at_all(visit_as(ADMINISTRATOR), portal, editors, within=PAGES)

    assert set(editors) <= looked_at
    assert any(path.endswith("/add_subpage/") for path in looked_at)


def test_administrator_finds_no_fault_on_snippets(visit_as, portal) -> None:
    lists = tuple(reverse(model.snippet_viewset.get_url_name("list")) for model in get_snippet_models())

    looked_at = look_at_all(visit_as(ADMINISTRATOR), portal, lists, within=SNIPPETS)

    assert {*lists, *(f"{path}add/" for path in lists)} <= looked_at


def test_editor_of_a_long_programme_has_no_fault_of_its_own(visit_as) -> None:
    """Its list of parts is longer than the window, and every session has a first speaker."""
    page = visit_as(ADMINISTRATOR)
    rules = ["landmark-unique", "scrollable-region-focusable"]

    page.goto(edit(ConferencePage.objects.annotate(length=Count("sessions")).latest("length")))
    expect(page.locator(".w-minimap__list a").nth(25)).to_be_attached()

    found = AXE.run(page, options={"runOnly": {"type": "rule", "values": rules}}).response["violations"]
    assert [fault["id"] for fault in found] == []


def test_what_remains_is_wagtails_own(visit_as) -> None:
    page = visit_as(ADMINISTRATOR)

    page.goto(edit(StandardPage.objects.live().last()))
    page.get_by_role("button", name="Insert a block").first.click()
    expect(page.locator(".w-combobox__menu")).to_be_visible()

    broken = [
        (fault["id"], node["html"])
        for fault in AXE.run(page, options=RULES).response["violations"]
        for node in fault["nodes"]
    ]
    assert [rule for rule, _ in broken] == [rule for rule, _ in REMAINS]
    assert all(f'class="{name}"' in html for (_, name), (_, html) in zip(REMAINS, broken, strict=True))


def test_menu_of_the_admin_shows_its_names_in_full(visit_as) -> None:
    page = visit_as(ADMINISTRATOR)

    page.goto(ADMIN)
    names = page.locator(".sidebar-main-menu .menuitem-label")
    expect(names.filter(has_text="Addresses not written to")).to_be_visible()

    assert (
        names.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)")
        == []
    )


def test_administrator_gives_out_a_role(visit_as, make_member) -> None:
    page, member = visit_as(ADMINISTRATOR), make_member()

    page.goto(ADMIN)
    page.get_by_role("link", name="Give people their roles").click()
    page.get_by_role("searchbox").or_(page.get_by_label("Search term")).first.fill(member.email)
    page.get_by_role("link", name=member.get_full_name()).click()
    page.get_by_label("Moderators").check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The roles are saved.")).to_be_visible()
    assert [group.name for group in member.groups.all()] == ["Moderators"]
