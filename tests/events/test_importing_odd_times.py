"""Entries of calendars at hours that a clock skips or shows twice, and entries that last a whole day."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from events import schedules
from events.models import EventPage
from events.schedule_ical import WHOLE_DAY
from tests.events.test_editing import edit_url, form

ENTRY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:one@calendar.example
SUMMARY:Case clinic
{times}
END:VEVENT
END:VCALENDAR
"""


def read(times: str) -> schedules.Schedule:
    return schedules.read(ENTRY.format(times=times).encode(), time_zone="Europe/London", one_event="")


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (
            ";TZID=Europe/London:20271031T013000",
            "The clocks go back on Sunday 31 October 2027, so 1:30am comes",
        ),
        (
            ";TZID=Europe/London:20270328T013000",
            "The clocks go forward on Sunday 28 March 2027, so there is no",
        ),
        (":20271031T013000", "carries no zone. The clocks go back on Sunday 31 October 2027"),
    ],
)
def test_a_start_that_a_clock_skips_or_shows_twice_is_refused(start, says):
    with pytest.raises(schedules.ScheduleError) as refusal:
        read(f"DTSTART{start}\nDURATION:PT3H")

    assert str(refusal.value).startswith("Entry 1 (“Case clinic”): DTSTART")
    assert says in str(refusal.value)


def test_such_a_file_is_not_imported(site_tree, tmp_path):
    file = tmp_path / "events.ics"
    file.write_text(ENTRY.format(times="DTSTART;TZID=Europe/London:20271031T013000\nDURATION:PT3H"))

    with pytest.raises(CommandError, match="comes twice"):
        call_command("import_events", file)

    assert EventPage.objects.count() == 0


@pytest.mark.parametrize("hour", [0, 1])
def test_the_time_of_the_world_says_which_of_two_hours_and_the_editor_keeps_it(
    desk, site_tree, tmp_path, hour
):
    file = tmp_path / "events.ics"
    file.write_text(ENTRY.format(times=f"DTSTART:20271031T0{hour}3000Z\nDURATION:PT3H"))
    call_command("import_events", file, stdout=StringIO())
    event = EventPage.objects.get()

    response = desk.post(edit_url(event), form(event) | {"action-publish": "1"})

    assert response.status_code == 302
    assert EventPage.objects.get().starts_at == datetime(2027, 10, 31, hour, 30, tzinfo=UTC)


def test_an_entry_of_a_whole_day_is_reported(site_tree, tmp_path):
    file, report = tmp_path / "events.ics", StringIO()
    file.write_text(ENTRY.format(times="DTSTART;VALUE=DATE:20270519"))

    call_command("import_events", file, stdout=report)

    assert report.getvalue().splitlines() == [
        "“Case clinic”: new",
        f"Entry 1 (“Case clinic”): {WHOLE_DAY}",
        "1 event read. Done.",
    ]


def test_an_entry_with_a_time_is_not_reported():
    assert read("DTSTART;TZID=Europe/London:20270519T093000\nDURATION:PT3H").to_check == []
