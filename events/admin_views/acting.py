"""One action for several registrations: whom it is for, who is left out and why, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from events import actions, rules
from events.admin_views import choosing, furniture
from events.models import EventPage, Registration, Session
from events.organising_forms import AttendanceForm, DeclineForm
from events.reach import reach_of
from members.models import User
from pages.errors import ActionError

# Each is a transaction with its letters: more of them would outlast a request.
MOST_AT_ONCE = 250
NAMES_SHOWN = 20
MESSAGE = "message"

State = Registration.State


@dataclass(frozen=True)
class Act:
    """Something an organiser does to registrations."""

    name: str
    # As a choice, as a button, and what it did: "3 registrations are approved."
    label: str
    done: str
    # Why a registration is left out; empty if it is not.
    why_not: Callable[[Registration], str]
    # What happens to everybody it is for, said before.
    consequence: str
    is_serious: bool = False
    writes_letters: bool = True


def _not_awaiting(registration: Registration) -> str:
    return "" if registration.state == State.AWAITING_APPROVAL else "Does not wait for approval"


def _not_to_approve(registration: Registration) -> str:
    if registration.state == State.AWAITING_APPROVAL and registration.approved_at is not None:
        return "Approved by an organiser already, and waits for another approval"
    return _not_awaiting(registration)


def _has_ended(registration: Registration) -> str:
    return "" if registration.is_active else "Has ended already"


def _no_place(registration: Registration) -> str:
    return "" if registration.state == State.CONFIRMED else "Has no place"


def _no_place_to_give(registration: Registration) -> str:
    if registration.state == State.CONFIRMED:
        return "Has a place already"
    return "Waits for approval: approve it instead" if registration.state == State.AWAITING_APPROVAL else ""


ACTS = {
    act.name: act
    for act in (
        Act(
            "approve",
            "Approve",
            "approved",
            _not_to_approve,
            "Each gets a place as long as there are places, the earliest first; the others go to the waiting "
            "list. A letter tells them.",
        ),
        Act("decline", "Decline", "declined", _not_awaiting, "A letter tells them, with your reason."),
        Act(
            "cancel",
            "Cancel",
            "cancelled",
            _has_ended,
            "A letter tells them. Places that come free are offered to those who wait.",
            is_serious=True,
        ),
        Act(
            "give_place",
            "Give a place",
            "given a place",
            _no_place_to_give,
            "They come before everybody who waits. There are never more places than the event has. A letter "
            "tells them.",
        ),
        Act(
            "note_attendance",
            "Confirm attendance",
            "noted as there",
            _no_place,
            "No letter is sent.",
            writes_letters=False,
        ),
    )
}


# What is approved need not have a place: "2 registrations are approved: 1 has a place, 1 is on the waiting list."
_AFTER_APPROVAL = (
    (State.CONFIRMED, "has a place", "have a place"),
    (State.OFFERED, "has a place on offer", "have a place on offer"),
    (State.WAITING, "is on the waiting list", "are on the waiting list"),
    (State.AWAITING_APPROVAL, "still waits for another approval", "still wait for another approval"),
)


def acts_for(event: EventPage) -> list[tuple[str, str]]:
    """What the list offers at this event, with its name."""
    left_out = set() if event.needs_any_approval else {"approve", "decline"}
    offered = [(act.name, act.label) for act in ACTS.values() if act.name not in left_out]
    return [*offered, (MESSAGE, "Write a message")]


@require_POST
def act(request: HttpRequest, event: int) -> HttpResponse:
    """Say whom it is for and whom it leaves out; once confirmed, do it. Messages have pages of their own."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    choice = choosing.posted_choice(request.POST, found)
    name = request.POST.get("act", "")
    is_of_record = bool(request.POST.get("of_record"))
    back = _record_of(choice) if is_of_record else choice.list_url
    if name == MESSAGE:
        return _write(request, choice)
    if name not in ACTS:
        messages.error(request, "Choose what to do with the registrations.")
        return redirect(back)
    act_ = ACTS[name]
    chosen = choice.registrations().select_related("member", "organisation", "event")
    in_order = list(chosen.order_by("registered_at", "pk"))
    if not in_order:
        messages.error(request, "Tick the registrations first, or choose all that match.")
        return redirect(back)
    fit = [registration for registration in in_order if not act_.why_not(registration)]
    form = _form(act_, found, request.POST if "confirmed" in request.POST else None)
    if fit and "confirmed" in request.POST and (form is None or form.is_valid()):
        now = timezone.now()
        try:
            outcome = _do(act_, found, fit[:MOST_AT_ONCE], form, actor=furniture.organiser(request), now=now)
        except ActionError as refusal:
            messages.error(request, refusal.message)
        else:
            _report(request, act_, outcome, left=len(fit) - MOST_AT_ONCE)
        return redirect(back)
    context = {
        **furniture.of_event(request, found, act_.label, tab="registrations", crumb=act_.label),
        "act": act_,
        "consequence": _consequence(act_, found, fit),
        "choice": choice,
        "form": form,
        "fit": fit[:NAMES_SHOWN],
        "number": len(fit),
        "number_now": min(len(fit), MOST_AT_ONCE),
        "not_named": max(0, len(fit) - NAMES_SHOWN),
        "left_out": _left_out(act_, in_order),
        "back": back,
        "is_of_record": is_of_record,
        "reach": reach_of(choice.registrations().filter(pk__in=[found.pk for found in fit]))
        if act_.writes_letters
        else None,
    }
    return render(request, "events/admin/act.html", context)


def _consequence(act_: Act, event: EventPage, fit: Sequence[Registration]) -> str:
    """What happens to those it is for, at this event."""
    if act_.name != "approve":
        return act_.consequence
    sentences = [act_.consequence]
    if event.needs_manager and event.needs_approval:
        sentences.append(
            "Where the line manager has not approved, the registration goes on waiting for that."
        )
    elif event.needs_manager:
        sentences.append("You approve in place of the line manager.")
    if any(registration.booked_together for registration in fit):
        sentences.append("Of a course, nobody gets a place before every date is approved.")
    return " ".join(sentences)


def _form(act_: Act, event: EventPage, data: Any) -> Form | None:
    if act_.name == "decline":
        return DeclineForm(data)
    sessions = Session.objects.filter(event=event.pk).to_attend()
    if act_.name == "note_attendance" and sessions.exists():
        return AttendanceForm(data, sessions=sessions)
    return None


def _do(
    act_: Act,
    event: EventPage,
    fit: Sequence[Registration],
    form: Form | None,
    *,
    actor: User,
    now: datetime,
) -> actions.Outcome:
    several: dict[str, Callable[..., actions.Outcome]] = {
        "approve": actions.approve_registrations,
        "cancel": actions.cancel_registrations,
        "give_place": actions.give_places,
        "decline": partial(
            actions.decline_registrations, reason=form.cleaned_data.get("reason", "") if form else ""
        ),
    }
    if act_.name in several:
        return several[act_.name](registrations=fit, actor=actor, now=now)
    session: Session | None = form.cleaned_data["session"] if form else None
    ticks = [
        actions.Tick(found.uuid, session.key if session else None, is_present=True, at=now) for found in fit
    ]
    refused = actions.note_attendance(event=event, ticks=ticks, actor=actor, now=now)
    by_uuid = {found.uuid: found for found in fit}
    reasons = [(by_uuid[refusal.tick.registration], refusal.reason) for refusal in refused]
    return actions.Outcome(done=len(fit) - len(reasons), refused=reasons)


def _left_out(act_: Act, registrations: Sequence[Registration]) -> list[tuple[str, list[str], int]]:
    """By reason: the first names, and how many more."""
    by_reason: dict[str, list[str]] = {}
    for registration in registrations:
        if why := act_.why_not(registration):
            by_reason.setdefault(why, []).append(registration.name)
    return [(why, names[:NAMES_SHOWN], max(0, len(names) - NAMES_SHOWN)) for why, names in by_reason.items()]


def _report(request: HttpRequest, act_: Act, outcome: actions.Outcome, *, left: int) -> None:
    if outcome.done:
        people = "1 registration is" if outcome.done == 1 else f"{outcome.done:,} registrations are"
        came_to = f": {_after_approval(outcome)}" if act_.name == "approve" else ""
        messages.success(request, f"{people} {act_.done}{came_to}.")
    for registration, reason in outcome.refused[:NAMES_SHOWN]:
        messages.error(request, f"{registration.name}: {reason}")
    if len(outcome.refused) > NAMES_SHOWN:
        messages.error(request, f"{len(outcome.refused) - NAMES_SHOWN:,} more were refused.")
    if left > 0:
        are = "1 is left" if left == 1 else f"{left:,} are left"
        messages.warning(request, f"{are}: {MOST_AT_ONCE} are done at a time. Choose the same again.")


def _after_approval(outcome: actions.Outcome) -> str:
    return ", ".join(
        f"{number:,} {one if number == 1 else several}"
        for state, one, several in _AFTER_APPROVAL
        if (number := outcome.states[state])
    )


def _write(request: HttpRequest, choice: choosing.Choice) -> HttpResponse:
    """To the page where the message is written, with those it is for in the browser's session."""
    if not choice.registrations().exists():
        messages.error(request, "Tick the registrations first, or choose all that match.")
        return redirect(choice.list_url)
    request.session[choosing.session_key(choice.event)] = {
        "filters": choice.filters,
        "chosen": None if choice.chosen is None else [str(uuid) for uuid in choice.chosen],
    }
    return redirect("events_admin:write_message", choice.event.pk)


def _record_of(choice: choosing.Choice) -> str:
    """The page of the one registration that was chosen there."""
    if choice.chosen is None or len(choice.chosen) != 1:
        return choice.list_url
    return reverse("events_admin:registration", args=[choice.event.pk, choice.chosen[0]])
