"""What the pages show of an earlier year: two columns of the ranking, a unit's own trend, and how it is compared."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from cchc_sheets import vietnamese
from cchc_sheets.assessment.trend import Trend, UnitTrend
from cchc_sheets.publication.paper_content import NOTHING
from cchc_sheets.publication.trend_words import caveat, moved, moved_points, origin, places_moved
from cchc_sheets.publication.wording import counted, several


@dataclass(frozen=True, slots=True)
class YearBefore:
    """One unit's trend: figures of the earlier year, and in words what has changed.

    Attributes:
        rank: `3/15`, "" where ranks do not compare; `places` the words for its change.
        origin: with whom the unit is compared, where that is not the unit of its own name.
    """

    year: str
    index: str
    change: str
    rank: str
    places: str
    origin: str


def before_words(one: UnitTrend, decimals: int) -> str:
    """Return the index of the earlier year, a dash for a unit without one."""
    return NOTHING if one.index is None else vietnamese.fixed(one.index.printed(decimals).before, decimals)


def change_words(one: UnitTrend, decimals: int) -> str:
    """Return the change of the index with its sign and in words: `+1,17 (tăng)`."""
    if one.index is None:
        return origin(one)
    change = one.index.printed(decimals).change
    if not change:
        return "không đổi"
    sign, way = ("+", "tăng") if change > 0 else ("−", "giảm")
    return f"{sign}{vietnamese.fixed(abs(change), decimals)} ({way})"


def compared_with(trend: Trend | None, unit: str) -> str:
    """Return with whom a unit is compared, where that is neither nobody nor the unit of its own name."""
    one = None if trend is None else trend.units[unit]
    return (
        ""
        if trend is None or one is None or one.is_unmatched or not origin(one)
        else f"{trend.past.year}: {origin(one)}"
    )


def place_of_index(one: UnitTrend) -> tuple[bool, Fraction]:
    """Return by what the earlier index is sorted: a unit without one below all others."""
    return (False, Fraction(0)) if one.index is None else (True, one.index.before)


def place_of_change(one: UnitTrend, decimals: int) -> tuple[bool, Fraction]:
    """Return by what the change is sorted."""
    return (False, Fraction(0)) if one.index is None else (True, Fraction(one.index.printed(decimals).change))


def year_before(trend: Trend | None, unit: str) -> YearBefore | None:
    """Return a unit's trend for its page; None where nothing is compared, that of a unit without one has no figures."""
    if trend is None:
        return None
    one = trend.units[unit]
    if one.index is None:
        return YearBefore(str(trend.past.year), "", "", "", "", origin(one))
    printed = one.index.printed(trend.decimals)
    return YearBefore(
        year=str(trend.past.year),
        index=vietnamese.fixed(printed.before, trend.decimals),
        change=moved_points(printed.change, trend.decimals),
        rank="" if one.rank is None else f"{one.rank.before}/{one.rank.of_before}",
        places="" if one.rank is None else places_moved(one.rank),
        origin=origin(one),
    )


def share_cells(trend: Trend | None, unit: str, code: str) -> tuple[str, str]:
    """Return a field's share of the earlier year, and in words how it has changed; dashes where it does not compare."""
    change = None if trend is None else trend.units[unit].shares.get(code)
    if trend is None or change is None:
        return NOTHING, NOTHING
    printed = change.printed(trend.decimals)
    return vietnamese.fixed(printed.before, trend.decimals), moved(printed.change, trend.decimals)


def overview(trend: Trend, *, with_survey: bool) -> str:
    """Return how the units as a whole have changed, in one paragraph."""
    year, mean = trend.past.year, trend.mean
    told = (
        f"So với năm {year}, trong {counted(len(trend.compared))} đơn vị so sánh được có {several(trend.risen)} đơn vị "
        f"tăng, {several(trend.fallen)} đơn vị giảm, {several(trend.unchanged)} đơn vị giữ nguyên Chỉ số."
    )
    if mean is not None:
        printed = mean.printed(trend.decimals)
        told += (
            f" Chỉ số bình quân của các đơn vị này: năm {year} là {vietnamese.fixed(printed.before, trend.decimals)}%, "
            f"năm nay là {vietnamese.fixed(printed.now, trend.decimals)}% "
            f"({moved_points(printed.change, trend.decimals)})."
        )
    warned = caveat(trend, with_survey=with_survey)
    return f"{told} {warned}." if warned else told


def method_of_comparison(trend: Trend) -> list[str]:
    """Return how the two years are compared, a sentence each."""
    return [
        "Chỉ số là tỷ lệ phần trăm nên được so sánh trực tiếp; mức tăng, giảm là hiệu của hai số đã công bố.",
        "Lĩnh vực được so sánh bằng tỷ lệ điểm đạt trên điểm tối đa có thể đạt của từng năm, không so số điểm, "
        "và chỉ khi lĩnh vực giữ nguyên mã và tên hoặc được cơ quan tổ chức đánh giá xác định là tương ứng.",
        "Đơn vị hợp nhất được so với bình quân cộng các đơn vị trước khi hợp nhất, không so thứ hạng; đơn vị mới, "
        "đơn vị không có tên trong kết quả năm trước không so sánh.",
        "Thứ hạng chỉ được so khi hai năm do cùng một cơ quan xếp hạng, chia nhóm xếp hạng như nhau và đơn vị ở "
        "cùng một nhóm.",
        f"Bình quân của năm {trend.past.year} và năm nay được tính trên cùng những đơn vị so sánh được.",
    ]
