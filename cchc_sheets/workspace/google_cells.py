"""Cells as Google writes them: value, links, note. Text is never parsed, numbers keep their digits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.characters import whole
from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.layouts.workbook import Link, Value
from cchc_sheets.messages import text
from cchc_sheets.reading import Cell, Raw
from cchc_sheets.workspace.google_batches import Request
from cchc_sheets.workspace.google_formulas import to_vietnamese
from cchc_sheets.workspace.google_grid import Spot
from cchc_sheets.workspace.links import has_bare_link, is_openable, links_in_formula, with_links_in
from cchc_sheets.workspace.placement import Placement, written_cell

CellData = dict[str, Any]

LONGEST_TEXT: Final = 50_000
LINK_FIELD: Final = "userEnteredFormat.textFormat.link"

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - the moments of cells have no time zone
_DAY = timedelta(days=1) // timedelta(microseconds=1)
_MICROSECOND_OF_DAY = Decimal("1E-11")
_FIELDS: Final = {  # what a cell may hold → how a mask names it
    "userEnteredFormat": LINK_FIELD,
    "textFormatRuns": "textFormatRuns",
    "note": "note",
}


def cell_data(cell: Cell, where: str) -> CellData:
    """Return a cell as `CellData`; `where` names it in errors.

    The links come out in the order in which they are read: a link on the whole cell if one suffices, otherwise one
    on each piece of the text. What no cell can link to is told in the note, so that it is not lost.

    Raises WorkbookUnreadable (`unwritable`) for a text longer than a cell holds: nothing is cut silently.
    """
    attached = _attached(cell)
    openable = [link for link in attached if is_openable(link) or link.startswith("#")]
    linked = openable[: max(1, len(cell.text) if isinstance(cell.value, str) else 1)]
    note = "\n".join(filter(None, (cell.note, *(link for link in attached if link not in linked))))
    value = _value(cell, where)
    return {
        **({"userEnteredValue": value} if value else {}),
        **_links(cell.text, linked),
        **({"note": _checked(note, where)} if note else {}),
    }


def fields_of(cells: Iterable[Mapping[str, Any]]) -> str:
    """Return the mask under which these cells are written: their values and whatever else some of them hold."""
    held = {name for cell in cells for name in cell}
    return ",".join(["userEnteredValue", *(mask for name, mask in _FIELDS.items() if name in held)])


def own_cell(value: Value | None, row: str, placement: Placement) -> Cell:
    """Return what a value of the spec, its slots filled, is as a cell of the row with this key."""
    cell = written_cell(value, row, placement, {})
    return replace(cell, links=(value.url,)) if isinstance(value, Link) and is_openable(value.url) else cell


def update_cells(sheet_id: int, start: Spot, rows: Sequence[Sequence[CellData]], fields: str) -> Request:
    """Return the request that writes `rows` from the cell `start` on; blank cells are blanked."""
    at = {"sheetId": sheet_id, "rowIndex": start[0], "columnIndex": start[1]}
    return {"updateCells": {"start": at, "rows": [{"values": row} for row in rows], "fields": fields}}


def _value(cell: Cell, where: str) -> dict[str, Any]:
    if cell.formula:
        return {"formulaValue": to_vietnamese(_checked(cell.formula, where))}
    if cell.error:
        return {"formulaValue": f"={cell.error}"}  # an error itself cannot be written, a formula that is one can
    match cell.value:
        case None:
            return {}
        case str():
            return {"stringValue": _checked(cell.value, where)}
        case bool():
            return {"boolValue": cell.value}
        case _:
            return {"numberValue": _serial(cell.value)}


def _serial(value: Raw) -> Decimal:
    """Return a number as it is, a date or a time as the days since the epoch of spreadsheets."""
    match value:
        case datetime():
            since = value - _EPOCH
        case date():
            since = datetime(value.year, value.month, value.day) - _EPOCH  # noqa: DTZ001 - as above
        case time():
            since = timedelta(
                hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
            )
        case _:
            return Decimal(value)
    days = Decimal(since // timedelta(microseconds=1)) / _DAY
    return days if days == int(days) else days.quantize(_MICROSECOND_OF_DAY).normalize()


def _attached(cell: Cell) -> tuple[str, ...]:
    """Return the first links of the cell that must be attached for it to be read with all its links again."""
    in_formula, words = tuple(links_in_formula(cell.formula)), "" if cell.formula else cell.text
    # To an address without a scheme Google would attach one of its own choice.
    least = 1 if cell.links and has_bare_link(words) else 0
    enough = (
        count
        for count in range(least, len(cell.links) + 1)
        if with_links_in(words, (*cell.links[:count], *in_formula)) == cell.links
    )
    return cell.links[: next(enough, len(cell.links))]


def _links(words: str, links: list[str]) -> dict[str, Any]:
    if not links:
        return {}
    if len(links) == 1:
        return {"userEnteredFormat": {"textFormat": {"link": {"uri": whole(links[0])}}}}
    starts = [number * len(words) // len(links) for number in range(len(links))]
    return {
        "textFormatRuns": [
            {"startIndex": _utf16(words[:start]), "format": {"link": {"uri": whole(link)}}}
            for start, link in zip(starts, links, strict=True)
        ]
    }


def _checked(words: str, where: str) -> str:
    length = _utf16(words)
    if length > LONGEST_TEXT:
        raise WorkbookUnreadable(
            text("the text has {length} characters; a cell holds {longest}", length=length, longest=LONGEST_TEXT),
            where=where,
            fix=text("shorten the text or split it over several cells"),
            code="unwritable",
        )
    return whole(words)


def _utf16(words: str) -> int:
    return len(words.encode("utf-16-le", "replace")) // 2
