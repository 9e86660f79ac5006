"""The office's own template: what may be in it, and what is said when it may not."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import docx
import pytest
from decision_sample import TEMPLATE, sample
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml

from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import speak
from cchc_sheets.publication.decision import REQUIRED, make_decision, offered_names

EXTERNAL = (
    b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
    b'Target="%s" TargetMode="External"/></Relationships>'
)


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    speak("en")
    yield
    speak("vi")


def edited(folder: Path, change: Callable[[Any], None]) -> Path:
    document = docx.Document(str(TEMPLATE))
    change(document)
    path = folder / "decision.docx"
    document.save(str(path))
    return path


def repacked(folder: Path, change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> Path:
    path = folder / "decision.docx"
    with zipfile.ZipFile(TEMPLATE) as archive, zipfile.ZipFile(path, "w") as fresh:
        for name in archive.namelist():
            fresh.writestr(name, change(name, archive.read(name)))
        for name, part in (extra or {}).items():
            fresh.writestr(name, part)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(PublicationError) as caught:
        make_decision(sample(), path)
    return str(caught.value)


def find(document: Any, start: str) -> Any:
    cells = [p for table in document.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    return next(p for p in (*document.paragraphs, *cells) if p.text.startswith(start))


def rewrite(start: str, new: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        paragraph = find(document, start)
        for run in paragraph.runs[1:]:
            run._r.getparent().remove(run._r)
        paragraph.runs[0].text = new

    return change


def test_the_office_may_word_the_articles_anew(tmp_path: Path) -> None:
    words = "Điều 2. Giao Trưởng phòng Nội vụ công bố kết quả năm {{ year }} và lưu trữ hồ sơ."

    def change(document: Any) -> None:
        paragraph = find(document, "Điều 2.")
        paragraph.runs[1].text = words.removeprefix("Điều 2.")

    content = make_decision(sample(), edited(tmp_path, change))
    assert words.replace("{{ year }}", "2023") in [p.text for p in docx.Document(io.BytesIO(content)).paragraphs]


def test_names_that_word_broke_over_several_runs_are_filled_in(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        paragraph = find(document, "Về việc")
        run = paragraph.runs[0]
        pieces = ["Về việc {", "{ sub", "ject", " }", "}"]
        run.text = pieces[0]
        for piece in reversed(pieces[1:]):
            copy = parse_xml(f'<w:r {nsdecls("w")}><w:t xml:space="preserve">{piece}</w:t></w:r>')
            copy.insert(0, deepcopy(run._r.rPr))
            run._r.addnext(copy)

    content = make_decision(sample(), edited(tmp_path, change))
    subject = next(p for p in docx.Document(io.BytesIO(content)).paragraphs if p.text.startswith("Về việc"))
    assert subject.text == f"Về việc {sample().subject}"


def test_a_name_that_means_nothing_is_refused_with_its_place(tmp_path: Path) -> None:
    said = refusal(edited(tmp_path, rewrite("Điều 2.", "Điều 2. Kết quả của {{ unit_cout }} đơn vị.")))
    assert "{{ unit_cout }} in «Điều 2. Kết quả của {{ unit_cout }} đơn vị.»" in said
    assert "did you mean unit_count?" in said


def test_the_nearest_heading_is_told_too(tmp_path: Path) -> None:
    said = refusal(edited(tmp_path, rewrite("Trong đó", "Trong đó: {{ classes }}.")))
    assert "{{ classes }} in «Trong đó: {{ classes }}.» under «Điều 1. Phê duyệt kết quả" in said


def test_every_unknown_name_is_told_at_once(tmp_path: Path) -> None:
    said = refusal(edited(tmp_path, rewrite("Trong đó", "{{ one }} {{ two }} {% for x in three %}{{ x }}{% endfor %}")))
    assert all(f"{{{{ {name} }}}}" in said for name in ("one", "two", "three"))


def test_an_unknown_name_in_the_page_header_is_refused(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document.sections[0].header.add_paragraph("{{ logo }}")

    assert "{{ logo }} in «{{ logo }}»" in refusal(edited(tmp_path, change))


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_required_name_that_is_missing_is_refused(tmp_path: Path, name: str) -> None:
    def change(document: Any) -> None:
        for words in document.element.body.iter(qn("w:t")):
            if words.text and (f"{{{{ {name} }}}}" in words.text or f" in {name} %" in words.text):
                new = " in [] %" if f" in {name} %" in words.text else ""
                words.text = words.text.replace(f" in {name} %", new).replace(f"{{{{ {name} }}}}", new)

    assert f"the template lacks {{{{ {name} }}}}" in refusal(edited(tmp_path, change))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Điều 2. {{ year", "Điều 2. {{ year"),
        ("Điều 2. {{ year | }}", "«Điều 2. {{ year | }}»"),
        ("Điều 2. {% if year %}", "cannot be understood"),
        ("Điều 2. {{ year | money }}", "No filter named 'money', in «Điều 2. {{ year | money }}»"),
        ("Điều 2. {% endfor %}", "«Điều 2. {% endfor %}»"),
    ],
)
def test_a_tag_that_cannot_be_understood_is_refused_with_its_place(tmp_path: Path, words: str, reason: str) -> None:
    assert reason in refusal(edited(tmp_path, rewrite("Điều 2.", words)))


@pytest.mark.parametrize(
    "words",
    [
        "{{ year.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ recipients.append('x') }}",
        "{{ year.nothing }}",
        "{{ 1 / 0 }}",
        "{% include 'x' %}",
        "{{ range(10000000) | list }}",
    ],
)
def test_a_template_cannot_reach_into_the_program(tmp_path: Path, words: str) -> None:
    assert "the template" in refusal(edited(tmp_path, rewrite("Điều 2.", f"Điều 2. {words}")))


def test_a_table_name_inside_a_sentence_is_refused(tmp_path: Path) -> None:
    said = refusal(edited(tmp_path, rewrite("{{ ranking_table }}", "Bảng: {{ ranking_table }}")))
    assert "{{ ranking_table }} does not stand alone in one paragraph of the text" in said


def test_changes_nobody_accepted_are_refused(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        run = find(document, "Điều 2.").runs[-1]._r
        mark = parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="A"/>')
        run.addprevious(mark)
        mark.append(run)

    said = refusal(edited(tmp_path, change))
    assert "tracked changes" in said
    assert "«Điều 2." in said


def test_a_template_that_breaks_the_form_hands_over_nothing(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        find(document, "Điều 2.").runs[-1].font.name = "Calibri"

    said = refusal(edited(tmp_path, change))
    assert "the paper breaks rules of form" in said
    assert "is not in Times New Roman but in Calibri" in said


def test_a_template_with_a_figure_of_its_own_hands_over_nothing(tmp_path: Path) -> None:
    said = refusal(edited(tmp_path, rewrite("Trong đó", "09 đơn vị xếp loại Tốt; {{ class_counts }}.")))
    assert "the paper does not say what the results say" in said
    assert "article 1 says 09, 07 units are «Tốt», the results say 7" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not a document", "this is no Word document"),
        (b"", "this is no Word document"),
        (b"{\\rtf1 old}", "this is no Word document"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "this is an old .doc file"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "locked with a password",
        ),
    ],
)
def test_what_is_no_docx_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "decision.docx"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_a_template_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "the template cannot be read" in refusal(tmp_path / "none.docx")


def test_a_workbook_is_no_template(tmp_path: Path) -> None:
    path = tmp_path / "decision.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "this is no Word document" in refusal(path)


def test_macros_are_refused(tmp_path: Path) -> None:
    plain, macro = b"wordprocessingml.document.main+xml", b"ms-word.document.macroEnabled.main+xml"
    typed = repacked(tmp_path, lambda _, part: part.replace(plain, macro))
    assert "carries macros" in refusal(typed)
    assert "carries macros" in refusal(repacked(tmp_path, lambda _, part: part, {"word/vbaProject.bin": b"x"}))


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (b"attachedTemplate", b"https://example.com/evil.dotm"),
        (b"image", b"https://example.com/x.png"),
        (b"oleObject", b"file:///C:/x.xlsx"),
    ],
)
def test_what_reaches_outside_the_file_is_refused(tmp_path: Path, kind: bytes, target: bytes) -> None:
    link = EXTERNAL % (kind, target)
    path = repacked(
        tmp_path,
        lambda name, part: part.replace(b"</Relationships>", link) if name == "word/_rels/document.xml.rels" else part,
    )
    assert f"refers to something outside itself ({kind.decode()}: {target.decode()})" in refusal(path)


def test_a_field_that_fetches_another_file_is_refused(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        paragraph = find(document, "Điều 2.")
        for piece in (" INCLUDE", 'TEXT "C:\\\\x.docx" '):
            paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}><w:instrText>{piece}</w:instrText></w:r>"))

    assert "a field of the template could fetch something" in refusal(edited(tmp_path, change))


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    entity = b'<!DOCTYPE w:styles [<!ENTITY e "x">]><w:styles '
    path = repacked(tmp_path, lambda _, part: part.replace(b"<w:styles ", entity, 1))
    assert "declares a document type" in refusal(path)


def test_a_broken_part_is_refused(tmp_path: Path) -> None:
    path = repacked(tmp_path, lambda name, part: part[:-9] if name == "word/document.xml" else part)
    assert "the template is damaged" in refusal(path)


def test_the_template_that_comes_with_the_program_can_be_made_again(tmp_path: Path) -> None:
    script = Path(__file__).parent.parent / "tools" / "build_papers.py"
    root = str(script.parent.parent)
    subprocess.run(
        [sys.executable, str(script), str(tmp_path)], check=True, env={"PYTHONPATH": root, "PYTHONUTF8": "1"}
    )
    made = (tmp_path / "decision.docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(made)) as fresh, zipfile.ZipFile(TEMPLATE) as kept:
        assert fresh.namelist() == kept.namelist()
        assert all(fresh.read(name) == kept.read(name) for name in kept.namelist())


def test_every_required_name_is_offered() -> None:
    assert set(offered_names(sample())) >= REQUIRED
