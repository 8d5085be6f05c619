"""Pages that show every field, component and block once: what the browser tests look at.

The addresses stand in front of the portal's own, for `settings.ROOT_URLCONF`.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import render
from django.urls import include, path
from django.utils.safestring import mark_safe
from wagtail.blocks import StreamValue

from pages import blocks
from pages.forms import DayMonthYearInput, Option
from pages.views import too_many_requests
from portal import urls as portal_urls

ROOMS = [
    ("main", Option("Main hall", hint="25 places left")),
    ("one", Option("Room 1", hint="Full. Choose it to wait for a place")),
    ("two", "Room 2"),
]


class SpecimenForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(max_length=40, help_text="As it should stand on your badge.")
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(widget=forms.PasswordInput)
    about = forms.CharField(
        label="What you want to take away",
        widget=forms.Textarea,
        max_length=400,
        required=False,
        help_text=mark_safe('Read <a href="#about">what happens with it</a>.'),
    )
    years = forms.IntegerField(label="Years in this work", min_value=0, max_value=60)
    force = forms.ChoiceField(choices=[("", "Choose one"), ("a", "Example Police")])
    room = forms.ChoiceField(
        label="Where do you want to sit?", choices=ROOMS, widget=forms.RadioSelect, help_text="For both days."
    )
    needs = forms.MultipleChoiceField(
        label="Access needs",
        choices=[("Room", [("step", "No steps"), ("loop", "Hearing loop")]), ("none", "None of these")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agrees = forms.BooleanField(label="I will not name anyone", help_text="Neither in talks nor in notes.")
    born_on = forms.DateField(label="First day in this post", widget=DayMonthYearInput)
    day = forms.DateField(label="Day")
    slot = forms.SplitDateTimeField(label="Slot", required=False)
    photo = forms.FileField(label="Poster")
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise ValidationError(
            "This session filled up while you were writing. Everything else you wrote is kept"
        )


SpecimenFormSet = forms.formset_factory(
    type("Line", (forms.Form,), {"word": forms.CharField(), "count": forms.IntegerField()}), extra=2
)


def body() -> StreamValue:
    """Every block that needs no file, with the value that its preview shows."""
    block = blocks.BodyBlock()
    with_files = {"picture", "document"}
    return StreamValue(
        block,
        [
            (name, child.normalize(child.get_preview_value()))
            for name, child in block.child_blocks.items()
            if name not in with_files
        ],
    )


@login_not_required
def show_form(request):
    form = SpecimenForm(request.POST if request.method == "POST" else None)
    return render(request, "tests/form.html", {"form": form})


@login_not_required
def show_formset(request):
    formset = SpecimenFormSet(request.POST if request.method == "POST" else None)
    return render(request, "tests/form.html", {"form": formset})


@login_not_required
def show_components(request):
    messages.success(request, "You are registered.")
    messages.info(request, "The organiser was told.")
    rows = [
        {"key": "Name", "value": "Pat Practitioner", "url": "#name", "action": "Change"},
        {"key": "Organisation", "value": "Example Police"},
    ]
    crumbs = [("Home", "/"), ("Events", "/events/")]
    return render(request, "tests/components.html", {"rows": rows, "crumbs": crumbs, "body": body()})


@login_not_required
def forbid(request):
    raise PermissionDenied


@login_not_required
def fail(request):
    raise RuntimeError("Made to fail.")


@login_not_required
def try_too_often(request):
    return too_many_requests(request)


handler400 = portal_urls.handler400
handler403 = portal_urls.handler403
handler404 = portal_urls.handler404
handler429 = portal_urls.handler429
handler500 = portal_urls.handler500

urlpatterns = [
    path("specimen/form/", show_form),
    path("specimen/formset/", show_formset),
    path("specimen/components/", show_components),
    path("specimen/403/", forbid),
    path("specimen/429/", try_too_often),
    path("specimen/500/", fail),
    path("", include("portal.urls")),
]
