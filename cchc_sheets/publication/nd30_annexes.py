"""The annexes of a finished paper, model 2.1 of Phụ lục III: heads, numbers, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.finished_paper import Paper, SectionPart, runs_of, words_of
from cchc_sheets.publication.measures import half_points_of, number_of
from cchc_sheets.publication.nd30_elements import END, is_rule, look_problems

ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_ANNEX: Final = re.compile(r"^Phụ lục(?: ([IVX]+))?$")
_REFERENCE: Final = re.compile(r"^\(Kèm theo \w[\w ]* số.*/.* của .+\)$")
_SIZE: Final = f"{qn('w:rPr')}/{qn('w:sz')}"
_TABLE_SIZES: Final = (10, 13)
_TEXT_SIZES: Final = (11, 14)


def annex_problems(paper: Paper) -> Iterator[Text]:
    """Yield every breach in the annexes, and in what the decision says of them."""
    decision, *annexes = paper.sections
    names = [next((m[0] for m in map(_ANNEX.match, map(words_of, s.paragraphs)) if m), "") for s in annexes]
    wanted = [f"Phụ lục {number}" for number in ROMAN[: len(annexes)]] if len(annexes) > 1 else ["Phụ lục"]
    if annexes and names != wanted:
        yield text("the annexes are not numbered {wanted}, each in a section of its own", wanted=tuple(wanted))
    told = " ".join(words_of(paragraph) for paragraph in decision.paragraphs)
    for name in names:
        if name and not re.search(rf"{name}(?![IVX])", told):
            yield text("the decision does not mention {annex}", annex=name)
    for name, section in zip(names, annexes, strict=True):
        if name:
            yield from _head_problems(paper, section, name)
        yield from _end_problems(section, name)
        for table in section.tables:
            yield from table_problems(paper, table, section, name)


def _head_problems(paper: Paper, section: SectionPart, name: str) -> Iterator[Text]:
    lines = [p for p in section.paragraphs if words_of(p) and not is_rule(p)]
    if words_of(lines[0]) != name:
        yield text("{annex} does not begin with its name", annex=name)
        return
    place = next((at for at, p in enumerate(lines) if _REFERENCE.match(words_of(p))), None)
    if place is None:
        yield text("{annex} does not say which decision it belongs to", annex=name)
        return
    yield from look_problems(paper, lines[0], "annex")
    if place < 2:  # noqa: PLR2004 - the name, then the title
        yield text("{annex} has no title", annex=name)
    for title in lines[1:place]:
        yield from look_problems(paper, title, "annex title")
    yield from look_problems(paper, lines[place], "annex reference")
    for paragraph in lines[place + 1 :]:
        for run in runs_of(paragraph):
            if not _TEXT_SIZES[0] <= paper.letters(run).size <= _TEXT_SIZES[1]:
                words = words_of(paragraph)[:60]
                yield text("{annex}: «{words}» is not between sizes 11 and 14", annex=name, words=words)


def _end_problems(section: SectionPart, name: str) -> Iterator[Text]:
    lines = [words for words in map(words_of, section.paragraphs) if words]
    if sum(line.count(END) for line in lines) > 1 or any(END in line for line in lines[:-1]):
        yield text("{annex}: «./.» stands elsewhere than at its end", annex=name)


def table_problems(paper: Paper, table: etree._Element, section: SectionPart, name: str) -> Iterator[Text]:
    """Yield every breach in a table; `name` says where it stands."""
    rows = table.findall(qn("w:tr"))
    if not rows or not _has(rows[0], "w:tblHeader"):
        yield text("{annex}: the table's heading is not repeated on every page", annex=name)
    for place, row in enumerate(rows, start=1):
        if not _has(row, "w:cantSplit"):
            yield text("{annex}: row {place} of the table may be torn over two pages", annex=name, place=place)
    width = sum(number_of(column, "w") for column in table.iter(qn("w:gridCol")))
    if width > section.text_width:
        yield text("{annex}: the table is wider than the text", annex=name)
    sizes = {_size(run) or paper.letters(run).size for run in table.iter(qn("w:r"))}
    for size in sorted(size for size in sizes if not _TABLE_SIZES[0] <= size <= _TABLE_SIZES[1]):
        yield text("{annex}: text of size {size} in the table", annex=name, size=f"{size:g}")


def _has(row: etree._Element, property_: str) -> bool:
    mark = row.find(f"{qn('w:trPr')}/{qn(property_)}")
    return mark is not None and mark.get(qn("w:val")) not in ("0", "false")


def _size(run: etree._Element) -> float:
    return (half_points_of(run.find(_SIZE)) or 0) / 2
