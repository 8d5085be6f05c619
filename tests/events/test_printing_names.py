"""Before badges and sheets are printed: names that no font of the machine shows."""

import pytest
from django.urls import reverse

from events import documents
from events.models import EventPage, Registration
from members.models import User
from tests.events.desk import text

# No font shows it, whatever the machine has: it is a hieroglyph.
ODD = "\U000130b8"


@pytest.fixture
def named(fill):
    """Registrations of people who are called so."""

    def make(event: EventPage, *names: str) -> list[Registration]:
        rows = fill(event, len(names))
        for row, name in zip(rows, names, strict=True):
            User.objects.filter(pk=row.member_id).update(last_name=name)
        return rows

    return make


@pytest.mark.parametrize(
    ("words", "lacking"),
    [
        ("Zoë Łukasz-O’Connor", ""),
        ("Ελένη Жанна", ""),
        ("e\u0301 \u200d\u202e\x00", ""),
        (f"Pat {ODD} Doe {ODD}", ODD),
        ('"\\#[', ""),
    ],
)
def test_lacking_names_the_characters_that_no_font_shows(words, lacking):
    assert documents.lacking(words) == lacking


@pytest.mark.parametrize("name", ["badges", "sign_in_sheet"])
def test_names_that_cannot_be_printed_are_told_before(desk, event, named, name):
    named(event, "Plain", f"Odd{ODD}")
    address = reverse(f"events:{name}", args=[event.uuid])

    told = desk.get(address)

    assert told["Content-Type"].startswith("text/html")
    words = text(told)
    assert (
        f"one person’s name or organisation. They come out as empty boxes: Member Odd{ODD} ({ODD})" in words
    )
    assert "Plain" not in words
    printed = desk.get(f"{address}?anyway=yes")
    assert (printed["Content-Type"], f"{address}?anyway=yes" in told.content.decode()) == (
        "application/pdf",
        True,
    )


@pytest.mark.parametrize("name", ["badges", "sign_in_sheet"])
def test_names_that_can_be_printed_are(desk, event, named, name):
    named(event, "Plain", "Łukasz")

    printed = desk.get(reverse(f"events:{name}", args=[event.uuid]))

    assert printed["Content-Type"] == "application/pdf"


def test_many_names_that_cannot_be_printed_are_counted(desk, event, named):
    named(event, *[f"Odd {number:02} {ODD}" for number in range(53)])

    words = text(desk.get(reverse("events:badges", args=[event.uuid])))

    assert "the names or organisations of 53 people." in words
    assert "Odd 49" in words
    assert "Odd 50" not in words
    assert "and 3 more" in words
