"""`papers`: every paper of the cycle, which is due when and what it needs; one of them or all made into output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import CchcError, LedgerError, NotNow, Problem
from cchc_sheets.files import write_whole
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.publication.paper_kinds import DECISION_CODE, KINDS, kind_of, paper_title
from cchc_sheets.stages.finalise import digest_of, finalise, keep_edited
from cchc_sheets.stages.paper_facts import seen_data
from cchc_sheets.stages.paper_list import listed
from cchc_sheets.stages.paper_run import (
    FOLDER,
    SAID,
    Job,
    Run,
    decision_state,
    is_as_written,
    refusal_of,
)
from cchc_sheets.stages.season import Season

ALL: Final = "all"


def papers(season: Season, names: Sequence[str] = (), *, unit: str | None = None, may_wait: bool = False) -> Outcome:
    """List the papers of the cycle, or make those named.

    Args:
        names: words of papers (`plan`, `notice`, `notice/tay-an`), or `all`: those that are possible now and not up to
            date. Without names everything is listed and nothing made.
        unit: code or name of the only unit to make papers for.
        may_wait: several papers that are named may wait as with `all`: what is not possible yet is told and no problem.

    Raises:
        CchcError: for a name that means no paper.
        NotNow: if no paper that was named is possible yet; of many, the others are made and each kind is a problem.
        PublicationError: if a single paper could not be made; of many, the others are made and it is a problem.
    """
    run = Run(season)
    only = season.cycle.unit(unit) if unit else None
    if not names:
        return listed(run, only)
    is_all = ALL in names
    jobs = list(_jobs(season, names, only))
    if not season.dry_run:
        season.ledger.check_chain()
    wants_decision = is_all or DECISION_CODE in names
    before = [job for job in jobs if job.kind.needs != "decision"]
    after = [job for job in jobs if job.kind.needs == "decision"]
    is_single = len(jobs) + wants_decision == 1
    _make_all(run, before, is_single=is_single)
    if wants_decision:
        run = _decide(run, is_all=is_all)
    _make_all(run, after, is_single=is_single)
    if not is_all and (not may_wait or len(jobs) == 1):
        _refuse_or_tell(run)
    return _outcome(run, [*before, *after])


def _jobs(season: Season, names: Sequence[str], only: Unit | None) -> Iterator[Job]:
    """Yield what the names mean, in the order of the year, each once."""
    wanted: dict[str, set[str]] = {}
    for name in names:
        code, _, unit = name.partition("/")
        if code not in {ALL, DECISION_CODE} and (kind_of(code) is None or (unit and not _is_per_unit(code))):
            raise CchcError(
                text("there is no paper «{name}»", name=name),
                fix=text("choose from: {names}", names=[*(kind.code for kind in KINDS), DECISION_CODE, ALL]),
                code="paper_unknown",
            )
        chosen = {season.cycle.unit(unit).code} if unit else {one.code for one in season.cycle.units}
        for kind in KINDS if code == ALL else filter(None, [kind_of(code)]):
            wanted.setdefault(kind.code, set()).update(chosen)
    for kind in KINDS:
        if kind.code not in wanted:
            continue
        if not kind.is_per_unit:
            yield from [Job(kind)] if only is None or ALL not in names else []
            continue
        for unit_ in season.cycle.units:
            if unit_.code in wanted[kind.code] and only in (None, unit_):
                yield Job(kind, unit_)


def _is_per_unit(code: str) -> bool:
    kind = kind_of(code)
    return kind is not None and kind.is_per_unit


def _make_all(run: Run, jobs: Sequence[Job], *, is_single: bool) -> None:
    """Make one after the other; each is whole on the disk and in the ledger before the next is begun."""
    season = run.season
    for done, job in enumerate(jobs):
        season.progress(text("making the papers"), done, len(jobs))
        refusal = refusal_of(run, job)
        if refusal is not None:
            run.actions[job.name] = "waiting"
            run.waiting.setdefault(job.kind.code, refusal)
            continue
        try:
            run.actions[job.name] = _make(run, job)
        except LedgerError:
            raise
        except CchcError as error:
            if is_single:
                raise
            run.actions[job.name] = "refused"
            run.problems.append(
                Problem(error.code, error.what, error.fix, unit=job.unit.code if job.unit else None, sheet=job.name)
            )
    season.progress(text("making the papers"), len(jobs), len(jobs))


def _make(run: Run, job: Job) -> str:
    """Make one paper unless it stands already as it would be made; return what was done."""
    season = run.season
    content = run.content(job)
    basis = run.basis(job, content)
    file = season.cycle.output_folder / job.file
    last = season.latest("paper").get(job.name)
    if last is not None and last.body["basis"] == basis and file.exists() and is_as_written(file, last):
        return "made"
    if season.dry_run:
        return "would_make"
    made = run.made(job, content)
    copy = keep_edited(file, made, last.body["digest"] if last else None)
    if copy is not None:
        run.kept.append(copy)
    write_whole(file, made)
    body: dict[str, Any] = {"file": job.file, "digest": digest_of(made), "basis": basis}
    if run.facts(job.kind).trend is not None and run.previous is not None:
        body["previous"] = run.previous.origin
    if job.kind.needs == "workbooks":
        body["seen"] = seen_data(run.facts(job.kind).progress)
    if last is None or last.body != body:
        season.record("paper", job.name, body)
    return "written"


def _decide(run: Run, *, is_all: bool) -> Run:
    """Make the decision as `finalise` does; what comes after it rests on what that has recorded."""
    season = run.season
    if is_all and decision_state(run) == "made":
        run.actions[DECISION_CODE] = "made"
        return run
    try:
        outcome = finalise(season)
    except NotNow as refusal:
        run.actions[DECISION_CODE] = "waiting"
        run.waiting[DECISION_CODE] = refusal
        return run
    run.actions[DECISION_CODE] = "would_make" if season.dry_run else "written"
    run.said += outcome.summary
    run.kept += [Path(copy) for copy in outcome.data["kept"]]
    fresh = Run(season, run.actions, run.kept, run.problems, run.waiting, run.said)
    fresh._templates, fresh._prepared = run._templates, run._prepared  # noqa: SLF001 - the same run goes on
    return fresh


def _refuse_or_tell(run: Run) -> None:
    """Refuse if none of the papers named was possible; else let every kind that has to wait be a problem.

    Raises:
        NotNow: the first refusal.
    """
    if run.waiting and set(run.actions.values()) == {"waiting"}:
        raise next(iter(run.waiting.values()))
    for code, refusal in run.waiting.items():
        count = sum(done == "waiting" and name.partition("/")[0] == code for name, done in run.actions.items())
        what = text("{paper}: {reason}", paper=paper_title(code), reason=refusal.what)
        if count > 1:
            what = text("{what}; {count} papers of this kind wait", what=what, count=count)
        run.problems.append(Problem(refusal.code, what, refusal.fix, sheet=code))
    run.waiting.clear()


def _outcome(run: Run, jobs: Sequence[Job]) -> Outcome:
    season = run.season
    counts = {action: sum(one == action for one in run.actions.values()) for action in SAID}
    summary = [
        text(
            "{written} papers made, {made} were up to date, {waiting} not possible yet",
            written=counts["written"] + counts["would_make"],
            made=counts["made"],
            waiting=counts["waiting"],
        ),
        *run.said,
    ]
    summary += [
        text("{paper}: {reason}", paper=paper_title(paper), reason=one.what) for paper, one in run.waiting.items()
    ]
    summary += [text("a paper had been edited by hand; that copy is kept as {file}", file=copy) for copy in run.kept]
    made = [job for job in jobs if run.actions.get(job.name) in {"written", "would_make"}]
    if len(made) == 1:
        summary.append(text("the paper is {file}", file=season.cycle.output_folder / made[0].file))
    elif made:
        summary.append(text("the papers are in {folder}", folder=season.cycle.output_folder / FOLDER))
    return Outcome(
        "papers",
        tuple(summary),
        tuple(
            UnitOutcome(job.unit.code, run.actions[job.name], SAID[run.actions[job.name]])
            for job in jobs
            if job.unit is not None and job.name in run.actions
        ),
        tuple(run.problems),
        {
            "papers": [_as_data(run, job) for job in jobs],
            "kept": [str(copy) for copy in run.kept],
        },
    )


def _as_data(run: Run, job: Job) -> dict[str, str | None]:
    return {
        "paper": job.kind.code,
        "unit": job.unit.code if job.unit else None,
        "state": run.actions.get(job.name, "waiting"),
        "file": job.file,
    }
