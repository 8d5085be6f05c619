"""Which videos of other sites a page may show, and from where their player comes.

Pure: no request leaves the server, nothing of the provider's HTML enters a page. The same list gives the
content security policy its `frame-src`.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """A site whose videos may be shown."""

    name: str
    address: re.Pattern[str]
    player: str


@dataclass(frozen=True)
class Video:
    """One video: its own page, and the player that may be framed."""

    provider: str
    page: str
    player: str


PROVIDERS = [
    Provider(
        "YouTube",
        re.compile(
            r"^https://(?:(?:www\.|m\.)?youtube\.com/(?:watch\?(?:[^#]*&)?v=|embed/|live/|shorts/)|youtu\.be/)"
            r"(?P<id>[\w-]{11})(?:[?&#].*)?$"
        ),
        "https://www.youtube-nocookie.com/embed/{id}",
    ),
    Provider(
        "Vimeo",
        re.compile(r"^https://(?:www\.|player\.)?vimeo\.com/(?:video/)?(?P<id>\d+)(?:[/?#].*)?$"),
        "https://player.vimeo.com/video/{id}?dnt=1",
    ),
]

# For the content security policy.
FRAME_SOURCES = ["https://www.youtube-nocookie.com", "https://player.vimeo.com"]


def find(address: str) -> Video | None:
    """The video at this address, or nothing when it is not of a provider we know."""
    for provider in PROVIDERS:
        if match := provider.address.match(address):
            return Video(provider.name, address, provider.player.format(id=match["id"]))
    return None


def names() -> str:
    """The providers in words: "YouTube or Vimeo"."""
    return " or ".join(provider.name for provider in PROVIDERS)
