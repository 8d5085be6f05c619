"""Small things in letters that are easily untrue: how many files there are, whose words they are."""

from decimal import Decimal

import pytest

from events import actions, changes, mail
from events.models import Certificate, Registration, Session
from mailing.composition import attached, composed
from mailing.models import OutgoingMail


def letter(kind: str) -> OutgoingMail:
    return OutgoingMail.objects.get(kind=f"events/mail/{kind}")


def change_of(event, what: changes.What) -> changes.SessionChange:
    session = Session(event=event, title="Rating", starts_at=event.starts_at, ends_at=event.ends_at)
    facts = {**session.calendar_facts(), "is_chosen": True}
    return changes.SessionChange(str(session.key), what, facts, facts)


@pytest.mark.parametrize(
    ("whats", "files", "says"),
    [
        ([], 1, "The attached file replaces the entry in your calendar."),
        ([changes.What.MOVED], 1, "The attached file replaces the entries in your calendar."),
        (
            [changes.What.MOVED, changes.What.CANCELLED],
            2,
            "The attached files replace the entries in your calendar.",
        ),
    ],
)
def test_a_change_speaks_of_as_many_files_as_there_are(event, member, book, now, whats, files, says):
    registration: Registration = book(event, member)
    before = {**event.calendar_facts(), "title": "Before"}

    found = [change_of(event, what) for what in whats]
    mail.event_changed(registration, event, before=before, sessions=found, now=now)

    assert len(attached(letter("event_changed"))) == files
    assert f"\n\n{says}\n\n" in composed(letter("event_changed")).text


def test_an_organisers_words_come_as_they_were_written(event, member, book, organiser, now):
    book(event, member)

    reason = "The trainer wrote:\n> not a quote\n>> nor this"
    actions.cancel_event(event=event, reason=reason, actor=organiser, now=now)

    assert (
        "The organiser writes:\n\n> The trainer wrote:\n> > not a quote\n> >> nor this\n\n"
        in composed(letter("event_cancelled")).text
    )
    assert "<br>\n&gt; not a quote<br>\n&gt;&gt; nor this" in composed(letter("event_cancelled")).html


def test_no_line_of_a_letter_ends_with_a_space(event, member, book, now):
    registration = book(event, member)
    certificate = Certificate(registration=registration, name="Pat", hours=Decimal(3), issued_at=now)
    mail.certificate_issued(registration, event, certificate)

    lines = composed(letter("certificate_issued")).text.splitlines()

    assert "Here is your certificate of attendance." in lines[0]
    assert [line for line in lines if line != line.rstrip() and line != "-- "] == []
