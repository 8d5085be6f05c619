"""The parts of an event's page: ways within it, for whom it is, what to do next, and where nothing stands beside."""

import json
import re
from datetime import timedelta
from unittest import mock

import pytest
from django.urls import reverse

from events import links
from events.models import Audience, Invitation, Material, RecordedFigures, SessionSpeaker, Speaker, Venue
from tests.events.filling import slot, text, url_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BODY = json.dumps([{"type": "text", "value": "<p>What it is about.</p>"}])


@pytest.fixture(autouse=True)
def clock(now):
    """The pages' clock stands still."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


def main(response) -> str:
    return " ".join(response.content.decode().split()).split("<main")[1].split("</main>")[0]


def contents(shown: str) -> list[tuple[str, str]]:
    """Where the list of parts leads, and in which words."""
    found = re.search(r'<nav [^>]*aria-labelledby="on-this-page">.*?</nav>', shown)
    return re.findall(r'href="#([^"]*)">([^<]*)<', found[0]) if found else []


def test_event_page_leads_to_each_of_its_parts(client, make_event, make_session, now):
    event = make_event(
        body=BODY,
        venue=Venue.objects.create(name="The Hall", address="Here"),
        recorded_figures=RecordedFigures.objects.create(name="All", attended=9, source="List"),
    )
    session = make_session(event, "Rating", is_chosen=False)
    SessionSpeaker.objects.create(session=session, speaker=Speaker.objects.create(name="A trainer"))
    Material.objects.create(
        event=event, title="Slides", url="https://a.example/", audience="everyone", added_at=now
    )

    shown = main(client.get(event.url))

    assert contents(shown) == [
        ("about", "About"),
        ("programme", "Programme"),
        ("speakers", "Speakers"),
        ("materials", "Materials"),
        ("venue", "Venue and access"),
        ("figures", "What was counted"),
    ]
    assert re.findall(r'<h2 class="govuk-heading-l" id="([^"]*)">([^<]*)<', shown) == contents(shown)


def test_event_page_of_one_part_has_no_list_of_them(client, make_event):
    shown = main(client.get(make_event(body=BODY).url))

    assert contents(shown) == []
    assert '<div class="pp-with-aside">' in shown


def test_event_page_without_parts_leaves_no_empty_column(client, event):
    shown = main(client.get(event.url))

    assert '<div class="pp-alone">' in shown
    assert "pp-with-aside" not in shown
    assert "Sign in to register" in shown


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        (Audience.EVERYONE, "Everyone with an account"),
        (Audience.MEMBERS, "Members of any agency"),
        (Audience.CHOSEN, "Members of some organisations"),
        (Audience.INVITED, "People who were invited"),
    ],
)
def test_event_page_says_for_whom_it_is_beside_when_and_where(client, make_event, now, audience, words):
    ahead, over, off = (
        make_event(audience=audience, **fields)
        for fields in ({}, {"starts_at": now - DAY}, {"cancelled_at": now})
    )

    assert f"</svg>{words}</li>" in main(client.get(ahead.url))
    assert words not in main(client.get(over.url))
    assert words not in main(client.get(off.url))


@pytest.mark.parametrize(
    ("who", "fields", "words"),
    [
        ("nobody", {}, "You choose your sessions when you register."),
        ("member", {}, "You choose your sessions on the next page."),
        ("member", {"capacity": 1}, "You choose your sessions on the next page."),
        ("member", {"registration_closes_at": -HOUR}, ""),
        ("member", {"cancelled_at": -HOUR}, ""),
        ("member", {"is_cancelled": True}, ""),
        ("member", {"is_chosen": False}, ""),
    ],
)
def test_panel_says_where_sessions_are_chosen_and_until_when(
    client, make_event, make_session, fill, member, now, who, fields, words
):
    of_session = {key: fields[key] for key in ("is_cancelled", "is_chosen") if key in fields}
    values = {
        key: now + value if isinstance(value, timedelta) else value
        for key, value in fields.items()
        if key not in of_session
    }
    event = make_event(answers_change_until=now + 20 * DAY, **values)
    make_session(event, "Rating", **of_session)
    fill(event, 1)
    if who == "member":
        client.force_login(member)

    shown = main(client.get(event.url))

    said = re.findall(r"You choose your sessions [^<]*", shown)
    until = " You can change them until Wednesday 3 February 2027, 9:30am."
    assert said == ([words + until] if words else [])


@pytest.mark.parametrize(
    ("fields", "has_file"),
    [
        ({}, True),
        ({"date_precision": "month"}, False),
        ({"cancelled_at": 0 * HOUR}, False),
        ({"starts_at": -DAY}, False),
    ],
)
def test_programme_offers_a_calendar_file_while_it_is_ahead(
    client, make_event, make_session, now, fields, has_file
):
    values = {key: now + value if isinstance(value, timedelta) else value for key, value in fields.items()}
    event = make_event(**values)
    make_session(event, "Rating")

    shown = main(client.get(event.url))

    row = shown[shown.index('id="programme"') : shown.index('class="pp-slots"')]
    assert (reverse("events:event_calendar", args=[event.uuid]) in row) == has_file
    assert '<button class="pp-link-button" type="button" data-module="pp-print">Print</button>' in row


def test_registration_names_the_rooms_of_its_sessions_and_leads_to_them(client, event, make_session, member):
    first, second = (
        make_session(event, "Rating", room="Room 1"),
        make_session(event, "Visiting <b>", after=2),
    )
    client.force_login(member)

    sent = client.post(
        url_of("book_place", event), {slot(first): str(first.pk), slot(second): str(second.pk)}
    )

    listed = re.findall(
        r'value"><a class="govuk-link" href="([^"]*)">([^<]*)</a>([^<]*)</dd>', text(client.get(sent.url))
    )
    address = f"/events/{event.uuid}/sessions"
    assert listed == [
        (f"{address}/{first.key}/", "Rating", ", Room 1"),
        (f"{address}/{second.key}/", "Visiting &lt;b&gt;", ""),
    ]


def test_sign_up_of_an_invitation_shows_what_is_wrong_before_its_panel(client, invitation, now):
    Invitation.objects.filter(pk=invitation.pk).update(answer="accepted", answered_at=now)
    url = reverse("events:sign_up_invited", args=[links.token(links.INVITE, invitation.key)])

    shown = main(client.post(url, {}))

    assert 0 < shown.index("govuk-error-summary") < shown.index("How it goes on")
    assert shown.count('class="govuk-error-summary"') == 1
