"""The commands of the home app."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from home.models import StandardPage
from mailing.models import OutgoingMail


def run(*args):
    said = StringIO()
    call_command(*args, stdout=said)
    return said.getvalue()


def test_send_digest_says_what_it_did(today, member, new_event, new_finding):
    new_event()
    new_finding()

    assert run("send_digest", "--dry-run") == (
        "2027-W02: one event and one finding new, one letter would be written.\n"
    )
    assert OutgoingMail.objects.count() == 0
    assert run("send_digest") == "2027-W02: one event and one finding new, one letter written.\n"
    assert OutgoingMail.objects.count() == 1
    assert run("send_digest") == "The digest of 2027-W02 is written already.\n"


def test_send_digest_says_that_nothing_is_new(today, member, site_tree):
    assert run("send_digest") == "2027-W02: nothing is new, no letter is written.\n"


def test_fill_standing_pages_names_what_it_filled(site_tree):
    args = ("fill_standing_pages", "--run-by", "Example University", "--contact", "help@portal.example")

    first = run(*args)

    assert first.splitlines()[0] == "Filled: Home"
    assert len(first.splitlines()) == 2 + StandardPage.objects.count()
    assert run(*args) == "Every page has a text already. Nothing was changed.\n"


@pytest.mark.parametrize(
    ("run_by", "contact", "message"),
    [
        ("  ", "help@portal.example", "--run-by is empty. Name who runs the portal. Nothing was changed."),
        ("Example University", "help", "“help” is no mail address. Nothing was changed."),
    ],
)
def test_fill_standing_pages_refuses_what_cannot_stand_on_a_page(site_tree, run_by, contact, message):
    with pytest.raises(CommandError) as refused:
        run("fill_standing_pages", "--run-by", run_by, "--contact", contact)

    assert str(refused.value) == message
    assert [page.title for page in StandardPage.objects.all() if page.body] == []
