"""Draws Django's forms as GOV.UK fields: `FORM_RENDERER`.

`{{ form }}`, `{{ formset }}` and `{{ form.name.as_field_group }}` come out as form groups with label, hint,
error and control tied together. A bare `{{ form.name }}` stays Django's own widget: that is what Wagtail's
admin writes, so its forms are untouched.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

from pages import wording


class GovukRenderer(TemplatesSetting):
    """Forms, formsets and field groups in GOV.UK markup; widgets as Django draws them."""

    form_template_name = "pages/forms/form.html"
    formset_template_name = "pages/forms/formset.html"
    field_template_name = "pages/forms/field.html"


@dataclass(frozen=True)
class FieldParts:
    """One field, ready for its template."""

    template: str
    label: str
    label_for: str
    hint: str
    hint_id: str
    errors: list[str]
    error_id: str
    described_by: str
    control: SafeString


@dataclass(frozen=True)
class SummaryLine:
    """One line of the error summary; `target` is the id to jump to, empty where there is no one field."""

    text: str
    target: str = ""


@dataclass(frozen=True)
class _Control:
    """How one kind of widget is drawn."""

    css: str = ""
    attrs: tuple[tuple[str, str], ...] = ()
    input_type: str = ""
    template: str = ""
    layout: str = "labelled"


# A placeholder is no label and vanishes when it is needed; a browser that enforces a length cuts off what
# is pasted without a word; the others belong to type="number".
_UNWANTED = {"placeholder", "required", "minlength", "maxlength", "min", "max", "step"}

_PLAIN_TYPING = (("spellcheck", "false"), ("autocapitalize", "none"))

# The first that fits wins, so the narrower class stands before the wider one.
_CONTROLS: list[tuple[type[forms.Widget], _Control]] = [
    (
        forms.PasswordInput,
        _Control(
            css="govuk-input govuk-password-input__input govuk-js-password-input-input",
            attrs=_PLAIN_TYPING,
            template="pages/forms/controls/password.html",
        ),
    ),
    (forms.EmailInput, _Control(css="govuk-input", attrs=_PLAIN_TYPING)),
    (
        # type="number" loses what was typed when it is no number, and changes with a turn of the wheel.
        forms.NumberInput,
        _Control(
            css="govuk-input govuk-input--width-5", attrs=(("inputmode", "decimal"),), input_type="text"
        ),
    ),
    (forms.DateInput, _Control(css="govuk-input govuk-input--width-10")),
    (forms.TimeInput, _Control(css="govuk-input govuk-input--width-5")),
    (forms.ClearableFileInput, _Control(css="govuk-file-upload", template="pages/forms/controls/file.html")),
    (forms.FileInput, _Control(css="govuk-file-upload")),
    (forms.Textarea, _Control(css="govuk-textarea", template="pages/forms/controls/textarea.html")),
    (
        forms.CheckboxInput,
        _Control(
            css="govuk-checkboxes__input",
            template="pages/forms/controls/checkbox.html",
            layout="checkbox",
        ),
    ),
    (
        forms.CheckboxSelectMultiple,
        _Control(template="pages/forms/controls/checkboxes.html", layout="grouped"),
    ),
    (forms.RadioSelect, _Control(template="pages/forms/controls/radios.html", layout="grouped")),
    (forms.Select, _Control(css="govuk-select")),
    (forms.SelectDateWidget, _Control(css="govuk-select", layout="grouped")),
    (forms.MultiWidget, _Control(css="govuk-input govuk-input--width-10", layout="grouped")),
    (forms.widgets.Input, _Control(css="govuk-input")),
]


def field_parts(field: BoundField) -> FieldParts:
    """Everything the field's template writes, with the ids that tie it together."""
    widget = field.field.widget
    control = _control_for(widget)
    label = _label(field)
    described_by = _described_by(field)
    return FieldParts(
        template=f"pages/forms/{control.layout}.html",
        label=label if field.field.required or control.layout == "checkbox" else _optional(label),
        label_for=field.id_for_label,
        hint=str(field.help_text),
        hint_id=f"{field.auto_id}_helptext" if field.auto_id else "",
        errors=error_texts(field),
        error_id=f"{field.auto_id}_error" if field.auto_id else "",
        described_by=described_by,
        control=field.as_widget(
            widget=_styled(field, control),
            attrs={"aria-describedby": described_by} if described_by and control.layout != "grouped" else {},
        ),
    )


def error_texts(field: BoundField) -> list[str]:
    """What is wrong with one field, in our words."""
    return [
        text
        for error in field.errors.as_data()
        for text in wording.error_texts(error, _label(field), field.field.widget)
    ]


def summary_lines(form: forms.BaseForm | forms.BaseFormSet) -> list[SummaryLine]:
    """Every error of a form or formset in the order of the page: those of no one field first."""
    if not form.is_bound:
        return []
    if isinstance(form, forms.BaseFormSet):
        return [
            *(SummaryLine(text) for text in _messages(form.non_form_errors().as_data())),
            *(line for part in form.forms for line in summary_lines(part)),
        ]
    return [
        *(SummaryLine(text) for text in _messages(form.non_field_errors().as_data())),
        *(SummaryLine(text) for field in form.hidden_fields() for text in error_texts(field)),
        *(
            SummaryLine(text, _first_id(field))
            for field in form.visible_fields()
            for text in error_texts(field)
        ),
    ]


def _messages(errors: list[ValidationError]) -> Iterator[str]:
    return (str(text) for error in errors for text in error.messages)


def _control_for(widget: forms.Widget) -> _Control:
    for kind, control in _CONTROLS:
        if isinstance(widget, kind):
            return control
    return _Control(layout="grouped" if widget.use_fieldset else "labelled")


def _label(field: BoundField) -> str:
    return str(field.label or "").rstrip(":")


def _optional(label: str) -> str:
    return label if label.endswith("(optional)") else f"{label} (optional)"


def _described_by(field: BoundField) -> str:
    """The ids of hint, error and character count, in the order in which they are read."""
    ids = [field.aria_describedby or ""]
    if isinstance(field.field.widget, forms.Textarea) and "maxlength" in field.field.widget.attrs:
        ids.append(f"{field.id_for_label}-info")
    return " ".join(filter(None, ids))


def _first_id(field: BoundField) -> str:
    """The id of the first control of a field: where its line in the summary leads."""
    if field.id_for_label:
        return field.id_for_label
    first = next(iter(field.subwidgets), None)
    if first is None:
        return ""
    parts: list[dict[str, Any]] = first.data.get("subwidgets", [])
    return (parts[0] if parts else first.data)["attrs"].get("id", "")


def _styled(field: BoundField, control: _Control) -> forms.Widget:
    """A copy of the field's widget with our classes, without what would work against label and summary."""
    styled = copy.deepcopy(field.field.widget)
    # The summary says what is missing, in our words and all at once; the browser would stop at the first.
    styled.use_required_attribute = lambda initial: False  # noqa: ARG005
    parts: list[forms.Widget] = getattr(styled, "widgets", [])
    for widget in [styled, *parts]:
        _restyle(widget, control, has_errors=bool(field.errors))
    for number, widget in enumerate(parts, start=1):
        widget.attrs.setdefault("aria-label", f"{_label(field)}, part {number} of {len(parts)}")
    if control.input_type:
        styled.input_type = control.input_type
    # A widget with a template of its own knows better.
    if control.template and str(styled.template_name).startswith("django/"):
        styled.template_name = control.template
    return styled


def _restyle(widget: forms.Widget, control: _Control, *, has_errors: bool) -> None:
    block = control.css.split(" ")[0]
    classes = [control.css, widget.attrs.get("class", ""), f"{block}--error" if block and has_errors else ""]
    unwanted = _UNWANTED if isinstance(widget, forms.widgets.Input) else _UNWANTED - {"maxlength"}
    widget.attrs = {
        **dict(control.attrs),
        **{name: value for name, value in widget.attrs.items() if name not in unwanted},
    }
    if css := " ".join(filter(None, classes)):
        widget.attrs["class"] = css
