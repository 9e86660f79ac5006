"""What every stage works with: the cycle, its workspace, its ledger, and the moment it is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.errors import CchcError
from cchc_sheets.layouts.self_assessment import submission_sheets
from cchc_sheets.layouts.workbook import Sheet
from cchc_sheets.ledger import Entry, Ledger
from cchc_sheets.messages import text
from cchc_sheets.outcome import Progress, silent
from cchc_sheets.workspace.port import Workspace

APPRAISAL: Final = "appraisal"
"""The key of the review workbook."""


@dataclass(frozen=True)
class Season:
    """One cycle at one moment.

    Attributes:
        now: the moment that the command goes by, in the cycle's time zone.
        actor: who runs it, for the ledger.
        dry_run: say what would be done, and change nothing.
    """

    cycle: Cycle
    workspace: Workspace
    now: datetime
    actor: str
    progress: Progress = silent
    dry_run: bool = False

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger; begun at its first use."""
        return Ledger.at(self.cycle.ledger_file)

    def record(self, kind: str, subject: str, body: Mapping[str, Any]) -> Entry:
        """Append an entry to the ledger, after the configuration it was made under."""
        self.record_configuration()
        return self.ledger.append(kind, subject, body, at=self.now, actor=self.actor)

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

    @cached_property
    def extensions(self) -> Mapping[str, Entry]:
        """The newest extension of each unit that has one."""
        return self.ledger.latest("extension")

    @cached_property
    def submission_sheets(self) -> tuple[Sheet, ...]:
        """The sheets of a unit's workbook, laid out once for all units."""
        return submission_sheets(self.cycle.criteria)

    def deadline(self, unit: Unit) -> datetime:
        """Return a unit's deadline of the self-assessment: the calendar's, or later by its extension."""
        general = self.cycle.settings.calendar.self_assessment
        if unit.code not in self.extensions:
            return general
        return max(general, datetime.fromisoformat(self.extensions[unit.code].body["until"]))


def unit_key(unit: Unit) -> str:
    """Return the key of a unit's workbook."""
    return f"units/{unit.code}"


def open_season(
    folder: Path, *, now: str | None, actor: str, progress: Progress = silent, dry_run: bool = False
) -> Season:
    """Load the cycle in `folder` and open what belongs to it.

    Raises:
        ConfigurationError: if its files have mistakes.
    """
    cycle = load_cycle(folder)
    moment = cycle.moment(now) if now else datetime.now(cycle.settings.zone)
    season = Season(cycle, open_workspace(cycle), moment.astimezone(cycle.settings.zone), actor, progress, dry_run)
    _refuse_other_id(season)
    return season


def _refuse_other_id(season: Season) -> None:
    """Every stamp and every entry carries the cycle's id: it cannot change once anything was recorded."""
    last = season.ledger.last("configuration", "-")
    if last is not None and last.body["id"] != season.cycle.id:
        season.close()
        raise CchcError(
            text(
                "the id in cycle.yaml is {now}, but the ledger belongs to {was}",
                now=season.cycle.id,
                was=last.body["id"],
            ),
            where="cycle.yaml",
            fix=text("write `id: {was}` again", was=last.body["id"]),
            code="cycle_id",
        )


def open_workspace(cycle: Cycle) -> Workspace:
    """Return the cycle's workspace; its kind was chosen at `init`, and nothing but cycle.yaml changes it."""
    if cycle.settings.workspace == "local":
        from cchc_sheets.workspace.local import LocalWorkspace

        return LocalWorkspace(cycle.workspace_folder)
    raise CchcError(
        text("this version works on local workbooks only, not on {kind}", kind=cycle.settings.workspace),
        where="cycle.yaml",
        fix=text("write `workspace: local`"),
        code="workspace_unknown",
    )
