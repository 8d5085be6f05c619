"""Who was there, and what they get for it."""

import secrets
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from events.models.programme import Session
from events.models.registrations import Registration

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

# 16 characters of 32: 80 bits, so nobody guesses one. No letter that can be read as a digit.
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def code_from(typed: str) -> str:
    """The code in what somebody typed: small letters, spaces and dashes do not matter. Empty if it is none."""
    code = "".join(character for character in typed.upper() if character not in " -")
    is_code = len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET)
    return code if is_code else ""


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """Attendance, asked for in the words of the field."""

    def present(self) -> Self:
        return self.filter(is_present=True)

    def at(self, session: Session | None) -> Self:
        """At one session; at the event as a whole where it is None."""
        return self.filter(session=session)


class Attendance(models.Model):
    """Whether one registered person was at one session, or at the event where it has no sessions.

    The latest word counts: a tick and an undo carry the moment they were made, on whatever phone, and
    one that arrives late never overrules one made after it.
    """

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="attendances")
    # Empty: at the event as a whole.
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    is_present = models.BooleanField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["Attendance"]] = models.Manager.from_queryset(AttendanceQuerySet)()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["registration", "session"], name="events_attendance_once_a_session"
            ),
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(session__isnull=True),
                name="events_attendance_once_an_event",
            ),
        ]

    def __str__(self) -> str:
        return f"attendance {self.pk}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """One's own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(registration__member=user)

    def valid(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)


class Certificate(models.Model):
    """What somebody can show: that they were there, and for how many hours."""

    registration = models.OneToOneField(Registration, on_delete=models.CASCADE, related_name="certificate")
    # In the address where anyone can check it.
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    name = models.CharField(max_length=310)
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    issued_at = models.DateTimeField()
    # When the list was corrected and they had not been there after all. The code stays, and says so.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["Certificate"]] = models.Manager.from_queryset(CertificateQuerySet)()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(hours__gt=0), name="events_certificate_has_hours"),
        ]

    def __str__(self) -> str:
        return f"certificate {self.pk}"

    @property
    def is_valid(self) -> bool:
        return self.withdrawn_at is None

    @property
    def code_shown(self) -> str:
        """The code in groups of four, as it is printed and read out."""
        return "-".join(self.code[at : at + 4] for at in range(0, CODE_LENGTH, 4))
