"""Letters, as rows."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from mailing.fields import PlainValuesField
from mailing.models.mailings import Mailing, Wording

# Longer than one letter can take: every exchange with the mail server ends by itself before this.
LEASE = timedelta(minutes=5)
# Clocks of several machines differ, and are put right while letters are sent. By more than this: a mistake.
CLOCK_TOLERANCE = timedelta(minutes=1)
DEDUPE_KEY_LIMIT = 200


class Priority(models.IntegerChoices):
    """Who goes first. Lower numbers are delivered earlier."""

    URGENT = 1, "Urgent"  # Somebody sits and waits for it: sign-in codes, links that confirm an address.
    NORMAL = 5, "Normal"
    BULK = 9, "Bulk"  # Many at once, such as a digest: the sweep takes them, nobody is nudged.


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Letters, asked for in the words of the post room."""

    def queued(self, now: datetime) -> Self:
        """Waiting, and their time has come."""
        return self.filter(state=OutgoingMail.State.QUEUED, next_attempt_at__lte=now)

    def left_behind(self, now: datetime) -> Self:
        """Held by a sender that went silent. A lease that ends too late was written before the clock was set back."""
        return self.filter(state=OutgoingMail.State.SENDING).filter(
            Q(leased_until__lte=now) | Q(leased_until__gt=now + LEASE + CLOCK_TOLERANCE)
        )

    def due(self, now: datetime) -> Self:
        """To be sent now: queued and their time has come, or left behind. Mailings may still hold some back."""
        return self.filter(
            Q(state=OutgoingMail.State.QUEUED, next_attempt_at__lte=now)
            | Q(state=OutgoingMail.State.SENDING, leased_until__lte=now)
        )

    def on_their_own(self) -> Self:
        """Of no mailing."""
        return self.filter(mailing__isnull=True)

    def before_their_time(self, now: datetime) -> Self:
        """Written in the future, so before the clock was set back."""
        later = now + CLOCK_TOLERANCE
        return self.filter(
            state=OutgoingMail.State.QUEUED, attempts=0, next_attempt_at__gt=later, created_at__gt=later
        )

    def in_order(self) -> Self:
        """Urgent ones first, then by the time they fall due."""
        return self.order_by("priority", "next_attempt_at", "pk")

    def to(self, address: str) -> Self:
        """Everything that was ever addressed to one person."""
        return self.filter(recipient__iexact=address)

    def waiting(self) -> Self:
        return self.filter(state__in=OutgoingMail.WAITING)

    def failed(self) -> Self:
        return self.filter(state=OutgoingMail.State.FAILED)

    def suppressed(self) -> Self:
        """Not sent, on purpose."""
        return self.filter(state=OutgoingMail.State.SUPPRESSED)

    def with_erasable_body(self, now: datetime, days: int) -> Self:
        """Done with so long ago and still holding what was written. Urgent ones (codes) only for a day."""
        finished = Q(finished_at__lt=now - timedelta(days=days))
        urgent = Q(priority=Priority.URGENT, finished_at__lt=now - timedelta(days=1))
        return self.filter(finished | urgent, body_erased_at__isnull=True)


class OutgoingMail(models.Model):
    """One letter to one recipient."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        SUPPRESSED = "suppressed", "Not sent, on purpose"
        CANCELLED = "cancelled", "Cancelled"

    WAITING: ClassVar[list[str]] = [State.QUEUED, State.SENDING]
    FINISHED: ClassVar[list[str]] = [State.SENT, State.FAILED, State.SUPPRESSED, State.CANCELLED]

    # What this letter answers: the same cause never writes a second one.
    dedupe_key = models.CharField(max_length=DEDUPE_KEY_LIMIT, unique=True)
    # Fixed when the row is written: a letter sent twice after a crash is recognised as one.
    message_id = models.CharField(max_length=255, unique=True, editable=False)
    # The name of its template; the letter is composed from it and the values when it is delivered.
    kind = models.CharField(max_length=100)
    recipient = models.EmailField()
    values = PlainValuesField(default=dict, blank=True)
    # Files and plans of files, as `mailing.attachments` stores them.
    attachments = PlainValuesField(default=list, blank=True)
    # A person's words in place of the template's. PROTECT: the words of letters that wait.
    wording = models.ForeignKey(
        Wording, null=True, blank=True, on_delete=models.PROTECT, related_name="letters"
    )
    # PROTECT: a mailing goes when its letters are gone. Its index is the one that progress is counted in.
    mailing = models.ForeignKey(
        Mailing, null=True, blank=True, on_delete=models.PROTECT, related_name="letters", db_index=False
    )
    # What its reader may stop (`mailing.categories`); empty for what always comes.
    category = models.CharField(max_length=50, blank=True)
    # Where its reader stops letters like this one; letters of a category have an address of their own.
    unsubscribe_url = models.CharField(max_length=500, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)

    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    body_erased_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)  # What the mail server said, or why not.

    objects: ClassVar[Any] = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = "letter"
        verbose_name_plural = "letters"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["mailing", "priority", "next_attempt_at", "id"],
                condition=Q(state="queued"),
                name="mailing_queued_in_order",
            ),
            models.Index(
                fields=["mailing", "state"],
                condition=Q(mailing__isnull=False),
                name="mailing_by_mailing",
            ),
            models.Index(
                fields=["leased_until"], condition=Q(state="sending"), name="mailing_sending_by_lease"
            ),
            models.Index(
                fields=["-finished_at"], condition=Q(state="failed"), name="mailing_failed_latest_first"
            ),
            models.Index(
                fields=["finished_at"],
                condition=Q(body_erased_at__isnull=True),
                name="mailing_finished_with_body",
            ),
            models.Index(fields=["recipient"], name="mailing_by_recipient"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="sending", leased_until__isnull=False)
                | (~Q(state="sending") & Q(leased_until__isnull=True)),
                name="mailing_outgoingmail_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="mailing_outgoingmail_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending"], finished_at__isnull=True)
                | Q(state__in=["sent", "failed", "suppressed", "cancelled"], finished_at__isnull=False),
                name="mailing_outgoingmail_finished_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "suppressed"]) | ~Q(last_error=""),
                name="mailing_outgoingmail_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(body_erased_at__isnull=True) | Q(values={}, attachments=[]),
                name="mailing_outgoingmail_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(body_erased_at__isnull=True) | Q(finished_at__isnull=False),
                name="mailing_outgoingmail_waiting_keeps_body",
            ),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}"

    @property
    def can_be_shown(self) -> bool:
        """An urgent letter may hold a sign-in code: nobody but its reader sees what it says."""
        return self.priority != Priority.URGENT
