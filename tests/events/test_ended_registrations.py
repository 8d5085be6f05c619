"""What a registration's page says after its end, and to somebody whose page is out of date."""

from datetime import timedelta

import pytest
from django.urls import reverse

from events import actions, links
from events.models import EventPage, Registration, SeriesPage
from mailing.composition import composed
from mailing.models import OutgoingMail
from tests.events.filling import text

HOUR = timedelta(hours=1)
State = Registration.State

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def browser(client, member):
    client.force_login(member)
    return client


def url_of(registration: Registration, verb: str = "registration") -> str:
    return reverse(f"events:{verb}", args=[registration.uuid])


def link_of(registration: Registration) -> str:
    return reverse("events:cancel_by_link", args=[links.token(links.CANCEL, registration.uuid)])


def offered(event: EventPage, member, wait, fill, now) -> Registration:
    """The only place, offered to the member."""
    [there] = fill(event, 1)
    registration = wait(event, member)
    actions.cancel_registration(registration=there, actor=there.member, now=now, tells_member=False)
    registration.refresh_from_db()
    assert registration.state == State.OFFERED
    return registration


# --- What becomes of the place -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capacity", "others", "waiting", "goes_on"), [(400, 394, 0, False), (1, 0, 0, False), (1, 0, 1, True)]
)
def test_cancelling_says_what_becomes_of_the_place(
    browser, make_event, member, book, fill, capacity, others, waiting, goes_on
):
    event = make_event(capacity=capacity)
    fill(event, others)
    registration = book(event, member)
    fill(event, waiting, "waiting")

    for url in (url_of(registration, "cancel_registration"), link_of(registration)):
        shown = text(browser.get(url))

        assert ("Your place goes to the next person waiting." in shown) is goes_on
        assert ("you can only join the waiting list again, at its end." in shown) is goes_on
        assert ("Your place becomes free for somebody else." in shown) is not goes_on


@pytest.mark.parametrize(
    ("fields", "then", "says"),
    [
        ({}, 0, "register again</a>."),
        ({"needs_approval": True}, 0, "ask for a place again</a>."),
        ({"capacity": 1}, 1, "join the waiting list</a>, at its end."),
        (
            {"capacity": 1, "has_waiting_list": False},
            1,
            "All places are taken, and this event keeps no waiting list.",
        ),
        ({"registration_closes_at": 1}, 0, "Registration closed on Thursday 14 January 2027, 8:30am."),
    ],
)
def test_a_cancelled_registration_says_what_can_be_done_now(
    browser, make_event, member, organiser, fill, now, fields, then, says
):
    closes = fields.pop("registration_closes_at", None)
    event = make_event(**fields)
    registration = actions.book_place(event=event, member=member, actor=organiser, now=now)
    actions.cancel_registration(registration=registration, actor=member, now=now)
    fill(event, then)
    if closes:
        EventPage.objects.filter(pk=event.pk).update(registration_closes_at=now - closes * HOUR)

    shown = text(browser.get(url_of(registration)))

    assert "This registration is cancelled" in shown
    assert says in shown
    assert ("register again" in shown) is (says == "register again</a>.")


def test_a_cancelled_registration_leads_to_the_one_since(browser, event, member, book, now):
    first = book(event, member)
    actions.cancel_registration(registration=first, actor=member, now=now)
    second = book(event, member)

    shown = text(browser.get(url_of(first)))

    assert f'href="{url_of(second)}">see that registration</a>' in shown


def test_a_cancelled_date_leads_to_the_course(browser, index, make_event, member, now):
    course = index.add_child(
        instance=SeriesPage(title="Supervising well", slug="supervising", is_booked_as_one=True)
    )
    make_event(series=course)
    made = actions.book_series(series=course, member=member, actor=member, now=now)
    actions.cancel_registration(registration=made[0], actor=member, now=now)

    shown = text(browser.get(url_of(made[0])))

    assert f'<a class="govuk-link" href="{course.address}">See what you can do now</a>' in shown
    assert "register again" not in shown


def test_a_place_that_a_colleague_took_says_so(browser, event, member, other_member, book, give, now):
    registration = book(event, member)
    handover = give(registration, other_member.email)
    actions.take_handover(handover=handover, actor=other_member, now=now)

    shown = text(browser.get(url_of(registration)))

    assert "Your colleague has your place" in shown
    assert "They took it on Thursday 14 January 2027, 9:30am. You are not registered any more." in shown
    assert "This registration is cancelled" not in shown


def test_an_organisers_note_afterwards_changes_nothing(
    browser, event, member, other_member, organiser, book, give, now
):
    registration = book(event, member)
    handover = give(registration, other_member.email)
    actions.take_handover(handover=handover, actor=other_member, now=now)
    actions.write_note(registration=registration, text="Asked by telephone.", actor=organiser, now=now)

    assert "Your colleague has your place" in text(browser.get(url_of(registration)))


def test_declining_an_offer_with_the_letters_link_says_what_was_declined(
    browser, make_event, member, fill, wait, now
):
    registration = offered(make_event(capacity=1), member, wait, fill, now)

    after = text(browser.post(link_of(registration), follow=True))

    [letter] = OutgoingMail.objects.filter(kind="events/mail/registration_cancelled")
    title = registration.event.title
    assert composed(letter).subject == f"Place declined: {title}"
    assert composed(letter).text.startswith(
        f"You declined the place that was offered to you at “{title}”. You are not on the waiting list any more.\n"
    )
    assert "You declined the place, and left the waiting list." in after
    assert "You declined it on Thursday 14 January 2027, 9:30am" in text(browser.get(url_of(registration)))
    assert registration.steps.order_by("-pk").first().verb == "decline_place"


def test_an_offer_that_an_organiser_withdrew_says_so(make_event, member, organiser, fill, wait, now):
    registration = offered(make_event(capacity=1), member, wait, fill, now)

    actions.cancel_registration(registration=registration, actor=organiser, now=now)

    letter = composed(OutgoingMail.objects.get(kind="events/mail/registration_cancelled"))
    assert letter.subject == f"Offered place withdrawn: {registration.event.title}"
    assert letter.text.startswith("The organiser withdrew the place that was offered to you at ")


# --- A page that is out of date ------------------------------------------------------------------------------


def test_declining_in_a_second_tab_what_was_taken_in_the_first_says_that_nothing_was_declined(
    browser, make_event, member, fill, wait, now
):
    registration = offered(make_event(capacity=1), member, wait, fill, now)
    actions.take_place(registration=registration, actor=member, now=now)

    shown = text(browser.post(url_of(registration, "decline_place"), follow=True))

    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert (
        "Nothing was declined: you took this place before. To give it up, cancel your registration." in shown
    )


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("cancel_registration", "Nothing was cancelled: this registration had ended before."),
        ("decline_place", "Nothing was declined: this registration had ended before."),
        ("take_place", "The place was not taken: this registration had ended before."),
        ("hand_over", "Nothing was passed on: this place is not yours to give any more."),
    ],
)
def test_whatever_is_pressed_after_the_end_says_that_nothing_happened(
    browser, event, member, book, now, verb, says
):
    registration = book(event, member)
    actions.cancel_registration(registration=registration, actor=member, now=now)

    assert says in text(browser.post(url_of(registration, verb), follow=True))
    if verb != "take_place":
        assert says not in text(browser.get(url_of(registration, verb), follow=True))


def test_taking_twice_says_nothing_since_the_place_is_theirs(browser, make_event, member, fill, wait, now):
    registration = offered(make_event(capacity=1), member, wait, fill, now)
    actions.take_place(registration=registration, actor=member, now=now)

    shown = text(browser.post(url_of(registration, "take_place"), follow=True))

    assert "You are registered" in shown
    assert "not taken" not in shown


def test_cancelling_after_the_end_of_the_event_says_that_it_is_over(browser, event, member, book, now):
    registration = book(event, member)
    EventPage.objects.filter(pk=event.pk).update(starts_at=now - 3 * HOUR, ends_at=now - HOUR)

    shown = text(browser.post(url_of(registration, "cancel_registration"), follow=True))

    assert "Nothing was cancelled: this event is over." in shown


def test_cancelling_twice_by_the_letters_link_says_that_it_had_ended(client, event, member, book, now):
    registration = book(event, member)
    actions.cancel_registration(registration=registration, actor=member, now=now)

    shown = text(client.post(link_of(registration)))

    assert "Nothing was changed" in shown
    assert "This registration had ended before." in shown
    assert "Nothing was changed" not in text(client.get(link_of(registration)))


def test_keeping_a_place_that_a_colleague_took_says_so(browser, event, member, other_member, book, give, now):
    registration = book(event, member)
    handover = give(registration, other_member.email)
    shown = text(browser.get(url_of(registration)))
    assert ("Keep it after all" in shown, "Pass your place to a colleague" in shown) == (True, False)
    actions.take_handover(handover=handover, actor=other_member, now=now)

    shown = text(browser.post(url_of(registration, "withdraw_handover"), follow=True))

    assert "Nothing was changed: your colleague has taken the place or declined it." in shown


# --- Links that do not work ----------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["cancel_by_link", "answer_invitation", "answer_as_manager"])
@pytest.mark.parametrize("token", ["garbled", "0" * 32 + ".x", None])
def test_a_link_that_does_not_work_says_so(client, db, purpose, token):
    signed_for_another = links.token("events.something_else", links.UUID(int=1))

    answer = client.get(reverse(f"events:{purpose}", args=[token or signed_for_another]))

    assert (answer.status_code, answer["Cache-Control"]) == (404, "private, no-store")
    assert "This link does not work" in text(answer)
    assert "There is no page here" not in text(answer)


def test_the_link_of_somebody_who_left_is_as_any_other(client, event, member, book):
    registration = book(event, member)
    link = link_of(registration)
    Registration.objects.update(member=None)

    answer = client.get(link)

    assert (answer.status_code, "This link does not work" in text(answer)) == (404, True)
