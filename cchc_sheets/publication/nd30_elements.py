"""The elements of model 1.2, Phụ lục III: each in its place, its letters and its signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.messages import Text, text
from cchc_sheets.publication.finished_paper import Paper, cells_of, runs_of, words_of
from cchc_sheets.publication.measures import number_of
from cchc_sheets.publication.nd30 import QUOC_HIEU, RULE_STYLE, TIEU_NGU, lines_of, longest_line, rule_room

END: Final = "./."
_ARTICLE: Final = re.compile(r"^Điều (\d+)\.")
_NUMBER: Final = re.compile(r"^Số:.*/.*QĐ-")
_ABOUT: Final = "V/v "
_DATE: Final = re.compile(r"^\S.*, ngày.*tháng.*năm \d{4}$")
_ORDER: Final = (
    "letterhead",
    "title",
    "subject",
    "rule",
    "decider",
    "basis",
    "proposal",
    "resolution",
    "article",
    "signature",
)
_LONGEST_QUOTE: Final = 60


@dataclass(frozen=True)
class Look:
    """The letters the decree asks for; None leaves a property open."""

    sizes: tuple[float, float]
    is_bold: bool | None = None
    is_italic: bool | None = False
    is_capital: bool = False
    align: str = ""


LOOKS: Final = {
    "Quốc hiệu": Look((12, 13), is_bold=True, is_capital=True, align="center"),
    "Tiêu ngữ": Look((13, 14), is_bold=True, align="center"),
    "parent": Look((12, 13), is_bold=False, is_capital=True, align="center"),
    "issuer": Look((12, 13), is_bold=True, is_capital=True, align="center"),
    "number": Look((13, 13), is_bold=False, align="center"),
    "date": Look((13, 14), is_bold=False, is_italic=True, align="center"),
    "title": Look((13, 14), is_bold=True, is_capital=True, align="center"),
    "subject": Look((13, 14), is_bold=True, align="center"),
    "decider": Look((13, 14), is_bold=True, is_capital=True, align="center"),
    "basis": Look((13, 14), is_bold=False, is_italic=True),
    "proposal": Look((13, 14), is_bold=False, is_italic=True),
    "resolution": Look((13, 14), is_bold=True, is_capital=True, align="center"),
    "text": Look((13, 14), align="both"),
    "about": Look((12, 13), is_bold=False, align="center"),
    "recipients": Look((12, 12), is_bold=True, is_italic=True),
    "recipient": Look((11, 11), is_bold=False, align="left"),
    "signer title": Look((13, 14), is_bold=True, is_capital=True, align="center"),
    "signer name": Look((13, 14), is_bold=True, align="center"),
    "annex": Look((14, 14), is_bold=True, align="center"),
    "annex title": Look((13, 14), is_bold=True, is_capital=True, align="center"),
    "annex reference": Look((13, 14), is_bold=False, is_italic=True, align="center"),
}


def element_problems(paper: Paper) -> Iterator[Text]:
    """Yield every breach in the decision itself, its annexes left out."""
    blocks = [block for block in paper.sections[0].blocks if block.tag in (qn("w:p"), qn("w:tbl"))]
    named = list(_named(blocks))
    yield from _order_problems([name for name, _ in named])
    for name, block in named:
        if name == "letterhead":
            yield from letterhead_problems(paper, block)
        elif name == "signature":
            yield from signature_problems(paper, block)
        elif name in LOOKS:
            yield from look_problems(paper, block, name)
        elif name == "article":
            yield from _article_look(paper, block)
    yield from _basis_problems(named)
    yield from _article_problems(named)
    for place, (name, block) in enumerate(named):
        if name == "rule" and place and named[place - 1][0] == "subject":
            yield from rule_problems(paper, block, named[place - 1][1])


def look_problems(paper: Paper, paragraph: etree._Element, name: str) -> Iterator[Text]:
    """Yield what is not as the decree asks in the letters and the alignment of one element."""
    look, words = LOOKS[name], words_of(paragraph)
    shown = words[:_LONGEST_QUOTE]
    for run in runs_of(paragraph):
        letters = paper.letters(run)
        if not look.sizes[0] <= letters.size <= look.sizes[1]:
            yield text("«{words}» is of size {size}", words=shown, size=f"{letters.size:g}")
        if look.is_bold not in (None, letters.is_bold):
            if look.is_bold:
                yield text("«{words}» is not bold", words=shown)
            else:
                yield text("«{words}» is bold", words=shown)
        if look.is_italic not in (None, letters.is_italic):
            if look.is_italic:
                yield text("«{words}» is not italic", words=shown)
            else:
                yield text("«{words}» is italic", words=shown)
    if look.is_capital and words != words.upper():
        yield text("«{words}» is not in capitals", words=shown)
    if look.align and runs_of(paragraph) and paper.alignment(paragraph) != look.align:
        yield text("«{words}» is not aligned as prescribed", words=shown)


def rule_problems(paper: Paper, rule: etree._Element, line: etree._Element) -> Iterator[Text]:
    """Yield whether a drawn rule has not the length its line asks for."""
    if not _is_drawn(rule):
        return  # underscores or a drawing of the office's own: there, but not measured
    room = rule_room(rule, paper.sections[0].text_width)
    indent = rule.find(f"{qn('w:pPr')}/{qn('w:ind')}")
    length = room - number_of(indent, "left") - number_of(indent, "right")
    runs, words = runs_of(line), words_of(line)
    size = paper.letters(runs[0]).size if runs else 14
    is_bold = bool(runs) and paper.letters(runs[0]).is_bold
    longest = longest_line(lines_of(line), size, room, is_bold=is_bold)
    least, most = (0.95, 1.05) if words == TIEU_NGU else (0.32, 0.51)
    if not longest * least <= length <= longest * most:
        yield text("the rule under «{words}» has not the prescribed length", words=words[:_LONGEST_QUOTE])


def is_rule(paragraph: etree._Element) -> bool:
    """Whether a paragraph is a rule: drawn as a border, typed as underscores, or a drawn shape."""
    words = words_of(paragraph)
    if words:
        return set(words) <= set("_-—–─ ")
    return _is_drawn(paragraph) or next(paragraph.iter(qn("w:drawing"), qn("w:pict")), None) is not None


def _is_drawn(paragraph: etree._Element) -> bool:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    has_border = paragraph.find(f"{qn('w:pPr')}/{qn('w:pBdr')}/{qn('w:bottom')}") is not None
    return has_border or (style is not None and style.get(qn("w:val")) == RULE_STYLE)


def _named(blocks: Sequence[etree._Element]) -> Iterator[tuple[str, etree._Element]]:
    """Yield each block of the decision with the name of the element it is; empty paragraphs are none."""
    seen: set[str] = set()
    for block in blocks:
        name = _name_of(block, seen)
        if name:
            seen.add(name)
            yield name, block


def _name_of(block: etree._Element, seen: set[str]) -> str:
    words = words_of(block)
    if block.tag == qn("w:tbl"):
        return "signature" if "Nơi nhận" in words else "letterhead"
    if is_rule(block):
        return "rule"
    if not words:
        return ""
    if words == "QUYẾT ĐỊNH":
        return "title"
    if words == "QUYẾT ĐỊNH:":
        return "resolution"
    if _ARTICLE.match(words):
        return "article"
    if "resolution" in seen:
        return "text"
    for name, start in (("subject", "Về việc"), ("basis", "Căn cứ"), ("proposal", "Theo đề nghị")):
        if words.startswith(start):
            return name
    return "decider" if "title" in seen and "basis" not in seen else "stray"


def _order_problems(names: Sequence[str]) -> Iterator[Text]:
    shown = {
        "letterhead": text("the table with Quốc hiệu and issuer"),
        "title": text("«QUYẾT ĐỊNH»"),
        "subject": text("the line «Về việc …»"),
        "rule": text("the rule under the subject"),
        "decider": text("who decides (thẩm quyền ban hành)"),
        "basis": text("a legal basis («Căn cứ …;»)"),
        "proposal": text("«Theo đề nghị của … .»"),
        "resolution": text("«QUYẾT ĐỊNH:»"),
        "article": text("«Điều 1.»"),
        "signature": text("the table with «Nơi nhận» and the signature"),
    }
    for name in _ORDER:
        if name not in names:
            yield text("{element} is missing", element=shown[name])
    firsts = [(names.index(name), name) for name in _ORDER if name in names]
    for (before, earlier), (after, later) in pairwise(firsts):
        if after < before:
            yield text("{later} stands before {earlier}", later=shown[later], earlier=shown[earlier])


def letterhead_problems(
    paper: Paper, table: etree._Element, number: re.Pattern[str] = _NUMBER, *, is_dated: bool = True
) -> Iterator[Text]:
    """Yield every breach in the head of a paper.

    Args:
        number: what the line with number and symbol looks like.
        is_dated: place and date stand under the Tiêu ngữ; in minutes they do not.
    """
    rows = [cells_of(row) for row in table.findall(qn("w:tr"))]
    if not rows or any(len(row) < 2 for row in rows):  # noqa: PLR2004 - issuer at the left, nation at the right
        yield text("the head of the paper is not made of two columns")
        return
    left = [p for row in rows for p in row[0].findall(qn("w:p"))]
    right = [p for row in rows for p in row[-1].findall(qn("w:p"))]
    yield from _nation_problems(paper, right, is_dated=is_dated)
    yield from _issuer_problems(paper, left, number)


def _nation_problems(paper: Paper, paragraphs: Sequence[etree._Element], *, is_dated: bool) -> Iterator[Text]:
    lines = {words_of(p): p for p in paragraphs if words_of(p)}
    sizes = []
    for name, wanted in (("Quốc hiệu", QUOC_HIEU), ("Tiêu ngữ", TIEU_NGU)):
        if wanted not in lines:
            yield text("«{words}» is missing or not exactly so", words=wanted)
            continue
        yield from look_problems(paper, lines[wanted], name)
        sizes.append(paper.letters(runs_of(lines[wanted])[0]).size)
    if len(sizes) == 2 and sizes[1] - sizes[0] != 1:  # noqa: PLR2004 - Quốc hiệu and Tiêu ngữ
        yield text("Quốc hiệu and Tiêu ngữ are not of sizes 12 and 13, or 13 and 14")
    yield from _rule_after(paper, paragraphs, lines.get(TIEU_NGU))
    date = next((p for words, p in lines.items() if _DATE.match(words)), None)
    if not is_dated:
        return
    if date is None:
        yield text("the line with place and date is missing under the Tiêu ngữ")
    else:
        yield from look_problems(paper, date, "date")


def _issuer_problems(paper: Paper, paragraphs: Sequence[etree._Element], pattern: re.Pattern[str]) -> Iterator[Text]:
    named = [p for p in paragraphs if words_of(p) and not is_rule(p) and not words_of(p).startswith(_ABOUT)]
    number = next((p for p in named if pattern.match(words_of(p))), None)
    if number is not None:
        yield from look_problems(paper, number, "number")
    elif pattern is _NUMBER:
        yield text("the line «Số: …/QĐ-…» is missing under the issuer")
    else:
        yield text("the line «Số: …/…» with the paper's own symbol is missing under the issuer")
    names = [p for p in named if p is not number]
    bold = [p for p in names if all(paper.letters(run).is_bold for run in runs_of(p))]
    if not bold or names[-1] is not bold[-1]:
        yield text("the issuer's name is missing or not bold")
    for paragraph in names:
        yield from look_problems(paper, paragraph, "issuer" if paragraph in bold else "parent")
    yield from _rule_after(paper, paragraphs, names[-1] if names else None)


def _rule_after(paper: Paper, paragraphs: Sequence[etree._Element], line: etree._Element | None) -> Iterator[Text]:
    if line is None:
        return
    rules = [p for p in paragraphs[list(paragraphs).index(line) + 1 :] if is_rule(p)]
    if not rules:
        yield text("there is no rule under «{words}»", words=words_of(line)[:_LONGEST_QUOTE])
    else:
        yield from rule_problems(paper, rules[0], line)


def _basis_problems(named: Sequence[tuple[str, etree._Element]]) -> Iterator[Text]:
    for name, block in named:
        words = words_of(block)
        if name == "basis" and (not words.endswith(";") or words.endswith((";;", ".;"))):
            yield text("«{words}» does not end in one «;»", words=words[-_LONGEST_QUOTE:])
        if name == "proposal" and (not words.endswith(".") or words.endswith((";.", ".."))):
            yield text("«{words}» does not end in one «.»", words=words[-_LONGEST_QUOTE:])
        if name == "stray":
            yield text("«{words}» has no place before «QUYẾT ĐỊNH:»", words=words[:_LONGEST_QUOTE])


def _article_problems(named: Sequence[tuple[str, etree._Element]]) -> Iterator[Text]:
    articles = [words_of(block) for name, block in named if name in ("article", "text")]
    matches = [match for match in map(_ARTICLE.match, articles) if match]
    numbers = [int(match[1]) for match in matches]
    if numbers != list(range(1, len(numbers) + 1)):
        yield text("the articles are not numbered 1, 2, 3: {numbers}", numbers=tuple(numbers))
    if sum(words_of(block).count(END) for _, block in named) != 1 or not articles or not articles[-1].endswith(END):
        yield text("«./.» does not stand exactly once, at the end of the last article")


def _article_look(paper: Paper, article: etree._Element) -> Iterator[Text]:
    yield from look_problems(paper, article, "text")
    if not paper.letters(runs_of(article)[0]).is_bold:
        yield text("«{words}» is not bold", words=words_of(article).split(".")[0] + ".")


def signature_problems(paper: Paper, table: etree._Element) -> Iterator[Text]:
    """Yield every breach in «Nơi nhận» and the signature beside it."""
    cells = [cell for row in table.findall(qn("w:tr")) for cell in cells_of(row)]
    left = [p for p in cells[0].findall(qn("w:p")) if words_of(p)]
    right = [p for p in cells[-1].findall(qn("w:p")) if words_of(p)]
    if not left or words_of(left[0]) != "Nơi nhận:":
        yield text("«Nơi nhận:» does not stand at the left, on the line of the signer's title")
    else:
        yield from look_problems(paper, left[0], "recipients")
    yield from recipient_problems(paper, left[1:])
    if len(right) < 2:  # noqa: PLR2004 - title and name
        yield text("the signer's title or name is missing")
        return
    for paragraph in right[:-1]:
        yield from look_problems(paper, paragraph, "signer title")
    yield from look_problems(paper, right[-1], "signer name")


def recipient_problems(paper: Paper, lines: Sequence[etree._Element]) -> Iterator[Text]:
    """Yield every breach in the list under «Nơi nhận:»."""
    if not lines or not words_of(lines[-1]).startswith("- Lưu: VT"):
        yield text("the last line of «Nơi nhận» does not begin «- Lưu: VT»")
    for paragraph in lines:
        words = words_of(paragraph)
        end = "." if paragraph is lines[-1] else ";"
        if not words.startswith("- ") or not words.endswith(end) or words.endswith((";;", "..", ";.", ".;")):
            yield text("«{words}» does not begin «- » and end in one «{end}»", words=words[:_LONGEST_QUOTE], end=end)
        yield from look_problems(paper, paragraph, "recipient")
