"""Which addresses are videos we may show."""

from urllib.parse import urlsplit

import pytest

from pages import videos

YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
VIMEO = "https://player.vimeo.com/video/76979871?dnt=1"


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", YOUTUBE),
        ("https://youtube.com/watch?t=3s&v=dQw4w9WgXcQ&list=x", YOUTUBE),
        ("https://m.youtube.com/watch?v=dQw4w9WgXcQ", YOUTUBE),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", YOUTUBE),
        ("https://www.youtube.com/live/dQw4w9WgXcQ", YOUTUBE),
        ("https://www.youtube.com/embed/dQw4w9WgXcQ", YOUTUBE),
        ("https://vimeo.com/76979871", VIMEO),
        ("https://player.vimeo.com/video/76979871", VIMEO),
        ("https://vimeo.com/76979871/0a1b2c", VIMEO),
    ],
)
def test_videos_of_known_providers_are_found(address, player):
    found = videos.find(address)

    assert found is not None
    assert (found.page, found.player) == (address, player)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://www.youtube.com/",
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",  # not encrypted
        "https://www.youtube.com.example.org/watch?v=dQw4w9WgXcQ",
        "https://example.org/?u=https://youtu.be/dQw4w9WgXcQ",
        "https://vimeo.com/about",
        "https://www.youtube.com/watch?v=short",
        'https://youtu.be/dQw4w9WgXcQ"onload=',
        "javascript:alert(1)//https://youtu.be/dQw4w9WgXcQ",
    ],
)
def test_other_addresses_are_not(address):
    assert videos.find(address) is None


def test_every_player_is_on_the_list_of_the_security_policy():
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(provider.player)) for provider in videos.PROVIDERS}

    assert origins == set(videos.FRAME_SOURCES)
