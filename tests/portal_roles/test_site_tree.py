"""The pages of a new installation, as the migrations leave them."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import Collection, Page, Site, Task, Workflow

from events.models import EventIndexPage
from home.models import HomePage, StandardPage
from library.models import LibraryIndexPage
from portal import site_tree as tree

FIND_NO_PROBLEMS = ([], [], [], [], [])
PAGES = [
    ("/", Page, "Root"),
    ("/home/", HomePage, "Home"),
    ("/home/events/", EventIndexPage, "Events"),
    ("/home/library/", LibraryIndexPage, "Library"),
    ("/home/about/", StandardPage, "About"),
    ("/home/hard-cases/", StandardPage, "Discuss a hard case"),
    ("/home/anonymity/", StandardPage, "How anonymity works"),
    ("/home/accessibility/", StandardPage, "Accessibility statement"),
    ("/home/privacy/", StandardPage, "Privacy notice"),
    ("/home/cookies/", StandardPage, "Cookies"),
    ("/home/contact/", StandardPage, "Contact"),
]


def described() -> list[tuple[str, type[Page], str]]:
    return [
        (page.url_path, type(page), page.title)
        for page in Page.objects.order_by("path").specific()
        if page.depth < 4
    ]


def test_plant_leaves_a_sound_tree_of_exactly_these_pages(db) -> None:
    assert described() == PAGES
    assert Page.find_problems() == FIND_NO_PROBLEMS


def test_plant_is_found_in_order_by_wagtails_own_check(db, capsys) -> None:
    call_command("fixtree", interactive=False)

    assert capsys.readouterr().out.count("No problems found.") == 2


def test_plant_publishes_every_page_with_words_under_its_title(db) -> None:
    for page in Page.objects.filter(depth__gt=1).specific():
        assert (page.live, page.first_published_at is not None, page.draft_title) == (True, True, page.title)
        assert page.summary.endswith(".")


def test_plant_puts_three_links_of_one_word_into_the_header(db) -> None:
    shown = Page.objects.filter(show_in_menus=True).order_by("path")

    assert [page.title for page in shown] == ["Events", "Library", "About"]


def test_plant_names_the_one_site_and_puts_it_at_the_address_of_the_settings(db) -> None:
    [site] = Site.objects.all()

    assert site.site_name == "Practice Portal"
    assert site.is_default_site
    assert site.root_url == "https://portal.example"
    assert site.root_page.specific == HomePage.objects.get()


def test_plant_leaves_no_workflow_of_wagtails(db) -> None:
    assert (Workflow.objects.count(), Task.objects.count()) == (0, 0)


def test_plant_again_changes_nothing(db) -> None:
    before = list(Page.objects.order_by("pk").values())

    tree.plant(apps)

    assert list(Page.objects.order_by("pk").values()) == before
    assert Site.objects.count() == 1
    assert Collection.objects.count() == 1


def test_plant_keeps_what_editors_made_of_a_page_and_where_they_put_others(db) -> None:
    privacy = StandardPage.objects.get(slug="privacy")
    privacy.title = "How we treat your data"
    privacy.save()
    contact = StandardPage.objects.get(slug="contact")
    contact.delete()
    HomePage.objects.get().add_child(instance=StandardPage(title="News", slug="news"))

    tree.plant(apps)

    assert StandardPage.objects.get(slug="privacy").title == "How we treat your data"
    assert StandardPage.objects.get(slug="contact").path > StandardPage.objects.get(slug="news").path
    assert Page.find_problems() == FIND_NO_PROBLEMS


def test_plant_keeps_the_name_and_address_an_administrator_gave_the_site(db) -> None:
    Site.objects.update(site_name="Our portal", hostname="portal.force.example", port=443)

    tree.plant(apps)

    assert Site.objects.values_list("site_name", "hostname", "port").get() == (
        "Our portal",
        "portal.force.example",
        443,
    )


@pytest.mark.django_db(transaction=True)
def test_plant_rebuilds_the_tree_after_a_flush(site_tree) -> None:
    assert described() == PAGES
    assert Page.find_problems() == FIND_NO_PROBLEMS
    assert Site.objects.get().root_page_id == site_tree.pk
    assert Collection.objects.get().depth == 1


@pytest.mark.django_db(transaction=True)
def test_migrate_back_and_forth_keeps_pages_and_groups(site_tree) -> None:
    before = described()
    try:
        MigrationExecutor(connection).migrate([("portal", None)])
        assert described() == before
    finally:
        MigrationExecutor(connection).migrate([("portal", "0001_site_and_roles")])

    assert described() == before
    assert Page.find_problems() == FIND_NO_PROBLEMS


@pytest.mark.django_db(transaction=True)
def test_plant_adopts_a_page_whose_own_row_is_gone(site_tree) -> None:
    """As after migrating `home` to zero and back: Wagtail's rows stay, the app's own do not."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM home_standardpage")
        cursor.execute("DELETE FROM home_homepage")

    tree.plant(apps)

    assert described() == PAGES
    assert Page.find_problems() == FIND_NO_PROBLEMS
