"""Holding the results that were finalised, and the papers made with them, against a new computation."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from cchc_sheets import __version__
from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.publication.decision import Decision
from cchc_sheets.publication.file_compare import compare_files, compare_values
from cchc_sheets.stages.finalise import DECISION, decision_of, digest_of, result_papers
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.replay import Replay
from cchc_sheets.stages.results import as_data
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_papers import compare_docx, read_if_there
from cchc_sheets.stages.verify_report import Report
from cchc_sheets.stages.verify_sign_off import check_sign_off

_FIX = text("find out who changed it; `finalise` makes it anew and keeps this one beside it")


def check_results(season: Season, entries: Sequence[Entry], report: Report) -> None:
    """Look at the newest results: as recorded, as printed in the decision, as written into tables."""
    final = newest_results(entries)
    if final is None:
        return
    with closing(Replay(entries, season.cycle.folder, season.progress)) as replay:
        then = replay.at(final.number)
        decision = decision_then(then, final)
        _check_recorded(final, decision, report)
        try:
            again = result_papers(then, decision)
        except CchcError as error:
            report.settle(DECISION, "altered")
            report.tell("not_comparable", DECISION, error.what, error.fix)
            return
        for name, content in again.items():
            _check_file(season, name, content, final, report)
    check_sign_off(season, entries, final, report)


def newest_results(entries: Sequence[Entry]) -> Entry | None:
    """Return the entry of what was finalised last."""
    return next((entry for entry in reversed(entries) if entry.kind == "results"), None)


def decision_then(then: Season, final: Entry) -> Decision:
    """Put together what the decision of these results said; the program's version is the one that made it."""
    known = known_so_far(then)
    decision = decision_of(then, known, compute(then, known.record))
    program = final.body.get("program", decision.basis.program_version)
    return replace(decision, basis=replace(decision.basis, program_version=program))


def _check_recorded(final: Entry, decision: Decision, report: Report) -> None:
    """The numbers in the ledger must follow from the readings in the ledger."""
    name = f"ledger.db #{final.number}"
    fix = text("the results do not follow from what was read: run `finalise` again, and tell the developers")
    wanted = {"units": [as_data(one) for one in decision.standings], "basis": decision.basis.ledger_digest}
    found = {"units": final.body["units"], "basis": final.body["basis"]}
    report.settle(name, "as_made")
    if wanted != found:
        report.altered(name, compare_values(wanted, found), fix)


def _check_file(season: Season, name: str, again: bytes, final: Entry, report: Report) -> None:
    recorded = str(final.body["papers"][name])
    found = read_if_there(season.cycle.output_folder / name, name, report)
    if found is None:
        return
    if found == again:
        report.settle(name, "as_made")
    elif name == DECISION:
        compare_docx(name, (again, found), recorded, report)
    else:
        is_older = digest_of(found) == recorded and not is_of_this_version(final)
        report.settle(name, "as_made")
        if differences := compare_files(name, again, found, common_only=is_older):
            report.altered(name, differences, _FIX)


def is_of_this_version(final: Entry) -> bool:
    """Whether this version of the program made the results."""
    return bool(final.body.get("program") == __version__)
