"""What actions left behind, as the tests read it."""

from events.models import EventPage, Registration
from mailing.models import OutgoingMail


def letters() -> list[tuple[str, str]]:
    """What was written to whom, in order: the name of the letter and the name before the @."""
    written = OutgoingMail.objects.order_by("pk").values_list("kind", "recipient")
    return [(kind.removeprefix("events/mail/"), to.split("@")[0]) for kind, to in written]


def states(event: EventPage) -> list[tuple[str, str]]:
    """Each registration of an event in the order in which they came: whose, and its state."""
    found = event.registrations.order_by("pk").values_list("member__email", "state")
    return [(address.split("@")[0], state) for address, state in found]


def states_of(*registrations: Registration) -> list[str]:
    """The state of each as it is by now."""
    return [Registration.objects.get(pk=each.pk).state for each in registrations]
