"""What holds on every page that somebody can reach: axe finds nothing, and nothing scrolls sideways."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from events import actions
from events.models import Question, Registration, Session, WorkshopPage
from members.models import User
from tests.journeys.browsing import DESK, HEIGHT, PHONE, Watch, as_json, crawl, faults, serve
from tests.journeys.conftest import PASSWORD, link_in

pytestmark = pytest.mark.journey

NO_PAGES = ("/admin/", "/documents/", "/media/", "/static/", "/account/logout/")
PUBLIC = (
    "/",
    "/events/?kind=workshop",
    "/search/?q=risk",
    "/search/?q=nothingmatchesthis",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/login/code/",
    "/account/confirm-email/",
    "/members/left/",
)
STANDING = (
    "/about/",
    "/accessibility/",
    "/anonymity/",
    "/contact/",
    "/cookies/",
    "/hard-cases/",
    "/privacy/",
)
OWN = (
    "/",
    "/my-page/",
    "/members/details/",
    "/members/mail-preferences/",
    "/members/my-data/",
    "/members/leave/",
    "/members/status/",
    "/members/confirm/",
    "/events/calendar/",
    "/account/email/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
    "/account/sessions/",
    "/account/reauthenticate/",
)


def faults_on_both(page: Page) -> Iterator[str]:
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield from faults(page)


def look_at_all(page: Page, portal: str, starts: tuple[str, ...], *, of_each_sort: int = 1) -> set[str]:
    """Look at all sorts of pages that links lead to from `starts`; the paths, if nothing is wrong with any."""
    looked_at, found = set(), []
    addresses = [f"{portal}{path}" for path in starts]
    for url in crawl(page, addresses, leave_out=NO_PAGES, of_each_sort=of_each_sort):
        looked_at.add(urlsplit(url).path)
        found += faults_on_both(page)
    assert found == [], as_json(found)
    return looked_at


@pytest.fixture
def registrations(make_member, make_workshop) -> dict[str, Registration]:
    """Those of one member with a long address: with a place, on the waiting list, offered a place, cancelled."""
    member, other, now = (
        make_member(prefix="somebody.with-rather-a-long.address"),
        make_member(),
        timezone.now(),
    )

    def wait_for(event: WorkshopPage) -> tuple[Registration, Registration]:
        held = actions.book_place(event=event, member=other, actor=other, now=now)
        return held, actions.join_waiting_list(event=event, member=member, actor=member, now=now)

    confirmed = actions.book_place(event=make_workshop(), member=member, actor=member, now=now)
    _, waiting = wait_for(make_workshop())
    held, offered = wait_for(make_workshop())
    actions.cancel_registration(registration=held, actor=other, now=now)
    cancelled = actions.book_place(event=make_workshop(), member=member, actor=member, now=now)
    actions.cancel_registration(registration=cancelled, actor=member, now=now)
    return {"confirmed": confirmed, "waiting": waiting, "offered": offered, "cancelled": cancelled}


def test_visitor_finds_no_fault_on_any_page(visit, portal) -> None:
    looked_at = look_at_all(visit(), portal, (*PUBLIC, *STANDING), of_each_sort=2)

    assert {"/", "/events/", "/library/", "/search/"} <= looked_at
    assert {
        "/about/",
        "/accessibility/",
        "/anonymity/",
        "/contact/",
        "/cookies/",
        "/hard-cases/",
        "/privacy/",
    } <= (looked_at)
    assert any(path.startswith("/events/") and path != "/events/" for path in looked_at)
    assert any(path.startswith("/library/") and path != "/library/" for path in looked_at)


def test_practitioner_finds_no_fault_on_any_page(
    visit, sign_in, portal, make_workshop, registrations
) -> None:
    page = visit()
    sign_in(page, registrations["confirmed"].member.email)
    of_registrations = [reverse("events:registration", args=[each.uuid]) for each in registrations.values()]
    to_register = [reverse("events:book_place", args=[make_workshop().uuid])]

    looked_at = look_at_all(page, portal, (*OWN, *to_register, *of_registrations))

    assert {*OWN, *to_register, *of_registrations} <= looked_at
    assert any(path.endswith("/cancel-registration/") for path in looked_at)
    assert any(path.endswith("/decline-place/") for path in looked_at)


LONG = "Northamptonshire/Nottinghamshire/" + "x" * 87


@pytest.fixture
def long_event(make_workshop) -> WorkshopPage:
    """One where nothing that an organiser wrote has a space in it."""
    event = make_workshop(capacity=9)
    event.title, event.summary, event.place, event.co_host = LONG[:119], LONG, LONG[:120], LONG
    event.questions.set(
        [
            Question(label=LONG, kind=Question.Kind.CHOICE, options=LONG, help_text=LONG, sort_order=0),
            Question(label=LONG[::-1], kind=Question.Kind.CONSENT, sort_order=1),
            Question(label=LONG[1:], kind=Question.Kind.LONG_TEXT, sort_order=2),
        ]
    )
    event.sessions.set(
        [
            Session(
                title=f"{number}{LONG[:100]}",
                starts_at=event.starts_at,
                ends_at=event.ends_at,
                room=LONG[:60],
                stream=LONG[:50],
                is_chosen=True,
                sort_order=number,
            )
            for number in range(2)
        ]
    )
    event.save_revision().publish()
    return event


def test_words_without_an_end_break_before_they_leave_the_page(
    visit, sign_in, make_member, long_event
) -> None:
    member = make_member()
    page = visit()
    sign_in(page, member.email)
    to_register = reverse("events:book_place", args=[long_event.uuid])
    addresses = ["/events/", long_event.url, long_event.programme_url, to_register]
    found = [fault for address in addresses if page.goto(address) for fault in faults_on_both(page)]

    own = actions.book_place(event=long_event, member=member, actor=member, now=timezone.now())
    for address in (
        "/",
        "/my-page/",
        reverse("events:registration", args=[own.uuid]),
        reverse("events:change_answers", args=[own.uuid]),
        reverse("events:cancel_registration", args=[own.uuid]),
    ):
        page.goto(address)
        found += faults_on_both(page)

    long_event.unpublish()
    assert found == [], as_json(found)


def test_somebody_who_waits_for_a_decision_finds_no_fault_on_any_page(
    visit, sign_in, portal, make_member, make_workshop
) -> None:
    page = visit()
    sign_in(page, make_member(User.State.PENDING).email)
    to_register = reverse("events:book_place", args=[make_workshop().uuid])

    looked_at = look_at_all(page, portal, ("/members/status/", "/", to_register))

    assert {"/", "/members/status/", "/my-page/", "/events/", to_register} <= looked_at


def test_organiser_finds_no_fault_on_the_pages_that_members_see(visit_as, portal) -> None:
    page = visit_as("organiser@portal.example")

    looked_at = look_at_all(page, portal, ("/", "/events/", "/my-page/", "/account/2fa/"))

    assert {"/", "/events/", "/my-page/", "/account/2fa/"} <= looked_at


def test_letters_lead_to_pages_without_fault(visit, make_member, new_address, letters_to) -> None:
    page, newcomer, member = visit(), new_address(), make_member(prefix="somebody.with-rather-a-long.address")

    page.goto("/account/signup/")
    page.get_by_label("First name").fill("Newly")
    page.get_by_label("Last name").fill("Arrived")
    page.get_by_label("E-mail address").fill(newcomer)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Follow the link in the letter")).to_be_visible()
    found = [*faults_on_both(page)]
    page.goto(link_in(letters_to(newcomer)[-1]))
    found += faults_on_both(page)
    page.goto("/account/confirm-email/not-a-key/")
    found += faults_on_both(page)
    page.goto("/account/password/reset/")
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_label("E-mail address").press("Enter")
    page.wait_for_url("**/done/")
    page.goto(link_in(letters_to(member.email)[-1]))
    expect(page.get_by_label("New password")).to_be_visible()
    found += faults_on_both(page)
    page.goto("/account/login/code/")
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_label("E-mail address").press("Enter")
    expect(page.get_by_label("Code from the letter")).to_be_visible()
    found += faults_on_both(page)

    assert found == [], as_json(found)


def test_second_factor_has_no_fault(visit) -> None:
    page = visit()

    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill("moderator@portal.example")
    page.get_by_label("Password", exact=True).fill("practice-portal-demo")
    page.get_by_label("Password", exact=True).press("Enter")
    expect(page.get_by_label("Code")).to_be_visible()

    found = [*faults_on_both(page)]
    assert found == [], as_json(found)


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("/account/signup/", "Create account"),
        ("/account/login/", "Sign in"),
        ("/account/password/reset/", "Send"),
        ("/account/login/code/", "Send"),
    ],
)
def test_forms_with_mistakes_have_no_fault(visit, path, button) -> None:
    page = visit()

    page.goto(path)
    page.locator("main").get_by_role("button", name=button).first.click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()

    found = [*faults_on_both(page)]
    assert found == [], as_json(found)


def test_form_of_a_member_with_mistakes_has_no_fault(visit, sign_in, make_member) -> None:
    page = visit()
    sign_in(page, make_member().email)

    page.goto("/members/details/")
    page.get_by_label("First name").fill("")
    page.get_by_label("First name").press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_visible()

    found = [*faults_on_both(page)]
    assert found == [], as_json(found)


@pytest.mark.parametrize(("path", "status"), [("/there-is-no-such-page/", 404), ("/admin/", 403)])
def test_pages_that_say_no_have_no_fault(visit, sign_in, make_member, path, status) -> None:
    page = visit()
    sign_in(page, make_member().email)

    assert page.goto(path).status == status

    found = [*faults_on_both(page)]
    assert found == [], as_json(found)


@pytest.mark.parametrize(
    "address", ["admin@portal.example", "membership@portal.example", "moderator@portal.example"]
)
def test_front_page_of_the_admin_has_no_fault(visit_as, address) -> None:
    page = visit_as(address)
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="What you can do here")).to_be_visible()

    found = [*faults(page)]
    assert found == [], as_json(found)


# --- The instruments themselves ------------------------------------------------------------------


def test_faults_finds_what_axe_forbids_and_what_is_too_wide(visit) -> None:
    page = visit(PHONE)
    serve(page, '<h1>Specimen</h1><svg width="400" height="9"></svg><input>')

    found = [fault.split(": ")[:2] for fault in faults(page)]

    assert found == [
        ["/specimen/ at 320 px", "label"],
        ["/specimen/ at 320 px", "scrolls sideways (svg.)"],
    ]


def test_watch_hears_of_a_script_that_the_policy_blocks(browser, portal) -> None:
    watch = Watch()
    page = browser.new_page(base_url=portal)
    watch.over(page)

    serve(page, "<script>document.title = 'ran'</script>")

    assert page.title() == "Specimen"
    assert ["Content Security Policy" in complaint for complaint in watch.complaints] == [True]
    page.close()
