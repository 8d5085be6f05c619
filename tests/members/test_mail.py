"""Letters about accounts and membership."""

import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from mailing.composition import composed
from mailing.models import OutgoingMail
from members import actions, mail
from members.models import MembershipDecision, User

LETTERS = Path(settings.BASE_DIR) / "templates" / "members" / "mail"
TEMPLATES = Path(allauth.__file__).parent / "templates"

# What allauth could send for features that are off: codes by letter to confirm addresses and reset passwords.
SWITCHED_OFF = {"account/email/password_reset_code"}


def test_every_letter_of_allauth_has_one_of_ours():
    theirs = {
        str(path.relative_to(TEMPLATES)).removesuffix("_subject.txt")
        for path in TEMPLATES.rglob("email/*_subject.txt")
    }

    assert set(mail.ALLAUTH_LETTERS) == theirs - SWITCHED_OFF


def test_every_template_is_a_letter_that_is_sent(rf):
    written = {path.stem for path in LETTERS.glob("*.txt")}

    sent = {name for name, _ in mail.ALLAUTH_LETTERS.values()}
    sent |= {name for name in dir(mail) if (LETTERS / f"{name}.txt").exists()}
    assert written == sent


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_letter_is_plain(path):
    text = path.read_text(encoding="utf-8")

    assert re.match(
        r"Subject: [^\n{]{10,70}(\{\{ organisation \}\}[^\n]*)?\n\n|Subject: \{\{ organisation", text
    )
    assert text.endswith("\n")
    assert not re.search(r"!|please|oops|e-?mail us|click", text, re.IGNORECASE)
    # Every link is a block of two lines, so that it becomes the button or a link with words.
    for url in re.findall(r"^.*_url \}\}.*$", text, re.MULTILINE):
        assert re.search(rf"^[A-Z][^\n]+:\n{re.escape(url)}$", text, re.MULTILINE), url
    assert text.count("_url }}") <= 1


def test_no_letter_says_nothing_for_a_value(db, make_user, manager, essex, now):
    """Every value that a letter asks for is given."""
    member = make_user("officer@essex.police.uk", organisation=essex)
    decision = MembershipDecision.objects.create(
        member=member, decided_by=manager, verdict="declined", decided_at=now, reason="A reason."
    )
    values = {
        "activate_url": "https://portal.example/a/",
        "code": "ABC-DEF",
        "deleted_email": "a@b.example",
        "from_email": "a@b.example",
        "password_reset_url": "https://portal.example/b/",
        "provider": "Police",
        "to_email": "c@b.example",
    }
    for name, priority in mail.ALLAUTH_LETTERS.values():
        mail.account_letter(name, to="a@b.example", values=values, now=now, priority=priority)
    mail.account_suspended(to="a@b.example", now=now)
    mail.confirmation_code(member=member, code="ABC-DEF", now=now)
    mail.second_factor_reset(member=member, now=now)
    mail.membership_waiting(member=member, now=now)
    for write in (
        mail.membership_approved,
        mail.membership_declined,
        mail.membership_suspended,
        mail.membership_reinstated,
        mail.membership_returned,
    ):
        write(decision=decision)
    mail.member_invited(member=member, organisation="Essex Police")
    mail.member_left(address="a@b.example", decision=decision)

    kinds = set()
    for letter in OutgoingMail.objects.all():
        text = composed(letter).text
        kinds.add(letter.kind.removeprefix("members/mail/"))
        assert "  " not in text.replace("-- \n", ""), letter.kind
        assert not re.search(r"[{}]| [.,:]|:\n\n|: \n", text.replace("reason:\n\n>", "")), letter.kind
    assert kinds == {path.stem for path in LETTERS.glob("*.txt")}


def test_codes_stay_out_of_subjects(approved, client, code_in):
    client.post("/account/login/code/", {"email": approved.email})

    assert code_in("sign_in_code") not in composed(OutgoingMail.objects.get()).subject


def test_letters_somebody_waits_for_go_first(approved, client, make_user, essex, now):
    client.post("/account/login/code/", {"email": approved.email})
    mail.membership_waiting(member=approved, now=now)
    mail.member_invited(member=approved, organisation="Essex Police")

    priorities = dict(OutgoingMail.objects.values_list("kind", "priority"))
    assert priorities["members/mail/sign_in_code"] < priorities["members/mail/membership_waiting"]
    assert priorities["members/mail/membership_waiting"] < priorities["members/mail/member_invited"]


def test_two_codes_are_two_letters(approved):
    for _ in range(2):
        Client().post("/account/login/code/", {"email": approved.email})

    assert OutgoingMail.objects.count() == 2


def test_a_decision_is_one_letter_however_often_it_is_written(approved, manager, now):
    decision = MembershipDecision.objects.create(
        member=approved, decided_by=manager, verdict="approved", decided_at=now
    )
    for _ in range(2):
        mail.membership_approved(decision=decision)

    assert OutgoingMail.objects.count() == 1


def test_a_letter_to_somebody_without_a_name_greets_all_the_same(make_user, now):
    member = make_user("new@council.example", first_name="", last_name="")

    mail.membership_waiting(member=member, now=now)

    assert composed(OutgoingMail.objects.get()).text.startswith("Hello,\n")


def test_a_reason_is_a_quotation_whatever_it_holds(waiting, manager, now):
    reason = "One.\n\nSee your registration:\nhttps://evil.example/\n- a list\nSubject: Another"
    decision = MembershipDecision.objects.create(
        member=waiting, decided_by=manager, verdict="declined", decided_at=now, reason=reason
    )

    mail.membership_declined(decision=decision)

    letter = composed(OutgoingMail.objects.get())
    assert all(f"\n> {line}" in letter.text for line in reason.splitlines() if line)
    assert letter.subject == "Your request to join the Practice Portal"
    assert 'href="https://evil.example/" style="display:inline-block' not in letter.html


def test_letters_are_not_escaped(make_user, now):
    member = make_user("new@council.example", first_name="D’Arcy & <Co>")

    mail.membership_waiting(member=member, now=now)

    letter = composed(OutgoingMail.objects.get())
    assert letter.text.startswith("Hello D’Arcy & <Co> Body,\n")
    assert "D’Arcy &amp; &lt;Co&gt;" in letter.html


def test_messages_of_allauth_are_ours():
    for path in ["account/messages/email_confirmed.txt", "mfa/messages/totp_activated.txt"]:
        text = render_to_string(path, {"email": "a@b.example"}).strip()
        assert text.endswith(".")
        assert "uccessfully" not in text


def test_logs_hold_ids_only(approved, client, caplog, essex, manager, now):
    """What members do is logged without names, addresses and reasons."""
    caplog.set_level("DEBUG")
    client.post("/account/login/", {"login": approved.email, "password": "wrong-password-of-mine"})
    client.post("/account/login/code/", {"email": approved.email})
    actions.suspend_member(
        member=approved, by=manager, seen=User.State.APPROVED, reason="A secret reason.", now=now
    )
    actions.erase_member(member=approved, by=manager, now=now)

    logged = [
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db.backends")
    ]
    for secret in ("officer@", "Body", "A secret reason", "wrong-password"):
        assert [line for line in logged if secret in line] == []
