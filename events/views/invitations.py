"""Answering an invitation with the link from the letter, and the account that follows from it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from events import actions, links, rules
from events.invitation_forms import DeclineInvitationForm, InvitedSignupForm
from events.models import EventPage, Invitation, InvitationWave, Registration
from events.places import Claim
from events.views import shared
from members.actions import release_address
from members.models import User
from pages.errors import ActionError

Answer = Invitation.Answer


@login_not_required
@require_http_methods(shared.GET_AND_POST)
def answer_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The event and two buttons, for whoever has the link. Mail gateways follow links, so only POST answers.

    A link that was made up and one whose invitation is gone look the same.
    """
    invitation = _invitation(token)
    if invitation is None:
        return _show_trial(request, token)
    if request.method != "POST":
        return _show(request, invitation)
    answer = request.POST.get("answer", "")
    form = DeclineInvitationForm(request.POST)
    if answer not in Answer.values or (answer != Answer.ACCEPTED and not form.is_valid()):
        return _show(request, invitation, form=form, status=400)
    try:
        actions.answer_invitation(
            invitation=invitation,
            answer=answer,
            reason="" if answer == Answer.ACCEPTED else form.cleaned_data["reason"],
            visitor=_visitor(request),
            now=timezone.now(),
        )
    except ActionError as refusal:
        return _show(request, invitation, refusal=refusal.message, status=409)
    accepted = answer == Answer.ACCEPTED
    return redirect(_way_on(request, invitation, token) if accepted else request.path)


def _show_trial(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a preview or a test letter, on which nothing is saved; or that the link does not work."""
    key = links.key_in(links.TRY_INVITATION, token)
    waves = InvitationWave.objects.select_related("event__venue").defer("event__body")
    wave = waves.filter(uuid=key).first() if key else None
    if wave is None:
        return _answer_page(request, {"invitation": None}, status=404)
    return _show(request, Invitation(event=wave.event, wave=wave, email="you@example.org"), is_trial=True)


def _invitation(token: str) -> Invitation | None:
    key = links.key_in(links.INVITE, token)
    return actions.invitation_with(key) if key else None


def _visitor(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _way_on(request: HttpRequest, invitation: Invitation, token: str) -> str:
    """To the registration form: at once, after signing in, or with a new account."""
    form = reverse("events:book_place", args=[invitation.event.uuid])
    if _visitor(request) is not None:
        return form
    if actions.account_of(invitation) is not None:
        return f"{reverse('account_login')}?{urlencode({'next': form})}"
    return reverse("events:sign_up_invited", args=[token])


def _show(
    request: HttpRequest,
    invitation: Invitation,
    *,
    form: DeclineInvitationForm | None = None,
    refusal: str = "",
    is_trial: bool = False,
    status: int = 200,
) -> HttpResponse:
    event, now, visitor = invitation.event, timezone.now(), _visitor(request)
    is_on = not event.is_cancelled and not event.is_over(now)
    invited = visitor if visitor is not None and actions.is_for(invitation, visitor) else None
    context = {
        "invitation": invitation,
        "event": event,
        "address": _shortened(invitation.email),
        "form": form or DeclineInvitationForm(),
        "refusal": refusal,
        "is_trial": is_trial,
        "is_over": event.is_over(now),
        "is_on": is_on,
        "is_public": _is_public(event),
        "can_accept": rules.is_open_for_registration(event, now),
        "opens_later": event.opens_after(now),
        **_places(invitation, invited, now),
        "keeps_until": invitation.kept_until,
        "is_somebody_else": visitor is not None and not is_trial and invited is None,
        "visitor": visitor,
        "registration": _registration(event, invited),
        "may_be_registered": invited is None,
    }
    return _answer_page(request, context, status=status)


def _places(invitation: Invitation, invited: User | None, now: datetime) -> dict[str, Any]:
    """Whether somebody who registers now has to wait, and whether a place that is kept is left for them.

    The organisation counts only of whoever is signed in: the link alone tells nothing of anybody.
    """
    keeps_place = invitation.keeps_place(now)
    room = Registration.objects.room_of(invitation.event, now)
    places = room.places_for(Claim(invited.organisation_id if invited else None, keeps_place))
    return {
        "places": places,
        "is_full": places.is_full,
        "keeps_place": keeps_place and not places.is_full and room.kept_from(Claim()) > 0,
    }


def _registration(event: EventPage, invited: User | None) -> Registration | None:
    """Of whoever is signed in and was invited. A link that was passed on shows nobody's."""
    if invited is None:
        return None
    return Registration.objects.visible_to(invited).active().filter(event=event.pk).first()


def _is_public(event: EventPage) -> bool:
    """Whether the page of the event can be linked to: somebody without an account follows it."""
    return event.live and not event.get_view_restrictions().exists()


def _shortened(address: str) -> str:
    """Enough of it for its owner to know it: a letter may have been passed on."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _answer_page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, "events/invitation.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    # The address is the right to answer: no other site learns it from a link that is followed here.
    response["Referrer-Policy"] = "same-origin"
    return response


class InvitedSignupView(SignupView):
    """An account for an address that was invited and has none. The link in the letter has proved the address."""

    template_name = "events/invitation_sign_up.html"
    invitation: Invitation
    token: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.token = kwargs["token"]
        found = _invitation(self.token)
        is_open = found is not None and rules.is_open_for_registration(found.event, timezone.now())
        if found is None or not is_open or found.answer != Answer.ACCEPTED or _visitor(request):
            return redirect("events:answer_invitation", self.token)
        if actions.account_of(found) is not None:
            return redirect(_way_on(request, found, self.token))
        self.invitation = found
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_class(self) -> type[InvitedSignupForm]:
        return InvitedSignupForm

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.invitation.email, "stated_organisation": self.invitation.organisation}

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """One transaction: the account, its address, its membership and its letters."""
        # Whoever opened an account for the address and never proved it yields to its owner. Before the
        # form is read, which would take the address for one that has an account.
        release_address(address=self.invitation.email, keeper=User())
        response: HttpResponseBase = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: InvitedSignupForm) -> HttpResponse:
        # allauth takes this address for proved: it writes no second letter to confirm it.
        get_adapter().stash_verified_email(self.request, self.invitation.email)
        response: HttpResponse = super().form_valid(form)
        if self.user is not None:
            Invitation.objects.filter(pk=self.invitation.pk).update(member=self.user)
            # Somebody who has to be let in first reads that, and where it stands, on the page they come to.
            may_register = self.invitation.event.is_enough(self.user)
            way_on = " Now register for the event." if may_register else ""
            messages.success(self.request, f"Your account is there.{way_on}")
        return response

    def get_success_url(self) -> str:
        return reverse("events:book_place", args=[self.invitation.event.uuid])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "event": self.invitation.event, "token": self.token}


sign_up_invited = login_not_required(InvitedSignupView.as_view())
