"""The list of who comes, in the admin: searched, filtered, and paged by key."""

from datetime import timedelta

import pytest

from events.models import (
    Attendance,
    Question,
    Registration,
    SensitiveAnswers,
    Session,
    SessionPlace,
)
from members.models import Organisation
from tests.events.desk import cost_of, list_url, names, text

pytestmark = pytest.mark.usefixtures("stopped_clock")

HOUR = timedelta(hours=1)


def test_registrations_shows_who_comes(desk, event, fill):
    fill(event, 1)
    fill(event, 6, "waiting")

    shown = text(desk.get(list_url(event)))

    assert "7 registrations in all, ended ones too." in shown
    assert "member-0@force.example Example Police Registered" in shown
    assert "On the waiting list (number 6)" in shown


@pytest.fixture
def different(event, make_members, now):
    """Four that differ in everything one can look for."""
    first, second, third, fourth = make_members(4)
    charity = Organisation.objects.create(name="Example Charity", kind="charity")
    session = Session.objects.create(
        event=event, title="Rating", starts_at=event.starts_at, ends_at=event.ends_at, is_chosen=True
    )
    questions = [
        Question.objects.create(event=event, label=label, kind=kind, options="Été\nHiver", sort_order=order)
        for order, (label, kind) in enumerate(
            [("Season", "choice"), ("Seasons", "choices"), ("Vegetarian", "yes or no"), ("Why", "text")]
        )
    ]
    keys = [str(question.key) for question in questions]
    rows = [
        Registration(event=event, member=first, state="confirmed", organisation=first.organisation,
                     answers=dict(zip(keys, ["Été", ["Été", "Hiver"], True, "Because of rating"], strict=True))),
        Registration(event=event, member=second, state="waiting", organisation=charity, waiting_number=1,
                     answers=dict(zip(keys, ["Hiver", ["Hiver"], False, "No reason"], strict=True))),
        Registration(event=event, member=third, state="cancelled", organisation=first.organisation),
        Registration(event=event, member=fourth, state="confirmed", organisation=None),
    ]  # fmt: skip
    for position, row in enumerate(rows):
        row.registered_at = now - position * HOUR
        row.save()
    SessionPlace.objects.create(registration=rows[1], session=session, chosen_at=now)
    Attendance.objects.create(registration=rows[0], is_present=True, noted_at=now)
    Attendance.objects.create(registration=rows[3], is_present=False, noted_at=now)
    return {"session": session.pk, "charity": charity.pk, "names": [f"answer-{q.key.hex}" for q in questions]}


ALL_FOUR = ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL_FOUR),
        ("state=waiting", ["1"]),
        ("state=waiting&state=cancelled", ["1", "2"]),
        ("organisation={charity}", ["1"]),
        ("kind=charity", ["1"]),
        ("kind=police force", ["0", "2"]),
        ("session={session}", ["1"]),
        ("attended=yes", ["0"]),
        ("attended=no", ["1", "2", "3"]),
        ("q=Member", ALL_FOUR),
        ("q=member-1", ["1"]),
        ("q=charity", ["1"]),
        ("q=member charity", ["1"]),
        ("q=Nobody", []),
        ("{names[0]}=Été", ["0"]),
        ("{names[1]}=Été", ["0"]),
        ("{names[1]}=Hiver", ["0", "1"]),
        ("{names[2]}=yes", ["0"]),
        ("{names[2]}=no", ["1"]),
        ("{names[3]}=RATING", ["0"]),
        ("state=confirmed&attended=no", ["3"]),
        ("order=name", ALL_FOUR),
        ("state=nonsense", ALL_FOUR),
        ("organisation=nonsense&session=0&kind=x&attended=perhaps&order=x", ALL_FOUR),
        ("after=nonsense&before=nonsense", ALL_FOUR),
    ],
)
def test_registrations_can_be_searched_and_filtered(desk, event, different, query, expected):
    shown = desk.get(f"{list_url(event)}?{query.format(**different)}")

    assert names(shown) == expected
    assert shown.context["number"] == len(expected)


def test_registrations_cannot_be_found_by_a_sensitive_answer(desk, event, ask, fill):
    question = ask("Needs", is_sensitive=True)
    SensitiveAnswers.objects.create(registration=fill(event, 2)[0], answers={str(question.key): "wheelchair"})

    shown = desk.get(f"{list_url(event)}?answer-{question.key.hex}=wheelchair")

    assert (len(names(shown)), "Needs" in text(shown), "wheelchair" in text(shown)) == (2, False, False)


def test_registrations_of_another_event_are_not_in_the_list(desk, make_event, fill):
    event, other = make_event(), make_event()
    fill(event, 1)
    fill(other, 1)

    assert names(desk.get(list_url(event))) == ["0"]


def test_a_member_who_left_is_shown_without_a_name(desk, event, fill):
    fill(event, 1)
    Registration.objects.update(member=None)

    assert "A member who has left" in text(desk.get(list_url(event)))


def test_registrations_take_any_words_to_search_for(desk, event, fill, naughty_strings):
    fill(event, 1)

    for words in (*naughty_strings[::40], "\x00", "'; DROP TABLE events_registration; --"):
        assert desk.get(list_url(event), {"q": words}).status_code == 200


@pytest.mark.parametrize("order", ["", "name"])
def test_registrations_are_paged_by_key_both_ways(desk, event, fill, monkeypatch, order):
    monkeypatch.setattr("events.admin_views.registrations.ROWS_ON_PAGE", 3)
    fill(event, 8)  # all registered at the same moment: the key decides
    seen, back, query = [], [], f"?order={order}"

    page = desk.get(list_url(event) + query)
    while True:
        seen.append(names(page))
        if page.context["page"].after is None:
            break
        page = desk.get(f"{list_url(event)}{query}&after={page.context['page'].after}")
    while True:
        back.append(names(page))
        if page.context["page"].before is None:
            break
        page = desk.get(f"{list_url(event)}{query}&before={page.context['page'].before}")

    expected = [str(number) for number in range(8)]
    if order == "":
        expected.reverse()
    assert [name for page_of_names in seen for name in page_of_names] == expected
    assert back == seen[::-1]


def test_registrations_cost_the_same_for_many(desk, make_event, fill):
    costs = []
    for number in (3, 5000):
        event = make_event()
        Question.objects.create(event=event, label="Why")
        fill(event, number)
        fill(event, 2, "waiting")
        costs.append(cost_of(desk, list_url(event)))
        costs.append(cost_of(desk, list_url(event) + "?q=member&state=confirmed"))

    assert costs[0] == costs[2]
    assert costs[1] == costs[3]
