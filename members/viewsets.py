"""Organisations and roles in the Wagtail admin."""

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import DeleteView, SnippetViewSet
from wagtail.users.views import users

from members.forms import ChangeRolesForm
from members.models import Organisation, User


class DeleteOrganisationView(DeleteView):
    """Deletes an organisation that nobody belongs to. Of the others it says why not."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if Organisation.objects.in_use().filter(pk=self.object.pk).exists():
            messages.error(
                request,
                f"{self.object.name} was not deleted: people belong to it. To stop letting people in, "
                "take out its domains.",
            )
            return redirect(self.index_url_name)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class OrganisationViewSet(SnippetViewSet):
    """The agencies whose people take part, each with the e-mail domains that let people in at once."""

    model = Organisation
    icon = "home"
    menu_label = "Organisations"
    menu_order = 310
    add_to_admin_menu = True
    add_to_reference_index = False
    delete_view_class = DeleteOrganisationView
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["name", "kind", "region"]
    list_filter: ClassVar[list[str]] = ["kind", "region", "is_territorial"]
    search_fields: ClassVar[list[str]] = ["name", "domains__domain"]
    ordering: ClassVar[list[str]] = ["name"]
    panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldPanel("kind"),
                FieldPanel("region"),
                FieldPanel("is_territorial"),
            ],
            heading="Organisation",
        ),
        InlinePanel("domains", heading="E-mail domains", label="Domain", panels=[FieldPanel("domain")]),
    ]

    def get_queryset(self, request: Any) -> QuerySet[Organisation]:
        return Organisation.objects.distinct()  # one that was found by two of its domains is listed once


class PeoplePaginator(WagtailPaginator):
    """Counts people below the list, and no users."""

    verbose_name = "person"
    verbose_name_plural = "people"


class RolesIndexView(users.IndexView):
    """Everybody, staff first, with their roles."""

    page_title = "Roles"
    paginator_class = PeoplePaginator
    default_ordering = None

    @property
    def columns(self) -> list[Column]:
        name_column = self._get_title_column_class(users.UserColumn)
        return [
            name_column(
                "name",
                label="Name",
                accessor=lambda user: user.get_full_name() or user.email,
                get_url=self.get_edit_url,
                sort_key="name",
                classname="name",
            ),
            Column("email", label="Address", sort_key="email"),
            Column("roles", label="Roles", accessor=roles_in_words),
        ]

    def get_base_queryset(self) -> QuerySet[User]:
        return User.objects.present().prefetch_related("groups").select_related("wagtail_userprofile")

    def order_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.ordering:
            queryset = super().order_queryset(queryset)
            return queryset.order_by(*queryset.query.order_by, "pk")
        has_role = Exists(User.groups.through.objects.filter(user_id=OuterRef("pk")))
        return queryset.order_by("-is_superuser", has_role.desc(), "last_name", "first_name", "pk")


def roles_in_words(user: User) -> str:
    names = sorted(group.name for group in user.groups.all())
    return ", ".join(["Administrator with every permission", *names] if user.is_superuser else names)


class RolesEditView(users.EditView):
    """Which roles one person has."""

    page_title = "Roles"
    success_message = "The roles are saved."

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        kwargs.pop("editing_self")
        return {**kwargs, "editor": self.request.user}


class RolesViewSet(users.UserViewSet):
    """Gives out roles. Everything else about an account has its place elsewhere."""

    menu_label = "Roles"
    ordering = None  # RolesIndexView has its own
    index_view_class = RolesIndexView
    edit_view_class = RolesEditView
    index_template_name = "wagtailadmin/generic/index.html"
    edit_template_name = "wagtailadmin/generic/edit.html"
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[BaseForm]:
        return ChangeRolesForm

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """No page leads to an address that `get_urlpatterns` leaves out."""
        gone: dict[str, Any] = {"add_url_name": None, "delete_url_name": None, "usage_url_name": None}
        names: dict[str, Any] = super().get_common_view_kwargs(**{**gone, **kwargs})
        return names

    def get_urlpatterns(self) -> list[URLPattern]:
        """Without the addresses that create and delete; the policy refuses them too."""
        return [
            pattern
            for pattern in super().get_urlpatterns()
            if pattern.name not in {"add", "delete", "copy", "usage"}
        ]
