"""Who may do what with the registrations of one event: by what they do in its team, or for all events."""

import pytest
from django.contrib.auth.models import AnonymousUser

from events import rules
from events.models import EventPage, TeamMember
from members.models import User

NOBODY = AnonymousUser()
MANAGE, CHECK_IN, READ = TeamMember.Role


@pytest.fixture
def join(now):
    def add(event: EventPage, member: User, role: str, *, sensitive: bool = False) -> TeamMember:
        return TeamMember.objects.create(
            event=event, member=member, role=role, sees_sensitive_answers=sensitive, added_at=now
        )

    return add


def what_may(user, event) -> tuple[bool, ...]:
    return tuple(
        rule(user, event)
        for rule in (
            rules.can_read_registrations,
            rules.can_manage_registrations,
            rules.can_check_in,
            rules.can_see_sensitive_answers,
        )
    )


def keys(events) -> list[int]:
    return sorted(events.values_list("pk", flat=True))


# read, manage, check in, sensitive answers
TABLE = {
    (MANAGE, False): (True, True, True, False),
    (MANAGE, True): (True, True, True, True),
    (CHECK_IN, False): (False, False, True, False),
    (CHECK_IN, True): (False, False, True, True),
    (READ, False): (True, False, False, False),
    (READ, True): (True, False, False, True),
}
NOTHING = (False, False, False, False)


@pytest.mark.parametrize(("role", "sensitive"), TABLE)
def test_what_a_member_of_the_team_may(make_event, member, join, role, sensitive):
    event, other = make_event(), make_event()
    join(event, member, role, sensitive=sensitive)

    assert what_may(member, event) == TABLE[role, sensitive]
    assert what_may(member, other) == NOTHING


def test_every_role_is_in_the_table():
    assert {role for role, _ in TABLE} == set(TeamMember.Role)


@pytest.mark.parametrize("state", ["pending", "declined", "suspended", "left"])
@pytest.mark.parametrize("role", TeamMember.Role)
def test_a_role_counts_for_approved_members_alone(event, member, join, role, state):
    join(event, member, role, sensitive=True)
    member.state = state
    member.is_active = state not in User.SHUT_OUT

    assert what_may(member, event) == NOTHING
    assert rules.reads_any_event(member) is False
    assert list(EventPage.objects.run_by(member)) == []


def test_who_runs_all_events_sees_sensitive_answers_only_where_named(make_event, organiser, join):
    event, other = make_event(), make_event()
    join(event, organiser, READ, sensitive=True)

    assert what_may(organiser, event) == (True, True, True, True)
    assert what_may(organiser, other) == (True, True, True, False)


def test_others_may_nothing(event, member, other_member, join):
    join(event, other_member, MANAGE, sensitive=True)

    assert [what_may(who, event) for who in (member, NOBODY)] == [NOTHING, NOTHING]


def test_an_event_that_is_not_saved_has_no_team(member):
    assert what_may(member, EventPage(content_type_id=1)) == NOTHING


@pytest.mark.parametrize(
    ("role", "runs", "reads"), [(MANAGE, True, True), (CHECK_IN, True, False), (READ, True, True)]
)
def test_run_by_and_read_by_find_the_events_of_a_team(make_event, member, join, role, runs, reads):
    event = make_event(live=False)
    make_event()
    join(event, member, role)

    assert keys(EventPage.objects.run_by(member)) == ([event.pk] if runs else [])
    assert keys(EventPage.objects.read_by(member)) == ([event.pk] if reads else [])
    assert rules.reads_any_event(member) is reads


def test_who_runs_all_events_finds_all(make_event, organiser):
    events = [make_event().pk, make_event(live=False).pk]

    assert keys(EventPage.objects.run_by(organiser)) == events
    assert keys(EventPage.objects.read_by(organiser)) == events


def test_nobody_finds_any(event):
    assert list(EventPage.objects.run_by(NOBODY)) == []
    assert list(EventPage.objects.read_by(NOBODY)) == []


@pytest.mark.parametrize(("role", "expected"), [(MANAGE, True), (CHECK_IN, False), (READ, False)])
def test_who_may_cancel_the_event(event, member, join, now, role, expected):
    join(event, member, role)

    assert rules.can_cancel_event(member, event, now) is expected


def test_nobody_changes_their_own_role_unless_they_run_all_events(
    event, member, other_member, organiser, join
):
    own, theirs, organisers = (
        join(event, member, MANAGE),
        join(event, other_member, READ),
        join(event, organiser, READ),
    )
    rows = (own, theirs, organisers)

    assert [rules.can_change_team_member(member, row) for row in rows] == [False, True, True]
    assert [rules.can_change_team_member(other_member, row) for row in rows] == [False, False, False]
    assert [rules.can_change_team_member(organiser, row) for row in rows] == [True, True, True]
