"""Messages to the people of an event: written, looked at, tried out, sent, and followed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import actions, rules
from events import messages as placeholders
from events.admin_views import choosing, furniture, sending
from events.models import EventPage, Message, Registration
from events.organising_forms import MessageForm
from events.reach import reach_of
from mailing import mailings
from mailing.mailings import MailingIsUnderWayError
from mailing.models import Mailing

MESSAGES_SHOWN = 100
RECIPIENTS_TO_CHOOSE = 50
FAILURES_SHOWN = 50

State = Mailing.State


@require_safe
def messages_of_event(request: HttpRequest, event: int) -> HttpResponse:
    """All of an event, the latest first."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    rows = found.messages.select_related("mailing__wording", "written_by").order_by("-written_at", "-pk")
    context = {
        **furniture.of_event(request, found, "Messages", tab="messages"),
        "rows": [(row, _subject_of(row, found)) for row in rows[:MESSAGES_SHOWN]],
        "most": MESSAGES_SHOWN,
    }
    return render(request, "events/admin/messages.html", context)


@require_http_methods(furniture.GET_AND_POST)
def write_message(request: HttpRequest, event: int) -> HttpResponse:
    """To those chosen on the list; to everybody with a place, where nobody was."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    if request.GET.get("to") == "registered":
        request.session.pop(choosing.session_key(found), None)
    choice = _choice_in_session(request, found)
    form = MessageForm(
        request.POST or None, initial={"subject": "{event}", "text": "Hello {first_name},\n\n"}
    )
    if form.is_valid():
        message = actions.draft_message(
            event=found,
            subject=form.cleaned_data["subject"],
            text=form.cleaned_data["text"],
            filters=choice.filters,
            chosen=choice.chosen,
            actor=furniture.organiser(request),
            now=timezone.now(),
        )
        return redirect("events_admin:message", event, message.mailing.uuid)
    return _form_page(request, found, form, choice, title="Write a message", back=choice.list_url)


@require_http_methods(furniture.GET_AND_POST)
def change_message(request: HttpRequest, event: int, message: UUID) -> HttpResponse:
    found, row = _get(request, event, message)
    if row.mailing.state != State.DRAFT:
        messages.error(request, "This message is sent. What it says stays.")
        return redirect("events_admin:message", event, message)
    wording = row.mailing.wording
    initial = {"subject": wording.subject, "text": wording.text} if wording else {}
    form = MessageForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            actions.change_message(
                message=row, subject=form.cleaned_data["subject"], text=form.cleaned_data["text"]
            )
        except MailingIsUnderWayError:
            messages.error(request, "The message was sent meanwhile. What it says stays.")
        return redirect("events_admin:message", event, message)
    return _form_page(
        request,
        found,
        form,
        _choice_of(row),
        title="Change the message",
        back=reverse("events_admin:message", args=[event, message]),
    )


@require_safe
def message(request: HttpRequest, event: int, message: UUID) -> HttpResponse:
    """A draft as any of its recipients would get it; once sent, how far it is."""
    found, row = _get(request, event, message)
    mailing = row.mailing
    context: dict[str, Any] = {
        **furniture.of_event(request, found, "Message", tab="messages", crumb="Message"),
        "message": row,
        "mailing": mailing,
        "is_draft": mailing.state == State.DRAFT,
    }
    if mailing.state == State.DRAFT:
        context |= _preview(request, row)
    else:
        failed = mailing.letters.failed().only("recipient", "last_error", "finished_at", "mailing")
        progress = mailings.progress(mailing)
        context |= {
            "progress": progress,
            "letters": sending.letters_of(progress),
            "failed": failed.order_by("-finished_at", "-pk")[:FAILURES_SHOWN],
            "most_failed": FAILURES_SHOWN,
            "held_back": mailing.letters.suppressed().order_by("-finished_at", "-pk")[:FAILURES_SHOWN],
        }
    return render(request, "events/admin/message.html", context)


@require_POST
def send_test_message(request: HttpRequest, event: int, message: UUID) -> HttpResponse:
    """The letter that one of its recipients would get, to whoever wrote it."""
    _, row = _get(request, event, message)
    reader = _reader(request.POST.get("as"), row)
    to = furniture.organiser(request)
    if reader is None:
        messages.error(request, "Nobody would get this message, so there is nothing to try out.")
    else:
        actions.send_test_message(message=row, registration=reader, to=to)
        messages.success(
            request, f"A test letter is on its way to {to.email}, as {reader.name} would get it."
        )
    return redirect("events_admin:message", event, message)


@require_POST
def send_message(request: HttpRequest, event: int, message: UUID) -> HttpResponse:
    _, row = _get(request, event, message)
    registrations = _choice_of(row).registrations()
    reach = reach_of(registrations)
    try:
        queued = actions.send_message(
            message=row,
            registrations=registrations,
            actor=furniture.organiser(request),
            now=timezone.now(),
        )
    except MailingIsUnderWayError:
        messages.error(request, "This message is over. Nothing was sent.")
    else:
        number = max(0, queued.written + queued.repeated - reach.suppressed)
        letters = "1 letter is" if number == 1 else f"{number:,} letters are"
        messages.success(request, f"{letters} on the way.")
        if reach.missing:
            messages.warning(request, reach.in_words)
        if queued.invalid:
            messages.warning(request, f"{queued.invalid:,} had no address that letters can go to.")
    return redirect("events_admin:message", event, message)


@require_POST
def pause_message(request: HttpRequest, event: int, message: UUID) -> HttpResponse:
    _, row = _get(request, event, message)
    if mailings.pause_mailing(mailing=row.mailing):
        messages.success(request, "Nothing more leaves until you let it go on.")
    return redirect("events_admin:message", event, message)


@require_POST
def resume_message(request: HttpRequest, event: int, message: UUID) -> HttpResponse:
    _, row = _get(request, event, message)
    if mailings.resume_mailing(mailing=row.mailing):
        messages.success(request, "The letters go on.")
    return redirect("events_admin:message", event, message)


@require_POST
def cancel_message(request: HttpRequest, event: int, message: UUID) -> HttpResponse:
    """Take back what has not left. A draft that nobody needs is forgotten."""
    _, row = _get(request, event, message)
    if row.mailing.state == State.DRAFT and actions.discard_message(message=row):
        messages.success(request, "The draft is gone.")
        return redirect("events_admin:messages", event)
    if mailings.cancel_mailing(mailing=row.mailing, now=timezone.now()):
        messages.success(request, "What had not left is taken back.")
    return redirect("events_admin:message", event, message)


def _subject_of(message: Message, event: EventPage) -> str:
    wording = message.mailing.wording
    return placeholders.shown_subject(wording.subject, event) if wording else message.mailing.name


def _get(request: HttpRequest, event: int, message: UUID) -> tuple[EventPage, Message]:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    rows = found.messages.select_related("mailing__wording", "written_by")
    row = get_object_or_404(rows, mailing__uuid=message)
    row.event = found
    return found, row


def _form_page(
    request: HttpRequest,
    event: EventPage,
    form: MessageForm,
    choice: choosing.Choice,
    *,
    title: str,
    back: str,
) -> HttpResponse:
    context = {
        **furniture.of_event(request, event, title, tab="messages", crumb=title),
        "form": form,
        "back": back,
        "reach": reach_of(choice.registrations()),
        "placeholders": [("{" + name + "}", words) for name, words in placeholders.PLACEHOLDERS.items()],
    }
    return render(request, "events/admin/write_message.html", context)


def _choice_in_session(request: HttpRequest, event: EventPage) -> choosing.Choice:
    kept = request.session.get(choosing.session_key(event))
    if kept is None:
        return choosing.Choice(event, f"state={Registration.State.CONFIRMED}")
    chosen = None if kept["chosen"] is None else [UUID(text) for text in kept["chosen"]]
    return choosing.Choice(event, kept["filters"], chosen)


def _choice_of(message: Message) -> choosing.Choice:
    chosen = None if message.chosen is None else [UUID(text) for text in message.chosen]
    return choosing.Choice(message.event, message.filters, chosen)


def _preview(request: HttpRequest, message: Message) -> dict[str, Any]:
    """Three queries for those it goes to, and their letter."""
    registrations = _choice_of(message).registrations()
    in_order = registrations.with_address().select_related("member").order_by("registered_at", "pk")
    readers = list(in_order[:RECIPIENTS_TO_CHOOSE])
    if request.GET.get("as") and (reader := _reader(request.GET["as"], message)) is None:
        raise Http404
    if not request.GET.get("as"):
        reader = readers[0] if readers else None
    context: dict[str, Any] = {"readers": readers, "reader": reader, "reach": reach_of(registrations)}
    if reader is not None:
        values = placeholders.values_for(reader, message.event)
        context["letter"] = mailings.preview(mailing=message.mailing, values=values, to=reader.address)
    return context


def _reader(wanted: str | None, message: Message) -> Registration | None:
    """One of those it goes to: the one asked for, by uuid, or the first."""
    registrations = (
        _choice_of(message).registrations().with_address().select_related("member", "organisation")
    )
    if not wanted:
        return registrations.order_by("registered_at", "pk").first()
    try:
        return registrations.filter(uuid=UUID(wanted)).first()
    except ValueError:
        return None
