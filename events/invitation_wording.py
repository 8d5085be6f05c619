"""What invitations say unless an organiser writes otherwise, and what can stand in them. Pure.

A wording holds `{placeholders}`; see `mailing.wordings`. The defaults need no editing.
"""

from collections.abc import Mapping

LINK = "link"

# Name and what it stands for, in the order in which the form explains them.
PLACEHOLDERS: Mapping[str, str] = {
    "greeting": "“Hello Sam Example,”, or “Hello,” where no name is known",
    "name": "the person's name, empty where none is known",
    "organisation": "where they work, empty where it is not known",
    "event": "the title of the event",
    "when": "day and time",
    "where": "the place, or “Online”",
    "summary": "the two lines about the event",
    "answer_by": "when registration closes",
    "approval_note": "who approves each registration, nothing where nobody does",
    "places_note": "that places are kept for people who were invited, and until when; nothing where none are",
    "kept_until": "the date until which places are kept for them, empty where there is none",
    LINK: "where they accept or decline, on a line of its own",
}
REQUIRED = (LINK,)

SUBJECT = "You are invited: {event}"
TEXT = """\
{greeting}

You are invited to “{event}”.

When: {when}
Where: {where}

{summary}

{approval_note}

{places_note}

Accept or decline, without signing in:
{link}

Places can be booked until {answer_by}. If you cannot come, tell us with the same link, and we do not write again.
"""

REMINDER_SUBJECT = "Your invitation waits for an answer: {event}"
REMINDER_TEXT = """\
{greeting}

We invited you to “{event}” and have no answer from you yet.

When: {when}
Where: {where}

{places_note}

Accept or decline here:
{link}

Places can be booked until {answer_by}. Once you have answered, we do not write about this invitation again.
"""


_THEN = "Then you get a place, or stand in the line if all are taken."


def approval_note(*, needs_organiser: bool, needs_manager: bool) -> str:
    """That accepting is not enough."""
    if not (needs_organiser or needs_manager):
        return ""
    who = "Your line manager and the organiser approve" if needs_organiser else "Your line manager approves"
    return f"{who if needs_manager else 'The organiser approves'} each registration. {_THEN}"


def places_note(*, keeps_place: bool, until: str) -> str:
    """For how long there is no hurry."""
    if not keeps_place:
        return ""
    return f"Places are kept for people who were invited{f', until {until}' if until else ''}."


def personal_values(*, name: str, organisation: str, link: str) -> dict[str, object]:
    """What differs from letter to letter."""
    return {
        "greeting": f"Hello {name}," if name else "Hello,",
        "name": name,
        "organisation": organisation,
        LINK: link,
    }
