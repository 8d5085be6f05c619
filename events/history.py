"""The history of a registration: one line for each thing that happened to it, only ever added."""

from datetime import datetime

from events.models import Registration, RegistrationStep
from members.models import User


def add_step(
    verb: str, registration: Registration, actor: User | None, now: datetime, **detail: object
) -> RegistrationStep:
    """Write down the state it has now, and what a reader needs beside it: ids and words of the portal.

    `actor` is None where nobody with an account acted. One INSERT.
    """
    return RegistrationStep.objects.create(
        registration=registration,
        at=now,
        verb=verb,
        actor=actor,
        detail={"state": registration.state, **detail},
    )
