"""A figure altered without touching a letter of it: struck through, hidden, computed, covered; each trick is told.

The figure is Tây An's index, 69,50, in the table of the decision.
"""

from __future__ import annotations

import copy
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from altered import TEXT, cell_of, edit, errors, set_words, told_in, verified
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from tricks import (
    CHANGE,
    MATH,
    Trick,
    V,
    W,
    around,
    before,
    compared,
    figure,
    look,
    of_row,
    row_of,
    said_of,
    within,
)

from cchc_sheets.errors import CchcError

OFFICE: Final = shutil.which("soffice")


def by_style(document: Any) -> None:
    style = f'<w:style {W} w:type="character" w:styleId="S1"><w:name w:val="S1"/><w:rPr><w:vanish/></w:rPr></w:style>'
    derived = f'<w:style {W} w:type="character" w:styleId="S2"><w:name w:val="S2"/><w:basedOn w:val="S1"/></w:style>'
    document.styles.element.append(parse_xml(style))
    document.styles.element.append(parse_xml(derived))
    figure(document).get_or_add_rPr().insert(0, parse_xml(f'<w:rStyle {W} w:val="S2"/>'))


def computed(document: Any) -> None:
    """Turn the figure into the result of a field that Word computes again before it prints."""
    run = figure(document)
    begin, end = (f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate"))
    for mark in (begin, "<w:instrText> = 96,50 </w:instrText>", end):
        run.addprevious(parse_xml(f"<w:r {W}>{mark}</w:r>"))
    run.addnext(parse_xml(f'<w:r {W}><w:fldChar w:fldCharType="end"/></w:r>'))


def numbered(document: Any) -> None:
    form = f'<w:numPr {W}><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    figure(document).getparent().get_or_add_pPr().append(parse_xml(form))


def swapped(document: Any) -> None:
    """Exchange the lines of two communes, but for their numbers."""
    first, second = row_of(document), row_of(document, "Xã Bình Hòa")
    after = second.getnext()
    first.addprevious(second)
    after.addprevious(first)


def cell_in_control(document: Any) -> None:
    cell = "<w:tc><w:p><w:r><w:t>96,50</w:t></w:r></w:p></w:tc>"
    row_of(document).append(parse_xml(f"<w:sdt {W}><w:sdtContent>{cell}</w:sdtContent></w:sdt>"))


TRICKS: Final[dict[str, tuple[Trick, str]]] = {
    "struck through": (look("<w:strike/>"), "words struck through"),
    "struck through twice": (look("<w:dstrike/>"), "words struck through"),
    "hidden": (look("<w:vanish/>"), "hidden words"),
    "hidden by a style of a style": (by_style, "hidden words"),
    "nearly white": (look('<w:color w:val="FEFEFE"/>'), "hidden words"),
    "white by the theme": (look('<w:color w:val="000000" w:themeColor="background1"/>'), "hidden words"),
    "black on black": (look('<w:highlight w:val="black"/>'), "hidden words"),
    "tiny": (look('<w:sz w:val="2"/>'), "hidden words"),
    "in a hidden row": (of_row(f"<w:hidden {W}/>"), "hidden words"),
    "in a flat row": (of_row(f'<w:trHeight {W} w:val="1" w:hRule="exact"/>'), "hidden words"),
    "raised": (look('<w:vertAlign w:val="superscript"/>'), "raised"),
    "squeezed": (look('<w:w w:val="1"/>'), "raised, squeezed"),
    "in other letters": (look('<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'), "typeface of symbols"),
    "a symbol": (within(f'<w:sym {W} w:font="Times New Roman" w:char="0039"/>'), "besides the text"),
    "a formula": (before(f'<m:oMath xmlns:m="{MATH}"><m:r><m:t>9</m:t></m:r></m:oMath>'), "oMath 9"),
    "computed by a field": (computed, "field = 96,50"),
    "computed by a simple field": (around(f'<w:fldSimple {W} w:instr="= 96,50"/>'), "field = 96,50"),
    "bound to other data": (
        around(
            f'<w:sdt {W}><w:sdtPr><w:dataBinding w:xpath="/a" w:storeItemID="x"/></w:sdtPr><w:sdtContent/></w:sdt>',
            "w:sdtContent",
        ),
        "dataBinding",
    ),
    "backwards": (around(f'<w:bdo {W} w:val="rtl"/>'), "bdo rtl"),
    "numbered by a list": (numbered, "numPr 69,50"),
    "curved letters": (
        within(f'<w:pict {W} {V}><v:shape><v:textpath string="96,50"/></v:shape></w:pict>'),
        "textpath 96,50",
    ),
    "another file": (lambda d: d.element.body.insert(3, parse_xml(f"<w:altChunk {W}/>")), "altChunk"),
    "deleted, with its trace": (around(f"<w:del {CHANGE}/>"), "«–» stands where the ledger gives «69,50»"),
    "its row deleted, with its trace": (of_row(f"<w:del {CHANGE}/>"), "Xã Tây An"),
    "put in, with its trace": (before(f"<w:ins {CHANGE}><w:r><w:t>9</w:t></w:r></w:ins>"), "«969,50» stands"),
    "a text box": (
        within(
            f"<w:pict {W} {V}><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>96</w:t></w:r></w:p>"
            "</w:txbxContent></v:textbox></v:shape></w:pict>"
        ),
        "96",
    ),
    "one cell more, in a control": (cell_in_control, "96,50"),
    "full-width digit": (lambda d: set_words(cell_of(d, "Chỉ số (%)", "Xã Tây An"), "\uff169,50"), "«\uff169,50»"),
    "turned by a sign": (lambda d: set_words(cell_of(d, "Chỉ số (%)", "Xã Tây An"), "\u202e69,50"), "69,50»"),
    "two communes exchanged": (swapped, "«3 Xã Tây An 4,25 2,70 0,00 69,50 3 Khá» stands"),
    "a row taken out": (lambda d: row_of(d).getparent().remove(row_of(d)), "Xã Tây An"),
    "a row put in": (lambda d: row_of(d).addnext(copy.deepcopy(row_of(d))), "Xã Tây An"),
    "the class": (lambda d: set_words(cell_of(d, "Xếp loại", "Xã Tây An"), "Xuất sắc"), "«Xuất sắc»"),
    "the name": (lambda d: set_words(cell_of(d, "Đơn vị", "Xã Tây An"), "Xã Tây Ân"), "«Xã Tây Ân»"),
    "a head line": (lambda d: d.sections[0].header.paragraphs[0].add_run("Chỉ số 96,50"), "96,50"),
    "figures in the foot line": (lambda d: d.sections[0].footer.paragraphs[0].add_run("96 50"), "96 50"),
}


@pytest.mark.parametrize("name", TRICKS)
def test_no_trick_alters_a_figure_unseen(told: Path, name: str) -> None:
    trick, words = TRICKS[name]
    said = said_of(compared((told / "output/decision.docx").read_bytes(), trick))
    assert any(words in one for one in said), said


def test_who_signs_cannot_be_exchanged(told: Path) -> None:
    def promote(document: Any) -> None:
        piece = next(one for one in document.element.body.iter(TEXT) if "CHỦ TỊCH" in (one.text or ""))
        piece.text = piece.text.replace("CHỦ TỊCH", "PHÓ CHỦ TỊCH")

    found = compared((told / "output/decision.docx").read_bytes(), promote).differences
    assert [("PHÓ CHỦ TỊCH" in one.found, one.is_figure) for one in found] == [(True, False)]


def test_a_white_patch_over_a_figure_is_told_of_as_what_may_hide_one(told: Path) -> None:
    patch = f'<w:pict {W} {V}><v:rect style="position:absolute;width:40pt;height:12pt" fillcolor="white"/></w:pict>'
    assert compared((told / "output/decision.docx").read_bytes(), within(patch)).pictures_added == 1


def test_the_same_seal_a_second_time_is_told_of(told: Path) -> None:
    report = (told / "output/papers/report.docx").read_bytes()

    def again(document: Any) -> None:
        drawing = next(document.element.body.iter(qn("w:drawing")))
        drawing.addnext(copy.deepcopy(drawing))

    assert compared(report, again).pictures_added == 1


def test_a_document_that_holds_its_text_twice_is_refused(told: Path, tmp_path: Path) -> None:
    """Which of two parts of one name is read, is up to the program: Word and we might not agree."""
    file = tmp_path / "hai.docx"
    with zipfile.ZipFile(told / "output/decision.docx") as made, zipfile.ZipFile(file, "w") as doubled:
        for name in made.namelist():
            if name == "word/document.xml":
                doubled.writestr("word/Document.xml", made.read(name).replace(b"69,50", b"96,50"))
            doubled.writestr(name, made.read(name))
    with pytest.raises(CchcError) as refused:
        verified(told, file)
    assert refused.value.code == "not_a_paper"


@pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed")
def test_papers_that_another_program_saved_are_intact_and_one_altered_digit_is_named(
    told: Path, tmp_path: Path
) -> None:
    names = ["decision.docx", "before-you-sign.docx"]
    names += [f"papers/{name}.docx" for name in ("report", "minutes", "notice/tay-an")]
    for name in names:
        shutil.copy(told / "output" / name, tmp_path / Path(name).name)
    altered = tmp_path / "sua.docx"
    shutil.copy(told / "output/decision.docx", altered)
    edit(altered, lambda d: set_words(cell_of(d, "Chỉ số (%)", "Xã Tây An"), "69,60"))
    saved = tmp_path / "saved"
    subprocess.run(
        [str(OFFICE), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "docx",
         "--outdir", str(saved), *map(str, sorted(tmp_path.glob("*.docx")))],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for name in names:
        outcome = verified(told, saved / Path(name).name)
        assert (outcome.problems, outcome.data["intact"]) == ((), True), told_in(outcome)
    outcome = verified(told, saved / "sua.docx")
    assert errors(outcome) == [("figure_altered", "sua.docx")]
    assert "column «Chỉ số (%)»: «69,60» stands where the ledger gives «69,50»" in told_in(outcome)
