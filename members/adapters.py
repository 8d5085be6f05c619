"""Where allauth asks us: letters go through our outbox, and our rules on addresses and second factors hold."""

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from mailing.letters import absolute_url
from members import actions, mail, rules, sealing
from members.domains import domain_of, in_plain_letters
from members.lines import validate_line
from members.models import User

logger = logging.getLogger(__name__)

# The ways to prove once more who one is, as the page that asks names the others.
REAUTHENTICATION = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code from your app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey or security key",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, addresses, sign-in and their letters."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "cannot_remove_primary_email": "This is the address you sign in with, so it cannot be removed.",
        "duplicate_email": "This is your address already.",
        "email_password_mismatch": "Address and password do not belong together. Check both and try again, "
        "or use a sign-in code.",
        "enter_current_password": "This is not your current password.",
        "incorrect_code": "This code is not right. Check it, or ask for a new one.",
        "incorrect_password": "This password is not right. Check it and try again.",
        "rate_limited": "That was too many tries. Wait a few minutes, then try again.",
        "too_many_login_attempts": "That was too many tries. Wait a few minutes, then try again.",
    }

    def clean_email(self, email: str) -> str:
        """Refuse addresses that could be mistaken for others: their domain has to be in plain letters.

        One in another script is put into these, if it can only be meant one way.
        """
        email = in_plain_letters(email)
        if domain_of(email) is None:
            raise ValidationError(
                "Write the part after the @ in the letters a to z, such as name@essex.police.uk.",
                code="invalid_domain",
            )
        return email

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """What allauth tells as mere news is something that was done."""
        super().add_message(request, messages.SUCCESS if level == messages.INFO else level, *args, **kwargs)

    # --- Letters -------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue our own letter in place of allauth's. A letter that we do not know is a KeyError."""
        now = timezone.now()
        name, priority = mail.ALLAUTH_LETTERS[template_prefix]
        with transaction.atomic():
            if name == "account_unknown" and _is_suspended(email):
                mail.account_suspended(to=email, now=now)
            else:
                mail.account_letter(name, to=email, values=context, now=now, priority=priority)

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation: EmailConfirmationHMAC
    ) -> str:
        return absolute_url(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, token = key.partition("-")
        return absolute_url(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}))

    # --- Addresses -----------------------------------------------------------------------------------

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Make an address somebody's own. Whoever opened an account for it and never proved it yields."""
        actions.release_address(address=email_address.email, keeper=email_address.user)
        taken = User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id)
        if taken.exists():
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False
        return super().confirm_email(request, email_address)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        if self.request.user.is_authenticated:
            return reverse("members:membership_status")
        return reverse("account_login")

    # --- Signing in ----------------------------------------------------------------------------------

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Members go to the front page; whoever is not let in learns how things stand."""
        if rules.is_approved_member(request.user):
            return super().get_login_redirect_url(request)
        return reverse("members:membership_status")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Reached only after the right password, code or passkey, so it may say what is the matter."""
        context = {"is_suspended": user.state == User.State.SUSPENDED}
        return render(request, "account/account_inactive.html", context, status=403)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """As allauth has them; a member with neither password nor second factor gets a code by e-mail."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = REAUTHENTICATION[method["id"]]
        if not methods and user.is_authenticated:
            url = reverse("members:confirm_by_code")
            methods = [{"id": "confirm_by_code", "description": "Use a code sent by e-mail", "url": url}]
        return methods

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """The address in lower case, as every other part expects it."""
        saved: User = super().save_user(request, user, form, commit=False)
        saved.email = saved.email.lower()
        if commit:
            saved.save()
        return saved


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Signing in through an organisation's own provider, which may vouch for an address."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultSocialAccountAdapter.error_messages,
        "connected_other": "This sign-in belongs to another account of the portal.",
        "no_password": "You have no password. Set one first, or this would be your last way to sign in.",
    }

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Mapping[str, Any]) -> User:
        """The provider's words for a name, where they could be one."""
        names = {name: _as_a_name(data.get(name)) for name in ("first_name", "last_name", "name")}
        user: User = super().populate_user(request, sociallogin, {**data, **names})
        return user

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Without the form, unless something is missing in it: a name, or where somebody works."""
        newcomer = sociallogin.user
        is_known = actions.organisation_of(newcomer.email) is not None
        return is_known and bool(newcomer.first_name and newcomer.last_name)

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The member whose own, confirmed address this is, as the provider has verified too.

        allauth would also take an address that somebody only began to move to.
        """
        for address in _verified(sociallogin):
            member = User.objects.filter(
                email=address, emailaddress__email=address, emailaddress__verified=True
            ).first()
            if member is not None:
                return member, address
        return None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Keep out who is shut out; an account that nobody ever confirmed yields to the address's owner."""
        if not sociallogin.is_existing:
            for address in _verified(sociallogin):
                actions.release_address(address=address, keeper=sociallogin.user)
        elif not sociallogin.user.is_active:
            answer = AccountAdapter(request).respond_user_inactive(request, sociallogin.user)
            raise ImmediateHttpResponse(answer)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **_: Any
    ) -> None:
        """The member reads that it did not work, the log says why."""
        cause = getattr(exception, "__cause__", None) or exception
        logger.warning("Signing in through %s did not work: %s %r", provider.sub_id, error, cause)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """The letter names the provider: it takes nothing but texts."""
        values = dict(context or {})
        if "provider" in values:
            values["provider"] = values["provider"].name
        super().send_notification_mail(template_prefix, user, context=values, **kwargs)


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: staff always keep one."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "You work in the admin, so you need a second factor. "
        "Set up another one before you remove this one.",
        "incorrect_code": "This code is not right. Check the clock of your phone and try the next code.",
        "unverified_email": "Confirm your new address first: follow the link in the letter.",
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not rules.must_use_second_factor(authenticator.user):
            return True
        factors = Authenticator.objects.filter(user=authenticator.user).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        return factors.exclude(pk=authenticator.pk).exists()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": settings.WAGTAIL_SITE_NAME}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """What the reader's device calls the account."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": user.get_full_name() or user.email}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return f"Passkey {number}"


def _verified(sociallogin: SocialLogin) -> list[str]:
    return [address.email.lower() for address in sociallogin.email_addresses if address.verified]


def _as_a_name(claim: object) -> str:
    """What a provider calls somebody, unless it could not have been typed as a name here."""
    name = claim.strip() if isinstance(claim, str) else ""
    try:
        validate_line(name)
    except ValidationError:
        return ""
    return name


def _is_suspended(address: str) -> bool:
    return User.objects.filter(email=address.lower(), state=User.State.SUSPENDED).exists()
