"""One of the made-up events confirms in words of its organiser's own."""

from collections.abc import Sequence
from datetime import datetime

from events import actions, previews
from events.letter_kinds import KINDS
from events.models import EventPage
from members.models import User

ORGANISER = "organiser@portal.example"
CASE_CLINIC = "hostile-to-assessment"
KIND = "place_booked"
WHAT_TO_BRING = (
    "Bring one case on paper, without names, dates of birth or addresses. The group works on it for an hour."
)


def load(events: Sequence[EventPage], now: datetime) -> None:
    """Say in the confirmation of the case clinic what to bring."""
    organiser = User.objects.filter(email=ORGANISER).first()
    for event in events:
        if event.slug == CASE_CLINIC and organiser is not None:
            words = previews.default_words(KIND)
            own = words._replace(
                text=words.text.replace("{calendar_note}", f"{WHAT_TO_BRING}\n\n{{calendar_note}}")
            )
            actions.change_letter(event=event, kind=KINDS[KIND], words=own, actor=organiser, now=now)
