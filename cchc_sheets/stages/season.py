"""What every stage works with: the cycle, its workspace, its ledger, and the moment it is run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.submission import Submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.layouts.self_assessment import submission_sheets
from cchc_sheets.layouts.workbook import Sheet, sheets_digest
from cchc_sheets.ledger import Entry, Ledger
from cchc_sheets.messages import text
from cchc_sheets.outcome import Announce, Progress, silent, unheard
from cchc_sheets.workspace.port import Presence, Workspace

APPRAISAL: Final = "appraisal"
"""The key of the review workbook."""

BOARD: Final = "board"
"""The key of the board, on which the office and its leaders see how far every unit is."""

BESIDE_THE_NUMBERS: Final = (
    "results",
    "layout",
    "provision",
    "snapshot",
    "access",
    "closing",
    "paper",
    "links",
    "told",
    "made",
    "publication",
    "lease_broken",
)
"""Kinds of ledger entries on which no number rests."""


_CLOCKS_APART: Final = timedelta(minutes=5)
"""By so much the clocks of two computers of one office may differ."""


@dataclass(frozen=True)
class Season:
    """One cycle at one moment.

    Attributes:
        now: the moment that the command goes by, in the cycle's time zone.
        actor: who runs it, for the ledger.
        dry_run: say what would be done, and change nothing.
        announce: tells people who wait what they should know.
        submissions: recorded submissions as interpreted in this run, by the number of their entry.
    """

    cycle: Cycle
    workspace: Workspace
    now: datetime
    actor: str
    progress: Progress = silent
    dry_run: bool = False
    announce: Announce = unheard
    submissions: dict[int, tuple[Submission, tuple[Problem, ...]]] = field(default_factory=dict, init=False, repr=False)
    _newest: dict[str, dict[str, Entry]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger; begun at its first use."""
        return open_ledger(self.cycle)

    def record(self, kind: str, subject: str, body: Mapping[str, Any]) -> Entry:
        """Append an entry to the ledger, after the configuration it was made under."""
        self.record_configuration()
        entry = self.ledger.append(kind, subject, body, at=self.now, actor=self.actor)
        if kind in self._newest:
            self._newest[kind][subject] = entry
        return entry

    def latest(self, kind: str) -> Mapping[str, Entry]:
        """Return the newest entry of a kind for each subject, read from the ledger once."""
        if kind not in self._newest:
            self._newest[kind] = self.ledger.latest(kind)
        return self._newest[kind]

    def record_configuration(self) -> None:
        """Record the cycle's three files if they have changed since they were last recorded."""
        if not self._configuration_is_recorded:
            configuration = {
                "id": self.cycle.id,
                "digest": self.cycle.configuration_digest,
                "files": dict(self.cycle.configuration),
            }
            self.ledger.append("configuration", "-", configuration, at=self.now, actor=self.actor)
            self.__dict__["_configuration_is_recorded"] = True

    @cached_property
    def _configuration_is_recorded(self) -> bool:
        last = self.ledger.last("configuration", "-")
        return last is not None and last.body["digest"] == self.cycle.configuration_digest

    def close(self) -> None:
        """Let go of the ledger's file, if it was used."""
        if "ledger" in self.__dict__:
            self.ledger.close()

    def basis(self) -> tuple[int, str]:
        """Return number and digest of the newest entry of the ledger on which numbers rest."""
        return self.ledger.head(without=BESIDE_THE_NUMBERS)

    @cached_property
    def present(self) -> Mapping[str, Presence]:
        """Every workbook that exists, by key, as seen when it was first asked for; see `look_again`."""
        return self.workspace.present()

    def look_again(self) -> Mapping[str, Presence]:
        """See anew which workbooks exist and in which version."""
        self.__dict__.pop("present", None)
        return self.present

    def compare_clock(self) -> None:
        """Say so if what was recorded last lies ahead of us: deadlines are judged by this clock."""
        newest = self.ledger.newest()
        if newest is not None and newest.at - self.now > _CLOCKS_APART:
            self.announce(
                text(
                    "the clock of this computer says {now}, but the ledger was last written to at {then}: "
                    "set the clock right, for it decides what is due",
                    now=self.now,
                    then=newest.at.astimezone(self.now.tzinfo),
                )
            )

    def announce_wait(self, *, reads: int = 0, writes: int = 0, others: int = 0) -> None:
        """Say how long so many requests take, if it is long enough to get a coffee."""
        minutes = self.workspace.time_needed(reads=reads, writes=writes, others=others).total_seconds() / 60
        if minutes >= 1:
            self.announce(text("this takes about {minutes} minutes; Google limits the pace", minutes=ceil(minutes)))

    def is_collected(self, unit: Unit) -> bool:
        """Tell whether the unit's submission is recorded for the deadline it has now, and that has passed."""
        entry = self.latest("submission").get(unit.code)
        return entry is not None and self.now >= self.deadline(unit) and entry.at >= self.deadline(unit)

    @cached_property
    def submission_sheets(self) -> tuple[Sheet, ...]:
        """The sheets of a unit's workbook, laid out once for all units."""
        return submission_sheets(self.cycle.criteria)

    @cached_property
    def submission_digest(self) -> bytes:
        """The digest of these sheets."""
        return sheets_digest(self.submission_sheets)

    def deadline(self, unit: Unit) -> datetime:
        """Return a unit's deadline of the self-assessment: the calendar's, or later by its extension."""
        general = self.cycle.settings.calendar.self_assessment
        extension = self.latest("extension").get(unit.code)
        return max(general, datetime.fromisoformat(extension.body["until"])) if extension else general


def unit_key(unit: Unit) -> str:
    """Return the key of a unit's workbook."""
    return f"units/{unit.code}"


def open_season(
    folder: Path,
    *,
    now: str | None,
    actor: str,
    progress: Progress = silent,
    announce: Announce = unheard,
    dry_run: bool = False,
) -> Season:
    """Load the cycle in `folder` and open what belongs to it.

    Raises:
        ConfigurationError: if its files have mistakes.
        CchcError: if the workspace cannot be reached.
    """
    cycle = load_cycle(folder)
    moment = cycle.moment(now) if now else datetime.now(cycle.settings.zone)
    workspace = open_workspace(cycle, announce)
    season = Season(cycle, workspace, moment.astimezone(cycle.settings.zone), actor, progress, dry_run, announce)
    try:
        _refuse_forsaken_file(season)
        _refuse_other_id(season)
    except CchcError:
        season.close()
        raise
    return season


def _refuse_other_id(season: Season) -> None:
    """Every stamp and every entry carries the cycle's id: it cannot change once anything was recorded."""
    last = season.ledger.last("configuration", "-")
    if last is not None and last.body["id"] != season.cycle.id:
        raise CchcError(
            text(
                "the id in cycle.yaml is {now}, but the ledger belongs to {was}",
                now=season.cycle.id,
                was=last.body["id"],
            ),
            where="cycle.yaml",
            fix=text("write `id: {was}` again", was=last.body["id"])
            if not season.cycle.settings.ledger
            else text("write `id: {was}` again, or name a database for this cycle alone", was=last.body["id"]),
            code="cycle_id",
        )


def _refuse_forsaken_file(season: Season) -> None:
    """A ledger that was begun in the folder must not be forsaken for an empty database: its numbers would be gone."""
    file = season.cycle.ledger_file
    if not season.cycle.settings.ledger or not file.exists() or season.ledger.head()[0]:
        return
    with closing(Ledger.at(file)) as begun:
        count = begun.head()[0]
    if count:
        raise CchcError(
            text(
                "the ledger of this cycle was begun in ledger.db ({count} entries); the database is empty", count=count
            ),
            where=str(file),
            fix=text("take `ledger:` out of cycle.yaml again; a cycle keeps the ledger it was begun with"),
            code="ledger_begun",
        )


def open_ledger(cycle: Cycle) -> Ledger:
    """Return the cycle's ledger: the database that its settings name, or the file in its folder."""
    return Ledger(cycle.settings.ledger) if cycle.settings.ledger else Ledger.at(cycle.ledger_file)


def open_workspace(cycle: Cycle, announce: Announce = unheard) -> Workspace:
    """Return the cycle's workspace; its kind was chosen at `init`, and nothing but cycle.yaml changes it."""
    if cycle.settings.workspace == "local":
        from cchc_sheets.workspace.local import LocalWorkspace

        return LocalWorkspace(cycle.workspace_folder)
    from cchc_sheets.stages.connection import google_workspace

    return google_workspace(cycle, announce)
