"""Reading a list of people."""

import csv
import io

import pytest

from members.roster import Refusal, RosterUnreadableError, Row, read

HEADING = "email,first_name,last_name,organisation,job_title\n"
ANA = "ana@essex.police.uk,Ana,O’Neil,Essex Police,Analyst\n"
ROW = Row(2, "ana@essex.police.uk", "Ana", "O’Neil", "Essex Police", "Analyst")


def reasons(text: str) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.reason) for refusal in read(text.encode())[1]]


@pytest.mark.parametrize(
    "text",
    [
        HEADING + ANA,
        HEADING + ANA.strip(),
        "\ufeff" + HEADING + ANA,
        (HEADING + ANA).replace("\n", "\r\n"),
        (HEADING + ANA).replace(",", ";"),
        (HEADING + ANA).replace(",", "\t"),
        HEADING.upper() + ANA,
        "Email,First name, Last Name ,Organisation,Job title\n" + ANA,
        HEADING + '"ana@essex.police.uk"," Ana ","O’Neil","Essex Police","Analyst"\n',
        "job_title,organisation,last_name,first_name,email\nAnalyst,Essex Police,O’Neil,Ana,ANA@essex.police.uk\n",
        HEADING + ANA + ",,,,\n\n",
    ],
)
def test_read_takes_what_cannot_be_meant_otherwise(text):
    assert read(text.encode()) == ([ROW], [])


def test_read_needs_no_job_title():
    rows, refusals = read(b"email,first_name,last_name,organisation\na@b.example,A,B,C\n")

    assert (rows, refusals) == ([Row(2, "a@b.example", "A", "B", "C", "")], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((HEADING + ANA).encode("utf-16"), "Line 1 is not UTF-8"),
        (
            (HEADING + ANA + "jos\xe9@b.example,Jos\xe9,B,C,D\n").replace("’", "'").encode("cp1252"),
            "Line 3 is",
        ),
        ((HEADING + ANA).encode("utf-16-le"), "zero bytes|not UTF-8"),
        (b"PK\x03\x04rest of a workbook", "This is a spreadsheet, not a CSV file"),
        (b"\xd0\xcf\x11\xe0rest of an old workbook", "This is a spreadsheet, not a CSV file"),
        (b"", "missing: email, first_name, last_name, organisation"),
        (ANA.encode(), "missing: email"),
        (b"email,first_name,last_name\n", "missing: organisation"),
        (b"email,first_name,last_name,organisation,rank\n", "not known, or stand there twice: 'rank'"),
        (b"email,email,first_name,last_name,organisation\n", "not known, or stand there twice: 'email'"),
        ((HEADING + '"ana@essex.police.uk,Ana\n').encode(), "A quotation mark may be missing"),
        ((HEADING + 'a@b.example,"A" x,B,C,D\n').encode(), "Line 2 cannot be read"),
        ((HEADING + "a@b.example," + "A" * 200_000 + ",B,C,D\n").encode(), "Line 2 cannot be read"),
    ],
)
def test_read_refuses_a_file_of_which_no_line_can_be_trusted(content, message):
    with pytest.raises(RosterUnreadableError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Ana,O’Neil,Essex Police,", "email is empty"),
        ("ana@essex.police.uk,,O’Neil,Essex Police,", "first name is empty"),
        ("ana@essex.police.uk,Ana,O’Neil,,", "organisation is empty"),
        ("ana,Ana,O’Neil,Essex Police,", "email is no address"),
        ("ana@essеx.police.uk,Ana,O’Neil,Essex Police,", "email is no address"),
        ("ana@essex.police.uk,Ana,O’Neil,Essex Police", "4 cells where the first line has 5"),
        ("ana@essex.police.uk,Ana,O’Neil,Essex Police,,", "6 cells where the first line has 5"),
        (
            'ana@essex.police.uk,"=HYPERLINK(""http://evil.example"")",O’Neil,Essex Police,',
            "first name starts with =, so a spreadsheet would take it for a formula",
        ),
        ("ana@essex.police.uk,Ana,O’Neil,Essex Police,+1", "job title starts with +"),
        ("ana@essex.police.uk,Ana,-2,Essex Police,", "last name starts with -"),
        ("ana@essex.police.uk,Ana,O’Neil,Essex Police,@SUM(A1)", "job title starts with @"),
        (f"ana@essex.police.uk,{'x' * 151},O’Neil,Essex Police,", "first name is longer than 150"),
        ('ana@essex.police.uk,"A\nna",O’Neil,Essex Police,', "first name holds a line break or an invisible"),
        (
            "ana@essex.police.uk,A\u202ena,O’Neil,Essex Police,",
            "first name holds a line break or an invisible",
        ),
    ],
)
def test_read_refuses_a_line_and_says_why(line, reason):
    [(_, told)] = reasons(f"{HEADING}{line}\n")

    assert told.startswith(reason)


def test_read_refuses_the_second_line_with_an_address_and_names_the_first():
    assert reasons(HEADING + ANA + ANA.replace("ana@", "ANA@") + ANA.replace("ana@", "bea@")) == [
        (3, "the same address as on line 2")
    ]


def test_read_names_no_person_in_a_refusal():
    told = read((HEADING + "=secret@person.example,=Secret,=Person,=Force,=Spy\n").encode())[1]

    assert not {word for refusal in told for word in ("secret", "Secret", "Person") if word in refusal.reason}
    assert told[0].line == 2
    assert isinstance(told[0], Refusal)


def test_read_takes_every_naughty_string_or_says_why_not(naughty_strings):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["email", "first_name", "last_name", "organisation", "job_title"])
    for number, string in enumerate(naughty_strings):
        writer.writerow([f"n{number}@b.example", string, string, string, string])
    content = out.getvalue().encode("utf-8", "surrogatepass").replace(b"\x00", b"")

    rows, refusals = read(content)

    assert len(rows) + len(refusals) == len(naughty_strings)
    assert len(rows) > 300
