"""Two organisers write one event: nobody undoes the other's work without having seen it."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from events.models import EventPage, Session, WorkshopPage
from mailing.models import OutgoingMail
from members.models import User
from tests.events.test_editing import edit_url, errors, form
from tests.events.test_programme_editing import typed

# A text whose blocks name no ids is another one each time.
NO_TEXT = streamfield([])
NOT_SAVED = "What you typed is kept below, and not saved yet."


@pytest.fixture
def event(desk, make_event, organiser) -> EventPage:
    """With a session of the first hour."""
    event = make_event()
    Session.objects.create(
        event=event, title="Opening", starts_at=event.starts_at, ends_at=event.starts_at + timedelta(hours=1)
    )
    WorkshopPage.objects.get(pk=event.pk).save_revision(user=organiser).publish()
    event = EventPage.objects.get(pk=event.pk)
    publish(desk, event, {})
    return event


@pytest.fixture
def other_desk(at_desk, django_user_model):
    """The browser of somebody else who runs all events."""
    other = django_user_model.objects.create_user(
        "second@portal.example",
        first_name="Second",
        last_name="Organiser",
        state=User.State.APPROVED,
        is_staff=True,
        is_superuser=True,
    )
    return at_desk(other)


def opened(desk, event: EventPage) -> dict[str, str]:
    """What the editor's form says of where it began."""
    return {"begun_from": desk.get(edit_url(event)).context["form"]["begun_from"].value()}


def publish(desk, event: EventPage, kept: dict[str, str], **changes):
    session = typed(event.sessions.get(), **changes.pop("session", {}))
    changes |= {"sessions": inline_formset([session], initial=1), "body": NO_TEXT}
    return desk.post(edit_url(event), form(event, **changes) | kept | {"action-publish": "1"})


def cancel_the_session(desk, event: EventPage, kept: dict[str, str]) -> None:
    assert publish(desk, event, kept, session={"is_cancelled": "on"}).status_code == 302


def is_session_cancelled(event: EventPage) -> bool:
    return event.sessions.get().is_cancelled


def panel(response) -> BeautifulSoup:
    """What the top of the form says, with its box to tick."""
    page = BeautifulSoup(response.content, "html.parser")
    (box,) = page.select("input[name=overwrites]")
    return box.find_parent(class_="help-block")


def test_an_older_form_is_refused_and_says_who_changed_what_and_keeps_what_was_typed(desk, other_desk, event):
    first, older = opened(desk, event), opened(other_desk, event)
    before = form(event, body=NO_TEXT)
    cancel_the_session(desk, event, first)
    letters = OutgoingMail.objects.count()

    response = other_desk.post(
        edit_url(event),
        before
        | nested_form_data({"sessions": inline_formset([typed(Session(**_of(event)))], initial=1)})
        | {"place": "Leeds"}
        | older
        | {"action-publish": "1"},
    )

    assert response.status_code == 200
    (refusal,) = errors(response)["__all__"]
    assert refusal.startswith("While you were writing, the page was changed: Demo Organiser published it on ")
    assert refusal.endswith(NOT_SAVED)
    page = BeautifulSoup(response.content, "html.parser")
    assert page.find("input", {"name": "place"})["value"] == "Leeds"
    assert page.find("input", {"name": "begun_from"})["value"] == older["begun_from"]
    words = " ".join(panel(response).get_text().split())
    assert "What is different now: Programme." in words
    links = [link["href"] for link in panel(response).select("a")]
    before_and_after = event.revisions.order_by("pk").values_list("pk", flat=True)[1:]
    assert links == [
        reverse("wagtailadmin_pages:revisions_compare", args=[event.pk, *before_and_after]),
        edit_url(event),
    ]
    assert panel(response).select_one("input").has_attr("checked") is False
    assert is_session_cancelled(event) is True
    assert OutgoingMail.objects.count() == letters


def _of(event: EventPage) -> dict:
    """The session as it was."""
    names = ("pk", "title", "starts_at", "ends_at", "kind", "stream", "room", "summary", "is_chosen")
    session = event.sessions.get()
    return {name: getattr(session, name) for name in names}


def test_an_older_form_is_published_once_somebody_ticks_that_they_mean_it(desk, other_desk, event):
    first, older = opened(desk, event), opened(other_desk, event)
    cancel_the_session(desk, event, first)
    refused = publish(other_desk, event, older, session={"is_cancelled": ""})
    assert is_session_cancelled(event) is True
    tick = {"overwrites": panel(refused).select_one("input")["value"]}

    published = publish(other_desk, event, older | tick, place="Leeds")

    assert published.status_code == 302
    assert EventPage.objects.get(pk=event.pk).place == "Leeds"


def test_a_tick_is_for_what_was_shown_and_not_for_what_follows(desk, other_desk, event):
    first, older = opened(desk, event), opened(other_desk, event)
    cancel_the_session(desk, event, first)
    tick = {"overwrites": panel(publish(other_desk, event, older)).select_one("input")["value"]}
    assert publish(desk, event, opened(desk, event), place="York").status_code == 302

    response = publish(other_desk, event, older | tick, place="Leeds")

    assert response.status_code == 200
    changes = [line.get_text() for line in panel(response).select("li")]
    assert [change.split(" on ")[0] for change in changes] == [
        "Demo Organiser published it",
        "Demo Organiser saved it",
    ]
    assert "What is different now: Place, Programme." in " ".join(panel(response).get_text().split())
    assert EventPage.objects.get(pk=event.pk).place == "York"


def test_an_older_form_that_was_shown_again_with_its_errors_is_still_an_older_one(desk, other_desk, event):
    first, older = opened(desk, event), opened(other_desk, event)
    cancel_the_session(desk, event, first)
    shown = publish(other_desk, event, older, title="").context["form"]

    response = publish(other_desk, event, {"begun_from": shown["begun_from"].value()})

    assert len(errors(response)["__all__"]) == 1


def test_saving_a_draft_from_an_older_form_is_refused_too(desk, other_desk, event):
    first, older = opened(desk, event), opened(other_desk, event)
    cancel_the_session(desk, event, first)

    response = other_desk.post(edit_url(event), form(event) | older)

    assert response.status_code == 200
    assert event.revisions.count() == 3


def test_a_form_that_was_opened_before_there_was_any_version_is_refused_without_a_comparison(
    desk, other_desk, make_event
):
    event = make_event()
    first, older = opened(desk, event), opened(other_desk, event)
    assert first == {"begun_from": "none"}
    assert desk.post(edit_url(event), form(event, place="York") | first).status_code == 302

    response = other_desk.post(edit_url(event), form(event, place="Leeds") | older)

    assert response.status_code == 200
    assert [link["href"] for link in panel(response).select("a")] == [edit_url(event)]


def test_what_the_editor_saved_by_itself_meanwhile_is_no_reason_to_refuse_the_form(desk, event):
    kept = opened(desk, event)
    autosaved = desk.post(
        edit_url(event), form(event, place="Yo") | kept, headers={"accept": "application/json"}
    )
    assert autosaved.json()["success"] is True

    response = publish(desk, event, kept, place="York")

    assert response.status_code == 302
    assert EventPage.objects.get(pk=event.pk).place == "York"


def test_what_is_different_is_told_from_what_one_saved_last(desk, other_desk, event):
    older = opened(other_desk, event)
    assert (
        other_desk.post(edit_url(event), form(event, title="Mine", body=NO_TEXT) | older).status_code == 302
    )
    publish(desk, event, opened(desk, event), title="Mine", place="York")

    response = publish(other_desk, event, older, title="Mine")

    assert "What is different now: Place." in " ".join(panel(response).get_text().split())


def test_an_autosave_of_somebody_else_over_the_version_that_was_opened_is_seen(desk, other_desk, event):
    latest = event.revisions.latest("pk")
    older = opened(other_desk, event)
    overwrites = {"overwrite_revision_id": latest.pk}
    sent = form(event, place="York", body=NO_TEXT) | opened(desk, event) | overwrites
    assert desk.post(edit_url(event), sent, headers={"accept": "application/json"}).json()["success"] is True
    assert event.revisions.latest("pk").pk == latest.pk

    response = publish(other_desk, event, older)

    assert [link["href"] for link in panel(response).select("a")] == [edit_url(event)]


def test_an_automatic_save_from_an_older_form_is_refused(desk, other_desk, event):
    first, older = opened(desk, event), opened(other_desk, event)
    cancel_the_session(desk, event, first)
    latest = event.revisions.latest("pk")
    # As the page that was shown again names them, beside what it began from.
    loaded = {
        "loaded_revision_id": latest.pk,
        "loaded_revision_created_at": latest.created_at.isoformat(),
    }

    response = other_desk.post(
        edit_url(event), form(event) | older | loaded, headers={"accept": "application/json"}
    )

    assert (response.status_code, response.json()["error_code"]) == (400, "validation_error")
    assert event.revisions.count() == 3


def test_a_preview_of_an_older_form_is_shown(desk, other_desk, event):
    first, older = opened(desk, event), opened(other_desk, event)
    cancel_the_session(desk, event, first)

    response = other_desk.post(
        reverse("wagtailadmin_pages:preview_on_edit", args=[event.pk]), form(event) | older
    )

    assert response.json()["is_valid"] is True


@pytest.mark.parametrize("begun_from", ["7", "x", "² ²", "1 2020-01-01", "1 2020-01-01T00:00:00+00:00"])
def test_a_version_that_is_not_there_is_one_that_is_not_the_latest(other_desk, event, begun_from):
    response = publish(other_desk, event, {"begun_from": begun_from}, place="York")

    assert response.status_code == 200
    assert len(errors(response)["__all__"]) == 1
