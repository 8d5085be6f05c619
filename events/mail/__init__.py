"""Every letter about events: one function each, called in the transaction of its cause.

A letter to a registration whose member has left goes nowhere.
"""

from events.mail.addresses import (
    cancelling_address,
    certificate_address,
    entry_address,
    event_address,
    registration_address,
)
from events.mail.afterwards import THANKS, certificate_issued, certificate_withdrawn, thanks
from events.mail.files import (
    CALENDAR_FILE,
    ENTRY_CODE,
    calendar_host,
    calendar_organiser,
    made_calendar_file,
    made_entry_code,
    sessions_sent,
)
from events.mail.handing_over import handover_declined, handover_taken, place_handed_over, place_not_kept
from events.mail.queueing import event_facts, names_of, template_of
from events.mail.registering import (
    approval_awaited,
    manager_asked,
    offer_expired,
    place_booked,
    place_offered,
    registration_cancelled,
    registration_declined,
    waiting_list_joined,
)
from events.mail.running import (
    REMINDERS,
    event_cancelled,
    event_changed,
    event_reminder,
    team_joined,
    week_reminder,
)
from events.mail.the_way import getting_there

__all__ = [
    "CALENDAR_FILE",
    "ENTRY_CODE",
    "REMINDERS",
    "THANKS",
    "approval_awaited",
    "calendar_host",
    "calendar_organiser",
    "cancelling_address",
    "certificate_address",
    "certificate_issued",
    "certificate_withdrawn",
    "entry_address",
    "event_address",
    "event_cancelled",
    "event_changed",
    "event_facts",
    "event_reminder",
    "getting_there",
    "handover_declined",
    "handover_taken",
    "made_calendar_file",
    "made_entry_code",
    "manager_asked",
    "names_of",
    "offer_expired",
    "place_booked",
    "place_handed_over",
    "place_not_kept",
    "place_offered",
    "registration_address",
    "registration_cancelled",
    "registration_declined",
    "sessions_sent",
    "team_joined",
    "template_of",
    "thanks",
    "waiting_list_joined",
    "week_reminder",
]
