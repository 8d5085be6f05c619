"""What organisers do with waves of invitations: planned, filled with a list, tried, started, stopped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from wagtail.log_actions import log

from events import audiences, invitation_letters, invitation_wording, line
from events.actions.errors import WaveIsUnderWay
from events.audiences import Chosen
from events.models import EventPage, Invitation, InvitationWave
from events.tasks import send_invitations, take_back_invitations
from mailing import mailings
from mailing.broker import nudge
from mailing.letters import Letter
from mailing.models import Mailing, Wording
from members.models import User
from pages.errors import ActionError


class WaveIsOver(ActionError):
    message = "These invitations were sent or cancelled already. Nothing was changed."


class ListIsBeingRead(ActionError):
    message = "Nothing was sent: the list that you brought is still being read. Try again in a minute."


class NobodyToInvite(ActionError):
    message = "Nobody would be invited: choose members, or give a list of people."


class CannotInvite(ActionError):
    """Nobody could register for the event; the message says why."""


@dataclass(frozen=True)
class Plan:
    """What an organiser decides about a wave."""

    name: str
    wording: Wording
    reminder_wording: Wording
    chosen: Chosen
    reply_to: str = ""
    keeps_places: bool = True
    keeps_places_until: datetime | None = None
    reminders: int = 1
    days_between: int = 7


def keep_wording(*, subject: str, text: str) -> Wording:
    """The words of an invitation or a reminder. Raises mailings.WordingError for what cannot be sent."""
    return mailings.keep_wording(
        subject=subject,
        text=text,
        placeholders=invitation_wording.PLACEHOLDERS,
        required=invitation_wording.REQUIRED,
    )


@transaction.atomic
def invite_people(*, event: EventPage, addresses: Iterable[str], actor: User, now: datetime) -> int:
    """Add addresses to those invited; return how many were not there before. Writes no letter."""
    line.lock(event.pk)
    wanted = dict.fromkeys(address.strip().lower() for address in addresses)
    there = set(Invitation.objects.filter(event=event, email__in=wanted).values_list("email", flat=True))
    new = [address for address in wanted if address and address not in there]
    Invitation.objects.bulk_create(
        Invitation(event=event, email=address, invited_at=now, invited_by=actor) for address in new
    )
    return len(new)


# --- Before it is sent ---------------------------------------------------------------------------------------------


@transaction.atomic
def make_wave(*, event: EventPage, plan: Plan, actor: User, now: datetime) -> InvitationWave:
    """A draft: nobody is invited yet."""
    fields = _fields_of(plan)
    mailing = mailings.make_mailing(
        name=plan.name,
        kind=invitation_letters.KIND,
        now=now,
        wording=plan.wording,
        values=invitation_letters.wave_values(InvitationWave(event=event, **fields), now),
        category=audiences.CATEGORY,
        reply_to=plan.reply_to,
    )
    return InvitationWave.objects.create(event=event, mailing=mailing, made_by=actor, made_at=now, **fields)


@transaction.atomic
def change_wave(*, wave: InvitationWave, plan: Plan) -> InvitationWave:
    """Change a draft. Raises WaveIsUnderWay."""
    wave = _locked_draft(wave)
    Mailing.objects.filter(pk=wave.mailing_id).update(
        name=plan.name, wording=plan.wording, reply_to=plan.reply_to
    )
    for name, value in _fields_of(plan).items():
        setattr(wave, name, value)
    wave.save()
    wave.mailing.refresh_from_db()
    return wave


def _fields_of(plan: Plan) -> dict[str, object]:
    return {
        "audience": plan.chosen.stored(),
        "keeps_places": plan.keeps_places,
        "keeps_places_until": plan.keeps_places_until,
        "reminders": plan.reminders,
        "days_between": plan.days_between,
        "reminder_wording": plan.reminder_wording,
    }


def preview_invitation(
    *, wave: InvitationWave, values: Mapping[str, object], is_reminder: bool = False, now: datetime
) -> Letter:
    """The letter as somebody would get it, with a link that answers nothing."""
    mailing = wave.mailing
    if is_reminder:
        mailing = Mailing(
            kind=invitation_letters.REMINDER_KIND, wording=wave.reminder_wording, created_at=wave.made_at
        )
    whole = {**invitation_letters.wave_values(wave, now), **_sample(wave, values)}
    return mailings.preview(mailing=mailing, values=whole)


def try_invitation(*, wave: InvitationWave, actor: User, now: datetime) -> None:
    """Send the invitation to whoever tries it, with a link that answers nothing. Each call sends one."""
    values = invitation_wording.personal_values(
        name=actor.get_full_name(),
        organisation=actor.organisation.name if actor.organisation else "",
        link="",
    )
    whole = {**invitation_letters.wave_values(wave, now), **_sample(wave, values)}
    mailings.send_test_letter(mailing=wave.mailing, values=whole, to=actor.email)


def _sample(wave: InvitationWave, values: Mapping[str, object]) -> dict[str, object]:
    return {**values, invitation_wording.LINK: invitation_letters.sample_address(wave)}


# --- Sending -------------------------------------------------------------------------------------------------------


@transaction.atomic
def start_wave(
    *, wave: InvitationWave, actor: User, now: datetime, scheduled_for: datetime | None = None
) -> None:
    """Let a draft go, at once or at a time: a worker writes the invitations.

    Raises WaveIsUnderWay, ListIsBeingRead, NobodyToInvite or CannotInvite.
    """
    wave = _locked_draft(wave)
    check_can_invite(wave.event, scheduled_for or now)
    if wave.guest_lists.being_read().exists():
        raise ListIsBeingRead
    if not audiences.count(wave).invited:
        raise NobodyToInvite
    mailings.start_mailing(mailing=wave.mailing, now=now, scheduled_for=scheduled_for)
    _log("start_wave", wave, actor)
    nudge(send_invitations, waves=[wave.pk])


def check_can_invite(event: EventPage, at: datetime) -> None:
    """Raise CannotInvite if nobody could register at that moment."""
    if event.is_cancelled:
        raise CannotInvite("This event was cancelled.")
    if not event.live:
        raise CannotInvite("This event is not published yet, so nobody could open it. Publish it first.")
    if event.is_closed(at):
        raise CannotInvite("Registration is closed by then, so nobody could accept.")


def pause_wave(*, wave: InvitationWave, actor: User) -> None:
    """Hold back what has not left. Raises WaveIsOver."""
    if not mailings.pause_mailing(mailing=wave.mailing):
        raise WaveIsOver
    mailings.pause_mailings(mailings=wave.reminder_mailings.all())
    _log("pause_wave", wave, actor)


def resume_wave(*, wave: InvitationWave, actor: User, now: datetime) -> None:
    """Go on. Raises WaveIsOver, or CannotInvite."""
    check_can_invite(wave.event, now)
    if not mailings.resume_mailing(mailing=wave.mailing):
        raise WaveIsOver
    mailings.resume_mailings(mailings=wave.reminder_mailings.all())
    _log("resume_wave", wave, actor)
    nudge(send_invitations, waves=[wave.pk])


def cancel_wave(*, wave: InvitationWave, actor: User, now: datetime) -> None:
    """Take back what has not left; whoever was not written to can be invited again. Raises WaveIsOver.

    From now on nothing leaves, whatever the size; with a large round, a worker works through who was not written to.
    """
    if not invitation_letters.stop_wave(wave=wave, now=now):
        raise WaveIsOver
    _log("cancel_wave", wave, actor)
    nudge(take_back_invitations, waves=[wave.pk])


@transaction.atomic
def stop_reminders(*, wave: InvitationWave, actor: User, now: datetime) -> None:
    """Remind nobody any more, and take back the reminders that have not left."""
    InvitationWave.objects.filter(pk=wave.pk).update(reminders=0)
    mailings.cancel_mailings(mailings=wave.reminder_mailings.all(), now=now)
    _log("stop_reminders", wave, actor)


def _locked_draft(wave: InvitationWave) -> InvitationWave:
    waves = InvitationWave.objects.select_related("mailing", "event", "reminder_wording")
    locked = waves.select_for_update(of=("self", "mailing")).get(pk=wave.pk)
    if not locked.is_draft:
        raise WaveIsUnderWay
    return locked


def _log(verb: str, wave: InvitationWave, actor: User) -> None:
    log(
        instance=wave.event.specific,
        action=f"events.{verb}",
        user=actor,
        data={"wave": str(wave.uuid), "name": wave.mailing.name},
    )
