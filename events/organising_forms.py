"""What organisers fill in: filters, messages, notes, who is on the team."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from events import answers, messages
from events.models import EventPage, Question, Registration, Session, TeamMember
from events.selecting import Selection
from mailing import wordings
from mailing.models.mailings import SUBJECT_LIMIT
from members.forms import LineField, ReasonField
from members.lines import validate_text
from members.models import Organisation, OrganisationKind

ANY = ("", "Any")


class RegistrationFilter(forms.Form):
    """Which registrations of an event to list. Nothing in it is required, and what makes no sense is left out."""

    q = forms.CharField(label="Name, address or organisation", max_length=200, required=False)
    state = forms.MultipleChoiceField(
        label="State",
        choices=Registration.State.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    organisation = forms.ModelChoiceField(
        label="Organisation", queryset=Organisation.objects.none(), required=False, empty_label="Any"
    )
    kind = forms.ChoiceField(
        label="Kind of organisation", choices=[ANY, *OrganisationKind.choices], required=False
    )
    session = forms.ModelChoiceField(
        label="Chose the session", queryset=Session.objects.none(), required=False, empty_label="Any"
    )
    attended = forms.ChoiceField(
        label="Was there", choices=[ANY, ("yes", "Yes"), ("no", "No")], required=False
    )
    reached = forms.ChoiceField(
        label="Letters reach them", choices=[ANY, ("yes", "Yes"), ("no", "No")], required=False
    )
    order = forms.ChoiceField(
        label="Order", choices=[("", "Latest first"), (Selection.BY_NAME, "By name")], required=False
    )

    def __init__(self, *args: Any, event: EventPage, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Organisation.objects.filter(registrations__event=event.pk).distinct()
        self._field("organisation").queryset = here
        self._field("session").queryset = event.sessions.filter(is_chosen=True).order_by("starts_at", "pk")
        # Sensitive answers cannot be searched: finding somebody by one would tell it.
        self.questions = [question for question in questions if not question.is_sensitive]
        for question in self.questions:
            self.fields[_name_of(question)] = _filter_field(question)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @property
    def selection(self) -> Selection:
        """What was asked for, without what is no choice."""
        self.is_valid()
        given = getattr(self, "cleaned_data", {})
        organisation, session = given.get("organisation"), given.get("session")
        attended, reached = given.get("attended"), given.get("reached")
        return Selection(
            words=given.get("q", ""),
            states=tuple(given.get("state") or ()),
            organisation=organisation.pk if organisation else None,
            kind=given.get("kind", ""),
            session=session.pk if session else None,
            attended=None if not attended else attended == "yes",
            reached=None if not reached else reached == "yes",
            answers={
                str(question.key): given[_name_of(question)]
                for question in self.questions
                if given.get(_name_of(question))
            },
            order=given.get("order", ""),
        )


class ExportForm(forms.Form):
    """Which file, and what is in it."""

    CSV: ClassVar[str] = "csv"
    XLSX: ClassVar[str] = "xlsx"

    file = forms.ChoiceField(
        label="File",
        choices=[(XLSX, "XLSX, for Excel and LibreOffice"), (CSV, "CSV, for other programs")],
        initial=XLSX,
        widget=forms.RadioSelect,
    )
    with_sensitive = forms.BooleanField(
        label="With sensitive answers",
        required=False,
        help_text="Access and dietary needs. The history of the event says that you exported them.",
    )

    def __init__(self, *args: Any, may_see_sensitive: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_see_sensitive:
            del self.fields["with_sensitive"]


class MessageForm(forms.Form):
    """What a message says."""

    subject = LineField(label="Subject", max_length=SUBJECT_LIMIT)
    text = forms.CharField(
        label="Text",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        validators=[validate_text],
        help_text="An empty line begins a new paragraph. Two lines, the first ending in a colon and the second "
        "an address, become a button.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            found = wordings.problems(
                subject=cleaned["subject"], text=cleaned["text"], placeholders=messages.PLACEHOLDERS
            )
            for field, problems in found.items():
                for problem in problems:
                    self.add_error(field, problem)
        return cleaned


class DeclineForm(forms.Form):
    """Why registrations are declined."""

    reason = ReasonField(label="Why", help_text="Each of them reads this in a letter.")


class AttendanceForm(forms.Form):
    """Where people were."""

    session = forms.ModelChoiceField(
        label="Session", queryset=Session.objects.none(), to_field_name="key", empty_label=None
    )

    def __init__(self, *args: Any, sessions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["session"]
        field.queryset = sessions


class RegisterMemberForm(forms.Form):
    """Whom to register on their behalf."""

    email = forms.EmailField(label="E-mail address", help_text="The address they sign in with.")
    is_for_waiting_list = forms.BooleanField(
        label="Put them on the waiting list if there is no place", required=False, initial=True
    )


class NoteForm(forms.Form):
    """A sentence to keep with a registration."""

    note = ReasonField(
        label="Note",
        help_text="The team of the event reads it. So does the person, when they ask for what is held about them.",
    )


class TeamMemberForm(forms.ModelForm):
    """What somebody on the team does."""

    class Meta:
        model = TeamMember
        fields: ClassVar[list[str]] = ["role", "sees_sensitive_answers"]
        widgets: ClassVar[dict[str, Any]] = {"role": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.choices = TeamMember.Role.choices


class AddTeamMemberForm(TeamMemberForm):
    """Whom to put on the team, and what they do."""

    email = forms.EmailField(
        label="E-mail address", help_text="Of somebody who is a member: the address they sign in with."
    )

    field_order = [  # noqa: RUF012 - Django declares it so
        "email",
        "role",
        "sees_sensitive_answers",
    ]


def _name_of(question: Question) -> str:
    return f"answer-{question.key.hex}"


def _filter_field(question: Question) -> forms.Field:
    label = f"Answer to “{question.label}”"
    if question.kind in {Question.Kind.YES_NO, Question.Kind.CONSENT}:
        return forms.ChoiceField(
            label=label, choices=[ANY, ("yes", answers.YES), ("no", answers.NO)], required=False
        )
    if question.kind in Question.WITH_OPTIONS:
        choices = [(option, option) for option in question.choices]
        return forms.ChoiceField(label=label, choices=[ANY, *choices], required=False)
    return forms.CharField(label=label, max_length=200, required=False)
