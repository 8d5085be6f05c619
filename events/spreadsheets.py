"""Rows to files that spreadsheet programs open: CSV and XLSX, made while they are sent. Pure.

Neither holds more than one row and a buffer, however many there are.

**Formulas.** A text that begins with = + - or @ is a formula to a spreadsheet program, and one that somebody
typed into a form may run or send anything. XLSX says of each cell whether it is a text, so there a text stays
as it is. CSV cannot say so: there it gets an apostrophe in front, unless it is made of digits and the signs of
telephone numbers alone. `+44 20 7946 0000` and `-5` name no function, no cell and no file, so they stay whole.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

Cell = str | int | Decimal | bool | date | datetime | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# So many bytes are gathered before they are sent: a packet for each row would be slower.
CHUNK = 32 * 1024
# Excel takes no more in one cell.
LONGEST_TEXT = 32_767
# Without it Excel takes UTF-8 for the code page of the machine.
BYTE_ORDER_MARK = "\ufeff"

# Full-width forms too: they are turned into the plain ones where a Japanese keyboard is set.
_STARTS_FORMULA = "=+-@＝＋－＠"
_HARMLESS = re.compile(r"[+-]?[\d ().,/-]*", re.ASCII)
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHEET = "xl/worksheets/sheet1.xml"
_WIDTHS = (12, 60)
_DATE, _MOMENT = 1, 2
_DATE_FORMATS = {_DATE: "yyyy-mm-dd", _MOMENT: "yyyy-mm-dd hh:mm"}


# --- CSV -------------------------------------------------------------------------------------------------------


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file in pieces, the header in the first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([harmless(name) for name in header])
    yield _taken(buffer)
    for row in rows:
        writer.writerow([_in_csv(cell) for cell in row])
        if buffer.tell() > CHUNK:
            yield _taken(buffer)
    yield _taken(buffer)


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet program could take it for a formula."""
    begins = text.lstrip("\ufeff\u200b\u200e\u200f\xa0 \t\r\n\v\f\x00")
    is_formula = begins[:1] in _STARTS_FORMULA if begins else False
    # A tab or a line break in front: some programs drop it, and what follows becomes the beginning.
    if (is_formula or text[:1] in {"\t", "\r", "\n"}) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


def _in_csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return harmless(cell.replace("\x00", ""))
    return str(cell)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", errors="replace")


# --- XLSX ------------------------------------------------------------------------------------------------------


def xlsx_file(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file in pieces. The frame around the rows is openpyxl's; the rows go in while they are read.

    openpyxl itself, and XlsxWriter too, write all rows into a file before the first byte can leave.
    """
    frame = zipfile.ZipFile(io.BytesIO(_frame(title, header)))
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in frame.namelist():
            if part != _SHEET:
                archive.writestr(part, frame.read(part))
        before, end, after = frame.read(_SHEET).partition(b"</sheetData>")
        with archive.open(_SHEET, "w") as sheet:
            sheet.write(before)
            yield sink.taken()
            letters = [get_column_letter(number) for number in range(1, len(header) + 1)]
            for number, row in enumerate(rows, start=2):
                sheet.write(_row_in_xml(number, letters, row))
                if sink.size > CHUNK:
                    yield sink.taken()
            sheet.write(end + after)
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where an archive is written that nobody seeks in: what is there is taken away and sent."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload] # a buffer of any kind
        self._pieces.append(data)
        self.size += len(data)
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return data


def _frame(title: str, header: Sequence[str]) -> bytes:
    """A workbook with the header alone, and the two formats of dates that rows use."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    narrow, wide = _WIDTHS
    for number, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(max(narrow, len(name) + 2), wide)
    for style, number_format in _DATE_FORMATS.items():
        cell = WriteOnlyCell(sheet)
        cell.number_format = number_format
        if cell.style_id != style:  # asking for the number is what gives it one
            raise RuntimeError("openpyxl numbers its formats otherwise.")
    sheet.append([_bold(sheet, name) for name in header])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _bold(sheet: object, name: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=None)
    cell.value = _ILLEGAL_IN_XML.sub("", name)[:LONGEST_TEXT]
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    cell.font = Font(bold=True)
    return cell


def _sheet_title(title: str) -> str:
    """Excel takes 31 characters, and not these."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title)
    return " ".join(plain.split()).strip("' ")[:31].strip("' ") or "Sheet"


def _row_in_xml(number: int, letters: Sequence[str], row: Sequence[Cell]) -> bytes:
    cells = "".join(
        _cell_in_xml(f"{letter}{number}", cell) for letter, cell in zip(letters, row, strict=True)
    )
    return f'<row r="{number}">{cells}</row>'.encode()


def _cell_in_xml(place: str, cell: Cell) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        cell = "Yes" if cell else "No"
    if isinstance(cell, str):
        text = escape(_ILLEGAL_IN_XML.sub("", cell)[:LONGEST_TEXT])
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(cell, date):  # and datetime, which is one
        style = _MOMENT if isinstance(cell, datetime) else _DATE
        return f'<c r="{place}" s="{style}"><v>{to_excel(cell)}</v></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'
