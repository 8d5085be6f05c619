"""What organisers see of an event in the Wagtail admin, and what they do there."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageLogEntry

from events import actions, history
from events.answers import Answers
from events.forms import CancelEventForm
from events.models import (
    Attendance,
    EventPage,
    Invitation,
    Question,
    Registration,
    SensitiveAnswers,
    Session,
    SessionPlace,
    TeamMember,
)
from members.models import Organisation
from tests.events.test_actions import letters

pytestmark = pytest.mark.usefixtures("stopped_clock")

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
State = Registration.State


@pytest.fixture
def ask(event):
    """A question of the event."""

    def make(label: str, kind: str = "text", **fields) -> Question:
        return Question.objects.create(event=event, label=label, kind=kind, **fields)

    return make


def url(name: str, *args) -> str:
    return reverse(f"events_admin:{name}", args=args)


def list_url(event: EventPage) -> str:
    return url("registrations", event.pk)


def cancel_event_url(event: EventPage) -> str:
    return url("cancel_event", event.pk)


def text(response) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def html(response) -> str:
    return " ".join(response.content.decode().split())


def names(response) -> list[str]:
    """Whose registrations a list shows, in its order."""
    return [registration.member.last_name for registration in response.context["page"].rows]


def cost_of(desk, address: str) -> int:
    desk.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(address).status_code == 200
    return len(captured)


def told(response) -> list[str]:
    """What the page after a redirect says."""
    return [str(message).strip() for message in response.context["messages"]]


# --- Overview --------------------------------------------------------------------------------------------------


def test_overview_shows_numbers_of_what_happened(desk, make_event, fill, now):
    event = make_event(capacity=1000)
    there = fill(event, 40)[:3]
    fill(event, 7, "waiting")
    fill(event, 2, "cancelled")
    for registration in there:
        Attendance.objects.create(registration=registration, is_present=True, noted_at=now)

    figures = desk.get(url("overview", event.pk)).context["figures"]

    assert [(figure["label"], figure["number"], figure["of"]) for figure in figures] == [
        ("Registered", 40, "of 1,000 places"),
        ("On the waiting list", 7, ""),
        ("Cancelled", 2, "of 49 in all"),
        ("Attended", 3, "of 40 registered"),
    ]


def test_overview_numbers_lead_to_the_people_they_count(desk, event, fill):
    fill(event, 2)
    fill(event, 1, "awaiting approval")

    for figure in desk.get(url("overview", event.pk)).context["figures"]:
        shown = desk.get(f"{list_url(event)}?{figure['query']}")
        assert shown.context["number"] == figure["number"]


def test_overview_counts_nobody_as_accepted_who_came_by_themselves(desk, event, fill, now):
    [registered] = fill(event, 1)
    for email, answer in [
        (registered.member.email, ""),
        ("yes@a.example", "accepted"),
        ("no@a.example", "declined"),
    ]:
        Invitation.objects.create(
            event=event, email=email, invited_at=now, answer=answer, answered_at=now if answer else None
        )

    assert desk.get(url("overview", event.pk)).context["invited"] == [
        ("Invited", 3, "all rounds together"),
        ("Invited and registered", 1, "of 3 invited"),
        ("Accepted, not registered yet", 1, "of 3 invited"),
        ("Declined the invitation", 1, "of 3 invited"),
    ]


def test_overview_of_an_event_without_registrations_says_so(desk, event):
    assert "Nobody has registered yet." in text(desk.get(url("overview", event.pk)))


def test_overview_draws_each_chart_and_its_table(desk, event, fill):
    fill(event, 3)

    shown = html(desk.get(url("overview", event.pk)))

    assert '<rect class="pp-admin__series-1" x="0%" width="100%" height="14"/>' in shown
    assert '<td role="cell" data-label="Organisation">Example Police</td>' in shown
    assert '<td role="cell" data-label="So far" class="pp-admin__number">3</td>' in shown
    assert "style=" not in shown.split('class="pp-admin"')[1].split("</main>")[0]


def test_overview_costs_the_same_for_many(desk, make_event, fill, now):
    costs = []
    for number in (1, 3, 200):
        event = make_event()
        for position, registration in enumerate(fill(event, number)):
            registration.organisation = Organisation.objects.create(
                name=f"{event.pk}-{position}", kind="charity"
            )
            registration.save()
            Attendance.objects.create(registration=registration, is_present=True, noted_at=now)
        costs.append(cost_of(desk, url("overview", event.pk)))

    assert costs[0] == costs[1] == costs[2]


# --- The events somebody runs ------------------------------------------------------------------------------------


def test_events_shows_what_is_ahead_or_over(desk, make_event, now):
    later, sooner = make_event(starts_at=now + 9 * DAY), make_event(starts_at=now + 2 * DAY)
    long_ago, lately = make_event(starts_at=now - 9 * DAY), make_event(starts_at=now - 2 * DAY)

    ahead = desk.get(url("events")).context["events"]
    over = desk.get(url("events") + "?when=past").context["events"]

    assert [event.pk for event in ahead] == [sooner.pk, later.pk]
    assert [event.pk for event in over] == [lately.pk, long_ago.pk]


def test_events_are_paged_by_key(desk, make_event, now, monkeypatch):
    monkeypatch.setattr("events.admin_views.overview.EVENTS_ON_PAGE", 2)
    # Two at the same time, so that the key decides.
    events = [make_event(starts_at=now + when * DAY).pk for when in (1, 2, 2, 3)]

    first = desk.get(url("events")).context
    second = desk.get(url("events") + f"?after={first['next']}").context

    assert [event.pk for event in (*first["events"], *second["events"])] == events
    assert (second["next"], second["is_first"]) == (None, False)
    assert desk.get(url("events") + "?after=nonsense").context["events"][0].pk == events[0]


def test_events_shows_only_those_of_ones_teams(at_desk, member, make_event, now):
    mine, _other = make_event(title="Mine"), make_event(title="Not mine")
    door = make_event(title="Door only")
    for event, role in ((mine, "read"), (door, "check in")):
        TeamMember.objects.create(event=event, member=member, role=role, added_at=now)
    actions.keep_in_event_team(member)

    client = at_desk(member)

    assert [event.title for event in client.get(url("events")).context["events"]] == ["Mine"]
    front = text(client.get(reverse("wagtailadmin_home")))
    assert [title for title in ("Mine", "Not mine", "Door only") if title in front] == ["Mine"]


def test_events_cost_the_same_for_many(desk, make_event):
    costs = []
    for number in (1, 2, 40):
        for _ in range(number):
            make_event()
        costs.append(cost_of(desk, url("events")))

    assert costs[0] == costs[1] == costs[2]


# --- The list --------------------------------------------------------------------------------------------------


def test_registrations_shows_who_comes(desk, event, fill):
    fill(event, 1)
    fill(event, 6, "waiting")

    shown = text(desk.get(list_url(event)))

    assert "7 registrations in all, ended ones too." in shown
    assert "member-0@force.example Example Police Registered" in shown
    assert "On the waiting list (number 6)" in shown


@pytest.fixture
def different(event, make_members, now):
    """Four that differ in everything one can look for."""
    first, second, third, fourth = make_members(4)
    charity = Organisation.objects.create(name="Example Charity", kind="charity")
    session = Session.objects.create(
        event=event, title="Rating", starts_at=event.starts_at, ends_at=event.ends_at, is_chosen=True
    )
    questions = [
        Question.objects.create(event=event, label=label, kind=kind, options="Été\nHiver", sort_order=order)
        for order, (label, kind) in enumerate(
            [("Season", "choice"), ("Seasons", "choices"), ("Vegetarian", "yes or no"), ("Why", "text")]
        )
    ]
    keys = [str(question.key) for question in questions]
    rows = [
        Registration(event=event, member=first, state="confirmed", organisation=first.organisation,
                     answers=dict(zip(keys, ["Été", ["Été", "Hiver"], True, "Because of rating"], strict=True))),
        Registration(event=event, member=second, state="waiting", organisation=charity, waiting_number=1,
                     answers=dict(zip(keys, ["Hiver", ["Hiver"], False, "No reason"], strict=True))),
        Registration(event=event, member=third, state="cancelled", organisation=first.organisation),
        Registration(event=event, member=fourth, state="confirmed", organisation=None),
    ]  # fmt: skip
    for position, row in enumerate(rows):
        row.registered_at = now - position * HOUR
        row.save()
    SessionPlace.objects.create(registration=rows[1], session=session, chosen_at=now)
    Attendance.objects.create(registration=rows[0], is_present=True, noted_at=now)
    Attendance.objects.create(registration=rows[3], is_present=False, noted_at=now)
    return {"session": session.pk, "charity": charity.pk, "names": [f"answer-{q.key.hex}" for q in questions]}


ALL_FOUR = ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL_FOUR),
        ("state=waiting", ["1"]),
        ("state=waiting&state=cancelled", ["1", "2"]),
        ("organisation={charity}", ["1"]),
        ("kind=charity", ["1"]),
        ("kind=police force", ["0", "2"]),
        ("session={session}", ["1"]),
        ("attended=yes", ["0"]),
        ("attended=no", ["1", "2", "3"]),
        ("q=Member", ALL_FOUR),
        ("q=member-1", ["1"]),
        ("q=charity", ["1"]),
        ("q=member charity", ["1"]),
        ("q=Nobody", []),
        ("{names[0]}=Été", ["0"]),
        ("{names[1]}=Été", ["0"]),
        ("{names[1]}=Hiver", ["0", "1"]),
        ("{names[2]}=yes", ["0"]),
        ("{names[2]}=no", ["1"]),
        ("{names[3]}=RATING", ["0"]),
        ("state=confirmed&attended=no", ["3"]),
        ("order=name", ALL_FOUR),
        ("state=nonsense", ALL_FOUR),
        ("organisation=nonsense&session=0&kind=x&attended=perhaps&order=x", ALL_FOUR),
        ("after=nonsense&before=nonsense", ALL_FOUR),
    ],
)
def test_registrations_can_be_searched_and_filtered(desk, event, different, query, expected):
    shown = desk.get(f"{list_url(event)}?{query.format(**different)}")

    assert names(shown) == expected
    assert shown.context["number"] == len(expected)


def test_registrations_cannot_be_found_by_a_sensitive_answer(desk, event, ask, fill):
    question = ask("Needs", is_sensitive=True)
    SensitiveAnswers.objects.create(registration=fill(event, 2)[0], answers={str(question.key): "wheelchair"})

    shown = desk.get(f"{list_url(event)}?answer-{question.key.hex}=wheelchair")

    assert (len(names(shown)), "Needs" in text(shown), "wheelchair" in text(shown)) == (2, False, False)


def test_registrations_of_another_event_are_not_in_the_list(desk, make_event, fill):
    event, other = make_event(), make_event()
    fill(event, 1)
    fill(other, 1)

    assert names(desk.get(list_url(event))) == ["0"]


def test_a_member_who_left_is_shown_without_a_name(desk, event, fill):
    fill(event, 1)
    Registration.objects.update(member=None)

    assert "A member who has left" in text(desk.get(list_url(event)))


def test_registrations_take_any_words_to_search_for(desk, event, fill, naughty_strings):
    fill(event, 1)

    for words in (*naughty_strings[::40], "\x00", "'; DROP TABLE events_registration; --"):
        assert desk.get(list_url(event), {"q": words}).status_code == 200


@pytest.mark.parametrize("order", ["", "name"])
def test_registrations_are_paged_by_key_both_ways(desk, event, fill, monkeypatch, order):
    monkeypatch.setattr("events.admin_views.registrations.ROWS_ON_PAGE", 3)
    fill(event, 8)  # all registered at the same moment: the key decides
    seen, back, query = [], [], f"?order={order}"

    page = desk.get(list_url(event) + query)
    while True:
        seen.append(names(page))
        if page.context["page"].after is None:
            break
        page = desk.get(f"{list_url(event)}{query}&after={page.context['page'].after}")
    while True:
        back.append(names(page))
        if page.context["page"].before is None:
            break
        page = desk.get(f"{list_url(event)}{query}&before={page.context['page'].before}")

    expected = [str(number) for number in range(8)]
    if order == "":
        expected.reverse()
    assert [name for page_of_names in seen for name in page_of_names] == expected
    assert back == seen[::-1]


def test_registrations_cost_the_same_for_many(desk, make_event, fill):
    costs = []
    for number in (3, 5000):
        event = make_event()
        Question.objects.create(event=event, label="Why")
        fill(event, number)
        fill(event, 2, "waiting")
        costs.append(cost_of(desk, list_url(event)))
        costs.append(cost_of(desk, list_url(event) + "?q=member&state=confirmed"))

    assert costs[0] == costs[2]
    assert costs[1] == costs[3]


# --- Something with several ------------------------------------------------------------------------------------


def act_on(desk, event: EventPage, act: str, *registrations: Registration, **data):
    chosen = [str(registration.uuid) for registration in registrations]
    return desk.post(url("act", event.pk), {"act": act, "chosen": chosen, **data}, follow=True)


def states(event: EventPage) -> list[str]:
    return list(event.registrations.order_by("pk").values_list("state", flat=True))


def test_act_asks_first_and_says_who_is_left_out(desk, event, fill):
    [confirmed] = fill(event, 1)
    [gone] = fill(event, 1, "cancelled")

    shown = text(act_on(desk, event, "cancel", confirmed, gone))

    assert "Cancel: 1 registration. A letter tells them." in shown
    assert "Member 0, Example Police (Registered)" in shown
    assert "Has ended already: Member 1" in shown
    assert states(event) == ["confirmed", "cancelled"]


def test_act_cancels_those_confirmed(desk, event, member, book, fill):
    registration = book(event, member)
    [gone] = fill(event, 1, "cancelled")

    done = act_on(desk, event, "cancel", registration, gone, confirmed="yes")

    assert told(done) == ["1 registration is cancelled."]
    assert states(event) == ["cancelled", "cancelled"]
    assert letters()[-1] == ("registration_cancelled", "practitioner")


def test_act_approves_the_earliest_first_and_the_rest_waits(desk, make_event, fill):
    event = make_event(capacity=1, needs_approval=True)
    first, second = fill(event, 2, "awaiting approval")

    done = act_on(desk, event, "approve", second, first, confirmed="yes")

    assert told(done) == ["2 registrations are approved: 1 has a place, 1 is on the waiting list."]
    assert states(event) == ["confirmed", "waiting"]


def ask_for_a_place(event: EventPage, member, now) -> Registration:
    """As the member, naming a line manager."""
    given = Answers(manager_email="manager@force.example")
    return actions.book_place(event=event, member=member, actor=member, now=now, answers=given)


def test_act_approves_what_still_waits_for_the_line_manager_and_says_so(desk, make_event, member, now):
    event = make_event(needs_approval=True, needs_manager=True)
    registration = ask_for_a_place(event, member, now)
    page = url("registration", event.pk, registration.uuid)
    before = text(desk.get(page))

    asked = text(act_on(desk, event, "approve", registration))
    done = act_on(desk, event, "approve", registration, confirmed="yes")

    assert "Where the line manager has not approved, the registration goes on waiting for that." in asked
    assert told(done) == ["1 registration is approved: 1 still waits for another approval."]
    assert states(event) == ["awaiting approval"]
    after = desk.get(page)
    manager = "Line manager manager@force.example was asked on Thursday 14 January 2027, 9:30am and has not answered yet"
    assert ("Organiser Has not decided yet" in before, manager in before) == (True, True)
    assert "Organiser Approved on Thursday 14 January 2027, 9:30am" in text(after)
    assert manager in text(after)
    assert "approve" not in [name for name, _ in after.context["acts"]]
    again = text(act_on(desk, event, "approve", registration))
    assert (
        "Left out Approved by an organiser already, and waits for another approval: Pat Practitioner" in again
    )


def test_act_says_that_an_organiser_approves_in_place_of_the_line_manager(desk, make_event, member, now):
    event = make_event(needs_manager=True)
    registration = ask_for_a_place(event, member, now)

    asked = text(act_on(desk, event, "approve", registration))
    done = act_on(desk, event, "approve", registration, confirmed="yes")

    assert "You approve in place of the line manager." in asked
    assert told(done) == ["1 registration is approved: 1 has a place."]


def test_act_says_that_a_course_needs_the_approval_of_every_date(desk, make_event, fill):
    event = make_event(needs_approval=True)
    [registration] = fill(event, 1, "awaiting approval")
    sentence = "Of a course, nobody gets a place before every date is approved."
    alone = text(act_on(desk, event, "approve", registration))

    event.registrations.update(booked_together=registration.uuid)

    assert (sentence in alone, sentence in text(act_on(desk, event, "approve", registration))) == (
        False,
        True,
    )


def test_act_declines_with_a_reason_that_has_to_be_given(desk, make_event, fill):
    event = make_event(needs_approval=True)
    rows = fill(event, 2, "awaiting approval")

    without = act_on(desk, event, "decline", *rows, confirmed="yes", reason=" ")
    assert without.context["form"].errors.as_data()["reason"][0].code == "required"
    assert states(event) == ["awaiting approval"] * 2

    act_on(desk, event, "decline", *rows, confirmed="yes", reason="Meant for forces.")

    assert states(event) == ["declined"] * 2
    assert set(event.registrations.values_list("declined_reason", flat=True)) == {"Meant for forces."}


def test_act_gives_a_place_and_says_who_got_none(desk, make_event, fill):
    event = make_event(capacity=1)
    rows = fill(event, 2, "cancelled")

    done = act_on(desk, event, "give_place", *rows, confirmed="yes")

    assert states(event) == ["confirmed", "cancelled"]
    why = "The one place is taken. Raise the number of places on the event’s page, or cancel a registration first."
    assert told(done) == ["1 registration is given a place.", f"Member 1: {why}"]


def test_act_confirms_attendance_at_the_event(desk, make_event, fill, now):
    event = make_event(starts_at=now - HOUR)
    [there] = fill(event, 1)
    [waits] = fill(event, 1, "waiting")

    done = act_on(desk, event, "note_attendance", there, waits, confirmed="yes")

    assert told(done) == ["1 registration is noted as there."]
    assert [row.registration_id for row in Attendance.objects.present()] == [there.pk]


def test_act_confirms_attendance_at_a_session(desk, make_event, fill, now):
    event = make_event(starts_at=now - HOUR)
    session = Session.objects.create(
        event=event, title="Rating", starts_at=event.starts_at, ends_at=event.ends_at
    )
    [there] = fill(event, 1)

    act_on(desk, event, "note_attendance", there, confirmed="yes", session=str(session.key))

    assert [(row.registration_id, row.session_id) for row in Attendance.objects.present()] == [
        (there.pk, session.pk)
    ]


def test_act_confirms_attendance_only_from_the_day(desk, event, fill):
    [early] = fill(event, 1)

    done = act_on(desk, event, "note_attendance", early, confirmed="yes")

    assert [message.split(" from ")[0] for message in told(done)] == ["You can check people in"]
    assert not Attendance.objects.exists()


def test_act_takes_all_that_match_the_filter(desk, event, fill):
    fill(event, 3)
    fill(event, 2, "waiting")
    data = {"act": "cancel", "whom": "all", "filters": "state=waiting", "confirmed": "yes"}

    done = desk.post(url("act", event.pk), data, follow=True)

    assert told(done) == ["2 registrations are cancelled."]
    assert states(event) == ["confirmed"] * 3 + ["cancelled"] * 2
    assert done.request["QUERY_STRING"] == "state=waiting"


def test_act_does_so_many_at_a_time_and_says_how_many_are_left(desk, event, fill, monkeypatch):
    monkeypatch.setattr("events.admin_views.acting.MOST_AT_ONCE", 2)
    rows = fill(event, 3)

    assert "2 are done at a time" in text(act_on(desk, event, "cancel", *rows))
    done = act_on(desk, event, "cancel", *rows, confirmed="yes")

    assert states(event) == ["cancelled", "cancelled", "confirmed"]
    assert told(done)[1] == "1 is left: 2 are done at a time. Choose the same again."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"act": "cancel"}, "Tick the registrations first, or choose all that match."),
        (
            {"act": "cancel", "chosen": ["nonsense"]},
            "Tick the registrations first, or choose all that match.",
        ),
        ({"act": "message"}, "Tick the registrations first, or choose all that match."),
        ({"act": "nonsense", "whom": "all"}, "Choose what to do with the registrations."),
        ({}, "Choose what to do with the registrations."),
    ],
)
def test_act_says_what_is_missing(desk, event, fill, data, expected):
    fill(event, 1)

    done = desk.post(url("act", event.pk), {**data, "confirmed": "yes"}, follow=True)

    assert told(done) == [expected]
    assert states(event) == ["confirmed"]


def test_act_leaves_registrations_of_other_events_alone(desk, make_event, fill):
    event, other = make_event(), make_event()
    [theirs] = fill(other, 1)

    done = act_on(desk, event, "cancel", theirs, confirmed="yes")

    assert told(done) == ["Tick the registrations first, or choose all that match."]
    assert states(other) == ["confirmed"]


def test_act_offers_approval_only_where_it_is_asked_for(desk, make_event, fill):
    offered = []
    for needs in (False, True):
        event = make_event(needs_approval=needs)
        fill(event, 1)
        offered.append([name for name, _label in desk.get(list_url(event)).context["acts"]])

    assert offered == [
        ["cancel", "give_place", "note_attendance", "message"],
        ["approve", "decline", "cancel", "give_place", "note_attendance", "message"],
    ]


# --- One registration ------------------------------------------------------------------------------------------


def test_registration_tells_its_history_in_words(desk, event, member, book, organiser, now):
    registration = book(event, member, at=now - DAY)
    actions.write_note(registration=registration, text="Comes later.", actor=organiser, now=now - HOUR)
    actions.cancel_registration(registration=registration, actor=organiser, now=now)

    shown = text(desk.get(url("registration", event.pk, registration.uuid)))

    assert "9:30am: Demo Organiser cancelled the registration. Since then: Cancelled." in shown
    assert "8:30am: Demo Organiser wrote a note. Comes later." in shown
    assert "9:30am: Pat Practitioner registered. Since then: Registered." in shown
    assert "Place booked Waiting" in shown
    assert "Registration cancelled Waiting" in shown


def test_registration_names_the_portal_and_those_who_left(desk, event, fill, now):
    [registration] = fill(event, 1)
    history.add_step("expire_offer", registration, None, now)
    history.add_step("book_place", registration, None, now)
    Registration.objects.update(member=None)

    shown = text(desk.get(url("registration", event.pk, registration.uuid)))

    assert "The portal ended the offer, since its time was up." in shown
    assert "Somebody who has left registered." in shown


def test_registration_shows_sensitive_answers_to_those_named_alone(desk, event, ask, fill, organiser, now):
    plain, sensitive = ask("Which day"), ask("Needs", is_sensitive=True)
    [registration] = fill(event, 1)
    Registration.objects.update(answers={str(plain.key): "First"})
    SensitiveAnswers.objects.create(registration=registration, answers={str(sensitive.key): "wheelchair"})
    address = url("registration", event.pk, registration.uuid)

    before = text(desk.get(address))
    TeamMember.objects.create(
        event=event, member=organiser, role="read", sees_sensitive_answers=True, added_at=now
    )
    after = text(desk.get(address))

    assert ("Which day First" in before, "wheelchair" in before) == (True, False)
    assert "There are sensitive answers too." in before
    assert "Needs (sensitive) wheelchair" in after


def test_write_note_keeps_it_with_the_history_alone(desk, event, fill):
    [registration] = fill(event, 1)

    desk.post(url("write_note", event.pk, registration.uuid), {"note": "Comes later."})

    step = registration.steps.get()
    assert (step.verb, step.detail["text"]) == ("write_note", "Comes later.")
    logged = PageLogEntry.objects.get(action="events.write_note")
    assert logged.data == {"registration": str(registration.uuid)}


def test_write_note_wants_words(desk, event, fill):
    [registration] = fill(event, 1)

    shown = desk.post(url("write_note", event.pk, registration.uuid), {"note": " "})

    assert shown.context["form"].errors.as_data()["note"][0].code == "required"
    assert not registration.steps.exists()


def test_change_answers_of_somebody_else_keeps_what_is_hidden(desk, event, ask, fill):
    plain = ask("Which day", sort_order=1)
    sensitive = ask("Needs", is_sensitive=True, sort_order=2)
    depending = ask("Which needs", shown_if="Needs", shown_if_answer="wheelchair", sort_order=3)
    [registration] = fill(event, 1)
    Registration.objects.update(answers={str(plain.key): "First", str(depending.key): "A ramp"})
    SensitiveAnswers.objects.create(registration=registration, answers={str(sensitive.key): "wheelchair"})
    address = url("change_answers", event.pk, registration.uuid)

    shown = desk.get(address)
    desk.post(address, {f"question-{plain.key.hex}": "Second"})

    assert list(shown.context["form"].fields) == [f"question-{plain.key.hex}"]
    assert "wheelchair" not in text(shown)
    registration.refresh_from_db()
    assert registration.answers == {str(plain.key): "Second", str(depending.key): "A ramp"}
    assert registration.sensitive_answers.answers == {str(sensitive.key): "wheelchair"}


def test_change_answers_of_what_has_ended_is_refused(desk, event, ask, fill):
    ask("Which day")
    [registration] = fill(event, 1, "cancelled")

    done = desk.get(url("change_answers", event.pk, registration.uuid), follow=True)

    assert told(done) == ["The answers cannot be changed any more."]


# --- Registering somebody ----------------------------------------------------------------------------------------


def test_register_member_gives_a_place_and_tells_them(desk, event, member):
    desk.post(url("register_member", event.pk), {"email": member.email.upper()})

    assert states(event) == ["confirmed"]
    assert letters() == [("place_booked", "practitioner")]
    step = Registration.objects.get().steps.get()
    assert (step.verb, step.actor.email) == ("book_place", "organiser@portal.example")


@pytest.mark.parametrize(
    ("wants_list", "expected"), [(True, ["confirmed", "waiting"]), (False, ["confirmed"])]
)
def test_register_member_puts_them_on_the_waiting_list_if_wanted(
    desk, make_event, fill, member, wants_list, expected
):
    event = make_event(capacity=1)
    fill(event, 1)
    data = {"email": member.email} | ({"is_for_waiting_list": "on"} if wants_list else {})

    desk.post(url("register_member", event.pk), data)

    assert states(event) == expected


def test_register_member_works_while_registration_is_closed(desk, make_event, member, now):
    event = make_event(registration_closes_at=now - DAY)

    desk.post(url("register_member", event.pk), {"email": member.email})

    assert states(event) == ["confirmed"]


@pytest.mark.parametrize("address", ["nobody@force.example", "practitioner@force.example", "nonsense", ""])
def test_register_member_says_why_not(desk, event, member, book, address):
    book(event, member)

    shown = desk.post(url("register_member", event.pk), {"email": address})

    assert list(shown.context["form"].errors) == ["email"]
    assert states(event) == ["confirmed"]


# --- Cancelling an event ---------------------------------------------------------------------------------------


def test_cancelling_an_event_wants_a_reason_and_tells_everybody(desk, event, fill, member, book):
    book(event, member)

    shown, without = desk.get(cancel_event_url(event)), desk.post(cancel_event_url(event), {"reason": " "})
    assert "1 person who is registered or waits gets a letter" in text(shown)
    assert without.context["form"].errors.as_data()["reason"][0].code == "required"
    event.refresh_from_db()
    assert not event.is_cancelled

    sent = desk.post(cancel_event_url(event), {"reason": "The trainer is ill."})

    event.refresh_from_db()
    assert (event.is_cancelled, event.cancellation_reason) == (True, "The trainer is ill.")
    assert sent.url == url("overview", event.pk)
    assert letters()[-1] == ("event_cancelled", "practitioner")


def test_cancelling_an_event_twice_is_refused(desk, event):
    desk.post(cancel_event_url(event), {"reason": "First."})
    desk.post(cancel_event_url(event), {"reason": "Second."})

    event.refresh_from_db()
    assert event.cancellation_reason == "First."


def test_every_naughty_string_can_be_a_reason_or_is_refused(event, organiser, naughty_strings, now):
    for words in naughty_strings:
        EventPage.objects.update(cancelled_at=None)
        form = CancelEventForm({"reason": words})
        if form.is_valid():
            actions.cancel_event(event=event, reason=form.cleaned_data["reason"], actor=organiser, now=now)

            event.refresh_from_db()
            assert event.cancellation_reason == form.cleaned_data["reason"]
        else:
            assert list(form.errors) == ["reason"]


# --- Ways there ------------------------------------------------------------------------------------------------


def test_the_page_of_an_event_leads_to_its_numbers(desk, event):
    shown = html(desk.get(reverse("wagtailadmin_pages:edit", args=[event.pk])))

    assert url("overview", event.pk) in shown
    assert cancel_event_url(event) in shown


def test_the_list_of_pages_and_the_menu_lead_there_too(desk, index, event):
    shown = html(desk.get(reverse("wagtailadmin_explore", args=[index.pk])))

    assert url("overview", event.pk) in shown
    assert f'"{url("events")}"' in shown


def test_a_cancelled_or_past_event_is_not_offered_to_be_cancelled(desk, make_event, now):
    for event in (make_event(cancelled_at=now), make_event(starts_at=now - DAY)):
        for address in (reverse("wagtailadmin_pages:edit", args=[event.pk]), url("overview", event.pk)):
            assert cancel_event_url(event) not in html(desk.get(address))


def test_the_front_panel_shows_the_next_events(desk, make_event, fill, now):
    soon = make_event(title="Rating together", capacity=60)
    fill(soon, 41)
    fill(soon, 6, "waiting")
    make_event(title="No limit", starts_at=now + 200 * DAY)
    make_event(title="Cancelled", cancelled_at=now)
    make_event(title="Over", starts_at=now - DAY)
    make_event(title="Draft", live=False)

    shown = html(desk.get(reverse("wagtailadmin_home"))).split("Your next events")[1]

    assert (
        f'<a href="{url("overview", soon.pk)}">Rating together</a>, Thursday 25 March 2027, 9:30am to 12:30pm: '
        "41 of 60 places taken, 6 waiting"
    ) in shown
    assert "No limit</a>, Monday 2 August 2027, 10:30am to 1:30pm: 0 places taken </li>" in shown
    assert [title for title in ("Cancelled", "Over", "Draft") if f">{title}</a>" in shown] == []


@pytest.mark.parametrize("role", ["Editors", "Membership managers", "Moderators", "Event team"])
def test_other_roles_see_nothing_of_it(at_desk, django_user_model, event, role):
    person = django_user_model.objects.create_user("other@portal.example", state="approved")
    person.groups.add(Group.objects.get(name=role))

    shown = html(at_desk(person).get(reverse("wagtailadmin_home")))

    assert "Your next events" not in shown
    assert f'"{url("events")}"' not in shown
