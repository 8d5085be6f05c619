"""Reads a list of people as organisations send it: a CSV file, checked line by line.

Pure: bytes in, rows and refusals out. Nothing is repaired by guessing, since a wrong guess makes a wrong
person; only what cannot be meant otherwise is taken as it comes (the separator, the order of the columns,
upper and lower case in their names).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from members.domains import domain_of, in_plain_letters
from members.lines import validate_line

REQUIRED = ("email", "first_name", "last_name", "organisation")
OPTIONAL = ("job_title",)
LENGTHS = {"email": 254, "first_name": 150, "last_name": 150, "organisation": 200, "job_title": 120}
SEPARATORS = (",", ";", "\t")

# What makes a spreadsheet run a cell instead of showing it.
_FORMULA_STARTS = ("=", "+", "-", "@")


class RosterUnreadableError(Exception):
    """The file as a whole cannot be read. The message says why, and how to save it so that it can."""


@dataclass(frozen=True)
class Row:
    """One person of the list. `line` counts from 1, the heading included."""

    line: int
    email: str
    first_name: str
    last_name: str
    organisation: str
    job_title: str


@dataclass(frozen=True)
class Refusal:
    """A line that cannot be taken, and why. It names no person: reports end up in logs."""

    line: int
    reason: str


def read(content: bytes) -> tuple[list[Row], list[Refusal]]:
    """The rows of a file that can be taken, and the refusals of those that cannot.

    Raises RosterUnreadableError where no line can be trusted: no UTF-8, wrong columns, broken quotes.
    """
    text = _decode(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows: list[Row] = []
    refusals: list[Refusal] = []
    lines_by_address: dict[str, int] = {}
    try:
        columns = _columns(next(lines, []))
        for cells in lines:
            line = lines.line_num
            if not any(cell.strip() for cell in cells):
                continue
            row, reasons = _row(line, columns, cells)
            if row.email:
                first = lines_by_address.setdefault(row.email, line)
                if first != line:
                    reasons.append(f"the same address as on line {first}")
            if reasons:
                refusals.append(Refusal(line, "; ".join(reasons)))
            else:
                rows.append(row)
    except csv.Error as error:
        raise RosterUnreadableError(
            f"Line {lines.line_num} cannot be read: {error}. A quotation mark may be missing."
        ) from error
    return rows, refusals


def _decode(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RosterUnreadableError(
            "This is a spreadsheet, not a CSV file. Save it as “CSV UTF-8 (comma delimited)”."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RosterUnreadableError(
            f"Line {line} is not UTF-8. Save the file as “CSV UTF-8 (comma delimited)”, "
            "so that letters such as é stay what they are."
        ) from error
    if "\0" in text:
        raise RosterUnreadableError(
            "The file holds zero bytes, so it is no UTF-8 text. Save it as “CSV UTF-8 (comma delimited)”."
        )
    return text


def _separator(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(SEPARATORS, key=heading.count)


def _columns(heading: list[str]) -> list[str]:
    columns = [name.strip().lower().replace(" ", "_") for name in heading]
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in REQUIRED + OPTIONAL]
    if missing:
        raise RosterUnreadableError(
            f"The first line has to name the columns; missing: {', '.join(missing)}. "
            f"Needed: {', '.join(REQUIRED)}. Also possible: {', '.join(OPTIONAL)}."
        )
    if unknown or len(set(columns)) < len(columns):
        odd = unknown or sorted({name for name in columns if columns.count(name) > 1})
        raise RosterUnreadableError(
            f"These columns are not known, or stand there twice: {', '.join(map(repr, odd))}. "
            f"Take them out. Possible: {', '.join(REQUIRED + OPTIONAL)}."
        )
    return columns


def _row(line: int, columns: list[str], cells: list[str]) -> tuple[Row, list[str]]:
    reasons = []
    if len(cells) != len(columns):
        reasons.append(f"{len(cells)} cells where the first line has {len(columns)}")
    values = dict.fromkeys(LENGTHS, "") | {
        name: cell.strip() for name, cell in zip(columns, cells, strict=False)
    }
    values["email"] = in_plain_letters(values["email"].lower())
    if not reasons:
        reasons += _problems(values)
    return Row(line=line, **values), reasons


def _problems(values: dict[str, str]) -> Iterator[str]:
    for name, value in values.items():
        label = name.replace("_", " ")
        if name in REQUIRED and not value:
            yield f"{label} is empty"
        elif value.startswith(_FORMULA_STARTS):
            yield f"{label} starts with {value[0]}, so a spreadsheet would take it for a formula"
        elif len(value) > LENGTHS[name]:
            yield f"{label} is longer than {LENGTHS[name]} characters"
        elif not _is_one_visible_line(value):
            yield f"{label} holds a line break or an invisible character"
        elif name == "email" and not _is_address(value):
            yield "email is no address"


def _is_one_visible_line(value: str) -> bool:
    try:
        validate_line(value)
    except ValidationError:
        return False
    return True


def _is_address(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return domain_of(value) is not None
