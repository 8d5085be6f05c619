"""The history of a registration in words: who did what, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.models import EventPage, Registration, RegistrationStep

State = Registration.State

# By the verb of the action, as it reads after a name: "Pat Practitioner cancelled the registration".
TOLD: Mapping[str, str] = {
    "add_walk_in": "added them at the door",
    "approve_as_manager": "approved the registration",
    "approve_registration": "approved the registration",
    "ask_for_approval": "asked for approval",
    "ask_manager": "asked a line manager to approve",
    "book_place": "registered",
    "cancel_registration": "cancelled the registration",
    "change_answers": "changed answers",
    "decline_as_manager": "declined the registration",
    "decline_handover": "did not take the place over",
    "decline_place": "declined the place on offer",
    "decline_registration": "declined the registration",
    "expire_offer": "ended the offer, since its time was up",
    "give_place": "gave a place",
    "hand_over": "offered the place to a colleague",
    "issue_certificate": "issued the certificate",
    "join_waiting_list": "joined the waiting list",
    "miss_sessions": "dropped sessions that were full",
    "note_attendance": "noted attendance",
    "offer_place": "offered a place",
    "pass_place_on": "took the place over",
    "release_registration": "let the registration go on, since no approval is asked any more",
    "set_aside": "passed over the registration, since the membership is suspended",
    "put_back": "put the registration back in line, since the suspension was lifted",
    "take_handover": "took a colleague’s place over",
    "take_place": "took the place on offer",
    "withdraw_handover": "took the offer to a colleague back",
    "write_note": "wrote a note",
}
# In place of "took the place on offer", where the offer had ended and nothing was free.
TAKEN_TOO_LATE = "wanted the place on offer when its time was up"
PORTAL = "The portal"
LINE_MANAGER = "The line manager"
SOMEBODY = "Somebody who has left"
# Verbs of steps that never have an account behind them: whoever has left is meant elsewhere.
_OF_THE_PORTAL = {
    "expire_offer",
    "offer_place",
    "miss_sessions",
    "release_registration",
    "issue_certificate",
    "set_aside",
    "put_back",
}
_OF_MANAGERS = {"approve_as_manager", "decline_as_manager"}
_STATES = dict(State.choices)


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    who: str
    what: str
    # The state since, where it is another; the note that was written.
    state: str = ""
    note: str = ""


def history_of(registration: Registration, event: EventPage) -> list[Line]:
    """The latest first. Two queries."""
    sessions = list(event.sessions.only("key", "title"))
    # Steps name sessions by key, attendance by the key of the database.
    titles = {str(name): session.title for session in sessions for name in (session.key, session.pk)}
    lines: list[Line] = []
    before = ""
    for step in registration.steps.select_related("actor").order_by("at", "pk"):
        state = step.detail.get("state", before)
        lines.append(_line(step, registration, titles, state=state if state != before else ""))
        before = state
    return lines[::-1]


def _line(
    step: RegistrationStep, registration: Registration, titles: Mapping[str, str], *, state: str
) -> Line:
    what = TOLD.get(step.verb, step.verb.replace("_", " "))
    if step.verb == "take_place" and step.detail.get("state") != State.CONFIRMED:
        what = TAKEN_TOO_LATE
    return Line(
        at=step.at,
        who=_who(step, registration),
        what=what + _more(step, titles),
        state=_STATES.get(state, ""),
        note=step.detail.get("text", "") if step.verb == "write_note" else "",
    )


def _who(step: RegistrationStep, registration: Registration) -> str:
    if step.actor is not None:
        return step.actor.get_full_name() or step.actor.email
    if step.verb in _OF_MANAGERS:
        return LINE_MANAGER
    if step.verb in _OF_THE_PORTAL:
        return PORTAL
    return SOMEBODY if registration.member_id is None else PORTAL


def _more(step: RegistrationStep, titles: Mapping[str, str]) -> str:
    """What the detail adds."""
    detail: Mapping[str, Any] = step.detail
    if step.verb == "note_attendance":
        presence = "there" if detail.get("is_present") else "not there"
        session = titles.get(str(detail.get("session")))
        return f": {presence}" + (f", in “{session}”" if session else "")
    missed = [titles[key] for key in detail.get("missed_sessions", ()) if key in titles]
    if missed:
        titles_missed = ", ".join(f"“{title}”" for title in missed)
        if step.verb == "miss_sessions":
            return f": {titles_missed}"
        return f", but none in {titles_missed}, which could not be had any more"
    if step.verb == "change_answers" and detail.get("sessions_changed"):
        return " and sessions" if detail.get("questions") else ": other sessions"
    return ""
