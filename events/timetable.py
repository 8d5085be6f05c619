"""The timetable: sessions laid out by day, time and stream.

Pure: sessions in, tables out, with every word and address ready, so that the template only writes them down.

A day's columns are its streams, in the order in which they first appear. A session for everybody that nothing
else runs beside takes the whole width; one that something does run beside stands in a column of its own.
Sessions of one column that overlap share a cell.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from events import clocks
from pages import dates

if TYPE_CHECKING:
    from events.models import Session, Speaker

EVERYBODY = "For everybody"
BREAK = "break"
MOST_COLUMNS = 5
# More sessions than this, and the event's page leaves those of streams to the page of the programme.
MOST_IN_SHORT = 30
UrlOf = Callable[["Session"], str]
NamesOf = Callable[["Session"], Iterable[str]]
PlacesOf = Callable[["Session"], str]
# How lines on the left tell streams apart, beside their names: solid, double, dashed, and again.
LINES = ("", "b", "c")


@dataclass(frozen=True)
class Shown:
    """One session, in words."""

    title: str
    url: str
    kind: str
    stream: str
    room: str
    time: str
    speakers: str
    line: str
    is_break: bool
    is_chosen: bool
    is_cancelled: bool
    places: str = ""

    @property
    def where(self) -> str:
        """Stream and room, for example "Assessment, Room 2"; empty where neither is said."""
        return ", ".join(filter(None, (self.stream, self.room)))


@dataclass
class Cell:
    """What happens at one time in one stream. Empty where nothing does."""

    sessions: list[Shown] = field(default_factory=list)
    rows: int = 1
    columns: int = 1


@dataclass
class Row:
    """All that begins at one time."""

    time: str
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """One day's table."""

    day: date
    heading: str
    columns: list[str]
    rows: list[Row]

    @property
    def fits_across(self) -> bool:
        """Whether the columns can stand side by side. Narrower than a word, they help nobody."""
        return len(self.columns) <= MOST_COLUMNS

    @property
    def anchor(self) -> str:
        return f"day-{self.day.isoformat()}"


@dataclass(frozen=True)
class Slot:
    """In the short form: what begins at one time, and how much `more` in which streams."""

    time: str
    sessions: list[Shown]
    more: int = 0
    streams: str = ""

    @property
    def is_parallel(self) -> bool:
        return len(self.sessions) + bool(self.more) > 1


@dataclass(frozen=True)
class ShortDay:
    """One day in the short form."""

    heading: str
    slots: list[Slot]


@dataclass
class _Block:
    """Sessions of one column, or of the whole width, that overlap, one with the next: one cell."""

    sessions: list["Session"]
    starts_at: datetime
    ends_at: datetime
    column: int = 0
    width: int = 1


@dataclass(frozen=True)
class _Words:
    """What turns sessions into words: each clock time is put into words once, since many share it."""

    zone: ZoneInfo
    url_of: UrlOf
    names_of: NamesOf
    places_of: PlacesOf

    def __post_init__(self) -> None:
        object.__setattr__(self, "clock", cache(lambda at: dates.clock(at, self.zone)))

    clock: Callable[[datetime], str] = field(init=False)

    def of(self, session: "Session", line: str = "") -> Shown:
        return Shown(
            title=session.title,
            url=self.url_of(session),
            kind=session.Kind(session.kind).label,
            stream=session.stream,
            room=session.room,
            time=f"{self.clock(session.starts_at)} to {self.clock(session.ends_at)}",
            speakers="; ".join(self.names_of(session)),
            line=line,
            is_break=session.kind == BREAK,
            is_chosen=session.is_chosen,
            is_cancelled=session.is_cancelled,
            places="" if session.is_cancelled else self.places_of(session),
        )


def names_of(session: "Session") -> list[str]:
    return [speaker.name for speaker in session.speakers]


def _nothing(_session: "Session") -> str:
    return ""


def lay_out(
    sessions: Iterable["Session"],
    *,
    time_zone: str,
    url_of: UrlOf,
    names_of: NamesOf = names_of,
    places_of: PlacesOf = _nothing,
) -> list[Day]:
    """The days of a programme, each a table."""
    zone = ZoneInfo(time_zone)
    words = _Words(zone, url_of, names_of, places_of)
    in_order = sorted(sessions, key=lambda session: session.starts_at)
    by_day = groupby(in_order, key=lambda session: clocks.day_of(session.starts_at, zone))
    return [_day(day, list(found), words) for day, found in by_day]


def in_short(
    sessions: Sequence["Session"], *, time_zone: str, url_of: UrlOf, places_of: PlacesOf = _nothing
) -> list[ShortDay]:
    """The days of a programme as the event's page lists them.

    Of a long programme only what is for everybody; of what runs beside it, how many sessions in which streams.
    """
    zone = ZoneInfo(time_zone)
    words = _Words(zone, url_of, names_of, places_of)
    is_long = len(sessions) > MOST_IN_SHORT
    days = []
    for day, found in groupby(sessions, key=lambda session: clocks.day_of(session.starts_at, zone)):
        of_day = list(found)
        lines = _lines(_streams(of_day))
        slots = []
        for start, together in groupby(of_day, key=lambda session: session.starts_at):
            here = list(together)
            named = [session for session in here if not (is_long and session.stream)]
            left_out = [session.stream for session in here if is_long and session.stream]
            shown = [words.of(session, lines.get(session.stream, "")) for session in named]
            slots.append(Slot(words.clock(start), shown, len(left_out), "; ".join(dict.fromkeys(left_out))))
        days.append(ShortDay(dates.day_date(day), slots))
    return days


def _streams(sessions: Iterable["Session"]) -> list[str]:
    """In the order in which they first appear."""
    return list(dict.fromkeys(session.stream for session in sessions if session.stream))


def _lines(streams: Iterable[str]) -> dict[str, str]:
    return {stream: LINES[number % len(LINES)] for number, stream in enumerate(streams)}


def speakers_of(sessions: Iterable["Session"]) -> list["Speaker"]:
    """Everybody who speaks, once, in the order of their first session; without sessions that were cancelled."""
    speaking = (speaker for session in sessions if not session.is_cancelled for speaker in session.speakers)
    return list({speaker.pk: speaker for speaker in speaking}.values())


def shown(session: "Session", zone: ZoneInfo, url: str, places_of: PlacesOf = _nothing) -> Shown:
    """One session in words."""
    return _Words(zone, lambda _session: url, names_of, places_of).of(session)


def _day(day: date, sessions: list["Session"], words: _Words) -> Day:
    streams = _streams(sessions)
    lines = _lines(streams)
    columns, blocks = _blocks_by_column(sessions, streams)
    starts = sorted({session.starts_at for session in sessions})
    return Day(day, dates.day_date(day), columns, _rows(blocks, starts, len(columns), words, lines))


def _rows(
    blocks: Sequence[_Block],
    starts: Sequence[datetime],
    width: int,
    words: _Words,
    lines: Mapping[str, str],
) -> list[Row]:
    """A row for each start; a block covers those from its own start to the last before its end."""
    grid: list[list[Cell | None]] = [[Cell() for _ in range(width)] for _ in starts]
    for block in blocks:
        first, last = bisect_left(starts, block.starts_at), bisect_left(starts, block.ends_at)
        for row in grid[first:last]:
            row[block.column : block.column + block.width] = [None] * block.width
        grid[first][block.column] = Cell(
            [words.of(session, lines.get(session.stream, "")) for session in block.sessions],
            last - first,
            block.width,
        )
    return [
        Row(words.clock(start), [cell for cell in row if cell])
        for start, row in zip(starts, grid, strict=True)
    ]


def _blocks_by_column(sessions: list["Session"], streams: list[str]) -> tuple[list[str], list[_Block]]:
    """The names of the columns, and every session in the one block where it stands."""
    streamed = [session for session in sessions if session.stream]
    wide: list[_Block] = []
    beside: list[_Block] = []
    for block in _blocks(session for session in sessions if not session.stream):
        is_alone = not any(one.overlaps(other) for one in block.sessions for other in streamed)
        (wide if is_alone else beside).append(block)
    columns = [EVERYBODY, *streams] if beside or not streams else streams
    for block in wide:
        block.width = len(columns)
    in_streams = []
    for column, stream in enumerate(columns):
        for block in _blocks(session for session in streamed if session.stream == stream):
            block.column = column
            in_streams.append(block)
    return columns, [*wide, *beside, *in_streams]


def _blocks(sessions: Iterable["Session"]) -> Iterator[_Block]:
    """Sessions in the order of their starts; neighbours that overlap come joined."""
    block: _Block | None = None
    for session in sessions:
        if block and session.starts_at < block.ends_at:
            block.sessions.append(session)
            block.ends_at = max(block.ends_at, session.ends_at)
            continue
        if block:
            yield block
        block = _Block([session], session.starts_at, session.ends_at)
    if block:
        yield block
