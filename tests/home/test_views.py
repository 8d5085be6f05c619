"""One's own page."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.views import PAST_EVENTS_SHOWN, lead
from library.models import Topic, TopicInterest
from mailing import categories
from mailing.actions import stop_letters
from mailing.bounces import suppress_address

MY_PAGE = "/my-page/"
QUERIES = 17


def flat(response):
    return " ".join(response.text.split())


def rows(response):
    """Key, value and address of each line of the summary lists."""
    return re.findall(
        r'__key">(.*?)</dt>\s*<dd class="govuk-summary-list__value">(.*?)</dd>.*?href="([^"]*)"',
        response.text,
        re.DOTALL,
    )


def cards(response):
    """Title and tag of each event to come."""
    return re.findall(
        r'<li class="pp-event.*?pp-cover" href="[^"]*">(.*?)</a>.*?<strong class="govuk-tag[^"]*">(.*?)</strong>',
        response.text,
        re.DOTALL,
    )


def test_my_page_has_one_address():
    assert reverse("home:my_page") == MY_PAGE


def test_my_page_asks_visitors_to_sign_in(client, db):
    response = client.get(MY_PAGE)

    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={MY_PAGE}")


def test_my_page_shows_ones_own_events_with_where_each_stands(
    as_member, today, new_event, register, other_member
):
    register(new_event(days=10, title="First"), "confirmed")
    second = register(new_event(days=20, title="Second"), "waiting")
    register(new_event(days=15, title="Of a colleague"), "confirmed", member=other_member)

    response = as_member.get(MY_PAGE)

    assert cards(response) == [("First", "Registered"), ("Second", "On the waiting list")]
    assert f'href="{reverse("events:registration", args=[second.uuid])}"' in response.text
    assert "Of a colleague" not in response.text


def test_my_page_says_in_one_line_what_there_is(as_member, today, new_event, register):
    register(new_event(), "confirmed")
    register(new_event(), "offered")

    assert '<p class="pp-lead">You are registered for one event. One thing waits for you.</p>' in flat(
        as_member.get(MY_PAGE)
    )


@pytest.mark.parametrize(
    ("registered", "waiting", "words"),
    [
        (0, 0, "You are registered for no events."),
        (1, 0, "You are registered for one event."),
        (2, 1, "You are registered for two events. One thing waits for you."),
        (12, 2, "You are registered for 12 events. Two things wait for you."),
    ],
)
def test_lead_counts_in_words(registered, waiting, words):
    assert lead(registered, waiting) == words


def test_my_page_leads_to_every_place_where_ones_data_can_be_changed(as_member, member, today):
    member.set_password("a long enough password")
    member.job_title = "Offender manager"
    member.save()
    as_member.force_login(member)

    assert rows(as_member.get(MY_PAGE)) == [
        ("Name", "Pat Practitioner", reverse("members:change_details")),
        ("Address", "practitioner@force.example", reverse("account_email")),
        ("Organisation", "Example Police", reverse("members:change_details")),
        ("Job title", "Offender manager", reverse("members:change_details")),
        (
            "Letters",
            "Invitations to events, reminders before an event, thanks after an event and the weekly digest",
            reverse("members:change_mail_preferences"),
        ),
        ("Topics", "None chosen", reverse("library:choose_topics")),
        ("Password", "Set", reverse("account_change_password")),
        ("Second factor", "None yet", reverse("mfa_index")),
        ("Sessions", "Where you are signed in, and signing out elsewhere", reverse("usersessions_list")),
    ]


def test_my_page_names_ones_topics_in_their_order(as_member, member, today):
    for place, name in enumerate(["Training", "Assessing risk"]):
        topic = Topic.objects.create(name=name, slug=f"topic-{place}", sort_order=place)
        TopicInterest.objects.create(member=member, topic=topic)

    values = {key: value for key, value, _address in rows(as_member.get(MY_PAGE))}

    assert values["Topics"] == "Training, Assessing risk"


def test_my_page_says_what_is_not_there(client, pending, today):
    pending.stated_organisation = "A small charity"
    for category in categories.every():
        stop_letters(address=pending.email, category=category.name, now=today)
    pending.save()
    Authenticator.objects.create(user=pending, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=pending, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(pending)

    values = {key: value for key, value, _address in rows(client.get(MY_PAGE))}

    assert values == {
        "Name": "Not given",
        "Address": "newcomer@elsewhere.example",
        "Organisation": "A small charity (as you gave it)",
        "Job title": "Not given",
        "Letters": "Only what concerns your account and your registrations",
        "Topics": "None chosen",
        "Password": "None. You sign in with a code by e-mail",
        "Second factor": "Authenticator app and recovery codes",
        "Sessions": "Where you are signed in, and signing out elsewhere",
    }


def test_my_page_leads_to_calendar_download_and_leaving(as_member):
    text = as_member.get(MY_PAGE).text

    for name in ("events:my_calendar", "members:download_my_data", "members:leave"):
        assert f'href="{reverse(name)}"' in text


def test_my_page_lists_past_events_the_latest_first(as_member, today, new_event, register):
    for days in (-400, -10):
        register(new_event(days=days, title=f"{-days} days ago"))

    past = flat(as_member.get(MY_PAGE)).split("Past events</h2>")[1]

    assert past.index("10 days ago") < past.index("400 days ago")
    assert "These are the last" not in past


def test_my_page_offers_the_certificate_of_a_past_event_with_its_hours(
    as_member, today, new_event, register, certify
):
    issued = certify(register(new_event(days=-10, title="Attended")), hours="4.50")
    withdrawn = certify(register(new_event(days=-20, title="Corrected")), withdrawn_at=today)
    register(new_event(days=-30, title="Not there"))

    text = flat(as_member.get(MY_PAGE))
    items = re.findall(r"<li>(.*?)</li>", text.split("Past events</h2>")[1])

    past = [" ".join(re.sub(r"<[^>]*>", " ", item).split()) for item in items[:3]]
    assert past == [
        "Attended Workshop, Monday 4 January 2027, 9:30am to 12:30pm CPD: 4 hours 30 minutes, certificate for Attended (PDF)",
        "Corrected Workshop, Friday 25 December 2026, 9:30am to 12:30pm",
        "Not there Workshop, Tuesday 15 December 2026, 9:30am to 12:30pm",
    ]
    assert f'href="{reverse("certificates:certificate_file", args=[issued.code])}"' in text
    assert withdrawn.code not in text


def test_my_page_says_where_older_past_events_are(as_member, today, new_event, register):
    for place in range(PAST_EVENTS_SHOWN + 1):
        register(new_event(days=-place - 1, title=f"Past {place}"))

    text = flat(as_member.get(MY_PAGE))

    assert "Past 19" in text
    assert "Past 20" not in text
    assert "These are the last 20." in text


def test_my_page_escapes_what_a_member_wrote(as_member, member, naughty_strings):
    scripts = [string for string in naughty_strings if "<script" in string.lower()]
    assert scripts

    for string in scripts:
        member.first_name = member.job_title = string[:100]
        member.save()

        assert string[:100] not in as_member.get(MY_PAGE).text


@pytest.mark.parametrize("number", [1, 3])
def test_my_page_costs_the_same_queries_however_many_registrations(
    as_member, today, new_event, register, certify, number
):
    for place in range(number):
        register(new_event(days=10 + place), "confirmed")
        register(new_event(days=20 + place), "offered", offer_expires_at=today + timedelta(days=1))
        register(new_event(days=30 + place), "awaiting approval")
        certify(register(new_event(days=-10 - place), "confirmed"))
    as_member.get(MY_PAGE)

    with CaptureQueriesContext(connection) as queries:
        response = as_member.get(MY_PAGE)

    assert len(cards(response)) == 3 * number
    assert len(queries) == QUERIES


def test_my_page_says_when_letters_come_back(as_member, member, today):
    notice = f"Our letters to {member.email} come back"
    assert notice not in as_member.get(MY_PAGE).text

    suppress_address(address=member.email, reason="hard", detail="", now=today)

    assert notice in as_member.get(MY_PAGE).text
