"""The Wagtail admin as our staff see it: our name and colours, and only what is theirs to do."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import PagesSummaryItem, SummaryItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import (
    LockedPagesPanel,
    RecentEditsPanel,
    UserObjectsInWorkflowModerationPanel,
    WorkflowObjectsToModeratePanel,
)
from wagtail.documents.wagtail_hooks import DocumentsSummaryItem
from wagtail.images.wagtail_hooks import ImagesSummaryItem
from wagtail.models import Page

from events.models import EventIndexPage
from home.models import HomePage
from library.models import LibraryIndexPage
from portal import duties, roles

LINK_AWAY = {"target": "_blank", "rel": "noreferrer"}
# The order of the menu: what is written, who takes part, what it is written with. The rest follows.
MENU = (
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
)
PAGES_THE_SITE_STANDS_ON = (HomePage, EventIndexPage, LibraryIndexPage)


class DutiesPanel(Component):
    """What the person can do here, in plain words."""

    name = "duties"
    template_name = "portal/admin/duties.html"
    order = 200

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"duties": duties.duties_of(parent_context["request"].user)}


@hooks.register("insert_global_admin_css")
def link_stylesheet() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("portal/admin.css"))


@hooks.register("insert_global_admin_js")
def link_script() -> SafeString:
    return format_html('<script src="{}" type="module"></script>', static("portal/admin.js"))


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    """Show every permission of the table of roles where an administrator edits a group."""
    wanted = Q()
    for grants in roles.ROLES.values():
        for name in grants.permissions:
            app_label, _, codename = name.partition(".")
            wanted |= Q(content_type__app_label=app_label) & (
                Q() if codename == "*" else Q(codename=codename)
            )
    return Permission.objects.filter(wanted)


@hooks.register("construct_main_menu")
def show_what_is_theirs(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    hidden = set()
    if not request.user.has_perm("auth.change_group"):
        hidden.add("reports")
    if not user_has_any_page_permission(request.user):
        hidden.add("help")
    menu_items[:] = [item for item in menu_items if item.name not in hidden]
    for item in menu_items:
        if item.name in MENU:
            item.order = MENU.index(item.name)


@hooks.register("construct_help_menu")
def leave_out_news_of_wagtail(_request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """No news of Wagtail, and a plain link to its guide: Wagtail's own counts as unread until clicked."""
    menu_items[:] = [
        MenuItem(item.label, item.url, item.name, icon_name=item.icon_name, attrs=LINK_AWAY, order=item.order)
        if item.name == "editor-guide"
        else item
        for item in menu_items
        if not item.name.startswith("whats-new-in-wagtail")
    ]


@hooks.register("construct_homepage_panels")
def show_duties(request: HttpRequest, panels: list[Component]) -> None:
    left_out: tuple[type[Component], ...] = (
        UserObjectsInWorkflowModerationPanel,
        WorkflowObjectsToModeratePanel,
    )
    if not user_has_any_page_permission(request.user):
        left_out += (LockedPagesPanel, RecentEditsPanel)
    panels[:] = [panel for panel in panels if not isinstance(panel, left_out)]
    panels.append(DutiesPanel())


@hooks.register("construct_homepage_summary_items", order=1000)  # after Wagtail's own
def leave_out_counts(_request: HttpRequest, summary_items: list[SummaryItem]) -> None:
    """How many pages, images and documents there are helps nobody decide what to do."""
    wagtails = (PagesSummaryItem, ImagesSummaryItem, DocumentsSummaryItem)
    summary_items[:] = [item for item in summary_items if not isinstance(item, wagtails)]


@hooks.register("before_delete_page")
@hooks.register("before_unpublish_page")
def keep_what_the_site_stands_on(request: HttpRequest, page: Page) -> HttpResponse | None:
    """The front page and the two lists stay: other parts of the portal lead to them."""
    if not isinstance(page.specific, PAGES_THE_SITE_STANDS_ON):
        return None
    messages.error(
        request,
        f"“{page.title}” holds other pages of the portal together, so it stays and stays published. "
        "You can change what it says.",
    )
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("before_bulk_action")
def keep_what_the_site_stands_on_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], _action: Any
) -> HttpResponse | None:
    if action_type not in {"delete", "unpublish"}:
        return None
    answers = (keep_what_the_site_stands_on(request, page) for page in objects if isinstance(page, Page))
    return next((answer for answer in answers if answer), None)
