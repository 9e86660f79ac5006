"""Beside every point measured from answers stands how firm it is: responses, measure, margin; see `answered_season`."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from answered_season import DAY
from paper_season import tables_in
from told_season import run, season_of

from cchc_sheets.errors import PublicationError
from cchc_sheets.publication import paper_notice
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.trace import trace
from cchc_sheets.stages.verify import verify

# Tây An, 1.2: 2 of 3 people; 2.3: 4 of 5 answers by these three. Bình Hòa: of 2 valid answers one says nothing of 1.2.
TAY_AN = {
    "1.2": "3/4 phiếu hợp lệ, tỷ lệ hài lòng 66,67%, sai số ±37,72% (độ tin cậy 95%)",
    "2.3": "3/4 phiếu hợp lệ, tỷ lệ hài lòng 80,00%, sai số ±32,01% (độ tin cậy 95%)",
}
BINH_HOA = {
    "1.2": "2/3 phiếu hợp lệ, 1 phiếu có trả lời, tỷ lệ hài lòng 100,00%, sai số ±0,00% (độ tin cậy 95%)",
    "2.3": "2/3 phiếu hợp lệ, tỷ lệ hài lòng 50,00%, sai số ±69,28% (độ tin cậy 95%)",
}


@pytest.fixture
def folder(answered: Path, tmp_path: Path) -> Path:
    """Lend a copy of the season to be changed."""
    return Path(shutil.copytree(answered, tmp_path / "answered"))


def rows_of(table: list[list[str]]) -> dict[str, dict[str, str]]:
    """Return the lines of a table by their code."""
    return {line[0]: dict(zip(table[0], line, strict=False)) for line in table[1:]}


def notice_of(folder: Path, unit: str) -> bytes:
    return next((folder / "output" / "papers").rglob(f"*{unit}*.docx")).read_bytes()


def open_data(folder: Path, name: str) -> bytes:
    return (folder / "output" / "publication" / "open-data" / name).read_bytes()


@pytest.mark.parametrize(("unit", "told"), [("tay-an", TAY_AN), ("binh-hoa", BINH_HOA)])
def test_a_notice_says_it_among_the_reasons(answered: Path, unit: str, told: dict[str, str]) -> None:
    _, criteria, lost = tables_in(notice_of(answered, unit))[:3]
    reasons = {code: f"Điều tra xã hội học: {words}" for code, words in told.items()}
    assert {code: rows_of(criteria)[code]["Lý do"] for code in reasons} == reasons
    lacking = rows_of(lost)
    assert all(lacking[code]["Lý do mất điểm"] == reasons[code] for code in reasons if code in lacking)
    assert "2.3" in lacking


def test_points_that_the_council_gave_say_nothing_of_answers(answered: Path) -> None:
    criteria = rows_of(tables_in(notice_of(answered, "phu-phong"))[1])
    assert criteria["1.2"]["Lý do"] == "Điều tra xã hội học"


def test_the_page_of_a_unit_says_it_beside_the_criterion(answered: Path) -> None:
    def words_of(unit: str) -> str:
        page = (answered / "output" / "publication" / "units" / f"{unit}.html").read_text(encoding="utf-8")
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())

    for unit, told in (("tay-an", TAY_AN), ("binh-hoa", BINH_HOA)):
        assert all(f"Điểm điều tra xã hội học: {words}" in words_of(unit) for words in told.values())
    assert "phiếu hợp lệ" not in words_of("phu-phong")


def test_the_open_data_hold_it_for_programs(answered: Path) -> None:
    units = {unit["unit"]: unit for unit in json.loads(open_data(answered, "results.json"))["units"]}

    def survey_of(unit: str) -> dict[str, Any]:
        return {one["code"]: one["survey"] for one in units[unit]["criteria"] if "survey" in one}

    assert survey_of("tay-an")["1.2"] == {
        "received": 4,
        "counted": 3,
        "respondents": 3,
        "measure": "share_satisfied",
        "value": "66.67",
        "value_exact": "2/3",
        "margin": "37.72",
    }
    assert survey_of("binh-hoa")["1.2"]["respondents"] == 1
    assert survey_of("phu-phong") == {}


def test_the_table_of_results_gains_columns_at_its_end(answered: Path) -> None:
    rows = list(csv.reader(io.StringIO(open_data(answered, "results.csv").decode("utf-8-sig")), delimiter=";"))
    assert rows[0][-4:] == ["Phiếu điều tra nhận", "Phiếu điều tra hợp lệ", "Mức hài lòng (%)", "Sai số (± %)"]
    assert {row[0]: row[-4:] for row in rows[1:]} == {
        "tay-an": ["4", "3", "71,11", "35,82"],
        "binh-hoa": ["3", "2", "83,33", "23,09"],
        "phu-phong": ["", "", "", ""],  # its points came as a table
    }


def test_a_trace_tells_the_same_figures(answered: Path) -> None:
    with season_of(answered, DAY) as season:
        told, data = trace(season, "binh-hoa", "2.3"), trace(season, "binh-hoa", "1.2").data
    said = " ".join(line.said_in("en") for line in told.summary)
    assert "2 of 3 responses count; share of the satisfied: 50 %, ± 69.28 %, of 1 points" in said
    assert '"respondents": 1' in json.dumps(data)


def test_a_notice_whose_margin_is_not_that_of_the_data_is_not_handed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_notice, "measured_words", lambda *_: TAY_AN["1.2"].replace("37,72", "3,77"))
    with pytest.raises(PublicationError):
        run(folder, DAY, lambda season: papers(season, ["notice/tay-an"]))


def test_verify_finds_a_margin_that_was_altered_on_the_page(folder: Path) -> None:
    page = folder / "output" / "publication" / "units" / "tay-an.html"
    assert run(folder, DAY, verify).problems == ()
    page.write_bytes(page.read_bytes().replace("±37,72%".encode(), "±3,77%".encode()))
    (problem,) = (one for one in run(folder, DAY, verify).problems if one.severity == "error")
    assert "3,77" in str(problem.what)
