"""Rounds of invitations: planned, given a list, looked at, tried out, sent, and followed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import actions, audiences, invitation_wording, rules
from events.admin_views import furniture, invitations_sent
from events.guest_lists import ListUnreadableError
from events.invitation_forms import (
    GuestListForm,
    StartForm,
    WaveForm,
    as_planned,
    defaults,
)
from events.models import EventPage, GuestList, Invitation, InvitationWave, ListedPerson, Registration
from events.places import Claim
from mailing.letters import Letter
from members.models import User
from pages.errors import ActionError

WAVES_SHOWN = 50
PROBLEMS_SHOWN = 20
SAMPLES = 25
BATCH = 1000


# --- All rounds of an event -----------------------------------------------------------------------------------------


@require_safe
def invitations(request: HttpRequest, event: int) -> HttpResponse:
    """The rounds of an event, the latest first, and what all of them came to."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    now = timezone.now()
    waves = found.invitation_waves.select_related("mailing", "made_by")[:WAVES_SHOWN]
    context = {
        **furniture.of_event(request, found, "Invitations", tab="invitations"),
        "rows": [{"wave": wave, "state": wave.state_in_words(now)} for wave in waves],
        "most": WAVES_SHOWN,
        "numbers": invitations_sent.numbers_of(found.invitations.count_by_standing()),
    }
    return render(request, "events/admin/invitations.html", context)


@require_http_methods(furniture.GET_AND_POST)
def plan_wave(request: HttpRequest, event: int) -> HttpResponse:
    """A new round: whom, which words, how many reminders. Nothing is sent yet."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    form = WaveForm(_posted(request), event=found, now=timezone.now(), initial=defaults(found))
    if form.is_valid():
        wave = actions.make_wave(
            event=found, plan=form.plan(), actor=furniture.organiser(request), now=timezone.now()
        )
        return redirect("events_admin:wave", event, wave.uuid)
    return _form_page(
        request, found, form, "Invite people", reverse("events_admin:invitations", args=[event])
    )


@require_http_methods(furniture.GET_AND_POST)
def change_wave(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    found, row = _get(request, event, wave)
    back = reverse("events_admin:wave", args=[event, wave])
    if not row.is_draft:
        messages.error(request, actions.WaveIsUnderWay.message)
        return redirect(back)
    form = WaveForm(_posted(request), event=found, now=timezone.now(), initial=as_planned(row))
    if form.is_valid():
        _do(request, lambda: actions.change_wave(wave=row, plan=form.plan()), "Your changes are saved.")
        return redirect(back)
    return _form_page(request, found, form, "Change the invitations", back)


def _form_page(request: HttpRequest, event: EventPage, form: WaveForm, title: str, back: str) -> HttpResponse:
    parts = [
        ("Members", form.AUDIENCE),
        ("The invitation", form.WORDS),
        ("Reminders", form.REMINDERS),
        ("Places", form.PLACES),
    ]
    context = {
        **furniture.of_event(request, event, title, tab="invitations", crumb=title),
        "form": form,
        "parts": [
            (heading, [form[name] for name in names if name in form.fields]) for heading, names in parts
        ],
        "placeholders": [
            ("{" + name + "}", words) for name, words in invitation_wording.PLACEHOLDERS.items()
        ],
        "back": back,
    }
    return render(request, "events/admin/invitation_form.html", context)


# --- One round --------------------------------------------------------------------------------------------------------


@require_safe
def wave(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    """A draft: whom it would go to, and the letter. Once started: how far it is, and what people answered."""
    found, row = _get(request, event, wave)
    now = timezone.now()
    context: dict[str, Any] = {
        **furniture.of_event(request, found, row.mailing.name, tab="invitations", crumb=row.mailing.name),
        "wave": row,
        "mailing": row.mailing,
        "state": row.state_in_words(now),
    }
    if row.is_draft:
        return render(request, "events/admin/invitation_draft.html", context | _draft(request, found, row))
    return render(
        request, "events/admin/invitation_wave.html", context | invitations_sent.progress_of(request, row)
    )


def _draft(request: HttpRequest, event: EventPage, wave: InvitationWave) -> dict[str, Any]:
    counted = audiences.count(wave)
    asked_for = " ".join(request.GET.get("as", "").replace("\x00", " ").split())
    found = _people_like(wave, asked_for)
    sample = next(iter(found or (_people_like(wave) if asked_for else [])), None)
    return {
        "counted": counted,
        "left_out": counted.reasons_in_words(),
        "being_read": wave.guest_lists.being_read().defer("content").first(),
        "unread_columns": wave.guest_list.unread_columns if wave.guest_list else [],
        "list_people": wave.listed.valid().count(),
        "list_problems": wave.listed.invalid().count(),
        "problems": wave.listed.invalid()[:PROBLEMS_SHOWN],
        "most_problems": PROBLEMS_SHOWN,
        "audience": audiences.Chosen.read(wave.audience).in_words(),
        "sample": sample,
        "asked_for": asked_for,
        "others": found[1:SAMPLES] if asked_for else [],
        "has_more": len(found) > SAMPLES,
        "is_not_invited": bool(asked_for) and not found,
        "letter": _preview(wave, sample),
        "reminder": _preview(wave, sample, is_reminder=True) if wave.reminders else None,
        "form": StartForm(event=event, now=timezone.now()),
        "cannot": _why_not(event),
        "too_few": _too_few_places(event, wave, counted.invited, timezone.now()),
    }


@dataclass(frozen=True)
class Sample:
    """Somebody whose letter can be looked at before it is sent."""

    email: str
    name: str
    organisation: str = ""


def _people_like(wave: InvitationWave, asked_for: str = "") -> list[Sample]:
    """Of all who would be invited, whoever has these words in name or address; one at the address itself first.

    One more than are shown. Two queries, or four.
    """
    members = audiences.members_to_invite(wave).select_related("organisation").order_by("pk")
    listed = audiences.listed_to_invite(wave).order_by("line")
    address = Q(email=asked_for.lower())
    exactly = _as_samples(members.filter(address), listed.filter(address)) if asked_for else []
    for word in asked_for.split():
        in_name = Q(first_name__icontains=word) | Q(last_name__icontains=word)
        members = members.filter(Q(email__icontains=word) | in_name)
        listed = listed.filter(Q(email__icontains=word) | Q(name__icontains=word))
    found = _as_samples(members, listed)
    return [*exactly, *(person for person in found if person not in exactly)][: SAMPLES + 1]


def _as_samples(members: QuerySet[User], listed: QuerySet[ListedPerson]) -> list[Sample]:
    return [
        *(
            Sample(found.email, found.get_full_name(), found.organisation.name if found.organisation else "")
            for found in members[: SAMPLES + 1]
        ),
        *(Sample(guest.email, guest.name, guest.organisation) for guest in listed[: SAMPLES + 1]),
    ]


def _preview(wave: InvitationWave, sample: Sample | None, *, is_reminder: bool = False) -> Letter | None:
    if sample is None:
        return None
    values = invitation_wording.personal_values(name=sample.name, organisation=sample.organisation, link="")
    return actions.preview_invitation(wave=wave, values=values, is_reminder=is_reminder, now=timezone.now())


def _too_few_places(event: EventPage, wave: InvitationWave, people: int, now: datetime) -> str:
    """What happens to those for whom no place is left, if all come; empty if all can. A query where places are limited."""
    if event.capacity is None:
        return ""
    keeps = Invitation(event=event, wave=wave).keeps_place(now)
    left = Registration.objects.room_of(event, now).places_for(Claim(is_invited=keeps)).left or 0
    if left >= people:
        return ""
    places = (
        "No place is left for them"
        if not left
        else f"Only {left:,} place{'s are' if left > 1 else ' is'} left"
    )
    then = "can only join the waiting list" if event.has_waiting_list else "cannot register"
    return f"{places}: whoever comes too late {then}."


def _why_not(event: EventPage) -> str:
    """Why nothing can be sent now; empty if it can."""
    try:
        actions.check_can_invite(event, timezone.now())
    except ActionError as refusal:
        return refusal.message
    return ""


# --- The list ---------------------------------------------------------------------------------------------------------


@require_http_methods(furniture.GET_AND_POST)
def bring_list(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    """A file, or what was pasted, in place of the list before. Each line that cannot be taken is said."""
    found, row = _get(request, event, wave)
    back = redirect("events_admin:wave", event, wave)
    if not row.is_draft:
        messages.error(request, actions.WaveIsUnderWay.message)
        return back
    posted = _posted(request)
    form = GuestListForm(posted, request.FILES if posted is not None else None)
    if form.is_valid():
        file, pasted = form.cleaned_data["file"], form.cleaned_data["pasted"]
        lines = file if file is not None else BytesIO("\n".join(pasted.splitlines()).encode(errors="replace"))
        try:
            guest_list = actions.bring_list(wave=row, lines=lines)
        except ListUnreadableError as problem:
            form.add_error("file" if file is not None else "pasted", str(problem))
        except ActionError as refusal:
            messages.error(request, refusal.message)
            return back
        else:
            _say_what_was_kept(request, guest_list)
            return back
    title = "Bring a list"
    context = {
        **furniture.of_event(request, found, title, tab="invitations", crumb=title),
        "wave": row,
        "form": form,
        "there": row.listed.valid().count(),
    }
    return render(request, "events/admin/invitation_list.html", context)


def _say_what_was_kept(request: HttpRequest, guest_list: GuestList) -> None:
    if guest_list.is_being_read:
        messages.success(request, f"Your list of {guest_list.lines:,} lines is being read.")
        return
    kept = actions.kept_of(guest_list)
    people = "1 person is" if kept.people == 1 else f"{kept.people:,} people are"
    messages.success(request, f"{people} on the list.")
    if kept.refused:
        lines = "1 line" if kept.refused == 1 else f"{kept.refused:,} lines"
        messages.warning(request, f"{lines} could not be taken. Below it says why.")


@require_safe
def list_problems(request: HttpRequest, event: int, wave: UUID) -> StreamingHttpResponse:
    """The lines that could not be taken, as a file to put right."""
    _, row = _get(request, event, wave)
    rows = row.listed.invalid().values_list("line", "as_written", "problem")
    return invitations_sent.csv_answer(
        "lines-not-taken", ["Line", "What stands there", "Why"], rows.iterator(chunk_size=BATCH)
    )


# --- What is done with it --------------------------------------------------------------------------------------------


@require_POST
def try_invitation(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    """To whoever tries it."""
    _, row = _get(request, event, wave)
    to = furniture.organiser(request)
    actions.try_invitation(wave=row, actor=to, now=timezone.now())
    messages.success(request, f"A test letter is on its way to {to.email}.")
    return redirect("events_admin:wave", event, wave)


@require_POST
def start_wave(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    found, row = _get(request, event, wave)
    now = timezone.now()
    form = StartForm(request.POST, event=found, now=now)
    if not form.is_valid():
        for problem in form.errors.get("scheduled_for", []):
            messages.error(request, f"Nothing was sent. {problem}")
        return redirect("events_admin:wave", event, wave)
    at = form.cleaned_data["scheduled_for"]
    said = "The invitations leave at the time you set." if at else "The invitations are on their way."
    actor = furniture.organiser(request)
    _do(request, lambda: actions.start_wave(wave=row, actor=actor, now=now, scheduled_for=at), said)
    return redirect("events_admin:wave", event, wave)


@require_POST
def pause_wave(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    _, row = _get(request, event, wave)
    actor = furniture.organiser(request)
    _do(
        request,
        lambda: actions.pause_wave(wave=row, actor=actor),
        "Nothing more leaves until you let it go on.",
    )
    return redirect("events_admin:wave", event, wave)


@require_POST
def resume_wave(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    _, row = _get(request, event, wave)
    actor, now = furniture.organiser(request), timezone.now()
    _do(request, lambda: actions.resume_wave(wave=row, actor=actor, now=now), "The invitations go on.")
    return redirect("events_admin:wave", event, wave)


@require_POST
def cancel_wave(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    """Take back what has not left."""
    _, row = _get(request, event, wave)
    actor, now = furniture.organiser(request), timezone.now()
    said = "Nothing more leaves. Whoever was not written to can be invited again."
    _do(request, lambda: actions.cancel_wave(wave=row, actor=actor, now=now), said)
    return redirect("events_admin:wave", event, wave)


@require_POST
def stop_reminders(request: HttpRequest, event: int, wave: UUID) -> HttpResponse:
    _, row = _get(request, event, wave)
    actor, now = furniture.organiser(request), timezone.now()
    _do(
        request,
        lambda: actions.stop_reminders(wave=row, actor=actor, now=now),
        "Nobody is reminded any more.",
    )
    return redirect("events_admin:wave", event, wave)


def _do(request: HttpRequest, act: Callable[[], object], said: str) -> None:
    """Do it, and say that it is done or why not."""
    try:
        act()
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _get(request: HttpRequest, event: int, wave: UUID) -> tuple[EventPage, InvitationWave]:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    waves = found.invitation_waves.select_related("mailing__wording", "reminder_wording", "made_by")
    row = get_object_or_404(waves, uuid=wave)
    row.event = found
    return found, row
