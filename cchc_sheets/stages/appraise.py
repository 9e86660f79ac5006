"""`appraise`: lay the submissions out for the departments, keep what they wrote, read their findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from cchc_sheets.assessment.appraisal import Place, shown_self_score
from cchc_sheets.assessment.sheet_reader import copied_tabs
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.errors import NotNow, Problem, WorkbookUnreadable
from cchc_sheets.layouts.explanation import contests, rulings_sheet
from cchc_sheets.layouts.review import ReviewContent, review_sheets
from cchc_sheets.layouts.workbook import NO_UNIT, Workbook
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, Table, UnitOutcome
from cchc_sheets.stages.evidence import check_links, remarks_on_evidence
from cchc_sheets.stages.findings import read_findings
from cchc_sheets.stages.provision import unplaced_problems
from cchc_sheets.stages.record import Known, department_progress, known_so_far, recheck_body, record_appraisal, results
from cchc_sheets.stages.season import APPRAISAL, Season
from cchc_sheets.stages.share import share_missing
from cchc_sheets.stages.snapshots import remember, settled


def appraise(season: Season, *, notify: bool = False, with_links: bool = False) -> Outcome:
    """Read the review workbook if there is one, record it, and lay it out anew with what is known now.

    Args:
        notify: the workspace sends an e-mail to every address that is given access.
        with_links: look first whether the links to evidence open.

    Raises:
        NotNow: before anything was collected.
        WorkbookUnreadable: if the review workbook is there and cannot be read or replaced.
    """
    if not season.latest("submission"):
        raise NotNow(text("nothing has been collected yet"), fix=text("run `collect` once the deadline has passed"))
    if with_links:
        return _with_links(check_links(season), appraise(season, notify=notify))
    if season.dry_run:
        return _outcome(season, known_so_far(season), ())
    findings = read_findings(season)
    record_appraisal(season, findings.reading)
    known = known_so_far(season)
    if _mark_for_recheck(season, known):
        known = known_so_far(season)
    laid_out = lay_out(season, known, findings.reading.version)
    if findings.lost and all(problem.code != "ambiguous" for problem in laid_out):
        season.workspace.type_in(APPRAISAL, findings.lost)
    laid_out += share_missing(season, [APPRAISAL], notify=notify)
    laid_out += copied_tabs(findings.reading, None)
    return _outcome(season, known, (*known.problems, *findings.cleared, *laid_out))


def _with_links(looked: Outcome, laid_out: Outcome) -> Outcome:
    """Tell of both: what the links lead to, and how far the appraisal is."""
    return replace(
        looked,
        summary=(*looked.summary, *laid_out.summary),
        units=laid_out.units,
        problems=(*looked.problems, *laid_out.problems),
        data={**laid_out.data, "links": looked.data},
    )


def lay_out(season: Season, known: Known, version: str) -> list[Problem]:
    """Write the review workbook as it should look now; people's own cells stay as they are.

    `version` is the one that was read and recorded. A workbook whose rows a person has mixed up is left as it is,
    and that is told.
    """
    workbook = review_workbook(season, known)
    if settled(season, workbook):
        return []
    season.progress(text("laying out the review workbook"), 0, 1)
    try:
        ensured = season.workspace.ensure(workbook)
    except WorkbookUnreadable as error:
        if error.code != "ambiguous":
            raise
        return [Problem(error.code, error.what, error.fix)]
    if ensured.action != "kept":
        written = season.look_again()[APPRAISAL].version
        season.record("layout", APPRAISAL, {"action": ensured.action, "version": written, "backup": ensured.backup})
    elif ensured.reading is not None and ensured.reading.version == version:
        remember(season, workbook, version=version, reading=None)
    season.progress(text("laying out the review workbook"), 1, 1)
    return list(unplaced_problems(ensured, None))


def review_workbook(season: Season, known: Known) -> Workbook:
    """Describe the review workbook."""
    settings = season.cycle.settings
    editors = {department.id: department.addresses for department in settings.departments}
    remarks = remarks_on_evidence(season, known)
    content = ReviewContent(
        title=settings.title,
        criteria=season.cycle.criteria,
        units=season.cycle.units,
        departments={department.id: department.name for department in settings.departments},
        tabs={department.id: department.short_name or department.name for department in settings.departments},
        submissions=known.record.submissions,
        late=known.late,
        settled=frozenset(known.record.findings),
        standing={s.unit.code: s.result.appraisal_points for s in results(season, known.record)},
        decimals=season.cycle.policies.decimals,
        editors=editors,
        remarks=remarks.submitted,
        links=remarks.links,
    )
    contested = tuple(contests(season.cycle.criteria, season.cycle.units, known.record, remarks.added))
    rulings = (rulings_sheet(contested, settings.title, settings.council),) if contested else ()
    sheets = (*review_sheets(content), *rulings)
    return Workbook(APPRAISAL, f"{settings.title} – thẩm định", season.cycle.id, NO_UNIT, sheets)


def _mark_for_recheck(season: Season, known: Known) -> bool:
    """Remember verdicts on self-scores that have changed, before the new self-score is shown beside them."""
    changed = False
    for (unit, code), entry in known.appraisal.entries.items():
        submission = known.record.submissions.get(unit, Submission(unit))
        now = shown_self_score(submission.score(code))
        if entry.self_score == now:
            continue
        last, body = season.latest("recheck").get(f"{unit}/{code}"), recheck_body(entry)
        if last is None or last.body != body:  # else the run that recorded it did not get to show the new one
            season.record("recheck", f"{unit}/{code}", body)
            changed = True
    return changed


def _outcome(season: Season, known: Known, problems: tuple[Problem, ...]) -> Outcome:
    progress = department_progress(season, known)
    names = {department.id: department.name for department in season.cycle.settings.departments}
    done, total = (sum(values) for values in zip(*progress.values(), strict=True))
    lines = tuple((names[d], str(settled), str(of), str(of - settled)) for d, (settled, of) in progress.items())
    return Outcome(
        "appraise",
        (
            text("{done} of {total} findings made", done=done, total=total),
            text("the review workbook is {place}", place=season.workspace.location(APPRAISAL)),
        ),
        units=tuple(_unit_outcomes(season, known)),
        problems=problems,
        data={
            "departments": [
                {"department": d, "name": names[d], "settled": settled, "of": of}
                for d, (settled, of) in progress.items()
            ],
            "settled": done,
            "of": total,
            "lowered": len(list(_changed(known, season, lower=True))),
            "raised": len(list(_changed(known, season, lower=False))),
        },
        table=Table(
            text("progress of the appraisal"),
            (text("department"), text("settled"), text("of"), text("open")),
            lines,
            frozenset({1, 2, 3}),
        ),
    )


def _unit_outcomes(season: Season, known: Known) -> Iterator[UnitOutcome]:
    of = len(season.cycle.criteria.self_scored)
    settled = Counter(unit for unit, _ in known.record.findings)
    for unit in season.cycle.units:
        done = settled[unit.code]
        action = "settled" if done == of else "open"
        yield UnitOutcome(unit.code, action, text("{done} of {total} findings made", done=done, total=of))


def _changed(known: Known, season: Season, *, lower: bool) -> Iterator[Place]:
    for (unit, code), finding in known.record.findings.items():
        criterion = season.cycle.criteria.by_code[code]
        claimed = known.record.submissions.get(unit, Submission(unit)).score(code).claimed(criterion)
        if finding.points is None or claimed is None or finding.points == claimed:
            continue
        if (finding.points < claimed) == lower:
            yield unit, code
