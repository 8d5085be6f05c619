"""One's CPD record: a page, a table and a document."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events import cpd, documents, spreadsheets
from events.views import shared
from mailing.letters import NAME
from pages import dates


@require_safe
def cpd_record(request: HttpRequest) -> HttpResponse:
    context = {
        "years": cpd.record_of(shared.member_of(request)),
        "crumbs": [("Home", "/"), ("My page", "/my-page/")],
    }
    return render(request, "events/cpd_record.html", context)


@require_safe
def cpd_record_table(request: HttpRequest) -> StreamingHttpResponse:
    """As CSV, for a spreadsheet or another record."""
    rows = cpd.rows_of(cpd.record_of(shared.member_of(request)))
    response = StreamingHttpResponse(
        spreadsheets.csv_file(cpd.HEADER, rows), content_type=spreadsheets.CSV_TYPE
    )
    response["Content-Disposition"] = 'attachment; filename="cpd-record.csv"'
    return response


@require_safe
def cpd_record_document(request: HttpRequest) -> HttpResponse:
    """As PDF, to hand in."""
    member, now = shared.member_of(request), timezone.now()
    years = [
        documents.RecordYear(
            title=str(year.year),
            rows=[
                {
                    "event": entry.event.title,
                    "when": entry.event.when,
                    "hours": entry.hours_shown,
                    "code": entry.certificate.code_shown,
                }
                for entry in year.entries
            ],
            total=year.total_shown,
        )
        for year in cpd.record_of(member)
    ]
    content = documents.cpd_record(
        member.get_full_name() or member.email, years, made_on=dates.day_date(now), author=NAME, made_at=now
    )
    response = HttpResponse(content, content_type=documents.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="cpd-record.pdf"'
    return response
