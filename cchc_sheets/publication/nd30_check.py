"""Whether a finished paper keeps to the form of Nghị định 30/2020/NĐ-CP: every breach in a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.docx_package import package_problems
from cchc_sheets.publication.finished_paper import Paper, SectionPart, text_of, words_of
from cchc_sheets.publication.measures import number_of
from cchc_sheets.publication.nd30 import PAGE_HEIGHT, PAGE_WIDTH
from cchc_sheets.publication.nd30_annexes import annex_problems
from cchc_sheets.publication.nd30_elements import element_problems
from cchc_sheets.publication.nd30_forms import Form, form_element_problems
from cchc_sheets.publication.typeface import FONT

_TOLERANCE: Final = 12  # the models themselves round millimetres to whole twips
_SIDES: Final = {"top": text("top"), "bottom": text("bottom"), "left": text("left"), "right": text("right")}
_MARGINS: Final = {"top": (1134, 1418), "bottom": (1134, 1418), "left": (1701, 1985), "right": (850, 1134)}
_BLACK: Final = ("auto", "000000")
_NUMBER_SIZES: Final = (13, 14)
_TAGS: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|[⟦⟧]")
_BLANKS: Final = re.compile(r"(?:[Ss]ố:?|ngày|tháng)\s{2,}")
_NOTHING: Final = re.compile(r"\bNone\b|\(\s*\)")
_SUSPICIOUS: Final = re.compile(rf"{_TAGS.pattern}|  |{_NOTHING.pattern}")
_LONGEST_QUOTE: Final = 80
_RUN, _RUN_FORM, _VALUE = qn("w:r"), qn("w:rPr"), qn("w:val")
_PARAGRAPH, _TABLE = qn("w:p"), qn("w:tbl")
_STYLE_OF: Final = {tag: f"{tag}Pr/{tag}Style" for tag in (_PARAGRAPH, _TABLE)}


def form_problems(docx: bytes, *, quoted: Collection[str] = (), form: Form | None = None) -> list[Text]:
    """Return every breach of form in a finished paper; none for a good one.

    Args:
        docx: the bytes of the file.
        form: which form it has to keep; a decision's if none is named.
        quoted: texts from outside that are allowed to look like a template's tags.
    """
    problems = package_problems(docx)
    if problems:
        return problems
    paper = Paper.opened(docx)
    problems += _page_problems(paper)
    problems += _letter_problems(paper)
    problems += _leftover_problems(paper, quoted)
    problems += _numbering_problems(paper)
    problems += element_problems(paper) if form is None else form_element_problems(paper, form)
    problems += annex_problems(paper)
    return list(dict.fromkeys(problems))


def _page_problems(paper: Paper) -> Iterator[Text]:
    for place, section in enumerate(paper.sections, start=1):
        size, margins = section.properties.find(qn("w:pgSz")), section.properties.find(qn("w:pgMar"))
        page = (number_of(size, "w"), number_of(size, "h"))
        upright, across = (PAGE_WIDTH, PAGE_HEIGHT), (PAGE_HEIGHT, PAGE_WIDTH)
        if not _is_near(page, upright) and (place == 1 or not _is_near(page, across)):
            yield text("section {place}: the page is not A4 upright", place=place)
        for side, (least, most) in _MARGINS.items():
            if not least - _TOLERANCE <= number_of(margins, side) <= most + _TOLERANCE:
                yield text(
                    "section {place}: the {side} margin is {margin} mm, not between {least} and {most}",
                    place=place,
                    side=_SIDES[side],
                    margin=_millimetres(number_of(margins, side)),
                    least=_millimetres(least),
                    most=_millimetres(most),
                )


def _is_near(page: tuple[int, int], wanted: tuple[int, int]) -> bool:
    return all(abs(one - other) <= _TOLERANCE for one, other in zip(page, wanted, strict=True))


def _millimetres(twips: int) -> int:
    return round(twips * 25.4 / 1440)


def _letter_problems(paper: Paper) -> Iterator[Text]:
    """Every run is black Times New Roman in all four scripts, its style's and the theme's typefaces included."""
    judged: set[bytes] = set()
    for part in paper.printed_parts:
        tables: dict[etree._Element, bytes] = {}
        for run in part.iter(_RUN):
            key = _look(run, tables)
            if key in judged or not text_of(run).strip():
                continue
            judged.add(key)
            problem = _letter_problem(paper, run)
            if problem is not None:
                yield problem
    if any(paper.body.iter(qn("w:numPr"))):
        yield from _list_problems(paper)


def _look(run: etree._Element, tables: dict[etree._Element, bytes]) -> bytes:
    """Return what decides how a run looks, so that equal ones are judged once; `tables` is what is known of those."""
    form, paragraph = run.find(_RUN_FORM), next(run.iterancestors(_PARAGRAPH), None)
    table = next(run.iterancestors(_TABLE), None)
    names = b""
    if table is not None:
        if table not in tables:
            tables[table] = b"/".join(_style_name(one) for one in (table, *table.iterancestors(_TABLE)))
        names = tables[table]
    style = b"" if paragraph is None else _style_name(paragraph)
    return b"|".join((b"" if form is None else etree.tostring(form), style, names))


def _style_name(element: etree._Element) -> bytes:
    style = element.find(_STYLE_OF[str(element.tag)])
    return b"" if style is None else str(style.get(_VALUE)).encode()


def _letter_problem(paper: Paper, run: etree._Element) -> Text | None:
    letters = paper.letters(run)
    words = text_of(run).strip()[:_LONGEST_QUOTE]
    if letters.fonts != {FONT}:
        fonts = tuple(sorted(letters.fonts - {FONT}))
        return text("«{words}» is not in Times New Roman but in {fonts}", words=words, fonts=fonts)
    if letters.color not in _BLACK:
        return text("«{words}» is not black", words=words)
    return None


def _list_problems(paper: Paper) -> Iterator[Text]:
    numbering = [r.target_part for r in paper.document.part.rels.values() if r.reltype.endswith("/numbering")]
    for part in numbering:
        for fonts in etree.fromstring(part.blob).iter(qn("w:rFonts")):
            if set(fonts.attrib.values()) - {FONT, "default"}:
                yield text("the signs of a list are not in Times New Roman")
                return


def _leftover_problems(paper: Paper, quoted: Collection[str]) -> Iterator[Text]:
    longest_first = sorted(quoted, key=len, reverse=True)
    for part in paper.printed_parts:
        for paragraph in part.iter(qn("w:p")):
            words = text_of(paragraph)
            if not _SUSPICIOUS.search(words):
                continue
            for known in longest_first:
                words = words.replace(known, "…")
            shown = words_of(paragraph)[:_LONGEST_QUOTE]
            if _TAGS.search(words):
                yield text("a tag of the template is left over: «{words}»", words=shown)
            if "  " in _BLANKS.sub("_ ", words).strip():
                yield text("two spaces in a row: «{words}»", words=shown)
            if _NOTHING.search(words):
                yield text("a value is missing: «{words}»", words=shown)


def _numbering_problems(paper: Paper) -> Iterator[Text]:
    """Pages are numbered in the top margin, centred, from 1 in the text and in each annex, the first unnumbered."""
    headers: dict[str, etree._Element | None] = {"default": None, "first": None}
    for place, section in enumerate(paper.sections, start=1):
        headers |= dict(_own_headers(paper, section))
        properties = section.properties
        first = properties.find(qn("w:titlePg"))
        if first is None or first.get(qn("w:val")) in ("0", "false"):
            yield text("section {place}: the first page shows its number", place=place)
        start = properties.find(qn("w:pgNumType"))
        if number_of(start, "start") != 1:
            yield text("section {place}: its pages are not numbered from 1", place=place)
        if start is not None and start.get(qn("w:fmt")) not in (None, "decimal"):
            yield text("section {place}: its pages are not numbered in Arabic figures", place=place)
        yield from _header_problems(paper, headers["default"], place)
        if headers["first"] is not None and _page_field(headers["first"]) is not None:
            yield text("section {place}: the first page shows its number", place=place)


def _own_headers(paper: Paper, section: SectionPart) -> Iterator[tuple[str, etree._Element]]:
    for reference in section.properties.findall(qn("w:headerReference")):
        part = paper.document.part.rels[str(reference.get(qn("r:id")))].target_part
        yield str(reference.get(qn("w:type"))), etree.fromstring(part.blob)


def _header_problems(paper: Paper, header: etree._Element | None, place: int) -> Iterator[Text]:
    field = None if header is None else _page_field(header)
    if field is None:
        yield text("section {place}: there is no page number in the top margin", place=place)
        return
    paragraph = next(field.iterancestors(qn("w:p")))
    if paper.alignment(paragraph) != "center":
        yield text("section {place}: the page number is not centred", place=place)
    sizes = Counter(paper.letters(run).size for run in paragraph.iter(qn("w:r")))
    if any(size not in _NUMBER_SIZES for size in sizes):
        yield text("section {place}: the page number is not of size 13 or 14", place=place)


def _page_field(header: etree._Element) -> etree._Element | None:
    fields = (*header.iter(qn("w:instrText")), *header.iter(qn("w:fldSimple")))
    return next((f for f in fields if "PAGE" in f"{f.text or ''} {f.get(qn('w:instr')) or ''}".split()), None)
