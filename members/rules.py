"""Who may do what with accounts and membership."""

from django.contrib.auth.models import AnonymousUser

from members.models import User

Person = User | AnonymousUser


def is_approved_member(user: Person) -> bool:
    """Let in by a rule or by a person, and neither suspended nor gone."""
    return isinstance(user, User) and user.is_approved


def can_decide_membership(user: Person) -> bool:
    return user.is_active and user.has_perm("members.decide_membership")


def can_decide_on(user: Person, member: User) -> bool:
    """Nobody decides on themselves, and on an administrator only an administrator."""
    return (
        can_decide_membership(user)
        and user.pk != member.pk
        and member.state != User.State.LEFT
        and (user.has_perm("members.change_user") or not member.is_administrator())
    )


def can_approve_member(user: Person, member: User) -> bool:
    """Whoever waits or was declined; nobody whose address is not confirmed: it may be a stranger's."""
    return can_decide_on(user, member) and (member.is_waiting or member.state == User.State.DECLINED)


def can_decline_member(user: Person, member: User) -> bool:
    return can_decide_on(user, member) and member.is_waiting


def can_suspend_member(user: Person, member: User) -> bool:
    return can_decide_on(user, member) and member.state == User.State.APPROVED


def can_reinstate_member(user: Person, member: User) -> bool:
    return can_decide_on(user, member) and member.state == User.State.SUSPENDED


def can_erase_member(user: Person, member: User) -> bool:
    """At a person's request, whatever their state. One's own account is erased by leaving."""
    return can_decide_on(user, member)


def must_use_second_factor(user: Person) -> bool:
    """Staff: whoever gets into the Wagtail admin."""
    return user.is_active and (user.is_superuser or user.has_perm("wagtailadmin.access_admin"))
