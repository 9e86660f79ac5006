"""The form of Nghị định 30/2020/NĐ-CP: each rule catches its breach."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from decision_sample import TEMPLATE, sample
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm, Pt, RGBColor

from cchc_sheets.publication.decision import make_decision
from cchc_sheets.publication.nd30_check import form_problems

Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def good() -> bytes:
    return make_decision(sample(), TEMPLATE)


def told(content: bytes, change: Change) -> str:
    document = docx.Document(io.BytesIO(content))
    change(document)
    target = io.BytesIO()
    document.save(target)
    return "\n".join(problem.said_in("en") for problem in form_problems(target.getvalue()))


def paragraph(document: Any, start: str) -> Any:
    cells = [p for table in document.tables[:2] for row in table.rows for cell in row.cells for p in cell.paragraphs]
    return next(p for p in (*document.paragraphs, *cells) if p.text.startswith(start))


def words(start: str, new: str) -> Change:
    """Give the paragraph that starts so another text, in the letters of its first run."""

    def change(document: Any) -> None:
        found = paragraph(document, start)
        for run in found.runs[1:]:
            run._r.getparent().remove(run._r)
        found.runs[0].text = new

    return change


def letters(start: str, **properties: Any) -> Change:
    def change(document: Any) -> None:
        for run in paragraph(document, start).runs:
            for name, value in properties.items():
                setattr(run.font, name, value)

    return change


def aligned(start: str, alignment: int) -> Change:
    return lambda document: setattr(paragraph(document, start), "alignment", alignment)


def moved(start: str, before: str) -> Change:
    return lambda document: paragraph(document, before)._p.addprevious(paragraph(document, start)._p)


def gone(start: str) -> Change:
    def change(document: Any) -> None:
        element = paragraph(document, start)._p
        element.getparent().remove(element)

    return change


def section(place: int, **properties: Any) -> Change:
    def change(document: Any) -> None:
        for name, value in properties.items():
            setattr(document.sections[place], name, value)

    return change


def without(tag: str, place: int = 0) -> Change:
    def change(document: Any) -> None:
        element = list(document.element.body.iter(qn(tag)))[place]
        element.getparent().remove(element)

    return change


def numbered_from(place: int, start: str | None, form: str | None = None) -> Change:
    def change(document: Any) -> None:
        mark = document.sections[place]._sectPr.find(qn("w:pgNumType"))
        mark.attrib.clear()
        for name, value in (("start", start), ("fmt", form)):
            if value:
                mark.set(qn(f"w:{name}"), value)

    return change


def rule(place: int, left: str) -> Change:
    def change(document: Any) -> None:
        rules = [p for p in document.element.body.iter(qn("w:pStyle")) if p.get(qn("w:val")) == "Rule"]
        rules[place].getparent().find(qn("w:ind")).set(qn("w:left"), left)

    return change


def header(change_run: Callable[[Any], None]) -> Change:
    def change(document: Any) -> None:
        for run in document.sections[0].header.paragraphs[0].runs:
            change_run(run)

    return change


def no_page_number(document: Any) -> None:
    field = document.sections[0].header.paragraphs[0]
    field._p.getparent().replace(field._p, parse_xml(f"<w:p {nsdecls('w')}/>"))


def number_on_first_page(document: Any) -> None:
    first = document.sections[0].first_page_header.paragraphs[0]
    first._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "/>'))


def theme_font_by_style(document: Any) -> None:
    """The run says nothing; the style it stands in takes its typeface from the theme."""
    run = paragraph(document, "Điều 2.").runs[-1]
    run._r.rPr.remove(run._r.rPr.find(qn("w:rFonts")))
    fonts = document.styles["Normal"].element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    fonts.set(qn("w:asciiTheme"), "minorHAnsi")


def one_script_missing(document: Any) -> None:
    paragraph(document, "Điều 2.").runs[-1]._r.rPr.find(qn("w:rFonts")).set(qn("w:cs"), "Arial")


def red(document: Any) -> None:
    paragraph(document, "Điều 2.").runs[0].font.color.rgb = RGBColor(255, 0, 0)


def wide_table(document: Any) -> None:
    next(document.tables[2]._tbl.iter(qn("w:gridCol"))).set(qn("w:w"), "3000")


def table_letters(size: int) -> Change:
    def change(document: Any) -> None:
        document.tables[2].rows[3].cells[1].paragraphs[0].runs[0].font.size = Pt(size)

    return change


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        (section(0, page_width=Mm(216), page_height=Mm(279)), "section 1: the page is not A4 upright"),
        (section(0, page_width=Mm(297), page_height=Mm(210)), "section 1: the page is not A4 upright"),
        (section(1, left_margin=Mm(25)), "section 2: the left margin is 25 mm, not between 30 and 35"),
        (section(0, right_margin=Mm(25)), "the right margin"),
        (section(0, top_margin=Mm(15)), "the top margin"),
        (section(0, bottom_margin=Mm(30)), "the bottom margin"),
        (letters("Điều 2.", name="Arial"), "is not in Times New Roman but in Arial"),
        (one_script_missing, "is not in Times New Roman but in Arial"),
        (theme_font_by_style, "is not in Times New Roman but in theme"),
        (red, "is not black"),
        (words("CỘNG HÒA", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"), "VIỆT NAM» is missing or not exactly so"),
        (words("Độc lập", "Độc lập-Tự do-Hạnh phúc"), "«Độc lập - Tự do - Hạnh phúc» is missing or not exactly so"),
        (letters("CỘNG HÒA", size=Pt(14)), "«CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM» is of size 14"),
        (letters("Độc lập", size=Pt(13)), "not of sizes 12 and 13, or 13 and 14"),
        (letters("Độc lập", bold=False), "«Độc lập - Tự do - Hạnh phúc» is not bold"),
        (letters("HUYỆN", bold=False), "the issuer's name is missing or not bold"),
        (words("HUYỆN", "Huyện Tây Sơn"), "«Huyện Tây Sơn» is not in capitals"),
        (rule(0, "0"), "the rule under «HUYỆN TÂY SƠN» has not the prescribed length"),
        (rule(1, "2000"), "the rule under «Độc lập - Tự do - Hạnh phúc» has not the prescribed length"),
        (rule(2, "0"), "the rule under «Về việc"),
        (words("Số:", "Quyết định số 5"), "the line «Số: …/QĐ-…» is missing"),
        (letters("Số:", size=Pt(14)), "is of size 14"),
        (words("Tây Sơn,", "Tây Sơn ngày 31/12/2023"), "the line with place and date is missing"),
        (letters("Tây Sơn,", italic=False), "is not italic"),
        (letters("QUYẾT ĐỊNH", size=Pt(16)), "«QUYẾT ĐỊNH» is of size 16"),
        (aligned("QUYẾT ĐỊNH", 0), "«QUYẾT ĐỊNH» is not aligned as prescribed"),
        (gone("Về việc"), "the line «Về việc …» is missing"),
        (letters("Về việc", bold=False), "is not bold"),
        (gone("CHỦ TỊCH ỦY BAN"), "who decides (thẩm quyền ban hành) is missing"),
        (words("CHỦ TỊCH ỦY BAN", "Chủ tịch Ủy ban nhân dân huyện"), "is not in capitals"),
        (letters("Căn cứ Luật Tổ", italic=False), "is not italic"),
        (words("Căn cứ Luật Tổ", "Căn cứ Luật Tổ chức chính quyền địa phương."), "does not end in one «;»"),
        (words("Căn cứ Luật Tổ", "Căn cứ Luật Tổ chức chính quyền địa phương;;"), "does not end in one «;»"),
        (words("Căn cứ Luật Tổ", "Luật Tổ chức chính quyền địa phương;"), "is not bold"),
        (words("Theo đề nghị", "Theo đề nghị của Trưởng phòng Nội vụ;"), "does not end in one «.»"),
        (moved("Theo đề nghị", "Căn cứ Luật Tổ"), "«Theo đề nghị của … .» stands before a legal basis"),
        (gone("QUYẾT ĐỊNH:"), "«QUYẾT ĐỊNH:» is missing"),
        (moved("QUYẾT ĐỊNH:", "Căn cứ Luật Tổ"), "a legal basis («Căn cứ …;») is missing"),
        (words("Điều 2.", "Điều 4. Kết quả"), "the articles are not numbered 1, 2, 3"),
        (moved("Điều 3.", "Điều 2."), "the articles are not numbered 1, 2, 3"),
        (aligned("Điều 2.", 0), "is not aligned as prescribed"),
        (letters("Điều 2.", bold=False), "«Điều 2.» is not bold"),
        (letters("Điều 2.", size=Pt(12)), "is of size 12"),
        (words("Điều 2.", "Điều 2. Kết quả là căn cứ đánh giá./."), "«./.» does not stand exactly once"),
        (words("Điều 3.", "Điều 3. Quyết định này có hiệu lực kể từ ngày ký."), "«./.» does not stand exactly once"),
        (words("Điều 1.", "Điều 1. Kết quả tại Phụ lục II, Phụ lục III."), "the decision does not mention Phụ lục I"),
        (words("Nơi nhận", "Gửi:"), "the table with «Nơi nhận» and the signature is missing"),
        (letters("Nơi nhận", italic=False), "«Nơi nhận:» is not italic"),
        (letters("- Sở Nội vụ", size=Pt(12)), "is of size 12"),
        (words("- Sở Nội vụ", "- Sở Nội vụ"), "does not begin «- » and end in one «;»"),
        (words("- Lưu", "- Phòng Nội vụ."), "does not begin «- Lưu: VT»"),
        (letters("CHỦ TỊCH", bold=False), "is not bold"),
        (letters("Phan Chí Hùng", size=Pt(12)), "«Phan Chí Hùng» is of size 12"),
        (no_page_number, "section 1: there is no page number in the top margin"),
        (number_on_first_page, "section 1: the first page shows its number"),
        (section(2, different_first_page_header_footer=False), "section 3: the first page shows its number"),
        (header(lambda run: setattr(run.font, "size", Pt(10))), "the page number is not of size 13 or 14"),
        (lambda d: setattr(d.sections[0].header.paragraphs[0], "alignment", 2), "the page number is not centred"),
        (numbered_from(1, None), "section 2: its pages are not numbered from 1"),
        (numbered_from(1, "1", "lowerRoman"), "section 2: its pages are not numbered in Arabic figures"),
        (words("Phụ lục II", "Phụ lục 2"), "the annexes are not numbered"),
        (letters("Phụ lục II", size=Pt(13)), "«Phụ lục II» is of size 13"),
        (words("THEO TỪNG", "Theo từng lĩnh vực"), "is not in capitals"),
        (words("(Kèm theo", "Kèm theo Quyết định"), "does not say which decision it belongs to"),
        (letters("(Kèm theo", italic=False), "is not italic"),
        (without("w:tblHeader"), "Phụ lục I: the table's heading is not repeated on every page"),
        (without("w:cantSplit", 9), "of the table may be torn over two pages"),
        (wide_table, "Phụ lục I: the table is wider than the text"),
        (table_letters(9), "text of size 9 in the table"),
        (words("Điều 2.", "Điều 2. Kết quả {{ year }}"), "a tag of the template is left over"),
        (words("Điều 2.", "Điều 2. Kết quả {% if %}"), "a tag of the template is left over"),
        (words("Điều 2.", "Điều 2. Kết  quả"), "two spaces in a row"),
        (words("Điều 2.", "Điều 2. Kết quả None"), "a value is missing"),
        (words("Điều 2.", "Điều 2. Kết quả ( )"), "a value is missing"),
    ],
)  # fmt: skip
def test_a_breach_of_form_is_caught(good: bytes, change: Change, breach: str) -> None:
    assert breach in told(good, change)


def test_a_good_paper_has_no_breach(good: bytes) -> None:
    assert form_problems(good) == []


def test_an_annex_may_lie_across_the_page(good: bytes) -> None:
    assert told(good, section(2, page_width=Mm(297), page_height=Mm(210))) == ""


def test_a_rule_typed_as_underscores_is_a_rule(good: bytes) -> None:
    def change(document: Any) -> None:
        mark = next(p for p in document.element.body.iter(qn("w:pStyle")) if p.get(qn("w:val")) == "Rule")
        element = mark.getparent().getparent()
        fresh = document.add_paragraph("_______")
        fresh.alignment = 1
        element.getparent().replace(element, fresh._p)

    assert told(good, change) == ""


def test_text_from_outside_may_look_like_a_tag(good: bytes) -> None:
    document = docx.Document(io.BytesIO(good))
    document.tables[2].rows[3].cells[1].paragraphs[0].runs[0].text = "Xã {{ x }}"
    target = io.BytesIO()
    document.save(target)
    assert form_problems(target.getvalue(), quoted=("Xã {{ x }}",)) == []
    assert form_problems(target.getvalue()) != []


def repacked(content: bytes, change: Callable[[str, bytes], bytes | None], extra: tuple[str, ...] = ()) -> str:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w") as fresh:
        for name in (*archive.namelist(), *extra):
            part = change(name, archive.read(name))
            if part is not None:
                fresh.writestr(name, part)
    return "\n".join(problem.said_in("en") for problem in form_problems(target.getvalue()))


def test_a_cell_without_paragraph_is_caught(good: bytes) -> None:
    found = repacked(good, lambda _, part: part.replace(b"</w:p></w:tc>", b"</w:p><w:sdt/></w:tc>", 1))
    assert found == "a table cell does not end in a paragraph: Word calls that damaged"


def test_a_part_that_is_there_twice_is_caught(good: bytes) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        found = repacked(good, lambda _, part: part, extra=("docProps/core.xml",))
    assert found == "part docProps/core.xml is in the file twice"


def test_broken_xml_a_missing_part_and_a_broken_file_are_caught(good: bytes) -> None:
    broken = repacked(good, lambda name, part: part[:-5] if name == "word/styles.xml" else part)
    assert broken == "part word/styles.xml is not well-formed"
    missing = repacked(good, lambda name, part: None if name == "word/document.xml" else part)
    assert missing == "part word/document.xml is missing"
    assert len(form_problems(good[: len(good) // 2])) == 1
