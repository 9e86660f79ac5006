"""The list of all papers: which is due when, what it needs, whether it is made and up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cchc_sheets.assessment.units import Unit
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, Table
from cchc_sheets.publication.paper_kinds import DECISION_CODE, KINDS, PaperKind, paper_title
from cchc_sheets.stages.finalise import DECISION
from cchc_sheets.stages.paper_run import (
    FOLDER,
    SAID,
    Job,
    Run,
    decision_state,
    is_as_written,
    refusal_of,
    result_refusal,
)
from cchc_sheets.vietnamese import day


def listed(run: Run, only: Unit | None) -> Outcome:
    """Say of every paper when it is due, what it needs, and whether it is made and up to date."""
    before, after = (
        [_row(run, kind, only) for kind in KINDS if (kind.needs == "decision") is is_after]
        for is_after in (False, True)
    )
    rows = [*before, _decision_row(run), *after]
    possible = sum(row["state"] != "waiting" for row in rows)
    done = sum(row["state"] == "made" for row in rows)
    return Outcome(
        "papers",
        (
            text(
                "{papers} papers: {possible} possible now, {done} made and up to date",
                papers=len(rows),
                possible=possible,
                done=done,
            ),
        ),
        data={"papers": rows},
        table=_table(run, rows),
    )


def _row(run: Run, kind: PaperKind, only: Unit | None) -> dict[str, Any]:
    units = [unit for unit in run.season.cycle.units if only in (None, unit)] if kind.is_per_unit else [None]
    states = [_state(run, Job(kind, unit)) for unit in units]
    possible = [state for state in states if state != "waiting"]
    made = sum(state == "made" for state in states)
    reason = refusal_of(run, Job(kind, units[0]), is_listing=True) if not possible else None
    if len(set(states)) == 1:
        state = states[0]
    elif not made:
        state = next(one for one in ("edited", "stale", "to_make") if one in states)
    else:
        state = "made" if made == len(possible) else "partly"
    return {
        "paper": kind.code,
        "title": kind.title,
        "due": getattr(run.season.cycle.settings.calendar, kind.due).isoformat(),
        "needs": kind.needs,
        "state": state,
        "reason": None if reason is None else str(reason.what),
        "made": sum(state in {"made", "stale", "edited"} for state in states),
        "of": len(states),
        "files": f"{FOLDER}/{kind.code}/" if kind.is_per_unit else Job(kind).file,
    }


def _state(run: Run, job: Job) -> str:
    if refusal_of(run, job, is_listing=True) is not None:
        return "waiting"
    season = run.season
    last = season.latest("paper").get(job.name)
    file = season.cycle.output_folder / job.file
    if last is None or not file.exists():
        return "to_make"
    if not is_as_written(file, last):
        return "edited"
    if job.kind.needs == "workbooks":  # whether it is up to date only a look into every workbook would tell
        return "made"
    return "made" if last.body["basis"] == run.basis(job, run.content(job)) else "stale"


def _decision_row(run: Run) -> dict[str, Any]:
    season = run.season
    final = season.ledger.last("results", "-")
    file = season.cycle.output_folder / DECISION
    state = decision_state(run)
    reason: str | None = None
    if state == "waiting" and run.known is not None:
        refusal = result_refusal(run, run.known, "results")
        state, reason = ("to_make", None) if refusal is None else ("waiting", str(refusal.what))
    elif state == "waiting":
        reason = str(text("nothing has been collected yet"))
    return {
        "paper": DECISION_CODE,
        "title": paper_title(DECISION_CODE),
        "due": season.cycle.settings.calendar.decision.isoformat(),
        "needs": "results",
        "state": state,
        "reason": reason,
        "made": int(final is not None and file.exists()),
        "of": 1,
        "files": DECISION,
    }


def _table(run: Run, rows: Sequence[Mapping[str, Any]]) -> Table:
    calendar = run.season.cycle.settings.calendar
    dues = {kind.code: getattr(calendar, kind.due) for kind in KINDS} | {DECISION_CODE: calendar.decision}
    return Table(
        text("the papers of the cycle"),
        (text("name"), text("paper"), text("due"), text("state"), text("made"), text("file")),
        tuple(
            (
                row["paper"],
                row["title"],
                day(dues[row["paper"]]),
                str(SAID[row["state"]]) + (f": {row['reason']}" if row["reason"] else ""),
                f"{row['made']}/{row['of']}",
                row["files"],
            )
            for row in rows
        ),
        frozenset({4}),
    )
