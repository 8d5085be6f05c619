"""Whom a wave of invitations is for, and who of them is left out and why.

An audience is members, chosen by what is known of them, and the people on a list. Nobody is written to who was
invited already, is registered, cannot be reached, does not want to be, or is shut out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from events.models import (
    Attendance,
    EventPage,
    Invitation,
    InvitationWave,
    ListedPerson,
    Registration,
    RegistrationStep,
    SeriesPage,
)
from library.models import Topic, TopicInterest
from mailing.models import Suppression, Unsubscription
from members.models import Organisation, OrganisationKind, User

CATEGORY = "event_invitations"

# Why somebody is left out, in the order in which it is asked: each is counted once.
SHUT_OUT = "shut out"
SUPPRESSED = "suppressed"
UNSUBSCRIBED = "unsubscribed"
REGISTERED = "registered"
GAVE_UP = "gave up"
INVITED = "invited"
REASONS: Mapping[str, str] = {
    SHUT_OUT: "Suspended or turned down as members",
    SUPPRESSED: "Letters to the address came back",
    UNSUBSCRIBED: "Do not want invitations",
    REGISTERED: "Registered already",
    GAVE_UP: "Cancelled their registration for this event themselves",
    INVITED: "Invited to this event already",
}


@dataclass(frozen=True)
class Chosen:
    """Which members are invited. Each that is set narrows down; nothing set means none of them."""

    everyone: bool = False
    organisations: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    # Part of the job title.
    job_title: str = ""
    # Who is interested in one of these topics.
    topics: tuple[int, ...] = ()
    # Who came before: to one of these events, of these series, or to events of these kinds.
    events: tuple[int, ...] = ()
    series: tuple[int, ...] = ()
    event_kinds: tuple[str, ...] = ()
    # Only those who were there; otherwise everybody who had registered.
    attended: bool = False

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From the JSON of a wave; what is unknown there is left out."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
            if name in cls.__dataclass_fields__
        }
        return cls(**known)

    def stored(self) -> dict[str, Any]:
        """As JSON, without what is not set."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value
        }

    @property
    def is_nobody(self) -> bool:
        narrows = (
            self.organisations, self.kinds, self.regions, self.job_title, self.topics,
            self.events, self.series, self.event_kinds,
        )  # fmt: skip
        return not self.everyone and not any(narrows)

    def in_words(self) -> list[str]:
        """Each choice in a line. Four queries at most."""
        if self.is_nobody:
            return []
        lines = ["All members"] if self.everyone else []
        if self.organisations:
            lines.append(_listed("Of", Organisation.objects.filter(pk__in=self.organisations), "name"))
        if self.kinds:
            lines.append(f"Kind of organisation: {', '.join(_labels(OrganisationKind.choices, self.kinds))}")
        if self.regions:
            lines.append(f"Region: {', '.join(self.regions)}")
        if self.job_title:
            lines.append(f"Job title with “{self.job_title}”")
        if self.topics:
            lines.append(_listed("Interested in", Topic.objects.filter(pk__in=self.topics), "name"))
        came = "Were" if self.attended else "Had a place"
        if self.events:
            lines.append(_listed(f"{came} at", EventPage.objects.filter(pk__in=self.events), "title"))
        if self.series:
            lines.append(_listed(f"{came} at one of", SeriesPage.objects.filter(pk__in=self.series), "title"))
        if self.event_kinds:
            kinds = ", ".join(_labels(EventPage.Kind.choices, self.event_kinds)).lower()
            lines.append(f"{came} at an event of this kind: {kinds}")
        return lines

    def members(self) -> QuerySet[User]:
        """The members it fits, those who are shut out too: they are counted among those left out."""
        found = User.objects.present().exclude(state=User.State.PENDING).order_by()
        if self.is_nobody:
            return found.none()
        if self.organisations:
            found = found.filter(organisation__in=self.organisations)
        if self.kinds:
            found = found.filter(organisation__kind__in=self.kinds)
        if self.regions:
            found = found.filter(organisation__region__in=self.regions)
        if self.job_title:
            found = found.filter(job_title__icontains=self.job_title)
        if self.topics:
            interests = TopicInterest.objects.filter(member=OuterRef("pk"), topic__in=self.topics)
            found = found.filter(Exists(interests))
        if self.events or self.series or self.event_kinds:
            found = found.filter(Exists(self._earlier()))
        return found

    def _earlier(self) -> QuerySet[Registration]:
        earlier = Registration.objects.filter(member=OuterRef("pk"))
        earlier = earlier.filter(
            Q(event__in=self.events) | Q(event__series__in=self.series) | Q(event__kind__in=self.event_kinds)
        )
        if self.attended:
            return earlier.filter(Exists(Attendance.objects.present().filter(registration=OuterRef("pk"))))
        return earlier.confirmed()


def _listed(words: str, rows: QuerySet[Any], name: str) -> str:
    names = ", ".join(rows.order_by(name).values_list(name, flat=True))
    return f"{words} {names or 'what is not there any more'}"


def _labels(choices: Sequence[tuple[str, Any]], chosen: Sequence[str]) -> list[str]:
    return [str(label) for value, label in choices if value in chosen]


@dataclass
class Counted:
    """How many are invited, and how many are left out for which reason; each person once."""

    members: int = 0
    listed: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    # On the list, and among the members chosen as well.
    twice: int = 0

    @property
    def invited(self) -> int:
        return self.members + self.listed

    def reasons_in_words(self) -> list[tuple[str, int]]:
        """Those that leave somebody out, in their order."""
        return reasons_in_words(self.left_out)


def reasons_in_words(left_out: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(words, left_out[reason]) for reason, words in REASONS.items() if left_out.get(reason)]


def members_to_invite(wave: InvitationWave) -> QuerySet[User]:
    """The members whom a wave is for, without those who are left out."""
    return _members_of(wave).alias(why=_why(wave.event_id, "pk")).filter(why="")


def listed_to_invite(wave: InvitationWave) -> QuerySet[ListedPerson]:
    """The people on its list who are not among its members, without those who are left out."""
    return _listed_of(wave).alias(why=_why(wave.event_id, "account")).filter(why="")


def _members_of(wave: InvitationWave) -> QuerySet[User]:
    return Chosen.read(wave.audience).members()


def _listed_of(wave: InvitationWave) -> QuerySet[ListedPerson]:
    chosen = Chosen.read(wave.audience)
    account = User.objects.filter(email=OuterRef("email")).order_by().values("pk")[:1]
    listed = wave.listed.valid().alias(account=Subquery(account))
    if not chosen.is_nobody:
        listed = listed.exclude(Exists(chosen.members().filter(email=OuterRef("email"))))
    return listed


def count(wave: InvitationWave) -> Counted:
    """Whom the wave would be sent to at this moment. Three queries."""
    counted = Counted()
    for reason, number in _by_reason(_members_of(wave), _why(wave.event_id, "pk")).items():
        if reason:
            counted.left_out[reason] = counted.left_out.get(reason, 0) + number
        else:
            counted.members = number
    on_list = 0
    for reason, number in _by_reason(_listed_of(wave), _why(wave.event_id, "account")).items():
        on_list += number
        if reason:
            counted.left_out[reason] = counted.left_out.get(reason, 0) + number
        else:
            counted.listed = number
    counted.twice = wave.listed.valid().count() - on_list
    return counted


def _by_reason(people: QuerySet[Any], why: Case) -> dict[str, int]:
    rows = people.order_by().annotate(why=why).values_list("why").annotate(number=Count("pk"))
    return dict(rows)


def cannot_be_written_to(address: str) -> Q:
    """Whose letters would be held back: the address is suppressed, or invitations to it were stopped."""
    return Q(Exists(_suppressed(address))) | Q(Exists(_unsubscribed(address)))


def _why(event: int, account: str) -> Case:
    """Why somebody is left out, or empty. `account` is the column with the number of their account, if any.

    Each question is one look into one index: a join in here is slow as soon as the statistics are old.
    """
    theirs = OuterRef(account)
    shut_out = User.objects.filter(pk=theirs).exclude(
        Q(state=User.State.PENDING) | Q(state=User.State.APPROVED, is_active=True)
    )
    registered = Registration.objects.active().filter(event=event, member=theirs)
    invited = Invitation.objects.filter(event=event)
    return Case(
        When(Exists(shut_out), then=Value(SHUT_OUT)),
        When(Exists(_suppressed("email")), then=Value(SUPPRESSED)),
        When(Exists(_unsubscribed("email")), then=Value(UNSUBSCRIBED)),
        When(Exists(registered), then=Value(REGISTERED)),
        When(Exists(_given_up(event, theirs)), then=Value(GAVE_UP)),
        When(Exists(invited.filter(email=OuterRef("email"))), then=Value(INVITED)),
        When(Exists(invited.filter(member=theirs)), then=Value(INVITED)),
        default=Value(""),
        output_field=CharField(),
    )


def _given_up(event: int, theirs: OuterRef) -> QuerySet[Registration]:
    """What somebody cancelled, or declined when it was offered; not what an organiser cancelled for them."""
    by_themselves = RegistrationStep.objects.filter(
        registration=OuterRef("pk"),
        verb__in=["cancel_registration", "decline_place"],
        actor=OuterRef("member"),
    )
    ended = Registration.objects.filter(event=event, member=theirs, state=Registration.State.CANCELLED)
    return ended.filter(Exists(by_themselves))


def _suppressed(address: str) -> QuerySet[Suppression]:
    return Suppression.objects.active().filter(address=OuterRef(address))


def _unsubscribed(address: str) -> QuerySet[Unsubscription]:
    return Unsubscription.objects.filter(address=OuterRef(address), category=CATEGORY)
