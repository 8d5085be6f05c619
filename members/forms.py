"""What people type about themselves, and managers about them.

allauth loads `SignUpForm` while it builds its own forms, so this module must not import those: they are
in `account_forms`.
"""

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from mailing import categories
from members.actions import organisation_of
from members.domains import PUBLIC_PROVIDERS, domain_of
from members.lines import validate_line, validate_text
from members.models import Organisation, User
from pages.forms import OneErrorField

NAME_LENGTH = 150


class LineField(OneErrorField):
    """One line of text."""

    default_validators = [validate_line]  # noqa: RUF012 - Django declares it so


class ReasonField(OneErrorField):
    """A few sentences that the member reads in a letter."""

    widget = forms.Textarea(attrs={"rows": 4})
    default_validators = [validate_text]  # noqa: RUF012 - Django declares it so

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 1000, **kwargs})


class SignUpForm(forms.Form):
    """What a sign-up asks for beside address and password. The base of allauth's sign-up forms."""

    first_name = LineField(
        label="First name",
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = LineField(
        label="Last name",
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    stated_organisation = LineField(
        label="Organisation",
        help_text="Leave this empty if your address belongs to a police force or another organisation we know.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    job_title = LineField(
        label="Job title",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    field_order = [  # noqa: RUF012 - Django declares it so
        "first_name",
        "last_name",
        "email",
        "stated_organisation",
        "job_title",
        "password1",
    ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        address = cleaned.get("email")
        says_nothing = cleaned.get("stated_organisation") == ""
        if address and says_nothing and organisation_of(address) is None:
            self.add_error(
                "stated_organisation",
                "Say where you work. Your address does not tell us, so a person will look at your request.",
            )
        return cleaned

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user exists."""
        user.stated_organisation = self.cleaned_data["stated_organisation"]
        user.job_title = self.cleaned_data["job_title"]
        user.save(update_fields=["stated_organisation", "job_title"])


class ChangeDetailsForm(forms.ModelForm[User]):
    """A member's own details. The organisation follows the address, or a membership manager sets it."""

    first_name = LineField(
        label="First name",
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = LineField(
        label="Last name",
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    job_title = LineField(
        label="Job title",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    stated_organisation = LineField(
        label="Organisation",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["first_name", "last_name", "stated_organisation", "job_title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.organisation_id is not None:
            del self.fields["stated_organisation"]


class ChangeMailPreferencesForm(forms.Form):
    """Which letters a member wants. Those about their own registrations and account always come."""

    def __init__(self, *args: Any, stopped: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for category in categories.every():
            self.fields[category.name] = forms.BooleanField(
                label=category.label,
                help_text=category.hint,
                required=False,
                initial=category.name not in stopped,
            )


class ConfirmationCodeForm(forms.Form):
    """The code from a letter."""

    code = LineField(
        label="Code from the letter",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "govuk-input--width-10"}),
    )


class DecideForm(forms.Form):
    """A decision on a member. It carries the state that the decider saw when the page was drawn."""

    seen = forms.ChoiceField(choices=User.State.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = member.state


class ApproveMemberForm(DecideForm):
    """Which organisation somebody is let in for."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.all(),
        widget=forms.Select(attrs={"class": "w-w-full"}),
        help_text="If it is not in the list, add it under Organisations first.",
    )
    add_domain = forms.BooleanField(required=False)

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, member=member, **kwargs)
        domain = domain_of(member.email)
        if domain is None or domain in PUBLIC_PROVIDERS or organisation_of(member.email) is not None:
            del self.fields["add_domain"]
        else:
            self.fields["add_domain"].label = f"Let in everybody with an address at {domain} from now on"
            self.fields["add_domain"].help_text = (
                "Only if the organisation alone gives out these addresses. They are let in at once, "
                "without coming to this list."
            )


class GiveReasonForm(DecideForm):
    """Why somebody is declined or suspended."""

    reason = ReasonField(help_text="The member reads this in the letter.")


class ReinstateMemberForm(DecideForm):
    """Why a suspension ends, if there is something to say."""

    reason = ReasonField(
        required=False, help_text="If you write something, the member reads it in the letter."
    )


class EraseMemberForm(forms.Form):
    """Makes sure that a person is erased on purpose."""

    confirmed = forms.BooleanField(label="I know that this cannot be undone")


class ChangeRolesForm(forms.ModelForm[User]):
    """Which groups somebody is in. Wagtail's own form would change the address and the password too."""

    groups = forms.ModelMultipleChoiceField(
        label="Roles",
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_superuser = forms.BooleanField(
        label="Administrator with every permission",
        required=False,
        help_text="Gives out roles and may do everything. Keep at least two.",
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["groups", "is_superuser"]

    def __init__(self, *args: Any, editor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_oneself = editor == self.instance
        if not editor.is_superuser or self.is_oneself:
            del self.fields["is_superuser"]

    def clean_groups(self) -> QuerySet[Group]:
        """Whoever gives out roles goes on doing so until somebody else takes theirs: so there is always one."""
        groups: QuerySet[Group] = self.cleaned_data["groups"]
        give = Permission.objects.filter(content_type__app_label="members", codename="change_user")
        if self.is_oneself and not self.instance.is_superuser and not give.filter(group__in=groups).exists():
            raise forms.ValidationError(
                "Without this role you could not give out roles any more. Another administrator has to take it "
                "from you.",
                code="own_role",
            )
        return groups
