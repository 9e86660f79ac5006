"""The port: what the stages ask of the place where the workbooks are, in the stages' own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.reading import Raw, WorkbookReading


@dataclass(frozen=True, slots=True)
class Presence:
    """One workbook that exists: which version, changed when, closed to its people or not."""

    version: str
    modified: datetime
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Something a person typed that has no place in the workbook any more; it is kept in the backup."""

    sheet: str
    address: str
    row: str
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Ensured:
    """What `ensure` did.

    Attributes:
        action: `created`; `kept` (nothing to do); `repaired` (made anew with all that people had typed).
        added: (sheet key, row key) of every row that was not there before a repair.
        restored: titles of whole sheets that were missing before a repair.
        unplaced: what people typed where no place is left; `backup` tells where the old workbook is kept.
    """

    action: Literal["created", "kept", "repaired"]
    added: tuple[tuple[str, str], ...] = ()
    restored: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    backup: str = ""


Typing = Mapping[str, Mapping[str, Mapping[str, Raw]]]
"""What to type: sheet key → row key → column key → value."""


class Workspace(Protocol):
    """Where the workbooks are. Every method raises `WorkbookUnreadable` for a workbook it cannot open."""

    def present(self) -> Mapping[str, Presence]:
        """Return every workbook that exists, by key, in one request."""
        ...

    def ensure(self, workbook: Workbook) -> Ensured:
        """Create the workbook, or repair it; what people typed into it is never lost."""
        ...

    def read(self, key: str) -> WorkbookReading:
        """Read every stamped sheet of the workbook."""
        ...

    def freeze(self, key: str) -> None:
        """Close the workbook to its people; twice is once."""
        ...

    def thaw(self, key: str) -> None:
        """Open a frozen workbook again; twice is once."""
        ...

    def location(self, key: str) -> str:
        """Return what to tell people: the path or address of the workbook."""
        ...

    def type_in(self, key: str, entries: Typing) -> None:
        """Type values into cells as a person would, for rehearsals and to put back what was deleted."""
        ...
