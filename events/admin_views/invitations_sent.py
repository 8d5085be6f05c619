"""Following a round of invitations: how far it is, what each person answered, and the file of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST
from wagtail.log_actions import log

from events import audiences, rules, spreadsheets
from events.admin_views import furniture, sending
from events.invitation_forms import InvitedFilter
from events.models import Invitation, InvitationWave
from events.spreadsheets import Cell
from mailing import mailings
from mailing.models import Mailing

ROWS_ON_PAGE = 50
BATCH = 1000

Standing = Invitation.Standing


def progress_of(request: HttpRequest, wave: InvitationWave) -> dict[str, Any]:
    """What the page of a round that was started shows. The same few queries for any number of people."""
    progress = mailings.progress(wave.mailing)
    standings = dict(wave.numbers) if wave.erased_at else wave.invitations.count_by_standing()
    form = InvitedFilter(request.GET)
    matching = _matching(wave, form)
    rows, after = _page(matching, request.GET.get("after", ""))
    filters = request.GET.copy()
    filters.pop("after", None)
    return {
        "progress": progress,
        "letters": sending.letters_of(progress, is_cancelled=wave.mailing.state == Mailing.State.CANCELLED),
        "numbers": numbers_of(standings),
        "left_out": audiences.reasons_in_words(wave.left_out or {}),
        "reminded": wave.invitations.filter(reminders__gt=0).count(),
        "form": form,
        "filters": filters.urlencode(),
        "is_narrow": any(form.cleaned_data.values()) if form.is_valid() else False,
        "number": matching.count(),
        "rows": rows,
        "after": after,
        "is_first": "after" not in request.GET,
    }


def numbers_of(by_standing: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each standing that somebody is in, in their order."""
    return [
        {"value": value, "label": label, "number": by_standing[value]}
        for value, label in Standing.choices
        if by_standing.get(value)
    ]


def _matching(wave: InvitationWave, form: InvitedFilter) -> QuerySet[Invitation]:
    """Those of a round that the filter fits, each with its standing."""
    form.is_valid()
    given = form.cleaned_data
    standing = given.get("standing")
    found = wave.invitations.in_standing(standing) if standing else wave.invitations.with_standing()
    for word in given.get("q", "").replace("\x00", " ").split():
        found = found.filter(
            Q(email__icontains=word)
            | Q(name__icontains=word)
            | Q(member__first_name__icontains=word)
            | Q(member__last_name__icontains=word)
        )
    if given.get("reminded"):
        found = found.filter(reminders__gt=0) if given["reminded"] == "yes" else found.filter(reminders=0)
    return found


def _page(matching: QuerySet[Invitation], after: str) -> tuple[list[Invitation], UUID | None]:
    """By key: those after an invitation, in the order in which they were written; and where the next page begins."""
    whole = matching.select_related("member__organisation", "letter").order_by("pk")
    try:
        anchor = Invitation.objects.filter(key=UUID(after)).values_list("pk", flat=True).first()
    except ValueError:
        anchor = None
    if anchor is not None:
        whole = whole.filter(pk__gt=anchor)
    rows = list(whole[: ROWS_ON_PAGE + 1])
    has_more = len(rows) > ROWS_ON_PAGE
    rows = rows[:ROWS_ON_PAGE]
    return rows, rows[-1].key if has_more else None


@require_POST
def export_invited(request: HttpRequest, event: int, wave: UUID) -> StreamingHttpResponse:
    """A file of all that match the filter. Written down first: a file that somebody has cannot be taken back."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    row = get_object_or_404(found.invitation_waves, uuid=wave)
    matching = _matching(row, InvitedFilter(request.POST))
    log(
        instance=found.specific,
        action="events.export_invitations",
        user=furniture.organiser(request),
        data={"wave": str(row.uuid)},
    )
    header = [
        "Address", "Name", "Organisation", "Where it stands", "Letter", "Sent", "Reminders", "Last reminder",
        "Answer", "Answered", "Reason", "Asked for a place",
    ]  # fmt: skip
    return csv_answer(f"{slugify(found.title)[:60] or 'event'}-invited", header, _rows(matching))


def _rows(matching: QuerySet[Invitation]) -> Iterator[list[Cell]]:
    """Read in batches by key, each with its letter and its member."""
    labels = dict(Standing.choices)
    whole = matching.select_related("member__organisation", "letter").order_by("pk")
    last = 0
    while batch := list(whole.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        for found in batch:
            letter = found.letter
            yield [
                found.email,
                found.shown_name,
                found.shown_organisation,
                labels[found.standing],  # type: ignore[attr-defined] # annotated
                letter.get_state_display() if letter else "",
                _local(letter.sent_at) if letter else None,
                found.reminders,
                _local(found.reminded_at),
                found.get_answer_display(),
                _local(found.answered_at),
                found.reason,
                _local(found.registered_at),  # type: ignore[attr-defined] # annotated
            ]


def _local(at: datetime | None) -> datetime | None:
    """Without its zone: a cell has none."""
    return timezone.localtime(at).replace(tzinfo=None) if at else None


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        spreadsheets.csv_file(header, rows),
        content_type=spreadsheets.CSV_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "private, no-store",
        },
    )
