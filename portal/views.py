"""Pages that need every app: the state of the portal, and the mail of the development machine."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailing import maildir
from mailing.models import OutgoingMail

LETTERS_A_PAGE = 50
MAIL_IS_LATE_AFTER = timedelta(minutes=15)


@login_not_required
@require_safe
@never_cache
def health(_request: HttpRequest) -> HttpResponse:
    """Whether the portal can work: 503 without a database. Late mail is said, but no reason to stop."""
    try:
        late = OutgoingMail.objects.due(timezone.now() - MAIL_IS_LATE_AFTER).on_their_own().exists()
    except DatabaseError:
        return HttpResponse("database: down\n", content_type="text/plain", status=503)
    return HttpResponse(f"database: ok\nmail: {'late' if late else 'ok'}\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def dev_mail(request: HttpRequest) -> HttpResponse:
    """What the development machine sent, newest first, and how to sign in to the demo. Only with DEBUG."""
    # The demo is code that a production server never loads.
    from members.demo import PASSWORD
    from portal.demo_logins import current_logins

    keys = maildir.newest_first(Path(settings.MAIL_DIR))
    start = max(int(from_), 0) if (from_ := request.GET.get("from", "")).isdecimal() else 0
    later = max(start - LETTERS_A_PAGE, 0)
    context = {
        "letters": maildir.entries(Path(settings.MAIL_DIR), keys[start : start + LETTERS_A_PAGE]),
        "number_of_letters": len(keys),
        "later_url": f"?from={later}" if start else "",
        "earlier_url": f"?from={start + LETTERS_A_PAGE}" if start + LETTERS_A_PAGE < len(keys) else "",
        "logins": current_logins(),
        "password": PASSWORD,
    }
    return render(request, "mailing/dev_mail.html", context)
