"""From a list that an organiser brought to its rows: read in batches, found again after any interruption.

The list itself is kept until its last line is read; then it takes the place of the one before. Each batch is a
transaction of its own, so that others write in between (on SQLite, one writer keeps out all others) and the page says
how far it is.
"""

from collections.abc import Iterator
from io import BytesIO

from django.db import connection, transaction
from django.db.models import F

from events import guest_lists
from events.guest_lists import Guest
from events.models import GuestList, InvitationWave

LINES_AT_A_TIME = 1000

# Not bulk_create: of the seconds that a long list took, most were spent on the way to this statement.
_INSERT = """
    INSERT INTO events_listedperson (guest_list_id, line, email, name, organisation, problem, as_written)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""

Row = tuple[int, int, str, str, str, str, str]


def read_list(*, guest_list: GuestList) -> bool:
    """Read a list to its end and put it in place. Safe to break off at any moment and to run twice, also at once.

    False if somebody else reads it, or it was taken away.
    """
    for batch in _in_batches(_unread(guest_list)):
        if not _write(guest_list, batch):
            return False
    return _put_in_place(guest_list)


def _unread(guest_list: GuestList) -> Iterator[Guest]:
    # From its beginning: the first line says what the others hold.
    whole = guest_lists.read(BytesIO(guest_list.content or b""))
    return (guest for guest in whole if guest.line > guest_list.lines_read)


def _in_batches(guests: Iterator[Guest]) -> Iterator[list[Guest]]:
    """Whole lines, of which some hold several people: reading goes on behind the last line that was written."""
    batch: list[Guest] = []
    for guest in guests:
        if len(batch) >= LINES_AT_A_TIME and guest.line != batch[-1].line:
            yield batch
            batch = []
        batch.append(guest)
    if batch:
        yield batch


@transaction.atomic
def _write(guest_list: GuestList, guests: list[Guest]) -> bool:
    # Conditional: of two who read it, one writes the batch, and the other finds that it is written.
    mine = GuestList.objects.being_read().filter(pk=guest_list.pk, lines_read=guest_list.lines_read)
    if not mine.update(lines_read=guests[-1].line):
        return False
    guest_list.lines_read = guests[-1].line
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, list(_rows(guest_list, guests)))
    return True


def _rows(guest_list: GuestList, guests: list[Guest]) -> Iterator[Row]:
    """Each with a problem where its address stood on an earlier line. In the order of the columns."""
    addresses = [guest.email for guest in guests if guest.email]
    seen = dict(guest_list.people.valid().filter(email__in=addresses).values_list("email", "line"))
    for guest in guests:
        problem, first = guest.problem, seen.get(guest.email)
        if guest.email and first is not None:
            problem = f"The same address as on line {first}."
        elif guest.email:
            seen[guest.email] = guest.line
        as_written = guest.as_written or (guest.email if problem else "")
        yield guest_list.pk, guest.line, guest.email, guest.name, guest.organisation, problem, as_written


def _put_in_place(guest_list: GuestList) -> bool:
    with transaction.atomic():
        # Held against a start at this moment, which would leave out whom it does not see.
        wave = InvitationWave.objects.select_for_update(of=("self",)).get(pk=guest_list.wave_id)
        ours = GuestList.objects.being_read().filter(pk=guest_list.pk)
        if not ours.update(content=None, lines_read=F("lines")):
            return False
        InvitationWave.objects.filter(pk=wave.pk).update(guest_list=guest_list.pk)
    guest_list.content, guest_list.lines_read = None, guest_list.lines
    GuestList.objects.filter(wave=wave).exclude(pk=guest_list.pk).delete()
    return True
