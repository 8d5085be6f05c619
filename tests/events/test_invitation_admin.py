"""What organisers see and do with rounds of invitations in the admin."""

import re
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events import actions, invitation_letters, rules
from events.actions import listing_people
from events.audiences import Chosen
from events.invitation_forms import defaults
from events.models import EventPage, GuestList, Invitation, InvitationWave, TeamMember
from events.tasks import read_lists
from library.models import Topic, TopicInterest
from mailing import claiming
from mailing.composition import composed
from mailing.models import Mailing, OutgoingMail
from members.models import User

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(now):
    """The views' clock stands still."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


@pytest.fixture
def desk(at_desk, organiser) -> Client:
    return at_desk(organiser)


def url(name: str, wave: InvitationWave | None = None, **event: Any) -> str:
    if wave is None:
        return reverse(f"events_admin:{name}", args=[event["event"].pk])
    return reverse(f"events_admin:{name}", args=[wave.event_id, wave.uuid])


def text(response) -> str:
    return " ".join(response.content.decode().split())


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


POSTS = [
    "try_invitation",
    "start_wave",
    "pause_wave",
    "resume_wave",
    "cancel_wave",
    "stop_reminders",
    "export_invited",
]
GETS = ["wave", "change_wave", "bring_list", "list_problems"]


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may"),
    [(TeamMember.Role.MANAGE, True), (TeamMember.Role.READ, False), (TeamMember.Role.CHECK_IN, False)],
)
def test_only_who_manages_the_event_sees_and_does_anything(
    at_desk, make_wave, event, other_member, now, role, may
) -> None:
    other_member.user_permissions.add(Permission.objects.get(codename="access_admin"))
    TeamMember.objects.create(event=event, member=other_member, role=role, added_at=now)
    assert rules.can_manage_registrations(other_member, event) is may
    wave = make_wave(lines=["one@a.example"])
    client = at_desk(other_member)
    answers = {
        *(client.get(url(name, event=event)).status_code for name in ("invitations", "plan_wave")),
        *(client.get(url(name, wave)).status_code for name in GETS),
    }
    # Wagtail sends whom it refuses back to its front page.
    assert answers == ({200} if may else {302})
    if not may:
        for name in POSTS:
            assert client.post(url(name, wave)).status_code == 302
        assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (0, 0)
        wave.mailing.refresh_from_db()
        assert wave.mailing.state == Mailing.State.DRAFT


def test_round_of_another_event_is_not_there(desk, make_wave, make_event) -> None:
    wave = make_wave(lines=["one@a.example"])
    other = make_event()
    for name in GETS:
        assert desk.get(reverse(f"events_admin:{name}", args=[other.pk, wave.uuid])).status_code == 404
    for name in POSTS:
        assert desk.post(reverse(f"events_admin:{name}", args=[other.pk, wave.uuid])).status_code == 404


@pytest.mark.parametrize("name", POSTS)
def test_nothing_is_done_on_get(desk, make_wave, name) -> None:
    assert desk.get(url(name, make_wave(lines=["one@a.example"]))).status_code == 405


# --- Planning --------------------------------------------------------------------------------------------------------


def test_plan_wave_needs_nothing_but_somebody_to_invite(desk, event, force, member) -> None:
    answered = desk.post(
        url("plan_wave", event=event), {**defaults(event), "organisations": [force.pk]}, follow=True
    )
    assert "<strong>1 person</strong> would be invited now." in text(answered)
    assert "Hello Pat Practitioner," in text(answered)
    assert "Of Example Police" in text(answered)
    assert Invitation.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("text", "{nmae} {link}", "There is no placeholder {nmae}."),
        ("text", "No way to answer", "Put {link} into the text"),
        ("reminder_text", "No way to answer", "Put {link} into the text"),
        ("reminder_subject", "{x}", "There is no placeholder {x}."),
        ("days_between", "0", "greater than or equal to 1"),
        ("reminders", "4", "Select a valid choice"),
    ],
)
def test_plan_wave_says_what_is_wrong_at_the_field(desk, event, field, typed, problem) -> None:
    answered = desk.post(url("plan_wave", event=event), {**defaults(event), field: typed})
    errors = answered.context["form"].errors
    assert list(errors) == [field]
    assert errors[field][0].startswith(problem) or problem in errors[field][0]
    assert InvitationWave.objects.count() == 0


def test_plan_wave_offers_kept_places_only_where_there_are_some(desk, make_event) -> None:
    plain, keeping = make_event(capacity=5), make_event(capacity=5, reserved_places=2)
    shown = [
        "keeps_places" in desk.get(url("plan_wave", event=each)).context["form"].fields
        for each in (plain, keeping)
    ]
    assert shown == [False, True]


def test_change_wave_shows_what_was_planned_and_changes_it(desk, make_wave) -> None:
    wave = make_wave(Chosen(kinds=("charity",), job_title="analyst"), reminders=2, days_between=3)
    form = desk.get(url("change_wave", wave)).context["form"]
    assert {name: form[name].value() for name in ("kinds", "job_title", "reminders", "days_between")} == {
        "kinds": ["charity"],
        "job_title": "analyst",
        "reminders": 2,
        "days_between": 3,
    }
    posted = {**defaults(wave.event), "everyone": "on", "reminders": 0, "subject": "Come to {event}"}
    desk.post(url("change_wave", wave), posted)
    wave = InvitationWave.objects.select_related("mailing__wording").get()
    assert (wave.audience, wave.reminders) == ({"everyone": True}, 0)
    assert wave.mailing.wording.subject == "Come to {event}"


def test_draft_previews_as_anybody_with_a_link_that_answers_nothing(desk, make_wave) -> None:
    wave = make_wave(lines=["one@a.example,Role One", "two@a.example,Role Two"])
    shown = text(desk.get(url("wave", wave), {"as": "two@a.example"}))
    assert "Hello Role Two," in shown
    assert invitation_letters.sample_address(wave) in shown
    assert "Hello Role One," in text(desk.get(url("wave", wave)))
    assert (
        "Nobody with “X@a.example” in name or address would be invited. This is the letter to one@a.example."
        in text(desk.get(url("wave", wave), {"as": "X@a.example"}))
    )


def previewed(response) -> tuple[str, list[str]]:
    """Whose letter it is, and whom else the page leads to."""
    page = text(response)
    [shown] = re.findall(r"<strong>To:</strong> ([^<]+)<br>", page)
    return shown, re.findall(r'<li><a href="\?as=[^"]*">([^<]*)</a></li>', page)


@pytest.mark.parametrize(
    ("asked_for", "expected"),
    [
        ("p199@a.example", ("p199@a.example", [])),  # far behind those that stand first
        ("P199@A.example", ("p199@a.example", [])),
        ("practitioner", ("practitioner@force.example", [])),
        ("league COL", ("colleague@force.example", [])),
        ("role 77", ("p77@a.example", ["Role 177, p177@a.example"])),
        ("force.example", ("practitioner@force.example", ["Col League, colleague@force.example"])),
        ("19 p19", ("p19@a.example", [f"Role {number}, p{number}@a.example" for number in range(190, 200)])),
        ("nobody\x00here", ("practitioner@force.example", [])),
        ("  ", ("practitioner@force.example", [])),
        ("%", ("practitioner@force.example", [])),
    ],
)
def test_draft_previews_as_whoever_is_searched_for(
    desk, make_wave, member, other_member, asked_for, expected
) -> None:
    lines = [f"p{number}@a.example,Role {number}" for number in range(200)]
    wave = make_wave(Chosen(organisations=(member.organisation_id,)), lines=lines)
    assert previewed(desk.get(url("wave", wave), {"as": asked_for})) == expected


def test_draft_leads_to_some_of_many_who_match(desk, make_wave) -> None:
    wave = make_wave(lines=[f"p{number}@a.example,Role {number}" for number in range(60)])
    page = desk.get(url("wave", wave), {"as": "role"})
    shown, others = previewed(page)
    assert (shown, len(others)) == ("p0@a.example", 24)
    assert "More than 25 people match, among them:" in text(page)


def test_plan_wave_by_topics_counts_and_says_them(desk, event, member, other_member) -> None:
    topic = Topic.objects.create(name="Assessing risk", slug="assessing-risk")
    Topic.objects.create(name="Training", slug="training")
    TopicInterest.objects.create(member=member, topic=topic)
    answered = desk.post(
        url("plan_wave", event=event), {**defaults(event), "topics": [topic.pk]}, follow=True
    )
    assert "<strong>1 person</strong> would be invited now." in text(answered)
    assert "<li>Interested in Assessing risk</li>" in text(answered)
    [wave] = InvitationWave.objects.all()
    assert desk.get(url("change_wave", wave)).context["form"]["topics"].value() == [topic.pk]


def test_try_invitation_goes_to_whoever_tries_it(desk, make_wave, organiser) -> None:
    desk.post(url("try_invitation", make_wave(lines=["one@a.example"])))
    letter = OutgoingMail.objects.get()
    assert letter.recipient == organiser.email
    assert composed(letter).subject == "You are invited: Workshop 1"


# --- The list --------------------------------------------------------------------------------------------------------


def test_bring_list_as_a_file_reports_each_line_that_cannot_be_taken(desk, make_wave) -> None:
    wave = make_wave()
    file = SimpleUploadedFile(
        "people.csv",
        b"\xef\xbb\xbfemail;name\r\none@a.example;One\r\n=nobody;=X()\r\none@a.example;Again\r\n",
    )
    answered = desk.post(url("bring_list", wave), {"file": file}, follow=True)
    assert said(answered) == ["1 person is on the list.", "2 lines could not be taken. Below it says why."]
    shown = text(answered)
    assert "This is no e-mail address." in shown
    assert "The same address as on line 2." in shown
    table = b"".join(desk.get(url("list_problems", wave)).streaming_content).decode()
    assert table.splitlines()[1] == "3,'=nobody;=X(),This is no e-mail address."


def test_bring_long_list_says_how_far_it_is_read(desk, make_wave, monkeypatch) -> None:
    monkeypatch.setattr(listing_people, "READ_AT_ONCE", 2)
    wave = make_wave(lines=["before@a.example"])
    answered = desk.post(url("bring_list", wave), {"pasted": "a@a.example\nb@a.example\nnobody"}, follow=True)
    assert said(answered) == ["Your list of 3 lines is being read."]
    assert "Your list is being read: 0 of 3 lines." in text(answered)
    assert '<progress class="pp-admin__progress" max="3" value="0"' in text(answered)
    assert "1 person on the list you brought" in text(answered)
    assert "You can send when your list is read." in text(answered)
    refused = desk.post(url("start_wave", wave), {"scheduled_for": ""}, follow=True)
    assert said(refused) == [actions.ListIsBeingRead.message]
    read_lists(lists=list(GuestList.objects.being_read().values_list("pk", flat=True)))
    shown = text(desk.get(url("wave", wave)))
    assert "is being read" not in shown
    assert "2 people on the list you brought" in shown
    assert "1 line of the list could not be taken" in shown


def test_bring_list_as_it_is_pasted(desk, make_wave) -> None:
    wave = make_wave()
    answered = desk.post(
        url("bring_list", wave), {"pasted": "Role One <one@a.example>\r\ntwo@a.example"}, follow=True
    )
    assert said(answered) == ["2 people are on the list."]


@pytest.mark.parametrize(
    ("posted", "problem"),
    [
        ({}, "Choose a file, or paste addresses below."),
        ({"file": b"PK\x03\x04rest"}, "This is a spreadsheet, not a CSV file."),
        (
            {"file": b"one@a.example\n", "pasted": "two@a.example"},
            "Give a file or paste addresses, not both.",
        ),
    ],
)
def test_bring_list_that_is_none_says_why(desk, make_wave, posted, problem) -> None:
    wave = make_wave(lines=["before@a.example"])
    if "file" in posted:
        posted = {**posted, "file": SimpleUploadedFile("people.csv", posted["file"])}
    answered = desk.post(url("bring_list", wave), posted)
    assert problem in text(answered)
    assert list(wave.listed.values_list("email", flat=True)) == ["before@a.example"]


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_draft_shows_each_exclusion_before_anything_is_sent(desk, make_wave, event, member, book) -> None:
    book(event, member)
    shown = text(desk.get(url("wave", make_wave(lines=[member.email, "one@a.example"]))))
    assert "Registered already</td>" in shown
    assert "Send 1 invitation</button>" in shown


def test_start_wave_at_a_time_in_the_events_zone(desk, make_wave, now) -> None:
    wave = make_wave(lines=["one@a.example"])
    answered = desk.post(url("start_wave", wave), {"scheduled_for": "2027-01-15T09:00"}, follow=True)
    assert said(answered) == ["The invitations leave at the time you set."]
    wave.mailing.refresh_from_db()
    assert wave.mailing.scheduled_for == now.replace(day=15, hour=9, minute=0)
    assert "Scheduled.</strong>" in text(answered)


@pytest.mark.parametrize("typed", ["2027-01-13T09:00", "soon"])
def test_start_wave_at_no_time_sends_nothing(desk, make_wave, typed) -> None:
    wave = make_wave(lines=["one@a.example"])
    answered = desk.post(url("start_wave", wave), {"scheduled_for": typed}, follow=True)
    assert said(answered)[0].startswith("Nothing was sent.")
    wave.mailing.refresh_from_db()
    assert wave.mailing.state == Mailing.State.DRAFT


def test_pause_resume_and_cancel_say_what_they_did_or_why_not(desk, make_wave, send) -> None:
    wave = send(make_wave(lines=["one@a.example"]))
    told = [
        said(desk.post(url(name, wave), follow=True))[0]
        for name in ("pause_wave", "resume_wave", "cancel_wave", "cancel_wave")
    ]
    assert told == [
        "Nothing more leaves until you let it go on.",
        "The invitations go on.",
        "Nothing more leaves. Whoever was not written to can be invited again.",
        "These invitations were sent or cancelled already. Nothing was changed.",
    ]


@pytest.mark.parametrize(
    ("fields", "taken", "keeps_places", "sentence"),
    [
        ({}, 0, True, ""),
        ({"capacity": 3}, 0, True, ""),
        (
            {"capacity": 3},
            1,
            True,
            "Only 2 places are left: whoever comes too late can only join the waiting list.",
        ),
        ({"capacity": 4, "reserved_places": 2}, 1, True, ""),
        (
            {"capacity": 4, "reserved_places": 2},
            1,
            False,
            "Only 1 place is left: whoever comes too late can only ",
        ),
        ({"capacity": 2}, 2, True, "No place is left for them: whoever comes too late can only join"),
        (
            {"capacity": 2, "has_waiting_list": False},
            2,
            True,
            "No place is left for them: whoever comes too late cannot register.",
        ),
    ],
)
def test_draft_of_a_wave_warns_of_too_few_places(
    desk, make_event, make_wave, fill, fields, taken, keeps_places, sentence
) -> None:
    event = make_event(**fields)
    wave = make_wave(
        of=event, keeps_places=keeps_places, lines=[f"p{number}@a.example" for number in range(3)]
    )
    fill(event, taken)
    shown = text(desk.get(reverse("events_admin:wave", args=[event.pk, wave.uuid])))
    assert sentence in shown
    assert ("comes too late" in shown) == bool(sentence)


# --- Following -------------------------------------------------------------------------------------------------------


def test_cancel_wave_of_many_says_how_far_it_is(desk, make_wave, send, monkeypatch) -> None:
    monkeypatch.setattr(claiming, "CLOSED_AT_A_TIME", 2)
    wave = send(make_wave(lines=[f"p{number}@a.example" for number in range(5)]))
    answered = desk.post(url("cancel_wave", wave), follow=True)
    assert "3 letters are being taken back. None of them leaves." in text(answered)
    parts = answered.context["letters"]["parts"]
    assert [part[:2] for part in parts] == [("Sent", 0), ("Being taken back", 3), ("Cancelled", 2)]
    invitation_letters.take_back(wave=wave, now=timezone.now())
    assert "being taken back" not in text(desk.get(url("wave", wave)))


@pytest.fixture
def sent(make_wave, send, now) -> InvitationWave:
    """Three people: one answered, one is silent and reminded, one could not be reached."""
    wave = send(make_wave(lines=["yes@a.example,Role Yes", "silent@a.example", "failed@a.example"]))
    wave.mailing.letters.update(state="sent", sent_at=now, finished_at=now)
    wave.mailing.letters.filter(recipient="failed@a.example").update(
        state="failed", sent_at=None, last_error="550 No such user"
    )
    wave.invitations.filter(email="yes@a.example").update(answer="declined", answered_at=now, reason="=1+1")
    wave.invitations.filter(email="silent@a.example").update(reminders=1, reminded_at=now)
    return wave


def test_wave_shows_progress_and_each_person(desk, sent) -> None:
    shown = text(desk.get(url("wave", sent)))
    assert "2 of 3 letters sent" in shown
    assert "<li>1: 550 No such user</li>" in shown
    assert "Letter not sent: 550 No such user" in shown
    assert "1 person was reminded so far." in shown
    assert "Declined Thursday 14 January 2027, 9:30am<br>“=1+1”" in shown


def test_wave_draws_how_far_the_letters_are(desk, sent) -> None:
    answered = desk.get(url("wave", sent))
    assert [tuple(part) for part in answered.context["letters"]["parts"]] == [
        ("Sent", 2, 1),
        ("Waiting", 0, 2),
        ("Failed", 1, 3),
    ]
    shown = text(answered)
    assert '<rect class="pp-admin__series-1" x="0%" width="66.667%" height="20"/>' in shown
    assert '<rect class="pp-admin__series-3" x="66.667%" width="33.333%" height="20"/>' in shown


def test_cancelled_wave_that_never_began_says_so(desk, make_wave, organiser, now) -> None:
    wave = make_wave(lines=["one@a.example"])
    actions.start_wave(wave=wave, actor=organiser, now=now, scheduled_for=now + timedelta(days=1))
    scheduled = text(desk.get(url("wave", wave)))
    actions.cancel_wave(wave=wave, actor=organiser, now=now)
    shown = text(desk.get(url("wave", wave)))
    assert "The invitations are written when it is time." in scheduled
    assert "Cancelled</strong> on Thursday 14 January 2027, 9:30am, before anybody was written to." in shown
    assert "Nobody was invited." in shown
    assert ("started" in shown, "being written" in shown, "done" in shown) == (False, False, False)


def test_wave_that_is_cancelled_under_way_says_when(desk, make_wave, send, organiser, now) -> None:
    wave = send(make_wave(lines=["one@a.example", "two@a.example"]))
    wave.mailing.letters.filter(recipient="one@a.example").update(state="sent", sent_at=now, finished_at=now)
    actions.cancel_wave(wave=wave, actor=organiser, now=now)
    shown = text(desk.get(url("wave", wave)))
    day = "Thursday 14 January 2027, 9:30am"
    assert f"1 of 2 letters sent; started {day}, cancelled {day}." in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["yes", "silent", "failed"]),
        ({"q": "role"}, ["yes"]),
        ({"q": "SILENT"}, ["silent"]),
        ({"standing": "not sent"}, ["failed"]),
        ({"standing": "silent"}, ["silent"]),
        ({"standing": "nonsense"}, ["yes", "silent", "failed"]),
        ({"reminded": "yes"}, ["silent"]),
        ({"reminded": "no", "standing": "declined"}, ["yes"]),
        ({"q": "nobody"}, []),
    ],
)
def test_wave_lists_who_fits(desk, sent, query, expected) -> None:
    rows = desk.get(url("wave", sent), query).context["rows"]
    assert [row.email.partition("@")[0] for row in rows] == expected


def test_wave_goes_through_its_people_page_by_page(desk, make_wave, send) -> None:
    wave = send(make_wave(lines=[f"person{number:03}@a.example" for number in range(120)]))
    seen, after = [], ""
    while after is not None:
        context = desk.get(url("wave", wave), {"after": after} if after else {}).context
        seen += [row.email for row in context["rows"]]
        after = context["after"]
    assert seen == [f"person{number:03}@a.example" for number in range(120)]


def test_export_invited_is_what_the_filter_shows_and_runs_no_formula(desk, sent) -> None:
    answered = desk.post(url("export_invited", sent), {"standing": "declined"})
    lines = b"".join(answered.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        "yes@a.example,Role Yes,,Declined,Sent,2027-01-14 09:30,0,,Declined,2027-01-14 09:30,'=1+1,"
    ]


def test_wave_costs_the_same_for_any_number(desk, make_wave, send, make_members) -> None:
    counts = []
    for number in (3, 200):
        make_members(number)
        wave = send(make_wave(Chosen(everyone=True)))
        desk.get(url("wave", wave))
        with CaptureQueriesContext(connection) as queries:
            desk.get(url("wave", wave))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25


def test_draft_costs_the_same_for_any_number(desk, make_wave, make_members) -> None:
    counts = []
    for number in (3, 200):
        make_members(number)
        wave = make_wave(Chosen(everyone=True), lines=[f"p{each}@a.example" for each in range(number)])
        desk.get(url("wave", wave))
        with CaptureQueriesContext(connection) as queries:
            desk.get(url("wave", wave))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 28


def test_invitations_costs_the_same_for_any_number(desk, make_wave, event) -> None:
    counts = []
    for number in (3, 20):
        for _ in range(number):
            make_wave()
        with CaptureQueriesContext(connection) as queries:
            desk.get(url("invitations", event=event))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_wave_that_was_erased_keeps_its_numbers(desk, sent, now) -> None:
    invitation_letters.forget_invited(event=sent.event, now=now)
    shown = text(desk.get(url("wave", sent)))
    assert "yes@a.example" not in shown
    assert "Who was invited was erased" in shown
    assert "Declined</td>" in shown


def test_member_names_come_from_their_account(desk, make_wave, send, member: User) -> None:
    wave = send(make_wave(lines=[f"{member.email},Old Name,Old Place"]))
    shown = text(desk.get(url("wave", wave)))
    assert "Pat Practitioner<br>practitioner@force.example<br>Example Police</td>" in shown
    assert "Old Name" not in shown


@pytest.mark.parametrize("verb", ["delete", "unpublish"])
def test_event_stays_while_its_invitations_are_being_sent(desk, make_wave, send, event, verb) -> None:
    wave = send(make_wave(lines=["one@a.example"]))
    answered = desk.post(reverse(f"wagtailadmin_pages:{verb}", args=[event.pk]), follow=True)
    assert said(answered)[0].strip() == (
        f"“Workshop 1” cannot be {verb.removesuffix('e')}ed while invitations are being sent. "
        "Cancel the invitations first."
    )
    event.refresh_from_db()
    assert event.live
    desk.post(url("cancel_wave", wave))
    desk.post(reverse(f"wagtailadmin_pages:{verb}", args=[event.pk]))
    assert not EventPage.objects.live().filter(pk=event.pk).exists()
