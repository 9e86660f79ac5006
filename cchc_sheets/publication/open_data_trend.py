"""An earlier year in the open data: additions to schema 1, there only where this year is held against one."""

from __future__ import annotations

from typing import Any

from cchc_sheets import vietnamese
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.trend import Change, Trend
from cchc_sheets.outcome import plain_decimal
from cchc_sheets.publication.trend_words import SHARE_DECIMALS, origin
from cchc_sheets.publication.wording import plain


def trend_headings(trend: Trend) -> list[str]:
    """Return the headings of the columns that the results get."""
    year = trend.past.year
    return [f"Chỉ số năm {year} (%)", "Tăng, giảm", f"Xếp hạng năm {year}", "Thay đổi hạng", f"Đơn vị năm {year}"]


def trend_cells(trend: Trend, standing: Standing) -> tuple[list[str], str]:
    """Return a unit's figures for these columns as text, and in words with whom it is compared."""
    one = trend.units[standing.unit.code]
    figures = ["", ""]
    if one.index is not None:
        printed = one.index.printed(trend.decimals)
        figures = [vietnamese.fixed(value, trend.decimals) for value in (printed.before, printed.change)]
    figures += ["", ""] if one.rank is None else [str(one.rank.before), str(one.rank.places)]
    return figures, plain(one.predecessors[0].name) if len(one.predecessors) == 1 else origin(one)


def trend_data(trend: Trend) -> dict[str, Any]:
    """Return what the units as a whole have come to.

    `year`, `cycle`, `authority` and `ledger_digest` are those of the earlier results; `compared_units`, `risen`,
    `fallen`, `unchanged` are counts; `mean_index` is over the compared units, both years; `shares` has a mapping per
    comparable field and criterion: `code`, `previous_code`, `previous_max_points`, and the share of the attainable
    points in percent, `before`, `now` and `change`.
    """
    past = trend.past
    return {
        "year": past.year,
        "cycle": past.cycle,
        "authority": past.authority,
        "ledger_digest": past.ledger_digest,
        "compared_units": len(trend.compared),
        "risen": trend.risen,
        "fallen": trend.fallen,
        "unchanged": trend.unchanged,
        "mean_index": None if trend.mean is None else _figures(trend.mean, trend.decimals),
        "shares": [
            {
                "code": code,
                "previous_code": trend.counterparts[code].code,
                "previous_max_points": plain_decimal(trend.counterparts[code].max_points),
                **_figures(change, SHARE_DECIMALS),
            }
            for code, change in trend.shares.items()
        ],
    }


def unit_data(trend: Trend, standing: Standing) -> dict[str, Any] | None:
    """Return a unit's earlier results; None for a unit without predecessors.

    `units` and `names` are its predecessors: with several of them every figure is their mean. `index` has `before`,
    `now`, `change` and `before_exact`; `rank` is null where ranks do not compare, else `before`, `of_before`, `now`,
    `of_now` and `places`, positive for a rise; `shares` as in `trend_data`, by `code`.
    """
    one = trend.units[standing.unit.code]
    if one.index is None:
        return None
    rank = one.rank
    return {
        "units": [before.code for before in one.predecessors],
        "names": [plain(before.name) for before in one.predecessors],
        "index": {**_figures(one.index, trend.decimals), "before_exact": str(one.index.before)},
        "rank": None
        if rank is None
        else {
            "before": rank.before,
            "of_before": rank.of_before,
            "now": rank.now,
            "of_now": rank.of_now,
            "places": rank.places,
        },
        "shares": [{"code": code, **_figures(change, SHARE_DECIMALS)} for code, change in one.shares.items()],
    }


def _figures(change: Change, decimals: int) -> dict[str, str]:
    printed = change.printed(decimals)
    return {"before": str(printed.before), "now": str(printed.now), "change": str(printed.change)}
