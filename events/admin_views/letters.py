"""The letters that an event sends by itself: what each says, in the portal's words or the organisers'."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from events import actions, previews, rules
from events.admin_views import furniture
from events.letter_forms import LetterForm
from events.letter_kinds import KINDS, kinds_by_group
from events.models import EventLetter, EventPage, Registration
from events.placeholders import LetterKind, Words

SAVE, PREVIEW, TEST = "save", "preview", "test"


@dataclass(frozen=True)
class _Row:
    """One kind of letter, what an organiser made of it, and what that lacks by now."""

    kind: LetterKind
    letter: EventLetter | None
    problems: list[str]


@require_safe
def letters(request: HttpRequest, event: int) -> HttpResponse:
    """All kinds, in the order in which people get them. One query for those that were changed."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    changed = {letter.kind: letter for letter in found.letters.select_related("wording", "changed_by")}
    groups = [
        (group, [_row(kind, changed.get(kind.name), found) for kind in kinds])
        for group, kinds in kinds_by_group()
    ]
    context = {**furniture.of_event(request, found, "Letters", tab="letters"), "groups": groups}
    return render(request, "events/admin/letters.html", context)


@require_http_methods(furniture.GET_AND_POST)
def change_letter(request: HttpRequest, event: int, kind: str) -> HttpResponse:
    """Write other words, look at them as somebody would get them, try them out, and save them."""
    found, of_kind = _get(request, event, kind)
    letter = _changed(found, of_kind)
    words = _words_of(of_kind, letter)
    form = LetterForm(request.POST or None, initial=words._asdict(), kind=of_kind, event=found)
    do, reader = request.POST.get("do", SAVE), None
    if form.is_valid():
        words, reader = form.words, form.cleaned_data["reader"]
        if do == SAVE:
            actions.change_letter(
                event=found,
                kind=of_kind,
                words=words,
                actor=furniture.organiser(request),
                now=timezone.now(),
            )
            messages.success(request, f"“{of_kind.label}” says what you wrote from now on.")
            return redirect("events_admin:letters", event)
        if do == TEST:
            _send_test(request, of_kind, words, event=found, reader=reader)
    context = {
        **furniture.of_event(request, found, of_kind.label, tab="letters", crumb=of_kind.label),
        "kind": of_kind,
        "letter": letter,
        "form": form,
        "needed": of_kind.needs(is_online=found.is_joined_online),
        "reader": reader,
        "preview": (
            previews.preview(of_kind, words, event=found, registration=reader, now=timezone.now())
            if form.is_valid() or not form.is_bound
            else None
        ),
    }
    return render(request, "events/admin/change_letter.html", context)


@require_http_methods(furniture.GET_AND_POST)
def restore_letter(request: HttpRequest, event: int, kind: str) -> HttpResponse:
    """Show what goes and what comes back; on POST, put the portal's words back."""
    found, of_kind = _get(request, event, kind)
    letter = _changed(found, of_kind)
    if letter is None:
        messages.error(request, f"“{of_kind.label}” says what the portal says already.")
        return redirect("events_admin:letters", event)
    if request.method == "POST":
        actions.restore_letter(event=found, kind=of_kind, actor=furniture.organiser(request))
        messages.success(request, f"“{of_kind.label}” says again what the portal says.")
        return redirect("events_admin:letters", event)
    context = {
        **furniture.of_event(request, found, of_kind.label, tab="letters", crumb="Restore"),
        "kind": of_kind,
        "written": letter.wording,
        "portals": previews.default_words(of_kind.name),
    }
    return render(request, "events/admin/restore_letter.html", context)


def _get(request: HttpRequest, event: int, kind: str) -> tuple[EventPage, LetterKind]:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    if kind not in KINDS:
        raise Http404
    return found, KINDS[kind]


def _changed(event: EventPage, kind: LetterKind) -> EventLetter | None:
    found: EventLetter | None = (
        event.letters.select_related("wording", "changed_by").filter(kind=kind.name).first()
    )
    return found


def _words_of(kind: LetterKind, letter: EventLetter | None) -> Words:
    if letter is None:
        return previews.default_words(kind.name)
    return Words(letter.wording.subject, letter.wording.text)


def _row(kind: LetterKind, letter: EventLetter | None, event: EventPage) -> _Row:
    """An event that went online since needs a link in a letter that was written before."""
    if letter is None:
        return _Row(kind, None, [])
    found = kind.problems(_words_of(kind, letter), is_online=event.is_joined_online)
    return _Row(kind, letter, [problem for problems in found.values() for problem in problems])


def _send_test(
    request: HttpRequest, kind: LetterKind, words: Words, *, event: EventPage, reader: Registration | None
) -> None:
    to = furniture.organiser(request)
    values: dict[str, Any] = {"event": event, "kind": kind, "words": words, "registration": reader}
    actions.send_test_letter(**values, to=to, now=timezone.now())
    messages.success(request, f"A test letter is on its way to {to.email}. Nothing is saved yet.")
