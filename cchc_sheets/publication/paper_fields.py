"""Fields of a Word file: what the program that prints it writes anew, whatever text stands there.

Only the number of a page is no alteration, and only as Word writes it: no literal words, no other way of counting, not
locked, nothing but digits in its place.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.publication.measures import OFF

_PAGE: Final = re.compile(r"(?:PAGE|NUMPAGES|SECTIONPAGES)(?: \\\* ?(?:MERGEFORMAT|CHARFORMAT|Arabic))*", re.IGNORECASE)
_PAGE_NUMBER: Final = re.compile(r"[0-9]{0,4}")


@dataclass
class Field:
    """One field.

    Attributes:
        start: the element that opens it.
        codes: what it computes, in the pieces in which it stands.
        pieces: the text that it printed last.
        is_whole: it is opened, parted and closed as Word does it, with no text where its code belongs.
    """

    start: etree._Element
    codes: list[str] = field(default_factory=list)
    pieces: list[etree._Element] = field(default_factory=list)
    is_parted: bool = False
    is_whole: bool = True

    @property
    def code(self) -> str:
        """What it computes, with single spaces."""
        return " ".join("".join(self.codes).split())

    @property
    def is_page_number(self) -> bool:
        """Whether it prints the number of the page, or how many there are, and nothing besides."""
        is_locked = str(self.start.get(qn("w:fldLock"), "0")) not in OFF
        digits = "".join(piece.text or "" for piece in self.pieces).strip()
        is_plain = _PAGE.fullmatch(self.code) and _PAGE_NUMBER.fullmatch(digits)
        return self.is_whole and not is_locked and bool(is_plain)


def fields_in(part: etree._Element) -> Iterator[Field]:
    """Yield every field of a part of a paper, those too that are not closed."""
    for simple in part.iter(qn("w:fldSimple")):
        yield Field(simple, [str(simple.get(qn("w:instr"), ""))], list(simple.iter(qn("w:t"))))
    still_open: list[Field] = []
    for piece in part.iter(qn("w:fldChar"), qn("w:instrText"), qn("w:t")):
        kind = piece.get(qn("w:fldCharType"))
        if piece.tag == qn("w:fldChar") and kind == "begin":
            still_open.append(Field(piece))
        elif piece.tag == qn("w:fldChar") and not still_open:
            yield Field(piece, [f"{kind}"], is_whole=False)
        elif still_open:
            _take(still_open[-1], piece)
            if kind == "end":
                yield still_open.pop()
    for left in still_open:
        left.is_whole = False
        yield left


def _take(current: Field, piece: etree._Element) -> None:
    if piece.tag == qn("w:instrText"):
        current.codes.append(piece.text or "")
    elif piece.tag == qn("w:t"):
        current.pieces.append(piece)
        current.is_whole &= current.is_parted  # before the code ends, Word shows none of it
    else:
        current.is_parted |= piece.get(qn("w:fldCharType")) == "separate"


def as_printed(part: etree._Element) -> etree._Element:
    """Return a copy without what is in the file and not on paper: deleted text, the numbers of pages."""
    part = copy.deepcopy(part)
    deleted = [row for row in part.iter(qn("w:tr")) if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None]
    deleted += list(part.iter(qn("w:del"), qn("w:moveFrom")))
    for element in deleted:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for one in list(fields_in(part)):
        if one.is_page_number:
            for piece in one.pieces:
                piece.text = ""
    return part
