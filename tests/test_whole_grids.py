"""Accidents by the thousand: what a sheet says after them is read, and repaired, without moving or losing a number.

The sheets are those that the commands made; after the accidents they go through the very readers and the very repair
that both workspaces use. Every cell that is open to people holds a number that stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from generated_seasons import ADJUST
from grid_table import GridTable
from hypothesis import given
from hypothesis import strategies as st
from played_cycles import write_cycle, write_units
from rough_cycle import LEAVES, SAME_TITLES, Owner, accidents, rough_criteria, rough_season
from sheet_accidents import Accident
from whole_bounds import TALLY, bounded

from cchc_sheets.assessment.adjustments import parse_adjustments
from cchc_sheets.assessment.appraisal import parse_appraisal
from cchc_sheets.assessment.submission import Submission, parse_submission
from cchc_sheets.cycle.folder import Cycle
from cchc_sheets.errors import Problem, WorkbookUnreadable
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.reading import Cell, WorkbookReading
from cchc_sheets.stages.appraise import appraise, review_workbook
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.provision import provision, submission_workbook
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.season import Season, open_season
from cchc_sheets.workspace.found import FoundSheet, reading_of
from cchc_sheets.workspace.repairing import plan_repair, refuse_ambiguities
from cchc_sheets.workspace.xlsx_reading import found_in

UNIT, REVIEW = "self_assessment", "appraisal"
KEYS = ("units/u2", REVIEW)
NOW = datetime(2023, 12, 12, tzinfo=UTC)
NUMBERS = {"self_score", "numerator", "denominator", "appraised_points", "points"}
WORDS = {"evidence", "note", "remark"}
LEFT_BLANK = {"not_occurred", "count"}
"""What would stand beside a number and say something else."""


@dataclass(frozen=True)
class Made:
    """The workbooks that the commands made, and how they are described now: as then, or with changed names."""

    sheets: Mapping[str, tuple[FoundSheet, ...]]
    cycles: Mapping[bool, Cycle]
    specs: Mapping[tuple[str, bool], Workbook]
    submissions: Mapping[str, Submission]


class Cycles:
    """Two cycles with their workbooks: one whose criteria differ by title, one in which some share theirs."""

    def __init__(self, folder: Path) -> None:
        self._made = [_made(folder / str(same), same_titles=same) for same in (False, True)]

    def of(self, *, same_titles: bool) -> Made:
        return self._made[same_titles]


@pytest.fixture(scope="module")
def cycles(tmp_path_factory: pytest.TempPathFactory) -> Cycles:
    return Cycles(tmp_path_factory.mktemp("grids"))


def _made(folder: Path, *, same_titles: bool) -> Made:
    """Have the units claim something, and look at their workbooks and at the review workbook."""
    rough = rough_season()
    titles = dict.fromkeys(SAME_TITLES, "Kế hoạch năm") if same_titles else {}
    write_cycle(rough, folder)
    (folder / "criteria.yaml").write_text(rough_criteria(rough, titles), encoding="utf-8")
    claims = {UNIT: {leaf.code: {"self_score": Decimal(place)} for place, leaf in enumerate(LEAVES, start=1)}}
    with _opened(folder, "2023-12-01T08:00") as season:
        provision(season)
        for unit in rough.units:
            season.workspace.type_in(f"units/{unit.code}", claims)
    with _opened(folder) as season:
        collect(season)
        appraise(season)
    sheets = {key: found_in((folder / "workspace" / f"{key}.xlsx").read_bytes(), key).sheets for key in KEYS}
    cycles, specs = {}, {}
    for renamed in (False, True):
        if renamed:
            rough.units[1] = replace(rough.units[1], name="Phường Hai")
            write_units(rough, folder)
            new = rough_criteria(rough, titles | {"1.10": "Việc khác"})
            (folder / "criteria.yaml").write_text(new, encoding="utf-8")
        with _opened(folder) as season:
            cycles[renamed], known = season.cycle, known_so_far(season)
            specs[REVIEW, renamed] = review_workbook(season, known)
            specs["units/u2", renamed] = submission_workbook(season, season.cycle.unit("u2"))
    return Made(sheets, cycles, specs, known.record.submissions)


@contextmanager
def _opened(folder: Path, now: str = "2023-12-12T08:00") -> Iterator[Season]:
    season = open_season(folder, now=now, actor="van-thu")
    try:
        yield season
    finally:
        season.close()


class Typed:
    """A workbook in which every open cell holds something that stands nowhere else in the world."""

    def __init__(self, made: Made, key: str) -> None:
        self.table = GridTable(made.sheets[key])
        self.owners: dict[str, Owner] = {}
        inputs = {sheet.key: {row.key: row.inputs for row in sheet.rows} for sheet in made.specs[key, False].sheets}
        for grid in self.table.grids:
            stamp = grid.lines[0][0][0]
            self._fill(grid.lines, inputs.get(stamp.text.split()[1], {}) if stamp else {})
        assert len(self.owners) == (5 * 3 + 3 if key != REVIEW else 3 * (2 * 5 + 2 * 2)), len(self.owners)

    def _fill(self, lines: list[list[Any]], inputs: Mapping[str, Collection[str]]) -> None:
        columns = [cell.text if (cell := spot[0]) else "" for spot in lines[0]]
        for line in lines[1:]:
            key = line[0][0].text if line[0][0] else ""
            for place, column in enumerate(columns):
                if column in inputs.get(key, ()) and column not in LEFT_BLANK:
                    line[place] = (self._entry(key, column), True)

    def _entry(self, row: str, column: str) -> Cell:
        unit, _, code = row.rpartition("/")
        if column == "verdict":
            return Cell(ADJUST)
        word = str(1001 + len(self.owners))
        if column not in NUMBERS | WORDS:
            return Cell("lời")
        self.owners[word] = (unit, code, column)
        return Cell(Decimal(word)) if column in NUMBERS else Cell(f"BC {word}")

    def owner(self, value: object) -> Owner | None:
        """Return whose this is, by its last word."""
        return self.owners.get(str(value).rsplit(" ", maxsplit=1)[-1])

    def left(self) -> dict[Owner, str]:
        """Return what still stands anywhere, by its owner."""
        cells = (spot[0] for grid in self.table.grids for line in grid.lines for spot in line if spot[0])
        words = (cell.text.rsplit(" ", maxsplit=1)[-1] for cell in cells)
        return {self.owners[word]: word for word in words if word in self.owners}


@bounded(150, full=5000)
@given(
    key=st.sampled_from(["units/u2", "appraisal"]),
    happened=st.lists(accidents, min_size=1, max_size=5),
    same_titles=st.booleans(),
    renamed=st.booleans(),
)
def test_no_accident_moves_a_number_or_loses_one_unsaid(
    cycles: Cycles, key: str, happened: list[Accident], same_titles: bool, renamed: bool
) -> None:
    made = cycles.of(same_titles=same_titles)
    typed = Typed(made, key)
    for accident in happened:
        accident.happen(typed.table)
    TALLY["sheets after accidents"] += 1
    TALLY["accidents in memory"] += len(happened)
    found = typed.table.found()
    reading = reading_of(found, "v", NOW)
    counted, problems = counts(made, key, reading, made.cycles[renamed])
    for place, value in counted.items():
        assert typed.owner(value) == place, (value, place, typed.owner(value))
    for place in typed.left().keys() - counted.keys():
        if place[2] not in NUMBERS or (key == REVIEW and reading.sheet(SHEETS[place[1]]) is None):
            continue  # a remark alone is no finding; of sheets `appraise` tells, which knows those that were laid out
        row = "/".join(filter(None, place[:2]))
        assert any(p.row in {row, None} or p.code in UNKNOWN_ROWS for p in problems), (place, problems)
    repaired_well(typed, made.specs[key, renamed], found, same_spec=not renamed)


SHEETS = {leaf.code: f"appraisal:{leaf.department}" for leaf in LEAVES} | {"C.1": "adjustments", "T.1": "adjustments"}
UNKNOWN_ROWS = {"row_unknown"}
"""A row that lost its key is told with its number."""


def counts(
    made: Made, key: str, reading: WorkbookReading, cycle: Cycle
) -> tuple[dict[Owner, object], tuple[Problem, ...]]:
    """Return everything that counts, by where it counts."""
    of: dict[str, Any] = {"cycle": cycle.id, "criteria": cycle.criteria}
    found: dict[Owner, object] = {}
    if key != REVIEW:
        submission, problems = parse_submission(reading, unit="u2", **of)
        for code, score in submission.scores.items():
            found["", code, "self_score"] = score.points
            found["", code, "numerator"] = score.declared.numerator
            found["", code, "denominator"] = score.declared.denominator
            found["", code, "evidence"], found["", code, "note"] = score.evidence.text, score.note
    else:
        of["units"] = cycle.units
        appraisal = parse_appraisal(reading, submissions=made.submissions, rechecks={}, **of)
        adjustments, wrong = parse_adjustments(reading, **of)
        problems = (*appraisal.problems, *wrong)
        for (unit, code), finding in appraisal.findings.items():
            found[unit, code, "appraised_points"], found[unit, code, "remark"] = finding.points, finding.remark
        for (unit, code), entry in adjustments.entries.items():
            found[unit, code, "points"], found[unit, code, "remark"] = entry.points, entry.remark
    return {place: value for place, value in found.items() if value not in {None, ""}}, problems


def repaired_well(typed: Typed, spec: Workbook, found: tuple[FoundSheet, ...], *, same_spec: bool) -> None:
    """A repair is refused, or brings everything to its place and tells of the rest."""
    reading = reading_of(found, "v", NOW)
    try:
        refuse_ambiguities(spec, reading, "here")
    except WorkbookUnreadable:
        return
    TALLY["repairs"] += 1
    repair = plan_repair(spec, reading, found, same_spec=same_spec)
    carried = set()
    for (_, row, column), cell in repair.carried.items():
        owner = typed.owner(cell.text)
        unit, _, code = row.rpartition("/")
        if cell.text and column in NUMBERS | WORDS:
            assert owner == (unit, code, column), (cell, row, column, owner)
            carried.add(owner)
    told = {typed.owner(lost.text) for lost in repair.unplaced}
    assert typed.left().keys() <= carried | told, typed.left().keys() - carried - told
