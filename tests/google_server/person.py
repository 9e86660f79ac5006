"""Somebody at a browser: types, pastes, links and sorts in a shared spreadsheet, within their rights and no further.

A person's edits go through the same state and the same protections as requests over HTTP, but cost no quota and
leave no line in the server's log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from google_server.errors import GoogleError
from google_server.sheets import SheetsService
from google_server.sheets_areas import (
    Area,
    InvalidRequestError,
    cell_area,
    column_number,
    parse_area,
    parse_cell,
    to_grid_range,
)
from google_server.sheets_conditions import accepts
from google_server.sheets_edit import Edit
from google_server.sheets_grid import Cell, Message, Tab
from google_server.sheets_reading import cell_message, formatted
from google_server.sheets_requests import run
from google_server.sheets_values import entered


class Server(Protocol):
    """What has a Sheets service."""

    sheets: SheetsService


class Refused(Exception):
    """What Google told the person instead of doing it; nothing was changed."""


class Person:
    """A person with a Google account. Tabs go by their title, cells by addresses such as `H12`, rows from 1."""

    def __init__(self, server: Server | SheetsService, address: str) -> None:
        self._service = server if isinstance(server, SheetsService) else server.sheets
        self.address = address.lower()

    # ---------------------------------------------------------------------------------------------------- looking

    def open(self, file_id: str) -> list[str]:
        """Open the spreadsheet and return the titles of the tabs that are seen.

        Raises:
            Refused: if it is not shared with this person.
        """
        with self._reading(file_id) as edit:
            self._service.world.file(file_id).opened_by.add(self.address)
            return [tab.title for tab in edit.book.tabs if not tab.hidden]

    def read(self, file_id: str, tab: str, address: str) -> str:
        """Return what the cell shows."""
        with self._reading(file_id) as edit:
            return formatted(edit, _tab(edit, tab).cell(*parse_cell(address)))

    def cell(self, file_id: str, tab: str, address: str) -> Message:
        """Return all of the cell, as CellData."""
        with self._reading(file_id) as edit:
            return cell_message(edit, _tab(edit, tab).cell(*parse_cell(address)), {})

    def may_type(self, file_id: str, tab: str, address: str) -> bool:
        """Tell whether the cell is open to this person."""
        with self._reading(file_id) as edit:
            found = _tab(edit, tab)
            place = cell_area(*_anchor(found, *parse_cell(address)))
            return self._service.world.can_edit_content(file_id, self.address) and edit.allows(found, place)

    # ------------------------------------------------------------------------------------------------ into a cell

    def type(self, file_id: str, tab: str, address: str, text: str) -> None:
        """Type a text, read in the spreadsheet's locale; "" empties the cell.

        Raises:
            Refused: by a protection, or by a strict validation.
        """
        with self._at(file_id, tab, address) as (edit, found, row, column):
            new = entered(edit, found.cell(row, column), text)
            _check_validation(edit, new)
            found.put(row, column, new)

    def paste(
        self, file_id: str, tab: str, address: str, rows: Sequence[Sequence[str]], *, values_only: bool = False
    ) -> None:
        """Paste cells copied elsewhere: their (missing) validation replaces the one here, unless `values_only`."""
        with self._at(file_id, tab, address) as (edit, found, top, left):
            area = Area(top, top + len(rows), left, left + max(map(len, rows)))
            edit.guard(found, area)
            found.rows, found.columns = max(found.rows, area.bottom or 0), max(found.columns, area.right or 0)
            for row, texts in enumerate(rows, start=top):
                for column, text in enumerate(texts, start=left):
                    old = found.cell(row, column)
                    new = entered(edit, old if values_only else Cell(note=old.note), text)
                    _check_validation(edit, new)
                    found.put(row, column, new)

    def clear(self, file_id: str, tab: str, addresses: str) -> None:
        """Empty a cell or a range with the Delete key."""
        with self._writing(file_id) as edit:
            found = _tab(edit, tab)
            area = found.limited(_area(addresses))
            edit.guard(found, area)
            for row, column, cell in list(found.touched(area)):
                found.put(row, column, cell.with_value(None))

    def note(self, file_id: str, tab: str, address: str, text: str) -> None:
        """Attach a note; "" takes it away."""
        with self._at(file_id, tab, address) as (_, found, row, column):
            found.put(row, column, found.cell(row, column)._replace(note=text))

    def link(self, file_id: str, tab: str, address: str, text: str, url: str) -> None:
        """Write a text and lay a link over all of it ("Insert link")."""
        self.links(file_id, tab, address, text, [(0, len(text), url)])

    def links(self, file_id: str, tab: str, address: str, text: str, spans: Sequence[tuple[int, int, str]]) -> None:
        """Write a text with links over parts of it: (start, end, url), positions as in Python."""
        runs: list[Message] = []
        at = 0
        for start, end, url in sorted(spans):
            if start > at or (not runs and start):
                runs.append({"startIndex": _units(text[:at]), "format": {}})
            runs.append({"startIndex": _units(text[:start]), "format": {"underline": True, "link": {"uri": url}}})
            at = end
        if at < len(text):
            runs.append({"startIndex": _units(text[:at]), "format": {}})
        with self._at(file_id, tab, address) as (_, found, row, column):
            new = found.cell(row, column).with_value({"stringValue": text})
            found.put(row, column, new._replace(runs=tuple(runs)))

    def link_cell(self, file_id: str, tab: str, address: str, url: str) -> None:
        """Lay a link on the whole cell as part of its format, whatever stands in it."""
        with self._at(file_id, tab, address) as (_, found, row, column):
            old = found.cell(row, column)
            text_format = {**(old.format or {}).get("textFormat", {}), "link": {"uri": url}}
            found.put(row, column, old._replace(format={**(old.format or {}), "textFormat": text_format}))

    def chip(
        self, file_id: str, tab: str, address: str, uri: str, mime: str = "", *, title: str = "Tệp trên Drive"
    ) -> None:
        """Put a smart chip of a file (or place, video, event: without `mime`) into the cell; it shows its title."""
        properties = {"uri": uri, "mimeType": mime} if mime else {"uri": uri}
        self._put_chip(file_id, tab, address, title, {"richLinkProperties": properties})

    def people_chip(self, file_id: str, tab: str, address: str, email: str) -> None:
        """Put a chip of a person into the cell."""
        self._put_chip(file_id, tab, address, email.partition("@")[0], {"personProperties": {"email": email}})

    def _put_chip(self, file_id: str, tab: str, address: str, title: str, chip: Message) -> None:
        with self._at(file_id, tab, address) as (_, found, row, column):
            new = found.cell(row, column).with_value({"stringValue": title})
            found.put(row, column, new._replace(chips=({"startIndex": 0, "chip": chip},)))

    # --------------------------------------------------------------------------------------------- rows, columns

    def insert_row(self, file_id: str, tab: str, before: int, count: int = 1) -> None:
        """Insert rows above the row with the number `before`."""
        self._lines(file_id, tab, "insertDimension", ("ROWS", before - 1, before - 1 + count))

    def insert_column(self, file_id: str, tab: str, before: str, count: int = 1) -> None:
        """Insert columns to the left of the column with the letters `before`."""
        first = column_number(before)
        self._lines(file_id, tab, "insertDimension", ("COLUMNS", first, first + count))

    def delete_row(self, file_id: str, tab: str, number: int, count: int = 1) -> None:
        """Delete rows."""
        self._lines(file_id, tab, "deleteDimension", ("ROWS", number - 1, number - 1 + count))

    def delete_column(self, file_id: str, tab: str, letters: str, count: int = 1) -> None:
        """Delete columns."""
        first = column_number(letters)
        self._lines(file_id, tab, "deleteDimension", ("COLUMNS", first, first + count))

    def move_row(self, file_id: str, tab: str, number: int, before: int) -> None:
        """Drag a row above the row that has the number `before`."""
        with self._writing(file_id) as edit:
            source = {"sheetId": _tab(edit, tab).id, "dimension": "ROWS", "startIndex": number - 1, "endIndex": number}
            run(edit, [{"moveDimension": {"source": source, "destinationIndex": before - 1}}])

    def sort(self, file_id: str, tab: str, addresses: str, by: str, *, falling: bool = False) -> None:
        """Sort the rows of a range such as `A5:N75` by the column with the letters `by`."""
        with self._writing(file_id) as edit:
            spec = {"dimensionIndex": column_number(by), "sortOrder": "DESCENDING" if falling else "ASCENDING"}
            area = to_grid_range(_area(addresses), _tab(edit, tab).id)
            run(edit, [{"sortRange": {"range": area, "sortSpecs": [spec]}}])

    # ------------------------------------------------------------------------------------------------------- tabs

    def rename_tab(self, file_id: str, tab: str, title: str) -> None:
        """Give the tab another title."""
        with self._writing(file_id) as edit:
            properties = {"sheetId": _tab(edit, tab).id, "title": title}
            run(edit, [{"updateSheetProperties": {"properties": properties, "fields": "title"}}])

    def add_tab(self, file_id: str, title: str) -> None:
        """Add an empty tab."""
        with self._writing(file_id) as edit:
            run(edit, [{"addSheet": {"properties": {"title": title}}}])

    def delete_tab(self, file_id: str, tab: str) -> None:
        """Delete the tab."""
        with self._writing(file_id) as edit:
            run(edit, [{"deleteSheet": {"sheetId": _tab(edit, tab).id}}])

    def copy_tab(self, file_id: str, tab: str, title: str = "") -> None:
        """Duplicate the tab; without the right to edit all of it the copy is unprotected."""
        with self._writing(file_id) as edit:
            source = _tab(edit, tab)
            request = {"sourceSheetId": source.id, "insertSheetIndex": edit.book.tabs.index(source) + 1}
            run(edit, [{"duplicateSheet": request | ({"newSheetName": title} if title else {})}])

    # -------------------------------------------------------------------------------------------------- machinery

    def _lines(self, file_id: str, tab: str, kind: str, lines: tuple[str, int, int]) -> None:
        axis, start, end = lines
        with self._writing(file_id) as edit:
            found = {"sheetId": _tab(edit, tab).id, "dimension": axis, "startIndex": start, "endIndex": end}
            run(edit, [{kind: {"range": found}}])

    @contextmanager
    def _reading(self, file_id: str) -> Iterator[Edit]:
        with self._service.world.lock, _told(), self._service.reading(file_id, self.address) as edit:
            yield edit

    @contextmanager
    def _writing(self, file_id: str) -> Iterator[Edit]:
        with self._service.world.lock, _told(), self._service.writing(file_id, self.address) as edit:
            yield edit

    @contextmanager
    def _at(self, file_id: str, tab: str, address: str) -> Iterator[tuple[Edit, Tab, int, int]]:
        """Lend the tab and the place of a cell that is open to this person; in a merge its first cell."""
        with self._writing(file_id) as edit:
            found = _tab(edit, tab)
            row, column = _anchor(found, *parse_cell(address))
            found.limited(cell_area(row, column))
            edit.guard(found, cell_area(row, column))
            yield edit, found, row, column


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except GoogleError as error:
        raise Refused(error.body["error"]["message"]) from error


def _tab(edit: Edit, title: str) -> Tab:
    found = edit.book.by_title(title)
    if found is None:
        raise InvalidRequestError(f"There is no tab {title}")
    return edit.book.writable(found.id) if edit.is_draft else found


def _area(addresses: str) -> Area:
    area = parse_area(addresses)
    if area is None:
        raise InvalidRequestError(f"{addresses} is no range")
    return area


def _anchor(tab: Tab, row: int, column: int) -> tuple[int, int]:
    return next(((one.top, one.left) for one in tab.merges if one.holds(row, column)), (row, column))


def _check_validation(edit: Edit, cell: Cell) -> None:
    rule = cell.validation
    if rule and rule.get("strict") and not accepts(rule["condition"], cell.value, edit.book.locale, edit.today):
        words = rule.get("inputMessage") or "The data you entered violates the data validation rules set on this cell."
        raise InvalidRequestError(words)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
