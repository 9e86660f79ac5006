"""Annex III: how the numbers were made, in sentences a citizen can follow and an inspector can repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import Adjustment, CriteriaSet
from cchc_sheets.assessment.ranking import FIELD_TIE_BREAK, ClassBand, Policies
from cchc_sheets.publication.decision import Basis, Decision
from cchc_sheets.publication.wording import counted, counted_total, has_survey, plain

_GROUPS: Final = {
    "all": "Tất cả các đơn vị được xếp hạng chung",
    "kind": "Các đơn vị được xếp hạng riêng theo từng loại đơn vị hành chính",
    "group": "Các đơn vị được xếp hạng riêng theo từng nhóm",
}
_TIES: Final = {
    "min": "các đơn vị tiếp theo được xếp hạng sau khi trừ số đơn vị đồng hạng (1, 2, 2, 4)",
    "dense": "các đơn vị tiếp theo được xếp hạng liền sau (1, 2, 2, 3)",
}
_TIE_BREAKS: Final = {
    "appraisal_points": "điểm thẩm định",
    "survey_points": "điểm điều tra xã hội học",
    "adjustment_points": "điểm cộng, trừ",
    "self_points": "điểm tự chấm",
}
_DIGEST_WORD: Final = 8


def method_lines(decision: Decision) -> list[str]:
    """Return the paragraphs of Annex III: numbered sections, the items of a section led by a dash."""
    sections = (
        _criteria(decision),
        _index(decision),
        _rounding(decision.policies),
        _sources(decision),
        _not_occurred(decision),
        _adjustments(decision.criteria.adjustments),
        _ranking(decision),
        _classes(decision.policies),
        _gaps(decision),
        _remarks(decision.remarks),
        _basis(decision.basis),
    )
    lines: list[str] = []
    number = 0
    for section in sections:
        for place, line in enumerate(section):
            number += place == 0
            lines.append(f"{number}. {line}" if place == 0 else line)
    return lines


def grouped_digest(digest: str) -> str:
    """Return a digest in words of equal length, so that it wraps and can be compared by eye."""
    digest = plain(digest)
    return " ".join(digest[at : at + _DIGEST_WORD] for at in range(0, len(digest), _DIGEST_WORD))


def band_phrases(bands: Sequence[ClassBand]) -> list[str]:
    """Return each class with its limits, from the best down."""
    ordered = sorted(bands, key=lambda band: band.lower, reverse=True)
    if len(ordered) == 1:
        return [f"{plain(ordered[0].name)}: mọi mức Chỉ số"]
    limits = [vietnamese.number(band.lower) for band in ordered]
    middle = [
        f"{plain(band.name)}: từ {limits[place]}% đến dưới {limits[place - 1]}%"
        for place, band in enumerate(ordered[1:-1], start=1)
    ]
    best = f"{plain(ordered[0].name)}: từ {limits[0]}% trở lên"
    return [best, *middle, f"{plain(ordered[-1].name)}: dưới {limits[-2]}%"]


def _points(value: Decimal) -> str:
    return vietnamese.number(value)


def _criteria(decision: Decision) -> Iterator[str]:
    criteria = decision.criteria
    split = ""
    if criteria.survey_points:
        split = (
            f", gồm {_points(criteria.appraised_points)} điểm thẩm định "
            f"và {_points(criteria.survey_points)} điểm điều tra xã hội học"
        )
    yield (
        f"Bộ tiêu chí áp dụng: “{plain(criteria.title)}”, {counted(len(criteria.fields))} lĩnh vực, "
        f"{counted(len(criteria.leaves))} tiêu chí thành phần, tổng điểm {_points(criteria.total_points)}{split}:"
    )
    for place, field in enumerate(criteria.fields, start=1):
        end = "." if place == len(criteria.fields) else ";"
        yield f"- Lĩnh vực {plain(field.code)}. {plain(field.title)}: {_points(field.max_points)} điểm{end}"


def _index(decision: Decision) -> Iterator[str]:
    with_survey = has_survey(decision.standings)
    parts = ["điểm thẩm định"]
    parts += ["điểm điều tra xã hội học"] if with_survey else []
    parts += ["điểm cộng, trừ"] if decision.criteria.adjustments else []
    total = _points(counted_total(decision.criteria, with_survey=with_survey))
    yield (
        f"Chỉ số cải cách hành chính của mỗi đơn vị (%) = tổng điểm đạt được ({' + '.join(parts)}) : điểm tối đa "
        f"đơn vị có thể đạt × 100. Điểm tối đa có thể đạt là {total} điểm, trừ điểm của các tiêu chí được loại ra "
        "do không phát sinh (nếu có)."
    )
    if decision.criteria.survey_points and not with_survey:
        yield (
            "- Kỳ đánh giá này không sử dụng điểm điều tra xã hội học; "
            f"phần điểm thẩm định ({total} điểm) được quy đổi về thang 100%."
        )


def _rounding(policies: Policies) -> Iterator[str]:
    yield (
        "Mọi phép tính được thực hiện trên số chính xác, không làm tròn ở các bước trung gian; Chỉ số chỉ được làm "
        f"tròn một lần khi công bố, đến {counted(policies.decimals)} chữ số thập phân theo quy tắc làm "
        "tròn nửa lên."
    )


def _sources(decision: Decision) -> Iterator[str]:
    ruled = ""
    if any(stands.source == "ruling" for one in decision.standings for stands in one.result.standing.values()):
        ruled = (
            "; tiêu chí đã có kết luận sau giải trình hoặc kết luận của cuộc họp thì lấy điểm kết luận, thay cho điểm "
            "thẩm định"
        )
    yield (
        "Điểm đạt được của từng tiêu chí là điểm do cơ quan thẩm định xác định; tiêu chí không bị điều chỉnh giữ "
        f"nguyên điểm tự chấm của đơn vị{ruled}."
    )
    given = [leaf for leaf in decision.criteria.leaves if not leaf.is_self_scored and not leaf.is_surveyed]
    if given:
        codes = ", ".join(plain(leaf.code) for leaf in given)
        most = sum((leaf.max_points for leaf in given), Decimal(0))
        yield (
            f"- Tiêu chí {codes} (tối đa {_points(most)} điểm, "
            "tính vào điểm thẩm định): điểm lấy từ số liệu của cơ quan, hệ thống cấp trên, đơn vị không tự chấm."
        )
    if has_survey(decision.standings) and decision.criteria.survey_points:
        yield (
            f"- Điểm điều tra xã hội học (tối đa {_points(decision.criteria.survey_points)} điểm) lấy từ kết quả "
            "điều tra, đơn vị không tự chấm."
        )


def _not_occurred(decision: Decision) -> Iterator[str]:
    leaves = decision.criteria.leaves
    treated = {
        treatment: ", ".join(plain(leaf.code) for leaf in leaves if leaf.not_occurred == treatment)
        for treatment in ("full", "exclude")
    }
    if not any(treated.values()):
        yield "Bộ tiêu chí không có tiêu chí được tính là “không phát sinh”."
        return
    yield "Tiêu chí có nội dung “không phát sinh” trong năm và được cơ quan thẩm định chấp nhận:"
    if treated["full"]:
        yield f"- Được tính điểm tối đa: {treated['full']}."
    if treated["exclude"]:
        yield f"- Được loại khỏi điểm tối đa có thể đạt: {treated['exclude']}."
    yield from _excluded(decision)


def _excluded(decision: Decision) -> Iterator[str]:
    """Say for which units a criterion was left out, units with the same ones together."""
    units: dict[tuple[tuple[str, ...], Decimal], list[str]] = {}
    for standing in decision.standings:
        stands = standing.result.standing
        codes = tuple(plain(leaf.code) for leaf in decision.criteria.leaves if stands[leaf.code].is_excluded)
        if codes:
            units.setdefault((codes, standing.result.attainable_points), []).append(plain(standing.unit.name))
    for (codes, attainable), names in units.items():
        yield (
            f"- Loại tiêu chí {', '.join(codes)} (điểm tối đa có thể đạt là {_points(attainable)}): "
            f"{', '.join(sorted(names, key=vietnamese.sort_key))}."
        )


def _adjustments(items: Sequence[Adjustment]) -> Iterator[str]:
    if not items:
        yield "Kỳ đánh giá này không áp dụng điểm cộng, điểm trừ."
        return
    yield "Điểm cộng, điểm trừ:"
    for item in items:
        kind = "Điểm cộng" if item.kind == "bonus" else "Điểm trừ"
        scope = ""
        if item.criterion:
            floor = "có thể xuống dưới 0" if item.below_zero else "không xuống dưới 0"
            scope = f"; trừ vào tiêu chí {plain(item.criterion)}, {floor}"
        yield (
            f"- {kind} {plain(item.code)}. {plain(item.title)}: {_points(item.per_item)} điểm mỗi trường hợp, "
            f"tối đa {_points(item.cap)} điểm{scope}."
        )


def _ranking(decision: Decision) -> Iterator[str]:
    policies = decision.policies
    value = "chính xác, chưa làm tròn" if policies.rank_by == "exact" else "đã làm tròn để công bố"
    yield f"Xếp hạng: {_GROUPS[policies.groups]}, từ cao đến thấp theo Chỉ số {value}."
    if policies.tie_break:
        order = ", ".join(_tie_break(name, decision.criteria) for name in policies.tie_break)
        yield f"- Khi Chỉ số bằng nhau, đơn vị có giá trị cao hơn được xếp trên, lần lượt theo: {order}."
    yield f"- Các đơn vị vẫn bằng nhau được xếp đồng hạng; {_TIES[policies.ties]}."
    unranked = sorted((plain(s.unit.name) for s in decision.standings if s.rank is None), key=vietnamese.sort_key)
    if unranked:
        yield f"- Được chấm điểm nhưng không xếp hạng: {', '.join(unranked)}."


def _tie_break(name: str, criteria: CriteriaSet) -> str:
    if not name.startswith(FIELD_TIE_BREAK):
        return _TIE_BREAKS[name]
    field = criteria.by_code[name.removeprefix(FIELD_TIE_BREAK)]
    return f"điểm lĩnh vực {plain(field.code)} ({plain(field.title)})"


def _classes(policies: Policies) -> Iterator[str]:
    value = "chính xác, chưa làm tròn" if policies.class_by == "exact" else "đã làm tròn để công bố"
    yield f"Xếp loại theo Chỉ số {value}: {'; '.join(band_phrases(policies.bands))}."


def _gaps(decision: Decision) -> Iterator[str]:
    waiting = [standing for standing in decision.standings if standing.result.gaps]
    if waiting:
        yield "Tiêu chí chưa có điểm tại thời điểm lập, được tính 0 điểm:"
        for standing in waiting:
            yield f"- {plain(standing.unit.name)}: {', '.join(plain(code) for code in standing.result.gaps)}."


def _remarks(remarks: Sequence[str]) -> Iterator[str]:
    if remarks:
        yield "Các trường hợp được ghi nhận riêng:"
        for place, remark in enumerate(remarks, start=1):
            yield f"- {plain(remark).rstrip('.;')}{'.' if place == len(remarks) else ';'}"


def _basis(basis: Basis) -> Iterator[str]:
    yield (
        "Số liệu được lập từ sổ theo dõi điện tử và có thể tính lại từ sổ này bằng phần mềm cchc-sheets "
        f"phiên bản {plain(basis.program_version)}:"
    )
    yield f"- Sổ theo dõi: {basis.entries} bản ghi, mã kiểm tra {grouped_digest(basis.ledger_digest)}."
    yield f"- Bộ tiêu chí và các thiết lập: mã kiểm tra {grouped_digest(basis.configuration_digest)}."
