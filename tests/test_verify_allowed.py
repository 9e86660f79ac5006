"""Whatever is not known to be harmless, or has no counterpart in the remade paper, is told; what programs write is not.

The figure is Tây An's index, 69,50, in the table of the decision; most tricks work on its last digit.
"""

from __future__ import annotations

import copy
import io
import zipfile
from pathlib import Path
from typing import Any, Final

import docx
import pytest
from altered import TEXT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from tricks import (
    CHANGE,
    Trick,
    W,
    altered_by,
    around,
    before,
    both,
    compared,
    digit_look,
    figure,
    give,
    last_digit,
    look,
    of_cell,
    of_paragraph,
    of_row,
    of_table,
    row_of,
    said_of,
    style,
    within,
)

from cchc_sheets.publication.paper_compare import compare_papers

MC: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006"
W14: Final = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
W15: Final = 'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
DRAWN: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
WHITE: Final = '<w14:solidFill><w14:srgbClr w14:val="FFFFFF"/></w14:solidFill>'
WHITE_LETTERS: Final = '<w:color w:val="FFFFFF"/>'
EMPTY_CHOICE: Final = (
    f'<mc:AlternateContent xmlns:mc="{MC}" {W14}><mc:Choice Requires="w14"/><mc:Fallback/></mc:AlternateContent>'
)


def field(code: str, printed: str, *, begin: str = "") -> list[str]:
    """Return the runs of a field."""
    marks = [
        f'<w:fldChar w:fldCharType="begin" {begin}/>',
        f"<w:instrText> {code} </w:instrText>",
        '<w:fldChar w:fldCharType="separate"/>',
        f"<w:t>{printed}</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ]
    return [f"<w:r {W}>{mark}</w:r>" for mark in marks]


def simple_field(code: str, printed: str) -> str:
    return f'<w:fldSimple {W} w:instr="{code}"><w:r><w:t>{printed}</w:t></w:r></w:fldSimple>'


def shade(fill: str, **more: str) -> str:
    others = " ".join(f'w:{name}="{value}"' for name, value in more.items())
    return f'<w:shd {W} w:val="clear" w:color="auto" w:fill="{fill}" {others}/>'


def text_without_run(document: Any) -> None:
    run = last_digit(document)
    run.addprevious(next(run.iter(TEXT)))
    run.getparent().remove(run)


def merged(kind: str) -> Trick:
    """Merge the figure into the cell above or beside it, which hides it."""

    def change(document: Any) -> None:
        cell = next(figure(document).iterancestors(qn("w:tc")))
        row = next(cell.iterancestors(qn("w:tr")))
        at = row.findall(qn("w:tc")).index(cell)
        above = row.getprevious().findall(qn("w:tc"))[at]
        first = above if kind == "vMerge" else row.findall(qn("w:tc"))[at - 1]
        first.get_or_add_tcPr().append(parse_xml(f'<w:{kind} {W} w:val="restart"/>'))
        cell.get_or_add_tcPr().append(parse_xml(f"<w:{kind} {W}/>"))

    return change


def comment(document: Any) -> None:
    document.add_comment([document.paragraphs[3].add_run("")], text="Đúng ra là 96,50", author="Ai đó", initials="A")


def theme(document: Any, inner: str) -> None:
    content = f'<a:theme xmlns:a="{DRAWN}"><a:themeElements>{inner}</a:themeElements></a:theme>'.encode()
    kind = "application/vnd.openxmlformats-officedocument.theme+xml"
    part = Part(PackURI("/word/theme/theme1.xml"), kind, content, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.THEME)


def symbols_of_the_theme(document: Any) -> None:
    theme(document, '<a:fontScheme><a:minorFont><a:latin typeface="Wingdings"/></a:minorFont></a:fontScheme>')
    digit_look(f'<w:rFonts {W} w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/>')(document)


def white_text_of_the_theme(document: Any) -> None:
    theme(document, '<a:clrScheme><a:dk1><a:srgbClr val="FEFEFE"/></a:dk1></a:clrScheme>')
    digit_look('<w:color w:val="000000" w:themeColor="text1"/>')(document)


def other_font_for_times(document: Any) -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"
    font = '<w:font w:name="Times New Roman"><w:altName w:val="Wingdings"/></w:font>'
    content = f"<w:fonts {W}>{font}</w:fonts>".encode()
    part = Part(PackURI("/word/fontTable.xml"), kind, content, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FONT_TABLE)


def of_section(form: str) -> Trick:
    return lambda document: document.element.body.findall(qn("w:sectPr"))[-1].append(parse_xml(form))


def dark_page(document: Any) -> None:
    document.element.insert(0, parse_xml(f'<w:background {W} w:color="000000"/>'))


def drawn_words(document: Any) -> None:
    within(f'<w:drawing {W}><a:graphic xmlns:a="{DRAWN}"><a:p><a:r><a:t>96</a:t></a:r></a:p></a:graphic></w:drawing>')(
        document
    )


def locked_in_the_head(document: Any) -> None:
    paragraph = document.sections[-1].header.paragraphs[0]._p
    for run in field("PAGE", "96", begin='w:fldLock="1"'):
        paragraph.append(parse_xml(run))


FIELD: Final = "besides the text that prints (1): «field"
FORMS: Final[dict[str, tuple[Trick, str]]] = {
    # Figures put in.
    "a page number": (before(simple_field("PAGE", "9")), f"{FIELD} PAGE"),
    "a page number with words of its own": (before(simple_field("PAGE \\# &quot;'9'&quot;", "9")), f"{FIELD} PAGE \\#"),
    "a page number in pieces": (before(*field("PAGE", "9")), f"{FIELD} PAGE"),
    "a locked page number": (before(*field("PAGE", "9", begin='w:fldLock="1"')), f"{FIELD} PAGE"),
    "the number of pages": (before(simple_field("NUMPAGES", "9")), f"{FIELD} NUMPAGES"),
    "the pages of a section": (before(simple_field("SECTIONPAGES", "9")), f"{FIELD} SECTIONPAGES"),
    "a locked page number in the head": (locked_in_the_head, f"{FIELD} PAGE"),
    "a field that is not closed": (before(*field("PAGE", "9")[:1]), f"{FIELD}"),
    "a field that is not opened": (before(*field("PAGE", "9")[-1:]), f"{FIELD} end"),
    "the lines numbered": (of_section(f'<w:lnNumType {W} w:countBy="1" w:start="96"/>'), "lnNumType 1 96"),
    "a comment": (comment, "comment Đúng ra là 96,50"),
    "words of a drawing": (drawn_words, "«t 96 ("),
    "a footnote's sign": (within(f'<w:footnoteReference {W} w:id="1"/>'), "footnoteReference"),
    # Figures taken away.
    "in the way that no program takes": (
        around(EMPTY_CHOICE, f"{{{MC}}}Fallback", piece=last_digit), "AlternateContent"),
    "outside a run": (text_without_run, "«t "),
    "within a foreign element": (around('<x:h xmlns:x="urn:x"/>', piece=last_digit), "«h "),
    "in a run of a run": (lambda d: figure(d).append(last_digit(d)), "«r "),
    "merged downwards": (merged("vMerge"), "«vMerge restart»"),
    "merged sidewards": (merged("hMerge"), "«hMerge restart»"),
    "its cell deleted, with its trace": (of_cell(f"<w:cellDel {CHANGE}/>"), "cellDel"),
    "in a control bound to data": (
        around(
            f"<w:sdt {W} {W15}><w:sdtPr><w15:dataBinding w:xpath='/a' w:storeItemID='x'/></w:sdtPr><w:sdtContent/>"
            "</w:sdt>", "w:sdtContent"), "dataBinding"),
    "in a control with a list": (
        around(f"<w:sdt {W}><w:sdtPr><w:comboBox/></w:sdtPr><w:sdtContent/></w:sdt>", "w:sdtContent"), "comboBox"),
    # Unseen.
    "black on black": (both(of_cell(shade("000000")), look('<w:color w:val="000000"/>')), "hidden words"),
    "on a black paragraph": (both(of_paragraph(shade("101010")), look('<w:color w:val="000000"/>')), "hidden words"),
    "on a black table": (both(of_table(shade("000000")), look('<w:color w:val="000000"/>')), "hidden words"),
    "on a full pattern": (
        both(of_cell('<w:shd w:val="solid" w:color="000000" w:fill="FFFFFF"/>'), look('<w:color w:val="000000"/>')),
        "hidden words"),
    "grey on grey": (digit_look('<w:color w:val="CCCCCC"/>', shade("CCCCCC")), "hidden words"),
    "grey on nearly the same grey": (digit_look('<w:color w:val="707070"/>', shade("808080")), "hidden words"),
    "pale": (digit_look('<w:color w:val="E5FFFF"/>'), "hidden words"),
    "pale and small": (digit_look('<w:sz w:val="8"/>', '<w:color w:val="E5E5FF"/>'), "hidden words"),
    "small": (digit_look('<w:sz w:val="9"/>'), "hidden words"),
    "on the colour of the theme": (both(of_cell(shade("auto", themeFill="text1"))), "hidden words"),
    "white by what the theme calls dark": (white_text_of_the_theme, "hidden words"),
    "on a dark page": (dark_page, "background 000000"),
    "filled with white": (
        digit_look(f"<w14:textFill {W14}>{WHITE}</w14:textFill>"),
        "textFill"),
    "filled with nothing": (digit_look(f"<w14:textFill {W14}><w14:noFill/></w14:textFill>"), "textFill"),
    "an outline of nothing": (digit_look(f"<w14:textOutline {W14}><w14:noFill/></w14:textOutline>"), "textOutline"),
    "in a low row": (of_row('<w:trHeight w:val="100" w:hRule="exact"/>'), "hidden words"),
    "in a row not low, but of exact height": (of_row('<w:trHeight w:val="200" w:hRule="exact"/>'), "hidden words"),
    "in a line of one point": (of_paragraph('<w:spacing w:line="20" w:lineRule="exact"/>'), "hidden words"),
    "in a low part of a line": (of_paragraph('<w:spacing w:line="60" w:lineRule="auto"/>'), "hidden words"),
    "by the usual style of letters": (
        style("character", "<w:rPr><w:vanish/></w:rPr>", is_default=True), "hidden words"),
    "by the usual style of tables": (style("table", "<w:rPr><w:vanish/></w:rPr>", is_default=True), "hidden words"),
    "by a part of the table's style": (
        both(style("table", f'<w:tblStylePr w:type="band1Horz"><w:rPr>{WHITE_LETTERS}</w:rPr></w:tblStylePr>'),
             lambda d: give(row_of(d).getparent().find(qn("w:tblPr")), '<w:tblStyle w:val="NEW"/>')),
        "tblStylePr"),
    # Out of their place, or in another form.
    "drawn together": (look('<w:spacing w:val="-280"/>'), "squeezed"),
    "lowered": (digit_look('<w:position w:val="-400"/>'), "raised"),
    "put beside itself": (digit_look('<w:fitText w:val="1"/>'), "fitText"),
    "two lines in one": (digit_look('<w:eastAsianLayout w:vert="1"/>'), "eastAsianLayout"),
    "as another script, in its size": (digit_look("<w:cs/>", '<w:szCs w:val="2"/>'), "words with the property «cs»"),
    "with dots upon it": (digit_look('<w:em w:val="dot"/>'), "em dot"),
    "in capitals": (look("<w:caps/>"), "«caps»"),
    "with a bar beside it": (of_paragraph(f'<w:pBdr {W}><w:bar w:val="single" w:sz="4"/></w:pBdr>'), "pBdr"),
    "in a frame": (of_paragraph('<w:framePr w:w="1" w:h="1" w:hRule="exact"/>'), "framePr"),
    "moved out of its cell": (of_paragraph('<w:ind w:left="-2000"/>'), "«ind»"),
    "turned": (of_cell('<w:textDirection w:val="btLr"/>'), "textDirection btLr"),
    "in a cell without width": (of_cell('<w:tcW w:w="10" w:type="dxa"/>'), "«tcW»"),
    "its row moved a column": (of_row('<w:gridBefore w:val="1"/>'), "gridBefore 1"),
    "its row printed on every page": (of_row("<w:tblHeader/>"), "tblHeader"),
    "its table from right to left": (of_table("<w:bidiVisual/>"), "bidiVisual"),
    "its table laid over the text": (of_table('<w:tblpPr w:tblpX="1"/>'), "tblpPr"),
    "on a grid that draws letters together": (of_section(f'<w:docGrid {W} w:type="snapToChars"/>'), "docGrid"),
    "with two colours": (
        lambda d: last_digit(d).get_or_add_rPr().append(parse_xml(f'<w:color {W} w:val="FFFFFF"/>')), "color ×2"),
    "with two sets of properties": (
        lambda d: last_digit(d).append(parse_xml(f"<w:rPr {W}><w:vanish/></w:rPr>")), "«rPr "),
    "in a style that stands there twice": (
        both(*[style("character", "")] * 2), "style NEW ×2"),
    "numbered by the style of its table": (
        both(style("table", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'),
             lambda d: give(row_of(d).getparent().find(qn("w:tblPr")), '<w:tblStyle w:val="NEW"/>')), "numPr 69,50"),
    "in a column without width": (
        lambda d: row_of(d).getparent().find(qn("w:tblGrid"))[3].set(qn("w:w"), "1"), "«gridCol»"),
    "its table moved off the page": (of_table('<w:tblInd w:w="20000" w:type="dxa"/>'), "«tblInd»"),
    "the text moved off the page": (
        lambda d: next(d.element.iter(qn("w:pgMar"))).set(qn("w:left"), "20000"), "pgMar"),
    "a page too small for it": (lambda d: next(d.element.iter(qn("w:pgSz"))).set(qn("w:w"), "1000"), "pgSz"),
    "a page in columns": (lambda d: next(d.element.iter(qn("w:cols"))).set(qn("w:num"), "9"), "cols"),
    "a line broken off": (within(f"<w:cr {W}/>"), "«cr "),
    "a hyphen that may print": (within(f"<w:softHyphen {W}/>"), "softHyphen"),
    "a tab of its own": (within(f'<w:ptab {W} w:alignment="left"/>'), "ptab"),
    "in signs": (digit_look('<w:rFonts w:ascii="ZapfDingbats" w:hAnsi="ZapfDingbats"/>'), "typeface of symbols"),
    "in a typeface of the theme that there is not": (
        digit_look('<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/>'), "typeface of symbols"),
    "in signs of the theme": (symbols_of_the_theme, "typeface of symbols"),
    "in signs where the typeface is missing": (other_font_for_times, "Wingdings"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_what_is_not_known_to_be_harmless_is_told(told: Path, name: str) -> None:
    trick, words = FORMS[name]
    said = said_of(compared((told / "output/decision.docx").read_bytes(), trick))
    assert any(words in one for one in said), said


def test_a_foreign_element_that_the_file_says_to_ignore_is_told(told: Path) -> None:
    decision = (told / "output/decision.docx").read_bytes()
    altered = altered_by(decision, around('<x:h xmlns:x="urn:x"/>', piece=last_digit))
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(altered)) as made, zipfile.ZipFile(target, "w") as other:
        for name in made.namelist():
            content = made.read(name)
            if name == "word/document.xml":
                content = content.replace(b'mc:Ignorable="', b'xmlns:x="urn:x" mc:Ignorable="x ', 1)
            other.writestr(name, content)
    assert any("«h " in one for one in said_of(compare_papers(decision, target.getvalue(), "decision.docx")))


def test_a_field_and_other_forms_at_once_name_the_figure(told: Path) -> None:
    """As somebody did it: 9 by a field, the 6 of 69,50 in a way no program takes: 99,50 prints."""

    def change(document: Any) -> None:
        run = figure(document)
        first = copy.deepcopy(run)
        next(first.iter(TEXT)).text, next(run.iter(TEXT)).text = "6", "9,50"
        run.addprevious(parse_xml(simple_field("PAGE \\# &quot;'9'&quot;", "9")))
        outer = parse_xml(EMPTY_CHOICE)
        run.addprevious(outer)
        outer[1].append(first)

    said = said_of(compared((told / "output/decision.docx").read_bytes(), change))
    assert any("«969,50» stands where the ledger gives «69,50»" in one for one in said)
    assert any("AlternateContent" in one for one in said)


def harmless(document: Any) -> None:
    """What Word and Google Docs write into a file that they save."""
    body = document.element.body
    for number, run in enumerate(list(body.iter(qn("w:r")))[:400]):
        paragraph = run.getparent()
        paragraph.set(qn("w:rsidR"), "00AB12CD")
        properties = run.get_or_add_rPr()
        give(properties, '<w:lang w:val="vi-VN"/>', "<w:noProof/>", '<w:kern w:val="2"/>', '<w:smallCaps w:val="0"/>')
        give(properties, '<w:u w:val="none"/>', '<w:vertAlign w:val="baseline"/>', '<w:strike w:val="0"/>')
        give(paragraph.get_or_add_pPr(), f'<w:pBdr {W}><w:top w:val="nil"/><w:between w:val="nil"/></w:pBdr>')
        run.insert(1, parse_xml(f"<w:lastRenderedPageBreak {W}/>"))
        run.addprevious(parse_xml(f'<w:proofErr {W} w:type="spellStart"/>'))
        run.addprevious(parse_xml(f'<w:bookmarkStart {W} w:id="{number}" w:name="_GoBack{number}"/>'))
        run.addnext(parse_xml(f'<w:bookmarkEnd {W} w:id="{number}"/>'))
        tag = parse_xml(f'<w:smartTag {W} w:uri="urn:x" w:element="place"/>')
        run.addprevious(tag)
        tag.append(run)
    for table in list(body.iter(qn("w:tbl"))):
        control = parse_xml(
            f'<w:sdt {W}><w:sdtPr><w:lock w:val="contentLocked"/><w:id w:val="1"/><w:tag w:val="goog_rdk_0"/></w:sdtPr>'
            "<w:sdtContent/></w:sdt>"
        )
        table.addprevious(control)
        control[1].append(table)
    theme(document, '<a:clrScheme><a:dk1><a:sysClr val="windowText" lastClr="000000"/></a:dk1></a:clrScheme>')


def test_what_word_and_google_docs_write_is_no_alteration(told: Path) -> None:
    decision = (told / "output/decision.docx").read_bytes()
    found = compared(decision, harmless)
    assert (said_of(found), found.pictures_added) == ([], 0)


@pytest.mark.parametrize(
    "form",
    ['<w:color w:val="000000" w:themeColor="text1"/>', '<w:color w:val="0000FF"/>', '<w:highlight w:val="yellow"/>',
     "<w:u w:val='single'/>", '<w:rFonts w:ascii="Arial" w:hAnsi="Arial"/>', '<w:spacing w:val="-4"/>',
     '<w:sz w:val="26"/>'],
)  # fmt: skip
def test_another_look_that_can_be_read_is_no_alteration(told: Path, form: str) -> None:
    assert said_of(compared((told / "output/decision.docx").read_bytes(), look(form))) == []


def test_a_signatures_shape_in_two_forms_is_told_as_one_shape(told: Path) -> None:
    shape = "<w:drawing/>", "<w:pict/>"
    both_forms = (
        f'<mc:AlternateContent xmlns:mc="{MC}" {W}><mc:Choice Requires="wps">{shape[0]}</mc:Choice>'
        f"<mc:Fallback>{shape[1]}</mc:Fallback></mc:AlternateContent>"
    )
    found = compared((told / "output/decision.docx").read_bytes(), within(both_forms))
    assert (said_of(found), found.pictures_added) == ([], 1)


def test_what_the_office_itself_has_in_its_template_is_no_alteration_where_it_stands(told: Path) -> None:
    def own(document: Any) -> None:
        paragraph = document.element.body.find(qn("w:p"))
        give(paragraph.get_or_add_pPr(), f'<w:pBdr {W}><w:bottom w:val="single" w:sz="4"/></w:pBdr>')
        last_digit(document).get_or_add_rPr().append(parse_xml(f"<w:caps {W}/>"))

    made = altered_by((told / "output/decision.docx").read_bytes(), own)
    saved = io.BytesIO()
    docx.Document(io.BytesIO(made)).save(saved)
    assert said_of(compare_papers(made, saved.getvalue(), "decision.docx")) == []
