"""Addresses that are not written to, in the Wagtail admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from mailing.models import Suppression
from mailing.suppression import is_suppressed
from tests.mailing.test_admin import admin_client, administrator  # noqa: F401 - fixtures

LIST = "/admin/letters/addresses/"


@pytest.fixture
def suppression(db, now) -> Suppression:
    return Suppression.objects.create(
        address="gone@force.example", reason="hard", detail="550 5.1.1 unknown", since=now
    )


def test_suppressions_shows_address_reason_and_answer(admin_client, suppression):  # noqa: F811
    page = admin_client.get(LIST).text

    for words in ("gone@force.example", "The address does not exist", "550 5.1.1 unknown"):
        assert words in page
    assert f"{LIST}{suppression.pk}/lift/" in page


def test_suppressions_finds_by_address(admin_client, suppression, now):  # noqa: F811
    Suppression.objects.create(address="other@force.example", reason="soft", since=now)

    page = admin_client.get(LIST, {"q": "gone"}).text

    assert ("gone@force.example" in page, "other@force.example" in page) == (True, False)


@pytest.mark.parametrize("number", [1, 3, 40])
def test_suppressions_costs_the_same_queries(admin_client, now, number, django_assert_max_num_queries):  # noqa: F811
    for each in range(number):
        Suppression.objects.create(
            address=f"p{each}@force.example", reason="hard", since=now, lifted_at=now, lifted_by="1", lifted_because="x"
        )  # fmt: skip
    admin_client.get(LIST)

    with django_assert_max_num_queries(16):
        admin_client.get(LIST)


def test_lift_suppression_asks_for_a_reason(admin_client, suppression):  # noqa: F811
    page = admin_client.post(f"{LIST}{suppression.pk}/lift/", {"because": " "}).text

    assert "Say why: whoever looks next wants to know." in page
    assert is_suppressed("gone@force.example")


def test_lift_suppression_records_who_when_and_why(admin_client, suppression):  # noqa: F811
    answer = admin_client.post(
        f"{LIST}{suppression.pk}/lift/", {"because": "Their mailbox works again"}, follow=True
    )

    suppression.refresh_from_db()
    user = answer.wsgi_request.user
    assert (suppression.lifted_by, suppression.lifted_because) == (str(user.pk), "Their mailbox works again")
    assert suppression.lifted_at is not None
    assert "Letters go to gone@force.example again." in answer.text
    assert "Their mailbox works again" in answer.text
    assert (user.get_full_name() or user.get_username()) in answer.text


def test_suppressions_are_for_those_who_may(client: Client, member, suppression):
    member.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(member)

    assert client.get(LIST).status_code in {302, 403}
    assert client.post(f"{LIST}{suppression.pk}/lift/", {"because": "x"}).status_code in {302, 403}
    assert is_suppressed("gone@force.example")
