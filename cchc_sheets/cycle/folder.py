"""The cycle folder as a whole: where its files lie, loaded together so that all mistakes are told at once."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.ranking import Policies
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.criteria_file import load_criteria
from cchc_sheets.cycle.previous_block import check_previous
from cchc_sheets.cycle.settings import Settings, check_against_criteria, load_settings
from cchc_sheets.cycle.survey_block import check_against_units
from cchc_sheets.cycle.units_file import load_units
from cchc_sheets.cycle.yaml_document import read_yaml, settings_text
from cchc_sheets.errors import CchcError, ConfigurationError, Problem
from cchc_sheets.messages import Text, text

SETTINGS, CRITERIA, UNITS = "cycle.yaml", "criteria.yaml", "units.csv"
_FEW: Final = 5
_MANY: Final = 20


@dataclass(frozen=True)
class Cycle:
    """One cycle (kỳ đánh giá): a folder, one year, one criteria set."""

    folder: Path
    settings: Settings
    criteria: CriteriaSet
    units: tuple[Unit, ...]
    configuration: Mapping[str, str]
    """The text of the three files as they were read, for the ledger."""

    @property
    def id(self) -> str:
        """The id that every stamp carries."""
        return self.settings.id

    @cached_property
    def policies(self) -> Policies:
        """The policies in force."""
        return self.settings.ranking_policies()

    @property
    def workspace_folder(self) -> Path:
        """Where local workbooks lie."""
        return self.folder / "workspace"

    @property
    def output_folder(self) -> Path:
        """Where the papers are written."""
        return self.folder / "output"

    @property
    def ledger_file(self) -> Path:
        """The SQLite ledger, unless the settings name a database."""
        return self.folder / "ledger.db"

    @property
    def office_templates(self) -> Path:
        """The office's own Word templates, if it has any."""
        return self.folder / "templates"

    @cached_property
    def configuration_digest(self) -> str:
        """A digest of the three files."""
        joined = "\0".join(f"{name}\0{content}" for name, content in sorted(self.configuration.items()))
        return hashlib.sha256(joined.encode()).hexdigest()

    def unit(self, name: str) -> Unit:
        """Return the unit with this code or name; tone marks and capitals do not matter.

        Raises:
            CchcError: if no unit, or more than one, is meant.
        """
        exact = [unit for unit in self.units if unit.code == name]
        if exact:
            return exact[0]
        key = vietnamese.without_marks(name)
        whole = [u for u in self.units if key in {vietnamese.without_marks(u.name), u.code.casefold()}]
        meant = whole or [u for u in self.units if key and key in vietnamese.without_marks(u.name)]
        if len(meant) == 1:
            return meant[0]
        what = (
            text("«{name}» means several units", name=name) if meant else text("there is no unit «{name}»", name=name)
        )
        raise CchcError(what, where=UNITS, fix=self._units_near(key, meant), code="unit_unknown")

    def _units_near(self, key: str, meant: Sequence[Unit]) -> Text:
        """Say which unit may have been meant; a whole province is no help."""
        names = {vietnamese.without_marks(word): unit for unit in self.units for word in (unit.name, unit.code)}
        near = meant or list(dict.fromkeys(names[one] for one in difflib.get_close_matches(key, names, _FEW)))
        if not near and len(self.units) > _MANY:
            return text("write a code or a name as in {file}", file=UNITS)
        shown = [f"{unit.code} ({unit.name})" for unit in (near or self.units)[:_MANY]]
        if near and not meant:
            return text("did you mean {units}? all units stand in {file}", units=shown, file=UNITS)
        return text("choose one of: {units}", units=shown)

    def moment(self, written: str) -> datetime:
        """Read a moment in the cycle's time zone (see `vietnamese.read_moment`).

        Raises:
            CchcError: if it is none.
        """
        try:
            read = vietnamese.read_moment(written)
        except ValueError:
            raise CchcError(
                text("«{written}» is not a date", written=written),
                fix=text("write e.g. 2023-12-10T17:00"),
                code="date",
            ) from None
        return read if read.tzinfo else read.replace(tzinfo=self.settings.zone)


def load_cycle(folder: Path) -> Cycle:
    """Read the cycle in `folder`.

    Raises:
        ConfigurationError: carrying every mistake of all files.
    """
    settings_file, criteria_file = read_yaml(folder / SETTINGS), read_yaml(folder / CRITERIA)
    if not (folder / SETTINGS).exists() and not (folder / CRITERIA).exists():
        raise ConfigurationError(
            text("there is no cycle in this folder"),
            where=str(folder),
            fix=text("go into the cycle's folder, name it with --cycle, or make one with `init`"),
        )
    settings = load_settings(settings_file)
    departments = {department.id for department in settings.departments} if settings else None
    criteria = load_criteria(criteria_file, departments)
    units, unit_problems = load_units(folder / UNITS)
    if settings and criteria:
        check_against_criteria(settings_file, settings, criteria)
        if settings.previous and not unit_problems:
            codes = [unit.code for unit in units]
            check_previous(settings_file, settings.previous, codes, criteria.by_code)
    if criteria and criteria.survey_plan:
        check_against_units(criteria_file, criteria.survey_plan, units)
    problems: list[Problem] = [*settings_file.problems, *criteria_file.problems, *unit_problems]
    if settings is None or criteria is None or problems:
        raise ConfigurationError(
            text("the cycle's files have {count} mistakes", count=len(problems)),
            where=str(folder),
            fix=text("mend them, then run `check`"),
            problems=problems,
        )
    texts = {name: settings_text(folder / name) for name in (SETTINGS, CRITERIA, UNITS)}
    return Cycle(folder, settings, criteria, units, texts)
