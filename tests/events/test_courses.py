"""A course: all its dates at once, or none."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events import actions, line, links, mail
from events.answers import Answers
from events.models import EventPage, Handover, ManagerApproval, Question, Registration, SeriesPage, Session
from events.personal_data import erase_registrations
from mailing.composition import composed
from mailing.models import OutgoingMail

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


def book_series(course, member, now, **more) -> list[Registration]:
    return actions.book_series(series=course, member=member, actor=member, now=now, **more)


def wait_for(course, member, now) -> list[Registration]:
    return actions.join_series_waiting_list(series=course, member=member, actor=member, now=now)


def states_of(member) -> list[str]:
    """By date; of the latest registration for each."""
    latest = {one.event_id: one.state for one in Registration.objects.filter(member=member).order_by("pk")}
    return [latest[number] for number in sorted(latest)]


def dates_in(text: str) -> list[str]:
    """The dates that a letter about a whole course lists."""
    listed = text.split("The dates of the course, which go together:\n\n")[1].partition("\n\n")[0]
    return [line.removeprefix("- ") for line in listed.splitlines()]


def letters_to(member, kind: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(recipient=member.email, kind=f"events/mail/{kind}"))


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
    assert "You are registered for all 3 dates" in text(signed_in.get(url, follow=True))


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


# --- Waiting for all dates -----------------------------------------------------------------------------------


@pytest.fixture
def waiting(course, dates, fill, member, now) -> list[Registration]:
    """One date is full, and the member waits for all three."""
    fill(dates[1], 2)
    return wait_for(course, member, now)


def free(date: EventPage, organiser, now) -> None:
    """A place on this date, as an organiser cancels it for somebody."""
    actions.cancel_registration(
        registration=date.registrations.confirmed().first(), actor=organiser, now=now, tells_member=False
    )


def test_join_series_waiting_list_waits_on_every_date(course, waiting, dates, member, now):
    assert [(one.event_id, one.state) for one in waiting] == [(date.pk, "waiting") for date in dates]
    [letter] = letters_to(member, "waiting_list_joined")
    said = composed(letter).text
    assert said.startswith(
        f"You are on the waiting list for “{course.title}”. You are the next in line.\n\n"
        f"When: 3 dates, the first on {dates[0].when}\nWhere: {dates[0].where}\n\n"
    )
    assert dates_in(said) == [f"{date.title}, {date.when}. {date.where}" for date in dates]

    assert actions.settle_courses(now=now) == 0
    assert states_of(member) == ["waiting"] * 3


def test_settle_courses_offers_all_dates_when_the_last_has_room(
    course, waiting, dates, organiser, member, now
):
    free(dates[1], organiser, now)
    assert states_of(member) == ["waiting"] * 3

    assert actions.settle_courses(now=now) == 1

    assert states_of(member) == ["offered"] * 3
    assert Registration.objects.filter(state="offered").values("offer_expires_at").distinct().count() == 1
    [letter] = letters_to(member, "place_offered")
    assert composed(letter).subject.startswith(f"A place for you: {course.title}, take it by ")
    assert dates_in(composed(letter).text) == [f"{date.title}, {date.when}. {date.where}" for date in dates]


def test_take_place_takes_every_date(waiting, dates, organiser, member, now):
    free(dates[1], organiser, now)
    actions.settle_courses(now=now)

    actions.take_place(registration=waiting[2], actor=member, now=now)

    assert states_of(member) == ["confirmed"] * 3
    assert len(letters_to(member, "place_booked")) == 3


def test_decline_place_declines_every_date(waiting, dates, organiser, member, now):
    free(dates[1], organiser, now)
    actions.settle_courses(now=now)

    actions.decline_place(registration=waiting[0], actor=member, now=now)

    assert states_of(member) == ["cancelled"] * 3


def test_an_offer_of_a_course_ends_for_every_date(waiting, dates, organiser, member, now):
    free(dates[1], organiser, now)
    actions.settle_courses(now=now)
    late = now + timedelta(hours=49)

    actions.expire_offers(now=late)
    assert states_of(member) == ["expired"] * 3
    assert len(letters_to(member, "offer_expired")) == 1
    actions.take_place(registration=waiting[1], actor=member, now=late)
    assert states_of(member) == ["waiting"] * 3
    assert actions.settle_courses(now=late) == 1
    assert states_of(member) == ["offered"] * 3


def test_take_place_too_late_does_so_for_every_date_also_before_the_sweep(
    waiting, dates, organiser, member, now
):
    free(dates[1], organiser, now)
    actions.settle_courses(now=now)

    actions.take_place(registration=waiting[1], actor=member, now=now + timedelta(hours=49))

    assert states_of(member) == ["waiting"] * 3


def test_cancel_registration_leaves_the_line_of_every_date(waiting, member, now):
    actions.cancel_registration(registration=waiting[1], actor=member, now=now)

    assert states_of(member) == ["cancelled"] * 3
    assert len(letters_to(member, "registration_cancelled")) == 1


def test_nobody_jumps_the_line_of_a_course(course, waiting, dates, organiser, member, other_member, now):
    free(dates[1], organiser, now)

    with pytest.raises(actions.DateFull):
        book_series(course, other_member, now)
    wait_for(course, other_member, now)
    assert actions.settle_courses(now=now) == 1

    assert (states_of(member), states_of(other_member)) == (["offered"] * 3, ["waiting"] * 3)


def test_whoever_cannot_have_all_dates_is_passed_over(
    course, dates, make_event, waiting, organiser, member, other_member, make_members, now
):
    """Their place in the line is kept; a single place goes to whoever waits for that date alone."""
    [single] = make_members(1)
    alone = actions.join_waiting_list(event=dates[1], member=single, actor=organiser, now=now)
    free(dates[1], organiser, now)
    alone.refresh_from_db()

    assert alone.state == "offered"
    assert actions.settle_courses(now=now) == 0
    assert states_of(member) == ["waiting"] * 3


def test_settle_courses_costs_nothing_for_those_who_cannot_come(
    course, waiting, make_members, now, django_assert_num_queries
):
    for other in make_members(20):
        wait_for(course, other, now)

    with django_assert_num_queries(3):
        actions.settle_courses(now=now)


def test_whoever_leaves_stops_waiting_for_the_course(waiting, member, now):
    erase_registrations(member, now)

    assert set(
        Registration.objects.filter(pk__in=[one.pk for one in waiting]).values_list("state", flat=True)
    ) == {"cancelled"}


def test_a_full_course_offers_the_waiting_list(signed_in, course, dates, fill, member):
    fill(dates[1], 2)
    url = reverse("events:book_series", args=[course.pk])
    shown = text(signed_in.get(url))
    assert "<strong>Full</strong>" in shown
    assert "Wait for a place on all dates of “Supervising well”" in shown

    refused = text(signed_in.post(url))
    assert "You were not registered for any date. “Part 2”" in refused
    sent = text(signed_in.post(reverse("events:join_series_waiting_list", args=[course.pk]), follow=True))

    assert "You are on the waiting list" in sent
    assert "This holds for all dates of the course" in sent
    assert states_of(member) == ["waiting"] * 3


def test_a_full_course_without_a_waiting_list_says_what_to_do(signed_in, course, dates, fill, member, now):
    EventPage.objects.filter(pk=dates[2].pk).update(has_waiting_list=False)
    fill(dates[1], 2)

    shown = text(signed_in.get(reverse("events:book_series", args=[course.pk]), follow=True))

    assert "this course keeps no waiting list. Ask the organiser when it runs again." in shown
    assert "<form" not in shown.partition("<main")[2].partition("</main>")[0]
    with pytest.raises(actions.DateFull):
        wait_for(course, member, now)
    assert Registration.objects.filter(member=member).count() == 0


# --- Cancelling ----------------------------------------------------------------------------------------------


def test_a_course_is_cancelled_by_date_or_as_a_whole(signed_in, course, dates, member, now):
    booked = book_series(course, member, now)
    url = reverse("events:cancel_registration", args=[booked[0].uuid])
    shown = text(signed_in.get(url))
    assert [words in shown for words in ("Cancel this date", "Cancel all 3 dates")] == [True, True]

    signed_in.post(url)
    assert states_of(member) == ["cancelled", "confirmed", "confirmed"]
    sent = signed_in.post(
        reverse("events:cancel_registration", args=[booked[1].uuid]), {"all_dates": "yes"}, follow=True
    )

    assert states_of(member) == ["cancelled"] * 3
    assert "You are not registered for any date of the course any more." in text(sent)
    assert len(letters_to(member, "registration_cancelled")) == 3


def test_the_link_in_the_letter_cancels_one_date_or_all(client, course, dates, member, now):
    booked = book_series(course, member, now)
    url = mail.cancelling_address(booked[1])

    shown = text(client.get(url))
    assert "Part 3" in shown
    client.post(url, {"all_dates": "yes"})

    assert states_of(member) == ["cancelled"] * 3


def test_cancelling_a_course_leaves_the_dates_that_are_over(course, dates, member, now):
    booked = book_series(course, member, now)
    over = dates[0].ends_at
    for date in dates[1:]:
        EventPage.objects.filter(pk=date.pk).update(
            starts_at=date.starts_at + WEEK, ends_at=date.ends_at + WEEK
        )

    actions.cancel_registration(registration=booked[2], actor=member, now=over, all_dates=True)

    assert states_of(member) == ["confirmed", "cancelled", "cancelled"]


# --- Approval ------------------------------------------------------------------------------------------------


@pytest.fixture
def approving_dates(dates):
    """Two of the three dates ask the organiser."""
    EventPage.objects.filter(pk__in=[dates[0].pk, dates[1].pk]).update(needs_approval=True)
    return dates


def test_a_course_is_booked_when_every_date_is_approved(course, approving_dates, member, organiser, now):
    asked = book_series(course, member, now)
    assert states_of(member) == ["awaiting approval"] * 3
    assert len(letters_to(member, "approval_awaited")) == 1

    actions.approve_registration(registration=asked[0], actor=organiser, now=now)
    assert states_of(member) == ["awaiting approval"] * 3
    actions.approve_registration(registration=asked[1], actor=organiser, now=now)

    assert states_of(member) == ["confirmed"] * 3


def test_declining_one_date_declines_the_course(course, approving_dates, member, organiser, now):
    asked = book_series(course, member, now)

    actions.decline_registration(registration=asked[1], actor=organiser, reason="Too new.", now=now)

    assert states_of(member) == ["declined"] * 3


def test_an_approved_course_waits_where_one_date_is_full(
    course, approving_dates, member, organiser, fill, now
):
    asked = book_series(course, member, now)
    fill(approving_dates[2], 2)

    for registration in asked[:2]:
        actions.approve_registration(registration=registration, actor=organiser, now=now)

    assert states_of(member) == ["waiting"] * 3
    free(approving_dates[2], organiser, now)
    actions.settle_courses(now=now)
    assert states_of(member) == ["offered"] * 3


def test_a_line_manager_answers_once_for_the_course(course, dates, member, now):
    EventPage.objects.filter(pk__in=[date.pk for date in dates]).update(needs_manager=True)
    book_series(course, member, now, answers=Answers(manager_email="boss@force.example"))
    [letter] = OutgoingMail.objects.filter(recipient="boss@force.example")
    assert f"asked for a place at “{course.title}”" in composed(letter).text
    assert dates_in(composed(letter).text) == [f"{date.title}, {date.when}. {date.where}" for date in dates]

    asked = ManagerApproval.objects.get(registration__event=dates[0])
    page = Client().get(reverse("events:answer_as_manager", args=[links.token(links.APPROVE, asked.key)]))
    assert "Your answer holds for all its dates" in text(page)
    actions.answer_as_manager(key=asked.key, approves=True, reason="", visitor=None, now=now)

    assert states_of(member) == ["confirmed"] * 3


def test_settle_courses_lets_go_on_who_lacks_nothing_any_more(
    course, approving_dates, member, organiser, now
):
    book_series(course, member, now)
    for date in approving_dates:
        event = EventPage.objects.get(pk=date.pk).specific
        event.needs_approval = False
        event.save()
        actions.announce_changes(event=event, now=now)
    assert states_of(member) == ["awaiting approval"] * 3

    assert actions.settle_courses(now=now) == 1

    assert states_of(member) == ["confirmed"] * 3


# --- Passing a course on -------------------------------------------------------------------------------------


def offer(registration, colleague, now) -> Handover:
    return actions.hand_over(
        registration=registration, colleague_email=colleague.email, actor=registration.member, now=now
    )


def test_a_course_is_passed_on_as_a_whole(client, course, dates, member, other_member, now):
    booked = book_series(course, member, now)
    client.force_login(member)
    assert "All its dates go together" in text(client.get(reverse("events:hand_over", args=[booked[1].uuid])))
    handover = offer(booked[1], other_member, now)
    client.force_login(other_member)
    assert "on every date of this course" in text(client.get(reverse("events:handover", args=[handover.key])))

    client.post(reverse("events:take_handover", args=[handover.key]))

    assert (states_of(member), states_of(other_member)) == (["cancelled"] * 3, ["confirmed"] * 3)
    theirs = Registration.objects.filter(member=other_member).values_list("booked_together", flat=True)
    assert len(set(theirs)) == 1
    assert None not in theirs


def test_a_course_is_not_passed_on_in_part(course, dates, member, other_member, organiser, now):
    booked = book_series(course, member, now)
    actions.book_place(event=dates[2], member=other_member, actor=organiser, now=now)

    with pytest.raises(actions.AlreadyRegistered):
        actions.take_handover(handover=offer(booked[0], other_member, now), actor=other_member, now=now)

    assert states_of(member) == ["confirmed"] * 3
    assert states_of(other_member) == ["confirmed"]


def test_a_course_that_asks_for_approval_passes_when_every_date_is_approved(
    course, approving_dates, member, other_member, organiser, now
):
    for registration in book_series(course, member, now)[:2]:
        actions.approve_registration(registration=registration, actor=organiser, now=now)
    mine = Registration.objects.confirmed().filter(member=member).first()
    handover = offer(mine, other_member, now)
    taken = actions.take_handover(handover=handover, actor=other_member, now=now)
    theirs = list(Registration.objects.filter(member=other_member).order_by("event"))
    assert states_of(other_member) == ["awaiting approval"] * 3

    actions.approve_registration(registration=theirs[1], actor=organiser, now=now)
    assert (states_of(member), states_of(other_member)) == (["confirmed"] * 3, ["awaiting approval"] * 3)
    actions.approve_registration(registration=taken, actor=organiser, now=now)

    assert (states_of(member), states_of(other_member)) == (["cancelled"] * 3, ["confirmed"] * 3)


def test_a_course_that_one_date_declines_stays_with_its_holder(
    course, approving_dates, member, other_member, organiser, now
):
    for registration in book_series(course, member, now)[:2]:
        actions.approve_registration(registration=registration, actor=organiser, now=now)
    mine = Registration.objects.confirmed().filter(member=member).last()
    taken = actions.take_handover(handover=offer(mine, other_member, now), actor=other_member, now=now)

    actions.decline_registration(registration=taken, actor=organiser, reason="", now=now)

    assert (states_of(member), states_of(other_member)) == (["confirmed"] * 3, ["declined"] * 3)
    assert len(letters_to(member, "handover_declined")) == 1


def test_cancelling_one_date_keeps_the_whole_course(course, dates, member, other_member, now):
    """Whoever was offered all of it was not offered two thirds."""
    booked = book_series(course, member, now)
    handover = offer(booked[0], other_member, now)

    actions.cancel_registration(registration=booked[2], actor=member, now=now)

    handover.refresh_from_db()
    assert handover.state == "withdrawn"
