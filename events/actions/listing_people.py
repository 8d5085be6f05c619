"""What organisers do with lists of people to invite: brought, and read at once or by a worker."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from events import guest_lists, list_reading
from events.actions.errors import WaveIsUnderWay
from events.models import GuestList, InvitationWave
from events.tasks import read_lists
from mailing.broker import nudge

# So many lines take a moment; whoever brings more sees how far it is.
READ_AT_ONCE = 2000


@dataclass(frozen=True)
class ListKept:
    """What became of the lines of a list."""

    people: int
    refused: int


def bring_list(*, wave: InvitationWave, lines: Iterable[bytes]) -> GuestList:
    """Take a list in place of the one before, each address once; what cannot be taken is kept with its reason.

    A short one is read when this returns, a long one by a worker. Until then the list before is there. Raises
    WaveIsUnderWay, or guest_lists.ListUnreadableError, and then the list before stays.
    """
    guest_list = _brought(wave, lines)
    if guest_list.lines <= READ_AT_ONCE:
        list_reading.read_list(guest_list=guest_list)
    else:
        nudge(read_lists, lists=[guest_list.pk])
    wave.refresh_from_db(fields=["guest_list"])
    return guest_list


def keep_list(*, wave: InvitationWave, lines: Iterable[bytes]) -> ListKept:
    """The same, and a list of any length is read when this returns."""
    guest_list = _brought(wave, lines)
    list_reading.read_list(guest_list=guest_list)
    wave.refresh_from_db(fields=["guest_list"])
    return kept_of(guest_list)


def kept_of(guest_list: GuestList) -> ListKept:
    """Of a list that is read."""
    return ListKept(guest_list.people.valid().count(), guest_list.people.invalid().count())


@transaction.atomic
def _brought(wave: InvitationWave, lines: Iterable[bytes]) -> GuestList:
    number, content = _text(lines)
    unread = guest_lists.not_understood(content.splitlines())
    waves = InvitationWave.objects.select_related("mailing").select_for_update(of=("self", "mailing"))
    wave_now = waves.get(pk=wave.pk)
    if not wave_now.is_draft:
        raise WaveIsUnderWay
    # One that is still being read was a mistake, or brought twice.
    GuestList.objects.being_read().filter(wave=wave_now).delete()
    return GuestList.objects.create(wave=wave_now, content=content, lines=number, unread_columns=unread)


def _text(lines: Iterable[bytes]) -> tuple[int, bytes]:
    """How many lines there are, and all of them. Raises ListUnreadableError for what could not be read later."""
    whole = [line.rstrip(b"\r\n") for line in lines]
    if len(whole) > guest_lists.MOST_LINES:
        raise guest_lists.ListUnreadableError(guest_lists.TOO_MANY)
    next(guest_lists.read(whole), None)
    return len(whole), b"\n".join(whole)
