"""A running portal with its demo, a browser, and what happens at their edges.

The portal is set up once for all journeys: a server in a thread of this process, on the test database,
with the demo loaded. The journeys are told apart by the people and events they make, so nothing is
flushed between them; everything goes when the last one is over.
"""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, Page, StorageState, sync_playwright
from pytest_django.live_server_helper import LiveServer

from events.models import EventIndexPage, WorkshopPage
from mailing.composition import composed
from mailing.models import OutgoingMail
from members import demo as members_demo
from members.models import Organisation, User
from portal import roles
from portal import site_tree as tree
from tests.journeys.browsing import ARGUMENTS, DESK, HEIGHT, Watch
from tests.services import services_are_required

PASSWORD = "a-long-enough-password"
HOW_TO_GET_A_BROWSER = (
    "No Chromium was found. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path."
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
MOST_LINES = 50
numbers = count(1)
windows: list[Page] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Say what stood on each window when a journey broke off."""
    report = yield
    if report.when == "call" and report.failed:
        for number, page in enumerate(windows, start=1):
            lines = [line for line in page.locator("body").inner_text().splitlines() if line.strip()]
            words = "\n".join(lines[:MOST_LINES])
            report.sections.append((f"window {number}: {page.url}", words))
    return report


@pytest.fixture(scope="package")
def browser_path() -> str:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if services_are_required() else pytest.skip)(HOW_TO_GET_A_BROWSER)
    return path


@pytest.fixture(scope="package")
def transactional_db(browser_path, django_db_setup, django_db_blocker) -> Iterator[None]:
    """In place of pytest-django's, which empties the database after every test: once, after the last."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="package")
def portal(transactional_db) -> Iterator[str]:
    """The address of a portal that is running, with its demo."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        cache.clear()
        tree.plant(apps)
        roles.grant(apps)
        call_command("demo", yes=True, verbosity=0)
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:  # it still holds a connection to the database
            thread.join(timeout=10)


@pytest.fixture(scope="package")
def browser(portal, browser_path) -> Iterator[Browser]:
    """Closed before the portal, so that no connection keeps a thread of the server busy."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path, args=ARGUMENTS)
        yield chromium
        chromium.close()
        connections.close_all()  # where an event loop runs, this thread has connections of its own


@pytest.fixture
def visit(portal, browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser window of its own, as one more visitor. No journey may upset the browser."""
    watch = Watch()

    def open_window(width: int = DESK, *, javascript: bool = True, state: StorageState | None = None) -> Page:
        context = browser.new_context(
            base_url=portal,
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=javascript,
            storage_state=state,
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        windows.append(page)
        watch.over(page)
        return page

    yield open_window
    for page in windows:
        page.context.close()
    windows.clear()
    assert watch.complaints == []


@pytest.fixture
def sign_in(portal) -> Callable[[Page, str], None]:
    """Sign in through the form, with the second factor where the account has one."""

    def fill_in(page: Page, address: str, password: str = PASSWORD) -> None:
        page.goto("/account/login/")
        page.get_by_label("E-mail address").fill(address)
        page.get_by_label("Password", exact=True).fill(password)
        page.locator("main").get_by_role("button", name="Sign in").first.click()
        if code := members_demo.current_code(User.objects.get(email=address)):
            page.get_by_label("Code").fill(code)
            page.locator("main").get_by_role("button", name="Sign in").first.click()
        page.wait_for_url(lambda url: "/account/" not in url)

    return fill_in


@pytest.fixture(scope="package")
def staff_states() -> dict[str, StorageState]:
    """Cookies by address: a code counts once in 30 seconds, so staff sign in once for all journeys."""
    return {}


@pytest.fixture
def visit_as(visit, sign_in, staff_states) -> Callable[..., Page]:
    """Opens a window where somebody is signed in already."""

    def open_window(address: str, width: int = DESK, *, password: str = members_demo.PASSWORD) -> Page:
        if address not in staff_states:
            page = visit()
            sign_in(page, address, password)
            staff_states[address] = page.context.storage_state()
        return visit(width, state=staff_states[address])

    return open_window


@pytest.fixture
def make_member(portal) -> Callable[..., User]:
    """An approved practitioner with an address of their own."""

    def make(state: str = User.State.APPROVED, prefix: str = "traveller") -> User:
        number = next(numbers)
        user = User.objects.create_user(
            f"{prefix}{number}@{members_demo.FORCE_DOMAIN}",
            PASSWORD,
            first_name="Traveller",
            last_name=f"Number {number}",
            organisation=Organisation.objects.filter(domains__domain=members_demo.FORCE_DOMAIN).first(),
            state=state,
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    return make


@pytest.fixture
def new_address() -> Callable[[], str]:
    """An address at the demo's force that nobody has used."""
    return lambda: f"newcomer{next(numbers)}@{members_demo.FORCE_DOMAIN}"


@pytest.fixture
def make_workshop(portal) -> Callable[..., WorkshopPage]:
    """A published workshop, found by its title. Each comes before those made earlier: it leads the list."""

    def make(capacity: int | None = 1) -> WorkshopPage:
        number = next(numbers)
        starts_at = (timezone.now() + timedelta(days=14, hours=-number)).replace(second=0, microsecond=0)
        return EventIndexPage.objects.get().add_child(
            instance=WorkshopPage(
                title=f"Journey workshop {number}",
                summary="A workshop that only the journeys come to.",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=3),
                place="Midlands",
                capacity=capacity,
            )
        )

    return make


@pytest.fixture
def letters_to(portal) -> Callable[[str], list[OutgoingMail]]:
    """The letters to an address, in the order they were written."""

    def find(address: str) -> list[OutgoingMail]:
        return list(OutgoingMail.objects.filter(recipient=address).order_by("pk"))

    return find


def link_in(letter: OutgoingMail) -> str:
    """The path that a letter leads to: its one link."""
    addresses = re.findall(r"https://portal\.example(\S*)", composed(letter).text)
    return addresses[0]
