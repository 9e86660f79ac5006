"""The synthesis report on a survey measured from answers: every count and margin, from the ledger, and read back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import docx
import pytest
from answered_season import DAY, give
from paper_season import tables_in, words_in
from test_survey_stage import FORM
from told_season import run, season_of

from cchc_sheets.assessment.survey_taken import SurveyTaken
from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import PublicationError
from cchc_sheets.publication import paper_survey
from cchc_sheets.publication.nd30_check import form_problems
from cchc_sheets.publication.paper_kinds import kind_of
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.survey_taken import survey_taken
from cchc_sheets.stages.trace import trace
from cchc_sheets.stages.verify import verify

HEADINGS = (
    "TT",
    "Đơn vị",
    "Phiếu nhận",
    "Phiếu hợp lệ",
    "Phiếu loại",
    "Phiếu cần có",
    "Mức hài lòng (%)",
    "Sai số (± %)",
    "Điểm từ phiếu",
)


@pytest.fixture
def folder(answered: Path, tmp_path: Path) -> Path:
    """Lend a copy of the season to be changed."""
    return Path(shutil.copytree(answered, tmp_path / "answered"))


def report_in(folder: Path) -> bytes:
    return (folder / "output" / "papers" / "report.docx").read_bytes()


def make_report(folder: Path) -> bytes:
    run(folder, DAY, lambda season: papers(season, ["report"]))
    return report_in(folder)


def taken(folder: Path) -> SurveyTaken:
    with season_of(folder, DAY) as season:
        found = survey_taken(season)
    assert found is not None
    return found


def test_the_report_tabulates_every_units_answers_margin_and_points(answered: Path) -> None:
    table = next(table for table in tables_in(report_in(answered)) if "Sai số (± %)" in table[0])
    assert table == [
        list(HEADINGS),
        ["1", "Xã Tây An", "4", "3", "1", "5", "71,11", "35,82", "2,13"],
        ["2", "Xã Bình Hòa", "3", "2", "1", "334", "83,33", "23,09", "2,50"],
        ["3", "Thị trấn Phú Phong", "0", "0", "0", "364", "–", "–", "–"],
        ["", "Tổng cộng", "7", "5", "2", "703", "", "", ""],
    ]


def test_the_report_counts_why_answers_are_excluded_and_names_who_has_too_few(answered: Path) -> None:
    words = words_in(report_in(answered))
    assert (
        "Đã nhận 08 phiếu, 05 phiếu hợp lệ được tính; loại 03 phiếu: 01 phiếu không rõ đơn vị (không có trong bảng), "
        "01 phiếu có câu trả lời không hợp lệ, 01 phiếu trùng. Số phiếu cần có của mỗi đơn vị: n = N/(1 + N·e²), "
        "e = 0,05, N là số người có thể hỏi; ít nhất 03 phiếu, không quá N."
    ) in words
    assert "03 đơn vị, gồm xã Tây An (03/05), xã Bình Hòa (02/334), thị trấn Phú Phong (0/364)." in words
    assert ("không tính từ phiếu: tiêu chí 1.2 của thị trấn Phú Phong; tiêu chí 2.3 của thị trấn Phú Phong.") in words
    kind = kind_of("report")
    assert kind is not None
    assert form_problems(report_in(answered), form=kind.form) == []


def test_the_report_rests_on_the_ledger_and_not_on_the_file_and_verify_makes_it_again(folder: Path) -> None:
    before = report_in(folder)
    (folder / "survey.csv").unlink()
    (folder / "council.csv").unlink()
    (folder / "output" / "papers" / "report.docx").unlink()
    assert make_report(folder) == before
    checked = run(folder, DAY, verify)
    assert checked.problems == ()


def test_a_report_whose_survey_is_not_that_of_the_data_is_not_handed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: dict[str, Any] = {
        "_figures": lambda one: (one.received, one.received, 0, one.wanted),
        "points_in_table": lambda _: "2,00",
        "_sample": lambda _: "ít nhất 30 phiếu",
        "_tabled": lambda *_: "",
        "several": lambda count: f"{count + 1:02d}",
    }
    before = report_in(folder)
    monkeypatch.setattr("cchc_sheets.publication.paper_charts.pictures_of", lambda _, __: ())
    for name, instead in wrong.items():
        with monkeypatch.context() as patch:
            patch.setattr(paper_survey, name, instead)
            with pytest.raises(PublicationError) as refusal:
                make_report(folder)
        assert "does not say what the data say" in refusal.value.what.said_in("en"), name
    assert report_in(folder) == before


def test_an_offices_template_from_before_goes_on_working_without_the_survey(folder: Path) -> None:
    document = docx.Document(str(papers_folder() / "report.docx"))
    is_within = False
    for paragraph in document.paragraphs:
        is_within = is_within or ("{%p if" in paragraph.text and "survey_" in paragraph.text)
        if is_within:
            document.element.body.remove(paragraph._p)
        is_within = is_within and "{%p endif" not in paragraph.text
    assert "survey_" not in words_in_template(document).replace("survey_points", "")
    (folder / "templates").mkdir()
    document.save(str(folder / "templates" / "report.docx"))
    made = make_report(folder)
    assert "4. Điều tra xã hội học" in words_in(made)
    assert "Phiếu nhận" not in str(tables_in(made))
    assert "Phụ lục III" not in words_in(made)


def words_in_template(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_points_that_took_the_place_of_measured_ones_are_told_apart(folder: Path) -> None:
    give(folder, "council.csv", "unit;1.2\ntay-an;1\n")
    survey = taken(folder)
    # of 1,33 + 0,8 only the 0,8 stand; what was answered stays what was answered
    assert [(str(one.points), one.received) for one in survey.units] == [("0.8", 4), ("2.5", 3), ("None", 0)]
    told = {code: [unit.code for unit in units] for code, units in survey.tabled.items()}
    assert told == {"1.2": ["tay-an", "phu-phong"], "2.3": ["phu-phong"]}


def test_a_plan_that_wants_more_answers_is_told_although_no_point_has_changed(folder: Path) -> None:
    criteria = folder / "criteria.yaml"
    criteria.write_text(criteria.read_text(encoding="utf-8").replace("phu-phong: 4000", "phu-phong: 2000"), "utf-8")
    give(folder, "survey.csv", FORM)
    assert [one.wanted for one in taken(folder).units] == [5, 334, 334]
    with season_of(folder, DAY) as season:
        assert len(season.ledger.entries("points", subject="survey.csv")) == 1
        assert trace(season, "phu-phong").data["survey"][0]["wanted"] == 334


def test_each_unit_is_told_by_the_file_that_gives_its_points(folder: Path) -> None:
    lines = FORM.splitlines(keepends=True)
    give(folder, "second.csv", "".join(lines[:3] + lines[7:9]))  # the headings, Phạm D and Võ E of Bình Hòa
    survey = taken(folder)
    assert [(one.unit.code, one.received, one.counted) for one in survey.units] == [
        ("tay-an", 4, 3),
        ("binh-hoa", 2, 2),
        ("phu-phong", 0, 0),
    ]
    # the line without a unit stands in the first file; of its Bình Hòa nothing counts any more
    assert (survey.received, survey.counted, dict(survey.excluded)) == (7, 5, {"unknown_unit": 1, "duplicate": 1})
