"""Wagtail's own list of users, cut down to giving out roles.

Accounts are made by signing up or by import, decided on and erased under Members, and their addresses and
passwords belong to the people themselves. Wagtail would offer to create, delete and deactivate users and to
change their addresses past all of that.
"""

from wagtail.users.apps import WagtailUsersAppConfig


class WagtailUsersConfig(WagtailUsersAppConfig):
    """Stands in INSTALLED_APPS in place of "wagtail.users"."""

    user_viewset = "members.viewsets.RolesViewSet"

    def ready(self) -> None:
        from django.contrib.auth.models import Group
        from wagtail.permissions import register_permission_policy

        from members.models import User
        from members.policies import RolesOnlyPolicy

        register_permission_policy(User, RolesOnlyPolicy(User))
        register_permission_policy(Group)
