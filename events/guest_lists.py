"""Reads a list of people to invite: a CSV file or lines that were pasted, one person a line.

Pure: lines of bytes in, people and refusals out, one at a time, so that a list of any length takes the same
memory. Each line stands for itself: a quotation mark that is never closed spoils its own line alone.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from members.domains import domain_of, in_plain_letters
from members.lines import validate_line

MOST_LINES = 200_000
TOO_MANY = f"This list has more than {MOST_LINES:,} lines. Make two waves of invitations."
MOST_COLUMNS = 50
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_LINE = 200, 254, 500
SEPARATORS = (",", ";", "\t")
COLUMNS = ("email", "name", "organisation")
FIRST_NAME, LAST_NAME = "first_name", "last_name"

# What columns are called as well, by what they hold.
_OTHER_NAMES = {
    **dict.fromkeys(("e-mail", "email_address", "e-mail_address", "address", "mail"), "email"),
    **dict.fromkeys(("full_name", "display_name"), "name"),
    **dict.fromkeys(("force", "police_force", "agency", "organization", "employer"), "organisation"),
    **dict.fromkeys(("forename", "given_name"), FIRST_NAME),
    **dict.fromkeys(("surname", "family_name"), LAST_NAME),
}
_KNOWN = (*COLUMNS, FIRST_NAME, LAST_NAME)
_WITH_NAME = re.compile(r"\s*(?P<name>[^<>]*?)\s*<\s*(?P<email>[^<>\s]+)\s*>\s*")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")
_HOW_TO_SAVE = "Save it as “CSV UTF-8 (comma delimited)”."


class ListUnreadableError(Exception):
    """No line of it can be trusted. The message says why, and how to save it so that it can be read."""


@dataclass(frozen=True)
class Guest:
    """One line: somebody to invite, or a problem and what stood there."""

    line: int
    email: str = ""
    name: str = ""
    organisation: str = ""
    problem: str = ""
    as_written: str = ""


def read(lines: Iterable[bytes]) -> Iterator[Guest]:
    """Everybody on the list, and every line that cannot be taken, in their order; empty lines are left out.

    A first line that names its columns decides where things stand; otherwise each line is an address, with
    name and organisation behind it, or as mail programs write it: `Name <address>`. Several addresses in a
    line are several people. Raises ListUnreadableError for what is no text, and for too many lines.
    """
    columns: list[str] | None = None
    is_first = True
    for number, line in enumerate(lines, start=1):
        if number > MOST_LINES:
            raise ListUnreadableError(TOO_MANY)
        if number == 1:
            _check_text(line)
        text = _decoded(line)
        if text is None:
            yield _refused(number, line.decode(errors="replace"), f"This line is not UTF-8. {_HOW_TO_SAVE}")
            continue
        if not text.strip(" \t,;"):
            continue
        if is_first:
            is_first = False
            columns = _columns(text)
            if columns is not None:
                continue
        yield from _by_columns(number, text, columns) if columns else _loose(number, text)


def not_understood(lines: Iterable[bytes]) -> list[str]:
    """The columns that a list names and nobody reads, as they are written there. Raises ListUnreadableError."""
    for line in lines:
        text = _decoded(line)
        if text is None:
            return []
        if text.strip(" \t,;"):
            columns = _columns(text) or []
            names = [cell.strip() for cell in _cells(text) or []]
            unread = [
                name for name, known in zip(names, columns, strict=False) if name and known not in _KNOWN
            ]
            return [name[:LONGEST_NAME] for name in unread[:MOST_COLUMNS]]
    return []


def _check_text(first: bytes) -> None:
    if first.startswith(_SPREADSHEETS):
        raise ListUnreadableError(f"This is a spreadsheet, not a CSV file. {_HOW_TO_SAVE}")
    if first.startswith(_WIDE_TEXT) or b"\0" in first:
        raise ListUnreadableError(f"This file is no UTF-8 text. {_HOW_TO_SAVE}")


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        return None


def _columns(heading: str) -> list[str] | None:
    """What stands where; None for a first line that is somebody already. Raises ListUnreadableError."""
    if "@" in heading:
        return None
    cells = _cells(heading) or []
    columns = [cell.strip().lower().replace(" ", "_") for cell in cells]
    columns = [_OTHER_NAMES.get(name, name) for name in columns]
    if len(columns) == 1 and "email" not in columns:
        return None  # a line of a list that was pasted
    if "email" not in columns:
        raise ListUnreadableError(
            "No line could be read: the first one names no column “email”, and holds no address either. "
            f"Possible columns: {', '.join(COLUMNS)}."
        )
    double = {name for name in _KNOWN if columns.count(name) > 1}
    if double:
        raise ListUnreadableError(f"Two columns are called “{min(double)}”. Take one of them out.")
    return columns


def _cells(text: str) -> list[str] | None:
    """The cells of one line; None where its quotation marks make no sense."""
    separator = max(SEPARATORS, key=text.count)
    try:
        [cells] = csv.reader([text], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        return None
    return cells


def _by_columns(number: int, text: str, columns: list[str]) -> Iterator[Guest]:
    cells = _cells(text)
    if cells is None:
        yield _refused(number, text, "A quotation mark is missing, or stands where none can be.")
        return
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        yield _refused(number, text, f"This line has {len(cells)} cells, the first one {len(columns)}.")
        return
    values = dict(zip(columns, cells, strict=False))
    name = values.get("name", "") or f"{values.get(FIRST_NAME, '')} {values.get(LAST_NAME, '')}"
    yield _guest(number, text, values.get("email", ""), name, values.get("organisation", ""))


def _loose(number: int, text: str) -> Iterator[Guest]:
    if text.count("@") == 1 and _WITH_NAME.fullmatch(text):
        yield _one(number, text, text, "", "")
        return
    cells = [cell for cell in _cells(text) or re.split(r"[,;\t]", text) if cell.strip()]
    if len(cells) > 1 and sum("@" in cell for cell in cells) > 1:
        for cell in cells:
            yield _one(number, cell, cell, "", "")
        return
    email, name, organisation, *_ = [*cells, "", "", ""]
    yield _one(number, text, email, name, organisation)


def _one(number: int, text: str, email: str, name: str, organisation: str) -> Guest:
    if written := _WITH_NAME.fullmatch(email):
        email, name = written["email"], written["name"].strip("\"'") or name
    return _guest(number, text, email, name, organisation)


def _guest(number: int, text: str, email: str, name: str, organisation: str) -> Guest:
    email, name = in_plain_letters(email.strip().lower()), " ".join(name.split(" ")).strip()
    organisation = organisation.strip()
    if problem := _problem(email, name, organisation):
        return _refused(number, text, problem)
    return Guest(number, email, name, organisation)


def _problem(email: str, name: str, organisation: str) -> str:
    """Why this is nobody who can be invited; empty if it is somebody."""
    if problem := _problem_of_address(email):
        return problem
    for what, value in (("name", name), ("organisation", organisation)):
        if len(value) > LONGEST_NAME:
            return f"The {what} is longer than {LONGEST_NAME} characters."
        if not _is_one_visible_line(value):
            return f"The {what} holds a line break or an invisible character."
    return ""


def _problem_of_address(email: str) -> str:
    if not email:
        return "There is no address in this line."
    if len(email) > LONGEST_ADDRESS:
        return f"The address is longer than {LONGEST_ADDRESS} characters."
    if not _is_address(email):
        return "This is no e-mail address."
    if domain_of(email) is None:
        # As accounts have it: no address can be mistaken for another.
        return "Write the part after the @ in the letters a to z: in these it could be two."
    return ""


def _refused(number: int, text: str, problem: str) -> Guest:
    visible = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    return Guest(number, problem=problem, as_written=visible[:LONGEST_LINE])


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return email.rpartition("@")[0].isascii()


def _is_one_visible_line(value: str) -> bool:
    if value.isascii() and value.isprintable():
        return True
    try:
        validate_line(value)
    except ValidationError:
        return False
    return True
