"""A course whose dates go together: a date's page and the line manager's page say what holds for all of them."""

import pytest
from django.urls import reverse

from events import actions, links
from events.answers import Answers
from events.models import EventPage, ManagerApproval, SeriesPage
from mailing.composition import composed
from mailing.models import OutgoingMail

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def dates(index, make_event) -> list[EventPage]:
    course = index.add_child(
        instance=SeriesPage(title="Supervising well", slug="supervising", is_booked_as_one=True)
    )
    return [make_event(series=course, capacity=2, title=f"Part {number}") for number in (1, 2)]


def shown(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("who", "button"), [("member", "Join the waiting list of the course"), ("nobody", "Sign in to register")]
)
def test_event_page_of_a_date_says_that_another_date_is_full(client, dates, fill, member, who, button):
    """Its own free place helps nobody: the course offers the waiting list."""
    fill(dates[0], 1)
    fill(dates[1], 2)
    if who == "member":
        client.force_login(member)

    page = shown(client.get(dates[0].url))

    assert "Course full, waiting list open</strong>" in page
    assert "On one date all places are taken, or others wait for one." in page
    assert button in page
    assert "1 place left" not in page
    assert "Places left" not in page
    assert "Register for the course" not in page


def test_event_page_of_a_date_says_that_the_course_keeps_no_line(signed_in, dates, fill):
    fill(dates[1], 2)
    EventPage.objects.update(has_waiting_list=False)

    page = shown(signed_in.get(dates[0].url))

    assert "Course full</strong>" in page
    assert "this course keeps no waiting list" in page


def test_event_page_of_a_date_offers_the_course_while_every_date_has_places(signed_in, dates, fill):
    fill(dates[0], 1)

    page = shown(signed_in.get(dates[0].url))

    assert "<strong>1 place left</strong> of 2" in page
    assert "Register for the course" in page


def test_event_page_of_a_date_says_what_the_reader_has(signed_in, dates, fill, member, put):
    """Whoever is registered reads nothing of the course being full."""
    put(dates[0], member, "confirmed")
    fill(dates[1], 2)

    page = shown(signed_in.get(dates[0].url))

    assert "You are registered" in page
    assert "On one date" not in page


# --- The line manager -------------------------------------------------------------------------------------------


@pytest.fixture
def asked(dates, member, now) -> ManagerApproval:
    EventPage.objects.update(needs_manager=True)
    actions.book_series(
        series=dates[0].series,
        member=member,
        actor=member,
        now=now,
        answers=Answers(manager_email="line.manager@force.example"),
    )
    return ManagerApproval.objects.order_by("pk").first()


def test_answer_as_manager_shows_every_date_of_the_course(client, asked, dates):
    """Nobody approves days they have not seen; what was answered shows them too."""
    address = reverse("events:answer_as_manager", args=[links.token(links.APPROVE, asked.key)])

    before = shown(client.get(address))
    client.post(address, {"answer": "approve"})
    after = shown(client.get(address))

    for page in (before, after):
        assert '<p class="pp-lead">Supervising well</p>' in page
        for date in dates:
            assert f"{date.title}</dt>" in page
            assert page.count(date.when_in_full) == 2  # both parts are at the same time here


@pytest.mark.parametrize("kind", ["manager_asked", "approval_awaited"])
def test_letters_about_approval_name_the_course_and_every_date(asked, dates, kind):
    """The line manager's letter, and the member's own."""
    letter = composed(OutgoingMail.objects.get(kind=f"events/mail/{kind}"))

    assert "Supervising well" in letter.subject
    for date in dates:
        assert f"- {date.title}, {date.when_in_full}. " in letter.text


def test_answer_as_manager_of_one_event_says_when_and_where(client, event, member, now):
    EventPage.objects.filter(pk=event.pk).update(needs_manager=True)
    answers = Answers(manager_email="line.manager@force.example")
    actions.book_place(event=event, member=member, actor=member, now=now, answers=answers)
    key = ManagerApproval.objects.get().key

    page = shown(client.get(reverse("events:answer_as_manager", args=[links.token(links.APPROVE, key)])))

    assert f'When</dt><dd class="govuk-summary-list__value">{event.when_in_full}</dd>' in page
    assert f'<p class="pp-lead">{event.title}</p>' in page
