"""Builds the Word template of the page for the chairman: `python tools/build_sign_off.py [FOLDER]`.

As `build_papers.py` does for the decision: kept in the repository, made again byte for byte.
"""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from docx.document import Document
from docx.shared import Pt, Twips

from cchc_sheets.publication.docx_package import packed
from cchc_sheets.publication.nd30 import (
    another_line,
    blank_paper,
    fit_rules,
    plain_table,
    rule_below,
    write,
)
from cchc_sheets.publication.sign_off_words import PAGE_MARGINS, TEXT_WIDTH

PAPERS: Final = Path(__file__).parent.parent / "sheet_templates" / "papers"
_HEAD: Final = (TEXT_WIDTH // 2, TEXT_WIDTH - TEXT_WIDTH // 2)
_SIZE: Final = 11.5
_DASH: Final = 142


def sign_off_template() -> Document:
    """Return the template: one page, smaller letters than a paper's, no letterhead of the state, for it is a note."""
    document = blank_paper()
    section = document.sections[0]
    section.top_margin = section.bottom_margin = Twips(PAGE_MARGINS["top"])
    section.left_margin, section.right_margin = Twips(PAGE_MARGINS["left"]), Twips(PAGE_MARGINS["right"])
    office, kind = plain_table(document, _HEAD, 1).rows[0].cells
    write(another_line(office), ("{{ office }}", "b"), size=_SIZE, align="left")
    write(another_line(kind), ("Ghi chú nội bộ kèm hồ sơ trình ký", "i"), size=_SIZE).paragraph_format.alignment = 2
    write(document.add_paragraph(), ("TRƯỚC KHI KÝ QUYẾT ĐỊNH", "b"), align="center", before=80)
    rule_below(write(document.add_paragraph(), ("{{ title }}", "b"), size=_SIZE, align="center"))
    _loop(document, "status", "{{ line }}", "b", dashed=False)
    _part(document, "1. Điều đã chắc", "certain")
    _part(document, "2. Điều còn sít sao", "close")
    _table_place(document, "{{ boundary_table }}")
    _part(document, "3. Cần xem lại trước khi ký", "review")
    _table_place(document, "{{ strictness_table }}")
    _loop(document, "method", "{{ line }}", "i", dashed=False, size=9.5)
    fit_rules(document.element.body, TEXT_WIDTH)
    return document


def _part(document: Document, heading: str, name: str) -> None:
    write(document.add_paragraph(), ("{%p if " + name + " %}", ""), size=_SIZE)
    write(document.add_paragraph(), (heading, "b"), size=_SIZE, before=80, keep_with_next=True)
    write(document.add_paragraph(), ("{%p endif %}", ""), size=_SIZE)
    _loop(document, name, "- {{ line }}")


def _loop(
    document: Document, name: str, words: str, letters: str = "", *, dashed: bool = True, size: float = _SIZE
) -> None:
    write(document.add_paragraph(), (f"{{%p for line in {name} %}}", ""), size=size)
    line = write(document.add_paragraph(), (words, letters), size=size, align="both", before=30)
    if dashed:
        line.paragraph_format.left_indent = Twips(_DASH)
        line.paragraph_format.first_line_indent = Twips(-_DASH)
    write(document.add_paragraph(), ("{%p endfor %}", ""), size=size)


def _table_place(document: Document, name: str) -> None:
    for words in ("", name, ""):
        paragraph = document.add_paragraph()
        if words:
            write(paragraph, (words, ""), size=_SIZE)
        else:
            paragraph.paragraph_format.line_spacing = Pt(4)  # exactly: a little air above and below the table


def main() -> None:
    """Write the template into the folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PAPERS
    folder.mkdir(parents=True, exist_ok=True)
    document = sign_off_template()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime(2020, 3, 5)  # noqa: DTZ001 - stored as UTC; the day of the decree
    target = io.BytesIO()
    document.save(target)
    (folder / "before-you-sign.docx").write_bytes(packed(target.getvalue()))


if __name__ == "__main__":
    main()
