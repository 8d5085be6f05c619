"""A real OpenID Connect provider in a process of its own, and a person who signs in there."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote

import requests
from django.http import HttpResponse
from django.test import Client

from bench.services import free_port

LOGIN = "/account/oidc/organisation/login/?process=login"
READY_WITHIN_SECONDS = 20


@dataclass
class Provider:
    """Where it is, and who has an account there."""

    url: str

    def knows(self, subject: str, **claims: object) -> None:
        """Somebody has an account at the organisation, of whom it says this."""
        answer = requests.put(f"{self.url}/users/{quote(subject)}", json=claims, timeout=5)
        answer.raise_for_status()

    def vouches_that(self, page: str, subject: str) -> str:
        """Sign in on the provider's page; the address to which it sends the browser back."""
        answer = requests.post(page, data={"sub": subject}, allow_redirects=False, timeout=5)
        return answer.headers["Location"]

    def sign_in(self, browser: Client, subject: str, *, start: str = LOGIN) -> HttpResponse:
        """What the browser shows in the end to whoever pressed the button and signed in there."""
        page = browser.post(start)["Location"]
        return browser.get(self.vouches_that(page, subject), follow=True)


@contextmanager
def running() -> Iterator[Provider]:
    """Start a provider, and stop it."""
    port = free_port()
    provider = Provider(f"http://127.0.0.1:{port}")
    with subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(provider)
            yield provider
        finally:
            process.kill()


def _wait_for(provider: Provider) -> None:
    ends_at = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < ends_at:
        with suppress(requests.ConnectionError):
            requests.get(f"{provider.url}/.well-known/openid-configuration", timeout=5).raise_for_status()
            return
        time.sleep(0.05)
    raise TimeoutError("The OpenID Connect provider did not start.")
