"""allauth's forms in our words, and safe against an address that two accounts claim.

An account is reached by code or reset link through its current address alone. allauth would also take an
address that somebody only began to move to, and so hand their account to whoever owns a mistyped one.
"""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as socialaccount
from allauth.socialaccount.models import SocialAccount, SocialApp
from django import forms

from members.actions import organisation_of
from members.lines import validate_line
from members.models import User

ADDRESS = "E-mail address"
ADVICE_ON_PASSWORDS = (
    "At least 12 characters. Three or four words that have nothing to do with each other are easy to "
    "remember and hard to guess."
)


class OurWords(forms.Form):
    """Labels and hints by field name; no placeholders, which vanish as soon as one types."""

    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)


class CodeForm(OurWords):
    """A short field that phones fill in by themselves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["class"] = "govuk-input--width-10"


class SignupForm(OurWords, account.SignupForm):
    labels: ClassVar[dict[str, str]] = {"email": ADDRESS, "password1": "Password"}
    hints: ClassVar[dict[str, str]] = {
        "email": "Use your address at work: it tells us which organisation you belong to.",
        "stated_organisation": "Leave this empty if your address belongs to a police force or another "
        "organisation we know.",
        "password1": ADVICE_ON_PASSWORDS,
    }


class SignupAfterProviderForm(OurWords, socialaccount.SignupForm):
    """What the organisation's own sign-in did not tell."""

    labels: ClassVar[dict[str, str]] = {"email": ADDRESS}
    hints: ClassVar[dict[str, str]] = {
        "email": SignupForm.hints["email"],
        "stated_organisation": SignupForm.hints["stated_organisation"],
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(address.verified for address in self.sociallogin.email_addresses):
            # Another one would have to be confirmed, while this one is.
            self.fields["email"].disabled = True
            self.fields["email"].help_text = "This is the address your organisation gave us."
            if organisation_of(self.initial["email"]) is None:
                where = self.fields["stated_organisation"]
                where.required = True
                where.help_text = "Your address does not tell us, so a person will look at your request."
                where.error_messages["required"] = "Say where you work."


class DisconnectForm(socialaccount.DisconnectForm):
    """The sign-ins of organisations that are connected with an account, by their names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].label = "Which one"
        self.fields["account"].label_from_instance = _name_of_provider


class LoginForm(OurWords, account.LoginForm):
    labels: ClassVar[dict[str, str]] = {"login": ADDRESS, "password": "Password"}


class RequestLoginCodeForm(OurWords, account.RequestLoginCodeForm):
    labels: ClassVar[dict[str, str]] = {"email": ADDRESS}

    def clean_email(self) -> str:
        address: str = super().clean_email()
        self._user = _account_at(address)
        return address


class ResetPasswordForm(OurWords, account.ResetPasswordForm):
    labels: ClassVar[dict[str, str]] = {"email": ADDRESS}

    def clean_email(self) -> str:
        address: str = super().clean_email()
        user = _account_at(address)
        self.users = [user] if user else []
        return address


class NewPasswordForm(OurWords):
    """A new password is typed once: the field can show it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]


class ResetPasswordKeyForm(NewPasswordForm, account.ResetPasswordKeyForm):
    labels: ClassVar[dict[str, str]] = {"password1": "New password"}
    hints: ClassVar[dict[str, str]] = {"password1": ADVICE_ON_PASSWORDS}


class ChangePasswordForm(NewPasswordForm, account.ChangePasswordForm):
    labels: ClassVar[dict[str, str]] = {"oldpassword": "Current password", "password1": "New password"}
    hints: ClassVar[dict[str, str]] = {"password1": ADVICE_ON_PASSWORDS}


class SetPasswordForm(NewPasswordForm, account.SetPasswordForm):
    labels: ClassVar[dict[str, str]] = {"password1": "Password"}
    hints: ClassVar[dict[str, str]] = {"password1": ADVICE_ON_PASSWORDS}


class AddEmailForm(OurWords, account.AddEmailForm):
    labels: ClassVar[dict[str, str]] = {"email": "New e-mail address"}
    hints: ClassVar[dict[str, str]] = {
        "email": "We send a letter there. Your address changes once you follow the link in it."
    }


class ReauthenticateForm(OurWords, account.ReauthenticateForm):
    labels: ClassVar[dict[str, str]] = {"password": "Password"}


class ConfirmLoginCodeForm(CodeForm, account.ConfirmLoginCodeForm):
    labels: ClassVar[dict[str, str]] = {"code": "Code from the letter"}


class SecondFactorForm(CodeForm):
    """Asks for a code of the app, or for a recovery code where there is no app."""

    labels: ClassVar[dict[str, str]] = {"code": "Code"}
    hints: ClassVar[dict[str, str]] = {"code": "From your authenticator app, or one of your recovery codes."}
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        factors = Authenticator.objects.filter(user=self.user)
        self.has_app = factors.filter(type=Authenticator.Type.TOTP).exists()
        if not self.has_app:
            self.fields["code"].label = "Recovery code"
            self.fields["code"].help_text = "If you cannot use your passkey. Each code works once."

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc] # of allauth's forms below
        except forms.ValidationError as error:
            if error.code == "incorrect_code" and not self.has_app:
                raise forms.ValidationError(
                    "This is none of your recovery codes, or it was used before. Try another one.",
                    code="incorrect_code",
                ) from None
            raise
        return code


class AuthenticateForm(SecondFactorForm, mfa.AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateByCodeForm(SecondFactorForm, mfa.ReauthenticateForm):
    """Before something that takes more than being signed in."""


class ActivateTOTPForm(CodeForm, totp.ActivateTOTPForm):
    labels: ClassVar[dict[str, str]] = {"code": "Code from the app"}


class AddWebAuthnForm(OurWords, webauthn.AddWebAuthnForm):
    labels: ClassVar[dict[str, str]] = {"name": "Name", "passwordless": "Sign in with this passkey alone"}
    hints: ClassVar[dict[str, str]] = {
        "name": "So that you know it again, for example “Phone” or “Key on my ring”.",
        "passwordless": "Without a password. Your device asks for your fingerprint, face or PIN.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit_name(self)


class EditWebAuthnForm(OurWords, webauthn.EditWebAuthnForm):
    labels: ClassVar[dict[str, str]] = {"name": "Name"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit_name(self)


def _limit_name(form: forms.Form) -> None:
    form.fields["name"] = forms.CharField(
        label=form.fields["name"].label,
        help_text=form.fields["name"].help_text,
        required=form.fields["name"].required,
        max_length=60,
        validators=[validate_line],
    )


def _name_of_provider(account: SocialAccount) -> str:
    try:
        name: str = account.get_provider().name
    except SocialApp.DoesNotExist:  # no longer configured
        return "A sign-in that the portal does not offer any more"
    return name


def _account_at(address: str) -> User | None:
    return User.objects.filter(email=address.lower(), is_active=True).first()
