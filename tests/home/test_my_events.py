"""One's own registrations, before and after the event."""

import pytest

from home.my_events import coming_registrations, past_registrations, with_certificate


def titles(registrations):
    return [registration.event.title for registration in registrations]


def test_coming_registrations_are_ones_own_the_next_event_first(
    member, other_member, now, new_event, register
):
    register(new_event(days=30, title="Later"))
    register(new_event(days=10, title="Sooner"), "waiting")
    register(new_event(days=-0.1, title="Now on"))
    register(new_event(days=-10, title="Over"))
    register(new_event(days=20, title="Of a colleague"), member=other_member)

    assert titles(coming_registrations(member, now)) == ["Now on", "Sooner", "Later"]


@pytest.mark.parametrize(
    ("state", "is_shown"),
    [
        ("awaiting approval", True),
        ("confirmed", True),
        ("waiting", True),
        ("offered", True),
        ("declined", True),
        ("expired", True),
        ("cancelled", False),
    ],
)
def test_coming_registrations_hold_every_answer_but_ones_own_cancellation(
    member, now, new_event, register, state, is_shown
):
    register(new_event(), state)

    assert len(coming_registrations(member, now)) == is_shown


def test_coming_registrations_show_one_for_each_event(member, now, new_event, register):
    again = new_event(title="Again")
    register(again, "expired")
    register(again, "confirmed")
    twice = new_event(days=20, title="Twice declined")
    register(twice, "declined")
    last = register(twice, "expired")

    shown = coming_registrations(member, now)

    assert [(row.event.title, row.state) for row in shown] == [
        ("Again", "confirmed"),
        ("Twice declined", "expired"),
    ]
    assert shown[1] == last


def test_past_registrations_are_those_that_took_place_the_latest_first(member, now, new_event, register):
    register(new_event(days=-400, title="Long ago"))
    register(new_event(days=-10, title="Lately"))
    register(new_event(days=10, title="To come"))
    register(new_event(days=-10, title="Called off", cancelled_at=now))
    for state in ("awaiting approval", "waiting", "declined", "expired", "cancelled"):
        register(new_event(days=-10, title=state), state)

    assert titles(past_registrations(member, now)) == ["Lately", "Long ago"]


def test_past_registrations_come_with_what_can_be_shown_for_them(
    member, now, new_event, register, certify, django_assert_num_queries
):
    certify(register(new_event(days=-10)), hours="4.50")
    certify(register(new_event(days=-20)), withdrawn_at=now)
    register(new_event(days=-30))

    with django_assert_num_queries(1):
        shown = [with_certificate(registration) for registration in past_registrations(member, now)]
        words = [(past.certificate is not None, past.hours_shown) for past in shown]

    assert words == [(True, "4 hours 30 minutes"), (False, ""), (False, "")]
