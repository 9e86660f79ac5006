"""Altering what a Word file prints without touching a figure's letters: the figure is Tây An's index, 69,50."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any, Final

import docx
from altered import TEXT, cell_of
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from cchc_sheets.messages import speak
from cchc_sheets.publication.paper_compare import Comparison, compare_papers

W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
V: Final = 'xmlns:v="urn:schemas-microsoft-com:vml"'
MATH: Final = "http://schemas.openxmlformats.org/officeDocument/2006/math"
CHANGE: Final = f'{W} w:id="1" w:author="Ai đó"'

Trick = Callable[[Any], None]


def figure(document: Any) -> Any:
    """Return the run that prints the figure."""
    return cell_of(document, "Chỉ số (%)", "Xã Tây An").paragraphs[0].runs[0]._r


def row_of(document: Any, name: str = "Xã Tây An") -> Any:
    """Return the row of a commune."""
    return next(cell_of(document, "Chỉ số (%)", name)._tc.iterancestors(qn("w:tr")))


def last_digit(document: Any) -> Any:
    """Give the last digit of the figure a run of its own, and return that."""
    run = figure(document)
    last = copy.deepcopy(run)
    words = next(run.iter(TEXT)).text
    next(run.iter(TEXT)).text, next(last.iter(TEXT)).text = words[:-1], words[-1]
    run.addnext(last)
    return last


def give(properties: Any, *forms: str) -> None:
    """Give something another look; the newest property of a kind is the one that stays."""
    for form in forms:
        new = parse_xml(form.replace("/>", f" {W}/>", 1) if form.endswith("/>") and "xmlns" not in form else form)
        for old in properties.findall(new.tag):
            properties.remove(old)
        properties.append(new)


def look(*forms: str) -> Trick:
    """Give the figure another look."""
    return lambda document: give(figure(document).get_or_add_rPr(), *forms)


def digit_look(*forms: str) -> Trick:
    """Give its last digit another look."""
    return lambda document: give(last_digit(document).get_or_add_rPr(), *forms)


def of_paragraph(*forms: str) -> Trick:
    return lambda document: give(figure(document).getparent().get_or_add_pPr(), *forms)


def of_cell(*forms: str) -> Trick:
    return lambda document: give(_cell(document).get_or_add_tcPr(), *forms)


def of_row(*forms: str) -> Trick:
    return lambda document: give(row_of(document).get_or_add_trPr(), *forms)


def of_table(*forms: str) -> Trick:
    return lambda document: give(row_of(document).getparent().find(qn("w:tblPr")), *forms)


def before(*elements: str) -> Trick:
    """Put something before the figure."""

    def change(document: Any) -> None:
        run = figure(document)
        for element in elements:
            run.addprevious(parse_xml(element))

    return change


def within(element: str) -> Trick:
    """Put something into the run of the figure."""
    return lambda document: figure(document).insert(1, parse_xml(element))


def around(element: str, inner: str = ".", *, piece: Callable[[Any], Any] = figure) -> Trick:
    """Wrap the figure, or another piece."""

    def change(document: Any) -> None:
        run, outer = piece(document), parse_xml(element)
        run.addprevious(outer)
        place = outer if inner == "." else next(outer.iter(inner if inner.startswith("{") else qn(inner)))
        place.append(run)

    return change


def style(kind: str, inner: str, *, is_default: bool = False) -> Trick:
    """Add a style; a default one takes the place of that which was."""

    def change(document: Any) -> None:
        default = 'w:default="1"' if is_default else ""
        for old in document.styles.element.findall(qn("w:style")) if is_default else ():
            if old.get(qn("w:type")) == kind:
                old.attrib.pop(qn("w:default"), None)
        form = f'<w:style {W} w:type="{kind}" {default} w:styleId="NEW"><w:name w:val="NEW"/>{inner}</w:style>'
        document.styles.element.append(parse_xml(form))

    return change


def both(*tricks: Trick) -> Trick:
    def change(document: Any) -> None:
        for trick in tricks:
            trick(document)

    return change


def altered_by(paper: bytes, trick: Trick) -> bytes:
    """Return a paper after somebody played a trick on it."""
    document = docx.Document(io.BytesIO(paper))
    trick(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def compared(paper: bytes, trick: Trick) -> Comparison:
    """Hold a paper against itself after somebody played a trick on it."""
    return compare_papers(paper, altered_by(paper, trick), "decision.docx")


def said_of(comparison: Comparison) -> list[str]:
    """Return what is said of every difference, in English."""
    speak("en")
    try:
        found = comparison.differences
        return [
            f"{one.where}: «{one.found or '–'}» stands where the ledger gives «{one.expected or '–'}»" for one in found
        ]
    finally:
        speak("vi")


def _cell(document: Any) -> Any:
    return cell_of(document, "Chỉ số (%)", "Xã Tây An")._tc
