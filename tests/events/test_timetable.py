"""The timetable: every session stands in it once, and every table is whole."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import timetable
from events.models import Session, Speaker

DAY_ONE = datetime(2027, 7, 13, 8, 0, tzinfo=UTC)  # 9am in London


def session(title: str, start: float, end: float, stream: str = "", **fields) -> Session:
    """A session so many hours after nine."""
    made = Session(
        title=title,
        stream=stream,
        starts_at=DAY_ONE + timedelta(hours=start),
        ends_at=DAY_ONE + timedelta(hours=end),
        **fields,
    )
    made.session_speakers.set([])
    return made


def lay_out(*sessions: Session, time_zone: str = "Europe/London") -> list[timetable.Day]:
    return timetable.lay_out(sessions, time_zone=time_zone, url_of=lambda each: f"/{each.title}/")


def drawn(day: timetable.Day) -> list[tuple[str, list[tuple[list[str], int, int]]]]:
    return [
        (row.time, [([each.title for each in cell.sessions], cell.rows, cell.columns) for cell in row.cells])
        for row in day.rows
    ]


def test_lay_out_gives_streams_columns_and_everybody_the_whole_width():
    [day] = lay_out(
        session("Welcome", 0, 1),
        session("Rating", 1, 2, "Assessment"),
        session("Visiting", 1, 2, "People"),
        session("Lunch", 2, 3, kind="break"),
    )

    assert (day.heading, day.columns, day.anchor) == (
        "Tuesday 13 July 2027",
        ["Assessment", "People"],
        "day-2027-07-13",
    )
    assert drawn(day) == [
        ("9am", [(["Welcome"], 1, 2)]),
        ("10am", [(["Rating"], 1, 1), (["Visiting"], 1, 1)]),
        ("11am", [(["Lunch"], 1, 2)]),
    ]


def test_lay_out_stretches_a_long_session_and_leaves_gaps_empty():
    [day] = lay_out(
        session("Clinic", 0, 2, "Assessment"), session("One", 0, 1, "People"), session("Two", 1, 2, "People"),
        session("Late", 2, 3, "People"),
    )  # fmt: skip

    assert drawn(day) == [
        ("9am", [(["Clinic"], 2, 1), (["One"], 1, 1)]),
        ("10am", [(["Two"], 1, 1)]),
        ("11am", [([], 1, 1), (["Late"], 1, 1)]),
    ]


def test_lay_out_joins_sessions_of_a_stream_that_overlap():
    [day] = lay_out(
        session("First", 0, 2, "People"), session("Second", 1, 3, "People"), session("Third", 2, 4)
    )

    assert day.columns == ["For everybody", "People"]
    assert drawn(day) == [
        ("9am", [([], 1, 1), (["First", "Second"], 3, 1)]),
        ("10am", [([], 1, 1)]),
        ("11am", [(["Third"], 1, 1)]),
    ]


def test_lay_out_gives_everybodys_session_a_column_where_something_runs_beside_it():
    [day] = lay_out(session("Exhibition", 0, 8), session("Rating", 1, 2, "Assessment"))

    assert day.columns == ["For everybody", "Assessment"]
    assert drawn(day) == [("9am", [(["Exhibition"], 2, 1), ([], 1, 1)]), ("10am", [(["Rating"], 1, 1)])]


def test_lay_out_puts_parallel_sessions_without_streams_into_one_cell():
    [day] = lay_out(session("A", 0, 1), session("B", 0, 1))

    assert (day.columns, drawn(day)) == (["For everybody"], [("9am", [(["A", "B"], 1, 1)])])


def test_lay_out_makes_days_by_the_clock_at_the_event():
    """Half past midnight in London is the evening before in New York."""
    late = session("Late", 15.5, 16.5)

    assert [day.day for day in lay_out(late)] == [date(2027, 7, 14)]
    assert [day.day for day in lay_out(late, time_zone="America/New_York")] == [date(2027, 7, 13)]


def test_lay_out_of_nothing_is_no_day():
    assert lay_out() == []


def test_five_columns_fit_across_and_six_do_not():
    five, six = (
        lay_out(*(session(f"S{number}", 0, 1, f"Stream {number}") for number in range(many)))[0]
        for many in (5, 6)
    )

    assert (five.fits_across, six.fits_across) == (True, False)


HALF_HOURS = st.integers(min_value=0, max_value=40)
SESSIONS = st.lists(
    st.tuples(HALF_HOURS, st.integers(min_value=1, max_value=12), st.sampled_from(["", "", "A", "B", "C"])),
    max_size=14,
)


@settings(max_examples=300, deadline=None, database=None)
@given(SESSIONS)
def test_every_session_stands_once_and_every_table_is_whole(spans):
    """However they overlap: nothing lost, nothing twice, no two cells in one place, no hole."""
    sessions = [
        session(str(number), start / 2, (start + length) / 2, stream)
        for number, (start, length, stream) in enumerate(spans)
    ]

    days = lay_out(*sessions)

    titles = [each.title for day in days for row in day.rows for cell in row.cells for each in cell.sessions]
    assert Counter(titles) == Counter(each.title for each in sessions)
    for day in days:
        taken: Counter[tuple[int, int]] = Counter()
        for number, row in enumerate(day.rows):
            for cell in row.cells:
                column = next(each for each in range(len(day.columns)) if not taken[number, each])
                taken.update(
                    (number + down, column + right)
                    for down in range(cell.rows)
                    for right in range(cell.columns)
                )
        every = {(row, column) for row in range(len(day.rows)) for column in range(len(day.columns))}
        assert set(taken) == every
        assert set(taken.values()) <= {1}


def test_in_short_of_a_long_programme_counts_what_runs_in_streams():
    welcome = session("Welcome", 0, 1)
    many = [session(f"S{number}", 1, 2, f"Stream {number % 4}") for number in range(30)]

    def short(sessions):
        return [
            (slot.time, [each.title for each in slot.sessions], slot.more, slot.streams)
            for day in timetable.in_short(sessions, time_zone="Europe/London", url_of=lambda _each: "/")
            for slot in day.slots
        ]

    assert short([welcome, *many]) == [
        ("9am", ["Welcome"], 0, ""),
        ("10am", [], 30, "Stream 0; Stream 1; Stream 2; Stream 3"),
    ]
    assert short([welcome, *many[:2]]) == [("9am", ["Welcome"], 0, ""), ("10am", ["S0", "S1"], 0, "")]


@pytest.mark.parametrize(
    ("stream", "room", "where"),
    [
        ("", "", ""),
        ("Assessment", "", "Assessment"),
        ("", "Foyer", "Foyer"),
        ("Assessment", "Room 2", "Assessment, Room 2"),
    ],
)
def test_a_session_says_in_which_stream_and_room_it_is(stream, room, where):
    made = session("Rating", 0, 1, stream, room=room)

    assert timetable.shown(made, ZoneInfo("Europe/London"), "/").where == where


@pytest.mark.django_db
def test_speakers_of_names_everybody_once_in_order_and_nobody_of_a_cancelled_session():
    lead, trainer, nurse = (Speaker.objects.create(name=name) for name in ("Lead", "Trainer", "Nurse"))
    first, second, cancelled = (
        session("First", 0, 1), session("Second", 1, 2), session("Third", 2, 3, is_cancelled=True)
    )  # fmt: skip
    for made, speakers in ((first, [trainer, lead]), (second, [lead]), (cancelled, [nurse])):
        for speaker in speakers:
            made.session_speakers.create(speaker=speaker)

    assert timetable.speakers_of([first, second, cancelled]) == [trainer, lead]
