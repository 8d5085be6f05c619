"""The post room in the Wagtail admin: what it shows, to whom, and what one can do there."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from mailing.admin_views import kind_in_words
from mailing.models import OutgoingMail, Priority
from portal import roles

State = OutgoingMail.State
SECRET = "Your code is 482913"


@pytest.fixture
def administrator(member):
    member.groups.add(Group.objects.get(name=roles.Role.ADMINISTRATORS))
    return member


@pytest.fixture
def admin_client(client, administrator, settings):
    """Signed in; the second factor has tests of its own."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactor" not in name]
    client.force_login(administrator)
    return client


@pytest.fixture
def some_letters(make_letter, now):
    make_letter(
        "failed",
        state=State.FAILED,
        recipient="failed@force.example",
        values={"title": SECRET},
    )
    make_letter("waiting", recipient="waiting@force.example", values={"title": SECRET})
    make_letter(
        "code", state=State.FAILED, recipient="code@force.example",
        kind="members/mail/sign_in_code", values={"title": SECRET}, priority=Priority.URGENT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("events/mail/place_booked", "Place booked"),
        ("events.invitation_reminder", "Invitation reminder"),
        ("notice", "Notice"),
        ("account/email/unknown_account", "Unknown account"),
    ],
)
def test_kind_in_words_is_one_way_for_all_letters(kind, words):
    assert kind_in_words(OutgoingMail(kind=kind)) == words


def test_letters_shows_addresses_kinds_and_states_but_no_words(admin_client, some_letters):
    page = admin_client.get("/admin/letters/").content.decode()

    for shown in (
        "failed@force.example",
        "waiting@force.example",
        "Place booked",
        "Sign in code",
        "3 letters",
    ):
        assert shown in page
    assert "482913" not in page


@pytest.mark.parametrize("letters", [1, 3])
def test_letters_takes_the_same_queries_for_any_number(
    admin_client, make_letter, django_assert_max_num_queries, letters
):
    for number in range(letters):
        make_letter(str(number))
    admin_client.get("/admin/letters/")

    with django_assert_max_num_queries(QUERIES) as counted:
        admin_client.get("/admin/letters/results/")

    assert len(counted) == QUERIES


QUERIES = 7


def test_letters_finds_by_address_and_state(admin_client, some_letters):
    found = admin_client.get("/admin/letters/results/?q=code@").content.decode()
    failed = admin_client.get("/admin/letters/results/?state=failed").content.decode()

    assert ("code@force.example" in found, "waiting@force.example" in found) == (True, False)
    assert ("failed@force.example" in failed, "waiting@force.example" in failed) == (True, False)


def test_letters_offers_what_can_be_done(admin_client, some_letters):
    page = admin_client.get("/admin/letters/").content.decode()
    keys = dict(OutgoingMail.objects.values_list("dedupe_key", "pk"))

    assert f"/admin/letters/{keys['failed']}/send-letter-again/" in page
    assert f"/admin/letters/{keys['waiting']}/cancel-letter/" in page
    assert f"/admin/letters/{keys['code']}/" not in page


def test_send_letter_again_asks_first(admin_client, make_letter):
    letter = make_letter(state=State.FAILED, values={"title": SECRET})

    page = admin_client.get(f"/admin/letters/{letter.pk}/send-letter-again/").content.decode()

    assert "Send this letter again?" in page
    assert "482913" not in page
    letter.refresh_from_db()
    assert letter.state == State.FAILED


def test_send_letter_again_queues_it(admin_client, make_letter):
    letter = make_letter(state=State.FAILED)

    answer = admin_client.post(f"/admin/letters/{letter.pk}/send-letter-again/", follow=True)

    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (State.QUEUED, 0)
    assert "The letter to practitioner@force.example is on its way." in answer.content.decode()


def test_cancel_letter_takes_it_back(admin_client, make_letter):
    letter = make_letter()
    assert (
        "Take this letter back"
        in admin_client.get(f"/admin/letters/{letter.pk}/cancel-letter/").content.decode()
    )

    answer = admin_client.post(f"/admin/letters/{letter.pk}/cancel-letter/", follow=True)

    letter.refresh_from_db()
    assert letter.state == State.CANCELLED
    assert "will not be sent" in answer.content.decode()


@pytest.mark.parametrize(
    ("verb", "state", "priority"),
    [
        ("send-letter-again", State.SENT, Priority.NORMAL),
        ("send-letter-again", State.FAILED, Priority.URGENT),
        ("cancel-letter", State.SENDING, Priority.NORMAL),
    ],
)
def test_letters_refuse_what_the_rules_refuse(admin_client, make_letter, verb, state, priority):
    letter = make_letter(state=state, priority=priority)

    admin_client.post(f"/admin/letters/{letter.pk}/{verb}/")

    letter.refresh_from_db()
    assert letter.state == state


@pytest.mark.parametrize("address", ["", "results/", "{pk}/send-letter-again/", "{pk}/cancel-letter/"])
@pytest.mark.parametrize("role", [role for role in roles.Role if role != roles.Role.ADMINISTRATORS])
def test_letters_are_kept_from_other_roles(client, member, settings, make_letter, role, address):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactor" not in name]
    member.groups.add(Group.objects.get(name=role))
    client.force_login(member)
    letter = make_letter(recipient="somebody@else.example")

    answer = client.get(f"/admin/letters/{address.format(pk=letter.pk)}", follow=True)

    assert "somebody@else.example" not in answer.content.decode()
    assert "Letters" not in client.get("/admin/").content.decode()


def test_home_shows_what_failed_and_waits(admin_client, make_letter):
    now = timezone.now()
    make_letter("1", state=State.FAILED, finished_at=now - timedelta(days=1))
    make_letter("2", state=State.FAILED, finished_at=now - timedelta(days=1))
    make_letter("3", state=State.FAILED, finished_at=now - timedelta(days=15))
    make_letter("4", created_at=timezone.datetime(2027, 1, 4, 12, tzinfo=now.tzinfo), attempts=1)

    page = " ".join(admin_client.get("/admin/").content.decode().split())

    assert "<strong>2 letters failed</strong> in the last 14 days." in page
    assert "1 waits, since Monday 4 January 2027, 12 noon, and was tried before." in page


def test_home_counts_what_waits(admin_client, make_letter, now):
    make_letter("1")
    make_letter("2", attempts=1)
    make_letter("3", created_at=now)

    page = " ".join(admin_client.get("/admin/").content.decode().split())

    assert "3 wait, the oldest since Thursday 14 January 2027, 9:29am; 1 was tried before." in page


def test_home_says_that_all_is_well(admin_client):
    page = admin_client.get("/admin/").content.decode()

    assert "No letter failed in the last 14 days." in page
    assert "None is waiting." in page
