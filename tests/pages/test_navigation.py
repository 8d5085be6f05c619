"""What surrounds every page, and what it costs."""

import json

import pytest
from django.test import RequestFactory
from wagtail.models import Page, Site

from pages.models import SiteSettings
from pages.navigation import Frame, Link, read_frame


def request_for(path: str):
    return RequestFactory().get(path)


def links(*values: tuple[str, int | None, str]) -> str:
    return json.dumps(
        [
            {"type": "link", "value": {"label": label, "page": page, "address": address}}
            for label, page, address in values
        ]
    )


def page_id(slug: str) -> int:
    return Page.objects.get(slug=slug).pk


@pytest.fixture
def show_in_menus(site_tree) -> None:
    """Events and library stand in the menus, the standing pages do not."""
    Page.objects.update(show_in_menus=False)
    Page.objects.filter(slug__in=["events", "library"]).update(show_in_menus=True)


def test_frame_follows_the_tree_until_somebody_sets_it(show_in_menus):
    frame = read_frame(request_for("/about/"))

    assert frame.name == "Practice Portal"
    assert frame.main == (Link("Events", "/events/"), Link("Library", "/library/"))
    assert [link.url for link in frame.footer] == [
        "/about/",
        "/hard-cases/",
        "/anonymity/",
        "/accessibility/",
        "/privacy/",
        "/cookies/",
        "/contact/",
    ]


def test_frame_leaves_out_what_is_not_published(show_in_menus):
    Page.objects.get(slug="library").unpublish()
    Page.objects.get(slug="cookies").unpublish()

    frame = read_frame(request_for("/"))

    assert [link.url for link in frame.main] == ["/events/"]
    assert "/cookies/" not in {link.url for link in frame.footer}


def test_frame_shows_what_the_settings_say(site_settings):
    site_settings.name = "Our Portal"
    site_settings.contact_email = "portal@portal.example"
    site_settings.phase = "Beta"
    site_settings.phase_text = "This is new."
    site_settings.footer_text = "For practitioners."
    site_settings.main_navigation = links(("All events", page_id("events"), ""), ("News", None, "/news/"))
    site_settings.footer_navigation = links(("Write to us", page_id("contact"), ""))
    site_settings.save()

    assert read_frame(request_for("/")) == Frame(
        name="Our Portal",
        contact_email="portal@portal.example",
        phase="Beta",
        phase_text="This is new.",
        footer_text="For practitioners.",
        main=(Link("All events", "/events/"), Link("News", "/news/")),
        footer=(Link("Write to us", "/contact/"),),
    )


def test_frame_leaves_out_links_to_pages_that_are_gone(site_settings):
    site_settings.main_navigation = links(
        ("Events", page_id("events"), ""), ("Library", page_id("library"), ""), ("Gone", 999_999, "")
    )
    site_settings.save()
    Page.objects.get(slug="library").unpublish()

    assert read_frame(request_for("/")).main == (Link("Events", "/events/"),)


def test_frame_follows_a_page_that_moves(site_settings):
    contact = Page.objects.get(slug="contact")
    site_settings.footer_navigation = links(("Contact", contact.pk, ""))
    site_settings.save()

    contact.specific.move(Page.objects.get(slug="about"), pos="last-child")

    assert read_frame(request_for("/")).footer == (Link("Contact", "/about/contact/"),)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/events/", "page"),
        ("/events/a-workshop/", "true"),
        ("/eventsandmore/", ""),
        ("/", ""),
        ("/library/", ""),
    ],
)
def test_frame_marks_where_one_is(show_in_menus, path, current):
    frame = read_frame(request_for(path))

    assert {link.url: link.current for link in frame.main}["/events/"] == current


def test_link_to_the_front_page_is_current_there_only(site_settings):
    site_settings.main_navigation = links(("Home", None, "/"))
    site_settings.save()

    assert read_frame(request_for("/")).main == (Link("Home", "/", "page"),)
    assert read_frame(request_for("/events/")).main == (Link("Home", "/", ""),)


def test_header_has_five_links_at_most(site_tree):
    Page.objects.filter(depth=3).update(show_in_menus=True)

    assert len(read_frame(request_for("/")).main) == 5


@pytest.mark.parametrize("has_settings", [True, False])
def test_frame_costs_one_query_beside_the_site(
    has_settings, show_in_menus, request, django_assert_num_queries
):
    if has_settings:
        request.getfixturevalue("site_settings")
    asked = request_for("/")
    Site.find_for_request(asked)  # A page of the tree has found it already.

    with django_assert_num_queries(1):
        read_frame(asked)


def test_frame_costs_one_query_more_when_a_link_leads_deeper(site_settings, django_assert_num_queries):
    contact = Page.objects.get(slug="contact")
    contact.specific.move(Page.objects.get(slug="about"), pos="last-child")
    site_settings.main_navigation = links(("Contact", contact.pk, ""), ("Events", page_id("events"), ""))
    site_settings.save()
    asked = request_for("/")
    Site.find_for_request(asked)

    with django_assert_num_queries(2):
        frame = read_frame(asked)

    assert [link.url for link in frame.main] == ["/about/contact/", "/events/"]


def test_frame_writes_nothing(site_tree):
    read_frame(request_for("/"))

    assert SiteSettings.objects.count() == 0


def test_frame_is_plain_where_nobody_asks_or_no_site_answers(site_tree):
    assert read_frame(None) == Frame()

    Site.objects.all().delete()
    assert read_frame(request_for("/")) == Frame()


def test_frame_of_a_site_with_nothing_but_a_front_page_has_no_links(site_settings):
    for page in Page.objects.filter(depth=3):
        page.delete()

    frame = read_frame(request_for("/"))

    assert (frame.name, frame.main, frame.footer) == ("Practice Portal", (), ())
