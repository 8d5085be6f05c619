"""Sessions in the page editor: what is refused at which field, what is only said, and what no draft can undo."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import wagtail.admin
from django.conf import settings
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset

from events.models import (
    Attendance,
    ConferencePage,
    Registration,
    Session,
    SessionPlace,
    SessionSpeaker,
    Speaker,
    Venue,
)
from tests.events.test_editing import edit_url, publish

pytestmark = pytest.mark.usefixtures("stopped_clock")

HOUR = timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def event(conference) -> ConferencePage:
    """A conference from 9:30am to 12:30pm, with one session of an hour that people choose."""
    conference.sessions.add(
        Session(
            title="Rating together",
            room="Room 1",
            starts_at=conference.starts_at,
            ends_at=conference.starts_at + HOUR,
            is_chosen=True,
            capacity=30,
            sort_order=0,
        )
    )
    conference.save()
    conference.save_revision().publish()
    return ConferencePage.objects.get(pk=conference.pk)


def typed(session: Session, **changes) -> dict[str, object]:
    """A session as the editor's form sends it, but for the changes."""
    zone = changes.pop("zone", LONDON)
    return {
        "id": session.pk or "",
        "title": session.title,
        "starts_at": session.starts_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "ends_at": session.ends_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "kind": session.kind,
        "stream": session.stream,
        "room": session.room,
        "summary": session.summary,
        **({"is_chosen": "on"} if session.is_chosen else {}),
        "capacity": session.capacity or "",
        **({"is_cancelled": "on"} if session.is_cancelled else {}),
        "session_speakers": inline_formset([]),
        **changes,
    }


def another(session: Session, **fields) -> dict[str, object]:
    """A session that is not there yet, at the same time in another room."""
    new = Session(title="Another", room="Room 2", starts_at=session.starts_at, ends_at=session.ends_at)
    return typed(new, **fields)


def sent(desk, event, *sessions: dict[str, object], initial: int = 1, **changes):
    return publish(desk, event, sessions=inline_formset(list(sessions), initial=initial), **changes)


def errors(response) -> list[dict[str, list[str]]]:
    formset = response.context["form"].formsets["sessions"]
    return [{name: list(texts) for name, texts in each.errors.items()} for each in formset.forms]


def choose(event, session, members, now, state: str = "confirmed") -> list[Registration]:
    registrations = [
        Registration.objects.create(event=event, member=member, state=state, registered_at=now)
        for member in members
    ]
    for registration in registrations:
        SessionPlace.objects.create(registration=registration, session=session, chosen_at=now)
    return registrations


def test_an_organiser_adds_a_session_with_speakers(desk, event):
    session = event.sessions.get()
    lead, trainer = (Speaker.objects.create(name=name) for name in ("Lead", "Trainer"))
    speaking = inline_formset([{"speaker": trainer.pk}, {"speaker": lead.pk}])

    response = sent(desk, event, typed(session), another(session, session_speakers=speaking))

    assert response.status_code == 302
    added = event.sessions.get(title="Another")
    assert (added.speakers, added.starts_at, added.room) == ([trainer, lead], session.starts_at, "Room 2")
    assert event.sessions.get(title="Rating together").key == session.key


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"ends_at": "2027-03-25 09:30"},
            {"ends_at": ["The session ends before it starts. Give a later end."]},
        ),
        (
            {"starts_at": "2027-03-25 09:00"},
            {
                "starts_at": [
                    (
                        "The event starts on Thursday 25 March 2027, 9:30am. Give a later time, or change the event’s "
                        "start."
                    )
                ]
            },
        ),
        (
            {"ends_at": "2027-03-25 12:45"},
            {
                "ends_at": [
                    (
                        "The event ends on Thursday 25 March 2027, 12:30pm. Give an earlier time, or change the event’s "
                        "end."
                    )
                ]
            },
        ),
        (
            {"room": "  room   1"},
            {
                "room": [
                    "“Rating together” is in this room from 9:30am to 10:30am. Give another room or time."
                ]
            },
        ),
        ({"room": "room 1", "kind": "break"}, {}),
        ({"room": "room 1", "is_cancelled": "on"}, {}),
        ({"room": "room 1", "starts_at": "2027-03-25 10:30", "ends_at": "2027-03-25 11:00"}, {}),
        (
            {"capacity": "12"},
            {
                "capacity": [
                    "Only a session that people choose has places of its own. Let them choose it, or leave this empty."
                ]
            },
        ),
        ({"capacity": "12", "is_chosen": "on"}, {}),
        ({"title": ""}, {"title": ["This field is required."]}),
    ],
)
def test_what_contradicts_itself_is_refused_at_the_session_and_field(desk, event, changes, expected):
    session = event.sessions.get()

    response = sent(desk, event, typed(session), another(session, **changes))

    if expected:
        assert errors(response) == [{}, expected]
    assert event.sessions.count() == (1 if expected else 2)


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        (
            "2027-03-28",
            "01:30",
            "The clocks go forward on Sunday 28 March 2027, so there is no 1:30am. Give another time.",
        ),
        (
            "2027-10-31",
            "01:30",
            "The clocks go back on Sunday 31 October 2027, so 1:30am comes twice. Give a time before or after that hour.",
        ),
    ],
)
def test_a_time_that_summer_time_skips_or_repeats_is_refused(desk, make_event, day, time, words):
    first = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=LONDON)
    event = make_event(ConferencePage, starts_at=first, ends_at=first + 12 * HOUR)
    session = Session(title="Night shift", starts_at=first + 4 * HOUR, ends_at=first + 5 * HOUR)

    response = sent(desk, event, typed(session, starts_at=f"{day} {time}"), initial=0)
    assert errors(response) == [{"starts_at": [words]}]

    response = sent(desk, event, initial=0, starts_at=f"{day} {time}")
    assert {name: list(texts) for name, texts in response.context["form"].errors.items()} == {
        "starts_at": [words]
    }


def test_times_are_read_and_shown_by_the_clock_at_the_event(desk, make_event):
    paris = ZoneInfo("Europe/Paris")
    event = make_event(ConferencePage, time_zone="Europe/Paris")
    session = Session(title="Bonjour", starts_at=event.starts_at, ends_at=event.ends_at)
    there = {
        name: getattr(event, name).astimezone(paris).strftime("%Y-%m-%d %H:%M")
        for name in ("starts_at", "ends_at")
    }

    response = sent(desk, event, typed(session, zone=paris), initial=0, **there)

    assert response.status_code == 302
    made = event.sessions.get()
    assert (made.starts_at, made.ends_at) == (event.starts_at, event.ends_at)
    shown = desk.get(edit_url(event)).content.decode()
    assert shown.count(f'value="{there["starts_at"]}"') == 2  # of the event and of the session


# --- Sessions that people depend on ------------------------------------------------------------------------------


def test_a_session_that_people_chose_is_not_removed_but_shown_again(desk, event, make_members, now):
    session = event.sessions.get()
    choose(event, session, make_members(12), now)

    response = sent(desk, event, typed(session, DELETE="1"))

    assert errors(response) == [
        {
            "is_cancelled": [
                "This session cannot be removed: 12 people chose it. Tick this box instead, and they are told."
            ]
        }
    ]
    assert 'name="sessions-0-DELETE" value="1"' not in response.content.decode()
    assert event.sessions.count() == 1


def test_a_session_that_somebody_attended_is_not_removed(desk, event, member, now):
    session = event.sessions.get()
    registration = Registration.objects.create(
        event=event, member=member, state="confirmed", registered_at=now
    )
    Attendance.objects.create(registration=registration, session=session, is_present=True, noted_at=now)

    assert errors(sent(desk, event, typed(session, DELETE="1"))) == [
        {
            "is_cancelled": [
                (
                    "This session cannot be removed: 1 person stands on its attendance list. Tick this box instead, and "
                    "they are told."
                )
            ]
        }
    ]


def test_a_session_that_nobody_chose_is_removed(desk, event):
    assert sent(desk, event, typed(event.sessions.get(), DELETE="1")).status_code == 302

    assert event.sessions.count() == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"capacity": "11"},
            {"capacity": ["12 people hold a place in this session. Give 12 or more."]},
        ),
        ({"capacity": "12"}, {}),
        ({"capacity": ""}, {}),
    ],
)
def test_a_session_never_has_fewer_places_than_are_taken(desk, event, make_members, now, changes, expected):
    session = event.sessions.get()
    choose(event, session, make_members(12), now)
    choose(event, session, make_members(5), now, "awaiting approval")

    response = sent(desk, event, typed(session, **changes))

    if expected:
        assert errors(response) == [expected]
    else:
        assert response.status_code == 302


def test_a_session_that_people_chose_stays_one_to_choose(desk, event, make_members, now):
    session = event.sessions.get()
    choose(event, session, make_members(1), now)
    without = {name: value for name, value in typed(session, capacity="").items() if name != "is_chosen"}

    assert errors(sent(desk, event, without)) == [
        {"is_chosen": ["1 person chose this session. Leave the box ticked."]}
    ]


def test_publishing_an_older_draft_keeps_the_sessions_that_people_chose_since(event, member, now):
    before = event.save_revision()
    added = Session.objects.create(
        event=event, title="Added since", starts_at=event.starts_at, ends_at=event.ends_at, is_chosen=True
    )
    unused = Session.objects.create(
        event=event, title="Added, and nobody came", starts_at=event.starts_at, ends_at=event.ends_at
    )
    choose(event, added, [member], now)

    before.publish()

    assert sorted(event.sessions.values_list("title", flat=True)) == ["Added since", "Rating together"]
    assert not Session.objects.filter(pk=unused.pk).exists()


# --- Warnings, snippets ------------------------------------------------------------------------------------------


def test_a_speaker_in_two_sessions_at_once_is_a_warning(desk, event):
    session, lead = event.sessions.get(), Speaker.objects.create(name="Lead")
    speaking = inline_formset([{"speaker": lead.pk}])

    response = sent(
        desk,
        event,
        typed(session, session_speakers=speaking),
        another(session, session_speakers=inline_formset([{"speaker": lead.pk}])),
    )

    assert response.status_code == 302
    assert event.sessions.count() == 2
    said = [str(message) for message in desk.get(response.url).context["messages"]]
    warning = "Lead is to speak in “Rating together” and in “Another” at the same time."
    assert sum(warning in words for words in said) == 1


@pytest.mark.parametrize("model", [Speaker, Venue])
def test_organisers_write_speakers_and_venues(desk, model):
    name = model._meta.model_name
    values = {"name": "The one", "address": "Here", "role": "", "biography": "", "map_url": ""}
    values |= {"access_information": "", "travel": "", "organisation": "", "photo": ""}

    response = desk.post(reverse(f"wagtailsnippets_events_{name}:add"), values)

    assert response.status_code == 302
    assert model.objects.get().name == "The one"
    assert desk.get(reverse(f"wagtailsnippets_events_{name}:list")).status_code == 200


def test_a_speaker_of_a_programme_cannot_be_deleted(desk, event):
    lead = Speaker.objects.create(name="Lead")
    sent(desk, event, typed(event.sessions.get(), session_speakers=inline_formset([{"speaker": lead.pk}])))

    desk.post(reverse("wagtailsnippets_events_speaker:delete", args=[lead.pk]))

    assert Speaker.objects.filter(pk=lead.pk).exists()


def test_the_editor_opens_with_a_programme_of_many_sessions(desk, event):
    for number in range(60):
        Session.objects.create(
            event=event,
            title=f"S{number}",
            room=f"R{number}",
            starts_at=event.starts_at,
            ends_at=event.ends_at,
        )

    assert desk.get(edit_url(event)).content.decode().count('name="sessions-59-title"') == 1


def test_the_heading_of_each_session_in_the_editor_says_its_title(desk, event):
    [session] = event.sessions.all()
    for position, title in enumerate(["Second", "<b>Third</b>"], start=1):
        Session.objects.create(
            event=event,
            title=title,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            sort_order=position,
        )

    page = desk.get(edit_url(event)).content.decode()

    headings = re.findall(r"Session<span data-inline-panel-child-count></span>(.*?)\n", page)
    # The last is the empty one, from which new sessions are made.
    assert headings == [f": {session.title}", ": Second", ": &lt;b&gt;Third&lt;/b&gt;", ""]


def test_the_headings_in_the_editor_are_all_that_differs_from_wagtails():
    """So that an upgrade of Wagtail does not leave an old copy of its template behind."""
    name = "wagtailadmin/panels/inline_panel_child.html"
    ours, theirs = (
        (folder / name).read_text().replace("{% trans ", "{% translate ").splitlines()
        for folder in (settings.BASE_DIR / "templates", Path(wagtail.admin.__file__).parent / "templates")
    )

    changed = [line for line in ours[1:] if line not in theirs]
    assert [line.split("{% if child.form.instance.title %}")[0] for line in changed] == [
        line for line in theirs if line not in ours
    ]
    assert len(changed) == 1


# --- Copying -----------------------------------------------------------------------------------------------------


def copy(desk, event, **changes):
    values = {
        "new_title": "Next year",
        "new_slug": "next-year",
        "new_parent_page": event.get_parent().pk,
        "first_day": "2028-07-04",
        **changes,
    }
    return desk.post(reverse("wagtailadmin_pages:copy", args=[event.pk]), values)


def test_copying_moves_everything_by_whole_days_and_keeps_the_clock(desk, event, member, now):
    """From winter time to summer time: half past nine stays half past nine."""
    lead = Speaker.objects.create(name="Lead")
    SessionSpeaker.objects.create(session=event.sessions.get(), speaker=lead)
    ConferencePage.objects.filter(pk=event.pk).update(
        registration_opens_at=event.starts_at - timedelta(days=60),
        registration_closes_at=event.starts_at - timedelta(days=7),
        answers_change_until=event.starts_at - timedelta(days=3),
        reserved_until=event.starts_at - timedelta(days=30),
        capacity=100,
        reserved_places=10,
    )
    choose(event, event.sessions.get(), [member], now)
    event = ConferencePage.objects.get(pk=event.pk)

    response = copy(desk, event)

    made = ConferencePage.objects.get(slug="next-year")
    assert response.url == edit_url(made)
    by = datetime(2028, 7, 4) - event.starts_at.astimezone(LONDON).replace(hour=0, minute=0, tzinfo=None)  # noqa: DTZ001

    def readings(page) -> list[datetime]:
        session = page.sessions.get()
        moments = [page.starts_at, page.ends_at, *(getattr(page, name) for name in page.MOVES)]
        return [
            at.astimezone(LONDON).replace(tzinfo=None)
            for at in (*moments, session.starts_at, session.ends_at)
        ]

    assert readings(made) == [at + by for at in readings(event)]
    old, new = event.sessions.get(), made.sessions.get()
    assert (new.key, new.title, new.capacity, new.speakers) == (old.key, old.title, old.capacity, [lead])
    assert new.pk != old.pk
    assert (made.live, made.uuid == event.uuid, made.announced) == (False, False, {})
    assert (made.registrations.count(), made.materials.count()) == (0, 0)
    draft = made.get_latest_revision_as_object()
    assert (draft.starts_at, draft.sessions.all()[0].starts_at) == (made.starts_at, new.starts_at)
    assert made.revisions.count() == 1


def test_a_session_that_was_cancelled_is_on_again_in_a_copy(desk, event):
    event.sessions.update(is_cancelled=True)

    copy(desk, event)

    made = ConferencePage.objects.get(slug="next-year")
    assert [session.is_cancelled for session in made.sessions.all()] == [False]
    assert [session.is_cancelled for session in made.get_latest_revision_as_object().sessions.all()] == [
        False
    ]
    assert [session.is_cancelled for session in event.sessions.all()] == [True]


def test_copying_asks_for_the_first_day_and_suggests_the_same_weekday(desk, event):
    shown = desk.get(reverse("wagtailadmin_pages:copy", args=[event.pk]))

    copying = shown.context["form"]
    assert list(copying.fields) == ["new_title", "new_slug", "new_parent_page", "first_day"]
    assert copying.fields["first_day"].initial.isoformat() == "2028-03-23"
    assert b'name="first_day"' in shown.content

    refused = copy(desk, event, first_day="")
    assert refused.status_code == 200
    assert dict(refused.context["form"].errors) == {"first_day": ["This field is required."]}
    assert ConferencePage.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("9999-12-31", "Give a year from 1900 to 2999"),
        ("0028-07-04", "Give a year from 1900 to 2999"),
        ("04/07/28", "Give a day, for example 2027-03-04."),
    ],
)
def test_copying_to_a_day_that_is_none_is_refused_at_the_field(desk, event, day, says):
    refused = copy(desk, event, first_day=day)

    assert dict(refused.context["form"].errors) == {"first_day": [says]}
    assert ConferencePage.objects.count() == 1


def test_copying_as_it_is_offered_works_and_works_again(desk, event):
    address = reverse("wagtailadmin_pages:copy", args=[event.pk])
    slugs = []
    for _ in range(2):
        offered = desk.get(address).context["form"]
        sent = {name: str(offered[name].value()) for name in offered.fields}
        assert desk.post(address, {**sent, "new_parent_page": event.get_parent().pk}).status_code == 302
        slugs.append(ConferencePage.objects.latest("pk").slug)

    assert slugs == [f"{event.slug.rsplit('-', 1)[0]}-2", f"{event.slug.rsplit('-', 1)[0]}-3"]


def test_a_copy_takes_no_schedule_of_showing_along(desk, event, now):
    ConferencePage.objects.filter(pk=event.pk).update(
        go_live_at=now - timedelta(days=90), expire_at=now + timedelta(days=90)
    )

    copy(desk, event)

    made = ConferencePage.objects.get(slug="next-year")
    assert (made.go_live_at, made.expire_at) == (None, None)


def test_every_moment_of_an_event_moves_or_is_known_to_stay():
    """Somebody who adds a time to events decides here what copying does with it."""
    from django.db.models import DateTimeField
    from wagtail.models import Page

    wagtails = {field.name for field in Page._meta.get_fields()}
    own = {
        field.name
        for field in ConferencePage._meta.get_fields()
        if isinstance(field, DateTimeField) and field.name not in wagtails
    }

    assert own == {"starts_at", "ends_at", "cancelled_at", *ConferencePage.MOVES}


def test_other_pages_are_copied_as_ever(desk, at_desk, organiser, index):
    from events.models import SeriesPage

    series = index.add_child(instance=SeriesPage(title="Workshops", slug="workshops"))

    response = desk.post(
        reverse("wagtailadmin_pages:copy", args=[series.pk]),
        {"new_title": "More", "new_slug": "more", "new_parent_page": index.pk},
    )

    assert response.status_code == 302
    assert SeriesPage.objects.get(slug="more").title == "More"


def test_somebody_who_may_not_write_events_copies_none(at_desk, event, django_user_model):
    from django.contrib.auth.models import Group

    outsider = django_user_model.objects.create_user(
        "outsider@portal.example", is_staff=True, state=django_user_model.State.APPROVED
    )
    outsider.groups.add(Group.objects.get(name="Membership managers"))

    response = copy(at_desk(outsider), event)

    assert response.status_code in {302, 403}
    assert ConferencePage.objects.count() == 1
