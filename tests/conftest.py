"""What several apps' tests need: people, and the day it is."""

from datetime import UTC, datetime

import pytest

from members.models import Organisation, OrganisationKind, User


@pytest.fixture
def now() -> datetime:
    """A fixed moment: a Thursday morning in winter, so London is on UTC."""
    return datetime(2027, 1, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def force(db) -> Organisation:
    return Organisation.objects.create(
        name="Example Police", kind=OrganisationKind.POLICE_FORCE, region="East of England"
    )


@pytest.fixture
def member(force) -> User:
    """An approved practitioner."""
    return User.objects.create_user(
        "practitioner@force.example",
        first_name="Pat",
        last_name="Practitioner",
        organisation=force,
        state=User.State.APPROVED,
    )


@pytest.fixture
def other_member(force) -> User:
    """Another approved practitioner."""
    return User.objects.create_user(
        "colleague@force.example",
        first_name="Col",
        last_name="League",
        organisation=force,
        state=User.State.APPROVED,
    )
