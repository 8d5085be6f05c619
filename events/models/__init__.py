"""Conferences, workshops and who comes to them."""

from events.models.pages import (
    ConferencePage,
    EventIndexPage,
    EventPage,
    EventQuerySet,
    RecordedFigures,
    WorkshopPage,
)
from events.models.registrations import PersonalCalendar, Registration, RegistrationQuerySet

__all__ = [
    "ConferencePage",
    "EventIndexPage",
    "EventPage",
    "EventQuerySet",
    "PersonalCalendar",
    "RecordedFigures",
    "Registration",
    "RegistrationQuerySet",
    "WorkshopPage",
]
