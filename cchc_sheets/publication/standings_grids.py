"""Results as tables of running papers: the ranking, the classes, the fields, the criteria from best to weakest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.publication.facts import Facts, Reached
from cchc_sheets.publication.grid import Grid, GridColumn, Line
from cchc_sheets.publication.paper_content import NOTHING, sum_of, title_of
from cchc_sheets.publication.wording import UNRANKED, group_title, plain, points_in_table, share_of


def in_printed_order(standings: Sequence[Standing]) -> list[Standing]:
    """Return the units group by group in the order of the roster, by rank, then by name; the unranked at the end."""
    groups = list(dict.fromkeys(standing.group for standing in standings))

    def place(standing: Standing) -> tuple[int, int]:
        return (len(groups), 0) if standing.rank is None else (groups.index(standing.group), standing.rank)

    return sorted(standings, key=lambda one: (place(one), vietnamese.sort_key(plain(one.unit.name)), one.unit.code))


def ranking_grid(facts: Facts, *, is_short: bool = False) -> Grid:
    """Lay out index, rank and class of every unit; the long form with the points they come from."""
    standings = in_printed_order(facts.standings)
    columns = [
        ("TT", 0, [str(place) for place in range(1, len(standings) + 1)]),
        ("Đơn vị", 1, [plain(one.unit.name) for one in standings]),
    ]
    if not is_short:
        columns += list(_point_columns(facts, standings))
    columns.append(("Chỉ số (%)", 0, [printed_index(facts, one) for one in standings]))
    columns.append(("Xếp hạng", 0, [UNRANKED if one.rank is None else str(one.rank) for one in standings]))
    columns.append(("Xếp loại", 0, [plain(one.class_name) for one in standings]))
    cells = list(zip(*(cells for _, _, cells in columns), strict=True))
    return Grid(
        tuple(GridColumn(heading, share, "left" if share else "center") for heading, share, _ in columns),
        tuple(grouped(facts, standings, cells)),
        12,
    )


def grouped(facts: Facts, standings: Sequence[Standing], cells: Sequence[tuple[str, ...]]) -> Iterator[Line]:
    """Yield the lines under the name of their group, where groups are ranked apart."""
    last = None
    for standing, line in zip(standings, cells, strict=True):
        title = _group_title(facts, standing)
        if title and title != last:
            yield Line((title,))
        last = title
        yield Line(line)


def _group_title(facts: Facts, standing: Standing) -> str:
    if standing.rank is None:
        return "Các đơn vị không xếp hạng"
    return group_title(standing, facts.standings, facts.policies)


def _point_columns(facts: Facts, standings: Sequence[Standing]) -> Iterator[tuple[str, int, list[str]]]:
    results = [one.result for one in standings]
    yield "Điểm thẩm định", 0, [points_in_table(one.appraisal_points) for one in results]
    if facts.record.with_survey:
        yield "Điểm điều tra XHH", 0, [points_in_table(one.survey_points or Decimal(0)) for one in results]
    if any(one.adjustment_points for one in results):
        yield "Điểm cộng, trừ", 0, [points_in_table(one.adjustment_points) for one in results]
    yield "Tổng điểm", 0, [points_in_table(one.points) for one in results]
    if len({one.attainable_points for one in results}) > 1:
        yield "Điểm tối đa có thể đạt", 0, [points_in_table(one.attainable_points) for one in results]


def printed_index(facts: Facts, standing: Standing) -> str:
    """Return a unit's index as published."""
    return vietnamese.fixed(standing.published_index, facts.policies.decimals)


def class_grid(facts: Facts) -> Grid:
    """Lay out how many units reached each class, from the best down."""
    counts = Counter(one.class_name for one in facts.standings)
    bands = sorted(facts.policies.bands, key=lambda band: band.lower, reverse=True)
    of = Decimal(len(facts.standings))
    lines = [
        Line((plain(band.name), str(counts[band.name]), share_of(Decimal(counts[band.name]), of).rstrip("%")))
        for band in bands
    ]
    total = Line(("Tổng cộng", str(len(facts.standings)), "100,00"), is_bold=True)
    columns = (GridColumn("Xếp loại", 1, "center"), GridColumn("Số đơn vị", 1), GridColumn("Tỷ lệ (%)", 1))
    return Grid(columns, (*lines, total), 12)


def field_grid(facts: Facts) -> Grid:
    """Lay out the mean of each field, and which unit came nearest to its maximum and which stayed farthest."""
    columns = (
        GridColumn("TT"),
        GridColumn("Lĩnh vực", 40, "left"),
        GridColumn("Điểm tối đa"),
        GridColumn("Điểm bình quân"),
        GridColumn("Tỷ lệ đạt (%)"),
        GridColumn("Cao nhất", 24),
        GridColumn("Thấp nhất", 24),
    )
    lines = []
    for place, field in enumerate(facts.criteria.fields):
        whole = facts.reached[field.code]
        shares = [
            (Fraction(one.result.fields[place].points) / Fraction(one.result.fields[place].attainable_points), one)
            for one in in_printed_order(facts.standings)
            if one.result.fields[place].attainable_points
        ]
        lines.append(
            Line(
                (
                    plain(field.code),
                    title_of(field),
                    points_in_table(sum_of([leaf.max_points for leaf in field.leaves if facts.counts(leaf)])),
                    mean_points(whole),
                    share_of(whole.points, whole.attainable).rstrip("%"),
                    _extreme(shares, max) if shares else NOTHING,
                    _extreme(shares, min) if shares else NOTHING,
                )
            )
        )
    return Grid(columns, tuple(lines), 12)


def _extreme(shares: Sequence[tuple[Fraction, Standing]], choose: Callable[[Iterable[Fraction]], Fraction]) -> str:
    """Name the unit at one end, or count those that share it, with the share."""
    best = choose(share for share, _ in shares)
    there = [one for share, one in shares if share == best]
    who = plain(there[0].unit.name) if len(there) == 1 else f"{len(there)} đơn vị"
    return f"{who} ({vietnamese.fixed(rounded(best * 100, 2), 2)})"


def mean_points(whole: Reached) -> str:
    """Return the mean points of a branch, rounded once."""
    if not whole.units:
        return NOTHING
    return vietnamese.fixed(rounded(Fraction(whole.points) / whole.units, 2), 2)


def by_share(facts: Facts) -> list[Reached]:
    """Return every criterion that counts, best first; equal ones in the order of the set."""
    every = [facts.reached[leaf.code] for leaf in facts.criteria.leaves if facts.counts(leaf)]
    return sorted((one for one in every if one.attainable), key=lambda one: -one.share)


def extreme_grid(facts: Facts, chosen: Sequence[Reached]) -> Grid:
    """Lay criteria out with what the units came to in them."""
    columns = (
        GridColumn("Mã"),
        GridColumn("Tiêu chí", 1, "left"),
        GridColumn("Điểm tối đa"),
        GridColumn("Điểm bình quân"),
        GridColumn("Tỷ lệ đạt (%)"),
        GridColumn("Đạt tối đa"),
        GridColumn("Không có điểm"),
    )
    lines = []
    for one in chosen:
        leaf = one.criterion
        points = [standing.result.standing[leaf.code] for standing in facts.standings]
        lines.append(
            Line(
                (
                    plain(leaf.code),
                    title_of(leaf),
                    points_in_table(leaf.max_points),
                    mean_points(one),
                    share_of(one.points, one.attainable).rstrip("%"),
                    str(sum(stands.points is not None and stands.points >= leaf.max_points for stands in points)),
                    str(sum(not stands.is_excluded and not stands.points for stands in points)),
                )
            )
        )
    return Grid(columns, tuple(lines), 12)
