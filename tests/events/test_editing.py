"""What organisers do with events in the Wagtail admin: write, publish, copy, cancel; and what is refused."""

from datetime import datetime, timedelta
from decimal import Decimal
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from wagtail.models import Page, PageLogEntry
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from events import actions
from events.models import (
    ConferencePage,
    EventIndexPage,
    EventPage,
    RecordedFigures,
    Registration,
    SeriesPage,
    WorkshopPage,
)
from mailing.models import OutgoingMail
from tests.events.outcomes import letters

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def clock(now):
    with mock.patch("django.utils.timezone.now", return_value=now) as clock:
        yield clock


def written(at: datetime) -> str:
    """A moment as the admin's form takes it: by London's clock."""
    return at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def form(event: EventPage, **changes) -> dict[str, str]:
    """What the browser sends when an organiser saves the event as it is, but for the changes."""
    values = {
        "title": event.title,
        "slug": event.slug,
        "summary": event.summary,
        "kind": event.kind,
        "format": event.format,
        "place": event.place,
        "venue": "",
        "joining_url": event.joining_url,
        "hours_joining_link_shows": event.hours_joining_link_shows,
        "co_host": event.co_host,
        "series": "",
        "starts_at": written(event.starts_at),
        "ends_at": written(event.ends_at),
        "date_precision": event.date_precision,
        "time_zone": event.time_zone,
        "capacity": event.capacity or "",
        "shows_numbers": "on",
        "has_waiting_list": "on",
        "hours_to_take_an_offer": "48",
        "registration_opens_at": "",
        "registration_closes_at": "",
        "gives_certificates": "on",
        "certificate_hours": "",
        "recorded_figures": "",
        "seo_title": "",
        "search_description": "",
        "go_live_at": "",
        "expire_at": "",
        "body": streamfield([("text", rich_text("<p>Rated together.</p>"))]),
        "sessions": inline_formset([]),
        "questions": inline_formset([]),
        "audience": event.audience,
        "reserved_places": event.reserved_places,
        "days_to_keep_sensitive_answers": event.days_to_keep_sensitive_answers,
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MAX_NUM_FORMS": 1000},
        **changes,
    }
    return nested_form_data(values)


def edit_url(event: EventPage) -> str:
    return reverse("wagtailadmin_pages:edit", args=[event.pk])


def publish(desk, event: EventPage, **changes):
    return desk.post(edit_url(event), form(event, **changes) | {"action-publish": "1"})


def errors(response) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in response.context["form"].errors.items()}


# --- Writing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "kind"), [(ConferencePage, "conference"), (WorkshopPage, "case clinic")])
def test_an_organiser_publishes_a_new_event(desk, index, now, model, kind):
    event = model(
        title="Rating together",
        slug="rating-together",
        kind=kind,
        place="Midlands",
        starts_at=now + 10 * DAY,
        ends_at=now + 10 * DAY + HOUR,
        capacity=60,
    )
    url = reverse("wagtailadmin_pages:add", args=["events", model._meta.model_name, index.pk])

    response = desk.post(url, form(event) | {"action-publish": "1"})

    assert response.status_code == 302
    made = EventPage.objects.get()
    assert (made.live, made.kind, made.title) == (True, kind, "Rating together")
    assert made.announced == made.calendar_facts()
    assert desk.get(made.url).status_code == 200


def test_an_organiser_gives_the_hours_of_certificates(desk, event):
    publish(desk, event, certificate_hours="5.5")

    event = EventPage.objects.get(pk=event.pk)
    assert (event.gives_certificates, event.certificate_hours) == (True, Decimal("5.50"))


def test_an_organiser_gives_no_certificates(desk, event):
    publish(desk, event, gives_certificates="")

    assert EventPage.objects.get(pk=event.pk).gives_certificates is False


@pytest.mark.parametrize("hours", ["0", "-1"])
def test_hours_that_no_certificate_can_be_for_are_refused(desk, event, hours):
    response = publish(desk, event, certificate_hours=hours)

    assert errors(response) == {"certificate_hours": ["Give more than 0 hours, or leave this empty."]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ends_at": -HOUR}, {"ends_at": ["The event ends before it starts. Give a later end."]}),
        ({"ends_at": 0 * HOUR}, {"ends_at": ["The event ends before it starts. Give a later end."]}),
        (
            {"ends_at": 63 * DAY},
            {"ends_at": ["An event lasts at most 62 days. Make a second event of the rest."]},
        ),
        (
            {"registration_closes_at": 4 * HOUR},
            {
                "registration_closes_at": [
                    "Registration would close after the event is over. Give an earlier time."
                ]
            },
        ),
        (
            {"registration_opens_at": -HOUR, "registration_closes_at": -2 * HOUR},
            {"registration_opens_at": ["Registration would open after it closes. Give an earlier time."]},
        ),
        (
            {"registration_opens_at": HOUR},
            {
                "registration_opens_at": [
                    "Registration would open after the event starts. Give an earlier time."
                ]
            },
        ),
        (
            {"format": "online"},
            {"place": ["An online event has no place. Leave this empty, or choose “In person and online”."]},
        ),
        ({"slug": "calendar"}, {"slug": ["The portal uses “calendar” itself. Choose another."]}),
        ({"capacity": "0"}, {"capacity": ["Ensure this value is greater than or equal to 1."]}),
        ({"hours_to_take_an_offer": "0"}, None),
        ({"starts_at": "2027-03-28 01:30"}, None),  # the hour that summer time skips
    ],
)
def test_what_contradicts_itself_is_refused_at_its_field(desk, event, changes, expected):
    changes = {
        name: written(event.starts_at + value) if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }

    response = publish(desk, event, **changes)

    found = errors(response)
    if expected is None:
        assert list(found) == list(changes)
    else:
        assert found == expected
    event.refresh_from_db()
    assert event.slug != "calendar"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "europe/london"])
def test_a_zone_that_does_not_exist_is_refused(make_event, zone):
    with pytest.raises(ValidationError) as refusal:
        make_event(time_zone=zone)

    assert list(refusal.value.error_dict) == ["time_zone"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": -HOUR},
        {"registration_closes_at": 400 * DAY},
        {"registration_opens_at": -HOUR, "registration_closes_at": -2 * HOUR},
        {"capacity": 0},
    ],
)
def test_the_database_refuses_it_too(event, wrong):
    values = {
        name: event.starts_at + value if isinstance(value, timedelta) else value
        for name, value in wrong.items()
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        EventPage.objects.filter(pk=event.pk).update(**values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"feedback_asked": 10, "feedback_answers": 11},
        {"feedback_answers": 5},
        {"attended": 3, "organisations": 4},
    ],
)
def test_figures_that_cannot_be_are_refused(db, wrong):
    with pytest.raises(ValidationError):
        RecordedFigures(name="Wrong", source="Nowhere", **wrong).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordedFigures.objects.create(name="Wrong", source="Nowhere", **wrong)


def test_a_draft_may_be_saved_as_it_is_and_changes_nothing(desk, event, member, book):
    book(event, member)
    OutgoingMail.objects.all().delete()

    response = desk.post(edit_url(event), form(event, title="Not yet", place="Elsewhere"))

    assert response.status_code == 302
    event.refresh_from_db()
    assert (event.title, event.place, event.calendar_sequence) == ("Workshop 1", "Midlands", 0)
    assert letters() == []


def test_a_naughty_string_can_be_typed_into_every_field(desk, event, naughty_strings):
    """What the form takes is published as it was typed; what it refuses, it refuses at the field."""
    for text in naughty_strings[::40]:
        response = publish(desk, event, title=text, summary=text, place=text[:120], co_host=text)

        if response.status_code == 302:
            published = EventPage.objects.get(pk=event.pk)
            assert published.co_host == text.strip()[:200]
        else:
            assert set(errors(response)) <= {"title", "summary", "place", "co_host"}


# --- Publishing what people have planned by ----------------------------------------------------------------------


def test_publishing_another_date_tells_those_registered_once(desk, event, fill, member, book, wait, now):
    book(event, member)
    OutgoingMail.objects.all().delete()
    later = {"starts_at": written(event.starts_at + DAY), "ends_at": written(event.ends_at + DAY)}

    publish(desk, event, **later)

    event.refresh_from_db()
    assert event.calendar_sequence == 1
    assert letters() == [("event_changed", "practitioner")]

    publish(desk, event, co_host="The College")

    event.refresh_from_db()
    assert event.calendar_sequence == 1
    assert letters() == [("event_changed", "practitioner")]


@pytest.mark.parametrize(
    ("changes", "tells"),
    [
        ({"title": "Renamed"}, True),
        ({"place": "East of England"}, True),
        ({"format": "hybrid"}, True),
        ({"format": "online", "place": ""}, True),
        ({"time_zone": "Europe/Paris"}, True),
        ({"date_precision": "month"}, True),
        ({"summary": "In other words."}, False),
        ({"co_host": "The College"}, False),
        ({"slug": "another-address"}, False),
        ({"capacity": "77"}, False),
        ({"hours_to_take_an_offer": "24"}, False),
    ],
)
def test_publishing_tells_only_what_people_plan_by(desk, event, member, book, changes, tells):
    book(event, member)
    OutgoingMail.objects.all().delete()

    assert publish(desk, event, **changes).status_code == 302

    assert letters() == ([("event_changed", "practitioner")] if tells else [])


def test_publishing_a_change_reminds_again(desk, make_event, member, book, now):
    event = make_event(starts_at=now + DAY + 3 * HOUR)
    book(event, member, now - DAY)
    actions.send_reminders(now=now)

    publish(desk, event, place="Next door")

    assert actions.send_reminders(now=now + HOUR) == 1


def test_publishing_a_past_or_cancelled_event_tells_nobody(desk, make_event, fill, now):
    for event in (make_event(starts_at=now - DAY), make_event(cancelled_at=now - DAY)):
        fill(event, 1)
        publish(desk, event, title="Renamed")

    assert letters() == []


def test_publishing_more_places_offers_them_in_order_at_once(desk, make_event, fill, now):
    event = make_event(capacity=2)
    fill(event, 2)
    waiting = fill(event, 3, "waiting")

    publish(desk, event, capacity="4")

    for registration in waiting:
        registration.refresh_from_db()
    assert [registration.state for registration in waiting] == ["offered", "offered", "waiting"]
    assert letters() == [
        ("place_offered", registration.member.email.split("@")[0]) for registration in waiting[:2]
    ]


def test_publishing_no_limit_offers_a_place_to_everybody(desk, make_event, fill):
    event = make_event(capacity=1)
    fill(event, 1)
    fill(event, 3, "waiting")

    publish(desk, event, capacity="")

    assert event.registrations.filter(state="offered").count() == 3


def test_publishing_fewer_places_than_are_taken_is_refused_with_the_number(desk, make_event, fill, wait):
    event = make_event(capacity=60)
    fill(event, 41)

    refused = publish(desk, event, capacity="40")

    assert errors(refused) == {
        "capacity": ["41 people hold a place. Give 41 or more, or cancel registrations first."]
    }
    event.refresh_from_db()
    assert event.capacity == 60
    assert publish(desk, event, capacity="41").status_code == 302


@pytest.mark.parametrize("typed", ["3", "-1", "many"])
def test_a_capacity_that_is_refused_says_nothing_of_the_places_kept(desk, make_event, fill, typed):
    event = make_event(capacity=60, reserved_places=2)
    fill(event, 6)

    assert list(errors(publish(desk, event, capacity=typed))) == ["capacity"]


def test_an_old_draft_does_not_undo_what_actions_did(desk, event, member, organiser, book, now):
    """The draft was saved before the event was cancelled; then somebody publishes it."""
    uuid = event.uuid
    revision = event.save_revision()
    book(event, member)
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)
    event.refresh_from_db()
    sequence = event.calendar_sequence

    revision.publish()

    event.refresh_from_db()
    assert (event.cancelled_at, event.cancellation_reason) == (now, "Ill.")
    assert (event.calendar_sequence, event.uuid) == (sequence, uuid)


def test_saving_a_stale_event_does_not_undo_what_actions_did(event, organiser, now):
    stale = WorkshopPage.objects.get(pk=event.pk)
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    stale.title = "Renamed"
    stale.save()

    event.refresh_from_db()
    assert (event.title, event.cancelled_at) == ("Renamed", now)


# --- Copying, deleting, unpublishing -----------------------------------------------------------------------------


@pytest.mark.parametrize("keeps_live", [True, False])
def test_a_copy_is_a_new_event_without_registrations(event, member, organiser, book, now, keeps_live):
    figures = RecordedFigures.objects.create(name="Last year", attended=10, source="Counted")
    EventPage.objects.filter(pk=event.pk).update(recorded_figures=figures)
    event = WorkshopPage.objects.get(pk=event.pk)
    event.save_revision()
    book(event, member)
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)
    event.refresh_from_db()

    copied = event.copy(update_attrs={"slug": "next-year", "title": "Next year"}, keep_live=keeps_live)
    if not keeps_live:
        copied.get_latest_revision().publish()
    copied = WorkshopPage.objects.get(slug="next-year")

    assert copied.uuid != event.uuid
    assert (copied.cancelled_at, copied.cancellation_reason, copied.calendar_sequence) == (None, "", 0)
    assert copied.recorded_figures is None
    assert copied.registrations.count() == 0
    assert copied.announced == copied.calendar_facts()
    assert (copied.starts_at, copied.capacity) == (event.starts_at, event.capacity)


@pytest.fixture
def boss(at_desk, django_user_model):
    """The browser of an administrator, who may delete and unpublish pages."""
    return at_desk(django_user_model.objects.create_superuser("boss@portal.example"))


def told(response) -> list[str]:
    """The messages on the page where a request ends up."""
    return [str(message).strip() for message in response.context["messages"]]


REFUSAL = (
    "“Workshop 1” cannot be {}: there is 1 registration. "
    "Cancel the event instead: everyone registered is told, and its page stays."
)


@pytest.mark.parametrize("method", ["get", "post"])
def test_deleting_an_event_with_registrations_is_refused(boss, event, member, book, now, method):
    registration = book(event, member)
    actions.cancel_registration(registration=registration, actor=member, now=now)

    response = getattr(boss, method)(reverse("wagtailadmin_pages:delete", args=[event.pk]), follow=True)

    assert told(response) == [REFUSAL.format("deleted")]
    assert EventPage.objects.filter(pk=event.pk).exists()


def test_deleting_an_event_without_registrations_is_done(boss, event):
    boss.post(reverse("wagtailadmin_pages:delete", args=[event.pk]))

    assert not EventPage.objects.filter(pk=event.pk).exists()


def test_deleting_several_at_once_is_refused_if_one_has_registrations(boss, make_event, member, book):
    event, other = make_event(), make_event()
    book(event, member)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])

    boss.post(f"{url}?id={other.pk}&id={event.pk}", {"next": "/admin/"})

    assert EventPage.objects.count() == 2


def test_deleting_an_event_past_the_admin_is_refused_too(event, member, book):
    book(event, member)

    with pytest.raises(Exception, match="protected"), transaction.atomic():
        Page.objects.get(pk=event.pk).delete()

    assert EventPage.objects.filter(pk=event.pk).exists()


def test_unpublishing_an_event_that_people_come_to_is_refused(desk, event, member, book):
    book(event, member)

    response = desk.post(reverse("wagtailadmin_pages:unpublish", args=[event.pk]), follow=True)

    assert told(response) == [REFUSAL.format("unpublished")]
    event.refresh_from_db()
    assert event.live


@pytest.mark.parametrize("fields", [{"starts_at": -DAY}, {"cancelled_at": -DAY}])
def test_unpublishing_an_event_that_nobody_comes_to_is_done(desk, make_event, fill, now, fields):
    event = make_event(**{name: now + offset for name, offset in fields.items()})
    fill(event, 1)

    desk.post(reverse("wagtailadmin_pages:unpublish", args=[event.pk]))

    event.refresh_from_db()
    assert not event.live


# --- The tree ------------------------------------------------------------------------------------------------------


def test_events_stand_below_their_list_and_nowhere_else(site_tree):
    assert ConferencePage.allowed_parent_page_models() == [EventIndexPage]
    assert WorkshopPage.allowed_parent_page_models() == [EventIndexPage]
    assert EventPage.allowed_parent_page_models() == []
    assert set(EventIndexPage.allowed_subpage_models()) == {ConferencePage, WorkshopPage, SeriesPage}


def test_history_names_who_cancelled(event, organiser, now):
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    entry = PageLogEntry.objects.get(action="events.cancel_event")
    assert (entry.user, entry.page_id, entry.data) == (organiser, event.pk, {"told": 0})
    assert str(entry.message) == "Event cancelled, everyone registered told"


def test_a_registration_says_no_name(event, member, book):
    registration = book(event, member)

    assert str(registration) == f"registration {registration.uuid}"
    assert Registration.objects.count() == 1
