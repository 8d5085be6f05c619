"""People are let in, turned away, suspended, and leave."""

import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from mailing.composition import composed
from mailing.models import OutgoingMail
from members import actions, personal_data
from members.models import MembershipDecision, OrganisationDomain, User
from pages.errors import ActionError

State = User.State


def decisions_on(member: User) -> list[tuple[str, int | None, str]]:
    """Verdict, who decided, and the organisation."""
    rows = MembershipDecision.objects.filter(member=member).order_by("pk")
    return [
        (row.verdict, row.decided_by_id, row.organisation.name if row.organisation else "") for row in rows
    ]


def standing(member: User) -> tuple[str, str, bool]:
    """State, organisation, and whether they wait, as the database has it."""
    row = User.objects.select_related("organisation").get(pk=member.pk)
    return row.state, row.organisation.name if row.organisation else "", row.waiting_since is not None


# --- By rule ---------------------------------------------------------------------------------------


def test_confirm_address_lets_in_at_once_from_a_known_domain(make_user, essex, now, letters):
    member = make_user("new@essex.police.uk")

    actions.confirm_address(member=member, address="New@Essex.police.uk", now=now)

    assert standing(member) == (State.APPROVED, "Essex Police", False)
    assert decisions_on(member) == [("approved", None, "Essex Police")]
    assert letters() == [("membership_approved", "new@essex.police.uk")]


@pytest.mark.parametrize(
    "address",
    [
        "new@mail.essex.police.uk",
        "new@essex.police.uk.evil.example",
        "new+essex.police.uk@evil.example",
        "new@essеx.police.uk",
    ],
)
def test_confirm_address_lets_others_wait(make_user, essex, now, letters, address):
    member = make_user("new@council.example")

    actions.confirm_address(member=member, address=address, now=now)

    assert standing(member) == (State.PENDING, "", True)
    assert decisions_on(member) == []
    assert letters() == [("membership_waiting", "new@council.example")]


def test_confirm_address_again_neither_starts_the_wait_anew_nor_writes_again(waiting, now, letters):
    actions.confirm_address(member=waiting, address=waiting.email, now=now + timedelta(days=1))

    assert User.objects.get(pk=waiting.pk).waiting_since == now
    assert letters() == []


def test_confirm_address_lets_in_whoever_waits_and_moves_to_a_known_domain(waiting, essex, now):
    actions.confirm_address(
        member=waiting, address="new@essex.police.uk", previous_address=waiting.email, now=now
    )

    assert standing(waiting) == (State.APPROVED, "Essex Police", False)


def test_confirm_address_moves_a_member_to_another_known_organisation(approved, kent, now):
    actions.confirm_address(
        member=approved, address="officer@kent.police.uk", previous_address=approved.email, now=now
    )

    assert standing(approved) == (State.APPROVED, "Kent Police", False)
    assert decisions_on(approved) == [("approved", None, "Kent Police")]


def test_confirm_address_within_the_organisation_changes_nothing(approved, essex, now, letters):
    OrganisationDomain.objects.create(organisation=essex, domain="essex.pnn.police.uk")

    actions.confirm_address(
        member=approved, address="officer@essex.pnn.police.uk", previous_address=approved.email, now=now
    )

    assert standing(approved) == (State.APPROVED, "Essex Police", False)
    assert (decisions_on(approved), letters()) == ([], [])


def test_confirm_address_returns_to_waiting_whoever_leaves_the_domain_that_vouched(approved, now, letters):
    actions.confirm_address(
        member=approved, address="officer@mail.example", previous_address=approved.email, now=now
    )

    assert standing(approved) == (State.PENDING, "", True)
    assert User.objects.get(pk=approved.pk).stated_organisation == "Essex Police"
    assert decisions_on(approved) == [("returned", None, "")]
    assert letters() == [("membership_returned", "officer@essex.police.uk")]


def test_confirm_address_leaves_alone_whom_a_person_let_in(make_user, essex, now, letters):
    member = make_user("own@council.example", organisation=essex, state=State.APPROVED)

    actions.confirm_address(
        member=member, address="own@mail.example", previous_address="own@council.example", now=now
    )

    assert standing(member) == (State.APPROVED, "Essex Police", False)
    assert (decisions_on(member), letters()) == ([], [])


def test_confirm_address_brings_whoever_was_declined_back_to_the_list_and_no_further(make_user, essex, now):
    member = make_user("new@essex.police.uk", state=State.DECLINED)

    actions.confirm_address(member=member, address=member.email, now=now)

    assert standing(member) == (State.PENDING, "", True)
    assert decisions_on(member) == [("returned", None, "")]


@pytest.mark.parametrize("state", [State.SUSPENDED, State.LEFT])
def test_confirm_address_opens_no_way_back_in(make_user, essex, now, letters, state):
    member = make_user("new@essex.police.uk", state=state)

    actions.confirm_address(member=member, address=member.email, now=now)

    assert standing(member) == (state, "", False)
    assert (decisions_on(member), letters()) == ([], [])


def test_release_address_removes_accounts_nobody_proved(make_user, approved):
    make_user("mine@council.example", verified=False)

    actions.release_address(address="Mine@council.example", keeper=approved)

    assert list(User.objects.values_list("email", flat=True)) == [approved.email]


def test_release_address_ends_moves_that_others_began(make_user, approved):
    mover = make_user("mover@council.example")
    for member in (mover, approved):
        EmailAddress.objects.create(user=member, email="mine@council.example", verified=False, primary=False)

    actions.release_address(address="Mine@council.example", keeper=approved)

    assert [address.user for address in EmailAddress.objects.filter(email="mine@council.example")] == [
        approved
    ]
    assert EmailAddress.objects.filter(user=mover).get().email == "mover@council.example"


def test_release_address_keeps_accounts_somebody_used(make_user, approved, now):
    make_user("used@council.example", verified=False, last_login=now)

    actions.release_address(address="used@council.example", keeper=approved)

    assert User.objects.count() == 2


def test_remove_unconfirmed_accounts_takes_the_old_ones_that_nobody_used(make_user, now):
    old, new = now - timedelta(days=31), now - timedelta(days=29)
    make_user("old@council.example", verified=False, date_joined=old)
    make_user("new@council.example", verified=False, date_joined=new)
    make_user("used@council.example", verified=False, date_joined=old, last_login=old)
    make_user("confirmed@council.example", date_joined=old)

    assert actions.remove_unconfirmed_accounts(before=now - timedelta(days=30)) == 1

    left = User.objects.order_by("pk").values_list("email", flat=True)
    assert [email.partition("@")[0] for email in left] == ["new", "used", "confirmed"]


def test_the_command_says_how_many_and_removes_them_unless_it_is_a_dry_run(make_user, capsys):
    make_user("old@council.example", verified=False, date_joined=timezone.now() - timedelta(days=31))

    call_command("remove_unconfirmed_accounts", dry_run=True)
    assert User.objects.count() == 1
    call_command("remove_unconfirmed_accounts")

    assert User.objects.count() == 0
    assert capsys.readouterr().out == "1 account would be removed.\n1 account removed.\n"


# --- By a person -----------------------------------------------------------------------------------


def test_approve_member_lets_in_and_says_so(waiting, manager, kent, now, letters):
    actions.approve_member(
        member=waiting, by=manager, seen=State.PENDING, organisation=kent, add_domain=False, now=now
    )

    assert standing(waiting) == (State.APPROVED, "Kent Police", False)
    assert decisions_on(waiting) == [("approved", manager.pk, "Kent Police")]
    assert letters() == [("membership_approved", waiting.email)]
    assert not OrganisationDomain.objects.filter(domain="council.example").exists()


def test_approve_member_with_the_domain_lets_in_the_next_one_at_once(waiting, make_user, manager, kent, now):
    actions.approve_member(
        member=waiting, by=manager, seen=State.PENDING, organisation=kent, add_domain=True, now=now
    )
    colleague = make_user("colleague@council.example")
    actions.confirm_address(member=colleague, address=colleague.email, now=now)

    assert standing(colleague) == (State.APPROVED, "Kent Police", False)


def test_approve_member_takes_back_a_decline(waiting, manager, kent, now):
    actions.decline_member(member=waiting, by=manager, seen=State.PENDING, reason="Not known.", now=now)

    actions.approve_member(
        member=waiting, by=manager, seen=State.DECLINED, organisation=kent, add_domain=False, now=now
    )

    assert decisions_on(waiting) == [("declined", manager.pk, ""), ("approved", manager.pk, "Kent Police")]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("some@gmail.com", "Anyone can have an address at gmail.com"),
        ("some@essex.police.uk", "essex.police.uk already belongs to Essex Police"),
    ],
)
def test_approve_member_refuses_a_domain_that_is_not_the_organisations(
    make_user, manager, essex, kent, now, letters, address, message
):
    member = make_user(address, waiting_since=now)

    with pytest.raises(actions.DomainRefused, match=f"Nobody was approved yet. {message}"):
        actions.approve_member(
            member=member, by=manager, seen=State.PENDING, organisation=kent, add_domain=True, now=now
        )

    assert standing(member) == (State.PENDING, "", True)
    assert (decisions_on(member), letters()) == ([], [])


def test_decline_member_records_who_and_why(waiting, manager, now, letters):
    actions.decline_member(member=waiting, by=manager, seen=State.PENDING, reason="Two\nlines.", now=now)

    assert standing(waiting) == (State.DECLINED, "", False)
    decision = MembershipDecision.objects.get()
    assert (decision.decided_by, decision.decided_at, decision.reason) == (manager, now, "Two\nlines.")
    assert letters() == [("membership_declined", waiting.email)]
    assert "> Two\n> lines.\n" in composed(OutgoingMail.objects.get()).text


def test_suspend_member_shuts_out_everywhere_at_once(approved, manager, now, letters, client):
    client.force_login(approved)
    UserSession.objects.create(
        user=approved, session_key=client.session.session_key, ip="192.0.2.1", user_agent="A browser"
    )
    assert client.get("/members/status/").status_code == 200

    actions.suspend_member(member=approved, by=manager, seen=State.APPROVED, reason="An inquiry.", now=now)

    assert client.get("/members/status/")["Location"] == "/account/login/?next=/members/status/"
    assert UserSession.objects.count() == 0
    assert not client.session.exists(client.cookies["sessionid"].value)
    assert standing(approved) == (State.SUSPENDED, "Essex Police", False)
    assert letters() == [("membership_suspended", approved.email)]


def test_reinstate_member_lets_in_as_before(approved, manager, now, letters):
    actions.suspend_member(member=approved, by=manager, seen=State.APPROVED, reason="An inquiry.", now=now)

    actions.reinstate_member(member=approved, by=manager, seen=State.SUSPENDED, reason="It is over.", now=now)

    assert standing(approved) == (State.APPROVED, "Essex Police", False)
    assert User.objects.get(pk=approved.pk).is_active is True
    assert letters() == [
        ("membership_suspended", approved.email),
        ("membership_reinstated", approved.email),
    ]
    assert "> It is over." in composed(OutgoingMail.objects.latest("pk")).text


def decide(verb: str, member: User, by: User, organisation, now) -> None:
    seen = member.state
    if verb == "approve":
        actions.approve_member(
            member=member, by=by, seen=seen, organisation=organisation, add_domain=False, now=now
        )
    else:
        getattr(actions, f"{verb}_member")(member=member, by=by, seen=seen, reason="A reason.", now=now)


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (State.PENDING, {"approve", "decline"}),
        (State.APPROVED, {"suspend"}),
        (State.DECLINED, {"approve"}),
        (State.SUSPENDED, {"reinstate"}),
        (State.LEFT, set()),
    ],
)
def test_only_these_decisions_are_possible_in_a_state(make_user, manager, kent, now, letters, state, verbs):
    possible = set()
    for number, verb in enumerate(("approve", "decline", "suspend", "reinstate")):
        since = now if state == State.PENDING else None
        member = make_user(f"some{number}@council.example", state=state, waiting_since=since)
        try:
            decide(verb, member, manager, kent, now)
        except actions.AlreadyDecided:
            assert standing(member)[0] == state
            assert decisions_on(member) == []
        else:
            possible.add(verb)

    assert possible == verbs
    assert len(letters()) == len(verbs)


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_nothing_is_decided_before_the_address_is_confirmed(make_user, manager, kent, now, letters, verb):
    member = make_user("new@council.example", verified=False)

    with pytest.raises(actions.AddressNotConfirmed, match="not confirmed yet"):
        decide(verb, member, manager, kent, now)

    assert standing(member) == (State.PENDING, "", False)
    assert (decisions_on(member), letters()) == ([], [])


def test_whoever_decides_second_is_told_who_was_quicker(waiting, manager, make_manager, kent, now):
    second = make_manager("second@portal.example", last_name="Second")
    actions.approve_member(
        member=waiting, by=manager, seen=State.PENDING, organisation=kent, add_domain=False, now=now
    )

    with pytest.raises(actions.AlreadyDecided) as told:
        actions.decline_member(member=waiting, by=second, seen=State.PENDING, reason="Not known.", now=now)

    assert told.value.message == (
        "Nothing was changed, because this was decided meanwhile: "
        "approved by Mem Manager on Thursday 14 January 2027, 9:30am."
    )


# --- Leaving ---------------------------------------------------------------------------------------


@pytest.fixture
def holder(monkeypatch):
    """Another app that keeps something about members."""
    erased = []
    monkeypatch.setattr(personal_data, "_holders", {})
    personal_data.register(
        "visits",
        collect=lambda member: [{"visited": member.email}],
        erase=lambda member, now: erased.append((member.email, now)),
    )
    return erased


def test_erase_member_leaves_a_row_without_a_person(make_manager, essex, holder, now, letters):
    member = make_manager("officer@essex.police.uk", organisation=essex, job_title="Analyst")
    before = member.uuid
    actions.confirm_address(member=member, address=member.email, now=now)

    actions.erase_member(member=member, by=None, now=now)

    gone = User.objects.get(pk=member.pk)
    assert gone.email.endswith("@left.invalid")
    assert gone.uuid != before
    assert (gone.first_name, gone.last_name, gone.job_title, gone.stated_organisation) == ("", "", "", "")
    assert (gone.state, gone.is_active, gone.organisation, gone.last_login) == ("left", False, None, None)
    assert not gone.has_usable_password()
    assert gone.user_permissions.count() == 0
    for model in (EmailAddress, Authenticator, UserSession):
        assert model.objects.count() == 0
    assert holder == [("officer@essex.police.uk", now)]
    assert letters() == [("member_left", "officer@essex.police.uk")]
    assert MembershipDecision.objects.latest("pk").verdict == "left"


def test_erase_member_keeps_decisions_without_what_was_written(waiting, manager, kent, holder, now):
    actions.decline_member(
        member=waiting, by=manager, seen=State.PENDING, reason="New Comer is not known to us.", now=now
    )

    actions.erase_member(member=waiting, by=manager, now=now)

    kept = MembershipDecision.objects.order_by("pk").values_list("verdict", "decided_by", "reason")
    assert list(kept) == [
        ("declined", manager.pk, "Erased when the member left."),
        ("left", manager.pk, ""),
    ]
    assert not OutgoingMail.objects.filter(values__contains="New Comer").exists()


def test_erase_member_does_everything_or_nothing(approved, monkeypatch, now, letters):
    def fail(member, now):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(personal_data, "_holders", {})
    personal_data.register("visits", collect=lambda member: [], erase=fail)

    with pytest.raises(RuntimeError, match="disk"):
        actions.erase_member(member=approved, by=None, now=now)

    assert User.objects.get(pk=approved.pk).email == "officer@essex.police.uk"
    assert EmailAddress.objects.get().user == approved
    assert letters() == []


def test_erase_member_twice_is_refused(approved, manager, holder, now):
    actions.erase_member(member=approved, by=None, now=now)

    with pytest.raises(actions.AlreadyDecided, match="left"):
        actions.erase_member(member=approved, by=manager, now=now)


def test_an_address_is_free_again_after_leaving(approved, holder, now):
    actions.erase_member(member=approved, by=None, now=now)

    assert User.objects.create_user("officer@essex.police.uk").pk != approved.pk


@pytest.mark.parametrize("verb", ["erase", "suspend"])
def test_the_last_administrator_stays(make_user, manager, now, verb):
    administrator = make_user("admin@portal.example", is_superuser=True, state=State.APPROVED)
    make_user("former@portal.example", is_superuser=True, state=State.SUSPENDED)
    options = {"reason": "A reason.", "seen": State.APPROVED} if verb == "suspend" else {}

    with pytest.raises(ActionError, match="only administrator"):
        getattr(actions, f"{verb}_member")(member=administrator, by=manager, now=now, **options)

    assert standing(administrator)[0] == State.APPROVED


def test_one_of_two_administrators_may_leave(make_user, holder, now):
    administrator = make_user("admin@portal.example", is_superuser=True, state=State.APPROVED)
    make_user("other@portal.example", is_superuser=True, state=State.APPROVED)

    actions.erase_member(member=administrator, by=None, now=now)

    assert standing(administrator)[0] == State.LEFT


# --- At the same moment ----------------------------------------------------------------------------


def at_once(*calls) -> list[BaseException | None]:
    """Run the calls in threads that start together; what each raised."""
    start = threading.Barrier(len(calls))
    outcomes: list[BaseException | None] = [None] * len(calls)

    def run(number: int, call) -> None:
        try:
            start.wait()
            call()
        except Exception as error:  # noqa: BLE001 - handed to the test, which says which it expects
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_one_decides_and_the_other_is_told(
    site_tree, waiting, make_manager, kent, now, letters
):
    managers = [make_manager("one@portal.example"), make_manager("two@portal.example")]

    outcomes = at_once(
        lambda: actions.approve_member(
            member=waiting, by=managers[0], seen=State.PENDING, organisation=kent, add_domain=False, now=now
        ),
        lambda: actions.decline_member(
            member=waiting, by=managers[1], seen=State.PENDING, reason="Not known.", now=now
        ),
    )

    told = [outcome for outcome in outcomes if outcome is not None]
    assert [type(outcome) for outcome in told] == [actions.AlreadyDecided]
    assert MembershipDecision.objects.count() == 1
    assert len(letters()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_do_not_leave_together(site_tree, make_user, monkeypatch, now):
    monkeypatch.setattr(personal_data, "_holders", {})
    pair = [
        make_user(f"admin{number}@portal.example", is_superuser=True, state=State.APPROVED)
        for number in range(2)
    ]

    at_once(*(lambda member=member: actions.erase_member(member=member, by=None, now=now) for member in pair))

    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
