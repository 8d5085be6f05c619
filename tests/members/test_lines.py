"""What may stand in a text that people typed."""

import pytest
from django.core.exceptions import ValidationError

from members.lines import validate_line, validate_text


@pytest.mark.parametrize(
    "value", ["", "O’Neil-Smith", "Łukasz", "山田", "نور", "नमस्\N{ZERO WIDTH JOINER}ते", "<b>", "=1+1", "👮"]
)
def test_a_line_may_hold_everything_one_can_see(value):
    assert validate_line(value) is None
    assert validate_text(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "null\x00byte",
        "bell\x07",
        "\N{RIGHT-TO-LEFT OVERRIDE}ecilop",
        "zero\N{ZERO WIDTH SPACE}width",
        "\N{ZERO WIDTH NO-BREAK SPACE}mark",
        "half\ud800",
    ],
)
def test_nothing_may_hold_what_one_cannot_see(value):
    for validate in (validate_line, validate_text):
        with pytest.raises(ValidationError, match="invisible character"):
            validate(value)


@pytest.mark.parametrize("validate", [validate_line, validate_text])
def test_a_sign_that_one_computer_shows_is_not_called_invisible(validate):
    with pytest.raises(ValidationError) as refused:
        validate("My \uf8ff tablet")

    assert refused.value.messages == [
        "This holds a sign that other computers do not show, such as a logo. Leave it out."
    ]


@pytest.mark.parametrize("value", ["two\nlines", "two\r\nlines", "tab\tbed", "two\u2028lines"])
def test_a_line_is_one_line(value):
    with pytest.raises(ValidationError, match="line break or an invisible character"):
        validate_line(value)


def test_a_text_may_have_lines_and_tabs():
    assert validate_text("one\r\ntwo\n\tthree") is None
