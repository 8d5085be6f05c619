"""Approval by the line manager: the manager's page, which needs no account, and asking somebody else."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from events import actions, links, rules, together
from events.models import ManagerApproval, Registration
from events.people_forms import ManagerAnswerForm, ManagerForm
from events.views import courses, shared
from members.models import User
from pages.errors import ActionError


@login_not_required
@require_http_methods(shared.GET_AND_POST)
def answer_as_manager(request: HttpRequest, token: str) -> HttpResponse:
    """What a manager reads and answers, with the link from the letter alone.

    A link that was replaced, and one that was made up, look the same.
    """
    key = links.key_in(links.APPROVE, token)
    asked = actions.manager_approval(key) if key else None
    if asked is None or key is None or not _is_open_or_answered(asked):
        return shared.unkept(render(request, "events/answer_as_manager.html", {"asked": None}, status=404))
    form = ManagerAnswerForm(request.POST if request.method == "POST" else None)
    visitor = request.user if isinstance(request.user, User) else None
    refusal, status = "", 200
    if not asked.answer and form.is_valid():
        try:
            actions.answer_as_manager(
                key=key,
                approves=form.cleaned_data["answer"] == "approve",
                reason=form.cleaned_data["reason"],
                visitor=visitor,
                now=timezone.now(),
            )
        except ActionError as problem:
            refusal, status = problem.message, 409
        else:
            return redirect("events:answer_as_manager", token)
    elif asked.answer and request.method == "POST":
        refusal, status = actions.LinkUsed.message, 409
    registration = asked.registration
    context = {
        "asked": asked,
        "event": registration.event,
        "registration": registration,
        **_course(registration),
        "form": form,
        "refusal": refusal,
    }
    return shared.unkept(render(request, "events/answer_as_manager.html", context, status=status))


def _course(registration: Registration) -> dict[str, Any]:
    """The course and its dates to come, of what was asked for all of them at once. Two queries only for those."""
    if registration.booked_together is None:
        return {"course": None, "dates": []}
    dates = together.to_come(registration, timezone.now(), states=Registration.State.values)
    return {"course": courses.course_of(registration.event), "dates": [found.event for found in dates]}


@require_http_methods(shared.GET_AND_POST)
def ask_manager(request: HttpRequest, registration: UUID) -> HttpResponse:
    """Ask somebody else, or again: the link sent before ends."""
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    if not rules.can_ask_manager(member, found, timezone.now()):
        return redirect("events:registration", found.uuid)
    form = ManagerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["manager_email"]
        try:
            actions.ask_manager(registration=found, manager_email=address, actor=member, now=timezone.now())
        except ActionError as refusal:
            form.add_error("manager_email", refusal.message)
        else:
            messages.success(request, f"We wrote to {address}.")
            return redirect("events:registration", found.uuid)
    context = {
        "event": found.event,
        "registration": found,
        "form": form,
        "crumbs": shared.crumbs_of(found.event),
    }
    return render(request, "events/ask_manager.html", context)


def _is_open_or_answered(asked: ManagerApproval) -> bool:
    is_open = asked.registration.state == Registration.State.AWAITING_APPROVAL
    return asked.registration.member is not None and (is_open or bool(asked.answer))
