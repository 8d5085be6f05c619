"""Django's stock messages in our words; messages that a form brings itself stand."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from pages.wording import error_texts


def said(field: forms.Field, value: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    return [text for error in caught.value.error_list for text in error_texts(error, "Name", field.widget)]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (forms.CharField(), "", "Fill in “Name”"),
        (forms.CharField(widget=forms.Textarea), "", "Fill in “Name”"),
        (forms.BooleanField(), False, "Tick “Name”"),
        (forms.FileField(), None, "Choose a file for “Name”"),
        (forms.ChoiceField(choices=[("a", "A")]), "", "Choose an answer for “Name”"),
        (forms.ChoiceField(choices=[("a", "A")]), "b", "Choose one of the answers listed for “Name”"),
        (
            forms.MultipleChoiceField(choices=[("a", "A")]),
            ["b"],
            "Choose from the answers listed for “Name”",
        ),
        (forms.EmailField(), "pat", "“Name” must look like name@example.org"),
        (
            forms.URLField(assume_scheme="https"),
            "not an address",
            "“Name” must look like https://www.example.org",
        ),
        (forms.IntegerField(), "many", "“Name” must be a whole number, like 12"),
        (forms.DecimalField(), "many", "“Name” must be a number, like 12.5"),
        (forms.DateField(), "31/2/2027", "“Name” must be a real date, like 3 12 2026"),
        (forms.TimeField(), "25:00", "“Name” must be a time, like 13:30"),
        (
            forms.CharField(max_length=3),
            "abcd",
            "“Name” must be 3 characters or fewer. You wrote 4",
        ),
        (
            forms.CharField(),
            "a\0b",
            "“Name” holds an invisible character that cannot be kept. Type it anew",
        ),
        (forms.CharField(min_length=3), "ab", "“Name” must be 3 characters or more"),
        (forms.CharField(max_length=1), "ab", "“Name” must be 1 character or fewer. You wrote 2"),
        (forms.IntegerField(max_value=9), "10", "“Name” must be 9 or less"),
        (forms.IntegerField(min_value=1), "0", "“Name” must be 1 or more"),
        (forms.DecimalField(min_value=Decimal("0.5")), "0", "“Name” must be 0.5 or more"),
    ],
)
def test_stock_messages_say_which_field_and_what_to_do(field, value, text):
    assert said(field, value) == [text]


def test_message_of_the_field_itself_stands():
    field = forms.CharField(error_messages={"required": "Tell us whether you have access needs"})

    assert said(field, "") == ["Tell us whether you have access needs"]


def test_messages_of_validators_stand_with_their_numbers():
    def check(value):
        raise ValidationError("Choose a day after %(day)s.", params={"day": date(2027, 1, 1)})

    assert said(forms.CharField(validators=[check]), "x") == ["Choose a day after 2027-01-01."]


def test_several_errors_are_all_said():
    def check(value):
        raise ValidationError("Not this one.")

    assert said(forms.CharField(max_length=1, validators=[check]), "ab") == [
        "Not this one.",
        "“Name” must be 1 character or fewer. You wrote 2",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1e400", "“Name” must have 12 digits or fewer"),
        ("9" * 400, "“Name” must have 12 digits or fewer"),
        ("1234567890", "“Name” must have 8 digits or fewer before the point"),
        ("0.00001", "“Name” must have 4 digits or fewer after the point"),
    ],
)
def test_too_many_digits_are_told_with_the_name_of_the_field(value, text):
    assert said(forms.DecimalField(max_digits=12, decimal_places=4), value) == [text]


def test_one_digit_is_not_called_digits():
    field = forms.DecimalField(max_digits=2, decimal_places=1)

    assert said(field, "0.11") == ["“Name” must have 1 digit or fewer after the point"]
