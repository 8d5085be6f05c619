"""What the front page holds before editors make it their own.

Nothing here promises what the portal does not do yet. Values are in the form in which StreamFields and
rich text are stored; `pages` are the primary keys of the pages by slug.
"""

from collections.abc import Mapping

from home.standing_texts import Block

Pages = Mapping[str, int]

SEARCHES_TO_TRY = "risk management system\nlearning difficulties\nemotional congruence"

_DOORS = (
    (
        "calendar",
        "Meet",
        "events",
        "Conferences and workshops across agencies. Register in two minutes, and get your certificate afterwards.",
    ),
    (
        "book",
        "Find what works",
        "library",
        "What evaluations and studies have found, in plain words, with the publication to cite.",
    ),
    (
        "shield",
        "Discuss a hard case",
        "hard-cases",
        "Forums without anybody’s name are being prepared. Read how they will protect people, and whom to ask now.",
    ),
)
_PROMISES = (
    ("Every figure says what it was counted from and where it was published.", "", ""),
    (
        "You can download everything held about you, and leave, whenever you like.",
        "Privacy notice",
        "privacy",
    ),
    ("No advertising, no trackers, and no cookies but the few that signing in needs.", "Cookies", "cookies"),
    (
        "We say what is anonymous here, what is not yet, and what cannot be.",
        "How anonymity works",
        "anonymity",
    ),
)


def doors(pages: Pages) -> list[Block]:
    """The ways into the parts of the portal; none to a page that is gone."""
    return [
        {"type": "door", "value": {"icon": icon, "link": _link(title, pages[slug]), "text": text}}
        for icon, title, slug, text in _DOORS
        if slug in pages
    ]


def promises(pages: Pages) -> list[Block]:
    """What the portal keeps today."""
    return [
        {"type": "promise", "value": {"text": text, "more": _more(label, pages.get(slug))}}
        for text, label, slug in _PROMISES
    ]


def _more(label: str, page: int | None) -> list[Block]:
    return [_link(label, page)] if page else []


def _link(label: str, page: int) -> Block:
    return {"label": label, "page": page, "address": ""}
