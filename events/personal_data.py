"""What events hold about a member: their registrations, and the address of their calendar."""

from contextlib import suppress
from datetime import datetime

from django.db.models import Q

from events import actions, wording
from events.answers import in_words
from events.models import (
    Attendance,
    Certificate,
    Handover,
    Invitation,
    InvitationWave,
    ListedPerson,
    ManagerApproval,
    Message,
    PersonalCalendar,
    Registration,
    RegistrationStep,
    SensitiveAnswers,
    TeamMember,
)
from members.models import User

State = Registration.State


def collect_registrations(member: User) -> list[dict[str, object]]:
    registrations = (
        Registration.objects.filter(member=member)
        .select_related("event", "organisation", "sensitive_answers", "manager_approval")
        .prefetch_related("session_places__session", "handovers", "steps", "event__questions")
        .defer("event__body")
        .order_by("registered_at", "pk")
    )
    return [
        {
            "event": registration.event.title,
            "when": registration.event.when,
            "where": registration.event.where,
            "organisation": registration.organisation.name if registration.organisation else None,
            "state": registration.get_state_display(),
            "registered_at": registration.registered_at,
            "confirmed_at": registration.confirmed_at,
            "number_in_line": registration.waiting_number,
            "offered_until": registration.offer_expires_at,
            "cancelled_at": registration.cancelled_at,
            "week_reminded_at": registration.week_reminded_at,
            "reminded_at": registration.reminded_at,
            "answers": _answers_of(registration),
            "sessions": [place.session.title for place in registration.session_places.all()],
            "was_invited": registration.is_invited,
            "approved_at": registration.approved_at,
            "declined_because": registration.declined_reason,
            "line_manager": _manager_of(registration),
            "passed_to": [handover.colleague_email for handover in registration.handovers.all()],
            "history": [_step_of(step) for step in registration.steps.all()],
        }
        for registration in registrations
    ]


def held_in_words(member: User, now: datetime) -> str:
    """For whoever decides on a membership: what they are registered for, and what becomes of it. One query."""
    ahead = Registration.objects.filter(
        member=member, event__cancelled_at__isnull=True, event__ends_at__gt=now
    )
    number = ahead.count_by_state()
    waits = sum(number.get(state, 0) for state in (State.WAITING, State.OFFERED, State.SET_ASIDE))
    counted = (
        ("registered for", number.get(State.CONFIRMED, 0)),
        ("waiting for a place at", waits),
        ("waiting to be approved for", number.get(State.AWAITING_APPROVAL, 0)),
    )
    parts = [
        f"{what} {count:,} {'event' if count == 1 else 'events'} to come" for what, count in counted if count
    ]
    if not parts:
        return ""
    return (
        f"They are {wording.listed(parts)}. While somebody is suspended they are passed over on waiting lists, and "
        "a place on offer goes to the next. Places they have are kept: an organiser of the event can cancel them."
    )


def _step_of(step: RegistrationStep) -> dict[str, object]:
    """With the note, where an organiser wrote one about them."""
    note = {"note": step.detail["text"]} if step.detail.get("text") else {}
    return {"at": step.at, "what": step.verb, **note}


def _answers_of(registration: Registration) -> dict[str, str]:
    """By the question; those of questions that are gone too, by their keys."""
    sensitive = getattr(registration, "sensitive_answers", None)
    given = {**registration.answers, **(sensitive.answers if sensitive else {})}
    questions = {str(question.key): question for question in registration.event.questions.all()}
    return {
        questions[key].label if key in questions else key: (
            in_words(questions[key], answer) if key in questions else str(answer)
        )
        for key, answer in given.items()
    }


def _manager_of(registration: Registration) -> str | None:
    asked = getattr(registration, "manager_approval", None)
    return asked.manager_email if asked else None


def erase_registrations(member: User, now: datetime) -> None:
    """Give up the places that are still ahead, so that others get them; the rest stays without the name."""
    registrations = Registration.objects.filter(member=member)
    ahead = registrations.active().filter(event__ends_at__gte=now, event__cancelled_at__isnull=True)
    for registration in ahead.select_related("event").order_by("event", "pk"):
        # Who waits for a course stops waiting for all its dates with the first.
        with suppress(actions.RegistrationEnded):
            actions.cancel_registration(registration=registration, actor=member, now=now, tells_member=False)
    SensitiveAnswers.objects.filter(registration__in=registrations).delete()
    ManagerApproval.objects.filter(registration__in=registrations).delete()
    Handover.objects.filter(Q(registration__in=registrations) | Q(colleague=member)).delete()
    RegistrationStep.objects.filter(actor=member).update(actor=None)
    # Notes are about the person, and go whole.
    RegistrationStep.objects.filter(registration__in=registrations, verb="write_note").delete()
    registrations.update(member=None, answers={}, declined_reason="")


def collect_invitations(member: User) -> list[dict[str, object]]:
    """To which events, and what they answered. The link in the letter answers for them, so it stays out."""
    mine = Invitation.objects.filter(Q(email=member.email) | Q(member=member)).select_related("event")
    return [
        {
            "event": invitation.event.title,
            "address": invitation.email,
            "name_as_listed": invitation.name,
            "organisation_as_listed": invitation.organisation,
            "invited_at": invitation.invited_at,
            "reminded_at": invitation.reminded_at,
            "answer": invitation.get_answer_display(),
            "answered_at": invitation.answered_at,
            "reason": invitation.reason,
        }
        for invitation in mine.defer("event__body").order_by("invited_at", "pk")
    ]


def erase_invitations(member: User, _now: datetime) -> None:
    """Also what is on lists of organisers: there is nothing left to invite."""
    Invitation.objects.filter(Q(email=member.email) | Q(member=member)).delete()
    ListedPerson.objects.filter(email=member.email).delete()
    InvitationWave.objects.filter(made_by=member).update(made_by=None)


def collect_event_roles(member: User) -> list[dict[str, object]]:
    """On which teams they are, and the messages they wrote."""
    roles = TeamMember.objects.filter(member=member).select_related("event").defer("event__body")
    written = Message.objects.filter(written_by=member).select_related("event", "mailing__wording")
    return [
        {
            "event": row.event.title,
            "role": row.get_role_display(),
            "sees_sensitive_answers": row.sees_sensitive_answers,
            "added_at": row.added_at,
        }
        for row in roles.order_by("added_at", "pk")
    ] + [
        {
            "event": message.event.title,
            "subject": message.mailing.wording.subject if message.mailing.wording else "",
            "written_at": message.written_at,
        }
        for message in written.order_by("written_at", "pk")
    ]


def erase_event_roles(member: User, _now: datetime) -> None:
    """Off every team; what they wrote to others in the name of an event stays, without their name."""
    TeamMember.objects.filter(member=member).delete()
    TeamMember.objects.filter(added_by=member).update(added_by=None)
    Message.objects.filter(written_by=member).update(written_by=None)


def collect_calendar(member: User) -> list[dict[str, object]]:
    """That there is an address, and since when. It opens the calendar to whoever reads it, so it stays out."""
    calendars = PersonalCalendar.objects.filter(member=member)
    return [{"made_at": calendar.made_at} for calendar in calendars]


def erase_calendar(member: User, _now: datetime) -> None:
    actions.end_calendar(member=member)


def collect_attendance(member: User) -> list[dict[str, object]]:
    """Where they were, also as a guest with the same address, and the certificates that came of it."""
    noted = Attendance.objects.filter(_of(member, "registration__"))
    noted = noted.select_related("registration__event", "session").defer("registration__event__body")
    return [
        {
            "event": attendance.registration.event.title,
            "session": attendance.session.title if attendance.session else None,
            "was_there": attendance.is_present,
            "noted_at": attendance.noted_at,
        }
        for attendance in noted.order_by("noted_at", "pk")
    ]


def collect_certificates(member: User) -> list[dict[str, object]]:
    certificates = Certificate.objects.filter(_of(member, "registration__"))
    certificates = certificates.select_related("registration__event").defer("registration__event__body")
    return [
        {
            "event": certificate.registration.event.title,
            "name": certificate.name,
            "hours": certificate.hours,
            "code": certificate.code_shown,
            "issued_at": certificate.issued_at,
            "withdrawn_at": certificate.withdrawn_at,
        }
        for certificate in certificates.order_by("issued_at", "pk")
    ]


def erase_certificates(member: User, _now: datetime) -> None:
    """They carry the name, so they go: whoever checks one is told that there is none."""
    Certificate.objects.filter(_of(member, "registration__")).delete()


def erase_guest_names(member: User, _now: datetime) -> None:
    """What was written down at the door. That somebody was there stays, without a name."""
    as_guest = Registration.objects.filter(member=None, guest_email=member.email)
    as_guest.update(guest_name="", guest_email="", guest_organisation="")


def _of(member: User, prefix: str) -> Q:
    """Of their registrations, and of those they made as a guest before they had an account."""
    return Q(**{f"{prefix}member": member}) | Q(
        **{f"{prefix}member": None, f"{prefix}guest_email": member.email}
    )
