"""Whom an event invites: the waves of invitations, the addresses, and what became of each."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse

from events import links
from events.models.guest_lists import GuestList, ListedPerson, ListedPersonQuerySet
from events.models.registrations import Registration
from mailing.models import Mailing, OutgoingMail, Wording
from members.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from events.models.pages import EventPage

MOST_REMINDERS = 3
LONGEST_REASON = 500

_NOT_SENT = [OutgoingMail.State.FAILED, OutgoingMail.State.SUPPRESSED, OutgoingMail.State.CANCELLED]


class InvitationWaveQuerySet(models.QuerySet["InvitationWave"]):
    """Waves of invitations, asked for in the words of the field."""

    def to_write(self, now: datetime) -> Self:
        """Started, their time has come, and not all of their invitations are written."""
        return self.filter(
            Q(mailing__scheduled_for__isnull=True) | Q(mailing__scheduled_for__lte=now),
            mailing__state=Mailing.State.RUNNING,
            written_at__isnull=True,
        )

    def under_way(self) -> Self:
        """With letters that may still leave."""
        return self.filter(mailing__state__in=[Mailing.State.RUNNING, Mailing.State.PAUSED])

    def reminding(self, now: datetime) -> Self:
        """Whose silent invitees may be reminded at this moment: not of an event that nobody can register for."""
        closes_at = Coalesce("event__registration_closes_at", "event__starts_at")
        return self.alias(closes_at=closes_at).filter(
            mailing__state__in=[Mailing.State.RUNNING, Mailing.State.DONE],
            written_at__isnull=False,
            erased_at__isnull=True,
            reminders__gt=0,
            closes_at__gt=now,
            event__live=True,
            event__cancelled_at__isnull=True,
        )


class InvitationWave(models.Model):
    """Invitations to one event that are written together: to whom, in which words, and when."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey("events.EventPage", on_delete=models.CASCADE, related_name="invitation_waves")
    # Its letters, their words and how far it is. PROTECT: a mailing is kept as long as its letters.
    mailing = models.OneToOneField(Mailing, on_delete=models.PROTECT, related_name="invitation_wave")
    # Which members are invited (`audiences.Chosen`).
    audience = models.JSONField(default=dict, blank=True)
    # The other people: the list that was read last. Erased with its event; the wave stays.
    guest_list = models.ForeignKey(
        GuestList, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    keeps_places = models.BooleanField(default=True)
    keeps_places_until = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(MOST_REMINDERS)])
    days_between = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    # PROTECT: the words of letters that wait.
    reminder_wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="+")
    reminder_mailings = models.ManyToManyField(Mailing, related_name="reminder_waves")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    # Who was left out and why, counted when the wave was sent.
    left_out = models.JSONField(null=True, blank=True)
    # When every invitation and its letter was written down.
    written_at = models.DateTimeField(null=True, blank=True)
    # What it came to, kept when the addresses are erased.
    numbers = models.JSONField(default=dict, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["InvitationWave"]] = models.Manager.from_queryset(
        InvitationWaveQuerySet
    )()

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(reminders__lte=MOST_REMINDERS), name="events_invitationwave_few_reminders"
            ),
            models.CheckConstraint(
                condition=Q(days_between__gte=1), name="events_invitationwave_reminders_apart"
            ),
        ]

    def __str__(self) -> str:
        return f"wave of invitations {self.pk}"

    @property
    def is_draft(self) -> bool:
        return self.mailing.state == Mailing.State.DRAFT

    @property
    def listed(self) -> ListedPersonQuerySet:
        """The lines of its list, to be asked for."""
        people: ListedPersonQuerySet = ListedPerson.objects.filter(guest_list=self.guest_list_id)
        return people

    def waits_for_its_time(self, now: datetime) -> bool:
        scheduled_for = self.mailing.scheduled_for
        return scheduled_for is not None and now < scheduled_for and not self.mailing.is_over

    def state_in_words(self, now: datetime) -> str:
        """Where it is: of one that came with its mailing."""
        state = self.mailing.state
        if state == Mailing.State.RUNNING:
            if self.waits_for_its_time(now):
                return "Scheduled"
            return "Sending" if self.written_at else "Being written"
        return {
            Mailing.State.DRAFT: "Draft",
            Mailing.State.PAUSED: "Paused",
            Mailing.State.CANCELLED: "Cancelled",
            Mailing.State.DONE: "Sent",
        }[Mailing.State(state)]


class InvitedAs(NamedTuple):
    """What invitations make of somebody at one event."""

    is_invited: bool = False
    # Whether the places that the event keeps for invited people are for them.
    keeps_place: bool = False
    # The last that they know of: its letter has left, or it never had one.
    invitation: "Invitation | None" = None


def _is_known(invitation: "Invitation") -> bool:
    """Of one that came with the state of its letter."""
    sent = getattr(invitation, "letter_state", None) == OutgoingMail.State.SENT
    return bool(sent or invitation.letter_id is None or invitation.answer)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, asked for in the words of the field."""

    def open_for(self, event: int, member: "User | AnonymousUser") -> Self:
        """Those of an event that somebody can come with: sent to their address, or to them when it was another."""
        if not isinstance(member, User):
            return self.none()
        return self.filter(Q(email=member.email) | Q(member=member), event=event)

    def includes(self, event: int, member: "User | AnonymousUser") -> bool:
        """Whether somebody was invited."""
        return self.open_for(event, member).exists()

    def invited_as(self, event: int, member: "User | AnonymousUser", now: datetime) -> InvitedAs:
        """Whether somebody was invited, and whether to one of the kept places. One query."""
        mine = self.open_for(event, member).select_related("wave").annotate(letter_state=F("letter__state"))
        found = list(mine.order_by("pk"))
        keeps_place = any(invitation.keeps_place(now) for invitation in found)
        return InvitedAs(bool(found), keeps_place, next(filter(_is_known, reversed(found)), None))

    def with_registration(self) -> Self:
        """Each with `registration_state` and `registered_at`: the registration of whoever it went to."""
        account = User.objects.filter(email=OuterRef("email")).order_by().values("pk")[:1]
        # One that had ended before somebody was invited again says nothing about the invitation.
        counts = Q(state__in=Registration.ACTIVE) | Q(registered_at__gte=OuterRef("invited_at"))
        found = Registration.objects.filter(counts, event=OuterRef("event"), member=OuterRef("invitee"))
        latest = found.order_by("-pk")
        return self.annotate(
            invitee=Coalesce("member", Subquery(account)),
            registration_state=Subquery(latest.values("state")[:1]),
            registered_at=Subquery(latest.values("registered_at")[:1]),
        )

    def with_standing(self) -> Self:
        """Each with `standing`: the one word for where it is. Joins its letter."""
        letter_state = OutgoingMail.State
        return self.with_registration().annotate(
            standing=Case(
                When(
                    registration_state=Registration.State.CONFIRMED,
                    then=Value(Invitation.Standing.REGISTERED),
                ),
                When(registration_state__in=Registration.ACTIVE, then=Value(Invitation.Standing.ASKED)),
                When(registration_state__isnull=False, then=Value(Invitation.Standing.ENDED)),
                When(answer=Invitation.Answer.ACCEPTED, then=Value(Invitation.Standing.ACCEPTED)),
                When(answer=Invitation.Answer.DECLINED, then=Value(Invitation.Standing.DECLINED)),
                When(answer=Invitation.Answer.NOT_THIS_TIME, then=Value(Invitation.Standing.NOT_THIS_TIME)),
                When(letter__state=letter_state.SENT, then=Value(Invitation.Standing.SILENT)),
                When(letter__state__in=_NOT_SENT, then=Value(Invitation.Standing.NOT_SENT)),
                # Written by hand: an address that may come, without a letter.
                When(letter=None, then=Value(Invitation.Standing.SILENT)),
                default=Value(Invitation.Standing.QUEUED),
                output_field=models.CharField(),
            )
        )

    def in_standing(self, standing: str) -> Self:
        return self.with_standing().filter(standing=standing)

    def to_take_up(self, member: User, events: "QuerySet[EventPage]") -> Self:
        """To these events: those that reached somebody and wait for an answer, or were accepted and led to nothing."""
        # One index answers each of the two. Asked together, every invitation to an event would be read.
        by_address = self.filter(event__in=events, email=member.email)
        by_account = self.filter(event__in=events, member=member)
        mine = self.filter(pk__in=by_address.values("pk").union(by_account.values("pk")))
        waits = [Invitation.Standing.SILENT, Invitation.Standing.ACCEPTED]
        return mine.with_standing().filter(standing__in=waits)

    def count_by_standing(self) -> dict[str, int]:
        """How many in each standing; those that nobody is in are absent."""
        counted = self.with_standing().order_by().values_list("standing").annotate(number=Count("pk"))
        return dict(counted)

    def without_letter(self) -> Self:
        """Of a wave, and its letter is not written yet."""
        written = OutgoingMail.objects.filter(dedupe_key=OuterRef("letter_id"))
        return self.filter(~Exists(written), letter_id__isnull=False)

    def to_remind(self, wave: InvitationWave, now: datetime) -> Self:
        """Who got the letter of a wave, said nothing, never registered, and was left in peace long enough."""
        since = now - timedelta(days=wave.days_between)
        return (
            self.filter(wave=wave, answer="", letter__state=OutgoingMail.State.SENT)
            .filter(reminders__lt=wave.reminders)
            .alias(last_written_at=Coalesce("reminded_at", "letter__sent_at"))
            .filter(last_written_at__lte=since)
            .with_registration()
            .filter(registration_state__isnull=True)
        )


class Invitation(models.Model):
    """An address that an event invites: whoever has it counts as invited, now or when they sign up."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        NOT_THIS_TIME = "not this time", "Not this time"

    class Standing(models.TextChoices):
        QUEUED = "queued", "Letter waits"
        NOT_SENT = "not sent", "Letter not sent"
        SILENT = "silent", "No answer"
        ACCEPTED = "accepted", "Accepted, not registered yet"
        REGISTERED = "registered", "Registered"
        # Waits in the line or for an approval, or has an offer: they answered, and may get no place.
        ASKED = "asked", "Asked for a place, has none yet"
        ENDED = "ended", "Registration ended"
        DECLINED = "declined", "Declined"
        NOT_THIS_TIME = "not this time", "Not this time"

    # No index of its own: with stale statistics PostgreSQL would read all of an event through it, for each row.
    event = models.ForeignKey(
        "events.EventPage", on_delete=models.CASCADE, related_name="invitations", db_index=False
    )
    # Empty: added without a letter. A wave that was sent is never deleted, except with its event.
    wave = models.ForeignKey(
        InvitationWave, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    # The address in the letter's link is this key, signed.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Lower case, as accounts have it.
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    # As the list had it; of a member, what their account says is shown.
    organisation = models.CharField(max_length=200, blank=True)
    # Who had the address when it was invited, or accepted: they stay invited under another one.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="invitations"
    )
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # By its dedupe key, which is known before the letter is written. Letters come and go without asking.
    letter = models.ForeignKey(
        OutgoingMail,
        on_delete=models.DO_NOTHING,
        to_field="dedupe_key",
        db_constraint=False,
        null=True,
        related_name="+",
    )
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=20, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["Invitation"]] = models.Manager.from_queryset(InvitationQuerySet)()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["event", "member"], name="events_invitation_by_member"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "email"], name="events_invitation_once_an_event"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="events_invitation_email_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (Q(answer__in=["accepted", "declined", "not this time"]) & Q(answered_at__isnull=False)),
                name="events_invitation_answer_has_time",
            ),
            models.CheckConstraint(
                condition=Q(reminders=0, reminded_at__isnull=True)
                | (Q(reminders__gt=0) & Q(reminded_at__isnull=False)),
                name="events_invitation_reminder_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def answer_url(self) -> str:
        """Where it is answered: whoever has this address can."""
        return reverse("events:answer_invitation", args=[links.token(links.INVITE, self.key)])

    @property
    def standing_in_words(self) -> str:
        """Of one that came `with_standing`."""
        return str(self.Standing(self.standing).label)  # type: ignore[attr-defined] # annotated

    @property
    def shown_name(self) -> str:
        """Of one that came with its member."""
        return self.member.get_full_name() if self.member is not None else self.name

    @property
    def shown_organisation(self) -> str:
        """Where they work: of one that came with its member and their organisation."""
        member = self.member
        return member.organisation.name if member and member.organisation else self.organisation

    @property
    def kept_until(self) -> datetime | None:
        """When the places kept for invited people go to everybody: of one that came with its wave and event.

        None where nobody has said.
        """
        of_wave = self.wave.keeps_places_until if self.wave else None
        return min(filter(None, (of_wave, self.event.reserved_until)), default=None)

    def has_kept_place(self, now: datetime) -> bool:
        """Whether the event keeps places, and for this one too: of one that came with its wave and event."""
        return self.keeps_place(now) and self.event.places_reserved(now) > 0

    def keeps_place(self, now: datetime) -> bool:
        """Whether the places kept for invited people are for this one: of one that came with its wave."""
        if self.wave is None:
            return True
        until = self.wave.keeps_places_until
        return self.wave.keeps_places and (until is None or now < until)
