"""Whom a round of invitations is for: who is chosen, and who is left out for which reason."""

from datetime import timedelta
from typing import Any

import pytest

from events import audiences
from events.audiences import Chosen
from events.models import (
    Attendance,
    EventPage,
    Invitation,
    Registration,
    SeriesPage,
)
from library.models import Topic, TopicInterest
from mailing.actions import stop_letters
from mailing.models import Suppression
from members.models import Organisation, OrganisationKind, User
from tests.events.rounds import invited

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(force, event, make_event, now) -> dict[str, User]:
    """Members who differ in what an audience is chosen by."""
    charity = Organisation.objects.create(
        name="Example Charity", kind=OrganisationKind.CHARITY, region="London"
    )

    def member(name: str, organisation: Organisation | None, **fields: Any) -> User:
        fields.setdefault("state", User.State.APPROVED)
        return User.objects.create_user(f"{name}@people.example", organisation=organisation, **fields)

    return {
        "analyst": member("analyst", force, job_title="Senior Analyst"),
        "officer": member("officer", force, job_title="Officer"),
        "caseworker": member("caseworker", charity, job_title="Caseworker"),
        "alone": member("alone", None),
    }


def names(chosen: Chosen) -> list[str]:
    return sorted(member.email.partition("@")[0] for member in chosen.members())


def test_audience_without_a_choice_is_nobody(people) -> None:
    assert names(Chosen()) == []


def test_audience_of_all_members_leaves_out_who_is_not_let_in_or_has_left(people) -> None:
    User.objects.create_user("pending@people.example", state=User.State.PENDING)
    User.objects.create_user("left@people.example", state=User.State.LEFT)
    assert names(Chosen(everyone=True)) == ["alone", "analyst", "caseworker", "officer"]


def test_audience_by_organisation_kind_region_and_job_title(people, force) -> None:
    assert names(Chosen(organisations=(force.pk,))) == ["analyst", "officer"]
    assert names(Chosen(kinds=(OrganisationKind.CHARITY,))) == ["caseworker"]
    assert names(Chosen(regions=("London", "Wales"))) == ["caseworker"]
    assert names(Chosen(job_title="ANALYST")) == ["analyst"]
    assert names(Chosen(kinds=(OrganisationKind.POLICE_FORCE,), job_title="officer")) == ["officer"]
    assert names(Chosen(kinds=(OrganisationKind.POLICE_FORCE,), regions=("London",))) == []


def test_audience_by_past_events_of_which_kind_they_were_and_who_was_there(
    people, index, make_event, now
) -> None:
    series = index.add_child(instance=SeriesPage(title="A course", slug="course", summary="Dates."))
    past = make_event(starts_at=now - timedelta(days=40), kind=EventPage.Kind.CASE_CLINIC, series=series)
    for name, state in [("analyst", "confirmed"), ("officer", "confirmed"), ("caseworker", "cancelled")]:
        registration = Registration.objects.create(
            event=past, member=people[name], state=state, registered_at=now - timedelta(days=50)
        )
        if name == "analyst":
            Attendance.objects.create(registration=registration, is_present=True, noted_at=now)
    for chosen in (
        {"events": (past.pk,)},
        {"series": (series.pk,)},
        {"event_kinds": (EventPage.Kind.CASE_CLINIC,)},
    ):
        assert names(Chosen(**chosen)) == ["analyst", "officer"]
        assert names(Chosen(**chosen, attended=True)) == ["analyst"]
    assert names(Chosen(event_kinds=(EventPage.Kind.REFRESHER,))) == []


@pytest.fixture
def topics(people) -> tuple[Topic, Topic]:
    """Training, which interests analyst and caseworker; risk, which interests analyst and who is alone."""
    training = Topic.objects.create(name="Training", slug="training")
    risk = Topic.objects.create(name="Assessing risk", slug="risk")
    for topic, names_ in ((training, ("analyst", "caseworker")), (risk, ("analyst", "alone"))):
        for name in names_:
            TopicInterest.objects.create(member=people[name], topic=topic)
    return training, risk


@pytest.mark.parametrize(
    ("wanted", "others", "expected"),
    [
        (["training"], {}, ["analyst", "caseworker"]),
        (["risk"], {}, ["alone", "analyst"]),
        (["training", "risk"], {}, ["alone", "analyst", "caseworker"]),  # each once
        (["gone"], {}, []),  # not everybody, when a topic is removed
        (["gone", "risk"], {}, ["alone", "analyst"]),
        (["training"], {"kinds": ("charity",)}, ["caseworker"]),
        (["training"], {"job_title": "officer"}, []),
        (["training"], {"everyone": True}, ["analyst", "caseworker"]),
    ],
)
def test_audience_by_topics_is_whom_any_of_them_interests(topics, wanted, others, expected) -> None:
    keys = {topic.slug: topic.pk for topic in topics} | {"gone": 10**9}
    assert names(Chosen(topics=tuple(keys[name] for name in wanted), **others)) == expected


def test_audience_by_topics_is_said_in_words(topics) -> None:
    training, risk = topics
    assert Chosen(topics=(training.pk, risk.pk)).in_words() == ["Interested in Assessing risk, Training"]
    training.delete()
    assert Chosen(topics=(training.pk or 10**9,)).in_words() == ["Interested in what is not there any more"]


def test_write_wave_by_topics_invites_whom_they_interest(topics, make_wave, send) -> None:
    wave = make_wave(chosen=Chosen(topics=(topics[0].pk,)))
    assert audiences.count(wave).invited == 2
    send(wave)
    assert invited(wave) == ["analyst@people.example", "caseworker@people.example"]


def test_audience_survives_being_stored(force) -> None:
    chosen = Chosen(
        organisations=(force.pk,), kinds=("charity",), topics=(3, 7), job_title="analyst", attended=True
    )
    assert Chosen.read(chosen.stored()) == chosen
    assert Chosen.read({"unknown": 1}) == Chosen()


def test_audience_in_words(people, force) -> None:
    chosen = Chosen(organisations=(force.pk,), kinds=("police force",), job_title="analyst")
    assert chosen.in_words() == [
        "Of Example Police",
        "Kind of organisation: Police force",
        "Job title with “analyst”",
    ]


def test_count_names_each_reason_once_and_the_others_are_invited(
    make_wave, send, people, event, book, now
) -> None:
    def member(name: str, **fields: Any) -> User:
        fields.setdefault("state", User.State.APPROVED)
        return User.objects.create_user(f"{name}@people.example", **fields)

    member("suspended", state=User.State.SUSPENDED)
    member("declined", state=User.State.DECLINED)
    bounced = member("bounced")
    Suppression.objects.create(address=bounced.email, reason="hard", detail="550", since=now)
    stopped = member("stopped")
    stop_letters(address=stopped.email, category=audiences.CATEGORY, now=now)
    book(event, member("registered"))
    Invitation.objects.create(event=event, email="before@else.example", invited_at=now)
    wave = make_wave(
        Chosen(everyone=True),
        lines=[
            "before@else.example",
            "Bounced@People.example",
            "suspended@people.example",
            "analyst@people.example",
            "new@else.example",
        ],
    )
    counted = audiences.count(wave)
    assert counted.left_out == {
        audiences.SHUT_OUT: 2,
        audiences.SUPPRESSED: 1,
        audiences.UNSUBSCRIBED: 1,
        audiences.REGISTERED: 1,
        audiences.INVITED: 1,
    }
    # The organiser of the fixture is a member, too.
    assert (counted.members, counted.listed, counted.twice) == (5, 1, 3)
    wave = send(wave)
    assert wave.left_out == counted.left_out
    assert invited(wave) == [
        "alone@people.example",
        "analyst@people.example",
        "caseworker@people.example",
        "new@else.example",
        "officer@people.example",
        "organiser@portal.example",
    ]


@pytest.mark.parametrize("reason", ["registered", "shut out", "suppressed", "unsubscribed"])
def test_listed_addresses_are_left_out_for_the_same_reasons(
    make_wave, event, member, book, now, reason
) -> None:
    if reason == "registered":
        book(event, member)
    elif reason == "shut out":
        User.objects.filter(pk=member.pk).update(state=User.State.SUSPENDED, is_active=False)
    elif reason == "suppressed":
        Suppression.objects.create(address=member.email, reason="hard", since=now)
    else:
        stop_letters(address=member.email, category=audiences.CATEGORY, now=now)
    counted = audiences.count(make_wave(lines=[member.email]))
    assert (counted.invited, counted.left_out) == (0, {reason: 1})
