"""Approval by an organiser and by the line manager, whose link needs no account and works once."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events import actions, links
from events.answers import Answers
from events.models import ManagerApproval, Question, Registration
from mailing.composition import composed
from mailing.models import OutgoingMail

State = Registration.State
MANAGER = "manager@force.example"


@pytest.fixture
def ask(now):
    """Register as the member at an event that asks for approval."""

    def book_place(event, member, at=now, manager=MANAGER, **plain) -> Registration:
        answers = Answers(manager_email=manager, plain=plain)
        return actions.book_place(event=event, member=member, actor=member, now=at, answers=answers)

    return book_place


@pytest.fixture
def by_both(make_event):
    return make_event(needs_approval=True, needs_manager=True, capacity=1)


def letters() -> list[tuple[str, str]]:
    return [
        (letter.kind.rpartition("/")[2], letter.recipient) for letter in OutgoingMail.objects.order_by("pk")
    ]


def link_to(letter: OutgoingMail) -> str:
    return re.findall(r"https://portal\.example(\S*approve\S*)", composed(letter).text)[0]


def manager_link() -> str:
    return link_to(OutgoingMail.objects.filter(kind="events/mail/manager_asked").latest("pk"))


def answer(client: Client, url: str, verdict: str = "approve", reason: str = ""):
    return client.post(url, {"answer": verdict, "reason": reason})


# --- The organiser --------------------------------------------------------------------------------------------


def test_approve_registration_gives_the_place(make_event, member, organiser, ask, now):
    event = make_event(needs_approval=True, capacity=1)
    asked = ask(event, member)
    assert (asked.state, event.registrations.holding_a_place().count()) == (State.AWAITING_APPROVAL, 0)

    approved = actions.approve_registration(registration=asked, actor=organiser, now=now)

    assert (approved.state, approved.approved_at) == (State.CONFIRMED, now)
    assert letters() == [("approval_awaited", member.email), ("place_booked", member.email)]
    assert list(approved.steps.values_list("verb", "actor", "detail__state")) == [
        ("ask_for_approval", member.pk, "awaiting approval"),
        ("approve_registration", organiser.pk, "confirmed"),
    ]


def test_approved_registrations_join_the_line_in_the_order_of_approval(
    make_event, make_members, organiser, ask, now
):
    event = make_event(needs_approval=True, capacity=1)
    asked = [ask(event, member) for member in make_members(3)]

    for position in (2, 0, 1):
        actions.approve_registration(registration=asked[position], actor=organiser, now=now)

    assert [registration.member for registration in event.registrations.waiting()] == [
        asked[0].member,
        asked[1].member,
    ]
    assert event.registrations.get(state=State.CONFIRMED).member == asked[2].member


def test_decline_registration_tells_why(make_event, member, organiser, ask, now):
    event = make_event(needs_approval=True)
    asked = ask(event, member)

    declined = actions.decline_registration(
        registration=asked, actor=organiser, reason="This workshop is for supervisors.", now=now
    )

    assert declined.state == State.DECLINED
    letter = OutgoingMail.objects.get(kind="events/mail/registration_declined")
    assert "The organiser declined your registration" in composed(letter).text
    assert "This workshop is for supervisors." in composed(letter).text
    again = ask(event, member, at=now + timedelta(minutes=1))
    assert again.state == State.AWAITING_APPROVAL


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.CANCELLED, State.DECLINED])
def test_only_what_waits_for_approval_is_approved_or_declined(make_event, fill, organiser, now, state):
    event = make_event(capacity=3)
    [registration] = fill(event, 1, state)

    for act, more in ((actions.approve_registration, {}), (actions.decline_registration, {"reason": "x"})):
        with pytest.raises(actions.NotAwaitingApproval):
            act(registration=registration, actor=organiser, now=now, **more)
    registration.refresh_from_db()
    assert registration.state == state


def test_approve_registrations_goes_on_past_a_refusal(make_event, make_members, organiser, ask, now):
    event = make_event(needs_approval=True, capacity=2)
    asked = [ask(event, member, at=now + timedelta(minutes=n)) for n, member in enumerate(make_members(3))]
    actions.cancel_registration(registration=asked[1], actor=asked[1].member, now=now)

    outcome = actions.approve_registrations(registrations=reversed(asked), actor=organiser, now=now)

    assert outcome.done == 2
    assert [(refused.pk, why) for refused, why in outcome.refused] == [
        (asked[1].pk, actions.NotAwaitingApproval.message)
    ]
    assert [found.state for found in event.registrations.order_by("pk")] == [
        "confirmed",
        "cancelled",
        "confirmed",
    ]


def test_decline_registrations_gives_all_the_same_reason(make_event, make_members, organiser, ask, now):
    event = make_event(needs_approval=True)
    asked = [ask(event, member) for member in make_members(2)]

    outcome = actions.decline_registrations(
        registrations=asked, actor=organiser, reason="Moved to spring.", now=now
    )

    assert (outcome.done, outcome.refused) == (2, [])
    assert set(event.registrations.values_list("state", "declined_reason")) == {
        ("declined", "Moved to spring.")
    }


def test_an_event_that_asks_for_less_lets_those_go_on_who_lack_nothing(make_event, member, ask, now):
    event = make_event(needs_approval=True)
    asked = ask(event, member)
    event.needs_approval = False
    event.save()

    actions.announce_changes(event=event, now=now)

    asked.refresh_from_db()
    assert asked.state == State.CONFIRMED


# --- The line manager -----------------------------------------------------------------------------------------


def test_the_manager_approves_with_the_link_and_no_account(make_event, member, ask, client):
    event = make_event(needs_manager=True)
    asked = ask(event, member)
    url = manager_link()

    shown = client.get(url).content.decode()
    asked.refresh_from_db()
    assert asked.state == State.AWAITING_APPROVAL  # following a link changes nothing
    assert "Pat Practitioner" in shown

    sent = answer(client, url)

    asked.refresh_from_db()
    assert (sent.status_code, sent.url, asked.state) == (302, url, State.CONFIRMED)
    assert letters() == [
        ("manager_asked", MANAGER),
        ("approval_awaited", member.email),
        ("place_booked", member.email),
    ]


def test_the_link_works_once(make_event, member, ask, client):
    event = make_event(needs_manager=True)
    asked = ask(event, member)
    url = manager_link()
    answer(client, url, "decline", "Not this year.")

    again = answer(client, url)

    asked.refresh_from_db()
    assert (again.status_code, asked.state, asked.declined_reason) == (409, State.DECLINED, "Not this year.")
    assert "This request was answered already. A link works once." in again.content.decode()
    shown = client.get(url).content.decode()
    assert "You declined this registration on" in shown
    assert "they can register again, and then we ask you again." in shown


def test_whoever_approved_is_told_what_can_still_be_done(make_event, member, ask, client):
    ask(make_event(needs_manager=True), member)
    answer(client, manager_link())

    shown = client.get(manager_link()).content.decode()

    assert "If you answered by mistake, tell the person: they can cancel their registration." in shown
    assert "ask you again" not in shown


def test_asking_somebody_else_ends_the_link_before(make_event, member, ask, client, now):
    event = make_event(needs_manager=True)
    asked = ask(event, member)
    before = manager_link()

    client.force_login(member)
    client.post(
        reverse("events:ask_manager", args=[asked.uuid]), {"manager_email": "other.manager@force.example"}
    )
    client.logout()

    assert (client.get(before).status_code, answer(client, before).status_code) == (404, 404)
    assert answer(client, manager_link()).status_code == 302
    asked.refresh_from_db()
    assert asked.state == State.CONFIRMED


@pytest.mark.parametrize(
    "address",
    [
        "practitioner@force.example",
        "Practitioner@Force.Example",
        "practitioner+boss@force.example",
        "second@force.example",
    ],
)
def test_nobody_is_their_own_manager(make_event, member, signed_in, address):
    member.emailaddress_set.create(email="second@force.example", verified=True)
    event = make_event(needs_manager=True)

    shown = signed_in.post(reverse("events:book_place", args=[event.uuid]), {"manager_email": address})

    assert "This is your own address. Give the address of your line manager" in shown.content.decode()
    assert (event.registrations.count(), OutgoingMail.objects.count()) == (0, 0)


def test_a_member_who_has_the_link_cannot_use_it(make_event, member, ask, signed_in):
    event = make_event(needs_manager=True)
    asked = ask(event, member)

    refused = answer(signed_in, manager_link())

    asked.refresh_from_db()
    assert (refused.status_code, asked.state) == (409, State.AWAITING_APPROVAL)
    assert actions.OwnRegistration.message in refused.content.decode()


def test_the_manager_is_asked_for(make_event, signed_in):
    event = make_event(needs_manager=True)

    shown = signed_in.post(reverse("events:book_place", args=[event.uuid])).content.decode()

    assert "Fill in “Your line manager’s e-mail address”" in shown
    assert event.registrations.count() == 0


@pytest.mark.parametrize("approves_first", ["organiser", "manager"])
def test_both_have_to_approve_in_any_order(by_both, member, organiser, ask, client, now, approves_first):
    asked = ask(by_both, member)
    steps = [
        lambda: actions.approve_registration(registration=asked, actor=organiser, now=now),
        lambda: answer(client, manager_link()),
    ]
    first, second = steps if approves_first == "organiser" else reversed(steps)

    first()
    asked.refresh_from_db()
    assert asked.state == State.AWAITING_APPROVAL
    second()
    asked.refresh_from_db()
    assert asked.state == State.CONFIRMED


def test_an_organiser_approves_in_place_of_a_manager_who_does_not_answer(
    make_event, member, organiser, ask, now
):
    asked = ask(make_event(needs_manager=True), member)

    approved = actions.approve_registration(registration=asked, actor=organiser, now=now)

    assert approved.state == State.CONFIRMED


def test_the_link_of_a_cancelled_registration_has_ended(make_event, member, ask, client, now):
    asked = ask(make_event(needs_manager=True), member)
    actions.cancel_registration(registration=asked, actor=member, now=now)

    assert answer(client, manager_link()).status_code == 404
    asked.refresh_from_db()
    assert asked.state == State.CANCELLED


def test_every_wrong_link_is_the_same_404(make_event, member, ask, client):
    asked = ask(make_event(needs_manager=True), member)
    key = ManagerApproval.objects.get().key
    wrong = [
        links.token(links.CANCEL, key),  # signed, for something else
        f"{key.hex}.forged",
        links.token(links.APPROVE, asked.uuid),  # a key that nobody was sent
        "nothing",
    ]

    answers = {
        re.sub(rb"nonce=\S+|registrations/approve/[^/]*", b"", response.content)
        for response in (client.get(reverse("events:answer_as_manager", args=[token])) for token in wrong)
        if response.status_code == 404
    }

    assert len(answers) == 1


# --- Approved again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("matters", "state"), [(True, State.AWAITING_APPROVAL), (False, State.CONFIRMED)])
def test_change_answers_asks_again_only_if_it_matters(
    make_event, member, organiser, ask, now, matters, state
):
    event = make_event(needs_approval=True, capacity=1)
    question = Question.objects.create(event=event, label="Role", needs_new_approval=matters)
    key = str(question.key)
    asked = ask(event, member, **{key: "Analyst"})
    actions.approve_registration(registration=asked, actor=organiser, now=now)
    later = now + timedelta(hours=1)

    same = actions.change_answers(
        registration=asked, answers=Answers(plain={key: "Analyst"}), actor=member, now=later
    )
    assert same.state == State.CONFIRMED
    changed = actions.change_answers(
        registration=asked, answers=Answers(plain={key: "Trainer"}), actor=member, now=later
    )

    assert (changed.state, changed.answers) == (state, {key: "Trainer"})


def test_a_place_that_waits_for_approval_again_goes_to_the_line_and_comes_back_by_approval(
    make_event, make_members, organiser, ask, now
):
    event = make_event(needs_approval=True, capacity=1)
    key = str(Question.objects.create(event=event, label="Role", needs_new_approval=True).key)
    first, second = make_members(2)
    held, waiting = ask(event, first), ask(event, second)
    for registration in (held, waiting):
        actions.approve_registration(registration=registration, actor=organiser, now=now)

    actions.change_answers(registration=held, answers=Answers(plain={key: "x"}), actor=first, now=now)

    waiting.refresh_from_db()
    assert waiting.state == State.OFFERED
    again = actions.approve_registration(registration=held, actor=organiser, now=now)
    assert again.state == State.WAITING


def test_a_second_approval_is_told_again(make_event, member, organiser, ask, now):
    event = make_event(needs_approval=True)
    key = str(Question.objects.create(event=event, label="Role", needs_new_approval=True).key)
    asked = ask(event, member)
    for minute in (1, 2):
        at = now + timedelta(minutes=minute)
        actions.approve_registration(registration=asked, actor=organiser, now=at)
        if minute == 1:
            actions.change_answers(
                registration=asked, answers=Answers(plain={key: "x"}), actor=member, now=at
            )

    assert [kind for kind, _ in letters()] == [
        "approval_awaited",
        "place_booked",
        "approval_awaited",
        "place_booked",
    ]
