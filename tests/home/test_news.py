"""What is new."""

from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from wagtail.models import PageViewRestriction

from home.news import MOST_OF_EACH, published_between, published_since

VISITOR = AnonymousUser()


def titles(pages):
    return [page.title for page in pages]


def test_published_since_begins_with_the_day_in_london(now, new_event, new_finding):
    day = date(2027, 1, 12)
    for title, hours in [("eve", -1), ("morning", 0), ("later", 30)]:
        moment = now.replace(day=12, hour=0, minute=0) + timedelta(hours=hours)
        new_event(title=title, first_published_at=moment)
        new_finding(title=title, first_published_at=moment)

    news = published_since(day, VISITOR, now)

    assert titles(news.events) == ["morning", "later"]
    assert titles(news.findings) == ["later", "morning"]
    assert (news.number_of_events, news.number_of_findings) == (2, 2)


def test_published_since_leaves_out_events_that_are_over_or_cancelled(now, new_event):
    new_event(title="over", days=-10)
    new_event(title="cancelled", cancelled_at=now)
    new_event(title="to come")

    assert titles(published_since(date(2027, 1, 1), VISITOR, now).events) == ["to come"]


def test_published_since_leaves_out_what_the_reader_may_not_read(now, member, new_event, new_finding):
    for page in (new_event(title="members"), new_finding(title="members")):
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    new_event(title="draft", live=False)
    new_finding(title="draft", live=False)

    assert not published_since(date(2027, 1, 1), VISITOR, now)
    seen = published_since(date(2027, 1, 1), member, now)
    assert titles([*seen.events, *seen.findings]) == ["members", "members"]


def test_published_between_ends_before_the_end(now, new_finding):
    new_finding(title="in time", first_published_at=now - timedelta(seconds=1))
    new_finding(title="too late", first_published_at=now)

    assert titles(published_between(now - timedelta(days=1), now, VISITOR, now).findings) == ["in time"]


def test_published_between_names_the_latest_and_counts_all(now, new_finding):
    for hours in range(MOST_OF_EACH + 2):
        new_finding(title=f"{hours} hours ago", first_published_at=now - timedelta(hours=hours + 1))

    news = published_between(now - timedelta(days=1), now, VISITOR, now)

    assert titles(news.findings) == [f"{hours} hours ago" for hours in range(MOST_OF_EACH)]
    assert news.number_of_findings == MOST_OF_EACH + 2
