"""What `finalise` says while points from outside the sheets are missing: which, and what helps."""

from __future__ import annotations

from office import CRITERIA, Office


def collected_with(office: Office, criteria: str) -> Office:
    (office.folder / "criteria.yaml").write_text(criteria, encoding="utf-8")
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    for unit in office.UNITS:
        office.fill_in(unit)
    assert office.run("collect", now=office.AFTER).exit_code == 0
    return office


def give(office: Office, content: str) -> None:
    (office.folder / "points.csv").write_text(content, encoding="utf-8")
    assert office.run("survey", str(office.folder / "points.csv")).json["data"]["recorded"] is True


def refused(office: Office) -> tuple[str, str, str]:
    error = office.run("finalise", "--dry-run").json["error"]
    assert error["code"] == "points_missing"
    return error["what"], error["where"], error["fix"]


IMPORTED = CRITERIA.replace(
    "title: Khảo sát\n        max_points: 2\n        method: survey",
    "title: Dịch vụ công\n        max_points: 2\n        method: imported",
).replace("survey_points: 3", "survey_points: 1")
"""1.2 comes from another system, 2.3 from the survey."""


def test_points_of_another_system_are_no_survey_and_have_their_own_advice(office: Office) -> None:
    collected_with(office, IMPORTED)
    what, _, fix = refused(office)
    assert what == "3 đơn vị chưa có điểm điều tra xã hội học (2.3) hoặc điểm từ hệ thống khác (1.2)"
    assert fix == (
        "chạy `survey` với tệp khảo sát và với bảng điểm có cột cho từng tiêu chí 1.2; "
        "without_survey trong cycle.yaml chỉ thay được điểm khảo sát"
    )
    give(office, "unit;2.3\ntay-an;0,5\nbinh-hoa;0,5\nphu-phong;0,5\n")
    what, where, fix = refused(office)
    assert what == "3 đơn vị chưa có điểm từ hệ thống khác (1.2)"
    assert where.startswith("Xã Tây An chưa có điểm của tiêu chí 1.2; Xã Bình Hòa")
    assert fix == "chạy `survey` với bảng điểm có cột cho từng tiêu chí 1.2"
    give(office, "unit;1.2\ntay-an;1\nbinh-hoa;1\n")
    assert refused(office)[:2] == (
        "1 đơn vị chưa có điểm từ hệ thống khác (1.2)",
        "Thị trấn Phú Phong chưa có điểm của tiêu chí 1.2",
    )


def test_without_a_survey_is_advised_only_while_no_point_of_it_has_come(office: Office) -> None:
    collected_with(office, CRITERIA)
    what, _, fix = refused(office)
    assert what == "3 đơn vị chưa có điểm điều tra xã hội học (1.2, 2.3)"
    assert "without_survey" in fix
    give(office, "unit;1.2;2.3\ntay-an;1;0,5\n")
    what, _, fix = refused(office)
    assert what == "2 đơn vị chưa có điểm điều tra xã hội học (1.2, 2.3)"
    assert fix == "chạy `survey` với các điểm còn thiếu, hoặc với bảng điểm do Hội đồng quyết định"
