"""Addresses under /account/: allauth's, each POST of them in one transaction."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from allauth import urls as allauth_urls
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path

from members import openid, views

# These are in a transaction from when the provider was heard: `openid.py`.
IN_A_TRANSACTION_OF_THEIR_OWN = {"openid_connect_callback", "openid_connect_login"}
# Whoever has neither password nor second factor is let through here by allauth without being asked.
ASK_FOR_A_CODE = {
    "account_email",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "socialaccount_connections",
}

SHOW_RECOVERY_CODES = {"mfa_view_recovery_codes", "mfa_download_recovery_codes"}

View = Callable[..., HttpResponse]


def in_a_transaction(view: View) -> View:
    """Letters, rows and what allauth changes are there together, or not at all.

    Reading needs none, and on SQLite a transaction takes the only lock for writing.
    """

    @wraps(view)
    def atomic(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return atomic


def wrapped(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The same patterns, their views in transactions and behind a code. Changes what it is given."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            wrapped(pattern.url_patterns)
        else:
            view = pattern.callback
            if pattern.name not in IN_A_TRANSACTION_OF_THEIR_OWN:
                view = in_a_transaction(view)
            if pattern.name in SHOW_RECOVERY_CODES:
                view = views.codes_that_can_be_read(view)
            asks = pattern.name in ASK_FOR_A_CODE
            pattern.callback = views.confirmed_without_password(view) if asks else view
    return list(patterns)


# The first pattern that fits an address wins, so ours stand before allauth's of the same name.
urlpatterns = wrapped(
    [
        re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.confirm_address, name="account_confirm_email"),
        path("2fa/recovery-codes/generate/", views.make_recovery_codes, name="mfa_generate_recovery_codes"),
        path("2fa/webauthn/keys/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
        path("oidc/<str:provider_id>/login/", openid.sign_in, name="openid_connect_login"),
        path("oidc/<str:provider_id>/login/callback/", openid.callback, name="openid_connect_callback"),
        *allauth_urls.urlpatterns,
    ]
)
