"""What property tests do to events, one step after the other, and that a refusal changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from hypothesis import HealthCheck, settings

from events import actions
from events.models import EventPage, Registration
from members.models import User
from pages.errors import ActionError

START = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)

Step = tuple[str, int]


def examples(number: int) -> settings:
    """So many sequences. Each starts from events of its own: the database keeps those of the one before."""
    return settings(
        max_examples=number,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@dataclass(kw_only=True)
class World:
    """Members and the clock. Whoever extends it says what there is to book, and what always holds."""

    members: list[User]
    now: datetime = START

    def of(self, member: User) -> QuerySet[Registration]:
        """The registrations of somebody, here and not in what earlier sequences left behind."""
        raise NotImplementedError

    def rows(self) -> list[tuple]:
        """All that a refusal must not have changed."""
        raise NotImplementedError

    def check(self, verb: str) -> None:
        """What holds after each step."""
        raise NotImplementedError

    def do(self, verb: str, number: int) -> None:
        """One step, and what must hold after it. A refusal must have changed nothing."""
        before = self.rows()
        try:
            self.STEPS[verb](self, number)
        except ActionError:
            assert self.rows() == before
        else:
            self.check(verb)

    def do_all(self, steps: Iterable[Step]) -> None:
        for verb, number in steps:
            self.do(verb, number)

    def cancel(self, number: int) -> None:
        actions.cancel_registration(**self.latest_of(number))

    def take(self, number: int) -> None:
        actions.take_place(**self.latest_of(number))

    def decline(self, number: int) -> None:
        actions.decline_place(**self.latest_of(number))

    def let_hours_pass(self, number: int) -> None:
        self.now += timedelta(hours=number)

    STEPS: ClassVar[dict[str, Callable[..., None]]] = {
        "cancel": cancel,
        "take": take,
        "decline": decline,
        "let hours pass": let_hours_pass,
    }

    def latest_of(self, number: int) -> dict[str, Any]:
        """Of one member the last registration, as actions take it."""
        member = self.members[number]
        latest = self.of(member).order_by("pk").last()
        if latest is None:
            raise ActionError
        return {"registration": latest, "actor": member, "now": self.now}

    def publish(self, event: EventPage, **fields: object) -> None:
        """As an editor does who changed something."""
        page = EventPage.objects.get(pk=event.pk).specific
        for name, value in fields.items():
            setattr(page, name, value)
        page.save()
        actions.announce_changes(event=page, now=self.now)

    def add_places_to(self, event: EventPage, number: int) -> None:
        capacity = EventPage.objects.values_list("capacity", flat=True).get(pk=event.pk)
        self.publish(event, capacity=capacity + number)
