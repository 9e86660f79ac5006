"""The season again as its ledger tells it: opened at any entry, under the configuration in force then.

Nothing is asked of the workbooks, and nothing in the cycle folder is changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from cchc_sheets.cycle.folder import CRITERIA, SETTINGS, UNITS, Cycle, load_cycle
from cchc_sheets.cycle.settings import Settings
from cchc_sheets.errors import LedgerError
from cchc_sheets.ledger import Entry, Ledger
from cchc_sheets.messages import text
from cchc_sheets.outcome import Progress, silent
from cchc_sheets.stages.archive_package import MANIFEST
from cchc_sheets.stages.season import Season
from cchc_sheets.workspace.local import LocalWorkspace

NOBODY: Final = "verify"
PREVIOUS_COPY: Final = "previous-results.json"
"""Where last year's results lie in an archive, wherever they lay when the year was run."""


STRANGE: Final = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    StopIteration,
    RecursionError,
)
"""What comes of entries that hang together but that this program has never written: somebody else has."""


class Replay:
    """Goes forward through the entries of a ledger.

    A season that `at` returned must be used up before the next one is asked for: they share one ledger.
    """

    def __init__(self, entries: Sequence[Entry], folder: Path, progress: Progress = silent) -> None:
        """Begin before the first entry; `folder` holds templates and last year's results."""
        self._entries = entries
        self._folder = folder
        self._progress = progress
        self._ledger = Ledger("sqlite://", is_noted=False)
        self._cycles: dict[str, Cycle] = {}

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    def at(self, number: int, *, dry_run: bool = True, under: Cycle | None = None) -> Season:
        """Return the season as it was when this entry had just been written.

        Args:
            dry_run: False for a stage that is told to write into a folder of its own.
            under: another configuration, for what was made under it without recording anything.

        Raises:
            LedgerError: if an entry does not come out as it was recorded.
            ConfigurationError: if the recorded configuration cannot be read.
        """
        self.feed(number)
        at = self._entries[number - 1].at
        season = Season(under or self.cycle_at(number), _no_workbooks(), at, NOBODY, self._progress, dry_run=dry_run)
        season.__dict__["ledger"] = self._ledger
        return season

    def feed(self, number: int) -> None:
        """Go forward to an entry.

        Raises:
            LedgerError: if an entry does not come out as it was recorded.
        """
        done = self._ledger.head()[0]
        for entry in self._entries[done:number]:
            again = self._ledger.append(entry.kind, entry.subject, entry.body, at=entry.at, actor=entry.actor)
            if again.digest != entry.digest:
                raise LedgerError(
                    text("the ledger was altered at entry {number}", number=str(entry.number)),
                    fix=text("restore the ledger from a backup made before"),
                    code="ledger_altered",
                )

    def cycle_at(self, number: int) -> Cycle:
        """Return the cycle under the configuration in force at an entry."""
        body = next(e.body for e in reversed(self._entries[:number]) if e.kind == "configuration")
        if body["digest"] not in self._cycles:
            with tempfile.TemporaryDirectory() as folder:
                for name in (SETTINGS, CRITERIA, UNITS):
                    (Path(folder) / name).write_bytes(body["files"][name].encode())
                cycle = load_cycle(Path(folder))
            self._cycles[body["digest"]] = replace(cycle, folder=self._folder, settings=self._settings(cycle))
        return self._cycles[body["digest"]]

    def _settings(self, cycle: Cycle) -> Settings:
        """Take last year's results from the archive, if it is one: nothing outside it may be opened."""
        settings = cycle.settings
        if settings.previous is None or not (self._folder / MANIFEST).is_file():
            return settings
        return settings.model_copy(update={"previous": settings.previous.model_copy(update={"file": PREVIOUS_COPY})})


def _no_workbooks() -> LocalWorkspace:
    """Return a workspace in which there is nothing: what was read once stands in the ledger."""
    return LocalWorkspace(Path(tempfile.gettempdir()) / "cchc-sheets-no-workbooks")
