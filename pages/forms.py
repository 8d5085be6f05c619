"""What forms of every app may use beside Django's own fields."""

from datetime import date
from typing import Any, Self

from django import forms


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
            return date(int(year), int(month), int(day))
        except ValueError:
            return TypedParts(typed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}_{part}" in data for part in self.parts)

    def _split(self, value: date | TypedParts | None) -> list[str]:
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year)]
        return value.parts if isinstance(value, TypedParts) else ["", "", ""]
