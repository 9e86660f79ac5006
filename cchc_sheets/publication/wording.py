"""Phrases of the papers that depend on data: blanks for number and date, counts, points, names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import mean_index, rounded
from cchc_sheets.assessment.ranking import Policies, Standing
from cchc_sheets.assessment.units import KINDS
from cchc_sheets.characters import TURNING

UNRANKED: Final = "không xếp hạng"
_NO_GROUP: Final = "Các đơn vị không thuộc nhóm"
ANNEXES: Final = ("Phụ lục I", "Phụ lục II", "Phụ lục III")

_UNPRINTABLE: Final = ("Cc", "Cs", "Cn", "Co")  # controls and halves of letters have no place in a paper
_STRAIGHT: Final = dict.fromkeys(map(ord, TURNING))
_SPACES: Final = re.compile(r"(\b(?:[Ss]ố:?|ngày|tháng))?(\s+)")
_LONG_PLACE: Final = 18  # letters of a place name that leave room for wide blanks in the line of the models
_HUNDREDTH: Final = Decimal("0.01")
_NUMBER_BLANK, _DAY_BLANK = " " * 8, " " * 6


@lru_cache(maxsize=65536)  # the same names and titles stand in every paper
def plain(value: str) -> str:
    """Return text from outside as it is printed: composed letters, single spaces, no control characters."""
    return vietnamese.normal(_printable(value))


def phrase(value: str) -> str:
    """Return running text from outside; room left after «số», «ngày» and «tháng» to write by hand is kept."""
    return _SPACES.sub(lambda match: (match[1] or "") + _room(match), vietnamese.unicode_text(_printable(value)))


def _printable(value: str) -> str:
    return "".join(c for c in value if c.isspace() or unicodedata.category(c) not in _UNPRINTABLE).translate(_STRAIGHT)


def _room(match: re.Match[str]) -> str:
    return match[2] if match[1] and set(match[2]) == {" "} else " "


def group_title(standing: Standing, standings: Sequence[Standing], policies: Policies) -> str:
    """Return the heading of the group in which a unit is ranked; "" where all are ranked together."""
    if policies.groups == "kind":
        return KINDS.get(standing.group, standing.group).capitalize()
    if not standing.group and any(one.group for one in standings if one.rank is not None):
        return _NO_GROUP
    return plain(standing.group)


def number_line(symbol: str) -> str:
    """Return the line for the number, which is filled in by hand."""
    return f"Số:{_NUMBER_BLANK}/{plain(symbol)}"


def date_line(place: str, year: int) -> str:
    """Return the line for place and date; day and month are filled in by hand."""
    blank = _DAY_BLANK if len(plain(place)) <= _LONG_PLACE else _DAY_BLANK[: len(_DAY_BLANK) // 2]
    return f"{plain(place)}, ngày{blank}tháng{blank}năm {year}"


def annex_reference(symbol: str, year: int, authority: str) -> str:
    """Return the line under an annex's title that says which decision it belongs to."""
    date = f"ngày{_DAY_BLANK}tháng{_DAY_BLANK}năm {year}"
    return f"(Kèm theo Quyết định số{_NUMBER_BLANK}/{plain(symbol)} {date}\ncủa {plain(authority)})"


def counted(count: int) -> str:
    """Return a count as offices write it: `05`, `15`, `168`."""
    return f"{count:02d}"


def several(count: int) -> str:
    """Return a count that may be none: `05`, `15`, but `0`."""
    return counted(count) if count else "0"


def points_in_table(points: Decimal) -> str:
    """Return points as a table shows them: two decimals for an even column, more only where they are needed."""
    in_hundredths = points.quantize(_HUNDREDTH)
    return vietnamese.fixed(in_hundredths, 2) if in_hundredths == points else vietnamese.number(points)


def class_counts(standings: Sequence[Standing], policies: Policies) -> str:
    """Return how many units reached each class, from the best down: `02 đơn vị xếp loại Tốt, …`."""
    counts = Counter(standing.class_name for standing in standings)
    return ", ".join(
        f"{counted(counts[band.name])} đơn vị xếp loại {plain(band.name)}"
        for band in sorted(policies.bands, key=lambda band: band.lower, reverse=True)
        if counts[band.name]
    )


def printed_mean(standings: Sequence[Standing], policies: Policies) -> str:
    """Return the mean of the indices, rounded once from the exact mean."""
    mean = mean_index([standing.result for standing in standings])
    return vietnamese.fixed(rounded(mean, policies.decimals), policies.decimals)


def has_survey(standings: Sequence[Standing]) -> bool:
    """Whether the indices were computed with the survey."""
    return any(standing.result.survey_points is not None for standing in standings)


def counted_points(criterion: Criterion, *, with_survey: bool) -> Decimal:
    """Return the points of a branch that count towards the index."""
    leaves = [leaf for leaf in criterion.leaves if with_survey or not leaf.is_surveyed]
    return sum((leaf.max_points for leaf in leaves), Decimal(0))


def counted_total(criteria: CriteriaSet, *, with_survey: bool) -> Decimal:
    """Return the points of the whole set that count towards the index."""
    return criteria.total_points if with_survey else criteria.appraised_points


def hour_and_day(moment: datetime) -> str:
    """Return a deadline as offices write it: `17 giờ 00 ngày 10/12/2023`."""
    return f"{moment:%H} giờ {moment:%M} ngày {vietnamese.day(moment)}"


def paper_reference(name: str, symbol: str, year: int, authority: str) -> str:
    """Return the line under an annex's title that says which paper it belongs to; `name` its kind."""
    date = f"ngày{_DAY_BLANK}tháng{_DAY_BLANK}năm {year}"
    return f"(Kèm theo {name} số{_NUMBER_BLANK}/{plain(symbol)} {date}\ncủa {plain(authority)})"


def signed(points: Decimal) -> str:
    """Return a change with its sign: `+0,50`, `-1,25`; nothing changed is `0,00`."""
    words = points_in_table(points)
    return f"+{words}" if points > 0 else words


def share_of(part: Decimal, whole: Decimal) -> str:
    """Return part ÷ whole as a percentage with two decimals; a dash where there is no whole."""
    if not whole:
        return "–"
    return f"{vietnamese.fixed(rounded(Fraction(part) / Fraction(whole) * 100, 2), 2)}%"
