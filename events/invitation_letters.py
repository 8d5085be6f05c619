"""From a wave of invitations to its rows and letters: written in batches, found again after any interruption.

The rows are the truth. First every invitation is written, one for an address and an event however often that is
tried; then a letter for each that has none yet, under a key of its own. Whoever is killed in between leaves a
wave that is not marked as written, and the next run goes on with what is missing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, QuerySet
from django.urls import reverse

from events import audiences, invitation_wording, links, wording
from events.models import EventPage, Invitation, InvitationWave
from mailing import mailings
from mailing.actions import cancel_letters
from mailing.letters import absolute_url
from mailing.mailings import Recipient
from mailing.models import Mailing, OutgoingMail
from members.models import User

KIND, REMINDER_KIND = "events.invitation", "events.invitation_reminder"
BATCH = 1000

Row = TypeVar("Row", bound=Model)

# How long after an event the addresses that were invited are kept.
DAYS_KEPT = 90


# --- What the letters say --------------------------------------------------------------------------------------


def event_values(event: EventPage) -> dict[str, object]:
    """What every letter of a wave says."""
    return {
        "event": event.title,
        "when": event.when_in_full,
        "where": event.where_in_full,
        "summary": event.summary,
        "answer_by": wording.moment(event.closes_at, event.time_zone),
        "approval_note": invitation_wording.approval_note(
            needs_organiser=event.needs_approval, needs_manager=event.needs_manager
        ),
    }


def wave_values(wave: InvitationWave, now: datetime) -> dict[str, object]:
    """The same, and what one round promises its people: until when places are kept for them."""
    anybody = Invitation(event=wave.event, wave=wave)
    keeps_place = anybody.has_kept_place(now)
    until = anybody.kept_until if keeps_place else None
    in_words = wording.moment(until, wave.event.time_zone) if until else ""
    return {
        **event_values(wave.event),
        "places_note": invitation_wording.places_note(keeps_place=keeps_place, until=in_words),
        "kept_until": in_words,
    }


def values_of(invitation: Invitation) -> dict[str, object]:
    """What one letter says: of an invitation that came with its member and their organisation."""
    return invitation_wording.personal_values(
        name=invitation.shown_name,
        organisation=invitation.shown_organisation,
        link=address_of(invitation),
    )


def address_of(invitation: Invitation) -> str:
    return _answer_address(links.token(links.INVITE, invitation.key))


def sample_address(wave: InvitationWave) -> str:
    """Where previews and test letters lead: the same page, on which nothing can be answered."""
    return _answer_address(links.token(links.TRY_INVITATION, wave.uuid))


def _answer_address(token: str) -> str:
    return absolute_url(reverse("events:answer_invitation", args=[token]))


# --- A wave ----------------------------------------------------------------------------------------------------


def write_wave(*, wave: InvitationWave, now: datetime) -> int:
    """Write the invitations of a wave that runs, and their letters; return how many letters are new.

    Safe to break off at any moment and to run twice, also at once.
    """
    event = wave.event
    if _ends(wave, event, now):
        return 0
    if wave.left_out is None:
        # Counted before the first invitation is there: afterwards its own would count as invited already.
        wave.left_out = audiences.count(wave).left_out
        InvitationWave.objects.filter(pk=wave.pk, left_out__isnull=True).update(left_out=wave.left_out)
    _write_invitations(wave, now)
    refresh_values(wave, now)
    queued = mailings.queue_mailing(mailing=wave.mailing, recipients=_recipients(wave), now=now)
    InvitationWave.objects.filter(pk=wave.pk).update(written_at=now)
    return queued.written


def _ends(wave: InvitationWave, event: EventPage, now: datetime) -> bool:
    """Whether nobody can register any more; then the wave ends, too."""
    if event.is_cancelled or event.is_closed(now):
        stop_wave(wave=wave, now=now)
        return True
    return False


def _write_invitations(wave: InvitationWave, now: datetime) -> None:
    for members in _batches(audiences.members_to_invite(wave).only("email")):
        _write(wave, [_to_member(member) for member in members], now)
    for listed in _batches(audiences.listed_to_invite(wave)):
        # Not those that somebody only opened for an address: its owner is invited, not they.
        members = User.objects.approved().filter(email__in=[guest.email for guest in listed])
        accounts = dict(members.values_list("email", "pk"))
        people = [
            Invitation(
                email=guest.email,
                name=guest.name,
                organisation=guest.organisation,
                member_id=accounts.get(guest.email),
            )
            for guest in listed
        ]
        _write(wave, people, now)


def _to_member(member: User) -> Invitation:
    return Invitation(email=member.email, member=member)


def _write(wave: InvitationWave, people: list[Invitation], now: datetime) -> None:
    """In one statement. Whoever was invited meanwhile stays with the wave that was first."""
    for invitation in people:
        invitation.event_id, invitation.wave = wave.event_id, wave
        invitation.invited_at, invitation.invited_by_id = now, wave.made_by_id
        invitation.letter_id = f"{KIND}:{invitation.key.hex}"
    with transaction.atomic():
        if not _still_runs(wave):
            return
        # Not ignore_conflicts: on SQLite that swallows every broken constraint, and with it the invitation.
        Invitation.objects.bulk_create(
            people, update_conflicts=True, unique_fields=["event", "email"], update_fields=["event"]
        )


def _recipients(wave: InvitationWave) -> Iterator[Recipient]:
    """Everybody of a wave whose letter is not written, as long as the wave is on."""
    waiting = wave.invitations.without_letter().select_related("member__organisation")
    for batch in _batches(waiting):
        if not _still_runs(wave):
            return
        for invitation in batch:
            yield Recipient(invitation.email, values_of(invitation), str(invitation.letter_id))


def _still_runs(wave: InvitationWave) -> bool:
    """A wave that is paused is written to its end: its letters wait."""
    return InvitationWave.objects.under_way().filter(pk=wave.pk).exists()


def _batches(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """By key, each batch read anew: what was written meanwhile is left out."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


def refresh_values(wave: InvitationWave, now: datetime) -> None:
    """Let letters that have not left say what the event is now: they are composed as they leave."""
    values = wave_values(wave, now)
    for mailing in (wave.mailing, *wave.reminder_mailings.all()):
        if not mailing.is_over and mailing.values != values:
            Mailing.objects.filter(pk=mailing.pk).update(values=values)
            mailing.values = values


def stop_wave(*, wave: InvitationWave, now: datetime) -> bool:
    """Let nothing more leave, reminders neither; False if it was over.

    Whoever was not written to can be invited by another wave. The first of them at once; with a large wave the
    others follow (`take_back`).
    """
    ended = mailings.cancel_mailing(mailing=wave.mailing, now=now)
    mailings.cancel_mailings(mailings=wave.reminder_mailings.all(), now=now)
    forget_unsent(wave, batches=1)
    return ended


def take_back(*, wave: InvitationWave, now: datetime) -> None:
    """Close every letter of a cancelled wave that did not leave, and forget whom none reached. In batches."""
    mailings.close_letters(mailings=Mailing.objects.filter(invitation_wave=wave), now=now)
    mailings.close_letters(mailings=wave.reminder_mailings.all(), now=now)
    forget_unsent(wave)


def stop_all(*, event: EventPage, now: datetime) -> None:
    """Stop every round of an event that nobody can come to any more."""
    for wave in InvitationWave.objects.filter(event=event.pk).select_related("mailing"):
        stop_wave(wave=wave, now=now)


def forget_unsent(wave: InvitationWave, batches: int | None = None) -> int:
    """Remove the invitations of a cancelled wave that nobody was told of, in batches; return how many."""
    never_left = wave.invitations.filter(letter__state=OutgoingMail.State.CANCELLED)
    number = 0
    for unsent in (wave.invitations.without_letter(), never_left):
        for batch in islice(_batches(unsent.filter(answer="").only("wave")), batches):
            keys = [invitation.pk for invitation in batch]
            # Whoever answered meanwhile was told after all.
            deleted, _ = Invitation.objects.filter(pk__in=keys, answer="").delete()
            number += deleted
    return number


# --- Reminders ---------------------------------------------------------------------------------------------------


def to_remind(wave: InvitationWave, now: datetime) -> QuerySet[Invitation]:
    """Who is due a reminder: silent, reached by the invitation, left in peace for the days between."""
    due = Invitation.objects.to_remind(wave, now)
    return due.exclude(audiences.cannot_be_written_to("email")).exclude(member__is_active=False)


def remind(*, wave: InvitationWave, now: datetime) -> int:
    """Write the reminders of a wave that are due; return how many."""
    written = 0
    values = wave_values(wave, now)
    for batch in _batches(to_remind(wave, now).select_related("member__organisation")):
        by_number: dict[int, list[Invitation]] = {}
        for invitation in batch:
            by_number.setdefault(invitation.reminders + 1, []).append(invitation)
        for number, invitations in by_number.items():
            written += _remind(wave, invitations, number, values, now)
    return written


@transaction.atomic
def _remind(
    wave: InvitationWave,
    invitations: list[Invitation],
    number: int,
    values: dict[str, object],
    now: datetime,
) -> int:
    """The reminders, the mailing they leave by, and that they were written: together, or not at all.

    A mailing of its own for each batch, since one whose letters have left is over and takes no more.
    """
    chosen = {invitation.pk for invitation in invitations}
    rows = Invitation.objects.filter(pk__in=chosen, answer="", reminders=number - 1)
    # Held: whoever answers at this moment gets no reminder, or has it taken back.
    still = set(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    invitations = [invitation for invitation in invitations if invitation.pk in still]
    if not invitations:
        return 0
    mailing = mailings.make_mailing(
        name=f"Reminder {number}: {wave.mailing.name}"[:250],
        kind=REMINDER_KIND,
        now=now,
        wording=wave.reminder_wording,
        values=values,
        category=audiences.CATEGORY,
        reply_to=wave.mailing.reply_to,
    )
    wave.reminder_mailings.add(mailing)
    recipients = [
        Recipient(found.email, values_of(found), reminder_key(found, number)) for found in invitations
    ]
    mailings.queue_mailing(mailing=mailing, recipients=recipients, now=now)
    rows.filter(pk__in=still).update(reminders=F("reminders") + 1, reminded_at=now)
    mailings.start_mailing(mailing=mailing, now=now)
    return len(invitations)


def reminder_key(invitation: Invitation, number: int) -> str:
    return f"{REMINDER_KIND}:{invitation.key.hex}:{number}"


def call_off_reminders(*, invitation: Invitation, now: datetime) -> None:
    """Take back a reminder that has not left: there is an answer."""
    cancel_letters(dedupe_prefix=f"{REMINDER_KIND}:{invitation.key.hex}:", now=now)


# --- The sweep ---------------------------------------------------------------------------------------------------


def waves_to_write(now: datetime) -> QuerySet[InvitationWave]:
    return _whole(InvitationWave.objects.to_write(now).filter(event__live=True))


def cancelled_waves() -> QuerySet[InvitationWave]:
    return InvitationWave.objects.filter(mailing__state=Mailing.State.CANCELLED).order_by("pk")


def waves_to_remind(now: datetime) -> QuerySet[InvitationWave]:
    return _whole(InvitationWave.objects.reminding(now))


def _whole(waves: QuerySet[InvitationWave]) -> QuerySet[InvitationWave]:
    whole = waves.select_related("mailing", "reminder_wording", "event__venue").defer("event__body")
    return whole.order_by("pk")


def keep_up(now: datetime) -> None:
    """Bring letters that wait up to date with their events, and end what a cancellation left behind."""
    for wave in _whole(InvitationWave.objects.under_way().filter(written_at__isnull=False)):
        if not _ends(wave, wave.event, now):
            refresh_values(wave, now)
    # Who wrote while somebody cancelled may have added to what was taken back.
    yesterday = now - timedelta(days=1)
    for wave in cancelled_waves().filter(mailing__finished_at__gte=yesterday):
        take_back(wave=wave, now=now)


# --- Forgetting ---------------------------------------------------------------------------------------------------


def events_to_forget(now: datetime) -> QuerySet[EventPage]:
    """Events that were over so long ago that nobody needs to know any more who was invited."""
    over = EventPage.objects.filter(ends_at__lt=now - timedelta(days=DAYS_KEPT))
    held = Exists(Invitation.objects.filter(event=OuterRef("pk")))
    kept = Exists(InvitationWave.objects.filter(event=OuterRef("pk"), erased_at__isnull=True))
    return over.filter(held | kept).defer("body").order_by("pk")


def forget_invited(*, event: EventPage, now: datetime) -> int:
    """Erase who was invited to an event, and the lists; how many there were of each kind stays."""
    for wave in event.invitation_waves.select_related("mailing").filter(erased_at__isnull=True):
        mailings.cancel_mailing(mailing=wave.mailing, now=now)
        with transaction.atomic():
            numbers = wave.invitations.count_by_standing()
            InvitationWave.objects.filter(pk=wave.pk).update(numbers=numbers, erased_at=now)
            wave.guest_lists.all().delete()
            wave.invitations.all().delete()
    number, _ = event.invitations.all().delete()
    return number
