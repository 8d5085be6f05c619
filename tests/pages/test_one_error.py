"""Text with several things wrong in it: one is told."""

import pytest
from django import forms

from members.forms import LineField, ReasonField
from pages.rendering import error_texts

INVISIBLE = "This holds an invisible character. Type it anew."
IN_A_LINE = "This holds a line break or an invisible character. Type it anew."


@pytest.mark.parametrize(
    ("field", "typed", "text"),
    [
        (LineField(max_length=3), "a\u200bbcdef", IN_A_LINE),
        (LineField(), "a\0b", IN_A_LINE),
        (ReasonField(max_length=3), "a\u200bbcdef", INVISIBLE),
        (ReasonField(), "a\0b", INVISIBLE),
        (LineField(max_length=3), "abcd", "“Name” must be 3 characters or fewer. You wrote 4"),
    ],
)
def test_text_is_told_one_error(field, typed, text):
    form = type("Form", (forms.Form,), {"name": field})({"name": typed})

    assert error_texts(form["name"]) == [text]
