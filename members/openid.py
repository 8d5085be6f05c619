"""Signing in through an organisation's own OpenID Connect provider: allauth's two views, made to last.

What a provider answers is somebody else's data: whatever is wrong with it ends on a page that says so. And
nothing is locked here while the provider is asked, yet a new member is there with all that belongs to it or
not at all.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount import app_settings
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView, OAuth2View
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from requests import RequestException

NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "issuer")


@contextmanager
def their_answer() -> Iterator[None]:
    """Make one error of all that may be wrong with an answer."""
    try:
        yield
    except (AttributeError, LookupError, RequestException, TypeError, ValueError) as error:
        raise OAuth2Error("The provider's answer cannot be used.") from error


class Conversation(OpenIDConnectOAuth2Adapter):
    """What is said between portal and provider for one person."""

    def __init__(self, request: HttpRequest, provider_id: str, once_heard: Callable[[], object]) -> None:
        super().__init__(request, provider_id)
        self._once_heard = once_heard

    @property
    def openid_config(self) -> dict[str, Any]:
        with their_answer():
            config: dict[str, Any] = super().openid_config
            if not all(config[name].startswith(("https://", "http://")) for name in NEEDED):
                raise ValueError
        return config

    def get_provider(self) -> Any:
        provider = super().get_provider()
        # The provider asks for an adapter of its own on the way there.
        provider.get_oauth2_adapter = lambda _request: self
        return provider

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        with their_answer():
            return super().get_access_token_data(*args, **kwargs)

    def parse_token(self, data: Any) -> SocialToken:
        with their_answer():
            token: SocialToken = super().parse_token(data)
        return token

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Who it is, by the provider's word. Nothing else of what it says is kept."""
        with their_answer():
            login: SocialLogin = super().complete_login(request, app, token, **kwargs)
            uid = login.account.uid
            if not uid.isprintable() or len(uid) > app_settings.UID_MAX_LENGTH:
                raise ValueError
        login.account.extra_data = {}
        for address in login.email_addresses:
            # Some providers write the word, and the word “false” is true.
            address.verified = address.verified is True or str(address.verified).lower() == "true"
        self._once_heard()
        return login


@login_not_required
def sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Off to the provider."""
    return _answer(OAuth2LoginView, request, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider."""
    return _answer(OAuth2CallbackView, request, provider_id)


def _answer(view: type[OAuth2View], request: HttpRequest, provider_id: str) -> HttpResponse:
    with ExitStack() as stack:
        conversation = Conversation(
            request, provider_id, once_heard=lambda: stack.enter_context(transaction.atomic())
        )
        try:
            answer: HttpResponse = view.adapter_view(conversation)(request)
        except SocialApp.DoesNotExist:
            raise Http404 from None
        except OAuth2Error as error:
            answer = render_authentication_error(request, conversation.get_provider(), exception=error)
    return answer
