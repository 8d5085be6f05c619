"""Files that go with letters: ready ones, and planned ones that are made when the letter is delivered.

An app above registers who makes a planned file, in its AppConfig.ready:

    attachments.register("events.calendar_file", mail.made_calendar_file)
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mailing.values import Values


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter. The content type may carry parameters ("text/calendar; method=PUBLISH")."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class AttachmentPlan:
    """A file that is made at delivery, by the maker of this name from these values alone.

    The values are plain (`mailing.values`) and hold everything the file says: so it says what was true
    when the letter was caused, and the row stays small.
    """

    maker: str
    values: Mapping[str, object] = field(default_factory=dict)


Maker = Callable[[Values], Attachment]

_makers: dict[str, Maker] = {}


def register(name: str, maker: Maker) -> None:
    """Add a maker of files, named `app.file`. Raises ValueError if the name is taken by another."""
    if _makers.get(name, maker) is not maker:
        raise ValueError(f"Two makers of attachments are called {name}.")
    _makers[name] = maker


def stored(attachments: Sequence[Attachment | AttachmentPlan]) -> list[dict[str, object]]:
    """The attachments as plain values. Raises ValueError for a plan without a maker."""
    rows: list[dict[str, object]] = []
    for attachment in attachments:
        if isinstance(attachment, AttachmentPlan):
            if attachment.maker not in _makers:
                raise ValueError(f"Nobody makes the attachment {attachment.maker}.")
            rows.append({"maker": attachment.maker, "values": attachment.values})
        else:
            rows.append(
                {
                    "filename": attachment.filename,
                    "content_type": attachment.content_type,
                    "content": base64.b64encode(attachment.content).decode("ascii"),
                }
            )
    return rows


def made(rows: Sequence[Mapping[str, object]]) -> list[Attachment]:
    """The files of a letter. Raises whatever their makers raise, and KeyError if there is no such maker."""
    return [_made(row) for row in rows]


def _made(row: Mapping[str, object]) -> Attachment:
    if "maker" in row:
        values = row["values"]
        return _makers[str(row["maker"])](dict(values) if isinstance(values, Mapping) else {})
    return Attachment(
        filename=str(row["filename"]),
        content_type=str(row["content_type"]),
        content=base64.b64decode(str(row["content"])),
    )
