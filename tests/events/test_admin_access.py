"""Who gets to which of the organisers' pages: every address below /admin/events/, for every role."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from events import actions, admin_urls
from events.letter_kinds import KINDS
from events.models import Material, Registration, TeamMember
from members.models import User

pytestmark = pytest.mark.usefixtures("stopped_clock")

MANAGE, CHECK_IN, READ = TeamMember.Role
ALL, NOBODY = "runs all events", "on no team"
OK, NOT_FOUND, REFUSED, MOVED = 200, 404, "refused", 302
ROLES = (ALL, MANAGE, READ, CHECK_IN, NOBODY)

# What a GET, or for what only takes a POST a POST, answers to each of ROLES. Who only checks people in is in
# this table with the group that lets into the admin, as it is when they have another role elsewhere.
READING = (OK, OK, OK, REFUSED, NOT_FOUND)
MANAGING = (OK, OK, REFUSED, REFUSED, NOT_FOUND)
DOING = (MOVED, MOVED, REFUSED, REFUSED, NOT_FOUND)
TABLE = {
    "events": (OK, OK, OK, OK, OK),
    "overview": READING,
    "registrations": READING,
    "registration": READING,
    "export": READING,
    "cancel_event": MANAGING,
    "change_answers": MANAGING,
    "register_member": MANAGING,
    "messages": MANAGING,
    "write_message": MANAGING,
    "message": MANAGING,
    "change_message": MANAGING,
    "invitations": MANAGING,
    "plan_wave": MANAGING,
    "wave": MANAGING,
    "change_wave": MANAGING,
    "bring_list": MANAGING,
    "list_problems": MANAGING,
    "try_invitation": DOING,
    "start_wave": DOING,
    "pause_wave": DOING,
    "resume_wave": DOING,
    "cancel_wave": DOING,
    "stop_reminders": DOING,
    "export_invited": MANAGING,
    "letters": MANAGING,
    "change_letter": MANAGING,
    "restore_letter": DOING,
    "materials": MANAGING,
    "add_material": MANAGING,
    "change_material": MANAGING,
    "remove_material": MANAGING,
    "team": MANAGING,
    "change_team_member": MANAGING,
    "act": DOING,
    "write_note": MANAGING,  # without a note: the page again, saying so
    "send_test_message": DOING,
    "send_message": DOING,
    "pause_message": DOING,
    "resume_message": DOING,
    "cancel_message": DOING,
    "remove_team_member": DOING,
}
ONLY_POSTED = {
    "try_invitation",
    "start_wave",
    "pause_wave",
    "resume_wave",
    "cancel_wave",
    "stop_reminders",
    "export_invited",
    "act",
    "write_note",
    "send_test_message",
    "send_message",
    "pause_message",
    "resume_message",
    "cancel_message",
    "remove_team_member",
}


@pytest.fixture
def person(django_user_model, organiser, event, make_event, now):
    """Somebody with a role at the event, or without one; all of them get into the admin."""

    def make(role: str) -> User:
        if role == ALL:
            return organiser
        somebody = django_user_model.objects.create_user("somebody@portal.example", state="approved")
        somebody.groups.add(Group.objects.get(name="Event team"))
        # So that they run another event, and are not turned away for running none.
        TeamMember.objects.create(event=make_event(), member=somebody, role=READ, added_at=now)
        if role != NOBODY:
            TeamMember.objects.create(event=event, member=somebody, role=role, added_at=now)
        return somebody

    return make


@pytest.fixture
def address(event, member, other_member, organiser, book, make_wave, now):
    """The address of each page, with something behind it."""
    registration = book(event, member)
    message = actions.draft_message(
        event=event,
        subject="Rooms",
        text="Hello",
        filters="",
        chosen=None,
        actor=organiser,
        now=now,
    )
    row = TeamMember.objects.create(event=event, member=other_member, role=READ, added_at=now)
    values = {"event": event.pk, "registration": registration.uuid, "team_member": row.pk}
    values["message"] = message.mailing.uuid
    values["wave"] = make_wave(lines=["one@a.example"]).uuid
    values["kind"] = next(iter(KINDS))
    values["material"] = Material.objects.create(
        event=event, title="Slides", url="https://portal.example/", added_at=now
    ).uuid
    routes = {pattern.name: str(pattern.pattern) for pattern in admin_urls.urlpatterns}

    def find(name: str) -> str:
        wanted = {key: value for key, value in values.items() if f":{key}>" in routes[name]}
        return reverse(f"events_admin:{name}", kwargs=wanted)

    return find


def answer_of(client, name: str, url: str) -> int | str:
    response = client.post(url) if name in ONLY_POSTED else client.get(url)
    # Wagtail sends whoever may not go somewhere to the front page, with a word why.
    if response.status_code == MOVED and response.url == reverse("wagtailadmin_home"):
        return REFUSED
    return response.status_code


@pytest.mark.parametrize("position", range(len(ROLES)), ids=ROLES)
@pytest.mark.parametrize("name", TABLE)
def test_each_page_is_for_these_roles(at_desk, person, address, name, position):
    client = at_desk(person(ROLES[position]))

    assert answer_of(client, name, address(name)) == TABLE[name][position]


def test_every_page_is_in_the_table():
    assert {pattern.name for pattern in admin_urls.urlpatterns} == set(TABLE)


@pytest.mark.parametrize("name", sorted(ONLY_POSTED))
def test_a_link_does_nothing(at_desk, organiser, address, name):
    assert at_desk(organiser).get(address(name)).status_code == 405


@pytest.mark.parametrize("name", TABLE)
def test_members_and_visitors_never_get_there(client, member, address, name):
    url = address(name)

    assert client.get(url).status_code == 302
    client.force_login(member)
    assert client.get(url).status_code == 403


@pytest.mark.parametrize("name", ["registration", "write_note"])
def test_a_registration_is_only_found_under_its_event(at_desk, organiser, make_event, member, book, name):
    registration, other = book(make_event(), member), make_event()
    url = reverse(f"events_admin:{name}", args=[other.pk, registration.uuid])

    assert answer_of(at_desk(organiser), name, url) == NOT_FOUND
    assert Registration.objects.get().steps.count() == 1


def test_a_message_and_a_role_are_only_found_under_their_event(
    at_desk, organiser, event, make_event, member, now
):
    other = make_event()
    draft = actions.draft_message(
        event=event, subject="A", text="B", filters="", chosen=None, actor=organiser, now=now
    )
    row = TeamMember.objects.create(event=event, member=member, role=READ, added_at=now)
    client = at_desk(organiser)

    answers = [
        client.post(reverse(f"events_admin:{name}", args=[other.pk, key])).status_code
        for name, key in (
            ("send_message", draft.mailing.uuid),
            ("cancel_message", draft.mailing.uuid),
            ("remove_team_member", row.pk),
            ("change_team_member", row.pk),
        )
    ]

    assert answers == [404] * 4
    assert event.team.count() == 1


def test_nobody_changes_their_own_role(at_desk, person, event):
    manager = person(MANAGE)
    row = event.team.get(member=manager)
    client = at_desk(manager)

    for name in ("change_team_member", "remove_team_member"):
        sent = client.post(
            reverse(f"events_admin:{name}", args=[event.pk, row.pk]),
            {"role": READ, "sees_sensitive_answers": "on"},
        )
        assert sent.url == reverse("wagtailadmin_home")

    row.refresh_from_db()
    assert (row.role, row.sees_sensitive_answers) == (MANAGE, False)


def test_who_has_no_role_at_all_finds_no_events(at_desk, django_user_model, event):
    somebody = django_user_model.objects.create_user("editor@portal.example", state="approved")
    somebody.groups.add(Group.objects.get(name="Editors"))

    assert answer_of(at_desk(somebody), "events", reverse("events_admin:events")) == REFUSED
