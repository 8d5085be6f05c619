"""What is typed in on the day and afterwards: walk-ins, and materials."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from wagtail.admin.widgets import AdminDateTimeInput

from events.file_kinds import FileKind, kind_of
from events.models import EventPage, Material, Session
from members.forms import LineField
from members.models import User
from pages.forms import MomentField

NO_SUCH_KIND = (
    "This is none of the kinds of file that can be added, or its content is not what its name says. Add a PDF, "
    "a Word, PowerPoint, Excel or OpenDocument file without macros, a picture (PNG, JPEG, GIF, WebP), or text "
    "(TXT, CSV)."
)


class WalkInForm(forms.Form):
    """Somebody who stands at the door. A member needs no more than the address."""

    email = forms.EmailField(
        label="E-mail address",
        required=False,
        help_text="If it is a member’s, you need nothing else. Without an address there is no certificate by letter.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = LineField(
        label="Name",
        max_length=200,
        required=False,
        help_text="For somebody without an account.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    organisation = LineField(
        label="Organisation",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "organisations"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        email, name = cleaned.get("email", ""), cleaned.get("name", "")
        if self.errors or name:
            return cleaned
        if not email:
            self.add_error("name", "Give a name, or the address of a member.")
        elif not User.objects.present().filter(email=email.lower()).exists():
            self.add_error("name", "Nobody has an account with this address. Give the name too.")
        return cleaned


class MaterialForm(forms.Form):
    """A file or link, where it belongs and who may open it."""

    title = LineField(label="Title", max_length=200, help_text="For example: Slides of the keynote.")
    session = forms.ChoiceField(label="Belongs to", required=False)
    audience = forms.ChoiceField(
        label="Who may open it", choices=Material.Audience.choices, initial=Material.Audience.PARTICIPANTS
    )
    opens_at = MomentField(
        label="Opens", required=False, help_text="Empty: at once.", widget=AdminDateTimeInput
    )

    def __init__(self, *args: Any, event: EventPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sessions = Session.objects.filter(event=event.pk).in_order()
        self.fields["session"].choices = [  # type: ignore[attr-defined] # a ChoiceField has them
            ("", "The event as a whole"),
            *((str(session.key), session.title) for session in sessions),
        ]

    @property
    def session_key(self) -> UUID | None:
        key = self.cleaned_data["session"]
        return UUID(key) if key else None


class NewMaterialForm(MaterialForm):
    """With the file or link itself."""

    file = forms.FileField(label="File", required=False)
    url = forms.URLField(
        label="Or a link",
        required=False,
        assume_scheme="https",
        help_text="For example to a recording. Whoever has the link can open it: the rule below decides who sees it here.",
    )
    field_order = ["title", "file", "url", "session", "audience", "opens_at"]  # noqa: RUF012 - Django declares it so
    # Found by `clean_file`.
    kind: FileKind | None = None

    def __init__(self, *args: Any, event: EventPage, **kwargs: Any) -> None:
        super().__init__(*args, event=event, **kwargs)
        self.fields[
            "file"
        ].help_text = f"At most {settings.MATERIAL_MAX_MB} MB. PDF, Office, pictures or text."
        self.fields["file"].widget.attrs["data-most-bytes"] = most_bytes()
        self.fields["file"].widget.attrs["data-too-large"] = too_large()

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None:
            return None
        if (file.size or 0) > most_bytes():
            raise forms.ValidationError(too_large(file.size or 0))
        self.kind = kind_of(file.name or "", file)  # type: ignore[arg-type] # a file, as far as it is read
        if self.kind is None:
            raise forms.ValidationError(NO_SUCH_KIND)
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if bool(cleaned.get("file")) == bool(cleaned.get("url")):
            self.add_error("file", "Give a file or a link: one of the two.")
        return cleaned


def most_bytes() -> int:
    return int(settings.MATERIAL_MAX_MB) * 1024 * 1024


def too_large(size: int | None = None) -> str:
    """What is wrong with a file that is too large, and what to do."""
    this = f"This file has {filesizeformat(size)}" if size else "This file is too large"
    return (
        f"{this}; at most {settings.MATERIAL_MAX_MB} MB can be added. Make it smaller, or put it where your "
        "organisation shares large files and add a link."
    )
