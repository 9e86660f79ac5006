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

from cchc_sheets import __version__
from cchc_sheets.cycle.folder import Cycle
from cchc_sheets.errors import CchcError, NotNow
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import text
from cchc_sheets.publication.page import OPEN_DATA
from cchc_sheets.stages.publish import FOLDER, publish
from cchc_sheets.stages.replay import Replay
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_ledger import entry_words
from cchc_sheets.stages.verify_report import Report
from cchc_sheets.stages.verify_results import is_of_this_version, newest_results
from cchc_sheets.stages.verify_site_files import Made, Sites

_LARGEST: Final = 200 * 1024 * 1024
_MOST_CONFIGURATIONS: Final = 3


def check_site(season: Season, entries: Sequence[Entry], report: Report) -> None:
    """Look at every file of the published folder, and for a folder that the ledger says was published."""
    folder = season.cycle.output_folder / FOLDER
    newest = newest_results(entries)
    if newest is None:
        return
    if not folder.is_dir():
        _tell_gone(entries, report)
        return
    found = files_below(folder)
    entry = _published(found, entries)
    final = _rests_on(found, entries, entry) or newest
    if final.number != newest.number:
        what = text("the pages show results that were overtaken since")
        report.tell("publication_outdated", FOLDER, what, text("run `publish`"), "warning")
    try:
        expected = _nearest(season, entries, final, found) if entry is None else _as_recorded(season, entries, entry)
    except CchcError as error:
        report.tell("not_comparable", FOLDER, error.what, error.fix)
        return
    Sites(expected, found, _made(entry, final, expected, found), report).compare()


def _tell_gone(entries: Sequence[Entry], report: Report) -> None:
    entry = next((one for one in reversed(entries) if one.kind == "publication"), None)
    if entry is None:
        return
    name = f"{FOLDER}/"
    report.settle(name, "missing")
    what = text("the ledger says that pages were published ({entry}), and they are gone", entry=entry_words(entry))
    report.tell("file_missing", name, what, text("run `publish`: it makes them anew from the ledger"))


def _published(found: Mapping[str, bytes], entries: Sequence[Entry]) -> Entry | None:
    """Return the publication whose files these are: the one with most of them, the newest of such."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    recorded = [one for one in entries if one.kind == "publication" and "files" in one.body]
    return max(recorded, key=lambda one: (len(digests.items() & one.body["files"].items()), one.number), default=None)


def _made(entry: Entry | None, final: Entry, expected: Mapping[str, bytes], found: Mapping[str, bytes]) -> Made:
    if entry is not None:
        from cchc_sheets.publication.drawing import drawn_by

        return Made(
            entry.body["files"],
            same_program=entry.body["program"] == __version__,
            same_charts=entry.body["drawn_by"] == drawn_by(),
        )
    # One chart that comes out with the same bytes tells that the same libraries drew them all.
    charts = (name for name in expected if name.startswith("charts/"))
    is_same = any(found.get(name) == expected[name] for name in charts)
    return Made(None, same_program=is_of_this_version(final), same_charts=True if is_same else None)


def _as_recorded(season: Season, entries: Sequence[Entry], entry: Entry) -> Mapping[str, bytes]:
    """Make the pages again as they were when the ledger was told of them."""
    again = _Again(entry.number, bool(entry.body["remarks"]), str(entry.body["program"]))
    return _made_again(season, entries, again)


def _nearest(season: Season, entries: Sequence[Entry], final: Entry, found: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Make the pages again, under each configuration that was in force since, with remarks and without.

    Earlier versions of `publish` recorded neither; what they wrote tells which it was.
    """
    nearest: dict[str, bytes] = {}
    least = -1
    for under in _configurations(season, entries, final):
        for remarks in (True, False):
            try:
                again = _Again(final.number, remarks, str(final.body.get("program", "")), under)
                site = _made_again(season, entries, again)
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


def _rests_on(found: Mapping[str, bytes], entries: Sequence[Entry], entry: Entry | None) -> Entry | None:
    """Return the results that the pages show: the newest before they were published, or by what the open data says."""
    if entry is not None:
        return newest_results(entries[: entry.number])
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        digest = json.loads(found[f"{OPEN_DATA}/results.json"])["ledger_digest"]
        return next((e for e in reversed(entries) if e.kind == "results" and e.body["basis"] == digest), None)
    return None


@dataclass(frozen=True)
class _Again:
    """At which entry pages are made again, with remarks or without, by which version, under which configuration."""

    number: int
    remarks: bool
    program: str
    under: Cycle | None = None


def _made_again(season: Season, entries: Sequence[Entry], again: _Again) -> dict[str, bytes]:
    with (
        closing(Replay(entries, season.cycle.folder, season.progress)) as replay,
        tempfile.TemporaryDirectory() as folder,
    ):
        out = Path(folder) / "site"
        then = replay.at(again.number, dry_run=False, under=again.under)
        publish(then, out=out, remarks=again.remarks, program=again.program)
        return files_below(out)
