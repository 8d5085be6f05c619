"""Hours: what overlaps counts once, nights count for nobody, and words say it to the minute."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.hours import Span, hours_attended, in_hours, in_words, together, whole_event

DAY = datetime(2027, 1, 14, tzinfo=UTC)


def span(begin: float, end: float, *, days: int = 0) -> Span:
    return Span(DAY + timedelta(hours=begin), DAY + timedelta(days=days, hours=end))


@pytest.mark.parametrize(
    ("spans", "hours"),
    [
        ([], 0),
        ([span(9, 10)], 1),
        ([span(9, 10), span(10, 11)], 2),
        ([span(10, 11), span(9, 10)], 2),
        ([span(9, 10), span(11, 12)], 2),
        ([span(9, 11), span(10, 12)], 3),
        ([span(9, 12), span(10, 11)], 3),
        ([span(9, 10), span(9, 10)], 1),
        ([span(9, 12), span(10, 11), span(11.5, 13)], 4),
    ],
)
def test_together_counts_what_overlaps_once(spans, hours):
    assert together(spans) == timedelta(hours=hours)


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(1, 60)).map(
            lambda pair: Span(DAY + timedelta(minutes=pair[0]), DAY + timedelta(minutes=sum(pair)))
        )
    )
)
def test_together_is_what_counting_minutes_gives(spans):
    minutes = {
        minute
        for span in spans
        for minute in range((span.starts_at - DAY).seconds // 60, (span.ends_at - DAY).seconds // 60)
    }

    assert together(spans) == timedelta(minutes=len(minutes))


@pytest.mark.parametrize(
    ("event", "hours"),
    [
        (span(13, 16.5), 3.5),
        (span(9.5, 15.5, days=1), 12),
        (span(9.5, 15.5, days=2), 18),
        (span(22, 2, days=1), 4),  # over midnight, and no second day
    ],
)
def test_whole_event_leaves_out_the_nights(event, hours):
    assert whole_event(event, "Europe/London") == timedelta(hours=hours)


def test_whole_event_keeps_to_the_clock_when_summer_time_begins():
    # On 28 March 2027 London's clocks go from 1 to 2: 9am to 3pm is 9 to 15 UTC before, 8 to 14 after.
    event = Span(datetime(2027, 3, 27, 9, tzinfo=UTC), datetime(2027, 3, 28, 14, tzinfo=UTC))

    assert whole_event(event, "Europe/London") == timedelta(hours=12)


@pytest.mark.parametrize(
    ("fixed", "has_sessions", "attended", "was_there", "expected"),
    [
        (None, False, [], False, "0.00"),
        (Decimal(5), True, [span(9, 10)], False, "0.00"),
        (None, False, [], True, "7.00"),
        (Decimal("4.5"), False, [], True, "4.50"),
        (Decimal("4.5"), True, [span(9, 10)], True, "4.50"),
        (None, True, [span(9, 10), span(11, 11.75)], True, "1.75"),
        (None, True, [], True, "0.00"),  # at a session that is a break by now
    ],
)
def test_hours_attended(fixed, has_sessions, attended, was_there, expected):
    found = hours_attended(
        event=span(9, 16),
        time_zone="Europe/London",
        fixed=fixed,
        has_sessions=has_sessions,
        attended=attended,
        was_there=was_there,
    )

    assert str(found) == expected


@pytest.mark.parametrize(
    ("minutes", "hours", "words"),
    [
        (0, "0.00", "0 minutes"),
        (1, "0.02", "1 minute"),
        (50, "0.83", "50 minutes"),
        (60, "1.00", "1 hour"),
        (61, "1.02", "1 hour 1 minute"),
        (350, "5.83", "5 hours 50 minutes"),
        (720, "12.00", "12 hours"),
    ],
)
def test_hours_in_words_give_back_the_minutes(minutes, hours, words):
    counted = in_hours(timedelta(minutes=minutes))

    assert (str(counted), in_words(counted)) == (hours, words)


@given(st.integers(0, 60 * 999))
def test_hundredths_of_an_hour_lose_no_minute(minutes):
    whole, rest = divmod(minutes, 60)
    words = in_words(in_hours(timedelta(minutes=minutes)))

    assert words.startswith(f"{whole} hour") if whole else words.startswith(f"{rest} minute")
    assert (f"{rest} minute" in words) == (rest > 0 or whole == 0)
