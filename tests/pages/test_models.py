"""What every page of the site has."""

import pytest
from django.urls import reverse
from wagtail.models import PageViewRestriction

from home.models import StandardPage


@pytest.fixture
def deep_page(site_tree) -> StandardPage:
    about = StandardPage.objects.get(slug="about")
    return about.add_child(
        instance=StandardPage(title="Who we <are>", slug="who", summary="Three universities.")
    )


def test_crumbs_lead_from_the_front_page_to_the_parent(deep_page, client, read):
    html = read(client.get("/about/who/"))

    assert [(item.get_text(), item["href"]) for item in html.select(".govuk-breadcrumbs a")] == [
        ("Home", "/"),
        (StandardPage.objects.get(slug="about").title, "/about/"),
    ]


def test_front_page_has_no_crumbs(site_tree, rf):
    assert site_tree.crumbs(rf.get("/")) == []


def test_crumbs_cost_one_query_at_most(deep_page, rf, django_assert_num_queries):
    parent = deep_page.get_parent().specific

    with django_assert_num_queries(1):
        assert [url for _, url in deep_page.crumbs(rf.get("/"))] == ["/", "/about/"]
    with django_assert_num_queries(0):
        assert parent.crumbs(rf.get("/")) == [("Home", "/")]


@pytest.mark.parametrize(
    ("search_description", "shown"), [("", "Three universities."), ("For engines.", "For engines.")]
)
def test_page_describes_itself_for_link_previews(deep_page, client, read, search_description, shown):
    deep_page.search_description = search_description
    deep_page.save_revision().publish()

    html = read(client.get("/about/who/"))

    assert html.select_one("meta[name=description]")["content"] == shown
    assert {tag["property"]: tag["content"] for tag in html.select("meta[property]")} == {
        "og:title": "Who we <are>",
        "og:description": shown,
        "og:site_name": "Practice Portal",
        "og:type": "website",
    }


def test_anonymous_page_costs_four_queries(site_tree, client, django_assert_num_queries):
    """Three are Wagtail's: site, page (twice; with the first, whether anything is private). One is the frame."""
    client.get("/contact/")

    with django_assert_num_queries(4):
        client.get("/contact/")


@pytest.mark.parametrize(("mode", "last"), [("", "My page"), ("visitor", "Create account")])
def test_preview_shows_the_page_to_whom_one_asks(deep_page, admin_client, read, mode, last):
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[deep_page.pk])
    draft = {
        "title": "Who we are",
        "slug": "who",
        "summary": "Not published yet.",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }
    assert admin_client.post(address, draft).json()["is_valid"] is True

    html = read(admin_client.get(address, {"mode": mode}))

    assert html.select_one(".pp-lead").get_text() == "Not published yet."
    assert html.select(".pp-header__account a")[-1].get_text() == last


def test_page_for_members_sends_visitors_to_sign_in(deep_page, client, member):
    PageViewRestriction.objects.create(page=deep_page, restriction_type=PageViewRestriction.LOGIN)

    answer = client.get("/about/who/")
    assert (answer.status_code, answer.url) == (302, "/account/login/?next=/about/who/")

    client.force_login(member)
    assert client.get("/about/who/").status_code == 200


def test_page_cannot_be_locked_with_a_shared_password(deep_page, admin_client, read):
    html = read(
        admin_client.get(reverse("wagtailadmin_pages:set_privacy", args=[deep_page.pk])).json()["html"]
    )

    assert [item["value"] for item in html.select("input[name=restriction_type]")] == [
        "none",
        "login",
        "groups",
    ]
