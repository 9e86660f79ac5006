"""Builds the Word templates that come with the program: `python tools/build_papers.py [FOLDER]`.

The templates are kept in the repository; this makes them again, byte for byte, from the house style. An office that
wants other words edits its copy in Word and never needs this.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from docx.document import Document
from docx.shared import Pt, Twips
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from paper_templates import TEMPLATES, Annex, Template

from cchc_sheets.publication.docx_package import packed
from cchc_sheets.publication.nd30 import (
    FIRST_LINE,
    QUOC_HIEU,
    SIX_POINTS,
    TEXT_WIDTH,
    TIEU_NGU,
    another_line,
    blank_paper,
    fit_rules,
    next_section,
    number_pages,
    plain_table,
    rule_below,
    set_page,
    write,
)

PAPERS: Final = Path(__file__).parent.parent / "sheet_templates" / "papers"
TEXTS: Final = Path(__file__).parent / "paper_texts"
_LETTERHEAD: Final = (3087, TEXT_WIDTH - 3087)
_SIGNATURE: Final = (4300, TEXT_WIDTH - 4300)
_LINES_TO_SIGN: Final = 4
_TO_INDENT: Final = 1134

_ARTICLES: Final = (
    (
        "Điều 1.",
        " Phê duyệt kết quả Chỉ số cải cách hành chính năm {{ year }} của {{ unit_count }} đơn vị là {{ units }}; "
        "kết quả xếp hạng, xếp loại tại Phụ lục I, điểm theo từng lĩnh vực tại Phụ lục II và cách xác định tại "
        "Phụ lục III kèm theo Quyết định này.",
    ),
    ("", "Trong đó: {{ class_counts }}; Chỉ số bình quân của các đơn vị là {{ mean_index }}%."),
    (
        "Điều 2.",
        " Kết quả tại Điều 1 là căn cứ để đánh giá, phân loại mức độ hoàn thành nhiệm vụ của người đứng đầu "
        "{{ units }} trong thực hiện nhiệm vụ cải cách hành chính năm {{ year }}. Các đơn vị có trách nhiệm công khai "
        "kết quả, phát huy ưu điểm và khắc phục những tiêu chí đạt điểm thấp trong năm tiếp theo.",
    ),
    (
        "Điều 3.",
        " Quyết định này có hiệu lực kể từ ngày ký. {{ implementers }} chịu trách nhiệm thi hành Quyết định này./.",
    ),
)


def paper_template(template: Template) -> Document:
    """Return a template of model 1.4, 1.5 or 1.9 of Phụ lục III, its annexes of model 2.1."""
    document = blank_paper()
    number_pages(document.sections[0])
    _letterhead(document, about="" if template.title else template.subject[0], is_dated=not template.is_minutes)
    if template.title:
        write(
            document.add_paragraph(), (template.title, "b"), align="center", before=2 * SIX_POINTS, keep_with_next=True
        )
        for line in template.subject:
            last = write(document.add_paragraph(), (line, "b"), align="center", keep_with_next=True)
        rule_below(last)
    if template.is_addressed:
        _addressees(document)
    write(document.add_paragraph(), size=6)
    for kind, words in _texts(template.code):
        _piece(document, kind, words)
    last = document.paragraphs[-1].paragraph_format
    last.keep_with_next = last.keep_together = True  # a signature must not stand on a page alone
    if template.is_minutes:
        _two_signatures(document)
    else:
        _signature(document, template.first_recipient)
    for annex in template.annexes:
        _whole_annex(document, annex)
    _upright_first(document, template.annexes)
    fit_rules(document.element.body)
    return document


def _whole_annex(document: Document, annex: Annex) -> None:
    """Write an annex with its table; the end of the section before belongs to its condition, if it has one."""
    if annex.only_if:
        _piece(document, "if", annex.only_if)
    _annex(document, annex.name, *annex.titles)
    if annex.is_turned:
        set_page(document.sections[-1], is_turned=True)
    _table_place(document, f"{{{{ {annex.table} }}}}")
    for kind, words in annex.more:
        _piece(document, kind, words)
    if annex.only_if:
        _piece(document, "end", "if")


def _texts(code: str) -> Iterator[tuple[str, str]]:
    """Yield the paragraphs of a paper's text, each with what it is.

    `head` and `part` are headings, `text` runs on, `item` is one of a list; `if`, `for` and `end` are tags in a
    paragraph of their own; `table` and `charts` say where those go.
    """
    for line in (TEXTS / f"{code}.txt").read_text(encoding="utf-8").splitlines():
        kind, _, words = line.partition(": ")
        yield kind, words


def _upright_first(document: Document, annexes: Sequence[Annex]) -> None:
    """Each section is laid as it was asked for: the library copies the page of the one before."""
    for section, annex in zip(list(document.sections)[1:], annexes, strict=True):
        set_page(section, is_turned=annex.is_turned)
    set_page(document.sections[0])


def _piece(document: Document, kind: str, words: str) -> None:
    match kind:
        case "if" | "for":
            write(document.add_paragraph(), (f"{{%p {kind} {words} %}}", ""))
        case "end":
            write(document.add_paragraph(), (f"{{%p end{words} %}}", ""))
        case "charts":
            write(document.add_paragraph(), (f"{{{{ {words} }}}}", ""), align="center")
            write(document.add_paragraph(), size=6)
        case "table":
            write(document.add_paragraph(), size=6, keep_with_next=True)
            write(document.add_paragraph(), (f"{{{{ {words} }}}}", ""), align="center")
            write(document.add_paragraph(), size=6)
        case _:
            paragraph = document.add_paragraph()
            is_heading = kind in ("head", "part")
            write(
                paragraph,
                (words, "b" if is_heading else ""),
                align="both",
                before=SIX_POINTS,
                first_line=FIRST_LINE,
                keep_with_next=is_heading or words.endswith(":"),
            )


def _addressees(document: Document) -> None:
    """One addressee stands beside «Kính gửi:», several below it, under the colon."""
    _tagged(document, "{%p if addressees|length == 1 %}")
    to = write(document.add_paragraph(), ("Kính gửi: {{ addressees[0] }}.", ""), before=2 * SIX_POINTS)
    to.paragraph_format.left_indent = Twips(_TO_INDENT)
    _tagged(document, "{%p endif %}")
    _tagged(document, "{%p if addressees|length != 1 %}")
    to = write(document.add_paragraph(), ("Kính gửi:", ""), before=2 * SIX_POINTS, keep_with_next=True)
    to.paragraph_format.left_indent = Twips(_TO_INDENT)
    _tagged(document, "{%p for addressee in addressees %}")
    line = write(document.add_paragraph(), ("- {{ addressee }}{{ '.' if loop.last else ';' }}", ""))
    line.paragraph_format.left_indent = Twips(_TO_INDENT + 1050)
    _tagged(document, "{%p endfor %}")
    _tagged(document, "{%p endif %}")


def _tagged(document: Document, words: str) -> None:
    write(document.add_paragraph(), (words, ""))


def _two_signatures(document: Document) -> None:
    """Sign minutes as model 1.9 does: secretary and chair side by side, «Nơi nhận» below."""
    write(document.add_paragraph(), size=8, keep_with_next=True)
    table: Table = plain_table(document, (TEXT_WIDTH // 2, TEXT_WIDTH - TEXT_WIDTH // 2), 2)
    for cell, title in zip(table.rows[0].cells, ("THƯ KÝ", "CHỦ TỌA"), strict=True):
        write(another_line(cell), (title, "b"), align="center", keep_with_next=True)
        for _ in range(_LINES_TO_SIGN):
            write(cell.add_paragraph(), align="center", keep_with_next=True)
        write(cell.add_paragraph(), ("…………………………", "b"), align="center")
    write(table.rows[1].cells[0].paragraphs[0], size=12)
    table.rows[1].cells[0].add_paragraph()
    _recipients(table.rows[1].cells[0], "")


def decision_template() -> Document:
    """Return the template of the decision, model 1.2 of Phụ lục III with three annexes of model 2.1."""
    document = blank_paper()
    number_pages(document.sections[0])
    _letterhead(document)
    _title_and_bases(document)
    for name, words in _ARTICLES:
        is_last = name == "Điều 3."
        paragraph = document.add_paragraph()
        write(
            paragraph,
            (name, "b"),
            (words, ""),
            align="both",
            before=SIX_POINTS,
            first_line=FIRST_LINE,
            keep_with_next=is_last,
        )
        paragraph.paragraph_format.keep_together = is_last
    _signature(document, "Như Điều 3")
    _annex(document, "Phụ lục I", "KẾT QUẢ XẾP HẠNG, XẾP LOẠI", "CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM {{ year }}")
    _table_place(document, "{{ ranking_table }}")
    _annex(document, "Phụ lục II", "KẾT QUẢ CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM {{ year }}", "THEO TỪNG LĨNH VỰC")
    _table_place(document, "{{ fields_table }}")
    _annex(document, "Phụ lục III", "CÁCH XÁC ĐỊNH CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM {{ year }}")
    _loop(document, "line", "method", "{{ line }}", size=13)
    fit_rules(document.element.body)
    return document


def _letterhead(document: Document, about: str = "", *, is_dated: bool = True) -> None:
    """Write issuer and nation side by side, number and date below; under a letter's number, what it is `about`."""
    table = plain_table(document, _LETTERHEAD, 2)
    issuer, nation = table.rows[0].cells
    _tag(issuer, "{%p if parent %}")
    write(another_line(issuer), ("{{ parent }}", ""), size=13, align="center")
    _tag(issuer, "{%p endif %}")
    _tag(issuer, "{%p for line in issuer %}")
    write(another_line(issuer), ("{{ line }}", "b"), size=13, align="center")
    rule_below(_tag(issuer, "{%p endfor %}"))
    write(another_line(nation), (QUOC_HIEU, "b"), size=13, align="center")
    rule_below(write(another_line(nation), (TIEU_NGU, "b"), size=14, align="center"))
    number, date = table.rows[1].cells
    for cell in (issuer, nation):
        write(cell.add_paragraph(), size=6)
    write(another_line(number), ("{{ number_line }}", ""), size=13, align="center")
    if about:
        write(number.add_paragraph(), (about, ""), size=12, align="center", before=SIX_POINTS)
    if is_dated:
        write(another_line(date), ("{{ date_line }}", "i"), size=14, align="center")


def _title_and_bases(document: Document) -> None:
    write(document.add_paragraph(), ("QUYẾT ĐỊNH", "b"), align="center", before=2 * SIX_POINTS, keep_with_next=True)
    rule_below(write(document.add_paragraph(), ("Về việc {{ subject }}", "b"), align="center"))
    write(document.add_paragraph(), ("{{ decider }}", "b"), align="center", before=2 * SIX_POINTS, after=SIX_POINTS)
    _loop(document, "basis", "legal_bases", "Căn cứ {{ basis }};", "i")
    proposal = ("Theo đề nghị của {{ proposal }}.", "i")
    write(document.add_paragraph(), proposal, align="both", before=SIX_POINTS, first_line=FIRST_LINE)
    heading = document.add_paragraph()
    write(heading, ("QUYẾT ĐỊNH:", "b"), align="center", before=SIX_POINTS, after=SIX_POINTS, keep_with_next=True)


def _signature(document: Document, first_recipient: str) -> None:
    space = write(document.add_paragraph(), size=8, keep_with_next=True)
    space.paragraph_format.line_spacing = 1
    table = plain_table(document, _SIGNATURE, 1)
    recipients, signer = table.rows[0].cells
    _recipients(recipients, first_recipient)
    _tag(signer, "{%p for line in signer_title %}")
    write(another_line(signer), ("{{ line }}", "b"), align="center")
    _tag(signer, "{%p endfor %}")
    for _ in range(_LINES_TO_SIGN):
        write(another_line(signer) if not signer.text else signer.add_paragraph(), align="center")
    write(signer.add_paragraph(), ("{{ signer_name }}", "b"), align="center")


def _recipients(cell: _Cell, first: str) -> None:
    write(another_line(cell), ("Nơi nhận:", "bi"), size=12)
    if first:
        write(another_line(cell), (f"- {first};", ""), size=11)
    _tag(cell, "{%p for recipient in recipients %}")
    write(another_line(cell), ("- {{ recipient }}{{ '.' if loop.last else ';' }}", ""), size=11)
    _tag(cell, "{%p endfor %}")


def _annex(document: Document, name: str, *titles: str) -> None:
    """Start an annex on a page of its own; the section before ends in a line too low to need a page."""
    next_section(document)
    last = document.paragraphs[-1]
    last.paragraph_format.line_spacing = Pt(1)
    last.paragraph_format.space_before = last.paragraph_format.space_after = Pt(0)
    write(document.add_paragraph(), (name, "b"), align="center", keep_with_next=True)
    for title in titles:
        write(document.add_paragraph(), (title, "b"), align="center", keep_with_next=True)
    rule_below(write(document.add_paragraph(), ("{{ annex_reference }}", "i"), align="center", keep_with_next=True))


def _table_place(document: Document, name: str) -> None:
    write(document.add_paragraph(), size=8, keep_with_next=True)
    write(document.add_paragraph(), (name, ""), align="center")


def _loop(document: Document, item: str, items: str, words: str, letters: str = "", size: float = 14) -> None:
    write(document.add_paragraph(), (f"{{%p for {item} in {items} %}}", ""))
    write(document.add_paragraph(), (words, letters), size=size, align="both", before=SIX_POINTS, first_line=FIRST_LINE)
    write(document.add_paragraph(), ("{%p endfor %}", ""))


def _tag(cell: _Cell, words: str) -> Paragraph:
    return write(another_line(cell), (words, ""), size=13)


def main() -> None:
    """Write every template into the folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PAPERS
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "decision.docx", decision_template())
    for template in TEMPLATES:
        _write(folder / f"{template.code}.docx", paper_template(template))


def _write(file: Path, document: Document) -> None:
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime(2020, 3, 5)  # noqa: DTZ001 - stored as UTC; the day of the decree
    target = io.BytesIO()
    document.save(target)
    file.write_bytes(packed(target.getvalue()))


if __name__ == "__main__":
    main()
