"""For whom an event is: audience, invitations, places kept for some and counted by organisation."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events import actions
from events.models import Audience, Invitation, Registration
from events.standing import Standing
from mailing.composition import composed
from mailing.models import OutgoingMail
from members.models import Organisation, OrganisationKind, User

State = Registration.State
DAY = timedelta(days=1)


@pytest.fixture
def invite(organiser, now):
    def invite_people(event, *members: User) -> int:
        addresses = [member.email for member in members]
        return actions.invite_people(event=event, addresses=addresses, actor=organiser, now=now)

    return invite_people


@pytest.fixture
def charity(db) -> Organisation:
    return Organisation.objects.create(name="Example Charity", kind=OrganisationKind.CHARITY)


@pytest.fixture
def stranger(charity) -> User:
    return User.objects.create_user("worker@charity.example", organisation=charity, state=User.State.APPROVED)


def standing_of(event, user, now) -> Standing:
    return event.standing_of(user, now)["standing"]


def book_url(event) -> str:
    return reverse("events:book_place", args=[event.uuid])


# --- Audience ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "organisations", "is_for_them"),
    [
        ({"audience": Audience.MEMBERS}, [], True),
        ({"audience": Audience.EVERYONE}, [], True),
        ({"audience": Audience.INVITED}, [], False),
        ({"audience": Audience.CHOSEN}, [], False),
        ({"audience": Audience.CHOSEN}, ["Example Police"], True),
        ({"audience": Audience.CHOSEN}, ["Example Charity"], False),
        ({"audience": Audience.CHOSEN, "audience_kinds": ["police force"]}, [], True),
        ({"audience": Audience.CHOSEN, "audience_kinds": ["charity"]}, [], False),
        ({"audience": Audience.CHOSEN, "audience_domains": ["force.example"]}, [], True),
        ({"audience": Audience.CHOSEN, "audience_domains": ["orce.example"]}, [], False),
    ],
)
def test_book_place_is_for_those_the_event_is_for(
    make_event, member, charity, book, now, fields, organisations, is_for_them
):
    event = make_event(**fields)
    event.audience_organisations.set(Organisation.objects.filter(name__in=organisations))
    event.save()

    if is_for_them:
        assert standing_of(event, member, now) == Standing.MAY_BOOK
        assert book(event, member).state == State.CONFIRMED
    else:
        expected = Standing.NEEDS_INVITATION if event.audience == Audience.INVITED else Standing.NOT_FOR_YOU
        assert standing_of(event, member, now) == expected
        with pytest.raises((actions.NotForYou, actions.NeedsInvitation)):
            book(event, member)
        assert event.registrations.count() == 0


def test_book_place_says_for_whom_the_event_is(make_event, force, stranger, client):
    event = make_event(
        audience=Audience.CHOSEN, audience_kinds=["probation"], audience_domains=["kent.example"]
    )
    event.audience_organisations.set([force])
    event.save()
    client.force_login(stranger)

    shown = client.get(book_url(event)).content.decode()

    assert "This event is only for: Example Police; all of probation; addresses at kent.example." in shown
    assert 'type="submit">Register' not in shown


@pytest.mark.parametrize(
    ("audience", "state", "status"),
    [
        (Audience.EVERYONE, User.State.PENDING, 302),
        (Audience.EVERYONE, User.State.DECLINED, 403),
        (Audience.MEMBERS, User.State.PENDING, 403),
    ],
)
def test_book_place_before_one_is_let_in(make_event, audience, state, status):
    event = make_event(audience=audience)
    newcomer = User.objects.create_user("newcomer@elsewhere.example", state=state)
    client = Client()
    client.force_login(newcomer)

    assert client.post(book_url(event)).status_code == status
    assert event.registrations.count() == (1 if status == 302 else 0)


def test_an_invitation_lets_in_whom_the_event_is_not_for(make_event, stranger, invite, book, now):
    closed = make_event(audience=Audience.INVITED)
    chosen = make_event(audience=Audience.CHOSEN, audience_kinds=["police force"])
    invite(closed, stranger)
    invite(chosen, stranger)

    assert standing_of(closed, stranger, now) == Standing.MAY_BOOK
    assert [book(event, stranger).is_invited for event in (closed, chosen)] == [True, True]


def test_invite_people_twice_invites_once(make_event, organiser, now):
    event = make_event()
    addresses = ["One@Force.Example", "two@force.example ", "one@force.example", ""]

    assert actions.invite_people(event=event, addresses=addresses, actor=organiser, now=now) == 2
    assert actions.invite_people(event=event, addresses=addresses, actor=organiser, now=now) == 0
    assert set(Invitation.objects.values_list("email", flat=True)) == {
        "one@force.example",
        "two@force.example",
    }
    assert OutgoingMail.objects.count() == 0


def test_an_organiser_registers_whom_the_event_is_not_for(make_event, stranger, organiser, now):
    event = make_event(
        audience=Audience.INVITED, needs_approval=True, registration_closes_at=now - DAY, capacity=1
    )

    booked = actions.book_place(event=event, member=stranger, actor=organiser, now=now)

    assert (booked.state, booked.approved_at) == (State.CONFIRMED, now)


def test_an_organiser_does_not_get_past_the_capacity(make_event, stranger, organiser, fill, now):
    event = make_event(capacity=1)
    fill(event, 1)

    with pytest.raises(actions.EventFull):
        actions.book_place(event=event, member=stranger, actor=organiser, now=now)


# --- Places that are kept ------------------------------------------------------------------------------------


def test_kept_places_go_to_invited_people_alone(make_event, make_members, stranger, invite, book, now):
    event = make_event(capacity=3, reserved_places=2, reserved_until=now + 7 * DAY)
    first, second = make_members(2)
    invite(event, stranger)

    book(event, first)
    with pytest.raises(actions.EventFull):
        book(event, second)

    assert standing_of(event, second, now) == Standing.MAY_WAIT
    assert event.standing_of(second, now)["places"].left == 0
    assert standing_of(event, stranger, now) == Standing.MAY_BOOK
    assert book(event, stranger).state == State.CONFIRMED


def test_kept_places_are_offered_to_the_line_when_their_time_is_up(make_event, make_members, book, wait, now):
    event = make_event(capacity=2, reserved_places=1, reserved_until=now + 7 * DAY)
    first, second = make_members(2)
    book(event, first)
    waiting = wait(event, second)

    assert actions.events_to_settle(now) == []
    assert actions.expire_offers(now=now + 7 * DAY - timedelta(minutes=1)) == 0
    assert actions.expire_offers(now=now + 7 * DAY) == 1
    waiting.refresh_from_db()
    assert waiting.state == State.OFFERED


def test_the_line_passes_whoever_cannot_have_a_kept_place(
    make_event, make_members, stranger, invite, book, wait, now
):
    """The invited person stands behind, and gets the place that is kept."""
    event = make_event(capacity=2, reserved_places=1, reserved_until=now + 7 * DAY)
    holder, ordinary, guest = make_members(3)
    invite(event, guest, stranger)
    book(event, holder)
    kept = book(event, stranger)
    ahead, behind = wait(event, ordinary), wait(event, guest)

    actions.cancel_registration(registration=kept, actor=stranger, now=now)

    ahead.refresh_from_db()
    behind.refresh_from_db()
    assert (ahead.state, behind.state) == (State.WAITING, State.OFFERED)


# --- Places of one organisation ------------------------------------------------------------------------------


def test_an_organisation_gets_no_more_than_its_places(make_event, make_members, stranger, book, wait, now):
    event = make_event(capacity=10, places_per_organisation=2)
    *two, third = make_members(3)
    held = [book(event, member) for member in two]

    with pytest.raises(actions.EventFull):
        book(event, third)
    waiting = wait(event, third)
    assert waiting.state == State.WAITING
    assert event.standing_of(make_members(1)[0], now)["places"].is_capped is True
    assert book(event, stranger).state == State.CONFIRMED  # the line holds up only whom it is about

    actions.cancel_registration(registration=held[0], actor=two[0], now=now)
    waiting.refresh_from_db()
    assert waiting.state == State.OFFERED


def test_an_organisation_is_capped_where_the_event_has_no_limit(make_event, make_members, book, wait):
    event = make_event(capacity=None, places_per_organisation=1)
    first, second = make_members(2)

    book(event, first)

    with pytest.raises(actions.EventFull):
        book(event, second)
    assert wait(event, second).state == State.WAITING


def test_whoever_waits_reads_who_is_ahead_of_them_the_same_everywhere(
    make_event, make_members, stranger, book, wait, now, stopped_clock, client
):
    """An organisation that has all its places is passed over: on the page before, in the letter and on the pages after."""
    event = make_event(capacity=2, places_per_organisation=1)
    first, second, third = make_members(3)
    book(event, first)
    book(event, stranger)
    wait(event, second)
    council = Organisation.objects.create(name="Example Council", kind=OrganisationKind.GOVERNMENT)
    newcomers = [
        User.objects.create_user(
            f"{name}@{name}.example", organisation=organisation, state=User.State.APPROVED
        )
        for name, organisation in (("council", council), ("alone", None))
    ]

    for ahead, newcomer in enumerate(newcomers):
        client.force_login(newcomer)
        shown = " ".join(client.get(event.url).text.split())
        assert f"Waiting list open{', 1 ahead' if ahead else ''}</p>" in shown
        registration = wait(event, newcomer)
        sentence = "1 person is ahead of you." if ahead else "You are the next in line."
        assert sentence in composed(OutgoingMail.objects.get(recipient=newcomer.email)).text
        for address in (event.url, reverse("events:registration", args=[registration.uuid])):
            assert sentence in " ".join(client.get(address).text.split())

    assert (
        event.standing_of(third, now)["places"].waiting == 3
    )  # of one's own organisation everybody is ahead
    assert standing_of(event, third, now) == Standing.MAY_WAIT


def test_book_place_tells_that_the_organisation_has_all_its_places(make_event, make_members, book, client):
    event = make_event(capacity=10, places_per_organisation=1)
    first, second = make_members(2)
    book(event, first)
    client.force_login(second)

    shown = client.get(book_url(event)).content.decode()

    assert "Your organisation has the one place that one organisation can have" in shown
    assert reverse("events:join_waiting_list", args=[event.uuid]) in shown


# --- What it costs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3, 200])
def test_telling_who_is_ahead_costs_one_query_more(
    make_event, fill, stranger, wait, now, django_assert_num_queries, number
):
    event = make_event(capacity=300, places_per_organisation=200)
    fill(event, 300)
    fill(event, number, "waiting")
    wait(event, stranger)
    event = type(event).objects.get(pk=event.pk)

    with django_assert_num_queries(3):  # who has places, one's own registration, and the line before it
        assert event.standing_of(stranger, now)["ahead"] == 0


@pytest.mark.parametrize("number", [1, 3, 200])
def test_asking_who_comes_costs_the_same_for_any_number(
    make_event, make_members, fill, organiser, now, django_assert_num_queries, number
):
    event = make_event(capacity=400, places_per_organisation=300, reserved_places=5)
    fill(event, number)
    [member] = make_members(1)
    event = type(event).objects.get(pk=event.pk)

    with django_assert_num_queries(3):  # the invitation, who has places, one's own registration
        event.standing_of(member, now)


def test_book_place_shows_the_organisation_that_somebody_who_waits_has_stated(make_event, client):
    waiting = User.objects.create_user("new@council.example", stated_organisation="A county council")
    client.force_login(waiting)

    shown = client.get(book_url(make_event())).content.decode()

    assert "A county council (as you gave it)" in shown
