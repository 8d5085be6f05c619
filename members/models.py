"""People, their organisations and the decisions on their membership."""

import uuid
from typing import Any, ClassVar, NoReturn, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser, BaseUserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from members.domains import validate_domain


class OrganisationKind(models.TextChoices):
    POLICE_FORCE = "police force", "Police force"
    PROBATION = "probation", "Probation"
    GOVERNMENT = "government", "Government"
    CHARITY = "charity", "Charity"
    UNIVERSITY = "university", "University"
    INTERNATIONAL = "international", "International"


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations, asked for in the words of the field."""

    def in_use(self) -> Self:
        """Those that somebody belongs to, or was let in for: they cannot be deleted."""
        return self.filter(Q(members__isnull=False) | Q(membership_decisions__isnull=False)).distinct()


class Organisation(ClusterableModel):
    """An agency whose people take part."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    region = models.CharField(max_length=80, blank=True)
    is_territorial = models.BooleanField(
        "territorial police force",
        default=False,
        help_text="One of the 43 forces of England and Wales that police an area.",
    )
    # What the last load wrote here: a later load leaves alone whatever differs from it.
    loaded = models.JSONField(default=dict, blank=True, editable=False)

    objects: ClassVar[Any] = OrganisationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values), name="members_organisation_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(is_territorial=False) | Q(kind=OrganisationKind.POLICE_FORCE),
                name="members_organisation_territorial_is_a_force",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OrganisationDomain(models.Model):
    """An e-mail domain that belongs to one organisation: whoever holds an address there works there."""

    organisation = ParentalKey(Organisation, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(
        max_length=253,
        unique=True,
        validators=[validate_domain],
        help_text="The part after the @. People with a confirmed address there are let in at once.",
        error_messages={"unique": "This domain already belongs to an organisation."},
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["domain"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(domain=Lower("domain")), name="members_organisationdomain_lower_case"
            ),
            models.CheckConstraint(
                condition=~Q(domain__contains="@") & ~Q(domain__contains=" ") & ~Q(domain__endswith="."),
                name="members_organisationdomain_is_a_domain",
            ),
        ]

    def __str__(self) -> str:
        return self.domain


class UserQuerySet(models.QuerySet["User"]):
    """Users, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Whose record one may open: one's own; for those who decide on membership, everybody's."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("members.decide_membership"):
            return self
        return self.filter(pk=user.pk)

    def approved(self) -> Self:
        return self.filter(state=User.State.APPROVED, is_active=True)

    def administrators(self) -> Self:
        """Who can give out roles, or could if their account were not suspended."""
        # No join, so that the rows can be locked.
        by_group = User.groups.through.objects.filter(
            user_id=OuterRef("pk"),
            group__permissions__codename="change_user",
            group__permissions__content_type__app_label="members",
        )
        return self.filter(Q(is_superuser=True) | Exists(by_group))

    def present(self) -> Self:
        """All but those who left: of them only a number remains."""
        return self.exclude(state=User.State.LEFT)

    def awaiting_decision(self) -> Self:
        """Whose address is confirmed and who wait for a membership manager, the longest wait first."""
        return self.filter(state=User.State.PENDING, waiting_since__isnull=False).order_by(
            "waiting_since", "pk"
        )

    def never_confirmed(self) -> Self:
        """Accounts that someone opened for an address and nobody ever proved to own."""
        return self.filter(
            state=User.State.PENDING,
            waiting_since__isnull=True,
            last_login__isnull=True,
            is_superuser=False,
            is_staff=False,
        ).exclude(emailaddress__verified=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc] # built at run time
    """Makes users; the e-mail address is the login and is kept in lower case."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("is_active", fields.get("state") not in User.SHUT_OUT)
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, state=User.State.APPROVED, **fields
        )


class User(AbstractUser):
    """A person who has an account. The e-mail address is the login."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting for a decision"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        SUSPENDED = "suspended", "Suspended"
        LEFT = "left", "Has left"

    SHUT_OUT: ClassVar[list[str]] = [State.SUSPENDED, State.LEFT]

    username = None  # type: ignore[assignment] # the address is the login
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    # What somebody wrote when nothing proved it yet; a membership manager turns it into an organisation.
    stated_organisation = models.CharField("organisation as given", max_length=200, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PENDING)
    # When the wait for a decision began; empty before the address is confirmed, and once decided.
    waiting_since = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "waiting_since"], name="members_user_by_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="members_user_email_lower_case"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "declined", "suspended", "left"]),
                name="members_user_state_known",
            ),
            # Django and allauth let in whoever is active: being shut out has to be more than a word of ours.
            models.CheckConstraint(
                condition=~Q(state__in=["suspended", "left"]) | Q(is_active=False),
                name="members_user_shut_out_is_inactive",
            ),
            models.CheckConstraint(
                condition=Q(waiting_since__isnull=True) | Q(state="pending"),
                name="members_user_waiting_is_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"  # never the name: it ends up in logs

    @property
    def is_waiting(self) -> bool:
        """Whether the address is confirmed and a person has to decide."""
        return self.state == self.State.PENDING and self.waiting_since is not None

    @property
    def is_approved(self) -> bool:
        return self.is_active and self.state == self.State.APPROVED

    def is_administrator(self) -> bool:
        """Whether they can give out roles, or could if their account were not suspended. One query."""
        return User.objects.administrators().filter(pk=self.pk).exists()


class MembershipDecisionQuerySet(models.QuerySet["MembershipDecision"]):
    """Decisions. They are only ever added: what was decided stays decided."""

    def latest_first(self) -> Self:
        return self.order_by("-decided_at", "-pk")

    def erase_reasons(self, member: User) -> int:
        """Take what was written about a member out of the decisions on them; the decisions stay."""
        about_member = self.filter(member=member).exclude(reason="")
        return super(MembershipDecisionQuerySet, about_member).update(reason=MembershipDecision.REASON_ERASED)

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("A membership decision is never changed: add another one.")

    def delete(self) -> NoReturn:
        raise TypeError("A membership decision is never deleted.")


class MembershipDecision(models.Model):
    """One decision on a person's membership: who decided what, when and why."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        SUSPENDED = "suspended", "Suspended"
        REINSTATED = "reinstated", "Suspension lifted"
        RETURNED = "returned", "Returned to waiting"
        LEFT = "left", "Left"

    REASON_ERASED: ClassVar[str] = "Erased when the member left."

    # People are never deleted from this table, they are made anonymous (actions.erase_member).
    member = models.ForeignKey(User, on_delete=models.PROTECT, related_name="membership_decisions")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    # Nobody: a rule decided, or the member left of their own accord. The reason says which.
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()
    reason = models.TextField(blank=True, max_length=1000)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="membership_decisions"
    )

    objects: ClassVar[Any] = MembershipDecisionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["decided_at", "pk"]
        permissions: ClassVar = [
            ("decide_membership", "Can decide who is a member"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    verdict__in=["approved", "declined", "suspended", "reinstated", "returned", "left"]
                ),
                name="members_membershipdecision_verdict_known",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=["declined", "suspended"]) | ~Q(reason=""),
                name="members_membershipdecision_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False) | Q(verdict__in=["approved", "returned", "left"]),
                name="members_membershipdecision_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("member")), name="members_membershipdecision_not_on_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A membership decision is never changed: add another one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A membership decision is never deleted.")
