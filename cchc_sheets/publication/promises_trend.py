"""What report and notices have to say of last year, worked out once more from what was read and what was finalised.

Nothing here is shared with the code that compares and lays out: predecessors, sums, means and signs are found anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.past import PastUnit
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.trend import Trend
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_readback import Expected, Key, Value, visible
from cchc_sheets.publication.readback import half_up


def trend_tables(facts: Facts, ordered: Sequence[Standing]) -> tuple[Expected, ...]:
    """Return the tables of fields and of units that hold this year against last year; none where nothing is held."""
    if facts.trend is None:
        return ()
    year = facts.trend.past.year
    units: dict[Key, dict[str, Value]] = {
        (str(place), one.unit.name): _unit_row(facts, facts.trend, one) for place, one in enumerate(ordered, start=1)
    }
    fields: dict[Key, dict[str, Value]] = {}
    for field in facts.criteria.fields:
        before, now = _field_shares(facts, facts.trend, field)
        fields[field.code, field.title] = {
            f"Năm {year} (%)": before,
            f"Năm {facts.year} (%)": now,
            "Tăng, giảm": None if before is None or now is None else now - before,
        }
    has_fields = any(row["Tăng, giảm"] is not None for row in fields.values())
    return (Expected(("TT", "Đơn vị"), units), *([Expected(("TT", "Lĩnh vực"), fields)] if has_fields else []))


def trend_sentences(facts: Facts) -> tuple[str, ...]:
    """Return the sentences of the report that count, average and name the most changed."""
    if facts.trend is None:
        return ()
    trend, decimals = facts.trend, facts.policies.decimals
    pairs = [(one, before) for one in facts.standings if (before := _before(trend, one)) is not None]
    changes = {one.unit.code: one.published_index - half_up(before, decimals) for one, before in pairs}
    rises, falls = sum(c > 0 for c in changes.values()), sum(c < 0 for c in changes.values())
    mean_before = half_up(sum((before for _, before in pairs), Fraction(0)) / len(pairs), decimals)
    mean_now = half_up(sum((one.result.index for one, _ in pairs), Fraction(0)) / len(pairs), decimals)
    told = [
        f"{len(pairs):02d}/{len(facts.standings):02d} đơn vị",
        f"{_count(rises)} đơn vị tăng, {_count(falls)} đơn vị giảm, "
        f"{_count(len(changes) - rises - falls)} đơn vị giữ nguyên Chỉ số",
        f"là {_percent(mean_now, decimals)}, năm {trend.past.year} là {_percent(mean_before, decimals)}",
    ]
    names = {one.unit.code: visible(one.unit.name) for one in facts.standings}
    for extreme in (max(changes.values()), min(changes.values())):
        most = [names[code] for code, change in changes.items() if change == extreme]
        is_told = extreme > 0 if extreme == max(changes.values()) else extreme < 0
        if is_told and len(most) == 1:
            sign = "+" if extreme > 0 else "-"
            told.append(f"{most[0]} ({sign}{vietnamese.fixed(abs(extreme), decimals)} điểm phần trăm)")
    return tuple(told)


def notice_trend_sentences(facts: Facts, standing: Standing) -> Iterator[str]:
    """Yield what a unit's notice says of last year."""
    trend = facts.trend
    before = None if trend is None else _before(trend, standing)
    if trend is None or before is None:
        return
    decimals = facts.policies.decimals
    printed = half_up(before, decimals)
    change = standing.published_index - printed
    yield f"năm {trend.past.year} Chỉ số là {_percent(printed, decimals)}"
    if change:
        way = "tăng" if change > 0 else "giảm"
        yield f"năm nay {way} {vietnamese.fixed(abs(change), decimals)} điểm phần trăm"
    else:
        yield "năm nay không đổi"
    predecessors = trend.units[standing.unit.code].predecessors
    if len(predecessors) > 1:
        yield f"(bình quân của {', '.join(visible(one.name) for one in predecessors)})"
    places = _places(trend, standing)
    if places is not None:
        yield f", xếp hạng {places[0]}; năm nay"
        yield f", {places[1]}"


def _unit_row(facts: Facts, trend: Trend, standing: Standing) -> dict[str, Value]:
    before = _before(trend, standing)
    printed = None if before is None else half_up(before, facts.policies.decimals)
    predecessors = trend.units[standing.unit.code].predecessors
    row: dict[str, Value] = {
        f"Chỉ số {trend.past.year} (%)": printed,
        f"Chỉ số {facts.year} (%)": standing.published_index,
        "Tăng, giảm": None if printed is None else standing.published_index - printed,
    }
    if any(_places(trend, one) is not None for one in facts.standings):
        before_rank, places = _places(trend, standing) or (None, None)
        among = [one for one in facts.standings if one.rank is not None and one.group == standing.group]
        now = "không xếp hạng" if standing.rank is None else f"{standing.rank}/{len(among)}"
        row |= {f"Hạng {trend.past.year}": before_rank, f"Hạng {facts.year}": now, "Thay đổi hạng": places}
    if len(predecessors) > 1:
        row["Ghi chú"] = f"Bình quân của {', '.join(visible(one.name) for one in predecessors)}"
    elif not predecessors:
        is_new = trend.units[standing.unit.code].is_said_new
        row["Ghi chú"] = "Đơn vị mới" if is_new else "Không có tên trong kết quả năm trước"
    return row


def _before(trend: Trend, standing: Standing) -> Fraction | None:
    predecessors = trend.units[standing.unit.code].predecessors
    if not predecessors:
        return None
    return sum((one.index for one in predecessors), Fraction(0)) / len(predecessors)


def _places(trend: Trend, standing: Standing) -> tuple[str, str] | None:
    """Return last year's rank among how many, and the words for its change; None where ranks do not compare."""
    predecessors = trend.units[standing.unit.code].predecessors
    if len(predecessors) != 1 or trend.units[standing.unit.code].rank is None:
        return None
    before: PastUnit = predecessors[0]
    if before.rank is None or standing.rank is None:
        return None
    among = [one for one in trend.past.units if one.rank is not None and one.group == before.group]
    places = before.rank - standing.rank
    words = "giữ nguyên" if not places else f"{'tăng' if places > 0 else 'giảm'} {abs(places)} bậc"
    return f"{before.rank}/{len(among)}", words


def _field_shares(facts: Facts, trend: Trend, field: Criterion) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """Add up a field over the units that had points to gain in it both years; nothing where it is not comparable.

    Predecessors of one unit have one voice: their mean percentage, of the mean of what was attainable for them.
    """
    counterpart = trend.counterparts.get(field.code)
    sums = [Fraction(0)] * 4
    for standing in facts.standings:
        past = [
            one.reached.get(counterpart.code) for one in trend.units[standing.unit.code].predecessors if counterpart
        ]
        parts = [part for part in past if part is not None and part.attainable]
        own = next(one for one in standing.result.fields if one.code == field.code)
        if not parts or not own.attainable_points:
            continue
        attainable = sum((Fraction(part.attainable) for part in parts), Fraction(0)) / len(parts)
        part_reached = sum((Fraction(part.points) / Fraction(part.attainable) for part in parts), Fraction(0)) / len(
            parts
        )
        told = (part_reached * attainable, attainable, Fraction(own.points), Fraction(own.attainable_points))
        sums = [so_far + more for so_far, more in zip(sums, told, strict=True)]
    if not sums[1]:
        return None, None
    return half_up(sums[0] / sums[1] * 100, 2), half_up(sums[2] / sums[3] * 100, 2)


def _count(count: int) -> str:
    return f"{count:02d}" if count else "0"


def _percent(value: Decimal, decimals: int) -> str:
    return f"{vietnamese.fixed(value, decimals)}%"
