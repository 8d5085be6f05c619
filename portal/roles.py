"""The roles: who may do what in the Wagtail admin.

A role is a group. The table below is the truth about its permissions; a migration brings it into the
database with `grant`, which takes `apps` and so works with historical models as well as live ones.
An app that adds a permission adds a line here and a migration in this app that calls `grant` again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

from portal.site_tree import EVENT_INDEX, HOME


class Role(StrEnum):
    """The names of the groups."""

    ORGANISERS = "Organisers"
    EVENT_TEAM = "Event team"
    EDITORS = "Editors"
    MEMBERSHIP_MANAGERS = "Membership managers"
    MODERATORS = "Moderators"
    ADMINISTRATORS = "Administrators"


@dataclass(frozen=True)
class Grants:
    """What a role may do.

    `permissions` are named "app_label.codename"; "app_label.*" is every permission of that app.
    `pages` says what is allowed on a page of the tree (by its path) and on all pages below it.
    `collection` is what is allowed with images and documents, in every collection.
    """

    permissions: tuple[str, ...]
    pages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    collection: tuple[str, ...] = ()


ENTER = "wagtailadmin.access_admin"
WRITE = ("add", "change", "publish")
WRITE_AND_LOCK = ("add", "bulk_delete", "change", "lock", "publish", "unlock")
USE_FILES = (
    "wagtaildocs.add_document",
    "wagtaildocs.change_document",
    "wagtaildocs.choose_document",
    "wagtailimages.add_image",
    "wagtailimages.change_image",
    "wagtailimages.choose_image",
)
ARRANGE_FILES = (
    "wagtailcore.add_collection",
    "wagtailcore.change_collection",
    "wagtailcore.delete_collection",
    "wagtaildocs.delete_document",
    "wagtailimages.delete_image",
)
FIGURES = (
    "events.add_recordedfigures",
    "events.change_recordedfigures",
    "events.delete_recordedfigures",
    "events.view_recordedfigures",
)
VENUES_AND_SPEAKERS = tuple(
    f"events.{verb}_{model}" for model in ("speaker", "venue") for verb in ("add", "change", "delete", "view")
)
TOPICS = tuple(f"library.{verb}_topic" for verb in ("add", "change", "delete", "view"))
FRONT_PAGE_PATH = f"/{HOME.slug}/"
EVENT_INDEX_PATH = f"/{HOME.slug}/{EVENT_INDEX.slug}/"

ROLES: dict[Role, Grants] = {
    Role.ORGANISERS: Grants(
        permissions=(ENTER, "events.manage_registrations", *FIGURES, *VENUES_AND_SPEAKERS),
        pages=((EVENT_INDEX_PATH, WRITE),),
        collection=USE_FILES,
    ),
    # Given and taken by `events.actions.keep_in_event_team`: what they see is in the teams of events.
    Role.EVENT_TEAM: Grants(permissions=(ENTER,)),
    Role.EDITORS: Grants(
        permissions=(ENTER, *FIGURES, *TOPICS, *VENUES_AND_SPEAKERS),
        pages=((FRONT_PAGE_PATH, WRITE),),
        collection=USE_FILES,
    ),
    Role.MEMBERSHIP_MANAGERS: Grants(
        permissions=(
            ENTER,
            "members.add_organisation",
            "members.change_organisation",
            "members.decide_membership",
            "members.delete_organisation",
            "members.view_organisation",
        ),
    ),
    Role.MODERATORS: Grants(permissions=(ENTER,)),
    Role.ADMINISTRATORS: Grants(
        permissions=(
            ENTER,
            "auth.add_group",
            "auth.change_group",
            "auth.delete_group",
            "auth.view_group",
            "events.*",
            "home.*",
            "library.*",
            "mailing.*",
            "members.*",
            "pages.*",
            "wagtailcore.add_site",
            "wagtailcore.change_site",
            "wagtailcore.delete_site",
            "wagtailcore.view_site",
            "wagtailredirects.*",
        ),
        pages=((FRONT_PAGE_PATH, WRITE_AND_LOCK),),
        collection=(*USE_FILES, *ARRANGE_FILES),
    ),
}


def grant(apps: Apps) -> None:
    """Make the groups and give each what the table says. Takes nothing away.

    A line of the table that names a model younger than `apps` is passed over: the migration that
    comes with the model calls `grant` again.
    """
    _make_permissions(apps)
    for role, grants in ROLES.items():
        group = apps.get_model("auth", "group").objects.get_or_create(name=role.value)[0]
        _grant_permissions(apps, group, grants)
        _grant_pages(apps, group, grants)
        _grant_collection(apps, group, grants)


def withdraw_wagtails_defaults(apps: Apps) -> None:
    """Take back what Wagtail's first migrations gave to its own "Editors" and "Moderators".

    Their names are ours too, but not their meaning: our moderators look after cases, not pages. The
    workflow that asks moderators to approve pages goes as well.
    """
    names = [Role.EDITORS.value, Role.MODERATORS.value]
    for group in apps.get_model("auth", "group").objects.filter(name__in=names):
        group.permissions.clear()
    apps.get_model("wagtailcore", "grouppagepermission").objects.filter(group__name__in=names).delete()
    apps.get_model("wagtailcore", "groupcollectionpermission").objects.filter(group__name__in=names).delete()
    apps.get_model("wagtailcore", "workflow").objects.filter(name="Moderators approval").delete()
    apps.get_model("wagtailcore", "task").objects.filter(name="Moderators approval").delete()


def _make_permissions(apps: Apps) -> None:
    """Make the rows of all permissions now; Django does it only after the last migration."""
    for app_config in apps.get_app_configs():
        is_historical = not hasattr(app_config, "models_module")
        if is_historical:
            # Django passes over apps that seem to have no models.
            app_config.models_module = True  # type: ignore[assignment]
        create_permissions(app_config, verbosity=0, apps=apps)
        if is_historical:
            del app_config.models_module


def _permissions(apps: Apps, name: str) -> list[Any]:
    app_label, _, codename = name.partition(".")
    found = apps.get_model("auth", "permission").objects.filter(content_type__app_label=app_label)
    return list(found if codename == "*" else found.filter(codename=codename))


def _grant_permissions(apps: Apps, group: Any, grants: Grants) -> None:
    for name in grants.permissions:
        group.permissions.add(*_permissions(apps, name))


def _grant_pages(apps: Apps, group: Any, grants: Grants) -> None:
    page_permissions = apps.get_model("wagtailcore", "grouppagepermission").objects
    for url_path, actions in grants.pages:
        page = apps.get_model("wagtailcore", "page").objects.get(url_path=url_path)
        for action in actions:
            for permission in _permissions(apps, f"wagtailcore.{action}_page"):
                page_permissions.get_or_create(group=group, page=page, permission=permission)


def _grant_collection(apps: Apps, group: Any, grants: Grants) -> None:
    collection_permissions = apps.get_model("wagtailcore", "groupcollectionpermission").objects
    root = apps.get_model("wagtailcore", "collection").objects.get(depth=1)
    for name in grants.collection:
        for permission in _permissions(apps, name):
            collection_permissions.get_or_create(group=group, collection=root, permission=permission)
