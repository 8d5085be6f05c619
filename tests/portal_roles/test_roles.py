"""The roles' permissions, as a truth table and against what Wagtail and Django answer."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page
from wagtail.permissions import policy_registry

from events.models import EventIndexPage
from home.models import HomePage, StandardPage
from library.models import LibraryIndexPage
from portal import roles
from portal.roles import Role

O, T, E, M, C, A = (  # noqa: E741 - one column each, as the tables below are read
    Role.ORGANISERS,
    Role.EVENT_TEAM,
    Role.EDITORS,
    Role.MEMBERSHIP_MANAGERS,
    Role.MODERATORS,
    Role.ADMINISTRATORS,
)
EVERYONE = {O, T, E, M, C, A}

PERMISSIONS = {
    "wagtailadmin.access_admin": EVERYONE,
    "events.manage_registrations": {O, A},
    "events.add_recordedfigures": {O, E, A},
    "events.change_recordedfigures": {O, E, A},
    "events.delete_recordedfigures": {O, E, A},
    "events.view_recordedfigures": {O, E, A},
    "events.add_speaker": {O, E, A},
    "events.change_speaker": {O, E, A},
    "events.delete_speaker": {O, E, A},
    "events.view_speaker": {O, E, A},
    "events.add_venue": {O, E, A},
    "events.change_venue": {O, E, A},
    "events.delete_venue": {O, E, A},
    "events.view_venue": {O, E, A},
    "library.add_topic": {E, A},
    "library.change_topic": {E, A},
    "library.delete_topic": {E, A},
    "library.view_topic": {E, A},
    "members.decide_membership": {M, A},
    "members.view_organisation": {M, A},
    "members.add_organisation": {M, A},
    "members.change_organisation": {M, A},
    "members.delete_organisation": {M, A},
    "members.add_user": {A},
    "members.change_user": {A},
    "auth.add_group": {A},
    "auth.change_group": {A},
    "auth.delete_group": {A},
    "pages.change_sitesettings": {A},
    "mailing.view_outgoingmail": {A},
    "mailing.change_outgoingmail": {A},
    "wagtailcore.change_site": {A},
    "wagtailredirects.add_redirect": {A},
    "wagtailredirects.change_redirect": {A},
    "wagtailredirects.delete_redirect": {A},
    "wagtailcore.add_workflow": set(),
    "sessions.view_session": set(),
}

PAGE_ACTIONS = {
    ("edit", HomePage): {E, A},
    ("edit", StandardPage): {E, A},
    ("edit", LibraryIndexPage): {E, A},
    ("edit", EventIndexPage): {O, E, A},
    ("add_subpage", HomePage): {E, A},
    ("add_subpage", LibraryIndexPage): {E, A},
    ("add_subpage", EventIndexPage): {O, E, A},
    ("publish", HomePage): {E, A},
    ("publish", StandardPage): {E, A},
    ("publish", EventIndexPage): {O, E, A},
    ("publish_subpage", LibraryIndexPage): {E, A},
    ("publish_subpage", EventIndexPage): {O, E, A},
    ("lock", EventIndexPage): {A},
    ("unlock", EventIndexPage): {A},
    ("lock", StandardPage): {A},
    ("delete", HomePage): {A},  # by permission; test_admin holds that nobody can
    ("delete", StandardPage): {E, A},
    ("move", StandardPage): {E, A},
}

FILE_ACTIONS = {
    "add": {O, E, A},
    "change": {O, E, A},
    "choose": {O, E, A},
    "delete": {O, E, A},
}


def roles_that(person_in, may) -> set[Role]:
    return {role for role in Role if may(person_in(role))}


@pytest.mark.parametrize(("permission", "expected"), PERMISSIONS.items())
def test_grant_gives_each_permission_to_these_roles_only(person_in, permission, expected) -> None:
    assert roles_that(person_in, lambda user: user.has_perm(permission)) == expected


@pytest.mark.parametrize(("action", "model", "expected"), [(*k, v) for k, v in PAGE_ACTIONS.items()])
def test_grant_lets_these_roles_do_this_with_pages(person_in, action, model, expected) -> None:
    page = model.objects.first()
    if action == "unlock":
        page.locked = True

    def may(user) -> bool:
        return getattr(page.permissions_for_user(user), f"can_{action}")()

    assert roles_that(person_in, may) == expected


@pytest.mark.parametrize(("action", "expected"), FILE_ACTIONS.items())
@pytest.mark.parametrize("model", [get_image_model(), get_document_model()])
def test_grant_lets_these_roles_do_this_with_files(person_in, model, action, expected) -> None:
    policy = policy_registry.get_by_type(model)

    assert roles_that(person_in, lambda user: policy.user_has_permission(user, action)) == expected


def test_grant_lets_administrators_alone_arrange_collections(person_in) -> None:
    policy = policy_registry.get_by_type(Collection)

    def may(user) -> bool:
        return policy.user_has_any_permission(user, ["add", "change", "delete"])

    assert roles_that(person_in, may) == {A}


def test_grant_makes_nobody_a_superuser_or_staff(person_in) -> None:
    assert roles_that(person_in, lambda user: user.is_superuser or user.is_staff) == set()


@pytest.mark.parametrize("role", list(Role))
def test_grant_knows_every_permission_of_its_table(db, role) -> None:
    """A misspelt line would be passed over in silence, as one from the future is."""
    grants = roles.ROLES[role]
    named = [*grants.permissions, *grants.collection]

    unknown = [name for name in named if not roles._permissions(apps, name)]

    assert unknown == []


def test_grant_again_changes_nothing(db) -> None:
    def granted() -> list[object]:
        return [
            sorted(Group.permissions.through.objects.values_list("group_id", "permission_id")),
            sorted(GroupPagePermission.objects.values_list("group_id", "page_id", "permission_id")),
            sorted(
                GroupCollectionPermission.objects.values_list("group_id", "collection_id", "permission_id")
            ),
            Permission.objects.count(),
        ]

    before = granted()

    roles.grant(apps)

    assert granted() == before


def test_withdraw_leaves_no_page_permission_at_the_root(db) -> None:
    assert not GroupPagePermission.objects.filter(page=Page.objects.get(depth=1)).exists()
    assert [p.codename for p in Group.objects.get(name=Role.MODERATORS).permissions.all()] == ["access_admin"]
