"""What the measured server tells about each request, in its response's headers."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse

STATEMENTS = "X-Bench-Statements"
RENDERING_MS = "X-Bench-Rendering-Ms"


class StatementsMiddleware:
    """Counts the SQL statements of a request. Stands first, so it sees those of every middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count = 0

        def counting(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal count
            count += 1
            return execute(sql, params, many, context)

        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(counting))
            response = self.get_response(request)
        response[STATEMENTS] = str(count)
        return response
