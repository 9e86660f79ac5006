"""What a unit hands in (hồ sơ tự chấm điểm): self-scores, declared figures, evidence, and the self-report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.scoring import Count, Declared
from cchc_sheets.assessment.sheet_reader import SheetReader, copied_tabs, find_sheet
from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import Cell, RowReading, WorkbookReading

SELF_ASSESSMENT: Final = "self_assessment"
SELF_REPORT: Final = "self_report"
NOT_OCCURRED: Final = "Không phát sinh"
CONFIRMED: Final = "Đã hoàn thành"
REPORT_ROWS: Final = ("strengths", "weaknesses", "causes", "proposals", "reporter", "phone", "confirmed")
WRITTEN: Final = ("numerator", "denominator", "not_occurred", "self_score", "evidence", "note")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the proof is (tài liệu kiểm chứng): the caption as typed and every address linked."""

    text: str = ""
    links: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.links)


_NOTHING_DECLARED: Final = Declared()
_NO_EVIDENCE: Final = Evidence()


@dataclass(frozen=True, slots=True)
class SelfScore:
    """What a unit claims for one criterion (điểm tự chấm).

    Attributes:
        points: None where it wrote none, or nothing that can be read; zero only where it wrote zero.
        not_occurred: it claims that nothing of the kind happened in the year.
        problems: what is wrong in this row, for the appraisers.
    """

    points: Decimal | None = None
    not_occurred: bool = False
    declared: Declared = _NOTHING_DECLARED
    evidence: Evidence = _NO_EVIDENCE
    note: str = ""
    problems: tuple[Problem, ...] = ()

    def claimed(self, criterion: Criterion) -> Decimal | None:
        """Return the points claimed: typed, or the full points that "không phát sinh" gives where it does."""
        if self.not_occurred and criterion.not_occurred == "full":
            return criterion.max_points
        return self.points

    def is_excluded(self, criterion: Criterion) -> bool:
        """Whether the claim takes the criterion out of the attainable maximum."""
        return self.not_occurred and criterion.not_occurred == "exclude"

    def is_answered(self) -> bool:
        """Whether the unit has decided: points, or "không phát sinh"."""
        return self.points is not None or self.not_occurred


@dataclass(frozen=True, slots=True)
class Submission:
    """All self-scores of one unit at one reading; criteria in whose row nothing was written are absent.

    Attributes:
        unread: why the row of a criterion could not be read at all.
    """

    unit: str
    scores: Mapping[str, SelfScore] = field(default_factory=dict)
    report: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was written."""
        return not self.scores and not self.report

    @property
    def is_confirmed(self) -> bool:
        """Whether the unit declared its workbook finished."""
        return vietnamese.comparable(self.report.get("confirmed", "")) == vietnamese.comparable(CONFIRMED)

    def score(self, code: str) -> SelfScore:
        """Return the self-score of a criterion; a blank one where nothing was written."""
        return self.scores.get(code, SelfScore())

    def self_points(self, criteria: CriteriaSet) -> Decimal:
        """Return the sum of the points claimed."""
        claims = (self.score(leaf.code).claimed(leaf) for leaf in criteria.self_scored)
        return sum((points for points in claims if points is not None), Decimal(0))


def parse_submission(
    reading: WorkbookReading, *, unit: str, cycle: str, criteria: CriteriaSet
) -> tuple[Submission, tuple[Problem, ...]]:
    """Interpret what was read from a unit's workbook.

    A cell that cannot be taken as it stands yields a problem and no value; nothing is corrected or guessed.
    """
    sheet, problems = find_sheet(reading, SELF_ASSESSMENT, cycle=cycle, unit=unit, is_about=unit)
    problems += copied_tabs(reading, unit)
    if sheet is None:
        return Submission(unit), tuple(problems)
    leaves = {leaf.code: leaf for leaf in criteria.leaves}
    reader = SheetReader(
        sheet=sheet,
        shown={code: {"code": code, "title": leaf.title} for code, leaf in leaves.items()},
        written=WRITTEN,
        unit=unit,
        headings=criteria.by_code.keys() - leaves.keys(),
        problems=problems,
    )
    rows = reader.rows()
    unread = {str(p.row): p for p in problems if p.row in leaves and p.severity == "error"}
    scores = {code: score for code, row in rows.items() if (score := _self_score(reader, row, leaves[code]))}
    submission = Submission(unit, scores, _read_report(reading, unit, cycle, problems), unread)
    if submission.is_blank and not any(problem.severity == "error" for problem in problems):
        return submission, (*problems, _nothing_written(unit))
    for leaf in criteria.self_scored:
        if leaf.code in rows and leaf.code not in scores:
            reader.report("missing_score", rows[leaf.code], "self_score", *_score_wanted(leaf))
    return submission, tuple(problems)


def _self_score(reader: SheetReader, row: RowReading, criterion: Criterion) -> SelfScore | None:
    """Interpret one row; None if nothing was written in it."""
    cells = {column: cell for column in WRITTEN if (cell := row.cells.get(column)) and _holds_anything(cell)}
    if not cells:
        return None
    if not criterion.is_self_scored:
        column = next(iter(cells))
        what = text("{code} is not self-scored; what was written here does not count", code=criterion.code)
        reader.report("not_self_scored", row, column, what, text("leave the row empty"), "warning")
        return None
    before = len(reader.problems)
    points, not_occurred = _read_claim(reader, row, criterion)
    declared = Declared(
        _read_figure(reader, row, "numerator", criterion), _read_figure(reader, row, "denominator", criterion)
    )
    evidence = _read_evidence(reader, row)
    if points is None and not not_occurred and "self_score" not in cells:
        reader.report("missing_score", row, "self_score", *_score_wanted(criterion))
    if points and not evidence:
        reader.report(
            "evidence_missing",
            row,
            "evidence",
            text("points are claimed without evidence"),
            text("name the document (number, date) and link to it"),
            "warning",
        )
    if points:
        _check_figures(reader, row, criterion, declared)
    return SelfScore(
        points, not_occurred, declared, evidence, _words(cells.get("note")), tuple(reader.problems[before:])
    )


def _check_figures(reader: SheetReader, row: RowReading, criterion: Criterion, declared: Declared) -> None:
    """Warn of points that cannot be held against their rule, and of parts larger than the whole."""
    asks = criterion.rule.asks if criterion.rule else ()
    missing = [column for column in asks if column not in row.cells]
    if missing:
        reader.report(
            "figures_missing",
            row,
            missing[0],
            text("points are claimed without the figures they are computed from"),
            text("type the figures of the year"),
            "warning",
        )
    part, whole = declared.numerator, declared.denominator
    if part is not None and whole is not None and part > whole:
        reader.report(
            "numerator_above",
            row,
            "numerator",
            text("{part} is more than the whole, {whole}", part=part, whole=whole),
            text("check both figures; leave them if that is right"),
            "warning",
        )


def _read_claim(reader: SheetReader, row: RowReading, criterion: Criterion) -> tuple[Decimal | None, bool]:
    """Return points and whether nothing occurred; of a row that says both, neither is taken."""
    not_occurred = _read_not_occurred(reader, row, criterion)
    points = _number(reader, row, "self_score")
    says_both = not_occurred and "self_score" in row.cells
    if says_both and not (criterion.not_occurred == "full" and points == criterion.max_points):
        reader.report(
            "points_and_not_occurred",
            row,
            "self_score",
            text(
                "the row says both «{choice}» and «{typed}»; neither was taken",
                choice=NOT_OCCURRED,
                typed=vietnamese.number(points) if points is not None else _words(row.cells["self_score"])[:60],
            ),
            text("keep one of the two"),
        )
        return None, False
    objection = points_objection(points, criterion) if points is not None else None
    if objection is not None:
        code, what, fix = objection
        reader.report(code, row, "self_score", what, fix)
        return None, not_occurred
    return points, not_occurred


def points_objection(points: Decimal, criterion: Criterion) -> tuple[str, Text, Text] | None:
    """Return code, what and fix if these points are impossible for the criterion: negative, above it, off the step."""
    limits = text("points go from 0 to {max_points}", max_points=criterion.max_points)
    if points < 0:
        return "negative", text("{points} points is below zero", points=points), limits
    if points > criterion.max_points:
        above = text(
            "{points} points is above the maximum {max_points}",
            points=points,
            max_points=criterion.max_points,
        )
        return "above_max", above, limits
    refusal = criterion.rule.objection(points, criterion.max_points) if criterion.rule else None
    return ("off_step", *refusal) if refusal else None


def _read_not_occurred(reader: SheetReader, row: RowReading, criterion: Criterion) -> bool:
    cell = row.cells.get("not_occurred")
    typed = _words(cell)
    if not typed:
        return False
    if vietnamese.comparable(typed) != vietnamese.comparable(NOT_OCCURRED):
        reader.report(
            "choice_unknown",
            row,
            "not_occurred",
            text("«{typed}» is not a choice of this cell", typed=typed[:60]),
            text("choose «{choice}» from the list or leave it empty", choice=NOT_OCCURRED),
        )
        return False
    if criterion.not_occurred is None:
        reader.report(
            "not_occurred_refused",
            row,
            "not_occurred",
            text("«{choice}» cannot be claimed for {code}", choice=NOT_OCCURRED, code=criterion.code),
            text("empty the cell and score the criterion"),
        )
        return False
    return True


def _read_figure(reader: SheetReader, row: RowReading, column: str, criterion: Criterion) -> Decimal | None:
    """Read a declared figure; figures the rule does not ask for are left alone."""
    if criterion.rule is None or column not in criterion.rule.asks:
        return None
    figure = _number(reader, row, column)
    if figure is None:
        return None
    if figure < 0:
        reader.report(
            "negative",
            row,
            column,
            text("{figure} is below zero", figure=figure),
            text("type the count or amount itself"),
        )
        return None
    if isinstance(criterion.rule, Count) and figure != figure.to_integral_value():
        reader.report(
            "not_a_count",
            row,
            column,
            text("{count} is not a number of cases", count=figure),
            text("type a whole number"),
        )
        return None
    if column == "denominator" and figure == 0:
        reader.report(
            "denominator_zero",
            row,
            column,
            text("a total of 0 cannot be divided by"),
            text("type the total, or claim «{choice}» where the sheet offers it", choice=NOT_OCCURRED),
        )
        return None
    return figure


def _number(reader: SheetReader, row: RowReading, column: str) -> Decimal | None:
    number = read_number(row.cells.get(column))
    if isinstance(number, Unreadable):
        reader.report(number.code, row, column, number.what, number.fix)
        return None
    return number


def _read_evidence(reader: SheetReader, row: RowReading) -> Evidence:
    cell = row.cells.get("evidence")
    if cell is None or not _holds_anything(cell):
        return Evidence()
    if cell.formula and not cell.links:
        reader.report(
            "formula",
            row,
            "evidence",
            text("the cell holds the formula {formula}", formula=cell.formula[:60]),
            text("put the address or the name of the document as plain text"),
            "warning",
        )
    return Evidence(cell.text or cell.formula, cell.links)


def _read_report(reading: WorkbookReading, unit: str, cycle: str, problems: list[Problem]) -> dict[str, str]:
    sheet, refusals = find_sheet(reading, SELF_REPORT, cycle=cycle, unit=unit, is_about=unit)
    problems.extend(refusals)
    if sheet is None:
        return {}
    reader = SheetReader(sheet, {key: {} for key in REPORT_ROWS}, ("value",), unit, problems=problems)
    typed = {key: _words(row.cells.get("value")) for key, row in reader.rows().items()}
    return {key: words for key, words in typed.items() if words}


def _words(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return vietnamese.unicode_text(cell.text or cell.formula or cell.error)


def _holds_anything(cell: Cell) -> bool:
    """Whether something stands in the cell; blanks alone are nothing, nor is a comment."""
    return bool(_words(cell) or cell.formula or cell.error or cell.links)


def _score_wanted(criterion: Criterion) -> tuple[Text, Text]:
    return (
        text("no points for {code}", code=criterion.code),
        text(
            "write the points (0 if there are none), or «{choice}» where the sheet offers it",
            choice=NOT_OCCURRED,
        ),
    )


def _nothing_written(unit: str) -> Problem:
    return Problem(
        "not_submitted",
        text("the unit has not written anything"),
        text("ask the unit for its self-assessment; `extend` gives it more time"),
        unit=unit,
    )
