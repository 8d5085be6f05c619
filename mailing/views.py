"""Where the reader of a letter stops letters like it; and mail of the development machine, one letter at a time.

The latter is only addressed with DEBUG; the list is in portal.
"""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mailing import actions, categories, maildir, stopping, suppression

SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "List-Unsubscribe")


@login_not_required
@csrf_exempt  # A mail program sends the POST of RFC 8058 by itself; the signed address is the right to.
@require_http_methods(["GET", "HEAD", "POST"])
def stop_letters(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether letters of this kind shall stop; stop them on POST. Mail gateways open links, so GET only asks."""
    letter = stopping.letter_of(token)
    category = categories.get(letter.category) if letter else None
    if letter is None or category is None:
        raise Http404
    if request.method == "POST":
        actions.stop_letters(address=letter.recipient, category=category.name, now=timezone.now())
    context = {
        "category": category,
        "address": _shortened(letter.recipient),
        "is_stopped": category.name in suppression.stopped_categories(letter.recipient),
    }
    return render(request, "mailing/stop_letters.html", context)


def _shortened(address: str) -> str:
    """Enough of an address for its owner to know it: a letter may have been passed on."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


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
