"""What may stand inside a Word template: by lists of what papers need, however the rest is disguised."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from decision_sample import TEMPLATE, sample
from hypothesis import given
from hypothesis import strategies as st

from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import speak
from cchc_sheets.publication.decision import make_decision
from cchc_sheets.publication.docx_package import read_parts
from cchc_sheets.publication.template_contents import _FIELDS

OFFICE = shutil.which("soffice")
SETTINGS, TYPES, DOCUMENT = "word/settings.xml", "[Content_Types].xml", "word/document.xml"
RELATIONS = "word/_rels/document.xml.rels"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
NAMES = f'xmlns:w="{W}" xmlns:r="{KINDS}" xmlns:v="urn:schemas-microsoft-com:vml"'

Change = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    speak("en")
    yield
    speak("vi")


def built(changes: Mapping[str, Change | bytes]) -> bytes:
    with zipfile.ZipFile(TEMPLATE) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        parts[name] = change if isinstance(change, bytes) else change(parts[name])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as fresh:
        for name, part in parts.items():
            fresh.writestr(name, part)
    return target.getvalue()


def relation(kind: str, target: str, *, outside: bool = False, quote: str = '"') -> Change:
    words = f'<Relationship Id="rIdX" Type="{KINDS}/{kind}" Target="{target}"'
    words = f"{words}{' TargetMode=' + chr(34) + 'External' + chr(34) if outside else ''}/>".replace('"', quote)
    return lambda part: part.replace(b"</Relationships>", words.encode() + b"</Relationships>")


def in_utf_16(part: bytes) -> bytes:
    plain = relation("oleObject", "embeddings/o.bin")(part).decode()
    return re.sub(r"""encoding=["'][^"']+["']""", 'encoding="UTF-16"', plain).encode("utf-16")


def typed(entry: str) -> Change:
    return lambda part: part.replace(b"</Types>", entry.encode() + b"</Types>")


def body(words: str) -> Change:
    return lambda part: part.replace(b"<w:body>", b"<w:body>" + words.encode(), 1)


def field(code: str, shown: str = "1") -> Change:
    code = code.replace('"', "&quot;")
    return body(f'<w:p {NAMES}><w:fldSimple w:instr="{code}"><w:r><w:t>{shown}</w:t></w:r></w:fldSimple></w:p>')


def run(words: str) -> str:
    return f"<w:r>{words}</w:r>"


def said(words: str) -> str:
    return run(f"<w:instrText>{words}</w:instrText>")


BEGIN, SEPARATE, END = (run(f'<w:fldChar w:fldCharType="{kind}"/>') for kind in ("begin", "separate", "end"))


def paragraph(*pieces: str) -> Change:
    return body(f"<w:p {NAMES}>{''.join(pieces)}</w:p>")


OLE = '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>'
HTML = '<Default Extension="html" ContentType="text/html"/>'
EMBEDDED = "another file is embedded"
NOT_NEEDED = "holds something that no paper needs"
OUTSIDE = "refers to something outside itself"
LINK = "leads to no page of the web"
FIELD = "could fetch something, or print what nobody has checked"
MERGE = (
    '<w:mailMerge><w:connectString w:val="Data Source=\\\\evil\\share\\x.mdb"/>'
    '<w:query w:val="SELECT * FROM x"/></w:mailMerge>'
)

REFUSED: dict[str, tuple[Mapping[str, Change | bytes], str, str]] = {
    "an object, in single quotes": (
        {RELATIONS: relation("oleObject", "embeddings/o.bin", quote="'")},
        EMBEDDED,
        RELATIONS,
    ),
    "an object, in UTF-16": ({RELATIONS: in_utf_16}, EMBEDDED, RELATIONS),
    "a file of a kind that objects have": ({"word/embeddings/o.bin": b"MZ", TYPES: typed(OLE)}, NOT_NEEDED, "o.bin"),
    "a file of no kind": ({"word/embeddings/o.bin": b"MZ"}, NOT_NEEDED, "o.bin"),
    "an object in the text": ({DOCUMENT: paragraph(run("<w:object/>"))}, EMBEDDED, DOCUMENT),
    "a foreign document, by its relation": (
        {RELATIONS: relation("aFChunk", "chunk.html", quote="'")},
        EMBEDDED,
        RELATIONS,
    ),
    "a foreign document, by its element": ({DOCUMENT: body(f'<w:altChunk {NAMES} r:id="rIdX"/>')}, EMBEDDED, DOCUMENT),
    "a foreign document, in the strict edition": (
        {DOCUMENT: body(f'<x:altChunk xmlns:x="{STRICT}"/>')},
        EMBEDDED,
        DOCUMENT,
    ),
    "a foreign document, by its kind": ({"word/chunk.html": b"<html/>", TYPES: typed(HTML)}, NOT_NEEDED, "chunk.html"),
    "a relation with a slash behind": ({RELATIONS: relation("oleObject/", "x.bin")}, NOT_NEEDED, RELATIONS),
    "a chart": ({RELATIONS: relation("chart", "charts/chart1.xml")}, EMBEDDED, RELATIONS),
    "an unknown relation": ({RELATIONS: relation("webextension", "x.xml")}, NOT_NEEDED, RELATIONS),
    "a picture by an address inside": ({RELATIONS: relation("image", "http://evil.example/x.png")}, OUTSIDE, RELATIONS),
    "a picture on a share": ({RELATIONS: relation("image", "\\\\evil\\x.png")}, OUTSIDE, RELATIONS),
    "an attached template": (
        {
            "word/_rels/settings.xml.rels": b"<Relationships>"
            + relation("attachedTemplate", "file:///x", outside=True)(b"</Relationships>")
        },
        OUTSIDE,
        "settings.xml.rels",
    ),
    "a drawing with an address": (
        {DOCUMENT: paragraph(run('<w:pict><v:imagedata src="http://evil.example/x.png"/></w:pict>'))},
        OUTSIDE,
        DOCUMENT,
    ),
    "a drawing that is a link": (
        {DOCUMENT: paragraph(run('<w:pict><v:rect href="file://///evil/x"/></w:pict>'))},
        LINK,
        DOCUMENT,
    ),
    **{
        f"a link to {target}": ({RELATIONS: relation("hyperlink", target, outside=True)}, LINK, RELATIONS)
        for target in (
            "file://///evil/share/x.exe", "javascript:alert(1)", "\\\\evil\\x", "x.docx", "http://{{ year }}",
            "ms-word:ofe|u|http://evil.example/x.docx", "",
        )
    },
    "letters to many": (
        {SETTINGS: lambda part: re.sub(rb"(<w:settings[^>]*>)", lambda m: m[1] + MERGE.encode(), part, count=1)},
        NOT_NEEDED,
        SETTINGS,
    ),
    "a macro of a form": (
        {DOCUMENT: paragraph(run('<w:fldChar><w:ffData><w:entryMacro w:val="x"/></w:ffData></w:fldChar>'))},
        NOT_NEEDED,
        DOCUMENT,
    ),
    "a video page": (
        {DOCUMENT: body('<x:webVideoPr xmlns:x="urn:x" embeddedHtml="&lt;iframe/&gt;"/>')},
        NOT_NEEDED,
        DOCUMENT,
    ),
    "a value of another part": (
        {DOCUMENT: paragraph("<w:sdt><w:sdtPr><w:dataBinding/></w:sdtPr></w:sdt>")},
        NOT_NEEDED,
        DOCUMENT,
    ),
    **{
        f"the field {code}": ({DOCUMENT: field(code)}, FIELD, DOCUMENT)
        for code in (
            "INCLUDE http://evil.example/x.docx", "RD http://evil.example/x.docx", "MACROBUTTON AutoOpen x",
            "GOTOBUTTON x y", "= 96 + 0.5", "QUOTE 73 78", "IF 1 = 1 96 0", "DATE", "FILENAME", "DOCPROPERTY x", "EQ x",
            "SYMBOL 57", "LISTNUM", "ADDIN x", "PRINT x", "FORMTEXT", "DOCVARIABLE x", "FILLIN x", "ASK x y", "SET x 9",
            "PAGE \\# \"'9'\"", "NUMPAGES \\# 9", "SEQ x \\r 96", "TOC \\p 9", 'TOC \\o "{{ year }}"',
            "LINK Excel.Sheet x", 'HYPERLINK "http://a.vn" \\o "{{ year }}"', "bookmark", "", "REF x \\d 9",
        )
    },
    "a link of a field to a share": ({DOCUMENT: field('HYPERLINK "\\\\\\\\evil\\\\x"')}, LINK, DOCUMENT),
    "a link of a field to a script": ({DOCUMENT: field('HYPERLINK "javascript:x"')}, LINK, DOCUMENT),
    "a name out of pieces": (
        {DOCUMENT: paragraph(BEGIN, said(" INCLUDE"), said('PICTURE "http://evil.example/x" '), END)},
        FIELD,
        DOCUMENT,
    ),
    "a name out of a field within": (
        {
            DOCUMENT: paragraph(
                BEGIN, said(" "), BEGIN, said(" QUOTE 73 78 67 "), END, said(' "http://evil.example/x" '), END
            )
        },
        FIELD,
        DOCUMENT,
    ),
    "a field that is taken, within the name of another": (
        {DOCUMENT: paragraph(BEGIN, BEGIN, said(" PAGE "), END, END)},
        FIELD,
        DOCUMENT,
    ),
    "a name that is plain text": (
        {DOCUMENT: paragraph(BEGIN, run("<w:t>INCLUDETEXT x</w:t>"), SEPARATE, END)},
        FIELD,
        DOCUMENT,
    ),
    "a field without an end": ({DOCUMENT: paragraph(BEGIN, said(" DDEAUTO c:\\\\x "))}, FIELD, DOCUMENT),
    "a field without a beginning": ({DOCUMENT: paragraph(said(" DDEAUTO c:\\\\x "))}, FIELD, DOCUMENT),
    "a field taken back": (
        {DOCUMENT: paragraph(BEGIN, run("<w:delInstrText>DDE x</w:delInstrText>"), END)},
        FIELD,
        DOCUMENT,
    ),
    "a field in the strict edition": (
        {DOCUMENT: body(f'<x:fldSimple xmlns:x="{STRICT}" x:instr="DDE x"/>')},
        FIELD,
        DOCUMENT,
    ),
    "a field in a part of another name": (
        {
            "word/x.bin": f'<w:hdr {NAMES}><w:fldSimple w:instr="DDE x"/></w:hdr>'.encode(),
            TYPES: typed(
                '<Override PartName="/word/X.BIN" '
                'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>'
            ),
        },
        FIELD,
        "word/x.bin",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_paper_needs_is_refused_with_its_part_and_a_remedy(tmp_path: Path, name: str) -> None:
    changes, words, part = REFUSED[name]
    file = tmp_path / "decision.docx"
    file.write_bytes(built(changes))
    with pytest.raises(PublicationError) as caught:
        make_decision(sample(), file)
    assert words in str(caught.value.what)
    assert caught.value.where == f"decision.docx, {next(n for n in (*changes, part) if n.endswith(part))}"
    assert str(caught.value.fix).endswith(("save it again", "save the template again", "as .docx", "Remove Hyperlink)"))


TAKEN: dict[str, Mapping[str, Change | bytes]] = {
    **{
        f"the field {code}": {DOCUMENT: field(code)}
        for code in (
            "PAGE", " PAGE  \\* MERGEFORMAT ", "page \\* Arabic", "PAGE\\* roman", "NUMPAGES", "SECTIONPAGES",
            "REF _Ref123 \\h", "PAGEREF _Toc123 \\h", 'STYLEREF "Heading 1" \\* MERGEFORMAT', "SEQ Bảng \\* ARABIC",
            'TOC \\o "1-3" \\h \\z \\u', 'HYPERLINK "https://thu.example.gov.vn/a?b=1" \\o "x"',
            'HYPERLINK \\l "_Toc1"', 'HYPERLINK "mailto:a@thu.example.gov.vn"',
        )
    },
    "a field within what another prints": {
        DOCUMENT: paragraph(
            BEGIN, said('TOC \\o "1-3"'), SEPARATE, BEGIN, said("PAGEREF a"), SEPARATE, run("<w:t>1</w:t>"), END, END
        )
    },
    **{
        f"a link to {target}": {RELATIONS: relation("hyperlink", target, outside=True)}
        for target in ("https://thu.example.gov.vn/", "HTTP://a.vn", "mailto:a@b.vn", "#_Toc1")
    },
    "fonts, theme and numbering": {
        RELATIONS: relation("theme", "theme/theme1.xml"),
        "word/theme/theme1.xml": b"<a/>",
        TYPES: typed(
            '<Override PartName="/word/theme/theme1.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/>'
        ),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_what_papers_need_is_taken(name: str) -> None:
    assert DOCUMENT in read_parts(built(TAKEN[name]), "decision.docx")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("through", ["docx", "odt"])
def test_templates_that_libreoffice_has_saved_are_taken(tmp_path: Path, through: str) -> None:
    assert OFFICE is not None
    convert = [OFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"]
    papers = sorted(TEMPLATE.parent.glob("*.docx"))
    first = tmp_path / "first"
    subprocess.run([*convert, through, "--outdir", str(first), *map(str, papers)], check=True, capture_output=True)
    saved = first
    if through == "odt":
        saved = tmp_path / "second"
        files = map(str, first.iterdir())
        subprocess.run([*convert, "docx", "--outdir", str(saved), *files], check=True, capture_output=True)
    found = sorted(saved.glob("*.docx"))
    assert len(found) == len(papers)
    for file in found:
        read_parts(file.read_bytes(), file.name)


NAMES_OF_FIELDS = ("PAGE", "TOC", "REF a", "SEQ a", 'HYPERLINK "http://a.vn"')
PIECES = (" ", "\\*", "\\#", "\\p", "\\r", "\\o", '"9"', "{", "9", "MERGEFORMAT", "'9'", "INCLUDETEXT", "QUOTE")


@given(st.sampled_from(NAMES_OF_FIELDS), st.lists(st.sampled_from(PIECES), max_size=5))
def test_no_switch_lets_a_page_number_print_a_figure_or_another_field_in(name: str, pieces: list[str]) -> None:
    code = " ".join([name, *pieces])
    if _FIELDS.fullmatch(code):
        assert not {"\\#", "{"} & set(pieces)
        assert name == "REF a" or not {"\\p", "\\r"} & set(pieces)  # its place and paragraph
        assert name != "PAGE" or "9" not in code
