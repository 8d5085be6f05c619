"""The programme in the page editor: sessions with their speakers, and what is refused at which field.

Below the models: the page's form hands over what it was given, and the page says how its sessions are used.
Times are read and written by the clock at the event.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultipleChooserPanel
from wagtail.admin.panels.base import get_form_for_model

from events.timetable import BREAK
from pages import dates
from pages.forms import read_by_the_clock_of

if TYPE_CHECKING:
    from events.models import Session


class SessionForm(WagtailAdminModelForm):
    """One session. What it must agree with, the event and the other sessions, is checked by `problems`."""

    data: QueryDict

    def __init__(self, *args: Any, zone: ZoneInfo = dates.LONDON, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        read_by_the_clock_of(zone, self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "The session ends before it starts. Give a later end.")
        if cleaned.get("capacity") and not cleaned.get("is_chosen"):
            self.add_error(
                "capacity",
                "Only a session that people choose has places of its own. Let them choose it, or leave this empty.",
            )
        return cleaned

    @property
    def is_removed(self) -> bool:
        return bool(self.cleaned_data.get("DELETE"))

    def keep(self) -> None:
        """Take back that it was to be removed, also on the page that is shown again."""
        self.cleaned_data["DELETE"] = False
        data: QueryDict = self.data.copy()
        data[self.add_prefix("DELETE")] = ""
        self.data = data


@dataclass(frozen=True)
class SessionUse:
    """How many people depend on a session."""

    chose: int = 0
    hold_a_place: int = 0
    attended: int = 0


@dataclass(frozen=True)
class Span:
    """From when to when an event lasts; None where that was not given or makes no sense."""

    starts_at: datetime | None
    ends_at: datetime | None


def problems(
    sessions: Sequence[SessionForm], *, event: Span, use: Mapping[int | None, SessionUse], zone: ZoneInfo
) -> Iterator[tuple[SessionForm, str, str]]:
    """What is refused: in which session, at which field, why. A session that must stay is kept."""
    for form in sessions:
        used = use.get(form.instance.pk, SessionUse())
        yield from _problems_of_use(form, used)
        if not form.is_removed:
            yield from _problems_of_time(form, event, zone)
    yield from _problems_of_rooms([form for form in sessions if not form.is_removed], zone)


def _problems_of_use(form: SessionForm, use: SessionUse) -> Iterator[tuple[SessionForm, str, str]]:
    if form.is_removed and (use.chose or use.attended):
        form.keep()
        stand = "stands" if use.attended == 1 else "stand"
        what = " and ".join(
            [
                *([f"{_people(use.chose)} chose it"] if use.chose else []),
                *([f"{_people(use.attended)} {stand} on its attendance list"] if use.attended else []),
            ]
        )
        yield (
            form,
            "is_cancelled",
            f"This session cannot be removed: {what}. Tick this box instead, and they are told.",
        )
    capacity = form.cleaned_data.get("capacity")
    if form.is_removed:
        return
    if use.chose and not form.cleaned_data.get("is_chosen"):
        yield form, "is_chosen", f"{_people(use.chose)} chose this session. Leave the box ticked."
    elif capacity and capacity < use.hold_a_place:
        hold = "holds" if use.hold_a_place == 1 else "hold"
        yield (
            form,
            "capacity",
            f"{_people(use.hold_a_place)} {hold} a place in this session. Give {use.hold_a_place:,} or more.",
        )


def _problems_of_time(
    form: SessionForm, event: Span, zone: ZoneInfo
) -> Iterator[tuple[SessionForm, str, str]]:
    starts_at, ends_at = form.cleaned_data.get("starts_at"), form.cleaned_data.get("ends_at")
    if starts_at and event.starts_at and starts_at < event.starts_at:
        begins = dates.moment(event.starts_at, zone)
        yield (
            form,
            "starts_at",
            f"The event starts on {begins}. Give a later time, or change the event’s start.",
        )
    if ends_at and event.ends_at and ends_at > event.ends_at:
        ends = dates.moment(event.ends_at, zone)
        yield form, "ends_at", f"The event ends on {ends}. Give an earlier time, or change the event’s end."


def _problems_of_rooms(
    sessions: Iterable[SessionForm], zone: ZoneInfo
) -> Iterator[tuple[SessionForm, str, str]]:
    """Of two sessions in one room at once, the one further down is refused. A break needs no room to itself."""
    by_room: dict[str, list[SessionForm]] = {}
    for form in sessions:
        cleaned = form.cleaned_data
        in_use = cleaned.get("kind") != BREAK and not cleaned.get("is_cancelled")
        if in_use and cleaned.get("room") and cleaned.get("starts_at") and cleaned.get("ends_at"):
            by_room.setdefault(" ".join(cleaned["room"].casefold().split()), []).append(form)
    for in_room in by_room.values():
        for first, second in combinations(in_room, 2):
            other, cleaned = first.cleaned_data, second.cleaned_data
            if cleaned["starts_at"] < other["ends_at"] and other["starts_at"] < cleaned["ends_at"]:
                hours = f"{dates.clock(other['starts_at'], zone)} to {dates.clock(other['ends_at'], zone)}"
                title = other.get("title", "Another session")
                yield second, "room", f"“{title}” is in this room from {hours}. Give another room or time."


def speakers_in_two_places(sessions: Iterable["Session"]) -> list[str]:
    """Who is to speak in two sessions at once, in sentences. A warning: one may leave in the middle for the other."""
    speaking: dict[str, list[Session]] = {}
    for session in sessions:
        if not session.is_cancelled:
            for speaker in session.speakers:
                speaking.setdefault(speaker.name, []).append(session)
    return [
        f"{name} is to speak in “{first.title}” and in “{second.title}” at the same time."
        for name, theirs in speaking.items()
        for first, second in combinations(theirs, 2)
        if first.overlaps(second)
    ]


class ProgrammePanel(InlinePanel):
    """The sessions, each in a form that reads times by the clock at the event."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        child = self.child_edit_handler.get_form_options()
        options["formsets"][self.relation_name]["form"] = get_form_for_model(
            self.db_field.related_model,
            form_class=SessionForm,
            defer_required_on_fields=child.get("defer_required_on_fields", []),
        )
        return options


def programme_panel() -> ProgrammePanel:
    """Everything an organiser says about a session."""
    return ProgrammePanel(
        "sessions",
        heading="Programme",
        label="session",
        help_text="Parallel sessions stand in streams. Order matters only for sessions that begin together.",
        panels=[
            FieldPanel("title"),
            FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("stream"), FieldPanel("room")]),
            MultipleChooserPanel(
                "session_speakers", chooser_field_name="speaker", heading="Speakers", label="speaker"
            ),
            FieldPanel("summary"),
            FieldRowPanel([FieldPanel("is_chosen"), FieldPanel("capacity")]),
            FieldPanel("is_cancelled"),
        ],
    )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
