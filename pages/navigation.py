"""What surrounds every page: the portal's name, its banner and the links above and below.

Every page pays for it, so it costs one query; a second one when a link leads deeper than to a page right
under the front page.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from wagtail.models import Page, Site

from pages.models import SiteSettings
from pages.sites import site_of

MOST_IN_HEADER = 5
MOST_IN_FOOTER = 10

# By hand: the ORM has no words for this join, and spends more time on putting it otherwise than the database
# on answering. The range of paths is what the index knows; the depth leaves out what is further down.
_QUERY = """
    SELECT settings.name, settings.contact_email, settings.phase, settings.phase_text, settings.footer_text,
           settings.main_navigation, settings.footer_navigation,
           page.id, page.title, page.url_path, page.show_in_menus
    FROM wagtailcore_site site
    LEFT JOIN pages_sitesettings settings ON settings.site_id = site.id
    LEFT JOIN wagtailcore_page page
           ON page.path BETWEEN %s AND %s AND page.depth = %s AND page.live
    WHERE site.id = %s
    ORDER BY page.path
"""


@dataclass(frozen=True)
class Link:
    """A link of the frame. `current` is the value of aria-current: "page", "true" (a part of it) or empty."""

    label: str
    url: str
    current: str = ""


def _default(name: str) -> str:
    return str(SiteSettings._meta.get_field(name).get_default())


@dataclass(frozen=True)
class Frame:
    """What surrounds every page. As it stands here, it also serves where there is no site."""

    name: str = _default("name")
    contact_email: str = ""
    phase: str = ""
    phase_text: str = ""
    footer_text: str = _default("footer_text")
    main: tuple[Link, ...] = ()
    footer: tuple[Link, ...] = ()


class _Page(NamedTuple):
    """A page that a link may lead to."""

    pk: int
    title: str
    url_path: str
    show_in_menus: bool


def read_frame(request: HttpRequest | None) -> Frame:
    """The frame of the site that was asked; the plain one where there is no request or no site."""
    site = site_of(request) if request is not None else None
    if request is None or site is None:
        return Frame()
    texts, main_links, footer_links, first_level = _read(site)
    main = _chosen(main_links, first_level, site) or _from_tree(first_level, site, in_menus=True)
    footer = _chosen(footer_links, first_level, site) or _from_tree(first_level, site, in_menus=False)
    return Frame(
        **texts,
        main=tuple(_marked(link, request.path) for link in main[:MOST_IN_HEADER]),
        footer=tuple(footer[:MOST_IN_FOOTER]),
    )


def _read(site: Site) -> tuple[dict[str, str], list[Any], list[Any], list[_Page]]:
    """The settings of the site, and the published pages right under its front page."""
    root = site.root_page
    first, last = Page._get_children_path_interval(root.path)
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [first, last, root.depth + 1, site.pk])
        rows = cursor.fetchall()
    *texts, main_links, footer_links = rows[0][:7]
    names = ("name", "contact_email", "phase", "phase_text", "footer_text")
    return (
        # Until somebody has saved the settings there is no row, and the defaults count.
        {name: text for name, text in zip(names, texts, strict=True) if text is not None},
        json.loads(main_links or "[]"),
        json.loads(footer_links or "[]"),
        [_Page(row[7], row[8], row[9], bool(row[10])) for row in rows if row[7] is not None],
    )


def _from_tree(first_level: list[_Page], site: Site, *, in_menus: bool) -> list[Link]:
    """What the settings leave open follows the tree: pages "shown in menus" above, the others below."""
    return [Link(page.title, _address(page, site)) for page in first_level if page.show_in_menus is in_menus]


def _chosen(links: Iterable[dict[str, Any]], first_level: list[_Page], site: Site) -> list[Link]:
    """The links of the settings; one to a page that is gone or unpublished is left out."""
    values = [link["value"] for link in links]
    pages = {page.pk: page for page in first_level}
    deeper = {value["page"] for value in values if value["page"]} - pages.keys()
    if deeper:
        found = Page.objects.live().filter(pk__in=deeper, path__startswith=site.root_page.path)
        pages |= {row[0]: _Page(*row) for row in found.values_list(*_Page._fields)}
    return [
        Link(value["label"], _address(pages[value["page"]], site) if value["page"] else value["address"])
        for value in values
        if not value["page"] or value["page"] in pages
    ]


def _address(page: _Page, site: Site) -> str:
    return reverse("wagtail_serve", args=[page.url_path[len(site.root_page.url_path) :]])


def _marked(link: Link, path: str) -> Link:
    """The link, marked when it leads here or to the part of the site that this page is in."""
    if link.url == path:
        return Link(link.label, link.url, "page")
    if link.url not in {"", "/"} and path.startswith(link.url):
        return Link(link.label, link.url, "true")
    return link
