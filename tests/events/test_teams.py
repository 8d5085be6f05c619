"""Roles in the team of an event, and the way into the admin that comes and goes with them."""

from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import PageLogEntry

from events import actions
from events.models import TeamMember
from events.models.team import EVENT_TEAM
from mailing.composition import composed
from mailing.models import OutgoingMail
from members import personal_data
from members.models import User
from members.rules import must_use_second_factor
from portal.roles import Role
from tests.events.outcomes import letters

MANAGE, CHECK_IN, READ = TeamMember.Role


@pytest.fixture
def add(event, organiser, now):
    def add_team_member(member: User, role: str = READ, to=event, *, sensitive: bool = False) -> TeamMember:
        return actions.add_team_member(
            event=to,
            email=member.email,
            role=role,
            sees_sensitive_answers=sensitive,
            actor=organiser,
            now=now,
        )

    return add_team_member


def gets_in(member: User) -> bool:
    """Whether the member enters the admin, and then only with a second factor."""
    fresh = User.objects.get(pk=member.pk)
    enters = fresh.has_perm("wagtailadmin.access_admin")
    assert enters == must_use_second_factor(fresh)
    return enters


def test_the_group_has_one_name():
    assert Role.EVENT_TEAM.value == EVENT_TEAM


@pytest.mark.parametrize(("role", "expected"), [(MANAGE, True), (READ, True), (CHECK_IN, False)])
def test_add_team_member_lets_into_the_admin_whoever_works_there(member, add, role, expected):
    assert not gets_in(member)

    add(member, role)

    assert gets_in(member) is expected


def test_change_team_member_gives_and_takes_the_way_in(member, add, organiser):
    row = add(member, CHECK_IN)
    seen = []
    for role in (READ, CHECK_IN, MANAGE):
        actions.change_team_member(team_member=row, role=role, sees_sensitive_answers=False, actor=organiser)
        seen.append(gets_in(member))

    assert seen == [True, False, True]


def test_remove_team_member_takes_the_way_in_with_the_last_role(make_event, member, add, organiser):
    first, second = add(member), add(member, to=make_event())

    actions.remove_team_member(team_member=first, actor=organiser)
    assert gets_in(member)

    actions.remove_team_member(team_member=second, actor=organiser)
    assert not gets_in(member)


def test_the_way_in_goes_with_a_deleted_event(make_event, member, add):
    event = make_event()
    add(member, to=event)

    event.delete()

    assert not gets_in(member)


def test_other_roles_stay_when_the_last_one_of_a_team_goes(member, add, organiser):
    member.groups.add(Group.objects.get(name="Editors"))

    actions.remove_team_member(team_member=add(member), actor=organiser)

    assert [group.name for group in member.groups.all()] == ["Editors"]


@pytest.mark.parametrize("state", ["pending", "declined", "suspended"])
def test_add_team_member_takes_approved_members_alone(member, add, state):
    member.state = state
    member.is_active = state not in User.SHUT_OUT
    member.save()

    with pytest.raises(actions.NotAMember):
        add(member)
    assert not TeamMember.objects.exists()


def test_add_team_member_twice_is_refused_and_changes_nothing(member, add):
    add(member, READ)

    with pytest.raises(actions.OnTheTeamAlready):
        add(member, MANAGE)

    assert [row.role for row in TeamMember.objects.all()] == [READ]
    assert letters() == [("team_joined", "practitioner")]


@pytest.mark.parametrize(
    ("role", "says", "leads_to"),
    [
        (MANAGE, "approve and cancel registrations", "events_admin:overview"),
        (READ, "see who registered, and the numbers", "events_admin:overview"),
        (CHECK_IN, "check people in at the door", "events:check_in"),
    ],
)
def test_add_team_member_tells_them_what_and_where(member, event, add, role, says, leads_to):
    add(member, role)

    text = composed(OutgoingMail.objects.get()).text
    key = event.uuid if role == CHECK_IN else event.pk
    assert says in " ".join(text.split())
    assert reverse(leads_to, args=[key]) in text
    assert ("second factor" in text) is (role != CHECK_IN)


def test_who_does_what_stands_in_the_history_of_the_page(member, add, organiser):
    row = add(member, READ, sensitive=True)
    actions.change_team_member(team_member=row, role=MANAGE, sees_sensitive_answers=False, actor=organiser)
    actions.remove_team_member(team_member=row, actor=organiser)

    entries = PageLogEntry.objects.filter(action__startswith="events.").order_by("pk")
    assert [
        (entry.action, entry.data["role"], entry.data["sees_sensitive_answers"]) for entry in entries
    ] == [
        ("events.add_team_member", READ, True),
        ("events.change_team_member", MANAGE, False),
        ("events.remove_team_member", MANAGE, False),
    ]
    assert {entry.data["member"] for entry in entries} == {str(member.uuid)}


def test_roles_are_personal_data_and_go_with_the_member(member, event, add, now):
    add(member, MANAGE)

    collected = personal_data.collect(member)["event_roles"]
    personal_data.erase(member, now)

    assert [(row["event"], row["role"]) for row in collected] == [
        (event.title, "Manage registrations and write to people")
    ]
    assert not TeamMember.objects.exists()


# --- The page --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(at_desk, organiser, now):
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield at_desk(organiser)


def url(name: str, *args) -> str:
    return reverse(f"events_admin:{name}", args=args)


def test_team_adds_by_address(desk, event, member):
    desk.post(
        url("team", event.pk), {"email": member.email.upper(), "role": READ, "sees_sensitive_answers": "on"}
    )

    row = event.team.get()
    assert (row.member, row.role, row.sees_sensitive_answers) == (member, READ, True)
    assert row.added_by.email == "organiser@portal.example"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"email": "nobody@force.example", "role": "read"}, "email"),
        ({"email": "nonsense", "role": "read"}, "email"),
        ({"email": "practitioner@force.example", "role": "nonsense"}, "role"),
        ({"email": "practitioner@force.example"}, "role"),
    ],
)
def test_team_says_what_is_wrong(desk, event, member, data, field):
    shown = desk.post(url("team", event.pk), data)

    assert list(shown.context["form"].errors) == [field]
    assert not event.team.exists()


def test_team_changes_and_removes(desk, event, member, add):
    row = add(member, READ)

    desk.post(url("change_team_member", event.pk, row.pk), {"role": CHECK_IN})
    row.refresh_from_db()
    assert row.role == CHECK_IN

    desk.post(url("remove_team_member", event.pk, row.pk))
    assert not event.team.exists()


def test_team_costs_the_same_for_many(desk, make_event, make_members, now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    costs = []
    for number in (1, 3, 40):
        event = make_event()
        TeamMember.objects.bulk_create(
            TeamMember(event=event, member=somebody, role=READ, added_at=now)
            for somebody in make_members(number)
        )
        desk.get(url("team", event.pk))
        with CaptureQueriesContext(connection) as captured:
            desk.get(url("team", event.pk))
        costs.append(len(captured))

    assert costs[0] == costs[1] == costs[2]
