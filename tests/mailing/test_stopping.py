"""Stopping letters of one kind: the page asks, the button and the mail program's own POST do."""

import re

import pytest
from django.test import Client

from mailing import actions, categories
from mailing.models import Unsubscription
from mailing.stopping import letter_of, stop_url
from mailing.suppression import stopped_categories


@pytest.fixture
def letter(make_letter, monkeypatch):
    monkeypatch.setattr(categories, "_categories", {})
    categories.register("digest", label="The digest", short="the digest")
    return make_letter(category="digest", state="sent")


def path_of(letter) -> str:
    return stop_url(letter).removeprefix("https://portal.example")


def test_stop_page_asks_and_changes_nothing(client, letter):
    page = client.get(path_of(letter)).text

    assert "Stop these letters" in page
    assert "“The digest” to p…@force.example" in re.sub(r"\s+", " ", page)
    assert letter.recipient not in page
    assert stopped_categories(letter.recipient) == set()


def test_stop_button_stops_letters_of_the_kind(client, letter):
    page = client.post(path_of(letter)).text

    assert "You will not get these letters any more" in page
    assert stopped_categories(letter.recipient.upper()) == {"digest"}
    assert "You will not get these letters any more" in client.get(path_of(letter)).text


def test_one_click_of_a_mail_program_stops_them_without_a_session(letter):
    """RFC 8058, section 3.2: a POST with this body, no cookies and no token."""
    program = Client(enforce_csrf_checks=True)

    answer = program.post(path_of(letter), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert stopped_categories(letter.recipient) == {"digest"}


def test_stopping_twice_is_stopping_once(client, letter):
    client.post(path_of(letter))
    client.post(path_of(letter))

    assert Unsubscription.objects.count() == 1


def test_stop_page_is_found_only_by_a_signed_address(client, letter):
    token = path_of(letter).split("/")[-2]
    forged = token.replace(str(letter.pk), str(letter.pk + 1), 1)

    for wrong in (forged, f"{letter.pk}", "x", token + "x"):
        assert letter_of(wrong) is None
        assert client.post(f"/letters/stop/{wrong}/").status_code == 404
    assert Unsubscription.objects.count() == 0


def test_stop_page_is_gone_with_the_letter_or_its_category(client, letter, monkeypatch):
    path = path_of(letter)
    monkeypatch.setattr(categories, "_categories", {})
    assert client.get(path).status_code == 404
    letter.delete()
    assert client.get(path).status_code == 404


def test_letters_of_no_category_have_no_stop_address(make_letter):
    assert stop_url(make_letter()) == ""


def test_allow_letters_undoes_stopping(db, now):
    actions.stop_letters(address="A@force.example", category="digest", now=now)
    actions.stop_letters(address="a@force.example", category="reminders", now=now)

    actions.allow_letters(address="a@FORCE.example", category="digest")

    assert stopped_categories("a@force.example") == {"reminders"}


def test_move_wishes_takes_them_to_the_new_address(db, now):
    actions.stop_letters(address="old@force.example", category="digest", now=now)
    actions.stop_letters(address="new@force.example", category="reminders", now=now)

    actions.move_wishes(former="Old@force.example", address="New@force.example")

    assert stopped_categories("new@force.example") == {"digest", "reminders"}
    assert stopped_categories("old@force.example") == set()


def test_register_refuses_another_category_of_the_same_name(letter):
    with pytest.raises(ValueError, match="Two categories of letters are called digest"):
        categories.register("digest", label="Something else", short="else")
