"""People, their organisations and the decisions on their membership."""

import uuid
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class OrganisationKind(models.TextChoices):
    POLICE_FORCE = "police force", "Police force"
    PROBATION = "probation", "Probation"
    GOVERNMENT = "government", "Government"
    CHARITY = "charity", "Charity"
    UNIVERSITY = "university", "University"
    INTERNATIONAL = "international", "International"


class Organisation(models.Model):
    """An agency whose people take part."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    region = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganisationDomain(models.Model):
    """An e-mail domain that belongs to one organisation: whoever holds an address there works there."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["domain"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(domain=Lower("domain")),
                name="members_organisationdomain_lower_case",
            )
        ]

    def __str__(self) -> str:
        return self.domain


class UserQuerySet(models.QuerySet["User"]):
    """Users, asked for in the words of the field."""

    def approved(self) -> Self:
        return self.filter(state=User.State.APPROVED, is_active=True)

    def awaiting_decision(self) -> Self:
        """Whose address is verified and who wait for a membership manager."""
        return self.filter(state=User.State.PENDING, is_active=True, emailaddress__verified=True).distinct()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc] # built at run time
    """Makes users; the e-mail address is the login and is kept in lower case."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
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

    username = None  # type: ignore[assignment] # the address is the login
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    job_title = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PENDING)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="members_user_email_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or f"member {self.pk}"

    @property
    def is_approved(self) -> bool:
        return self.is_active and self.state == self.State.APPROVED
