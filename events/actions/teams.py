"""Who is on the team of an event, and who gets into the Wagtail admin because of it."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.log_actions import log

from events import mail
from events.actions import checks
from events.actions.errors import OnTheTeamAlready
from events.models import EventPage, TeamMember
from events.models.team import EVENT_TEAM
from members.models import User


@transaction.atomic
def add_team_member(
    *,
    event: EventPage,
    email: str,
    role: str,
    sees_sensitive_answers: bool,
    actor: User,
    now: datetime,
) -> TeamMember:
    """Put an approved member on the team, and tell them. Raises NotAMember, MemberSuspended or OnTheTeamAlready."""
    member = checks.approved_member(email)
    added, is_new = TeamMember.objects.get_or_create(
        event=event,
        member=member,
        defaults={
            "role": role,
            "sees_sensitive_answers": sees_sensitive_answers,
            "added_by": actor,
            "added_at": now,
        },
    )
    if not is_new:
        raise OnTheTeamAlready
    keep_in_event_team(member)
    mail.team_joined(added, event)
    _log("add_team_member", added, actor)
    return added


@transaction.atomic
def change_team_member(
    *, team_member: TeamMember, role: str, sees_sensitive_answers: bool, actor: User
) -> None:
    """Give somebody on the team something else to do."""
    team_member.role = role
    team_member.sees_sensitive_answers = sees_sensitive_answers
    team_member.save(update_fields=["role", "sees_sensitive_answers"])
    keep_in_event_team(team_member.member)
    _log("change_team_member", team_member, actor)


@transaction.atomic
def remove_team_member(*, team_member: TeamMember, actor: User) -> None:
    """Take somebody off the team. The way into the admin goes with the last role (`receivers`)."""
    _log("remove_team_member", team_member, actor)
    team_member.delete()


def keep_in_event_team(member: User) -> None:
    """Give or take the group that lets into the admin: with the first role that reads, until the last.

    Called wherever a row of a team comes, changes or goes, also with a deleted event.
    """
    group = Group.objects.get(name=EVENT_TEAM)
    if TeamMember.objects.filter(member=member).reading().exists():
        member.groups.add(group)
    else:
        member.groups.remove(group)


def _log(verb: str, team_member: TeamMember, actor: User) -> None:
    """Into the history of the page: who may see personal data there is worth knowing later."""
    log(
        instance=team_member.event.specific,
        action=f"events.{verb}",
        user=actor,
        data={
            "member": str(team_member.member.uuid),
            "role": team_member.role,
            "sees_sensitive_answers": team_member.sees_sensitive_answers,
        },
    )
