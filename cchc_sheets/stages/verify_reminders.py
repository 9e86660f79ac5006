"""Reminders that older versions made: the ledger does not say what stood in the workbooks then.

What such a reminder says of the units cannot be made again, so it is neither called right nor altered; the lines that
do not depend on the workbooks are compared, and those that could not be are told.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from cchc_sheets.assessment.progress import FillState
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.publication.difference import Difference
from cchc_sheets.publication.paper_compare import Line, printed_lines
from cchc_sheets.stages.paper_run import Job, Run
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_report import Report

_MOST_TOLD: Final = 12
_LONGEST_TOLD: Final = 80


def is_unseen(job: Job, entry: Entry) -> bool:
    """Whether a paper rests on workbooks of which its entry does not say what stood in them."""
    return job.kind.needs == "workbooks" and "seen" not in entry.body


def fixed_lines(season: Season, job: Job) -> list[Line]:
    """Return the lines that the reminder has whatever stood in the workbooks: those that two opposite ones share."""
    units = [unit.code for unit in season.cycle.units]
    early, late = _lateness(season)
    one = {code: _seen("confirmed" if at else "blank", is_late=early) for at, code in enumerate(units)}
    other = {code: _seen("missing", is_late=late) for code in units}
    first, second = (printed_lines(_made(season, job, seen)) for seen in (one, other))
    keys = {line.key for line in second}
    return [line for line in first if line.key in keys]


def compare_fixed(name: str, fixed: list[Line], found: bytes, report: Report) -> None:
    """Tell which fixed lines are not in a reminder any more, and which of its lines cannot be compared."""
    there = printed_lines(found)
    left = Counter(line.key for line in there)
    gone = []
    for line in fixed:
        left[line.key] -= 1
        if left[line.key] < 0:
            gone.append(Difference(line.where(len(line.cells)), " ".join(line.key), ""))
    report.settle(name, "not_comparable")
    if gone:
        report.altered(name, gone, text("the ledger gives these lines whatever stood in the workbooks"))
    known = {line.key for line in fixed}
    open_lines = [" ".join(line.key) for line in there if line.key not in known]
    what = text(
        "{count} lines rest on what stood in the workbooks then, which the ledger does not say: whether they were"
        " altered cannot be told: {lines}",
        count=len(open_lines),
        lines=[f"«{line[:_LONGEST_TOLD]}»" for line in open_lines[:_MOST_TOLD]],
    )
    fix = text("compare them with the paper as it was sent; reminders made from now on can be compared")
    report.tell("not_comparable", name, what, fix)


def _lateness(season: Season) -> tuple[bool, bool]:
    """Return whether the units were late, twice; both ways where it depends on which of them had not finished."""
    if any(map(season.is_collected, season.cycle.units)):
        return False, True
    late = [season.now >= season.deadline(unit) for unit in season.cycle.units]
    return all(late), any(late)


def _made(season: Season, job: Job, seen: dict[str, Any]) -> bytes:
    run = Run(season, seen=seen)
    return run.made(job, run.content(job))


def _seen(state: FillState, *, is_late: bool) -> dict[str, Any]:
    return {"state": state, "answered": 0, "missing": [], "wrong": [], "unproved": [], "is_late": is_late}
