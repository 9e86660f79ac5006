"""From the spec of a workbook to the bytes of its .xlsx file; the same spec always gives the same bytes.

Everything but the rows (styles, validations, protection, print settings) is made by openpyxl, once for all
the workbooks that share one tuple of sheets: the mould. Rows without slots are part of it; only the others
are written anew for each workbook.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.writer.excel import ExcelWriter

from cchc_sheets.characters import whole
from cchc_sheets.layouts.workbook import Sheet, Workbook, sheets_digest
from cchc_sheets.workspace.filling import filled, needs_filling_first
from cchc_sheets.workspace.placement import Line, place
from cchc_sheets.workspace.xlsx_inputs import ChoiceLists, add_inputs, add_tones
from cchc_sheets.workspace.xlsx_page import prepare_page, tab_titles
from cchc_sheets.workspace.xlsx_rows import Carried, SheetRows
from cchc_sheets.workspace.xlsx_styles import StyleBook, set_default_font
from cchc_sheets.workspace.xlsx_text import xml_attribute

DIGEST_PROPERTY: Final = "cchc-sheets digest"
WRITING: Final = "1"  # raise it when the way of writing changes: every workbook is then made anew on `ensure`

_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
_MOST_LINKS = 65_000  # Excel opens no sheet with more than 65,530
_DIGEST_MARK = "cchc-digest-mark"
_ROWS = re.compile(rb"<sheetData>.*</sheetData>|<sheetData ?/>", re.DOTALL)
_EXTENT = re.compile(rb'<dimension ref="[^"]*" ?/>')
_CORE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title>'
    "<dc:creator>cchc-sheets</dc:creator>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">2000-01-01T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">2000-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>'
)


@dataclass(frozen=True, slots=True)
class _SheetMould:
    """One sheet: what stands before and after its rows, and the rows; a `Line` is written each time anew."""

    part: str
    head: bytes
    rows: SheetRows
    pieces: tuple[str | Line, ...]
    tail: bytes

    def poured(self, workbook: Workbook, slots: Mapping[str, str]) -> bytes:
        pieces = [self.rows.keys(workbook.stamp(self.rows.sheet))]
        pieces += (piece if isinstance(piece, str) else self.rows.line(piece, slots) for piece in self.pieces)
        return self.head + "".join(pieces).encode() + self.tail


@dataclass(frozen=True, slots=True)
class _Mould:
    """Everything that workbooks of one tuple of sheets have in common."""

    made_of: tuple[Sheet, ...]
    parts: Mapping[str, bytes]
    sheets: tuple[_SheetMould, ...]


@dataclass(frozen=True, slots=True)
class _Spec:
    """What is asked again and again of a tuple of sheets."""

    sheets: tuple[Sheet, ...]
    digest: bytes
    needs_filling_first: bool


class XlsxWriter:
    """Writes workbooks; remembers the moulds of the last few tuples of sheets."""

    _REMEMBERED = 4

    def __init__(self) -> None:
        self._moulds: list[_Mould] = []
        self._specs: list[_Spec] = []

    def digest(self, workbook: Workbook) -> str:
        """Return what the file of `workbook` says it was made from; equal only for equal specs."""
        return f"{WRITING}-{workbook.digest(self._spec(workbook.sheets).digest)}"

    def written(self, workbook: Workbook, carried: Carried | None = None) -> bytes:
        """Return the file of `workbook`; `carried` is typed into its cells, by sheet, row and column key.

        Raises WorkbookUnreadable (`unwritable`) for a text that no cell can hold.
        """
        if carried or self._spec(workbook.sheets).needs_filling_first:
            slots: Mapping[str, str] = {}
            mould = _mould(tuple(filled(sheet, workbook.slots) for sheet in workbook.sheets), carried or {})
        else:
            slots = workbook.slots
            mould = self._shared_mould(workbook.sheets)
        parts = dict(mould.parts)
        for sheet in mould.sheets:
            parts[sheet.part] = sheet.poured(workbook, slots)
        parts["docProps/core.xml"] = _CORE.format(title=xml_attribute(workbook.title)).encode()
        mark, digest = _DIGEST_MARK.encode(), self.digest(workbook).encode()
        parts["docProps/custom.xml"] = parts["docProps/custom.xml"].replace(mark, digest)
        return packed(parts)

    def _spec(self, sheets: tuple[Sheet, ...]) -> _Spec:
        known = next((spec for spec in self._specs if spec.sheets is sheets), None)
        if known is None:
            known = _Spec(sheets, sheets_digest(sheets), any(map(needs_filling_first, sheets)))
            self._specs = [*self._specs[1 - self._REMEMBERED :], known]
        return known

    def _shared_mould(self, sheets: tuple[Sheet, ...]) -> _Mould:
        known = next((mould for mould in self._moulds if mould.made_of is sheets), None)
        if known is None:
            known = _mould(sheets, {})
            self._moulds = [*self._moulds[1 - self._REMEMBERED :], known]
        return known


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip file of `parts` in which no time stands."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


def saved_parts(book: OpenpyxlWorkbook) -> dict[str, bytes]:
    """Return the parts of the file into which openpyxl saves `book`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        ExcelWriter(book, archive).write_data()
        return {name: archive.read(name) for name in archive.namelist()}


def _mould(sheets: tuple[Sheet, ...], carried: Carried) -> _Mould:
    book: Any = OpenpyxlWorkbook()
    book.remove(book.worksheets[0])
    set_default_font(book)
    styles = StyleBook(book)
    rows = [SheetRows(sheet, place(sheet), styles, carried) for sheet in sheets]
    pieces = [_pieces(sheet) for sheet in rows]
    targets = [book.create_sheet(title) for title in tab_titles(sheets)]
    lists = ChoiceLists(book)
    for target, sheet in zip(targets, rows, strict=True):
        _furnish(target, sheet, lists)
    styles.close()
    book.active = targets[0]
    book.security = WorkbookProtection(lockStructure=True)
    book.custom_doc_props.append(StringProperty(name=DIGEST_PROPERTY, value=_DIGEST_MARK))
    parts = saved_parts(book)
    moulds = tuple(
        _sheet_mould(parts, f"xl/worksheets/sheet{number}.xml", sheet, own)
        for number, (sheet, own) in enumerate(zip(rows, pieces, strict=True), start=1)
    )
    return _Mould(sheets, parts, moulds)


def _pieces(rows: SheetRows) -> tuple[str | Line, ...]:
    """Write every row once, so that all its styles are known; keep those that are the same everywhere."""
    rows.keys("")
    pieces: list[str | Line] = []
    for line in rows.placement.lines:
        written = rows.line(line, {})
        pieces.append(line if rows.has_slots(line) else written)
    return tuple(pieces)


def _furnish(target: Any, rows: SheetRows, lists: ChoiceLists) -> None:
    """Give the sheet everything but its rows."""
    prepare_page(target, rows)
    add_inputs(target, rows.placement, lists)
    add_tones(target, rows.sheet, rows.placement)
    for number, (address, url) in enumerate(rows.links({})):
        if number < _MOST_LINKS:
            inside = {"location": whole(url[1:])} if url.startswith("#") else {"target": whole(url)}
            target[address].hyperlink = Hyperlink(ref=address, **inside)
    for (sheet, row, column), cell in rows.carried.items():
        if sheet == rows.sheet.key and cell.note:
            target[rows.placement.address(row, column)].comment = Comment(whole(cell.note), "")


def _sheet_mould(parts: dict[str, bytes], part: str, rows: SheetRows, pieces: tuple[str | Line, ...]) -> _SheetMould:
    extent = f"A1:{rows.placement.last_column}{max(1, rows.placement.last)}".encode()
    xml = _EXTENT.sub(b'<dimension ref="' + extent + b'"/>', parts[part], count=1)
    found = _ROWS.search(xml)
    assert found is not None  # noqa: S101 - openpyxl writes this element into every sheet
    head, tail = xml[: found.start()] + b"<sheetData>", b"</sheetData>" + xml[found.end() :]
    return _SheetMould(part, head, rows, pieces, tail)
