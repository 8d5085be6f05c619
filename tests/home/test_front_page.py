"""The front page: what a visitor sees, what a member sees, and what it costs."""

import json
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.admin.views.generic.preview import StreamFieldBlockPreview

from bench.data import make_events
from events.models import WorkshopPage
from home.models import FrontPageVisit
from members.models import User

QUERIES_OF_A_VISITOR = 11  # twelve are allowed
QUERIES_OF_A_MEMBER = 19


@pytest.fixture
def edited(home):
    """The front page with everything that an editor can fill in."""
    events = home.get_children().get(slug="events")
    home.promise = "One line.\n\n Two lines. \nThree lines."
    home.summary = "Who it is for."
    home.searches_to_try = "joint assessment\nhostile & difficult"
    home.join_heading = "Join in"
    home.join_text = "It is quick."
    home.doors = json.dumps(
        [
            {
                "type": "door",
                "value": {
                    "icon": "calendar",
                    "link": {"label": "Meet", "page": events.pk, "address": ""},
                    "text": "Come together.",
                },
            },
            {
                "type": "door",
                "value": {
                    "icon": "book",
                    "link": {"label": "Read", "page": None, "address": "/library/"},
                    "text": "Find out.",
                },
            },
        ]
    )
    home.figures_heading = "What came of it"
    home.figures = json.dumps(
        [
            {
                "type": "figure",
                "value": {"value": "10", "of": "17", "label": "carried out", "source": "Evaluation, 2020"},
            }
        ]
    )
    home.promises_heading = "Our word"
    home.promises = json.dumps(
        [
            {
                "type": "promise",
                "value": {
                    "text": "Kept.",
                    "more": [{"label": "How", "page": events.pk, "address": ""}],
                },
            },
            {"type": "promise", "value": {"text": "Kept, too.", "more": []}},
        ]
    )
    home.save()
    return home


def flat(response):
    """The page as text with one space between words."""
    return " ".join(response.text.split())


def event_titles(response):
    return re.findall(r'<li class="pp-event.*?pp-cover" href="[^"]*">(.*?)</a>', response.text, re.DOTALL)


# --- A visitor -------------------------------------------------------------------------------------


def test_visitor_reads_everything_an_editor_wrote(client, edited):
    text = flat(client.get("/"))

    assert (
        '<h1 class="govuk-heading-xl"><span>One line. </span><span>Two lines. </span><span>Three lines. </span></h1>'
        in text
    )
    assert '<p class="pp-lead">Who it is for.</p>' in text
    assert (
        'Try <a href="/search/?q=joint%20assessment">joint assessment</a> or '
        '<a href="/search/?q=hostile%20%26%20difficult">hostile &amp; difficult</a>'
    ) in text
    assert '<h2 class="govuk-heading-m" id="join">Join in</h2> <p class="govuk-body">It is quick.</p>' in text
    assert (
        '<a class="govuk-link pp-cover" href="/events/">Meet</a></h3> <p class="govuk-body">Come together.</p>'
        in text
    )
    assert (
        '<a class="govuk-link pp-cover" href="/library/">Read</a></h3> <p class="govuk-body">Find out.</p>'
        in text
    )
    assert '<h2 class="govuk-heading-l" id="figures">What came of it</h2>' in text
    assert "<dt>carried out</dt>" in text
    assert "10 <small>of 17</small>" in text
    assert "Evaluation, 2020" in text
    assert '<h2 class="govuk-heading-l" id="promises">Our word</h2>' in text
    assert '<li>Kept. <a class="govuk-link" href="/events/">How</a></li> <li>Kept, too.</li>' in text


def test_visitor_sees_the_next_three_events_that_take_place(client, home, today, new_event):
    new_event(days=40, title="Fourth")
    new_event(days=30, title="Third")
    new_event(days=5, title="Called off", cancelled_at=today)
    new_event(days=10, title="First", capacity=60)
    new_event(days=20, title="Second")
    new_event(days=-3, title="Over")
    new_event(days=2, title="Draft", live=False)

    response = client.get("/")

    assert event_titles(response) == ["First", "Second", "Third"]
    assert "<strong>60 places left</strong> of 60" in flat(response)
    assert '<a class="govuk-link govuk-body" href="/events/">All 5 upcoming events</a>' in response.text


def test_visitor_sees_the_latest_finding(client, home, new_finding):
    new_finding(title="Older", published_year=2018)
    new_finding(title="Newest", published_year=2020, kind="evaluation", summary="What it found.")

    text = flat(client.get("/"))

    assert "Evaluation, 2020" in text
    assert '>Newest</a></h3> <p class="govuk-body">What it found.</p>' in text
    assert '<a class="govuk-link" href="/library/">All findings</a>' in text
    assert "Older" not in text


def test_visitor_of_an_empty_portal_finds_no_empty_sections(client, home):
    text = flat(client.get("/"))

    assert "No event is announced at the moment." in text
    for section in (
        "What you can do here",
        "What changed because of it",
        "Latest finding",
        "What we promise",
    ):
        assert section not in text


def test_visitor_gets_one_search_field(client, home):
    assert client.get("/").text.count('name="q"') == 1


def test_visitor_is_shown_what_was_typed_as_text(client, home, naughty_strings):
    scripts = [string for string in naughty_strings if "<script" in string.lower()]
    assert scripts

    for string in scripts:
        home.promise = home.searches_to_try = string[:150]
        home.summary = home.join_text = string[:300]
        home.save()

        assert string not in client.get("/").text


@pytest.mark.parametrize("number", [5, 5000])
def test_visitor_costs_the_same_queries_with_few_and_many_events(
    client, edited, today, new_event, new_finding, number
):
    make_events(WorkshopPage.objects.get(pk=new_event(capacity=60).pk), number - 1, today)
    new_finding()
    client.get("/")

    with CaptureQueriesContext(connection) as queries:
        response = client.get("/")

    assert len(event_titles(response)) == 3
    assert len(queries) == QUERIES_OF_A_VISITOR


# --- A member --------------------------------------------------------------------------------------


def test_member_sees_the_organisation_and_no_hero(as_member, edited):
    text = flat(as_member.get("/"))

    assert '<h1 class="govuk-heading-l">Example Police</h1>' in text
    assert "One line." not in text
    assert "Create account" not in text


def test_member_without_an_organisation_is_welcome(client, home, pending):
    client.force_login(pending)

    assert '<h1 class="govuk-heading-l">Welcome</h1>' in flat(client.get("/"))


def test_member_sees_what_waits_first(as_member, home, today, new_event, register):
    register(new_event(title="Offered to me"), "offered")

    text = flat(as_member.get("/"))

    assert text.index("Waiting for you") < text.index("A place is yours until") < text.index("My next events")
    assert "Nothing. You are up to date." not in text


def test_member_for_whom_nothing_waits_is_told_so(as_member, home):
    assert "Nothing. You are up to date." in flat(as_member.get("/"))


def test_member_has_one_primary_button_however_much_waits(as_member, home, today, new_event, register):
    for _ in range(3):
        register(new_event(), "offered")

    buttons = re.findall(r'<a class="(govuk-button[^"]*)"', as_member.get("/").text)

    assert buttons == ["govuk-button pp-full", *["govuk-button govuk-button--secondary pp-full"] * 2]


def test_member_sees_the_next_three_of_their_own_events(
    as_member, home, today, new_event, register, other_member
):
    for days in (40, 30, 20, 10):
        register(new_event(days=days, title=f"In {days} days"))
    register(new_event(days=5, title="Of a colleague"), member=other_member)

    assert event_titles(as_member.get("/")) == ["In 10 days", "In 20 days", "In 30 days"]


def test_member_sees_what_is_new_since_the_last_visit(as_member, member, home, today, new_event, new_finding):
    FrontPageVisit.objects.create(member=member, visited_on=date(2027, 1, 10))
    new_event(title="New event", first_published_at=today - timedelta(days=1))
    new_finding(title="New finding", first_published_at=today - timedelta(days=1))
    new_finding(title="Known finding", first_published_at=today - timedelta(days=9))

    first, second = flat(as_member.get("/")), flat(as_member.get("/"))

    for text in (first, second):  # a second look on the same day shows the same
        assert "New since your last visit" in text
        assert "New event" in text
        assert "New finding" in text
        assert "Known finding" not in text
    assert FrontPageVisit.objects.get().visited_on == date(2027, 1, 14)


def test_member_on_the_first_visit_sees_what_is_new_of_the_last_month(as_member, home, today, new_finding):
    new_finding(title="Of this month", first_published_at=today - timedelta(days=20))
    new_finding(title="Of last year", first_published_at=today - timedelta(days=50))

    text = flat(as_member.get("/"))

    assert "New here" in text
    assert "Of this month" in text
    assert "Of last year" not in text


def test_member_for_whom_nothing_is_new_is_told_since_when(as_member, member, home, today):
    FrontPageVisit.objects.create(member=member, visited_on=date(2027, 1, 10))

    assert "Nothing new since Sunday 10 January 2027." in flat(as_member.get("/"))


@pytest.mark.parametrize("number", [1, 3])
def test_member_costs_the_same_queries_however_much_there_is(
    as_member, edited, today, new_event, new_finding, register, number
):
    for _ in range(number):
        register(new_event(), "offered")
        register(new_event(), "awaiting approval")
        new_finding()
    as_member.get("/")

    with CaptureQueriesContext(connection) as queries:
        response = as_member.get("/")

    assert len(event_titles(response)) == min(2 * number, 3)

    assert len(queries) == QUERIES_OF_A_MEMBER


# --- Previews --------------------------------------------------------------------------------------


def preview(page, browser, mode, rf):
    """What the editor who is signed in in the browser sees in the preview panel."""
    session = browser.cookies["sessionid"].value
    request = rf.get("/admin/", headers={"cookie": f"sessionid={session}"})
    return page.make_preview_request(original_request=request, preview_mode=mode).text


def test_preview_shows_both_faces_of_the_page(edited):
    assert edited.preview_modes == [("visitor", "As a visitor"), ("member", "As a member")]
    assert edited.default_preview_mode == "visitor"


def test_preview_as_a_visitor_shows_an_editor_the_hero(edited, as_member, rf):
    edited.promise = "Not published yet."

    text = preview(edited, as_member, "visitor", rf)

    assert "<span>Not published yet. </span>" in text
    assert "Sign out" not in text


def test_preview_as_a_member_counts_as_no_visit(edited, as_member, rf):
    assert "My next events" in preview(edited, as_member, "member", rf)
    assert FrontPageVisit.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "name", "link"),
    [
        ("doors", "door", '<a class="govuk-link pp-cover" href="/events/">Meet</a>'),
        ("promises", "promise", '<a class="govuk-link" href="/privacy/">Privacy notice</a>'),
    ],
)
def test_preview_of_a_block_draws_the_block(home, rf, field, name, link):
    block = getattr(type(home), field).field.stream_block.child_blocks[name]
    request = rf.get("/admin/block_preview/", {"id": block.definition_prefix})
    request.user = User.objects.create_superuser("administrator@portal.example")

    response = StreamFieldBlockPreview.as_view()(request).render()

    assert link in response.text
