"""The registration form: every kind of question, conditions, sessions, and what is kept when it is refused."""

import re
from datetime import UTC, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events import actions, links
from events.answers import Answers
from events.form_filling import form_for
from events.models import EventPage, Question, Registration, SensitiveAnswers, Session, SessionPlace
from events.registration_forms import name_of
from mailing.composition import composed
from mailing.models import OutgoingMail

State = Registration.State
Kind = Question.Kind
HOUR = timedelta(hours=1)


@pytest.fixture
def signed_in(client, member) -> Client:
    client.force_login(member)
    return client


@pytest.fixture
def make_question():
    def make(event, label: str, kind: str = Kind.TEXT, **fields) -> Question:
        return Question.objects.create(
            event=event, label=label, kind=kind, sort_order=event.questions.count(), **fields
        )

    return make


@pytest.fixture
def make_session():
    """A session that people choose: so many hours after the event's start, for one hour."""

    def make(event, title: str, after: float = 0, hours: float = 1, **fields) -> Session:
        starts_at = event.starts_at + after * HOUR
        return Session.objects.create(
            **{
                "event": event,
                "title": title,
                "starts_at": starts_at,
                "ends_at": starts_at + hours * HOUR,
                "is_chosen": True,
                **fields,
            }
        )

    return make


def whole(event) -> EventPage:
    return EventPage.objects.with_form().get(pk=event.pk)


def url_of(verb: str, event_or_registration) -> str:
    return reverse(f"events:{verb}", args=[event_or_registration.uuid])


def slot(session: Session) -> str:
    return f"sessions-{int(session.starts_at.timestamp())}"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def said(response) -> list[str]:
    """What the page after a redirect says."""
    return [str(message) for message in response.context["messages"]]


def errors_in(response) -> list[str]:
    """What the error summary says."""
    summary = re.search(r'error-summary__list">(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [one.strip() for one in re.findall(r"<a[^>]*>(.*?)</a>", summary[1], re.DOTALL)] if summary else []


# --- Questions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "shown"),
    [
        (Kind.TEXT, " Kent ", "Kent", "Kent"),
        (Kind.LONG_TEXT, "One\nTwo", "One\nTwo", "One<br>Two"),
        (Kind.YES_NO, "yes", True, "Yes"),
        (Kind.YES_NO, "no", False, "No"),
        (Kind.CHOICE, "Ramp", "Ramp", "Ramp"),
        (Kind.CHOICES, ["Ramp", "Loop"], ["Ramp", "Loop"], "Ramp, Loop"),
        (Kind.NUMBER, "12.50", "12.5", "12.5"),
        (Kind.NUMBER, "0.1", "0.1", "0.1"),
        (Kind.CONSENT, "on", True, "Yes"),
    ],
)
def test_an_answer_is_kept_and_shown(signed_in, event, make_question, kind, typed, kept, shown):
    question = make_question(event, "What you need", kind, options="Ramp\nLoop", is_required=True)

    sent = signed_in.post(url_of("book_place", event), {name_of(question): typed})

    registration = event.registrations.get()
    assert registration.answers == {str(question.key): kept}
    assert f'What you need</dt><dd class="govuk-summary-list__value">{shown}</dd>' in text(
        signed_in.get(sent.url)
    ).replace("<p>", "")


def test_a_date_is_kept_as_a_day(signed_in, event, make_question):
    question = make_question(event, "Born on", Kind.DATE)
    name = name_of(question)

    sent = signed_in.post(
        url_of("book_place", event), {f"{name}_day": "3", f"{name}_month": "12", f"{name}_year": "2026"}
    )

    assert event.registrations.get().answers == {str(question.key): "2026-12-03"}
    assert "Thursday 3 December 2026" in text(signed_in.get(sent.url))


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        (Kind.TEXT, "", "Fill in “Need”"),
        (Kind.TEXT, "a\nb", "This holds a line break or an invisible character. Type it anew."),
        (Kind.TEXT, "x" * 251, "“Need” must be 250 characters or fewer. You wrote 251"),
        (Kind.LONG_TEXT, "", "Fill in “Need”"),
        (Kind.YES_NO, "", "Choose an answer for “Need”"),
        (Kind.YES_NO, "perhaps", "Choose one of the answers listed for “Need”"),
        (Kind.CHOICE, "Lift", "Choose one of the answers listed for “Need”"),
        (Kind.CHOICES, [], "Choose an answer for “Need”"),
        (Kind.NUMBER, "twelve", "“Need” must be a number, like 12.5"),
        (Kind.NUMBER, "NaN", "“Need” must be a number, like 12.5"),
        (Kind.CONSENT, "", "Tick “Need”"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_field(signed_in, event, make_question, kind, typed, sentence):
    wrong = make_question(event, "Need", kind, options="Ramp\nLoop", is_required=True)
    other = make_question(event, "Role")

    shown = signed_in.post(
        url_of("book_place", event), {name_of(wrong): typed, name_of(other): "Kept as it was typed"}
    )

    assert errors_in(shown) == [sentence]
    assert 'value="Kept as it was typed"' in shown.content.decode()
    assert event.registrations.count() == 0


def test_every_naughty_string_is_kept_or_refused(event, member, make_question, naughty_strings, now):
    question = make_question(event, "Anything", Kind.LONG_TEXT)
    page = whole(event)

    for typed in naughty_strings:
        form = form_for({name_of(question): typed}, page, member)
        if form.is_valid():
            assert form.answers().plain.get(str(question.key), "") == typed.strip().replace("\r\n", "\n")
        else:
            assert list(form.errors) == [name_of(question)]


# --- What depends on another answer ---------------------------------------------------------------------------


@pytest.fixture
def conditional(event, make_question) -> tuple[Question, Question]:
    first = make_question(event, "Do you need anything?", Kind.YES_NO, is_required=True)
    second = make_question(
        event,
        "What do you need?",
        is_required=True,
        shown_if="Do you need anything?",
        shown_if_answer="Yes",
    )
    return first, second


def test_what_does_not_apply_is_neither_missed_nor_kept(signed_in, event, conditional):
    first, second = conditional

    signed_in.post(url_of("book_place", event), {name_of(first): "no", name_of(second): "x" * 999})

    assert event.registrations.get().answers == {str(first.key): False}


def test_what_applies_is_missed(signed_in, event, conditional):
    first, _ = conditional

    shown = signed_in.post(url_of("book_place", event), {name_of(first): "yes"})

    assert errors_in(shown) == ["Fill in “What do you need?”"]


def test_a_dependent_question_says_on_what_it_depends_and_is_revealed_by_it(signed_in, event, conditional):
    shown = signed_in.get(url_of("book_place", event)).content.decode()

    assert "Only if you answered “Yes” to “Do you need anything?”" in shown
    assert f'data-module="pp-reveal" data-field="{name_of(conditional[0])}" data-value="yes"' in shown


@pytest.mark.parametrize(
    ("kind", "answer", "sent"),
    [
        (Kind.YES_NO, "no", "no"),
        (Kind.CHOICE, "trainer ", "Trainer"),
        (Kind.CHOICES, "Trainer", "Trainer"),
        (Kind.CONSENT, "Yes", "on"),
    ],
)
def test_a_part_is_revealed_by_what_the_browser_sends(event, member, make_question, kind, answer, sent):
    first = make_question(event, "First", kind, options="Analyst\nTrainer")
    make_question(event, "In between")
    make_question(event, "Second", shown_if="first", shown_if_answer=answer)

    parts = list(form_for(None, whole(event), member).parts)

    assert [(part.field, part.value) for part in parts] == [("", ""), (name_of(first), sent)]


# --- Sensitive answers ----------------------------------------------------------------------------------------


def test_sensitive_answers_stand_in_a_table_of_their_own(signed_in, event, make_question):
    question = make_question(event, "Diet", is_sensitive=True)
    shown = text(signed_in.get(url_of("book_place", event)))
    assert "Only organisers who are named for it see this. It is erased 30 days after the event." in shown

    sent = signed_in.post(url_of("book_place", event), {name_of(question): "No nuts"})

    registration = event.registrations.get()
    assert (registration.answers, registration.sensitive_answers.answers) == (
        {},
        {str(question.key): "No nuts"},
    )
    assert "No nuts" in text(signed_in.get(sent.url))  # to the member themselves


def test_erase_sensitive_answers_keeps_to_the_days_of_each_event(
    make_event, make_members, make_question, now, capsys, monkeypatch
):
    events = [make_event(days_to_keep_sensitive_answers=days) for days in (0, 30)]
    for event, member in zip(events, make_members(2), strict=True):
        key = str(make_question(event, "Diet", is_sensitive=True).key)
        actions.book_place(
            event=event,
            member=member,
            actor=member,
            now=now,
            answers=Answers(plain={"x": "kept"}, sensitive={key: "y"}),
        )
    over = events[0].ends_at + timedelta(minutes=1)

    assert actions.events_to_erase_from(events[0].ends_at) == []
    monkeypatch.setattr("django.utils.timezone.now", lambda: over)
    call_command("erase_sensitive_answers", dry_run=True)
    assert SensitiveAnswers.objects.count() == 2
    assert capsys.readouterr().out.splitlines() == [
        f"{events[0].pk}: {events[0].title}, 1 people",
        "1 events have sensitive answers to erase.",
    ]
    call_command("erase_sensitive_answers")

    assert capsys.readouterr().out == "Sensitive answers of 1 people erased.\n"
    assert SensitiveAnswers.objects.get().registration.event_id == events[1].pk
    assert events[0].registrations.get().answers == {"x": "kept"}
    assert actions.erase_sensitive_answers(now=events[1].ends_at + timedelta(days=29)) == 0
    assert actions.erase_sensitive_answers(now=events[1].ends_at + timedelta(days=30)) == 1


def test_a_box_that_may_stay_empty_says_so(signed_in, event, make_question):
    make_question(event, "Put me on the list", Kind.CONSENT)
    make_question(event, "I read the rules", Kind.CONSENT, is_required=True)

    shown = signed_in.get(url_of("book_place", event)).content.decode()

    labels = re.findall(r'govuk-checkboxes__label"[^>]*>([^<]*)</label>', shown)
    assert labels == ["Put me on the list (optional)", "I read the rules"]


def test_what_is_wrong_stands_before_everything_else(signed_in, event, make_question):
    make_question(event, "Role", is_required=True)

    shown = signed_in.post(url_of("book_place", event)).content.decode()

    assert 0 < shown.index("govuk-error-summary") < shown.index("We already know")


# --- Sessions -------------------------------------------------------------------------------------------------


def test_sessions_are_chosen_one_at_a_time(signed_in, event, make_session):
    first, second = make_session(event, "Rating", stream="A"), make_session(event, "Visiting", stream="B")

    shown = signed_in.post(url_of("book_place", event))
    assert errors_in(shown) == ["Choose an answer for “Thursday 25 March 2027, 9:30am”"]
    sent = signed_in.post(url_of("book_place", event), {slot(first): str(second.pk)})

    assert [place.session for place in SessionPlace.objects.all()] == [second]
    assert "Visiting" in text(signed_in.get(sent.url))


def test_none_of_the_sessions_is_a_choice(signed_in, event, make_session):
    session = make_session(event, "Rating")

    signed_in.post(url_of("book_place", event), {slot(session): "none"})

    assert (event.registrations.get().state, SessionPlace.objects.count()) == (State.CONFIRMED, 0)


def test_sessions_that_overlap_are_refused_at_the_later_one(signed_in, event, make_session):
    long, later = make_session(event, "Long", hours=2), make_session(event, "Later", after=1)

    shown = signed_in.post(
        url_of("book_place", event), {slot(long): str(long.pk), slot(later): str(later.pk)}
    )

    assert errors_in(shown) == [
        "“Later” overlaps “Long”, 9:30am to 11:30am. Choose one of them, or none of these"
    ]
    assert event.registrations.count() == 0


def test_the_action_refuses_an_overlap_that_no_form_saw(event, member, make_session, now):
    long, later = make_session(event, "Long", hours=2), make_session(event, "Later", after=1)

    with pytest.raises(actions.SessionsOverlap):
        actions.book_place(
            event=event,
            member=member,
            actor=member,
            now=now,
            answers=Answers(sessions=frozenset({long.pk, later.pk})),
        )
    assert event.registrations.count() == 0


@pytest.mark.parametrize("which", ["of another event", "cancelled", "for everybody", "gone"])
def test_only_sessions_to_choose_are_chosen(make_event, event, member, make_session, now, which):
    session = {
        "of another event": lambda: make_session(make_event(), "X").pk,
        "cancelled": lambda: make_session(event, "X", is_cancelled=True).pk,
        "for everybody": lambda: make_session(event, "X", is_chosen=False).pk,
        "gone": lambda: 0,
    }[which]()

    with pytest.raises(actions.SessionGone):
        actions.book_place(
            event=event, member=member, actor=member, now=now, answers=Answers(sessions=frozenset({session}))
        )
    assert event.registrations.count() == 0


def test_a_session_that_filled_meanwhile_keeps_the_rest_of_the_form(
    signed_in, event, make_session, make_question, make_members, now
):
    session = make_session(event, "Case clinic", capacity=1)
    question = make_question(event, "Role")
    [faster] = make_members(1)
    assert "1 place left" in text(signed_in.get(url_of("book_place", event)))
    actions.book_place(
        event=event, member=faster, actor=faster, now=now, answers=Answers(sessions=frozenset({session.pk}))
    )

    shown = signed_in.post(
        url_of("book_place", event), {slot(session): str(session.pk), name_of(question): "Analyst"}
    )

    assert shown.status_code == 409
    assert errors_in(shown) == [
        "“Case clinic” is full. Choose another session. Everything else you wrote is kept."
    ]
    assert 'value="Analyst"' in shown.content.decode()
    assert "Until 10:30am. Full" in text(shown)
    assert event.registrations.count() == 1


def test_whoever_waits_may_choose_a_full_session_and_is_told_when_their_turn_comes(
    make_event, make_session, make_members, now
):
    event = make_event(capacity=2)
    full, other = make_session(event, "Case clinic", capacity=1), make_session(event, "Talk", after=1)
    first, leaver, waiter = make_members(3)

    def register(member, *sessions, act=actions.book_place) -> Registration:
        answers = Answers(sessions=frozenset(session.pk for session in sessions))
        return act(event=event, member=member, actor=member, now=now, answers=answers)

    register(first, full)
    leaving = register(leaver)
    waiting = register(waiter, full, other, act=actions.join_waiting_list)
    assert SessionPlace.objects.taken().count() == 1

    actions.cancel_registration(registration=leaving, actor=leaver, now=now)

    waiting.refresh_from_db()
    assert waiting.state == State.OFFERED
    assert [place.session for place in waiting.session_places.all()] == [other]
    letter = OutgoingMail.objects.get(kind="events/mail/place_offered")
    assert "“Case clinic” is full by now, so you have no place in it." in composed(letter).text
    step = waiting.steps.get(verb="offer_place")
    assert step.detail == {"state": "offered", "missed_sessions": [str(full.key)]}


def test_a_session_of_the_waiting_is_theirs_as_soon_as_they_hold_a_place(
    make_event, make_session, make_members, now
):
    """Two wait for the one place in a session: the first who is called has it."""
    event = make_event(capacity=2)
    session = make_session(event, "Case clinic", capacity=1)
    leavers, waiters = make_members(2), make_members(2)
    leaving = [actions.book_place(event=event, member=one, actor=one, now=now) for one in leavers]
    waiting = [
        actions.join_waiting_list(
            event=event, member=one, actor=one, now=now, answers=Answers(sessions=frozenset({session.pk}))
        )
        for one in waiters
    ]

    for registration in leaving:
        actions.cancel_registration(registration=registration, actor=registration.member, now=now)

    assert [registration.session_places.count() for registration in waiting] == [1, 0]


def test_a_session_place_is_free_again_when_its_holder_cancels(event, make_session, make_members, now):
    session = make_session(event, "Case clinic", capacity=1)
    first, second = make_members(2)
    chosen = Answers(sessions=frozenset({session.pk}))
    held = actions.book_place(event=event, member=first, actor=first, now=now, answers=chosen)
    actions.cancel_registration(registration=held, actor=first, now=now)

    actions.book_place(event=event, member=second, actor=second, now=now, answers=chosen)

    assert SessionPlace.objects.taken().get().registration.member == second


# --- Changing answers -----------------------------------------------------------------------------------------


def test_change_answers_starts_from_what_was_answered(signed_in, event, make_question, make_session):
    role, diet = make_question(event, "Role"), make_question(event, "Diet", is_sensitive=True)
    first, second = make_session(event, "Rating"), make_session(event, "Visiting")
    signed_in.post(
        url_of("book_place", event),
        {name_of(role): "Analyst", name_of(diet): "No nuts", slot(first): str(first.pk)},
    )
    registration = event.registrations.get()
    url = url_of("change_answers", registration)

    shown = signed_in.get(url).content.decode()
    assert ('value="Analyst"' in shown, 'value="No nuts"' in shown) == (True, True)
    assert re.search(rf'value="{first.pk}"[^>]*checked', shown)
    signed_in.post(url, {name_of(role): "Trainer", slot(first): str(second.pk)})

    registration.refresh_from_db()
    assert registration.answers == {str(role.key): "Trainer"}
    assert not SensitiveAnswers.objects.exists()
    assert registration.session_places.get().session == second
    step = registration.steps.get(verb="change_answers")
    assert step.detail == {
        "state": "confirmed",
        "questions": [str(role.key), str(diet.key)],
        "sessions_changed": True,
    }
    assert "Trainer" not in str(list(registration.steps.values()))


def checked_in(response) -> list[str]:
    """Values of the radio buttons that are on."""
    return re.findall(r'<input[^>]*type="radio"[^>]*value="([^"]*)"[^>]*checked', response.content.decode())


def test_change_answers_starts_from_none_where_none_was_chosen(signed_in, event, make_session):
    rating, visiting = make_session(event, "Rating"), make_session(event, "Visiting", after=2)
    signed_in.post(url_of("book_place", event), {slot(rating): str(rating.pk), slot(visiting): "none"})

    shown = signed_in.get(url_of("change_answers", event.registrations.get()))

    assert checked_in(shown) == [str(rating.pk), "none"]


def test_change_answers_chooses_nothing_for_those_whom_nobody_asked(
    signed_in, event, make_session, member, organiser, now
):
    make_session(event, "Rating")
    registration = actions.book_place(event=event, member=member, actor=organiser, now=now)

    assert checked_in(signed_in.get(url_of("change_answers", registration))) == []


def test_change_answers_asks_again_for_the_time_of_a_cancelled_session(signed_in, event, make_session):
    rating = make_session(event, "Rating")
    make_session(event, "Visiting")
    signed_in.post(url_of("book_place", event), {slot(rating): str(rating.pk)})
    Session.objects.filter(pk=rating.pk).update(is_cancelled=True)

    assert checked_in(signed_in.get(url_of("change_answers", event.registrations.get()))) == []


def test_change_answers_keeps_a_place_in_a_full_session(signed_in, event, make_session):
    session = make_session(event, "Case clinic", capacity=1)
    signed_in.post(url_of("book_place", event), {slot(session): str(session.pk)})
    registration = event.registrations.get()
    url = url_of("change_answers", registration)

    assert "Until 10:30am. You chose this" in text(signed_in.get(url))
    sent = signed_in.post(url, {slot(session): str(session.pk)})

    assert sent.status_code == 302
    assert registration.session_places.count() == 1


@pytest.mark.parametrize(
    ("fields", "at", "is_possible"),
    [
        ({}, timedelta(weeks=10, minutes=-1), True),
        ({}, timedelta(weeks=10), False),  # when registration closes
        ({"answers_change_until": 5}, timedelta(days=5, minutes=-1), True),
        ({"answers_change_until": 5}, timedelta(days=5), False),
    ],
)
def test_answers_change_until_the_date(make_event, member, make_question, now, fields, at, is_possible):
    event = make_event(**{name: now + timedelta(days=days) for name, days in fields.items()})
    key = str(make_question(event, "Role").key)
    registration = actions.book_place(event=event, member=member, actor=member, now=now)

    def change() -> Registration:
        return actions.change_answers(
            registration=registration, answers=Answers(plain={key: "x"}), actor=member, now=now + at
        )

    if is_possible:
        assert change().answers == {key: "x"}
    else:
        with pytest.raises(actions.AnswersFinal):
            change()


def test_the_answers_of_a_stranger_are_not_there(signed_in, event, other_member, make_question, now):
    make_question(event, "Role")
    theirs = actions.book_place(event=event, member=other_member, actor=other_member, now=now)

    assert signed_in.get(url_of("change_answers", theirs)).status_code == 404
    assert signed_in.post(url_of("change_answers", theirs)).status_code == 404


def test_answers_outlive_a_question_that_became_another(signed_in, event, make_question, now, member):
    question = make_question(event, "Role")
    registration = actions.book_place(
        event=event,
        member=member,
        actor=member,
        now=now,
        answers=Answers(plain={str(question.key): "Analyst"}),
    )
    question.kind, question.label, question.options = Kind.CHOICES, "Roles", "Analyst\nTrainer"
    question.save()

    assert "Roles</dt>" in text(signed_in.get(url_of("registration", registration)))
    assert signed_in.get(url_of("change_answers", registration)).status_code == 200


# --- What it costs --------------------------------------------------------------------------------------------


def statements_of(client, url, django_assert_max_num_queries, most: int) -> int:
    with django_assert_max_num_queries(most) as captured:
        client.get(url)
    return len(captured)


def test_the_form_asks_nothing_where_nothing_is_asked(
    signed_in, event, fill, make_question, make_session, django_assert_max_num_queries
):
    url = url_of("book_place", event)
    signed_in.get(url)
    plain = statements_of(signed_in, url, django_assert_max_num_queries, 12)
    fill(event, 200)
    assert statements_of(signed_in, url, django_assert_max_num_queries, 12) == plain

    make_question(event, "Role")
    for number in range(3):
        make_session(event, f"Session {number}", capacity=200)

    assert statements_of(signed_in, url, django_assert_max_num_queries, 15) == plain + 3


def test_a_link_to_cancel_names_nobody_and_works_once(client, event, member, book, letters_text):
    registration = book(event, member)
    url = re.findall(r"https://portal\.example(\S*/cancel/\S*)", letters_text("place_booked"))[0]

    shown = client.get(url).content.decode()
    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert event.title in shown
    assert not {member.email, member.first_name, member.last_name} & set(re.findall(r"[\w@.]+", shown))

    after = client.post(url, follow=True)
    registration.refresh_from_db()
    assert registration.state == State.CANCELLED
    assert "This registration has ended" in after.content.decode()
    assert said(after) == ["You cancelled your registration."]
    assert client.post(url).status_code == 200
    assert OutgoingMail.objects.filter(kind="events/mail/registration_cancelled").count() == 1


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("waiting", "You left the waiting list."),
        ("offered", "You declined the place. It goes to the next person waiting."),
        ("awaiting approval", "You cancelled your registration."),
    ],
)
def test_a_link_to_cancel_says_what_one_did(client, event, member, now, state, sentence):
    registration = Registration.objects.create(
        event=event,
        member=member,
        state=state,
        registered_at=now,
        waiting_number=1,
        offer_expires_at=timezone.now() + 48 * HOUR if state == "offered" else None,
    )
    url = reverse("events:cancel_by_link", args=[links.token(links.CANCEL, registration.uuid)])

    assert said(client.post(url, follow=True)) == [sentence]


def test_every_letter_about_an_active_registration_cancels_in_one_click(
    client, make_event, make_members, book, wait, letters_text, now
):
    event = make_event(capacity=1)
    first, second = make_members(2)
    held, waiting = book(event, first), wait(event, second)
    actions.cancel_registration(registration=held, actor=first, now=now)

    for kind in ("place_booked", "waiting_list_joined", "place_offered"):
        assert "without signing in:\nhttps://portal.example/events/registrations/cancel/" in letters_text(
            kind
        )
    url = re.findall(r"https://portal\.example(\S*/cancel/\S*)", letters_text("place_offered"))[0]
    client.post(url)
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED


@pytest.fixture
def letters_text():
    def read(kind: str) -> str:
        return composed(OutgoingMail.objects.filter(kind=f"events/mail/{kind}").latest("pk")).text

    return read


@pytest.mark.parametrize("token", ["nothing", "0123456789abcdef0123456789abcdef.forged"])
def test_a_wrong_link_to_cancel_is_not_there(client, event, member, book, token):
    registration = book(event, member)
    tokens = [token, f"{registration.uuid.hex}.forged"]

    assert [client.post(reverse("events:cancel_by_link", args=[one])).status_code for one in tokens] == [
        404,
        404,
    ]
    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert registration.registered_at.tzinfo == UTC
