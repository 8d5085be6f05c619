"""Events, findings and registrations for the front page and one's own page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from events.models import Certificate, EventIndexPage, EventPage, Registration, WorkshopPage
from home.models import HomePage
from library.models import FindingPage, LibraryIndexPage
from members.models import User

WORDS = "Sentences that an editor wrote."


@pytest.fixture
def home(site_tree) -> HomePage:
    return site_tree


@pytest.fixture
def today(now, monkeypatch) -> datetime:
    """Everything takes the fixed moment for the present, sessions included."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@pytest.fixture
def new_event(site_tree, now) -> Callable[..., EventPage]:
    """Publish a workshop that starts so many days from now; each call one more."""

    def publish(days: float = 10, **fields: Any) -> EventPage:
        number = EventPage.objects.count() + 1
        starts_at = now + timedelta(days=days)
        values = {
            "title": f"Event {number}",
            "slug": f"event-{number}",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=3),
            "first_published_at": now - timedelta(days=1),
        }
        return EventIndexPage.objects.get().add_child(instance=WorkshopPage(**(values | fields)))

    return publish


@pytest.fixture
def new_finding(site_tree, now) -> Callable[..., FindingPage]:
    """Publish a finding; each call one more."""

    def publish(**fields: Any) -> FindingPage:
        number = FindingPage.objects.count() + 1
        values = {
            "title": f"Finding {number}",
            "slug": f"finding-{number}",
            "published_year": 2020,
            "first_published_at": now - timedelta(days=1),
        }
        return LibraryIndexPage.objects.get().add_child(instance=FindingPage(**(values | fields)))

    return publish


@pytest.fixture
def register(member, now) -> Callable[..., Registration]:
    """Write a registration in any state, past the actions."""

    def write(event: EventPage, state: str = "confirmed", **fields: Any) -> Registration:
        values: dict[str, Any] = {"member": member, "registered_at": now}
        if state == "offered":
            values["offer_expires_at"] = now + timedelta(days=1)
        if state == "waiting":
            values["waiting_number"] = event.registrations.count() + 1
        if state == "confirmed":
            values["confirmed_at"] = now
        if state == "cancelled":
            values["cancelled_at"] = now
        return Registration.objects.create(event=event, state=state, **(values | fields))

    return write


@pytest.fixture
def certify(now) -> Callable[..., Certificate]:
    """Give somebody who was there a certificate, past the actions."""

    def issue(registration: Registration, hours: str = "3", **fields: Any) -> Certificate:
        return Certificate.objects.create(
            registration=registration,
            name="Pat Practitioner",
            hours=Decimal(hours),
            issued_at=now,
            **fields,
        )

    return issue


@pytest.fixture
def as_member(member, today) -> Client:
    """A browser in which the member is signed in, on the fixed day: a session ends after hours."""
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def pending(db) -> User:
    """Somebody whose membership is not decided."""
    return User.objects.create_user("newcomer@elsewhere.example", state=User.State.PENDING)
