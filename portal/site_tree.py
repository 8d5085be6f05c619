"""The pages that every installation starts with: the front page, the two lists and the standing pages.

The functions take `apps`, so a migration can hand in the historical models and a test the live ones.
They never delete, and running them again changes nothing.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.apps.registry import Apps
from django.conf import settings
from django.utils import timezone
from treebeard.mp_tree import MP_Node
from wagtail.coreutils import get_supported_content_language_variant

SITE_NAME = "Practice Portal"


@dataclass(frozen=True)
class Node:
    """One page of the tree, before editors make it their own."""

    app_label: str
    model_name: str
    slug: str
    title: str
    summary: str
    stands_in_header: bool = False  # otherwise its link is in the footer


HOME = Node(
    "home",
    "homepage",
    "home",
    "Home",
    "For people in police, probation and other agencies who manage the risk that others pose: "
    "meet, find what works and share it.",
)
EVENT_INDEX = Node(
    "events",
    "eventindexpage",
    "events",
    "Events",
    "Conferences, workshops and case clinics where practitioners from different agencies meet.",
    stands_in_header=True,
)
LIBRARY_INDEX = Node(
    "library",
    "libraryindexpage",
    "library",
    "Library",
    "What evaluations and studies have found, in plain words, with the publication to cite.",
    stands_in_header=True,
)
STANDING_PAGES = (
    Node(
        "home",
        "standardpage",
        "about",
        "About",
        "What the portal is for, who can join and who runs it.",
        stands_in_header=True,
    ),
    Node(
        "home",
        "standardpage",
        "hard-cases",
        "Discuss a hard case",
        "How forums without anybody’s name will work, and whom to ask until they open.",
    ),
    Node(
        "home",
        "standardpage",
        "anonymity",
        "How anonymity works",
        "What is kept apart, what nobody can see, and where the limits are.",
    ),
    Node(
        "home",
        "standardpage",
        "accessibility",
        "Accessibility statement",
        "How to use the portal your way, what falls short, and how to tell us.",
    ),
    Node(
        "home",
        "standardpage",
        "privacy",
        "Privacy notice",
        "What we hold about you, why, for how long, and how to get it or have it erased.",
    ),
    Node(
        "home",
        "standardpage",
        "cookies",
        "Cookies",
        "The few cookies the portal sets, and what each is for.",
    ),
    Node(
        "home",
        "standardpage",
        "contact",
        "Contact",
        "How to reach the people who run the portal.",
    ),
)


def plant(apps: Apps) -> None:
    """Make what is missing of root, front page, lists, standing pages and default site."""
    root = _root(apps)
    home = _home(apps, root)
    for node in (EVENT_INDEX, LIBRARY_INDEX, *STANDING_PAGES):
        _child(apps, home, node)
    _name_the_site(apps, home)
    _root_collection(apps)


def _page(apps: Apps) -> Any:
    return apps.get_model("wagtailcore", "page")


def _content_type(apps: Apps, app_label: str, model_name: str) -> Any:
    content_types = apps.get_model("contenttypes", "contenttype").objects
    return content_types.get_or_create(app_label=app_label, model=model_name)[0]


def _locale(apps: Apps) -> Any:
    locales = apps.get_model("wagtailcore", "locale").objects
    language = get_supported_content_language_variant(settings.LANGUAGE_CODE)
    return locales.get_or_create(language_code=language)[0]


def _root(apps: Apps) -> Any:
    """The node above all sites, which no visitor ever sees. Wagtail's first migration makes it."""
    found = _page(apps).objects.filter(depth=1).first()
    return found or _page(apps).objects.create(
        title="Root",
        draft_title="Root",
        slug="root",
        content_type=_content_type(apps, "wagtailcore", "page"),
        path=MP_Node._get_path(None, 1, 1),
        depth=1,
        numchild=0,
        url_path="/",
        locale=_locale(apps),
    )


def _home(apps: Apps, root: Any) -> Any:
    """The front page. Wagtail's welcome page becomes it, so that nothing points into the void."""
    page = _page(apps).objects.filter(depth=2, slug=HOME.slug).first()
    if page is None:
        return _create(apps, root, HOME)
    front_pages = apps.get_model(HOME.app_label, HOME.model_name).objects
    return front_pages.filter(page_ptr=page).first() or _adopt(apps, page, HOME)


def _child(apps: Apps, home: Any, node: Node) -> None:
    page = (
        _page(apps).objects.filter(path__startswith=home.path, depth=home.depth + 1, slug=node.slug).first()
    )
    if page is None:
        _create(apps, home, node)
    elif not apps.get_model(node.app_label, node.model_name).objects.filter(page_ptr=page).exists():
        _adopt(apps, page, node)


def _create(apps: Apps, parent: Any, node: Node) -> Any:
    pages = _page(apps).objects
    last = (
        pages.filter(path__startswith=parent.path, depth=parent.depth + 1)
        .order_by("path")
        .values_list("path", flat=True)
        .last()
    )
    step = MP_Node._str2int(last[-MP_Node.steplen :]) + 1 if last else 1
    now = timezone.now()
    page = apps.get_model(node.app_label, node.model_name).objects.create(
        title=node.title,
        draft_title=node.title,
        summary=node.summary,
        slug=node.slug,
        content_type=_content_type(apps, node.app_label, node.model_name),
        path=MP_Node._get_path(parent.path, parent.depth + 1, step),
        depth=parent.depth + 1,
        numchild=0,
        url_path=f"{parent.url_path}{node.slug}/",
        locale=_locale(apps),
        show_in_menus=node.stands_in_header,
        first_published_at=now,
        last_published_at=now,
    )
    parent.numchild += 1
    pages.filter(pk=parent.pk).update(numchild=parent.numchild)
    return page


def _adopt(apps: Apps, page: Any, node: Node) -> Any:
    """Turn a bare page into one of ours: same row, same place in the tree, same number."""
    now = timezone.now()
    _page(apps).objects.filter(pk=page.pk).update(
        title=node.title,
        draft_title=node.title,
        content_type=_content_type(apps, node.app_label, node.model_name),
        show_in_menus=node.stands_in_header,
        first_published_at=now,
        last_published_at=now,
    )
    page.refresh_from_db()
    adopted = apps.get_model(node.app_label, node.model_name)(page_ptr=page, summary=node.summary)
    for field in page._meta.concrete_fields:
        setattr(adopted, field.attname, getattr(page, field.attname))
    adopted.save_base(raw=True)  # its own row only: the page's row is there
    return adopted


def _name_the_site(apps: Apps, home: Any) -> None:
    """One site, named as the portal, at the address from the settings.

    The address matters: Wagtail's preview asks itself for a page under this host, and a host that
    is not among `ALLOWED_HOSTS` is refused.
    """
    sites = apps.get_model("wagtailcore", "site").objects
    site = sites.filter(is_default_site=True).first()
    if site is not None and site.site_name:
        return
    address = urlsplit(settings.BASE_URL)
    sites.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": address.hostname or "localhost",
            "port": address.port or (443 if address.scheme == "https" else 80),
            "site_name": SITE_NAME,
            "root_page_id": home.pk,
        },
    )


def _root_collection(apps: Apps) -> None:
    """The collection above all images and documents. Wagtail's migrations make it, too."""
    collections = apps.get_model("wagtailcore", "collection").objects
    if not collections.filter(depth=1).exists():
        collections.create(name="Root", path=MP_Node._get_path(None, 1, 1), depth=1, numchild=0)
