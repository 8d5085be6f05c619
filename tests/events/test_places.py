"""Who can have a place: some kept for invited people, so many an organisation. Without a database."""

import pytest

from events.places import Claim, Places, Room

ANN = Claim(organisation=1)
BEN = Claim(organisation=2)
EVE = Claim(organisation=3)
ALONE = Claim()
INVITED = Claim(organisation=1, is_invited=True)


def room(*taken: Claim, waiting: tuple[Claim, ...] = (), **fields) -> Room:
    made = Room(**{"capacity": 4, **fields})
    for claim in taken:
        made.take(claim)
    for claim in waiting:
        made.wait(claim)
    return made


@pytest.mark.parametrize(
    ("which", "claim", "is_full"),
    [
        (room(), ANN, False),
        (room(ANN, ANN, ANN), ANN, False),
        (room(ANN, ANN, ANN, ANN), ANN, True),
        (room(ANN, ANN, ANN, ANN, ANN), ANN, True),  # a walk-in more than there is room for
        (room(ANN, waiting=(BEN,)), ANN, True),  # those who wait come first
        (room(ANN, capacity=None), ANN, False),
        (room(ANN, capacity=None, waiting=(BEN,)), ANN, False),  # nobody waits where there is no limit
        # Two of four places are kept.
        (room(ANN, reserved=2), ANN, False),
        (room(ANN, ANN, reserved=2), ANN, True),
        (room(ANN, ANN, reserved=2), INVITED, False),
        (room(ANN, INVITED, reserved=2), ANN, False),
        (room(ANN, ANN, INVITED, reserved=2), ANN, True),
        (room(ANN, ANN, INVITED, reserved=2), INVITED, False),
        (room(ANN, INVITED, INVITED, INVITED, reserved=2), INVITED, True),
        (room(INVITED, INVITED, INVITED, reserved=2), ANN, False),  # more came than places were kept
        (room(ANN, ANN, waiting=(BEN,), reserved=2), INVITED, False),  # what is kept nobody waits for
        (room(ANN, ANN, waiting=(INVITED,), reserved=2), INVITED, True),
        (room(ANN, ANN, waiting=(INVITED,), reserved=2), BEN, True),
        # At most two of an organisation.
        (room(ANN, per_organisation=2), ANN, False),
        (room(ANN, ANN, per_organisation=2), ANN, True),
        (room(ANN, ANN, per_organisation=2), INVITED, True),
        (room(ANN, ANN, per_organisation=2), BEN, False),
        (room(ALONE, ALONE, per_organisation=2), ALONE, False),  # no organisation, no cap
        (room(ANN, ANN, waiting=(ANN,), per_organisation=2), BEN, False),  # passes who cannot have it
        (room(ANN, waiting=(ANN,), per_organisation=2), BEN, True),
        (room(ANN, ANN, capacity=None, per_organisation=2), ANN, True),
        (room(ANN, ANN, capacity=None, per_organisation=2), BEN, False),
    ],
)
def test_room_is_full_for_somebody(which, claim, is_full):
    assert which.is_full_for(claim) is is_full
    assert which.places_for(claim).is_full is is_full


@pytest.mark.parametrize(
    ("which", "has_offer"),
    [
        (room(waiting=()), False),
        (room(waiting=(ANN,)), True),
        (room(ANN, ANN, ANN, ANN, waiting=(ANN,)), False),
        (room(ANN, ANN, waiting=(BEN,), reserved=2), False),
        (room(ANN, ANN, waiting=(BEN, INVITED), reserved=2), True),
        (room(ANN, ANN, waiting=(ANN,), per_organisation=2), False),
        (room(ANN, ANN, waiting=(ANN, BEN), per_organisation=2), True),
        (room(ANN, capacity=None, waiting=(BEN,)), True),
    ],
)
def test_room_has_an_offer_to_make(which, has_offer):
    assert which.has_an_offer_to_make() is has_offer


def test_give_back_frees_the_place_and_the_cap():
    full = room(ANN, ANN, BEN, INVITED, per_organisation=3)
    full.give_back(INVITED)

    assert (full.taken, full.invited, full.left) == (3, 0, 1)
    assert not full.is_full_for(ANN)


@pytest.mark.parametrize(
    ("which", "claim", "places"),
    [
        (room(ANN), ANN, Places(4, 1)),
        (room(ANN, reserved=2), ANN, Places(4, 1, kept=2)),
        (room(ANN, reserved=2), INVITED, Places(4, 1)),
        (room(ANN, ANN, per_organisation=2), ANN, Places(4, 2, is_capped=True)),
        (room(ANN, ANN, per_organisation=2, waiting=(ANN,)), BEN, Places(4, 2)),
        (room(ANN, ANN, per_organisation=2, waiting=(ANN,)), ANN, Places(4, 2, 1, is_capped=True)),
        # Full: an organisation that has all its places is passed over, for everybody but itself.
        (room(ANN, ANN, BEN, EVE, per_organisation=2, waiting=(ANN, ANN, EVE)), BEN, Places(4, 4, 1)),
        (room(ANN, ANN, BEN, EVE, per_organisation=2, waiting=(ANN, ANN, EVE)), ALONE, Places(4, 4, 1)),
        (
            room(ANN, ANN, BEN, EVE, per_organisation=2, waiting=(ANN, ANN, EVE)),
            ANN,
            Places(4, 4, 3, is_capped=True),
        ),
        (room(ANN, ANN, BEN, BEN, per_organisation=2, waiting=(ANN, BEN)), EVE, Places(4, 4)),
        (
            room(ANN, ANN, per_organisation=2, capacity=None, waiting=(ANN,)),
            ANN,
            Places(None, 2, 1, is_capped=True),
        ),
        # A place that comes free is kept for an invited person, whoever has waited for one.
        (room(BEN, BEN, BEN, BEN, reserved=2, waiting=(BEN,)), INVITED, Places(4, 4)),
        (room(BEN, BEN, BEN, BEN, reserved=2, waiting=(BEN, INVITED)), INVITED, Places(4, 4, 1)),
        (room(BEN, BEN, BEN, BEN, reserved=2, waiting=(BEN, INVITED)), BEN, Places(4, 4, 2, 2)),
        (room(BEN, INVITED, BEN, INVITED, reserved=2, waiting=(BEN,)), INVITED, Places(4, 4, 1)),
    ],
)
def test_places_for_says_what_concerns_them(which, claim, places):
    assert which.places_for(claim) == places


def test_number_ahead_counts_only_the_line_that_it_is_given():
    full = room(ANN, ANN, BEN, BEN, per_organisation=2, waiting=(ANN, EVE, ALONE, EVE))

    assert full.number_ahead_of(EVE) == 3
    assert full.number_ahead_of(EVE, {ANN: 1, EVE: 1}) == 1
    assert full.number_ahead_of(BEN, {}) == 0


def test_number_ahead_is_the_whole_line_where_it_does_not_matter_who_waits():
    """There only the sums were counted."""
    full = Room(capacity=4, taken=4, waiting=3)

    assert full.number_ahead_of(ANN) == 3
    assert full.number_ahead_of(ANN, {BEN: 1, ALONE: 1}) == 2


def test_kept_places_are_not_left_and_fill_the_bar():
    places = Places(capacity=10, taken=3, kept=2)

    assert (places.left, places.percent_taken, places.is_full) == (5, "50.0%", False)
