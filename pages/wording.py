"""Django's stock messages about wrong input, in our words: what is wrong with which field, what to do.

A message that a form or field brings along itself stands as it is.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError

Words = Callable[[str, dict[str, Any]], str]


def error_texts(error: ValidationError, label: str, widget: forms.Widget) -> list[str]:
    """What one error says under the field called `label` and in the summary; mostly one text."""
    message = getattr(error, "message", None)
    if message is forms.Field.default_error_messages["required"]:
        return [_missing(label, widget)]
    for stock, words in _STOCK:
        if message is stock:
            return [words(label, error.params or {})]
    return [str(text) for text in error.messages]


def _missing(label: str, widget: forms.Widget) -> str:
    if widget.is_hidden:
        return "A part of this form was lost on the way. Load the page anew and send it again"
    if isinstance(widget, forms.CheckboxInput):
        return f"Tick “{label}”"
    if isinstance(widget, forms.FileInput):
        return f"Choose a file for “{label}”"
    if isinstance(widget, forms.widgets.ChoiceWidget):
        return f"Choose an answer for “{label}”"
    return f"Fill in “{label}”"


def _characters(number: int) -> str:
    return f"{number} character" if number == 1 else f"{number} characters"


def _digits(number: int) -> str:
    return f"{number} digit" if number == 1 else f"{number} digits"


# Django's messages are lazy objects shared by every field, so identity tells a stock one from a message
# that a field brings itself. Comparing texts would depend on the language.
_STOCK: list[tuple[Any, Words]] = [
    (validators.EmailValidator.message, lambda label, _: f"“{label}” must look like name@example.org"),
    (validators.URLValidator.message, lambda label, _: f"“{label}” must look like https://www.example.org"),
    (
        forms.URLField.default_error_messages["invalid"],
        lambda label, _: f"“{label}” must look like https://www.example.org",
    ),
    (
        forms.IntegerField.default_error_messages["invalid"],
        lambda label, _: f"“{label}” must be a whole number, like 12",
    ),
    (
        forms.DecimalField.default_error_messages["invalid"],
        lambda label, _: f"“{label}” must be a number, like 12.5",
    ),
    (
        validators.DecimalValidator.messages["max_digits"],
        lambda label, numbers: f"“{label}” must have {_digits(numbers['max'])} or fewer",
    ),
    (
        validators.DecimalValidator.messages["max_whole_digits"],
        lambda label, numbers: f"“{label}” must have {_digits(numbers['max'])} or fewer before the point",
    ),
    (
        validators.DecimalValidator.messages["max_decimal_places"],
        lambda label, numbers: f"“{label}” must have {_digits(numbers['max'])} or fewer after the point",
    ),
    (
        forms.DateField.default_error_messages["invalid"],
        lambda label, _: f"“{label}” must be a real date, like 3 12 2026",
    ),
    (
        forms.TimeField.default_error_messages["invalid"],
        lambda label, _: f"“{label}” must be a time, like 13:30",
    ),
    (
        forms.ChoiceField.default_error_messages["invalid_choice"],
        lambda label, _: f"Choose one of the answers listed for “{label}”",
    ),
    (
        forms.MultipleChoiceField.default_error_messages["invalid_choice"],
        lambda label, _: f"Choose from the answers listed for “{label}”",
    ),
    (
        forms.ModelChoiceField.default_error_messages["invalid_choice"],
        lambda label, _: f"Choose one of the answers listed for “{label}”",
    ),
    (
        validators.MaxLengthValidator.message,
        lambda label, numbers: (
            f"“{label}” must be {_characters(numbers['limit_value'])} or fewer. "
            f"You wrote {numbers['show_value']}"
        ),
    ),
    (
        validators.MinLengthValidator.message,
        lambda label, numbers: f"“{label}” must be {_characters(numbers['limit_value'])} or more",
    ),
    (
        validators.MaxValueValidator.message,
        lambda label, numbers: f"“{label}” must be {numbers['limit_value']} or less",
    ),
    (
        validators.MinValueValidator.message,
        lambda label, numbers: f"“{label}” must be {numbers['limit_value']} or more",
    ),
    (
        validators.ProhibitNullCharactersValidator.message,
        lambda label, _: f"“{label}” holds an invisible character that cannot be kept. Type it anew",
    ),
    (
        forms.FileField.default_error_messages["empty"],
        lambda label, _: f"The file for “{label}” is empty. Choose another",
    ),
]
