"""Messages of organisers: written, looked at, tried out, sent to whom they are for, and followed."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageLogEntry

from events import actions, messages
from events.models import Message, Registration
from mailing.composition import composed
from mailing.models import Mailing, OutgoingMail

pytestmark = pytest.mark.usefixtures("stopped_clock")

TEXT = "Hello {first_name},\n\n“{event}” is at {where}.\n\nYour registration:\n{link}"


@pytest.fixture
def draft(event, organiser, now):
    def make(filters: str = "state=confirmed", chosen=None, text: str = TEXT, **fields) -> Message:
        return actions.draft_message(
            event=event,
            subject="{event}: the room",
            text=text,
            filters=filters,
            chosen=chosen,
            actor=organiser,
            now=now,
            **fields,
        )

    return make


def url(name: str, *args) -> str:
    return reverse(f"events_admin:{name}", args=args)


def of(message: Message, name: str = "message") -> str:
    return url(name, message.event_id, message.mailing.uuid)


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def told(response) -> list[str]:
    return [str(message).strip() for message in response.context["messages"]]


def recipients() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("recipient", flat=True))


# --- Writing ---------------------------------------------------------------------------------------------------


def test_write_message_for_everybody_registered_keeps_a_draft(desk, event, fill):
    fill(event, 2)
    fill(event, 1, "cancelled")
    address = url("write_message", event.pk) + "?to=registered"

    assert "For 2 people." in text(desk.get(address))
    sent = desk.post(address, {"subject": "{event}: the room", "text": TEXT}, follow=True)

    message = Message.objects.get()
    assert sent.redirect_chain[-1][0] == of(message)
    assert (message.mailing.state, message.mailing.reply_to) == ("draft", "organiser@portal.example")
    assert recipients() == []


def test_write_message_for_rows_that_were_ticked(desk, event, fill):
    _other, chosen = fill(event, 2)
    data = {"act": "message", "chosen": [str(chosen.uuid)]}

    page = desk.post(url("act", event.pk), data, follow=True)
    assert "For 1 person." in text(page)
    desk.post(url("write_message", event.pk), {"subject": "The room", "text": TEXT})
    desk.post(of(Message.objects.get(), "send_message"))

    assert recipients() == [chosen.member.email]


def test_write_message_for_all_that_match_a_filter(desk, event, fill):
    fill(event, 2)
    waiting = fill(event, 2, "waiting")
    data = {"act": "message", "whom": "all", "filters": "state=waiting"}

    desk.post(url("act", event.pk), data)
    desk.post(url("write_message", event.pk), {"subject": "The room", "text": TEXT})
    desk.post(of(Message.objects.get(), "send_message"))

    assert recipients() == [row.member.email for row in waiting]


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({"subject": "", "text": TEXT}, "subject", "This field is required."),
        ({"subject": "The room", "text": " "}, "text", "This field is required."),
        ({"subject": "{evnt}", "text": TEXT}, "subject", "There is no placeholder {evnt}."),
        ({"subject": "The room", "text": "Hello {password}"}, "text", "There is no placeholder {password}."),
        ({"subject": "The room\nBcc: a@b.example", "text": TEXT}, "subject", ""),
    ],
)
def test_write_message_checks_the_words(desk, event, data, field, says):
    shown = desk.post(url("write_message", event.pk), data)

    assert list(shown.context["form"].errors) == [field]
    assert shown.context["form"].errors[field][0].startswith(says)
    assert not Message.objects.exists()


def test_every_placeholder_has_a_value(event, member, book):
    assert set(messages.values_for(book(event, member), event)) == set(messages.PLACEHOLDERS)


def test_values_for_a_guest_lead_to_the_event(event, now):
    guest = Registration.objects.create(
        event=event,
        state="confirmed",
        guest_name="Guest",
        guest_email="g@elsewhere.example",
        registered_at=now,
    )

    values = messages.values_for(guest, event)

    assert (values["name"], values["first_name"], values["link"]) == ("Guest", "Guest", values["event_link"])


def test_change_message_changes_a_draft_alone(desk, draft, fill, event):
    fill(event, 1)
    message = draft()
    words = {"subject": "Another room", "text": "Hello"}

    desk.post(of(message, "change_message"), words)
    message.mailing.refresh_from_db()
    assert message.mailing.wording.subject == "Another room"

    desk.post(of(message, "send_message"))
    done = desk.post(of(message, "change_message"), {"subject": "Too late", "text": "Hello"}, follow=True)
    message.mailing.refresh_from_db()
    assert message.mailing.wording.subject == "Another room"
    assert told(done)[-1] == "This message is sent. What it says stays."


# --- Preview and test ------------------------------------------------------------------------------------------


def test_message_is_shown_as_any_reader_would_get_it(desk, draft, event, fill):
    first, second = fill(event, 2)
    message = draft()

    as_first = text(desk.get(of(message)))
    as_second = text(desk.get(f"{of(message)}?as={second.uuid}"))

    assert "To: member-0@force.example Subject: Workshop 1: the room Hello Member," in as_first
    assert str(first.uuid) in as_first
    assert f"/registrations/{second.uuid}/" in as_second


@pytest.mark.parametrize("reader", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_message_is_shown_as_no_stranger(desk, draft, event, fill, reader):
    fill(event, 1)

    assert desk.get(f"{of(draft())}?as={reader}").status_code == 404


def test_message_shows_what_people_typed_as_text(desk, draft, event, fill):
    [row] = fill(event, 1)
    row.member.first_name = "<script>alert(1)</script>"
    row.member.save()

    shown = desk.get(of(draft())).content.decode()

    assert "Hello &lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_send_test_message_goes_to_the_organiser_alone(desk, draft, event, fill):
    _first, second = fill(event, 2)
    message = draft()

    done = desk.post(of(message, "send_test_message"), {"as": str(second.uuid)}, follow=True)

    letter = OutgoingMail.objects.get()
    assert (letter.recipient, composed(letter).subject) == (
        "organiser@portal.example",
        "Workshop 1: the room",
    )
    assert str(second.uuid) in composed(letter).text
    assert told(done) == [
        "A test letter is on its way to organiser@portal.example, as Member 1 would get it."
    ]


def test_send_test_message_without_readers_says_so(desk, draft):
    done = desk.post(of(draft(), "send_test_message"), follow=True)

    assert told(done) == ["Nobody would get this message, so there is nothing to try out."]
    assert recipients() == []


# --- Sending ---------------------------------------------------------------------------------------------------


def test_send_message_writes_to_each_once(desk, draft, event, fill, organiser):
    fill(event, 3)
    fill(event, 1, "cancelled")
    message = draft()

    done = desk.post(of(message, "send_message"), follow=True)
    desk.post(of(message, "send_message"))

    assert recipients() == [f"member-{number}@force.example" for number in range(3)]
    assert told(done) == ["3 letters are on the way."]
    message.mailing.refresh_from_db()
    assert message.mailing.state == "running"
    entry = PageLogEntry.objects.get(action="events.send_message")
    assert (entry.user, entry.data["letters"]) == (organiser, 3)


def test_send_message_looks_up_who_matches_when_it_is_sent(desk, draft, event, fill):
    early = fill(event, 2)
    message = draft()
    early[0].state = "cancelled"
    early[0].save()
    late = fill(event, 1)

    desk.post(of(message, "send_message"))

    assert recipients() == [early[1].member.email, late[0].member.email]


def test_send_message_passes_over_those_who_left_and_reaches_guests(desk, draft, event, fill, now):
    fill(event, 1)
    Registration.objects.update(member=None)
    Registration.objects.create(
        event=event,
        state="confirmed",
        guest_name="Guest",
        guest_email="g@elsewhere.example",
        registered_at=now,
    )

    desk.post(of(draft(), "send_message"))

    assert recipients() == ["g@elsewhere.example"]


def test_message_counts_those_with_an_address_and_names_the_others(desk, draft, event, fill, now):
    fill(event, 2)
    Registration.objects.create(
        event=event, state="confirmed", guest_name="Without address", is_walk_in=True, registered_at=now
    )
    message = draft()

    for address in (of(message), of(message, "change_message")):
        shown = text(desk.get(address))
        assert "or 2 people. " in shown
        assert "Letters do not reach 1 person: Without address (no address). Tell this person" in shown

    assert (
        re.search(r"Send \d+ letters", text(desk.get(of(message))))[0],
        *told(desk.post(of(message, "send_message"), follow=True)),
    ) == (
        "Send 2 letters",
        "2 letters are on the way.",
        "Letters do not reach 1 person: Without address. Tell this person another way, for example by telephone.",
    )


def test_send_message_reads_its_readers_a_batch_at_a_time(event, draft, fill, organiser, now, monkeypatch):
    monkeypatch.setattr("events.actions.writing.BATCH", 3)
    fill(event, 8)
    message = draft()

    queued = actions.send_message(
        message=message, registrations=event.registrations.all(), actor=organiser, now=now
    )

    assert (queued.written, len(set(recipients()))) == (8, 8)


def test_send_message_delivers_the_words_with_the_readers_values(draft, event, fill, organiser, now):
    [row] = fill(event, 1)
    actions.send_message(message=draft(), registrations=event.registrations.all(), actor=organiser, now=now)
    [letter] = OutgoingMail.objects.all()

    words = composed(letter)

    assert words.subject == "Workshop 1: the room"
    assert words.text.startswith("Hello Member,\n\n“Workshop 1” is at In person, Midlands.")
    assert f"/events/registrations/{row.uuid}/" in words.text


def test_a_message_is_among_the_letters_of_a_registration(desk, draft, event, fill):
    [row] = fill(event, 1)

    desk.post(of(draft(), "send_message"))

    assert "Message Waiting" in text(desk.get(url("registration", event.pk, row.uuid)))


# --- Progress --------------------------------------------------------------------------------------------------


def test_message_shows_how_far_it_is_and_what_failed(desk, draft, event, fill, now):
    fill(event, 4)
    message = draft()
    desk.post(of(message, "send_message"))
    keys = list(message.mailing.letters.order_by("pk").values_list("pk", flat=True))
    OutgoingMail.objects.filter(pk=keys[0]).update(
        state=OutgoingMail.State.SENT, sent_at=now, finished_at=now
    )
    OutgoingMail.objects.filter(pk=keys[1]).update(
        state=OutgoingMail.State.FAILED, finished_at=now, last_error="550 No such user"
    )

    shown = text(desk.get(of(message)))

    assert "1 of 4 letters sent" in shown
    assert "Sent 1 Waiting 2 Failed 1" in shown
    assert "1: 550 No such user" in shown
    assert "member-1@force.example: 550 No such user" in shown


def test_message_is_paused_resumed_and_taken_back(desk, draft, event, fill):
    fill(event, 2)
    message = draft()
    desk.post(of(message, "send_message"))
    seen = []
    for verb in ("pause_message", "resume_message", "cancel_message"):
        desk.post(of(message, verb))
        message.mailing.refresh_from_db()
        seen.append(message.mailing.state)

    assert seen == ["paused", "running", "cancelled"]
    assert {letter.state for letter in OutgoingMail.objects.all()} == {"cancelled"}
    done = desk.post(of(message, "send_message"), follow=True)
    assert told(done)[-1] == "This message is over. Nothing was sent."


def test_cancel_message_of_a_draft_forgets_it(desk, draft, event):
    message = draft()

    sent = desk.post(of(message, "cancel_message"))

    assert sent.url == url("messages", event.pk)
    assert (Message.objects.count(), Mailing.objects.count()) == (0, 0)


def test_messages_lists_all_of_the_event(desk, draft, make_event, organiser, now):
    message = draft()
    actions.draft_message(
        event=make_event(), subject="Elsewhere", text="B", filters="", chosen=None, actor=organiser, now=now
    )

    shown = text(desk.get(url("messages", message.event_id)))

    assert ("Workshop 1: the room Draft" in shown, "Elsewhere" in shown) == (True, False)


def test_messages_lists_what_is_each_readers_as_it_was_written(event):
    assert (
        messages.shown_subject("{first_name}, {event}: {{ 2 }}", event) == "{first_name}, Workshop 1: {{ 2 }}"
    )


def test_message_and_messages_cost_the_same_for_many(desk, make_event, fill, organiser, now):
    costs = []
    for number in (3, 200):
        event = make_event()
        fill(event, number)
        rows = [
            actions.draft_message(
                event=event,
                subject=f"Number {position}",
                text=TEXT,
                filters="state=confirmed",
                chosen=None,
                actor=organiser,
                now=now,
            )
            for position in range(2 + number // 10)
        ]
        desk.post(of(rows[0], "send_message"))
        costs.append([])
        for address in (of(rows[0]), of(rows[-1]), url("messages", event.pk)):
            desk.get(address)
            with CaptureQueriesContext(connection) as captured:
                desk.get(address)
            costs[-1].append(len(captured))

    assert costs[0] == costs[1]
