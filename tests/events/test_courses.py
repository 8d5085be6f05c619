"""A course: all its dates at once, or none."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events import actions, line
from events.answers import Answers
from events.models import Question, Registration, SeriesPage, Session

State = Registration.State
WEEK = timedelta(weeks=1)


@pytest.fixture
def course(index) -> SeriesPage:
    return index.add_child(
        instance=SeriesPage(title="Supervising well", slug="supervising", is_booked_as_one=True)
    )


@pytest.fixture
def dates(make_event, course):
    return [make_event(series=course, capacity=2, title=f"Part {number}") for number in (1, 2, 3)]


@pytest.fixture
def signed_in(client, member) -> Client:
    client.force_login(member)
    return client


def book_series(course, member, now, **more) -> list[Registration]:
    return actions.book_series(series=course, member=member, actor=member, now=now, **more)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_book_series_gives_a_place_on_every_date(course, dates, member, now):
    booked = book_series(course, member, now)

    assert [(one.event_id, one.state) for one in booked] == [(date.pk, "confirmed") for date in dates]
    together = set(Registration.objects.values_list("booked_together", flat=True))
    assert len(together) == 1
    assert together != {None}


def test_book_series_books_none_where_one_is_full(course, dates, member, fill, now):
    fill(dates[1], 2)

    with pytest.raises(actions.DateFull) as refused:
        book_series(course, member, now)

    assert refused.value.message.startswith(
        "You were not registered for any date. “Part 2”, Thursday 25 March 2027"
    )
    assert Registration.objects.filter(member=member).count() == 0


def test_book_series_leaves_out_what_is_over_cancelled_or_a_draft(
    course, dates, make_event, member, organiser, now
):
    make_event(series=course, starts_at=now - WEEK)
    make_event(series=course, live=False)
    actions.cancel_event(event=dates[2], reason="Ill", actor=organiser, now=now)

    assert [one.event_id for one in book_series(course, member, now)] == [dates[0].pk, dates[1].pk]


def test_book_series_with_nothing_to_come(course, member, now):
    with pytest.raises(actions.NothingToBook):
        book_series(course, member, now)


def test_book_series_locks_in_the_order_of_the_keys(course, dates, member, now, monkeypatch):
    """Whatever the order of the dates, or two members lock each other out."""
    for number, date in enumerate(reversed(dates)):
        type(date).objects.filter(pk=date.pk).update(
            starts_at=date.starts_at + number * WEEK, ends_at=date.ends_at + number * WEEK
        )
    locked = []
    lock = line.lock
    monkeypatch.setattr(line, "lock", lambda event: locked.append(event) or lock(event))

    book_series(course, member, now)

    assert locked == sorted(date.pk for date in dates)


@pytest.mark.parametrize("act", [actions.book_place, actions.join_waiting_list])
def test_one_date_alone_is_not_booked(dates, member, now, act):
    with pytest.raises(actions.BookedAsOne):
        act(event=dates[0], member=member, actor=member, now=now)
    assert Registration.objects.count() == 0


def test_an_organiser_may_book_one_date(dates, member, organiser, now):
    booked = actions.book_place(event=dates[0], member=member, actor=organiser, now=now)

    assert booked.state == State.CONFIRMED


def test_one_date_leads_to_all_of_them(signed_in, course, dates):
    url = reverse("events:book_series", args=[course.pk])

    assert signed_in.get(reverse("events:book_place", args=[dates[0].uuid])).url == url
    shown = text(signed_in.get(url))
    assert [date.title in shown for date in dates] == [True, True, True]
    sent = signed_in.post(url, follow=True)

    assert "You are registered for all 3 dates of “Supervising well”." in text(sent)
    assert Registration.objects.confirmed().count() == 3
    assert "You are registered already" in text(signed_in.get(url))


def test_each_question_is_asked_once_and_kept_with_each_date(signed_in, course, dates):
    """Copied dates share the keys of their questions."""
    first = Question.objects.create(event=dates[0], label="Role", is_required=True)
    for date in dates[1:]:
        Question.objects.create(event=date, label="Role", is_required=True, key=first.key)
    session = Session.objects.create(
        event=dates[1],
        title="Practice",
        starts_at=dates[1].starts_at,
        ends_at=dates[1].ends_at,
        is_chosen=True,
    )
    url = reverse("events:book_series", args=[course.pk])
    name, slot = f"question-{first.key.hex}", f"sessions-{int(session.starts_at.timestamp())}"
    assert signed_in.get(url).content.decode().count(f'name="{name}"') == 1

    signed_in.post(url, {name: "Analyst", slot: str(session.pk)})

    assert list(Registration.objects.values_list("answers", flat=True)) == [{str(first.key): "Analyst"}] * 3
    assert session.places.get().registration.event_id == dates[1].pk


def test_book_series_says_that_one_is_registered(course, dates, member, organiser, now):
    actions.book_place(event=dates[2], member=member, actor=organiser, now=now)

    with pytest.raises(actions.AlreadyRegistered):
        book_series(course, member, now, answers=Answers())
    assert Registration.objects.count() == 1


def test_a_series_that_is_no_course_is_not_booked_at_once(signed_in, course, dates):
    course.is_booked_as_one = False
    course.save()

    assert signed_in.get(reverse("events:book_series", args=[course.pk])).status_code == 404
    assert signed_in.get(reverse("events:book_place", args=[dates[0].uuid])).status_code == 200
