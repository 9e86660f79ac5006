"""What the appraisers find (kết quả thẩm định): for each criterion of each unit a verdict, points and a remark."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.internal_notes import report_unseen, without_internal_notes
from cchc_sheets.assessment.sheet_reader import SheetReader, find_sheet
from cchc_sheets.assessment.submission import SelfScore, Submission, points_objection
from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem
from cchc_sheets.messages import text
from cchc_sheets.reading import RowReading, WorkbookReading

AGREE: Final = "Đồng ý"
ADJUST: Final = "Điều chỉnh"
WRITTEN: Final = ("verdict", "appraised_points", "remark")
NOT_OCCURRED_SHOWN: Final = "KPS"

Place = tuple[str, str]
"""A unit's code and a criterion's code."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One department's finding on one criterion of one unit.

    Attributes:
        points: the points that stand; None where the department agrees that the criterion is left out.
        is_agreed: it agreed with the self-score, rather than adjusting it.
        remark: without internal notes; these stay in the cell (see `internal_notes`).
    """

    points: Decimal | None
    is_agreed: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the three cells of an appraiser, as typed, beside the self-score that was shown there."""

    verdict: str
    points: str
    remark: str
    self_score: str


@dataclass(frozen=True)
class Appraisal:
    """Everything read from the review workbook.

    Attributes:
        findings: only those that count; a finding with an error in it is not one.
        entries: whatever appraisers typed, counted or not.
    """

    findings: Mapping[Place, Finding]
    entries: Mapping[Place, Entry]
    problems: tuple[Problem, ...]


def sheet_key(department: str) -> str:
    """Return the key of a department's sheet in the review workbook."""
    return f"appraisal:{department}"


def row_key(unit: str, criterion: str) -> str:
    """Return the key of the row of a unit's criterion."""
    return f"{unit}/{criterion}"


def shown_self_score(score: SelfScore) -> str:
    """Return what the review sheet shows as self-score: points, `KPS` for "không phát sinh", or nothing."""
    if score.not_occurred:
        return NOT_OCCURRED_SHOWN
    return "" if score.points is None else vietnamese.number(score.points)


def rule_points(score: SelfScore, criterion: Criterion) -> Fraction | None:
    """Return what the criterion's own rule gives for the declared figures, exactly; None where it cannot tell."""
    if criterion.rule is None or score.not_occurred:
        return None
    return criterion.rule.rule_score(score.declared, criterion.max_points)


def rule_difference(score: SelfScore, criterion: Criterion, decimals: int) -> Decimal | None:
    """Return self-score − rule score at the published precision; None where there is no rule score or no points."""
    rule = rule_points(score, criterion)
    if rule is None or score.points is None:
        return None
    return score.points - rounded(rule, decimals)


def parse_appraisal(
    reading: WorkbookReading,
    *,
    cycle: str,
    units: Sequence[Unit],
    criteria: CriteriaSet,
    submissions: Mapping[str, Submission],
    rechecks: Mapping[Place, Entry],
) -> Appraisal:
    """Interpret the departments' sheets.

    Args:
        rechecks: entries typed before the unit's self-score changed; unless something in them has been retyped
            since, they no longer count.
    """
    parser = _Parser(criteria, submissions, rechecks)
    for department in departments_of(criteria):
        parser.read_department(reading, department, cycle, units)
    return Appraisal(parser.findings, parser.entries, tuple(parser.problems))


def departments_of(criteria: CriteriaSet) -> tuple[str, ...]:
    """Return the departments that appraise anything, in the order of the set."""
    return tuple(dict.fromkeys(leaf.department for leaf in criteria.self_scored))


def criteria_of(criteria: CriteriaSet, department: str) -> Iterator[Criterion]:
    """Yield the criteria that a department appraises."""
    return (leaf for leaf in criteria.self_scored if leaf.department == department)


def unappraised(
    units: Collection[Unit], criteria: CriteriaSet, findings: Mapping[Place, Finding]
) -> Iterator[tuple[Unit, Criterion]]:
    """Yield every criterion of every unit that no finding settles yet."""
    return ((unit, leaf) for leaf in criteria.self_scored for unit in units if (unit.code, leaf.code) not in findings)


class _Parser:
    """Gathers findings, entries and problems over the departments' sheets."""

    def __init__(
        self, criteria: CriteriaSet, submissions: Mapping[str, Submission], rechecks: Mapping[Place, Entry]
    ) -> None:
        self.criteria = criteria
        self.submissions = submissions
        self.rechecks = rechecks
        self.findings: dict[Place, Finding] = {}
        self.entries: dict[Place, Entry] = {}
        self.problems: list[Problem] = []

    def read_department(self, reading: WorkbookReading, department: str, cycle: str, units: Sequence[Unit]) -> None:
        leaves = list(criteria_of(self.criteria, department))
        if reading.sheet(sheet_key(department)) is None:
            return  # not laid out yet
        sheet, refusals = find_sheet(reading, sheet_key(department), cycle=cycle, unit="-", is_about=None)
        self.problems.extend(refusals)
        if sheet is None:
            return
        shown = {
            row_key(unit.code, leaf.code): {"unit": unit.name, "code": leaf.code} for leaf in leaves for unit in units
        }
        reader = SheetReader(sheet, shown, WRITTEN)
        for row in reader.rows().values():
            unit, _, code = row.key.partition("/")
            self._read_row(reader, row, (unit, code))
        self.problems.extend(reader.problems)

    def _read_row(self, reader: SheetReader, row: RowReading, place: Place) -> None:
        typed = {column: _typed(row, column) for column in (*WRITTEN, "self_score")}
        if not any(typed[column] for column in WRITTEN):
            return
        entry = Entry(typed["verdict"], typed["appraised_points"], typed["remark"], typed["self_score"])
        self.entries[place] = entry
        criterion = self.criteria.by_code[place[1]]
        score = self.submissions.get(place[0], Submission(place[0])).score(place[1])
        if self._is_outdated(reader, row, place, shown_self_score(score)):
            return
        finding = _judge(reader, row, criterion, score)
        if finding is not None:
            self.findings[place] = finding

    def _is_outdated(self, reader: SheetReader, row: RowReading, place: Place, self_score: str) -> bool:
        """A verdict on a self-score that has changed since stays in its cell but no longer counts."""
        entry = self.entries[place]
        before = self.rechecks.get(place)
        retyped = before is None or (entry.verdict, entry.points, entry.remark) != (
            before.verdict,
            before.points,
            before.remark,
        )
        if entry.self_score == self_score and retyped:
            return False
        was = before.self_score if before and not retyped else entry.self_score
        reader.report(
            "self_score_changed",
            row,
            "verdict",
            text(
                "the self-score has changed from «{was}» to «{now}» since this was written; it does not count any more",
                was=was or "–",
                now=self_score or "–",
            ),
            text("look at it again and change verdict, points or remark (a word in the remark is enough)"),
        )
        return True


def _judge(reader: SheetReader, row: RowReading, criterion: Criterion, score: SelfScore) -> Finding | None:
    """Return the finding of one row, or None if it cannot count (the reason is reported)."""
    verdict = vietnamese.comparable(_typed(row, "verdict"))
    points = read_number(row.cells.get("appraised_points"))
    if isinstance(points, Unreadable):
        reader.report(points.code, row, "appraised_points", points.what, points.fix)
        return None
    if verdict == vietnamese.comparable(AGREE):
        return _agreement(reader, row, criterion, score, points)
    if verdict == vietnamese.comparable(ADJUST):
        return _adjustment(reader, row, criterion, score, points)
    if verdict:
        reader.report(
            "choice_unknown",
            row,
            "verdict",
            text("«{typed}» is not a choice of this cell", typed=_typed(row, "verdict")[:60]),
            text("choose «{agree}» or «{adjust}»", agree=AGREE, adjust=ADJUST),
        )
    elif points is not None:
        reader.report(
            "verdict_missing",
            row,
            "verdict",
            text("points without a verdict do not count"),
            text("choose «{agree}» or «{adjust}»", agree=AGREE, adjust=ADJUST),
        )
    return None


def _agreement(
    reader: SheetReader, row: RowReading, criterion: Criterion, score: SelfScore, points: Decimal | None
) -> Finding | None:
    claimed = score.claimed(criterion)
    if not score.is_answered():
        reader.report(
            "nothing_to_agree",
            row,
            "verdict",
            text("there is no self-score to agree with"),
            text("choose «{adjust}», write the points and the reason", adjust=ADJUST),
        )
        return None
    if points is not None and points != claimed:
        reader.report(
            "agree_but_differs",
            row,
            "appraised_points",
            text(
                "«{agree}» stands beside {points} points, but the self-score is {claimed}",
                agree=AGREE,
                points=points,
                claimed="–" if claimed is None else claimed,
            ),
            text("empty the points, or choose «{adjust}» and give the reason", adjust=ADJUST),
        )
        return None
    return Finding(claimed, is_agreed=True, remark=without_internal_notes(_typed(row, "remark")))


def _adjustment(
    reader: SheetReader, row: RowReading, criterion: Criterion, score: SelfScore, points: Decimal | None
) -> Finding | None:
    if points is None:
        reader.report(
            "points_missing",
            row,
            "appraised_points",
            text("«{adjust}» without points", adjust=ADJUST),
            text("write the appraised points"),
        )
        return None
    objection = points_objection(points, criterion)
    if objection is not None:
        code, what, fix = objection
        reader.report(code, row, "appraised_points", what, fix)
        return None
    remark = _typed(row, "remark")
    if not remark and points != score.claimed(criterion):
        reader.report(
            "remark_missing",
            row,
            "remark",
            text(
                "the points are changed from {claimed} to {points} without a reason",
                claimed="–" if (claimed := score.claimed(criterion)) is None else claimed,
                points=points,
            ),
            text("write in the remark why"),
        )
        return None
    told = without_internal_notes(remark)
    if remark and not told:
        report_unseen(reader, row, "remark")
    return Finding(points, is_agreed=False, remark=told)


def _typed(row: RowReading, column: str) -> str:
    """Return what stands in a cell, in one spelling; numbers as people would write them."""
    cell = row.cells.get(column)
    if cell is None:
        return ""
    if isinstance(cell.value, Decimal):
        return vietnamese.number(cell.value)
    return vietnamese.unicode_text(cell.text or cell.formula or cell.error)
