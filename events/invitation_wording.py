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

Accept or decline here:
{link}

Places can be booked until {answer_by}. Once you have answered, we do not write about this invitation again.
"""


def personal_values(*, name: str, organisation: str, link: str) -> dict[str, object]:
    """What differs from letter to letter."""
    return {
        "greeting": f"Hello {name}," if name else "Hello,",
        "name": name,
        "organisation": organisation,
        LINK: link,
    }
