"""A spreadsheet under somebody's hands, for the accidents of `sheet_accidents`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from google_server.person import Person
from google_server.sheets_edit import Edit
from google_server.sheets_grid import Tab
from google_server.sheets_reading import formatted
from google_server.sheets_requests import run
from openpyxl.utils import get_column_letter
from sheet_accidents import Area


class GoogleTable:
    """A spreadsheet under the hands of somebody who may edit all of it."""

    def __init__(self, server: Any, file_id: str, address: str) -> None:
        self._service, self._file, self._address = server.sheets, file_id, address

    @contextmanager
    def _editing(self, tab: int) -> Iterator[tuple[Edit, Tab]]:
        with self._service.world.lock, self._service.writing(self._file, self._address) as edit:
            yield edit, edit.book.tabs[tab]

    def _request(self, tab: int, make: Callable[[int], dict[str, Any]]) -> None:
        with self._editing(tab) as (edit, found):
            run(edit, [make(found.id)])

    def tabs(self) -> int:
        with self._service.world.lock, self._service.reading(self._file, self._address) as edit:
            return len(edit.book.tabs)

    def size(self, tab: int) -> tuple[int, int]:
        with self._service.world.lock, self._service.reading(self._file, self._address) as edit:
            found = edit.book.tabs[tab]
            return found.rows, found.columns

    def insert(self, tab: int, axis: str, at: int) -> None:
        self._request(tab, lambda sheet: {"insertDimension": {"range": _dimension(sheet, axis, at, at + 1)}})

    def delete(self, tab: int, axis: str, at: int, count: int) -> None:
        self._request(tab, lambda sheet: {"deleteDimension": {"range": _dimension(sheet, axis, at, at + count)}})

    def move(self, tab: int, axis: str, at: int, to: int) -> None:
        to += to > at
        if to not in {at, at + 1}:
            self._request(
                tab,
                lambda sheet: {
                    "moveDimension": {"source": _dimension(sheet, axis, at, at + 1), "destinationIndex": to}
                },
            )

    def sort(self, tab: int, area: Area, by: int, *, falling: bool) -> None:
        spec = {"dimensionIndex": by, "sortOrder": "DESCENDING" if falling else "ASCENDING"}
        self._unmerge(tab)
        self._request(tab, lambda sheet: {"sortRange": {"range": _range(sheet, area), "sortSpecs": [spec]}})

    def paste(self, tab: int, area: Area, to: int) -> None:
        self._unmerge(tab)
        with self._editing(tab) as (edit, found):
            title = found.title
            texts = [
                [formatted(edit, found.cell(row, column)) for column in range(area.left, area.right)]
                for row in range(area.top, area.bottom)
            ]
        address = f"{get_column_letter(area.left + 1)}{to + 1}"
        Person(self._service, self._address).paste(self._file, title, address, texts)

    def clear(self, tab: int, area: Area) -> None:
        self._unmerge(tab)
        fields = {"fields": "userEnteredValue"}
        self._request(tab, lambda sheet: {"updateCells": {"range": _range(sheet, area), **fields}})

    def merge(self, tab: int, area: Area) -> None:
        self._unmerge(tab)
        self._request(tab, lambda sheet: {"mergeCells": {"range": _range(sheet, area), "mergeType": "MERGE_ALL"}})

    def rename(self, tab: int, title: str) -> None:
        self._request(
            tab,
            lambda sheet: {
                "updateSheetProperties": {"properties": {"sheetId": sheet, "title": title}, "fields": "title"}
            },
        )

    def copy_tab(self, tab: int) -> None:
        self._request(tab, lambda sheet: {"duplicateSheet": {"sourceSheetId": sheet, "insertSheetIndex": tab + 1}})

    def delete_tab(self, tab: int) -> None:
        self._request(tab, lambda sheet: {"deleteSheet": {"sheetId": sheet}})

    def _unmerge(self, tab: int) -> None:
        rows, columns = self.size(tab)
        whole = Area(0, rows, 0, columns)
        self._request(tab, lambda sheet: {"unmergeCells": {"range": _range(sheet, whole)}})


def _dimension(sheet: int, axis: str, start: int, end: int) -> dict[str, Any]:
    return {"sheetId": sheet, "dimension": axis, "startIndex": start, "endIndex": end}


def _range(sheet: int, area: Area) -> dict[str, Any]:
    rows = {"startRowIndex": area.top, "endRowIndex": area.bottom}
    return {"sheetId": sheet, **rows, "startColumnIndex": area.left, "endColumnIndex": area.right}
