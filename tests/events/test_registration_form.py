"""The registration form: every kind of question, what depends on another answer, and what is sensitive."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command

from events import actions
from events.answers import Answers
from events.form_filling import form_for
from events.models import Question, SensitiveAnswers
from events.registration_forms import name_of
from tests.events.filling import errors_in, text, url_of, whole

Kind = Question.Kind


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


# --- What depends on another answer --------------------------------------------------------------------------


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


# --- Sensitive answers ---------------------------------------------------------------------------------------


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
        f"{events[0].pk}: {events[0].title}, 1 person",
        "1 event has sensitive answers to erase.",
    ]
    call_command("erase_sensitive_answers")

    assert capsys.readouterr().out == "Sensitive answers of 1 person erased.\n"
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


# --- What it costs -------------------------------------------------------------------------------------------


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

    assert statements_of(signed_in, url, django_assert_max_num_queries, 15) == plain + 4
