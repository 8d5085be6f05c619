"""Parts of one's own page: whom the lead counts, what certificates add up to, ways on, and links that open."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from events.models import EventIndexPage
from home.views import development

MY_PAGE = reverse("home:my_page")


def flat(response) -> str:
    return " ".join(response.text.split())


def lead_of(response) -> str:
    return re.search(r'<p class="pp-lead">(.*?)</p>', flat(response))[1]


def test_lead_counts_events_that_take_place(as_member, today, new_event, register):
    register(new_event(days=10))
    register(new_event(days=20))
    register(new_event(days=30, cancelled_at=today))
    register(new_event(days=40), "cancelled")

    shown = as_member.get(MY_PAGE)

    assert lead_of(shown) == "You are registered for two events."
    assert flat(shown).count("Cancelled</strong>") == 1  # it stands in the list, with its tag


# --- Professional development ----------------------------------------------------------------------


def test_development_adds_up_the_year_and_counts_all_certificates(member, now, new_event, register, certify):
    for days, hours in ((-1, "4.50"), (-5, "10"), (-30, "2"), (-400, "3")):
        certify(register(new_event(days=days)), hours=hours)
    certify(register(new_event(days=-3)), hours="7", withdrawn_at=now)

    found = development(member, 2027)

    assert (found.year, found.hours, found.events, found.certificates) == (2027, "14.5", 2, 4)


@pytest.mark.parametrize(
    ("hours", "shown"), [("10", "10"), ("1", "1"), ("0.25", "0.25"), ("100.00", "100"), ("4.50", "4.5")]
)
def test_development_writes_hours_without_idle_zeros(member, new_event, register, certify, hours, shown):
    certify(register(new_event(days=-1)), hours=hours)

    assert development(member, 2027).hours == shown


def test_development_is_nothing_before_the_first_certificate(member, new_event, register, certify, now):
    assert development(member, 2027) is None
    certify(register(new_event(days=-1)), withdrawn_at=now)
    assert development(member, 2027) is None


def test_my_page_shows_hours_with_what_they_come_from(as_member, today, new_event, register, certify):
    assert "You have no certificate yet." in flat(as_member.get(MY_PAGE))
    certify(register(new_event(days=-400)), hours="3")
    before = flat(as_member.get(MY_PAGE))
    certify(register(new_event(days=-1)), hours="4.50")

    figure = re.compile(r'<div class="pp-figure">(.*?)</div>')
    figures = [
        [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in figure.findall(page)]
        for page in (before, flat(as_member.get(MY_PAGE)))
    ]

    assert figures == [
        ["hours this year 0 no certificate for 2027 yet", "certificate 1 My CPD record"],
        ["hours this year 4.5 from 1 event in 2027", "certificates 2 My CPD record"],
    ]


# --- Ways on, and links that open --------------------------------------------------------------------


def test_my_page_without_events_leads_to_the_lists(as_member, today, site_tree, new_event, register):
    index = EventIndexPage.objects.get()
    ways_on = f'<a class="govuk-link" href="{index.url}">{index.title}</a>'

    assert re.search(r'<div class="pp-empty">.*?</div>', flat(as_member.get(MY_PAGE)))[0].count("<a ") == 2
    assert ways_on in flat(as_member.get(MY_PAGE))
    register(new_event())
    assert "pp-empty" not in flat(as_member.get(MY_PAGE))


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "Online, link opens at 9:30am"),
        (1, "Online, link opens at 8:30am"),
        (24, "Online, link opens on Saturday 23 January 2027, 9:30am"),
        (300, "Online, link is open"),
    ],
)
def test_card_of_an_online_event_says_when_its_link_opens(
    as_member, today, new_event, register, hours, words
):
    register(
        new_event(
            days=10, format="online", joining_url="https://meet.example/1", hours_joining_link_shows=hours
        )
    )

    assert f"</svg>{words}</li>" in flat(as_member.get(MY_PAGE))


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        ("waiting", {"joining_url": "https://meet.example/1"}),
        ("confirmed", {"joining_url": ""}),
        ("confirmed", {"joining_url": "https://meet.example/1", "cancelled_at": timedelta(0)}),
    ],
)
def test_card_says_nothing_of_a_link_that_will_not_open(as_member, today, new_event, register, state, fields):
    values = {key: today + value if isinstance(value, timedelta) else value for key, value in fields.items()}
    register(new_event(days=10, format="online", **values), state)

    assert "</svg>Online</li>" in flat(as_member.get(MY_PAGE))


# --- The front page -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "The one upcoming event"), (4, "All 4 upcoming events"), (6, "All upcoming events")],
)
def test_front_page_says_how_many_events_their_list_has(client, today, new_event, number, words, monkeypatch):
    monkeypatch.setattr("home.models.COUNTED_AT_MOST", 5)
    for days in range(number):
        new_event(days=days + 1)

    assert f'href="/events/">{words}</a>' in flat(client.get("/"))


def test_front_page_leads_from_the_figures_to_the_evidence(client, today, home, new_finding):
    home.figures = [("figure", {"value": "10", "of": "17", "label": "carried out", "source": "Evaluation"})]
    home.save_revision().publish()
    assert "See the evidence" not in flat(client.get("/"))
    new_finding()

    assert 'href="/library/">See the evidence</a>' in flat(client.get("/"))
