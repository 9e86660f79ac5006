"""`finalise`: compute the results from the ledger and write the papers."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cchc_sheets import __version__
from cchc_sheets.assessment.adjustments import ADJUSTMENTS
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import CchcError, NotNow, Problem, PublicationError
from cchc_sheets.files import write_whole
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.decision import Basis, Decision, Letterhead, make_decision
from cchc_sheets.stages.decision_year import decision_year
from cchc_sheets.stages.findings import read_findings
from cchc_sheets.stages.missing_points import refuse_missing_points
from cchc_sheets.stages.record import Known, known_so_far, not_in_time, record_appraisal
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.results import UNCOLLECTED, as_data, result_gaps, results_table, unit_outcomes
from cchc_sheets.stages.robustness import PAGE, robustness
from cchc_sheets.stages.season import Season
from cchc_sheets.vietnamese import number

DECISION: Final = "decision.docx"
UNSETTLED: Final = ("unappraised", "round_open", "unheard", "unruled")
"""The gaps over which an authority may decide to go on, for a reason."""


def finalise(season: Season, *, allow_unappraised: bool = False, reason: str = "") -> Outcome:
    """Take in the last findings, compute, and write decision, results.json and results.csv.

    Args:
        allow_unappraised: go on though some criteria are not appraised: the self-score stands for them; recorded
            with the reason and printed in the decision's annex.

    Raises:
        NotNow: while anything is unappraised or without points, unless told to go on.
        LedgerError: if an entry of the ledger was altered.
        PublicationError: if the decision could not be made or does not say what the results say.
    """
    if not season.latest("submission"):
        raise NotNow(text("nothing has been collected yet"), fix=text("run `collect` once the deadline has passed"))
    if allow_unappraised and not reason.strip():
        raise CchcError(
            text("going on without a full appraisal needs a reason"),
            where="--reason",
            fix=text("say who decided it and why"),
            code="reason",
        )
    season.ledger.check_chain()
    if not season.dry_run:
        findings = read_findings(season)
        _refuse_cleared(findings.cleared)
        record_appraisal(season, findings.reading)
    known = known_so_far(season)
    standings = compute(season, known.record)
    _refuse_wrong_adjustments(known.problems)
    gaps = tuple(result_gaps(season, known, standings))
    _refuse_uncollected(gaps)
    _refuse_stale(gaps)
    refuse_missing_points(season, standings)
    _refuse_unsettled(gaps, allow_unappraised=allow_unappraised)
    if season.dry_run:
        return _outcome(season, known, standings, _Written())
    if gaps:
        _record_override(season, gaps, reason.strip())
    return _outcome(season, known, standings, _write(season, known, standings))


def _refuse_cleared(cleared: Sequence[Problem]) -> None:
    """What was recorded and is blank now may be an older copy of the file: a person has to look first."""
    if cleared:
        raise NotNow(
            text("{count} recorded entries of the review workbook are blank now", count=len(cleared)),
            where="; ".join(str(problem.what) for problem in cleared[:5]),
            fix=text("put the newest file in place, or run `appraise` to take the blanks as meant"),
            code="entry_cleared",
        )


def _refuse_wrong_adjustments(problems: Sequence[Problem]) -> None:
    """A bonus or penalty that could not be read must not silently count for nothing."""
    wrong = [p for p in problems if p.sheet == ADJUSTMENTS and p.severity == "error"]
    if wrong:
        raise NotNow(
            text("{count} bonuses or penalties could not be read", count=len(wrong)),
            where="; ".join(str(problem.what) for problem in wrong[:5]),
            fix=text("mend these cells of the review workbook, then run the command again"),
            code="adjustments",
        )


def _refuse_uncollected(gaps: Sequence[Problem]) -> None:
    uncollected = [gap for gap in gaps if gap.code in UNCOLLECTED]
    if uncollected:
        raise NotNow(
            text("{count} units have not been collected yet", count=len(uncollected)),
            where="; ".join(str(gap.what) for gap in uncollected[:5]),
            fix=uncollected[0].fix,
            code=uncollected[0].code,
        )


def _refuse_stale(gaps: Sequence[Problem]) -> None:
    stale = [gap for gap in gaps if gap.code == "survey_stale"]
    if stale:
        raise NotNow(stale[0].what, where="criteria.yaml", fix=stale[0].fix, code="survey_stale")


def _refuse_unsettled(gaps: Sequence[Problem], *, allow_unappraised: bool) -> None:
    unappraised = [gap for gap in gaps if gap.code in UNSETTLED]
    if unappraised and not allow_unappraised:
        raise NotNow(
            text("{count} things are still to be settled before the results", count=len(unappraised)),
            where="; ".join(str(gap.what) for gap in unappraised[:5]),
            fix=text("{fix}; or go on with --allow-unappraised --reason …", fix=unappraised[0].fix),
            code=unappraised[0].code,
        )


def _record_override(season: Season, gaps: Sequence[Problem], reason: str) -> None:
    body = {"reason": reason, "gaps": [gap.what.said_in("vi") for gap in gaps]}
    last = season.ledger.last("override", "-")
    if last is None or last.body != body:
        season.record("override", "-", body)


def _write(season: Season, known: Known, standings: tuple[Standing, ...]) -> _Written:
    """Make every paper before the first is written, so that a failure leaves the old ones together."""
    season.progress(text("writing the decision"), 0, 1)
    season.record_configuration()
    decision = decision_of(season, known, standings)
    output = season.cycle.output_folder
    papers = {output / name: content for name, content in result_papers(season, decision).items()}
    last = season.ledger.last("results", "-")
    written: Mapping[str, str] = last.body["papers"] if last else {}
    kept = [copy for file, content in papers.items() if (copy := keep_edited(file, content, written.get(file.name)))]
    for file, content in papers.items():
        write_whole(file, content)
    body = {
        "basis": decision.basis.ledger_digest,
        "program": decision.basis.program_version,
        "papers": {file.name: digest_of(content) for file, content in papers.items()},
        "units": [as_data(standing) for standing in standings],
    }
    if last is None or last.body != body:
        season.record("results", "-", body)
    season.progress(text("writing the decision"), 1, 1)
    return _Written(tuple(papers), tuple(kept), *_how_firm(season))


def result_papers(season: Season, decision: Decision) -> dict[str, bytes]:
    """Return decision and tables by the names of their files; the same bytes for the same results.

    Raises:
        PublicationError: if the decision could not be made or does not say what the results say.
    """
    return {
        DECISION: make_decision(decision, _template(season)),
        "results.json": _results_json(season, decision.standings, decision.basis),
        "results.csv": _results_csv(season, decision.standings),
    }


def _how_firm(season: Season) -> tuple[Path | None, tuple[Problem, ...]]:
    """Write the chairman's page on how firmly the results stand; the decision does not wait for it."""
    try:
        robustness(season)
    except PublicationError as error:
        return None, (Problem(error.code, error.what, error.fix, "warning"),)
    return season.cycle.output_folder / PAGE, ()


@dataclass(frozen=True)
class _Written:
    """The papers written, copies of those that somebody had edited by hand, the chairman's page."""

    papers: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    page: Path | None = None
    problems: tuple[Problem, ...] = ()


def keep_edited(file: Path, content: bytes, written: str | None) -> Path | None:
    """Copy a paper that is neither what was last written nor what will be: somebody has worked on it."""
    if not file.exists():
        return None
    found = file.read_bytes()
    if found == content or digest_of(found) == written:
        return None
    number = 1
    while (copy := file.with_stem(f"{file.stem}-edited-{number}")).exists():
        if copy.read_bytes() == found:
            return copy
        number += 1
    write_whole(copy, found)
    return copy


def digest_of(content: bytes) -> str:
    """Return the digest by which a written paper is known again."""
    return hashlib.sha256(content).hexdigest()


def decision_of(season: Season, known: Known, standings: tuple[Standing, ...]) -> Decision:
    """Put together what the decision says."""
    settings = season.cycle.settings
    authority, words = settings.authority, settings.decision
    entries, digest = season.basis()
    override = season.ledger.last("override", "-")
    return Decision(
        letterhead=Letterhead(
            parent=authority.parent,
            issuer=authority.issuer,
            authority=authority.decided_by or authority.name,
            place=authority.place,
            symbol=authority.symbol,
            decider=authority.decider,
            signer_title=authority.signer.title,
            signer_name=authority.signer.name,
        ),
        year=settings.year,
        date_line_year=decision_year(season, is_made=True),
        subject=words.subject,
        units_phrase=words.units,
        legal_bases=words.legal_bases,
        proposal=words.proposal,
        implementers=words.implementers,
        recipients=words.recipients,
        standings=standings,
        policies=season.cycle.policies,
        criteria=season.cycle.criteria,
        basis=Basis(
            ledger_digest=digest,
            entries=entries,
            configuration_digest=season.cycle.configuration_digest,
            program_version=__version__,
        ),
        remarks=(
            *_remarks(override.body if override else None),
            *not_in_time(season, known),
            *_taken_penalties(season, known),
        ),
    )


def _taken_penalties(season: Season, known: Known) -> Iterator[str]:
    """Say which penalties are already in the points of a criterion, for they are in no column of their own."""
    names = {unit.code: unit.name for unit in season.cycle.units}
    items = {item.code: item for item in season.cycle.criteria.adjustments if item.criterion}
    for (unit, code), entry in known.record.adjustments.entries.items():
        if code in items and entry.points:
            yield (
                f"{names[unit]}: điểm trừ {code} ({number(entry.points)} điểm) đã trừ vào điểm của "
                f"tiêu chí {items[code].criterion}"
            )


def _remarks(override: object) -> tuple[str, ...]:
    if not isinstance(override, dict):
        return ()
    return (
        f"Một số tiêu chí chưa được thẩm định được lấy theo điểm tự chấm; lý do: {override['reason']}",
        *override["gaps"],
    )


def _template(season: Season) -> Path:
    """Return the office's own template, or the one that comes with the program."""
    own = season.cycle.office_templates / DECISION
    return own if own.exists() else papers_folder() / DECISION


def _results_json(season: Season, standings: Sequence[Standing], basis: Basis) -> bytes:
    data = {
        "schema": 1,
        "cycle": season.cycle.id,
        "title": season.cycle.settings.title,
        "year": season.cycle.settings.year,
        "ledger_digest": basis.ledger_digest,
        "units": [as_data(standing) for standing in standings],
    }
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _results_csv(season: Season, standings: Sequence[Standing]) -> bytes:
    """Write the table as Excel opens it: with BOM, decimal points, text that cannot become a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    fields = [field.code for field in season.cycle.criteria.fields]
    writer.writerow([*_CSV_COLUMNS, *(f"field_{code}" for code in fields)])
    for standing in standings:
        data = as_data(standing)
        writer.writerow(
            [
                *(_as_text(data[column]) for column in _CSV_COLUMNS),
                *(field["points"] for field in data["fields"]),
            ]
        )
    return stream.getvalue().encode("utf-8-sig")


_CSV_COLUMNS = (
    "unit",
    "name",
    "kind",
    "group",
    "self_points",
    "appraisal_points",
    "survey_points",
    "adjustment_points",
    "attainable_points",
    "index",
    "rank",
    "class",
)


def _as_text(value: object) -> object:
    """Keep a name that begins like a formula from being one when the file is opened; numbers stay numbers."""
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return value
    return value if value[1:].replace(".", "", 1).isdigit() else f"'{value}"


def _outcome(season: Season, known: Known, standings: tuple[Standing, ...], written: _Written) -> Outcome:
    classes = [
        text("{name}: {count}", name=band.name, count=sum(s.class_name == band.name for s in standings))
        for band in season.cycle.policies.bands
    ]
    summary = [text("results of {units} units: {classes}", units=len(standings), classes=classes)]
    if written.papers:
        summary.append(text("the draft decision is {file}", file=written.papers[0]))
    if written.page:
        summary.append(text("to read before signing: {file}", file=written.page))
    summary += [
        text("a paper had been edited by hand; that copy is kept as {file}", file=copy) for copy in written.kept
    ]
    return Outcome(
        "finalise",
        tuple(summary),
        units=unit_outcomes(standings),
        problems=(*(problem for problem in known.problems if problem.severity == "warning"), *written.problems),
        data={
            "files": [str(paper) for paper in written.papers],
            "kept": [str(copy) for copy in written.kept],
            "units": [as_data(standing) for standing in standings],
        },
        table=results_table(season, standings),
    )
