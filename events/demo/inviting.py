"""Invitations to the demo's conference: a round answered by some, one to the practitioner, and one that is paused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from events import actions, invitation_letters, invitation_wording
from events.audiences import Chosen
from events.models import EventPage, Invitation, InvitationWave
from mailing.models import Mailing, OutgoingMail
from members.models import User

CONFERENCE = "managing-risk-together"
ORGANISER = "organiser@portal.example"

ROLES = ("Offender manager", "Detective sergeant", "Analyst", "Trainer", "Caseworker", "Probation officer")
PLACES = ("north", "south", "east", "west", "coast", "city", "valley", "harbour")
PRACTITIONER = "practitioner@force.example"
# Slow, so that whoever lets the last round go on sees it under way.
LETTERS_A_MINUTE = 2
SENT_BEFORE = 18
STARTED_BEFORE = timedelta(hours=2)

Answer = Invitation.Answer
ANSWERS = (
    (Answer.ACCEPTED, ""),
    (Answer.DECLINED, "I am on leave that week."),
    (Answer.NOT_THIS_TIME, "Ask me again next year."),
)


def load(events: Sequence[EventPage], now: datetime) -> None:
    """Three rounds for the conference, if it was made just now. Only the letter to the practitioner leaves."""
    organiser = User.objects.filter(email=ORGANISER).first()
    for event in events:
        if event.slug == CONFERENCE and organiser is not None:
            _answered(event, organiser, now - timedelta(days=12))
            if User.objects.filter(email=PRACTITIONER).exists():
                _wave(event, organiser, "One more: the practitioner", lines=[PRACTITIONER], now=now)
            _under_way(event, organiser, now - STARTED_BEFORE)


def _answered(event: EventPage, organiser: User, now: datetime) -> None:
    """To people without an account, twelve days ago: some answered, the others were reminded."""
    name = "First invitations: other agencies"
    wave = _wave(event, organiser, name, lines=_people(0, 24), now=now)
    letters = OutgoingMail.objects.filter(mailing=wave.mailing_id)
    letters.update(state=OutgoingMail.State.SENT, sent_at=now, finished_at=now)
    Mailing.objects.filter(pk=wave.mailing_id).update(state=Mailing.State.DONE, finished_at=now)
    for position, invitation in enumerate(wave.invitations.order_by("pk")[:12]):
        answer, reason = ANSWERS[position % len(ANSWERS)]
        actions.answer_invitation(
            invitation=invitation,
            answer=answer,
            reason=reason,
            visitor=None,
            now=now + timedelta(hours=3 * position + 1),
        )
    reminded_at = now + timedelta(days=wave.days_between)
    invitation_letters.remind(wave=wave, now=reminded_at)
    for mailing in wave.reminder_mailings.all():
        mailing.letters.update(state=OutgoingMail.State.SENT, sent_at=reminded_at, finished_at=reminded_at)
        Mailing.objects.filter(pk=mailing.pk).update(state=Mailing.State.DONE, finished_at=reminded_at)


def _under_way(event: EventPage, organiser: User, now: datetime) -> None:
    """To all members and more people: a part has left, one could not be delivered, and the organiser paused the rest.

    Paused, it is half done for as long as somebody looks at the demo, and can be let go on.
    """
    name = "Second invitations: all members"
    wave = _wave(event, organiser, name, Chosen(everyone=True), lines=_people(24, 80), now=now)
    Mailing.objects.filter(pk=wave.mailing_id).update(per_minute=LETTERS_A_MINUTE)
    # Those to people who are not there.
    others = OutgoingMail.objects.filter(mailing=wave.mailing_id, recipient__contains="@probation-")
    keys = list(others.order_by("pk").values_list("pk", flat=True)[:SENT_BEFORE])
    for position, key in enumerate(keys):
        at = now + timedelta(minutes=position // LETTERS_A_MINUTE)
        sent = {"state": OutgoingMail.State.SENT, "sent_at": at, "finished_at": at}
        OutgoingMail.objects.filter(pk=key).update(**sent)
    OutgoingMail.objects.filter(pk=keys[-1]).update(
        state=OutgoingMail.State.FAILED, sent_at=None, last_error="550 5.1.1 No such user here"
    )
    actions.pause_wave(wave=wave, actor=organiser)


def _people(first: int, last: int) -> list[str]:
    """Made-up people as a list has them: address, name and organisation."""
    return [
        f"{ROLES[number % len(ROLES)].replace(' ', '.').lower()}.{number}"
        f"@probation-{PLACES[number % len(PLACES)]}.example,"
        f"{ROLES[number % len(ROLES)]} {number},Probation {PLACES[number % len(PLACES)].capitalize()}"
        for number in range(first, last)
    ]


def _wave(
    event: EventPage,
    organiser: User,
    name: str,
    chosen: Chosen = Chosen(),  # noqa: B008 - it never changes
    *,
    lines: Sequence[str],
    now: datetime,
) -> InvitationWave:
    plan = actions.Plan(
        name=name,
        wording=actions.keep_wording(subject=invitation_wording.SUBJECT, text=invitation_wording.TEXT),
        reminder_wording=actions.keep_wording(
            subject=invitation_wording.REMINDER_SUBJECT, text=invitation_wording.REMINDER_TEXT
        ),
        chosen=chosen,
    )
    wave = actions.make_wave(event=event, plan=plan, actor=organiser, now=now)
    actions.keep_list(wave=wave, lines=[line.encode() for line in lines])
    actions.start_wave(wave=wave, actor=organiser, now=now)
    wave = InvitationWave.objects.select_related("mailing", "event", "reminder_wording").get(pk=wave.pk)
    invitation_letters.write_wave(wave=wave, now=now)
    return InvitationWave.objects.select_related("mailing", "event", "reminder_wording").get(pk=wave.pk)
