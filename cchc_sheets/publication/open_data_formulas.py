"""The formulas of the results workbook: where each column stands, what computes it, and what it must come to.

A spreadsheet computes with binary fractions. So every sum is rounded to the decimals that points have, and the
index first to ten decimals: with that, equal indices compare as equal and halves round up as they do here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Final

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from cchc_sheets.assessment.index import mean_index, rounded
from cchc_sheets.assessment.ranking import FIELD_TIE_BREAK, Standing, classify
from cchc_sheets.assessment.trend import Trend
from cchc_sheets.publication.open_data import SOURCES
from cchc_sheets.publication.open_data_trend import trend_headings
from cchc_sheets.publication.page_content import Publication
from cchc_sheets.publication.wording import plain

POINTS: Final = "Điểm đạt"
MAXIMA: Final = "Điểm tối đa"
BANDS: Final = "Xếp loại"
HEADS: Final = 3  # rows above the units in the sheets of points: code, source, maximum
NAMES: Final = 2  # columns before the points: code and name
KEY_DECIMALS: Final = 10
_MEAN_DECIMALS: Final = 8
_TIE_BREAKS: Final = {
    "appraisal_points": "appraisal",
    "survey_points": "survey",
    "adjustment_points": "adjustment",
    "self_points": "self",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the results: `key` by which formulas know it."""

    key: str
    heading: str
    width: int = 11


class Formulas:
    """Knows where everything stands; rows are those of the results sheet, the first unit in row 1."""

    def __init__(self, publication: Publication, standings: Sequence[Standing]) -> None:
        self.decision = publication.decision
        self.policies = publication.decision.policies
        self.standings = standings
        self.leaves = publication.leaves
        self.columns = list(_columns(publication))
        self.keys = {s.unit.code: rounded(s.result.index, KEY_DECIMALS) for s in standings}
        """What the formula of the index gives to ten decimals, by unit."""

    @cached_property
    def decimals(self) -> int:
        """How many decimals points have at most."""
        points = [s.result.standing[leaf.code].points or Decimal(0) for s in self.standings for leaf in self.leaves]
        points += [leaf.max_points for leaf in self.leaves]
        points += [value for s in self.standings for value in (s.result.adjustment_points, s.result.self_points)]
        return max(_places(value) for value in points)

    @cached_property
    def follows(self) -> bool:
        """Whether index, rank and class follow from the index to ten decimals as they were published."""
        exact, keys = {s.unit.code: s.result.index for s in self.standings}, self.keys
        order = sorted(exact, key=lambda code: exact[code])
        same_order = all((exact[a] == exact[b]) == (keys[a] == keys[b]) for a, b in pairwise(order))
        return same_order and all(
            rounded(Fraction(keys[s.unit.code]), self.policies.decimals) == s.published_index
            and classify(Fraction(keys[s.unit.code]), self.policies) == s.class_name
            for s in self.standings
        )

    def place(self, key: str) -> int:
        """Return the number of a column."""
        return next(place for place, column in enumerate(self.columns) if column.key == key)

    def field(self, code: str, row: int) -> str:
        """Return the sum of a field; 0 where none of its criteria counts."""
        own = {leaf.code for leaf in self.decision.criteria.by_code[code].leaves}
        counted = [leaf.code for leaf in self.leaves if leaf.code in own]
        return self._sum(self._cells(row, counted)) if counted else "=0"

    def by_source(self, row: int, *, is_surveyed: bool) -> str:
        """Return the sum of the surveyed criteria, or of all others."""
        sources = f"'{POINTS}'!{xl_range_abs(1, NAMES, 1, NAMES + len(self.leaves) - 1)}"
        condition = f'"{"" if is_surveyed else "<>"}{SOURCES["survey"]}"'
        return f"=ROUND(SUMIF({sources},{condition},{self._all_cells(row)}),{self.decimals})"

    def total(self, row: int) -> str:
        """Return the sum of everything that counts."""
        known = {column.key for column in self.columns}
        parts = [self._cell(key, row) for key in ("appraisal", "survey", "adjustment") if key in known]
        return f"=ROUND({'+'.join(parts)},{self.decimals})"

    def attainable(self, row: int) -> str:
        """Return the sum of the maxima that count for the unit."""
        return self._sum(self._all_cells(row, MAXIMA))

    def key(self, row: int) -> str:
        """Return the index to ten decimals."""
        total, attainable = self._cell("total", row), self._cell("attainable", row)
        return f"=IF({attainable}=0,0,ROUND({total}/{attainable}*100,{KEY_DECIMALS}))"

    def index(self, row: int) -> str:
        """Return the published index."""
        return f"=ROUND({self._cell('key', row)},{self.policies.decimals})"

    def better(self, row: int) -> str:
        """Return one more than the number of units above in the same group: the rank where ties are `min`."""
        group = self._cell("group", row)
        return f'=IF({group}=0,"",SUMPRODUCT(({self._whole("group")}={group})*({self._is_better(row)}))+1)'

    def dense_rank(self, row: int) -> str:
        """Return one more than the number of different results above in the same group."""
        group, own = self._cell("group", row), self._cell("better", row)
        groups, places = self._whole("group"), self._whole("better")
        each_once = f"({groups}={group})*({places}<{own})/COUNTIFS({groups},{groups},{places},{places})"
        return f'=IF({group}=0,"",ROUND(SUMPRODUCT({each_once}),0)+1)'

    def class_name(self, row: int) -> str:
        """Return the class: the last of the rising bands that is reached, the first if none is."""
        value = self._cell("key" if self.policies.class_by == "exact" else "index", row)
        last = len(self.policies.bands) + 1
        reached = f"SUMPRODUCT(--({value}>='{BANDS}'!$B$2:$B${last}))"
        return f"=INDEX('{BANDS}'!$A$2:$A${last},MAX(1,{reached}))"

    def change(self, row: int) -> str:
        """Return how the index has changed since the earlier year."""
        now, before = self._cell("index", row), self._cell("before:0", row)
        return f"=ROUND({now}-{before},{self.policies.decimals})"

    def mean(self) -> tuple[str, Decimal]:
        """Return the mean of the indices as formula and value; no formula where it would not give the value."""
        published = rounded(mean_index([s.result for s in self.standings]), self.policies.decimals)
        keys = sum((Fraction(key) for key in self.keys.values()), Fraction(0)) / len(self.keys)
        given = rounded(Fraction(rounded(keys, _MEAN_DECIMALS)), self.policies.decimals)
        average = f"=ROUND(ROUND(AVERAGE({self._whole('key')}),{_MEAN_DECIMALS}),{self.policies.decimals})"
        return (average if given == published else ""), published

    def _is_better(self, row: int) -> str:
        """Return the condition under which other units stand above this one, decided key by key."""
        condition = ""
        for key in reversed(self._ranking_keys):
            whole, own = self._whole(key), self._cell(key, row)
            condition = f"({whole}>{own})" + (f"+({whole}={own})*({condition})" if condition else "")
        return condition

    @cached_property
    def _ranking_keys(self) -> list[str]:
        """The columns that decide the rank, in order; what is the same for all has none."""
        first = "key" if self.policies.rank_by == "exact" else "index"
        named = [_TIE_BREAKS.get(n, n.replace(FIELD_TIE_BREAK, "field:", 1)) for n in self.policies.tie_break]
        known = {column.key for column in self.columns}
        return [first, *(name for name in named if name in known)]

    def _sum(self, cells: str) -> str:
        return f"=ROUND(SUM({cells}),{self.decimals})"

    def _cell(self, key: str, row: int) -> str:
        return str(xl_rowcol_to_cell(row, self.place(key), col_abs=True))

    def _whole(self, key: str) -> str:
        column = self.place(key)
        return str(xl_range_abs(1, column, len(self.standings), column))

    def _all_cells(self, row: int, sheet: str = POINTS) -> str:
        return self._cells(row, [leaf.code for leaf in self.leaves], sheet)

    def _cells(self, row: int, codes: Sequence[str], sheet: str = POINTS) -> str:
        """Return the address of a unit's points in neighbouring criteria."""
        at = [place for place, leaf in enumerate(self.leaves) if leaf.code in codes]
        line = row - 1 + HEADS
        return f"'{sheet}'!{xl_range(line, NAMES + at[0], line, NAMES + at[-1])}"


def _columns(publication: Publication) -> list[Column]:
    fields = publication.decision.criteria.fields
    return [
        Column("code", "Mã đơn vị", 14),
        Column("name", "Đơn vị", 26),
        Column("group_title", "Nhóm xếp hạng", 16),
        Column("group", "Số của nhóm (0: không xếp hạng)", 10),
        *(Column(f"field:{field.code}", f"{plain(field.code)}. {plain(field.title)}", 14) for field in fields),
        Column("self", "Điểm tự chấm"),
        Column("appraisal", "Điểm thẩm định"),
        *([Column("survey", "Điểm điều tra xã hội học")] if publication.with_survey else []),
        Column("adjustment", "Điểm cộng, trừ"),
        Column("total", "Tổng điểm"),
        Column("attainable", "Điểm tối đa có thể đạt"),
        Column("key", f"Chỉ số, {KEY_DECIMALS} chữ số thập phân", 15),
        Column("index", "Chỉ số (%)"),
        *([Column("better", "Số đơn vị đứng trên, cộng 1")] if publication.decision.policies.ties == "dense" else []),
        Column("rank", "Xếp hạng"),
        Column("class", "Xếp loại", 14),
        *_previous_columns(publication.trend),
    ]


def _previous_columns(trend: Trend | None) -> list[Column]:
    """Return the columns of an earlier year, keyed `before:` and their place."""
    if trend is None:
        return []
    return [Column(f"before:{place}", heading, 14) for place, heading in enumerate(trend_headings(trend))]


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
