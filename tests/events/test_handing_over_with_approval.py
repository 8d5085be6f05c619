"""Passing a place to a colleague where somebody has to approve them: it stays with its holder until then."""

import pytest
from django.urls import reverse

from events import actions
from events.answers import Answers
from events.models import Handover, Question, Registration
from events.personal_data import erase_registrations
from mailing.composition import composed
from mailing.models import OutgoingMail
from members.models import User
from tests.events.filling import text
from tests.events.outcomes import states_of
from tests.events.test_handing_over import letters

State = Registration.State


@pytest.fixture
def approved(make_event, organiser, now):
    """Somebody with the one place of an event that asks an organiser."""

    def register(member: User, **fields) -> Registration:
        event = make_event(**{"capacity": 1, "needs_approval": True, **fields})
        return actions.book_place(event=event, member=member, actor=organiser, now=now)

    return register


def take(handover: Handover, now, **more) -> Registration:
    return actions.take_handover(handover=handover, actor=handover.colleague, now=now, **more)


def test_take_handover_waits_for_approval_and_keeps_the_place(
    approved, member, other_member, organiser, make_members, wait, give, now
):
    registration = approved(member)
    [waiter] = make_members(1)
    waiting = actions.approve_registration(
        registration=wait(registration.event, waiter), actor=organiser, now=now
    )
    taken = take(give(registration, other_member.email), now)
    assert states_of(registration, taken, waiting) == ["confirmed", "awaiting approval", "waiting"]

    actions.approve_registration(registration=taken, actor=organiser, now=now)

    assert states_of(registration, taken, waiting) == ["cancelled", "confirmed", "waiting"]
    assert Handover.objects.get().state == "taken"
    assert letters()[3:] == [
        ("place_handed_over", other_member.email),
        ("approval_awaited", other_member.email),
        ("handover_taken", member.email),
        ("place_booked", other_member.email),
    ]
    assert [step.verb for step in taken.steps.all()] == ["take_handover", "approve_registration"]


def test_a_colleague_who_is_declined_leaves_the_place_with_its_holder(
    approved, member, other_member, organiser, give, now
):
    registration = approved(member)
    taken = take(give(registration, other_member.email), now)

    actions.decline_registration(registration=taken, actor=organiser, reason="Too new.", now=now)

    assert states_of(registration, taken) == ["confirmed", "declined"]
    assert Handover.objects.get().state == "declined"
    told = composed(OutgoingMail.objects.get(kind="events/mail/handover_declined"))
    assert told.subject == f"You keep your place: {registration.event.title}"
    assert "to colleague@force.example. They took it, but were not approved. You keep it." in told.text
    assert give(registration, other_member.email).state == "offered"


def test_a_colleague_who_thinks_better_of_it_leaves_the_place_with_its_holder(
    approved, member, other_member, give, now
):
    registration = approved(member)
    taken = take(give(registration, other_member.email), now)

    actions.cancel_registration(registration=taken, actor=other_member, now=now)

    assert states_of(registration, taken) == ["confirmed", "cancelled"]
    told = composed(OutgoingMail.objects.get(kind="events/mail/handover_declined"))
    assert "colleague@force.example declined your place" in told.text


@pytest.mark.parametrize("end", ["cancelled", "asked anew"])
def test_a_holder_who_loses_the_place_leaves_the_colleagues_request_an_ordinary_one(
    approved, member, other_member, organiser, make_members, wait, give, now, end
):
    registration = approved(member)
    [waiter] = make_members(1)
    waiting = actions.approve_registration(
        registration=wait(registration.event, waiter), actor=organiser, now=now
    )
    taken = take(give(registration, other_member.email), now)

    if end == "cancelled":
        actions.cancel_registration(registration=registration, actor=member, now=now)
    else:
        question = Question.objects.create(event=registration.event, label="Role", needs_new_approval=True)
        changed = Answers(plain={str(question.key): "Analyst"})
        actions.change_answers(registration=registration, answers=changed, actor=member, now=now)
    asked, told = map(
        composed,
        OutgoingMail.objects.filter(kind="events/mail/approval_awaited", recipient=other_member.email),
    )
    actions.approve_registration(registration=taken, actor=organiser, now=now)

    assert "You took your colleague’s place" in asked.text
    assert "Until then it is kept for you. If your colleague cancels it, you need a free one." in asked.text
    assert "Your colleague does not have the place" in told.text
    assert "The organiser has to approve it." in told.text

    assert states_of(waiting, taken) == ["offered", "waiting"]
    assert Handover.objects.get().state == "withdrawn"
    assert registration.event.registrations.holding_a_place().count() == 1


def test_a_colleague_whose_place_is_not_kept_any_more_reads_who_has_still_to_approve(
    approved, client, member, other_member, organiser, give, now
):
    """The manager has approved; the organiser has not."""
    registration = approved(member, needs_manager=True)
    answers = Answers(manager_email="boss@force.example")
    handover = give(registration, other_member.email)
    taken = take(handover, now, answers=answers)
    key = taken.manager_approval.key
    actions.answer_as_manager(key=key, approves=True, reason="", visitor=None, now=now)

    actions.cancel_registration(registration=registration, actor=member, now=now)

    told = composed(OutgoingMail.objects.filter(recipient=other_member.email).latest("pk"))
    assert told.subject == f"To be approved: {registration.event.title}"
    assert (
        "so it is not kept for you. Your request goes on: once it is approved you get a free place"
        in told.text
    )
    assert "The organiser has to approve it. We write to you when it is decided." in told.text
    assert "boss@force.example" not in told.text
    client.force_login(other_member)
    shown = text(client.get(reverse("events:handover", args=[handover.key])))
    assert (
        "Your colleague does not have it any more, so it is not kept for you. Your own request goes on."
        in shown
    )
    shown = text(client.get(reverse("events:registration", args=[taken.uuid])))
    assert "Until then it holds no place." in shown


def test_take_handover_is_final_for_its_holder(approved, member, other_member, organiser, give, now):
    registration = approved(member)
    handover = give(registration, other_member.email)
    take(handover, now)

    assert actions.withdraw_handover(registration=registration, actor=member, now=now) is False
    handover.refresh_from_db()
    with pytest.raises(actions.NotHandedOver):
        actions.take_handover(handover=handover, actor=other_member, now=now)
    with pytest.raises(actions.NotHandedOver):
        actions.decline_handover(handover=handover, actor=other_member, now=now)
    with pytest.raises(actions.ColleagueTookIt):
        give(registration, "third@force.example")
    handover.refresh_from_db()
    assert (handover.state, Handover.objects.count()) == ("accepted", 1)


def test_take_handover_asks_the_line_manager_of_the_colleague(approved, member, other_member, give, now):
    registration = approved(member, needs_approval=False, needs_manager=True)
    answers = Answers(manager_email="boss@force.example")
    taken = take(give(registration, other_member.email), now, answers=answers)
    asked = taken.manager_approval

    actions.answer_as_manager(key=asked.key, approves=True, reason="", visitor=None, now=now)

    assert states_of(registration, taken) == ["cancelled", "confirmed"]
    assert ("manager_asked", "boss@force.example") in letters()


def test_take_handover_asks_the_manager_and_the_organiser(
    approved, member, other_member, organiser, give, now
):
    registration = approved(member, needs_manager=True)
    taken = take(
        give(registration, other_member.email), now, answers=Answers(manager_email="boss@force.example")
    )

    actions.approve_registration(registration=taken, actor=organiser, now=now)
    assert states_of(registration, taken) == ["confirmed", "awaiting approval"]
    asked = taken.manager_approval
    actions.answer_as_manager(key=asked.key, approves=True, reason="", visitor=None, now=now)

    assert states_of(registration, taken) == ["cancelled", "confirmed"]


def test_an_event_that_asks_nobody_any_more_lets_the_place_pass(
    approved, member, other_member, organiser, give, now
):
    registration = approved(member)
    taken = take(give(registration, other_member.email), now)
    event = registration.event.specific
    event.needs_approval = False
    event.save()

    actions.announce_changes(event=event, now=now)

    assert states_of(registration, taken) == ["cancelled", "confirmed"]


def test_a_colleague_who_asked_for_a_place_keeps_that_request(
    approved, member, other_member, organiser, book, give, now
):
    registration = approved(member)
    own = book(registration.event, other_member)
    assert own.state == State.AWAITING_APPROVAL

    taken = take(give(registration, other_member.email), now)
    actions.approve_registration(registration=own, actor=organiser, now=now)

    assert taken == own
    assert states_of(registration, own) == ["cancelled", "confirmed"]


def test_a_colleague_who_was_approved_and_waits_gets_the_place_at_once(
    approved, member, other_member, organiser, wait, give, now
):
    registration = approved(member)
    own = actions.approve_registration(
        registration=wait(registration.event, other_member), actor=organiser, now=now
    )
    assert own.state == State.WAITING

    assert take(give(registration, other_member.email), now) == own
    assert states_of(registration, own) == ["cancelled", "confirmed"]


def test_a_colleague_takes_one_place_not_two(
    approved, member, other_member, organiser, make_members, give, now
):
    registration = approved(member, capacity=2)
    [third] = make_members(1)
    another = actions.book_place(event=registration.event, member=third, actor=organiser, now=now)
    take(give(registration, other_member.email), now)

    with pytest.raises(actions.AlreadyRegistered):
        take(give(another, other_member.email), now)

    assert states_of(registration, another) == ["confirmed", "confirmed"]


def test_pages_say_where_a_place_is_that_waits_for_approval(
    client, approved, member, other_member, organiser, give, now
):
    registration = approved(member)
    handover = give(registration, other_member.email)
    client.force_login(other_member)
    assert "You have to be approved first. Until then the place is kept for you" in text(
        client.get(reverse("events:handover", args=[handover.key]))
    )
    shown = text(client.post(reverse("events:take_handover", args=[handover.key]), follow=True))
    assert "Until then your colleague’s place is kept for you." in shown
    client.force_login(member)

    page = text(client.get(reverse("events:registration", args=[registration.uuid])))
    assert "They took it, and have to be approved first. Until then it stays yours" in page
    assert "Keep it after all" not in page
    assert "Pass your place to a colleague" not in page
    cancelling = text(client.get(reverse("events:cancel_registration", args=[registration.uuid])))
    assert "waits to be approved. If you cancel now, it is not kept for your colleague any more" in cancelling


def test_an_organiser_reads_that_a_place_is_kept(desk, approved, member, other_member, give, now):
    registration = approved(member)
    taken = take(give(registration, other_member.email), now)
    url = reverse("events_admin:registration", args=[taken.event_id, taken.uuid])

    assert "A colleague passes theirs on: it is kept until this is decided" in text(desk.get(url))


def test_a_kept_place_stays_kept_when_it_is_passed_on(approved, member, other_member, organiser, give, now):
    """A place of an invited person counts as one, whoever has it."""
    registration = approved(member, capacity=3, reserved_places=1)
    Registration.objects.filter(pk=registration.pk).update(is_invited=True)
    taken = take(give(registration, other_member.email), now)
    assert taken.is_invited is False

    actions.approve_registration(registration=taken, actor=organiser, now=now)

    assert Registration.objects.get(pk=taken.pk).is_invited is True


def test_an_account_that_is_closed_gives_the_place_back_to_its_holder(
    approved, member, other_member, give, now
):
    registration = approved(member)
    take(give(registration, other_member.email), now)

    erase_registrations(other_member, now)

    assert states_of(registration) == ["confirmed"]
    assert Handover.objects.count() == 0
    assert registration.event.registrations.active().count() == 1
