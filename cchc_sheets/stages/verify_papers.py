"""Holding every paper of the cycle against the same paper made anew from the ledger as it was when it was made."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from cchc_sheets.errors import CchcError, Severity
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.publication.paper_compare import Comparison, compare_papers, refuse_damage
from cchc_sheets.publication.paper_kinds import kind_of
from cchc_sheets.stages.finalise import digest_of
from cchc_sheets.stages.paper_run import FOLDER, Job, Run
from cchc_sheets.stages.replay import Replay
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_reminders import compare_fixed, fixed_lines, is_unseen
from cchc_sheets.stages.verify_report import Report

EDITED: Final = "-edited-"


class Runs:
    """The runs of `papers` at the entries where papers were made; where nothing else was recorded, the same again."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._last: tuple[tuple[str, str], Run] | None = None

    def season_at(self, entry: Entry) -> Season:
        """Return the season at an entry; entries must come in their order."""
        return self._replay.at(entry.number)

    def at(self, entry: Entry) -> Run:
        """Return the run in which a paper was made; entries must come in their order."""
        season = self.season_at(entry)
        state = (season.basis()[1], season.cycle.configuration_digest)
        if "seen" in entry.body:
            return Run(season, seen=entry.body["seen"])
        if self._last is None or self._last[0] != state:
            self._last = state, Run(season)
        return self._last[1]


def check_papers(season: Season, entries: Sequence[Entry], report: Report) -> None:
    """Look at the newest of every paper that was ever made, and for papers that the ledger does not know."""
    newest = {entry.subject: entry for entry in entries if entry.kind == "paper"}
    ordered = sorted(newest.values(), key=lambda entry: entry.number)
    known: set[Path] = set()
    with closing(Replay(entries, season.cycle.folder, season.progress)) as replay:
        runs = Runs(replay)
        for done, entry in enumerate(ordered):
            season.progress(text("looking at the papers"), done, len(ordered))
            run = runs.at(entry)
            job = job_of(run.season, entry.subject)
            if job is not None:
                known.add(season.cycle.output_folder / job.file)
                _check_paper(season, run, job, entry, report)
    season.progress(text("looking at the papers"), len(ordered), len(ordered))
    for file in sorted((season.cycle.output_folder / FOLDER).rglob("*.docx")):
        if file not in known and EDITED not in file.stem and not file.name.startswith("~$"):
            name = file.relative_to(season.cycle.output_folder).as_posix()
            subject = name.removeprefix(f"{FOLDER}/").removesuffix(".docx")
            report.settle(name, "unknown")
            fix = text("move it away, or make it with `papers` if it is a paper of the cycle")
            # In the place of a paper of the cycle: the entry that recorded it is gone, or somebody put it there.
            severity: Severity = "warning" if job_of(season, subject) is None else "error"
            report.tell("unknown_file", name, text("the ledger knows of no such paper"), fix, severity)


def job_of(season: Season, subject: str) -> Job | None:
    """Return the paper that an entry of the ledger is about; None for a kind or unit that is no more."""
    code, _, owner = subject.partition("/")
    kind = kind_of(code)
    unit = next((one for one in season.cycle.units if one.code == owner), None)
    return None if kind is None or kind.is_per_unit != (unit is not None) else Job(kind, unit)


def _check_paper(season: Season, run: Run, job: Job, entry: Entry, report: Report) -> None:
    found = read_if_there(season.cycle.output_folder / job.file, job.file, report)
    if found is None:
        return
    is_whole = digest_of(found) == entry.body["digest"]
    try:
        if is_unseen(job, entry):
            _check_unseen(run, job, found, is_whole=is_whole, report=report)
            return
        if is_whole and run.basis(job, run.content(job)) == entry.body["basis"]:
            report.settle(job.file, "as_made")
            return
        again = run.made(job, run.content(job))
    except CchcError as error:
        _cannot_be_made(job.file, error, is_whole=is_whole, report=report)
        return
    compare_docx(job.file, (again, found), str(entry.body["digest"]), report)


def _check_unseen(run: Run, job: Job, found: bytes, *, is_whole: bool, report: Report) -> None:
    if is_whole:
        report.settle(job.file, "as_made")
        return
    try:
        refuse_damage(found, job.file)
    except CchcError as error:
        report.settle(job.file, "altered")
        report.tell(error.code, job.file, error.what, error.fix)
        return
    compare_fixed(job.file, fixed_lines(run.season, job), found, report)


def _cannot_be_made(file: str, error: CchcError, *, is_whole: bool, report: Report) -> None:
    what = text("it cannot be made again to compare it: {reason}", reason=error.what)
    if is_whole:
        report.settle(file, "as_made")
        report.tell("not_comparable", file, what, error.fix, "warning")
    else:
        report.settle(file, "altered")
        report.tell("paper_altered", file, what, error.fix)


def read_if_there(file: Path, name: str, report: Report) -> bytes | None:
    """Return a file's bytes; where it is gone or cannot be read, tell it and return None."""
    try:
        return file.read_bytes()
    except OSError as error:
        report.settle(name, "missing")
        what = text("the file is missing or cannot be read: {reason}", reason=error.strerror or str(error))
        report.tell("file_missing", name, what, text("make it anew: it comes out the same from the ledger"))
        return None


def compare_docx(name: str, sides: tuple[bytes, bytes], recorded: str, report: Report) -> None:
    """Hold a paper against the one made again; `recorded` is the digest of the file as it was first made.

    What was not changed since, but would come out otherwise today, is told as a warning: template or program have
    changed, not the paper.
    """
    again, found = sides
    fix = text("find out who changed it; make it anew: it comes out the same from the ledger")
    try:
        comparison = compare_papers(again, found, name)
    except CchcError as error:
        report.settle(name, "altered")
        report.tell(error.code, name, error.what, error.fix)
        return
    is_faithful = digest_of(again) == recorded
    settle_pictures(name, comparison, is_faithful=is_faithful, report=report)
    if digest_of(found) != recorded:
        report.compared(name, comparison, fix, is_faithful=is_faithful)
        return
    report.settle(name, "as_made")
    if comparison.differences:
        what = text("unchanged since it was made, but template, wording or program have changed: it would differ today")
        report.tell(
            "made_otherwise_today", name, what, text("nothing, unless the office wants it made anew"), "warning"
        )
        report.altered(name, comparison.differences, fix, "warning")


def settle_pictures(name: str, comparison: Comparison, *, is_faithful: bool, report: Report) -> None:
    """Another machine may draw the same chart with other bytes; only where it does not, a picture proves anything."""
    if is_faithful or comparison.are_pictures_alike or not comparison.pictures_changed:
        comparison.differences += comparison.pictures_changed
        return
    what = text("{count} pictures cannot be compared on this machine", count=len(comparison.pictures_changed))
    report.tell("picture_not_comparable", name, what, text("look at the figures beside them"), "warning")
