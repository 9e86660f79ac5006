"""`verify ARCHIVE.zip`: whether a single byte was changed, and whether the year comes out the same from it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cchc_sheets import __version__
from cchc_sheets.characters import read_json
from cchc_sheets.errors import CchcError, LedgerError
from cchc_sheets.ledger import GENESIS, Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Progress, silent
from cchc_sheets.stages.archive import ALWAYS, LEDGER, SCHEMA, SURVEY, entry_line
from cchc_sheets.stages.archive_package import MANIFEST, Package, as_json, manifest_digest, unpacked
from cchc_sheets.stages.replay import STRANGE, Replay
from cchc_sheets.stages.verify import check_season, untold
from cchc_sheets.stages.verify_anchors import entry_of_digest
from cchc_sheets.stages.verify_report import Report

_FIX: Final = text("take another copy of the archive; find out who changed this one")


def verify_archive(file: Path, progress: Progress = silent, digest: str = "") -> Outcome:
    """Hold every member against the manifest, the ledger against its chain, then compute the year again and compare.

    Nothing is needed but the file: no cycle folder, no network.

    Args:
        digest: the archive's own SHA-256 as it was noted down, or a digest that a signed paper prints.

    Raises:
        CchcError: if it is no archive of this program, or holds what could do harm (see `unpacked`); if neither the
            archive nor an entry in it has this digest.
    """
    report = Report()
    package, manifest = check_bytes(file, report)
    entries = _entries(package.members, report)
    if entries is not None:
        try:
            _check_head(manifest, entries, report)
            _check_configuration(package.members, entries, report)
            _check_survey(package.members, entries, report)
            _check_always(package.members, report)
            _repeat(package.members, entries, progress, report)
        except (CchcError, *STRANGE) as error:
            # Whoever wrote these entries has put them into a chain, but this program has never written such ones.
            reason = error.what if isinstance(error, CchcError) else type(error).__name__
            what = text("the year cannot be repeated from this ledger: {reason}", reason=reason)
            report.tell("not_repeatable", LEDGER, what, _FIX)
    own = hashlib.sha256(file.read_bytes()).hexdigest()
    anchored = [_anchored(own, entries or (), digest)] if digest else []
    is_intact = not any(problem.severity == "error" for problem in report.problems)
    return Outcome(
        "verify",
        (*_summary(file, manifest, report, is_intact=is_intact), *anchored),
        problems=tuple(report.problems),
        data={
            "archive": str(file),
            "digest": own,
            "cycle": manifest.get("cycle"),
            "program": manifest.get("program"),
            "ledger": manifest.get("ledger"),
            **report.as_data(),
            "intact": is_intact,
        },
    )


def check_bytes(file: Path, report: Report) -> tuple[Package, dict[str, Any]]:
    """Hold every byte against the manifest and the one form in which an archive is packed; compute nothing.

    Raises:
        CchcError: as `unpacked`; if the manifest was written by a newer version.
    """
    package = unpacked(file)
    for where in package.shell:
        report.tell(
            "shell_altered", file.name, text("the zip around the files was altered: {where}", where=where), _FIX
        )
    manifest = _manifest(package.members, report)
    _check_members(package.members, manifest, report)
    return package, manifest


def _anchored(own: str, entries: Sequence[Entry], digest: str) -> Text:
    if "".join(digest.split()).casefold() == own:
        return text("the digest is that of this file")
    return entry_of_digest(entries, digest)


def _summary(file: Path, manifest: dict[str, Any], report: Report, *, is_intact: bool) -> list[Text]:
    if not is_intact:
        return [text("{file} is not as it was made", file=file.name)]
    ledger = manifest["ledger"]
    again = report.saved_again
    whole = text("{file} is whole: not a byte was changed", file=file.name)
    if again:
        whole = text("{file} is whole: not a byte was changed since it was packed", file=file.name)
    return [
        whole,
        *report.saved_again_said(),
        text(
            "the year {cycle} comes out the same: {entries} entries of the ledger, {count} files",
            cycle=manifest["cycle"],
            entries=ledger["entries"],
            count=len(report.files),
        ),
        *untold(report),
    ]


def _manifest(members: dict[str, bytes], report: Report) -> dict[str, Any]:
    """Return the manifest; nothing of one that was altered, for what it says of the others is worth nothing."""
    content = members[MANIFEST]
    try:
        manifest: dict[str, Any] = read_json(content)
        is_whole = manifest["digest"] == manifest_digest(manifest) and content == as_json(manifest) + b"\n"
        told = [(one["name"], one["size"], one["sha256"]) for one in manifest["members"]]
        told += [(manifest["cycle"], manifest["schema"], manifest["program"])]
        told += [(manifest["ledger"]["entries"], manifest["ledger"]["digest"], "")]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        is_whole = False
    if not is_whole:
        report.settle(MANIFEST, "altered")
        report.tell("manifest_altered", MANIFEST, text("the list of the files was altered"), _FIX)
        return {}
    if manifest["schema"] != SCHEMA:
        raise CchcError(
            text("the archive was made by a newer version of this program"),
            where=MANIFEST,
            fix=text("install the newest version"),
            code="archive_newer",
        )
    return manifest


def _check_members(members: dict[str, bytes], manifest: dict[str, Any], report: Report) -> None:
    if not manifest:
        return
    listed = {str(one["name"]): str(one["sha256"]) for one in manifest["members"]}
    for name in sorted(members.keys() | listed.keys()):
        if name == MANIFEST:
            continue
        if name not in members:
            report.settle(name, "missing")
            report.tell("file_missing", name, text("the file is missing"), _FIX)
        elif name not in listed:
            report.settle(name, "unknown")
            report.tell("unknown_file", name, text("the list of the files does not name it"), _FIX)
        elif hashlib.sha256(members[name]).hexdigest() != listed[name]:
            report.settle(name, "altered")
            report.tell("member_altered", name, text("its content is not the one that was archived"), _FIX)
        else:
            report.settle(name, "as_made")


def _entries(members: dict[str, bytes], report: Report) -> list[Entry] | None:
    """Return the entries of the ledger if they hang together, else None and where they do not."""
    entries: list[Entry] = []
    previous = GENESIS
    lines = members.get(LEDGER, b"").split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        entry = _entry(line)
        if entry is None or entry.number != number or entry.previous != previous or entry_line(entry) != line:
            _tell_altered(number, report)
            return None
        entries.append(entry)
        previous = entry.digest
    if not entries or lines[-1] or entries[0].kind != "configuration":
        _tell_altered(len(entries) + 1, report)
        return None
    try:
        with tempfile.TemporaryDirectory() as folder, closing(Replay(entries, Path(folder))) as replay:
            replay.feed(len(entries))
    except LedgerError as error:
        report.settle(LEDGER, "altered")
        report.tell(error.code, LEDGER, error.what, _FIX)
        return None
    return entries


def _entry(line: bytes) -> Entry | None:
    try:
        data = read_json(line)
        return Entry(**data | {"at": datetime.fromisoformat(data["at"])})
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _tell_altered(number: int, report: Report) -> None:
    report.settle(LEDGER, "altered")
    what = text("the ledger was altered at entry {number}", number=str(number))
    report.tell("ledger_altered", LEDGER, what, _FIX)


def _check_head(manifest: dict[str, Any], entries: Sequence[Entry], report: Report) -> None:
    head = {"entries": len(entries), "digest": entries[-1].digest}
    if manifest and manifest["ledger"] != head:
        what = text("the ledger does not end where the list of the files says")
        report.tell("ledger_cut", LEDGER, what, _FIX)


def _check_configuration(members: dict[str, bytes], entries: Sequence[Entry], report: Report) -> None:
    body = next(entry.body for entry in reversed(entries) if entry.kind == "configuration")
    for name, content in body["files"].items():
        if members.get(name) != content.encode():
            report.settle(name, "altered")
            report.tell("member_altered", name, text("it is not what the ledger says was in force"), _FIX)


def _check_survey(members: dict[str, bytes], entries: Sequence[Entry], report: Report) -> None:
    digests = {entry.body["digest"] for entry in entries if entry.kind == "points"}
    for name, content in members.items():
        if name.startswith(f"{SURVEY}/") and hashlib.sha256(content).hexdigest() not in digests:
            report.settle(name, "altered")
            report.tell("member_altered", name, text("the ledger knows of no such table of points"), _FIX)


def _check_always(members: dict[str, bytes], report: Report) -> None:
    """The ledger knows nothing of templates, but every archive has them: the papers cannot be repeated without."""
    for name in ALWAYS:
        if name not in members:
            report.settle(name, "missing")
            report.tell("file_missing", name, text("the file is missing"), _FIX)


def _repeat(members: dict[str, bytes], entries: Sequence[Entry], progress: Progress, report: Report) -> None:
    """Run the year again in a folder of its own and hold the archived papers against it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, content in members.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        with closing(Replay(entries, folder, progress)) as replay:
            season = replay.at(len(entries))
            again = Report()
            check_season(season, again)
    _tell_version(entries, again)
    report.problems += again.problems
    report.alterations += again.alterations
    report.open_words |= {f"output/{name}": count for name, count in again.open_words.items()}
    for name, state in again.files.items():
        report.settle(name if name.startswith("ledger.db") else f"output/{name}", state)


def _tell_version(entries: Sequence[Entry], report: Report) -> None:
    made_by = next((e.body.get("program") for e in reversed(entries) if e.kind == "results"), None)
    if made_by not in (None, __version__):
        what = text("the results were made by version {made}, this is version {own}", made=made_by, own=__version__)
        report.tell("other_version", LEDGER, what, text("words may differ; the figures must not"), "warning")
