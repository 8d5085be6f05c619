"""What Wagtail may offer to do with users."""

from typing import Any

from wagtail.permission_policies import ModelPermissionPolicy


class RolesOnlyPolicy(ModelPermissionPolicy):
    """Users are changed in Wagtail, never made or removed: not even by somebody with every permission."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in {"add", "delete"} and bool(super().user_has_permission(user, action))
