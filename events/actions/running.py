"""What happens to a whole event: cancelling it, and announcing what changed."""

from datetime import datetime

from django.db import transaction
from wagtail.log_actions import log

from events import changes, invitation_letters, line, mail
from events.actions import approving, certifying, checks
from events.models import EventPage, Registration, Session, SessionPlace
from members.models import User

State = Registration.State


@transaction.atomic
def cancel_event(*, event: EventPage, reason: str, actor: User, now: datetime) -> int:
    """Cancel the event and tell everybody who is registered or waits. Returns how many that are.

    The page stays. Registrations stay as they are, for the record; only offers go back to waiting, since
    nobody can take them any more. Raises EventCancelled or EventOver.
    """
    event = line.lock(event.pk)
    checks.check_on(event, now)
    line.write(event, cancelled_at=now, cancellation_reason=reason)
    line.raise_sequence(event)
    event.registrations.filter(state=State.OFFERED).update(state=State.WAITING, offer_expires_at=None)
    told = _active_with_members(event)
    chosen, sent = _chosen_by(told), mail.sessions_sent(event)
    for registration in told:
        theirs = dict.fromkeys([*sent, *chosen.get(registration.pk, ())])
        mail.event_cancelled(registration, event, sessions=list(theirs), now=now)
    invitation_letters.stop_all(event=event, now=now)
    log(instance=event.specific, action="events.cancel_event", user=actor, data={"told": len(told)})
    return len(told)


@transaction.atomic
def announce_changes(*, event: EventPage, now: datetime) -> int:
    """After a publication: tell those registered what changed, and offer the places it freed.

    A change of the event matters to all of them, one of a session to those who chose it, or to all where
    it is for everybody. Each gets one letter about everything. What was announced before is kept with the
    event, so nothing is missed and nothing told twice, however the page was published. Returns how many
    were told.
    """
    event = line.lock(event.pk)
    before, facts = event.announced, event.calendar_facts()
    told: list[Registration] = []
    is_on = not event.is_cancelled and not event.is_over(now)
    if before != facts:
        line.write(event, announced=facts)
        if before and is_on:
            line.raise_sequence(event)
            told = _tell_of_changes(event, before, facts, now)
    if event.is_over(now):
        certifying.correct_all(event, now)
    if is_on:
        approving.release_approved(event, now)
        line.settle(event, now)
    return len(told)


def _tell_of_changes(
    event: EventPage, before: changes.Facts, facts: changes.Facts, now: datetime
) -> list[Registration]:
    """Write to everybody to whom something of it matters; who that is."""
    has_moved = any(before[name] != facts[name] for name in facts if name != "sessions")
    found = changes.session_changes(before, facts, now=now)
    if has_moved:
        event.registrations.update(week_reminded_at=None, reminded_at=None)
    elif not found:
        return []
    told = []
    active = _active_with_members(event)
    sent = [session for session in mail.sessions_sent(event) if not session.is_cancelled]
    chosen = _chosen_by(active) if found or sent else {}
    for registration in active:
        keys = {str(session.key) for session in chosen.get(registration.pk, ())}
        theirs = [change for change in found if change.is_for_everybody or change.key in keys]
        has_already = [session for session in sent if not session.is_chosen or str(session.key) in keys]
        if has_moved or theirs:
            mail.event_changed(registration, event, before=before, sessions=theirs, sent=has_already, now=now)
            told.append(registration)
    if told:
        _note_sent(event, found)
    return told


def _note_sent(event: EventPage, found: list[changes.SessionChange]) -> None:
    """Remember which sessions are in people's calendars by themselves: they go with the event, or with a place."""
    sent = set(event.sent_sessions)
    for change in found:
        if change.what is changes.What.CANCELLED:
            sent.discard(change.key)
        else:
            sent.add(change.key)
    if sent != set(event.sent_sessions):
        line.write(event, sent_sessions=sorted(sent))


def _chosen_by(registrations: list[Registration]) -> dict[int, list[Session]]:
    """The sessions that each chose. One query."""
    if not registrations:
        return {}
    places = SessionPlace.objects.filter(
        registration__event=registrations[0].event_id, registration__state__in=Registration.ACTIVE
    )
    return places.sessions_by_registration()


def _active_with_members(event: EventPage) -> list[Registration]:
    """Without those set aside: they hope for nothing as long as they are suspended."""
    active = event.registrations.active().exclude(state=State.SET_ASIDE)
    return list(active.select_related("member").order_by("registered_at", "pk"))
