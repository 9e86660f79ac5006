"""Last year in the papers: the report and the notices say it, every figure is read back, and nothing else says it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from office import Office
from paper_season import LATER, file_of, make, season_of, tables_in, words_in
from two_years import OPEN_DATA, TwoYears

from cchc_sheets.errors import NotNow, PublicationError
from cchc_sheets.publication import paper_trend, trend_words
from cchc_sheets.publication.nd30_check import form_problems
from cchc_sheets.publication.paper_kinds import kind_of

MERGED = "  units:\n    tay-an: [tay-an, binh-hoa]\n    binh-hoa: []\n"
PAPERS = Path(__file__).parents[1] / "sheet_templates" / "papers"


def made(office: Office, name: str) -> bytes:
    make(office, name)
    return file_of(office, name).read_bytes()


def table_with(content: bytes, heading: str) -> list[list[str]]:
    return next(table for table in tables_in(content) if heading in table[0])


def falling(years: TwoYears) -> dict[str, Any]:
    """Return last year's open data with Phú Phong at 100 %: every criterion at its maximum."""
    data = years.open_data
    unit = next(one for one in data["units"] if one["unit"] == "phu-phong")
    maxima = {one["code"]: one["max_points"] for one in data["criteria"]}
    for score in unit["criteria"]:
        score["points"] = maxima[score["code"]]
    for field in unit["fields"]:
        field["points"] = field["attainable_points"]
    unit.update(appraisal_points="7", survey_points="3", index="100.00", index_exact="100", rank=1)
    return data


# ---- the report -------------------------------------------------------------------------------------------------


def test_the_report_counts_averages_and_names(years: TwoYears) -> None:
    words = words_in(made(years.hold_against(), "report"))
    assert "6. So sánh với năm 2022" in words
    assert (
        "So sánh được 03/03 đơn vị: 02 đơn vị tăng, 0 đơn vị giảm, 01 đơn vị giữ nguyên Chỉ số. Chỉ số bình quân của "
        "các đơn vị so sánh được là 76,50%, năm 2022 là 72,33% (tăng 4,17 điểm phần trăm)."
    ) in words
    assert "Tăng nhiều nhất: Xã Tây An (+10,00 điểm phần trăm)." in words
    assert "giảm nhiều nhất" not in words.lower()
    assert "tỷ lệ đạt tăng nhiều nhất: 2.2. Nhận định của Tổ thẩm định (từ 50,00% lên 62,50%)." in words
    assert "7. Biểu đồ" in words or "Biểu đồ" not in words
    assert "gồm điều tra xã hội học" not in words


def test_the_report_tabulates_units_and_fields(years: TwoYears) -> None:
    content = made(years.hold_against(), "report")
    assert table_with(content, "Hạng 2022") == [
        [
            "TT",
            "Đơn vị",
            "Chỉ số 2022 (%)",
            "Chỉ số 2023 (%)",
            "Tăng, giảm",
            "Hạng 2022",
            "Hạng 2023",
            "Thay đổi hạng",
        ],
        ["1", "Xã Tây An", "69,50", "79,50", "+10,00", "3/3", "1/3", "tăng 2 bậc"],
        ["2", "Xã Bình Hòa", "74,00", "76,50", "+2,50", "1/3", "2/3", "giảm 1 bậc"],
        ["3", "Thị trấn Phú Phong", "73,50", "73,50", "0,00", "2/3", "3/3", "giảm 1 bậc"],
    ]
    assert table_with(content, "Năm 2022 (%)")[1:] == [
        ["1", "Chỉ đạo, điều hành", "82,22", "85,00", "+2,78"],
        ["2", "Thể chế", "57,50", "63,75", "+6,25"],
    ]


def test_merged_and_new_units_are_told_in_words(years: TwoYears) -> None:
    content = made(years.hold_against(OPEN_DATA, MERGED), "report")
    table = table_with(content, "Ghi chú")
    assert [row[2:6] + row[-1:] for row in table[1:]] == [
        ["71,75", "79,50", "+7,75", "–", "Bình quân của Xã Tây An, Xã Bình Hòa"],
        ["–", "76,50", "–", "–", "Đơn vị mới"],
        ["73,50", "73,50", "0,00", "2/3", ""],
    ]
    # Of 6 and 4 points Tây An had 4,8 and 2,15, Bình Hòa 5,1 and 2,3, Phú Phong 4,9 and 2,45; now Tây An has 5,3; 2,65.
    # Field 1: ((4,8 + 5,1) / 2 + 4,9) / 12, now (5,3 + 4,9) / 12; field 2: ((2,15 + 2,3) / 2 + 2,45) / 8, now 5,1 / 8.
    assert table_with(content, "Năm 2022 (%)")[1:] == [
        ["1", "Chỉ đạo, điều hành", "82,08", "85,00", "+2,92"],
        ["2", "Thể chế", "58,44", "63,75", "+5,31"],
    ]
    assert "So sánh được 02/03 đơn vị" in words_in(content)
    assert "đơn vị mới, không so sánh: Xã Bình Hòa." in words_in(content)


def test_a_unit_that_was_called_otherwise_and_not_mapped_is_not_called_new(years: TwoYears) -> None:
    data = years.open_data
    next(one for one in data["units"] if one["unit"] == "tay-an")["name"] = "Xã Tên Cũ"
    office = years.hold_against_data(data, "  units:\n    binh-hoa: []\n")
    content = made(office, "report")
    notes = {row[1]: row[-1] for row in table_with(content, "Ghi chú")[1:]}
    assert notes == {
        "Xã Tây An": "Không có tên trong kết quả năm trước",
        "Xã Bình Hòa": "Đơn vị mới",  # so the office says
        "Thị trấn Phú Phong": "",
    }
    assert (
        "đơn vị mới, không so sánh: Xã Bình Hòa; không có tên trong kết quả năm 2022, không so sánh: Xã Tây An."
    ) in words_in(content)
    assert "đơn vị mới" not in words_in(made(office, "notice/tay-an"))


def test_a_fall_is_told_with_its_sign(years: TwoYears) -> None:
    words = words_in(made(years.hold_against_data(falling(years)), "report"))
    assert "Tăng nhiều nhất: Xã Tây An (+10,00 điểm phần trăm); giảm nhiều nhất: Thị trấn Phú Phong (-26,50" in words


def test_where_no_field_compares_the_report_says_so(years: TwoYears) -> None:
    content = made(years.hold_against(more='  criteria: {"1": null, "2": null}\n'), "report")
    assert "Không có lĩnh vực nào so sánh được giữa hai Bộ tiêu chí." in words_in(content)
    assert not [table for table in tables_in(content) if "Năm 2022 (%)" in table[0]]


def test_report_and_notices_keep_to_their_form(years: TwoYears) -> None:
    office = years.hold_against_data(falling(years), MERGED)
    for name in ("report", "notice/tay-an", "notice/phu-phong"):
        kind = kind_of(name.partition("/")[0])
        assert kind is not None
        assert form_problems(made(office, name), form=kind.form) == []


def test_without_the_block_no_paper_speaks_of_last_year(years: TwoYears) -> None:
    make(years.office, "report", "notice")
    for name in ("report", "notice/tay-an"):
        content = file_of(years.office, name).read_bytes()
        assert "2022" not in words_in(content)
        assert "Tăng, giảm" not in str(tables_in(content))
    assert "6. Biểu đồ" in words_in(file_of(years.office, "report").read_bytes())


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [
        (paper_trend, "difference", lambda *_: "+9,99"),
        (paper_trend, "places_moved", lambda _: "tăng 9 bậc"),
        (paper_trend, "moved_points", None),
        (paper_trend, "origin", lambda _: "bình quân"),
        (trend_words, "difference", lambda *_: "+9,99"),
    ],
)
def test_a_report_whose_comparison_is_not_that_of_the_data_is_not_handed_over(
    years: TwoYears, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, wrong: Any
) -> None:
    if wrong is None:  # the mean itself
        monkeypatch.setattr("cchc_sheets.assessment.trend._mean", lambda values: sum(values) / len(values) + 1)
    else:
        monkeypatch.setattr(module, name, wrong)
    office = years.hold_against(more=MERGED)
    with pytest.raises(PublicationError) as refusal:
        make(office, "report")
    assert "does not say what the data say" in refusal.value.what.said_in("en")
    assert not file_of(office, "report").exists()


def test_an_office_template_without_the_tables_is_refused(years: TwoYears) -> None:
    office = years.hold_against()
    (office.folder / "templates").mkdir(exist_ok=True)
    import docx

    document = docx.Document(str(PAPERS / "report.docx"))
    paragraph = next(p for p in document.paragraphs if "{{ trend_table }}" in p.text)
    document.element.body.remove(paragraph._p)
    document.save(str(office.folder / "templates" / "report.docx"))
    with pytest.raises(PublicationError) as refusal:
        make(office, "report")
    assert "trend_table" in refusal.value.what.said_in("en")


# ---- the notices ------------------------------------------------------------------------------------------------


def test_a_notice_says_index_rank_and_change(years: TwoYears) -> None:
    office = years.hold_against()
    told = words_in(made(office, "notice/tay-an"))
    assert "xếp hạng 1/3; xếp loại Khá." in told
    assert (
        "- So với năm trước: năm 2022 Chỉ số là 69,50%, xếp hạng 3/3; năm nay tăng 10,00 điểm phần trăm, tăng 2 bậc."
    ) in told
    assert "năm 2022 Chỉ số là 73,50%, xếp hạng 2/3; năm nay không đổi, giảm 1 bậc." in words_in(
        made(office, "notice/phu-phong")
    )


def test_a_merged_units_notice_names_its_predecessors_and_a_new_units_says_nothing(years: TwoYears) -> None:
    office = years.hold_against(more=MERGED)
    assert (
        "năm 2022 Chỉ số là 71,75% (bình quân của Xã Tây An, Xã Bình Hòa); năm nay tăng 7,75 điểm phần trăm."
    ) in words_in(made(office, "notice/tay-an"))
    assert "năm 2022" not in words_in(made(office, "notice/binh-hoa"))


def test_a_notice_whose_sentence_is_wrong_is_not_handed_over(years: TwoYears, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trend_words, "moved", lambda *_: "tăng 99,99")
    office = years.hold_against()
    with pytest.raises(PublicationError):
        make(office, "notice/tay-an")
    assert not file_of(office, "notice/tay-an").exists()


# ---- what they rest on ------------------------------------------------------------------------------------------


def test_what_was_read_is_recorded_and_makes_the_paper_again(years: TwoYears) -> None:
    office = years.hold_against()
    first = made(office, "report")
    season = season_of(office)
    recorded = season.latest("paper")["report"].body["previous"]
    season.close()
    assert {name: recorded[name] for name in ("file", "year", "cycle")} == {
        "file": "../2022/ledger.db",
        "year": 2022,
        "cycle": "small-2022",
    }
    assert recorded["ledger_digest"] == years.open_data["ledger_digest"]
    assert make(office, "report").data["papers"][0]["state"] == "made"
    file_of(office, "report").unlink()
    assert made(office, "report") == first


def test_a_paper_is_stale_when_last_years_data_have_changed_and_only_such_a_paper(years: TwoYears) -> None:
    data = years.open_data
    office = years.hold_against_data(data)
    make(office, "report", "minutes", "notice")
    data["criteria"][0]["title"] += " "  # changes what was read, but nothing that is printed
    years.hold_against_data(data)
    states = {row["paper"]: row["state"] for row in make(office).data["papers"]}
    assert (states["report"], states["notice"], states["minutes"]) == ("stale", "stale", "made")


def test_ledger_and_open_data_make_the_same_report(years: TwoYears) -> None:
    from_ledger = made(years.hold_against(), "report")
    assert made(years.hold_against(OPEN_DATA), "report") == from_ledger


def test_papers_that_need_last_year_wait_for_it_and_the_others_do_not(years: TwoYears) -> None:
    office = years.hold_against("../gone.json")
    rows = {row["paper"]: row for row in make(office).data["papers"]}
    assert rows["report"]["state"] == rows["notice"]["state"] == "waiting"
    assert rows["minutes"]["state"] == rows["announcement"]["state"] == "to_make"
    with pytest.raises(NotNow) as refusal:
        make(office, "report")
    assert refusal.value.code == "previous_missing"
    assert refusal.value.where.endswith("gone.json")
    make(office, "all")
    assert file_of(office, "announcement").exists()
    assert not file_of(office, "report").exists()


def test_a_rehearsal_records_nothing(years: TwoYears) -> None:
    office = years.hold_against()
    season = season_of(office)
    before = len(season.ledger.entries())
    season.close()
    assert make(office, "report", dry_run=True).data["papers"][0]["state"] == "would_make"
    season = season_of(office)
    assert len(season.ledger.entries()) == before
    season.close()


def test_last_years_decision_is_not_touched_by_this_years_papers(years: TwoYears) -> None:
    before = (years.before.folder / "ledger.db").read_bytes()
    office = years.hold_against()
    run = office.run("papers", "all", now=LATER)
    assert run.exit_code == 0, json.dumps(run.json)
    assert (years.before.folder / "ledger.db").read_bytes() == before
    shutil.rmtree(years.before.folder)
    assert office.run("papers", "minutes", now=LATER).exit_code == 0
