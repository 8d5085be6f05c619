"""Lists of people to invite as they really come: other names for columns, columns nobody reads, other scripts."""

import pytest

from events import guest_lists
from events.models import GuestList


def read(*lines: str) -> list[guest_lists.Guest]:
    return list(guest_lists.read(line.encode() for line in lines))


@pytest.mark.parametrize("column", ["organisation", "Force", "Police force", "Agency", "Organization"])
def test_read_takes_a_force_for_the_organisation(column):
    [guest] = read(f"email,{column}", "one@kent.example,Kent Police")

    assert (guest.email, guest.organisation, guest.problem) == ("one@kent.example", "Kent Police", "")


def test_read_takes_forename_and_surname_for_the_name():
    [guest] = read("Surname;Forename;E-mail", "One;Role;one@kent.example")

    assert guest.name == "Role One"


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("new.person@münchen.example", "new.person@xn--mnchen-3ya.example"),
        ("New.Person@MÜNCHEN.example", "new.person@xn--mnchen-3ya.example"),
        ("new.person@xn--mnchen-3ya.example", "new.person@xn--mnchen-3ya.example"),
    ],
)
def test_read_converts_a_domain_in_another_script(written, taken):
    """As the mail system writes it, so that one person has one address."""
    assert [(guest.email, guest.problem) for guest in read(written)] == [(taken, "")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["email,Rank,force,Shoe size", "one@kent.example,x,y,z"], ["Rank", "Shoe size"]),
        (["", "email,name", "one@kent.example,Role One"], []),
        (["one@kent.example, Role One"], []),
        (["Team leads"], []),
        ([], []),
    ],
)
def test_not_understood_names_the_columns_that_nobody_reads(lines, expected):
    """As they are written there; nothing of a list without a first line that names columns."""
    assert guest_lists.not_understood(line.encode() for line in lines) == expected


def test_bring_list_says_which_columns_were_not_read(desk, event, make_wave):
    """Nothing of a list vanishes without a word."""
    wave = make_wave()
    address = f"/admin/events/{event.pk}/invitations/{wave.uuid}/"

    desk.post(f"{address}list/", {"pasted": "email,Rank,Force\none@kent.example,Sergeant,Kent Police"})

    assert GuestList.objects.get().unread_columns == ["Rank"]
    page = " ".join(desk.get(address).content.decode().split())
    assert "<p>This column of it was not read: “Rank”. A list can have:" in page
