"""Truth tables: who may do what with accounts."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from members import rules
from members.models import User

State = User.State


@pytest.mark.parametrize(
    ("state", "is_active", "is_in"),
    [
        (State.PENDING, True, False),
        (State.APPROVED, True, True),
        (State.APPROVED, False, False),
        (State.DECLINED, True, False),
        (State.SUSPENDED, False, False),
        (State.LEFT, False, False),
    ],
)
def test_is_approved_member(db, state, is_active, is_in):
    assert rules.is_approved_member(User(state=state, is_active=is_active)) is is_in


def test_is_approved_member_is_nobody_who_is_not_signed_in():
    assert rules.is_approved_member(AnonymousUser()) is False


@pytest.mark.parametrize(
    ("state", "waits", "approve", "decline", "suspend", "reinstate", "erase"),
    [
        (State.PENDING, False, False, False, False, False, True),
        (State.PENDING, True, True, True, False, False, True),
        (State.APPROVED, False, False, False, True, False, True),
        (State.DECLINED, False, True, False, False, False, True),
        (State.SUSPENDED, False, False, False, False, True, True),
        (State.LEFT, False, False, False, False, False, False),
    ],
)
def test_what_a_manager_may_decide(
    make_user, manager, now, state, waits, approve, decline, suspend, reinstate, erase
):
    member = make_user("some@council.example", state=state, waiting_since=now if waits else None)

    assert (
        rules.can_approve_member(manager, member),
        rules.can_decline_member(manager, member),
        rules.can_suspend_member(manager, member),
        rules.can_reinstate_member(manager, member),
        rules.can_erase_member(manager, member),
    ) == (approve, decline, suspend, reinstate, erase)


def test_who_may_decide_on_whom(make_user, manager, approved, waiting):
    administrator = make_user("admin@portal.example", is_superuser=True, state=State.APPROVED)
    by_role = make_user("role@portal.example", state=State.APPROVED)
    suspended = make_user("suspended@portal.example", state=State.SUSPENDED)
    for member in (by_role, suspended):
        member.groups.add(Group.objects.get(name="Administrators"))
    gone = make_user("gone@portal.example", is_superuser=True, state=State.SUSPENDED)

    table = {
        (user.email if user.pk else "anonymous", member.email): rules.can_decide_on(user, member)
        for user in (manager, administrator, by_role, gone, approved, AnonymousUser())
        for member in (waiting, manager, administrator, by_role, suspended)
    }

    allowed = {pair for pair, may in table.items() if may}
    assert allowed == {
        (manager.email, waiting.email),
        (administrator.email, waiting.email),
        (administrator.email, manager.email),
        (administrator.email, by_role.email),
        (administrator.email, suspended.email),
        (by_role.email, waiting.email),
        (by_role.email, manager.email),
        (by_role.email, administrator.email),
        (by_role.email, suspended.email),
    }


@pytest.mark.parametrize(
    ("fields", "permissions", "must"),
    [
        ({"state": State.APPROVED}, (), False),
        ({"state": State.APPROVED, "is_staff": True}, (), False),
        ({"state": State.APPROVED}, ("wagtailadmin.access_admin",), True),
        ({"state": State.PENDING}, ("wagtailadmin.access_admin",), True),
        ({"state": State.APPROVED, "is_superuser": True}, (), True),
        ({"state": State.SUSPENDED, "is_superuser": True}, (), False),
    ],
)
def test_must_use_second_factor_is_for_all_who_get_into_the_admin(make_user, fields, permissions, must):
    user = make_user("some@portal.example", permissions=permissions, **fields)

    assert rules.must_use_second_factor(user) is must


def test_must_use_second_factor_is_not_for_the_anonymous():
    assert rules.must_use_second_factor(AnonymousUser()) is False
