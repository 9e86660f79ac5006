"""Files made to harm, each built out of a good one when it is needed: no file of the kind lies in the repository."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping

from openpyxl import load_workbook

Break = Callable[[bytes], bytes]
SHEET = "xl/worksheets/sheet1.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_parts(**changed: bytes) -> Break:
    """Put parts into a package; `__` stands for `/` and `_dot_` for `.` in their names."""
    named = {name.replace("__", "/").replace("_dot_", "."): part for name, part in changed.items()}
    return lambda content: zipped(parts_of(content) | named)


def with_changed(name: str, change: Callable[[bytes], bytes]) -> Break:
    def broken(content: bytes) -> bytes:
        parts = parts_of(content)
        changed = change(parts[name])
        assert changed != parts[name], name
        return zipped(parts | {name: changed})

    return broken


def with_rows(rows: bytes) -> Break:
    """Put rows in the place of those of the first sheet."""
    return with_changed(
        SHEET, lambda _: b'<worksheet xmlns="' + MAIN + b'"><sheetData>' + rows + b"</sheetData></worksheet>"
    )


def sheet_of(content: bytes, key: str) -> str:
    """Return the part that holds the sheet with this key in its stamp."""
    stamp = f"cchc-sheets/1 {key} ".encode()
    parts = parts_of(content)
    strings = parts.get("xl/sharedStrings.xml", b"")
    texts = strings.split(b"<si>")[1:]
    shared = [f'<c r="A1" t="s"><v>{n}</v>'.encode() for n, text in enumerate(texts) if stamp in text]
    sheets = [(name, part) for name, part in parts.items() if name.startswith("xl/worksheets/sheet")]
    return next(
        name
        for name, part in sheets
        if stamp in part or any(re.sub(rb' s="[0-9]+"', b"", part).count(s) for s in shared)
    )


def zip_bomb(content: bytes) -> bytes:
    return zipped(parts_of(content) | {"xl/media/image1.png": bytes(210 * 1024 * 1024)})


def entity_expansion(content: bytes) -> bytes:
    return with_changed(SHEET, lambda part: LAUGHS + part[part.index(b"<worksheet") :])(content)


def styles_by_the_million(content: bytes) -> bytes:
    return with_changed(
        "xl/styles.xml", lambda part: part.replace(b"</cellXfs>", b"<xf/>" * 6_100_000 + b"</cellXfs>")
    )(content)


def rows_to_the_last(content: bytes) -> bytes:
    return with_rows(b"<row><c><v>1</v></c></row>" * 1_048_576)(content)


def link_over_everything(content: bytes) -> bytes:
    link = b'<hyperlink ref="A1:XFD60" location="x"/>' * 3 + b'<hyperlink ref="A1:J100" location="x"/>' * 1_100
    return with_changed(
        SHEET, lambda part: part.replace(b"</sheetData>", b"</sheetData><hyperlinks>" + link + b"</hyperlinks>")
    )(content)


def one_text_everywhere(content: bytes) -> bytes:
    """Thirty thousand characters stored once and shown in a thousand cells: thirty million to write down."""
    parts = parts_of(content)
    strings = b'<sst xmlns="' + MAIN + b'"><si><t>' + b"x" * 30_000 + b"</t></si></sst>"
    relation = (
        b'<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"'
        b' Target="sharedStrings.xml"/></Relationships>'
    )
    relations = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", relation)
    changed = {"xl/sharedStrings.xml": strings, "xl/_rels/workbook.xml.rels": relations}
    return with_rows(b'<row><c t="s"><v>0</v></c></row>' * 1_000)(zipped(parts | changed))


def too_long_a_text(content: bytes) -> bytes:
    return with_rows(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 32_768 + b"</t></is></c></row>")(content)


def elements_within_elements(content: bytes) -> bytes:
    return with_rows(b"<row>" * 200_000)(content)


def packed_in_bzip2(content: bytes) -> bytes:
    return zipped(parts_of(content), zipfile.ZIP_BZIP2)


def huge_directory(content: bytes) -> bytes:
    """A directory that would take more memory than everything it lists."""
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(14_000):
            archive.writestr(f"xl/{number:0250}.xml", b"")
    return target.getvalue()


def with_macros(content: bytes) -> bytes:
    plain = b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts = parts_of(content)
    types = parts["[Content_Types].xml"].replace(plain, b"vnd.ms-excel.sheet.macroEnabled.main+xml")
    assert types != parts["[Content_Types].xml"]
    return zipped(parts | {"[Content_Types].xml": types, "xl/vbaProject.bin": b"Sub Auto_Open()"})


def with_external_links(content: bytes) -> bytes:
    link = b'<externalLink xmlns="' + MAIN + b'"/>'
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        b'Target="file:///\\\\evil\\share\\x.xlsx" TargetMode="External"/></Relationships>'
    )
    links = {"xl/externalLinks/externalLink1.xml": link, "xl/externalLinks/_rels/externalLink1.xml.rels": relations}
    return zipped(parts_of(content) | links)


def with_hidden_sheets(content: bytes) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for sheet in book.worksheets[1:]:
        sheet.sheet_state = "veryHidden"
    for number in range(50):
        book.create_sheet(f"Ẩn {number}").sheet_state = "veryHidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
