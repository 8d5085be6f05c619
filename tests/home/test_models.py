"""Visits of the front page, to the day; the contents of a page of text."""

import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from home.models import SECTIONS_OF_A_LONG_PAGE, FrontPageVisit, StandardPage

MONDAY = date(2027, 1, 11)
TUESDAY, FRIDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)


def test_record_returns_the_day_of_the_visit_before(member, other_member):
    visits = FrontPageVisit.objects

    assert visits.record(member, MONDAY) is None
    assert visits.record(member, MONDAY) is None
    assert visits.record(other_member, FRIDAY) is None
    assert visits.record(member, TUESDAY) == MONDAY
    assert visits.record(member, TUESDAY) == MONDAY
    assert visits.record(member, FRIDAY) == TUESDAY


def test_record_keeps_two_days_and_nothing_else(member):
    for day in (MONDAY, TUESDAY, FRIDAY):
        FrontPageVisit.objects.record(member, day)

    assert list(FrontPageVisit.objects.values("member", "visited_on", "previous_on")) == [
        {"member": member.pk, "visited_on": FRIDAY, "previous_on": TUESDAY}
    ]


def test_record_writes_only_once_a_day(member):
    FrontPageVisit.objects.record(member, MONDAY)

    with CaptureQueriesContext(connection) as queries:
        FrontPageVisit.objects.record(member, MONDAY)

    assert [query["sql"].split(" ", 1)[0] for query in queries] == ["SELECT"]


def test_record_takes_a_clock_that_went_back_for_the_same_day(member):
    FrontPageVisit.objects.record(member, TUESDAY)

    assert FrontPageVisit.objects.record(member, MONDAY) is None
    assert FrontPageVisit.objects.get().visited_on == TUESDAY


def test_last_before_reads_the_same_without_writing(member):
    visits = FrontPageVisit.objects

    assert visits.last_before(member, MONDAY) is None
    visits.record(member, MONDAY)
    assert visits.last_before(member, MONDAY) is None
    assert visits.last_before(member, TUESDAY) == MONDAY
    assert FrontPageVisit.objects.get().visited_on == MONDAY


def test_database_refuses_a_visit_before_the_one_before(member):
    with pytest.raises(IntegrityError), transaction.atomic():
        FrontPageVisit.objects.create(member=member, visited_on=MONDAY, previous_on=MONDAY)


def page_with(*headings, level="h2"):
    blocks = [{"type": "heading", "value": {"text": text, "level": level}} for text in headings]
    return StandardPage(title="Text", body=json.dumps([*blocks, {"type": "text", "value": "<p>Words.</p>"}]))


@pytest.mark.django_db  # Wagtail looks up the content type of a page that it makes
def test_contents_list_the_sections_of_a_long_page():
    headings = [f"Section no. {number}" for number in range(SECTIONS_OF_A_LONG_PAGE)]

    assert page_with(*headings).contents == [
        (heading, heading.lower().replace(" ", "-").replace(".", "")) for heading in headings
    ]


@pytest.mark.django_db
def test_contents_of_a_short_page_are_empty():
    assert page_with(*["Section"] * (SECTIONS_OF_A_LONG_PAGE - 1)).contents == []
    assert page_with(*["Part"] * SECTIONS_OF_A_LONG_PAGE, level="h3").contents == []
    assert StandardPage(title="Empty").contents == []
