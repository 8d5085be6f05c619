"""What a member sees and does: registering, the waiting list, one's own registration."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import actions, invitation_letters, messages
from events.models import EventPage, Registration
from mailing.models import OutgoingMail
from members.models import User

State = Registration.State
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(now):
    """The views' clock stands still."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


def text(response) -> str:
    """What a page says, spaces evened out."""
    return " ".join(response.content.decode().split())


def book_url(event: EventPage) -> str:
    return reverse("events:book_place", args=[event.uuid])


def wait_url(event: EventPage) -> str:
    return reverse("events:join_waiting_list", args=[event.uuid])


def url_of(registration: Registration, verb: str = "registration") -> str:
    return reverse(f"events:{verb}", args=[registration.uuid])


# --- Several days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ({"lasts": 30 * HOUR}, "Thursday 25 March 2027, 9:30am to Friday 26 March 2027, 3:30pm"),
        ({"lasts": 3 * HOUR}, "Thursday 25 March 2027, 9:30am to 12:30pm"),
        ({"lasts": 30 * HOUR, "date_precision": "month"}, "March 2027"),
    ],
)
def test_everybody_who_comes_reads_when_several_days_start_and_end(
    signed_in, make_event, member, book, now, fields, when
):
    starts_at = now + timedelta(weeks=10)
    event = make_event(starts_at=starts_at, ends_at=starts_at + fields.pop("lasts"), **fields)

    form = text(signed_in.get(book_url(event)))
    own = text(signed_in.get(url_of(book(event, member))))

    assert event.when_in_full == when
    assert f"</svg>{when}</li>" in form
    assert f'When</dt><dd class="govuk-summary-list__value">{when}</dd>' in own
    assert invitation_letters.event_values(event)["when"] == when
    assert messages.values_for(event.registrations.get(), event)["when"] == when


# --- Registering -------------------------------------------------------------------------------------------


def test_book_place_shows_first_and_acts_only_when_sent(signed_in, event, member):
    shown = signed_in.get(book_url(event))

    assert shown.status_code == 200
    assert "Register for “Workshop 1”" in text(shown)
    assert "practitioner@force.example" in text(shown)
    assert "Example Police" in text(shown)
    assert event.registrations.count() == 0

    sent = signed_in.post(book_url(event))

    registration = event.registrations.get()
    assert (registration.member, registration.state) == (member, State.CONFIRMED)
    assert (sent.status_code, sent.url) == (302, url_of(registration))
    assert "You are registered" in text(signed_in.get(sent.url))


def test_book_place_asks_a_visitor_to_sign_in_and_comes_back(client, event):
    response = client.get(book_url(event))

    assert (response.status_code, response.url) == (302, f"/account/login/?next={book_url(event)}")


@pytest.mark.parametrize("state", ["pending", "declined"])
def test_book_place_tells_somebody_who_is_not_approved_why(signed_in, event, member, state):
    User.objects.filter(pk=member.pk).update(state=state, waiting_since=None)

    shown, sent = signed_in.get(book_url(event)), signed_in.post(book_url(event))

    assert (shown.status_code, sent.status_code) == (200, 403)
    assert "You can register once your membership is approved" in text(sent)
    assert event.registrations.count() == 0


def test_book_place_when_the_event_fills_up_meanwhile_offers_the_waiting_list(signed_in, make_event, fill):
    event = make_event(capacity=1)
    assert "Register for" in text(signed_in.get(book_url(event)))
    fill(event, 1)

    refused = signed_in.post(book_url(event))

    assert refused.status_code == 409
    assert "All places are taken. You can join the waiting list." in text(refused)
    assert f'<form action="{wait_url(event)}" method="post"' in text(refused)
    assert event.registrations.count() == 1


def test_join_waiting_list_from_there(signed_in, make_event, fill, member):
    event = make_event(capacity=1)
    fill(event, 1)
    fill(event, 2, "waiting")

    shown = signed_in.get(wait_url(event))
    sent = signed_in.post(wait_url(event))

    registration = event.registrations.get(member=member)
    assert "Join the waiting list for “Workshop 1”" in text(shown)
    assert "2 people wait already" in text(shown)
    assert sent.url == url_of(registration)
    assert registration.state == State.WAITING
    assert "2 people are ahead of you" in text(signed_in.get(sent.url))


def test_join_waiting_list_where_places_are_left_offers_a_place(signed_in, event):
    shown = signed_in.get(wait_url(event))

    assert "Register for “Workshop 1”" in text(shown)
    assert f'<form action="{book_url(event)}" method="post"' in text(shown)


@pytest.mark.parametrize("verb", ["book_place", "join_waiting_list"])
def test_a_second_registration_says_so_and_shows_the_first(signed_in, event, member, book, verb):
    registration = book(event, member)
    url = reverse(f"events:{verb}", args=[event.uuid])

    shown = signed_in.get(url)
    sent = signed_in.post(url, follow=True)

    assert shown.url == url_of(registration)
    assert sent.redirect_chain == [(url_of(registration), 302)]
    assert "You have registered for this event already." in text(sent)
    assert event.registrations.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"registration_closes_at": -HOUR},
            "Registration closed on Thursday 14 January 2027, 8:30am.",
        ),
        ({"registration_opens_at": HOUR}, "Registration opens on Thursday 14 January 2027, 10:30am."),
        ({"starts_at": -5 * HOUR}, "This event is over"),
        ({"cancelled_at": -HOUR}, "This event was cancelled"),
    ],
)
def test_registering_when_it_is_not_open_says_why(signed_in, make_event, now, fields, sentence):
    event = make_event(**{name: now + offset for name, offset in fields.items()})

    shown, sent = signed_in.get(book_url(event)), signed_in.post(book_url(event))

    assert (shown.status_code, sent.status_code) == (200, 409)
    assert sentence in text(shown)
    assert sentence in text(sent)
    assert "<button" not in text(sent).split("<main")[1].split("</main>")[0]
    assert event.registrations.count() == 0


def test_registering_at_a_full_event_without_a_list_says_so(signed_in, make_event, fill):
    event = make_event(capacity=1, has_waiting_list=False)
    fill(event, 1)

    for url in (book_url(event), wait_url(event)):
        sent = signed_in.post(url)

        assert sent.status_code == 409
        assert "All places are taken, and this event keeps no waiting list." in text(sent)


@pytest.mark.parametrize("verb", ["book_place", "join_waiting_list", "event_calendar"])
@pytest.mark.parametrize("hidden", ["unknown", "draft", "private"])
def test_an_event_that_one_may_not_see_is_not_there(signed_in, make_event, verb, hidden):
    event = make_event(live=hidden != "draft")
    if hidden == "private":
        event.view_restrictions.create(restriction_type="password", password="secret")
    url = reverse(f"events:{verb}", args=[uuid4() if hidden == "unknown" else event.uuid])

    assert signed_in.get(url).status_code == 404
    assert signed_in.post(url).status_code in {404, 405}
    assert Registration.objects.count() == 0


def test_an_event_for_members_only_can_be_booked_by_members(signed_in, client, event, member):
    event.view_restrictions.create(restriction_type="login")

    signed_in.post(book_url(event))

    assert event.registrations.get().member == member


def test_the_place_is_booked_though_the_broker_is_gone(
    signed_in, event, django_capture_on_commit_callbacks, settings, monkeypatch
):
    """The letter is a row: the sweep sends it."""
    settings.CELERY_TASK_ALWAYS_EAGER = False

    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("celery.app.task.Task.apply_async", refuse)

    with django_capture_on_commit_callbacks(execute=True):
        response = signed_in.post(book_url(event))

    assert response.url == url_of(event.registrations.get())
    assert list(OutgoingMail.objects.values_list("kind", "state")) == [("events/mail/place_booked", "queued")]


# --- What one registration costs -------------------------------------------------------------------------------


def test_one_registration_costs_few_statements(signed_in, make_event, fill, settings):
    """From the event's page to the confirmation: four requests, with everything that goes with them.

    Each is asked once before, as in a server that has been running for a while.
    """
    event, warm = make_event(capacity=200), make_event(capacity=200)
    fill(event, 120)
    for url in (warm.url, book_url(warm)):
        signed_in.get(url)

    with CaptureQueriesContext(connection) as captured:
        signed_in.get(event.url)
        signed_in.get(book_url(event))
        sent = signed_in.post(book_url(event))
        signed_in.get(sent.url)

    assert len(captured) <= 40, "\n".join(query["sql"][:120] for query in captured)


# --- One's own registration --------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["registration", "cancel_registration", "decline_place", "take_place"])
def test_the_registration_of_a_stranger_is_not_there(signed_in, event, other_member, book, verb):
    theirs = book(event, other_member)

    assert signed_in.get(url_of(theirs, verb)).status_code == (405 if verb == "take_place" else 404)
    assert signed_in.post(url_of(theirs, verb)).status_code == (405 if verb == "registration" else 404)
    theirs.refresh_from_db()
    assert theirs.state == State.CONFIRMED


def test_not_even_an_organiser_opens_it_as_their_own(client, organiser, event, member, book):
    client.force_login(organiser)
    theirs = book(event, member)

    assert client.get(url_of(theirs)).status_code == 404


@pytest.mark.parametrize(
    ("state", "sentence", "links", "has_form"),
    [
        ("confirmed", "You are registered", ["Cancel your registration", "Calendar file"], False),
        ("waiting", "You are the next in line.", ["Leave the waiting list"], False),
        ("offered", "A place is yours until Saturday 16 January 2027, 9:30am", ["Decline the place"], True),
        ("expired", "The offer ended", [], True),
        ("cancelled", "This registration is cancelled", [], False),
        ("declined", "Your registration was declined", [], False),
        (
            "awaiting approval",
            "Your registration waits for approval",
            ["Cancel your registration"],
            False,
        ),
    ],
)
def test_registration_says_where_it_stands_and_what_can_be_done(
    signed_in, event, member, now, state, sentence, links, has_form
):
    registration = Registration.objects.create(
        event=event,
        member=member,
        organisation=member.organisation,
        state=state,
        registered_at=now,
        waiting_number=1,
        offer_expires_at=now + 48 * HOUR if state == "offered" else None,
        cancelled_at=now if state == "cancelled" else None,
    )

    response = signed_in.get(url_of(registration))

    main = text(response).split("<main")[1].split("</main>")[0]
    possible = ["Cancel your registration", "Leave the waiting list", "Decline the place", "Calendar file"]
    assert sentence in main
    assert [link for link in possible if f">{link}</a>" in main] == sorted(links, key=possible.index)
    assert ("<form" in main) is has_form
    asked_on = [words for words in ("Registered on</dt>", "Asked for a place on</dt>") if words in main]
    assert asked_on == ["Registered on</dt>" if state == "confirmed" else "Asked for a place on</dt>"]


def test_registration_for_a_cancelled_event_says_why_and_offers_nothing(
    signed_in, event, member, organiser, book, now
):
    registration = book(event, member)
    actions.cancel_event(event=event, reason="The trainer <b>is</b> ill.", actor=organiser, now=now)

    main = text(signed_in.get(url_of(registration))).split("<main")[1].split("</main>")[0]

    assert "This event will not take place" in main
    assert "The trainer &lt;b&gt;is&lt;/b&gt; ill." in main
    assert "Cancel your registration" not in main
    assert "Calendar file" not in main


def test_cancel_registration_shows_first_and_acts_only_when_sent(signed_in, event, member, book):
    registration = book(event, member)

    shown = signed_in.get(url_of(registration, "cancel_registration"))
    registration.refresh_from_db()
    assert (shown.status_code, registration.state) == (200, State.CONFIRMED)

    sent = signed_in.post(url_of(registration, "cancel_registration"), follow=True)

    registration.refresh_from_db()
    assert registration.state == State.CANCELLED
    assert "You are not registered for “Workshop 1” any more." in text(sent)


@pytest.mark.parametrize("method", ["get", "post"])
def test_cancel_registration_that_has_ended_shows_it_instead(signed_in, event, member, book, method, now):
    registration = book(event, member)
    actions.cancel_registration(registration=registration, actor=member, now=now)

    response = getattr(signed_in, method)(url_of(registration, "cancel_registration"))

    assert response.url == url_of(registration)


@pytest.fixture
def offered(make_event, member, wait) -> Registration:
    return wait(make_event(capacity=1), member)


def test_take_place_never_acts_on_a_link(signed_in, offered):
    """Mail gateways follow links. What they find shows; it does not do."""
    assert signed_in.get(url_of(offered)).status_code == 200
    assert signed_in.get(url_of(offered, "take_place")).status_code == 405
    assert signed_in.get(url_of(offered, "decline_place")).status_code == 200
    offered.refresh_from_db()
    assert offered.state == State.OFFERED


def test_take_place(signed_in, offered):
    response = signed_in.post(url_of(offered, "take_place"), follow=True)

    offered.refresh_from_db()
    assert offered.state == State.CONFIRMED
    assert "You are registered" in text(response)


def test_take_place_too_late_says_so_and_where_one_is_now(signed_in, offered, fill, now):
    fill(offered.event, 1, "waiting")
    Registration.objects.filter(pk=offered.pk).update(offer_expires_at=now, waiting_number=7)

    response = signed_in.post(url_of(offered, "take_place"), follow=True)

    offered.refresh_from_db()
    assert offered.state == State.WAITING
    assert "The offer had ended, so the place went on." in text(response)
    assert "You are on the waiting list" in text(response)


def test_decline_place(signed_in, offered):
    response = signed_in.post(url_of(offered, "decline_place"), follow=True)

    offered.refresh_from_db()
    assert offered.state == State.CANCELLED
    assert "You declined the place, and left the waiting list." in text(response)


@pytest.mark.parametrize("verb", ["take_place", "decline_place"])
def test_nothing_is_taken_or_declined_where_nothing_is_on_offer(signed_in, event, member, book, verb):
    registration = book(event, member)

    response = signed_in.post(url_of(registration, verb))

    registration.refresh_from_db()
    assert (response.url, registration.state) == (url_of(registration), State.CONFIRMED)


@pytest.mark.parametrize("verb", ["book_place", "join_waiting_list"])
def test_a_form_from_another_site_is_refused(event, member, verb):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)

    assert strict.post(reverse(f"events:{verb}", args=[event.uuid])).status_code == 403
    assert event.registrations.count() == 0
