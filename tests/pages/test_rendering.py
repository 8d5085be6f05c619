"""Django's forms as GOV.UK fields: what belongs together is tied together."""

import pytest
from bs4 import Tag
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.template import Context, Template
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import mark_safe

from pages.rendering import summary_lines
from tests.pages.specimen import SpecimenForm, SpecimenFormSet


class One(forms.Form):
    """A form of one field, which each test brings along."""

    def __init__(self, field: forms.Field, data: dict | None = None) -> None:
        super().__init__(data)
        self.fields["one"] = field


def texts(found: list[Tag]) -> list[str]:
    return [" ".join(tag.get_text().split()) for tag in found]


@pytest.mark.parametrize(
    ("field", "css"),
    [
        (forms.CharField(), ["govuk-input"]),
        (forms.EmailField(), ["govuk-input"]),
        (forms.URLField(assume_scheme="https"), ["govuk-input"]),
        (forms.IntegerField(), ["govuk-input", "govuk-input--width-5"]),
        (forms.DateField(), ["govuk-input", "govuk-input--width-10"]),
        (forms.ChoiceField(choices=[("a", "A")]), ["govuk-select"]),
        (forms.NullBooleanField(), ["govuk-select"]),
        (
            forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.SelectMultiple),
            ["govuk-select"],
        ),
        (forms.FileField(), ["govuk-file-upload"]),
        (forms.CharField(widget=forms.Textarea), ["govuk-textarea"]),
        (forms.BooleanField(), ["govuk-checkboxes__input"]),
        (
            forms.CharField(widget=forms.TextInput(attrs={"class": "govuk-input--width-20"})),
            ["govuk-input", "govuk-input--width-20"],
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, forms.Field) else "",
)
def test_each_control_has_its_class_and_label(read, field, css):
    html = read(One(field)["one"].as_field_group())

    control = html.find(id="id_one")
    assert control["class"] == css
    assert texts(html.select("label[for=id_one]")) == ["One"]
    assert html.select_one("div.govuk-form-group.govuk-form-group--error") is None


def test_number_is_typed_as_text_so_that_nothing_typed_is_lost(read):
    html = read(One(forms.IntegerField(min_value=1, max_value=9), {"one": "many"})["one"].as_field_group())

    control = html.find(id="id_one")
    assert {name: control.get(name) for name in ("type", "inputmode", "value", "min", "max")} == {
        "type": "text",
        "inputmode": "decimal",
        "value": "many",
        "min": None,
        "max": None,
    }


def test_the_browser_neither_stops_nor_cuts_off_nor_hides_the_label(read):
    field = forms.CharField(max_length=5, min_length=2, widget=forms.TextInput(attrs={"placeholder": "Name"}))

    control = read(One(field)["one"].as_field_group()).find(id="id_one")

    assert control.attrs == {"type": "text", "name": "one", "class": ["govuk-input"], "id": "id_one"}


def test_hint_and_error_are_tied_to_the_control_in_the_order_they_are_read(read):
    html = read(One(forms.CharField(help_text="As on your badge."), {})["one"].as_field_group())

    control = html.find(id="id_one")
    assert control["aria-describedby"] == "id_one_helptext id_one_error"
    assert control["aria-invalid"] == "true"
    assert control["class"] == ["govuk-input", "govuk-input--error"]
    assert texts(html.select("#id_one_helptext")) == ["As on your badge."]
    assert texts(html.select("#id_one_error")) == ["Error: Fill in “One”"]
    assert html.select_one("div.govuk-form-group")["class"] == ["govuk-form-group", "govuk-form-group--error"]


@pytest.mark.parametrize(
    ("field", "label"),
    [
        (forms.CharField(label="Phone", required=False), "Phone (optional)"),
        (forms.CharField(label="Phone (optional)", required=False), "Phone (optional)"),
        (forms.CharField(label="Phone"), "Phone"),
        (forms.BooleanField(label="Send me the digest", required=False), "Send me the digest"),
    ],
)
def test_optional_is_said_and_required_is_not(read, field, label):
    html = read(One(field)["one"].as_field_group())

    assert texts(html.select("label")) == [label]


@pytest.mark.parametrize("field", [forms.CharField, forms.BooleanField])
@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("<b>Bold</b>", "&lt;b&gt;Bold&lt;/b&gt;"),  # an organiser may have written it
        (mark_safe("<b>Bold</b>"), "<b>Bold</b>"),
        (password_validators_help_text_html, None),
    ],
)
def test_hint_is_html_only_where_it_says_so(read, field, hint, shown):
    text = hint() if callable(hint) else hint

    found = read(One(field(help_text=text))["one"].as_field_group()).select_one("#id_one_helptext")

    assert found.decode_contents() == (shown or str(text))


@pytest.mark.parametrize("widget", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_choices_are_a_group_with_a_legend(read, widget):
    field = forms.ChoiceField(
        label="Where?", help_text="For both days.", choices=[("a", "Hall"), ("b", "Room")], widget=widget
    )

    html = read(One(field, {})["one"].as_field_group())

    group = html.select_one("fieldset.govuk-fieldset")
    assert group["aria-describedby"] == "id_one_helptext id_one_error"
    assert texts(group.select("legend")) == ["Where?"]
    assert [(item["id"], item["value"]) for item in group.select("input")] == [
        ("id_one_0", "a"),
        ("id_one_1", "b"),
    ]
    assert [(label["for"], label.get_text()) for label in group.select("label")] == [
        ("id_one_0", "Hall"),
        ("id_one_1", "Room"),
    ]
    # aria-invalid is not allowed on a radio.
    assert [item.get("aria-invalid") for item in group.select("input")] == [None, None]


def test_choice_stays_chosen(read):
    field = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)

    html = read(One(field, {"one": "b"})["one"].as_field_group())

    assert [item["value"] for item in html.select("input[checked]")] == ["b"]


def test_choices_in_groups_keep_their_headings(read):
    field = forms.ChoiceField(choices=[("Day one", [("a", "A")]), ("b", "B")], widget=forms.RadioSelect)

    html = read(One(field)["one"].as_field_group())

    group = html.select_one("[role=group]")
    assert texts([html.find(id=group["aria-labelledby"])]) == ["Day one"]
    assert [item["value"] for item in group.select("input")] == ["a"]


def test_password_has_a_button_that_only_a_script_shows(read):
    html = read(One(forms.CharField(widget=forms.PasswordInput), {"one": "secret"})["one"].as_field_group())

    wrapper = html.select_one("[data-module=govuk-password-input]")
    button = wrapper.select_one("button")
    assert button.has_attr("hidden")
    assert button["type"] == "button"
    assert button["aria-controls"] == wrapper.select_one("input[type=password]")["id"]
    assert wrapper.select_one("input").get("value") is None


def test_long_text_says_how_long_it_may_be(read):
    field = forms.CharField(widget=forms.Textarea, max_length=400, help_text="In your words.")

    html = read(One(field, {"one": "<b>\n&"})["one"].as_field_group())

    area = html.select_one("textarea")
    assert html.select_one("[data-module=govuk-character-count]")["data-maxlength"] == "400"
    assert area["aria-describedby"] == "id_one_helptext id_one-info"
    assert texts(html.select("#id_one-info")) == ["You can write up to 400 characters"]
    assert area.get("maxlength") is None
    assert area.get_text().strip() == "<b>\n&"


def test_file_in_place_can_be_removed(read):
    class Kept:
        url = "/media/poster.pdf"

        def __str__(self):
            return "poster.pdf"

    form = One(forms.FileField(required=False))
    form.initial = {"one": Kept()}

    html = read(form["one"].as_field_group())

    assert html.select_one("a")["href"] == "/media/poster.pdf"
    assert html.select_one("input[type=checkbox]")["name"] == "one-clear"
    assert texts(html.select("label[for=one-clear_id]")) == ["Remove this file"]


def test_several_inputs_of_one_field_each_have_a_name(read):
    html = read(One(forms.SplitDateTimeField(label="Start"))["one"].as_field_group())

    assert [item["aria-label"] for item in html.select("input")] == [
        "Start, part 1 of 2",
        "Start, part 2 of 2",
    ]


def test_summary_leads_to_every_field_in_the_order_of_the_page(read):
    form = SpecimenForm({})

    lines = [(line.target, line.text) for line in summary_lines(form)]

    assert lines == [
        ("", "This session filled up while you were writing. Everything else you wrote is kept"),
        ("", "A part of this form was lost on the way. Load the page anew and send it again"),
        ("id_name", "Fill in “Name”"),
        ("id_email", "Fill in “E-mail address”"),
        ("id_password", "Fill in “Password”"),
        ("id_years", "Fill in “Years in this work”"),
        ("id_force", "Choose an answer for “Force”"),
        ("id_room_0", "Choose an answer for “Where do you want to sit?”"),
        ("id_agrees", "Tick “I will not name anyone”"),
        ("id_born_on_day", "Fill in “First day in this post”"),
        ("id_day", "Fill in “Day”"),
        ("id_photo", "Choose a file for “Poster”"),
    ]
    html = read(str(form))
    assert [target for target, _ in lines if target and html.find(id=target) is None] == []


def test_form_without_data_has_no_summary(read):
    form = SpecimenForm()

    assert summary_lines(form) == []
    assert read(str(form)).select(".govuk-error-summary") == []


@pytest.mark.parametrize(
    ("template", "summaries"),
    [
        ("{{ form }}", 1),
        ("{% load portal %}{% error_summary form %}{{ form }}", 1),
        ("{% load portal %}{% error_summary form %}{{ form.name.as_field_group }}", 1),
    ],
)
def test_summary_is_drawn_once(read, template, summaries):
    html = read(Template(template).render(Context({"form": SpecimenForm({})})))

    assert len(html.select("[data-module=govuk-error-summary] [role=alert]")) == summaries


def test_formset_has_all_its_forms_and_errors(read):
    data = MultiValueDict(
        {
            "form-TOTAL_FORMS": ["2"],
            "form-INITIAL_FORMS": ["0"],
            "form-0-word": ["meet"],
            "form-0-count": ["many"],
            "form-1-count": ["3"],
        }
    )
    formset = SpecimenFormSet(data)

    html = read(str(formset))

    assert texts(html.select("legend")) == ["1 of 2", "2 of 2"]
    assert [(link["href"], link.get_text()) for link in html.select(".govuk-error-summary a")] == [
        ("#id_form-0-count", "“Count” must be a whole number, like 12"),
        ("#id_form-1-word", "Fill in “Word”"),
    ]
    assert [field["name"] for field in html.select("input[type=hidden]")] == [
        "form-TOTAL_FORMS",
        "form-INITIAL_FORMS",
        "form-MIN_NUM_FORMS",
        "form-MAX_NUM_FORMS",
    ]


def test_a_widget_written_alone_stays_djangos_own(read):
    """Wagtail's admin writes its fields this way."""
    html = read(str(One(forms.CharField(max_length=5))["one"]))

    assert html.find(id="id_one").attrs == {
        "type": "text",
        "name": "one",
        "maxlength": "5",
        "required": "",
        "id": "id_one",
    }


def test_a_label_or_answer_cannot_bring_markup_along(read):
    field = forms.ChoiceField(
        label="<i>Where</i>", choices=[('"><b>', "<script>x</script>")], widget=forms.RadioSelect
    )

    html = read(One(field)["one"].as_field_group())

    assert html.select("i, b, script") == []
    assert texts(html.select("legend")) == ["<i>Where</i>"]
