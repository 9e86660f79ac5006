"""Holding a paper against the same paper made anew: which word, which figure, which picture is another one.

What Word changes when it saves a file (ids, styles, compression) is no alteration; what is printed is compared line
by line. Room left for writing by hand (dots, wide blanks) may be filled in, and what was written there is told.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.difference import Counterparts, Difference
from cchc_sheets.publication.room_by_hand import BLANK, Form
from cchc_sheets.vietnamese import normal
from cchc_sheets.zips import DAMAGE, Bounds, TooMuch, open_zip

if TYPE_CHECKING:
    from lxml import etree


LARGEST_FILE: Final = 50 * 1024 * 1024
LARGEST_CONTENT: Final = 200 * 1024 * 1024
_MOST_PARTS: Final = 2_000
_MOST_TAGS: Final = 1_500_000
"""Of one part; the longest paper of 168 units and 79 criteria has 300,000."""
_CHUNK: Final = 256 * 1024
_LONGEST_NAME: Final = 60
_ANNEX: Final = re.compile(r"Phụ lục( [IVXLC]+)?")
_SECTION: Final = re.compile(r"(\d+|[IVXLC]+)\. .{1,60}")


@dataclass(frozen=True)
class Line:
    """One printed line: a paragraph, or the cells of a row of a table, as they stand in the file.

    Attributes:
        part: what the paper calls the part in which its table stands: `Phụ lục I`, or the heading above it.
        is_data: it is a row of results, which come from the ledger and from no template.
    """

    cells: tuple[str, ...]
    is_row: bool = False
    headings: tuple[str, ...] = ()
    part: str = ""
    is_data: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What is compared: single spaces, composed letters."""
        return tuple(map(normal, self.cells))

    @property
    def words(self) -> str:
        """What the whole line prints."""
        return normal(" ".join(self.cells))

    @property
    def is_room(self) -> bool:
        """Whether it is nothing but room to write in."""
        return bool("".join(self.cells).strip()) and not normal(BLANK.sub("", "".join(self.cells)))

    def where(self, cell: int) -> Text:
        """Say which cell of which line it is, in the paper's own words."""
        if not self.is_row:
            return text("«{words}»", words=self.key[0][:_LONGEST_NAME])
        name = next((one for one in self.key if not re.fullmatch(r"[\d.,–-]*", one)), self.key[0])[:_LONGEST_NAME]
        heading = self.headings[cell][:_LONGEST_NAME] if cell < len(self.headings) else ""
        if heading and self.part:
            return text("{part}, «{name}», column «{heading}»", part=self.part, name=name, heading=heading)
        if heading:
            return text("table, «{name}», column «{heading}»", name=name, heading=heading)
        if self.headings and self.part:
            return text("{part}, «{name}»", part=self.part, name=name)
        return text("table, «{name}»", name=name)


@dataclass
class Comparison:
    """What was found.

    Attributes:
        filled: what was written into the room left for it.
        pictures_changed: those in whose place another one stands, or none; `pictures_added` how many are added.
        are_pictures_alike: one at least is byte for byte as it is drawn today: the others could be, too.
    """

    differences: list[Difference] = field(default_factory=list)
    pictures_changed: list[Difference] = field(default_factory=list)
    filled: list[tuple[Text, str]] = field(default_factory=list)
    pictures_added: int = 0
    are_pictures_alike: bool = False


def compare_papers(expected: bytes, found: bytes, where: str) -> Comparison:
    """Hold a paper against the one it should be.

    Raises:
        CchcError: if `found` cannot be opened as a Word document of sensible size.
    """
    from cchc_sheets.publication.paper_looks import looks_changed
    from cchc_sheets.publication.paper_pictures import compare_pictures

    refuse_damage(found, where)
    result = Comparison()
    counterparts = _compare_lines(printed_lines(expected), printed_lines(found), result)
    pictures = compare_pictures(expected, found)
    result.pictures_changed, result.pictures_added = pictures.changed, pictures.added
    result.are_pictures_alike = pictures.are_alike
    result.differences += pictures.shown_otherwise + looks_changed(expected, found, counterparts)
    return result


def refuse_damage(content: bytes, where: str) -> None:
    """Look into a file before it is opened.

    Raises:
        CchcError: if it is no whole Word document, would grow beyond all measure, or declares a document type.
    """
    code, what = "not_a_paper", text("this is no whole Word document")
    try:
        with open_zip(content, Bounds(LARGEST_FILE, LARGEST_CONTENT, _MOST_PARTS)) as archive:
            _refuse_excess(archive)
            entries = archive.infolist()
            is_doubled = len({entry.filename.casefold() for entry in entries}) < len(entries)
            if not is_doubled and archive.testzip() is None and _opens(content):
                return
    except TooMuch:
        code, what = "too_large", text("the document is too large for a paper")
    except DAMAGE:
        pass
    raise CchcError(
        what,
        where=where,
        fix=text("name the .docx file as it was signed; `verify` alone looks at pages and open data"),
        code=code,
    )


def _opens(content: bytes) -> bool:
    """Whether its parts can be found and read; who altered bytes by hand may have left anything."""
    from docx.opc.exceptions import OpcError
    from lxml import etree

    from cchc_sheets.publication.finished_paper import Paper

    try:
        paper = Paper.opened(content)
        _ = [paper.part(kind) for kind in ("theme", "settings", "fontTable", "comments")]
        return len(paper.printed_parts) > 0 and len(paper.styles) > 0
    except (*DAMAGE, OpcError, etree.LxmlError, AssertionError, AttributeError, TypeError, IndexError):
        return False


def _refuse_excess(archive: zipfile.ZipFile) -> None:
    """Raise TooMuch for more elements than a paper has, ValueError for entities; no tree is built to see it."""
    for name in archive.namelist():
        if name.startswith("word/media/"):
            continue
        with archive.open(name) as stream:
            tags, end = 0, b""
            while chunk := stream.read(_CHUNK):
                tags += chunk.count(b"<")
                if tags > _MOST_TAGS:
                    raise TooMuch
                end += chunk.replace(b"\0", b"")  # UTF-16 has them between its letters
                if b"<!DOCTYPE" in end:
                    raise ValueError(name)
                end = end[-len(b"<!DOCTYPE") :]


def printed_lines(content: bytes) -> list[Line]:
    """Return everything a paper prints, line by line; headers, footers and notes at the end.

    Who was not sure that it is a whole Word document has asked `refuse_damage` first.
    """
    from cchc_sheets.publication.finished_paper import Paper, text_of
    from cchc_sheets.publication.paper_fields import as_printed

    body, *others = map(as_printed, Paper.opened(content).printed_parts)
    lines = list(_lines(body, _Part()))
    # How many parts say the same is up to the program that saved the file: one header may stand there for each section.
    lines += [Line((words,)) for words in dict.fromkeys(map(text_of, others))]
    return [line for line in lines if any(line.key)]


@dataclass
class _Part:
    """The part of the paper that is being read: the annex, before the first one the numbered heading."""

    words: str = ""

    def read(self, paragraph: str) -> None:
        words = normal(paragraph)
        if _ANNEX.fullmatch(words) or (_SECTION.fullmatch(words) and not _ANNEX.fullmatch(self.words)):
            self.words = words


def _lines(element: etree._Element, part: _Part) -> Iterator[Line]:
    from docx.oxml.ns import qn

    from cchc_sheets.publication.finished_paper import text_of

    for child in element:
        if child.tag == qn("w:p"):
            words = text_of(child)
            part.read(words)
            yield Line((words,))
        elif child.tag == qn("w:tbl"):
            yield from _rows(child, part.words)
        elif isinstance(child.tag, str) and not child.tag.endswith("Pr"):
            yield from _lines(child, part)


def _rows(table: etree._Element, part: str) -> Iterator[Line]:
    from docx.oxml.ns import qn

    from cchc_sheets.publication.finished_paper import data_rows_of, text_of

    headings: tuple[str, ...] = ()
    data = data_rows_of(table)
    for row in table.iter(qn("w:tr")):
        own = (cell for cell in row.iter(qn("w:tc")) if next(cell.iterancestors(qn("w:tr"))) is row)
        cells = tuple(" ".join(map(text_of, cell.iter(qn("w:p")))) for cell in own)
        if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None and not headings:
            headings = tuple(map(normal, cells))
        yield Line(cells, True, headings if len(headings) == len(cells) else (), part, row in data)


def _compare_lines(expected: list[Line], found: list[Line], result: Comparison) -> Counterparts:
    known = {line.key for line in expected}
    forms = [(line, form) for line in expected if (form := _form(line)) is not None]
    wanted = [line.key for line in expected]
    there = [line.key if line.key in known else _filled_form(line, forms) for line in found]
    counterparts = Counterparts({one.words: one.words for one, _ in forms})
    start = 0
    while start < min(len(wanted), len(there)) and wanted[start] == there[start]:
        start += 1
    matcher = SequenceMatcher(None, wanted[start:], there[start:], autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            right, other = expected[start + i1 : start + i2], found[start + j1 : start + j2]
            counterparts.altered |= {b.words: a.words for a, b in zip(right, other, strict=False)}
            _compare_part(right, other, result)
    for line, key in zip(found, there, strict=True):
        if key != line.key:
            form = next(form for one, form in forms if one.key == key)
            _tell_filled(line, form, result)
            counterparts.filled[line.words] = " ".join(key)
    return counterparts


def _form(line: Line) -> Form | None:
    """Return what a line with room to write in looks like, None for a line without."""
    return None if line.is_room else Form.of("\t".join(line.cells))


def _filled_form(line: Line, forms: Sequence[tuple[Line, Form]]) -> tuple[str, ...]:
    """Return the key of the line that this is with its room filled in, or its own."""
    whole = normal("\t".join(line.cells))
    return next((empty.key for empty, form in forms if form.written(whole) is not None), line.key)


def _tell_filled(line: Line, form: Form, result: Comparison) -> None:
    words = [one for one in form.written(normal("\t".join(line.cells))) or () if one]
    result.filled += [(line.where(0), one) for one in words if not BLANK.fullmatch(one)]


def _compare_part(expected: Sequence[Line], found: Sequence[Line], result: Comparison) -> None:
    if expected and all(line.is_room for line in expected):
        result.filled += [(line.where(0), " ".join(line.key)) for line in found]
        return
    for line, other in zip(expected, found, strict=False):
        result.differences += _compare_line(line, other)
    for line in expected[len(found) :]:
        if not line.is_room:
            result.differences.append(_whole(line, line, None))
    for other in found[len(expected) :]:
        result.differences.append(_whole(other, None, other))


def _compare_line(expected: Line, found: Line) -> Iterator[Difference]:
    if len(expected.cells) != len(found.cells):
        yield _whole(expected, expected, found)
        return
    for at, (right, other) in enumerate(zip(expected.key, found.key, strict=True)):
        if right != other:
            yield Difference(expected.where(at), right, other, is_certain=expected.is_data or found.is_data)


def _whole(at: Line, expected: Line | None, found: Line | None) -> Difference:
    """Return the difference of a line that was put in, taken out, or has other cells."""
    words = (" ".join(one.key) if one else "" for one in (expected, found))
    is_certain = any(one.is_data for one in (expected, found) if one)
    return Difference(at.where(len(at.cells)), *words, is_certain=is_certain)
