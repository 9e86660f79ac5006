"""`criteria`: the set as it is understood, or all that is said of one code."""

from __future__ import annotations

from office import Office


def test_the_whole_set_is_shown_in_its_order_with_what_counts_how_much(office: Office) -> None:
    run = office.run("criteria")
    assert run.exit_code == 0
    data = run.json["data"]
    shown = [(one["code"], one["parent"], one["max_points"], one["method"]) for one in data["criteria"]]
    assert shown == [
        ("1", None, "6", None),
        ("1.1", "1", "2", "levels"),
        ("1.10", "1", "2", "ratio"),
        ("1.2", "1", "2", "survey"),
        ("2", None, "4", None),
        ("2.1", "2", "1", "count"),
        ("2.2", "2", "2", "points"),
        ("2.3", "2", "1", "survey"),
    ]
    assert (data["total_points"], data["survey_points"]) == ("10", "3")
    assert [(item["code"], item["kind"], item["cap"]) for item in data["adjustments"]] == [
        ("C.1", "bonus", "1"),
        ("T.1", "penalty", "1"),
    ]


def test_people_read_the_method_the_department_and_the_sums(office: Office) -> None:
    said = office.run("criteria", as_json=False).out
    line = next(line for line in said.splitlines() if "| 1.10 " in line)
    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        *("1.10", "Nhiệm vụ hoàn thành", "2", "theo tỷ lệ", "Phòng Nội vụ"),
    ]
    assert "2 lĩnh vực, 6 tiêu chí thành phần, 10 điểm (7 điểm thẩm định, 3 điểm điều tra xã hội học)" in said


def test_of_one_code_the_whole_rule_is_told(office: Office) -> None:
    data = office.run("criteria", "1.10").json["data"]
    (told,) = data["criteria"]
    assert told["parent"] == "1"
    assert told["rule"].splitlines() == [
        "Tỷ lệ = Số hoàn thành ÷ Số được giao.",
        "• Điểm = tỷ lệ × 2, tối đa 2 điểm.",
        "• Dưới 50%: 0 điểm.",
        "• Không phát sinh trong năm: không tính vào điểm tối đa.",
    ]
    assert data["adjustments"] == []
    assert "tối đa 1 điểm" in office.run("criteria", "T.1", as_json=False).out


def test_a_code_that_stands_nowhere_is_refused_with_those_there_are(office: Office) -> None:
    run = office.run("criteria", "1.11")
    assert (run.exit_code, run.json["error"]["code"]) == (1, "criterion_unknown")
    assert run.json["error"]["what"] == "«1.11» không phải mã nào của bộ tiêu chí"
    assert "1.1 (Kế hoạch năm)" in run.json["error"]["fix"]
