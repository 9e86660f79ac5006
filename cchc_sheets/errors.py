"""What can go wrong, in one family.

    CchcError                      told to the person in three parts: what, where, how to mend it; exit status 1
    ├── ConfigurationError         the files of the cycle folder are wrong; carries every mistake found in them
    ├── NotNow                     the command is not possible at this stage of the cycle
    ├── WorkbookUnreadable         a workbook is missing, locked, encrypted, damaged, too large, or somebody else's
    ├── Busy                       another command is changing the cycle; nothing is wrong
    ├── LedgerError                the ledger is damaged, newer than this program, or cannot be written
    ├── PublicationError           a paper could not be made, or does not say what the results say
    ├── GoogleRefusal              Google, or the way to it, refused for good (workspace.google_refusals)
    └── AnswerLost                 whether Google has done what it was asked is not known (the same)

A `Problem` is no exception: it is a mistake in what a unit or an appraiser wrote, collected and reported as data.
Anything outside this family is a bug of the program and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cchc_sheets.messages import Text

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One mistake in a sheet or a file (lỗi, sai sót): where it is, what it is, how to mend it.

    `sheet`, `row` and `column` are keys; for a mistake in a text file they are its name, line and column.
    """

    code: str
    what: Text
    fix: Text
    severity: Severity = "error"
    unit: str | None = None
    sheet: str | None = None
    row: str | int | None = None
    column: str | int | None = None


class CchcError(Exception):
    """Something the person who runs the tool has to know and can act on."""

    code = "error"

    def __init__(self, what: Text, *, where: str = "", fix: Text, code: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix
        self.code = code or self.code

    def __str__(self) -> str:
        return " / ".join(str(part) for part in (self.what, self.where, self.fix) if str(part))


class ConfigurationError(CchcError):
    """The files of the cycle folder are wrong: `problems` holds every mistake of all of them."""

    code = "configuration"

    def __init__(self, what: Text, *, where: str = "", fix: Text, problems: Sequence[Problem] = ()) -> None:
        super().__init__(what, where=where, fix=fix)
        self.problems = tuple(problems)


class NotNow(CchcError):
    """The command is not possible at this stage of the cycle."""

    code = "not_now"


class WorkbookUnreadable(CchcError):
    """A workbook cannot be read or written.

    `code` says why: missing, locked, encrypted, empty_file, not_a_workbook, truncated, too_large, other_unit,
    other_cycle, unwritable, unreadable, ambiguous; on Google also forbidden, app_not_authorized,
    shared_drive_membership.
    """

    code = "unreadable"


class Busy(CchcError):
    """Another command holds the ledger's lease: who, where and since when is in the words."""

    code = "busy"


class LedgerError(CchcError):
    """The ledger is damaged, newer than this program, or cannot be written.

    `code` may say more: ledger_altered, ledger_newer, ledger_encoding, ledger_rights, driver_missing, lease_lost.
    """

    code = "ledger"


class PublicationError(CchcError):
    """A paper could not be made, or does not say what the results say; no file was handed over."""

    code = "publication"
