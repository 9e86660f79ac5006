"""The forms of letters, papers with a title and minutes (Nghị định 30/2020/NĐ-CP): each rule catches its breach."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from office import Office
from paper_season import file_of, make, play

from cchc_sheets.publication.nd30_check import form_problems
from cchc_sheets.publication.paper_kinds import kind_of

Change = Callable[[Any], None]


@pytest.fixture
def played(collected: Office) -> Office:
    return play(collected)


def told(content: bytes, code: str, change: Change) -> str:
    kind = kind_of(code)
    assert kind is not None
    document = docx.Document(io.BytesIO(content))
    change(document)
    target = io.BytesIO()
    document.save(target)
    return "\n".join(problem.said_in("en") for problem in form_problems(target.getvalue(), form=kind.form))


def paragraph(document: Any, start: str) -> Any:
    cells = [p for table in document.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    return next(p for p in (*document.paragraphs, *cells) if p.text.startswith(start))


def words(start: str, new: str) -> Change:
    def change(document: Any) -> None:
        found = paragraph(document, start)
        for run in found.runs[1:]:
            run._r.getparent().remove(run._r)
        found.runs[0].text = new

    return change


def gone(start: str) -> Change:
    def change(document: Any) -> None:
        element = paragraph(document, start)._p
        element.getparent().remove(element)

    return change


def bold(start: str, is_bold: bool) -> Change:
    def change(document: Any) -> None:
        for run in paragraph(document, start).runs:
            run.font.bold = is_bold

    return change


LETTER = (
    (gone("V/v"), "«V/v …» does not stand once under the number"),
    (gone("Kính gửi"), "«Kính gửi:» is missing"),
    (words("Số:", "Ngày nào đó"), "with the paper's own symbol is missing"),
    (bold("V/v", is_bold=True), "is bold"),
    (words("Đề nghị", "Đề nghị thực hiện."), "«./.» does not stand exactly once"),
)


@pytest.mark.parametrize(("change", "problem"), LETTER)
def test_a_letter(office: Office, change: Change, problem: str) -> None:
    make(office, "guidance", now=office.BEFORE)
    content = file_of(office, "guidance").read_bytes()
    assert told(content, "guidance", lambda _: None) == ""
    assert problem in told(content, "guidance", change)


TITLED = (
    (words("KẾ HOẠCH", "KẾ HOẠCH NĂM"), "«KẾ HOẠCH» is missing"),
    (words("Số:", "Số:        /TB-UBND"), "with the paper's own symbol is missing"),
    (bold("Đánh giá, xác định Chỉ số", is_bold=False), "is not bold"),
    (words("I. MỤC", "I. MỤC ĐÍCH./."), "«./.» does not stand exactly once"),
    (words("Phụ lục", "Bảng kèm theo"), "annexes are not numbered"),
    (gone("Nơi nhận:"), "the table with «Nơi nhận» and the signature is missing"),
    (words("- Lưu: VT", "- Nơi khác."), "does not begin «- Lưu: VT»"),
)


@pytest.mark.parametrize(("change", "problem"), TITLED)
def test_a_paper_with_a_title(office: Office, change: Change, problem: str) -> None:
    file = office.folder / "cycle.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("[Như Điều 3, ", "[Sở Nội vụ, "), encoding="utf-8")
    make(office, "plan", now=office.BEFORE)
    content = file_of(office, "plan").read_bytes()
    assert told(content, "plan", lambda _: None) == ""
    assert problem in told(content, "plan", change)


MINUTES = (
    (gone("Thời gian bắt đầu"), "«Thời gian bắt đầu:» is missing"),
    (gone("Thư ký"), "«Thư ký» is missing"),
    (words("Biên bản được thông qua", "Cuộc họp kết thúc./."), "do not end by saying when the meeting closed"),
    (words("CHỦ TỌA", "CHỦ TRÌ"), "«CHỦ TỌA» and a name do not stand side by side"),
)


@pytest.mark.parametrize(("change", "problem"), MINUTES)
def test_minutes(played: Office, change: Change, problem: str) -> None:
    make(played, "minutes")
    content = file_of(played, "minutes").read_bytes()
    assert problem in told(content, "minutes", change)


def test_addressees_stand_one_a_line(filled: Office) -> None:
    filled.run("collect")
    make(filled, "self-report/tay-an", now=filled.AFTER)
    content = file_of(filled, "self-report/tay-an").read_bytes()
    assert told(content, "self-report", lambda _: None) == ""
    change = words("- Phòng Nội vụ", "- Phòng Nội vụ;")
    assert "does not begin «- » and end in one «.»" in told(content, "self-report", change)
