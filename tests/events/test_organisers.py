"""What organisers see of registrations in the Wagtail admin, and cancelling there."""

from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import actions
from events.forms import CancelEventForm
from events.models import EventPage, Registration
from tests.events.test_actions import letters

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(now):
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


@pytest.fixture
def desk(at_desk, organiser):
    """The browser of an organiser in the admin."""
    return at_desk(organiser)


def list_url(event: EventPage) -> str:
    return reverse("events_admin:registrations", args=[event.pk])


def cancel_url(registration: Registration) -> str:
    return reverse("events_admin:cancel_registration", args=[registration.event_id, registration.uuid])


def cancel_event_url(event: EventPage) -> str:
    return reverse("events_admin:cancel_event", args=[event.pk])


def text(response) -> str:
    return " ".join(response.content.decode().split())


def names(response) -> list[str]:
    """Whose registrations a list shows, in its order."""
    return [registration.member.last_name for registration in response.context["object_list"]]


# --- The list --------------------------------------------------------------------------------------------------


def test_registrations_show_numbers_and_people(desk, make_event, fill, member, book):
    event = make_event(title="Rating together", capacity=60)
    fill(event, 40)
    fill(event, 7, "waiting")
    Registration.objects.filter(waiting_number=1).delete()
    EventPage.objects.filter(pk=event.pk).update(capacity=1000)
    Registration.objects.create(
        event=event, member=member, state="cancelled", registered_at=event.starts_at - 90 * DAY
    )

    shown = text(desk.get(list_url(event)))

    assert "<strong>40 of 1,000</strong> places are taken. 6 wait." in shown
    assert "Registered: 40. On the waiting list: 6. Cancelled: 1." in shown
    assert "member-39@force.example" in shown
    assert "Example Police" in shown
    assert "On the waiting list (number 6)" in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?state=waiting", ["2"]),
        ("?state=waiting&state=confirmed", ["2", "1", "0"]),
        ("?q=Member", ["2", "1", "0"]),
        ("?q=member-1", ["1"]),
        ("?q=Nobody", []),
        ("?ordering=member__last_name", ["0", "1", "2"]),
        ("?ordering=state", ["0", "1", "2"]),
        ("?state=nonsense", ["2", "1", "0"]),
        ("?ordering=nonsense", ["2", "1", "0"]),
        ("?p=99", ["2", "1", "0"]),
    ],
)
def test_registrations_can_be_searched_filtered_and_sorted(desk, event, fill, query, expected):
    fill(event, 2)
    fill(event, 1, "waiting")

    assert names(desk.get(list_url(event) + query)) == expected


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


def test_registrations_cost_the_same_for_many(desk, make_event, fill):
    costs = []
    for number in (1, 3, 200):
        event = make_event()
        fill(event, number)
        desk.get(list_url(event))
        with CaptureQueriesContext(connection) as captured:
            desk.get(list_url(event))
        costs.append(len(captured))

    assert costs[0] == costs[1]
    # With a second page there is a question of how many there are; with 5,000 it is the same one.
    assert costs[2] <= costs[1] + 1


# --- Cancelling ------------------------------------------------------------------------------------------------


def test_cancelling_on_behalf_asks_first_and_tells_the_member(desk, event, member, book):
    registration = book(event, member)

    shown = desk.get(cancel_url(registration))
    registration.refresh_from_db()
    assert "<strong>Pat Practitioner</strong>, Example Police," in text(shown)
    assert registration.state == "confirmed"

    sent = desk.post(cancel_url(registration))

    registration.refresh_from_db()
    assert (registration.state, sent.url) == ("cancelled", list_url(event))
    assert letters()[-1] == ("registration_cancelled", "practitioner")


def test_cancelling_on_behalf_what_has_ended_is_refused(desk, event, member, book, now):
    registration = book(event, member)
    actions.cancel_registration(registration=registration, actor=member, now=now)

    assert desk.post(cancel_url(registration)).status_code in {302, 403}
    assert len(letters()) == 2


def test_a_registration_is_only_found_under_its_event(desk, make_event, member, book):
    registration, other = book(make_event(), member), make_event()
    url = reverse("events_admin:cancel_registration", args=[other.pk, registration.uuid])

    assert desk.post(url).status_code == 404


def test_cancelling_an_event_wants_a_reason_and_tells_everybody(desk, event, fill, member, book):
    book(event, member)

    shown, without = desk.get(cancel_event_url(event)), desk.post(cancel_event_url(event), {"reason": " "})
    assert "1 person who is registered or waits gets a letter" in text(shown)
    assert without.context["form"].errors.as_data()["reason"][0].code == "required"
    event.refresh_from_db()
    assert not event.is_cancelled

    sent = desk.post(cancel_event_url(event), {"reason": "The trainer is ill."})

    event.refresh_from_db()
    assert (event.is_cancelled, event.cancellation_reason) == (True, "The trainer is ill.")
    assert sent.url == list_url(event)
    assert letters()[-1] == ("event_cancelled", "practitioner")


def test_cancelling_an_event_twice_is_refused(desk, event):
    desk.post(cancel_event_url(event), {"reason": "First."})
    desk.post(cancel_event_url(event), {"reason": "Second."})

    event.refresh_from_db()
    assert event.cancellation_reason == "First."


def test_every_naughty_string_can_be_a_reason_or_is_refused(event, organiser, naughty_strings, now):
    for words in naughty_strings:
        EventPage.objects.update(cancelled_at=None)
        form = CancelEventForm({"reason": words})
        if form.is_valid():
            actions.cancel_event(event=event, reason=form.cleaned_data["reason"], actor=organiser, now=now)

            event.refresh_from_db()
            assert event.cancellation_reason == form.cleaned_data["reason"]
        else:
            assert list(form.errors) == ["reason"]


# --- Ways there ------------------------------------------------------------------------------------------------


def test_the_page_of_an_event_leads_to_its_registrations(desk, event):
    shown = text(desk.get(reverse("wagtailadmin_pages:edit", args=[event.pk])))

    assert list_url(event) in shown
    assert cancel_event_url(event) in shown


def test_the_list_of_pages_leads_there_too(desk, index, event):
    shown = text(desk.get(reverse("wagtailadmin_explore", args=[index.pk])))

    assert list_url(event) in shown


def test_a_cancelled_or_past_event_is_not_offered_to_be_cancelled(desk, make_event, now):
    for event in (make_event(cancelled_at=now), make_event(starts_at=now - DAY)):
        for url in (reverse("wagtailadmin_pages:edit", args=[event.pk]), list_url(event)):
            assert cancel_event_url(event) not in text(desk.get(url))


def test_the_front_panel_shows_the_next_events(desk, make_event, fill, now):
    soon = make_event(title="Rating together", capacity=60)
    fill(soon, 41)
    fill(soon, 6, "waiting")
    make_event(title="No limit", starts_at=now + 200 * DAY)
    make_event(title="Cancelled", cancelled_at=now)
    make_event(title="Over", starts_at=now - DAY)
    make_event(title="Draft", live=False)

    shown = text(desk.get(reverse("wagtailadmin_home"))).split("Your next events")[1]

    assert (
        f'<a href="{list_url(soon)}">Rating together</a>, Thursday 25 March 2027, 9:30am to 12:30pm: '
        "41 registered of 60, 6 waiting"
    ) in shown
    assert "No limit</a>, Monday 2 August 2027, 10:30am to 1:30pm: 0 registered </li>" in shown
    assert [title for title in ("Cancelled", "Over", "Draft") if f">{title}</a>" in shown] == []


@pytest.mark.parametrize("role", ["Editors", "Membership managers", "Moderators"])
def test_other_roles_see_nothing_of_it(at_desk, django_user_model, event, member, book, role):
    registration = book(event, member)
    person = django_user_model.objects.create_user("other@portal.example", state="approved")
    person.groups.add(Group.objects.get(name=role))
    desk = at_desk(person)

    answers = [
        getattr(desk, method)(url).status_code
        for url in (list_url(event), cancel_url(registration), cancel_event_url(event))
        for method in ("get", "post")
    ]

    assert set(answers) <= {403, 302}
    assert "Your next events" not in text(desk.get(reverse("wagtailadmin_home")))
    registration.refresh_from_db()
    event.refresh_from_db()
    assert (registration.state, event.is_cancelled) == ("confirmed", False)
    assert letters() == [("place_booked", "practitioner")]


def test_members_and_visitors_never_get_there(client, event, member, book):
    registration = book(event, member)
    urls = (list_url(event), cancel_url(registration), cancel_event_url(event))

    assert {client.get(url).status_code for url in urls} == {302}
    client.force_login(member)
    assert {client.get(url).status_code for url in urls} == {403}
