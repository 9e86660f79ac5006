"""How many responses a survey needs, and how far a share may be off by chance. Exact: no binary fractions.

Sources: the sample size n = N ÷ (1 + N·e²) is Yamane's, as the method of the satisfaction index (SIPAS, Quyết định
1001/QĐ-BNV of 11/12/2023) uses it; the margin is the usual one of a simple random sample at 95 % confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, isqrt
from typing import Final

from cchc_sheets.assessment.index import rounded

MARGIN_DECIMALS: Final = 6
_CONFIDENCE: Final = Fraction(196, 100)
"""1.96 standard errors: 95 of 100 samples lie within them."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """One group of respondents: its part of the whole, its mean between 0 and 1, how many people answered."""

    weight: Fraction
    mean: Fraction
    respondents: int


def required_responses(population: int, error_margin: Decimal) -> int:
    """Return N ÷ (1 + N·e²), rounded up: 10 000 people and e = 0.05 need 385 responses."""
    return ceil(population / (1 + population * Fraction(error_margin) ** 2))


def margin_of_error(strata: Sequence[Stratum], population: int | None = None) -> Decimal:
    """Return 1.96·sqrt(p(1−p) ÷ n) as a part of one, rounded half up to `MARGIN_DECIMALS` decimals.

    `p` may be a share or any mean between 0 and 1: p(1−p) is the most its variance can be. Where several questions
    count together, `respondents` are people, not answers, for the answers of one person hang together. Several strata
    add up by the squares of their weights. The formula gives 0 where everybody agrees; that is its nature and says
    nothing about those who were not asked.

    Args:
        strata: one for a plain sample; their weights add up to 1.
        population: of a plain sample; brings in the correction (N−n) ÷ (N−1). With several strata it is left out,
            because the size of each is not known, and the margin comes out rather too wide.
    """
    variance = sum((part.weight**2 * part.mean * (1 - part.mean) / part.respondents for part in strata), Fraction(0))
    if population is not None and len(strata) == 1:
        variance *= _correction(population, strata[0].respondents)
    return _square_root(variance * _CONFIDENCE**2, MARGIN_DECIMALS)


def _correction(population: int, respondents: int) -> Fraction:
    """Whoever asks everybody is off by nothing."""
    if respondents >= population:
        return Fraction(0)
    return Fraction(population - respondents, population - 1)


def _square_root(square: Fraction, decimals: int) -> Decimal:
    """Return the root rounded half up: the whole number of halves below it rounds to the same."""
    scaled = square * 10 ** (2 * decimals)
    halves = isqrt(4 * scaled.numerator // scaled.denominator)
    return rounded(Fraction(halves, 2 * 10**decimals), decimals)
