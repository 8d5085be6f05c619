"""Who is on the team of an event, and what each of them may do."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from events import actions, rules
from events.admin_views import furniture
from events.models import EventPage, TeamMember
from events.organising_forms import AddTeamMemberForm, TeamMemberForm
from pages.errors import ActionError

# What each role may do, as the page says it.
MAY = {
    TeamMember.Role.MANAGE: "See registrations, approve and cancel them, write to people, check in, and change the team.",
    TeamMember.Role.CHECK_IN: "Check people in at the door. Needs no second factor, and does not enter this admin.",
    TeamMember.Role.READ: "See registrations and numbers, and export them. Changes nothing.",
}


@require_http_methods(furniture.GET_AND_POST)
def team(request: HttpRequest, event: int) -> HttpResponse:
    """The team, and a form to add somebody."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    form = AddTeamMemberForm(request.POST or None)
    if form.is_valid():
        try:
            added = actions.add_team_member(
                event=found,
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                sees_sensitive_answers=form.cleaned_data["sees_sensitive_answers"],
                actor=furniture.organiser(request),
                now=timezone.now(),
            )
        except ActionError as refusal:
            form.add_error("email", refusal.message)
        else:
            messages.success(request, f"{_name(added)} is on the team. A letter tells them.")
            return redirect("events_admin:team", event)
    rows = found.team.select_related("member", "added_by").order_by("added_at", "pk")
    runs_all = rules.runs_all_events(request.user)
    context = {
        **furniture.of_event(request, found, "Team", tab="team"),
        "form": form,
        "members": [
            # As `rules.can_change_team_member`, which would ask for the role anew for each of them.
            {"row": row, "name": _name(row), "may_change": runs_all or row.member_id != request.user.pk}
            for row in rows
        ],
        "may": [(role.label, MAY[role]) for role in TeamMember.Role],
    }
    return render(request, "events/admin/team.html", context)


@require_http_methods(furniture.GET_AND_POST)
def change_team_member(request: HttpRequest, event: int, team_member: int) -> HttpResponse:
    found, row = _get(request, event, team_member)
    form = TeamMemberForm(request.POST or None, instance=row)
    if form.is_valid():
        actions.change_team_member(
            team_member=row,
            role=form.cleaned_data["role"],
            sees_sensitive_answers=form.cleaned_data["sees_sensitive_answers"],
            actor=furniture.organiser(request),
        )
        messages.success(request, f"What {_name(row)} may do is changed.")
        return redirect("events_admin:team", event)
    context = {
        **furniture.of_event(
            request, found, f"Change what {_name(row)} may do", tab="team", crumb=_name(row)
        ),
        "form": form,
        "may": [(role.label, MAY[role]) for role in TeamMember.Role],
    }
    return render(request, "events/admin/change_team_member.html", context)


@require_POST
def remove_team_member(request: HttpRequest, event: int, team_member: int) -> HttpResponse:
    _, row = _get(request, event, team_member)
    name = _name(row)
    actions.remove_team_member(team_member=row, actor=furniture.organiser(request))
    messages.success(request, f"{name} is not on the team any more.")
    return redirect("events_admin:team", event)


def _get(request: HttpRequest, event: int, team_member: int) -> tuple[EventPage, TeamMember]:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    row = get_object_or_404(found.team.select_related("member"), pk=team_member)
    row.event = found
    if not rules.can_change_team_member(request.user, row):
        raise PermissionDenied
    return found, row


def _name(row: TeamMember) -> str:
    return row.member.get_full_name() or row.member.email
