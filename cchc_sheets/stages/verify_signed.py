"""`verify FILE.docx`: which paper of the cycle it is, and whether anything in it was altered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.paper_compare import LARGEST_FILE, Line, compare_papers, printed_lines, refuse_damage
from cchc_sheets.publication.paper_kinds import DECISION_CODE, paper_title
from cchc_sheets.stages.finalise import DECISION, digest_of, result_papers
from cchc_sheets.stages.paper_run import Run
from cchc_sheets.stages.replay import Replay
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_ledger import entry_words
from cchc_sheets.stages.verify_papers import Runs, job_of, settle_pictures
from cchc_sheets.stages.verify_reminders import compare_fixed, fixed_lines, is_unseen
from cchc_sheets.stages.verify_report import DO_NOT_USE, Report
from cchc_sheets.stages.verify_results import decision_then
from cchc_sheets.stages.verify_sign_off import is_sign_off, verify_sign_off
from cchc_sheets.vietnamese import normal

_LEAST_ALIKE: Final = 2
"""At least every so many-th line has to be the paper's own."""

_SHORTEST: Final = 6
"""Names of fewer letters stand in any paper."""


@dataclass(frozen=True)
class _Candidate:
    """One version of one paper: the entry that recorded it, and the file made again.

    Attributes:
        fixed: of a paper that cannot be made again in full: the lines that it has in any case, and `content` is none.
    """

    name: str
    entry: Entry
    content: bytes = b""
    fixed: list[Line] | None = None

    @property
    def recorded(self) -> str:
        """The digest of the file as it was first made."""
        return str(self.entry.body["papers"][DECISION] if self.name == DECISION_CODE else self.entry.body["digest"])

    @property
    def lines(self) -> list[Line]:
        """What is known of what it prints."""
        return printed_lines(self.content) if self.fixed is None else self.fixed


def verify_paper(season: Season, file: Path, report: Report) -> Outcome:
    """Hold one file against the paper of the cycle that it is most like.

    Raises:
        CchcError: if it cannot be read, is no Word document, or no paper of this cycle.
    """
    found = _read(file)
    entries = season.ledger.entries()
    exact = next((one for one in _recorded(entries) if digest_of(found) == one[2]), None)
    if exact is not None:
        return _is_exact(season, exact[0], exact[1], file, report)
    lines = printed_lines(found)
    if is_sign_off(lines):
        outcome = verify_sign_off(season, entries, file, found, report)
        if outcome is not None:
            return outcome
    candidate = _most_like(season, entries, lines)
    if candidate is None:
        raise CchcError(
            text("this is no paper of the cycle {cycle}", cycle=season.cycle.id),
            where=str(file),
            fix=text("go to the folder of the cycle that it belongs to; --cycle names it"),
            code="unknown_paper",
        )
    return _compared(season, candidate, found, file, report)


def _compared(season: Season, candidate: _Candidate, found: bytes, file: Path, report: Report) -> Outcome:
    name, entry = file.name, candidate.entry
    title = paper_title(candidate.name, season.cycle.units)
    if candidate.fixed is not None:
        compare_fixed(name, candidate.fixed, found, report)
        said = [
            text("{file} is most like the paper «{paper}» of {entry}", file=name, paper=title, entry=entry_words(entry))
        ]
    else:
        comparison = compare_papers(candidate.content, found, str(file))
        is_faithful = digest_of(candidate.content) == candidate.recorded
        settle_pictures(name, comparison, is_faithful=is_faithful, report=report)
        report.settle(name, "as_made")
        report.compared(name, comparison, DO_NOT_USE, is_faithful=is_faithful)
        said = [text("{file} is the paper «{paper}» of {entry}", file=name, paper=title, entry=entry_words(entry))]
        said += report.verdict(name, comparison)
    _tell_overtaken(season.ledger.entries(), candidate.name, entry, name, report)
    data = {**report.as_data(), "paper": candidate.name, "entry": entry.number, "intact": report.is_intact(name)}
    return Outcome("verify", tuple(said), problems=tuple(report.problems), data=data)


def _is_exact(season: Season, name: str, entry: Entry, file: Path, report: Report) -> Outcome:
    report.settle(file.name, "as_made")
    _tell_overtaken(season.ledger.entries(), name, entry, file.name, report)
    said = text(
        "{file} is, byte for byte, the paper «{paper}» of {entry}",
        file=file.name,
        paper=paper_title(name, season.cycle.units),
        entry=entry_words(entry),
    )
    data = {**report.as_data(), "paper": name, "entry": entry.number, "intact": True}
    return Outcome("verify", (said,), problems=tuple(report.problems), data=data)


def _tell_overtaken(entries: Sequence[Entry], name: str, entry: Entry, file: str, report: Report) -> None:
    newest = next(other for paper, other, _ in _recorded(entries) if paper == name)
    if newest.number != entry.number:
        what = text("this version was overtaken by {entry}", entry=entry_words(newest))
        report.tell("overtaken", file, what, text("use the newer one"), "warning")


def _recorded(entries: Sequence[Entry]) -> Iterator[tuple[str, Entry, str]]:
    """Yield every version of every paper with the digest of its file, newest first."""
    for entry in reversed(entries):
        if entry.kind == "results":
            yield DECISION_CODE, entry, str(entry.body["papers"][DECISION])
        elif entry.kind == "paper":
            yield entry.subject, entry, str(entry.body["digest"])


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise CchcError(
                text("the document is too large for a paper"),
                where=str(file),
                fix=text("name the .docx file as it was signed; `verify` alone looks at pages and open data"),
                code="too_large",
            )
        content = file.read_bytes()
    except OSError as error:
        raise CchcError(
            text("the file cannot be read: {reason}", reason=error.strerror or str(error)),
            where=str(file),
            fix=text("name a .docx file, or an archive that `archive` made"),
            code="missing",
        ) from error
    refuse_damage(content, str(file))
    return content


def _most_like(season: Season, entries: Sequence[Entry], there: Sequence[Line]) -> _Candidate | None:
    """Return the version of a paper that shares most lines with a file; None if none is like it."""
    lines = {line.key for line in there}
    recorded = [entry for entry in entries if entry.kind in {"results", "paper"}]
    with closing(Replay(entries, season.cycle.folder, season.progress)) as replay:
        runs = Runs(replay)
        likeness = [(_likeness(runs, entry, lines), entry.number) for entry in recorded]
    _, number = max(likeness, default=(0, 0))
    candidate = _made(season, entries, number) if number else None
    own = {line.key for line in candidate.lines} if candidate else set()
    return candidate if candidate and len(own & lines) * _LEAST_ALIKE >= len(own) else None


def _likeness(runs: Runs, entry: Entry, lines: Collection[tuple[str, ...]]) -> int:
    """Count what a version of a paper would say that the file says, without laying it out."""
    if entry.kind == "results":
        then = runs.season_at(entry)
        return sum(line.key in lines for line in printed_lines(_decision(then, entry)))
    run = runs.at(entry)
    job = job_of(run.season, entry.subject)
    if job is None:
        return 0
    if is_unseen(job, entry):
        try:
            return sum(line.key in lines for line in fixed_lines(run.season, job))
        except CchcError:  # its template is not usable any more: no reason not to know other papers
            return 0
    content = run.content(job)
    rows = {tuple(map(normal, line.cells)) for grid in content.grids.values() for line in grid.lines}
    told = " ".join(" ".join(line) for line in lines)
    names = {value for value in content.names.values() if isinstance(value, str) and len(value) >= _SHORTEST}
    return len(rows & set(lines)) + sum(normal(name) in told for name in names)


def _decision(then: Season, entry: Entry) -> bytes:
    return result_papers(then, decision_then(then, entry))[DECISION]


def _made(season: Season, entries: Sequence[Entry], number: int) -> _Candidate | None:
    entry = entries[number - 1]
    with closing(Replay(entries, season.cycle.folder, season.progress)) as replay:
        then = replay.at(number)
        if entry.kind == "results":
            return _Candidate(DECISION_CODE, entry, _decision(then, entry))
        job = job_of(then, entry.subject)
        if job is None:
            return None
        if is_unseen(job, entry):
            return _Candidate(job.name, entry, fixed=fixed_lines(then, job))
        run = Run(then, seen=entry.body.get("seen"))
        return _Candidate(job.name, entry, run.made(job, run.content(job)))
