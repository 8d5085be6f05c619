"""Certificates and thanks: who gets one, for how many hours, once; and what a corrected list does to them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from events import actions
from events.models import Certificate, ConferencePage, EventPage, Registration, Session
from events.models.attendance import CODE_ALPHABET, code_from, new_code
from events.ticks import Tick
from mailing.composition import composed
from mailing.models import OutgoingMail


@pytest.fixture
def over(make_event, now) -> EventPage:
    """A workshop of three hours that ended an hour ago."""
    return make_event(title="Workshop", starts_at=now - timedelta(hours=4))


@pytest.fixture
def note(organiser, now):
    def note_attendance(registration: Registration, session=None, *, is_present=True, at=now):
        key = session.key if session else None
        ticks = [Tick(registration.uuid, key, is_present, at)]
        assert actions.note_attendance(event=registration.event, ticks=ticks, actor=organiser, now=at) == []

    return note_attendance


@pytest.fixture
def guest(over, organiser, now) -> Registration:
    """Somebody without an account, who walked in."""
    return actions.add_walk_in(
        event=over,
        email="guest@council.example",
        name="A Guest",
        organisation="",
        session=None,
        actor=organiser,
        now=now,
    )


@pytest.fixture
def there(over, member, now) -> Registration:
    return Registration.objects.create(
        event=over,
        member=member,
        organisation=member.organisation,
        state="confirmed",
        registered_at=now - timedelta(days=30),
    )


def session_of(event, begin: float, end: float, **fields) -> Session:
    starts_at = event.starts_at + timedelta(hours=begin)
    ends_at = event.starts_at + timedelta(hours=end)
    return Session.objects.create(event=event, title="Talk", starts_at=starts_at, ends_at=ends_at, **fields)


def letters(kind: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind=f"events/mail/{kind}").order_by("pk"))


def hours() -> list[str]:
    return [str(hours) for hours in Certificate.objects.order_by("pk").values_list("hours", flat=True)]


# --- Issuing -----------------------------------------------------------------------------------------------------


def test_issue_certificates_to_those_who_were_there(there, fill, note, now):
    fill(there.event, 2)
    note(there)

    assert actions.issue_certificates(now=now) == 1

    certificate = there.certificate
    assert (certificate.name, certificate.hours) == ("Pat Practitioner", Decimal("3.00"))
    assert (certificate.issued_at, certificate.is_valid) == (now, True)
    assert [item.pk for item in Certificate.objects.all()] == [certificate.pk]
    [letter] = letters("certificate_issued")
    assert letter.recipient == there.member.email
    text = composed(letter).text
    assert f"https://portal.example/certificates/{certificate.code}/" in text
    assert "CPD: 3 hours" in text


def test_issue_certificates_once(there, note, now):
    note(there)

    assert [actions.issue_certificates(now=now) for _ in range(2)] == [1, 0]
    assert len(letters("certificate_issued")) == 1


def test_issue_certificates_counts_the_sessions_attended(there, note, now):
    first, parallel = session_of(there.event, 0, 1), session_of(there.event, 0.5, 1.5)
    last = session_of(there.event, 2, 2.75)
    session_of(there.event, 1.5, 2)  # missed
    for session in (first, parallel, last):
        note(there, session)

    actions.issue_certificates(now=now)

    assert hours() == ["2.25"]


def test_issue_certificates_with_the_hours_that_the_organiser_set(there, note, now):
    EventPage.objects.update(certificate_hours=Decimal("5.5"))
    note(there)

    actions.issue_certificates(now=now)

    assert hours() == ["5.50"]


def test_issue_certificates_leaves_out_the_night_of_a_conference(make_event, fill, note, now):
    starts_at = now - timedelta(days=1, hours=9)
    event = make_event(ConferencePage, starts_at=starts_at, ends_at=starts_at + timedelta(days=1, hours=6))
    [person] = fill(event, 1)
    note(person)

    actions.issue_certificates(now=now)

    assert hours() == ["12.00"]


@pytest.mark.parametrize(
    ("changes", "of_registration"),
    [
        ({"gives_certificates": False}, {}),
        ({"cancelled_at": "2027-01-01T00:00Z"}, {}),
        ({"certificate_hours": 0}, {}),
        ({"ends_at": "2027-01-14T09:31Z"}, {}),  # still on
        ({}, {"member": None}),  # has left: there is no name
    ],
)
def test_issue_certificates_to_nobody(there, note, now, changes, of_registration):
    note(there)
    EventPage.objects.update(**changes)
    Registration.objects.update(**of_registration)

    assert actions.issue_certificates(now=now) == 0
    assert Certificate.objects.count() == 0


def test_issue_certificates_does_not_search_the_past(there, note, now):
    note(there)

    assert actions.issue_certificates(now=now + timedelta(days=90)) == 0


def test_issue_certificates_to_a_guest(guest, now):
    actions.issue_certificates(now=now)

    [letter] = letters("certificate_issued")
    assert (letter.recipient, Certificate.objects.get().name) == ("guest@council.example", "A Guest")
    assert "/registrations/" not in composed(letter).text  # nobody without an account could open it


def test_issue_certificates_to_a_guest_without_an_address_writes_no_letter(over, organiser, now):
    actions.add_walk_in(
        event=over, email="", name="A Guest", organisation="", session=None, actor=organiser, now=now
    )

    assert actions.issue_certificates(now=now) == 1
    assert letters("certificate_issued") == []


@pytest.mark.parametrize("number", [3, 200])
def test_events_to_certify_costs_one_query(over, fill, note, now, number, django_assert_num_queries):
    for person in fill(over, number):
        note(person)

    with django_assert_num_queries(1):
        assert [event.pk for event in actions.events_to_certify(now)] == [over.pk]


def test_issue_certificates_by_hand(over, fill, note, capsys):
    EventPage.objects.update(starts_at="2026-01-01T09:00Z", ends_at="2026-01-01T12:00Z")

    call_command("issue_certificates", dry_run=True)
    call_command("issue_certificates")

    assert capsys.readouterr().out == "0 events have certificates to issue.\n0 certificates issued.\n"


# --- Correcting --------------------------------------------------------------------------------------------------


def test_corrected_list_withdraws_the_certificate(there, note, now):
    note(there)
    actions.issue_certificates(now=now)
    later = now + timedelta(hours=1)

    note(there, is_present=False, at=later)

    certificate = Certificate.objects.get()
    assert (certificate.withdrawn_at, certificate.is_valid) == (later, False)
    [letter] = letters("certificate_withdrawn")
    assert letter.recipient == there.member.email


def test_list_corrected_twice_makes_the_same_certificate_valid_again(there, note, now):
    note(there)
    actions.issue_certificates(now=now)
    code = Certificate.objects.get().code
    note(there, is_present=False, at=now + timedelta(hours=1))

    note(there, at=now + timedelta(hours=2))

    certificate = Certificate.objects.get()
    assert (certificate.code, certificate.is_valid) == (code, True)
    assert [len(letters(kind)) for kind in ("certificate_issued", "certificate_withdrawn")] == [2, 1]
    first, again = (composed(letter).text for letter in letters("certificate_issued"))
    assert "valid" not in first
    assert "Your certificate was not valid any more. Now it is valid again." in again


def test_corrected_list_changes_the_hours(there, note, now):
    first, second = session_of(there.event, 0, 1), session_of(there.event, 1, 3)
    note(there, first)
    actions.issue_certificates(now=now)

    note(there, second, at=now + timedelta(hours=1))

    assert hours() == ["3.00"]
    first, corrected = (composed(letter).text for letter in letters("certificate_issued"))
    assert "replaces" not in first
    assert "CPD: 3 hours" in corrected
    assert "It was corrected: it replaces the one that we sent you, which was for 1 hour." in corrected


def test_other_hours_that_are_published_correct_the_certificates_that_differ(there, fill, note, now):
    note(there)
    note(fill(there.event, 1)[0])
    actions.issue_certificates(now=now)
    Certificate.objects.exclude(registration=there).update(hours=6)
    EventPage.objects.update(certificate_hours=6)

    actions.announce_changes(event=there.event, now=now + timedelta(hours=1))
    actions.announce_changes(event=there.event, now=now + timedelta(hours=2))

    assert hours() == ["6.00", "6.00"]
    assert [letter.recipient for letter in letters("certificate_issued")[2:]] == [there.member.email]


@pytest.mark.parametrize("number", [1, 3, 200])
def test_publishing_corrects_certificates_at_the_same_cost(
    over, fill, note, now, number, django_assert_num_queries
):
    for person in fill(over, number):
        note(person)
    actions.issue_certificates(now=now)
    actions.announce_changes(event=over, now=now)

    with django_assert_num_queries(8):
        actions.announce_changes(event=over, now=now)


def test_list_corrected_without_effect_on_the_hours_writes_no_letter(there, note, now):
    EventPage.objects.update(certificate_hours=4)
    there.event.refresh_from_db()
    first, second = session_of(there.event, 0, 1), session_of(there.event, 1, 3)
    note(there, first)
    actions.issue_certificates(now=now)

    note(there, second, at=now + timedelta(hours=1))

    assert (hours(), len(letters("certificate_issued"))) == (["4.00"], 1)


# --- Thanks ------------------------------------------------------------------------------------------------------

A_DAY_LATER = timedelta(days=1)


def test_send_thanks_a_day_after_the_end_and_once(there, note, now):
    note(there)
    ends_at = there.event.ends_at

    assert actions.send_thanks(now=ends_at + A_DAY_LATER - timedelta(seconds=1)) == 0
    assert actions.send_thanks(now=ends_at + A_DAY_LATER) == 1
    assert actions.send_thanks(now=ends_at + A_DAY_LATER) == 0
    assert [letter.recipient for letter in letters("thanks")] == [there.member.email]


def test_send_thanks_to_those_who_were_there(there, fill, note, now):
    fill(there.event, 2)
    note(there)

    assert actions.registrations_to_thank(now + A_DAY_LATER) == [there]


def test_send_thanks_to_everybody_where_no_attendance_was_taken(there, fill, now):
    fill(there.event, 2)
    fill(there.event, 1, state="cancelled")
    fill(there.event, 1, state="waiting")

    assert len(actions.registrations_to_thank(now + A_DAY_LATER)) == 3


def test_send_thanks_to_nobody_whose_tick_was_undone(there, fill, note, now):
    [other] = fill(there.event, 1)
    note(other)
    note(there)
    note(there, is_present=False, at=now + timedelta(minutes=1))

    assert actions.registrations_to_thank(now + A_DAY_LATER) == [other]


@pytest.mark.parametrize(
    "changes", [{"cancelled_at": "2027-01-01T00:00Z"}, {"live": False}, {"date_precision": "month"}]
)
def test_send_thanks_for_no_event_that_did_not_happen(there, now, changes):
    EventPage.objects.update(**changes)

    assert actions.registrations_to_thank(now + A_DAY_LATER) == []


def test_send_thanks_not_weeks_later(there, now):
    assert actions.registrations_to_thank(now + timedelta(days=15)) == []


@pytest.mark.parametrize(
    ("audience", "has_certificate"),
    [(None, False), (None, True), ("participants", False), ("members", True), ("attended", True)],
)
def test_thanks_say_what_there_is(there, note, now, audience, has_certificate):
    note(there)
    if has_certificate:
        actions.issue_certificates(now=now)
    if audience:
        there.event.materials.create(
            title="Slides", url="https://x.example/", audience=audience, added_at=now
        )

    actions.send_thanks(now=now + A_DAY_LATER)

    text = composed(letters("thanks")[0]).text
    own_page = f"https://portal.example/events/registrations/{there.uuid}/"
    assert (f"See the materials:\n{own_page}" in text) is bool(audience)
    assert ("https://portal.example/certificates/" in text) is has_certificate


def test_thanks_promise_nothing_that_is_not_open(there, now):
    there.event.materials.create(
        title="Slides", url="https://x.example/", added_at=now, opens_at=now + timedelta(days=5)
    )
    there.event.materials.create(
        title="For those who came", url="https://x.example/", audience="attended", added_at=now
    )

    actions.send_thanks(now=now + A_DAY_LATER)

    assert "materials" not in composed(letters("thanks")[0]).text


@pytest.mark.parametrize("has_certificate", [False, True])
@pytest.mark.parametrize("audience", ["everyone", "members"])
def test_thanks_to_a_guest_lead_where_no_account_is_needed(over, guest, now, audience, has_certificate):
    over.materials.create(title="Slides", url="https://x.example/", audience=audience, added_at=now)
    if has_certificate:
        actions.issue_certificates(now=now)

    actions.send_thanks(now=now + A_DAY_LATER)

    text = composed(letters("thanks")[0]).text
    assert str(guest.uuid) not in text
    assert ("See the materials:\nhttps://portal.example/events/event-1/" in text) is (audience == "everyone")
    assert ("https://portal.example/certificates/" in text) is has_certificate


@pytest.mark.parametrize("number", [3, 200])
def test_registrations_to_thank_costs_one_query(over, fill, now, number, django_assert_num_queries):
    fill(over, number)

    with django_assert_num_queries(1):
        found = actions.registrations_to_thank(now + A_DAY_LATER)
        assert len([registration.address for registration in found]) == number


def test_send_thanks_by_hand(there, capsys):
    EventPage.objects.update(starts_at="2026-01-01T09:00Z", ends_at="2026-01-01T12:00Z")

    call_command("send_thanks", dry_run=True)
    call_command("send_thanks")

    assert capsys.readouterr().out == "0 letters of thanks are due.\n0 letters of thanks queued.\n"


# --- Codes -------------------------------------------------------------------------------------------------------


def test_codes_have_80_bits_and_nothing_that_is_misread():
    assert len(CODE_ALPHABET) ** len(new_code()) == 2**80
    assert set("IO01").isdisjoint(CODE_ALPHABET)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ABCDEFGH23456789", "ABCDEFGH23456789"),
        ("abcd-efgh-2345-6789", "ABCDEFGH23456789"),
        (" abcd efgh 2345 6789 ", "ABCDEFGH23456789"),
        ("ABCDEFGH2345678", ""),
        ("ABCDEFGH234567891", ""),
        ("ABCDEFGH2345678O", ""),
        ("", ""),
        ("ß" * 16, ""),
    ],
)
def test_code_from_what_somebody_typed(typed, code):
    assert code_from(typed) == code
