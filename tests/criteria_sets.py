"""A small language for criteria sets, and builders of the sheets that people hand back.

    criteria_set('''
        1
            1.1  2  levels 0 1 2  kps=exclude
            1.2  3  ratio floor=0.8 full_at=0.98
        2  by=tu-phap
            2.1  5  survey
    ''', "T.1 penalty 0.25 cap=2 on=1.1 below_zero")

A line is a code, the maximum and the method with its parameters; a line without a maximum is a branch, worth what its
parts are worth. Bands are `from:points`, or `>above:points`; they divide by a denominator unless the line says `alone`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from cchc_sheets.assessment.adjustments import ADJUSTMENTS
from cchc_sheets.assessment.appraisal import sheet_key, shown_self_score
from cchc_sheets.assessment.criteria import Adjustment, CriteriaSet, Criterion, NotOccurred
from cchc_sheets.assessment.scoring import (
    Band,
    Bands,
    Count,
    Imported,
    Level,
    Levels,
    Points,
    Ratio,
    Rule,
    Survey,
)
from cchc_sheets.assessment.submission import REPORT_ROWS, SELF_ASSESSMENT, SELF_REPORT, SelfScore
from cchc_sheets.assessment.units import Unit
from cchc_sheets.reading import Cell, Raw, RowReading, SheetReading, WorkbookReading

CYCLE = "ky-2023"
OFFICE = "noi-vu"
A = Unit("a", "Xã A", "commune")
B = Unit("b", "Phường B", "ward")

D = Decimal
F = Fraction
Typed = Raw | Cell


@dataclass
class _Line:
    depth: int
    words: list[str]
    settings: dict[str, str]
    parts: list[_Line] = field(default_factory=list)


def criteria_set(text: str, *adjustments: str, total: str | None = None, survey: str | None = None) -> CriteriaSet:
    """Build a criteria set; its totals are what its fields add up to, unless stated."""
    fields = tuple(_criterion(line, OFFICE) for line in _tree(text))
    leaves = [leaf for branch in fields for leaf in branch.leaves]
    surveyed = sum((leaf.max_points for leaf in leaves if leaf.is_surveyed), D(0))
    return CriteriaSet(
        "Bộ tiêu chí",
        D(total) if total else sum((branch.max_points for branch in fields), D(0)),
        D(survey) if survey else surveyed,
        fields,
        tuple(map(adjustment, adjustments)),
    )


def criterion(line: str) -> Criterion:
    """Build one criterion from its line."""
    return _criterion(next(iter(_tree(line))), OFFICE)


def adjustment(line: str) -> Adjustment:
    """Build one item: `T.1 penalty 0.25 cap=2 on=1.1 below_zero`."""
    code, kind, per_item, *rest = line.split()
    settings = _settings(rest)
    return Adjustment(
        code,
        f"Mục {code}",
        cast("Literal['bonus', 'penalty']", kind),
        D(per_item),
        D(settings.get("cap", per_item)),
        OFFICE,
        criterion=settings.get("on", ""),
        below_zero="below_zero" in rest,
    )


def _tree(text: str) -> list[_Line]:
    top = _Line(-1, [], {})
    open_lines = [top]
    for written in filter(str.strip, text.splitlines()):
        words = written.split()
        line = _Line(len(written) - len(written.lstrip()), [w for w in words if "=" not in w], _settings(words))
        while open_lines[-1].depth >= line.depth:
            open_lines.pop()
        open_lines[-1].parts.append(line)
        open_lines.append(line)
    return top.parts


def _settings(words: Iterable[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word)


def _criterion(line: _Line, department: str) -> Criterion:
    code, *rest = line.words
    owner = line.settings.get("by", department)
    parts = tuple(_criterion(part, owner) for part in line.parts)
    return Criterion(
        code,
        f"Tiêu chí {code}",
        D(rest[0]) if rest else sum((part.max_points for part in parts), D(0)),
        "" if owner == "nobody" else owner,
        rule(" ".join(rest[1:]), line.settings) if rest[1:] else None,
        cast("NotOccurred | None", line.settings.get("kps")),
        parts=parts,
    )


def rule(line: str, settings: Mapping[str, str] | None = None) -> Rule:
    """Build one scoring rule: `levels 0 1 2`, `bands 0:0 >0.9:1`, `ratio floor=0.8`, `count 0.5`, `points 0.25`."""
    method, *words = [word for word in line.split() if "=" not in word]
    settings = settings if settings is not None else _settings(line.split())
    match method:
        case "levels":
            return Levels(tuple(Level(D(points), f"Mức {points}") for points in words))
        case "bands":
            bands = tuple(_band(word) for word in words if word != "alone")
            return Bands(bands, "số đạt", "" if "alone" in words else "tổng số")
        case "ratio":
            return Ratio("số đạt", "tổng số", D(settings.get("floor", "0")), D(settings.get("full_at", "1")))
        case "count":
            return Count("việc", D(words[0]))
        case "points":
            return Points(D(words[0]))
        case "survey":
            return Survey()
        case "imported":
            return Imported()
    raise ValueError(line)


def _band(word: str) -> Band:
    lower, _, points = word.partition(":")
    return Band(D(lower.removeprefix(">")), D(points), exclusive=lower.startswith(">"))


def cell(value: Typed) -> Cell:
    """Return what somebody typed as a cell."""
    return value if isinstance(value, Cell) else Cell(value)


def row(key: str, number: int, **cells: Typed) -> RowReading:
    """Build a row; a column that is not named holds nothing."""
    return RowReading(key, number, {column: cell(value) for column, value in cells.items()})


def sheet(
    key: str, columns: Iterable[str], rows: Iterable[RowReading], *, unit: str = "-", cycle: str = CYCLE
) -> SheetReading:
    """Build a sheet whose columns are lettered from B on, the hidden keys being in A."""
    letters = {column: chr(ord("B") + place) for place, column in enumerate(columns)}
    return SheetReading(key, key.replace("_", " ").title(), cycle, unit, letters, tuple(rows))


def workbook(*sheets: SheetReading, strays: tuple[str, ...] = ()) -> WorkbookReading:
    """Build a workbook's reading."""
    return WorkbookReading("v1", datetime(2023, 12, 10, 9, 0, tzinfo=UTC), sheets, strays)


ASSESSMENT_COLUMNS = (
    "code",
    "title",
    "max_points",
    "guidance",
    "numerator",
    "denominator",
    "not_occurred",
    "self_score",
    "evidence",
    "note",
)


def assessment_rows(criteria: CriteriaSet, typed: Mapping[str, Mapping[str, Typed]]) -> list[RowReading]:
    """Build the rows of the self-assessment, from line 5 on, with what the unit typed."""
    return [
        row(c.code, number, **{"code": c.code, "title": c.title, **typed.get(c.code, {})})
        for number, c in enumerate(criteria.by_code.values(), start=5)
    ]


def self_assessment(
    criteria: CriteriaSet, typed: Mapping[str, Mapping[str, Typed]], *, unit: str = "a", cycle: str = CYCLE
) -> SheetReading:
    """Build a unit's self-assessment sheet."""
    return sheet(SELF_ASSESSMENT, ASSESSMENT_COLUMNS, assessment_rows(criteria, typed), unit=unit, cycle=cycle)


def self_report(**values: Typed) -> SheetReading:
    """Build the self-report sheet of unit `a`."""
    rows = [row(key, number, **({"value": values[key]} if key in values else {})) for number, key in _REPORT_LINES]
    return sheet(SELF_REPORT, ("title", "value"), rows, unit=A.code)


_REPORT_LINES = tuple(enumerate(REPORT_ROWS, start=3))


def handed_in(criteria: CriteriaSet, typed: Mapping[str, Mapping[str, Typed]], **report: Typed) -> WorkbookReading:
    """Build the workbook of unit `a`."""
    return workbook(self_assessment(criteria, typed), self_report(**report))


REVIEW_COLUMNS = (
    "unit",
    "code",
    "title",
    "max_points",
    "self_score",
    "rule_score",
    "evidence",
    "note",
    "checks",
    "verdict",
    "appraised_points",
    "remark",
)


def review_sheet(
    criteria: CriteriaSet,
    typed: Mapping[tuple[str, str], Mapping[str, Typed]],
    *,
    scores: Mapping[tuple[str, str], SelfScore] | None = None,
    units: Iterable[Unit] = (A, B),
    department: str = OFFICE,
) -> SheetReading:
    """Build a department's sheet, the self-scores shown as the tool shows them."""
    places = [(leaf, unit) for leaf in criteria.self_scored if leaf.department == department for unit in units]
    rows = []
    for number, (leaf, unit) in enumerate(places, start=5):
        shown = shown_self_score((scores or {}).get((unit.code, leaf.code), SelfScore()))
        cells: dict[str, Typed] = {"unit": unit.name, "code": leaf.code, **({"self_score": shown} if shown else {})}
        rows.append(row(f"{unit.code}/{leaf.code}", number, **(cells | dict(typed.get((unit.code, leaf.code), {})))))
    return sheet(sheet_key(department), REVIEW_COLUMNS, rows)


def adjustments_sheet(
    criteria: CriteriaSet,
    typed: Mapping[tuple[str, str], Mapping[str, Typed]],
    *,
    units: Iterable[Unit] = (A, B),
) -> SheetReading:
    """Build the sheet of bonuses and penalties."""
    places = [(item, unit) for item in criteria.adjustments for unit in units]
    rows = [
        row(
            f"{unit.code}/{item.code}",
            number,
            **{"unit": unit.name, "code": item.code, **typed.get((unit.code, item.code), {})},
        )
        for number, (item, unit) in enumerate(places, start=5)
    ]
    return sheet(ADJUSTMENTS, ("unit", "code", "title", "count", "points", "remark"), rows)


def with_rows(found: SheetReading, rows: Iterable[RowReading]) -> SheetReading:
    """Return the sheet with other rows."""
    return replace(found, rows=tuple(rows))
