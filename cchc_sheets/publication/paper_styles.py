"""How words of a Word file come out after its styles: kept from being read, or otherwise than their letters say.

What counts is the value in force: the run's own, its style's, the paragraph's and the table's styles', the defaults'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.publication.finished_paper import Paper
from cchc_sheets.publication.measures import half_points_of, is_on, number_of
from cchc_sheets.publication.paper_allowed import unusual_in
from cchc_sheets.publication.paper_colours import Colour, Colours, is_readable

HIDDEN, STRUCK, DISTORTED, OTHER_LETTERS = "hidden", "struck", "distorted", "letters"
UNUSUAL: Final = "unusual "
"""The beginning of an effect that is only known by the name of the property."""

_SYMBOLS: Final = re.compile(r"symbol|dings|webdings|marlett|barcode", re.IGNORECASE)
_NAMES_OF_LETTERS: Final = (
    "times new roman, times, liberation serif, tinos, thorndale, nimbus roman, arial, helvetica, "
    "liberation sans, arimo, calibri, calibri light, carlito, cambria, caladea, tahoma, verdana, segoe ui, "
    "dejavu sans, dejavu serif, noto sans, noto serif, roboto, courier new, georgia, liberation mono, "
    "palatino linotype, aptos, aptos display"
)
_LETTERS: Final = frozenset(_NAMES_OF_LETTERS.split(", "))
"""Typefaces known to print letters and figures as what they are; any other may print anything."""

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SMALLEST, _LARGEST, _USUAL_SIZE = 12, 96, 20.0  # half points
_NARROWEST, _WIDEST = 66, 200  # percent of the usual width
_CLOSEST, _FARTHEST = -30, 200  # twips between letters
_LOWEST_LINE = 180  # 240ths of a line
_OF_SIZE = 9  # twips a half point: an exact line lower than that cuts letters off
_IN_CELL, _BESIDE, _LEFTMOST = 400, 6_500, -700  # twips
_THINNEST_CELL, _WIDEST_MARGIN, _FARTHEST_TABLE = 150, 600, 2_000  # twips
_BLACK: Final[tuple[Colour, ...]] = ((0.0, 0.0, 0.0),)
_SIDES: Final = {"left": "start", "right": "end"}


class Styles:
    """The properties in force in one paper, worked out once for each combination of styles."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._styles = paper.styles
        self._chains: dict[str, list[etree._Element]] = {}
        self._forms: dict[tuple[str, ...], list[etree._Element]] = {}
        self._effects: dict[tuple[bytes, tuple[str, ...], tuple[Colour, ...]], frozenset[str]] = {}
        self._of_paragraphs: dict[tuple[bytes, tuple[str, ...], bool], tuple[frozenset[str], etree._Element]] = {}
        self._colours = Colours(paper.part("theme"), paper.part("settings"))

    def effects_of(self, run: etree._Element) -> frozenset[str]:
        """Return how the words of a run are kept from printing as they are written."""
        own, names, behind = run.find(qn("w:rPr")), tuple(self._names(run)), self._behind(run)
        key = (_written(own), names, behind)
        if key not in self._effects:  # a paper has thousands of runs of a few kinds
            self._effects[key] = frozenset(self._of_letters(own, names, behind))
        return self._effects[key]

    def _of_letters(
        self, own: etree._Element | None, names: tuple[str, ...], behind: tuple[Colour, ...]
    ) -> Iterator[str]:
        forms = [*([] if own is None else [own]), *self._of_names(names, "w:rPr")]
        for form in forms:
            yield from _marks(form)
        yield from _shape(forms)
        if not self._is_readable(forms, behind):
            yield HIDDEN
        if any(self._font(forms, script) not in _LETTERS for script in ("ascii", "hAnsi")):
            yield OTHER_LETTERS

    def effects_of_paragraph(self, paragraph: etree._Element) -> set[str]:
        """Return how all words of a paragraph are kept from printing as and where they stand."""
        is_in_cell = next(paragraph.iterancestors(qn("w:tc")), None) is not None
        key = (_written(paragraph.find(qn("w:pPr"))), tuple(self._names(paragraph)), is_in_cell)
        if key not in self._of_paragraphs:
            forms = self._paragraph_forms(paragraph)
            effects = {f"{UNUSUAL}{name}" for form in forms for name in unusual_in(form)}
            effects |= {f"{UNUSUAL}ind"} if _is_displaced(forms, is_in_cell=is_in_cell) else set()
            self._of_paragraphs[key] = frozenset(effects), _merged(forms, "w:spacing")
        found, spacing = self._of_paragraphs[key]
        return {*found, HIDDEN} if self._is_low(paragraph, spacing) else set(found)

    def effects_of_table(self, table: etree._Element) -> set[str]:
        """Return what a table, or its style, does to all its cells."""
        name = style_of(table, "w:tbl") or self._usual("table")
        styles = [*self._chain(name), table]
        forms = [form for style in styles for form in style.findall(qn("w:tblPr"))]
        forms += [form for style in styles[:-1] for kind in ("trPr", "tcPr") for form in style.findall(qn(f"w:{kind}"))]
        found = {f"{UNUSUAL}{name}" for form in forms for name in unusual_in(form)}
        if any(len(part) > 0 for style in styles[:-1] for part in style.findall(qn("w:tblStylePr"))):
            found.add(f"{UNUSUAL}tblStylePr")
        columns = table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}")
        if any(number_of(column, "w") < _THINNEST_CELL for column in columns):
            found.add(f"{UNUSUAL}gridCol")
        if any(abs(number_of(form.find(qn("w:tblInd")), "w")) > _FARTHEST_TABLE for form in forms):
            found.add(f"{UNUSUAL}tblInd")
        if any(_is_wide(form.find(qn("w:tblCellMar"))) for form in forms):
            found.add(f"{UNUSUAL}tblCellMar")
        return found

    def effects_of_cell(self, cell: etree._Element) -> set[str]:
        """Return what a cell does to its words."""
        form = cell.find(qn("w:tcPr"))
        if form is None:
            return set()
        found = {f"{UNUSUAL}{name}" for name in unusual_in(form)}
        width = form.find(qn("w:tcW"))
        is_measured = width is not None and width.get(qn("w:type")) == "dxa"
        if (is_measured and number_of(width, "w") < _THINNEST_CELL) or _is_wide(form.find(qn("w:tcMar"))):
            found.add(f"{UNUSUAL}tcW")
        return found

    def is_numbered(self, paragraph: etree._Element) -> bool:
        """Whether a list puts a number or a sign before it."""
        numbering = _first(self._paragraph_forms(paragraph), "w:numPr")
        if numbering is None:
            return False
        number = numbering.find(qn("w:numId"))
        return number is None or number_of(number, "val") != 0

    def strange_fonts(self) -> Iterator[str]:
        """Yield the typefaces that the file brings along, or says another one shall stand in for."""
        names = " ".join(str(part.partname) for part in self._paper.document.part.package.iter_parts())
        if "/word/fonts/" in names:
            yield "word/fonts"
        table = self._paper.part("fontTable")
        for font in () if table is None else table.iter(qn("w:font")):
            others = (str(one.get(qn("w:val"))) for one in font.iter(qn("w:altName")))
            if str(font.get(qn("w:name"))).casefold() in _LETTERS:
                yield from (name for name in others if not _are_letters(name))

    def _is_readable(self, forms: Sequence[etree._Element], below: tuple[Colour, ...]) -> bool:
        marker = self._colours.highlight(_first(forms, "w:highlight"))
        behind = marker or self._colours.behind(_first(forms, "w:shd")) or below
        front = self._colours.front(_first(forms, "w:color"))
        return is_readable(front or (_BLACK if marker else ()), behind)

    def _behind(self, run: etree._Element) -> tuple[Colour, ...]:
        """Return what a paragraph, a cell or a table puts behind its words."""
        paragraph = next(run.iterancestors(qn("w:p")), None)
        shades = [] if paragraph is None else [_first(self._paragraph_forms(paragraph), "w:shd")]
        shades += [cell.find(f"{qn('w:tcPr')}/{qn('w:shd')}") for cell in run.iterancestors(qn("w:tc"))]
        for table in run.iterancestors(qn("w:tbl")):
            styles = [table, *self._chain(style_of(table, "w:tbl") or self._usual("table"))]
            shades += [one for style in styles for kind in ("w:tblPr", "w:tcPr")
                       for one in style.findall(f"{qn(kind)}/{qn('w:shd')}")]  # fmt: skip
        return next((colours for colours in map(self._colours.behind, shades) if colours), ())

    def _is_low(self, paragraph: etree._Element, spacing: etree._Element) -> bool:
        """Whether its lines are so low that they lie upon each other, or are cut off."""
        line = number_of(spacing, "line")
        if spacing.get(qn("w:line")) is None:
            return False
        if spacing.get(qn("w:lineRule"), "auto") == "auto":
            return line < _LOWEST_LINE
        runs = paragraph.iter(qn("w:r"))
        sizes = (_size([*run.findall(qn("w:rPr")), *self._of_names(tuple(self._names(run)), "w:rPr")]) for run in runs)
        return spacing.get(qn("w:lineRule")) == "exact" and line < _OF_SIZE * max(sizes, default=_USUAL_SIZE)

    def _font(self, forms: Sequence[etree._Element], script: str) -> str:
        for fonts in (form.find(qn("w:rFonts")) for form in forms):
            if fonts is None:
                continue
            if fonts.get(qn(f"w:{script}Theme")):
                return self._theme_fonts.get(str(fonts.get(qn(f"w:{script}Theme")))[:5], "").casefold()
            if fonts.get(qn(f"w:{script}")):
                return str(fonts.get(qn(f"w:{script}"))).casefold()
        return "times new roman"  # ISO/IEC 29500-1, 17.3.2.26: where nothing is said, the program's own

    @cached_property
    def _theme_fonts(self) -> dict[str, str]:
        theme = self._paper.part("theme")
        found = {}
        for kind in ("minor", "major"):
            latin = None if theme is None else next(theme.iter(f"{_A}{kind}Font"), None)
            face = None if latin is None else latin.find(f"{_A}latin")
            found[kind] = "" if face is None else str(face.get("typeface"))
        return found

    def _paragraph_forms(self, paragraph: etree._Element) -> list[etree._Element]:
        own = [form for form in [paragraph.find(qn("w:pPr"))] if form is not None]
        return [*own, *self._of_names(tuple(self._names(paragraph)), "w:pPr")]

    def _names(self, element: etree._Element) -> Iterator[str]:
        """Yield the styles that act upon a run or a paragraph, nearest first."""
        paragraph: etree._Element | None = element
        if element.tag == qn("w:r"):
            yield style_of(element, "w:r") or self._usual("character")
            paragraph = next(element.iterancestors(qn("w:p")), None)
        if paragraph is not None:
            yield style_of(paragraph, "w:p") or self._usual("paragraph")
        for table in element.iterancestors(qn("w:tbl")):
            yield style_of(table, "w:tbl") or self._usual("table")

    def _of_names(self, names: tuple[str, ...], kind: str) -> list[etree._Element]:
        key = (kind, *names)
        if key not in self._forms:
            chain = (style for name in names for style in self._chain(name))
            found = [form for style in chain for form in style.findall(qn(kind))]
            defaults = self._paper.document.styles.element.find(qn("w:docDefaults"))
            self._forms[key] = found + ([] if defaults is None else list(defaults.iter(qn(kind))))
        return self._forms[key]

    def _usual(self, kind: str) -> str:
        return self._usuals.get(kind, "")

    @cached_property
    def _usuals(self) -> dict[str, str]:
        """The style that is taken where none is named, by kind; the last one, as Word does."""
        return {
            str(style.get(qn("w:type"))): name
            for name, style in self._styles.items()
            if str(style.get(qn("w:default"), "0")) in {"1", "true", "on"}
        }

    def _chain(self, name: str) -> list[etree._Element]:
        if name not in self._chains:
            chain: list[etree._Element] = []
            at = name
            while at in self._styles and self._styles[at] not in chain:
                chain.append(self._styles[at])
                parent = chain[-1].find(qn("w:basedOn"))
                at = "" if parent is None else str(parent.get(qn("w:val")))
            self._chains[name] = chain
        return self._chains[name]


def style_of(element: etree._Element, tag: str) -> str:
    """Return the name of the style that an element names itself."""
    style = element.find(f"{qn(f'{tag}Pr')}/{qn(f'{tag}Style')}")
    return "" if style is None else str(style.get(qn("w:val")))


def _written(form: etree._Element | None) -> bytes:
    return b"" if form is None else etree.tostring(form)


def _marks(form: etree._Element) -> set[str]:
    """Return the effects that one set of properties of letters has wherever it is in force."""
    value = {str(etree.QName(one).localname): one for one in form if isinstance(one.tag, str)}
    found = {f"{UNUSUAL}{name}" for name in unusual_in(form)}
    if any(is_on(value.get(name)) for name in ("vanish", "webHidden", "specVanish")):
        found.add(HIDDEN)
    if any(is_on(value.get(name)) for name in ("strike", "dstrike")):
        found.add(STRUCK)
    if any(is_on(value.get(name)) for name in ("vertAlign", "position", "rtl")):
        found.add(DISTORTED)
    if "rFonts" in value and any(_SYMBOLS.search(str(name)) for name in value["rFonts"].values()):
        found.add(OTHER_LETTERS)
    return found


def _shape(forms: Sequence[etree._Element]) -> set[str]:
    """Return what size, width and distance of letters do to them."""
    found: set[str] = set()
    if _size(forms) < _SMALLEST:
        found.add(HIDDEN)
    width, apart = _first(forms, "w:w"), number_of(_first(forms, "w:spacing"), "val")
    is_wide_or_narrow = width is not None and not _NARROWEST <= number_of(width, "val") <= _WIDEST
    if is_wide_or_narrow or not _CLOSEST <= apart <= _FARTHEST or _size(forms) > _LARGEST:
        found.add(DISTORTED)
    return found


def _size(forms: Sequence[etree._Element]) -> float:
    stated = _first(forms, "w:sz")
    return _USUAL_SIZE if stated is None else half_points_of(stated) or 0


def _are_letters(name: str) -> bool:
    return name.casefold() in _LETTERS


def _first(forms: Sequence[etree._Element], tag: str) -> etree._Element | None:
    found = (form.find(qn(tag)) for form in forms)
    return next((element for element in found if element is not None), None)


def _merged(forms: Sequence[etree._Element], tag: str) -> etree._Element:
    """Return a property whose parts are inherited one by one."""
    whole = etree.Element(qn(tag))
    for form in reversed(forms):
        found = form.find(qn(tag))
        for key, value in () if found is None else found.items():
            whole.set(key, value)
    return whole


def _is_displaced(forms: Sequence[etree._Element], *, is_in_cell: bool) -> bool:
    """Whether a paragraph is moved so far that its words leave their place."""
    indent = _merged(forms, "w:ind")
    sides = [number_of(indent, side) or number_of(indent, other) for side, other in _SIDES.items()]
    first = number_of(indent, "firstLine") - number_of(indent, "hanging")
    if any(number_of(indent, f"{name}Chars") for name in (*_SIDES, *_SIDES.values(), "firstLine", "hanging")):
        return True
    if is_in_cell:
        return any(abs(part) > _IN_CELL for part in (*sides, first))
    return min(*sides, sides[0] + first) < _LEFTMOST or sum(sides) + max(first, 0) > _BESIDE


def _is_wide(margins: etree._Element | None) -> bool:
    return margins is not None and any(abs(number_of(side, "w")) > _WIDEST_MARGIN for side in margins)
