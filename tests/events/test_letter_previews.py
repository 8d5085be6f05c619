"""Letters tried out: nobody gets them, and nobody can be harmed by one."""

import re

import pytest

from events import actions, previews
from events.letter_kinds import KINDS
from events.models import (
    EventLetter,
)
from events.placeholders import Words
from mailing.composition import attached, composed
from mailing.models import OutgoingMail
from tests.events.test_letter_wording import confirmation
from tests.events.test_letters import FORMATS, NOW, Reader, written


@pytest.mark.parametrize("where", FORMATS)
def test_preview_shows_every_kind_with_made_up_values(make_event, where):
    event = make_event(title="Rating together", **FORMATS[where])

    for name, kind in KINDS.items():
        letter = previews.preview(kind, previews.default_words(name), event=event, registration=None, now=NOW)
        assert "Rating together" in letter.subject
        assert not re.search(r"\{|\}|None", letter.text)


def test_preview_shows_a_person_and_leads_nowhere_they_could_be_harmed(make_event, member, wait, fill):
    event = make_event(capacity=1)
    fill(event, 1)
    fill(event, 1, "waiting")
    registration = wait(event, member)
    kind = KINDS["waiting_list_joined"]
    words = Words("{name}", "{place_in_line}\n\nSee it:\n{link}\n\n{cancel_link}")

    letter = previews.preview(kind, words, event=event, registration=registration, now=NOW)

    assert letter.subject == "Pat Practitioner"
    assert letter.text.startswith("1 person is ahead of you.")
    assert set(Reader(letter.html).links) == {"https://portal.example/events/event-1/"}


def test_send_test_letter_goes_to_whoever_tries_it_and_saves_nothing(event, member, organiser, book):
    registration = book(event, member)
    OutgoingMail.objects.all().delete()

    for _ in range(2):
        actions.send_test_letter(
            event=event,
            kind=KINDS["place_booked"],
            words=confirmation(),
            registration=registration,
            to=organiser,
            now=NOW,
        )

    assert [row.recipient for row in OutgoingMail.objects.all()] == [organiser.email] * 2
    assert composed(written()).text.startswith("Dear Pat,")
    assert str(registration.uuid) not in composed(written()).text
    assert attached(written()) == []
    assert EventLetter.objects.count() == 0
