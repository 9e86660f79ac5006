"""The steps of which a trace is made: a sentence for people, the same as data for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.errors import NotNow, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import plain_decimal
from cchc_sheets.stages.record import Known, known_so_far
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.results import result_gaps
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.trace_origin import Origin


@dataclass(frozen=True)
class Step:
    """One step in the life of a number.

    Attributes:
        name: for programs; `what` the same in a sentence.
        points: exactly, where the step is about points.
        counts: False for what was overtaken or never counted.
        details: what else programs may want, plain JSON values.
    """

    name: str
    what: Text
    points: Decimal | Fraction | None = None
    origin: Origin | None = None
    counts: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> Text:
        """Say it to a person, with where it came from."""
        return text("{what} ({origin})", what=self.what, origin=self.origin.words) if self.origin else self.what

    def as_data(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "step": self.name,
            "what": str(self.what),
            "points": exact(self.points),
            "counts": self.counts,
            "origin": self.origin.as_data() if self.origin else None,
            **self.details,
        }


@dataclass(frozen=True)
class Scene:
    """What every trace looks at: the season, what its ledger knows, and the results that follow."""

    season: Season
    known: Known
    standings: tuple[Standing, ...]

    @classmethod
    def of(cls, season: Season) -> Scene:
        """Restore everything from the ledger.

        Raises:
            NotNow: before anything was collected.
        """
        if not season.latest("submission"):
            raise NotNow(text("nothing has been collected yet"), fix=text("run `collect` once the deadline has passed"))
        known = known_so_far(season)
        return cls(season, known, compute(season, known.record))

    @cached_property
    def gaps(self) -> tuple[Problem, ...]:
        """What keeps the results from being final."""
        return tuple(result_gaps(self.season, self.known, self.standings))

    def standing(self, unit: str) -> Standing:
        """Return a unit's result."""
        return next(one for one in self.standings if one.unit.code == unit)

    def head(self, scope: str) -> dict[str, Any]:
        """Return what the data of every trace begin with."""
        number, digest = self.season.basis()
        return {
            "scope": scope,
            "cycle": self.season.cycle.id,
            "ledger": {"entry": number, "digest": digest},
            "provisional": bool(self.gaps),
        }

    def published(self, value: Fraction) -> str:
        """Return a share of an index at the published precision."""
        return str(rounded(value, self.season.cycle.policies.decimals))


def percent(part: Decimal, whole: Decimal) -> dict[str, str | None]:
    """Return a part of a whole in percent, as the papers print it and exactly; nothing where there is no whole."""
    if not whole:
        return {"percent": None, "percent_exact": None}
    share = Fraction(part) / Fraction(whole) * 100
    return {"percent": str(rounded(share, 2)), "percent_exact": exact(share)}


def exact(value: Decimal | Fraction | None) -> str | None:
    """Return an exact number as a string: a decimal, or a fraction such as `217/3` where it has no end."""
    match value:
        case None:
            return None
        case Decimal():
            return plain_decimal(value)
        case _:
            return str(value)


def shown(value: Fraction) -> Decimal | str:
    """Return an exact number for people: a decimal where it ends, else the fraction."""
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return Decimal(value.numerator) / Decimal(value.denominator) if rest == 1 else str(value)
