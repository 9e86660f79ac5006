"""Holding the results that were finalised, and the papers made with them, against a new computation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from cchc_sheets import __version__
from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.publication.decision import Decision
from cchc_sheets.publication.file_compare import compare_files, compare_values
from cchc_sheets.publication.paper_compare import compare_papers
from cchc_sheets.stages.finalise import DECISION, decision_of, digest_of, result_papers
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.replay import Replay
from cchc_sheets.stages.results import as_data
from cchc_sheets.stages.robustness import DATA, PAGE, examine, robustness_papers
from cchc_sheets.stages.season import BESIDE_THE_NUMBERS, Season
from cchc_sheets.stages.verify_papers import compare_docx, read_if_there
from cchc_sheets.stages.verify_report import Report

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
    _check_sign_off(season, entries, final, report)


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


def _check_sign_off(season: Season, entries: Sequence[Entry], final: Entry, report: Report) -> None:
    """Look at the chairman's page, made at the end of `finalise` or later by itself, if it is there."""
    folder = season.cycle.output_folder
    if not (folder / DATA).exists() and not (folder / PAGE).exists():
        return
    with closing(Replay(entries, season.cycle.folder, season.progress)) as replay:
        then = replay.at(_state_of(folder / DATA, entries, final))
        examined = examine(then)
        # The page names its maker: the version that made the results, or this one, by `robustness` after an upgrade.
        makers = dict.fromkeys((str(final.body.get("program", __version__)), __version__))
        again = [robustness_papers(then, examined, maker) for maker in makers]
    for file in again[0]:
        found = read_if_there(folder / file.name, file.name, report)
        expected = [papers[file] for papers in again]
        if found is None:
            continue
        if found in expected:
            report.settle(file.name, "as_made")
        elif file.name == DATA:
            report.altered(file.name, compare_files(file.name, expected[0], found), _FIX)
        else:
            _check_page(file.name, expected, found, is_faithful=is_of_this_version(final), report=report)


def _check_page(name: str, expected: Sequence[bytes], found: bytes, *, is_faithful: bool, report: Report) -> None:
    """Hold the page against the same made anew by each possible maker, and tell how it differs from the nearest."""
    try:
        comparisons = [compare_papers(again, found, name) for again in expected]
        comparison = min(comparisons, key=lambda one: len(one.differences))
    except CchcError as error:
        report.settle(name, "altered")
        report.tell(error.code, name, error.what, error.fix)
        return
    comparison.differences += comparison.pictures_changed
    report.compared(name, comparison, _FIX, is_faithful=is_faithful)


def _state_of(data: Path, entries: Sequence[Entry], final: Entry) -> int:
    """Return the last entry before anything was recorded that the page does not rest on."""
    digest = ""
    with suppress(OSError, ValueError, KeyError, TypeError):
        digest = json.loads(data.read_text(encoding="utf-8"))["ledger_digest"]
    at = next((entry.number for entry in entries if entry.digest == digest), 0)
    if at <= final.number:
        return final.number
    later = (entry.number for entry in entries if entry.number > at and entry.kind not in BESIDE_THE_NUMBERS)
    return next(later, len(entries) + 1) - 1


def is_of_this_version(final: Entry) -> bool:
    """Whether this version of the program made the results."""
    return bool(final.body.get("program") == __version__)
