"""How far a mailing is, as a bar of its parts: for rounds of invitations and for messages."""

from typing import Any, NamedTuple

from events import charts
from mailing import mailings


class Part(NamedTuple):
    """Letters that got equally far. `series` is their colour."""

    label: str
    number: int
    series: int


def letters_of(progress: mailings.Progress, *, is_cancelled: bool = False) -> dict[str, Any]:
    """For `events/admin/components/letters_sent.html`. What there is none of is left out, but for sent and waiting."""
    numbers = {
        "Sent": progress.sent,
        "Being taken back" if is_cancelled else "Waiting": progress.queued,
        "Failed": progress.failed,
        "Not sent, on purpose": progress.suppressed,
        "Cancelled": progress.cancelled,
    }
    parts = [Part(label, number, series) for series, (label, number) in enumerate(numbers.items(), start=1)]
    return {
        "parts": [part for part in parts if part.number or part.label in {"Sent", "Waiting"}],
        "segments": charts.bar(tuple(numbers.values()), progress.total),
    }
