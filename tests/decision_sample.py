"""A realistic decision for the tests of the papers: 8 fields, 100 points of which 30 from the survey.

Worked out by hand: every unit loses 2 points in 1.1. With i = 7 · (place in the roster) mod 15 it loses i/2 more
in each of 1.1, 3.1 and 7.1, and 0.13 · i in the survey of 8.2. So its total is 98 - 1.63 · i:
i = 0: 98; 4: 91.48; 5: 89.85; 11: 80.07; 12: 78.44; 14: 75.18. The third unit (i = 14) has a bonus of 0.5 and
comes to 75.68; the sixth (i = 5) a penalty of 0.25 and comes to 89.60.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from cchc_sheets.assessment.criteria import Adjustment, CriteriaSet, Criterion
from cchc_sheets.assessment.index import StandingPoints, compute_result
from cchc_sheets.assessment.ranking import ClassBand, Policies, standings
from cchc_sheets.assessment.scoring import Points, Survey
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.decision import Basis, Decision, Letterhead

TEMPLATE = Path(__file__).parent.parent / "sheet_templates" / "papers" / "decision.docx"

NAMES = (
    "Thị trấn Phú Phong", "Xã Bình Tân", "Xã Tây Thuận", "Xã Bình Thuận", "Xã Tây Giang", "Xã Bình Thành",
    "Xã Tây An", "Xã Bình Hòa", "Xã Tây Bình", "Xã Bình Tường", "Xã Tây Vinh", "Xã Vĩnh An", "Xã Tây Xuân",
    "Xã Bình Nghi", "Xã Tây Phú",
)  # fmt: skip
FIELDS = (
    ("Công tác chỉ đạo, điều hành cải cách hành chính", "14", "2"),
    ("Cải cách thể chế", "6", "3"),
    ("Cải cách thủ tục hành chính", "15", "5"),
    ("Cải cách tổ chức bộ máy hành chính nhà nước", "5", "2"),
    ("Cải cách chế độ công vụ", "7", "4"),
    ("Cải cách tài chính công", "6.5", "1.5"),
    ("Xây dựng, phát triển chính quyền điện tử, chính quyền số", "12.5", "2.5"),
    ("Tác động của cải cách hành chính đến người dân, tổ chức và phát triển kinh tế - xã hội", "4", "10"),
)
BANDS = tuple(
    ClassBand(name, Decimal(lower))
    for name, lower in (("Xuất sắc", "90"), ("Tốt", "80"), ("Khá", "65"), ("Trung bình", "50"), ("Yếu", "0"))
)
ADJUSTMENTS = (
    Adjustment("ĐC1", "Có sáng kiến cải cách hành chính được công nhận", "bonus", Decimal("0.5"), Decimal(2), "pnv"),
    Adjustment("ĐT1", "Chậm nộp báo cáo", "penalty", Decimal("0.25"), Decimal(1), "pnv"),
)
LETTERHEAD = Letterhead(
    parent="",
    issuer=("ỦY BAN NHÂN DÂN", "HUYỆN TÂY SƠN"),
    authority="Ủy ban nhân dân huyện Tây Sơn",
    place="Tây Sơn",
    symbol="QĐ-UBND",
    decider="CHỦ TỊCH ỦY BAN NHÂN DÂN HUYỆN TÂY SƠN",
    signer_title="CHỦ TỊCH",
    signer_name="Phan Chí Hùng",
)
LEGAL_BASES = (
    "Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015",
    "Luật sửa đổi, bổ sung một số điều của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương "
    "ngày 22 tháng 11 năm 2019",
    "Nghị quyết số 76/NQ-CP ngày 15 tháng 7 năm 2021 của Chính phủ ban hành Chương trình tổng thể cải cách hành "
    "chính nhà nước giai đoạn 2021 - 2030",
    "Kế hoạch số 291/KH-UBND ngày 30 tháng 12 năm 2022 của Ủy ban nhân dân huyện Tây Sơn về cải cách hành chính "
    "huyện Tây Sơn năm 2023",
)
RECIPIENTS = (
    "Sở Nội vụ tỉnh (b/c)",
    "Thường trực Huyện ủy (b/c)",
    "CT, các PCT UBND huyện",
    "Lưu: VT, PNV",
)


def criteria(*, with_adjustments: bool = True, fields: int = len(FIELDS)) -> CriteriaSet:
    """Return the set: each field has an appraised and a surveyed criterion."""
    tree = tuple(_field(str(place), *values) for place, values in enumerate(FIELDS[:fields], start=1))
    total = sum((field.max_points for field in tree), Decimal(0))
    survey = sum((Decimal(values[2]) for values in FIELDS[:fields]), Decimal(0))
    items = ADJUSTMENTS if with_adjustments else ()
    return CriteriaSet("Bộ chỉ số cải cách hành chính các xã, thị trấn năm 2023", total, survey, tree, items)


def sample(  # noqa: PLR0913 - what a season may differ in
    *,
    count: int = 15,
    names: tuple[str, ...] = NAMES,
    exclude: int = 0,
    with_survey: bool = True,
    with_adjustments: bool = True,
    unranked: tuple[int, ...] = (),
    policies: Policies | None = None,
    remarks: tuple[str, ...] = (),
) -> Decision:
    """Return a decision; the first `exclude` units have 2.1 excluded; more than 15 units repeat with a number."""
    policies = policies or Policies(BANDS)
    issued = criteria(with_adjustments=with_adjustments)
    units = [_unit(place, names, place not in unranked) for place in range(count)]
    bonus = {2: Decimal("0.5"), 5: Decimal("-0.25")} if with_adjustments else {}
    results = [
        compute_result(
            unit.code,
            issued,
            _standing(place, issued, is_excluded=place < exclude),
            adjustment_points=bonus.get(place, Decimal(0)),
            with_survey=with_survey,
        )
        for place, unit in enumerate(units)
    ]
    return Decision(
        letterhead=LETTERHEAD,
        year=2023,
        date_line_year=2023,
        subject="phê duyệt kết quả Chỉ số cải cách hành chính các xã, thị trấn trên địa bàn huyện Tây Sơn năm 2023",
        units_phrase="các xã, thị trấn trên địa bàn huyện Tây Sơn",
        legal_bases=LEGAL_BASES,
        proposal="Trưởng phòng Nội vụ tại Tờ trình số        /TTr-PNV ngày      tháng 12 năm 2023",
        implementers="Chánh Văn phòng Hội đồng nhân dân và Ủy ban nhân dân huyện, Trưởng phòng Nội vụ, Chủ tịch Ủy ban "
        "nhân dân các xã, thị trấn và Thủ trưởng các cơ quan, đơn vị có liên quan",
        recipients=RECIPIENTS,
        standings=standings(units, results, policies),
        policies=policies,
        criteria=issued,
        basis=Basis("3f9a" * 16, 412, "b07c" * 16, "0.1.0"),
        remarks=remarks,
    )


def _unit(place: int, names: tuple[str, ...], ranked: bool) -> Unit:
    name = names[place % len(names)] + (f" {place // len(names) + 1}" if place >= len(names) else "")
    kind = "township" if name.startswith("Thị trấn") else "commune"
    return Unit(f"U{place + 1:03d}", name, kind, ranked=ranked)


def _field(code: str, title: str, appraised: str, surveyed: str) -> Criterion:
    parts = (
        Criterion(
            f"{code}.1",
            "Phần thẩm định",
            Decimal(appraised),
            "pnv",
            Points(),
            not_occurred="exclude" if code == "2" else None,
        ),
        Criterion(f"{code}.2", "Phần điều tra xã hội học", Decimal(surveyed), rule=Survey()),
    )
    return Criterion(code, title, Decimal(appraised) + Decimal(surveyed), "pnv", parts=parts)


def _standing(place: int, issued: CriteriaSet, *, is_excluded: bool) -> dict[str, StandingPoints]:
    i = Decimal(7 * place % 15)
    lost = {"1.1": 2 + i / 2, "3.1": i / 2, "7.1": i / 2, "8.2": Decimal("0.13") * i + place // 15 * Decimal("0.01")}
    return {
        leaf.code: StandingPoints(None, "finding", is_excluded=True)
        if is_excluded and leaf.code == "2.1"
        else StandingPoints(leaf.max_points - lost.get(leaf.code, 0), "survey" if leaf.is_surveyed else "finding")
        for leaf in issued.leaves
    }
