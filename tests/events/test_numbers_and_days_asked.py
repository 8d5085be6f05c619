"""Questions whose answer is a number or a day: what makes sense is taken, anything else refused at the field."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from events.models import Question
from events.registration_forms import RegistrationForm, name_of
from tests.events.test_editing import publish
from tests.events.test_registration_editing import asked, question_errors

NUMBER, DATE = Question.Kind.NUMBER, Question.Kind.DATE


@pytest.fixture
def answer(event):
    """The form with one question, as somebody sends it."""

    def send(question: Question, **parts: str) -> RegistrationForm:
        data = {f"{name_of(question)}{part}": value for part, value in parts.items()}
        return RegistrationForm(data, event=event, questions=[question])

    return send


def refused(form: RegistrationForm) -> list[str]:
    return [
        error.message % (error.params or {}) for errors in form.errors.as_data().values() for error in errors
    ]


@pytest.mark.parametrize(
    ("bounds", "typed", "is_taken"),
    [
        ({}, "0", True),
        ({}, "-3", False),
        ({}, "-0.0001", False),
        ({}, "99999999", True),
        ({"smallest": None}, "-3", True),
        ({"smallest": Decimal(1), "largest": Decimal(8)}, "8", True),
        ({"smallest": Decimal(1), "largest": Decimal(8)}, "8.5", False),
        ({"smallest": Decimal(1), "largest": Decimal(8)}, "0", False),
        ({"smallest": Decimal("0.5")}, "0.5", True),
    ],
)
def test_a_number_is_taken_between_the_bounds_of_its_question(
    event, make_question, answer, bounds, typed, is_taken
):
    question = make_question(event, "How many people?", NUMBER, **bounds)
    question.refresh_from_db()

    form = answer(question, **{"": typed})

    assert form.is_valid() is is_taken


@pytest.mark.parametrize(
    ("typed", "says"),
    [("-3", "“How many people?” must be 0 or more"), ("101", "“How many people?” must be 100 or less")],
)
def test_a_number_outside_its_bounds_is_told_them_as_they_were_written(
    signed_in, event, make_question, typed, says
):
    from django.urls import reverse

    question = make_question(event, "How many people?", NUMBER, largest=Decimal(100))

    shown = signed_in.post(reverse("events:book_place", args=[event.uuid]), {name_of(question): typed})

    assert says in shown.content.decode()
    assert event.registrations.count() == 0


@pytest.mark.parametrize(("year", "is_taken"), [("10", False), ("2010", True), ("0010", False)])
def test_a_day_needs_the_four_digits_of_its_year(event, make_question, answer, year, is_taken):
    question = make_question(event, "Since when?", DATE)

    form = answer(question, _day="3", _month="4", _year=year)

    assert form.is_valid() is is_taken
    if is_taken:
        assert form.answers().plain == {str(question.key): "2010-04-03"}


def test_a_day_says_what_is_missing_of_its_year(event, make_question, answer):
    question = make_question(event, "Since when?", DATE)

    assert refused(answer(question, _day="3", _month="4", _year="10")) == [
        "Year must have four digits, like 2026"
    ]


def test_an_organiser_sets_the_bounds_of_a_number(desk, event):
    question = {"label": "How many people?", "kind": "number", "smallest": "1", "largest": "12"}

    assert publish(desk, event, questions=asked(question)).status_code == 302

    made = event.questions.get()
    assert (made.smallest, made.largest) == (Decimal(1), Decimal(12))


def test_bounds_that_leave_nothing_between_them_are_refused(desk, event):
    question = {"label": "How many people?", "kind": "number", "smallest": "12", "largest": "1"}

    response = publish(desk, event, questions=asked(question))

    assert question_errors(response) == [
        {"largest": ["This is less than the smallest number. Give a larger one, or empty one."]}
    ]


def test_the_database_refuses_such_bounds_too(event, make_question):
    with pytest.raises(IntegrityError, match="largest_not_below_smallest"), transaction.atomic():
        make_question(event, "How many?", NUMBER, smallest=Decimal(2), largest=Decimal(1))


def test_the_editor_begins_with_nothing_below_zero(desk, event):
    from tests.events.test_editing import edit_url

    form = desk.get(edit_url(event)).context["form"].formsets["questions"].empty_form

    assert (form["smallest"].value(), form["largest"].value()) == (Decimal(0), None)


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("In a sentence or two", "In a sentence or two. If you change this, "),
        ("In a sentence or two.", "In a sentence or two. If you change this, "),
        ("Why?", "Why? If you change this, "),
        ("", "If you change this, "),
    ],
)
def test_hints_stand_one_after_the_other_as_sentences(event, make_question, hint, shown):
    question = make_question(event, "Why", help_text=hint, needs_new_approval=True)

    form = RegistrationForm(event=event, questions=[question], warns=True)

    assert form.fields[name_of(question)].help_text.startswith(shown)


def test_a_hint_that_stands_alone_stays_as_it_was_written(event, make_question):
    question = make_question(event, "Why", help_text="In a sentence or two")

    form = RegistrationForm(event=event, questions=[question])

    assert form.fields[name_of(question)].help_text == "In a sentence or two"
