"""Letters in the admin: what was changed, changing, looking at and trying them out."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import previews
from events.letter_kinds import KINDS
from events.models import (
    EventLetter,
    EventPage,
    TeamMember,
)
from events.placeholders import Words
from mailing.composition import composed
from tests.events.test_letter_wording import confirmation
from tests.events.test_letters import NOW, written


def address(event: EventPage, name: str = "letters", kind: str | None = None) -> str:
    return reverse(f"events_admin:{name}", args=[event.pk, *([kind] if kind else [])])


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("role", "is_let_in"), [("manage", True), ("read", False), ("check in", False), (None, False)]
)
@pytest.mark.parametrize("name", ["letters", "change_letter", "restore_letter"])
def test_letters_are_for_those_who_manage_the_event(
    event, make_event, member, organiser, at_desk, change, role, is_let_in, name
):
    """By their role on the event's team. Wagtail sends away whom it refuses."""
    change(event, confirmation())
    other = make_event()
    if role:
        TeamMember.objects.create(event=event, member=member, role=role, added_at=NOW)
        member.groups.add(Group.objects.get(name="Event team"))
    kind = None if name == "letters" else "place_booked"
    browser = at_desk(member)

    assert (browser.get(address(event, name, kind)).status_code == 200) is is_let_in
    assert browser.get(address(other, name, kind)).status_code in {302, 403, 404}
    assert browser.post(address(other, name, kind)).status_code in {302, 403, 404, 405}
    assert EventLetter.objects.count() == 1


def test_letters_shows_what_was_changed_by_whom(desk, event, member, change):
    change(event, confirmation())
    EventLetter.objects.update(changed_by=member)
    change(event, Words("You wait", "{link}"), "waiting_list_joined")

    shown = text(desk.get(address(event)))

    assert shown.count("As delivered by the portal") == len(KINDS) - 2
    assert "Thursday 14 January 2027, 9:30am by Pat Practitioner." in shown
    assert "Thursday 14 January 2027, 9:30am by you." in shown
    assert "Look at it again" not in shown


def test_letters_says_which_lacks_what_the_event_needs_by_now(desk, event, change):
    change(event, Words("{Day}", "{link}"), "event_reminder")
    EventPage.objects.filter(pk=event.pk).update(format="hybrid")

    assert "Look at it again:</strong> Put {joining_link} into the text." in text(desk.get(address(event)))


def test_letters_costs_the_same_for_many(desk, make_event, organiser, change):
    costs = []
    for number in (0, 1, 3, len(KINDS)):
        event = make_event()
        for kind in list(KINDS)[:number]:
            words = previews.default_words(kind)
            change(event, words._replace(text=f"{words.text}\n\n{number}"), kind)
        desk.get(address(event))
        with CaptureQueriesContext(connection) as captured:
            desk.get(address(event))
        costs.append(len(captured))

    assert len(set(costs)) == 1


def test_change_letter_starts_from_the_portals_words_and_shows_them(desk, event):
    shown = desk.get(address(event, "change_letter", "place_booked"))

    form = shown.context["form"]
    assert Words(form["subject"].value(), form["text"].value()) == previews.default_words("place_booked")
    assert shown.context["preview"].subject == f"You are registered: {event.title}"
    assert "<code>{cancel_link}</code></dt><dd>address where they cancel without signing in" in text(shown)


def test_change_letter_saves_and_says_so(desk, event):
    sent = desk.post(
        address(event, "change_letter", "place_booked"), {**confirmation()._asdict(), "do": "save"}
    )

    assert sent.url == address(event)
    assert "“Confirmation” says what you wrote from now on." in text(desk.get(sent.url))
    assert EventLetter.objects.get().wording.subject == "Welcome to {event}"


def test_change_letter_keeps_what_was_typed_and_says_at_the_field_what_is_wrong(desk, event):
    shown = desk.post(
        address(event, "change_letter", "place_booked"),
        {"subject": "Hello {nmae}", "text": "Come.", "do": "save"},
    )

    assert shown.status_code == 200
    assert shown.context["form"].errors == {
        "subject": [shown.context["form"].errors["subject"][0]],
        "text": [
            "Put {link} into the text. It stands for: address of their registration, to see or change it."
        ],
    }
    assert "There is no placeholder {nmae}." in text(shown)
    assert "Hello {nmae}" in text(shown)
    assert EventLetter.objects.count() == 0


def test_change_letter_previews_what_was_typed_as_somebody(desk, event, member, book):
    registration = book(event, member)
    data = {**confirmation()._asdict(), "do": "preview", "reader": str(registration.uuid)}

    shown = desk.post(address(event, "change_letter", "place_booked"), data)

    assert shown.context["preview"].text.startswith("Dear Pat,\n\nSee you Thursday")
    assert "Preview as Pat Practitioner would get it" in text(shown)
    assert EventLetter.objects.count() == 0


def test_change_letter_previews_nobody_of_another_event(desk, make_event, member, book):
    event, other = make_event(), make_event()
    registration = book(other, member)
    data = {**confirmation()._asdict(), "do": "preview", "reader": str(registration.uuid)}

    shown = desk.post(address(event, "change_letter", "place_booked"), data)

    assert list(shown.context["form"].errors) == ["reader"]
    assert "Pat Practitioner" not in text(shown)


def test_change_letter_sends_a_test(desk, event, organiser):
    data = {**confirmation()._asdict(), "do": "test"}

    shown = desk.post(address(event, "change_letter", "place_booked"), data)

    assert f"A test letter is on its way to {organiser.email}. Nothing is saved yet." in text(shown)
    assert (written().recipient, composed(written()).subject) == (
        organiser.email,
        f"Welcome to {event.title}",
    )
    assert EventLetter.objects.count() == 0


@pytest.mark.parametrize("number", [1, 3, 200])
def test_change_letter_costs_the_same_for_many(desk, event, fill, number, django_assert_max_num_queries):
    fill(event, number)
    url = address(event, "change_letter", "place_booked")
    desk.get(url)

    with django_assert_max_num_queries(20):
        shown = desk.get(url)

    assert shown.content.decode().count("member-") + shown.content.decode().count("(registered)") == min(
        number, 50
    )


def test_there_is_no_page_for_a_letter_that_does_not_exist(desk, event):
    assert desk.get(address(event, "change_letter", "team_joined")).status_code == 404


def test_restore_letter_shows_both_and_restores(desk, event, change):
    change(event, confirmation())
    url = address(event, "restore_letter", "place_booked")

    shown = text(desk.get(url))
    assert "Welcome to {event}" in shown
    assert "You are registered: {event}" in shown
    assert EventLetter.objects.count() == 1
    assert desk.post(url).url == address(event)
    assert EventLetter.objects.count() == 0
    assert "says what the portal says already" in text(desk.get(url, follow=True))
