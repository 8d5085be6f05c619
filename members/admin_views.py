"""Pages of the Wagtail admin where membership managers decide. Each address asks for their permission."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, QuerySet
from django.forms import CheckboxSelectMultiple, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic

from members import actions, holdings, rules
from members.forms import ApproveMemberForm, EraseMemberForm, GiveReasonForm, ReinstateMemberForm
from members.models import Organisation, User
from pages.errors import ActionError

may_decide = permission_required("members.decide_membership", raise_exception=True)


class MemberFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label="Membership",
        choices=[choice for choice in User.State.choices if choice[0] != User.State.LEFT],
        widget=CheckboxSelectMultiple,
    )
    organisation = django_filters.ModelChoiceFilter(label="Organisation", queryset=Organisation.objects.all())

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["state", "organisation"]


class MembersPaginator(WagtailPaginator):
    """Counts members below the list, and no users."""

    verbose_name = "member"
    verbose_name_plural = "members"


@method_decorator(may_decide, name="dispatch")
class MembersView(generic.IndexView):
    """Everybody who has an account. Those who wait for a decision come first, the longest wait on top."""

    model = User
    page_title = "Members"
    header_icon = "group"
    any_permission_required = None
    index_url_name = "members_admin:members"
    index_results_url_name = "members_admin:members_results"
    filterset_class = MemberFilterSet
    search_fields = ("first_name", "last_name", "email", "stated_organisation", "organisation__name")
    is_searchable = True
    paginate_by = 50
    verbose_name_plural = "members"
    paginator_class = MembersPaginator

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "name",
                label="Name",
                accessor=lambda member: member.get_full_name() or member.email,
                get_url=lambda member: reverse("members_admin:member", args=[member.uuid]),
                sort_key="last_name",
            ),
            Column("email", label="Address", sort_key="email"),
            Column("organisation", label="Organisation", accessor=organisation_in_words),
            Column("state", label="Membership", accessor=state_in_words, sort_key="state"),
            DateColumn("waiting_since", label="Waiting since", sort_key="waiting_since"),
        ]

    def get_base_queryset(self) -> QuerySet[User]:
        confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        members = User.objects.visible_to(self.request.user).present()
        return members.select_related("organisation").annotate(has_confirmed=Exists(confirmed))

    def order_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.ordering:
            queryset = super().order_queryset(queryset)
            return queryset.order_by(*queryset.query.order_by, "pk")
        return queryset.order_by(F("waiting_since").asc(nulls_last=True), "last_name", "first_name", "pk")


def organisation_in_words(member: User) -> str:
    if member.organisation is not None:
        return member.organisation.name
    return f"{member.stated_organisation} (as given)" if member.stated_organisation else ""


def state_in_words(member: Any) -> str:
    """The state; of somebody who has not confirmed their address, that nobody can decide yet."""
    if member.state == User.State.PENDING and not member.has_confirmed:
        return "Address not confirmed"
    return str(member.get_state_display())


@may_decide
@require_GET
def member(request: HttpRequest, member: UUID) -> HttpResponse:
    """One person: what they told us, what was decided, and what can be decided now."""
    person = _get(request, member)
    decisions = person.membership_decisions.latest_first().select_related("decided_by", "organisation")
    context = {
        **_furniture(person, "Member"),
        "is_confirmed": EmailAddress.objects.filter(user=person, verified=True).exists(),
        "known_organisation": actions.organisation_of(person.email),
        "holdings": holdings.of(person, timezone.now()),
        "decisions": decisions,
        "is_self": person.pk == request.user.pk,
        "can_approve": rules.can_approve_member(request.user, person),
        "can_decline": rules.can_decline_member(request.user, person),
        "can_suspend": rules.can_suspend_member(request.user, person),
        "can_reinstate": rules.can_reinstate_member(request.user, person),
        "can_erase": rules.can_erase_member(request.user, person),
    }
    return render(request, "members/admin/member.html", context)


@may_decide
@require_http_methods(["GET", "POST"])
def approve_member(request: HttpRequest, member: UUID) -> HttpResponse:
    person = _get_to_decide(request, member)
    initial = {"organisation": Organisation.objects.filter(name__iexact=person.stated_organisation).first()}
    form = ApproveMemberForm(request.POST or None, member=person, initial=initial)
    if form.is_valid():
        try:
            actions.approve_member(
                member=person,
                by=_decider(request),
                seen=form.cleaned_data["seen"],
                organisation=form.cleaned_data["organisation"],
                add_domain=form.cleaned_data.get("add_domain", False),
                now=timezone.now(),
            )
        except actions.DomainRefused as refusal:
            form.add_error("organisation", refusal.message)
        except ActionError as refusal:
            return _refused(request, person, refusal)
        else:
            return _done(request, person, "approved, and told so in a letter")
    return _ask(request, person, form, title="Approve", button="Approve")


@may_decide
@require_http_methods(["GET", "POST"])
def decline_member(request: HttpRequest, member: UUID) -> HttpResponse:
    person = _get_to_decide(request, member)
    form = GiveReasonForm(request.POST or None, member=person)
    if form.is_valid():
        try:
            actions.decline_member(
                member=person,
                by=_decider(request),
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ActionError as refusal:
            return _refused(request, person, refusal)
        return _done(request, person, "declined, and told why in a letter")
    return _ask(request, person, form, title="Decline", button="Decline")


@may_decide
@require_http_methods(["GET", "POST"])
def suspend_member(request: HttpRequest, member: UUID) -> HttpResponse:
    person = _get_to_decide(request, member)
    form = GiveReasonForm(request.POST or None, member=person)
    if form.is_valid():
        try:
            actions.suspend_member(
                member=person,
                by=_decider(request),
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ActionError as refusal:
            return _refused(request, person, refusal)
        return _done(request, person, "suspended, signed out everywhere, and told why in a letter")
    has = holdings.of(person, timezone.now())
    return _ask(request, person, form, title="Suspend", button="Suspend", has=has)


@may_decide
@require_http_methods(["GET", "POST"])
def reinstate_member(request: HttpRequest, member: UUID) -> HttpResponse:
    person = _get_to_decide(request, member)
    form = ReinstateMemberForm(request.POST or None, member=person)
    if form.is_valid():
        try:
            actions.reinstate_member(
                member=person,
                by=_decider(request),
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ActionError as refusal:
            return _refused(request, person, refusal)
        return _done(request, person, "approved again, and told so in a letter")
    return _ask(request, person, form, title="Lift the suspension", button="Lift the suspension")


@may_decide
@require_http_methods(["GET", "POST"])
def erase_member(request: HttpRequest, member: UUID) -> HttpResponse:
    """At the person's request: the same as leaving, done for them."""
    person = _get_to_decide(request, member)
    form = EraseMemberForm(request.POST or None)
    if form.is_valid():
        try:
            actions.erase_member(member=person, by=_decider(request), now=timezone.now())
        except ActionError as refusal:
            return _refused(request, person, refusal)
        messages.success(request, "The account is erased. One last letter says so.")
        return redirect("members_admin:members")
    return _ask(request, person, form, title="Erase everything about", button="Erase", is_serious=True)


def _get(request: HttpRequest, member: UUID) -> User:
    members = User.objects.visible_to(request.user).present().select_related("organisation")
    return get_object_or_404(members, uuid=member)


def _get_to_decide(request: HttpRequest, member: UUID) -> User:
    person = _get(request, member)
    if not rules.can_decide_on(request.user, person):
        raise PermissionDenied
    return person


def _decider(request: HttpRequest) -> User:
    return User.objects.get(pk=request.user.pk)


def _name(person: User) -> str:
    return person.get_full_name() or person.email


def _furniture(person: User, title: str) -> dict[str, Any]:
    """What Wagtail's page frame draws: titles and breadcrumbs."""
    return {
        "person": person,
        "header_title": f"{title}: {_name(person)}",
        "header_icon": "user",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("members_admin:members"), "label": "Members"},
            {"url": reverse("members_admin:member", args=[person.uuid]), "label": _name(person)},
        ],
    }


def _ask(
    request: HttpRequest,
    person: User,
    form: Form,
    *,
    title: str,
    button: str,
    is_serious: bool = False,
    has: Sequence[str] = (),
) -> HttpResponse:
    """`has` is what they have elsewhere, where that bears on the decision."""
    furniture = _furniture(person, title)
    furniture["breadcrumbs_items"].append({"url": "", "label": button})
    context = {
        **furniture,
        "form": form,
        "title": title,
        "button": button,
        "is_serious": is_serious,
        "holdings": has,
    }
    return render(request, "members/admin/decide.html", context)


def _done(request: HttpRequest, person: User, what: str) -> HttpResponse:
    messages.success(request, f"{_name(person)} is {what}.")
    return redirect("members_admin:members")


def _refused(request: HttpRequest, person: User, refusal: ActionError) -> HttpResponse:
    messages.error(request, refusal.message)
    return redirect("members_admin:member", member=person.uuid)
