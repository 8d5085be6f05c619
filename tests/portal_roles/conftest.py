"""One person in each role."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from members.models import User
from portal.roles import Role


@pytest.fixture
def person_in(site_tree) -> Callable[[Role], User]:
    def make(role: Role) -> User:
        address = role.value.lower().replace(" ", "-")
        user = User.objects.create_user(f"{address}@portal.example", state=User.State.APPROVED)
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which somebody signed in with a second factor, as the admin asks for."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return client

    return sign_in
