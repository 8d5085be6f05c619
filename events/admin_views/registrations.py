"""Who comes to an event: the list with its filters, and the file of it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.log_actions import log

from events import exporting, reach, rules, selecting, spreadsheets
from events.admin_views import acting, choosing, furniture
from events.models import Attendance, Registration
from events.organising_forms import ExportForm, RegistrationFilter

ROWS_ON_PAGE = 50


@require_safe
def registrations(request: HttpRequest, event: int) -> HttpResponse:
    """The latest first, 50 at a time: it costs the same for any number."""
    found = furniture.fetch(request, event, rules.can_read_registrations)
    questions = list(found.questions.all())
    form, selection = choosing.read_filter(request.GET, found, questions)
    matching = selection.of(found, questions)
    present = Attendance.objects.present().filter(registration=OuterRef("pk"))
    listed = matching.select_related("member", "organisation").with_place_in_line()
    page = selecting.page_of(
        found,
        listed.annotate(was_there=Exists(present), is_suppressed=reach.is_suppressed()),
        order=selection.order,
        after=_uuid(request.GET.get("after")),
        before=_uuid(request.GET.get("before")),
        size=ROWS_ON_PAGE,
    )
    context = {
        **furniture.of_event(request, found, "Registrations", tab="registrations"),
        "form": form,
        "filter_fields": _filter_fields(form),
        "is_narrow": selection.is_narrow,
        "filters": choosing.filters_in(request.GET),
        "number": matching.count(),
        "page": page,
        "acts": acting.acts_for(found),
    }
    return render(request, "events/admin/registrations.html", context)


def _filter_fields(form: RegistrationFilter) -> Iterator[object]:
    """Without the two that have a place of their own. A list of nothing to choose is left out."""
    for name in form.fields:
        if name in {"q", "state"}:
            continue
        field = form[name]
        queryset = getattr(field.field, "queryset", None)
        if queryset is None or len(field.field.choices) > 1:  # type: ignore[attr-defined] # the empty one
            yield field


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@require_http_methods(furniture.GET_AND_POST)
def export(request: HttpRequest, event: int) -> HttpResponseBase:
    """A file of all that match the filter. A POST, since the history of the event says who took one."""
    found = furniture.fetch(request, event, rules.can_read_registrations)
    may_see_sensitive = (
        rules.can_see_sensitive_answers(request.user, found)
        and found.questions.filter(is_sensitive=True).exists()
    )
    filters = request.POST.get("filters", "") or choosing.filters_in(request.GET)
    choice = choosing.Choice(found, filters)
    form = ExportForm(request.POST or None, may_see_sensitive=may_see_sensitive)
    if form.is_valid():
        return export_registrations(
            request,
            choice,
            file=form.cleaned_data["file"],
            with_sensitive=form.cleaned_data.get("with_sensitive", False),
            now=timezone.now(),
        )
    context = {
        **furniture.of_event(request, found, "Export", tab="export"),
        "form": form,
        "filters": filters,
        "number": choice.registrations().count(),
        "all_of_them": found.registrations.count(),
        "may_see_sensitive": may_see_sensitive,
    }
    return render(request, "events/admin/export.html", context)


def export_registrations(
    request: HttpRequest, choice: choosing.Choice, *, file: str, with_sensitive: bool, now: datetime
) -> StreamingHttpResponse:
    """Written down first: a file that somebody has cannot be taken back."""
    event = choice.event
    registrations = choice.registrations()
    log(
        instance=event.specific,
        action="events.export_registrations",
        user=furniture.organiser(request),
        data={"with_sensitive": with_sensitive, "file": file},
    )
    questions = exporting.questions_to_export(event, with_sensitive=with_sensitive)
    header, rows = exporting.header(questions), exporting.rows(event, registrations, questions)
    if file == ExportForm.CSV:
        content, content_type = spreadsheets.csv_file(header, rows), spreadsheets.CSV_TYPE
    else:
        content = spreadsheets.xlsx_file(event.title, header, rows)
        content_type = spreadsheets.XLSX_TYPE
    name = f"{slugify(event.title)[:60] or 'registrations'}-{timezone.localtime(now):%Y-%m-%d}.{file}"
    return StreamingHttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def state_in_words(registration: Registration) -> str:
    """With the place in line of those who wait; of one that came `with_place_in_line`."""
    words = registration.get_state_display()
    if registration.state == Registration.State.WAITING:
        return f"{words} (number {registration.ahead + 1})"  # type: ignore[attr-defined] # annotated
    return words
