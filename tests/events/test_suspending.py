"""A membership is suspended: the line goes on without whoever it is, and whoever decides knows what they have."""

from datetime import timedelta
from io import StringIO
from unittest import mock

import pytest
from django.core.management import call_command

from events import actions
from events.models import Registration, SeriesPage
from events.personal_data import held_in_words
from mailing.models import OutgoingMail
from members import holdings
from members.models import User
from tests.events.outcomes import letters, states, states_of

HOUR = timedelta(hours=1)


@pytest.fixture
def suspend():
    """Suspend somebody, or lift it, past the membership managers and their letters."""

    def write(member: User, *, lift: bool = False) -> None:
        state = User.State.APPROVED if lift else User.State.SUSPENDED
        User.objects.filter(pk=member.pk).update(state=state, is_active=lift)

    return write


@pytest.fixture
def line(make_event, make_members, book, wait):
    """An event with one place: who has it, and the three who wait."""
    event = make_event(capacity=1)
    members = make_members(4)
    book(event, members[0])
    for member in members[1:]:
        wait(event, member)
    OutgoingMail.objects.all().delete()
    return event, members


def test_follow_suspensions_lets_the_line_go_on_without_them(line, suspend, now):
    """A place that comes free is offered to the next; whoever is suspended counts as ahead of nobody."""
    event, members = line
    suspend(members[1])

    assert actions.follow_suspensions(now=now) == 1
    third = event.registrations.get(member=members[2])
    assert third.count_ahead(now) == 0
    actions.cancel_registration(registration=event.registrations.first(), actor=members[0], now=now)

    assert [state for _, state in states(event)] == ["cancelled", "set aside", "offered", "waiting"]
    assert letters() == [("registration_cancelled", "member-0"), ("place_offered", "member-2")]


def test_a_place_is_never_offered_to_somebody_suspended_a_moment_ago(line, suspend, now):
    """Also before the clock has set them aside."""
    event, members = line
    suspend(members[1])

    actions.cancel_registration(registration=event.registrations.first(), actor=members[0], now=now)

    assert ("place_offered", "member-1") not in letters()
    actions.follow_suspensions(now=now)
    assert [state for _, state in states(event)] == ["cancelled", "set aside", "offered", "waiting"]


def test_follow_suspensions_ends_an_open_offer_and_moves_it_on(offered, suspend, now):
    suspend(offered.member)

    actions.follow_suspensions(now=now)

    assert [state for _, state in states(offered.event)] == ["cancelled", "set aside", "offered"]
    assert letters() == [("place_offered", "member-2")]
    assert Registration.objects.get(pk=offered.pk).offer_expires_at is None


def test_follow_suspensions_puts_them_back_where_they_stood(line, suspend, now):
    """Lifted, the suspension cost nobody their place in the line."""
    event, members = line
    suspend(members[1])
    actions.follow_suspensions(now=now)
    suspend(members[1], lift=True)

    assert actions.follow_suspensions(now=now) == 1
    assert actions.follow_suspensions(now=now) == 0

    assert [state for _, state in states(event)] == ["confirmed", "waiting", "waiting", "waiting"]
    assert event.registrations.get(member=members[1]).count_ahead(now) == 0
    verbs = event.registrations.get(member=members[1]).steps.values_list("verb", flat=True)
    assert list(verbs) == ["join_waiting_list", "set_aside", "put_back"]


def test_follow_suspensions_keeps_places_and_what_waits_for_approval(
    make_event, make_members, book, suspend, now
):
    [member] = make_members(1)
    with_place = book(make_event(), member)
    asked = book(make_event(needs_approval=True), member)
    suspend(member)

    assert actions.follow_suspensions(now=now) == 0
    assert states_of(with_place, asked) == ["confirmed", "awaiting approval"]


def test_approve_registration_of_somebody_suspended_gives_no_place(
    make_event, make_members, book, suspend, organiser, now
):
    """An approval that comes after the suspension, for example a line manager's."""
    [member] = make_members(1)
    asked = book(make_event(needs_approval=True), member)
    suspend(member)

    actions.approve_registration(registration=asked, actor=organiser, now=now)

    assert states_of(asked) == ["set aside"]


def test_somebody_set_aside_gets_no_letters_about_the_event(line, suspend, organiser, now):
    event, members = line
    suspend(members[1])
    actions.follow_suspensions(now=now)

    actions.cancel_event(event=event, reason="The trainer is ill.", actor=organiser, now=now)

    assert letters() == [("event_cancelled", f"member-{number}") for number in (0, 2, 3)]


def test_follow_suspensions_sets_a_whole_course_aside(index, make_event, member, suspend, now):
    series = index.add_child(instance=SeriesPage(title="A course", slug="course", is_booked_as_one=True))
    for _ in range(3):
        make_event(series=series, capacity=1)
    registrations = actions.join_series_waiting_list(series=series, member=member, actor=member, now=now)
    suspend(member)

    assert actions.courses_to_offer(now) != []
    assert actions.settle_courses(now=now) == 0
    assert actions.follow_suspensions(now=now) == 3
    assert states_of(*registrations) == ["set aside"] * 3
    assert actions.courses_to_offer(now) == []


def test_cancel_registration_ends_one_that_is_set_aside(line, suspend, organiser, now):
    event, members = line
    suspend(members[1])
    actions.follow_suspensions(now=now)
    found = event.registrations.get(member=members[1])

    actions.cancel_registration(registration=found, actor=organiser, now=now)

    assert states_of(found) == ["cancelled"]


@pytest.mark.parametrize("state", [None, "waiting"])
def test_add_walk_in_refuses_somebody_suspended(make_event, member, organiser, suspend, put, now, state):
    event = make_event(starts_at=now - HOUR)
    if state:
        put(event, member, state)
    suspend(member)

    with pytest.raises(actions.MemberSuspended):
        actions.add_walk_in(
            event=event, email=member.email, name="", organisation="", session=None, actor=organiser, now=now
        )
    assert event.registrations.confirmed().count() == 0


def test_register_member_says_that_somebody_is_suspended(desk, event, member, suspend):
    """Not that they have no account."""
    suspend(member)

    page = desk.post(f"/admin/events/{event.pk}/registrations/register-member/", {"email": member.email})

    assert page.context["form"].errors == {
        "email": [
            "The membership of this person is suspended. A membership manager decides whether they can come back."
        ]
    }


def test_registrations_tags_places_of_people_who_are_suspended(desk, event, member, book, suspend):
    registration = book(event, member)
    address = f"/admin/events/{event.pk}/registrations/"
    assert "<strong>Suspended</strong>" not in desk.get(address).content.decode()
    suspend(member)

    assert "Registered <strong>Suspended</strong>" in desk.get(address).content.decode()
    assert "Suspended. They cannot sign in" in desk.get(f"{address}{registration.uuid}/").content.decode()


def test_expire_offers_follows_suspensions_first(line, suspend, now):
    """So that the place of an offer that ends this way goes on in the same minute."""
    event, members = line
    suspend(members[1])
    out = StringIO()

    with mock.patch("django.utils.timezone.now", return_value=now):
        call_command("expire_offers", "--dry-run", stdout=out)
        assert states(event)[1] == ("member-1", "waiting")
        call_command("expire_offers", stdout=out)

    assert states(event)[1] == ("member-1", "set aside")
    assert out.getvalue().splitlines()[0] == "1 registration follows a suspension, or the end of one."


def test_held_in_words_says_what_is_to_come(make_event, make_members, book, wait, now):
    """What a membership manager reads before they suspend somebody; of the past and of cancelled events nothing."""
    member, other = make_members(2)
    assert held_in_words(member, now) == ""
    for _ in range(2):
        book(make_event(), member)
    full = make_event(capacity=1)
    book(full, other)
    wait(full, member)
    over = make_event(starts_at=now + HOUR)
    book(over, member)

    later = now + timedelta(days=1)
    assert held_in_words(member, later).startswith(
        "They are registered for 2 events to come and waiting for a place at 1 event to come. "
    )
    assert holdings.of(member, later) == [held_in_words(member, later)]
