"""One unit's page: its fields beside the mean, every criterion, and where points were lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.index import FieldResult, StandingPoints
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.publication.page_content import Publication, Score
from cchc_sheets.publication.page_ranking import DASH, band_of, percent, points_shown, width
from cchc_sheets.publication.page_trend import YearBefore, share_cells, year_before
from cchc_sheets.publication.survey_words import measured_words
from cchc_sheets.publication.wording import plain

NOT_OCCURRED: Final = "KPS"
MOST_LOST: Final = 10
"""How many criteria the list of lost points names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion of any level; `is_branch` where its parts follow.

    Attributes:
        notes: where the points come from, unless from the appraisal; `remark` and `ruling` are people's words.
        lost: points between the maximum and what stands; 0 where the criterion does not count for the unit.
    """

    code: str
    title: str
    maximum: str
    is_branch: bool = False
    claimed: str = ""
    appraised: str = ""
    ruled: str = ""
    stands: str = ""
    notes: tuple[str, ...] = ()
    remark: str = ""
    ruling: str = ""
    lost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field with its criteria; percentages are of what was attainable for each unit.

    `before` is that of an earlier year, `change` what has changed since, in words.
    """

    code: str
    title: str
    points: str
    attainable: str
    percent: str
    mean: str
    bar: str
    mean_at: str
    before: str
    change: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ItemView:
    """A bonus or penalty outside the criteria, or one already taken from a criterion."""

    code: str
    title: str
    points: str
    note: str
    remark: str


@dataclass(frozen=True, slots=True)
class UnitView:
    """Everything one unit's page shows."""

    code: str
    name: str
    rank: str
    group: str
    group_size: int
    index: str
    class_name: str
    band: int
    sums: tuple[tuple[str, str, str], ...]
    points: str
    attainable: str
    fields: tuple[FieldView, ...]
    items: tuple[ItemView, ...]
    lost: tuple[Row, ...]
    lost_count: int
    lost_points: str
    has_rulings: bool
    previous: YearBefore | None


def unit_view(publication: Publication, standing: Standing, means: dict[str, Fraction], group: str) -> UnitView:
    """Put together one unit's page.

    Args:
        means: of each field's percentage over all units, see `field_means`.
        group: the title of the group it is ranked in, "" where all are ranked together.
    """
    decision, result = publication.decision, standing.result
    fields = tuple(_field_view(publication, standing, field, means) for field in result.fields)
    leaves = [row for field in fields for row in field.rows if not row.is_branch]
    lost = sorted((row for row in leaves if row.lost > 0), key=lambda row: -row.lost)
    return UnitView(
        code=standing.unit.code,
        name=plain(standing.unit.name),
        rank=DASH if standing.rank is None else str(standing.rank),
        group=group,
        group_size=sum(s.group == standing.group and s.rank is not None for s in decision.standings),
        index=percent(Fraction(standing.published_index), decision.policies),
        class_name=plain(standing.class_name),
        band=band_of(standing.class_name, decision.policies),
        sums=tuple(_sums(publication, standing)),
        points=points_shown(result.points),
        attainable=points_shown(result.attainable_points),
        fields=fields,
        items=tuple(_items(publication, standing)),
        lost=tuple(lost[:MOST_LOST]),
        lost_count=len(lost),
        lost_points=points_shown(sum((row.lost for row in lost), Decimal(0))),
        has_rulings=any(row.ruled for row in leaves),
        previous=year_before(publication.trend, standing.unit.code),
    )


def field_means(publication: Publication) -> dict[str, Fraction]:
    """Return for each field the exact mean of the units' percentages; units to which nothing of it applies left out."""
    means: dict[str, Fraction] = {}
    for place, field in enumerate(publication.decision.criteria.fields):
        shares = [
            _share(own)
            for standing in publication.decision.standings
            if (own := standing.result.fields[place]).attainable_points
        ]
        means[field.code] = sum(shares, Fraction(0)) / len(shares) if shares else Fraction(0)
    return means


def _share(field: FieldResult) -> Fraction:
    return Fraction(field.points) / Fraction(field.attainable_points) * 100 if field.attainable_points else Fraction(0)


def _field_view(
    publication: Publication, standing: Standing, field: FieldResult, means: dict[str, Fraction]
) -> FieldView:
    policies = publication.decision.policies
    branch = publication.decision.criteria.by_code[field.code]
    before, change = share_cells(publication.trend, standing.unit.code, field.code)
    return FieldView(
        code=plain(field.code),
        title=plain(field.title),
        points=points_shown(field.points),
        attainable=points_shown(field.attainable_points),
        percent=percent(_share(field), policies) if field.attainable_points else DASH,
        mean=percent(means[field.code], policies),
        bar=width(_share(field)),
        mean_at=width(means[field.code]),
        before=before,
        change=change,
        rows=tuple(_rows(publication, standing, branch)),
    )


def _rows(publication: Publication, standing: Standing, field: Criterion) -> Iterator[Row]:
    for criterion in list(field.walk())[1:] or [field]:
        leaves = [leaf for leaf in criterion.leaves if publication.counts(leaf)]
        if not leaves:
            continue
        if criterion.parts:
            stands = (standing.result.standing[leaf.code].points or Decimal(0) for leaf in leaves)
            yield Row(
                code=plain(criterion.code),
                title=plain(criterion.title),
                maximum=points_shown(sum((leaf.max_points for leaf in leaves), Decimal(0))),
                is_branch=True,
                stands=points_shown(sum(stands, Decimal(0))),
            )
        else:
            yield _leaf_row(publication, standing, criterion)


def _leaf_row(publication: Publication, standing: Standing, leaf: Criterion) -> Row:
    stands, score = standing.result.standing[leaf.code], publication.score(standing, leaf.code)
    return Row(
        code=plain(leaf.code),
        title=plain(leaf.title),
        maximum=points_shown(leaf.max_points),
        claimed=_claimed(score),
        appraised=_points(score.appraised_points, is_left_out=score.is_appraised),
        ruled="" if score.ruled_points is None else points_shown(score.ruled_points),
        stands=_points(stands.points, is_left_out=stands.is_excluded),
        notes=tuple(_notes(publication, standing, leaf, stands)),
        remark=score.remark,
        ruling=score.ruling,
        lost=(Decimal(0) if stands.is_excluded else leaf.max_points) - (stands.points or Decimal(0)),
    )


def _claimed(score: Score) -> str:
    return NOT_OCCURRED if score.not_occurred else _points(score.self_points)


def _points(points: Decimal | None, *, is_left_out: bool = False) -> str:
    if points is not None:
        return points_shown(points)
    return NOT_OCCURRED if is_left_out else DASH


def _notes(publication: Publication, standing: Standing, leaf: Criterion, stands: StandingPoints) -> Iterator[str]:
    if stands.source == "survey":
        measured = measured_words(publication.survey, standing.unit.code, leaf.code)
        yield f"Điểm điều tra xã hội học: {measured}" if measured else "Điểm điều tra xã hội học"
    elif stands.source == "imported":
        yield "Điểm lấy từ số liệu của cơ quan, hệ thống cấp trên"
    elif stands.source == "self_score":
        yield "Chưa thẩm định, lấy theo điểm tự chấm"
    if stands.is_excluded:
        yield "Không phát sinh, không tính vào điểm tối đa"
    elif stands.points is None:
        yield "Chưa có điểm, tính 0 điểm"
    for item, entry in publication.items(standing):
        if item.criterion == leaf.code:
            yield f"Điểm trừ {plain(item.code)}: {points_shown(entry.points)} điểm"


def _sums(publication: Publication, standing: Standing) -> Iterator[tuple[str, str, str]]:
    """Yield what is added up: the sign before it, what it is called, how many points."""
    result = standing.result
    yield "", "điểm thẩm định", points_shown(result.appraisal_points)
    if result.survey_points is not None:
        yield "+", "điểm điều tra xã hội học", points_shown(result.survey_points)
    if publication.decision.criteria.adjustments or result.adjustment_points:
        sign = "−" if result.adjustment_points < 0 else "+"
        yield sign, "điểm cộng, trừ", points_shown(abs(result.adjustment_points))


def _items(publication: Publication, standing: Standing) -> Iterator[ItemView]:
    for item, entry in publication.items(standing):
        sign = "+" if item.kind == "bonus" else "−"
        note = f"đã trừ vào tiêu chí {plain(item.criterion)}" if item.criterion else ""
        yield ItemView(plain(item.code), plain(item.title), f"{sign}{points_shown(entry.points)}", note, entry.remark)
