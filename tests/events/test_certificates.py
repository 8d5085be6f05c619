"""What anyone with a code sees, what nobody else does, and one's own record."""

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.urls import reverse
from pypdf import PdfReader

from events import cpd
from events.models import Certificate, EventPage, Registration
from events.views.certificates import MISSES_AN_HOUR

CODE = "ABCDEFGH23456789"
WRONG = "ZZZZZZZZ23456789"


@pytest.fixture(autouse=True)
def forget_misses():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def certify(make_event, member, now):
    def issue(code: str = CODE, *, hours: str = "3.50", to=member, **fields) -> Certificate:
        event = make_event(**{"starts_at": now - timedelta(days=30), "title": "Rating factors", **fields})
        registration = Registration.objects.create(
            event=event, member=to, organisation=to.organisation, state="confirmed", registered_at=now
        )
        return Certificate.objects.create(
            registration=registration, code=code, name="Pat Practitioner", hours=hours, issued_at=now
        )

    return issue


def page_of(code: str) -> str:
    return reverse("certificates:certificate", args=[code])


def words_of(response) -> str:
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(main.split())


# --- Checking ------------------------------------------------------------------------------------------------------


def test_certificate_shows_name_event_and_hours_and_nothing_else(client, certify, member):
    certify()

    page = words_of(client.get(page_of(CODE)))

    assert [words in page for words in ("Pat Practitioner", "Rating factors", "3 hours 30 minutes")] == [
        True
    ] * 3
    leaks = [member.email, member.organisation.name, str(Registration.objects.get().uuid)]
    assert [words for words in leaks if words in page] == []


@pytest.mark.parametrize("typed", [CODE.lower(), "ABCD-EFGH-2345-6789", " abcd efgh 2345 6789 "])
def test_certificate_is_found_by_a_code_however_it_is_typed(client, certify, typed):
    certify()

    found = client.get(reverse("certificates:check_certificate"), {"code": typed}, follow=True)

    assert "Pat Practitioner" in words_of(found)
    assert "Pat Practitioner" in words_of(client.get(page_of(typed.strip())))


def test_wrong_codes_are_all_answered_alike(client, certify):
    certify()

    answers = [client.get(page_of(code)) for code in (WRONG, CODE[:-1], "x", "ß" * 16, f"{CODE}A")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({words_of(answer) for answer in answers}) == 1
    assert "No such certificate" in words_of(answers[0])


def test_wrong_code_of_a_file_is_answered_like_that_of_a_page(client, db):
    file = client.get(reverse("certificates:certificate_file", args=[WRONG]))

    assert (file.status_code, words_of(file)) == (404, words_of(client.get(page_of(WRONG))))


def test_guessing_ends_soon_and_finding_does_not_count(client, certify):
    certify()
    for _ in range(MISSES_AN_HOUR + 5):
        assert client.get(page_of(CODE)).status_code == 200

    answers = [client.get(page_of(WRONG)).status_code for _ in range(MISSES_AN_HOUR + 1)]

    assert answers == [404] * MISSES_AN_HOUR + [429]
    stopped = client.get(page_of(CODE))
    assert stopped.status_code == 429  # no way to tell right from wrong any more
    shown = stopped.content.decode()
    assert "we show no certificate there for up to an hour." in shown
    assert "account" not in shown.split("<main")[1].split("</main>")[0]
    assert client.get(page_of(CODE), REMOTE_ADDR="198.51.100.7").status_code == 200


def test_guessing_from_one_network_of_ipv6_is_one_guesser(client, db):
    for number in range(MISSES_AN_HOUR):
        client.get(page_of(WRONG), REMOTE_ADDR=f"2001:db8::{number:x}")

    assert client.get(page_of(WRONG), REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert client.get(page_of(WRONG), REMOTE_ADDR="2001:db8:0:1::1").status_code == 404


def test_certificate_that_was_withdrawn_says_so_and_no_more(client, certify, now):
    certificate = certify()
    Certificate.objects.update(withdrawn_at=now)

    page = words_of(client.get(page_of(CODE)))

    assert "This certificate is not valid" in page
    assert [words for words in ("Pat Practitioner", "Rating factors", "3 hours") if words in page] == []
    file = client.get(reverse("certificates:certificate_file", args=[certificate.code]))
    assert file["Location"] == page_of(CODE)


def test_certificate_is_in_no_search_engine_and_no_shared_cache(client, certify):
    certify()

    for response in (client.get(page_of(CODE)), client.get(page_of(WRONG))):
        assert response["X-Robots-Tag"] == "noindex"
        assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


def test_certificate_file_says_what_the_page_says(client, certify):
    certify()

    response = client.get(reverse("certificates:certificate_file", args=[CODE]))

    assert response["Content-Disposition"] == 'attachment; filename="certificate.pdf"'
    text = " ".join(PdfReader(io.BytesIO(response.content)).pages[0].extract_text().split())
    for words in ("Pat Practitioner", "Rating factors", "3 hours 30 minutes", f"/certificates/{CODE}/"):
        assert words in text


def test_certificate_costs_few_queries(client, certify, django_assert_max_num_queries):
    certify()
    client.get(page_of(CODE))

    with django_assert_max_num_queries(7):
        client.get(page_of(CODE))


# --- One's own record ----------------------------------------------------------------------------------------------


@pytest.fixture
def record(certify, other_member, now):
    """Two certificates of one year and one of the year before; one withdrawn, one somebody else's."""
    certify(
        "A" * 16,
        hours="3.50",
        starts_at=datetime(2026, 5, 4, 9, tzinfo=ZoneInfo("Europe/London")),
        title="=1+1",
    )
    certify("B" * 16, hours="5.83", starts_at=datetime(2026, 9, 7, 9, tzinfo=ZoneInfo("Europe/London")))
    certify("C" * 16, hours="7.00", starts_at=datetime(2025, 9, 7, 9, tzinfo=ZoneInfo("Europe/London")))
    certify("D" * 16, hours="1.00", starts_at=datetime(2026, 9, 8, 9, tzinfo=ZoneInfo("Europe/London")))
    certify("E" * 16, to=other_member)
    Certificate.objects.filter(code="D" * 16).update(withdrawn_at=now)


def test_record_adds_up_each_year(record, member):
    years = cpd.record_of(member)

    assert [(year.year, year.total, year.total_shown) for year in years] == [
        (2026, Decimal("9.33"), "9 hours 20 minutes"),
        (2025, Decimal("7.00"), "7 hours"),
    ]
    assert [entry.certificate.code[0] for entry in years[0].entries] == ["B", "A"]


def test_record_counts_by_the_year_at_the_event(certify, member):
    certify(starts_at=datetime(2026, 12, 31, 20, tzinfo=ZoneInfo("UTC")), time_zone="Australia/Sydney")

    assert [year.year for year in cpd.record_of(member)] == [2027]


def test_record_page_shows_the_totals(client, record, member):
    client.force_login(member)

    page = words_of(client.get(reverse("events:cpd_record")))

    assert "2026: 9 hours 20 minutes" in page
    assert reverse("certificates:certificate_file", args=["A" * 16]) in page
    assert [code for code in "DE" if code * 16 in page] == []


def test_record_is_for_members_alone(client, db):
    for name in ("cpd_record", "cpd_record_table", "cpd_record_document"):
        assert client.get(reverse(f"events:{name}"))["Location"].startswith("/account/login/")


def test_record_that_is_empty_says_so(client, member):
    client.force_login(member)

    assert "You have no certificate of attendance yet" in words_of(client.get(reverse("events:cpd_record")))


def test_record_as_a_table_holds_no_formula(client, record, member):
    client.force_login(member)

    response = client.get(reverse("events:cpd_record_table"))
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))

    assert rows == [
        ["Year", "Event", "Kind", "First day", "CPD hours", "Certificate"],
        ["2026", "Rating factors", "Workshop", "2026-09-07", "5.83", "BBBB-BBBB-BBBB-BBBB"],
        ["2026", "'=1+1", "Workshop", "2026-05-04", "3.50", "AAAA-AAAA-AAAA-AAAA"],
        ["2025", "Rating factors", "Workshop", "2025-09-07", "7.00", "CCCC-CCCC-CCCC-CCCC"],
    ]


def test_record_as_a_document(client, record, member):
    client.force_login(member)

    response = client.get(reverse("events:cpd_record_document"))
    text = " ".join(PdfReader(io.BytesIO(response.content)).pages[0].extract_text().split())

    for words in ("CPD record", "Pat Practitioner", "Total 2026: 9 hours 20 minutes", "Total 2025: 7 hours"):
        assert words in text


@pytest.mark.parametrize("number", [1, 3, 200])
def test_record_costs_one_query(event, member, make_event, now, number, django_assert_num_queries):
    registrations = Registration.objects.bulk_create(
        Registration(event=event, member=member, state="cancelled", registered_at=now) for _ in range(number)
    )
    Certificate.objects.bulk_create(
        Certificate(registration=registration, name="Pat", hours=1, issued_at=now)
        for registration in registrations
    )

    with django_assert_num_queries(1):
        [year] = cpd.record_of(member)
    assert len([entry.event.title for entry in year.entries]) == number
    assert EventPage.objects.count() == 1
