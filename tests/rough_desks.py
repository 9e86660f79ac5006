"""Where rough hands work: on the files of a folder, or at browsers. A workbook goes by its unit, the review by ""."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from google_server.clients import OFFICE
from google_server.person import Person
from google_server.sheets_grid import Tab
from google_server.world import SPREADSHEET, DriveFile
from google_table import GoogleTable
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from played_cycles import UNIT, GoogleCycle, LocalCycle
from sheet_accidents import Table, XlsxTable

Entries = Mapping[str, Any]


class Desk(Protocol):
    """A place of work."""

    @property
    def office(self) -> LocalCycle | GoogleCycle: ...
    def has(self, which: str) -> bool: ...
    def state(self, which: str) -> Any: ...
    def put_back(self, which: str, state: Any) -> None: ...
    def hands_on(self, which: str) -> Any: ...
    def values(self, which: str) -> set[str]: ...
    def backups(self) -> set[str]: ...
    def type(self, which: str, sheet: str, seen: Mapping[str, str], entries: Entries) -> None: ...
    def exchange(self, one: str, other: str) -> None: ...
    def delete(self, which: str) -> None: ...


class LocalDesk:
    """On files."""

    def __init__(self, office: LocalCycle) -> None:
        self.office = office

    def _file(self, which: str) -> Path:
        return self.office.file(which) if which else self.office.review

    def has(self, which: str) -> bool:
        return self._file(which).exists()

    def state(self, which: str) -> bytes:
        return self._file(which).read_bytes()

    def put_back(self, which: str, state: bytes) -> None:
        """Put an older copy in place."""
        file = self._file(which)
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            file.chmod(0o644)
        file.write_bytes(state)

    @contextmanager
    def hands_on(self, which: str) -> Iterator[Table]:
        table = XlsxTable(self._file(which))
        yield table
        table.save()

    def values(self, which: str) -> set[str]:
        return values_of(self.state(which))

    def backups(self) -> set[str]:
        return _backups(self.office.folder)

    def type(self, which: str, sheet: str, seen: Mapping[str, str], entries: Entries) -> None:
        """Type into the first row that shows this, whatever its hidden key says; what is not seen is not typed into.

        Nobody types into the workbook of another unit, whose name stands above it.
        """
        book = load_workbook(BytesIO(self.state(which)))
        for tab in book.worksheets:
            if not _is_sheet(tab["A1"].value, sheet, which):
                continue
            columns = {str(cell.value): cell.column for cell in tab[1] if cell.value}
            for row in range(2, tab.max_row + 1):
                if all(c in columns and tab.cell(row, columns[c]).value == text for c, text in seen.items()):
                    for column, value in entries.items():
                        if column in columns:
                            tab.cell(row, columns[column]).value = value
                    content = BytesIO()
                    book.save(content)
                    return self.put_back(which, content.getvalue())
        return None

    def exchange(self, one: str, other: str) -> None:
        """Put each of two files under the name of the other."""
        first, second = self.state(one), self.state(other)
        self.put_back(one, second)
        self.put_back(other, first)

    def delete(self, which: str) -> None:
        self._file(which).unlink()


class GoogleDesk:
    """At browsers, as somebody who may edit everything."""

    def __init__(self, office: GoogleCycle) -> None:
        self.office = office
        self._server = office.server

    def _drive_file(self, which: str) -> DriveFile | None:
        role, unit = ("unit", which) if which else ("appraisal", "-")
        files = [f for f in self._server.world.files.values() if f.mime_type == SPREADSHEET and not f.trashed]
        found = [f for f in files if (f.properties.get("role"), f.properties.get("unit")) == (role, unit)]
        return min(found, key=lambda file: (file.created, file.id), default=None)

    def _id(self, which: str) -> str:
        file = self._drive_file(which)
        assert file is not None
        return file.id

    def has(self, which: str) -> bool:
        return self._drive_file(which) is not None

    def state(self, which: str) -> Any:
        """Return the version that Google's history keeps."""
        return self._server.sheets._books[self._id(which)]  # the server writes into copies only

    def put_back(self, which: str, state: Any) -> None:
        """Restore an older version."""
        with self._server.world.lock:
            self._server.sheets._books[self._id(which)] = state
            self._server.world.touch(self._id(which), OFFICE)

    @contextmanager
    def hands_on(self, which: str) -> Iterator[Table]:
        yield GoogleTable(self._server, self._id(which), OFFICE)

    def values(self, which: str) -> set[str]:
        tabs: list[Tab] = self.state(which).tabs
        cells = (
            tab.cell(row, column).value for tab in tabs for row in range(tab.rows) for column in range(tab.columns)
        )
        return {_last_word(next(iter(value.values()), "")) for value in cells if value}

    def backups(self) -> set[str]:
        return _backups(self.office.folder)

    def type(self, which: str, sheet: str, seen: Mapping[str, str], entries: Entries) -> None:
        """As on files."""
        for tab in self.state(which).tabs:
            if not _is_sheet(_text(tab, 0, 0), sheet, which):
                continue
            columns = {text: column for column in range(1, tab.columns) if (text := _text(tab, 0, column))}
            for row in range(1, tab.rows):
                if all(c in columns and _text(tab, row, columns[c]) == text for c, text in seen.items()):
                    person = Person(self._server, OFFICE)
                    for column, value in entries.items():
                        if column in columns:
                            address = f"{get_column_letter(columns[column] + 1)}{row + 1}"
                            person.paste(self._id(which), tab.title, address, [["" if value is None else str(value)]])
                    return

    def exchange(self, one: str, other: str) -> None:
        """Nobody can: the addresses of spreadsheets stay."""

    def delete(self, which: str) -> None:
        with self._server.world.lock:
            file = self._server.world.files[self._id(which)]
            file.trashed = True
            self._server.world.touch(file.id, OFFICE)


def _text(tab: Tab, row: int, column: int) -> str:
    value = tab.cell(row, column).value or {}
    return str(next(iter(value.values()), ""))


def _is_sheet(stamp: object, sheet: str, which: str) -> bool:
    words = str(stamp or "").split()
    return words[1:2] == [sheet] and words[3:] == [which if sheet == UNIT else "-"]


def _last_word(value: object) -> str:
    text = str(value).rsplit(" ", maxsplit=1)[-1]
    return text.removesuffix(".0")


_READ: dict[bytes, set[str]] = {}


def values_of(content: bytes) -> set[str]:
    """Return the last word of everything that stands in an .xlsx file."""
    if content not in _READ:
        if len(_READ) > 300:
            _READ.clear()
        book = load_workbook(BytesIO(content))
        cells = (cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row)
        _READ[content] = {_last_word(cell) for cell in cells if cell is not None}
    return _READ[content]


def _backups(folder: Path) -> set[str]:
    files = (folder / "workspace" / "backup").rglob("*.xlsx")
    return set().union(*(values_of(file.read_bytes()) for file in files))
