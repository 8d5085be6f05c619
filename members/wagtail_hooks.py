"""What the Wagtail admin shows of members: the list, what waits on the home page, organisations."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.snippets.models import register_snippet

from members import admin_views, rules
from members.models import Organisation, User
from members.viewsets import OrganisationViewSet

register_snippet(OrganisationViewSet)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern | URLResolver]:
    patterns = [
        path("", admin_views.MembersView.as_view(), name="members"),
        path("results/", admin_views.MembersView.as_view(results_only=True), name="members_results"),
        path("<uuid:member>/", admin_views.member, name="member"),
        path("<uuid:member>/approve/", admin_views.approve_member, name="approve_member"),
        path("<uuid:member>/decline/", admin_views.decline_member, name="decline_member"),
        path("<uuid:member>/suspend/", admin_views.suspend_member, name="suspend_member"),
        path("<uuid:member>/reinstate/", admin_views.reinstate_member, name="reinstate_member"),
        path("<uuid:member>/erase/", admin_views.erase_member, name="erase_member"),
    ]
    return [path("members/", include((patterns, "members_admin")))]


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="members", codename="decide_membership")


class MembersMenuItem(MenuItem):
    """The way to the list, with the number of people who wait."""

    def is_shown(self, request: HttpRequest) -> bool:
        return rules.can_decide_membership(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        waiting = User.objects.awaiting_decision().count()
        component = super().render_component(request)
        if waiting:
            component.label = f"{self.label} ({waiting})"
        return component


@hooks.register("register_admin_menu_item")
def register_members_menu_item() -> MenuItem:
    return MembersMenuItem(
        "Members", reverse("members_admin:members"), name="members", icon_name="group", order=300
    )


class PeopleWaitingPanel(Component):
    """How many people wait for a decision, and since when."""

    name = "people_waiting"
    template_name = "members/admin/people_waiting.html"
    order = 100

    def get_context_data(self, parent_context: Mapping[str, Any] | None) -> dict[str, Any]:
        waiting = User.objects.awaiting_decision().order_by()
        return waiting.aggregate(number=Count("pk"), oldest=Min("waiting_since"))


@hooks.register("construct_homepage_panels")
def add_people_waiting_panel(request: HttpRequest, panels: list[Component]) -> None:
    if rules.can_decide_membership(request.user):
        panels.append(PeopleWaitingPanel())


@hooks.register("before_bulk_action")
def refuse_bulk_actions(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    """Nothing happens to users in bulk: see `views.no_users_in_bulk`, which stands before this.

    Organisations that are in use Wagtail would try to delete, and fail.
    """
    if action.model is User:
        raise PermissionDenied
    if action.model is Organisation and action_type == "delete":
        used = Organisation.objects.in_use().filter(pk__in=[chosen.pk for chosen in objects])
        if names := ", ".join(used.values_list("name", flat=True)):
            messages.error(request, f"Nothing was deleted: people belong to {names}.")
            return redirect("wagtailsnippets_members_organisation:list")
    return None
