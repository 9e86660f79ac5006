"""How a change since an earlier year is said: always with its sign or a word, never by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.trend import Printed, RankChange, Trend, UnitTrend
from cchc_sheets.publication.wording import counted, plain

NEW: Final = "đơn vị mới"
NOT_FOUND: Final = "không có tên trong kết quả năm trước"
SHARE_DECIMALS: Final = 2
"""How many decimals shares of fields and criteria have in papers."""
_MOST_NAMED: Final = 3


def difference(change: Decimal, decimals: int) -> str:
    """Return a change as a table shows it: `+1,17`, `-0,50`, `0,00`."""
    words = vietnamese.fixed(change, decimals)
    return f"+{words}" if change > 0 else words


def moved(change: Decimal, decimals: int) -> str:
    """Return a change in words: `tăng 1,17`, `giảm 0,50`, `không đổi`."""
    if not change:
        return "không đổi"
    return f"{'tăng' if change > 0 else 'giảm'} {vietnamese.fixed(abs(change), decimals)}"


def moved_points(change: Decimal, decimals: int) -> str:
    """Return the change of a percentage in words: `tăng 1,17 điểm phần trăm`, `không đổi`."""
    return f"{moved(change, decimals)} điểm phần trăm" if change else moved(change, decimals)


def places_moved(rank: RankChange) -> str:
    """Return the change of a rank in words: `tăng 2 bậc`, `giảm 1 bậc`, `giữ nguyên`."""
    if not rank.places:
        return "giữ nguyên"
    return f"{'tăng' if rank.places > 0 else 'giảm'} {abs(rank.places)} bậc"


def origin(unit: UnitTrend) -> str:
    """Return with what a unit is compared, where that is not the unit of its own name."""
    if unit.is_unmatched:
        return NEW if unit.is_said_new else NOT_FOUND
    names = [plain(one.name) for one in unit.predecessors]
    if unit.is_merged:
        return f"bình quân của {', '.join(names)}"
    is_renamed = vietnamese.comparable(names[0]) != vietnamese.comparable(plain(unit.unit.name))
    return f"trước là {names[0]}" if is_renamed else ""


def since(trend: Trend, unit: UnitTrend) -> str:
    """Return one sentence without its closing point: index and rank of the year before, and what has changed."""
    if unit.index is None:
        return ""
    printed = unit.index.printed(trend.decimals)
    words, year = origin(unit), trend.past.year
    whose = f" ({words})" if words else ""
    before = f"Chỉ số là {vietnamese.fixed(printed.before, trend.decimals)}%{whose}"
    now = moved_points(printed.change, trend.decimals)
    if unit.rank is not None:
        before += f", xếp hạng {unit.rank.before}/{unit.rank.of_before}"
        now += f", {places_moved(unit.rank)}" + ("" if unit.rank.places else " thứ hạng")
    return f"năm {year} {before}; năm nay {now}"


def most_changed(trend: Trend, *, risen: bool) -> str:
    """Name the units that have risen (or fallen) most with their change, or count them; "" if none has."""
    units, change = trend.extreme(risen=risen)
    if not units:
        return ""
    return f"{named([plain(one.unit.name) for one in units])} ({difference(change, trend.decimals)} điểm phần trăm)"


def named(names: Sequence[str]) -> str:
    """Name a few, count many."""
    return ", ".join(names) if len(names) <= _MOST_NAMED else f"{counted(len(names))} đơn vị"


def both_years(printed: Printed, decimals: int) -> str:
    """Return a share of both years: `từ 70,00% lên 85,00%`."""
    way = "lên" if printed.change > 0 else "xuống"
    return f"từ {vietnamese.fixed(printed.before, decimals)}% {way} {vietnamese.fixed(printed.now, decimals)}%"


def caveat(trend: Trend, *, with_survey: bool) -> str:
    """Say what makes the indices of the two years differ in kind; "" if nothing does."""
    if trend.past.with_survey == with_survey:
        return ""
    return f"Chỉ số năm {trend.past.year} {'có' if trend.past.with_survey else 'không'} gồm điều tra xã hội học"
