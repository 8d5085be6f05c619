"""Keeps the Wagtail admin for sessions that were opened with a second factor."""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from members import rules
from members.models import User


class SecondFactorMiddleware:
    """Stands before every address of the Wagtail admin.

    Anonymous people are sent to sign in by LoginRequiredMiddleware. Of the others, those who have no
    business there get a 403 (Wagtail would send them to the sign-in page, which sends them back, for
    ever); staff without a second factor are sent to set one up, and staff whose session was opened
    without it have to use it first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or not request.path.startswith(reverse("wagtailadmin_home")):
            return None
        if not rules.must_use_second_factor(user):
            raise PermissionDenied
        if _used_second_factor(request, user):
            return None
        return HttpResponseRedirect(_way_in(request, user))


def _used_second_factor(request: HttpRequest, user: User) -> bool:
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


def _way_in(request: HttpRequest, user: User) -> str:
    """Where to use the second factor, or to set one up. Only a GET can be taken up again afterwards."""
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in kinds:
        page = "mfa_reauthenticate"
    elif Authenticator.Type.WEBAUTHN in kinds:
        page = "mfa_reauthenticate_webauthn"
    else:
        page = "members:set_up_second_factor"
    back = request.get_full_path() if request.method == "GET" else reverse("wagtailadmin_home")
    return f"{reverse(page)}?{urlencode({'next': back})}"
