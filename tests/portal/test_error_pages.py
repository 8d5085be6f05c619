"""Our own error pages on a machine with DEBUG."""

import subprocess
import sys
from functools import cache

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest
from django.test import Client
from django.urls import path

from portal import urls as portal_urls


def fail(_request: HttpRequest, kind: str) -> None:
    raise {"404": Http404, "403": PermissionDenied, "400": SuspiciousOperation, "500": ZeroDivisionError}[
        kind
    ]


urlpatterns = [path("fail/<kind>/", fail), *portal_urls.urlpatterns]
handler400, handler403, handler404, handler500 = (
    portal_urls.handler400, portal_urls.handler403, portal_urls.handler404, portal_urls.handler500,
)  # fmt: skip


@cache
def _middleware_of_dev() -> list[str]:
    """As `make run` has it. In a process of its own: the settings of the tests are loaded here."""
    read = "from portal.settings import dev; print(*dev.MIDDLEWARE)"
    return subprocess.run(
        [sys.executable, "-c", read], capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.fixture
def visitor(settings, django_user_model, site_tree) -> Client:
    """Somebody who is signed in on a machine with DEBUG."""
    settings.DEBUG = True
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = _middleware_of_dev()
    client = Client(raise_request_exception=False)
    client.force_login(django_user_model.objects.create_user("somebody@portal.example", "a-password"))
    return client


@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/fail/404/", 404, "There is no page here"),
        ("/fail/403/", 403, "You may not do this"),
        ("/fail/400/", 400, "We could not read that"),
        ("/fail/500/", 500, "Something went wrong"),
        ("/there/is/no/such/page/", 404, "There is no page here"),
        ("/no-address-looks-like.this", 404, "There is no page here"),
    ],
)
def test_errors_have_our_pages_though_debug_is_on(visitor, address, status, title):
    answer = visitor.get(address)

    assert (answer.status_code, title in answer.content.decode()) == (status, True)
    assert "DEBUG" not in answer.content.decode()


def test_what_allauth_answers_itself_is_no_error(visitor):
    answer = visitor.get("/account/2fa/webauthn/add/")

    assert answer["Location"] == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Fwebauthn%2Fadd%2F"


def test_a_missing_slash_is_still_added(visitor):
    assert visitor.get("/account/login")["Location"] == "/account/login/"


def test_an_error_is_logged_with_the_reference_on_its_page(visitor, caplog):
    page = visitor.get("/fail/500/").content.decode()

    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info[0] is ZeroDivisionError
    assert record.getMessage().removeprefix("Reference ").removesuffix(": /fail/500/") in page


@pytest.mark.parametrize(("wanted", "ours"), [("", True), ("true", False)])
def test_a_developer_can_have_djangos_pages(monkeypatch, wanted, ours):
    monkeypatch.setenv("DJANGO_ERROR_PAGES", wanted)
    read = "from portal.settings import dev; print(dev.DEBUG, 'portal.error_pages.OwnErrorPages' in dev.MIDDLEWARE)"

    said = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=True).stdout

    assert said == f"True {ours}\n"
