"""Lists of people to invite, read line by line."""

import tracemalloc
from itertools import islice

import pytest

from events import guest_lists
from events.guest_lists import Guest, ListUnreadableError


def read(*lines: str | bytes) -> list[Guest]:
    return list(guest_lists.read(line if isinstance(line, bytes) else f"{line}\n".encode() for line in lines))


def people(guests: list[Guest]) -> list[tuple[str, str, str]]:
    return [(guest.email, guest.name, guest.organisation) for guest in guests if not guest.problem]


def problems(guests: list[Guest]) -> list[tuple[int, str]]:
    return [(guest.line, guest.problem) for guest in guests if guest.problem]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_read_takes_columns_by_name_in_any_order(separator) -> None:
    found = read(
        separator.join(["Organisation", "Name", "E-mail", "phone"]),
        separator.join(["Kent Police", "Role One", "ONE@Kent.Example", "0123"]),
        "",
        separator.join(["", "", "two@kent.example"]),
    )
    assert people(found) == [("one@kent.example", "Role One", "Kent Police"), ("two@kent.example", "", "")]
    assert [guest.line for guest in found] == [2, 4]


def test_read_puts_first_and_last_name_together() -> None:
    found = read("first_name,last_name,email", "Role,One,one@kent.example")
    assert people(found) == [("one@kent.example", "Role One", "")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("one@kent.example", [("one@kent.example", "", "")]),
        ("one@kent.example, Role One, Kent Police", [("one@kent.example", "Role One", "Kent Police")]),
        ("Role One <one@kent.example>", [("one@kent.example", "Role One", "")]),
        ("<one@kent.example>", [("one@kent.example", "", "")]),
        (
            "Role One <one@kent.example>; two@kent.example",
            [("one@kent.example", "Role One", ""), ("two@kent.example", "", "")],
        ),
        ('"One, Role" <one@kent.example>', [("one@kent.example", "One, Role", "")]),
        ("O'Role <one@kent.example>", [("one@kent.example", "O'Role", "")]),
        ('"quoted"@kent.example', [('"quoted"@kent.example', "", "")]),
        ("Team leads", []),
    ],
)
def test_read_takes_lines_as_people_write_them(line, expected) -> None:
    assert people(read(line)) == expected


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nobody", "This is no e-mail address."),
        ("two words@kent.example", "This is no e-mail address."),
        (",Role One", "There is no address in this line."),
        (f"{'a' * 250}@kent.example", "The address is longer than 254 characters."),
        ("one@straße.example", "Write the part after the @ in the letters a to z: in these it could be two."),
        (f"one@kent.example,{'N' * 3000}", "The name is longer than 200 characters."),
        (f"one@kent.example,One,{'O' * 201}", "The organisation is longer than 200 characters."),
        (
            "one@kent.example,Bcc: \x0b two@else.example",
            "The name holds a line break or an invisible character.",
        ),
        (
            "one@kent.example,Ro\N{RIGHT-TO-LEFT OVERRIDE}le",
            "The name holds a line break or an invisible character.",
        ),
        ('one@kent.example,"Role', "A quotation mark is missing, or stands where none can be."),
        ("one@kent.example,One,Kent,0123", "This line has 4 cells, the first one 3."),
        (b"one@kent.example,Ren\xe9\n", "This line is not UTF-8. Save it as “CSV UTF-8 (comma delimited)”."),
    ],
)
def test_read_says_what_is_wrong_and_goes_on(line, problem) -> None:
    found = read("email,name,organisation", line, "two@kent.example,Role Two,Kent")
    assert problems(found) == [(2, problem)]
    assert people(found) == [("two@kent.example", "Role Two", "Kent")]


def test_read_keeps_what_stood_in_a_line_that_it_refuses() -> None:
    [refused] = [guest for guest in read("email,name", "nobody,Role\x07One") if guest.problem]
    assert refused.as_written == "nobody,Role One"


def test_read_marks_no_line_of_a_file_with_a_byte_order_mark() -> None:
    assert people(read(b"\xef\xbb\xbfemail\r\n", b"one@kent.example\r\n")) == [("one@kent.example", "", "")]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (b"PK\x03\x04rest", "This is a spreadsheet"),
        ("email\n".encode("utf-16"), "no UTF-8 text"),
        (b"name,organisation\n", "names no column “email”"),
        (b"email,name,email\n", "Two columns are called “email”"),
    ],
)
def test_read_refuses_what_is_no_list(first, said) -> None:
    with pytest.raises(ListUnreadableError, match=said):
        read(first, "one@kent.example")


def test_read_refuses_more_lines_than_anybody_checks() -> None:
    lines = (b"one@kent.example\n" for _ in range(guest_lists.MOST_LINES + 1))
    with pytest.raises(ListUnreadableError, match="more than 200,000 lines"):
        for _ in guest_lists.read(lines):
            pass


def test_read_takes_the_same_memory_for_any_length() -> None:
    def lines():
        for number in range(20_000):
            yield (f"person{number}@kent.example,Role {number}\n" if number % 100 else "nobody\n").encode()

    guests = guest_lists.read(lines())
    first = list(islice(guests, 100))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    rest = sum(1 for guest in guests if guest.problem)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert (len(problems(first)), rest) == (1, 199)
    assert grown < 200_000


def test_read_of_naughty_strings_never_breaks(naughty_strings) -> None:
    lines = [f"{text}\n".encode(errors="replace") for text in naughty_strings]
    found = list(guest_lists.read([b"email,name\n", *lines]))
    assert [guest for guest in found if guest.name != guest.name.strip()] == []
