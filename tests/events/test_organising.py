"""What organisers do to one registration beside approving and cancelling it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from events import actions, retelling
from events.models import EventPage, Registration, Session, SessionPlace
from members import personal_data
from members.models import Organisation
from tests.events.outcomes import letters

DAY = timedelta(days=1)
State = Registration.State


@pytest.fixture
def give(organiser, now):
    def give_place(registration: Registration, at=now) -> Registration:
        return actions.give_place(registration=registration, actor=organiser, now=at)

    return give_place


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("waiting", State.CONFIRMED),
        ("declined", State.CONFIRMED),
        ("expired", State.CONFIRMED),
        ("cancelled", State.CONFIRMED),
        ("confirmed", State.CONFIRMED),
        ("awaiting approval", actions.ApproveInstead),
    ],
)
def test_give_place_by_state(event, fill, give, state, expected):
    [registration] = fill(event, 1, state)

    if isinstance(expected, str):
        given = give(registration)
        assert (given.state, given.confirmed_at is not None) == (expected, state != "confirmed")
        assert len(letters()) == (0 if state == "confirmed" else 1)
    else:
        with pytest.raises(expected):
            give(registration)


def test_give_place_turns_an_offer_into_a_place_also_where_it_is_the_last(make_event, fill, give, now):
    event = make_event(capacity=1)
    [registration] = fill(event, 1, "waiting")
    Registration.objects.update(state="offered", offer_expires_at=now + DAY)

    assert give(registration).state == State.CONFIRMED


@pytest.mark.parametrize("state", ["waiting", "cancelled"])
def test_give_place_never_gives_more_than_there_are(make_event, fill, give, state):
    event = make_event(capacity=2)
    fill(event, 2)
    [registration] = fill(event, 1, state)

    with pytest.raises(actions.NoPlaceLeft) as refusal:
        give(registration)

    registration.refresh_from_db()
    assert registration.state == state
    assert refusal.value.message.startswith("All 2 places are taken.")


def test_give_place_comes_before_those_kept_and_the_cap(make_event, fill, give):
    event = make_event(capacity=3, places_per_organisation=1, reserved_places=1)
    fill(event, 1)
    _first, second = fill(event, 2, "waiting")

    assert give(second).state == State.CONFIRMED


def test_give_place_drops_sessions_that_are_full(make_event, fill, give, now):
    event = make_event()
    session = Session.objects.create(
        event=event,
        title="Rating",
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        is_chosen=True,
        capacity=1,
    )
    [has_it] = fill(event, 1)
    [registration] = fill(event, 1, "waiting")
    for row in (has_it, registration):
        SessionPlace.objects.create(registration=row, session=session, chosen_at=now)

    give(registration)

    assert list(SessionPlace.objects.values_list("registration", flat=True)) == [has_it.pk]


def test_give_place_to_somebody_who_registered_anew_is_refused(event, member, book, give, organiser, now):
    old = book(event, member)
    actions.cancel_registration(registration=old, actor=member, now=now)
    book(event, member)

    with pytest.raises(actions.AlreadyRegistered):
        give(old)


def test_give_place_after_a_cancellation_sends_a_newer_file_and_a_letter(event, member, book, give, now):
    registration = book(event, member)
    actions.cancel_registration(registration=registration, actor=member, now=now)
    before = EventPage.objects.get(pk=event.pk).calendar_sequence

    again = give(registration, at=now + DAY)

    assert EventPage.objects.get(pk=event.pk).calendar_sequence == before + 1
    assert [name for name, _ in letters()] == ["place_booked", "registration_cancelled", "place_booked"]
    assert again.cancelled_at is None


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [({"cancelled_at": True}, actions.EventCancelled), ({"starts_at": True}, actions.EventOver)],
)
def test_give_place_at_an_event_that_is_not_on_is_refused(make_event, fill, give, now, fields, refusal):
    event = make_event(**dict.fromkeys(fields, now - DAY))
    [registration] = fill(event, 1, "waiting")

    with pytest.raises(refusal):
        give(registration)


def test_give_place_notes_who_and_from_which_state(event, fill, give, organiser):
    [registration] = fill(event, 1, "waiting")

    give(registration)

    step = registration.steps.latest("pk")
    assert (step.verb, step.actor, step.detail["before"]) == ("give_place", organiser, "waiting")


def test_notes_are_personal_data_of_whom_they_are_about(event, member, book, organiser, now):
    registration = book(event, member)
    actions.write_note(registration=registration, text="Comes later.", actor=organiser, now=now)

    [collected] = personal_data.collect(member)["registrations"]
    personal_data.erase(member, now)

    assert [step["note"] for step in collected["history"] if "note" in step] == ["Comes later."]
    assert not registration.steps.filter(verb="write_note").exists()


# --- In words --------------------------------------------------------------------------------------------------


def verbs_noted() -> set[str]:
    """Every verb that the code writes into a history."""
    root = Path(retelling.__file__).parent
    sources = [root / "line.py", root / "handovers.py", *(root / "actions").glob("*.py")]
    call = re.compile(r"""(?:note|add_step)\(\s*"(\w+)"(?: if \w+ else "(\w+)")?|verb="(\w+)\"""")
    return {verb for path in sources for found in call.findall(path.read_text()) for verb in found if verb}


def test_every_verb_of_a_history_has_words():
    noted = verbs_noted()

    assert {"book_place", "decline_as_manager", "note_attendance", "expire_offer"} <= noted
    assert noted - set(retelling.TOLD) == set()


def test_no_words_are_kept_for_verbs_that_nothing_notes():
    assert set(retelling.TOLD) - verbs_noted() == set()


def test_history_of_names_sessions_by_their_titles(event, fill, organiser, now):
    session = Session.objects.create(
        event=event, title="Rating", starts_at=event.starts_at, ends_at=event.ends_at, is_chosen=True
    )
    [registration] = fill(event, 1)
    for verb, detail in (
        ("miss_sessions", {"missed_sessions": [str(session.key), "gone"]}),
        ("note_attendance", {"session": session.pk, "is_present": True}),
        ("note_attendance", {"session": None, "is_present": False}),
        ("change_answers", {"questions": ["one"], "sessions_changed": True}),
        ("change_answers", {"questions": [], "sessions_changed": True}),
        ("a_verb_of_later", {}),
    ):
        registration.steps.create(verb=verb, at=now, actor=organiser, detail=detail)

    assert [line.what for line in reversed(retelling.history_of(registration, event))] == [
        "dropped sessions that were full: “Rating”",
        "noted attendance: there, in “Rating”",
        "noted attendance: not there",
        "changed answers and sessions",
        "changed answers: other sessions",
        "a verb of later",
    ]


def test_history_says_that_an_offer_was_taken_too_late(make_event, fill, now):
    event = make_event(capacity=1)
    fill(event, 1)
    [late] = fill(event, 1, "waiting")
    Registration.objects.filter(pk=late.pk).update(state="expired")

    actions.take_place(registration=late, actor=late.member, now=now)

    [line] = retelling.history_of(late, event)
    assert (line.who, line.what, line.state) == (
        "Member 1",
        "wanted the place on offer when its time was up",
        "On the waiting list",
    )


def test_history_says_that_an_offer_was_taken(event, fill, now):
    [offered] = fill(event, 1, "waiting")
    Registration.objects.filter(pk=offered.pk).update(
        state="offered", offer_expires_at=now + timedelta(hours=1)
    )

    actions.take_place(registration=offered, actor=offered.member, now=now)

    assert [line.what for line in retelling.history_of(offered, event)] == ["took the place on offer"]


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        ("approve_as_manager", "approved the registration"),
        ("decline_as_manager", "declined the registration"),
    ],
)
def test_history_names_the_line_manager_once(event, fill, now, verb, told):
    [registration] = fill(event, 1)
    registration.steps.create(verb=verb, at=now, detail={})

    [line] = retelling.history_of(registration, event)
    assert (line.who, line.what) == ("The line manager", told)


def test_registering_somebody_keeps_the_organisation_they_work_for(event, member, organiser, now):
    member.organisation = Organisation.objects.create(name="Example Charity", kind="charity")
    member.save()

    made = actions.book_place(event=event, member=member, actor=organiser, now=now)

    assert made.organisation.name == "Example Charity"
