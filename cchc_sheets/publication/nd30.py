"""The house style of Nghị định 30/2020/NĐ-CP, Phụ lục I and III: page, typeface, and the pieces papers are made of.

Lengths are in twentieths of a point (twips), the unit of the file format and of the official Word models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, cast

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.oxml.text.paragraph import CT_P
from docx.section import Section
from docx.shared import Twips
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from lxml import etree

from cchc_sheets.publication.measures import half_points_of, width_stated
from cchc_sheets.publication.typeface import FONT, width_of, wrapped

PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838
LEFT, RIGHT, TOP, BOTTOM, HEADER = 1985, 1134, 1418, 1134, 567
TEXT_WIDTH: Final = PAGE_WIDTH - LEFT - RIGHT
FIRST_LINE: Final = 567
SIX_POINTS: Final = 120

QUOC_HIEU: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
TIEU_NGU: Final = "Độc lập - Tự do - Hạnh phúc"

RULE_STYLE: Final = "Rule"
_RULE_SHARE: Final = 0.38  # between 1/3 and 1/2 of the line above
_RULE_HEIGHT: Final = 80
_RUNNING_TEXT: Final = 28  # half points

Align = Literal["left", "center", "both"]

_STYLES = f"""<w:styles {nsdecls("w")}>
  <w:docDefaults>
    <w:rPrDefault><w:rPr>
      <w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}" w:eastAsia="{FONT}"/>
      <w:sz w:val="28"/><w:szCs w:val="28"/><w:lang w:val="vi-VN" w:eastAsia="vi-VN" w:bidi="ar-SA"/>
    </w:rPr></w:rPrDefault>
    <w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault>
  </w:docDefaults>
  <w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>
    <w:rPr>
      <w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}" w:eastAsia="{FONT}"/>
      <w:sz w:val="28"/><w:szCs w:val="28"/>
    </w:rPr></w:style>
  <w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">
    <w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>
  <w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>
    <w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>
    <w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/>
    <w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>
  <w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:semiHidden/></w:style>
  <w:style w:type="paragraph" w:styleId="Header"><w:name w:val="header"/><w:basedOn w:val="Normal"/></w:style>
  <w:style w:type="paragraph" w:customStyle="1" w:styleId="{RULE_STYLE}"><w:name w:val="{RULE_STYLE}"/>
    <w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>
    <w:pBdr><w:bottom w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:pBdr>
    <w:spacing w:before="0" w:after="0" w:line="{_RULE_HEIGHT}" w:lineRule="exact"/></w:pPr>
    <w:rPr><w:sz w:val="4"/><w:szCs w:val="4"/></w:rPr></w:style>
</w:styles>"""

_SETTINGS = f"""<w:settings {nsdecls("w")}>
  <w:zoom w:percent="100"/><w:defaultTabStop w:val="{FIRST_LINE}"/>
  <w:characterSpacingControl w:val="doNotCompress"/>
  <w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"
    w:val="15"/></w:compat>
  <w:themeFontLang w:val="vi-VN"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/>
</w:settings>"""

# The parts of the library's empty document that papers need; its theme and numbering name other typefaces.
_KEPT_RELATIONS = ("styles", "settings")


def blank_paper() -> Document:
    """Return an empty A4 document in the prescribed typeface, without theme fonts or foreign styles."""
    document = docx.Document()
    main = document.part
    _replace(document.styles.element, _STYLES)
    _replace(document.settings.element, _SETTINGS)
    for relations, kept in ((main.rels, _KEPT_RELATIONS), (main.package.rels, ("officeDocument", "core-properties"))):
        for key in [k for k, relation in relations.items() if relation.reltype.rsplit("/", 1)[-1] not in kept]:
            relations.pop(key)
    set_page(document.sections[0])
    return document


def set_page(section: Section, *, is_turned: bool = False) -> None:
    """Give a section the prescribed page; `is_turned` lays it across."""
    width, height = (PAGE_HEIGHT, PAGE_WIDTH) if is_turned else (PAGE_WIDTH, PAGE_HEIGHT)
    section.page_width, section.page_height = Twips(width), Twips(height)
    section.left_margin, section.right_margin = Twips(LEFT), Twips(RIGHT)
    section.top_margin, section.bottom_margin = Twips(TOP), Twips(BOTTOM)
    section.header_distance = section.footer_distance = Twips(HEADER)
    section.gutter = Twips(0)
    section.orientation = WD_ORIENT.LANDSCAPE if is_turned else WD_ORIENT.PORTRAIT


def number_pages(section: Section) -> None:
    """Number the pages of a section from 1, centred in the top margin, the first page unnumbered."""
    section.different_first_page_header_footer = True
    start = parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>')
    properties = section._sectPr  # noqa: SLF001 - page numbering has no place in the library's interface
    properties.insert_element_before(start, "w:cols", "w:titlePg", "w:docGrid")
    section.first_page_header.is_linked_to_previous = False
    section.header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    paragraph.paragraph_format.alignment = 1
    for piece in (
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>2</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ):
        paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}>{_run_format(14)}{piece}</w:r>"))  # noqa: SLF001


def next_section(document: Document) -> Section:
    """Start a new page whose numbers start again, with the header of the section before."""
    section: Section = document.add_section(WD_SECTION.NEW_PAGE)
    section.header.is_linked_to_previous = section.first_page_header.is_linked_to_previous = True
    return section


def write(  # noqa: PLR0913 - the properties of a paragraph
    paragraph: Paragraph,
    *pieces: tuple[str, str],
    size: float = 14,
    align: Align = "left",
    before: int = 0,
    after: int = 0,
    first_line: int = 0,
    keep_with_next: bool = False,
) -> Paragraph:
    """Fill a paragraph with pieces of text, each with its style of letters: any of `b` and `i`, or ""."""
    form = paragraph.paragraph_format
    form.alignment = {"left": 0, "center": 1, "both": 3}[align]
    form.space_before, form.space_after = Twips(before), Twips(after)
    form.first_line_indent = Twips(first_line)
    form.keep_with_next = keep_with_next
    for text, letters in pieces:
        run = parse_xml(f'<w:r {nsdecls("w")}>{_run_format(size, letters)}<w:t xml:space="preserve"/></w:r>')
        run[-1].text = text
        paragraph._p.append(run)  # noqa: SLF001 - one typeface in all four scripts has no interface
    return paragraph


def rule_below(paragraph: Paragraph) -> Paragraph:
    """Draw a rule under a line; its length is fitted to the line when the text is known (`fit_rules`)."""
    element = parse_xml(f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{RULE_STYLE}"/></w:pPr></w:p>')
    paragraph._p.addnext(element)  # noqa: SLF001 - the library inserts only before
    return Paragraph(cast("CT_P", element), paragraph._parent)  # noqa: SLF001


def plain_table(document: Document, widths: tuple[int, ...], rows: int) -> Table:
    """Add a table without lines for things that stand side by side, as wide as the text."""
    table: Table = document.add_table(rows, len(widths))
    table.autofit = False
    properties = table._tbl.tblPr  # noqa: SLF001 - widths and margins of a table have no interface
    for child in list(properties):
        properties.remove(child)
    pieces = parse_xml(
        f'<w:tblPr {nsdecls("w")}><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
        '<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    )
    for piece in list(pieces):
        properties.append(piece)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))  # noqa: SLF001
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Twips(width)
        for cell in column.cells:
            cell.width = Twips(width)
    return table


def another_line(cell: _Cell) -> Paragraph:
    """Return the cell's empty first paragraph, or a new one below the others."""
    first = cell.paragraphs[0]
    is_untouched = len(cell.paragraphs) == 1 and not first.text
    line: Paragraph = first if is_untouched else cell.add_paragraph()
    return line


def fit_rules(blocks: Iterable[etree._Element], text_width: int = TEXT_WIDTH) -> None:
    """Draw each rule as long as its line asks: as the line under the Tiêu ngữ, else between 1/3 and 1/2 of it."""
    for rule in (paragraph for block in blocks for paragraph in block.iter(qn("w:p"))):
        line = _line_above(rule) if is_rule(rule) else None
        if line is not None:
            room = rule_room(rule, text_width)
            length = rule_length(lines_of(line), size_of(line), room)
            _indent(rule, max((room - length) // 2, 0))


def is_rule(paragraph: etree._Element) -> bool:
    """Whether a paragraph is a rule of this house style."""
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return style is not None and style.get(qn("w:val")) == RULE_STYLE


def rule_length(above: Sequence[str], size: float, room: int) -> int:
    """Return the length in twips of the rule under bold lines of this text."""
    if above == [TIEU_NGU]:
        return min(width_of(TIEU_NGU, size, is_bold=True), room)
    return round(longest_line(above, size, room, is_bold=True) * _RULE_SHARE)


def longest_line(lines: Sequence[str], size: float, room: int, *, is_bold: bool) -> int:
    """Return the width of the longest line into which these fall in a column `room` twips wide."""
    broken = [part for line in lines for part in wrapped(line, size, room, is_bold=is_bold)]
    return min(max((width_of(part, size, is_bold=is_bold) for part in broken), default=0), room)


def lines_of(paragraph: etree._Element) -> list[str]:
    """Return the text of a paragraph, parted at its line breaks."""
    pieces = ("\n" if piece.tag == qn("w:br") else piece.text or "" for piece in paragraph.iter(qn("w:t"), qn("w:br")))
    return [" ".join(line.split()) for line in "".join(pieces).split("\n")]


def size_of(paragraph: etree._Element) -> float:
    """Return the size in points that the first run of a paragraph states, else the size of running text."""
    stated = paragraph.find(f".//{qn('w:rPr')}/{qn('w:sz')}")
    return (half_points_of(stated) or _RUNNING_TEXT) / 2


def _line_above(rule: etree._Element) -> etree._Element | None:
    above: Iterable[etree._Element] = rule.itersiblings(qn("w:p"), preceding=True)
    return next((p for p in above if any((t.text or "").strip() for t in p.iter(qn("w:t")))), None)


def rule_room(rule: etree._Element, text_width: int) -> int:
    """Return the width a rule has to lie in: its cell's, else the text's."""
    cell = next(rule.iterancestors(qn("w:tc")), None)
    return width_stated(None if cell is None else cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}"), text_width)


def _indent(rule: etree._Element, indent: int) -> None:
    properties = rule.find(qn("w:pPr"))
    if properties is None:
        return
    for old in properties.findall(qn("w:ind")):
        properties.remove(old)
    element = parse_xml(f'<w:ind {nsdecls("w")} w:left="{indent}" w:right="{indent}" w:firstLine="0"/>')
    mark = properties.find(qn("w:jc"))
    if mark is None:
        mark = properties.find(qn("w:rPr"))
    if mark is None:
        mark = properties.find(qn("w:sectPr"))
    if mark is None:
        properties.append(element)
    else:
        mark.addprevious(element)


def _run_format(size: float, letters: str = "") -> str:
    half_points = round(size * 2)
    bold, italic = ("<w:b/><w:bCs/>" if "b" in letters else ""), ("<w:i/><w:iCs/>" if "i" in letters else "")
    return (
        f'<w:rPr><w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}" w:eastAsia="{FONT}"/>{bold}{italic}'
        f'<w:color w:val="000000"/><w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr>'
    )


def _replace(element: etree._Element, xml: str) -> None:
    fresh = parse_xml(xml)
    for child in list(element):
        element.remove(child)
    for child in list(fresh):
        element.append(child)
