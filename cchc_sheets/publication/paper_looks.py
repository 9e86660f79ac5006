"""What makes a paper print something other than its plain text: hidden or struck words, fields, symbols, shapes.

A figure can be altered without touching a letter of it: struck through, written in white, computed by a field,
numbered by a list. Whatever is not known to be harmless (`paper_allowed`) is counted in two files, place by place, and
only compared: what the paper was made with is no trick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.difference import Counterparts, Difference
from cchc_sheets.publication.finished_paper import Paper, data_rows_of, text_of
from cchc_sheets.publication.measures import is_on, number_of
from cchc_sheets.publication.paper_allowed import called, strange_in, unusual_in
from cchc_sheets.publication.paper_fields import fields_in
from cchc_sheets.publication.paper_styles import DISTORTED, HIDDEN, OTHER_LETTERS, STRUCK, UNUSUAL, Styles
from cchc_sheets.vietnamese import normal

_BEYOND_TEXT: Final = "beyond"
_SAID: Final[Mapping[str, Text]] = {
    HIDDEN: text("hidden words"),
    STRUCK: text("words struck through"),
    DISTORTED: text("words raised, squeezed or written backwards"),
    OTHER_LETTERS: text("words in a typeface of symbols, or in an unknown one"),
    _BEYOND_TEXT: text("something besides the text that prints"),
}
_TEXT_PATH: Final = "{urn:schemas-microsoft-com:vml}textpath"
_LONGEST: Final = 80
_WIDEST_MARGIN, _SMALLEST_PAGE, _LARGEST_PAGE = 4_500, 5_000, 25_000  # twips: paper from A6 to A3
_CLOSE_GRIDS: Final = ("linesAndChars", "snapToChars")
"""Grids that set the distance of letters."""


@dataclass(frozen=True, order=True)
class _Look:
    """One way in which something prints otherwise.

    Attributes:
        kind: an effect (see `paper_styles`), or something besides the text.
        place: the row or the paragraph in which it stands, "" for what belongs to no place.
        is_certain: it stands in a cell of results, which no template writes.
    """

    kind: str
    words: str
    place: str = ""
    is_certain: bool = False


def looks_changed(expected: bytes, found: bytes, counterparts: Counterparts | None = None) -> list[Difference]:
    """Return what prints otherwise in `found` although its text is the same.

    Args:
        counterparts: the lines of `found` that have another text: what stands in them is told already.
    """
    there = counterparts or Counterparts()
    before = Counterparts({line: line for line in there.filled.values()})
    more = _looks(found, there) - _looks(expected, before)
    return [_difference(look, times) for look, times in sorted(more.items())]


def _difference(look: _Look, times: int) -> Difference:
    if look.kind.startswith(UNUSUAL):
        where = text("words with the property «{name}» ({times})", name=look.kind.removeprefix(UNUSUAL), times=times)
    else:
        where = text("{how} ({times})", how=_SAID[look.kind], times=times)
    place = f" ({look.place})" if look.place and normal(look.words) != look.place else ""
    words = f"{look.words[:_LONGEST]}{place[:_LONGEST]}"
    sides = ("", words) if look.kind == _BEYOND_TEXT else (words, "")
    return Difference(where, *sides, is_certain=look.is_certain)


def _looks(content: bytes, lines: Counterparts) -> Counter[_Look]:
    paper = Paper.opened(content)
    styles = Styles(paper)
    body, *others = paper.printed_parts
    found = Counter(_of_part(body, styles, lines, is_body=True))
    for part in others:
        # How many headers there are is up to the program that saved the file: LibreOffice has one for each section.
        found |= Counter(_of_part(part, styles, lines, is_body=False))
    found.update(_Look(_BEYOND_TEXT, words) for words in _of_document(paper))
    found.update(_Look(OTHER_LETTERS, name) for name in styles.strange_fonts())
    return found


def _of_document(paper: Paper) -> Iterator[str]:
    """Yield what stands around the text: a colour of the page, comments in its margin, properties of its sections."""
    document = paper.document.element
    yield from (called(one) for one in document if isinstance(one.tag, str) and one is not paper.body)
    names = Counter(str(style.get(qn("w:styleId"))) for style in paper.document.styles.element.iter(qn("w:style")))
    yield from (f"style {name} ×{times}" for name, times in names.items() if times > 1)
    for section in document.iter(qn("w:sectPr")):
        yield from _of_section(section)
    comments = paper.part("comments")
    for one in () if comments is None else comments:
        yield f"comment {' '.join(text_of(one).split())}"


def _of_section(section: etree._Element) -> Iterator[str]:
    """Yield what sets the letters of a section closer, moves its text off the page, or divides it into columns."""
    parent = section.getparent()
    if parent is not None and parent.tag == qn("w:sectPrChange"):
        return
    yield from unusual_in(section)
    grids = (str(grid.get(qn("w:type"))) for grid in section.iter(qn("w:docGrid")))
    yield from ("docGrid" for kind in grids if kind in _CLOSE_GRIDS)
    yield from ("cols" for columns in section.iter(qn("w:cols")) if number_of(columns, "num") > 1)
    margins, page = section.find(qn("w:pgMar")), section.find(qn("w:pgSz"))
    if any(not 0 <= number_of(margins, side) <= _WIDEST_MARGIN for side in ("left", "right", "gutter")):
        yield "pgMar"
    if any(not _SMALLEST_PAGE <= number_of(page, side) <= _LARGEST_PAGE for side in ("w", "h")):
        yield "pgSz"


def _of_part(part: etree._Element, styles: Styles, lines: Counterparts, *, is_body: bool) -> Iterator[_Look]:
    for element, words in _beyond_text(part, styles, is_body=is_body):
        yield _Look(_BEYOND_TEXT, words, _place(element, lines), _is_certain(element))
    for paragraph in part.iter(qn("w:p")):
        yield from _of_paragraph(paragraph, styles, lines)
    for table in part.iter(qn("w:tbl")):
        yield from _of_table(table, styles, lines)


def _place(element: etree._Element, lines: Counterparts) -> str:
    """Return the words of the row or the paragraph in which something stands."""
    row = next(element.iterancestors(qn("w:tr")), None) if element.tag != qn("w:tr") else element
    if row is not None:
        words = normal(" ".join(map(text_of, row.iter(qn("w:p")))))
        return lines.altered.get(words, words)
    paragraph = element if element.tag == qn("w:p") else next(element.iterancestors(qn("w:p")), None)
    words = "" if paragraph is None else normal(text_of(paragraph))
    return lines.filled.get(words) or lines.altered.get(words, words)


def _is_certain(element: etree._Element) -> bool:
    rows = [one for one in (element, *element.iterancestors()) if one.tag == qn("w:tr")]
    return any(row in data_rows_of(next(row.iterancestors(qn("w:tbl")))) for row in rows)


def _of_paragraph(paragraph: etree._Element, styles: Styles, lines: Counterparts) -> Iterator[_Look]:
    """Yield each effect with the words that have it; neighbours are joined, for Word parts runs as it likes."""
    spans: list[tuple[str, str]] = []
    last: frozenset[str] = frozenset()
    whole = text_of(paragraph)
    if not whole.strip():
        return
    of_all = styles.effects_of_paragraph(paragraph)
    for run in paragraph.iter(qn("w:r")):
        words = text_of(run)
        if not words.strip():
            continue
        effects = styles.effects_of(run)
        for effect in sorted(effects):
            at = next((at for at in reversed(range(len(spans))) if spans[at][0] == effect), None)
            if effect in last and at is not None:
                spans[at] = effect, spans[at][1] + words
            else:
                spans.append((effect, words))
        last = effects
    spans += [(effect, whole) for effect in sorted(of_all)]
    if not spans:
        return
    place, is_certain = _place(paragraph, lines), _is_certain(paragraph)
    if normal(whole) in lines.filled:  # what was written by hand looks as the room for it did
        yield from {_Look(effect, place, place, is_certain) for effect, _ in spans}
    else:
        yield from (_Look(effect, normal(words), place, is_certain) for effect, words in spans)


def _of_table(table: etree._Element, styles: Styles, lines: Counterparts) -> Iterator[_Look]:
    of_all = styles.effects_of_table(table)
    rows = [row for row in table.iter(qn("w:tr")) if next(row.iterancestors(qn("w:tbl"))) is table]
    for row in rows:
        words = _place(row, lines)
        if not words:
            continue
        effects = Counter(of_all | _effects_of_row(row))
        for cell in row.iter(qn("w:tc")):
            effects.update(styles.effects_of_cell(cell))
        for effect, times in effects.items():
            yield from (_Look(effect, words, words, _is_certain(row)) for _ in range(times))


def _effects_of_row(row: etree._Element) -> set[str]:
    found: set[str] = set()
    for form in (*row.findall(qn("w:trPr")), *row.findall(qn("w:tblPrEx"))):
        found |= {f"{UNUSUAL}{name}" for name in unusual_in(form)}
        height = form.find(qn("w:trHeight"))
        is_cut = height is not None and height.get(qn("w:hRule")) == "exact" and number_of(height, "val") > 0
        if is_cut or is_on(form.find(qn("w:hidden"))):
            found.add(HIDDEN)
    return found


def _beyond_text(part: etree._Element, styles: Styles, *, is_body: bool) -> Iterator[tuple[etree._Element, str]]:
    yield from strange_in(part)
    for element in part.iter(_TEXT_PATH):
        yield element, f"textpath {element.get('string', '')}"
    for one in fields_in(part):
        if is_body or not one.is_page_number:
            yield one.start, f"field {one.code}"
    for paragraph in part.iter(qn("w:p")):
        if styles.is_numbered(paragraph):
            yield paragraph, f"numPr {text_of(paragraph).strip()}"
