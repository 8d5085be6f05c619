"""The digest lists what one can still come to, in the order of the days, and counts in one way."""

from datetime import timedelta

import pytest

from home.actions import send_digest
from home.wording import counts_of
from mailing.composition import composed
from mailing.models import OutgoingMail

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([], []),
        ([(1, "event"), (3, "finding")], ["one event", "three findings"]),
        ([(9, "event"), (9, "finding")], ["nine events", "nine findings"]),
        ([(18, "event"), (3, "finding")], ["18 events", "3 findings"]),
        ([(1, "event"), (10, "finding")], ["1 event", "10 findings"]),
    ],
)
def test_counts_of_are_all_in_words_or_all_in_figures(numbers, words):
    assert counts_of(numbers) == words


def test_send_digest_lists_what_is_open_by_date(now, member, new_event, new_finding):
    for title, days, published in [("Third", 30, 1), ("First", 5, 3), ("Second", 20, 2)]:
        new_event(title=title, days=days, first_published_at=now - published * HOUR)
    new_event(title="Going on", days=-0.05)
    new_event(title="Closed", days=3, registration_closes_at=now - HOUR)
    for _ in range(8):
        new_finding()

    send_digest(now=now)

    letter = composed(OutgoingMail.objects.get())
    assert letter.subject == "New on the Practice Portal: three events and eight findings"
    listed = letter.text.split("Events to come\n\n")[1].partition("\n\n")[0]
    assert [line.removeprefix("- ").partition(".")[0] for line in listed.splitlines()] == [
        "First",
        "Second",
        "Third",
    ]


def test_the_subject_of_the_digest_counts_in_one_way(now, member, new_event, new_finding):
    for _ in range(11):
        new_event()
    new_finding()

    send_digest(now=now)

    assert (
        composed(OutgoingMail.objects.get()).subject == "New on the Practice Portal: 11 events and 1 finding"
    )
