"""PDF: tagged, with language and title, and whatever people write comes out as text."""

import io
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
from pypdf import PdfReader

from events import codes, documents

MADE_AT = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
ADDRESS = "https://portal.example/certificates/ABCDEFGH23456789/"
MARKUP = '#panic("no") $x$ *bold* #sys.inputs <label> @ref [x] \\ "quoted" {json} `raw`'


def certificate(**changes: str) -> bytes:
    facts = {
        "name": "Pat Practitioner",
        "event": "Rating the hardest factors",
        "when": "Thursday 3 December 2026, 1pm to 4:30pm",
        "hours": "3 hours 30 minutes",
        "code": "ABCD-EFGH-2345-6789",
        "address": ADDRESS,
        "code_picture": codes.as_picture(ADDRESS, has_margin=False),
        "issued_on": "Friday 4 December 2026",
        **changes,
    }
    return documents.certificate(
        documents.CertificateFacts(**facts), author="Practice Portal", made_at=MADE_AT
    )


def made() -> dict[str, bytes]:
    person = documents.Badge("Pat Practitioner", "Example Police", codes.as_picture(ADDRESS))
    sheet = documents.Sheet("Keynote", "10am", [("Pat Practitioner", "Example Police"), ("", "")])
    row = {"event": "Workshop 1", "when": "Thursday", "hours": "3 hours", "code": "ABCD-EFGH-2345-6789"}
    common = {"author": "Practice Portal", "made_at": MADE_AT}
    return {
        "Certificate of attendance": certificate(),
        "Badges: Workshop 1": documents.badges("Workshop 1", [person] * 11, **common),
        "Sign-in sheets": documents.sign_in_sheet("Workshop 1", "Thursday", [sheet, sheet], **common),
        "CPD record": documents.cpd_record(
            "Pat Practitioner",
            [documents.RecordYear("2026", [row], "3 hours")],
            made_on="Thursday",
            **common,
        ),
    }


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def conformance(reader: PdfReader) -> str | None:
    """What the document's own metadata claims: the part of PDF/UA."""
    metadata = ET.fromstring(reader.trailer["/Root"]["/Metadata"].get_data())
    return metadata.findtext(".//{http://www.aiim.org/pdfua/ns/id/}part")


@pytest.mark.parametrize("title", list(made()))
def test_documents_are_accessible(title):
    reader = PdfReader(io.BytesIO(made()[title]))
    root = reader.trailer["/Root"]

    assert reader.metadata.title == title
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert root["/StructTreeRoot"]["/K"]
    assert conformance(reader) == "1"


def test_certificate_says_its_facts():
    text = text_of(certificate())

    for fact in (
        "Pat Practitioner",
        "Rating the hardest factors",
        "Thursday 3 December 2026, 1pm to 4:30pm",
        "3 hours 30 minutes",
        ADDRESS,
        "ABCD-EFGH-2345-6789",
    ):
        assert fact in text


def test_certificate_shows_markup_as_it_was_written():
    assert MARKUP in text_of(certificate(name=MARKUP))


def test_documents_are_the_same_for_the_same_facts():
    assert certificate() == certificate()


def test_badges_stand_ten_to_a_sheet_without_an_empty_one():
    people = [documents.Badge(f"Member {number}", "Example Police") for number in range(20)]
    content = documents.badges("Workshop", people, author="Practice Portal", made_at=MADE_AT)

    assert len(PdfReader(io.BytesIO(content)).pages) == 2


def test_long_names_stay_on_one_badge():
    long = documents.Badge("Maximilian " * 18, "Organisation " * 15)
    content = documents.badges("Workshop " * 20, [long] * 10, author="Practice Portal", made_at=MADE_AT)

    assert len(PdfReader(io.BytesIO(content)).pages) == 1


MM = 72 / 25.4  # of PDF's points


def extent(content: bytes, letter: str) -> tuple[int, list[float]]:
    """How often a letter stands on the first page, and from where to where: left, bottom, right, top, in mm."""
    page = pypdfium2.PdfDocument(content)[0].get_textpage()
    boxes = [
        page.get_charbox(position)
        for position, character in enumerate(page.get_text_range())
        if character == letter
    ]
    left, bottom, right, top = zip(*boxes, strict=True)
    return len(boxes), [edge / MM for edge in (min(left), min(bottom), max(right), max(top))]


@pytest.mark.parametrize(("name", "organisation"), [("X" * 140, "Z" * 140), ("X" * 200, "Z" * 200)])
def test_a_name_without_a_space_stays_beside_the_code_of_its_badge(name, organisation):
    badge = documents.Badge(name, organisation, codes.as_picture(ADDRESS))
    content = documents.badges("Workshop", [badge], author="Practice Portal", made_at=MADE_AT)

    number, (left, _, right, top) = extent(content, "X")
    number_below, (left_below, bottom, right_below, top_below) = extent(content, "Z")

    assert (number, number_below) == (len(name), len(organisation))
    # Of A4: the margin and the inset, and what the code takes.
    assert 15 + 6 <= min(left, left_below) < max(right, right_below) <= 15 + 90 - 6 - 22
    assert 297 - 13.5 - 54 + 6 <= bottom < top_below < top <= 297 - 13.5 - 6


def test_a_name_without_a_space_stays_in_its_column_of_the_sign_in_sheet():
    rows = [("X" * 140, "Z" * 140), ("Q", "Northamptonshire/Nottinghamshire")]
    sheet = documents.Sheet("Keynote", "10am", rows)
    content = documents.sign_in_sheet(
        "V" * 140, "Thursday", [sheet], author="Practice Portal", made_at=MADE_AT
    )

    columns = {"X": (15, 75), "Z": (75, 135), "V": (15, 195)}
    for letter, (begins, ends) in columns.items():
        number, (left, _, right, _) = extent(content, letter)
        assert number == 140
        assert begins - 0.1 < left < right < ends + 0.1
    _, (_, end_of_row, _, _) = extent(content, "X")
    _, (_, _, _, next_row) = extent(content, "Q")
    assert next_row < end_of_row
    assert "Northamptonshire/ Nottinghamshire" in text_of(content)


def test_the_longest_name_and_title_leave_a_certificate_on_one_page():
    content = certificate(name="W" * 150, event="Rating" * 40)

    assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_character_that_no_font_shows_costs_the_claim_but_not_the_document():
    reader = PdfReader(io.BytesIO(certificate(name="Pat \U000130b8")))  # a hieroglyph

    assert conformance(reader) is None
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True


@pytest.mark.parametrize("name", ["Pat\x00\x07\u202e", "\ud800Pat", "\ufffe\U0010ffffPat"])
def test_characters_that_nothing_can_show_are_left_out(name):
    content = certificate(name=name)

    assert conformance(PdfReader(io.BytesIO(content))) == "1"
    assert "that Pat attended" in text_of(content).replace("\u202e", "")


def test_no_name_breaks_a_certificate(naughty_strings):
    for name in naughty_strings:
        assert certificate(name=name).startswith(b"%PDF-")
