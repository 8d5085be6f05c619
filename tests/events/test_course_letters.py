"""Letters and pages of a course: they name it, and say which dates they are about."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events import actions, mail
from events.models import EventPage, Registration, SeriesPage
from mailing.composition import attached, composed
from mailing.models import OutgoingMail
from tests.events.filling import text

WEEK = timedelta(weeks=1)
GO_TOGETHER = "\n\nThe dates of the course, which go together:\n\n"
ONE_DATE = "It is one date of the course “Supervising well”. Each date has a letter of its own."


@pytest.fixture
def course(index) -> SeriesPage:
    return index.add_child(
        instance=SeriesPage(title="Supervising well", slug="supervising", is_booked_as_one=True)
    )


@pytest.fixture
def dates(make_event, course, now) -> list[EventPage]:
    return [
        make_event(series=course, capacity=2, title=f"Part {number}", starts_at=now + (9 + number) * WEEK)
        for number in (1, 2, 3)
    ]


@pytest.fixture
def booked(course, dates, member, now) -> list[Registration]:
    return actions.book_series(series=course, member=member, actor=member, now=now)


def letters(kind: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind=f"events/mail/{kind}").order_by("pk"))


def said(kind: str) -> str:
    [letter] = letters(kind)
    return composed(letter).text


def listed(dates: list[EventPage]) -> str:
    lines = [f"- {date.title}, {date.when}. {date.where}" for date in dates]
    return GO_TOGETHER + "\n".join(lines) + "\n\n"


def test_each_confirmation_names_the_course_and_keeps_its_own_file(booked, dates):
    confirmations = letters("place_booked")

    assert [composed(letter).subject for letter in confirmations] == [
        f"You are registered: {date.title}" for date in dates
    ]
    for letter, date in zip(confirmations, dates, strict=True):
        assert ONE_DATE in composed(letter).text
        assert str(date.uuid).encode() in attached(letter)[0].content


def test_an_event_by_itself_says_nothing_of_a_course(make_event, course, member, book):
    SeriesPage.objects.update(is_booked_as_one=False)
    book(make_event(series=course), member)

    assert "course" not in said("place_booked")


def test_handing_over_names_the_course_and_its_dates(booked, dates, member, other_member, give, now):
    handover = give(booked[0], other_member.email)

    assert composed(letters("place_handed_over")[0]).subject == (
        "Pat Practitioner passes a place to you: Supervising well"
    )
    assert "Pat Practitioner has a place at “Supervising well”, cannot come" in said("place_handed_over")
    assert listed(dates) in said("place_handed_over")
    actions.take_handover(handover=handover, actor=other_member, now=now)
    assert [ONE_DATE in composed(letter).text for letter in letters("handover_taken")] == [True] * 3


def test_handing_over_lists_only_the_dates_that_are_still_theirs(
    booked, dates, member, other_member, give, now
):
    actions.cancel_registration(registration=booked[0], actor=member, now=now)
    later = dates[1].starts_at + timedelta(hours=1)

    handover = give(booked[1], other_member.email)
    mail.handover_declined(handover, booked[1], dates[1])
    OutgoingMail.objects.filter(kind="events/mail/handover_declined").delete()
    handover.ended_at = later
    mail.handover_declined(handover, booked[1], dates[1])

    assert listed(dates[1:]) in said("place_handed_over")
    assert listed(dates[2:]) in said("handover_declined")
    assert f"When: {dates[2].when}\n" in said("handover_declined")


def test_cancelling_a_date_says_of_which_course_it_is_one(booked, member, now):
    actions.cancel_registration(registration=booked[0], actor=member, now=now)

    assert ONE_DATE in said("registration_cancelled")
    assert "which go together" not in said("registration_cancelled")


def test_leaving_the_line_of_a_course_is_one_letter_that_lists_its_dates(course, dates, fill, member, now):
    fill(dates[1], 2)
    waiting = actions.join_series_waiting_list(series=course, member=member, actor=member, now=now)
    actions.cancel_registration(registration=waiting[1], actor=member, now=now)

    assert said("registration_cancelled").startswith(
        "You cancelled your registration for “Supervising well”. You are not on the waiting list any more."
    )
    assert listed(dates) in said("registration_cancelled")
    assert f"See the event:\nhttps://portal.example{course.address}" in said("registration_cancelled")


def test_an_offer_that_ended_lists_the_dates(course, dates, fill, member, now):
    [there, _] = fill(dates[1], 2)
    actions.join_series_waiting_list(series=course, member=member, actor=member, now=now)
    actions.cancel_registration(registration=there, actor=there.member, now=now)
    actions.settle_courses(now=now)

    actions.expire_offers(now=now + timedelta(hours=49))

    assert said("offer_expired").startswith("You were offered a place at “Supervising well” until ")
    assert listed(dates) in said("offer_expired")


def test_asking_for_approval_lists_every_date_and_a_refusal_is_one_letter(
    course, dates, member, organiser, now
):
    EventPage.objects.filter(pk=dates[0].pk).update(needs_approval=True)
    made = actions.book_series(series=course, member=member, actor=member, now=now)
    assert said("approval_awaited").startswith("You asked for a place at “Supervising well”.")
    assert listed(dates) in said("approval_awaited")

    actions.decline_registration(registration=made[0], actor=organiser, reason="It is full.", now=now)

    assert said("registration_declined").startswith(
        "The organiser declined your registration for “Supervising well”."
    )
    assert listed(dates) in said("registration_declined")


@pytest.mark.parametrize("is_there", [True, False])
def test_ones_registration_names_the_course_and_leads_to_the_other_dates(
    booked, dates, course, member, stopped_clock, is_there
):
    if not is_there:
        EventPage.objects.update(series=None)
    client = Client()
    client.force_login(member)

    shown = text(client.get(reverse("events:registration", args=[booked[0].uuid])))

    named = f'<a class="govuk-link" href="{course.address}">Supervising well</a>'
    assert f"This is one date of the course{f' {named}' if is_there else ''}. You have a place on:" in shown
    for other in booked[1:]:
        assert (
            f'href="/events/registrations/{other.uuid}/">{other.event.title}</a>, {other.event.when}' in shown
        )


def test_a_date_leads_who_is_not_signed_in_to_the_form_of_the_course(client, course, dates):
    shown = text(client.get(dates[0].url))

    book = reverse("events:book_series", args=[course.pk])
    assert f'href="{reverse("account_login")}?next={book}">Sign in to register</a>' in shown
    assert "Register for the course" not in shown
