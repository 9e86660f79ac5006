"""What makes a paper print something other than its plain text: hidden or struck words, fields, symbols, shapes.

A figure can be altered without touching a letter of it: struck through, written in white, computed by a field,
numbered by a list. Everything here is counted in two files and only compared: what the paper was made with is no trick.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.difference import Difference
from cchc_sheets.publication.finished_paper import Paper, text_of
from cchc_sheets.publication.measures import half_points_of, number_of

HIDDEN, STRUCK, DISTORTED, OTHER_LETTERS, BEYOND_TEXT = "hidden", "struck", "distorted", "letters", "beyond"
_SAID: Final[Mapping[str, Text]] = {
    HIDDEN: text("hidden words"),
    STRUCK: text("words struck through"),
    DISTORTED: text("words raised, squeezed or written backwards"),
    OTHER_LETTERS: text("words in a typeface of symbols"),
    BEYOND_TEXT: text("something besides the text that prints"),
}
_OFF: Final = ("0", "false", "off", "none", "baseline")
_LIGHT, _DARK = 0xE6, 0x30
_SMALLEST, _NARROWEST, _LOWEST_ROW = 8, 50, 100  # half points, percent of the usual width, twips
_SYMBOLS: Final = re.compile(r"symbol|dings|webdings|marlett|barcode", re.IGNORECASE)
_PAGES: Final = ("PAGE", "NUMPAGES", "SECTIONPAGES")  # Word writes them anew whenever it lays out the pages
_DATES: Final = tuple(f"{part}{form}" for part in ("day", "month", "year") for form in ("Short", "Long"))
_PRINTING: Final = ("sym", "altChunk", "dataBinding", "pgNum", "bdo", "dir", "ruby", *_DATES)
_MATH: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_TEXT_PATH: Final = "{urn:schemas-microsoft-com:vml}textpath"
_LONGEST: Final = 80


def looks_changed(expected: bytes, found: bytes) -> list[Difference]:
    """Return what prints otherwise in `found` although its text is the same."""
    differences = []
    for (kind, words), times in sorted((_looks(found) - _looks(expected)).items()):
        where = text("{how} ({times})", how=_SAID[kind], times=times)
        sides = ("", words[:_LONGEST]) if kind == BEYOND_TEXT else (words[:_LONGEST], "")
        differences.append(Difference(where, *sides))
    return differences


def shapes_in(content: bytes) -> int:
    """Count pictures and drawn shapes: each of them may lie upon a figure."""
    parts = Paper.opened(content).printed_parts
    return sum(1 for part in parts for _ in part.iter(qn("w:drawing"), qn("w:pict"), qn("w:object")))


def as_printed(part: etree._Element) -> etree._Element:
    """Return a copy without what is in the file and not on paper: deleted text, the numbers of pages."""
    part = copy.deepcopy(part)
    deleted = [row for row in part.iter(qn("w:tr")) if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None]
    deleted += list(part.iter(qn("w:del"), qn("w:moveFrom")))
    for element in deleted:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for piece in list(_page_numbers(part)):
        piece.text = ""
    return part


def _page_numbers(part: etree._Element) -> Iterator[etree._Element]:
    for code, pieces in _fields(part):
        if code.partition(" ")[0].upper() in _PAGES:
            yield from pieces


def _fields(part: etree._Element) -> Iterator[tuple[str, list[etree._Element]]]:
    """Yield the code of every field, with single spaces, and the pieces of text that it printed last."""
    for field in part.iter(qn("w:fldSimple")):
        yield " ".join(str(field.get(qn("w:instr"), "")).split()), list(field.iter(qn("w:t")))
    open_fields: list[tuple[list[str], list[etree._Element]]] = []
    for piece in part.iter(qn("w:fldChar"), qn("w:instrText"), qn("w:t")):
        if piece.tag == qn("w:instrText") and open_fields:
            open_fields[-1][0].append(piece.text or "")
        elif piece.tag == qn("w:t") and open_fields:
            open_fields[-1][1].append(piece)
        elif piece.get(qn("w:fldCharType")) == "begin":
            open_fields.append(([], []))
        elif piece.get(qn("w:fldCharType")) == "end" and open_fields:
            codes, pieces = open_fields.pop()
            yield " ".join("".join(codes).split()), pieces


def _looks(content: bytes) -> Counter[tuple[str, str]]:
    paper = Paper.opened(content)
    styles = _Styles(paper)
    found: Counter[tuple[str, str]] = Counter()
    for part in paper.printed_parts:
        found.update((BEYOND_TEXT, words) for words in _beyond_text(part, styles))
        for paragraph in part.iter(qn("w:p")):
            found.update(_of_paragraph(paragraph, styles))
        for row in part.iter(qn("w:tr")):
            words = " ".join(map(text_of, row.iter(qn("w:p")))).strip()
            if words and _is_hidden_row(row):
                found[HIDDEN, words] += 1
    if "word/fonts/" in " ".join(str(p.partname).lstrip("/") for p in paper.document.part.package.iter_parts()):
        found[OTHER_LETTERS, "word/fonts"] += 1
    return found


def _of_paragraph(paragraph: etree._Element, styles: _Styles) -> Iterator[tuple[str, str]]:
    """Yield each effect with the words that have it; neighbours are joined, for Word parts runs as it likes."""
    spans: list[tuple[str, str]] = []
    last: set[str] = set()
    row = next(paragraph.iterancestors(qn("w:tr")), None)
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
    place = "" if row is None or not spans else f" ({' '.join(map(text_of, row.iter(qn('w:p'))))})"
    yield from ((effect, f"{words}{place}") for effect, words in spans)


def _is_hidden_row(row: etree._Element) -> bool:
    form = row.find(qn("w:trPr"))
    if form is None:
        return False
    height = form.find(qn("w:trHeight"))
    is_flat = height is not None and height.get(qn("w:hRule")) == "exact" and number_of(height, "val") < _LOWEST_ROW
    return is_flat or _is_on(form.find(qn("w:hidden")))


def _beyond_text(part: etree._Element, styles: _Styles) -> Iterator[str]:
    for element in part.iter(*(qn(f"w:{name}") for name in _PRINTING)):
        values = " ".join(str(value) for _, value in sorted(element.items()))
        yield f"{etree.QName(element).localname} {values}".strip()
    for element in part.iter(_MATH):
        yield f"oMath {''.join(map(str, element.itertext()))}"
    for element in part.iter(_TEXT_PATH):
        yield f"textpath {element.get('string', '')}"
    for code, _ in _fields(part):
        if code.partition(" ")[0].upper() not in _PAGES:
            yield f"field {code}"
    for paragraph in part.iter(qn("w:p")):
        if styles.is_numbered(paragraph):
            yield f"numPr {text_of(paragraph).strip()}"


class _Styles:
    """The effects that the styles of one paper have, worked out once for each style."""

    def __init__(self, paper: Paper) -> None:
        self._forms: dict[str, list[etree._Element]] = {}
        self._effects: dict[str, set[str]] = {}
        self._styles = paper.styles
        defaults = paper.document.styles.element.find(qn("w:docDefaults"))
        self._everywhere = set() if defaults is None else set().union(*map(_effects, defaults.iter(qn("w:rPr"))), set())
        self._usual = next(
            (key for key, style in paper.styles.items() if style.get(qn("w:default")) == "1" and _is_for(style)), ""
        )

    def effects_of(self, run: etree._Element) -> set[str]:
        """Return how the words of a run are kept from printing as they are written."""
        own = run.find(qn("w:rPr"))
        found = set(self._everywhere) | (set() if own is None else _effects(own))
        return found.union(*(self._of_style(name) for name in self._names(run)))

    def is_numbered(self, paragraph: etree._Element) -> bool:
        """Whether a list puts a number or a sign before it."""
        own = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if own is not None:
            return number_of(own.find(qn("w:numId")), "val") != 0
        name = _style_of(paragraph, "w:p") or self._usual
        return any(form.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None for form in self._chain(name))

    def _names(self, run: etree._Element) -> Iterator[str]:
        yield _style_of(run, "w:r")
        paragraph = next(run.iterancestors(qn("w:p")), None)
        if paragraph is not None:
            yield _style_of(paragraph, "w:p") or self._usual
        for table in run.iterancestors(qn("w:tbl")):
            yield _style_of(table, "w:tbl")

    def _of_style(self, name: str) -> set[str]:
        if name not in self._effects:
            forms = (form for style in self._chain(name) for form in style.iter(qn("w:rPr")))
            self._effects[name] = set().union(*map(_effects, forms), set())
        return self._effects[name]

    def _chain(self, name: str) -> list[etree._Element]:
        if name not in self._forms:
            chain: list[etree._Element] = []
            at = name
            while at in self._styles and self._styles[at] not in chain:
                chain.append(self._styles[at])
                parent = chain[-1].find(qn("w:basedOn"))
                at = "" if parent is None else str(parent.get(qn("w:val")))
            self._forms[name] = chain
        return self._forms[name]


def _effects(form: etree._Element) -> set[str]:
    """Return the effects that one set of properties of characters has."""
    value = {str(etree.QName(one).localname): one for one in form if isinstance(one.tag, str)}
    found: set[str] = set()
    if any(_is_on(value.get(name)) for name in ("vanish", "webHidden", "specVanish")) or _is_unseen(value):
        found.add(HIDDEN)
    if any(_is_on(value.get(name)) for name in ("strike", "dstrike")):
        found.add(STRUCK)
    if _is_on(value.get("vertAlign")) or _is_on(value.get("position")) or _is_on(value.get("rtl")):
        found.add(DISTORTED)
    if "w" in value and number_of(value["w"], "val") < _NARROWEST:
        found.add(DISTORTED)
    if "rFonts" in value and any(_SYMBOLS.search(str(name)) for name in value["rFonts"].values()):
        found.add(OTHER_LETTERS)
    return found


def _is_unseen(value: Mapping[str, etree._Element]) -> bool:
    """Whether letters are too small, as light as paper, or as dark as what lies behind them."""
    color, behind = value.get("color"), value.get("shd")
    if "sz" in value and (half_points_of(value["sz"]) or 0) < _SMALLEST:
        return True
    if color is not None and (
        str(color.get(qn("w:themeColor"))) in {"background1", "light1", "bg1"}
        or all(part >= _LIGHT for part in _channels(color.get(qn("w:val"))))
    ):
        return True
    if behind is not None and all(part <= _DARK for part in _channels(behind.get(qn("w:fill")))):
        return True
    return "highlight" in value and value["highlight"].get(qn("w:val")) == "black"


def _channels(color: object) -> tuple[int, ...]:
    """Return red, green and blue; a middling grey for what is no color."""
    written = str(color)
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", written):
        return (128,)
    return tuple(int(written[at : at + 2], 16) for at in (0, 2, 4))


def _is_on(mark: etree._Element | None) -> bool:
    return mark is not None and str(mark.get(qn("w:val"), "1")) not in _OFF


def _is_for(style: etree._Element) -> bool:
    return style.get(qn("w:type")) == "paragraph"


def _style_of(element: etree._Element, tag: str) -> str:
    style = element.find(f"{qn(f'{tag}Pr')}/{qn(f'{tag}Style')}")
    return "" if style is None else str(style.get(qn("w:val")))
