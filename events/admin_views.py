"""Pages of the Wagtail admin where organisers see who comes, and cancel. Each asks for their permission."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from events import actions, rules
from events.forms import CancelEventForm
from events.models import EventPage, Registration
from members.models import Organisation, User
from pages.errors import ActionError

may_manage = permission_required("events.manage_registrations", raise_exception=True)


class RegistrationFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label="State", choices=Registration.State.choices, widget=CheckboxSelectMultiple
    )
    organisation = django_filters.ModelChoiceFilter(label="Organisation", queryset=Organisation.objects.all())

    class Meta:
        model = Registration
        fields: ClassVar[list[str]] = ["state", "organisation"]


@method_decorator(may_manage, name="dispatch")
class RegistrationsView(generic.IndexView):
    """Who is registered for one event, the latest first; 50 on a page, so it costs the same for any number."""

    model = Registration
    page_title = "Registrations"
    header_icon = "group"
    template_name = "events/admin/registrations.html"
    any_permission_required = None
    filterset_class = RegistrationFilterSet
    search_fields = ("member__first_name", "member__last_name", "member__email", "organisation__name")
    is_searchable = True
    paginate_by = 50
    verbose_name_plural = "registrations"

    event: EventPage

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.event = get_object_or_404(EventPage.objects.defer_streamfields(), pk=kwargs["event"])
        super().setup(request, *args, **kwargs)

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "name",
                label="Name",
                accessor=_name,
                get_url=self._url_to_cancel,
                sort_key="member__last_name",
            ),
            Column("email", label="Address", accessor="member.email", sort_key="member__email"),
            Column("organisation", label="Organisation", sort_key="organisation__name"),
            Column("state", label="State", accessor=_state, sort_key="state"),
            DateColumn("registered_at", label="Registered", sort_key="registered_at"),
        ]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not rules.can_cancel_event(self.request.user, self.event, timezone.now()):
            return []
        url = reverse("events_admin:cancel_event", args=[self.event.pk])
        return [HeaderButton("Cancel this event", url=url, icon_name="cross")]

    def get_base_queryset(self) -> QuerySet[Registration]:
        return self.event.registrations.select_related("member", "organisation").with_place_in_line()

    def order_queryset(self, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        if self.ordering:
            queryset = super().order_queryset(queryset)
            return queryset.order_by(*queryset.query.order_by, "pk")
        return queryset.order_by("-registered_at", "-pk")

    def get_index_url(self) -> str:
        return reverse("events_admin:registrations", args=[self.event.pk])

    def get_index_results_url(self) -> str:
        return reverse("events_admin:registrations_results", args=[self.event.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*_breadcrumbs(self.event), {"url": "", "label": "Registrations"}]

    def get_page_subtitle(self) -> str:
        return self.event.title

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        number = self.event.registrations.count_by_state()
        return context | {
            "event": self.event,
            "places": Registration.objects.places_of(self.event),
            "numbers": [(label, number.get(state, 0)) for state, label in Registration.State.choices],
        }

    def _url_to_cancel(self, registration: Registration) -> str | None:
        if not registration.is_active or self.event.is_cancelled or self.event.is_over(timezone.now()):
            return None
        return reverse("events_admin:cancel_registration", args=[self.event.pk, registration.uuid])


@may_manage
@require_http_methods(["GET", "POST"])
def cancel_registration(request: HttpRequest, event: int, registration: UUID) -> HttpResponse:
    """On behalf of the member, who is told so."""
    registrations = Registration.objects.filter(event=event).select_related("event", "member", "organisation")
    found = get_object_or_404(registrations, uuid=registration)
    if request.method == "POST":
        if not rules.can_cancel_registration(request.user, found, timezone.now()):
            raise PermissionDenied
        try:
            actions.cancel_registration(registration=found, actor=_organiser(request), now=timezone.now())
        except ActionError as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(
                request, f"The registration of {_name(found)} is cancelled, and a letter says so."
            )
        return redirect("events_admin:registrations", event)
    context = {
        **_furniture(found.event, "Cancel a registration", "Cancel a registration"),
        "registration": found,
        "name": _name(found),
    }
    return render(request, "events/admin/cancel_registration.html", context)


@may_manage
@require_http_methods(["GET", "POST"])
def cancel_event(request: HttpRequest, event: int) -> HttpResponse:
    """Say why, and everyone registered is told. The page stays."""
    found = get_object_or_404(EventPage, pk=event)
    if not rules.can_cancel_event(request.user, found, timezone.now()):
        messages.error(request, f"“{found.title}” is over or cancelled already.")
        return redirect("events_admin:registrations", event)
    form = CancelEventForm(request.POST or None)
    if form.is_valid():
        try:
            told = actions.cancel_event(
                event=found, reason=form.cleaned_data["reason"], actor=_organiser(request), now=timezone.now()
            )
        except ActionError as refusal:
            messages.error(request, refusal.message)
        else:
            people = "1 person is told" if told == 1 else f"{told:,} people are told"
            messages.success(request, f"“{found.title}” is cancelled. {people} in a letter.")
        return redirect("events_admin:registrations", event)
    context = {
        **_furniture(found, "Cancel this event", "Cancel this event"),
        "event": found,
        "form": form,
        "number": found.registrations.active().count(),
    }
    return render(request, "events/admin/cancel_event.html", context)


def _organiser(request: HttpRequest) -> User:
    return User.objects.get(pk=request.user.pk)


def _name(registration: Registration) -> str:
    if registration.member is None:
        return "A member who has left"
    return registration.member.get_full_name() or registration.member.email


def _state(registration: Any) -> str:
    """With the place in line of those who wait."""
    if registration.state == Registration.State.WAITING:
        return f"{registration.get_state_display()} (number {registration.ahead + 1})"
    return str(registration.get_state_display())


def _breadcrumbs(event: EventPage) -> list[dict[str, str]]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": "Home"},
        {"url": reverse("wagtailadmin_pages:edit", args=[event.pk]), "label": event.title},
    ]


def _furniture(event: EventPage, title: str, crumb: str) -> dict[str, Any]:
    """What Wagtail's page frame draws: titles and breadcrumbs."""
    registrations = {"url": reverse("events_admin:registrations", args=[event.pk]), "label": "Registrations"}
    return {
        "event": event,
        "header_title": f"{title}: {event.title}",
        "header_icon": "calendar-alt",
        "breadcrumbs_items": [*_breadcrumbs(event), registrations, {"url": "", "label": crumb}],
    }
