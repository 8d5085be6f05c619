"""What a reader sees when something did not work."""

import logging
import re

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from pages import views

ASKED = "/specimen/no-such-page/"


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/specimen/403/", 403, "You may not do this"),
        (ASKED, 404, "There is no page here"),
        ("/specimen/429/", 429, "Too many tries"),
    ],
)
def test_error_says_what_happened_and_what_to_do(specimens, site_tree, client, read, path, status, heading):
    answer = client.get(path)

    html = read(answer)
    assert answer.status_code == status
    assert [item.get_text() for item in html.select("h1")] == [heading]
    assert html.title.get_text() == f"{heading} – Practice Portal"
    assert len(html.select("main .pp-band .pp-lead")) == 1
    assert html.select_one("main form[role=search]")["action"] == "/search/"
    assert re.search(r"\b(4\d\d|please|oops|!)\b", html.main.get_text(), re.IGNORECASE) is None


def test_error_tells_a_visitor_how_to_sign_in_and_come_back(specimens, site_tree, client, read):
    html = read(client.get(ASKED))

    assert [item["href"] for item in html.select("main p a")] == [f"/account/login/?next={ASKED}"]


def test_error_does_not_ask_a_member_to_sign_in(specimens, site_tree, client, member, read):
    client.force_login(member)

    assert [item["href"] for item in read(client.get(ASKED)).select("main p a")] == []


def test_error_names_the_address_to_write_to(specimens, site_settings, client, read):
    site_settings.contact_email = "portal@portal.example"
    site_settings.save()

    html = read(client.get(ASKED))

    assert [item["href"] for item in html.select("main a[href^=mailto]")] == ["mailto:portal@portal.example"]


def test_form_sent_without_its_token_is_explained(specimens, site_tree, member, read):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(member)

    answer = client.post("/specimen/form/", {"name": "Pat"})

    assert answer.status_code == 403
    assert read(answer).h1.get_text() == "Your page was open for too long"


@pytest.fixture
def failing_client(specimens, client):
    client.raise_request_exception = False
    return client


def test_failure_shows_a_reference_that_stands_in_the_log(failing_client, site_tree, read, caplog):
    answer = failing_client.get("/specimen/500/")

    html = read(answer)
    reference = html.main.strong.get_text()
    assert answer.status_code == 500
    assert html.h1.get_text() == "Something went wrong"
    assert re.fullmatch(r"[0-9A-F]{4}-[0-9A-F]{4}", reference)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in errors] == [f"Reference {reference}: /specimen/500/"]
    assert str(errors[0].exc_info[1]) == "Made to fail."


def test_two_failures_have_two_references(failing_client, site_tree, read):
    references = {read(failing_client.get("/specimen/500/")).main.strong.get_text() for _ in range(2)}

    assert len(references) == 2


def test_failure_tells_nothing_of_its_cause(failing_client, site_tree):
    answer = failing_client.get("/specimen/500/?word=reconviction")

    assert "Made to fail" not in answer.content.decode()
    assert "RuntimeError" not in answer.content.decode()
    assert "reconviction" not in answer.content.decode()


def test_failure_needs_neither_database_nor_session(db):
    """A bare request: no session, no user, no messages, no site."""
    request = RequestFactory().get("/events/")

    with CaptureQueriesContext(connection) as queries:
        answer = views.server_error(request)

    assert (answer.status_code, len(queries)) == (500, 0)


def test_failure_is_told_even_where_no_template_can_be_drawn(monkeypatch, caplog):
    def broken(*args):
        raise OSError("The disk is gone.")

    monkeypatch.setattr(views, "render_to_string", broken)

    answer = views.server_error(RequestFactory().get("/events/"))

    text = answer.content.decode()
    reference = re.search(r"[0-9A-F]{4}-[0-9A-F]{4}", text).group()
    assert answer.status_code == 500
    assert [record.getMessage() for record in caplog.records] == [
        "The page for errors cannot be drawn.",
        f"Reference {reference}: /events/",
    ]


def test_handlers_of_the_portal_are_these():
    from django.urls import get_resolver

    found = {
        status: get_resolver("portal.urls").resolve_error_handler(status) for status in (400, 403, 404, 500)
    }

    assert found == {
        400: views.bad_request,
        403: views.permission_denied,
        404: views.page_not_found,
        500: views.server_error,
    }


def test_rate_limit_of_the_account_pages_ends_here(rf, settings, monkeypatch):
    from allauth.core.internal.ratelimit import respond_429

    monkeypatch.setattr(views, "render", lambda request, template, status: (template, status))

    assert respond_429(rf.post("/account/login/")) == ("429.html", 429)


def test_what_cannot_be_read_is_explained(site_tree, client, settings, read):
    settings.ALLOWED_HOSTS = ["portal.example"]

    answer = client.get("/", headers={"host": "another.example"})

    assert answer.status_code == 400
    assert read(answer).h1.get_text() == "We could not read that"
