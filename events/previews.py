"""What a letter about an event would say: in the portal's words or an organiser's, for a person or for nobody.

Nothing in a preview works: every link leads to the event's page, so that a test letter cannot cancel anything.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.template import Engine

from events import clocks, mail, wording
from events.letter_kinds import KINDS
from events.models import EventPage, Registration
from events.placeholders import LetterKind, Words
from mailing.composition import composed
from mailing.letters import Letter
from mailing.models import OutgoingMail, Wording
from pages import dates

SAMPLE_NAME, SAMPLE_FIRST_NAME = "Sample Practitioner", "Sample"

State = Registration.State


@cache
def default_words(name: str) -> Words:
    """The portal's own words of a kind of letter, with placeholders."""
    kind = KINDS[name]
    return kind.words_in(Engine.get_default().get_template(f"{mail.template_of(kind)}.txt").source)


def preview(
    kind: LetterKind, words: Words, *, event: EventPage, registration: Registration | None, now: datetime
) -> Letter:
    """The letter with a person's values, or with made-up ones. Raises CannotBeComposedError."""
    row = OutgoingMail(
        kind=mail.template_of(kind),
        values=values_for(kind, event=event, registration=registration, now=now),
        wording=Wording(subject=words.subject, text=words.text),
    )
    return composed(row)


def values_for(
    kind: LetterKind, *, event: EventPage, registration: Registration | None, now: datetime
) -> dict[str, Any]:
    """What each placeholder stands for."""
    facts = {**_of_event(event, now), **kind.sample, **_of_kind(kind, event)}
    if registration is not None:
        facts |= _of_registration(registration, event, now)
    return kind.values(kind.completed(facts))


def _of_event(event: EventPage, now: datetime) -> dict[str, Any]:
    """What is true of the event, and made up of the person. Every letter takes what it says from these."""
    address = mail.event_address(event)
    links = ("registration", "cancel", "answer", "handover", "materials", "certificate", "programme")
    return {
        **mail.event_facts(event),
        **{f"{name}_url": address for name in links},
        "where": event.where_in_full,
        "to_name": SAMPLE_NAME,
        "to_first_name": SAMPLE_FIRST_NAME,
        "name": SAMPLE_NAME,
        "number_of_files": int(event.has_known_day),
        "has_code": event.has_door,
        "until": wording.moment(now + event.time_to_take_an_offer, event.time_zone),
        "date": dates.day_date(clocks.day_of(event.starts_at, ZoneInfo(event.time_zone))),
        "getting_there": mail.getting_there(event),
        "events_url": urljoin(address, "../"),
    }


def _of_kind(kind: LetterKind, event: EventPage) -> dict[str, Any]:
    """What one kind of letter says of this event beside that."""
    shows_at = wording.moment(event.joining_link_shows_at, event.time_zone) if event.joining_url else ""
    facts = mail.event_facts(event)
    of_kinds: dict[str, dict[str, Any]] = {
        "place_booked": {"joining_url": "", "joining_from": shows_at},
        "week_reminder": {"joining_url": "", "joining_from": shows_at},
        "event_reminder": {"joining_url": event.joining_url, "joining_from": ""},
        "event_changed": {
            "before": {**facts, "where": event.where_in_full, "when": _week_before(event)},
        },
        "event_cancelled": {"reason": event.cancellation_reason} if event.is_cancelled else {},
        "approval_awaited": {} if event.needs_manager else {"manager_email": ""},
        "thanks": {} if event.gives_certificates else {"certificate_url": ""},
    }
    return of_kinds.get(kind.name, {})


def _of_registration(registration: Registration, event: EventPage, now: datetime) -> dict[str, Any]:
    """What is known of a person who registered; the rest stays made up."""
    facts: dict[str, Any] = {**mail.names_of(registration), "name": registration.name}
    if registration.state == State.OFFERED and registration.offer_expires_at is not None:
        facts["until"] = wording.moment(registration.offer_expires_at, event.time_zone)
    if registration.state == State.WAITING:
        facts["ahead"] = registration.count_ahead(now)
    if registration.declined_reason:
        facts["reason"] = registration.declined_reason
    if registration.is_active:
        facts["is_confirmed"] = registration.state == State.CONFIRMED
        facts["is_awaiting"] = registration.state == State.AWAITING_APPROVAL
        facts["is_offered"] = registration.state == State.OFFERED
        facts["sessions"] = wording.sessions(registration.chosen_sessions(), event.time_zone)
    return facts


def _week_before(event: EventPage) -> str:
    week = timedelta(weeks=1)
    return wording.when_in_full(
        event.starts_at - week,
        event.ends_at - week,
        precision=event.date_precision,
        time_zone=event.time_zone,
    )
