"""`trace`: every number that is published is told back to its cell, with what overtook what on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from office import Office
from test_survey_stage import plan_office
from told_season import ANSWER, END, REMARK, season_of

from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.errors import CchcError, NotNow
from cchc_sheets.messages import speak
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages import trace_criterion
from cchc_sheets.stages.init import init
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.survey import survey
from cchc_sheets.stages.trace import trace


@pytest.fixture
def season(told: Path) -> Iterator[Season]:
    with season_of(told) as season:
        yield season


def steps(outcome: Outcome, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [step for step in outcome.data["life"] if step["step"] == name]
    return found


def said(outcome: Outcome) -> str:
    speak("en")
    try:
        return "\n".join(map(str, outcome.summary))
    finally:
        speak("vi")


# ---- one criterion ----------------------------------------------------------------------------------------------


def test_a_ruled_number_is_told_from_the_cell_to_the_index(season: Season) -> None:
    outcome = trace(season, "tay-an", "2.2")
    names = [step["step"] for step in outcome.data["life"]]
    assert names == [
        "rule", "self_score", "rule_score", "finding", "finding", "put", "answer", "ruling", "adjustment", "stands",
        "shares",
    ]  # fmt: skip
    # 1,25 claimed, 0,75 found, 1 ruled, 0,5 taken by T.2.
    assert outcome.data["stands"] == {"points": "0.5", "source": "ruling", "excluded": False, "counts": True}
    assert steps(outcome, "stands")[0]["before_penalties"] == "1"
    share = steps(outcome, "shares")[0]
    assert share["field"] == {"code": "2", "points": "1.9", "attainable_points": "4"}
    assert share["total"] == {"points": "6.95", "attainable_points": "10"}
    # 0,5 / 10 × 100 = 5 of 69,5.
    assert share["index"] == {"share_exact": "5", "share": "5.00", "exact": "139/2", "published": "69.50"}


def test_a_number_is_told_with_the_evidence_the_unit_gave_for_it(season: Season) -> None:
    (step, *_) = steps(trace(season, "tay-an", "2.2"), "self_score")
    assert step["evidence"]
    assert f"«{step['evidence']}»" in step["what"]


def test_a_number_names_the_cell_the_entry_and_who_read_it(season: Season) -> None:
    origin = steps(trace(season, "tay-an", "2.2"), "self_score")[0]["origin"]
    entry = season.ledger.last("submission", "tay-an")
    assert entry is not None
    reading = entry.body["reading"]
    sheet = next(one for one in reading["sheets"] if one["key"] == "self_assessment")
    row = next(number for key, number, _ in sheet["rows"] if key == "2.2")
    assert origin == {
        "entry": entry.number,
        "digest": entry.digest,
        "kind": "submission",
        "at": "2023-12-11T08:00:00+07:00",
        "actor": "văn thư",
        "workbook": "units/tay-an",
        "sheet": sheet["title"],
        "cell": f"{sheet['columns']['self_score']}{row}",
        "version": reading["version"],
    }
    words = said(trace(season, "tay-an", "2.2"))
    assert f"cell {origin['cell']} of «Tự chấm điểm» in units/tay-an; entry {entry.number} of the ledger" in words


def test_the_finding_tells_department_verdict_remark_and_what_it_overtook(season: Season) -> None:
    first, second = steps(trace(season, "tay-an", "2.2"), "finding")
    assert (first["verdict"], first["counts"], first["points"]) == ("Đồng ý", False, None)
    assert (second["verdict"], second["typed_points"], second["points"]) == ("Điều chỉnh", "0.75", "0.75")
    assert (second["remark"], second["department"], second["beside"]) == (REMARK, "tu-phap", "1.25")
    assert second["origin"]["entry"] > first["origin"]["entry"]
    assert second["origin"]["sheet"] == "Phòng Tư pháp"


def test_the_answer_and_the_ruling_of_the_council_are_told(season: Season) -> None:
    outcome = trace(season, "tay-an", "2.2")
    assert steps(outcome, "answer")[0]["explanation"] == ANSWER
    assert steps(outcome, "answer")[0]["agreed"] is False
    ruling = steps(outcome, "ruling")[0]
    assert (ruling["points"], ruling["source"], ruling["reason"]) == ("1", "council", "Chấp nhận một phần")


def test_the_ruling_of_the_final_meeting_is_told_with_its_minutes(season: Season) -> None:
    ruling = steps(trace(season, "tay-an", "1.10"), "ruling")[0]
    assert (ruling["points"], ruling["source"], ruling["reason"]) == ("1.25", "meeting", "Biên bản số 12")
    assert ruling["origin"]["kind"] == "ruling"


def test_what_an_extension_overtook_is_told_and_the_finding_that_had_to_be_looked_at_again(season: Season) -> None:
    outcome = trace(season, "binh-hoa", "2.2")
    assert [(one["points"], one["counts"]) for one in steps(outcome, "self_score")] == [("1.25", False), ("1.5", True)]
    assert len(steps(outcome, "extension")) == 1
    assert "Công văn số 41" in said(outcome)
    assert len(steps(outcome, "recheck")) == 1
    assert [(one["points"], one["counts"]) for one in steps(outcome, "finding")] == [(None, False), ("1.5", True)]


def test_the_rule_score_is_told_beside_the_self_score(season: Season) -> None:
    # 15 of 20 done: 3/4 of 2 points.
    outcome = trace(season, "tay-an", "1.10")
    step = steps(outcome, "rule_score")[0]
    assert (step["points"], step["difference"]) == ("3/2", "0")
    assert "by the rule 15 ÷ 20, as stated, gives 1.5" in said(outcome).casefold()


def test_no_figures_are_called_missing_where_none_are_asked_for(season: Season) -> None:
    outcome = trace(season, "tay-an", "2.2")
    assert len(steps(outcome, "rule_score")) == 1
    assert "which points hold is judged; no figures are stated for this criterion" in said(outcome).casefold()


def test_imported_points_name_their_files_and_the_value_that_was_overtaken(season: Season) -> None:
    first, second = steps(trace(season, "tay-an", "1.2"), "imported")
    assert (first["points"], first["counts"], second["points"], second["counts"]) == ("1", False, "1.8", True)
    assert second["file"] == "survey.csv"
    assert second["file_digest"] != first["file_digest"]


def test_a_penalty_and_a_bonus_are_told_by_their_own_codes(season: Season) -> None:
    penalty, bonus = trace(season, "tay-an", "T.2"), trace(season, "phu-phong", "C.1")
    assert penalty.data["points"] == "0.5"
    assert penalty.data["adjustment"]["criterion"] == "2.2"
    assert "0.5 points are taken from criterion 2.2" in said(penalty)
    assert "0.5 of 7.85 points of the unit, 5 of its index" in said(bonus)
    assert "nothing is added or taken" in said(trace(season, "binh-hoa", "C.1"))


def test_points_measured_from_answers_tell_measure_and_margin(office: Office) -> None:
    plan_office(office)
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    for unit in office.UNITS:
        office.fill_in(unit)
    assert office.run("collect").exit_code == 0
    with season_of(office.folder, office.AFTER) as season:
        survey(season)
        outcome = trace(season, "tay-an", "1.2")
    # Tây An answered question 1 with «Hài lòng», «Bình thường», «Rất hài lòng» (a fourth line is a duplicate): 2 of 3.
    measured = steps(outcome, "measured")[0]
    assert (measured["value"], measured["value_exact"], measured["respondents"]) == ("66.67", "2/3", 3)
    assert measured["measure"] == "share_satisfied"
    assert "3 of 4 responses count; share of the satisfied: 66.67 %" in said(outcome)
    assert steps(outcome, "imported")[0]["points"] == "1.33"


def test_without_a_survey_it_is_said_that_the_rest_is_scaled(office: Office) -> None:
    settings = office.folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8").replace("  ties: min", "  ties: min\n  without_survey: rescale")
    settings.write_text(words, encoding="utf-8")
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    office.fill_in("tay-an")
    office.run("collect")
    with season_of(office.folder, office.AFTER) as season:
        surveyed, whole = trace(season, "tay-an", "1.2"), trace(season, "tay-an")
    assert steps(surveyed, "rescaled")
    assert not surveyed.data["stands"]["counts"]
    assert not steps(surveyed, "shares")
    # 5,25 of the 7 points that are not surveyed: 75.
    assert whole.data["result"]["index_exact"] == "75"
    assert "without a survey its points count neither way" in said(whole)


def test_a_late_unit_a_blank_and_an_excluded_criterion_are_told_apart(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    office.fill_in("tay-an", c1_10={"not_occurred": "Không phát sinh", "self_score": None, "numerator": None})
    office.run("collect")
    office.fill_in("binh-hoa", past_locks=True, c2_1={"self_score": None})
    office.run("collect", now="2023-12-13T08:00")
    with season_of(office.folder, "2023-12-13T08:00") as season:
        excluded, late = trace(season, "tay-an", "1.10"), trace(season, "binh-hoa", "2.1")
        nothing = trace(season, "phu-phong", "1.1")
    assert excluded.data["stands"]["excluded"]
    assert "the criterion is left out" in said(excluded)
    assert "the unit left its score blank" in said(late)
    assert "handed in 3 days late" in said(late)
    assert steps(late, "missed")
    assert "the unit has handed nothing in" in said(nothing)
    assert "it counts as 0 until somebody gives points" in said(nothing)


def test_a_cell_that_cannot_be_read_is_told_with_what_stands_in_it(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    office.fill_in("tay-an", c2_1={"self_score": "nửa điểm"})
    office.run("collect")
    with season_of(office.folder, office.AFTER) as season:
        words = said(trace(season, "tay-an", "2.1"))
    assert "the unit wrote «nửa điểm», which could not be taken" in words


def test_a_row_that_lost_its_hidden_key_is_traced_all_the_same(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    office.fill_in("tay-an")
    with office.edit("tay-an") as hand:
        sheet, row = hand.sheet("self_assessment"), hand.row("self_assessment", "2.1")
        sheet.cell(row, 1).value = None
    office.run("collect")
    with season_of(office.folder, office.AFTER) as season:
        outcome = trace(season, "tay-an", "2.1")
    assert steps(outcome, "self_score")[0]["origin"]["cell"].endswith(str(row))
    assert outcome.problems == ()


def test_points_without_an_entry_that_explains_them_are_called_untraceable(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A ledger that lacks the entries of a department cannot be made by any command; so the look into it is blinded.
    monkeypatch.setattr("cchc_sheets.stages.trace_given.review_rows", lambda *_: [])
    outcome = trace(season, "binh-hoa", "2.2")
    assert [problem.code for problem in outcome.problems] == ["untraceable"]
    points = "Xã Bình Hòa, 2.2: 1.5 points stand"
    assert outcome.problems[0].what.said_in("en") == (
        f"{points}, but the ledger has no entry that says where they come from"
    )
    assert not outcome.data["traceable"]


def test_every_source_of_standing_points_has_its_step() -> None:
    assert set(trace_criterion.SOURCES) == {*trace_criterion._STEP_OF, "none"}


# ---- sums -------------------------------------------------------------------------------------------------------


def test_the_sum_of_a_unit_adds_up_at_every_level(season: Season) -> None:
    data = trace(season, "tay-an").data

    def check(branch: dict[str, Any]) -> None:
        if "parts" in branch:
            parts = [Decimal(part["points"] or 0) for part in branch["parts"]]
            assert Decimal(branch["points"]) == sum(parts)
            for part in branch["parts"]:
                check(part)

    for field in data["criteria"]:
        check(field)
    assert sum(Decimal(field["points"]) for field in data["criteria"]) == Decimal("6.95")
    assert data["result"]["points"] == "6.95"
    assert data["result"]["index_exact"] == "139/2"


def test_rank_and_class_are_told_with_their_neighbours_and_what_is_missing(season: Season) -> None:
    data = trace(season, "Xã Bình Hoà").data
    assert data["ranking"]["rank"] == 1
    assert data["ranking"]["above"] == []
    below = data["ranking"]["below"][0]
    # 79 - 78,5.
    assert (below["unit"], below["decided_by"], below["difference_exact"]) == ("phu-phong", "index", "1/2")
    classified = data["classification"]
    assert (classified["class"], classified["missing"]) == ("Khá", "1")
    assert classified["better"] == {"class": "Tốt", "lower": "80"}


def test_a_tie_break_that_decided_is_named(told: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(told, tmp_path / "tied"))
    settings = folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8").replace(
        "  ties: min", "  ties: min\n  rank_by: published\n  decimals: 0\n  tie_break: [survey_points]"
    )
    settings.write_text(words, encoding="utf-8")
    with season_of(folder) as season:
        outcome = trace(season, "phu-phong")
    # Without decimals 78,5 is published as 79, as Bình Hòa's; 2,4 survey points against 2,1.
    above = outcome.data["ranking"]["above"][0]
    assert (above["unit"], above["decided_by"], above["difference_exact"]) == ("binh-hoa", "survey_points", "3/10")
    assert "decided by: survey points, 0.3 between them" in said(outcome)


def test_a_branch_is_told_with_its_share_of_the_index(season: Season) -> None:
    data = trace(season, "tay-an", "1").data
    # 2 + 1,25 + 1,8 = 5,05 of 10 points.
    assert (data["points"], data["share_exact"], data["attainable_points"]) == ("5.05", "101/2", "6")
    assert [part["source"] for part in data["parts"]] == ["finding", "ruling", "survey"]


def test_the_whole_cycle_tells_mean_classes_changes_and_explanations(season: Season) -> None:
    data = trace(season).data
    assert data["mean_index"] == {"exact": "227/3", "published": "75.67"}
    assert [(one["class"], one["count"]) for one in data["classes"]] == [("Xuất sắc", 0), ("Tốt", 0), ("Khá", 3)]
    # Lowered: 1.10 by 0,5 and 2.2 by 0,5; three claims of 5,25 and 0,25 more of Bình Hòa's: 16.
    appraisal = data["appraisal"]
    assert (appraisal["findings"], appraisal["lowered"], appraisal["claimed"], appraisal["points"]) == (
        12,
        2,
        "16",
        "15",
    )
    assert appraisal["departments"]["tu-phap"]["difference"] == "-0.5"
    explanation = data["explanation"]
    assert (explanation["lowered"], explanation["contested"], explanation["changed"]) == (2, 1, 1)
    assert explanation["meeting_rulings"] == 1
    assert data["provisional"] is False


def test_one_criterion_over_all_units_tells_mean_and_share(season: Season) -> None:
    data = trace(season, "all", "2.2").data
    # 0,5 + 1,5 + 1,25 = 3,25 of 6.
    assert (data["points"], data["mean_exact"], data["share_exact"]) == ("3.25", "13/12", "325/6")
    assert {line["unit"]: line["points"] for line in data["units"]} == {
        "tay-an": "0.5",
        "binh-hoa": "1.5",
        "phu-phong": "1.25",
    }


def test_the_mean_of_a_field_that_notices_print_is_told_where_it_is_not_the_share(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    office.fill_in("tay-an", c1_10={"not_occurred": "Không phát sinh", "self_score": None, "numerator": None})
    office.fill_in("binh-hoa")
    office.fill_in("phu-phong")
    office.run("collect")
    with season_of(office.folder, office.AFTER) as season:
        outcome = trace(season, "all", "1")
    # Tây An 2 of 4, the others 2 + 1,5 of 6, no survey yet: 9 of 16 points; (1/2 + 7/12 + 7/12) / 3 = 5/9.
    assert (outcome.data["points"], outcome.data["share"]) == ("9", "56.25")
    assert (outcome.data["mean_percent_exact"], outcome.data["mean_percent"]) == ("500/9", "55.56")
    assert "the mean of the units' own percentages, as in notices and pages, is 55.56 %" in said(outcome)


# ---- refusals ---------------------------------------------------------------------------------------------------


def test_nothing_is_traced_before_anything_was_collected(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    with season_of(office.folder, office.BEFORE) as season, pytest.raises(NotNow, match="collect"):
        trace(season, "tay-an")


@pytest.mark.parametrize(("unit", "code"), [("tay-an", "9.9"), ("all", "Z"), ("", "9.9")])
def test_a_code_that_means_nothing_is_refused_with_those_there_are(season: Season, unit: str, code: str) -> None:
    with pytest.raises(CchcError) as refused:
        trace(season, unit, code)
    assert refused.value.code == "criterion_unknown"
    assert "1.10" in refused.value.fix.said_in("en")


@pytest.mark.parametrize(
    ("unit", "code", "fix"),
    [
        ("tay-an", "2.22", "did you mean 2.2 ("),
        ("tay-an", "C1", "did you mean C.1 ("),
        ("tay-ann", "", "did you mean tay-an (Xã Tây An)? all units stand in units.csv"),
        ("Xã Tây Ân", "", ""),
        ("xã", "", "choose one of: tay-an (Xã Tây An), binh-hoa (Xã Bình Hòa)"),
        ("khong-co", "", "choose one of: tay-an (Xã Tây An), binh-hoa (Xã Bình Hòa), phu-phong (Thị trấn Phú Phong)"),
    ],
)
def test_a_unit_or_code_that_is_not_there_is_refused_with_what_was_meant(
    season: Season, unit: str, code: str, fix: str
) -> None:
    if not fix:
        assert trace(season, unit, code).data["unit"]["code"] == "tay-an"
        return
    with pytest.raises(CchcError) as refused:
        trace(season, unit, code)
    assert refused.value.code == ("criterion_unknown" if code else "unit_unknown")
    assert fix in refused.value.fix.said_in("en")


def test_among_many_units_only_those_that_may_be_meant_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "cycle"
    init(folder, template="province-2026")
    roster = (folder / "units.csv").read_text(encoding="utf-8")
    more = "".join(f"don-vi-{n},Xã Số {n},xã,,yes,x{n}@example.gov.vn\n" for n in range(168))
    (folder / "units.csv").write_text(roster + more, encoding="utf-8")
    cycle = load_cycle(folder)
    for name, count in (("don-vi", 5), ("xã", 20), ("khong-co-dau", 0)):
        with pytest.raises(CchcError) as refused:
            cycle.unit(name)
        assert refused.value.fix.said_in("en").count("(Xã ") == count


def test_a_trace_changes_nothing(told: Path) -> None:
    def state() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in told.rglob("*") if file.is_file()}

    before = state()
    with season_of(told, END) as season:
        for arguments in ((), ("tay-an",), ("tay-an", "2.2"), ("all", "2.2"), ("tay-an", "1")):
            trace(season, *arguments)
    assert state() == before
