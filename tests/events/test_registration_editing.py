"""Who may come and what they are asked, as organisers write it in the page editor."""

from datetime import timedelta
from unittest import mock

import pytest
from wagtail.test.utils.form_data import inline_formset

from events import actions
from events.answers import Answers
from events.models import EventPage, Question, Registration
from events.registration_editing import DomainsField
from tests.events.test_editing import errors, publish

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(now):
    with mock.patch("django.utils.timezone.now", return_value=now) as clock:
        yield clock


def asked(*questions: dict, initial: int = 0):
    """The questions as the browser sends them, in their order."""
    blank = {
        "help_text": "",
        "kind": "text",
        "options": "",
        "shown_if": "",
        "shown_if_answer": "",
        "id": "",
    }
    return inline_formset([{**blank, **question} for question in questions], initial=initial)


def question_errors(response) -> list[dict[str, list[str]]]:
    formset = response.context["form"].formsets["questions"]
    return [{name: list(texts) for name, texts in form.errors.items()} for form in formset.forms]


YES_NO = {"label": "Do you need anything?", "kind": "yes or no"}
CHOICE = {"label": "Role", "kind": "choice", "options": "Analyst\nTrainer"}


# --- Who may come ----------------------------------------------------------------------------------------------


def test_an_organiser_chooses_who_may_come(desk, event, force):
    sent = publish(
        desk,
        event,
        audience="chosen",
        audience_organisations=(force.pk,),
        audience_kinds=("probation", "charity"),
        audience_domains="@Kent.Example\n\nnorfolk.example\nkent.example",
        places_per_organisation="3",
        capacity="40",
        reserved_places="10",
        needs_manager="on",
    )

    assert sent.status_code == 302
    event = EventPage.objects.get(pk=event.pk)
    assert list(event.audience_organisations.all()) == [force]
    assert (event.audience_kinds, event.audience_domains) == (
        ["probation", "charity"],
        ["kent.example", "norfolk.example"],
    )
    assert (event.places_per_organisation, event.reserved_places, event.needs_manager) == (3, 10, True)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"audience": "chosen"},
            "audience",
            "Choose at least one organisation, kind or domain below, or let all members come.",
        ),
        (
            {"audience_domains": "kent"},
            "audience_domains",
            "“kent” is no e-mail domain. Write the part after the @, like kent.example, one on each line.",
        ),
        (
            {"reserved_places": "3"},
            "reserved_places",
            "Without a limit there is nothing to keep. Give a number of places, or 0 here.",
        ),
        (
            {"reserved_places": "11", "capacity": "10"},
            "reserved_places",
            "There are only 10 places. Keep 10 or fewer.",
        ),
        (
            {"answers_change_until": "2027-12-31 12:00"},
            "answers_change_until",
            "This is after the event is over. Give an earlier time.",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_field(desk, event, changes, field, sentence):
    assert errors(publish(desk, event, **changes)) == {field: [sentence]}


@pytest.mark.parametrize(
    ("typed", "domains"),
    [
        ("", []),
        ("kent.example", ["kent.example"]),
        ("@KENT.example \n\n norfolk.example", ["kent.example", "norfolk.example"]),
        (["kent.example"], ["kent.example"]),
    ],
)
def test_domains_are_read_line_by_line(typed, domains):
    assert DomainsField(required=False).clean(typed) == domains


@pytest.mark.parametrize("typed", ["kent", "a@b.example", "kent .example", "ként.example", "kent.example."])
def test_what_is_no_domain_is_refused(typed):
    with pytest.raises(Exception, match="is no e-mail domain"):
        DomainsField(required=False).clean(typed)


# --- Questions -------------------------------------------------------------------------------------------------


def test_an_organiser_asks_questions(desk, event):
    sent = publish(
        desk,
        event,
        questions=asked(
            YES_NO | {"is_required": "on", "is_sensitive": "on"},
            {"label": "What?", "shown_if": "do you need anything?", "shown_if_answer": "yes"},
            CHOICE,
        ),
    )

    assert sent.status_code == 302
    kept = event.questions.order_by("sort_order").values_list(
        "label", "kind", "is_required", "is_sensitive", "shown_if_answer"
    )
    assert list(kept) == [
        ("Do you need anything?", "yes or no", True, True, ""),
        ("What?", "text", False, False, "yes"),
        ("Role", "choice", False, False, ""),
    ]


@pytest.mark.parametrize(
    ("questions", "at", "found"),
    [
        (
            [{"label": "What?", "shown_if": "Need", "shown_if_answer": "Yes"}],
            0,
            {"shown_if": ["No question is called “Need”. Write an earlier question word for word."]},
        ),
        (
            [{"label": "What?", "shown_if": "Role", "shown_if_answer": "Trainer"}, CHOICE],
            0,
            {"shown_if": ["“Role” does not come before this question. Move it up, or name an earlier one."]},
        ),
        (
            [{"label": "What?", "shown_if": "What?", "shown_if_answer": "x"}],
            0,
            {"shown_if": ["“What?” does not come before this question. Move it up, or name an earlier one."]},
        ),
        (
            [CHOICE, {"label": "What?", "shown_if": "Role", "shown_if_answer": "Chief"}],
            1,
            {"shown_if_answer": ["“Role” can be answered with: Analyst, Trainer. Write one of them."]},
        ),
        (
            [CHOICE, {"label": "What?", "shown_if": "Role"}],
            1,
            {"shown_if_answer": ["Write the answer that makes this question appear."]},
        ),
        (
            [CHOICE, {"label": "What?", "shown_if_answer": "Trainer"}],
            1,
            {"shown_if": ["Name the earlier question that this answer belongs to, or empty both."]},
        ),
        (
            [{"label": "Name"}, {"label": "What?", "shown_if": "Name", "shown_if_answer": "x"}],
            1,
            {
                "shown_if": [
                    "People write their own answer to “Name”. Name a question with answers to choose from."
                ]
            },
        ),
        (
            [{"label": "Role", "kind": "choices", "options": "Analyst\n\nAnalyst "}],
            0,
            {"options": ["Give at least two answers to choose from, one on each line."]},
        ),
        (
            [CHOICE, {"label": "role "}],
            1,
            {"label": ["Another question is called this already. Word one of them differently."]},
        ),
    ],
)
def test_a_question_that_cannot_work_is_refused_at_its_field(desk, event, questions, at, found):
    refused = publish(desk, event, questions=asked(*questions))

    expected = [{} for _ in questions]
    expected[at] = found
    assert question_errors(refused) == expected
    assert event.questions.count() == 0


def test_a_question_with_answers_may_be_changed_and_keeps_its_key(desk, event, member, now):
    question = Question.objects.create(event=event, label="Role", kind="text")
    key = str(question.key)
    actions.book_place(
        event=event, member=member, actor=member, now=now, answers=Answers(plain={key: "Analyst"})
    )

    publish(desk, event, questions=asked({"label": "Your role", "id": question.pk}, initial=1))

    changed = event.questions.get()
    assert (changed.label, str(changed.key)) == ("Your role", key)
    assert Registration.objects.get().answers == {key: "Analyst"}


def test_a_question_that_another_depends_on_is_not_removed(desk, event):
    first = Question.objects.create(event=event, sort_order=0, **YES_NO)
    second = Question.objects.create(
        event=event, sort_order=1, label="What?", shown_if=YES_NO["label"], shown_if_answer="Yes"
    )

    refused = publish(
        desk,
        event,
        questions=asked(
            YES_NO | {"id": first.pk, "DELETE": "on"},
            {"label": "What?", "shown_if": YES_NO["label"], "shown_if_answer": "Yes", "id": second.pk},
            initial=2,
        ),
    )

    assert question_errors(refused)[1] == {
        "shown_if": [f"No question is called “{YES_NO['label']}”. Write an earlier question word for word."]
    }
    assert event.questions.count() == 2


def test_a_raised_cap_and_fewer_kept_places_fill_at_once(desk, make_event, make_members, book, wait, now):
    event = make_event(capacity=4, places_per_organisation=1, reserved_places=1)
    first, second = make_members(2)
    book(event, first)
    waiting = wait(event, second)

    publish(desk, event, places_per_organisation="2", reserved_places="0")

    waiting.refresh_from_db()
    assert waiting.state == Registration.State.OFFERED
