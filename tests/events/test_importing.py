"""The importer: drafts made once, brought up to date where nobody edited them, and nothing half done."""

import json
from copy import deepcopy
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events.management.commands import import_events
from events.models import ConferencePage, EventPage, ImportedEvent, Session, Speaker, WorkshopPage
from tests.events.test_schedules import CALENDAR, SCHEDULE, TALK

SECOND = {
    **TALK,
    "guid": "0a9c1ad2-0f3f-4f8c-9b1e-44fdf7a1f7d2",
    "title": "Case clinic",
    "type": "Clinic",
    "date": "2027-05-18T11:00:00+01:00",
    "track": "People",
    "persons": [{"name": "Force trainer"}, {"name": "research LEAD"}],
}


@pytest.fixture(autouse=True)
def tree(index):
    return index


@pytest.fixture
def run(tmp_path):
    """Import what is given, a schedule or a text; what the command says."""

    def import_file(content: Any, **options: Any) -> list[str]:
        path = tmp_path / "schedule"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        out = StringIO()
        call_command("import_events", path, stdout=out, **options)
        return out.getvalue().splitlines()

    return import_file


def schedule(*talks: dict[str, Any]) -> dict[str, Any]:
    """A schedule of these talks."""
    whole = deepcopy(SCHEDULE)
    whole["schedule"]["conference"]["days"][0]["rooms"]["Main hall"] = list(talks)
    return whole


def dump() -> str:
    out = StringIO()
    call_command("dumpdata", "events", "wagtailcore.page", "wagtailcore.revision", stdout=out)
    return out.getvalue()


def draft() -> EventPage:
    return ConferencePage.objects.get().get_latest_revision_as_object()


def test_importing_makes_a_draft_with_sessions_and_speakers(run):
    said = run(schedule(TALK, SECOND))

    assert said == [
        "“Managing risk together”: new",
        "“Managing risk together”, “What the evaluation found”: new",
        "“Managing risk together”, “Case clinic”: new",
        "1 event read. Done.",
    ]
    event = ConferencePage.objects.get()
    assert (event.live, event.slug, event.announced) == (False, "managing-risk-together", {})
    assert [
        (session.title, session.kind, session.stream, [speaker.name for speaker in session.speakers])
        for session in event.programme()
    ] == [
        ("What the evaluation found", "keynote", "Assessment", ["Research lead"]),
        ("Case clinic", "case clinic", "People", ["Force trainer", "Research lead"]),
    ]
    assert list(Speaker.objects.values_list("name", "biography")) == [
        ("Force trainer", ""),
        ("Research lead", "Led the fieldwork."),
    ]
    assert len(draft().sessions.all()) == 2


@pytest.mark.parametrize("content", [schedule(TALK, SECOND), CALENDAR], ids=["schedule", "calendar"])
def test_importing_the_same_file_again_changes_nothing(run, content):
    run(content)
    before = dump()

    said = run(content)

    assert all(line.endswith(": unchanged") for line in said[:-1])
    assert dump() == before


def test_a_dry_run_says_the_same_and_changes_nothing(run):
    before = dump()

    said = run(schedule(TALK), dry_run=True)

    assert said == [
        "“Managing risk together”: new",
        "“Managing risk together”, “What the evaluation found”: new",
        "1 event read. Nothing was changed: this was a dry run.",
    ]
    assert dump() == before


def test_a_changed_file_updates_what_nobody_edited(run):
    run(schedule(TALK, SECOND))
    moved = {**TALK, "date": "2027-05-18T10:15:00+01:00", "room": "Hall B", "persons": SECOND["persons"]}
    third = {**SECOND, "guid": "third", "title": "Added"}

    said = run(schedule(moved, SECOND, third))

    assert said == [
        "“Managing risk together”: changed (starts_at)",
        "“Managing risk together”, “What the evaluation found”: changed (room, starts_at, ends_at)",
        "“Managing risk together”, “What the evaluation found”: changed (speakers)",
        "“Managing risk together”, “Added”: new",
        "1 event read. Done.",
    ]
    session = Session.objects.get(title="What the evaluation found")
    assert (session.room, session.starts_at.hour, session.starts_at.minute) == ("Hall B", 9, 15)
    assert [speaker.name for speaker in session.speakers] == ["Force trainer", "Research lead"]
    assert len(draft().sessions.all()) == 3


def test_a_changed_file_leaves_alone_what_was_edited_here(run):
    run(schedule(TALK, SECOND))
    page = draft()
    page.title = "Our own title"
    found, clinic = page.sessions.get_object_list()
    found.room = "Our own room"
    page.sessions.remove(clinic)
    page.save()
    page.save_revision()
    whole = schedule({**TALK, "room": "Hall B", "abstract": "Shorter."}, {**SECOND, "room": "Hall C"})
    whole["schedule"]["conference"]["title"] = "Their other title"

    said = run(whole)

    assert said == [
        "“Their other title”: kept, since it was edited here (title)",
        "“Their other title”, “What the evaluation found”: changed (summary)",
        "“Their other title”, “What the evaluation found”: kept, since it was edited here (room)",
        "“Their other title”, “Case clinic”: kept, since it was edited here (removed)",
        "1 event read. Done.",
    ]
    page = draft()
    [session] = page.sessions.all()
    assert (page.title, session.room, session.summary) == (
        "Our own title",
        "Our own room",
        "Shorter.\n\nAt length.",
    )
    assert run(whole) == ["“Their other title”: unchanged", "1 event read. Done."]


def test_a_session_that_left_the_file_stays_and_is_named(run):
    run(schedule(TALK, SECOND))

    said = run(schedule(TALK))

    assert "“Managing risk together”, “Case clinic”: no longer in the file, left as it is" in said
    assert Session.objects.count() == 2


def test_of_a_published_event_a_draft_is_left_to_be_published(run):
    run(schedule(TALK))
    draft().save_revision().publish()

    run(schedule({**TALK, "title": "What was found since"}))

    assert Session.objects.get().title == "What the evaluation found"
    assert [session.title for session in draft().sessions.all()] == ["What was found since"]
    assert ConferencePage.objects.get().has_unpublished_changes


def test_importing_a_calendar_makes_workshops(run):
    said = run(CALENDAR.replace("SUMMARY:Case clinic", "SUMMARY:Case clinic\nRRULE:FREQ=WEEKLY"))

    assert said == [
        "Entry 2 (“Case clinic”): it repeats, and an event here is one date. Enter it by hand.",
        "“Rating together”: new",
        "1 event read. Done.",
    ]
    event = WorkshopPage.objects.get()
    assert (event.live, event.title, event.place, event.sessions.count()) == (
        False,
        "Rating together",
        "Room 1",
        0,
    )


def test_importing_a_calendar_as_one_event(run):
    run(CALENDAR, one_event="Spring conference")

    event = ConferencePage.objects.get()
    assert (event.title, [session.title for session in event.programme()]) == (
        "Spring conference",
        ["Rating together", "Case clinic"],
    )


def test_an_address_that_is_taken_gets_a_number(run, make_event):
    make_event(slug="managing-risk-together")
    run(schedule(TALK))
    other = schedule(TALK)
    other["schedule"]["base_url"] = "https://pretalx.example/another/"

    run(other)

    assert sorted(ConferencePage.objects.values_list("slug", flat=True)) == [
        "managing-risk-together-2",
        "managing-risk-together-3",
    ]


def test_a_broken_file_names_the_place_and_imports_nothing(run):
    with pytest.raises(CommandError) as refusal:
        run(schedule(TALK, {**SECOND, "duration": "soon"}))

    assert str(refusal.value) == (
        "schedule.conference.days[0].rooms[“Main hall”][1].duration: “soon” is no duration such as 00:45.\n"
        "Nothing was imported."
    )
    assert (EventPage.objects.count(), Speaker.objects.count()) == (0, 0)


def test_what_fails_in_the_middle_leaves_nothing_behind(run, monkeypatch):
    """The second of two events cannot be made: the first is not there either."""
    made = []

    def fail_second(*args: Any, **kwargs: Any) -> None:
        made.append(args)
        if len(made) == 2:
            raise RuntimeError("The disk is full.")

    monkeypatch.setattr(ImportedEvent.objects, "create", fail_second)

    with pytest.raises(RuntimeError):
        run(CALENDAR)

    assert len(made) == 2
    assert EventPage.objects.count() == 0


def test_an_event_that_contradicts_itself_is_refused_in_words(run):
    """Longer than any event may be: the page's own check says so."""
    far = {**SECOND, "date": "2027-09-18T11:00:00+01:00"}

    with pytest.raises(CommandError, match="An event lasts at most 62 days") as refusal:
        run(schedule(TALK, far))

    assert str(refusal.value).endswith("Nothing was imported.")
    assert EventPage.objects.count() == 0


def test_a_file_of_200_mb_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "schedule.json"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    monkeypatch.setattr(import_events.Path, "read_bytes", lambda _path: pytest.fail("It was read."))

    with pytest.raises(CommandError) as refusal:
        call_command("import_events", path)

    assert str(refusal.value) == (
        f"{path} has 200 MB. No schedule has more than 10 MB. Nothing was imported."
    )


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        call_command("import_events", tmp_path / "absent.json")


@pytest.mark.parametrize("number", [3, 200])
def test_importing_again_costs_the_same_queries_whatever_the_number_of_sessions(
    run, number, django_assert_max_num_queries
):
    talks = [{**TALK, "guid": f"talk-{position}", "title": f"Talk {position}"} for position in range(number)]
    run(schedule(*talks))

    with django_assert_max_num_queries(8):
        run(schedule(*talks))
