"""What comes along with letters: files for calendars, and the code to show at the door. Made when they leave."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from events import codes, ical
from events.changes import SessionChange, What
from events.mail.addresses import entry_address, event_address
from events.models import EventPage, Registration, Session
from mailing.attachments import Attachment, AttachmentPlan
from mailing.letters import NAME, absolute_url
from mailing.values import Values

CALENDAR_FILE = "events.calendar_file"
ENTRY_CODE = "events.entry_code"


def calendar_organiser() -> ical.Organiser:
    """Who invites, as calendars show it."""
    return ical.Organiser(NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def calendar_host() -> str:
    """The right half of every UID. It must never change, or calendars show events twice."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def entry_code(registration: Registration, event: EventPage) -> tuple[AttachmentPlan, ...]:
    """The code to show at the door, where there is one."""
    if not event.has_door:
        return ()
    return (AttachmentPlan(ENTRY_CODE, {"address": entry_address(registration, event)}),)


def made_entry_code(values: Values) -> Attachment:
    """The picture of a plan that `entry_code` wrote."""
    return Attachment("entry-code.png", "image/png", codes.as_png(str(values["address"])))


def sessions_sent(event: EventPage) -> list[Session]:
    """Those that went out as entries of their own, as they are. A query only where there are some."""
    if not event.sent_sessions:
        return []
    return list(Session.objects.filter(event=event.pk, key__in=event.sent_sessions).in_order())


def calendar_file(
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
    status = ical.Status.CANCELLED if method is ical.Method.CANCEL else ical.Status.CONFIRMED
    entry = ical.entry_of(
        event, host=calendar_host(), url=event_address(event), stamped_at=now, status=status
    )
    return (_plan([entry, *_session_entries(sessions, event, now, status)], method, "event.ics"),)


def files_of_changes(
    event: EventPage, changes: Sequence[SessionChange], sent: Sequence[Session], now: datetime
) -> tuple[AttachmentPlan, ...]:
    """The event with the sessions that moved, and a second file for those that were cancelled.

    A file asks one thing of a calendar, so what is to be taken out cannot stand in the first. `sent` are
    sessions that this reader has as entries already: they come again, since they may have moved with the event.
    """
    changed = {change.key for change in changes}
    gone = [session_of(change, event) for change in changes if change.what is What.CANCELLED]
    there = [session_of(change, event) for change in changes if change.what is not What.CANCELLED]
    there += [session for session in sent if str(session.key) not in changed]
    files = calendar_file(event, now, sessions=there)
    if not (files and gone):
        return files
    entries = _session_entries(gone, event, now, ical.Status.CANCELLED)
    return (*files, _plan(entries, ical.Method.CANCEL, "cancelled-sessions.ics"))


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


def _session_entries(
    sessions: Sequence[Session], event: EventPage, now: datetime, status: ical.Status
) -> list[ical.Entry]:
    return [
        ical.session_entry_of(
            session,
            event,
            host=calendar_host(),
            url=absolute_url(event.session_url(session)),
            stamped_at=now,
            status=status,
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
