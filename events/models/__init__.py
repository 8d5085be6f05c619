"""Conferences, workshops and who comes to them."""

from events.models.admission import Admission, Audience
from events.models.approvals import ManagerApproval
from events.models.attendance import Attendance, Certificate
from events.models.calendars import PersonalCalendar
from events.models.event_queries import EventQuerySet
from events.models.figures import RecordedFigures
from events.models.guest_lists import GuestList, ListedPerson
from events.models.handovers import Handover
from events.models.index import EventIndexPage
from events.models.invitations import Invitation, InvitationWave
from events.models.letters import EventLetter
from events.models.materials import Material
from events.models.messages import Message
from events.models.pages import ConferencePage, EventPage, WorkshopPage
from events.models.programme import ImportedEvent, Session, SessionSpeaker, Speaker, Venue
from events.models.questions import Question
from events.models.registrations import (
    Registration,
    RegistrationQuerySet,
    RegistrationStep,
    SensitiveAnswers,
)
from events.models.series import SeriesPage
from events.models.session_places import SessionPlace
from events.models.team import TeamMember

__all__ = [
    "Admission",
    "Attendance",
    "Audience",
    "Certificate",
    "ConferencePage",
    "EventIndexPage",
    "EventLetter",
    "EventPage",
    "EventQuerySet",
    "GuestList",
    "Handover",
    "ImportedEvent",
    "Invitation",
    "InvitationWave",
    "ListedPerson",
    "ManagerApproval",
    "Material",
    "Message",
    "PersonalCalendar",
    "Question",
    "RecordedFigures",
    "Registration",
    "RegistrationQuerySet",
    "RegistrationStep",
    "SensitiveAnswers",
    "SeriesPage",
    "Session",
    "SessionPlace",
    "SessionSpeaker",
    "Speaker",
    "TeamMember",
    "Venue",
    "WorkshopPage",
]
