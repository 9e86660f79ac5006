"""The elements of models 1.4 (papers with a title), 1.5 (công văn) and 1.9 (biên bản) of Phụ lục III."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.finished_paper import Paper, cells_of, runs_of, words_of
from cchc_sheets.publication.nd30_annexes import table_problems
from cchc_sheets.publication.nd30_elements import (
    END,
    is_rule,
    letterhead_problems,
    look_problems,
    recipient_problems,
    rule_problems,
    signature_problems,
)

TO: Final = "Kính gửi:"
_LONGEST_QUOTE: Final = 60
_TEXT_SIZES: Final = (13, 14)
_MINUTES: Final = ("Thời gian bắt đầu:", "Địa điểm:", "Thành phần tham dự:", "Chủ trì", "Thư ký")
_CLOSE: Final = re.compile(r"kết thúc vào .*giờ.*ngày.*tháng.*năm")


@dataclass(frozen=True)
class Form:
    """Which form a paper has to keep.

    Attributes:
        model: `titled` (kế hoạch, báo cáo, tờ trình, thông báo), `letter` (công văn) or `minutes` (biên bản).
        title: the kind in capitals as printed (tên loại); "" for a letter, which has none.
        mark: what its symbol begins with, e.g. `KH`; "" for a letter.
        is_addressed: «Kính gửi» stands above the text.
    """

    model: Literal["titled", "letter", "minutes"]
    title: str = ""
    mark: str = ""
    is_addressed: bool = False

    @property
    def number(self) -> re.Pattern[str]:
        """What the line with number and symbol looks like."""
        return re.compile(rf"^Số:.*/\s*{re.escape(self.mark)}-\S" if self.mark else r"^Số:.*/\s*\S")

    @property
    def order(self) -> tuple[str, ...]:
        """The elements that have to be there, in their order."""
        if self.model == "letter":
            return ("letterhead", "to", "text", "signature")
        to = ("to",) if self.is_addressed else ()
        return ("letterhead", "title", "subject", "rule", *to, "text", "signature")


def form_element_problems(paper: Paper, form: Form) -> Iterator[Text]:
    """Yield every breach in the paper itself, its annexes left out."""
    blocks = [block for block in paper.sections[0].blocks if block.tag in (qn("w:p"), qn("w:tbl"))]
    named = list(_named(blocks, form))
    yield from _order_problems([name for name, _ in named], form)
    for name, block in named:
        if name == "letterhead":
            yield from letterhead_problems(paper, block, form.number, is_dated=form.model != "minutes")
            yield from _about_problems(paper, block, form)
        elif name == "signature":
            yield from _signature_problems(paper, block, form)
        elif name in ("title", "subject"):
            yield from look_problems(paper, block, name)
        elif name == "table":
            yield from table_problems(paper, block, paper.sections[0], form.title.capitalize() or "Công văn")
        elif name in ("to", "text"):
            yield from _size_problems(paper, block)
    yield from _addressee_problems([words_of(block) for name, block in named if name == "to"])
    yield from _end_problems(named)
    if form.model == "minutes":
        yield from _minutes_problems([words_of(block) for name, block in named if name == "text"])
    for (before, above), (name, block) in pairwise(named):
        if name == "rule" and before == "subject":
            yield from rule_problems(paper, block, above)


def _named(blocks: Sequence[etree._Element], form: Form) -> Iterator[tuple[str, etree._Element]]:
    """Yield each block with the name of the element it is; empty paragraphs and pictures are none."""
    seen: set[str] = set()
    for block in blocks:
        name = _name_of(block, seen, form)
        if name:
            seen.add(name)
            yield name, block


def _name_of(block: etree._Element, seen: set[str], form: Form) -> str:
    words = words_of(block)
    if block.tag == qn("w:tbl"):
        if "letterhead" not in seen:
            return "letterhead"
        return "signature" if "Nơi nhận:" in words or words.startswith("THƯ KÝ") else "table"
    if is_rule(block):
        return "rule" if "text" not in seen else ""
    if not words:
        return ""
    if form.title and "title" not in seen:
        return "title" if words == form.title else "stray"
    if form.title and "rule" not in seen:
        return "subject"
    if "text" not in seen and (words.startswith(TO) or ("to" in seen and words.startswith("- "))):
        return "to"
    return "text"


def _order_problems(names: Sequence[str], form: Form) -> Iterator[Text]:
    shown = {
        "letterhead": text("the table with Quốc hiệu and issuer"),
        "title": text("«{title}»", title=form.title),
        "subject": text("the lines that say what it is about"),
        "rule": text("the rule under the subject"),
        "to": text("«Kính gửi:»"),
        "text": text("the text"),
        "signature": text("the table with «Nơi nhận» and the signature"),
    }
    for name in form.order:
        if name not in names:
            yield text("{element} is missing", element=shown[name])
    firsts = [(names.index(name), name) for name in form.order if name in names]
    for (before, earlier), (after, later) in pairwise(firsts):
        if after < before:
            yield text("{later} stands before {earlier}", later=shown[later], earlier=shown[earlier])
    if "stray" in names:
        yield text("something stands between the head of the paper and its title")


def _about_problems(paper: Paper, table: etree._Element, form: Form) -> Iterator[Text]:
    """A letter says what it is about under its number («V/v …»); no other paper does."""
    rows = [cells_of(row) for row in table.findall(qn("w:tr"))]
    left = [p for row in rows if row for p in row[0].findall(qn("w:p"))]
    lines = [p for p in left if words_of(p).startswith("V/v")]
    if form.model == "letter" and len(lines) != 1:
        yield text("«V/v …» does not stand once under the number")
    if form.model != "letter" and lines:
        yield text("«V/v …» stands under the number of a paper that has a title")
    for line in lines:
        yield from look_problems(paper, line, "about")


def _size_problems(paper: Paper, paragraph: etree._Element) -> Iterator[Text]:
    for run in runs_of(paragraph):
        size = paper.letters(run).size
        if not _TEXT_SIZES[0] <= size <= _TEXT_SIZES[1]:
            yield text("«{words}» is of size {size}", words=words_of(paragraph)[:_LONGEST_QUOTE], size=f"{size:g}")
    if paper.alignment(paragraph) not in ("both", "center") and not words_of(paragraph).startswith((TO, "- ")):
        yield text("«{words}» is not aligned as prescribed", words=words_of(paragraph)[:_LONGEST_QUOTE])


def _addressee_problems(lines: Sequence[str]) -> Iterator[Text]:
    """One addressee stands beside «Kính gửi:», several below it, one a line: `- …;`, the last with a point."""
    if not lines:
        return
    first, others = lines[0].removeprefix(TO).strip(), lines[1:]
    if bool(first) == bool(others):
        yield text("one addressee stands beside «Kính gửi:», several stand below it")
    for place, line in enumerate(others, start=1):
        end = "." if place == len(others) else ";"
        if not line.endswith(end) or line.endswith((";;", "..", ";.", ".;")):
            yield text("«{words}» does not begin «- » and end in one «{end}»", words=line[:_LONGEST_QUOTE], end=end)


def _end_problems(named: Sequence[tuple[str, etree._Element]]) -> Iterator[Text]:
    lines = [words_of(block) for name, block in named if name == "text"]
    if sum(words_of(block).count(END) for _, block in named) != 1 or not lines or not lines[-1].endswith(END):
        yield text("«./.» does not stand exactly once, at the end of the text")


def _minutes_problems(lines: Sequence[str]) -> Iterator[Text]:
    for wanted in _MINUTES:
        if not any(line.startswith(wanted) for line in lines):
            yield text("«{words}» is missing or not exactly so", words=wanted)
    if not lines or not _CLOSE.search(lines[-1]):
        yield text("the minutes do not end by saying when the meeting closed")


def _signature_problems(paper: Paper, table: etree._Element, form: Form) -> Iterator[Text]:
    if form.model != "minutes":
        yield from signature_problems(paper, table)
        return
    rows = [cells_of(row) for row in table.findall(qn("w:tr"))]
    for cell, wanted in zip(rows[0], ("THƯ KÝ", "CHỦ TỌA"), strict=False):
        lines = [p for p in cell.findall(qn("w:p")) if words_of(p)]
        if not lines or words_of(lines[0]) != wanted or len(lines) < 2:  # noqa: PLR2004 - title and name
            yield text("«{words}» and a name do not stand side by side with the other signature", words=wanted)
            continue
        yield from look_problems(paper, lines[0], "signer title")
        yield from look_problems(paper, lines[-1], "signer name")
    below = [p for row in rows[1:] for p in row[0].findall(qn("w:p")) if words_of(p)]
    if not below or words_of(below[0]) != "Nơi nhận:":
        yield text("«Nơi nhận:» does not stand under the signatures")
        return
    yield from look_problems(paper, below[0], "recipients")
    yield from recipient_problems(paper, below[1:])
