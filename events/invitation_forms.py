"""What is filled in about invitations: by organisers, and by those who were invited."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from events import invitation_wording, wording
from events.actions import Plan, keep_wording
from events.audiences import Chosen
from events.models import EventPage, Invitation, InvitationWave, SeriesPage
from events.models.invitations import LONGEST_REASON, MOST_REMINDERS
from library.models import Topic
from mailing.mailings import WordingError
from mailing.models import Wording
from mailing.models.mailings import SUBJECT_LIMIT
from members.account_forms import SignupForm
from members.forms import LineField, ReasonField
from members.lines import validate_text
from members.models import Organisation, OrganisationKind
from pages.forms import MomentField

LARGEST_FILE = 20 * 1024 * 1024
LONGEST_PASTED = 200_000
EVENTS_TO_CHOOSE = 100


# --- Those who were invited ------------------------------------------------------------------------------------------


class DeclineInvitationForm(forms.Form):
    """Why somebody does not come, if they want to say."""

    reason = ReasonField(
        label="Why",
        help_text="The organiser of this event reads it.",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class InvitedSignupForm(SignupForm):
    """An account for somebody who was invited. The link proved the address, so it cannot be another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True
        self.fields["email"].help_text = "The address that was invited. Your link has confirmed it already."


# --- Organisers ------------------------------------------------------------------------------------------------------


def _words_field(label: str, rows: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": rows}),
        validators=[validate_text],
        help_text=help_text,
    )


class WaveForm(forms.Form):
    """A round of invitations: who gets one, what it says, and how often the silent are reminded."""

    AUDIENCE: ClassVar[tuple[str, ...]] = (
        "everyone", "kinds", "organisations", "regions", "job_title", "topics", "events", "series", "event_kinds",
        "attended",
    )  # fmt: skip
    WORDS: ClassVar[tuple[str, ...]] = ("name", "subject", "text", "reply_to")
    REMINDERS: ClassVar[tuple[str, ...]] = (
        "reminders",
        "days_between",
        "reminder_subject",
        "reminder_text",
    )
    PLACES: ClassVar[tuple[str, ...]] = ("keeps_places", "keeps_places_until")

    everyone = forms.BooleanField(label="All members", required=False)
    kinds = forms.MultipleChoiceField(
        label="Kinds of organisation",
        choices=OrganisationKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    organisations = forms.ModelMultipleChoiceField(
        label="Organisations",
        queryset=Organisation.objects.all(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        required=False,
        help_text="Hold the Control key to choose several.",
    )
    regions = forms.MultipleChoiceField(
        label="Regions", widget=forms.SelectMultiple(attrs={"size": 6}), required=False
    )
    job_title = LineField(
        label="Words in the job title", max_length=120, required=False, help_text="For example: analyst"
    )
    topics = forms.ModelMultipleChoiceField(
        label="Interested in one of these topics",
        queryset=Topic.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Members choose them on their own page. Who chose none is left out.",
    )
    events = forms.ModelMultipleChoiceField(
        label="Came to one of these events",
        queryset=EventPage.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 6}),
        required=False,
    )
    series = forms.ModelMultipleChoiceField(
        label="Came to an event of one of these series",
        queryset=SeriesPage.objects.all(),
        widget=forms.SelectMultiple(attrs={"size": 4}),
        required=False,
    )
    event_kinds = forms.MultipleChoiceField(
        label="Came to events of these kinds",
        choices=EventPage.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    attended = forms.BooleanField(
        label="Only those who were there",
        required=False,
        help_text="For the three choices above. Otherwise everybody who had a place.",
    )

    name = LineField(
        label="Name of this round",
        max_length=200,
        help_text="For you and your colleagues. No reader sees it.",
    )
    subject = LineField(label="Subject", max_length=SUBJECT_LIMIT)
    text = _words_field("Text", 16)
    reply_to = forms.EmailField(
        label="Replies go to", required=False, help_text="Empty: to the portal's own address."
    )

    reminders = forms.TypedChoiceField(
        label="Reminders to those who do not answer",
        coerce=int,
        choices=[(0, "None"), (1, "One"), (2, "Two at most"), (MOST_REMINDERS, "Three at most")],
    )
    days_between = forms.IntegerField(label="Days between one letter and the next", min_value=1, max_value=60)
    reminder_subject = LineField(label="Subject of the reminder", max_length=SUBJECT_LIMIT)
    reminder_text = _words_field("Text of the reminder", 12)

    keeps_places = forms.BooleanField(
        label="The places that this event keeps for invited people are for them", required=False
    )
    keeps_places_until = MomentField(
        label="Until", required=False, help_text="Empty: as long as the event keeps them."
    )

    def __init__(self, *args: Any, event: EventPage, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self._set("keeps_places_until", zone=ZoneInfo(event.time_zone))
        self._set("regions", choices=[(region, region) for region in _regions()])
        begun = EventPage.objects.filter(registrations__isnull=False, starts_at__lte=now)
        earlier = begun.exclude(pk=event.pk)
        latest = earlier.distinct().order_by("-starts_at").only("title", "starts_at")
        self._set("events", queryset=latest, choices=_titles(latest[:EVENTS_TO_CHOOSE]))
        if not event.reserved_places:
            for name in self.PLACES:
                del self.fields[name]

    def _set(self, name: str, **values: Any) -> None:
        for attribute, value in values.items():
            setattr(self.fields[name], attribute, value)

    def clean_keeps_places_until(self) -> datetime | None:
        """Not later than the event keeps them, nor than anybody can register."""
        until: datetime | None = self.cleaned_data["keeps_places_until"]
        event = self.event
        kept_until, closes_at = event.reserved_until, event.closes_at
        if until is not None and kept_until is not None and until > kept_until:
            moment = wording.moment(kept_until, event.time_zone)
            raise ValidationError(f"The event keeps places until {moment}. Give that or an earlier time.")
        if until is not None and until > closes_at:
            moment = wording.moment(closes_at, event.time_zone)
            raise ValidationError(f"Registration closes on {moment}. Give that or an earlier time.")
        return until

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self._wording = self._words(cleaned, "subject", "text")
        self._reminder_wording = self._words(cleaned, "reminder_subject", "reminder_text")
        return cleaned

    def _words(self, cleaned: dict[str, Any], subject: str, text: str) -> Wording | None:
        """The row of the words, or what is wrong with them at their fields."""
        if subject not in cleaned or text not in cleaned:
            return None
        try:
            return keep_wording(subject=cleaned[subject], text=cleaned[text])
        except WordingError as error:
            for field, problems in error.problems.items():
                for problem in problems:
                    self.add_error(subject if field == "subject" else text, problem)
            return None

    def plan(self) -> Plan:
        """What was decided; of a valid form."""
        cleaned = self.cleaned_data
        if self._wording is None or self._reminder_wording is None:
            raise ValueError("A form that is not valid has no plan.")
        return Plan(
            name=cleaned["name"],
            wording=self._wording,
            reminder_wording=self._reminder_wording,
            chosen=Chosen(
                everyone=cleaned["everyone"],
                organisations=_keys(cleaned["organisations"]),
                kinds=tuple(cleaned["kinds"]),
                regions=tuple(cleaned["regions"]),
                job_title=cleaned["job_title"],
                topics=_keys(cleaned["topics"]),
                events=_keys(cleaned["events"]),
                series=_keys(cleaned["series"]),
                event_kinds=tuple(cleaned["event_kinds"]),
                attended=cleaned["attended"],
            ),
            reply_to=cleaned["reply_to"],
            keeps_places=cleaned.get("keeps_places", True),
            keeps_places_until=cleaned.get("keeps_places_until"),
            reminders=cleaned["reminders"],
            days_between=cleaned["days_between"],
        )


def defaults(event: EventPage) -> dict[str, Any]:
    """A round that needs nothing but somebody to invite."""
    return {
        "name": f"Invitations to {event.title}"[:200],
        "subject": invitation_wording.SUBJECT,
        "text": invitation_wording.TEXT,
        "reminder_subject": invitation_wording.REMINDER_SUBJECT,
        "reminder_text": invitation_wording.REMINDER_TEXT,
        "reminders": 1,
        "days_between": 7,
        "keeps_places": True,
    }


def as_planned(wave: InvitationWave) -> dict[str, Any]:
    """A draft as it is: of one that came with its mailing and wordings."""
    words = wave.mailing.wording
    return {
        **Chosen.read(wave.audience).stored(),
        "name": wave.mailing.name,
        "subject": words.subject if words else "",
        "text": words.text if words else "",
        "reply_to": wave.mailing.reply_to,
        "reminders": wave.reminders,
        "days_between": wave.days_between,
        "reminder_subject": wave.reminder_wording.subject,
        "reminder_text": wave.reminder_wording.text,
        "keeps_places": wave.keeps_places,
        "keeps_places_until": wave.keeps_places_until,
    }


class GuestListForm(forms.Form):
    """A list of people, as a file or pasted."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        help_text="One person a line; columns email, name and organisation. “CSV UTF-8”, at most 20 MB.",
    )
    pasted = forms.CharField(
        label="Or paste addresses",
        max_length=LONGEST_PASTED,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One person a line: an address, and if you like a comma and the name.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and file.size > LARGEST_FILE:
            self.add_error("file", "This file is larger than 20 MB. Make two rounds of invitations.")
        elif file is not None and cleaned.get("pasted"):
            self.add_error("pasted", "Give a file or paste addresses, not both. Nothing was read yet.")
        elif file is None and not cleaned.get("pasted") and not self.errors:
            self.add_error("file", "Choose a file, or paste addresses below.")
        return cleaned


class StartForm(forms.Form):
    """When a round leaves."""

    scheduled_for = MomentField(label="Send at", required=False, help_text="Empty: at once.")

    def __init__(self, *args: Any, event: EventPage, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        field: Any = self.fields["scheduled_for"]
        field.zone = ZoneInfo(event.time_zone)

    def clean_scheduled_for(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["scheduled_for"]
        if at is not None and at <= self.now:
            raise ValidationError("This is past. Give a later time, or leave it empty to send at once.")
        return at


class InvitedFilter(forms.Form):
    """Which of those invited to list. What makes no sense is left out."""

    q = forms.CharField(label="Address or name", max_length=200, required=False)
    standing = forms.ChoiceField(
        label="Where it stands", choices=[("", "Any"), *Invitation.Standing.choices], required=False
    )
    reminded = forms.ChoiceField(
        label="Reminded", choices=[("", "Any"), ("yes", "Yes"), ("no", "No")], required=False
    )


def _keys(rows: Sequence[Any]) -> tuple[int, ...]:
    return tuple(sorted(row.pk for row in rows))


def _regions() -> list[str]:
    rows = Organisation.objects.exclude(region="").order_by("region")
    return list(rows.values_list("region", flat=True).distinct())


def _titles(events: Sequence[EventPage]) -> list[tuple[int, str]]:
    return [(event.pk, f"{event.title} ({event.starts_at:%Y})") for event in events]
