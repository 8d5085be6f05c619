"""The demo's events, with a programme and people who come.

Loading again changes nothing: an event that is there, by its address, is left alone with all that happened to
it. So each part is handed the events that were made just now, and nothing else.
"""

from datetime import datetime

from django.db import transaction

from events.demo import calendar, courses, inviting, letters, on_the_day, organising, programme, registering


@transaction.atomic
def load(now: datetime) -> None:
    """Publish the events that are not there yet, and let each part add to them."""
    made = calendar.load(now)
    courses.load(now)
    programme.load(made)
    letters.load(made, now)
    registering.load(made, now)
    organising.load(made, now)
    inviting.load(made, now)
    on_the_day.load(made, now)
