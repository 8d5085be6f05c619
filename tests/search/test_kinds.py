"""What kind of thing a result is called."""

import pytest
from django.contrib.auth.models import AnonymousUser

from events.models import EventIndexPage, SeriesPage
from search.database import find


@pytest.mark.parametrize(("is_course", "kind"), [(True, "Course"), (False, "Series of events")])
def test_find_says_whether_a_series_is_a_course(site_tree, is_course, kind):
    series = SeriesPage(title="Supervising well", slug="supervising", is_booked_as_one=is_course)
    EventIndexPage.objects.get().add_child(instance=series)

    found = find(["supervising"], AnonymousUser(), start=0, count=9).documents

    assert [(document.kind, document.title) for document in found] == [(kind, "Supervising well")]
