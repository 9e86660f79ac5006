"""One published file against the same made anew, and against the digest that the ledger has of it.

What this version of the program makes here must come out byte for byte. What another version wrote, or another drawing
library drew, is held against the ledger's digest first and then compared by what it says; what cannot be told is never
passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.file_compare import DAMAGED, compare_files, compare_only_said
from cchc_sheets.publication.page import CHECKSUMS, read_checksums
from cchc_sheets.stages.publish import FOLDER
from cchc_sheets.stages.verify_report import Report
from cchc_sheets.zips import Bounds, open_zip

_LIKE_OURS: Final = Bounds(50 * 1024 * 1024, 400 * 1024 * 1024, 1_000)
_CHARTS: Final = "charts/"
_FIX: Final = text("find out who changed it; `publish` makes the folder anew and keeps this one beside it")


@dataclass(frozen=True)
class Made:
    """How the pages were made, as far as the ledger tells.

    Attributes:
        files: the digest of each file; None for pages that an earlier version of the program published.
        same_program: they were written by this version of the program.
        same_charts: their charts were drawn by the libraries that draw here; None if nobody can tell.
    """

    files: Mapping[str, str] | None
    same_program: bool
    same_charts: bool | None

    def is_exact(self, name: str) -> bool:
        """Whether a file must come out here with the very bytes it was published with."""
        return self.same_program and (self.same_charts is True or not name.startswith(_CHARTS))


@dataclass
class Sites:
    """The pages made anew, those found, and what has been told of them so far."""

    expected: Mapping[str, bytes]
    found: Mapping[str, bytes]
    made: Made
    report: Report
    otherwise: set[str] = field(default_factory=set)
    """Files as they were published, which this program would make with other bytes on this machine."""
    untold: set[str] = field(default_factory=set)
    """Files of which it cannot be told whether they are as they were published."""
    again: set[str] = field(default_factory=set)

    def compare(self) -> None:
        """Settle every file; the list of check sums last, for it follows from the others."""
        names = (self.expected.keys() | self.found.keys() | (self.made.files or {}).keys()) - {CHECKSUMS}
        for name in sorted(names):
            self._settle(name)
        if CHECKSUMS in self.expected:
            self._settle_list()
        self._tell_tolerated()

    def _settle(self, name: str) -> None:
        shown = f"{FOLDER}/{name}"
        if name not in self.found:
            if self.made.files is None or name in self.made.files:
                self.report.settle(shown, "missing")
                self.report.tell("file_missing", shown, text("the file is missing"), _FIX)
        elif self.found[name] == self.expected.get(name):
            self.report.settle(shown, "as_made")
        elif self._is_recorded(name):
            self._settle_recorded(name, shown)
        elif name not in self.expected:
            self.report.settle(shown, "unknown")
            what = text("the file does not belong to what was published")
            self.report.tell("unknown_file", shown, what, text("take it away, or run `publish`"), "warning")
        elif self.made.is_exact(name) or (self.made.files is not None and name in self.made.files):
            self._settle_changed(name, shown)
        else:
            self._settle_unrecorded(name, shown)

    def _is_recorded(self, name: str) -> bool:
        return (self.made.files or {}).get(name) == _digest(self.found[name])

    def _settle_recorded(self, name: str, shown: str) -> None:
        """A file that is as it was published, but comes out otherwise here."""
        if name not in self.expected:  # an earlier or later version has files that this one does not make
            self.report.settle(shown, "as_made")
            self.otherwise.add(name)
            return
        expected, found = self.expected[name], self.found[name]
        if self.made.is_exact(name) and not _same_members(name, expected, found):
            # No program has ever written this: the record itself was put into the ledger.
            self.report.altered(shown, compare_files(name, expected, found), _FIX)
            return
        differences = compare_only_said(name, expected, found)
        figures = [one for one in differences if one.is_figure and one.expected and one.found]
        self.report.settle(shown, "as_made")
        self.otherwise.add(name)
        if figures:
            self.report.altered(shown, figures, _FIX)
        if words := [one for one in differences if one not in figures]:
            self.report.altered(shown, words, text("program or libraries have changed since; look at it"), "warning")

    def _settle_changed(self, name: str, shown: str) -> None:
        """A file whose bytes are neither those published nor those that come out."""
        expected, found = self.expected[name], self.found[name]
        if self.made.is_exact(name):
            differences = compare_files(name, expected, found)
        else:
            differences = compare_only_said(name, expected, found)
        if differences:
            self.report.altered(shown, differences, _FIX)
        elif name.endswith(".xlsx"):
            self._saved_again(name, shown)
        else:
            self.report.settle(shown, "altered")
            what = text("its bytes are not those that the ledger recorded when it was published")
            self.report.tell("published_altered", shown, what, _FIX)

    def _saved_again(self, name: str, shown: str) -> None:
        self.report.settle(shown, "saved_again")
        self.again.add(name)
        what = text("saved again by another program: its figures are right, but its check sum is no more")
        self.report.tell("saved_again", shown, what, text("run `publish`, if the file is to be offered"), "warning")

    def _settle_unrecorded(self, name: str, shown: str) -> None:
        """A file of which the ledger has no digest, made by another version or drawn by another library."""
        if differences := compare_only_said(name, self.expected[name], self.found[name]):
            self.report.altered(shown, differences, _FIX)
        else:
            self.report.settle(shown, "not_comparable")
            self.untold.add(name)

    def _settle_list(self) -> None:
        shown = f"{FOLDER}/{CHECKSUMS}"
        found = self.found.get(CHECKSUMS)
        if found is None:
            self.report.settle(shown, "missing")
            self.report.tell("file_missing", shown, text("the file is missing"), _FIX)
            return
        if found == self.expected[CHECKSUMS] or self._is_recorded(CHECKSUMS) or self._is_sound_list(found):
            self.report.settle(shown, "as_made")
        else:
            self.report.altered(shown, compare_files(CHECKSUMS, self.expected[CHECKSUMS], found), _FIX)

    def _is_sound_list(self, found: bytes) -> bool:
        """Whether a list has our check sums, except of files that may differ; of these, their own."""
        may_differ = self.otherwise | self.untold | self.again
        right, there = read_checksums(self.expected[CHECKSUMS]), read_checksums(found)
        own = {name: _digest(self.found[name]) for name in may_differ & self.found.keys()}
        ours = {name: right[name] for name in right.keys() - may_differ}
        return len(found.splitlines()) == len(there) and all(
            digest == own.get(name, ours.get(name)) or (name in self.again and digest == right.get(name))
            for name, digest in there.items()
        ) and ours.keys() <= there.keys()  # fmt: skip

    def _tell_tolerated(self) -> None:
        if self.otherwise:
            what = text(
                "{files} would come out with other bytes by this program on this machine", files=sorted(self.otherwise)
            )
            fix = text("nothing, if the pages need not be new")
            self.report.tell("made_otherwise_today", FOLDER, what, fix, "warning")
        charts = sorted(name for name in self.untold if name.startswith(_CHARTS))
        others = sorted(self.untold - set(charts))
        if charts:
            what = text(
                "{files}: their words are right, but the pictures cannot be compared byte by byte", files=charts
            )
            self._tell_untold("picture_not_comparable", what)
        if others:
            what = text("{files}: what they say is right, but how it is laid out cannot be compared", files=others)
            self._tell_untold("page_not_comparable", what)

    def _tell_untold(self, code: str, what: Text) -> None:
        fix = text("run `publish`: the ledger then knows every file of the pages; look at these before")
        self.report.tell(code, FOLDER, what, fix, "warning")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _same_members(name: str, expected: bytes, found: bytes) -> bool:
    """Whether two workbooks hold the same, compressed by different libraries."""
    if PurePosixPath(name).suffix != ".xlsx":
        return False
    try:
        sides = []
        for content in (expected, found):
            with open_zip(content, _LIKE_OURS) as archive:
                sides.append({entry.filename: archive.read(entry) for entry in archive.infolist()})
    except DAMAGED:
        return False
    return sides[0] == sides[1]
