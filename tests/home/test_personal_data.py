"""What the front page remembers about a member is handed over and erased."""

from datetime import date

from home.models import FrontPageVisit
from members import personal_data


def visit(member):
    FrontPageVisit.objects.create(member=member, visited_on=date(2027, 1, 12), previous_on=date(2027, 1, 5))


def test_collect_hands_over_the_days(member, other_member):
    visit(member)

    expected = [{"visited_on": date(2027, 1, 12), "previous_on": date(2027, 1, 5)}]
    assert personal_data.collect(member)["front_page_visits"] == expected
    assert personal_data.collect(other_member)["front_page_visits"] == []


def test_erase_removes_the_days_of_the_member_alone(member, other_member, now):
    visit(member)
    visit(other_member)

    personal_data.erase(member, now)

    assert list(FrontPageVisit.objects.values_list("member", flat=True)) == [other_member.pk]
