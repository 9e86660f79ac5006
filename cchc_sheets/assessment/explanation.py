"""The explanation round (giải trình): what was lowered, what the unit answers to it, what is ruled in the end.

Self-score, finding and ruling are kept side by side; which points stand is derived (see `standing`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from cchc_sheets import vietnamese
from cchc_sheets.assessment.appraisal import AGREE, NOT_OCCURRED_SHOWN, Finding, Place, row_key
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.internal_notes import report_unseen, without_internal_notes
from cchc_sheets.assessment.sheet_reader import SheetReader, find_sheet
from cchc_sheets.assessment.submission import NOT_OCCURRED, Evidence, SelfScore, Submission, points_objection
from cchc_sheets.assessment.typed import Unreadable, read_number
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem
from cchc_sheets.messages import text
from cchc_sheets.reading import RowReading, WorkbookReading

EXPLANATION: Final = "explanation"
RULINGS: Final = "rulings"
DISAGREE: Final = "Không đồng ý"
ANSWERED: Final = ("answer", "explanation", "new_evidence")
RULED: Final = ("ruled_points", "reason")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a unit answers to a lowered criterion.

    Attributes:
        is_agreed: None where it chose no answer that can be understood, but wrote something.
    """

    is_agreed: bool | None
    text: str = ""
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def is_contested(self) -> bool:
        """Whether somebody has to rule: on whatever is no plain agreement."""
        return self.is_agreed is not True

    @property
    def is_complete(self) -> bool:
        """Whether it is all that is asked for: one of the two answers, and why the unit does not agree."""
        return self.is_agreed is True or (self.is_agreed is False and bool(self.text))


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the council, or the final meeting by its minutes, has ruled on one criterion of one unit."""

    points: Decimal
    reason: str
    source: Literal["council", "meeting"] = "council"


@dataclass(frozen=True, slots=True)
class RoundCounts:
    """How an explanation round went (số liệu giải trình): all of them numbers of criteria.

    Attributes:
        agreed: the unit accepts the finding; `silent`: it did not answer in time, which changes nothing.
        upheld: ruled as the finding was; `changed`: ruled otherwise, or given back by the department before anybody
            ruled; `open`: contested and not ruled yet.
    """

    lowered: int = 0
    agreed: int = 0
    silent: int = 0
    contested: int = 0
    upheld: int = 0
    changed: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where one unit is in a round that was opened.

    Attributes:
        until: by when it may answer; None where nothing was put to it.
        is_over: what it answered by then was read; `counts` knows of no answers before.
        unanswered, incomplete: the criteria without an answer, and those whose answer says too little, as long as it
            may still give one.
    """

    counts: RoundCounts
    until: datetime | None
    is_over: bool
    unanswered: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether the unit has something to answer, and time for it."""
        return self.until is not None and now < self.until and not self.is_over


def lowered(criteria: CriteriaSet, submission: Submission, findings: Mapping[str, Finding]) -> Iterator[Criterion]:
    """Yield the criteria in which a unit's findings give it less than it claimed."""
    for leaf in criteria.self_scored:
        finding = findings.get(leaf.code)
        if finding is not None and is_lowered(leaf, submission.score(leaf.code), finding):
            yield leaf


def is_lowered(criterion: Criterion, score: SelfScore, finding: Finding) -> bool:
    """Tell whether a finding takes something away; a criterion claimed to be left out is worth its maximum."""
    if finding.points is None:
        return False
    claimed = criterion.max_points if score.is_excluded(criterion) else score.claimed(criterion)
    return claimed is not None and finding.points < claimed


def is_unheard(finding: Finding, shown: Decimal | None, answer: Explanation | None, *, was_put: bool) -> bool:
    """Tell whether a lowering is another one than the unit was asked about; a contest covers whatever follows it."""
    if not was_put:
        return True
    is_contested = answer is not None and answer.is_contested
    return not is_contested and shown is not None and finding.points is not None and finding.points < shown


def parse_explanations(
    reading: WorkbookReading, *, unit: str, cycle: str, criteria: CriteriaSet, put: Collection[str]
) -> tuple[Mapping[str, Explanation], tuple[Problem, ...]]:
    """Interpret the explanation sheet of a unit; `put` are the codes of the criteria that were put to it."""
    sheet, refusals = find_sheet(reading, EXPLANATION, cycle=cycle, unit=unit, is_about=unit)
    if sheet is None:
        return {}, tuple(refusals)
    shown = {code: {"code": code, "title": criteria.by_code[code].title} for code in put}
    reader = SheetReader(sheet, shown, ANSWERED, unit=unit, problems=list(refusals))
    found = {row.key: _explanation(reader, row) for row in reader.rows().values()}
    answered = {code: explanation for code, explanation in found.items() if explanation is not None}
    return answered, tuple(reader.problems)


def parse_rulings(
    reading: WorkbookReading,
    *,
    cycle: str,
    units: Sequence[Unit],
    criteria: CriteriaSet,
    contested: Collection[Place],
) -> tuple[Mapping[Place, Ruling], tuple[Problem, ...]]:
    """Interpret the council's sheet; a ruling with an error in it is none."""
    if not contested or reading.sheet(RULINGS) is None:
        return {}, ()
    sheet, refusals = find_sheet(reading, RULINGS, cycle=cycle, unit="-", is_about=None)
    if sheet is None:
        return {}, tuple(refusals)
    names = {unit.code: unit.name for unit in units}
    shown = {row_key(unit, code): {"unit": names[unit], "code": code} for unit, code in contested if unit in names}
    reader = SheetReader(sheet, shown, RULED, problems=list(refusals))
    rulings: dict[Place, Ruling] = {}
    for row in reader.rows().values():
        unit, _, code = row.key.partition("/")
        ruling = _ruling(reader, row, criteria.by_code[code])
        if ruling is not None:
            rulings[unit, code] = ruling
    # What was contested just now has no row yet; one that a person deleted is put back from the ledger.
    return rulings, tuple(problem for problem in reader.problems if problem.code != "row_missing")


def count_round(
    explanations: Mapping[str, Explanation],
    put: Collection[str],
    shown: Mapping[str, Decimal | None],
    rulings: Mapping[str, Ruling],
    given_back: Collection[str] = (),
) -> RoundCounts:
    """Count one unit's round; everything by criterion code.

    Args:
        shown: the appraised points that the unit answered to.
        given_back: where the department has given back what it had taken: nothing is left to rule on.
    """
    contested = [code for code in put if code in explanations and explanations[code].is_contested]
    agreed = sum(code in explanations and explanations[code].is_agreed is True for code in put)
    ruled = [code for code in contested if code in rulings]
    settled = [code for code in contested if code in given_back and code not in rulings]
    upheld = sum(rulings[code].points == shown.get(code) for code in ruled)
    return RoundCounts(
        lowered=len(put),
        agreed=agreed,
        silent=len(put) - agreed - len(contested),
        contested=len(contested),
        upheld=upheld,
        changed=len(ruled) - upheld + len(settled),
        open=len(contested) - len(ruled) - len(settled),
    )


def _explanation(reader: SheetReader, row: RowReading) -> Explanation | None:
    words = {column: _words(row, column) for column in ANSWERED}
    evidence = row.cells.get("new_evidence")
    proof = Evidence(words["new_evidence"], evidence.links if evidence else ())
    chosen = vietnamese.comparable(words["answer"])
    if not chosen and not words["explanation"] and not proof:
        return None
    answers = {vietnamese.comparable(AGREE): True, vietnamese.comparable(DISAGREE): False}
    if chosen not in answers:
        _report_answer(reader, row, words["answer"])
    explanation = Explanation(answers.get(chosen), words["explanation"], proof)
    if explanation.is_agreed is False and not explanation.text:
        reader.report(
            "explanation_missing",
            row,
            "explanation",
            text("«{disagree}» without an explanation", disagree=DISAGREE),
            text("write why; the council rules on what is written"),
        )
    return explanation


def _report_answer(reader: SheetReader, row: RowReading, typed: str) -> None:
    fix = text("choose «{agree}» or «{disagree}»", agree=AGREE, disagree=DISAGREE)
    if typed:
        what = text("«{typed}» is not a choice of this cell; it is taken for a contest", typed=typed[:60])
        reader.report("choice_unknown", row, "answer", what, fix)
    else:
        what = text("something is written here, but no answer is chosen; it is taken for a contest")
        reader.report("answer_missing", row, "answer", what, fix, "warning")


def _ruling(reader: SheetReader, row: RowReading, criterion: Criterion) -> Ruling | None:
    left_out = {vietnamese.comparable(words) for words in (NOT_OCCURRED, NOT_OCCURRED_SHOWN)}
    if vietnamese.comparable(_words(row, "ruled_points")) in left_out:
        reader.report(
            "not_occurred_ruled",
            row,
            "ruled_points",
            text("a ruling gives points; it cannot leave a criterion out"),
            text(
                "if the claim is right, have the department choose «{agree}»: nothing is left to rule on then",
                agree=AGREE,
            ),
        )
        return None
    points, reason = read_number(row.cells.get("ruled_points")), _words(row, "reason")
    if isinstance(points, Unreadable):
        reader.report(points.code, row, "ruled_points", points.what, points.fix)
        return None
    if points is None:
        if reason:
            reader.report(
                "points_missing",
                row,
                "ruled_points",
                text("a reason without points rules nothing"),
                text("write the points that stand"),
            )
        return None
    objection = points_objection(points, criterion)
    if objection is not None:
        code, what, fix = objection
        reader.report(code, row, "ruled_points", what, fix)
        return None
    if not reason:
        reader.report(
            "reason_missing",
            row,
            "reason",
            text("a ruling of {points} points without a reason", points=points),
            text("write the reason; it goes to the unit and into the minutes"),
        )
        return None
    told = without_internal_notes(reason)
    if not told:
        report_unseen(reader, row, "reason")
    return Ruling(points, told)


def _words(row: RowReading, column: str) -> str:
    cell = row.cells.get(column)
    return vietnamese.unicode_text(cell.text or cell.formula or cell.error) if cell is not None else ""
