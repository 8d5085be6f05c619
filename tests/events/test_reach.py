"""Whom letters do not reach: organisers know before they send, and are told to tell them another way."""

from datetime import timedelta

import pytest

from events import actions
from events.models import EventPage, Message, Registration
from events.reach import reach_of
from mailing import delivery
from mailing.models import OutgoingMail, Suppression
from tests.events.desk import cancel_event_url, cost_of, list_url, names, text, told, url

pytestmark = pytest.mark.usefixtures("stopped_clock")

DEAD = "Letters do not reach this address"
TELL_HIM = "Tell this person another way, for example by telephone."


@pytest.fixture
def suppress(now):
    """Let letters to a registration's address come back."""

    def make(registration: Registration) -> Suppression:
        return Suppression.objects.create(
            address=registration.address.lower(), reason="hard", detail="550", since=now - timedelta(days=3)
        )

    return make


@pytest.fixture
def three(event, fill, suppress) -> list[Registration]:
    """Of three who registered, the second cannot be reached."""
    rows = fill(event, 3)
    suppress(rows[1])
    return rows


def write(desk, event: EventPage) -> Message:
    desk.post(url("write_message", event.pk), {"subject": "The room", "text": "Hello {first_name}"})
    return Message.objects.latest("pk")


def of(message: Message, name: str = "message") -> str:
    return url(name, message.event_id, message.mailing.uuid)


def test_reach_tells_apart_who_has_no_address_and_whose_is_dead(event, three, now):
    guests = {"event": event, "state": "confirmed", "registered_at": now, "is_walk_in": True}
    nobody = Registration.objects.create(guest_name="Nobody", **guests)
    Registration.objects.create(guest_name="Reached", guest_email="Guest@Elsewhere.example", **guests)
    lifted = Suppression.objects.create(
        address=three[0].address, reason="soft", since=now, lifted_at=now, lifted_because="Works again"
    )

    reach = reach_of(Registration.objects.filter(event=event))

    assert lifted.pk is not None
    assert (reach.letters, reach.without_address, reach.suppressed) == (3, 1, 1)
    assert [registration.pk for registration in reach.unreached] == [three[1].pk, nobody.pk]
    assert reach.in_words == (
        f"Letters do not reach 2 people: {three[1].name}, Nobody. "
        "Tell them another way, for example by telephone."
    )


def test_reach_of_a_guest_finds_the_address_however_it_is_written(event, now, suppress):
    guest = Registration.objects.create(
        event=event,
        state="confirmed",
        registered_at=now,
        guest_name="Guest",
        guest_email="G@Elsewhere.example",
    )
    suppress(guest)

    assert reach_of(Registration.objects.filter(event=event)).suppressed == 1


def test_reach_names_the_first_and_counts_the_others(event, fill, suppress):
    for registration in fill(event, 12):
        suppress(registration)

    reach = reach_of(Registration.objects.filter(event=event))

    assert (reach.letters, len(reach.unreached), reach.not_named) == (0, 10, 2)
    assert " and 2 more. Tell them another way" in reach.in_words


@pytest.mark.parametrize("number", [0, 1, 30])
def test_reach_asks_twice_at_most(event, fill, suppress, number, django_assert_num_queries):
    for registration in fill(event, number):
        suppress(registration)

    with django_assert_num_queries(2 if number else 1):
        reach_of(Registration.objects.filter(event=event))


def test_a_message_says_before_and_after_who_is_not_reached(desk, event, three, now):
    unreached = f"Letters do not reach 1 person: {three[1].name} . {TELL_HIM}"
    writing = text(desk.get(url("write_message", event.pk)))
    assert "For 2 people." in writing
    assert unreached in writing

    message = write(desk, event)
    draft = text(desk.get(of(message)))
    assert "A draft for 2 people." in draft
    assert unreached in draft
    assert "Send 2 letters" in draft

    sent = desk.post(of(message, "send_message"), follow=True)
    assert told(sent) == [
        "2 letters are on the way.",
        f"Letters do not reach 1 person: {three[1].name}. {TELL_HIM}",
    ]

    delivery.sweep(clock=lambda: now, time_allowed=timedelta(minutes=1))
    done = text(desk.get(of(message)))
    assert "2 of 3 letters sent" in done
    assert f"To whom no letter was sent {three[1].address}: Suppressed: " in done


def test_cancelling_an_event_says_before_and_after_who_is_not_reached(desk, event, three):
    shown = text(desk.get(cancel_event_url(event)))
    assert "2 people who are registered or wait get a letter" in shown
    assert f"Letters do not reach 1 person: {three[1].name} . {TELL_HIM}" in shown

    done = desk.post(cancel_event_url(event), {"reason": "The hall is flooded."}, follow=True)

    assert told(done) == [
        f"“{event.title}” is cancelled. 2 people are told in a letter.",
        f"Letters do not reach 1 person: {three[1].name}. {TELL_HIM}",
    ]
    assert OutgoingMail.objects.filter(kind="events/mail/event_cancelled").count() == 3


def test_acting_on_several_says_before_who_is_not_reached(desk, event, three):
    chosen = [str(registration.uuid) for registration in three]

    asked = text(desk.post(url("act", event.pk), {"act": "cancel", "chosen": chosen}))
    noted = text(desk.post(url("act", event.pk), {"act": "note_attendance", "chosen": chosen}))

    assert f"Letters do not reach 1 person: {three[1].name} . {TELL_HIM}" in asked
    assert "Letters do not reach" not in noted


def test_the_record_and_the_list_say_that_letters_do_not_reach_an_address(desk, event, three):
    def record(registration: Registration) -> str:
        return text(desk.get(url("registration", event.pk, registration.uuid)))

    assert (DEAD in record(three[0]), DEAD in record(three[1])) == (False, True)
    assert (
        f"{three[1].address} {DEAD} since Monday 11 January 2027, 9:30am: the address does not exist or refuses "
        "letters. Tell this person another way, for example by telephone"
    ) in record(three[1])
    assert text(desk.get(list_url(event))).count(DEAD) == 1


def test_the_list_finds_those_whom_letters_do_not_reach(desk, event, three, now):
    unreached, reached = (desk.get(list_url(event) + f"?reached={asked}") for asked in ("no", "yes"))

    assert names(unreached) == [three[1].member.last_name]
    assert sorted(names(reached)) == sorted([three[0].member.last_name, three[2].member.last_name])


def test_the_list_costs_the_same_however_many_are_not_reached(desk, event, fill, suppress):
    costs = []
    for number in (1, 2, 30):
        for registration in fill(event, number):
            suppress(registration)
        costs.append(cost_of(desk, list_url(event)))

    assert len(set(costs)) == 1


def test_somebody_whose_letters_arrive_again_is_told(desk, event, three, organiser, now):
    Suppression.objects.update(lifted_at=now, lifted_because="Works again")

    told_now = text(desk.get(cancel_event_url(event)))

    assert "3 people who are registered or wait get a letter" in told_now
    assert "Letters do not reach" not in told_now
    assert actions.cancel_event(event=event, reason="Flood.", actor=organiser, now=now) == 3
