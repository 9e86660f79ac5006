"""A publication made from the sample decision, with what people claimed, found, ruled and remarked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from decision_sample import sample

from cchc_sheets.outcome import plain_decimal
from cchc_sheets.publication.decision import Decision
from cchc_sheets.publication.page_content import Adjusted, Picture, Place, Publication, Score

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60"><rect width="200" height="60"/></svg>'
PICTURE = Picture("ranking.svg", "Xếp hạng", "Thị trấn Phú Phong đứng đầu với 98,00%.", SVG)


def published(decision: Decision | None = None, **changed: Any) -> Publication:
    """Return a publication: every unit claimed the maximum and was appraised to what stands.

    The second unit's 1.1 was contested and ruled; the third has a bonus, the sixth a penalty, as in the sample.
    """
    decision = decision or sample()
    scores: dict[Place, Score] = {}
    for standing in decision.standings:
        for leaf in decision.criteria.self_scored:
            stands = standing.result.standing[leaf.code]
            scores[standing.unit.code, leaf.code] = Score(
                self_points=None if stands.is_excluded else leaf.max_points,
                not_occurred=stands.is_excluded,
                is_appraised=True,
                appraised_points=stands.points,
                remark="" if stands.points in {None, leaf.max_points} else "Thiếu minh chứng\nở hai nhiệm vụ",
            )
    second = (decision.standings[1].unit.code, "1.1")
    stands = decision.standings[1].result.standing["1.1"]
    scores[second] = Score(Decimal(14), False, True, Decimal(5), stands.points, "Chưa đủ", "Đã bổ sung văn bản hợp lệ")
    publication = Publication(
        decision=decision,
        cycle="sample-2023",
        title="Chỉ số cải cách hành chính các xã, thị trấn năm 2023",
        authority="Ủy ban nhân dân huyện Tây Sơn",
        office="Phòng Nội vụ",
        departments={"pnv": "Phòng Nội vụ"},
        recorded=tuple(_recorded(decision)),
        scores=scores,
        adjusted=_adjusted(decision),
        pictures=(PICTURE,),
    )
    return Publication(**{**vars(publication), **changed})


def _adjusted(decision: Decision) -> dict[Place, Adjusted]:
    found = {}
    for standing in decision.standings:
        points = standing.result.adjustment_points
        if points:
            found[standing.unit.code, "ĐC1" if points > 0 else "ĐT1"] = Adjusted(abs(points), "Theo văn bản số 12")
    return found


def _recorded(decision: Decision) -> list[dict[str, Any]]:
    return [
        {
            "unit": standing.unit.code,
            "name": standing.unit.name,
            "index": str(standing.published_index),
            "index_exact": str(standing.result.index),
            "rank": standing.rank,
            "attainable_points": plain_decimal(standing.result.attainable_points),
        }
        for standing in decision.standings
    ]
