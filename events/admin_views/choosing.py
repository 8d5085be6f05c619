"""Which registrations a page is about: the filter of the list, or the rows that were ticked."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from events.models import EventPage, Question, Registration, RegistrationQuerySet
from events.organising_forms import RegistrationFilter
from events.selecting import Selection

# Where a page begins is no part of what was asked for.
NOT_FILTERS = {"after", "before", "csrfmiddlewaretoken", "act", "chosen", "whom", "filters"}
THOSE_TICKED, ALL_THAT_MATCH = "ticked", "all"
MOST_TICKED = 1000


@dataclass(frozen=True)
class Choice:
    """Registrations of one event, and how to name them again on the next page."""

    event: EventPage
    filters: str
    # The rows that were ticked; None for all that match the filter.
    chosen: Sequence[UUID] | None = None

    def registrations(self) -> RegistrationQuerySet:
        """Without an order."""
        if self.chosen is not None:
            return Registration.objects.filter(event=self.event.pk, uuid__in=self.chosen).order_by()
        questions = list(self.event.questions.all())
        form = RegistrationFilter(QueryDict(self.filters), event=self.event, questions=questions)
        return form.selection.of(self.event, questions)

    @property
    def list_url(self) -> str:
        """The list, filtered as it was when they were chosen."""
        url = reverse("events_admin:registrations", args=[self.event.pk])
        return f"{url}?{self.filters}" if self.filters else url


def posted_choice(data: QueryDict, event: EventPage) -> Choice:
    """What the list's form sent: ticked rows, which may be none, or all that match its filter."""
    filters = data.get("filters", "")
    if data.get("whom") == ALL_THAT_MATCH:
        return Choice(event, filters)
    chosen = [uuid for text in data.getlist("chosen")[:MOST_TICKED] if (uuid := _uuid(text))]
    return Choice(event, filters, chosen)


def session_key(event: EventPage) -> str:
    """Where the browser's session keeps whom the next message is for."""
    return f"events.message_for.{event.pk}"


def filters_in(data: QueryDict) -> str:
    """The part of an address that says what to look for, without what is empty."""
    pairs = [(name, value) for name, values in data.lists() for value in values if value]
    return urlencode([(name, value) for name, value in pairs if name not in NOT_FILTERS])


def read_filter(
    data: QueryDict, event: EventPage, questions: Sequence[Question]
) -> tuple[RegistrationFilter, Selection]:
    form = RegistrationFilter(data, event=event, questions=questions)
    return form, form.selection


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
