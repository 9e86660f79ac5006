"""The page for the chairman: it says what the results say, on one page, and is not handed over otherwise."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import pytest
from office import Office
from robustness_sample import CRITERIA, POLICIES, RECORD, UNITS, four, season

from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.robustness import Strictness, Undiscriminating, robustness_of
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.what_if import Draws
from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.cycle.template_sets import template_set
from cchc_sheets.errors import NotNow, PublicationError
from cchc_sheets.messages import speak
from cchc_sheets.publication.before_you_sign import SignOff, make_sign_off
from cchc_sheets.publication.sign_off_readback import sign_off_differences
from cchc_sheets.publication.sign_off_words import certain, close, method, review, status
from cchc_sheets.stages.robustness import robustness
from cchc_sheets.stages.season import open_season

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "sheet_templates" / "papers" / "before-you-sign.docx"
DEPARTMENTS = {"noi-vu": "Phòng Nội vụ", "tu-phap": "Phòng Tư pháp"}


def note(**changed: Any) -> SignOff:
    """Return the note on the four communes of `robustness_sample`, or on other standings of their set."""
    standings = changed.get("standings", four())
    found = changed.pop("robustness", None) or robustness_of(standings, CRITERIA, POLICIES, RECORD, Draws(2023))
    made = SignOff(
        office="Phòng Nội vụ huyện Thử",
        title="Chỉ số cải cách hành chính các xã năm 2023",
        year=2023,
        standings=standings,
        policies=POLICIES,
        criteria=CRITERIA,
        robustness=found,
        departments=DEPARTMENTS,
        ledger_digest="3f9a" * 16,
        program_version="0.1.0",
    )
    return replace(made, **changed)


def big_note(count: int) -> SignOff:
    """Return the note on a large season with everything to tell that a real one has."""
    criteria: CriteriaSet = load_cycle(template_set("tay-son-2023")).criteria
    standings = season(criteria, count, 3, POLICIES)
    found = robustness_of(standings, criteria, POLICIES, Record(), Draws(2026, 100))
    strictness = tuple(
        Strictness(f"Sở thứ {n}", 4000, 800 - 90 * n, 30 * n, Fraction(-1, 8), Decimal(5000), Decimal(-250), 3)
        for n in range(8)
    )
    flat = tuple(
        Undiscriminating(leaf.code, "all_full" if n % 2 else "all_zero", count)
        for n, leaf in enumerate(criteria.leaves[:14])
    )
    return note(
        standings=standings,
        criteria=criteria,
        robustness=replace(found, strictness=strictness, undiscriminating=flat),
        missing=tuple(f"Xã Bình Tân {n}: 3 tiêu chí chưa được thẩm định" for n in range(9)),
        remarks=tuple(f"Xã Bình Tân {n}: nộp chậm 2 ngày" for n in range(9)),
    )


def paragraphs(content: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(content))
    return [paragraph.text for paragraph in document.paragraphs]


def tables(content: bytes) -> list[list[list[str]]]:
    document = docx.Document(io.BytesIO(content))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def test_the_page_says_what_was_worked_out_by_hand() -> None:
    # See robustness_sample: an and bac share index 80, exactly at the limit of Tốt; chau misses Khá (75) by 0.1.
    content = make_sign_off(note(), TEMPLATE)
    found = note().robustness
    kept = {steady.unit: steady.in_class for steady in found.steadiness}
    said = "\n".join(paragraphs(content))
    assert "1 trong 4 đơn vị giữ nguyên xếp loại trong cả 1.000 lần thử" in said  # dong alone
    assert "2 trong 4 đơn vị được xếp hạng giữ đúng hạng hiện nay" in said  # chau and dong
    assert "3 trường hợp cách ngưỡng xếp loại không quá 0,5" in said
    assert "Xã An, Xã Bac cùng 80,00 (đồng hạng)" in said
    assert "2 trong 3 cặp liền kề đổi thứ tự nếu bỏ một tiêu chí nào đó" in said
    assert "Xã An trên xã Chau (tiêu chí 1.2)" in said
    assert "mọi đơn vị đạt điểm tối đa ở 1 tiêu chí (1.1)" in said
    assert "1.000 lần (hạt giống 2023)" in said
    head, boundaries, strictness = tables(content)
    assert head[0][0] == "Phòng Nội vụ huyện Thử"
    assert boundaries[1:] == [
        ["Xã An", "80,00", "Tốt", "Tốt (từ 80)", "+0,00", str(kept["an"])],
        ["Xã Bac", "80,00", "Tốt", "Tốt (từ 80)", "+0,00", str(kept["bac"])],
        ["Xã Chau", "74,90", "Trung bình", "Khá (từ 75)", "−0,10", str(kept["chau"])],
    ]
    # tu-phap lowered 1 of 4 rows and took 1 of 10 points; noi-vu raised 1 of 8: 0.5 of 34.48 is 1.45 %, printed 1,5.
    assert strictness[1:] == [
        ["Phòng Tư pháp", "4", "25%", "0%", "0", "−10%"],
        ["Phòng Nội vụ", "8", "0%", "12,5%", "0", "+1,5%"],
    ]


def test_what_is_provisional_is_said_first_and_only_then() -> None:
    assert status(note()) == []
    told = status(note(missing=("Xã An: 2 tiêu chí chưa được thẩm định",)))
    assert told == ["SỐ LIỆU TẠM TÍNH, chưa dùng để ký. Còn thiếu: Xã An: 2 tiêu chí chưa được thẩm định."]
    content = make_sign_off(note(missing=("a", "b", "c", "d", "e")), TEMPLATE)
    said = paragraphs(content)
    place = next(at for at, line in enumerate(said) if line.startswith("SỐ LIỆU TẠM TÍNH"))
    assert place < next(at for at, line in enumerate(said) if line.startswith("1. "))
    assert said[place].endswith("a; b; c; và 2 việc khác.")


def test_a_season_in_which_nothing_is_close_has_no_table_of_close_ones() -> None:
    alone = note(standings=four(units=UNITS[3:]))  # 66, far from every limit
    assert certain(alone) == [
        "Xếp loại: cả 1 đơn vị giữ nguyên xếp loại trong cả 1.000 lần thử (cách thử ở cuối trang).",
        "Thứ hạng: 1 trong 1 đơn vị được xếp hạng giữ đúng hạng hiện nay trong ít nhất 90% số lần thử.",
        "Đứng đầu trong 1.000 lần thử: Xã Dong (1.000 lần).",
        "Không có đơn vị nào đồng hạng hoặc trùng Chỉ số công bố.",
        "Không có đơn vị nào cách ngưỡng xếp loại từ 0,5 trở xuống.",
    ]
    assert close(alone) == []
    content = make_sign_off(alone, TEMPLATE)
    assert not any(line.startswith("2. Điều còn sít sao") for line in paragraphs(content))
    assert [table[0][0] for table in tables(content)][1:] == ["Cơ quan thẩm định"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (b"74,90", b"74,91"),
        ("−0,10".encode(), "−0,20".encode()),
        (b">25%<", b">26%<"),
        ("Khá (từ 75)".encode(), "Khá (từ 76)".encode()),
        ("(hạt giống 2023)".encode(), "(hạt giống 2024)".encode()),
        ("1 trong 4 đơn vị giữ".encode(), "4 trong 4 đơn vị giữ".encode()),
        ("SỐ LIỆU TẠM TÍNH".encode(), "SỐ LIỆU".encode()),
    ],
)
def test_a_figure_that_was_changed_is_found(wrong: bytes, right: bytes) -> None:
    made = note(missing=("Xã An: còn thiếu",))
    content = make_sign_off(made, TEMPLATE)
    assert sign_off_differences(content, made) == []
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w") as changed:
        for name in archive.namelist():
            part = archive.read(name)
            if name == "word/document.xml":
                assert wrong in part
                part = part.replace(wrong, right, 1)
            changed.writestr(name, part)
    assert sign_off_differences(target.getvalue(), made) != []


def test_a_template_that_leaves_something_out_is_refused(tmp_path: Path) -> None:
    speak("en")

    def edited(change: Callable[[Any], None]) -> Path:
        document = docx.Document(str(TEMPLATE))
        change(document)
        document.save(str(tmp_path / "before-you-sign.docx"))
        return tmp_path / "before-you-sign.docx"

    def drop(words: str) -> Callable[[Any], None]:
        def change(document: Any) -> None:
            for paragraph in list(document.paragraphs):
                if words in paragraph.text:
                    paragraph._p.getparent().remove(paragraph._p)

        return change

    def write(old: str, new: str) -> Callable[[Any], None]:
        def change(document: Any) -> None:
            next(p for p in document.paragraphs if old in p.text).runs[0].text = new

        return change

    try:
        with pytest.raises(PublicationError, match=r"the template lacks \{\{ boundary_table"):
            make_sign_off(note(), edited(drop("boundary_table")))
        with pytest.raises(
            PublicationError, match="boundary_table }} does not stand alone in one paragraph of the text"
        ):
            make_sign_off(note(), edited(write("{{ boundary_table }}", "Bảng: {{ boundary_table }}")))
        with pytest.raises(PublicationError, match=r"titel.*did you mean title"):
            make_sign_off(note(), edited(write("{{ title }}", "{{ titel }}")))
        with pytest.raises(
            PublicationError, match="the paper does not say what the results say: the page does not say"
        ):
            make_sign_off(note(), edited(write("- {{ line }}", "- {{ line | length }}")))
    finally:
        speak("vi")


def test_text_from_outside_stays_text() -> None:
    units = tuple(replace(s.unit, name=f"Xã <A & B> {{{{ x }}}} {s.unit.code}") for s in four())
    standings = four(units=units)
    made = note(standings=standings, remarks=("Xã {% if %}: nộp <chậm>",), departments={"noi-vu": "P & Q"})
    content = make_sign_off(made, TEMPLATE)
    said = "\n".join(paragraphs(content))
    assert "Xã {% if %}: nộp <chậm>" in said
    assert "Xã <A & B> {{ x }} an" in said
    assert any(row[0] == "P & Q" for table in tables(content) for row in table)


def test_the_same_note_gives_the_same_bytes() -> None:
    assert make_sign_off(note(), TEMPLATE) == make_sign_off(note(), TEMPLATE)


def test_the_template_in_the_repository_is_the_one_that_the_tool_builds(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "tools" / "build_sign_off.py"), str(tmp_path)], check=True)
    assert (tmp_path / "before-you-sign.docx").read_bytes() == TEMPLATE.read_bytes()


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_it_is_one_page_for_four_units_and_for_168(tmp_path: Path) -> None:
    for count, made in ((4, note()), (168, big_note(168))):
        (tmp_path / f"{count}.docx").write_bytes(make_sign_off(made, TEMPLATE))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, *map(str, tmp_path.glob("*.docx"))], check=True, capture_output=True, timeout=180)
    for count in (4, 168):
        pages = re.findall(rb"/Type\s*/Page[^s]", (tmp_path / f"{count}.pdf").read_bytes())
        assert len(pages) == 1, count


def test_few_words_whatever_there_is_to_tell() -> None:
    made = big_note(168)
    every = [*certain(made), *close(made), *review(made), *method(made)]
    assert len(every) <= 14
    assert max(map(len, every)) < 420


def test_robustness_before_finalising_says_what_is_missing_and_afterwards_does_not(collected: Office) -> None:
    def run() -> Any:
        opened = open_season(collected.folder, now=collected.AFTER, actor="test")
        try:
            return robustness(opened)
        finally:
            opened.close()

    before = run()
    assert before.data["provisional"]
    assert before.status == "partial"
    page = collected.folder / "output" / "before-you-sign.docx"
    assert any("SỐ LIỆU TẠM TÍNH" in line for line in paragraphs(page.read_bytes()))
    assert collected.run("appraise").exit_code == 0
    collected.agree_to_everything()
    assert collected.run("appraise").exit_code == 0
    collected.write_survey()
    assert collected.run("survey").exit_code == 0
    after = run()
    # fill_in: 2 + 1.5 + 0.5 + 1.25 = 5.25 each, survey 2.7, 2.4 and 2.1 of 10 points: 79.5, 76.5, 73.5.
    # Tốt begins at 80: tay-an misses it by exactly 0.5. 1.1 alone is full everywhere. All agreed: nothing changed.
    assert not after.data["provisional"]
    assert after.status == "success"
    assert [(b["unit"], b["exact"], b["published"]) for b in after.data["boundaries"]] == [("tay-an", "-1/2", "-0.5")]
    assert [(u["unit"], u["rank"], u["ranks"]["worst"]) for u in after.data["units"]] == [
        ("tay-an", 1, 1),
        ("binh-hoa", 2, 2),
        ("phu-phong", 3, 3),
    ]
    flat = {entry["criterion"]: entry["kind"] for entry in after.data["undiscriminating"]}
    assert flat == {"1.1": "all_full", "1.10": "all_same", "2.1": "all_same", "2.2": "all_same"}
    assert [(d["department"], d["rows"], d["lowered"]) for d in after.data["departments"]] == [
        ("noi-vu", 6, 0),
        ("tu-phap", 6, 0),
    ]
    written = json.loads((collected.folder / "output" / "robustness.json").read_text(encoding="utf-8"))
    assert (written["seed"], written["draws"], written["variation"]) == (2023, 1000, "1/10")
    assert written == {key: value for key, value in after.data.items() if key != "files"}
    content = page.read_bytes()
    assert run().data == after.data
    assert page.read_bytes() == content
    assert not any("TẠM TÍNH" in line for line in paragraphs(content))


def test_a_dry_run_writes_nothing_and_before_collecting_there_is_nothing_to_examine(
    collected: Office, make_office: Callable[[str], Office]
) -> None:
    opened = open_season(collected.folder, now=collected.AFTER, actor="test", dry_run=True)
    assert robustness(opened).data["files"] == []
    opened.close()
    assert not (collected.folder / "output" / "before-you-sign.docx").exists()
    empty = open_season(make_office("empty").folder, now=collected.AFTER, actor="test")
    with pytest.raises(NotNow):
        robustness(empty)
    empty.close()


def test_the_offices_own_template_is_taken(collected: Office) -> None:
    own = collected.folder / "templates" / "before-you-sign.docx"
    own.parent.mkdir()
    document = docx.Document(str(TEMPLATE))
    next(p for p in document.paragraphs if p.text.startswith("TRƯỚC KHI KÝ")).runs[0].text = "LƯU Ý TRƯỚC KHI KÝ"
    document.save(str(own))
    opened = open_season(collected.folder, now=collected.AFTER, actor="test")
    robustness(opened)
    opened.close()
    page = (collected.folder / "output" / "before-you-sign.docx").read_bytes()
    assert "LƯU Ý TRƯỚC KHI KÝ" in paragraphs(page)
