"""What the database promises about people and decisions."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from members.models import MembershipDecision, Organisation, OrganisationDomain, User

Verdict = MembershipDecision.Verdict


def assert_refused(constraint: str, write) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.mark.parametrize("state", ["suspended", "left"])
def test_whoever_is_shut_out_is_inactive(approved, state):
    assert_refused(
        "members_user_shut_out_is_inactive",
        lambda: User.objects.filter(pk=approved.pk).update(state=state),
    )


def test_a_state_is_one_that_is_known(approved):
    assert_refused(
        "members_user_state_known", lambda: User.objects.filter(pk=approved.pk).update(state="friend")
    )


def test_only_the_pending_wait(approved, now):
    assert_refused(
        "members_user_waiting_is_pending",
        lambda: User.objects.filter(pk=approved.pk).update(waiting_since=now),
    )


def test_an_address_is_in_lower_case(approved):
    assert_refused(
        "members_user_email_lower_case",
        lambda: User.objects.filter(pk=approved.pk).update(email="Officer@essex.police.uk"),
    )


@pytest.mark.parametrize("domain", ["a@b.example", "b.example.", "b .example"])
def test_a_listed_domain_is_a_domain(essex, domain):
    assert_refused(
        "members_organisationdomain_is_a_domain",
        lambda: OrganisationDomain.objects.create(organisation=essex, domain=domain),
    )


def test_a_listed_domain_is_in_lower_case(essex):
    assert_refused(
        "members_organisationdomain_lower_case",
        lambda: OrganisationDomain.objects.create(organisation=essex, domain="B.example"),
    )


def test_a_domain_belongs_to_one_organisation(essex, kent):
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationDomain.objects.create(organisation=kent, domain="essex.police.uk")


def test_an_organisation_has_a_kind_that_is_known(db):
    assert_refused(
        "members_organisation_kind_known", lambda: Organisation.objects.create(name="Club", kind="club")
    )


def test_only_forces_are_territorial(db):
    assert_refused(
        "members_organisation_territorial_is_a_force",
        lambda: Organisation.objects.create(name="NSPCC", kind="charity", is_territorial=True),
    )


def test_an_organisation_with_members_is_not_deleted(approved, essex):
    with pytest.raises(ProtectedError):
        essex.delete()


@pytest.mark.parametrize("verdict", [Verdict.DECLINED, Verdict.SUSPENDED])
def test_a_refusal_has_a_reason(approved, manager, now, verdict):
    assert_refused(
        "members_membershipdecision_refusal_has_reason",
        lambda: MembershipDecision.objects.create(
            member=approved, decided_by=manager, verdict=verdict, decided_at=now
        ),
    )


@pytest.mark.parametrize("verdict", [Verdict.DECLINED, Verdict.SUSPENDED, Verdict.REINSTATED])
def test_what_no_rule_decides_is_decided_by_a_person(approved, now, verdict):
    assert_refused(
        "members_membershipdecision_by_a_person",
        lambda: MembershipDecision.objects.create(
            member=approved, verdict=verdict, decided_at=now, reason="Because."
        ),
    )


def test_nobody_decides_on_themselves(manager, now):
    assert_refused(
        "members_membershipdecision_not_on_oneself",
        lambda: MembershipDecision.objects.create(
            member=manager, decided_by=manager, verdict=Verdict.APPROVED, decided_at=now
        ),
    )


def test_a_decision_is_never_changed_or_deleted(approved, manager, now):
    decision = MembershipDecision.objects.create(
        member=approved, decided_by=manager, verdict=Verdict.APPROVED, decided_at=now
    )
    decision.reason = "Another one."

    for attempt in (
        decision.save,
        decision.delete,
        MembershipDecision.objects.all().delete,
        lambda: MembershipDecision.objects.update(reason="Another one."),
    ):
        with pytest.raises(TypeError, match="never"):
            attempt()

    assert list(MembershipDecision.objects.values_list("verdict", "reason")) == [("approved", "")]


def test_erase_reasons_takes_out_what_was_written_about_one_member(approved, waiting, manager, now):
    for member in (approved, waiting):
        MembershipDecision.objects.create(
            member=member, decided_by=manager, verdict=Verdict.DECLINED, decided_at=now, reason="A story."
        )

    MembershipDecision.objects.erase_reasons(approved)

    reasons = dict(MembershipDecision.objects.values_list("member__email", "reason"))
    assert reasons == {approved.email: "Erased when the member left.", waiting.email: "A story."}


def test_a_member_is_called_by_number_where_logs_see_it(approved):
    assert str(approved) == f"member {approved.pk}"


def test_create_user_makes_the_shut_out_inactive(db):
    assert User.objects.create_user("a@b.example", state=User.State.SUSPENDED).is_active is False
    assert User.objects.create_user("b@b.example", state=User.State.DECLINED).is_active is True


def test_visible_to_is_oneself_or_everybody_for_those_who_decide(approved, waiting, manager):
    assert set(User.objects.visible_to(manager)) == {approved, waiting, manager}
    assert set(User.objects.visible_to(approved)) == {approved}
    assert set(User.objects.visible_to(AnonymousUser())) == set()


def test_awaiting_decision_is_the_confirmed_pending_longest_wait_first(waiting, approved, make_user, now):
    make_user("unconfirmed@council.example", verified=False)
    earlier = make_user("earlier@council.example", waiting_since=now - timedelta(days=1))

    assert list(User.objects.awaiting_decision()) == [earlier, waiting]


def test_never_confirmed_are_accounts_nobody_ever_used(make_user, approved, waiting, now):
    unused = make_user("unused@council.example", verified=False)
    make_user("used@council.example", verified=False, last_login=now)
    make_user("staff@council.example", verified=False, is_staff=True)
    make_user("confirmed@council.example")

    assert list(User.objects.never_confirmed()) == [unused]
