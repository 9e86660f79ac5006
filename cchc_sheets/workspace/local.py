"""The local workspace: a folder of .xlsx files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.messages import text
from cchc_sheets.reading import Cell, SheetReading, WorkbookReading
from cchc_sheets.workspace.found import Spot, reading_of, told_cells, typed_cells
from cchc_sheets.workspace.port import Ensured, Presence, Texts, Typing
from cchc_sheets.workspace.repairing import check_owner, is_intact, plan_repair, refuse_ambiguities
from cchc_sheets.workspace.xlsx_files import (
    back_up,
    failure_reported,
    is_frozen,
    read_bytes,
    refuse_if_open,
    set_frozen,
    write_bytes,
)
from cchc_sheets.workspace.xlsx_package import FORMS, refusal
from cchc_sheets.workspace.xlsx_reading import FoundWorkbook, found_in
from cchc_sheets.workspace.xlsx_typing import with_cells
from cchc_sheets.workspace.xlsx_writing import XlsxWriter

BACKUP: Final = "backup"
SUFFIX: Final = ".xlsx"


class LocalWorkspace:
    """The workbooks in a folder: `units/x` is `units/x.xlsx`; old versions are kept in `backup/`."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made when the first workbook is."""
        self._folder = folder
        self._writer = XlsxWriter()

    @property
    def sharing(self) -> None:
        """Return nothing: the files are handed over by hand."""
        return

    def present(self) -> Mapping[str, Presence]:
        """Return every workbook in the folder, by key; backups and the traces of open programs are none."""
        found: dict[str, Presence] = {}
        for path in sorted(self._folder.rglob(f"*{SUFFIX}")):
            if self._is_workbook(path):
                with suppress(FileNotFoundError):  # a program that saves may take it away for a moment
                    found[path.relative_to(self._folder).with_suffix("").as_posix()] = _presence(path)
        return found

    def ensure(self, workbook: Workbook) -> Ensured:
        """Create the workbook, or repair it; what people typed into it is never lost.

        Raises WorkbookUnreadable, and leaves the file untouched, if it cannot be read or is somebody else's.
        """
        path = self._path(workbook.key)
        if not path.exists():
            with failure_reported(path):  # sheets pass through temporary files
                content = self._writer.written(workbook)
            write_bytes(path, content)
            return Ensured("created")
        content = read_bytes(path)
        found = found_in(content, str(path))
        reading = self._reading(found, content, path)
        check_owner(workbook, reading, str(path))
        if workbook.is_for_reading:
            return self._made_again(workbook, reading, content)
        same_spec = found.digest == self._writer.digest(workbook)
        if same_spec and is_intact(workbook, reading):
            return Ensured("kept", reading=reading, is_closed=reading.is_closed)
        return self._repaired(workbook, reading, found, content, same_spec=same_spec)

    def read(self, key: str) -> WorkbookReading:
        """Read every stamped sheet of the workbook.

        Raises WorkbookUnreadable: missing, locked, empty_file, too_large, encrypted, not_a_workbook,
        truncated.
        """
        path = self._path(key)
        content = read_bytes(path)
        return self._reading(found_in(content, str(path)), content, path)

    def freeze(self, workbook: Workbook) -> None:
        """Make the file read-only; twice is once."""
        set_frozen(self._path(workbook.key), frozen=True)

    def thaw(self, workbook: Workbook) -> None:
        """Make the file writable again; twice is once."""
        set_frozen(self._path(workbook.key), frozen=False)

    def location(self, key: str) -> str:
        """Return the path of the workbook's file."""
        return str(self._path(key))

    def time_needed(self, *, reads: int = 0, writes: int = 0, others: int = 0) -> timedelta:
        """Return no time: nothing goes over a network."""
        return timedelta(0)

    def write(self, key: str, texts: Texts) -> None:
        """Write texts into cells that are ours, of a closed workbook too; no other cell of the file changes.

        Raises WorkbookUnreadable, `locked` among others: somebody has it open.
        """
        path = self._path(key)
        content = read_bytes(path)
        reading = self._reading(found_in(content, str(path)), content, path)
        cells = ((sheet, told_cells(sheet, texts.get(sheet.key, {}))) for sheet in reading.sheets)
        self._put(path, content, cells)

    def type_in(self, key: str, entries: Typing) -> None:
        """Type values into cells as a person would (sheet key → row key → column key → value).

        Text that starts with `=` becomes a formula, as in Excel; an empty text clears the cell. Raises
        KeyError for a sheet, row or column that is not there, WorkbookUnreadable (`unwritable`) if frozen.
        """
        path = self._path(key)
        content = read_bytes(path)
        reading = self._reading(found_in(content, str(path)), content, path)
        if reading.is_closed:
            raise refusal(
                "unwritable",
                text("the workbook is closed (read-only)"),
                text("open it again before typing into it"),
                str(path),
            )
        self._put(path, content, typed_cells(reading, entries))

    def _put(self, path: Path, content: bytes, cells: Iterable[tuple[SheetReading, Mapping[Spot, Cell]]]) -> None:
        by_title = {sheet.title: own for sheet, own in cells if own}
        with failure_reported(path):
            written = with_cells(content, str(path), by_title)
        write_bytes(path, written)

    def _made_again(self, workbook: Workbook, reading: WorkbookReading, content: bytes) -> Ensured:
        """Make a workbook anew that takes nothing from anybody: whatever else stands in it is lost to nobody."""
        path = self._path(workbook.key)
        with failure_reported(path):
            renewed = self._writer.written(workbook)
        if renewed == content:
            return Ensured("kept", reading=reading, is_closed=reading.is_closed)
        write_bytes(path, renewed)
        return Ensured("repaired", is_closed=reading.is_closed)

    def _reading(self, found: FoundWorkbook, content: bytes, path: Path) -> WorkbookReading:
        return reading_of(found.sheets, _version(content), _modified(path), is_closed=is_frozen(path))

    def _repaired(
        self,
        workbook: Workbook,
        reading: WorkbookReading,
        found: FoundWorkbook,
        content: bytes,
        *,
        same_spec: bool,
    ) -> Ensured:
        path = self._path(workbook.key)
        refuse_if_open(path)
        refuse_ambiguities(workbook, reading, str(path))
        repair = plan_repair(workbook, reading, found.sheets, same_spec=same_spec)
        with failure_reported(path):
            renewed = self._writer.written(workbook, repair.carried)
        name = f"{path.stem}-{reading.modified:%Y%m%d-%H%M%S}-{reading.version[:8]}{SUFFIX}"
        folder = self._folder / BACKUP / path.parent.relative_to(self._folder)
        backup = back_up(path, folder / name, content)
        write_bytes(path, renewed)
        return Ensured(
            "repaired", repair.added, repair.restored, repair.unplaced, str(backup), is_closed=reading.is_closed
        )

    def _path(self, key: str) -> Path:
        """Return the path of a key. Raises ValueError for a key that leads out of the folder."""
        parts = key.split("/")
        if not all(parts) or any(part.startswith(".") or set(part) & set('\\:*?"<>|') for part in parts):
            raise ValueError(f"no workbook key: {key!r}")
        return self._folder.joinpath(*parts[:-1], f"{parts[-1]}{SUFFIX}")

    def _is_workbook(self, path: Path) -> bool:
        inside = path.relative_to(self._folder).parts
        is_trace = any(part.startswith(("~$", ".")) for part in inside)
        return inside[0] != BACKUP and not is_trace and path.is_file()


def _presence(path: Path) -> Presence:
    found = path.stat()
    try:
        # A file that is never read needs no digest; neither does one that a program keeps to itself just now.
        version = _version(path.read_bytes()) if found.st_size <= FORMS.file else ""
    except OSError:
        version = ""
    version = version or f"{found.st_size}-{found.st_mtime_ns}"
    return Presence(version, _modified(path))


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
