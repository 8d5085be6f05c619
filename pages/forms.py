"""What forms of every app may use beside Django's own fields."""

from datetime import UTC, date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from pages import clocks, dates

# A day outside is a slip of the finger. Spreadsheets count from 1900, and near the year 9999 no clock can be moved.
FIRST_YEAR, LAST_YEAR = 1900, 2999
YEAR_DIGITS = 4
# As Django reads them, without those in which a year has two digits.
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")
MOMENT_FORMATS = tuple(f"{day} {time}" for day in DAY_FORMATS for time in ("%H:%M", "%H:%M:%S"))


class Option(str):
    """The label of a radio or checkbox that has a hint under it.

    `choices=[("main", Option("Main hall", hint="25 places left"))]`
    """

    __slots__ = ("hint",)

    hint: str

    def __new__(cls, label: str, *, hint: str = "") -> Self:
        option = super().__new__(cls, label)
        option.hint = hint
        return option


class OneErrorField(forms.CharField):
    """Text that is told one thing that is wrong with it, not all: an odd character is seldom one mistake only."""

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except ValidationError as error:
            raise error.error_list[0] from None


class TypedParts(str):
    """What was typed as a date and is none: a text no field takes for one, and the three parts of it."""

    __slots__ = ("parts",)

    parts: list[str]

    def __new__(cls, parts: list[str]) -> Self:
        typed = super().__new__(cls, " / ".join(parts))
        typed.parts = parts
        return typed


class DayMonthYearInput(forms.Widget):
    """A date as three short fields, for a `DateField`. What was typed stays, also when it is no date."""

    template_name = "pages/forms/controls/day_month_year.html"
    use_fieldset = True
    parts = ("day", "month", "year")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        id_ = context["widget"]["attrs"].get("id", name)
        context["widget"]["has_errors"] = "aria-invalid" in context["widget"]["attrs"]
        context["widget"]["subwidgets"] = [
            {
                "name": f"{name}_{part}",
                "label": part.capitalize(),
                "value": typed,
                "width": 4 if part == "year" else 2,
                "attrs": {"id": f"{id_}_{part}"},
            }
            for part, typed in zip(self.parts, self._split(value), strict=True)
        ]
        return context

    def id_for_label(self, id_: str) -> str:
        return ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> date | TypedParts | None:
        """The date; what was typed where it is none; nothing when all three are empty."""
        typed = [str(data.get(f"{name}_{part}", "")).strip() for part in self.parts]
        if not any(typed):
            return None
        day, month, year = typed
        try:
            return date(int(year), int(month), int(day)) if len(year) == YEAR_DIGITS else TypedParts(typed)
        except ValueError:
            return TypedParts(typed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}_{part}" in data for part in self.parts)

    def _split(self, value: date | TypedParts | None) -> list[str]:
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year)]
        return value.parts if isinstance(value, TypedParts) else ["", "", ""]


class DayField(forms.DateField):
    """A day, with the four digits of its year, from 1900 to 2999."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=DAY_FORMATS, **kwargs)

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, TypedParts):
            year = value.parts[-1]
            if year.isdecimal() and len(year) < YEAR_DIGITS:
                raise ValidationError("Year must have four digits, like 2026", code="year")
        day = super().to_python(value)
        _check_year(day)
        return day


class ClockInput(forms.DateTimeInput):
    """Day and time, as the browser asks for them."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """Day and time as a clock in a zone shows them, from 1900 to 2999. London's zone, unless told."""

    widget = ClockInput
    default_error_messages = {"invalid": "Give day and time, for example 2027-03-04 09:30."}  # noqa: RUF012 - as Django's

    def __init__(
        self, *, zone: ZoneInfo = dates.LONDON, known: datetime | None = None, **kwargs: Any
    ) -> None:
        """`known` is the moment that was there: of two that a clock shows alike, it is that one."""
        super().__init__(input_formats=MOMENT_FORMATS, **kwargs)
        self.zone = zone
        self.known = known

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return clocks.reading_of(value, self.zone)
        return value

    def to_python(self, value: Any) -> datetime | None:
        """The moment. Raises ValidationError for what a clock never shows, or shows twice."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value
        with timezone.override(UTC):  # so that Django reads figures alone; which moment that is, we say
            typed = super().to_python(value)
        if typed is None:
            return None
        _check_year(typed)
        reading = typed.replace(tzinfo=None)
        if self.known is not None and clocks.reading_of(self.known, self.zone) == reading:
            return self.known
        try:
            return clocks.moment_of(reading, self.zone)
        except (clocks.NoSuchTime, clocks.TimeTwice) as problem:
            raise ValidationError(str(problem), code="clock") from problem


def read_by_the_clock_of(zone: ZoneInfo, form: forms.BaseForm) -> None:
    """Let every field of the form that takes a moment be read and written by the clock of the zone."""
    for name, field in form.fields.items():
        if isinstance(field, forms.DateTimeField):
            form.fields[name] = MomentField(
                zone=zone,
                known=_moment_or_none(form.initial.get(name)),
                required=field.required,
                widget=field.widget,
                label=field.label,
                help_text=field.help_text,
                initial=field.initial,
            )


def _moment_or_none(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _check_year(day: date | None) -> None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"Give a year from {FIRST_YEAR} to {LAST_YEAR}", code="year")
