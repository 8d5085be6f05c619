"""What organisers read of places: those kept apart, and when somebody asked for one and got it."""

from datetime import timedelta

import pytest

from events import actions
from events.exporting import header

pytestmark = pytest.mark.usefixtures("stopped_clock")

HOUR = timedelta(hours=1)


def test_overview_and_list_say_how_many_places_are_kept(desk, make_event, fill, now):
    """Of six places with three taken, one is free, not three."""
    event = make_event(capacity=6, reserved_places=2)
    fill(event, 3)

    overview = desk.get(f"/admin/events/{event.pk}/").context["figures"]
    listed = " ".join(desk.get("/admin/events/").content.decode().split())

    assert overview[0]["of"] == "of 6 places, 2 kept for invited people"
    assert "3 of 6<br>2 kept for invited people</td>" in listed


def test_overview_says_nothing_of_places_where_none_are_kept_any_more(desk, make_event, now):
    event = make_event(capacity=6, reserved_places=2, reserved_until=now - HOUR)

    assert desk.get(f"/admin/events/{event.pk}/").context["figures"][0]["of"] == "of 6 places"
    assert "kept for invited people" not in desk.get("/admin/events/").content.decode()


def test_registrations_show_when_somebody_asked_and_when_they_got_a_place(desk, offered, now):
    """A place from the waiting list is not as old as the wish for it."""
    actions.take_place(registration=offered, actor=offered.member, now=now + HOUR)
    address = f"/admin/events/{offered.event_id}/registrations/"

    listed = " ".join(desk.get(f"{address}?state=confirmed").content.decode().split())
    page = " ".join(desk.get(f"{address}{offered.uuid}/").content.decode().split())

    asked, got = "Thursday 14 January 2027, 9:30am", "Thursday 14 January 2027, 10:30am"
    assert f'data-label="Asked for a place">{asked}</td>' in listed
    assert f'data-label="Got a place">{got}</td>' in listed
    assert f"<dt>Asked for a place</dt><dd>{asked}</dd>" in page
    assert f"<dt>Got a place</dt><dd>{got}</dd>" in page


def test_export_names_both_moments():
    assert [name for name in header([]) if "place" in name] == ["Asked for a place", "Got a place"]
