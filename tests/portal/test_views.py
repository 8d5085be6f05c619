"""The page that tells whether the portal can work."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from mailing.models import OutgoingMail
from tests.mailing.conftest import make_letter  # noqa: F401 - a fixture


@pytest.fixture
def now():
    return timezone.now()


def test_health_says_that_all_is_well(client, db):
    answer = client.get("/health/")

    assert (answer.status_code, answer.content) == (200, b"database: ok\nmail: ok\n")
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_health_takes_one_query(client, db, django_assert_num_queries):
    client.get("/health/")

    with django_assert_num_queries(1):
        client.get("/health/")


@pytest.mark.parametrize(("minutes", "mail"), [(14, b"ok"), (16, b"late")])
def test_health_says_that_mail_is_late(client, now, make_letter, minutes, mail):  # noqa: F811
    make_letter(next_attempt_at=now - timedelta(minutes=minutes), recipient="practitioner@force.example")

    answer = client.get("/health/")

    assert (answer.status_code, answer.content) == (200, b"database: ok\nmail: " + mail + b"\n")


def test_health_says_that_the_database_is_down(client, db, monkeypatch):
    def fail(*_, **__):
        raise OperationalError("connection to server at 10.0.0.1 failed for user portal")

    monkeypatch.setattr(OutgoingMail.objects, "due", fail)

    answer = client.get("/health/")

    assert (answer.status_code, answer.content) == (503, b"database: down\n")


def test_health_does_not_act(client, db):
    assert client.post("/health/").status_code == 405
