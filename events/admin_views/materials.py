"""Where organisers add slides, handouts and links to an event, and say who may open them from when."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages

from events import actions, rules
from events.admin_views import furniture
from events.day_forms import MaterialForm, NewMaterialForm, most_bytes, too_large
from events.models import EventPage, Material

# What the other fields of the form and the frame around them may take.
FORM_BYTES = 64 * 1024


@require_safe
def materials(request: HttpRequest, event: int) -> HttpResponse:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    context = furniture.of_event(request, found, "Materials", tab="materials")
    context["materials"] = found.materials.with_session_title().order_by("added_at", "pk")
    context["now"] = timezone.now()
    return render(request, "events/admin/materials.html", context)


@csrf_exempt  # checked below, by `_add_material`
@require_http_methods(furniture.GET_AND_POST)
def add_material(request: HttpRequest, event: int) -> HttpResponse:
    """Refuse what is too large before any of it is read.

    Checking the form's token means reading the form with all of its file into a temporary one, so the size
    that the request itself names is looked at first.
    """
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > most_bytes() + FORM_BYTES:
        messages.error(request, f"{too_large(size)} Nothing was added.")
        return _show(request, found, NewMaterialForm(event=found), status=413)
    answer: HttpResponse = _add_material(request, found)
    return answer


@csrf_protect
def _add_material(request: HttpRequest, event: EventPage) -> HttpResponse:
    form = NewMaterialForm(request.POST or None, request.FILES or None, event=event)
    if not form.is_valid():
        return _show(request, event, form)
    added = actions.add_material(
        event=event,
        offer=_offer(form),
        file=form.cleaned_data["file"],
        ending=form.kind.ending if form.kind else "",
        url=form.cleaned_data["url"],
        actor=furniture.organiser(request),
        now=timezone.now(),
    )
    messages.success(request, f"“{added.title}” is added.")
    return redirect("events_admin:materials", event.pk)


@require_http_methods(furniture.GET_AND_POST)
def change_material(request: HttpRequest, event: int, material: UUID) -> HttpResponse:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    kept = get_object_or_404(found.materials, uuid=material)
    initial = {
        "title": kept.title,
        "session": str(kept.session_key or ""),
        "audience": kept.audience,
        "opens_at": kept.opens_at,
    }
    form = MaterialForm(request.POST or None, initial=initial, event=found)
    if not form.is_valid():
        return _show(request, found, form, material=kept)
    actions.change_material(material=kept, offer=_offer(form), actor=furniture.organiser(request))
    messages.success(request, f"“{kept.title}” is changed.")
    return redirect("events_admin:materials", event)


@require_http_methods(furniture.GET_AND_POST)
def remove_material(request: HttpRequest, event: int, material: UUID) -> HttpResponse:
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    kept = get_object_or_404(found.materials, uuid=material)
    if request.method == "POST":
        actions.remove_material(material=kept, actor=furniture.organiser(request))
        messages.success(request, f"“{kept.title}” is removed, and its file erased.")
        return redirect("events_admin:materials", event)
    context = furniture.of_event(request, found, "Remove a material", tab="materials", crumb="Remove")
    return render(request, "events/admin/remove_material.html", {**context, "material": kept})


def _offer(form: MaterialForm) -> actions.Offer:
    return actions.Offer(
        title=form.cleaned_data["title"],
        audience=form.cleaned_data["audience"],
        session_key=form.session_key,
        opens_at=form.cleaned_data["opens_at"],
    )


def _show(
    request: HttpRequest,
    event: EventPage,
    form: MaterialForm,
    *,
    material: Material | None = None,
    status: int = 200,
) -> HttpResponse:
    title = "Change a material" if material else "Add a material"
    context = furniture.of_event(request, event, title, tab="materials", crumb=title)
    context |= {"form": form, "material": material}
    return render(request, "events/admin/material_form.html", context, status=status)
