"""Makes the data that a benchmark runs on: `python -m bench.data --events 5000`.

Prints what the benchmark needs to know of it as JSON. Rows are written in bulk, past every action, so
nothing is queued and 5,000 events take seconds.
"""

import argparse
import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from events.models import EventPage, WorkshopPage
    from home.models import StandardPage
    from members.models import User

MEMBERS = 2000
PLACES = 200
REGISTERED = 120
RACES = 4
ROUNDS = 20
BATCH = 500


def main() -> None:
    """Make the data and say what there is."""
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=__doc__)
    parser.add_argument("--events", type=int, required=True, help=f"published events, at least {RACES + 1}")
    parser.add_argument(
        "--registered", type=int, default=4, help="members registered for each, races left out"
    )
    wanted = parser.parse_args()
    django.setup()

    from django.utils import timezone

    now = timezone.now()
    members = make_members(now)
    shown = keep_one_event(now)
    copies = make_events(shown, wanted.events - 1, now)
    register([shown], members, REGISTERED, now)
    register(copies[RACES:], members, wanted.registered, now)
    print(
        json.dumps(
            {
                "index": shown.get_parent().get_url(),
                "shown": described(shown),
                "empty": make_empty_page().get_url(),
                "races": [described(copy) for copy in copies[:RACES]],
                "ahead": [described(copy) for copy in copies if copy.starts_at > now][:ROUNDS],
                "sessions": make_sessions(members, now),
            }
        )
    )


def described(event: "EventPage") -> dict[str, object]:
    """What a benchmark needs to know of an event."""
    return {"pk": event.pk, "uuid": str(event.uuid), "path": event.get_url()}


def make_members(now: datetime) -> "list[User]":
    """Approved practitioners of one organisation, their addresses confirmed."""
    from allauth.account.models import EmailAddress
    from django.contrib.auth.hashers import make_password

    from members.models import Organisation, User

    organisation = Organisation.objects.earliest("pk")
    no_password = make_password(None)
    members = User.objects.bulk_create(
        (
            User(
                email=f"bench-{number}@force.example",
                first_name="Bench",
                last_name=f"Practitioner {number}",
                password=no_password,
                organisation=organisation,
                state=User.State.APPROVED,
                date_joined=now,
            )
            for number in range(MEMBERS)
        ),
        batch_size=BATCH,
    )
    EmailAddress.objects.bulk_create(
        (EmailAddress(user=member, email=member.email, verified=True, primary=True) for member in members),
        batch_size=BATCH,
    )
    return members


def make_sessions(members: "Sequence[User]", now: datetime) -> list[str]:
    """A session of each member, as signing in would leave it; their keys."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    store = SessionStore()
    sessions = Session.objects.bulk_create(
        (
            Session(
                session_key=store._get_new_session_key(),
                session_data=store.encode(
                    {
                        SESSION_KEY: str(member.pk),
                        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                        HASH_SESSION_KEY: member.get_session_auth_hash(),
                    }
                ),
                expire_date=now + timedelta(days=1),
            )
            for member in members
        ),
        batch_size=BATCH,
    )
    return [session.session_key for session in sessions]


def keep_one_event(now: datetime) -> "WorkshopPage":
    """The demo's next workshop, with room for everybody it is measured with; the others are taken down."""
    from events.models import EventPage, WorkshopPage

    workshop = WorkshopPage.objects.live().upcoming(now)[0]
    workshop.registrations.all().delete()
    open_to_all = {"capacity": PLACES, "registration_opens_at": None, "registration_closes_at": None}
    EventPage.objects.filter(pk=workshop.pk).update(**open_to_all)
    EventPage.objects.exclude(pk=workshop.pk).update(live=False)
    return WorkshopPage.objects.get(pk=workshop.pk)


def make_empty_page() -> "StandardPage":
    """A page of the site with nothing on it but its title."""
    from home.models import HomePage, StandardPage

    made: StandardPage = HomePage.objects.get().add_child(
        instance=StandardPage(title="Empty", slug="bench-empty")
    )
    return made


def make_events(shown: "WorkshopPage", number: int, now: datetime) -> "list[WorkshopPage]":
    """So many published copies of a workshop: the first few ahead, then by turns ahead and over.

    A page is a row in each table from Page down to WorkshopPage, which Django's bulk_create refuses
    to write: we write them table by table. The tree's paths follow the last page of the list.
    """
    from wagtail.models import Page

    from events.models import WorkshopPage

    parent = shown.get_parent()
    last = Page._str2int(parent.get_last_child().path[-Page.steplen :])
    first = Page.objects.latest("pk").pk + 1
    copies = []
    for step in range(number):
        ahead = step < RACES or step % 2
        starts_at = (
            now + timedelta(days=8, hours=7 * step) if ahead else now - timedelta(days=1, hours=13 * step)
        )
        values = {field.attname: getattr(shown, field.attname) for field in shown._meta.concrete_fields}
        values |= {
            "id": first + step,
            "page_ptr_id": first + step,
            "eventpage_ptr_id": first + step,
            "translation_key": uuid.uuid4(),
            "uuid": uuid.uuid4(),
            "title": f"Workshop {step}",
            "draft_title": f"Workshop {step}",
            "slug": f"bench-workshop-{step}",
            "url_path": f"{parent.url_path}bench-workshop-{step}/",
            "path": Page._get_path(parent.path, parent.depth + 1, last + 1 + step),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=4),
            "latest_revision_id": None,
            "live_revision_id": None,
        }
        copies.append(WorkshopPage(**values))
    insert_by_table(copies)
    Page.objects.filter(pk=parent.pk).update(numchild=parent.numchild + number)
    return copies


def insert_by_table(pages: "Sequence[WorkshopPage]") -> None:
    """Insert rows of a model that inherits tables, keys already given."""
    from django.core.management.color import no_style
    from django.db import connection, transaction

    tables = [model for model in reversed(type(pages[0]).__mro__) if is_table(model)]
    with transaction.atomic():
        for table in tables:
            for start in range(0, len(pages), BATCH // 5):
                table._base_manager.all()._insert(
                    pages[start : start + BATCH // 5],
                    fields=table._meta.local_concrete_fields,
                    using=connection.alias,
                )
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)


def is_table(model: "type[object]") -> "bool":
    """Whether a class is a model with a table of its own."""
    from django.db.models import Model

    return issubclass(model, Model) and hasattr(model, "_meta") and not model._meta.abstract


def register(events: "Sequence[EventPage]", members: "Sequence[User]", number: int, now: datetime) -> None:
    """Give so many members a place at each event, others at the next."""
    from itertools import cycle, islice

    from events.models import Registration

    coming = cycle(members)
    for start in range(0, len(events), BATCH):
        Registration.objects.bulk_create(
            (
                Registration(
                    event_id=event.pk,
                    member_id=member.pk,
                    organisation_id=member.organisation_id,
                    state=Registration.State.CONFIRMED,
                    registered_at=now,
                    confirmed_at=now,
                )
                for event in events[start : start + BATCH]
                for member in islice(coming, number)
            ),
            batch_size=BATCH,
        )


if __name__ == "__main__":
    main()
