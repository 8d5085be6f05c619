"""What is erased some time after an event: what only its organisers needed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from events.models import EventPage, Handover, ManagerApproval, Registration, SensitiveAnswers

# Whoever comes to the door without an account is in the certificate by then, and can be written to no more.
GUESTS_ARE_KEPT = timedelta(days=90)
# Addresses of others that a member gave. The history keeps that somebody was asked, and what they said.
CONTACTS_ARE_KEPT = timedelta(days=90)


def events_to_erase_from(now: datetime) -> list[EventPage]:
    """Events whose sensitive answers have been kept long enough, each with `to_erase`: of how many people."""
    over = (
        EventPage.objects.filter(ends_at__lt=now, registrations__sensitive_answers__isnull=False)
        .annotate(to_erase=Count("registrations__sensitive_answers"))
        .only("title", "ends_at", "days_to_keep_sensitive_answers")
        .order_by("pk")
    )
    return [
        event for event in over if event.ends_at + timedelta(days=event.days_to_keep_sensitive_answers) <= now
    ]


def erase_sensitive_answers(*, now: datetime) -> int:
    """Erase what is due; return of how many people. Answers that are not sensitive stay."""
    erased = 0
    for event in events_to_erase_from(now):
        gone, _ = SensitiveAnswers.objects.filter(registration__event=event.pk).delete()
        erased += gone
    return erased


def count_guests_to_erase(now: datetime) -> int:
    """How many guests of events long over still have a name, an address or an organisation here."""
    return Registration.objects.of_named_guests().filter(event__ends_at__lte=now - GUESTS_ARE_KEPT).count()


def erase_guests(*, now: datetime) -> int:
    """Erase who came to the door without an account; return how many. That somebody was there stays."""
    over = EventPage.objects.filter(ends_at__lte=now - GUESTS_ARE_KEPT).order_by().values("pk")
    return (
        Registration.objects.of_named_guests()
        .filter(event__in=over)
        .update(guest_name="", guest_email="", guest_organisation="")
    )


def count_contacts_to_erase(now: datetime) -> int:
    """How many addresses of line managers and colleagues are still here, of events long over."""
    over = now - CONTACTS_ARE_KEPT
    return (
        ManagerApproval.objects.filter(registration__event__ends_at__lte=over).count()
        + Handover.objects.filter(registration__event__ends_at__lte=over).count()
    )


@transaction.atomic
def erase_contacts(*, now: datetime) -> int:
    """Erase what was asked of line managers and colleagues, with their addresses; return how many."""
    over = now - CONTACTS_ARE_KEPT
    managers, _ = ManagerApproval.objects.filter(registration__event__ends_at__lte=over).delete()
    colleagues, _ = Handover.objects.filter(registration__event__ends_at__lte=over).delete()
    return managers + colleagues
