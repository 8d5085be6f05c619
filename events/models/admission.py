"""Who may come to an event, how many, and until when: the rules that an organiser sets."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from modelcluster.fields import ParentalManyToManyField

from events.standing import Visitor
from members.domains import domain_of
from members.models import Organisation, OrganisationKind, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Audience(models.TextChoices):
    """Who may register at all."""

    EVERYONE = "everyone", "Everyone with an account, also before they are let in as a member"
    MEMBERS = "members", "All members"
    CHOSEN = "chosen", "Members of the organisations, kinds or domains chosen below"
    INVITED = "invited", "Only people who were invited"


_FOR_WHOM = {
    Audience.EVERYONE: "Everyone with an account",
    Audience.MEMBERS: "Members of any agency",
    Audience.CHOSEN: "Members of some organisations",
    Audience.INVITED: "People who were invited",
}


class Admission(models.Model):
    """What an event asks of those who want to come. All of it travels along when the event is copied."""

    audience = models.CharField(
        "who may register", max_length=10, choices=Audience.choices, default=Audience.MEMBERS
    )
    audience_organisations = ParentalManyToManyField(
        Organisation, blank=True, related_name="+", verbose_name="organisations"
    )
    # Values of members.models.OrganisationKind.
    audience_kinds = models.JSONField("kinds of organisation", default=list, blank=True)
    # Lower case, without the @.
    audience_domains = models.JSONField("e-mail domains", default=list, blank=True)

    capacity = models.PositiveIntegerField(
        "places", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: no limit."
    )
    places_per_organisation = models.PositiveSmallIntegerField(
        "places for each organisation",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="For example 3, so that every force can come. Empty: no limit.",
    )
    reserved_places = models.PositiveSmallIntegerField("places kept for people who were invited", default=0)
    reserved_until = models.DateTimeField(
        "kept until", null=True, blank=True, help_text="After that everybody can have them."
    )
    has_waiting_list = models.BooleanField("keep a waiting list when full", default=True)
    hours_to_take_an_offer = models.PositiveSmallIntegerField(
        "hours to take an offered place", default=48, validators=[MinValueValidator(1)]
    )
    shows_numbers = models.BooleanField("show how many places are left", default=True)

    registration_opens_at = models.DateTimeField(
        "registration opens", null=True, blank=True, help_text="Empty: at once."
    )
    registration_closes_at = models.DateTimeField(
        "registration closes", null=True, blank=True, help_text="Empty: when the event starts."
    )
    answers_change_until = models.DateTimeField(
        "answers can be changed until", null=True, blank=True, help_text="Empty: when registration closes."
    )

    needs_approval = models.BooleanField("an organiser approves each registration", default=False)
    needs_manager = models.BooleanField(
        "the line manager approves each registration",
        default=False,
        help_text="The manager gets a letter with a link and needs no account.",
    )
    days_to_keep_sensitive_answers = models.PositiveSmallIntegerField(
        "days after the event to erase sensitive answers",
        default=30,
        validators=[MaxValueValidator(365)],
    )

    class Meta:
        abstract = True

    # Stands in the Meta of the page: an abstract one is not inherited beside another.
    ADMISSION_CONSTRAINTS: ClassVar[list[models.BaseConstraint]] = [
        models.CheckConstraint(
            condition=Q(capacity__isnull=True) | Q(capacity__gte=1), name="events_event_has_room"
        ),
        models.CheckConstraint(
            condition=Q(reserved_places=0)
            | (Q(capacity__isnull=False) & Q(reserved_places__lte=F("capacity"))),
            name="events_event_reserves_what_it_has",
        ),
        models.CheckConstraint(
            condition=Q(audience__in=["everyone", "members", "chosen", "invited"]),
            name="events_event_audience_known",
        ),
    ]

    @property
    def needs_any_approval(self) -> bool:
        return self.needs_approval or self.needs_manager

    def asks_who_comes(self, now: datetime) -> bool:
        """Whether places are kept for some or counted by organisation, so that it matters who asks."""
        return self.places_per_organisation is not None or self.places_reserved(now) > 0

    def asks_for_invitation(self, now: datetime) -> bool:
        """Whether it matters who was invited."""
        return self.audience in {Audience.INVITED, Audience.CHOSEN} or self.places_reserved(now) > 0

    def admits(self, member: User) -> bool:
        """Whether the event is meant for somebody, by organisation, its kind or their address. Two queries at most."""
        if self.audience == Audience.INVITED:
            return False
        if self.audience != Audience.CHOSEN:
            return True
        if domain_of(member.email) in self.audience_domains:
            return True
        organisation = member.organisation
        if organisation is None:
            return False
        return organisation.kind in self.audience_kinds or organisation in self.audience_organisations.all()

    def is_enough(self, user: User) -> bool:
        """Whether somebody's membership is enough to come at all."""
        waits_for_a_decision = user.is_active and user.state == User.State.PENDING
        return user.is_approved or (self.audience == Audience.EVERYONE and waits_for_a_decision)

    def visitor(self, user: "User | AnonymousUser", *, is_invited: bool) -> Visitor:
        """What somebody is to this event before they register. An invitation is for members too."""
        if not isinstance(user, User):
            return Visitor.NOBODY
        if not self.is_enough(user):
            return Visitor.NOT_APPROVED
        if is_invited or self.admits(user):
            return Visitor.MEMBER
        return Visitor.UNINVITED if self.audience == Audience.INVITED else Visitor.STRANGER

    @property
    def for_whom(self) -> str:
        """The same in a few words, without naming anybody."""
        return _FOR_WHOM[Audience(self.audience)]

    def audience_in_words(self) -> str:
        """Whom an event for chosen people is for: "Essex Police; probation; addresses at kent.example"."""
        kinds = dict(OrganisationKind.choices)
        return "; ".join(
            [
                *(organisation.name for organisation in self.audience_organisations.all()),
                *(f"all of {kinds[kind].lower()}" for kind in self.audience_kinds if kind in kinds),
                *(f"addresses at {domain}" for domain in self.audience_domains),
            ]
        )

    def opens_after(self, now: datetime) -> bool:
        return self.registration_opens_at is not None and now < self.registration_opens_at

    def places_reserved(self, now: datetime) -> int:
        """How many places only invited people can have at this moment, taken or not."""
        if self.reserved_until is not None and self.reserved_until <= now:
            return 0
        return self.reserved_places

    @property
    def closes_at(self) -> datetime:
        """When registration closes. The event knows."""
        raise NotImplementedError

    @property
    def answers_final_at(self) -> datetime:
        """From when answers stand as they are."""
        return self.answers_change_until or self.closes_at

    @property
    def sessions_final_at(self) -> datetime:
        """From when nobody can choose a session any more: neither with a registration nor by changing one."""
        return max(self.closes_at, self.answers_final_at)

    @property
    def time_to_take_an_offer(self) -> timedelta:
        return timedelta(hours=self.hours_to_take_an_offer)
