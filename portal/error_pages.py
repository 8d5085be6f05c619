"""Our own error pages while DEBUG is on, where Django would show its own with tracebacks and every address."""

from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from pages import views

UNREADABLE = (BadRequest, MultiPartParserError, SuspiciousOperation)


class OwnErrorPages:
    """Answers errors as a server without DEBUG does.

    It stands outside the middleware that turns exceptions into answers, and inside all that every answer has to pass.
    Django asks for handler403 with DEBUG too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code == 404 and request.resolver_match is None
        ):  # no view was found to raise anything
            return views.page_not_found(request, Http404())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return views.page_not_found(request, exception)
        if isinstance(exception, PermissionDenied):
            return None
        if isinstance(exception, UNREADABLE):
            return views.bad_request(request, exception)
        return views.server_error(request)
