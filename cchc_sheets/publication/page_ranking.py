"""The ranking as the page shows it: groups, columns, and the place of each cell in every order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import mean_index, rounded
from cchc_sheets.assessment.ranking import Policies, Standing
from cchc_sheets.assessment.trend import Trend
from cchc_sheets.publication.page_content import Publication
from cchc_sheets.publication.page_trend import (
    before_words,
    change_words,
    compared_with,
    place_of_change,
    place_of_index,
)
from cchc_sheets.publication.wording import counted_total, plain, points_in_table

DASH: Final = "–"
_FULL: Final = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: `is_minor` where a narrow screen has no room for it; `falls` where the best is the largest."""

    key: str
    words: str
    is_minor: bool = False
    falls: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: what it shows, and its place when the column is sorted; equal values share one."""

    words: str
    place: int


@dataclass(frozen=True, slots=True)
class Line:
    """One unit's row; `search` holds its name and code in plain letters, `note` with whom it is compared."""

    unit: str
    name: str
    search: str
    bar: str
    band: int
    cells: tuple[Shown, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The units that are ranked with one another; `title` is "" where all are."""

    title: str
    count: int
    mean: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ClassShare:
    """A class, its limits in words, how many units reached it, and the width of its bar."""

    name: str
    limits: str
    count: int
    bar: str
    band: int


def groups_of(publication: Publication) -> list[Group]:
    """Return the groups as they are printed in the decision: by rank, the unranked last."""
    from cchc_sheets.publication.annexes import in_order

    decision = publication.decision
    every = [standing for _, members in in_order(decision) for standing in members]
    columns = [_places(every, value) for _, _, value in _columns(publication)]
    shown = [show for _, show, _ in _columns(publication)]
    lines = iter(
        Line(
            unit=standing.unit.code,
            name=plain(standing.unit.name),
            search=search_key(standing),
            bar=width(standing.result.index),
            band=band_of(standing.class_name, decision.policies),
            cells=tuple(Shown(show(standing), places[at]) for show, places in zip(shown, columns, strict=True)),
            note=compared_with(publication.trend, standing.unit.code),
        )
        for at, standing in enumerate(every)
    )
    return [
        Group(
            title=title,
            count=len(members),
            mean=percent(mean_index([standing.result for standing in members]), decision.policies),
            lines=tuple(next(lines) for _ in members),
        )
        for title, members in in_order(decision)
    ]


def headings_of(publication: Publication) -> list[Heading]:
    """Return the columns of the ranking."""
    return [heading for heading, _, _ in _columns(publication)]


def class_shares(publication: Publication) -> list[ClassShare]:
    """Return every class from the best down with its units."""
    from cchc_sheets.publication.method import band_phrases

    decision = publication.decision
    counts = Counter(standing.class_name for standing in decision.standings)
    most = max(counts.values())
    bands = sorted(decision.policies.bands, key=lambda band: band.lower, reverse=True)
    return [
        ClassShare(
            name=plain(band.name),
            limits=phrase.partition(": ")[2],
            count=counts[band.name],
            bar=width(Fraction(counts[band.name] * _FULL, most)),
            band=place,
        )
        for place, (band, phrase) in enumerate(zip(bands, band_phrases(bands), strict=True))
    ]


def search_key(standing: Standing) -> str:
    """Return the text in which a search looks for a unit."""
    return vietnamese.without_marks(f"{plain(standing.unit.name)} {standing.unit.code}")


def percent(value: Fraction, policies: Policies) -> str:
    """Print an exact percentage as indices are published."""
    return with_minus(vietnamese.fixed(rounded(value, policies.decimals), policies.decimals))


def points_shown(value: Decimal) -> str:
    """Print points as pages do where they stand alone: no needless zeros, the minus sign of the page."""
    return with_minus(vietnamese.number(value))


def with_minus(figure: str) -> str:
    """Return a printed figure with the one minus sign of the pages."""
    return figure.replace("-", "−")


def width(value: Fraction) -> str:
    """Return the width of a bar on a scale of 100."""
    return f"{rounded(min(max(value, Fraction(0)), Fraction(_FULL)), 2):f}"


def band_of(name: str, policies: Policies) -> int:
    """Return the place of a class, 0 for the best."""
    ordered = sorted(policies.bands, key=lambda band: band.lower, reverse=True)
    return next(place for place, band in enumerate(ordered) if band.name == name)


Column = tuple[Heading, Callable[[Standing], str], Callable[[Standing], Any]]
"""A column of the ranking: its heading, what a cell shows, and what the cells are sorted by."""


def _columns(publication: Publication) -> list[Column]:
    """Return each column with what it shows and what it is sorted by."""
    decision = publication.decision
    policies, results = decision.policies, [standing.result for standing in decision.standings]
    total = counted_total(decision.criteria, with_survey=publication.with_survey)
    columns: list[Column] = [
        (Heading("rank", "Hạng"), _rank, lambda s: s.rank or len(results) + 1),
        (Heading("name", "Đơn vị"), lambda s: plain(s.unit.name), lambda s: vietnamese.sort_key(plain(s.unit.name))),
        _points("appraisal", "Điểm thẩm định", lambda s: s.result.appraisal_points),
    ]
    if publication.with_survey:
        columns.append(_points("survey", "Điểm điều tra xã hội học", lambda s: s.result.survey_points or total * 0))
    if decision.criteria.adjustments or any(result.adjustment_points for result in results):
        columns.append(_points("adjustment", "Điểm cộng, trừ", lambda s: s.result.adjustment_points))
    if any(result.attainable_points != total for result in results):
        columns.append(_points("attainable", "Điểm tối đa có thể đạt", lambda s: s.result.attainable_points))
    index = Heading("index", "Chỉ số (%)", falls=True)
    columns.append((index, lambda s: percent(Fraction(s.published_index), policies), lambda s: s.result.index))
    if publication.trend is not None:
        columns += _previous_columns(publication.trend)
    worst_last = {band.name: -band.lower for band in policies.bands}
    columns.append((Heading("class", "Xếp loại"), lambda s: plain(s.class_name), lambda s: worst_last[s.class_name]))
    return columns


def _previous_columns(trend: Trend) -> list[Column]:
    """Return the earlier year's index and the change since."""
    units, decimals = trend.units, trend.decimals
    return [
        (
            Heading("before", f"Năm trước ({trend.past.year}, %)", is_minor=True, falls=True),
            lambda s: before_words(units[s.unit.code], decimals),
            lambda s: place_of_index(units[s.unit.code]),
        ),
        (
            Heading("change", "Thay đổi", falls=True),
            lambda s: change_words(units[s.unit.code], decimals),
            lambda s: place_of_change(units[s.unit.code], decimals),
        ),
    ]


def _points(key: str, words: str, value: Callable[[Standing], Any]) -> Column:
    return Heading(key, words, is_minor=True, falls=True), lambda s: with_minus(points_in_table(value(s))), value


def _rank(standing: Standing) -> str:
    return DASH if standing.rank is None else str(standing.rank)


def _places(standings: Sequence[Standing], value: Callable[[Standing], Any]) -> list[int]:
    """Return the place of each unit's value among all of them, from the smallest."""
    values = [value(standing) for standing in standings]
    places = {each: place for place, each in enumerate(sorted(set(values)))}
    return [places[each] for each in values]
