"""A browser's part: keep-alive connections on 127.0.0.1, one cookie jar, forms filled in and sent."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from bench.measuring import RENDERING_MS, STATEMENTS

# Any 32 letters do: Django compares the cookie with the form's field, which a client that sends forms
# without having asked for them fills in itself.
CSRF_TOKEN = "b" * 32


class UnexpectedAnswerError(Exception):
    """The server did not answer as the benchmark needs."""


@dataclass(frozen=True)
class Answer:
    """One response, and how long the client waited for it."""

    status: int
    location: str
    body: str
    statements: int
    rendering_ms: float
    seconds: float


class Client:
    """One visitor on one keep-alive connection; with a session key, a signed-in one."""

    def __init__(self, port: int, session: str = "", timeout: float = 60) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._session = session

    def sign_in(self, session: str) -> None:
        """Be someone else from the next request on."""
        self._session = session

    def get(self, path: str, *, expect: int = 200) -> Answer:
        return self._ask("GET", path, None, expect)

    def post(self, path: str, fields: Mapping[str, str], *, expect: int | None = 302) -> Answer:
        """Send a form. With `expect=None` any status is handed back."""
        body = urlencode({"csrfmiddlewaretoken": CSRF_TOKEN, **fields})
        return self._ask("POST", path, body, expect)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None, expect: int | None) -> Answer:
        headers = {"Accept": "text/html"}
        cookies = {}
        if self._session:
            cookies = {"sessionid": self._session, "csrftoken": CSRF_TOKEN}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        answer = Answer(
            status=response.status,
            location=response.headers.get("Location", ""),
            body=text,
            statements=int(response.headers.get(STATEMENTS, 0)),
            rendering_ms=float(response.headers.get(RENDERING_MS, 0)),
            seconds=time.perf_counter() - began,
        )
        if expect is not None and answer.status != expect:
            raise UnexpectedAnswerError(
                f"{method} {path}: {answer.status} to {answer.location!r}, expected {expect}"
            )
        return answer


def path_of(address: str) -> str:
    """The path and query of an address, for the next request."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class FormFields(HTMLParser):
    """The fields of the last POST form on a page, with the values it would send untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.action = ""
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = values.get("method", "get").lower() == "post"
            if self._inside:
                self.fields, self.action = {}, values.get("action", "")
        elif tag == "input" and self._inside and "name" in values:
            is_sent = values.get("type") not in {"checkbox", "radio"} or "checked" in values
            if is_sent:
                self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
