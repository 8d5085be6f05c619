"""Addresses that are not written to, in the Wagtail admin: which and why, and lifting that with a reason."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import Button

from mailing import bounces, rules
from mailing.models import Suppression

may_see = permission_required("mailing.view_suppression", raise_exception=True)


class SuppressionFilterSet(WagtailFilterSet):
    is_lifted = django_filters.BooleanFilter(
        label="Lifted", field_name="lifted_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Suppression
        fields: ClassVar[list[str]] = ["reason"]


class LiftForm(forms.Form):
    """Why an address is written to again."""

    because = forms.CharField(
        label="Why do you lift it?",
        max_length=500,
        help_text="For example: the member confirmed that the mailbox works again.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why: whoever looks next wants to know."},
    )


@method_decorator(may_see, name="dispatch")
class SuppressionsView(generic.IndexView):
    """Every address that is or was not written to, the latest first."""

    model = Suppression
    page_title = "Addresses not written to"
    header_icon = "no-view"
    any_permission_required = None
    index_url_name = "mailing_admin:suppressions"
    index_results_url_name = "mailing_admin:suppressions_results"
    filterset_class = SuppressionFilterSet
    search_fields = ("address",)
    is_searchable = True
    paginate_by = 50
    default_ordering = "-since"

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("address"),
            Column("reason", label="Why", accessor="get_reason_display", sort_key="reason"),
            Column("detail", label="What the mail server said"),
            DateColumn("since", label="Since", sort_key="since"),
            DateColumn("lifted_at", label="Lifted", sort_key="lifted_at"),
            Column("lifted_because", label="Why lifted"),
            Column("lifted_by", label="By", accessor=self.name_of_lifter),
        ]

    def name_of_lifter(self, suppression: Suppression) -> str:
        return self.names.get(suppression.lifted_by, "")

    @cached_property
    def names(self) -> dict[str, str]:
        """The accounts that ever lifted one: a few of the staff."""
        lifted = Suppression.objects.exclude(lifted_by="").values_list("lifted_by", flat=True).distinct()
        keys = [key for key in lifted if key.isdecimal()]
        accounts = get_user_model()._default_manager.filter(pk__in=keys)
        return {str(account.pk): account.get_full_name() or account.get_username() for account in accounts}

    def get_base_queryset(self) -> QuerySet[Suppression]:
        rows: QuerySet[Suppression] = Suppression.objects.all()
        return rows

    def get_list_buttons(self, instance: Suppression) -> list[Button]:
        if not rules.can_lift_suppression(self.request.user, instance):
            return []
        url = reverse("mailing_admin:lift_suppression", args=[instance.pk])
        return [Button("Lift", url=url, classname="button button-small button-secondary")]


@may_see
@require_http_methods(["GET", "POST"])
def lift_suppression(request: HttpRequest, suppression: int) -> HttpResponse:
    row = get_object_or_404(Suppression, pk=suppression)
    if not rules.can_lift_suppression(request.user, row):
        raise PermissionDenied
    form = LiftForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            bounces.lift_suppression(
                suppression=row,
                by=str(request.user.pk),
                because=form.cleaned_data["because"],
                now=timezone.now(),
            )
        except bounces.SuppressionIsLiftedError:
            messages.error(request, "Somebody else lifted it meanwhile.")
        else:
            messages.success(request, f"Letters go to {row.address} again.")
        return redirect("mailing_admin:suppressions")
    context: dict[str, Any] = {
        "suppression": row,
        "form": form,
        "header_title": f"Write to {row.address} again",
        "header_icon": "no-view",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("mailing_admin:suppressions"), "label": "Addresses not written to"},
            {"url": "", "label": "Lift"},
        ],
    }
    return render(request, "mailing/admin/lift_suppression.html", context)
