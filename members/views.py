"""Pages where members look after their own account. Those for managers are in `admin_views`."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, NoReturn
from urllib.parse import urlencode

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records

# allauth has no public name for the next three; its own views are built from them.
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.views import ConfirmEmailView
from allauth.core import ratelimit
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required, login_required
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.generic.edit import FormView

from mailing.suppression import stopped_categories
from members import actions, mail, personal_data
from members.forms import ChangeDetailsForm, ChangeMailPreferencesForm, ConfirmationCodeForm
from members.models import User
from members.sealing import SecretUnreadable
from pages.errors import ActionError

View = Callable[..., HttpResponse]

CODE_KEY = "members_confirmation_code"
CODE_LIVES = timedelta(minutes=15)
CODE_TRIES = 3


def member_of(request: HttpRequest) -> User:
    """The member who is signed in, as a row of their own."""
    member: User = User.objects.select_related("organisation").get(pk=request.user.pk)
    return member


def confirmed_recently(view: View) -> View:
    """Ask once more who sits there, by password, second factor or a code by e-mail."""

    @wraps(view)
    def confirmed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        earliest = timezone.now().timestamp() - account_settings.REAUTHENTICATION_TIMEOUT
        records = get_authentication_records(request, request.user)
        if any(record.get("reauthenticated") and record["at"] > earliest for record in records):
            return view(request, *args, **kwargs)
        method = get_adapter().get_reauthentication_methods(request.user)[0]
        return redirect(f"{method['url']}?{urlencode({'next': request.path})}")

    return confirmed


def confirmed_without_password(view: View) -> View:
    """For views that ask for the password themselves: also ask those who have none."""
    checked = confirmed_recently(view)

    @wraps(view)
    def confirmed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        methods = get_adapter().get_reauthentication_methods(request.user)
        has_only_mail = [method["id"] for method in methods] == ["confirm_by_code"]
        return (checked if has_only_mail else view)(request, *args, **kwargs)

    return confirmed


# --- My details ------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def change_details(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    form = ChangeDetailsForm(request.POST or None, instance=member)
    if form.is_valid():
        form.save()
        messages.success(request, "Your details are saved.")
        return redirect("members:change_details")
    # What was typed stands in the form alone: the row may hold a refused name by now.
    return render(request, "members/change_details.html", {"form": form, "member": member_of(request)})


@login_required
@require_http_methods(["GET", "POST"])
def change_mail_preferences(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    form = ChangeMailPreferencesForm(
        request.POST if request.method == "POST" else None, stopped=stopped_categories(member.email)
    )
    if form.is_valid():
        actions.change_mail_preferences(member=member, wanted=form.cleaned_data, now=timezone.now())
        messages.success(request, "Your choice is saved.")
        return redirect("members:change_mail_preferences")
    return render(request, "members/change_mail_preferences.html", {"form": form})


@login_required
@require_GET
def membership_status(request: HttpRequest) -> HttpResponse:
    """How things stand with one's membership, and what happens next."""
    member = member_of(request)
    decision = member.membership_decisions.latest_first().first()
    return render(request, "members/membership_status.html", {"member": member, "decision": decision})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@confirmed_recently
def download_my_data(request: HttpRequest) -> HttpResponse:
    """GET says what is in the file, POST gives it."""
    if request.method == "GET":
        return render(request, "members/download_my_data.html")
    name = f"practice-portal-{timezone.localdate():%Y-%m-%d}.zip"
    return HttpResponse(
        personal_data.archive(member_of(request)),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@confirmed_recently
def leave(request: HttpRequest) -> HttpResponse:
    """GET says what goes and what stays, POST erases."""
    problem = ""
    if request.method == "POST":
        try:
            actions.erase_member(member=member_of(request), by=None, now=timezone.now())
        except ActionError as error:
            problem = error.message
        else:
            logout(request)
            return redirect("members:left")
    return render(request, "members/leave.html", {"problem": problem}, status=409 if problem else 200)


@login_not_required
@require_GET
def left(request: HttpRequest) -> HttpResponse:
    """The last page, after leaving."""
    return render(request, "members/left.html")


# --- Who sits there --------------------------------------------------------------------------------


@login_required
@require_GET
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Why staff need a second factor, and the two ways to set one up."""
    return render(request, "members/set_up_second_factor.html")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def confirm_by_code(request: HttpRequest) -> HttpResponse:
    """Prove by a code in a letter who sits there: for members with neither password nor second factor."""
    sent = request.session.get(CODE_KEY)
    is_sent = sent is not None and sent["expires_at"] > timezone.now().timestamp()
    form = ConfirmationCodeForm(request.POST or None) if is_sent else None
    if form is not None and form.is_valid():
        if _code_is_right(request, form.cleaned_data["code"]):
            member = member_of(request)
            record_authentication(request, member, "code", email=member.email, reauthenticated=True)
            response: HttpResponse | None = resume_request(request)
            return response or redirect("members:membership_status")
        if CODE_KEY not in request.session:
            messages.error(request, "That was too many tries. Ask for a new code.")
            return redirect(_with_next(request, "members:confirm_by_code"))
        form.add_error("code", "This code is not right. Check it, or ask for a new one.")
    context = {"form": form, "address": member_of(request).email, "next": _next(request)}
    return render(request, "members/confirm_by_code.html", context)


@login_required
@require_POST
def send_confirmation_code(request: HttpRequest) -> HttpResponse:
    """Send the code that `confirm_by_code` asks for."""
    member = member_of(request)
    refused: HttpResponse | None = ratelimit.consume_or_429(
        request, action="request_login_code", key=member.email
    )
    if refused is not None:
        return refused
    now = timezone.now()
    code = get_adapter().generate_login_code()
    with transaction.atomic():
        mail.confirmation_code(member=member, code=code, now=now)
    request.session[CODE_KEY] = {
        "digest": _digest(code),
        "expires_at": (now + CODE_LIVES).timestamp(),
        "tries_left": CODE_TRIES,
    }
    return redirect(_with_next(request, "members:confirm_by_code"))


def _digest(code: str) -> str:
    return salted_hmac(
        "members.confirmation_code", code.replace("-", "").replace(" ", "").upper()
    ).hexdigest()


def _code_is_right(request: HttpRequest, code: str) -> bool:
    """Compare, and use up the code: a right one at once, a wrong one after a few tries."""
    sent = request.session.pop(CODE_KEY)
    if constant_time_compare(sent["digest"], _digest(code)):
        return True
    if sent["tries_left"] > 1:
        request.session[CODE_KEY] = {**sent, "tries_left": sent["tries_left"] - 1}
    return False


def _next(request: HttpRequest) -> str:
    """Where to go on afterwards: an address of ours, or nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else ""


def _with_next(request: HttpRequest, name: str) -> str:
    wanted = _next(request)
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else "")


# --- In place of views of allauth ------------------------------------------------------------------


class ConfirmAddressView(ConfirmEmailView):
    """The page a letter's link leads to. An old or used link gets an explanation, also on the second click."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().post(*args, **kwargs)
        except Http404:
            response = super().get(*args, **kwargs)
        return response


class RemovePasskeyView(RemoveWebAuthnView):
    """Removes a passkey, unless it is the last second factor of somebody who needs one.

    allauth asks the adapter for authenticator apps only.
    """

    object: Authenticator

    def form_valid(self, form: Form) -> HttpResponse:
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.object):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_list_webauthn")
        response: HttpResponse = super().form_valid(form)
        return response


class MakeRecoveryCodesView(GenerateRecoveryCodesView):
    """Makes new recovery codes, also where the old ones cannot be read to say how many are left."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            context: dict[str, Any] = super().get_context_data(**kwargs)
        except SecretUnreadable:
            return FormView.get_context_data(self, **kwargs)
        return context


def codes_that_can_be_read(view: View) -> View:
    """In place of recovery codes that no key reads any more, the page that makes new ones."""

    @wraps(view)
    def readable(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SecretUnreadable:
            messages.error(request, "Your recovery codes do not work any more. Make new ones.")
            return redirect("mfa_generate_recovery_codes")

    return readable


confirm_address = ConfirmAddressView.as_view()
make_recovery_codes = MakeRecoveryCodesView.as_view()
remove_passkey = RemovePasskeyView.as_view()


# --- In place of views of Wagtail ------------------------------------------------------------------


@login_not_required
def sign_in_to_admin(request: HttpRequest) -> HttpResponseBase:
    """The Wagtail admin has no login form of its own."""
    return redirect(_with_next(request, "account_login"))


@login_not_required
def reset_admin_password(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    """Nor has it a form to reset a password."""
    return redirect("account_reset_password")


def no_users_in_bulk(_request: HttpRequest) -> NoReturn:
    """Nor is anybody deleted, let in again or given a role past the rules that hold for each one."""
    raise Http404
