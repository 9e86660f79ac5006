"""What may stand in a Word file without changing what it prints; whatever else stands there is told by its name.

A list of what is bad can never be whole. This is the list of what is known to be harmless: the pieces that text,
tables, headers and notes are made of, and the properties that cannot make a figure another one. What Word, LibreOffice
and Google Docs put into a file when they save it stands here with a reason; what prints is judged elsewhere
(`paper_looks`), or has to be what the remade paper has in that place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.publication.measures import is_on

_LONGEST: Final = 120


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_MARKS: Final = _set(
    # Places that programs remember, what a spelling checker thought, and text put in or taken out with its trace.
    "bookmarkStart bookmarkEnd proofErr permStart permEnd commentRangeStart commentRangeEnd ins del moveFrom moveTo"
    " moveFromRangeStart moveFromRangeEnd moveToRangeStart moveToRangeEnd"
)
_BLOCKS: Final = _MARKS | {"p", "tbl", "sdt", "customXml"}
_INLINE: Final = _MARKS | {"r", "hyperlink", "smartTag", "sdt", "customXml", "fldSimple"}
_DRAWN: Final = frozenset(("drawing", "pict", "object"))
_ANYWHERE: Final = _BLOCKS | _INLINE | {"tr", "tc"}
_WITHIN: Final[dict[str, frozenset[str]]] = {
    "document": frozenset(("body",)),
    "body": _BLOCKS | {"sectPr"},
    "hdr": _BLOCKS,
    "ftr": _BLOCKS,
    "footnotes": frozenset(("footnote",)),
    "endnotes": frozenset(("endnote",)),
    "footnote": _BLOCKS,
    "endnote": _BLOCKS,
    "txbxContent": _BLOCKS,
    "tbl": _MARKS | {"tblPr", "tblGrid", "tr", "sdt", "customXml"},
    "tr": _MARKS | {"trPr", "tblPrEx", "tc", "sdt", "customXml"},
    "tc": _BLOCKS | {"tcPr"},
    "p": _INLINE | {"pPr"},
    "hyperlink": _INLINE,
    "smartTag": _INLINE | {"smartTagPr"},
    "fldSimple": _INLINE | {"fldData"},
    "customXml": _ANYWHERE | {"customXmlPr"},
    "sdt": frozenset(("sdtPr", "sdtEndPr", "sdtContent")),
    "sdtContent": _ANYWHERE,
    "ins": _ANYWHERE,
    "moveTo": _ANYWHERE,
    "r": _DRAWN
    | _set(
        "rPr t tab br noBreakHyphen lastRenderedPageBreak fldChar instrText separator continuationSeparator"
        " footnoteRef endnoteRef annotationRef"
    ),
}
_ONCE: Final = _set("pPr rPr tblPr tblPrEx tblGrid trPr tcPr sdtPr sdtContent")
"""Of two of these, each program takes another one."""

_NOT_ENTERED: Final = _set(
    "pPr rPr tblPr tblGrid trPr tblPrEx tcPr sectPr sdtEndPr smartTagPr customXmlPr del moveFrom"
)
_CONTROL: Final = _set(
    # Google Docs puts its tables into controls that only bear a name; Word's page numbers stand in such ones.
    "id tag alias lock rPr docPartObj docPartGallery docPartUnique docPartCategory appearance color"
)
HARMLESS: Final[dict[str, frozenset[str]]] = {
    "rPr": _set(
        # Bold, slanting and underlined letters are the same letters; the rest is language, and judged in paper_looks.
        "rStyle b bCs i iCs u lang noProof kern snapToGrid ins moveTo rPrChange szCs sz color shd highlight rFonts"
        " spacing w position vertAlign rtl vanish webHidden specVanish strike dstrike ligatures cntxtAlts"
    ),
    "pPr": _set(
        "pStyle keepNext keepLines pageBreakBefore widowControl suppressLineNumbers suppressAutoHyphens kinsoku"
        " wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN adjustRightInd snapToGrid contextualSpacing"
        " mirrorIndents jc textAlignment outlineLvl rPr sectPr pPrChange tabs divId cnfStyle textboxTightWrap"
        " spacing ind shd numPr"
    ),
    "tblPr": _set(
        "tblStyle tblW jc tblInd tblBorders tblLayout tblCellMar tblLook tblCellSpacing tblOverlap tblCaption"
        " tblDescription tblPrChange tblStyleRowBandSize tblStyleColBandSize shd"
    ),
    "trPr": _set("cantSplit trHeight jc cnfStyle divId trPrChange tblCellSpacing hidden ins del"),
    "tcPr": _set("tcW tcBorders shd noWrap tcMar vAlign cnfStyle headers tcPrChange"),
    "sectPr": _set(
        "pgSz pgMar cols docGrid titlePg headerReference footerReference pgNumType type formProt vAlign noEndnote"
        " rtlGutter footnotePr endnotePr paperSrc printerSettings sectPrChange"
    ),
}
HARMLESS["tblPrEx"] = HARMLESS["tblPr"]
_BY_NAME: Final = _set("gridSpan tblHeader pBdr framePr tblpPr pgBorders bdr")
"""Programs write the values of these in their own way: what counts is in which place they stand."""

_MANY: Final = _set("headerReference footerReference tblStylePr")
_AS_USUAL: Final = frozenset((("textDirection", "lrTb"), ("textDirection", "tb"), ("gridSpan", "1"), ("bdr", "nil")))
_WORD_2010: Final = frozenset(
    f"http://schemas.microsoft.com/office/word/{part}" for part in ("2010/wordml", "2012/wordml")
)
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DRAWN_WORDS: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"


def strange_in(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield every piece below an element that a plain paper is not made of, and what to call it; not what is in it."""
    allowed = _WITHIN.get(_name(element), frozenset())
    once: set[str] = set()
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = _name(child)
        if name in once:
            yield child, called(child)
        once |= {name} & _ONCE
        if name == "sdtPr":
            yield from ((one, called(one)) for one in _strange_controls(child))
        elif name == "AlternateContent" and _name(element) == "r" and _is_drawn(child):
            yield from _in_drawing(child)
        elif name not in allowed:
            yield child, called(child)
        elif name in _DRAWN:
            yield from _in_drawing(child)
        elif name not in _NOT_ENTERED:
            yield from strange_in(child)


def unusual_in(form: etree._Element) -> Iterator[str]:
    """Yield the properties of letters, a paragraph, a table, a row, a cell or a section that are not harmless."""
    known = HARMLESS[_name(form)]
    there: set[str] = set()
    for child in form:
        if child.tag in there and _local(child) not in _MANY:
            yield f"{_local(child)} ×2"  # which of the two is in force, is up to the program
        there.add(str(child.tag))
        if not isinstance(child.tag, str) or (_local(child) in known and _name(child) in {_local(child), "w14"}):
            continue
        if (_local(child), child.get(qn("w:val"))) in _AS_USUAL or _is_no_border(child):
            continue
        if _name(child) != _local(child) or is_on(child):
            yield _local(child) if _local(child) in _BY_NAME else called(child)


def called(element: etree._Element) -> str:
    """Return what to call a piece of a file: its name, its values, the words in it."""
    values = [
        str(value)
        for key, value in sorted(element.items())
        if etree.QName(key).localname not in {"id", "paraId", "textId"} and "rsid" not in key
    ]
    words = "".join(str(piece) for piece in element.itertext())
    return " ".join(f"{_local(element)} {' '.join(values)} {words}".split())[:_LONGEST]


def _is_no_border(element: etree._Element) -> bool:
    """Whether it names the sides of a paragraph only to say that there is no line: Google Docs does so everywhere."""
    return _name(element) == "pBdr" and all(side.get(qn("w:val")) in {"nil", "none"} for side in element)


def _strange_controls(properties: etree._Element) -> Iterator[etree._Element]:
    return (one for one in properties.iter() if one is not properties and _is_strange_control(one))


def _is_strange_control(one: etree._Element) -> bool:
    inside_letters = any(_name(outer) == "rPr" for outer in one.iterancestors())
    return isinstance(one.tag, str) and not inside_letters and _local(one) not in _CONTROL


def _is_drawn(alternatives: etree._Element) -> bool:
    """Whether it is a drawing in two forms, for newer and older programs, and nothing else."""
    return all(len(way) > 0 and all(_name(one) in _DRAWN for one in way) for way in alternatives)


def _in_drawing(drawing: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    for text in drawing.iter(qn("w:txbxContent")):
        yield from strange_in(text)
    yield from ((one, called(one)) for one in drawing.iter(_DRAWN_WORDS))


def _name(element: etree._Element) -> str:
    """Return the name of an element of Word's own; something that is no such name for any other."""
    if not isinstance(element.tag, str):
        return "foreign"
    name = etree.QName(element)
    if name.namespace == etree.QName(qn("w:p")).namespace:
        return name.localname
    if element.tag == f"{_MC}AlternateContent":
        return name.localname
    return "w14" if name.namespace in _WORD_2010 else "foreign"


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
