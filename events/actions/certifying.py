"""Certificates of attendance, and the thanks after an event."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from copy import copy
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from events import hours, line, mail
from events.actions import checks
from events.models import Attendance, Certificate, EventPage, Material, Registration, Session

# What a clock that stood still for weeks may catch up with.
STILL_ISSUED = timedelta(days=60)
STILL_THANKED = timedelta(days=14)
THANKED_AFTER = timedelta(days=1)


def events_to_certify(now: datetime) -> list[EventPage]:
    """Events that are over, with people who were there and have no certificate yet."""
    lacking = _with_a_name(Registration.objects.filter(event=OuterRef("pk"), certificate__isnull=True))
    events = EventPage.objects.filter(
        Exists(lacking.filter(Exists(_present(OuterRef("pk"))))),
        gives_certificates=True,
        cancelled_at__isnull=True,
        ends_at__lt=now,
        ends_at__gte=now - STILL_ISSUED,
        date_precision=EventPage.DatePrecision.TIME,
    )
    return list(events.defer_streamfields().order_by("pk"))


def issue_certificates(*, now: datetime) -> int:
    """Give everybody who was at an event that is over their certificate, with a letter. Returns how many.

    One transaction an event. Somebody who has one already gets no second, whatever their hours are.
    """
    return sum(_issue(event.pk, now) for event in events_to_certify(now))


@transaction.atomic
def _issue(event_id: int, now: datetime) -> int:
    event = line.lock(event_id)
    registrations = _with_a_name(event.registrations.filter(certificate__isnull=True)).filter(
        Exists(_present(OuterRef("pk")))
    )
    there = list(registrations.select_related("member").order_by("pk"))
    earned = _hours_of(event, {registration.pk for registration in there})
    issued = 0
    for registration in there:
        if earned[registration.pk] <= 0:
            continue
        certificate = Certificate.objects.create(
            registration=registration, name=registration.name, hours=earned[registration.pk], issued_at=now
        )
        checks.note("issue_certificate", registration, None, now)
        mail.certificate_issued(registration, event, certificate)
        issued += 1
    return issued


def correct_certificates(event: EventPage, registrations: Collection[int], now: datetime) -> None:
    """After the list was corrected: let the certificates say what it says, within the caller's transaction.

    Whoever was not there has a certificate that is not valid; whoever was there after all has a valid one
    again. The code stays the same.
    """
    certificates = list(
        Certificate.objects.filter(registration__in=registrations).select_related("registration__member")
    )
    earned = _hours_of(event, {certificate.registration_id for certificate in certificates})
    for certificate in certificates:
        hours_now = earned[certificate.registration_id]
        if hours_now <= 0:
            _withdraw(certificate, event, now)
        elif hours_now != certificate.hours or not certificate.is_valid:
            before = copy(certificate)
            certificate.hours, certificate.issued_at, certificate.withdrawn_at = hours_now, now, None
            certificate.save(update_fields=["hours", "issued_at", "withdrawn_at"])
            mail.certificate_issued(certificate.registration, event, certificate, corrects=before)


def correct_all(event: EventPage, now: datetime) -> None:
    """After a publication: the organiser may have given other hours, or the sessions other times."""
    certified = Certificate.objects.filter(registration__event=event.pk, withdrawn_at__isnull=True)
    correct_certificates(event, list(certified.values_list("registration", flat=True)), now)


def registrations_to_thank(now: datetime) -> list[Registration]:
    """Who was at an event that ended a day ago and more; everybody with a place where nobody took attendance."""
    somebody = Attendance.objects.present().filter(registration__event=OuterRef("event"))
    due = (
        _with_a_name(Registration.objects.confirmed())
        .filter(
            Exists(_present(OuterRef("pk"))) | ~Exists(somebody),
            thanked_at__isnull=True,
            event__ends_at__lte=now - THANKED_AFTER,
            event__ends_at__gte=now - STILL_THANKED,
            event__cancelled_at__isnull=True,
            event__live=True,
            event__date_precision=EventPage.DatePrecision.TIME,
        )
        .select_related("event", "member", "certificate")
    )
    return list(due.defer("event__body").order_by("event__ends_at", "pk"))


def send_thanks(*, now: datetime) -> int:
    """Thank whoever is due, each in a transaction of their own and once. Returns how many."""
    due = registrations_to_thank(now)
    events = {registration.event.pk: registration.event for registration in due}
    audiences = {pk: _opened_audiences(event, now) for pk, event in events.items()}
    sent = 0
    for registration in due:
        with transaction.atomic():
            # Only one of two runs at once finds the row as it was.
            unthanked = Registration.objects.confirmed().filter(pk=registration.pk, thanked_at__isnull=True)
            if unthanked.update(thanked_at=now):
                mail.thanks(registration, registration.event, audiences=audiences[registration.event_id])
                sent += 1
    return sent


def _opened_audiences(event: EventPage, now: datetime) -> set[str]:
    opened = set(event.materials.opened(now).order_by().values_list("audience", flat=True))
    if not Attendance.objects.present().filter(registration__event=event).exists():
        opened.discard(Material.Audience.ATTENDED)
    return opened


def _withdraw(certificate: Certificate, event: EventPage, now: datetime) -> None:
    if not certificate.is_valid:
        return
    certificate.withdrawn_at = now
    certificate.save(update_fields=["withdrawn_at"])
    mail.certificate_withdrawn(certificate.registration, event, certificate)


def _hours_of(event: EventPage, registrations: Iterable[int]) -> dict[int, Decimal]:
    """The hours that each has earned. Two queries."""
    spans = {session.pk: _span(session) for session in Session.objects.filter(event=event.pk).to_attend()}
    attended: dict[int, set[int | None]] = defaultdict(set)
    wanted = set(registrations)
    rows = Attendance.objects.present().filter(registration__in=wanted)
    for registration, session in rows.values_list("registration", "session"):
        attended[registration].add(session)
    return {
        registration: hours.hours_attended(
            event=_span(event),
            time_zone=event.time_zone,
            fixed=event.certificate_hours,
            has_sessions=bool(spans),
            attended=[spans[session] for session in attended[registration] if session in spans],
            was_there=bool(attended[registration]),
        )
        for registration in wanted
    }


def _span(of: EventPage | Session) -> hours.Span:
    return hours.Span(of.starts_at, of.ends_at)


def _present(registration: OuterRef) -> "models.QuerySet[Attendance]":
    return Attendance.objects.present().filter(registration=registration)


def _with_a_name(registrations: "models.QuerySet[Registration]") -> "models.QuerySet[Registration]":
    """Without those whose member has left: their name is gone, and so is their address."""
    return registrations.filter(Q(member__isnull=False) | ~Q(guest_name=""))
