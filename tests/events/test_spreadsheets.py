"""Rows to CSV and XLSX: formulas, numbers, anything people type, and in pieces. No database."""

import csv
import io
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from events import spreadsheets

# A cell has no zone.
MIDNIGHT = datetime(2027, 1, 14)  # noqa: DTZ001
MOMENT = datetime(2027, 1, 14, 9, 30)  # noqa: DTZ001


def read_csv(header, rows) -> list[list[str]]:
    content = b"".join(spreadsheets.csv_file(header, rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def read_xlsx(header, rows, title="Event"):
    content = b"".join(spreadsheets.xlsx_file(title, header, rows))
    return openpyxl.load_workbook(io.BytesIO(content)).active


# --- Formulas --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("https://evil.example")', '\'=HYPERLINK("https://evil.example")'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+A1", "'+A1"),
        ("-A1", "'-A1"),
        ("  =1+1", "'  =1+1"),
        ("\t=1+1", "'\t=1+1"),
        ("\n=1+1", "'\n=1+1"),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\xa0=1+1", "'\xa0=1+1"),
        ("＝1+1", "'＝1+1"),
        ("＋A1", "'＋A1"),
        ("\tword", "'\tword"),
        # Whole: telephone numbers, negative numbers, and what only looks odd.
        ("+44 20 7946 0000", "+44 20 7946 0000"),
        ("+44 (0)20-7946.0000", "+44 (0)20-7946.0000"),
        ("+447700900123", "+447700900123"),
        ("-5", "-5"),
        ("-1,234.50", "-1,234.50"),
        ("-", "-"),
        ("1=1", "1=1"),
        ("a@force.example", "a@force.example"),
        ("O’Neill", "O’Neill"),
        ("'quoted", "'quoted"),
        ("", ""),
    ],
)
def test_csv_file_disarms_formulas_and_leaves_numbers_whole(text, expected):
    assert read_csv(["Answer"], [[text]])[1:] == [[expected]]
    # The whole of it, not a number made of it, with or without an apostrophe.
    assert spreadsheets.harmless(text) == expected


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+A1", "+44 20 7946 0000", "-5", "0044", "TRUE", "3/4"])
def test_xlsx_file_keeps_texts_as_texts(text):
    cell = read_xlsx(["Answer"], [[text]])["A2"]

    assert (cell.value, cell.data_type) == (text, "s")


def test_headers_are_no_formulas_either():
    assert read_csv(["=1+1"], []) == [["'=1+1"]]
    cell = read_xlsx(["=1+1"], [])["A1"]
    assert (cell.value, cell.data_type, cell.font.b) == ("=1+1", "s", True)


# --- Values ----------------------------------------------------------------------------------------------------

VALUES = ["words", 5, Decimal("-2.50"), True, False, None, date(2027, 1, 14), MOMENT]
HEADER = [f"Column {number}" for number in range(len(VALUES))]


def test_csv_file_writes_values_as_people_and_programs_read_them():
    assert read_csv(HEADER, [VALUES])[1] == [
        "words", "5", "-2.50", "Yes", "No", "", "2027-01-14", "2027-01-14 09:30",
    ]  # fmt: skip


def test_xlsx_file_writes_numbers_and_dates_as_such():
    row = read_xlsx(HEADER, [VALUES])[2]

    assert [cell.value for cell in row] == [
        "words", 5, -2.5, "Yes", "No", None, MIDNIGHT, MOMENT,
    ]  # fmt: skip
    assert [cell.number_format for cell in row[-2:]] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm"]


def test_any_words_come_back_as_they_went_in(naughty_strings):
    illegal = spreadsheets._ILLEGAL_IN_XML
    for number, words in enumerate(naughty_strings):
        cell = read_xlsx(["Answer"], [[words]])["A2"]
        # A line break of Windows is one of XML; nothing else is changed.
        assert (cell.value or "") == illegal.sub("", words).replace("\r\n", "\n").replace("\r", "\n"), number
        found = read_csv(["Answer", "Next"], [[words, "next"]])[1]
        assert found == [spreadsheets.harmless(words.replace("\x00", "")), "next"], number


def test_xlsx_file_cuts_what_excel_does_not_take():
    assert len(read_xlsx(["Answer"], [["a" * 40_000]])["A2"].value) == 32_767


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Managing risk together: national conference", "Managing risk together national"),
        ("'[a]/b\\c?*'", "a b c"),
        ("", "Sheet"),
        ("???", "Sheet"),
    ],
)
def test_xlsx_file_has_a_sheet_that_excel_can_name(title, expected):
    assert read_xlsx(["Answer"], [], title).title == expected


def test_xlsx_file_is_a_whole_archive():
    archive = zipfile.ZipFile(io.BytesIO(b"".join(spreadsheets.xlsx_file("Event", HEADER, [VALUES] * 3))))

    assert archive.testzip() is None
    assert "xl/worksheets/sheet1.xml" in archive.namelist()


# --- In pieces -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [spreadsheets.csv_file, lambda *a: spreadsheets.xlsx_file("Event", *a)])
def test_files_begin_before_the_first_row_is_read(make):
    def rows():
        raise AssertionError("A row was read.")
        yield []

    assert next(iter(make(["Answer"], rows())))


@pytest.mark.parametrize("make", [spreadsheets.csv_file, lambda *a: spreadsheets.xlsx_file("Event", *a)])
def test_files_take_the_same_memory_for_any_number_of_rows(make):
    def peak(number: int) -> int:
        rows = ([f"Member {position}", position, MOMENT] for position in range(number))
        tracemalloc.start()
        for _piece in make(["Name", "Number", "When"], rows):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(30_000) < peak(3_000) + 200_000
