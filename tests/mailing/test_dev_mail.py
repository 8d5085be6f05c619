"""Mail of the development machine: files, and the pages that show them."""

import mailbox
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.urls import include, path

from mailing import maildir
from mailing.delivery import deliver
from members.demo import PASSWORD
from portal import urls as portal_urls
from portal import views

urlpatterns = [
    path("dev/mail/", views.dev_mail, name="dev_mail"),
    path("dev/mail/", include("mailing.dev_urls")),
    *portal_urls.urlpatterns,
]
handler404 = portal_urls.handler404

CALENDAR = {
    "filename": "Tag der Käse.ics",
    "content_type": "text/calendar; method=PUBLISH",
    "content": "QQ0KQg==",
}


@pytest.fixture
def mail_folder(settings, tmp_path) -> Path:
    settings.EMAIL_BACKEND = "mailing.backends.MaildirBackend"
    settings.MAIL_DIR = tmp_path / "deep" / "mail"
    return settings.MAIL_DIR


@pytest.fixture
def deliver_letters(make_letter, letter_template, mail_folder, now):
    """Delivers letters with these subjects to the folder, and gives their keys, newest first."""

    kind = letter_template("Subject: {{ subject }}\n\n{{ words }}")

    def go(*subjects: str, words: str = "You have a place.", **fields) -> list[str]:
        for number, subject in enumerate(subjects):
            letter = make_letter(
                str(number), kind=kind, values={"subject": subject, "words": words}, **fields
            )
            deliver([letter.pk], clock=lambda: now)
        return maildir.newest_first(mail_folder)

    return go


pytestmark = pytest.mark.urls(__name__)


def test_backend_writes_a_maildir_that_any_program_reads(mail_folder):
    message = EmailMultiAlternatives("Grüße", "Text", to=["a@force.example"])

    assert message.send() == 1

    [stored] = mailbox.Maildir(mail_folder)
    assert stored["To"] == "a@force.example"


def test_newest_first_orders_by_time_and_not_by_name():
    keys = ["99.M5P1Q1.host", "100.M5P1Q2.host", "100.M10P1Q3.host", "100.M10P1Q10.host", "odd"]

    assert sorted(keys, key=maildir._age, reverse=True) == [
        "100.M10P1Q10.host", "100.M10P1Q3.host", "100.M5P1Q2.host", "99.M5P1Q1.host", "odd",
    ]  # fmt: skip


def test_dev_mail_lists_letters_newest_first(client, deliver_letters):
    keys = deliver_letters("First", "Second & last", "Ünïcode " + "long " * 40)

    page = client.get("/dev/mail/")

    letters = page.context["letters"]
    assert [letter.key for letter in letters] == keys
    assert [letter.subject for letter in letters] == [
        ("Ünïcode " + "long " * 40).strip(),
        "Second & last",
        "First",
    ]
    assert {letter.recipient for letter in letters} == {"practitioner@force.example"}
    assert "Second &amp; last" in page.content.decode()
    assert "Thursday 14 January 2027, 9:29am" in page.content.decode()


def test_dev_mail_says_that_there_is_none(client, db, mail_folder):
    page = client.get("/dev/mail/").content.decode()

    assert "No letter was sent yet." in page
    assert "There are no demo logins yet." in page


def test_dev_mail_shows_thousands_a_page_at_a_time(client, db, mail_folder):
    (mail_folder / "new").mkdir(parents=True)
    for number in range(3000):
        (mail_folder / "new" / f"{number}.M0P1Q1.host").write_text(
            f"Subject: {number}\nTo: a@b.example\n\nText"
        )

    first = client.get("/dev/mail/").context
    last = client.get("/dev/mail/?from=2950").context

    assert [letter.subject for letter in first["letters"]] == [
        str(number) for number in range(2999, 2949, -1)
    ]
    assert (first["later_url"], first["earlier_url"]) == ("", "?from=50")
    assert [letter.subject for letter in last["letters"]] == [str(number) for number in range(49, -1, -1)]
    assert (last["later_url"], last["earlier_url"]) == ("?from=2900", "")


@pytest.mark.parametrize("start", ["-1", "x", "9" * 30, "", "1e9"])
def test_dev_mail_takes_any_start(client, deliver_letters, start):
    deliver_letters("First")

    assert client.get(f"/dev/mail/?from={start}").status_code == 200


def test_dev_mail_shows_how_to_sign_in(client, db, mail_folder, monkeypatch):
    from members import demo
    from members.models import User

    login = demo.LOGINS[0]
    User.objects.create_user(login.email)
    monkeypatch.setattr(demo, "current_code", lambda _: "123456")

    page = client.get("/dev/mail/").content.decode()

    assert login.email in page
    assert "123456" in page
    assert PASSWORD in page


def test_dev_letter_shows_text_attachments_and_html(client, deliver_letters):
    [key] = deliver_letters(
        "Your place",
        words="See https://portal.example/a/ <b>",
        attachments=[CALENDAR],
    )

    page = client.get(f"/dev/mail/{key}/").content.decode()

    assert "Your place" in page
    assert (
        '<a href="https://portal.example/a/" rel="nofollow">https://portal.example/a/</a> &lt;b&gt;' in page
    )
    assert "Tag der Käse.ics" in page
    assert f'src="/dev/mail/{key}/html/"' in page
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page


def test_dev_letter_html_runs_and_loads_nothing(client, deliver_letters):
    [key] = deliver_letters("Your place")

    page = client.get(f"/dev/mail/{key}/html/")

    html = page.content.decode()
    assert '<head><base target="_top">' in html
    assert '<p style="margin:0 0 18px 0">You have a place.</p>' in html
    assert page["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )


def test_dev_attachment_is_downloaded_as_it_was(client, deliver_letters):
    [key] = deliver_letters("Your place", attachments=[CALENDAR])

    answer = client.get(f"/dev/mail/{key}/attachments/0/")

    assert answer.content == b"A\r\nB"
    assert answer["Content-Type"] == 'text/calendar; method="PUBLISH"'
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Tag%20der%20K%C3%A4se.ics"


@pytest.mark.parametrize(
    "address", ["nothing/", "..%2F..%2Fsecret/", "{key}/attachments/1/", "nothing/html/"]
)
def test_dev_mail_finds_nothing_else(client, deliver_letters, mail_folder, address):
    [key] = deliver_letters("Your place", attachments=[CALENDAR])
    (mail_folder.parent / "secret").write_text("Subject: secret\n\n")

    assert client.get(f"/dev/mail/{address.format(key=key)}").status_code == 404


def test_dev_mail_has_no_address_without_debug():
    assert not django_settings.DEBUG
    assert [pattern for pattern in portal_urls.urlpatterns if "dev" in str(pattern.pattern)] == []
