"""One registration: what was answered, what happened, and what an organiser does for the person."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from events import actions, answers, handovers, retelling, rules
from events.admin_views import acting, furniture
from events.admin_views.registrations import state_in_words
from events.form_filling import form_for
from events.models import EventPage, ManagerApproval, Registration, SensitiveAnswers
from events.organising_forms import NoteForm, RegisterMemberForm
from mailing.models import OutgoingMail
from mailing.suppression import suppression_of
from members.models import User
from pages import dates
from pages.errors import ActionError

LETTERS_SHOWN = 50


@require_safe
def registration(request: HttpRequest, event: int, registration: UUID) -> HttpResponse:
    """Everything the portal knows of it. Sensitive answers only for whoever is named for them."""
    found = furniture.fetch(request, event, rules.can_read_registrations)
    return _page(request, found, _get(found, registration), NoteForm())


@require_POST
def write_note(request: HttpRequest, event: int, registration: UUID) -> HttpResponse:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    about = _get(found, registration)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, about, form)
    actions.write_note(
        registration=about,
        text=form.cleaned_data["note"],
        actor=furniture.organiser(request),
        now=timezone.now(),
    )
    messages.success(request, "The note is kept.")
    return redirect("events_admin:registration", event, registration)


@require_http_methods(furniture.GET_AND_POST)
def change_answers(request: HttpRequest, event: int, registration: UUID) -> HttpResponse:
    """On behalf of the person. What the organiser may not see stays as it is."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    about, now = _get(found, registration), timezone.now()
    if not rules.can_change_answers(request.user, about, now):
        messages.error(request, "The answers cannot be changed any more.")
        return redirect("events_admin:registration", event, registration)
    may_see_sensitive = rules.can_see_sensitive_answers(request.user, found)
    with_form = get_object_or_404(EventPage.objects.with_form().defer_streamfields(), pk=event)
    form = form_for(
        request.POST or None, with_form, about.member, registration=about, with_sensitive=may_see_sensitive
    )
    if form.is_valid():
        given = form.answers()
        if not may_see_sensitive:
            given = _with_hidden(given, about, found)
        try:
            actions.change_answers(
                registration=about, answers=given, actor=furniture.organiser(request), now=now
            )
        except ActionError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "The answers are changed.")
            return redirect("events_admin:registration", event, registration)
    title = f"Change answers of {about.name}"
    context = {
        **furniture.of_event(request, found, title, tab="registrations", crumb="Change answers"),
        "registration": about,
        "form": form,
        "hides_sensitive": not may_see_sensitive and found.questions.filter(is_sensitive=True).exists(),
    }
    return render(request, "events/admin/change_answers.html", context)


def _with_hidden(given: answers.Answers, registration: Registration, event: EventPage) -> answers.Answers:
    """The answers with those that were not in the form, as they are."""
    questions = list(event.questions.all())
    in_form = {str(question.key) for question in answers.without_sensitive(questions)}
    kept = SensitiveAnswers.objects.filter(registration=registration).first()
    hidden = {key: value for key, value in registration.answers.items() if key not in in_form}
    return replace(given, plain={**hidden, **given.plain}, sensitive=kept.answers if kept else {})


@require_http_methods(furniture.GET_AND_POST)
def register_member(request: HttpRequest, event: int) -> HttpResponse:
    """On behalf of a member, who is told so. The organiser answers the questions later, or the member does."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    form = RegisterMemberForm(request.POST or None)
    if form.is_valid():
        try:
            new = _register(found, form, actor=furniture.organiser(request))
        except ActionError as refusal:
            form.add_error("email", refusal.message)
        else:
            messages.success(request, f"{new.name}: {new.get_state_display()}. A letter tells them.")
            return redirect("events_admin:registration", event, new.uuid)
    title = "Register a member"
    context = {
        **furniture.of_event(request, found, title, tab="registrations", crumb=title),
        "form": form,
    }
    return render(request, "events/admin/register_member.html", context)


def _register(event: EventPage, form: RegisterMemberForm, *, actor: User) -> Registration:
    member, now = actions.approved_member(form.cleaned_data["email"]), timezone.now()
    try:
        return actions.book_place(event=event, member=member, actor=actor, now=now)
    except actions.EventFull:
        if not form.cleaned_data["is_for_waiting_list"]:
            raise
        return actions.join_waiting_list(event=event, member=member, actor=actor, now=now)


def _get(event: EventPage, uuid: UUID) -> Registration:
    registrations = event.registrations.select_related("member", "organisation").with_place_in_line()
    found = get_object_or_404(registrations, uuid=uuid)
    found.event = event
    return found


def _page(request: HttpRequest, event: EventPage, found: Registration, form: NoteForm) -> HttpResponse:
    questions = list(event.questions.all())
    may_see_sensitive = rules.can_see_sensitive_answers(request.user, event)
    kept = SensitiveAnswers.objects.filter(registration=found).first()
    given = {**found.answers, **(kept.answers if kept and may_see_sensitive else {})}
    context = {
        **furniture.of_event(request, event, found.name, tab="registrations", crumb=found.name),
        "registration": found,
        "suppression": suppression_of(found.address) if found.address else None,
        "state": state_in_words(found),
        "approvals": _approvals(found, event),
        "answers": answers.answered(questions, given),
        "hides_sensitive": kept is not None and not may_see_sensitive,
        "places": found.session_places.select_related("session").order_by(
            "session__starts_at", "session__pk"
        ),
        "attendances": found.attendances.select_related("session", "noted_by").order_by("noted_at", "pk"),
        "history": retelling.history_of(found, event),
        "letters": _letters(found),
        "form": form,
        "acts": [
            (act.name, act.label)
            for act in acting.ACTS.values()
            if not act.why_not(found) and act.name != "note_attendance"
        ],
        "may_change_answers": rules.can_change_answers(request.user, found, timezone.now()),
    }
    return render(request, "events/admin/registration.html", context)


def _approvals(registration: Registration, event: EventPage) -> list[tuple[str, str]]:
    """Of one that waits for approval: who has to approve, whether they have, and for what. Two queries at most."""
    if registration.state != Registration.State.AWAITING_APPROVAL:
        return []
    who = []
    if event.needs_approval:
        at = registration.approved_at
        who.append(("Organiser", f"Approved on {dates.moment(at)}" if at else "Has not decided yet"))
    if event.needs_manager:
        asked = ManagerApproval.objects.filter(registration=registration).first()
        who.append(("Line manager", _manager_in_words(asked)))
    if registration.booked_together:
        who.append(("The course", "Nobody gets a place before every date is approved"))
    if handovers.is_accepted_for(registration):
        who.append(("Place", "A colleague passes theirs on: it is kept until this is decided"))
    return who


def _manager_in_words(asked: ManagerApproval | None) -> str:
    if asked is None:
        return "Nobody was asked"
    if asked.answered_at is not None:
        return f"{asked.manager_email} {asked.get_answer_display().lower()} it on {dates.moment(asked.answered_at)}"
    return f"{asked.manager_email} was asked on {dates.moment(asked.asked_at)} and has not answered yet"


def _letters(registration: Registration) -> list[dict[str, Any]]:
    """What was written to them about it: which letter, how far it is, and when. Never what it says."""
    addresses = {registration.address}
    if registration.member is not None:
        own = EmailAddress.objects.filter(user=registration.member)
        addresses |= set(own.values_list("email", flat=True))
    letters: QuerySet[OutgoingMail] = OutgoingMail.objects.filter(
        recipient__in=addresses - {""}, dedupe_key__contains=str(registration.uuid)
    )
    rows = letters.order_by("-created_at", "-pk").only(
        "kind", "state", "created_at", "finished_at", "last_error"
    )
    return [{"letter": letter, "name": _letter_name(letter.kind)} for letter in rows[:LETTERS_SHOWN]]


def _letter_name(kind: str) -> str:
    """The template's name, readable: "events/mail/place_booked" is "Place booked"."""
    return kind.rpartition("/")[2].replace("_", " ").capitalize()
