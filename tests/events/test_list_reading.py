"""Long lists of people to invite: read by a worker, in batches, whatever happens on the way."""

from collections.abc import Callable
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from events import actions, list_reading
from events.actions import listing_people
from events.guest_lists import MOST_LINES, ListUnreadableError
from events.models import GuestList, InvitationWave, ListedPerson
from events.tasks import read_lists

pytestmark = pytest.mark.django_db


def lines_of(number: int, name: str = "p") -> list[bytes]:
    return [f"{name}{place}@a.example,Role {place}\n".encode() for place in range(number)]


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(list_reading, "LINES_AT_A_TIME", 3)
    monkeypatch.setattr(listing_people, "READ_AT_ONCE", 2)


@pytest.fixture
def bring(small_batches) -> Callable[..., GuestList]:
    """Brings a list that is long enough to be left to a worker."""

    def bring_it(wave: InvitationWave, lines: list[bytes]) -> GuestList:
        return actions.bring_list(wave=wave, lines=lines)

    return bring_it


def now_on(wave: InvitationWave) -> list[str]:
    wave.refresh_from_db()
    return sorted(wave.listed.valid().values_list("email", flat=True))


def test_bring_list_of_a_few_is_read_at_once(small_batches, make_wave) -> None:
    wave = make_wave()
    guest_list = actions.bring_list(wave=wave, lines=lines_of(2))
    assert (guest_list.is_being_read, guest_list.lines_read) == (False, 2)
    assert now_on(wave) == ["p0@a.example", "p1@a.example"]


def test_bring_list_of_many_is_left_to_a_worker(bring, make_wave, django_capture_on_commit_callbacks) -> None:
    wave = make_wave(lines=["before@a.example"])
    with (
        mock.patch.object(read_lists, "apply_async") as told,
        django_capture_on_commit_callbacks(execute=True),
    ):
        guest_list = bring(wave, lines_of(10))
    assert told.call_args.kwargs["kwargs"] == {"lists": [guest_list.pk]}
    assert (guest_list.is_being_read, guest_list.lines, guest_list.lines_read) == (True, 10, 0)
    assert now_on(wave) == ["before@a.example"]

    for _ in range(2):  # safe to run twice
        read_lists(lists=[guest_list.pk], colour="blue")
        assert now_on(wave) == sorted(f"p{place}@a.example" for place in range(10))
    # What it held is gone, and the list before with it.
    assert list(GuestList.objects.values_list("content", "lines", "lines_read")) == [(None, 10, 10)]
    assert ListedPerson.objects.count() == 10


def test_sweep_reads_what_no_worker_was_told_of(bring, make_wave, capsys) -> None:
    wave = make_wave()
    bring(wave, lines_of(4))
    call_command("send_invitations", "--dry-run")
    assert capsys.readouterr().out.startswith("1 list of people waits to be read.\n")
    assert now_on(wave) == []
    call_command("send_invitations")
    assert len(now_on(wave)) == 4


class KilledError(Exception):
    """The worker dies."""


@pytest.mark.parametrize("dies_at", range(1, 4))
def test_read_list_goes_on_where_it_died(bring, make_wave, monkeypatch, dies_at) -> None:
    """Ten lines, one of them two people and one a double: nobody is lost, nobody comes twice."""
    wave = make_wave()
    lines = [
        *lines_of(5),
        b"x1@a.example; x2@a.example\n",
        b"P0@a.example\n",
        b"\n",
        b"nobody\n",
        *lines_of(1, "z"),
    ]
    guest_list = bring(wave, lines)
    write, calls = list_reading._write, []

    def die(*args):
        calls.append(args)
        if len(calls) == dies_at:
            raise KilledError
        return write(*args)

    with monkeypatch.context() as patched:
        patched.setattr(list_reading, "_write", die)
        with pytest.raises(KilledError):
            list_reading.read_list(guest_list=guest_list)
        assert now_on(wave) == []
    read_lists(lists=[guest_list.pk])
    assert now_on(wave) == sorted(
        [*(f"p{n}@a.example" for n in range(5)), "x1@a.example", "x2@a.example", "z0@a.example"]
    )
    assert [(row.line, row.problem) for row in wave.listed.invalid()] == [
        (7, "The same address as on line 1."),
        (9, "This is no e-mail address."),
    ]


def test_read_list_by_two_at_once_writes_each_line_once(bring, make_wave, monkeypatch) -> None:
    """The second comes in between two batches of the first, and reads to the end."""
    wave = make_wave()
    guest_list = bring(wave, lines_of(10))
    write, calls = list_reading._write, []

    def write_and_let_another(*args):
        written = write(*args)
        calls.append(written)
        if len(calls) == 1:
            read_lists(lists=[guest_list.pk])
        return written

    monkeypatch.setattr(list_reading, "_write", write_and_let_another)
    assert list_reading.read_list(guest_list=guest_list) is False
    assert len(now_on(wave)) == ListedPerson.objects.count() == 10


def test_bring_list_again_takes_the_place_of_one_that_is_being_read(bring, make_wave) -> None:
    wave = make_wave()
    first = bring(wave, lines_of(10))
    second = bring(wave, lines_of(5, "q"))
    assert list_reading.read_list(guest_list=first) is False
    read_lists(lists=[first.pk, second.pk])
    assert now_on(wave) == sorted(f"q{place}@a.example" for place in range(5))
    assert GuestList.objects.count() == 1


def test_only_one_list_of_a_wave_is_being_read(make_wave) -> None:
    wave = make_wave()
    GuestList.objects.create(wave=wave, content=b"", lines=0)
    with pytest.raises(IntegrityError, match="guestlist"), transaction.atomic():
        GuestList.objects.create(wave=wave, content=b"", lines=0)


def test_start_wave_waits_for_its_list(bring, make_wave, organiser, now) -> None:
    wave = make_wave(lines=["before@a.example"])
    guest_list = bring(wave, lines_of(4))
    with pytest.raises(actions.ListIsBeingRead):
        actions.start_wave(wave=wave, actor=organiser, now=now)
    read_lists(lists=[guest_list.pk])
    actions.start_wave(wave=wave, actor=organiser, now=now)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([b"PK\x03\x04", *lines_of(5)], "This is a spreadsheet"),
        ([b"name,organisation\n", *lines_of(5)], "names no column"),
        ([b"p@a.example\n"] * (MOST_LINES + 1), "more than 200,000 lines"),
    ],
)
def test_bring_list_that_cannot_be_read_says_so_at_once(bring, make_wave, lines, said) -> None:
    wave = make_wave(lines=["before@a.example"])
    with pytest.raises(ListUnreadableError, match=said):
        bring(wave, lines)
    assert now_on(wave) == ["before@a.example"]
    assert GuestList.objects.count() == 1


def test_read_list_costs_few_statements_a_batch(make_wave) -> None:
    counts = []
    for number in (1000, 3000):
        wave = make_wave()
        with CaptureQueriesContext(connection) as queries:
            actions.keep_list(wave=wave, lines=lines_of(number, f"n{number}-"))
        # Each line of one batch is a run of the same statement: told apart by what it inserts.
        counts.append(
            len([query for query in queries if "INSERT INTO events_listedperson" not in query["sql"]])
        )
    assert counts[1] - counts[0] <= 2 * 5
    assert counts[0] <= 30
