"""Internal notes stay in the office: in no unit's workbook, paper, page or open data, but in cell, ledger and trace."""

from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import Office

from cchc_sheets.assessment.internal_notes import without_internal_notes

NOI_VU = "appraisal:noi-vu"
SECRET, ASIDE, WHISPER = "nghi chép của xã bên", "đã hỏi anh Nam", "chờ lãnh đạo"
REMARK = f"Thiếu kế hoạch quý III. Nội bộ: {SECRET}\nChưa có báo cáo [nội bộ] {ASIDE}"
TOLD = "Thiếu kế hoạch quý III.\nChưa có báo cáo"
OVER = "2023-12-28T17:00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (REMARK, TOLD),
        ("Nội bộ: chỉ để trong cơ quan", ""),
        ("NOI BO: không dấu\nThiếu văn bản", "Thiếu văn bản"),
        ("- Ghi chú nội bộ : x\n- Thiếu văn bản", "- Thiếu văn bản"),
        ("Thiếu văn bản; [Nội bộ: ] hỏi lại", "Thiếu văn bản;"),
        (unicodedata.normalize("NFD", "Thiếu. Nội bộ: x"), "Thiếu."),
        ("Nội bộ： x", ""),
    ],
)
def test_a_note_ends_with_its_line(words: str, told: str) -> None:
    assert without_internal_notes(words) == told


@pytest.mark.parametrize(
    "words",
    [
        "Đánh giá nội bộ: chưa có biên bản",
        "Quy chế chi tiêu nội bộ: chưa ban hành",
        "Nội bộ đoàn kết",
        "Mạng nội bộ chưa có",
        "Thiếu  văn bản \n\n",
    ],
)
def test_a_remark_without_a_note_stays_as_it_is(words: str) -> None:
    assert without_internal_notes(words) == words


@given(st.text("abc .;:[]\nđộ", max_size=30), st.text("abcđ ", max_size=10))
def test_no_note_survives_and_nothing_is_added(before: str, note: str) -> None:
    told = without_internal_notes(f"{before}[nội bộ] {note}GIỮ KÍN")
    assert "GIỮ KÍN" not in told
    assert without_internal_notes(told) == told


def texts_of(folder: Path) -> dict[str, str]:
    """Return every file under a folder as text, the parts of Word and Excel files one by one."""
    found: dict[str, str] = {}
    for file in (file for file in folder.rglob("*") if file.is_file()):
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as package:
                found |= {
                    f"{file.name}/{name}": package.read(name).decode(errors="replace") for name in package.namelist()
                }
        else:
            found[file.name] = file.read_bytes().decode(errors="replace")
    return found


def test_notes_go_nowhere_outside_and_stay_where_they_were_typed(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(NOI_VU, "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark=REMARK)
    assert appraised.run("appraise").exit_code == 0
    assert appraised.run("explain", "--until", OVER, now="2023-12-27T08:00").exit_code == 0
    assert appraised.edit("tay-an").value("explanation", "1.1", "remark") == TOLD
    with appraised.edit("tay-an") as hand:
        hand.type("explanation", "1.1", answer="Không đồng ý", explanation="Đã có")
    assert appraised.run("explain", now=OVER).exit_code == 0
    ruling = f"Biên bản số 12. Nội bộ: {WHISPER}"
    assert (
        appraised.run("explain", "--rule", "tay-an/1.1", "--points", "1", "--reason", ruling, now=OVER).exit_code == 0
    )
    for command in (("finalise",), ("papers", "minutes", "report", "notice"), ("publish",)):
        ran = appraised.run(*command, now="2024-01-15T08:00")
        assert ran.exit_code == 0, ran.out
    files = texts_of(appraised.folder / "output") | texts_of(appraised.folder / "workspace" / "units")
    assert any("Thiếu kế hoạch quý III" in words for words in files.values())
    for name, words in files.items():
        assert not [secret for secret in (SECRET, ASIDE, WHISPER) if secret in words], name
    traced = appraised.run("trace", "tay-an", "1.1", now="2024-01-15T08:00").out
    assert all(secret in traced for secret in (SECRET, ASIDE, WHISPER))
    assert appraised.edit_review().value(NOI_VU, "tay-an/1.1", "remark") == REMARK
    assert appraised.run("verify", now="2024-01-15T08:00").exit_code == 0


def test_a_reason_that_is_a_note_as_a_whole_counts_and_is_told(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(NOI_VU, "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark=f"Nội bộ: {SECRET}")
    ran = appraised.run("appraise")
    assert ran.exit_code == 0
    problem = ran.problem("remark_internal")
    assert (problem["severity"], problem["unit"], problem["column"]) == ("warning", "tay-an", "remark")
    assert problem["what"].endswith("toàn bộ là ghi chú nội bộ; đơn vị không thấy lý do của điểm này")
    assert problem["fix"] == "viết phần đơn vị được đọc ở trước «Nội bộ:»"
    refused = appraised.run("explain", "--rule", "tay-an/1.1", "--points", "1", "--reason", f"[nội bộ] {WHISPER}")
    assert refused.json["error"]["code"] == "reason"
