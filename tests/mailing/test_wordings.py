"""Words that a person writes: placeholders are checked, filled in, and nothing else happens to braces."""

from datetime import UTC, date, datetime

import pytest

from mailing.wordings import filled, placeholders_in, problems, tidy

NAMES = ["name", "title", "answer_url"]


def test_problems_finds_none_in_a_wording_that_can_be_sent():
    assert problems(subject="On {title}", text="Dear {name},\n\n{ answer_url }", placeholders=NAMES) == {}


def test_problems_names_the_unknown_placeholder_and_those_there_are():
    found = problems(subject="On {titel}", text="Dear {name} {nmae} {nmae}", placeholders=NAMES)

    assert found == {
        "subject": ["There is no placeholder {titel}. You can use {name}, {title} and {answer_url}."],
        "text": ["There is no placeholder {nmae}. You can use {name}, {title} and {answer_url}."],
    }


@pytest.mark.parametrize("text", ["a { b", "a } b", "{}", "{ }", "{1}", "{a b}", "{{", "{a-b}", "{ä}"])
def test_problems_takes_lone_braces_for_text(text):
    assert problems(subject="S", text=text, placeholders=[]) == {}
    assert filled(text, {"a": "no"}) == text


def test_problems_asks_for_words_and_for_what_is_required():
    assert problems(subject=" ", text="\n", placeholders=NAMES, required=["answer_url"]) == {
        "subject": ["Write the subject of the letter."],
        "text": [
            "Write the text of the letter.",
            "Put {answer_url} into the text: without it the letter leads nowhere.",
        ],
    }


def test_problems_says_when_there_are_no_placeholders():
    assert problems(subject="S", text="{x}", placeholders=[]) == {
        "text": ["There is no placeholder {x}. You can use none here."]
    }


def test_placeholders_in_gives_each_once_in_order():
    assert placeholders_in("{b} {a} {b}") == ["b", "a"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Pat", "Pat"),
        (None, ""),
        (3, "3"),
        (date(2026, 12, 3), "Thursday 3 December 2026"),
        (datetime(2026, 12, 3, 13, 0, tzinfo=UTC), "Thursday 3 December 2026, 1pm"),
        (["a", "b"], "a, b"),
        ("{name}", "{name}"),
    ],
)
def test_filled_shows_values_as_letters_do(value, words):
    assert filled("<{name}>", {"name": value}) == f"<{words}>"


def test_filled_leaves_nothing_of_a_value_that_is_missing():
    assert filled("Dear {name},", {}) == "Dear ,"


def test_tidy_keeps_lines_and_drops_what_no_letter_holds():
    assert tidy("a \r\nb\x00\x1fc\u2028d\re") == "a\nbc\nd\ne"


# --- On a line of its own --------------------------------------------------------------------------------------

VALUES = {"name": "Pat", "url": "https://a.example/", "nothing": "", "several": ["One", "Two"], "none": []}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Dear {name},", "Dear Pat,"),
        ("Dear {unknown},", "Dear ,"),
        ("{{name}} { name } {na me} {1}", "{Pat} Pat {na me} {1}"),
        # A label over an address, and over none.
        ("See it:\n{url}\n\nEnd", "See it:\nhttps://a.example/\n\nEnd"),
        ("See it:\n{nothing}\n\nEnd", "\n\nEnd"),
        ("See it:\n{missing}", ""),
        ("Why, {name}:\n\n> {name}", "Why, Pat:\n\n> Pat"),
        ("Why:\n\n> {nothing}\n\nEnd", "\n\nEnd"),
        ("When: now\nWhy:\n{nothing}", "When: now\n"),
        # A label two lines above is none.
        ("Why:\n\n\n{nothing}", "Why:\n\n\n"),
        ("Why: {nothing}\n{name}", "Why: \nPat"),
        # Lists.
        ("All:\n- {several}", "All:\n- One\n- Two"),
        ("All:\n- {none}\n\nEnd", "\n\nEnd"),
        ("All: {several}", "All: One, Two"),
        ("- {name}", "- Pat"),
        ("- {several} there", "- One, Two there"),
        ("{nothing}\n\n{nothing}", "\n\n"),
    ],
)
def test_filled_takes_a_label_along_and_repeats_items(words, expected):
    assert filled(words, VALUES) == expected


def test_filled_fills_in_once():
    values = {"a": "{b}:\n{b}", "b": "two"}

    assert filled("{a}\n\n{a} {b}", values) == "{b}:\n{b}\n\n{b}:\n{b} two"


def test_filled_takes_long_words_in_a_moment():
    """Labels and placeholders without end are read once each."""
    assert filled("a:" * 50_000 + "\n" + "{x}\n" * 20_000, {"x": "1"}).count("1") == 20_000
