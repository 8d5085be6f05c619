"""The door: a list to tick, codes that phones scan, walk-ins, badges and sheets to sign.

Outside the Wagtail admin, since whoever helps at the door may have no business there. Only for whoever
`rules.can_check_in`; for everyone else there is nothing here. Pages are never kept by the browser: a list
that comes out of a cache would bring an old clock and old ticks along.
"""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import actions, codes, documents, door, mail, rules
from events.day_forms import WalkInForm
from events.models import EventPage, Registration, Session
from events.ticks import MalformedBatch, Tick, milliseconds, read_batch
from events.views import shared
from mailing.letters import NAME
from members.models import Organisation
from pages.errors import ActionError

# Where the browser session keeps the door somebody stands at: the event and the session they check in for.
DOOR = "events.door"
EMPTY_ROWS = 6
NAMES_SHOWN = 50


# --- The list ------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(shared.GET_AND_POST)
def check_in(request: HttpRequest, event: UUID) -> HttpResponse:
    """The list to tick. Without scripts each tick is a POST; with them the page queues and sends them itself."""
    page, now = _event(request, event), timezone.now()
    sessions = door.sessions_of(page)
    session = door.session_on(sessions, now, _wanted(request, page))
    if request.method == "POST":
        return _tick_one(request, page, session, now)
    request.session[DOOR] = {"event": str(page.uuid), "session": _key(session)}
    words = request.GET.get("q", "").strip()
    only_expected = session is not None and session.is_chosen and "everyone" not in request.GET
    people = door.found(door.people(page, session, only_expected=only_expected and not words), words)
    rows = list(people[: door.MOST_ROWS + 1])
    here = door.present(page, session)
    context = {
        "event": page,
        "sessions": [(item, door.when(item, page)) for item in sessions],
        "session": session,
        "words": words,
        "only_expected": only_expected,
        "rows": rows[: door.MOST_ROWS],
        "has_more": len(rows) > door.MOST_ROWS,
        "numbers": door.numbers(page, session),
        "refusal": _refusal(page, now),
        "now": milliseconds(now),
        "digest": door.digest(here),
    }
    return render(request, "events/check_in.html", context)


@never_cache
@require_POST
def note_attendance(request: HttpRequest, event: UUID) -> JsonResponse:
    """Ticks from the page's own script: what was written, what was refused, and who is here now."""
    page, now = _event(request, event), timezone.now()
    try:
        batch = read_batch(request.body)
    except MalformedBatch:
        return JsonResponse({"refusal": "The ticks could not be read. Load the page anew."}, status=400)
    try:
        refusals = actions.note_attendance(
            event=page, ticks=batch.ticks, actor=shared.member_of(request), now=now
        )
    except ActionError as refusal:
        return JsonResponse({"refusal": refusal.message}, status=409)
    reasons = {id(refusal.tick): refusal.reason for refusal in refusals}
    sessions = door.sessions_of(page)
    session = next((item for item in sessions if item.key == batch.session), None)
    here = door.present(page, session)
    digest = door.digest(here)
    return JsonResponse(
        {
            "now": milliseconds(now),
            "done": list(batch.names),
            "refused": [
                {"id": name, "registration": str(tick.registration), "reason": reasons[id(tick)]}
                for name, tick in zip(batch.names, batch.ticks, strict=True)
                if id(tick) in reasons
            ],
            "digest": digest,
            "present": None if digest == batch.seen else [str(uuid) for uuid in here],
        }
    )


# --- One person ------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(shared.GET_AND_POST)
def check_in_person(request: HttpRequest, event: UUID, registration: UUID) -> HttpResponse:
    """Where the code leads that a participant shows. GET shows who it is, POST checks them in."""
    page = _event_of_code(request, event, registration)
    if isinstance(page, HttpResponse):
        return page
    people = Registration.objects.filter(event=page).select_related("member", "organisation")
    found = get_object_or_404(people, uuid=registration)
    now = timezone.now()
    sessions = door.sessions_of(page)
    session = door.session_on(sessions, now, _wanted(request, page))
    if request.method == "POST":
        return _tick_one(request, page, session, now, person=found)
    request.session.setdefault(DOOR, {"event": str(page.uuid), "session": _key(session)})
    there = found.attendances.present().at(session).first()
    context = {
        "event": page,
        "registration": found,
        "sessions": [(item, door.when(item, page)) for item in sessions],
        "session": session,
        "attendance": there,
        "is_expected": _is_expected(found, session),
        "refusal": _refusal(page, now),
        "other_door": _other_door(request, page),
        "crumbs": [*shared.crumbs_of(page), ("Check in", _list_url(page, session))],
    }
    return render(request, "events/check_in_person.html", context)


@never_cache
@require_http_methods(shared.GET_AND_POST)
def add_walk_in(request: HttpRequest, event: UUID) -> HttpResponse:
    """Somebody who comes without having registered."""
    page, now = _event(request, event), timezone.now()
    session = door.session_on(door.sessions_of(page), now, _wanted(request, page))
    initial = {"email": request.GET.get("email", "")}
    form = WalkInForm(request.POST if request.method == "POST" else None, initial=initial)
    refusal = _refusal(page, now)
    if form.is_valid() and not refusal:
        try:
            added = actions.add_walk_in(
                event=page,
                **form.cleaned_data,
                session=session.key if session else None,
                actor=shared.member_of(request),
                now=now,
            )
        except actions.MemberSuspended as suspended:
            form.add_error("email", suspended.message)
        except ActionError as error:
            refusal = error.message
        else:
            messages.success(request, f"{added.name} is checked in.")
            return redirect(_list_url(page, session))
    context = {
        "event": page,
        "session": session,
        "form": form,
        "refusal": refusal,
        "organisations": Organisation.objects.values_list("name", flat=True),
        "crumbs": [*shared.crumbs_of(page), ("Check in", _list_url(page, session))],
    }
    return render(request, "events/add_walk_in.html", context)


# --- On paper --------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def badges(request: HttpRequest, event: UUID) -> HttpResponse:
    """A badge for everybody with a place, ten to a sheet, each with the code that checks them in."""
    page = _event(request, event)
    people = [
        documents.Badge(
            name=person.name,
            organisation=person.organisation_name,
            code_picture=codes.as_picture(mail.entry_address(person, page)),
        )
        for person in door.people(page, None)
    ]
    if unprintable := _unprintable(request, page, ((badge.name, badge.organisation) for badge in people)):
        return unprintable
    return _pdf(documents.badges(page.title, people, author=NAME, made_at=timezone.now()), "badges.pdf")


@never_cache
@require_safe
def sign_in_sheet(request: HttpRequest, event: UUID) -> HttpResponse:
    """A list to sign for each session, or for the event; with empty lines for those who walk in."""
    page = _event(request, event)
    wanted = _uuid(request.GET.get("session", ""))
    sessions = [session for session in door.sessions_of(page) if wanted in {None, session.key}]
    sheets = [_sheet(page, session) for session in sessions] or [_sheet(page, None)]
    if unprintable := _unprintable(request, page, (row for sheet in sheets for row in sheet.rows)):
        return unprintable
    made = documents.sign_in_sheet(page.title, page.when, sheets, author=NAME, made_at=timezone.now())
    return _pdf(made, "sign-in-sheet.pdf")


def _unprintable(
    request: HttpRequest, event: EventPage, people: Iterable[tuple[str, str]]
) -> HttpResponse | None:
    """Before anything is printed: whose name or organisation no font of this machine shows. None if all are shown."""
    if "anyway" in request.GET:
        return None
    names = {name: documents.lacking(f"{name}{organisation}") for name, organisation in people}
    lacking = [(name, characters) for name, characters in names.items() if characters]
    if not lacking:
        return None
    query = request.GET.copy()
    query["anyway"] = "yes"
    context = {
        "event": event,
        "lacking": lacking[:NAMES_SHOWN],
        "not_named": max(0, len(lacking) - NAMES_SHOWN),
        "number": len(lacking),
        "print_url": f"{request.path}?{query.urlencode()}",
        "crumbs": [*shared.crumbs_of(event), ("Check in", _list_url(event, None))],
    }
    return render(request, "events/unprintable.html", context)


def _sheet(event: EventPage, session: Session | None) -> documents.Sheet:
    people = door.people(event, session, only_expected=True)
    rows = [(person.name, person.organisation_name) for person in people]
    return documents.Sheet(
        title=session.title if session else "Everybody with a place",
        note=door.when(session, event) if session else "",
        rows=[*rows, *[("", "")] * EMPTY_ROWS],
    )


def _pdf(content: bytes, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=documents.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


# --- What they share -------------------------------------------------------------------------------------------


def _event(request: HttpRequest, event: UUID) -> EventPage:
    page: EventPage = get_object_or_404(EventPage.objects.defer_streamfields(), uuid=event)
    if not rules.can_check_in(request.user, page):
        raise Http404
    return page


def _event_of_code(request: HttpRequest, event: UUID, registration: UUID) -> EventPage | HttpResponse:
    """The event a code is for; or one's own registration; or, at the door of another event, a page that says which it is."""
    page: EventPage = get_object_or_404(EventPage.objects.defer_streamfields(), uuid=event)
    if rules.can_check_in(request.user, page):
        return page
    own = Registration.objects.visible_to(request.user).filter(event=page, uuid=registration)
    if request.method != "POST" and own.exists():
        messages.info(request, "This is your own code. At the door, show it to whoever checks people in.")
        return redirect("events:registration", registration)
    here = _door_event(request)
    is_seen = EventPage.objects.visible_to(request.user).filter(pk=page.pk).exists()
    if here is None or not is_seen or not page.registrations.filter(uuid=registration).exists():
        raise Http404
    context = {"event": here, "other": page, "crumbs": shared.crumbs_of(here)}
    return render(request, "events/code_of_other_event.html", context, status=404)


def _door_event(request: HttpRequest) -> EventPage | None:
    """The event at whose door somebody stands, as long as they may."""
    kept = _uuid(request.session.get(DOOR, {}).get("event", ""))
    page = EventPage.objects.defer_streamfields().filter(uuid=kept).first() if kept else None
    return page if page is not None and rules.can_check_in(request.user, page) else None


def _other_door(request: HttpRequest, event: EventPage) -> EventPage | None:
    """The event at whose door they stand, where it is not this one."""
    here = _door_event(request)
    return here if here is not None and here.pk != event.pk else None


def _tick_one(
    request: HttpRequest,
    event: EventPage,
    session: Session | None,
    now: datetime,
    *,
    person: Registration | None = None,
) -> HttpResponse:
    """One tick or undo from a plain form."""
    undo = _uuid(request.POST.get("undo", ""))
    uuid = undo or _uuid(request.POST.get("tick", ""))
    if uuid is None or (person is not None and person.uuid != uuid):
        raise Http404
    tick = Tick(uuid, session.key if session else None, is_present=undo is None, at=now)
    try:
        refusals = actions.note_attendance(
            event=event, ticks=[tick], actor=shared.member_of(request), now=now
        )
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        if refusals:
            messages.error(request, refusals[0].reason)
        elif person is not None:
            done = "not checked in any more" if undo else "checked in"
            messages.success(request, f"{person.name} is {done}.")
    if person is not None:
        here = reverse("events:check_in_person", args=[event.uuid, person.uuid])
        return redirect(f"{here}?{urlencode({'session': _key(session)})}" if session else here)
    return redirect(f"{_list_url(event, session, request.POST.get('q', ''))}#r-{uuid}")


def _wanted(request: HttpRequest, event: EventPage) -> UUID | None:
    """The session that is asked for, or else the one that was looked at last."""
    asked = request.POST.get("session") or request.GET.get("session")
    kept = request.session.get(DOOR, {})
    if asked is None and kept.get("event") == str(event.uuid) and request.resolver_match:
        # The list follows the programme; a code that is scanned belongs to the door one stands at.
        asked = kept.get("session") if request.resolver_match.url_name != "check_in" else None
    return _uuid(asked or "")


def _is_expected(registration: Registration, session: Session | None) -> bool:
    if session is None or not session.is_chosen:
        return True
    return registration.session_places.filter(session=session).exists()


def _refusal(event: EventPage, now: datetime) -> str:
    """Why nobody can be checked in now; empty if they can."""
    try:
        actions.check_on_the_day(event, now)
    except ActionError as refusal:
        return refusal.message
    return ""


def _list_url(event: EventPage, session: Session | None, words: str = "") -> str:
    asked = {"session": _key(session), "q": words}
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("events:check_in", args=[event.uuid])
    return f"{url}?{query}" if query else url


def _key(session: Session | None) -> str:
    return str(session.key) if session else ""


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except (ValueError, AttributeError, TypeError):
        return None
