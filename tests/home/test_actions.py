"""The weekly digest, and the first texts of the site."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction, Site

from home import actions
from home.actions import fill_standing_pages, send_digest
from home.models import Digest, HomePage, StandardPage
from mailing.actions import stop_letters
from mailing.composition import composed
from mailing.models import OutgoingMail
from mailing.stopping import stop_url
from members.models import User
from pages.models import SiteSettings

A_WEEK = timedelta(days=7)
# Which week it is and what is new, the members twice (the second time none is left), their transaction.
STATEMENTS_OF_A_DIGEST = 12


def recipients():
    return sorted(OutgoingMail.objects.values_list("recipient", flat=True))


# --- The digest ------------------------------------------------------------------------------------


def test_send_digest_names_what_was_published_since_last_week(now, member, new_event, new_finding):
    event = new_event(title="Rating & ranking", kind="workshop", place="Midlands")
    new_finding(title="A finding", kind="report", published_year=2019)
    new_finding(title="An old finding", first_published_at=now - timedelta(days=8))

    report = send_digest(now=now)

    row = OutgoingMail.objects.get()
    letter = composed(row)
    assert (report.week, report.letters, report.was_done_before) == ("2027-W02", 1, False)
    assert row.recipient == member.email
    assert row.kind == "home/mail/digest"
    assert letter.subject == "New on the Practice Portal: one event and one finding"
    assert f"- Rating & ranking. Workshop, {event.when}. In person, Midlands" in letter.text
    assert "- A finding. Report, 2019" in letter.text
    assert "An old finding" not in letter.text
    assert "What was published since Thursday 7 January 2027." in letter.text
    assert "https://portal.example/\n" in letter.text
    assert f"To stop letters like this one: {stop_url(row)}\n" in letter.text
    assert "Rating &amp; ranking" in letter.html


def test_send_digest_goes_to_approved_members_who_want_it(now, member, new_finding):
    new_finding()
    for state in User.State.values:
        User.objects.create_user(f"{state}@force.example", state=state)
    User.objects.create_user("no-thanks@force.example", state="approved")
    stop_letters(address="No-Thanks@force.example", category="digest", now=now)
    User.objects.create_user("inactive@force.example", state="approved", is_active=False)

    send_digest(now=now)

    assert recipients() == ["approved@force.example", member.email]


def test_send_digest_writes_nothing_when_nothing_is_new(now, member, new_event, new_finding):
    new_event(title="Over", days=-2)
    new_finding(first_published_at=now - timedelta(days=30))

    report = send_digest(now=now)

    assert (report.letters, bool(report.news)) == (0, False)
    assert OutgoingMail.objects.count() == 0


def test_send_digest_writes_one_letter_a_week_however_often_it_runs(now, member, new_finding):
    new_finding()

    first, again = send_digest(now=now), send_digest(now=now + timedelta(days=2))

    assert (first.letters, again.letters, again.was_done_before) == (1, 0, True)
    assert OutgoingMail.objects.count() == 1


def test_send_digest_begins_where_the_last_one_ended(now, member, new_finding):
    send_digest(now=now)
    new_finding(title="In between", first_published_at=now + timedelta(hours=1))

    report = send_digest(now=now + 2 * A_WEEK)  # a week was missed

    assert [finding.title for finding in report.news.findings] == ["In between"]
    assert list(Digest.objects.values_list("week", "since", "until")) == [
        ("2027-W02", now - A_WEEK, now),
        ("2027-W04", now, now + 2 * A_WEEK),
    ]


def test_send_digest_takes_up_a_run_that_broke_off(now, member, other_member, new_finding, monkeypatch):
    new_finding(title="In time")
    monkeypatch.setattr(actions, "MEMBERS_AT_A_TIME", 1)
    write, calls = actions._write, []

    def break_off(digest, news, members):
        calls.append(members)
        if len(calls) == 2:
            raise ConnectionError
        write(digest, news, members)

    monkeypatch.setattr(actions, "_write", break_off)
    with pytest.raises(ConnectionError):
        send_digest(now=now)
    monkeypatch.setattr(actions, "_write", write)
    new_finding(title="Too late", first_published_at=now + timedelta(minutes=1))

    send_digest(now=now + timedelta(hours=1))

    assert recipients() == [other_member.email, member.email]
    assert {composed(letter).subject for letter in OutgoingMail.objects.all()} == {
        "New on the Practice Portal: one finding"
    }


def test_send_digest_names_only_what_everybody_may_read(now, member, new_event, new_finding):
    for page in (new_event(title="Secret event"), new_finding(title="Secret finding")):
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    new_finding(title="Draft", live=False)
    new_finding(title="Open")

    send_digest(now=now)

    text = composed(OutgoingMail.objects.get()).text
    assert "Open" in text
    assert "Secret" not in text
    assert "Draft" not in text


def test_send_digest_dry_run_writes_nothing(now, member, new_finding):
    new_finding()

    report = send_digest(now=now, is_dry_run=True)

    assert report.letters == 1
    assert OutgoingMail.objects.count() == 0
    assert Digest.objects.count() == 0


def test_send_digest_says_how_much_more_there_is(now, member, new_finding):
    for _ in range(7):
        new_finding()

    send_digest(now=now)

    letter = composed(OutgoingMail.objects.get())
    assert letter.subject == "New on the Practice Portal: seven findings"
    assert letter.text.count("- Finding") == 5
    assert "- And 2 more" in letter.text


def test_send_digest_shows_titles_as_they_were_typed(now, member, new_finding, naughty_strings):
    typed = [" ".join(string.split())[:200] for string in naughty_strings]
    strings = [string for string in typed if string.isprintable() and "<" in string][:5]
    assert len(strings) == 5
    for string in strings:
        new_finding(title=string)

    send_digest(now=now)

    letter = composed(OutgoingMail.objects.get())
    for string in strings:
        assert string in letter.text
        assert string not in letter.html


@pytest.mark.parametrize("number", [1, 3])
def test_send_digest_costs_one_statement_for_each_member(now, force, new_event, new_finding, number):
    for place in range(number):
        User.objects.create_user(f"member-{place}@force.example", state="approved", organisation=force)
    new_event()
    new_finding()

    with CaptureQueriesContext(connection) as queries:
        send_digest(now=now)

    inserts = [query for query in queries if "INSERT" in query["sql"] and "outgoingmail" in query["sql"]]
    assert len(inserts) == number
    assert len(queries) - number == STATEMENTS_OF_A_DIGEST


# --- First texts -----------------------------------------------------------------------------------


def fill():
    return fill_standing_pages(run_by="Example University", contact="help@portal.example")


def test_fill_standing_pages_fills_all_that_is_empty(client, site_tree):
    filled = fill()

    assert filled == [
        "Home",
        *StandardPage.objects.order_by("path").values_list("title", flat=True),
        "Site settings: contact address",
    ]
    assert "Example University" in client.get("/privacy/").text
    assert "How anonymity works" in client.get("/").text
    assert SiteSettings.for_site(Site.objects.get()).contact_email == "help@portal.example"


def test_fill_standing_pages_again_changes_nothing(site_tree):
    fill()
    pages = [HomePage.objects.get(), *StandardPage.objects.order_by("pk")]
    before = [(page.latest_revision_id, page.last_published_at) for page in pages]

    assert fill() == []
    pages = [HomePage.objects.get(), *StandardPage.objects.order_by("pk")]
    assert [(page.latest_revision_id, page.last_published_at) for page in pages] == before


def test_fill_standing_pages_keeps_what_an_editor_wrote(site_tree):
    own = json.dumps([{"type": "text", "value": "<p>Our own words.</p>"}])
    published = StandardPage.objects.get(slug="privacy")
    published.body = own
    published.save_revision().publish()
    draft = StandardPage.objects.get(slug="cookies")
    draft.body = own
    draft.save_revision()
    site_settings = SiteSettings.for_site(Site.objects.get())
    site_settings.contact_email = "own@portal.example"
    site_settings.save()

    filled = fill()

    assert {"Privacy notice", "Cookies", "Site settings: contact address"} & set(filled) == set()
    assert StandardPage.objects.get(slug="privacy").body[0].value.source == "<p>Our own words.</p>"
    drafted = StandardPage.objects.get(slug="cookies").get_latest_revision_as_object()
    assert drafted.body[0].value.source == "<p>Our own words.</p>"
    assert SiteSettings.for_site(Site.objects.get()).contact_email == "own@portal.example"


def test_fill_standing_pages_fills_no_page_that_was_taken_away(site_tree):
    StandardPage.objects.get(slug="hard-cases").delete()

    assert "Discuss a hard case" not in fill()
    assert [door.value["link"]["label"] for door in HomePage.objects.get().doors] == [
        "Meet",
        "Find what works",
    ]
