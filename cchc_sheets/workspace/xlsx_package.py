"""The outer shell of an .xlsx file: refused with its exact reason, opened within bounds, its parts streamed.

Nothing in a file is trusted: sizes are limited before and while unpacking, and a document type (the root of
entity expansion) is refused.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.messages import Text, text
from cchc_sheets.workspace.xlsx_text import LONGEST_TEXT
from cchc_sheets.zips import DAMAGE, Bounds, TooMuch, open_zip

LAST_ROW: Final = 1_048_576

_MEGABYTE = 1024 * 1024
_MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of a workbook: bytes of the file and of what it unpacks to, rows of a sheet, cells, XML tags.

    `characters` are those of all cells of a sheet: one long text may stand, stored once, in a million of them.
    """

    file: int
    content: int
    rows: int
    cells: int
    tags: int
    characters: int


FORMS: Final = Limits(25 * _MEGABYTE, 200 * _MEGABYTE, 200_000, 1_000_000, 6_000_000, 10_000_000)
"""Workbooks with keys. Six million tags are some seconds of parsing; a workbook of 10,000 rows has a tenth of it."""

TABLES: Final = Limits(25 * _MEGABYTE, 400 * _MEGABYTE, 200_000, 4_000_000, 25_000_000, 100_000_000)
"""Tables of answers: 168 units, 385 responses each, 30 questions come to 1.9 million cells."""

_CHUNK = 256 * 1024
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DAMAGE = (*DAMAGE, expat.ExpatError, IndexError)

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]


def refusal(code: str, what: Text, fix: Text, where: str) -> WorkbookUnreadable:
    """Return the error for a file that is not read."""
    return WorkbookUnreadable(what, where=where, fix=fix, code=code)


def too_large(where: str, limits: Limits = FORMS) -> WorkbookUnreadable:
    """Return the error for a file beyond the limits."""
    return refusal(
        "too_large",
        text(
            "the workbook is too large (at most {file} MB, {content} MB unpacked, {rows} rows on a sheet)",
            file=limits.file // _MEGABYTE,
            content=limits.content // _MEGABYTE,
            rows=limits.rows,
        ),
        text("take pictures and foreign sheets out of it, or type the values into a fresh copy"),
        where,
    )


def too_long(what: str, length: int, where: str) -> WorkbookUnreadable:
    """Return the error for a text, named by `what`, that is longer than any cell holds."""
    return refusal(
        "too_large",
        text(
            "the text in {cell} has {length} characters; a cell holds {longest}",
            cell=what,
            length=length,
            longest=LONGEST_TEXT,
        ),
        text("shorten it, or give what is long as a document of its own"),
        where,
    )


def truncated(where: str) -> WorkbookUnreadable:
    """Return the error for a damaged file."""
    return refusal(
        "truncated",
        text("the workbook is damaged or was not copied completely"),
        text("copy or download it again; Excel can often mend it with “Open and Repair”"),
        where,
    )


@dataclass(slots=True)
class Package:
    """An opened .xlsx file; `where` names it in errors, `tags` counts what was parsed of it so far."""

    archive: zipfile.ZipFile
    where: str
    limits: Limits = FORMS
    tags: int = 0

    def too_large(self) -> WorkbookUnreadable:
        """Return the error for more than is read of a workbook."""
        return too_large(self.where, self.limits)

    def misplaced(self, cell: str) -> WorkbookUnreadable:
        """Return the error for a cell that stands twice, or elsewhere than it says: nobody can tell which counts."""
        return refusal(
            "truncated",
            text("the cell {cell} stands twice in the file, or in another row than it says", cell=cell[:20]),
            text("open the workbook in Excel, look at this cell, and save it again"),
            self.where,
        )

    def parse(self, part: str, start: Start, end: End, characters: Callable[[str], None]) -> None:
        """Stream a part through the handlers; names come as `namespace name`.

        Raises WorkbookUnreadable (`truncated`, `too_large`) if the part is missing, damaged or unsafe.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = characters
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        with damage_reported(self.where, self.limits), self.archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                self.tags += chunk.count(b"<")
                if self.tags > self.limits.tags:
                    raise self.too_large()
                parser.Parse(chunk)
            parser.Parse(b"", True)

    def has(self, part: str) -> bool:
        """Tell whether the package holds this part."""
        return part in self.archive.NameToInfo

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return id → (last word of the type, target) of the relations of `part`; inner targets are parts."""
        folder, name = posixpath.split(part)
        relations_part = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str]] = {}

        def start(_: str, attributes: Attributes) -> None:
            if "Id" in attributes:
                target = attributes.get("Target", "")
                if attributes.get("TargetMode") != "External":
                    target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[attributes["Id"]] = (attributes.get("Type", "").rpartition("/")[2], target)

        if self.has(relations_part):
            self.parse(relations_part, start, _ignore, _ignore)
        return found

    def _refuse_document_type(self, *_: object) -> None:
        raise refusal(
            "not_a_workbook",
            text("the file holds a document type, which no workbook does; it may be an attack"),
            text("ask its sender; do not open it"),
            self.where,
        )


@contextmanager
def opened(content: bytes, where: str, limits: Limits = FORMS) -> Iterator[Package]:
    """Open the bytes of an .xlsx file. Raises WorkbookUnreadable with the exact reason if they are none."""
    _check_head(content, where, limits)
    try:
        with damage_reported(where, limits):
            archive = open_zip(content, Bounds(limits.file, limits.content, _MOST_PARTS))
    except TooMuch as error:
        raise too_large(where, limits) from error
    with archive:
        if any(entry.flag_bits & 1 for entry in archive.infolist()):
            raise _encrypted(where)
        yield Package(archive, where, limits)


@contextmanager
def damage_reported(where: str, limits: Limits = FORMS) -> Iterator[None]:
    """Turn what a damaged file makes the libraries raise into WorkbookUnreadable (`truncated`)."""
    try:
        yield
    except MemoryError as error:
        raise too_large(where, limits) from error
    except _DAMAGE as error:
        raise truncated(where) from error


def check_size(size: int, where: str, limits: Limits = FORMS) -> None:
    """Raise WorkbookUnreadable if a file of this size is not worth opening."""
    if size > limits.file:
        raise too_large(where, limits)
    if not size:
        raise refusal(
            "empty_file",
            text("the file is empty (0 bytes)"),
            text("the copy probably failed: take the workbook from its sender again"),
            where,
        )


def _check_head(content: bytes, where: str, limits: Limits) -> None:
    check_size(len(content), where, limits)
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise _encrypted(where)
        raise not_a_workbook(where)
    if not content.startswith(b"PK"):
        raise not_a_workbook(where)


def _encrypted(where: str) -> WorkbookUnreadable:
    return refusal(
        "encrypted",
        text("the workbook is encrypted with a password"),
        text("open it in Excel, remove the password (File, Info, Protect Workbook, Encrypt) and save it"),
        where,
    )


def not_a_workbook(where: str) -> WorkbookUnreadable:
    """Return the error for a file of another kind."""
    return refusal(
        "not_a_workbook",
        text("the file is no .xlsx workbook"),
        text("open it in Excel and save it as “Excel Workbook (.xlsx)”; an old .xls file is not enough"),
        where,
    )


def _ignore(*_: object) -> None:
    """Take no notice."""
