"""Who may come and what they are asked, in the page editor, and what is refused at which field.

Below the models: the page's form hands over what it was given.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.panels.base import get_form_for_model

from events.answers import NO, YES, same
from members.domains import domain_of

CHOSEN = "chosen"
WITH_OPTIONS = frozenset({"choice", "choices"})
# A box that is not ticked was not answered, so nothing can depend on that.
ANSWERS_BY_KIND = {"yes or no": [YES, NO], "consent": [YES]}

Problem = tuple[forms.ModelForm, str, str]


class DomainsField(forms.Field):
    """E-mail domains, one on each line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """In lower case, each once. Raises ValidationError for a line that is no domain, and names it."""
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        domains: dict[str, None] = {}
        for line in lines:
            typed = line.strip().removeprefix("@")
            if not typed:
                continue
            domain = domain_of(f"somebody@{typed}")
            if domain is None or "@" in typed or "." not in domain:
                raise ValidationError(
                    f"“{typed}” is no e-mail domain. Write the part after the @, like kent.example, one on each line."
                )
            domains[domain] = None
        return list(domains)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class QuestionForm(WagtailAdminModelForm):
    """One question. What it must agree with, the other questions, is checked by `question_problems`."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        label, answer = cleaned.get("shown_if"), cleaned.get("shown_if_answer")
        if answer and not label:
            self.add_error(
                "shown_if", "Name the earlier question that this answer belongs to, or empty both."
            )
        elif label and not answer:
            self.add_error("shown_if_answer", "Write the answer that makes this question appear.")
        smallest, largest = cleaned.get("smallest"), cleaned.get("largest")
        if smallest is not None and largest is not None and largest < smallest:
            self.add_error(
                "largest", "This is less than the smallest number. Give a larger one, or empty one."
            )
        return cleaned


class QuestionsPanel(InlinePanel):
    """The questions, each in a form of ours."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        child = self.child_edit_handler.get_form_options()
        options["formsets"][self.relation_name]["form"] = get_form_for_model(
            self.db_field.related_model,
            form_class=QuestionForm,
            defer_required_on_fields=child.get("defer_required_on_fields", []),
        )
        return options


def admission_problems(cleaned: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Field and sentence of what contradicts itself. A field that is not there was refused already."""
    is_anybody_chosen = any(
        cleaned.get(name) for name in ("audience_organisations", "audience_kinds", "audience_domains")
    )
    if cleaned.get("audience") == CHOSEN and not is_anybody_chosen:
        yield "audience", "Choose at least one organisation, kind or domain below, or let all members come."
    reserved, capacity = cleaned.get("reserved_places") or 0, cleaned.get("capacity")
    # A capacity that is not there was refused: what it is to be, nobody knows yet.
    if reserved and "capacity" in cleaned and capacity is None:
        yield (
            "reserved_places",
            "Without a limit there is nothing to keep. Give a number of places, or 0 here.",
        )
    elif reserved and capacity is not None and reserved > capacity:
        yield "reserved_places", f"There are only {capacity:,} places. Keep {capacity:,} or fewer."
    until, ends_at = cleaned.get("answers_change_until"), cleaned.get("ends_at")
    if until and ends_at and until > ends_at:
        yield "answers_change_until", "This is after the event is over. Give an earlier time."


def question_problems(forms_in_page: Iterable[Any]) -> Iterator[Problem]:
    """What is refused of the questions: which form, at which field, why. Removed ones count as gone."""
    kept = sorted(
        (form for form in forms_in_page if not form.cleaned_data.get("DELETE")),
        key=lambda form: form.cleaned_data.get("ORDER") or 0,
    )
    labels = [same(form.cleaned_data.get("label", "")) for form in kept]
    for position, form in enumerate(kept):
        cleaned = form.cleaned_data
        if labels[position] and labels[position] in labels[:position]:
            yield form, "label", "Another question is called this already. Word one of them differently."
        if cleaned.get("kind") in WITH_OPTIONS and len(_options(cleaned)) < 2:
            yield form, "options", "Give at least two answers to choose from, one on each line."
        yield from _problems_of_condition(form, kept[:position], labels[position:])


def _problems_of_condition(form: Any, earlier: Sequence[Any], not_earlier: list[str]) -> Iterator[Problem]:
    label = (form.cleaned_data.get("shown_if") or "").strip()
    answer = (form.cleaned_data.get("shown_if_answer") or "").strip()
    if not label or not answer:  # one without the other was refused already
        return
    named = next((one for one in earlier if same(one.cleaned_data.get("label", "")) == same(label)), None)
    if named is None:
        yield (
            form,
            "shown_if",
            f"“{label}” does not come before this question. Move it up, or name an earlier one."
            if same(label) in not_earlier
            else f"No question is called “{label}”. Write an earlier question word for word.",
        )
        return
    possible = ANSWERS_BY_KIND.get(named.cleaned_data.get("kind"), _options(named.cleaned_data))
    if not possible:
        yield (
            form,
            "shown_if",
            f"People write their own answer to “{label}”. Name a question with answers to choose from.",
        )
    elif same(answer) not in {same(option) for option in possible}:
        yield (
            form,
            "shown_if_answer",
            f"“{label}” can be answered with: {', '.join(possible)}. Write one of them.",
        )


def _options(cleaned: Mapping[str, Any]) -> list[str]:
    """Of a question that has any, each once."""
    if cleaned.get("kind") not in WITH_OPTIONS:
        return []
    lines = (line.strip() for line in (cleaned.get("options") or "").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def registration_panels() -> list[Any]:
    """Who may come, how many, until when, and what they are asked."""
    return [
        MultiFieldPanel(
            [
                FieldPanel("audience"),
                FieldPanel("audience_organisations"),
                FieldPanel("audience_kinds"),
                FieldPanel("audience_domains"),
            ],
            heading="Who may come",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("capacity"), FieldPanel("shows_numbers")]),
                FieldRowPanel([FieldPanel("places_per_organisation")]),
                FieldRowPanel([FieldPanel("reserved_places"), FieldPanel("reserved_until")]),
                FieldRowPanel([FieldPanel("registration_opens_at"), FieldPanel("registration_closes_at")]),
                FieldRowPanel([FieldPanel("has_waiting_list"), FieldPanel("hours_to_take_an_offer")]),
                FieldRowPanel([FieldPanel("needs_approval"), FieldPanel("needs_manager")]),
            ],
            heading="Registration",
        ),
        QuestionsPanel(
            "questions",
            heading="Questions",
            label="question",
            help_text="What people are asked when they register, in this order.",
            panels=[
                FieldPanel("label"),
                FieldRowPanel([FieldPanel("kind"), FieldPanel("help_text")]),
                FieldPanel("options"),
                FieldRowPanel([FieldPanel("smallest"), FieldPanel("largest")]),
                FieldRowPanel([FieldPanel("is_required"), FieldPanel("is_sensitive")]),
                FieldPanel("needs_new_approval"),
                FieldRowPanel([FieldPanel("shown_if"), FieldPanel("shown_if_answer")]),
            ],
        ),
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [FieldPanel("answers_change_until"), FieldPanel("days_to_keep_sensitive_answers")]
                )
            ],
            heading="Answers",
        ),
    ]
