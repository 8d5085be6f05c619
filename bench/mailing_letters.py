"""The letters that the mailing benchmarks send: an invitation with two placeholders for each reader."""

from functools import cache

from mailing.letters import compose

# So many are sent one task and one connection each.
ALONE = 300

SUBJECT = "Invitation: {title}"
TEXT = """\
Dear {name},

You are invited to “{title}”, {when}, in Leicester. It is for practitioners who manage people who may harm \
others: police, probation and partner agencies. There are three parallel streams, and time for your own cases.

When: {when}
Where: National Space Centre, Leicester
Who: practitioners of police, probation and partner agencies

- Rating risk together: what the studies of the last ten years say
- Case clinic in small groups
- What practitioners want to know from research

Answer the invitation:
{answer_url}

If you cannot come, say so with one click: then somebody else can have your place.
"""
SHARED = {
    "title": "National conference on managing risk",
    "when": "Thursday 3 December 2026, 9:30am to 4:30pm",
}


def values_of(number: int) -> dict[str, str]:
    """What differs from reader to reader."""
    return {
        "name": f"Practitioner {number}",
        "answer_url": f"https://portal.example/events/invitations/{number:032x}/",
    }


def address_of(number: int) -> str:
    return f"practitioner-{number}@force-{number % 43}.example"


@cache
def _html() -> str:
    """The HTML part with marks where the two values stand."""
    marks = {"name": "%NAME%", "answer_url": "https://portal.example/%URL%"}
    return compose(f"Subject: {SUBJECT}\n\n{TEXT}".format(**SHARED, **marks)).html


def words(number: int) -> tuple[str, str, str]:
    """Subject, text and HTML of one letter, put together in the cheapest way there is."""
    values = values_of(number)
    html = _html().replace("https://portal.example/%URL%", values["answer_url"])
    return (
        SUBJECT.format(**SHARED),
        TEXT.format(**SHARED, **values),
        html.replace("%NAME%", values["name"]),
    )
