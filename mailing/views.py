"""Mail of the development machine, one letter at a time. Only addressed with DEBUG; the list is in portal."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from mailing import maildir

SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "List-Unsubscribe")


def _letter(key: str) -> maildir.StoredLetter:
    letter = maildir.letter(Path(settings.MAIL_DIR), key)
    if letter is None:
        raise Http404
    return letter


@login_not_required
@require_safe
def dev_letter(request: HttpRequest, key: str) -> HttpResponse:
    letter = _letter(key)
    context = {
        "letter": letter,
        "key": key,
        "rows": [{"key": name, "value": value} for name, value in letter.headers if name in SHOWN_HEADERS],
        "crumbs": [("Mail", reverse("dev_mail"))],
    }
    return render(request, "mailing/dev_letter.html", context)


@login_not_required
@require_safe
def dev_letter_html(_request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part as a mail program shows it: with its inline styles, and without anything else."""
    # A link of the letter opens in the window, not in the frame.
    response = HttpResponse(_letter(key).html.replace("<head>", '<head><base target="_top">', 1))
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


@login_not_required
@require_safe
def dev_attachment(_request: HttpRequest, key: str, number: int) -> HttpResponse:
    files = _letter(key).files
    if number >= len(files):
        raise Http404
    file = files[number]
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name)
    return response
