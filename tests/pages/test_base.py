"""The frame of every page, as HTML."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from wagtail.models import Page

from pages import icons


@pytest.fixture
def show_in_menus(site_tree) -> None:
    """Events and library stand in the menus, the standing pages do not."""
    Page.objects.update(show_in_menus=False)
    Page.objects.filter(slug__in=["events", "library"]).update(show_in_menus=True)


def links(html, selector: str) -> list[tuple[str, str]]:
    return [(item.get_text(strip=True), item["href"]) for item in html.select(selector)]


def test_visitor_is_shown_the_ways_in(show_in_menus, client, read):
    html = read(client.get("/about/"))

    assert links(html, ".pp-wordmark")[0] == ("Practice Portal", "/")
    assert links(html, ".pp-header__account a") == [
        ("Search", "/search/"),
        ("Sign in", "/account/login/"),
        ("Create account", "/account/signup/"),
    ]
    assert links(html, ".pp-nav a") == [("Events", "/events/"), ("Library", "/library/")]
    assert html.select_one("form.pp-header__search")["action"] == "/search/"


def test_member_is_shown_the_own_page_and_signs_out_by_a_form(show_in_menus, client, member, read):
    client.force_login(member)

    html = read(client.get("/about/"))

    assert links(html, ".pp-header__account a") == [("Search", "/search/"), ("My page", "/my-page/")]
    form = html.select_one(".pp-header__account form")
    assert (form["method"], form["action"]) == ("post", "/account/logout/")

    answer = client.post(form["action"], {"csrfmiddlewaretoken": form.input["value"]})
    assert (answer.status_code, answer.url) == (302, "/")
    assert "_auth_user_id" not in client.session


def test_page_says_where_one_is(show_in_menus, client, read):
    events, about = read(client.get("/events/")), read(client.get("/about/"))

    assert [item["href"] for item in events.select(".pp-nav [aria-current=page]")] == ["/events/"]
    assert about.select(".pp-nav [aria-current]") == []


def test_parts_of_a_page_can_be_told_apart(show_in_menus, client, read):
    """One main, one h1, a skip link that leads there, and a name for each landmark of which there are two."""
    html = read(client.get("/about/"))

    assert html.select_one("a.govuk-skip-link")["href"] == "#main"
    assert [tag.name for tag in html.select("#main, main")] == ["main"]
    assert len(html.select("h1")) == 1
    names = [tag.get("aria-label") or tag.get("aria-labelledby") for tag in html.select("nav")]
    assert names == ["Main", "Breadcrumb", "footer-portal", "footer-help"]
    assert html.html["lang"] == "en-GB"


def test_footer_leads_to_the_standing_pages(show_in_menus, client, read):
    html = read(client.get("/about/"))

    assert [item["href"] for item in html.select(".pp-footer nav:last-child a")] == [
        "/about/",
        "/hard-cases/",
        "/anonymity/",
        "/accessibility/",
        "/privacy/",
        "/cookies/",
        "/contact/",
    ]


def test_phase_banner_says_what_the_settings_say(site_settings, client, read):
    assert read(client.get("/about/")).select(".govuk-phase-banner") == []

    site_settings.phase, site_settings.phase_text = "Beta", "This <is> new."
    site_settings.save()

    banner = read(client.get("/about/")).select_one(".govuk-phase-banner")
    assert [part.get_text(strip=True) for part in banner.select("strong, span")] == ["Beta", "This <is> new."]


def test_name_of_the_portal_is_the_settings(site_settings, client, read):
    site_settings.name = "Our Portal"
    site_settings.save()

    html = read(client.get("/about/"))

    assert html.title.get_text() == f"{Page.objects.get(slug='about').title} – Our Portal"
    assert {item.get_text(strip=True) for item in html.select(".pp-wordmark")} == {"Our Portal"}


def test_messages_are_banners_by_what_happened(specimens, site_tree, client, read):
    html = read(client.get("/specimen/components/"))

    banners = html.select(".pp-notices .govuk-notification-banner")
    assert [
        (
            banner["role"],
            "govuk-notification-banner--success" in banner["class"],
            banner.select_one(".govuk-notification-banner__title").get_text(),
            banner.select_one(".govuk-notification-banner__heading").get_text(),
        )
        for banner in banners
    ] == [
        ("alert", True, "Done", "You are registered."),
        ("status", False, "Important", "The organiser was told."),
    ]


def test_title_says_that_a_form_has_errors(specimens, site_tree, client, read):
    assert read(client.get("/specimen/form/")).title.get_text() == "Specimen form – Practice Portal"
    assert (
        read(client.post("/specimen/form/", {})).title.get_text() == "Error: Specimen form – Practice Portal"
    )


def test_scripts_come_last_and_only_from_here(site_tree, client, read):
    sources = [script.get("src") for script in read(client.get("/about/")).select("script")]

    assert sources == ["/static/portal/portal.js"]


@pytest.mark.parametrize("is_staff", [True, False])
def test_staff_alone_get_the_bar_that_leads_to_the_editor(site_tree, client, administrator, read, is_staff):
    administrator.is_staff = is_staff
    administrator.save()
    client.force_login(administrator)

    html = read(client.get("/about/"))

    assert len(html.select("wagtail-userbar")) == is_staff


def test_member_pays_two_queries_more_than_a_visitor(site_tree, client, member, django_assert_num_queries):
    """The session and the user."""
    client.force_login(member)
    client.get("/contact/")

    with django_assert_num_queries(6):
        client.get("/contact/")


@pytest.mark.parametrize("name", icons.SHAPES)
def test_icon_is_hidden_from_screen_readers(read, name):
    svg = read(Template(f'{{% load portal %}}{{% icon "{name}" %}}').render(Context())).svg

    assert (svg["aria-hidden"], svg["class"], svg["viewbox"]) == ("true", ["pp-icon"], "0 0 24 24")
    assert (svg["width"], svg["height"]) == ("24", "24")  # without the stylesheet it would fill the page
    assert len(svg.find_all(["path", "circle"])) >= 1


def test_there_are_thirteen_icons():
    assert len(icons.SHAPES) == 13


def test_icon_that_is_not_ours_is_an_error():
    with pytest.raises(TemplateSyntaxError, match="No icon is called “heart”"):
        Template('{% load portal %}{% icon "heart" %}').render(Context())


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ at|day_date }}", "Thursday 14 January 2027"),
        ("{{ at|clock }}", "9:30am"),
        ("{{ at|moment }}", "Thursday 14 January 2027, 9:30am"),
        ("{{ at|month }}", "January 2027"),
        ("{% period at at 'Europe/Paris' %}", "Thursday 14 January 2027, 10:30am"),
        ("{{ nothing|day_date }}{{ nothing|clock }}{{ nothing|moment }}{{ nothing|month }}", ""),
    ],
)
def test_dates_in_templates_are_dates_in_words(now, template, words):
    context = Context({"at": now, "nothing": None})

    assert Template("{% load portal %}" + template).render(context) == words


@pytest.mark.parametrize(
    ("details", "parts"),
    [
        ({}, ["Jan", "14", "2027"]),
        ({"precision": "month"}, ["Jan", "2027"]),
        ({"zone": "Pacific/Auckland"}, ["Jan", "14", "2027"]),
        ({"zone": "Pacific/Kiritimati", "late": True}, ["Jan", "15", "2027"]),
    ],
)
def test_date_block_is_the_date_at_the_place(now, read, details, parts):
    at = now.replace(hour=18) if details.pop("late", False) else now

    block = read(render_to_string("components/date_block.html", {"at": at, **details})).div

    assert [part.get_text() for part in block.select("span")] == parts
    assert block["aria-hidden"] == "true"


def test_summary_list_names_what_a_link_changes(read):
    rows = [
        {"key": "Name", "value": "Pat", "url": "/name/", "action": "Change"},
        {"key": "Organisation", "value": "Example Police"},
    ]

    html = read(render_to_string("components/summary_list.html", {"rows": rows}))

    assert [
        [part.get_text(" ", strip=True) for part in row.find_all(["dt", "dd"])]
        for row in html.select(".govuk-summary-list__row")
    ] == [["Name", "Pat", "Change name"], ["Organisation", "Example Police"]]


@pytest.mark.parametrize(
    ("context", "rels"),
    [
        ({}, []),
        ({"earlier_url": "?before=1"}, ["prev"]),
        ({"later_url": "?after=1"}, ["next"]),
        ({"earlier_url": "?before=1", "later_url": "?after=1"}, ["prev", "next"]),
    ],
)
def test_pagination_leads_only_where_there_is_more(read, context, rels):
    html = read(render_to_string("components/pagination.html", context))

    assert [item["rel"] for item in html.select("a")] == [[rel] for rel in rels]


def test_heading_of_foreign_templates_is_lifted_into_the_band(read):
    template = Template(
        '{% load portal %}{% lift_heading %}<p>One</p><h1 class="x">Sign in</h1><p>Two</p>{% endlift_heading %}'
    )

    html = read(template.render(Context()))

    assert [str(tag) for tag in html.select(".pp-band h1")] == ['<h1 class="x">Sign in</h1>']
    assert [tag.get_text() for tag in html.select(".govuk-main-wrapper p")] == ["One", "Two"]
    assert html.select(".govuk-main-wrapper h1") == []


def test_what_has_no_heading_is_only_content(read):
    html = read(
        Template("{% load portal %}{% lift_heading %}<p>One</p>{% endlift_heading %}").render(Context())
    )

    assert html.select(".pp-band") == []
    assert html.select_one(".govuk-main-wrapper").get_text(strip=True) == "One"
