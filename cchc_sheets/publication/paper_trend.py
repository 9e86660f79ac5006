"""This year held against an earlier one in the synthesis report: counts, means, units and fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.trend import Printed, Trend
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.grid import Grid, GridColumn, Line
from cchc_sheets.publication.paper_content import NOTHING, title_of
from cchc_sheets.publication.standings_grids import grouped, in_printed_order, printed_index
from cchc_sheets.publication.trend_words import (
    SHARE_DECIMALS,
    both_years,
    caveat,
    difference,
    most_changed,
    moved_points,
    origin,
    places_moved,
)
from cchc_sheets.publication.wording import UNRANKED, counted, plain, several

_NAMES: Final = (
    "previous_year",
    "compared_count",
    "risen_count",
    "fallen_count",
    "unchanged_count",
    "new_units",
    "units_not_found",
    "mean_before",
    "mean_now",
    "mean_moved",
    "most_risen",
    "most_fallen",
    "risen_criterion",
    "fallen_criterion",
    "trend_caveat",
    "has_field_trend",
    "trend_field_table",
    "trend_table",
)


def trend_names(facts: Facts) -> dict[str, object]:
    """Return the names of the comparison, every one of them empty where nothing is compared."""
    names: dict[str, object] = dict.fromkeys(_NAMES, "")
    trend = facts.trend
    if trend is None or trend.mean is None:
        return names
    mean = trend.mean.printed(trend.decimals)
    return names | {
        "previous_year": str(trend.past.year),
        "compared_count": counted(len(trend.compared)),
        "risen_count": several(trend.risen),
        "fallen_count": several(trend.fallen),
        "unchanged_count": several(trend.unchanged),
        "new_units": _unmatched(trend, is_said_new=True),
        "units_not_found": _unmatched(trend, is_said_new=False),
        "mean_before": vietnamese.fixed(mean.before, trend.decimals),
        "mean_now": vietnamese.fixed(mean.now, trend.decimals),
        "mean_moved": moved_points(mean.change, trend.decimals),
        "most_risen": most_changed(trend, risen=True),
        "most_fallen": most_changed(trend, risen=False),
        "risen_criterion": _criterion(facts, trend, sign=1),
        "fallen_criterion": _criterion(facts, trend, sign=-1),
        "trend_caveat": caveat(trend, with_survey=facts.record.with_survey),
        "has_field_trend": any(field.code in trend.shares for field in facts.criteria.fields),
    }


def trend_grids(facts: Facts) -> dict[str, Grid]:
    """Return the tables of the comparison; none where nothing is compared."""
    trend = facts.trend
    if trend is None or trend.mean is None:
        return {}
    grids = {"trend_table": _unit_grid(facts, trend)}
    if any(field.code in trend.shares for field in facts.criteria.fields):
        grids["trend_field_table"] = _field_grid(facts, trend)
    return grids


def _unmatched(trend: Trend, *, is_said_new: bool) -> str:
    """Name the units without predecessors: those that are new, or those of which nobody has said so."""
    found = [one for one in trend.units.values() if one.is_unmatched and one.is_said_new is is_said_new]
    return ", ".join(plain(one.unit.name) for one in found)


def _criterion(facts: Facts, trend: Trend, *, sign: int) -> str:
    """Name the criterion whose share has risen (or fallen) most, the first of the set among equals."""
    leaves = [leaf for leaf in facts.criteria.leaves if leaf.code in trend.shares]
    changes = {leaf.code: trend.shares[leaf.code].printed(SHARE_DECIMALS) for leaf in leaves}
    best = max(leaves, key=lambda leaf: sign * changes[leaf.code].change, default=None)
    if best is None or sign * changes[best.code].change <= 0:
        return ""
    return f"{plain(best.code)}. {title_of(best)} ({both_years(changes[best.code], SHARE_DECIMALS)})"


def _field_grid(facts: Facts, trend: Trend) -> Grid:
    """Lay out each field's share of what was attainable, both years over the same units."""
    columns = (
        GridColumn("TT"),
        GridColumn("Lĩnh vực", 1, "left"),
        GridColumn(f"Năm {trend.past.year} (%)"),
        GridColumn(f"Năm {facts.year} (%)"),
        GridColumn("Tăng, giảm"),
    )
    lines = []
    for field in facts.criteria.fields:
        change = trend.shares.get(field.code)
        cells = (NOTHING,) * 3 if change is None else _figures(change.printed(SHARE_DECIMALS), SHARE_DECIMALS)
        lines.append(Line((plain(field.code), title_of(field), *cells)))
    return Grid(columns, tuple(lines), 12)


def _figures(printed: Printed, decimals: int) -> tuple[str, str, str]:
    before, now = vietnamese.fixed(printed.before, decimals), vietnamese.fixed(printed.now, decimals)
    return before, now, difference(printed.change, decimals)


def _unit_grid(facts: Facts, trend: Trend) -> Grid:
    """Lay out index and rank of every unit in both years, in the order of the ranking.

    Ranks of the earlier year, and remarks, have columns only where there are any.
    """
    standings = in_printed_order(facts.standings)
    units = [trend.units[one.unit.code] for one in standings]
    figures = [
        (NOTHING, printed_index(facts, standing), NOTHING)
        if one.index is None
        else _figures(one.index.printed(trend.decimals), trend.decimals)
        for standing, one in zip(standings, units, strict=True)
    ]
    columns = [
        ("TT", 0, [str(place) for place in range(1, len(standings) + 1)]),
        ("Đơn vị", 4, [plain(one.unit.name) for one in standings]),
        (f"Chỉ số {trend.past.year} (%)", 0, [before for before, _, _ in figures]),
        (f"Chỉ số {facts.year} (%)", 0, [now for _, now, _ in figures]),
        ("Tăng, giảm", 0, [change for _, _, change in figures]),
    ]
    ranks = [one.rank for one in units]
    if any(ranks):
        columns.append((f"Hạng {trend.past.year}", 0, [f"{r.before}/{r.of_before}" if r else NOTHING for r in ranks]))
        columns.append((f"Hạng {facts.year}", 0, [_rank(standings, standing) for standing in standings]))
        columns.append(("Thay đổi hạng", 0, [places_moved(rank) if rank else NOTHING for rank in ranks]))
    notes = [origin(one) for one in units]
    if any(notes):
        columns.append(("Ghi chú", 3, [note[:1].upper() + note[1:] for note in notes]))
    cells = list(zip(*(cells for _, _, cells in columns), strict=True))
    return Grid(
        tuple(GridColumn(heading, share, "left" if share else "center") for heading, share, _ in columns),
        tuple(grouped(facts, standings, cells)),
        12,
    )


def _rank(standings: Sequence[Standing], standing: Standing) -> str:
    if standing.rank is None:
        return UNRANKED
    return f"{standing.rank}/{sum(one.rank is not None and one.group == standing.group for one in standings)}"
