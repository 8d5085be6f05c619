"""Every letter about events: one function each, called in the transaction of its cause.

A letter to a registration whose member has left goes nowhere.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any, cast
from urllib.parse import urljoin, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from events import clocks, codes, hours, ical, letter_kinds, links, wording
from events.changes import SessionChange, What
from events.models import (
    Certificate,
    EventPage,
    Handover,
    ManagerApproval,
    Material,
    Registration,
    Session,
    TeamMember,
)
from mailing.actions import queue_letter
from mailing.attachments import Attachment, AttachmentPlan
from mailing.letters import NAME, absolute_url
from mailing.models import Wording
from mailing.values import Values
from pages import dates

CALENDAR_FILE = "events.calendar_file"
# The categories of letters, by which a reader stops them.
REMINDERS, THANKS = "event_reminders", "event_thanks"
ENTRY_CODE = "events.entry_code"


def place_booked(
    registration: Registration, event: EventPage, *, missed: Sequence[Session] = (), now: datetime
) -> None:
    """The place is theirs; the calendar file comes along, and the code to show at the door.

    `missed` are chosen sessions that filled up before it was.
    """
    code = entry_code(registration, event)
    taken_at = registration.confirmed_at.isoformat() if registration.confirmed_at else ""
    _queue(
        "place_booked",
        registration,
        event,
        key=f"{registration.uuid}:{taken_at}",  # a place that is approved anew is told anew
        context={"has_code": bool(code), "missed": [session.title for session in missed]},
        attachments=(*_calendar_file(event, now), *code),
    )


def waiting_list_joined(registration: Registration, event: EventPage, *, ahead: int) -> None:
    _queue(
        "waiting_list_joined",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={"ahead": ahead},
    )


def place_offered(registration: Registration, event: EventPage, *, missed: Sequence[Session] = ()) -> None:
    """A place is theirs until the offer ends. `missed` are chosen sessions that are full by now."""
    _queue(
        "place_offered",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={
            "until": _moment(registration.offer_expires_at, event),
            "missed": [session.title for session in missed],
        },
    )


def offer_expired(registration: Registration, event: EventPage, *, until: datetime) -> None:
    _queue(
        "offer_expired",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={"until": _moment(until, event)},
    )


def registration_cancelled(
    registration: Registration,
    event: EventPage,
    *,
    had_place: bool,
    awaited: bool = False,
    by_organiser: bool,
    now: datetime,
) -> None:
    """Takes the event out of the calendar again, if it was in. `awaited`: it waited for approval."""
    _queue(
        "registration_cancelled",
        registration,
        event,
        context={"had_place": had_place, "awaited": awaited, "by_organiser": by_organiser},
        attachments=_calendar_file(event, now, ical.Method.CANCEL) if had_place else (),
    )


def event_changed(
    registration: Registration,
    event: EventPage,
    *,
    before: Mapping[str, Any],
    sessions: Sequence[SessionChange] = (),
    now: datetime,
) -> None:
    """What changed, old and new, of the event and of sessions; calendar files that replace the ones before."""
    is_confirmed = registration.state == Registration.State.CONFIRMED
    _queue(
        "event_changed",
        registration,
        event,
        key=f"{registration.uuid}:{event.calendar_sequence}",
        context={
            "before": wording.facts_in_words(before),
            "is_confirmed": is_confirmed,
            "is_awaiting": registration.state == Registration.State.AWAITING_APPROVAL,
            "session_changes": [change.in_words(event.time_zone) for change in sessions],
            "chose_cancelled": any(change.takes_a_choice_away for change in sessions),
            "programme_url": absolute_url(event.programme_url) if sessions else "",
        },
        attachments=_files_of_changes(event, sessions, now) if is_confirmed else (),
    )


def event_cancelled(
    registration: Registration, event: EventPage, *, sessions: Sequence[Session] = (), now: datetime
) -> None:
    """Takes the event out of the calendar, and the sessions that they chose."""
    is_confirmed = registration.state == Registration.State.CONFIRMED
    _queue(
        "event_cancelled",
        registration,
        event,
        context={
            "reason": event.cancellation_reason,
            "is_confirmed": is_confirmed,
            "is_awaiting": registration.state == Registration.State.AWAITING_APPROVAL,
            "events_url": urljoin(event_address(event), "../"),
        },
        attachments=_calendar_file(event, now, ical.Method.CANCEL, sessions) if is_confirmed else (),
    )


def week_reminder(registration: Registration, event: EventPage, *, now: datetime) -> None:
    """A week before: enough time to plan the way, or to cancel for somebody who waits."""
    day = clocks.day_of(event.starts_at, ZoneInfo(event.time_zone))
    _queue(
        "week_reminder",
        registration,
        event,
        key=f"{registration.uuid}:{day}",
        context={"date": dates.day_date(day), **_the_way(registration, event, now)},
        category=REMINDERS,
    )


def event_reminder(registration: Registration, event: EventPage, *, now: datetime) -> None:
    """The day before (or the same day, if nothing ran), with the joining link, or how to get there."""
    zone = ZoneInfo(event.time_zone)
    day = clocks.day_of(event.starts_at, zone)
    _queue(
        "event_reminder",
        registration,
        event,
        key=f"{registration.uuid}:{day}",
        context={"is_today": clocks.day_of(now, zone) == day, **_the_way(registration, event, now)},
        category=REMINDERS,
    )


def _the_way(registration: Registration, event: EventPage, now: datetime) -> dict[str, str]:
    """How one gets to the event: to the venue, by the joining link, or both."""
    shows_later = event.will_show_joining_link(registration, now)
    return {
        "joining_url": event.joining_url if event.shows_joining_link(registration, now) else "",
        "joining_from": _moment(event.joining_link_shows_at, event) if shows_later else "",
        "getting_there": getting_there(event),
    }


def getting_there(event: EventPage) -> str:
    """Address, travel and access of the venue, a line each. Asks for the venue unless it came along."""
    venue = event.venue
    if venue is None or event.format == EventPage.Format.ONLINE:
        return ""
    access = f"Access: {venue.access_information}" if venue.access_information else ""
    return "\n".join(filter(None, [venue.name, venue.address, venue.map_url, venue.travel, access]))


def approval_awaited(
    registration: Registration, event: EventPage, *, manager_email: str, again_at: datetime | None = None
) -> None:
    """Somebody has to approve first: the organiser, the manager at an address, or both.

    `again_at` is when an answer that matters was changed, if that is why.
    """
    _queue(
        "approval_awaited",
        registration,
        event,
        key=f"{registration.uuid}:{again_at.isoformat()}" if again_at else "",
        context={
            "manager_email": manager_email,
            "by_organiser": event.needs_approval,
            "is_again": again_at is not None,
        },
    )


def registration_declined(registration: Registration, event: EventPage, *, by_manager: bool) -> None:
    _queue(
        "registration_declined",
        registration,
        event,
        context={"by_manager": by_manager, "reason": registration.declined_reason},
    )


def manager_asked(asked: ManagerApproval, registration: Registration, event: EventPage) -> None:
    """To a line manager, who needs no account: the link is all there is to it, so it is signed and ends."""
    member = registration.member
    if member is None:
        return
    _write(
        "manager_asked",
        event,
        to=asked.manager_email,
        context={
            "where": event.where_in_full,
            "name": member.get_full_name() or member.email,
            "answer_url": absolute_url(
                reverse("events:answer_as_manager", args=[links.token(links.APPROVE, asked.key)])
            ),
        },
        key=str(asked.key),
    )


def place_handed_over(handover: Handover, registration: Registration, event: EventPage) -> None:
    """To the colleague who can have the place."""
    giver, colleague = registration.member, handover.colleague
    if giver is None or colleague is None:
        return
    _write(
        "place_handed_over",
        event,
        to=colleague.email,
        context={
            "where": event.where_in_full,
            "name": giver.get_full_name() or giver.email,
            "handover_url": absolute_url(reverse("events:handover", args=[handover.key])),
        },
        key=str(handover.key),
    )


def handover_taken(registration: Registration, event: EventPage, *, now: datetime) -> None:
    """To whoever gave the place away: it is out of their calendar."""
    _queue("handover_taken", registration, event, attachments=_calendar_file(event, now, ical.Method.CANCEL))


def handover_declined(handover: Handover, registration: Registration, event: EventPage) -> None:
    _queue(
        "handover_declined",
        registration,
        event,
        key=str(handover.key),
        context={"colleague_email": handover.colleague_email},
    )


def certificate_issued(registration: Registration, event: EventPage, certificate: Certificate) -> None:
    """After the event, to everybody who was there, and again when the list was corrected."""
    _queue_to_anyone(
        "certificate_issued",
        registration,
        event,
        key=f"{certificate.code}:{certificate.issued_at.isoformat()}",
        context={
            "hours": hours.in_words(certificate.hours),
            "certificate_url": certificate_address(certificate),
        },
    )


def certificate_withdrawn(registration: Registration, event: EventPage, certificate: Certificate) -> None:
    withdrawn_at = certificate.withdrawn_at.isoformat() if certificate.withdrawn_at else ""
    _queue_to_anyone(
        "certificate_withdrawn", registration, event, key=f"{certificate.code}:{withdrawn_at}", context={}
    )


def thanks(registration: Registration, event: EventPage, *, audiences: Collection[str]) -> None:
    """A day after the end. `audiences` are those that materials of the event are open to by now."""
    certificate = getattr(registration, "certificate", None)
    has_certificate = certificate is not None and certificate.is_valid
    is_member = registration.member is not None
    has_materials = bool(audiences) if is_member else Material.Audience.EVERYONE in audiences
    where_they_are = registration_address(registration) if is_member else event_address(event)
    _queue_to_anyone(
        "thanks",
        registration,
        event,
        key=str(registration.uuid),
        context={
            "materials_url": where_they_are if has_materials else "",
            "certificate_url": certificate_address(certificate) if certificate and has_certificate else "",
        },
        category=THANKS,
    )


def team_joined(team_member: TeamMember, event: EventPage) -> None:
    """What they do at the event from now on, and where."""
    role, at_the_door = team_member.role, TeamMember.Role.CHECK_IN
    address = (
        reverse("events:check_in", args=[event.uuid])
        if role == at_the_door
        else reverse("events_admin:overview", args=[event.pk])
    )
    queue_letter(
        template="events/mail/team_joined",
        to=team_member.member.email,
        context={
            "title": event.title,
            "when": event.when,
            "role": role,
            "needs_second_factor": role != at_the_door,
            "work_url": absolute_url(address),
        },
        dedupe_key=f"events.team_joined:{team_member.pk}",
    )


def registration_address(registration: Registration) -> str:
    return absolute_url(reverse("events:registration", args=[registration.uuid]))


def cancelling_address(registration: Registration) -> str:
    """Where whoever has the letter can cancel without signing in."""
    token = links.token(links.CANCEL, registration.uuid)
    return absolute_url(reverse("events:cancel_by_link", args=[token]))


def certificate_address(certificate: Certificate) -> str:
    """Where anyone can check it."""
    return absolute_url(reverse("certificates:certificate", args=[certificate.code]))


def entry_address(registration: Registration, event: EventPage) -> str:
    """What the code at the door says: the page on which an organiser checks this person in."""
    return absolute_url(reverse("events:check_in_person", args=[event.uuid, registration.uuid]))


def calendar_organiser() -> ical.Organiser:
    """Who invites, as calendars show it."""
    return ical.Organiser(NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def calendar_host() -> str:
    """The right half of every UID. It must never change, or calendars show events twice."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def event_address(event: EventPage) -> str:
    return absolute_url(event.url or "/")


def _queue(
    name: str,
    registration: Registration,
    event: EventPage,
    *,
    key: str = "",
    context: Mapping[str, object] | None = None,
    attachments: tuple[AttachmentPlan, ...] = (),
    category: str = "",
) -> None:
    """Queue the letter `name`. The same `key` never queues it twice; without one, once a registration."""
    if registration.member is None:
        return
    _write(
        name,
        event,
        to=registration.member.email,
        to_whom=registration,
        context={
            "where": event.where_in_full,
            "has_file": any(attachment.maker == CALENDAR_FILE for attachment in attachments),
            **_addresses(registration),
            **(context or {}),
        },
        key=key or str(registration.uuid),
        attachments=attachments,
        category=category,
    )


def _queue_to_anyone(
    name: str,
    registration: Registration,
    event: EventPage,
    *,
    key: str,
    context: Mapping[str, object],
    category: str = "",
) -> None:
    """As `_queue`, also to guests: they have no account, so what they are sent to needs none."""
    if registration.address:
        _write(
            name,
            event,
            to=registration.address,
            to_whom=registration,
            context=context,
            key=key,
            category=category,
        )


def _write(
    name: str,
    event: EventPage,
    *,
    to: str,
    context: Mapping[str, object],
    key: str,
    to_whom: Registration | None = None,
    attachments: tuple[AttachmentPlan, ...] = (),
    category: str = "",
) -> None:
    """The one place where a letter that an organiser can change is queued: in their words, or in the portal's."""
    kind = letter_kinds.KINDS[name]
    facts = kind.completed({**event_facts(event), **context})
    number = event.changed_letters.get(name)
    queue_letter(
        template=template_of(kind),
        to=to,
        context=kind.values({**facts, **names_of(to_whom)}) if number else facts,
        dedupe_key=f"events.{name}:{key}",
        attachments=attachments,
        category=category,
        # Known by its number, which the event carries: no query while the event is held.
        wording=Wording(pk=number) if number else None,
    )


def template_of(kind: letter_kinds.LetterKind) -> str:
    return f"events/mail/{kind.name}"


def event_facts(event: EventPage) -> dict[str, str]:
    """What every letter can say about the event."""
    return {
        "title": event.title,
        "when": event.when,
        "event_url": event_address(event),
    }


def names_of(registration: Registration | None) -> dict[str, str]:
    """How an organiser's words can address somebody. The portal's own never name anybody."""
    if registration is None:
        return {}
    first_name = registration.member.first_name if registration.member is not None else ""
    return {"to_name": registration.name, "to_first_name": first_name or registration.name}


def _addresses(registration: Registration) -> dict[str, str]:
    return {
        "registration_url": registration_address(registration),
        "cancel_url": cancelling_address(registration),
    }


def entry_code(registration: Registration, event: EventPage) -> tuple[AttachmentPlan, ...]:
    """The code to show at the door, where there is one."""
    if not event.has_door:
        return ()
    return (AttachmentPlan(ENTRY_CODE, {"address": entry_address(registration, event)}),)


def made_entry_code(values: Values) -> Attachment:
    """The picture of a plan that `entry_code` wrote."""
    return Attachment("entry-code.png", "image/png", codes.as_png(str(values["address"])))


def _calendar_file(
    event: EventPage,
    now: datetime,
    method: ical.Method = ical.Method.PUBLISH,
    sessions: Sequence[Session] = (),
) -> tuple[AttachmentPlan, ...]:
    """The event as a file, made when the letter leaves, of what is true now; none where only the month is known.

    With `sessions`, those stand in it too.
    """
    if not event.has_known_day:
        return ()
    entry = ical.entry_of(
        event,
        host=calendar_host(),
        url=event_address(event),
        stamped_at=now,
        status=ical.Status.CANCELLED if method is ical.Method.CANCEL else ical.Status.CONFIRMED,
    )
    return (_plan([entry, *_session_entries(sessions, event, now)], method, "event.ics"),)


def _files_of_changes(
    event: EventPage, changes: Sequence[SessionChange], now: datetime
) -> tuple[AttachmentPlan, ...]:
    """The event with the sessions that moved, and a second file for those that were cancelled.

    A file asks one thing of a calendar, so what is to be taken out cannot stand in the first.
    """
    gone = [session_of(change, event) for change in changes if change.what is What.CANCELLED]
    there = [session_of(change, event) for change in changes if change.what is not What.CANCELLED]
    files = _calendar_file(event, now, sessions=there)
    if not (files and gone):
        return files
    cancelled = _plan(_session_entries(gone, event, now), ical.Method.CANCEL, "cancelled-sessions.ics")
    return (*files, cancelled)


def session_of(change: SessionChange, event: EventPage) -> Session:
    """The session as the change says: its row may be gone."""
    facts = change.after
    return Session(
        event_id=event.pk,
        key=UUID(change.key),
        title=facts["title"],
        room=facts["room"],
        starts_at=datetime.fromisoformat(facts["starts_at"]),
        ends_at=datetime.fromisoformat(facts["ends_at"]),
        is_cancelled=facts["is_cancelled"],
    )


def _session_entries(sessions: Sequence[Session], event: EventPage, now: datetime) -> list[ical.Entry]:
    return [
        ical.session_entry_of(
            session,
            event,
            host=calendar_host(),
            url=absolute_url(event.session_url(session)),
            stamped_at=now,
        )
        for session in sessions
    ]


def _plan(entries: Sequence[ical.Entry], method: ical.Method, filename: str) -> AttachmentPlan:
    values = {"entries": [vars(entry) for entry in entries], "method": method, "filename": filename}
    return AttachmentPlan(CALENDAR_FILE, values)


def made_calendar_file(values: Values) -> Attachment:
    """The file of a plan that `_plan` wrote."""
    entries = [ical.entry_from(fields) for fields in cast("list[Any]", values["entries"])]
    method = ical.Method(str(values["method"]))
    content = ical.calendar_file(entries, organiser=calendar_organiser(), method=method)
    return Attachment(str(values["filename"]), f"{ical.CONTENT_TYPE}; method={method}", content)


def _moment(at: datetime | None, event: EventPage) -> str:
    return wording.moment(at, event.time_zone) if at else ""
