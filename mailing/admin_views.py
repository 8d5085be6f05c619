"""The post room in the Wagtail admin: which letter went where and when. What they say is not shown."""

from typing import Any, ClassVar

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
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import Button

from mailing import actions, rules
from mailing.models import OutgoingMail

may_see = permission_required("mailing.view_outgoingmail", raise_exception=True)

LISTED = ("recipient", "kind", "state", "attempts", "created_at", "finished_at", "last_error", "priority")


class LetterFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label="State", choices=OutgoingMail.State.choices, widget=CheckboxSelectMultiple
    )

    class Meta:
        model = OutgoingMail
        fields: ClassVar[list[str]] = ["state"]


class LettersPaginator(WagtailPaginator):
    """Counts letters below the list."""

    verbose_name = "letter"
    verbose_name_plural = "letters"


@method_decorator(may_see, name="dispatch")
class LettersView(generic.IndexView):
    """Every letter, the latest first."""

    model = OutgoingMail
    page_title = "Letters"
    header_icon = "mail"
    any_permission_required = None
    index_url_name = "mailing_admin:letters"
    index_results_url_name = "mailing_admin:letters_results"
    filterset_class = LetterFilterSet
    search_fields = ("recipient",)
    is_searchable = True
    paginate_by = 50
    default_ordering = "-created_at"
    paginator_class = LettersPaginator

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("recipient"),
            Column("kind", label="Letter", accessor=kind_in_words, sort_key="kind"),
            Column("state", label="State", accessor="get_state_display", sort_key="state"),
            NumberColumn("attempts", label="Attempts"),
            DateColumn("created_at", label="Written", sort_key="created_at"),
            DateColumn("finished_at", label="Done", sort_key="finished_at"),
            Column("last_error", label="What the mail server said"),
        ]

    def get_base_queryset(self) -> QuerySet[OutgoingMail]:
        # The words are not even read from the database.
        return OutgoingMail.objects.only(*LISTED, "body_erased_at")

    def get_list_buttons(self, instance: OutgoingMail) -> list[Button]:
        user = self.request.user
        buttons = []
        if rules.can_send_letter_again(user, instance):
            buttons.append(_button("Send again", "send_letter_again", instance))
        if rules.can_cancel_letter(user, instance):
            buttons.append(_button("Cancel", "cancel_letter", instance))
        return buttons


def kind_in_words(letter: OutgoingMail) -> str:
    """The template's name, readable: "events/mail/place_booked" is "Place booked".

    Letters without a template have names such as "events.invitation".
    """
    name = letter.kind.replace("/", ".").rpartition(".")[2]
    return name.replace("_", " ").capitalize()


def _button(label: str, name: str, letter: OutgoingMail) -> Button:
    url = reverse(f"mailing_admin:{name}", args=[letter.pk])
    return Button(label, url=url, classname="button button-small button-secondary")


@may_see
@require_http_methods(["GET", "POST"])
def send_letter_again(request: HttpRequest, letter: int) -> HttpResponse:
    row = get_object_or_404(OutgoingMail.objects.only(*LISTED, "body_erased_at"), pk=letter)
    if not rules.can_send_letter_again(request.user, row):
        raise PermissionDenied
    if request.method == "POST":
        if actions.send_letter_again(letter=row, now=timezone.now()):
            messages.success(request, f"The letter to {row.recipient} is on its way.")
        else:
            messages.error(request, "The letter was not sent again: something else happened to it meanwhile.")
        return redirect("mailing_admin:letters")
    return _ask(request, row, title="Send again", question="Send this letter again?")


@may_see
@require_http_methods(["GET", "POST"])
def cancel_letter(request: HttpRequest, letter: int) -> HttpResponse:
    row = get_object_or_404(OutgoingMail.objects.only(*LISTED, "body_erased_at"), pk=letter)
    if not rules.can_cancel_letter(request.user, row):
        raise PermissionDenied
    if request.method == "POST":
        if actions.cancel_letter(letter=row, now=timezone.now()):
            messages.success(request, f"The letter to {row.recipient} will not be sent.")
        else:
            messages.error(request, "The letter was not taken back: it is being sent, or was.")
        return redirect("mailing_admin:letters")
    return _ask(request, row, title="Cancel", question="Take this letter back, so that it is not sent?")


def _ask(request: HttpRequest, letter: OutgoingMail, *, title: str, question: str) -> HttpResponse:
    context: dict[str, Any] = {
        "letter": letter,
        "kind": kind_in_words(letter),
        "title": title,
        "question": question,
        "header_title": f"{title}: letter to {letter.recipient}",
        "header_icon": "mail",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("mailing_admin:letters"), "label": "Letters"},
            {"url": "", "label": title},
        ],
    }
    return render(request, "mailing/admin/confirm.html", context)
