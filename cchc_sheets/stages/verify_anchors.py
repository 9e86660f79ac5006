"""What was made from the ledger and lies outside it: a ledger that was cut, or replaced by an older one, shows there.

The chain alone cannot tell that its newest entries are gone. Papers, archives and printed digests can.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.stages.archive import RESULTS
from cchc_sheets.stages.archive_package import MANIFEST
from cchc_sheets.stages.publish import FOLDER as SITE
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.verify_ledger import entry_words
from cchc_sheets.stages.verify_report import Report
from cchc_sheets.stages.verify_results import newest_results

_LARGEST_MANIFEST: Final = 50 * 1024 * 1024
_SHORTEST_DIGEST: Final = 16
_CUT: Final = text("look for the newest backup or archive of the ledger: this one was cut, or is an older one")
_DAMAGE: Final = (OSError, zipfile.BadZipFile, zlib.error, LookupError, TypeError, ValueError, RuntimeError)


def check_anchors(season: Season, entries: Sequence[Entry], report: Report) -> None:
    """Look for what can only have been made from entries that the ledger does not have."""
    folder = season.cycle.output_folder
    if newest_results(entries) is None:
        left = [name for name in RESULTS if (folder / name).exists()]
        left += [f"{SITE}/"] * (folder / SITE / "index.html").exists()
        for name in left:
            report.settle(name, "unknown")
            report.tell("results_unknown", name, text("the ledger knows of no results that it could show"), _CUT)
    for file in sorted(folder.glob("*.zip")):
        _check_archive(season, entries, file, report)


def _check_archive(season: Season, entries: Sequence[Entry], file: Path, report: Report) -> None:
    head = _head_of(file, season.cycle.id)
    if head is None:
        return
    number, digest = head
    if not 0 < number <= len(entries) or entries[number - 1].digest != digest:
        what = text("it holds {count} entries, and the last of them is not in the ledger", count=number)
        report.tell("ledger_cut", file.name, what, _CUT)


def _head_of(file: Path, cycle: str) -> tuple[int, str] | None:
    """Return where the ledger ended when an archive of this cycle was made; None for any other file."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(MANIFEST) as member:
            manifest: dict[str, Any] = json.loads(member.read(_LARGEST_MANIFEST))
        told = manifest["ledger"]
        return (int(told["entries"]), str(told["digest"])) if manifest["cycle"] == cycle else None
    except _DAMAGE:
        return None


def entry_of_digest(entries: Sequence[Entry], printed: str) -> Text:
    """Say which entry the digest on a signed paper stands for.

    Args:
        printed: as the decision prints it, in groups or not; its beginning is enough.

    Raises:
        CchcError: if it is none, or belongs to no entry: the paper rests on another ledger, or on more of this one.
    """
    digest = "".join(printed.split()).casefold()
    if len(digest) < _SHORTEST_DIGEST or not set(digest) <= set("0123456789abcdef"):
        raise CchcError(
            text("«{digest}» is no digest", digest=printed[:80]),
            where="--digest",
            fix=text("type at least its first {count} digits and letters a to f", count=_SHORTEST_DIGEST),
            code="no_digest",
        )
    found = next((entry for entry, known in _digests(entries) if known.startswith(digest)), None)
    if found is None:
        raise CchcError(
            text("no entry of the ledger has the digest {digest}", digest=digest),
            where="--digest",
            fix=text("look whether it was typed rightly; if it was: {cut}", cut=_CUT),
            code="digest_unknown",
        )
    return text("the digest is that of {entry}", entry=entry_words(found))


def _digests(entries: Sequence[Entry]) -> Iterator[tuple[Entry, str]]:
    for entry in reversed(entries):
        yield entry, entry.digest
        if entry.kind == "configuration":
            yield entry, str(entry.body["digest"])
