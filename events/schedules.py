"""Reading programmes that others wrote: the schedule.json of pretalx and frab, and iCalendar (RFC 5545).

Pure: bytes in, plans out. Whatever is wrong is a ScheduleError that says where; what we have no field for is passed over.
"""

from events import schedule_ical, schedule_json
from events.planned import Schedule, ScheduleError, zone_of


def read(content: bytes, *, time_zone: str, one_event: str = "") -> Schedule:
    """The events of a file of either kind. Raises ScheduleError.

    `time_zone` is for times that carry none. With `one_event`, a title, the entries of a calendar are the
    sessions of one event; otherwise each is an event.
    """
    zone_of(time_zone, "--time-zone")
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return Schedule([schedule_json.read(start, time_zone)])
    if start[:15].upper() == b"BEGIN:VCALENDAR":
        return schedule_ical.read(start, time_zone, one_event)
    raise ScheduleError(
        "The file is neither a schedule.json (it would begin with “{”) nor iCalendar (BEGIN:VCALENDAR)."
    )
