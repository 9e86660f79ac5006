"""The chairman's page: known again by its words, made again from what it rests on, by the version that it names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cchc_sheets import __version__
from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.file_compare import compare_files
from cchc_sheets.publication.paper_compare import Comparison, Line, compare_papers, printed_lines, refuse_damage
from cchc_sheets.publication.paper_kinds import SIGN_OFF_CODE, paper_title
from cchc_sheets.publication.sign_off_words import Named, is_method, named_in
from cchc_sheets.stages.replay import Replay
from cchc_sheets.stages.robustness import DATA, PAGE, examine, robustness_papers
from cchc_sheets.stages.season import BESIDE_THE_NUMBERS, Season
from cchc_sheets.stages.verify_ledger import entry_words
from cchc_sheets.stages.verify_papers import read_if_there
from cchc_sheets.stages.verify_report import DO_NOT_USE, Report

_FIX: Final = text("find out who changed it; `finalise` makes it anew and keeps this one beside it")
_LEAST_ALIKE: Final = 2


def check_sign_off(season: Season, entries: Sequence[Entry], final: Entry, report: Report) -> None:
    """Look at the page and its data, made at the end of `finalise` or later by `robustness`, if they are there."""
    folder = season.cycle.output_folder
    if not (folder / DATA).exists() and not (folder / PAGE).exists():
        return
    data = read_if_there(folder / DATA, DATA, report)
    page = read_if_there(folder / PAGE, PAGE, report)
    resting = max(_rests_on(data, entries), final.number)
    again = _made(season, entries, _state_after(entries, resting), _version(page))
    if data is not None:
        report.settle(DATA, "as_made")
        if data != again.data:
            report.altered(DATA, compare_files(DATA, again.data, data), _FIX)
    if page is None:
        return
    if page == again.page:
        report.settle(PAGE, "as_made")
        return
    try:
        comparison = compare_papers(again.page, page, PAGE)
    except CchcError as error:
        report.settle(PAGE, "altered")
        report.tell(error.code, PAGE, error.what, error.fix)
        return
    _tell(PAGE, comparison, _version(page), entries, report, _FIX)


def is_sign_off(lines: Sequence[Line]) -> bool:
    """Whether a document says what only the chairman's page says."""
    return any(is_method(line.key[0]) for line in lines)


def verify_sign_off(
    season: Season, entries: Sequence[Entry], file: Path, found: bytes, report: Report
) -> Outcome | None:
    """Hold a file against the chairman's page of the state of the ledger that it names; None if it is not alike."""
    name, named = file.name, _named(found)
    resting = next((e.number for e in entries if named and e.digest.startswith(named.digest)), 0)
    again = _made(season, entries, _state_after(entries, resting or _newest(entries)), _version(found))
    own, there = ({line.key for line in printed_lines(one)} for one in (again.page, found))
    if len(own & there) * _LEAST_ALIKE < len(own):
        return None
    entry = entries[again.basis - 1]
    words = {"file": name, "paper": paper_title(SIGN_OFF_CODE), "entry": entry_words(entry)}
    report.settle(name, "as_made")
    if found == again.page:
        said = [text("{file} is, byte for byte, the paper «{paper}» of {entry}", **words)]
    else:
        comparison = compare_papers(again.page, found, str(file))
        _tell(name, comparison, _version(found), entries, report, DO_NOT_USE)
        said = [text("{file} is the paper «{paper}» of {entry}", **words), *report.verdict(name, comparison)]
    if named is not None and named.version != __version__:
        said.append(text("it says that version {made} of the program made it", made=named.version))
    if again.basis != season.basis()[0]:
        what = text("this version was overtaken by {entry}", entry=entry_words(entries[season.basis()[0] - 1]))
        report.tell("overtaken", name, what, text("use the newer one"), "warning")
    data = {**report.as_data(), "paper": SIGN_OFF_CODE, "entry": entry.number, "intact": report.is_intact(name)}
    return Outcome("verify", tuple(said), problems=tuple(report.problems), data=data)


@dataclass(frozen=True)
class _Again:
    """The page and its data made again; `basis` is the entry that they rest on."""

    page: bytes
    data: bytes
    basis: int


def _made(season: Season, entries: Sequence[Entry], number: int, version: str) -> _Again:
    with closing(Replay(entries, season.cycle.folder, season.progress)) as replay:
        then = replay.at(number)
        page, data = robustness_papers(then, examine(then), version).values()
        return _Again(page, data, then.basis()[0])


def _tell(name: str, comparison: Comparison, version: str, entries: Sequence[Entry], report: Report, fix: Text) -> None:
    """Tell how the page differs; words that another version of the program may have said otherwise prove nothing.

    A version that the ledger knows nothing of excuses nothing: anybody can write one into the page.
    """
    known = {str(entry.body.get("program")) for entry in entries if entry.kind == "results"}
    if version not in {__version__, *known}:
        what = text("it says that version {made} of the program made it, which the ledger does not know", made=version)
        report.tell("version_unknown", name, what, text("find out who changed it, if nobody used that one"), "warning")
    comparison.differences += comparison.pictures_changed
    report.compared(name, comparison, fix, is_faithful=version == __version__ or version not in known)


def _named(page: bytes | None) -> Named | None:
    """Return what a page says it was made from and by; None where it does not, or cannot be opened."""
    if page is None:
        return None
    try:
        refuse_damage(page, PAGE)
    except CchcError:
        return None
    return next(filter(None, (named_in(line.key[0]) for line in printed_lines(page))), None)


def _version(page: bytes | None) -> str:
    named = _named(page)
    return named.version if named else __version__


def _rests_on(data: bytes | None, entries: Sequence[Entry]) -> int:
    digest = ""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        digest = json.loads(data or b"")["ledger_digest"]
    return next((entry.number for entry in entries if entry.digest == digest), 0)


def _newest(entries: Sequence[Entry]) -> int:
    """Return the results, where there are any: the page is made with them."""
    return next((entry.number for entry in reversed(entries) if entry.kind == "results"), len(entries))


def _state_after(entries: Sequence[Entry], number: int) -> int:
    """Return the last entry before anything else was recorded that numbers rest on."""
    later = (entry.number for entry in entries if entry.number > number and entry.kind not in BESIDE_THE_NUMBERS)
    return next(later, len(entries) + 1) - 1
