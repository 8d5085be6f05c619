"""Who may do what with letters."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from mailing import rules
from mailing.models import OutgoingMail, Priority

State = OutgoingMail.State


def allowed(member, *permissions: str):
    """The member with these permissions on letters."""
    member.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return type(member).objects.get(pk=member.pk)


@pytest.mark.parametrize(
    ("permissions", "may"), [((), False), (("view_outgoingmail",), True), (("change_outgoingmail",), False)]
)
def test_can_see_letters(member, permissions, may):
    assert rules.can_see_letters(allowed(member, *permissions)) is may


@pytest.mark.parametrize(
    ("permissions", "state", "priority", "erased", "may"),
    [
        (("change_outgoingmail",), State.FAILED, Priority.NORMAL, False, True),
        (("change_outgoingmail",), State.CANCELLED, Priority.NORMAL, False, True),
        (("change_outgoingmail",), State.QUEUED, Priority.NORMAL, False, False),
        (("change_outgoingmail",), State.SENDING, Priority.NORMAL, False, False),
        (("change_outgoingmail",), State.SENT, Priority.NORMAL, False, False),
        (("change_outgoingmail",), State.FAILED, Priority.URGENT, False, False),
        (("change_outgoingmail",), State.FAILED, Priority.NORMAL, True, False),
        (("view_outgoingmail",), State.FAILED, Priority.NORMAL, False, False),
        ((), State.FAILED, Priority.NORMAL, False, False),
    ],
)
def test_can_send_letter_again(member, make_letter, now, permissions, state, priority, erased, may):
    gone = {"values": {}, "body_erased_at": now} if erased else {}
    letter = make_letter(state=state, priority=priority, **gone)

    assert rules.can_send_letter_again(allowed(member, *permissions), letter) is may


@pytest.mark.parametrize(
    ("permissions", "state", "may"),
    [
        (("change_outgoingmail",), State.QUEUED, True),
        (("change_outgoingmail",), State.SENDING, False),
        (("change_outgoingmail",), State.SENT, False),
        (("change_outgoingmail",), State.FAILED, False),
        (("change_outgoingmail",), State.CANCELLED, False),
        (("view_outgoingmail",), State.QUEUED, False),
    ],
)
def test_can_cancel_letter(member, make_letter, permissions, state, may):
    assert rules.can_cancel_letter(allowed(member, *permissions), make_letter(state=state)) is may


def test_visitors_may_nothing(make_letter):
    visitor = AnonymousUser()

    assert not rules.can_see_letters(visitor)
    assert not rules.can_send_letter_again(visitor, make_letter("1", state=State.FAILED))
    assert not rules.can_cancel_letter(visitor, make_letter("2"))
