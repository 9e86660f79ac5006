"""The port: what the stages ask of the place where the workbooks are, in the stages' own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.reading import Raw, WorkbookReading


@dataclass(frozen=True, slots=True)
class Presence:
    """One workbook that exists: which version, changed when.

    `copies` are the places of further workbooks that carry the same mark; they are never read.
    """

    version: str
    modified: datetime
    copies: tuple[str, ...] = ()


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
        reading: what stands in a workbook that was kept; None if it was just written.
        is_closed: it was closed to its people before, and still is.
    """

    action: Literal["created", "kept", "repaired"]
    added: tuple[tuple[str, str], ...] = ()
    restored: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    backup: str = ""
    reading: WorkbookReading | None = None
    is_closed: bool = False


Typing = Mapping[str, Mapping[str, Mapping[str, Raw]]]
"""What to type: sheet key → row key → column key → value."""


Texts = Mapping[str, Mapping[str, Mapping[str, str]]]
"""What to write into our own cells: sheet key → row key → column key → text."""


Role = Literal["reader", "writer"]

Held = Literal["reader", "commenter", "writer", "office"]
"""The access someone has; `office`: by owning the workbook or through the folder it is in, never changed here."""


class Sharing(Protocol):
    """Who may open which workbook."""

    def people(self, keys: Iterable[str]) -> Mapping[str, Mapping[str, Held]]:
        """Return who has access to each workbook: key → address → access.

        Access of everyone, or of a whole domain, goes by `*anyone*` and `*domain example.vn*`.
        """
        ...

    def admit(self, key: str, address: str, role: Role, *, notify: bool = False) -> str:
        """Give one address access, and return the address under which the person is listed.

        A person who has access keeps it, in this role. `notify` sends an e-mail. Raises CchcError, naming the
        address and the remedy, if the workspace refuses.
        """
        ...

    def dismiss(self, key: str, address: str) -> None:
        """Take the access of one address away; who has none stays without."""
        ...


class Workspace(Protocol):
    """Where the workbooks are. Every method raises `WorkbookUnreadable` for a workbook it cannot open."""

    @property
    def sharing(self) -> Sharing | None:
        """Who may open the workbooks; None where they are handed over by hand."""
        ...

    def present(self) -> Mapping[str, Presence]:
        """Return every workbook that exists, by key, in one request."""
        ...

    def ensure(self, workbook: Workbook) -> Ensured:
        """Create the workbook, or repair it; what people typed into it is never lost."""
        ...

    def read(self, key: str) -> WorkbookReading:
        """Read every stamped sheet of the workbook."""
        ...

    def freeze(self, workbook: Workbook) -> None:
        """Close the workbook to its people; twice is once."""
        ...

    def thaw(self, workbook: Workbook) -> None:
        """Open a closed workbook again, in the cells that its description opens; twice is once."""
        ...

    def location(self, key: str) -> str:
        """Return what to tell people: the path or address of the workbook."""
        ...

    def time_needed(self, *, reads: int = 0, writes: int = 0, others: int = 0) -> timedelta:
        """Return about how long so many requests take where they go over a network; `others` make and share."""
        ...

    def write(self, key: str, texts: Texts) -> None:
        """Write texts into cells that are ours, of a closed workbook too; whatever else stands in it is not touched.

        Rows, columns and sheets that are not there are left out: the next `ensure` puts them back.
        """
        ...

    def type_in(self, key: str, entries: Typing) -> None:
        """Type values into cells as a person would, for rehearsals and to put back what was deleted."""
        ...
