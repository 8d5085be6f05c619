"""What a reader sees when something did not work. Named as handlers in portal/urls.py."""

import logging
import secrets
import sys

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.log import log_response

logger = logging.getLogger(__name__)

# Where even the template cannot be read.
LAST_RESORT = (
    "<!DOCTYPE html><html lang=en-GB><title>Something went wrong</title>"
    "<h1>Something went wrong</h1><p>That was our fault. What you sent last may not have been kept. Try again in a few "
    "minutes. If it happens again, tell us this reference: {reference}."
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names them
    """400: the browser sent something that cannot be read.

    Drawn without the request: what cannot be read in it, such as its host, would be asked for again.
    """
    return HttpResponseBadRequest(render_to_string("400.html"))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """403: it exists, and this person may see it, but not do this."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """404: there is nothing here, or nothing this person may know of."""
    return render(request, "404.html", status=404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429: the same thing was tried too often."""
    return render(request, "429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Needs no database, no session and no context processor.

    The reference on the page stands in the log, too, before the traceback.
    """
    reference = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    try:
        page: str = render_to_string("500.html", {"reference": reference})
    except Exception:
        logger.exception("The page for errors cannot be drawn.")
        page = LAST_RESORT.format(reference=reference)
    response = HttpResponseServerError(page)
    # Django would log the error a second time, without the reference, if this did not mark the response.
    log_response(
        "%s: %s",
        f"Reference {reference}",
        request.path,
        response=response,
        request=request,
        exception=sys.exc_info()[1],
    )
    return response
