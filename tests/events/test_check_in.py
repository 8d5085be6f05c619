"""The door: for those who may check in, and for nobody else; with and without scripts; by scanned code."""

import io
import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from events import door
from events.models import Attendance, EventPage, Registration, Session, SessionPlace, TeamMember
from events.ticks import milliseconds


@pytest.fixture
def today(make_event) -> EventPage:
    """An event that began a moment ago by the real clock, which views read."""
    return make_event(title="Today", starts_at=timezone.now() - timedelta(minutes=10))


@pytest.fixture
def desk(at_desk, organiser) -> Client:
    return at_desk(organiser)


@pytest.fixture
def helper(today, member, now) -> Client:
    """A member who only checks people in at this event, and has no business in the admin."""
    TeamMember.objects.create(event=today, member=member, role="check in", added_at=now)
    client = Client()
    client.force_login(member)
    return client


def session_of(event: EventPage, title: str, begin: float = 0, end: float = 1, **fields) -> Session:
    times = {
        "starts_at": event.starts_at + timedelta(hours=begin),
        "ends_at": event.starts_at + timedelta(hours=end),
    }
    return Session.objects.create(event=event, title=title, **times, **fields)


def list_url(event: EventPage) -> str:
    return reverse("events:check_in", args=[event.uuid])


def person_url(registration: Registration) -> str:
    return reverse("events:check_in_person", args=[registration.event.uuid, registration.uuid])


def send(client: Client, event: EventPage, *ticks: dict, session: Session | None = None, seen: str = ""):
    return client.post(
        reverse("events:note_attendance", args=[event.uuid]),
        json.dumps({"session": str(session.key) if session else None, "seen": seen, "ticks": list(ticks)}),
        content_type="application/json",
    )


def tick(person: Registration, **changes) -> dict:
    return {
        "id": "a",
        "registration": str(person.uuid),
        "session": None,
        "is_present": True,
        "at": milliseconds(timezone.now()),
        **changes,
    }


def here() -> list[int]:
    return list(Attendance.objects.present().order_by("pk").values_list("registration", flat=True))


def notices(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- For whom ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may"), [(None, False), ("read", False), ("check in", True), ("manage", True)]
)
def test_everything_at_the_door_is_for_those_who_may_check_in(client, today, member, fill, now, role, may):
    [person] = fill(today, 1)
    if role:
        TeamMember.objects.create(event=today, member=member, role=role, added_at=now)
    client.force_login(member)
    names = ["check_in", "add_walk_in", "badges", "sign_in_sheet"]

    answers = [client.get(reverse(f"events:{name}", args=[today.uuid])).status_code for name in names]
    answers.append(client.get(person_url(person)).status_code)
    answers.append(client.post(list_url(today), {"tick": person.uuid}).status_code)
    answers.append(send(client, today, tick(person)).status_code)

    assert answers == ([200, 200, 200, 200, 200, 302, 200] if may else [404] * 7)
    assert here() == ([person.pk] if may else [])


def test_role_at_one_event_opens_no_other(helper, make_event, fill):
    other = make_event(starts_at=timezone.now())
    [person] = fill(other, 1)

    assert helper.get(list_url(other)).status_code == 404
    assert helper.get(person_url(person)).status_code == 404
    assert send(helper, other, tick(person)).status_code == 404


def test_participant_cannot_check_themselves_in(client, today, fill):
    [person] = fill(today, 1)
    client.force_login(person.member)

    assert client.post(person_url(person), {"tick": person.uuid}).status_code == 404
    assert here() == []


def test_stranger_who_scans_a_code_is_asked_to_sign_in(client, today, fill):
    [person] = fill(today, 1)

    assert client.get(person_url(person))["Location"] == f"/account/login/?next={person_url(person)}"


def test_pages_of_the_door_are_kept_by_no_browser(desk, today):
    assert "no-store" in desk.get(list_url(today))["Cache-Control"]


# --- The list ----------------------------------------------------------------------------------------------------


def test_list_shows_those_with_a_place_by_name(desk, today, fill, organiser):
    fill(today, 2)
    fill(today, 1, state="waiting")
    fill(today, 1, state="cancelled")
    Registration.objects.create(
        event=today, state="confirmed", guest_name="A Guest", is_walk_in=True, registered_at=today.starts_at
    )
    Registration.objects.create(event=today, state="confirmed", registered_at=today.starts_at)  # has left

    page = desk.get(list_url(today))

    assert [row.name for row in page.context["rows"]] == ["Member 0", "Member 1", "A Guest"]
    assert page.context["numbers"] == door.Numbers(here=0, expected=3)


@pytest.mark.parametrize("words", ["zoe", "  ZOE  quiet ", "norfolk", "quiet norfolk"])
def test_list_is_searched_by_name_and_organisation(desk, today, fill, words):
    [first, _] = fill(today, 2)
    first.member.first_name, first.member.last_name = "Zoe", "Quiet"
    first.member.save()
    first.organisation = None
    first.guest_organisation = "Norfolk Council"
    first.save()

    assert [row.name for row in desk.get(list_url(today), {"q": words}).context["rows"]] == ["Zoe Quiet"]


def test_list_says_that_nobody_is_called_that(desk, today, fill):
    fill(today, 1)

    assert "Nobody with a place is called that" in desk.get(list_url(today), {"q": "x y z"}).content.decode()


@pytest.mark.parametrize("number", [1, 3, 200])
def test_list_costs_the_same_for_any_number(desk, today, fill, number, django_assert_max_num_queries):
    session_of(today, "Talk", is_chosen=True)
    fill(today, number)

    with django_assert_max_num_queries(19):
        rows = desk.get(list_url(today), {"everyone": 1}).context["rows"]
    assert len(rows) == number


def test_list_shows_so_many_and_no_more(desk, today, fill, monkeypatch):
    monkeypatch.setattr(door, "MOST_ROWS", 2)
    fill(today, 3)

    page = desk.get(list_url(today))

    assert (len(page.context["rows"]), page.context["has_more"]) == (2, True)
    assert "These are the first 2 by name" in page.content.decode()


def test_list_ticks_and_undoes_without_scripts(desk, today, fill, organiser):
    [person, _] = fill(today, 2)

    ticked = desk.post(list_url(today), {"tick": person.uuid, "q": "member"})
    assert ticked["Location"] == f"{list_url(today)}?q=member#r-{person.uuid}"
    assert here() == [person.pk]
    assert [row.is_present for row in desk.get(list_url(today)).context["rows"]] == [True, False]
    assert desk.get(list_url(today)).context["numbers"].here == 1

    desk.post(list_url(today), {"undo": person.uuid})
    assert here() == []


def test_list_refuses_what_is_no_registration(desk, today, make_event, fill):
    [elsewhere] = fill(make_event(title="Elsewhere"), 1)

    answer = desk.post(list_url(today), {"tick": elsewhere.uuid}, follow=True)

    assert notices(answer)[0].startswith("This code is for “Elsewhere”")
    assert desk.post(list_url(today), {"tick": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"starts_at": timezone.now() + timedelta(days=3)}, "You can check people in from"),
        ({"cancelled_at": timezone.now()}, "This event was cancelled."),
    ],
)
def test_list_says_why_nobody_can_be_checked_in(desk, make_event, fill, changes, says):
    event = make_event(starts_at=changes.pop("starts_at", timezone.now()))
    EventPage.objects.filter(pk=event.pk).update(**changes)
    [person] = fill(event, 1)

    page = desk.get(list_url(event)).content.decode()

    assert says in page
    assert 'name="tick"' not in page
    assert send(desk, event, tick(person)).json()["refusal"].startswith(says)
    desk.post(list_url(event), {"tick": person.uuid})
    assert here() == []


# --- Sessions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (-5, "first"),
        (0.1, "first"),
        (0.8, "second"),
        (1.5, "second"),
        (2.6, "third"),
        (3.2, "third"),
        (9, "third"),
    ],
)
def test_session_on_is_the_one_that_people_are_coming_to(event, hours, expected):
    sessions = [
        session_of(event, "first", 0, 1),
        session_of(event, "second", 1, 2),
        session_of(event, "third", 3, 4),
    ]

    found = door.session_on(sessions, event.starts_at + timedelta(hours=hours))

    assert found.title == expected


def test_session_on_is_the_one_that_is_asked_for(event):
    sessions = [session_of(event, "first", 0, 1), session_of(event, "second", 1, 2)]

    assert door.session_on(sessions, event.starts_at, sessions[1].key) == sessions[1]
    assert door.session_on(sessions, event.starts_at, uuid4()) == sessions[0]
    assert door.session_on([], event.starts_at) is None


def test_list_of_a_chosen_session_shows_who_chose_it(desk, today, fill):
    chosen = session_of(today, "Workshop A", is_chosen=True)
    session_of(today, "Lunch", 1, 2, kind=Session.Kind.BREAK)
    first, second = fill(today, 2)
    SessionPlace.objects.create(registration=first, session=chosen, chosen_at=today.starts_at)

    expected = desk.get(list_url(today))
    everyone = desk.get(list_url(today), {"session": chosen.key, "everyone": 1})

    assert [item.title for item, _ in expected.context["sessions"]] == ["Workshop A"]
    assert [row.pk for row in expected.context["rows"]] == [first.pk]
    assert [(row.pk, row.is_expected) for row in everyone.context["rows"]] == [
        (first.pk, True),
        (second.pk, False),
    ]


def test_attendance_of_one_session_is_none_at_another(desk, today, fill):
    first, second = session_of(today, "first"), session_of(today, "second", 1, 2)
    [person] = fill(today, 1)

    desk.post(list_url(today), {"tick": person.uuid, "session": first.key})

    assert [
        desk.get(list_url(today), {"session": item.key}).context["numbers"].here for item in (first, second)
    ] == [1, 0]


# --- Ticks from the page's script --------------------------------------------------------------------------------


def test_note_attendance_answers_what_was_done_and_who_is_here(desk, today, fill):
    first, second = fill(today, 2)
    before = milliseconds(timezone.now())

    answer = send(desk, today, tick(first), tick(second, id="b", is_present=False)).json()

    assert answer["done"] == ["a", "b"]
    assert answer["refused"] == []
    assert answer["present"] == [str(first.uuid)]
    assert before <= answer["now"] <= milliseconds(timezone.now())


def test_note_attendance_says_who_is_here_only_where_that_is_news(desk, today, fill):
    [person] = fill(today, 1)
    first = send(desk, today, tick(person)).json()

    second = send(desk, today, seen=first["digest"]).json()

    assert (second["digest"], second["present"]) == (first["digest"], None)


def test_digest_of_the_page_is_that_of_the_answer(desk, today, fill):
    [person] = fill(today, 1)
    answer = send(desk, today, tick(person)).json()

    assert desk.get(list_url(today)).context["digest"] == answer["digest"]


def test_note_attendance_names_what_it_refused(desk, today, fill):
    [person] = fill(today, 1)

    answer = send(desk, today, tick(person), tick(person, id="b", registration=str(uuid4()))).json()

    assert [refused["id"] for refused in answer["refused"]] == ["b"]
    assert answer["done"] == ["a", "b"]
    assert here() == [person.pk]


def test_note_attendance_refuses_what_cannot_be_read(desk, today):
    response = desk.post(
        reverse("events:note_attendance", args=[today.uuid]), b"\xff", content_type="application/json"
    )

    assert (response.status_code, list(response.json())) == (400, ["refusal"])


def test_note_attendance_needs_the_pages_token(organiser, today, fill):
    [person] = fill(today, 1)
    client = Client(enforce_csrf_checks=True)
    client.force_login(organiser)

    assert send(client, today, tick(person)).status_code == 403
    assert here() == []


# --- Scanned codes -----------------------------------------------------------------------------------------------


def test_scanned_code_shows_who_it_is_and_ticks_on_post(helper, today, fill):
    [person] = fill(today, 1)

    shown = helper.get(person_url(person))
    assert "Member 0" in shown.content.decode()
    assert here() == []

    done = helper.post(person_url(person), {"tick": person.uuid}, follow=True)
    assert notices(done) == ["Member 0 is checked in."]
    assert re.search(r"Checked in on \w+ \d+ \w+ \d{4}, ", done.content.decode())
    assert here() == [person.pk]

    undone = helper.post(person_url(person), {"undo": person.uuid}, follow=True)
    assert notices(undone) == ["Member 0 is not checked in any more."]
    assert here() == []


def test_scanned_code_keeps_to_the_door_one_stands_at(helper, today, fill):
    first, second = session_of(today, "first"), session_of(today, "second", 3, 4)
    [person] = fill(today, 1)
    assert helper.get(person_url(person)).context["session"] == first

    helper.get(list_url(today), {"session": second.key})

    assert helper.get(person_url(person)).context["session"] == second


def test_page_of_one_person_ticks_no_other(helper, today, fill):
    first, second = fill(today, 2)

    assert helper.post(person_url(first), {"tick": second.uuid}).status_code == 404
    assert here() == []


def test_scanned_code_of_somebody_who_waits_leads_to_the_walk_ins(helper, today, fill):
    [person] = fill(today, 1, state="waiting")

    page = helper.get(person_url(person)).content.decode()

    assert "has no place" in page
    assert f"add-walk-in/?email={person.member.email.replace('@', '%40')}" in page


def test_scanned_code_of_another_event_says_which_it_is_for(helper, today, make_event, fill):
    [elsewhere] = fill(make_event(title="Elsewhere"), 1)
    assert helper.get(person_url(elsewhere)).status_code == 404
    assert "Elsewhere" not in helper.get(person_url(elsewhere)).content.decode()
    helper.get(list_url(today))

    answer = helper.get(person_url(elsewhere))

    assert answer.status_code == 404
    assert "It is for “Elsewhere”" in answer.content.decode()
    assert "checking people in at “Today”" in answer.content.decode()
    assert (
        elsewhere.member.last_name
        not in answer.content.decode().split("<main")[1].split("</main>")[0].split()
    )


def test_made_up_code_of_another_event_says_nothing(helper, today, make_event):
    other = make_event(title="Elsewhere")
    helper.get(list_url(today))

    answer = helper.get(reverse("events:check_in_person", args=[other.uuid, uuid4()]))

    assert answer.status_code == 404
    assert "Elsewhere" not in answer.content.decode()


def test_whoever_runs_both_events_is_told_that_this_is_another_door(desk, today, make_event, fill):
    other = make_event(title="Elsewhere", starts_at=timezone.now())
    [person] = fill(other, 1)
    desk.get(list_url(today))

    assert "This code is for “Elsewhere”" in desk.get(person_url(person)).content.decode()


# --- Walk-ins ----------------------------------------------------------------------------------------------------


def walk_in_url(event: EventPage) -> str:
    return reverse("events:add_walk_in", args=[event.uuid])


def test_add_walk_in_of_a_member_needs_the_address_alone(desk, today, member):
    added = desk.post(walk_in_url(today), {"email": member.email}, follow=True)

    assert notices(added) == ["Pat Practitioner is checked in."]
    assert Registration.objects.values_list("member", "is_walk_in").get() == (member.pk, True)
    assert "Walk-in" in added.content.decode()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Give a name, or the address of a member."),
        ({"email": "nobody@x.example"}, "Nobody has an account with this address. Give the name too."),
        ({"email": "no address", "name": ""}, None),
        ({"name": "two\nlines"}, "This holds a line break or an invisible character. Type it anew."),
    ],
)
def test_add_walk_in_says_what_is_missing(desk, today, fields, says):
    form = desk.post(walk_in_url(today), fields).context["form"]

    assert form.errors if says is None else form.errors["name"] == [says]
    assert Registration.objects.count() == 0


def test_add_walk_in_before_the_day_says_when(desk, event):
    answer = desk.post(walk_in_url(event), {"name": "A Guest"})

    assert "You can check people in from" in answer.content.decode()
    assert Registration.objects.count() == 0


# --- On paper ----------------------------------------------------------------------------------------------------


def text_of(response) -> str:
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


def test_badges_are_for_everybody_with_a_place(desk, today, fill):
    fill(today, 2)
    fill(today, 1, state="waiting")

    text = text_of(desk.get(reverse("events:badges", args=[today.uuid])))

    assert text.count("Example Police") == 2
    assert "Member 0" in text


def test_sign_in_sheets_are_one_for_each_session(desk, today, fill):
    talk, workshop = session_of(today, "The talk"), session_of(today, "The workshop", 1, 2, is_chosen=True)
    first, _ = fill(today, 2)
    SessionPlace.objects.create(registration=first, session=workshop, chosen_at=today.starts_at)
    url = reverse("events:sign_in_sheet", args=[today.uuid])

    everything = text_of(desk.get(url))
    one = text_of(desk.get(url, {"session": workshop.key}))

    assert [everything.count(words) for words in ("The talk", "The workshop", "Member 0", "Member 1")] == [
        1,
        1,
        2,
        1,
    ]
    assert [one.count(words) for words in ("The talk", "The workshop", "Member 0", "Member 1")] == [
        0,
        1,
        1,
        0,
    ]
    assert talk.title in everything


@pytest.mark.parametrize("number", [3, 200])
def test_papers_cost_the_same_queries_for_any_number(
    desk, today, fill, number, django_assert_max_num_queries
):
    fill(today, number)

    for name in ("badges", "sign_in_sheet"):
        with django_assert_max_num_queries(12):
            desk.get(reverse(f"events:{name}", args=[today.uuid]))
