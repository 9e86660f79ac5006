"""A finished paper as a reader of the file sees it: its sections, and how each run of text really looks.

What a run looks like is decided by the run, its character style, the paragraph's style and what that one is based
on, the table's style and the document's defaults, in that order.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import docx
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree
from lxml.etree import LxmlError

from cchc_sheets.publication.measures import half_points_of, number_of
from cchc_sheets.zips import DAMAGE

NOT_OPENED: Final = (*DAMAGE, OpcError, LxmlError, AttributeError, TypeError, AssertionError)
"""What the libraries raise at a file that is a package, but no Word document they could read."""

SCRIPTS: Final = ("ascii", "hAnsi", "eastAsia", "cs")
_THEMES: Final = {"ascii": "asciiTheme", "hAnsi": "hAnsiTheme", "eastAsia": "eastAsiaTheme", "cs": "cstheme"}
_DEFAULT_HALF_POINTS: Final = 20.0
_OFF: Final = ("0", "false", "off")
_RUN, _TEXT = qn("w:r"), qn("w:t")
_PRINTED_AS: Final = {qn("w:br"): " ", qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}
_LEAST_COLUMNS: Final = 3
"""The head and the foot of a paper are laid out in tables, too, of two columns."""

_TURNED_ALIGN: Final = {"start": "left", "end": "right"}


@dataclass(frozen=True)
class Letters:
    """How one run looks; a typeface taken from the theme is called `theme`."""

    fonts: frozenset[str]
    size: float
    is_bold: bool
    is_italic: bool
    color: str


@dataclass(frozen=True)
class SectionPart:
    """One section: its blocks in order and its properties."""

    blocks: tuple[etree._Element, ...]
    properties: etree._Element

    @property
    def paragraphs(self) -> list[etree._Element]:
        """The paragraphs of the text, those in tables left out."""
        return [block for block in self.blocks if block.tag == qn("w:p")]

    @property
    def tables(self) -> list[etree._Element]:
        """The tables, in order."""
        return [block for block in self.blocks if block.tag == qn("w:tbl")]

    @property
    def text_width(self) -> int:
        """The width between the margins in twips."""
        margins = self.properties.find(qn("w:pgMar"))
        return number_of(self.properties.find(qn("w:pgSz")), "w") - sum(
            number_of(margins, side) for side in ("left", "right", "gutter")
        )


@dataclass(frozen=True)
class Paper:
    """An opened .docx file."""

    document: Document

    @classmethod
    def opened(cls, content: bytes) -> Paper:
        """Open the bytes of a .docx file."""
        return cls(docx.Document(io.BytesIO(content)))

    @property
    def body(self) -> etree._Element:
        """The body of the text."""
        body: etree._Element = self.document.element.body
        return body

    @cached_property
    def sections(self) -> tuple[SectionPart, ...]:
        """The sections in order."""
        parts: list[SectionPart] = []
        blocks: list[etree._Element] = []
        for block in self.body:
            if block.tag == qn("w:sectPr"):
                parts.append(SectionPart(tuple(blocks), block))
                break
            blocks.append(block)
            properties = block.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")
            if properties is not None:
                parts.append(SectionPart(tuple(blocks), properties))
                blocks = []
        return tuple(parts)

    @cached_property
    def printed_parts(self) -> tuple[etree._Element, ...]:
        """The body, then every header and footer."""
        kinds = ("header", "footer", "footnotes", "endnotes")
        relations = self.document.part.rels.values()
        parts = [r.target_part for r in relations if r.reltype.rsplit("/", 1)[-1] in kinds and not r.is_external]
        return (self.body, *(etree.fromstring(part.blob) for part in parts))

    def part(self, kind: str) -> etree._Element | None:
        """Return a part that the text is related to, by the kind of the relation: `theme`, `comments`."""
        relations = self.document.part.rels.values()
        ours = (one for one in relations if one.reltype.rsplit("/", 1)[-1] == kind and not one.is_external)
        part = next(ours, None)
        return None if part is None else etree.fromstring(part.target_part.blob)

    @cached_property
    def styles(self) -> Mapping[str, etree._Element]:
        """The styles by their id."""
        return {str(s.get(qn("w:styleId"))): s for s in self.document.styles.element.iter(qn("w:style"))}

    @cached_property
    def _default_style(self) -> str:
        return next(
            (
                key
                for key, style in self.styles.items()
                if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) == "1"
            ),
            "",
        )

    def letters(self, run: etree._Element) -> Letters:
        """Return how a run looks after all inheritance."""
        forms = list(self._forms(run))
        return Letters(
            fonts=frozenset(_font(forms, script) for script in SCRIPTS),
            size=(half_points_of(_first(forms, "w:sz")) or _DEFAULT_HALF_POINTS) / 2,
            is_bold=_is_on(forms, "w:b"),
            is_italic=_is_on(forms, "w:i"),
            color=(_value(forms, "w:color") or "auto").lower(),
        )

    def alignment(self, paragraph: etree._Element) -> str:
        """Return how a paragraph is aligned after all inheritance."""
        for properties in (
            paragraph.find(qn("w:pPr")),
            *self._chain(_style_of(paragraph, "w:p") or self._default_style, "w:pPr"),
        ):
            mark = None if properties is None else properties.find(qn("w:jc"))
            if mark is not None:
                value = str(mark.get(qn("w:val")))
                return _TURNED_ALIGN.get(value, value)
        return "left"

    def _forms(self, run: etree._Element) -> Iterator[etree._Element]:
        own = run.find(qn("w:rPr"))
        if own is not None:
            yield own
            yield from self._chain(_style_of(run, "w:r"), "w:rPr")
        paragraph = next(run.iterancestors(qn("w:p")), None)
        if paragraph is not None:
            yield from self._chain(_style_of(paragraph, "w:p") or self._default_style, "w:rPr")
        for table in run.iterancestors(qn("w:tbl")):
            yield from self._chain(_style_of(table, "w:tbl"), "w:rPr")
        defaults = self.document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
        if defaults is not None:
            yield defaults

    def _chain(self, style_id: str, properties: str) -> Iterator[etree._Element]:
        seen: set[str] = set()
        while style_id in self.styles and style_id not in seen:
            seen.add(style_id)
            style = self.styles[style_id]
            found = style.find(qn(properties))
            if found is not None:
                yield found
            parent = style.find(qn("w:basedOn"))
            style_id = "" if parent is None else str(parent.get(qn("w:val")))


def text_of(element: etree._Element) -> str:
    """Return the printed text of an element; a line break or tab inside counts as a space."""
    return "".join(
        piece.text or "" if piece.tag == _TEXT else _PRINTED_AS[str(piece.tag)]
        for piece in element.iter(_TEXT, *_PRINTED_AS)
        if piece.tag == _TEXT or next(piece.iterancestors()).tag == _RUN  # tab stops bear the name of tabs
    )


def words_of(element: etree._Element) -> str:
    """Return the printed text with single spaces."""
    return " ".join(text_of(element).split())


def runs_of(element: etree._Element) -> list[etree._Element]:
    """Return the runs that print something."""
    return [run for run in element.iter(_RUN) if text_of(run).strip()]


def cells_of(row: etree._Element) -> list[etree._Element]:
    """Return the cells of a table row."""
    return row.findall(qn("w:tc"))


def data_rows_of(table: etree._Element) -> list[etree._Element]:
    """Return the rows that hold results: they stand below the heading of their table, or have columns of their own."""
    rows = list(table.iter(qn("w:tr")))
    has_heading = any(map(_is_heading, rows))
    below = (row for row in rows[0 if has_heading else 1 :] if not _is_heading(row))
    return [row for row in below if has_heading or len(cells_of(row)) >= _LEAST_COLUMNS]


def _is_heading(row: etree._Element) -> bool:
    mark = row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}")
    return mark is not None and mark.get(qn("w:val")) not in _OFF


def _style_of(element: etree._Element, tag: str) -> str:
    style = element.find(f"{qn(f'{tag}Pr')}/{qn(f'{tag}Style')}")
    return "" if style is None else str(style.get(qn("w:val")))


def _font(forms: list[etree._Element], script: str) -> str:
    for form in forms:
        fonts = form.find(qn("w:rFonts"))
        if fonts is not None and fonts.get(qn(f"w:{_THEMES[script]}")):
            return "theme"
        if fonts is not None and fonts.get(qn(f"w:{script}")):
            return str(fonts.get(qn(f"w:{script}")))
    return "theme"


def _value(forms: list[etree._Element], tag: str) -> str | None:
    element = _first(forms, tag)
    return None if element is None else str(element.get(qn("w:val")))


def _first(forms: list[etree._Element], tag: str) -> etree._Element | None:
    found = (form.find(qn(tag)) for form in forms)
    return next((element for element in found if element is not None), None)


def _is_on(forms: list[etree._Element], tag: str) -> bool:
    element = _first(forms, tag)
    return element is not None and element.get(qn("w:val")) not in _OFF
