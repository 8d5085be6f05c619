"""Whom not to write to: asked for whole batches of letters at the moment of delivery, and by pages."""

from collections.abc import Iterable

from django.db.models import QuerySet

from mailing import categories
from mailing.models import OutgoingMail, Priority, Suppression, Unsubscription


def is_suppressed(address: str) -> bool:
    """Whether letters to an address are held back because earlier ones did not arrive."""
    return suppression_of(address) is not None


def suppression_of(address: str) -> Suppression | None:
    """Why an address is not written to, if it is not."""
    found: Suppression | None = Suppression.objects.active().of(address).first()
    return found


def stopped_categories(address: str) -> set[str]:
    """The names of the categories that somebody at an address stopped."""
    rows = Unsubscription.objects.filter(address=address.lower())
    return set(rows.values_list("category", flat=True))


def addresses_that_stopped(category: str) -> "QuerySet[Unsubscription, str]":
    """The addresses that do not want letters of a category, in lower case, for a query to leave them out."""
    return Unsubscription.objects.filter(category=category).values_list("address", flat=True)


def barred(letters: Iterable[OutgoingMail]) -> dict[int, str]:
    """Which of the letters are not to be sent, by key, and why. At most two statements for any number.

    Urgent ones always go: somebody asked for them a moment ago, so that person is there, and it may be
    the only way in.
    """
    asked = [letter for letter in letters if letter.priority != Priority.URGENT]
    addresses = {letter.recipient.lower() for letter in asked}
    if not asked:
        return {}
    suppressed = {
        suppression.address: suppression.get_reason_display()
        for suppression in Suppression.objects.active().filter(address__in=addresses)
    }
    reasons = {
        letter.pk: f"Suppressed: {reason}"
        for letter in asked
        if (reason := suppressed.get(letter.recipient.lower()))
    }
    named = {letter.category for letter in asked if letter.category}
    if named:
        stopped = set(
            Unsubscription.objects.filter(address__in=addresses, category__in=named).values_list(
                "address", "category"
            )
        )
        reasons |= {
            letter.pk: f"Stopped by its reader: {_label(letter.category)}"
            for letter in asked
            if letter.pk not in reasons and (letter.recipient.lower(), letter.category) in stopped
        }
    return reasons


def _label(category: str) -> str:
    found = categories.get(category)
    return found.label if found else category
