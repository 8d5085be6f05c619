"""What organisers write in place of one of the portal's letters."""

from typing import Any

from django import forms

from events.models import EventPage, Registration
from events.placeholders import LetterKind, Words
from mailing.models.mailings import SUBJECT_LIMIT
from members.forms import LineField
from members.lines import validate_text

READERS_TO_CHOOSE = 50


class LetterForm(forms.Form):
    """The words of one kind of letter about an event, and as whom to look at it."""

    subject = LineField(label="Subject", max_length=SUBJECT_LIMIT)
    text = forms.CharField(
        label="Text",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 22}),
        validators=[validate_text],
        help_text="An empty line begins a new paragraph. Two lines, the first ending in a colon and the second an "
        "address, become a button, and where there is no address, nothing.",
    )
    reader = forms.ModelChoiceField(
        label="Preview as",
        queryset=Registration.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="Somebody made up",
    )

    def __init__(self, *args: Any, kind: LetterKind, event: EventPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.event = kind, event
        reader: Any = self.fields["reader"]
        reader.queryset = event.registrations.select_related("member").order_by("registered_at", "pk")
        reader.label_from_instance = lambda registration: registration.name
        # Of thousands, the first are enough to look at a letter; whoever is asked for is found among all.
        first = reader.queryset[:READERS_TO_CHOOSE]
        named = [(each.uuid, f"{each.name} ({each.get_state_display().lower()})") for each in first]
        reader.widget.choices = [("", reader.empty_label), *named]

    @property
    def words(self) -> Words:
        """What was written. Only of a form that is valid."""
        return Words(self.cleaned_data["subject"], self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "subject" in cleaned and "text" in cleaned:
            found = self.kind.problems(
                Words(cleaned["subject"], cleaned["text"]), is_online=self.event.is_joined_online
            )
            for field, problems in found.items():
                for problem in problems:
                    self.add_error(field, problem)
        return cleaned
