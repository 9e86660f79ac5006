"""`verify`: compute everything again from the ledger and hold it against what was published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.configuration import changed_configuration
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_anchors import check_anchors, entry_of_digest
from cchc_sheets.stages.verify_ledger import ledger_problems
from cchc_sheets.stages.verify_papers import check_papers
from cchc_sheets.stages.verify_report import Report
from cchc_sheets.stages.verify_results import check_results
from cchc_sheets.stages.verify_signed import verify_paper
from cchc_sheets.stages.verify_site import check_site

_ALTERED: Final = ("altered", "missing")
_RIGHT: Final = ("as_made", "saved_again")


def verify(season: Season, file: Path | None = None, digest: str = "") -> Outcome:
    """Verify the whole cycle, or one Word file that says it is a paper of it.

    Everything is computed from the ledger as it was when each paper was made, under the configuration recorded then;
    what lies in the output folder is held against it. Whatever differs is a problem that names file and place.

    Args:
        digest: one that a signed paper prints; the ledger must have the entry.

    Raises:
        CchcError: if `file` cannot be read, or is no paper of this cycle; if no entry has this digest.
        LedgerError: if the ledger cannot be opened at all.
    """
    report = Report(problems=ledger_problems(season))
    head = _head(season) if not _has_errors(report) else {}
    if _has_errors(report):
        return Outcome(
            "verify",
            (text("the ledger is not whole: nothing can be computed from it"),),
            problems=tuple(report.problems),
            data={**head, **report.as_data(), "intact": False},
        )
    anchored = [entry_of_digest(season.ledger.entries(), digest)] if digest else []
    if file is not None:
        outcome = verify_paper(season, file, report)
        return replace(outcome, summary=(*outcome.summary, *anchored))
    report.problems += changed_configuration(season)
    check_season(season, report)
    return Outcome(
        "verify",
        (*_summary(season, report), *anchored),
        problems=tuple(report.problems),
        data={**head, **report.as_data(), "intact": not _has_errors(report)},
    )


def check_season(season: Season, report: Report) -> None:
    """Hold everything in the output folder against the ledger."""
    entries = season.ledger.entries()
    check_results(season, entries, report)
    check_papers(season, entries, report)
    check_site(season, entries, report)
    check_anchors(season, entries, report)


def untold(report: Report) -> list[Text]:
    """Say of which files it cannot be told in full whether they are as they were made; nothing if there are none."""
    files = sorted(file for file, state in report.files.items() if state == "not_comparable")
    if not files:
        return []
    return [text("cannot be compared in full: {count} files: {files}", count=len(files), files=files[:10])]


def _head(season: Season) -> dict[str, Any]:
    number, digest = season.ledger.head()
    return {"cycle": season.cycle.id, "ledger": {"entries": number, "digest": digest}}


def _has_errors(report: Report) -> bool:
    return any(problem.severity == "error" for problem in report.problems)


def _summary(season: Season, report: Report) -> list[Text]:
    number, _ = season.ledger.head()
    said = [text("the ledger is whole: {count} entries, each in its place", count=number)]
    if not report.files:
        return [*said, text("nothing has been published yet")]
    said += report.saved_again_said()
    said += untold(report)
    altered = sorted(file for file, state in report.files.items() if state in _ALTERED)
    if altered:
        said.append(text("{count} files are not as they were made: {files}", count=len(altered), files=altered[:10]))
    else:
        right = sum(state in _RIGHT for state in report.files.values())
        said.append(text("{count} files say what the ledger gives", count=right))
    return said
