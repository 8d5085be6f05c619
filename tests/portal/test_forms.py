"""Every form of the portal reads days and times in the same way: no hour that a clock skips, no year of two digits."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.models import get_page_models
from wagtail.snippets.models import get_snippet_models

from pages.forms import DayField, MomentField
from pages.models import PortalPage

APPS = ("pages", "mailing", "members", "library", "events", "search", "home", "portal")
PAGES = [model for model in get_page_models() if issubclass(model, PortalPage) and model.is_creatable]


def modules() -> Iterator[str]:
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".settings" not in module.name and ".migrations" not in module.name:
                yield module.name


def subclasses(of: type) -> Iterator[type]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def naive(fields: dict[str, forms.Field]) -> list[str]:
    """The fields that would read a time or a day in Django's own way."""
    return [
        name
        for name, field in fields.items()
        if (isinstance(field, forms.DateTimeField) and not isinstance(field, MomentField))
        or (isinstance(field, forms.DateField) and not isinstance(field, DayField))
        or isinstance(field, forms.SplitDateTimeField)
    ]


def test_the_forms_of_the_portal_read_moments_by_a_clock():
    for name in modules():
        importlib.import_module(name)
    own = [
        form
        for form in subclasses(forms.BaseForm)
        if form.__module__.split(".")[0] in APPS and not issubclass(form, WagtailAdminModelForm)
    ]

    assert len(own) > 40
    assert {form: naive(form.base_fields) for form in own if naive(form.base_fields)} == {}


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_the_editor_of_every_page_reads_moments_by_a_clock(rf, admin_user, model):
    page = model()

    form = model.get_edit_handler().get_form_class()(instance=page, for_user=admin_user)

    assert [name for name in ("go_live_at", "expire_at") if name in form.fields] == [
        "go_live_at",
        "expire_at",
    ]
    assert naive(form.fields) == []
    assert [naive(formset.empty_form.fields) for formset in form.formsets.values()] == [[]] * len(
        form.formsets
    )


def test_what_is_edited_beside_pages_asks_for_no_moment():
    """Somebody who adds such a field gives it a form that reads it by a clock."""
    ours = [model for model in get_snippet_models() if model._meta.app_label in APPS]

    assert len(ours) > 2
    kinds = {"DateField", "DateTimeField"}
    asking = [
        field
        for model in ours
        for field in model._meta.get_fields()
        if field.concrete and field.editable and field.get_internal_type() in kinds
    ]
    assert asking == []
    assert apps.is_installed("pages")
