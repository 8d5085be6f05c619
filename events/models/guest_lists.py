"""Lists of people to invite, as organisers bring them, and their lines once they are read."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class GuestListQuerySet(models.QuerySet["GuestList"]):
    """Lists, asked for in the words of the field."""

    def being_read(self) -> Self:
        return self.filter(content__isnull=False)


class GuestList(models.Model):
    """A list that an organiser brought: what it holds until a worker has read it, and how far that is."""

    wave = models.ForeignKey("events.InvitationWave", on_delete=models.CASCADE, related_name="guest_lists")
    # A line of text each. Gone when it is read: its lines are rows then.
    content = models.BinaryField(null=True)
    lines = models.PositiveIntegerField()
    lines_read = models.PositiveIntegerField(default=0)
    # What its first line calls the columns that nobody reads.
    unread_columns = models.JSONField(default=list, blank=True)

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["GuestList"]] = models.Manager.from_queryset(GuestListQuerySet)()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["wave"], condition=Q(content__isnull=False), name="events_guestlist_one_being_read"
            ),
            models.CheckConstraint(
                condition=Q(lines_read__lte=F("lines")), name="events_guestlist_read_within"
            ),
        ]

    def __str__(self) -> str:
        return f"list {self.pk}"

    @property
    def is_being_read(self) -> bool:
        return self.content is not None


class ListedPersonQuerySet(models.QuerySet["ListedPerson"]):
    """The lines of a list, asked for in the words of the field."""

    def valid(self) -> Self:
        return self.filter(problem="")

    def invalid(self) -> Self:
        """In the order of the list."""
        return self.exclude(problem="").order_by("line", "pk")


class ListedPerson(models.Model):
    """One line of a list that an organiser brought: somebody to invite, or what could not be read and why."""

    guest_list = models.ForeignKey(GuestList, on_delete=models.CASCADE, related_name="people")
    line = models.PositiveIntegerField()
    # Lower case; empty where the line could not be taken.
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=200, blank=True)
    # What stood there, of a line that could not be taken: nothing is lost.
    as_written = models.CharField(max_length=500, blank=True)

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["ListedPerson"]] = models.Manager.from_queryset(ListedPersonQuerySet)()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["guest_list", "email"],
                condition=Q(problem=""),
                name="events_listedperson_once_a_list",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="events_listedperson_email_lower_case"
            ),
            models.CheckConstraint(
                condition=~Q(problem="", email=""), name="events_listedperson_has_address_or_problem"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["guest_list", "line"], condition=~Q(problem=""), name="events_listedperson_problems"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"
