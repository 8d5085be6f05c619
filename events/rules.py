"""Who may do what with events and registrations. Whether there is room is the actions' business."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from events.models import EventPage, Handover, Registration, TeamMember
from events.models.team import RUN_ALL_EVENTS, TeamMemberQuerySet
from members.models import User

Person = User | AnonymousUser
Role = TeamMember.Role


def is_open_for_registration(event: EventPage, now: datetime) -> bool:
    return not (event.is_cancelled or event.is_over(now) or event.opens_after(now) or event.is_closed(now))


def can_come(user: Person, event: EventPage) -> bool:
    """Whether their membership is enough. Whom the event is meant for, and the room, the actions ask."""
    return isinstance(user, User) and event.is_enough(user)


def can_book_place(user: Person, event: EventPage, now: datetime) -> bool:
    return can_come(user, event) and is_open_for_registration(event, now)


def can_join_waiting_list(user: Person, event: EventPage, now: datetime) -> bool:
    return can_book_place(user, event, now) and event.has_waiting_list


def can_cancel_registration(user: Person, registration: Registration, now: datetime) -> bool:
    """One's own, or an organiser anyone's, until the event is over."""
    return (
        (_is_own(user, registration) or can_manage_registrations(user, registration.event))
        and registration.is_active
        and not registration.event.is_cancelled
        and not registration.event.is_over(now)
    )


def can_take_place(user: Person, registration: Registration, now: datetime) -> bool:
    """An offer that ended may be asked for still: the answer is a new place in the line."""
    return (
        _is_own(user, registration)
        and can_come(user, registration.event)
        and registration.state in {Registration.State.OFFERED, Registration.State.EXPIRED}
        and _still_gives_places(registration.event, now)
    )


def can_decline_place(user: Person, registration: Registration, now: datetime) -> bool:
    return (
        _is_own(user, registration)
        and registration.state == Registration.State.OFFERED
        and _still_gives_places(registration.event, now)
    )


def can_change_answers(user: Person, registration: Registration, now: datetime) -> bool:
    """One's own until the date the event sets; whoever manages the event anyone's, until it is over."""
    event = registration.event
    if not registration.is_active or event.is_cancelled or event.is_over(now):
        return False
    if _is_own(user, registration):
        return now < event.answers_final_at
    return can_manage_registrations(user, event)


def can_ask_manager(user: Person, registration: Registration, now: datetime) -> bool:
    """Ask somebody else, or again, as long as the registration waits for approval."""
    event = registration.event
    return (
        _is_own(user, registration)
        and event.needs_manager
        and registration.state == Registration.State.AWAITING_APPROVAL
        and _still_gives_places(event, now)
    )


def can_hand_over(user: Person, registration: Registration, now: datetime) -> bool:
    """A place that is one's own, to a colleague. Of a course, all its dates."""
    event = registration.event
    return (
        _is_own(user, registration)
        and registration.state == Registration.State.CONFIRMED
        and registration.organisation_id is not None
        and not event.is_cancelled
        and now < event.starts_at
    )


def can_take_handover(user: Person, handover: Handover, now: datetime) -> bool:
    event = handover.registration.event
    return (
        isinstance(user, User)
        and user.is_approved
        and handover.colleague_id == user.pk
        and handover.state == Handover.State.OFFERED
        and handover.registration.state == Registration.State.CONFIRMED
        and not event.is_cancelled
        and now < event.starts_at
    )


# --- Organisers: of all events, or by their role in the team of one -----------------------------------------


def runs_all_events(user: Person) -> bool:
    return user.has_perm(RUN_ALL_EVENTS)


def reads_any_event(user: Person) -> bool:
    """Whether the admin has events to show: not to those who only check people in."""
    return runs_all_events(user) or TeamMember.objects.of(user).reading().exists()


def can_read_registrations(user: Person, event: EventPage) -> bool:
    """Lists, numbers, answers that are not sensitive, history."""
    return runs_all_events(user) or _role(user, event) in {Role.MANAGE, Role.READ}


def can_manage_registrations(user: Person, event: EventPage) -> bool:
    """Approve, cancel, register on behalf, write to people, change the team."""
    return runs_all_events(user) or _role(user, event) == Role.MANAGE


def can_check_in(user: Person, event: EventPage) -> bool:
    return runs_all_events(user) or _role(user, event) in {Role.MANAGE, Role.CHECK_IN}


def can_see_sensitive_answers(user: Person, event: EventPage) -> bool:
    """Only who is named for it in the event's team: running all events is not enough."""
    return _team(user, event).filter(sees_sensitive_answers=True).exists()


def can_cancel_event(user: Person, event: EventPage, now: datetime) -> bool:
    return not event.is_cancelled and not event.is_over(now) and can_manage_registrations(user, event)


def can_change_team_member(user: Person, team_member: TeamMember) -> bool:
    """Nobody gives themselves more than they have, unless they run all events."""
    if runs_all_events(user):
        return True
    return team_member.member_id != user.pk and can_manage_registrations(user, team_member.event)


def _team(user: Person, event: EventPage) -> TeamMemberQuerySet:
    return TeamMember.objects.of(user).filter(event=event.pk)


def _role(user: Person, event: EventPage) -> str | None:
    """One query; none about an event that is not saved yet."""
    if event.pk is None:
        return None
    return _team(user, event).values_list("role", flat=True).first()


def _is_own(user: Person, registration: Registration) -> bool:
    return user.pk is not None and registration.member_id == user.pk


def _still_gives_places(event: EventPage, now: datetime) -> bool:
    return not event.is_cancelled and now < event.gives_places_until
