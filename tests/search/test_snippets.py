"""The part of a text that answers a query, with its words marked."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.queries import words
from search.snippets import Piece, fold, mark, snippet


def written(pieces):
    """Pieces as one text, with the marked ones in brackets."""
    return "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Learning difficulties", "learning difficulties", "[Learning difficulties]"),
        ("The learning, the difficulties", "learning difficulties", "The [learning], the [difficulties]"),
        ("risky risks, no risk.", "risk", "risky risks, no [risk]."),
        ("Café society", "CAFE", "[Café] society"),
        ("nothing here", "word", "nothing here"),
        ("", "word", ""),
        ("<b>bold</b>", "b", "<[b]>bold</[b]>"),
    ],
)
def test_mark_marks_whole_words_whatever_their_case_and_accents(text, query, expected):
    assert written(mark(text, words(query))) == expected


def test_snippet_of_a_short_text_is_the_text():
    assert written(snippet("A short text.", ["short"])) == "A [short] text."


def test_snippet_shows_the_stretch_that_holds_most_of_the_words():
    text = (
        "Alpha stands here. " + "Filler words go on. " * 30 + "Alpha meets beta here. " + "More filler. " * 30
    )

    shown = written(snippet(text, ["alpha", "beta"], length=60))

    assert shown == "… words go on. [Alpha] meets [beta] here. More filler. More filler …"


def test_snippet_without_a_hit_is_the_beginning():
    text = "Beginning of it. " + "Filler words go on. " * 30

    assert written(snippet(text, ["absent"], length=40)) == "Beginning of it. Filler words go on …"


def test_snippet_at_the_end_keeps_the_last_full_stop():
    text = "Filler words go on. " * 30 + "The last word."

    assert written(snippet(text, ["last"], length=40)).endswith("The [last] word.")


def test_snippet_joins_lines():
    assert snippet("one\n\n two", []) == [Piece("one two")]


@given(st.text(), st.lists(st.text(min_size=1), max_size=4), st.integers(min_value=5, max_value=80))
def test_snippet_is_taken_from_the_text_and_no_longer_than_asked(text, query, length):
    pieces = snippet(text, query, length=length)

    joined = "".join(piece.text for piece in pieces).removeprefix("… ").removesuffix(" …")
    assert joined in " ".join(text.split())
    assert len(joined) <= length + 1  # a last full stop may come on top
    assert all(piece.text for piece in pieces)
    assert all(fold(part) in {fold(word) for word in query} for part in marked_words(pieces))


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_mark_changes_no_character(text, query):
    pieces = mark(text, query)

    assert "".join(piece.text for piece in pieces) == text
    assert not any(left.is_marked and right.is_marked for left, right in pairwise(pieces))


def marked_words(pieces):
    return [word for piece in pieces if piece.is_marked for word in piece.text.split()]


def test_snippet_of_a_long_text_that_repeats_one_word_takes_no_time():
    text = "risk " * 50_000
    started = process_time()

    snippet(text, ["risk"])

    assert process_time() - started < 1
