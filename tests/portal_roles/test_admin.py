"""What each role finds in the Wagtail admin."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.admin.urls import reports
from wagtail.documents import get_document_model
from wagtail.models import Page

from events.models import EventIndexPage
from home.models import HomePage, StandardPage
from library.models import LibraryIndexPage
from portal import duties
from portal.roles import Role

O, T, E, M, C, A = (  # noqa: E741 - one column each, as the tables below are read
    Role.ORGANISERS,
    Role.EVENT_TEAM,
    Role.EDITORS,
    Role.MEMBERSHIP_MANAGERS,
    Role.MODERATORS,
    Role.ADMINISTRATORS,
)

DUTIES = {
    O: ["Put an event on the site", "Change or cancel an event", "See who comes to your events"],
    T: [],  # until they are on the team of an event
    E: [
        "Put an event on the site",
        "Change an event",
        "Write up a finding",
        "Change the front page",
        "Change a standing page",
    ],
    M: ["Decide who is let in", "Look after organisations"],
    C: [],
    A: [
        "Put an event on the site",
        "Change or cancel an event",
        "Write up a finding",
        "Change the front page",
        "Change a standing page",
        "See who comes to your events",
        "Decide who is let in",
        "Look after organisations",
        "Give people their roles",
        "See which letters went out",
        "Name, contact and navigation",
    ],
}
PANELS_FOR_PAGES = ["duties", "recent_edits", "locked_pages"]
MENU_FOR_EDITORS = [
    "explorer",
    "venues",
    "speakers",
    "recorded_figures",
    "topics",
    "images",
    "documents",
    "help",
]
MENUS = {
    O: ["explorer", "events", "venues", "speakers", "recorded_figures", "images", "documents", "help"],
    T: [],  # until they are on the team of an event
    E: MENU_FOR_EDITORS,
    M: ["members", "organisations"],
    C: [],
    A: [
        "explorer",
        "events",
        "venues",
        "speakers",
        "recorded_figures",
        "topics",
        "members",
        "organisations",
        "letters",
        "images",
        "documents",
        "suppressions",
        "reports",
        "settings",
        "help",
    ],
}


def menu_of(page: str) -> dict[str, list[str]]:
    """The names of the menu's items, each with those below it, out of the sidebar's JSON."""
    [props] = re.findall(r'<script id="wagtail-sidebar-props" type="application/json">(.*?)</script>', page)
    [menu] = [m for m in json.loads(props)["modules"] if m["_type"] == "wagtail.sidebar.MainMenuModule"]
    return {item["_args"][0]["name"]: names_below(item) for item in menu["_args"][0]}


def names_below(item) -> list[str]:
    below = item["_args"][1] if len(item["_args"]) > 1 and isinstance(item["_args"][1], list) else []
    return [each["_args"][0]["name"] for each in below]


@pytest.fixture
def front_page_of(person_in, signed_in):
    def fetch(role: Role) -> str:
        return signed_in(person_in(role)).get(reverse("wagtailadmin_home")).content.decode()

    return fetch


@pytest.mark.parametrize("role", list(Role))
def test_duties_of_a_role_are_these_in_this_order(person_in, role) -> None:
    assert [duty.title for duty in duties.duties_of(person_in(role))] == DUTIES[role]


@pytest.mark.parametrize("role", list(Role))
def test_duties_lead_to_pages_that_open_for_the_role(person_in, signed_in, role) -> None:
    person = person_in(role)
    client = signed_in(person)

    for duty in duties.duties_of(person):
        assert (duty.title, client.get(duty.url, follow=True).status_code) == (duty.title, 200)


def test_duties_of_someone_with_two_roles_name_each_once(person_in) -> None:
    person = person_in(O)
    person.groups.add(person_in(E).groups.get())

    assert [duty.title for duty in duties.duties_of(person)] == [*DUTIES[O][:2], *DUTIES[E][2:], DUTIES[O][2]]


@pytest.mark.parametrize("role", list(Role))
def test_menu_shows_a_role_what_is_theirs_to_do(front_page_of, role) -> None:
    assert list(menu_of(front_page_of(role))) == MENUS[role]


def test_menu_keeps_help_and_leaves_out_news_of_wagtail(front_page_of) -> None:
    assert menu_of(front_page_of(E))["help"] == ["editor-guide", "keyboard-shortcuts-trigger"]


def test_menu_of_reports_has_no_workflows(front_page_of) -> None:
    reports = menu_of(front_page_of(A))["reports"]
    assert reports == ["locked-pages", "site-history", "aging-pages", "page-types-usage"]


@pytest.mark.parametrize(("role", "may_search"), [(O, True), (E, True), (M, False), (C, False), (A, True)])
def test_front_page_offers_a_search_of_pages_to_those_who_have_any(front_page_of, role, may_search) -> None:
    assert ('role="search"' in front_page_of(role)) == may_search


@pytest.mark.parametrize(
    ("role", "panels"),
    [
        (O, ["next_events", *PANELS_FOR_PAGES]),
        (E, PANELS_FOR_PAGES),
        (M, ["people_waiting", "duties"]),
        (C, ["duties"]),
        (A, ["people_waiting", "next_events", "letters", *PANELS_FOR_PAGES]),
    ],
)
def test_front_page_has_these_panels_in_this_order(person_in, signed_in, role, panels) -> None:
    client = signed_in(person_in(role))

    answer = client.get(reverse("wagtailadmin_home"))

    assert [panel.name for panel in answer.context["panels"]] == panels


@pytest.mark.parametrize("role", list(Role))
def test_front_page_bears_our_name_and_mark_and_not_wagtails(front_page_of, role) -> None:
    page = front_page_of(role)

    assert re.findall("<title>(.*?)</title>", page, re.DOTALL) == ["Dashboard - Practice Portal"]
    assert "/static/portal/mark-on-dark.svg" in page
    assert "gravatar" not in page
    assert "What's new" not in page
    assert "latest-version" not in page


def test_front_page_tells_moderators_that_there_is_nothing_yet(front_page_of) -> None:
    assert "What your role looks after opens later" in front_page_of(C)


@pytest.mark.parametrize(("role", "top"), [(O, EventIndexPage), (E, HomePage), (A, HomePage)])
def test_explorer_starts_at_the_branch_that_is_the_roles_own(person_in, signed_in, role, top) -> None:
    client = signed_in(person_in(role))

    answer = client.get(reverse("wagtailadmin_explore_root"))

    assert answer.url == reverse("wagtailadmin_explore", args=[top.objects.get().pk])


def test_explorer_refuses_organisers_the_library(person_in, signed_in) -> None:
    client = signed_in(person_in(O))
    library = LibraryIndexPage.objects.get()

    answer = client.get(reverse("wagtailadmin_pages:edit", args=[library.pk]))

    assert (answer.status_code, answer.url) == (302, reverse("wagtailadmin_home"))


@pytest.mark.parametrize("view", ["edit", "view_draft", "history"])
def test_editors_open_every_page_of_a_new_installation(person_in, signed_in, view) -> None:
    client = signed_in(person_in(E))

    for page in Page.objects.filter(depth__gt=1):
        answer = client.get(reverse(f"wagtailadmin_pages:{view}", args=[page.pk]))
        assert (page.slug, answer.status_code) == (page.slug, 200)


@pytest.mark.parametrize("model", [HomePage, EventIndexPage, LibraryIndexPage])
@pytest.mark.parametrize("view", ["delete", "unpublish"])
def test_pages_the_site_stands_on_can_not_be_taken_away(person_in, signed_in, view, model) -> None:
    client = signed_in(person_in(A))
    page = model.objects.get()

    answer = client.post(reverse(f"wagtailadmin_pages:{view}", args=[page.pk]), follow=True)

    assert "so it stays and stays published" in answer.content.decode()
    assert model.objects.get().live


@pytest.mark.parametrize("action", ["delete", "unpublish"])
def test_pages_the_site_stands_on_can_not_be_taken_away_in_bulk(person_in, signed_in, action) -> None:
    client = signed_in(person_in(A))
    events, contact = EventIndexPage.objects.get(), StandardPage.objects.get(slug="contact")
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])

    client.post(f"{address}?id={contact.pk}&id={events.pk}")

    assert Page.objects.filter(pk__in=[events.pk, contact.pk], live=True).count() == 2


def test_other_pages_can_be_deleted(person_in, signed_in) -> None:
    client = signed_in(person_in(E))
    contact = StandardPage.objects.get(slug="contact")

    client.post(reverse("wagtailadmin_pages:delete", args=[contact.pk]))

    assert not Page.objects.filter(pk=contact.pk).exists()


def test_group_form_offers_the_permissions_of_the_table(person_in, signed_in) -> None:
    client = signed_in(person_in(A))
    group = person_in(M).groups.get()

    answer = client.get(reverse("wagtailusers_groups:edit", args=[group.pk]))

    assert "Can decide" in answer.content.decode()


def test_documents_have_a_limit_of_size(person_in, signed_in, settings) -> None:
    assert settings.WAGTAILDOCS_MAX_UPLOAD_SIZE == settings.MATERIAL_MAX_MB * 1024 * 1024
    browser = signed_in(person_in(O))

    def upload(size: int) -> dict[str, object]:
        settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 1000
        files = [SimpleUploadedFile("slides.pdf", b"%PDF-1.7".ljust(size))]
        answer = browser.post(reverse("wagtaildocs:add_multiple"), {"files[]": files, "title": "Slides"})
        return answer.json()

    assert upload(1000)["success"] is True
    assert upload(1001)["success"] is False
    assert [document.file_size for document in get_document_model().objects.all()] == [1000]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    "name", [pattern.name for pattern in reports.urlpatterns if "<" not in str(pattern.pattern)]
)
def test_reports_open_for_administrators_alone(person_in, signed_in, role, name) -> None:
    answer = signed_in(person_in(role)).get(reverse(f"wagtailadmin_reports:{name}"))

    assert answer.status_code == (200 if role == A else 302)


def test_the_account_page_of_the_admin_offers_no_time_zones(person_in, signed_in) -> None:
    """Among those that Python knows some are none to a browser, and its script stops."""
    page = signed_in(person_in(A)).get(reverse("wagtailadmin_account")).content.decode()

    assert "current_time_zone" not in page
