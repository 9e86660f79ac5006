"""Holding the published pages and open data against the same made anew."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cchc_sheets.cycle.folder import Cycle
from cchc_sheets.errors import CchcError, NotNow
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.publication.file_compare import DAMAGED, compare_files
from cchc_sheets.publication.page import CHECKSUMS, OPEN_DATA, read_checksums
from cchc_sheets.stages.publish import FOLDER, publish
from cchc_sheets.stages.replay import Replay
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_report import Report
from cchc_sheets.stages.verify_results import is_of_this_version, newest_results
from cchc_sheets.zips import Bounds, open_zip

_LIKE_OURS: Final = Bounds(50 * 1024 * 1024, 400 * 1024 * 1024, 1_000)
_LARGEST: Final = 200 * 1024 * 1024
_PICTURES: Final = (".svg", ".png")
_MOST_CONFIGURATIONS: Final = 3
_FIX: Final = text("find out who changed it; `publish` makes the folder anew and keeps this one beside it")


def check_site(season: Season, entries: Sequence[Entry], report: Report) -> None:
    """Look at every file of the published folder, if there is one."""
    folder = season.cycle.output_folder / FOLDER
    newest = newest_results(entries)
    if not folder.is_dir() or newest is None:
        return
    found = files_below(folder)
    final = _rests_on(found, entries) or newest
    if final.number != newest.number:
        what = text("the pages show results that were overtaken since")
        report.tell("publication_outdated", FOLDER, what, text("run `publish`"), "warning")
    try:
        expected = _nearest(season, entries, final, found)
    except CchcError as error:
        report.tell("not_comparable", FOLDER, error.what, error.fix)
        return
    _compare(expected, found, final, report)


def _nearest(season: Season, entries: Sequence[Entry], final: Entry, found: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Make the pages again, under each configuration that was in force since, with remarks and without.

    `publish` records neither; what it wrote tells which it was.
    """
    nearest: dict[str, bytes] = {}
    least = -1
    for under in _configurations(season, entries, final):
        for remarks in (True, False):
            try:
                site = _made_again(season, entries, final, under=under, remarks=remarks)
            except NotNow:  # its criteria are others: nothing can have been published under it
                continue
            differing = sum(found.get(name) != content for name, content in site.items())
            if least < 0 or differing < least:
                nearest, least = site, differing
            if least == 0:
                return nearest
    return nearest


def _configurations(season: Season, entries: Sequence[Entry], final: Entry) -> Iterator[Cycle | None]:
    """Yield what the pages may have been made under: as the results, later recorded ones, that of the folder now."""
    yield None
    later = [entry for entry in entries if entry.kind == "configuration" and entry.number > final.number]
    with closing(Replay(entries, season.cycle.folder)) as replay:
        for entry in later[-_MOST_CONFIGURATIONS:][::-1]:
            yield replay.cycle_at(entry.number)
    if all(entry.body["digest"] != season.cycle.configuration_digest for entry in later):
        yield season.cycle


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their path in it; of one larger than any of ours only the beginning."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink())
    return {file.relative_to(folder).as_posix(): _beginning(file) for file in files}


def _beginning(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_LARGEST)


def _rests_on(found: Mapping[str, bytes], entries: Sequence[Entry]) -> Entry | None:
    """Return the results that the pages show, by the digest in the open data."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        digest = json.loads(found[f"{OPEN_DATA}/results.json"])["ledger_digest"]
        return next((e for e in reversed(entries) if e.kind == "results" and e.body["basis"] == digest), None)
    return None


def _made_again(
    season: Season, entries: Sequence[Entry], final: Entry, *, under: Cycle | None, remarks: bool
) -> dict[str, bytes]:
    with (
        closing(Replay(entries, season.cycle.folder, season.progress)) as replay,
        tempfile.TemporaryDirectory() as folder,
    ):
        out = Path(folder) / "site"
        publish(replay.at(final.number, dry_run=False, under=under), out=out, remarks=remarks)
        return files_below(out)


@dataclass(frozen=True)
class _Made:
    """By what the pages were made: by the libraries that draw charts here, by this version of the program."""

    same_charts: bool
    same_program: bool


def _compare(expected: Mapping[str, bytes], found: Mapping[str, bytes], final: Entry, report: Report) -> None:
    listed = read_checksums(found.get(CHECKSUMS, b""))
    same_charts = any(found.get(name) == expected[name] for name in expected if name.endswith(_PICTURES))
    made = _Made(same_charts, same_program=is_of_this_version(final))
    tolerated: set[str] = set()
    for name in sorted(expected.keys() | found.keys(), key=lambda name: (name == CHECKSUMS, name)):
        shown = f"{FOLDER}/{name}"
        if name not in found:
            report.settle(shown, "missing")
            report.tell("file_missing", shown, text("the file is missing"), _FIX)
        elif name not in expected:
            report.settle(shown, "unknown")
            what = text("the file does not belong to what was published")
            report.tell("unknown_file", shown, what, text("take it away, or run `publish`"), "warning")
        elif found[name] == expected[name] or (
            name == CHECKSUMS and _same_list(expected[name], found[name], tolerated)
        ):
            report.settle(shown, "as_made")
        elif _is_listed(found[name], listed.get(name)) and _is_the_same(name, expected[name], found[name], made):
            tolerated.add(name)
            report.settle(shown, "as_made")
        elif differences := compare_files(name, expected[name], found[name]):
            report.altered(shown, differences, _FIX)
        else:
            report.settle(shown, "saved_again")
            what = text("saved again by another program: its figures are right, but its check sum is no more")
            report.tell("saved_again", shown, what, text("run `publish`, if the file is to be offered"), "warning")
    if tolerated:
        what = text("{files} would come out with other bytes by this program on this machine", files=sorted(tolerated))
        report.tell("made_otherwise_today", FOLDER, what, text("nothing, if the pages need not be new"), "warning")


def _is_listed(content: bytes, digest: str | None) -> bool:
    return hashlib.sha256(content).hexdigest() == digest


def _same_list(expected: bytes, found: bytes, tolerated: set[str]) -> bool:
    sides = (
        {line for line in content.split(b"\n") if line.partition(b"  ")[2].decode(errors="replace") not in tolerated}
        for content in (expected, found)
    )
    return next(sides) == next(sides)


def _is_the_same(name: str, expected: bytes, found: bytes, made: _Made) -> bool:
    """Whether a file that is as it was listed differs only in what other libraries or versions make otherwise."""
    if name.endswith(_PICTURES):
        return not (made.same_charts and made.same_program)
    if made.same_program:
        return name.endswith(".xlsx") and _same_members(expected, found)
    if name.startswith(OPEN_DATA) and not name.endswith(".xlsx"):
        return not compare_files(name, expected, found, common_only=True)
    return True


def _same_members(expected: bytes, found: bytes) -> bool:
    """Whether two packages hold the same, compressed by different libraries."""
    try:
        sides = []
        for content in (expected, found):
            with open_zip(content, _LIKE_OURS) as archive:
                sides.append({entry.filename: archive.read(entry) for entry in archive.infolist()})
    except DAMAGED:
        return False
    return sides[0] == sides[1]
