"""Conferences, workshops and who comes to them."""

from events.models.figures import RecordedFigures
from events.models.pages import (
    ConferencePage,
    EventIndexPage,
    EventPage,
    EventQuerySet,
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
