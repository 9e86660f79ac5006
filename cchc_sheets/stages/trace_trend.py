"""The trace of what is said of last year: from which file it was read, and what is held against what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cchc_sheets.assessment.trend import Change, Trend, UnitTrend
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.stages.previous import read_previous, trend_of
from cchc_sheets.stages.trace_step import Scene, exact, shown


@dataclass(frozen=True)
class Past:
    """This year held against last year, where the settings name one and it can be read."""

    trend: Trend | None = None
    origin: Mapping[str, Any] | None = None
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, scene: Scene) -> Past:
        """Read last year's results; that they cannot be read is told, and keeps nothing else from being traced."""
        cycle = scene.season.cycle
        try:
            previous = read_previous(cycle)
        except CchcError as error:
            return cls(problems=(Problem(error.code, error.what, error.fix, "warning", sheet="cycle.yaml"),))
        trend = trend_of(cycle, previous, scene.standings)
        return cls(trend, previous.origin) if previous is not None else cls()

    def words_of(self, unit: Unit) -> tuple[Text, ...]:
        """Say a unit's indices of both years."""
        own = self._of(unit)
        if own is None or own.index is None or self.origin is None:
            return ()
        said = text(
            "index of {year}: {before}, by {file}; predecessors: {units}",
            year=str(self.origin["year"]),
            before=shown(own.index.before),
            file=self.origin["file"],
            units=[one.name for one in own.predecessors],
        )
        return (said,)

    def data_of(self, unit: Unit) -> dict[str, Any] | None:
        """Return what is held against what for one unit; None where nothing is."""
        own = self._of(unit)
        if own is None or self.trend is None or self.origin is None:
            return None
        decimals = self.trend.decimals
        ranks = None if own.rank is None else {"before": own.rank.before, "now": own.rank.now}
        return {
            "origin": dict(self.origin),
            "predecessors": [{"unit": one.code, "name": one.name} for one in own.predecessors],
            "index": _change(own.index, decimals),
            "rank": ranks,
            "shares": {code: _change(share, decimals) for code, share in own.shares.items()},
        }

    @property
    def data(self) -> dict[str, Any] | None:
        """What is held against what for the whole cycle; None where nothing is."""
        if self.trend is None or self.origin is None:
            return None
        decimals = self.trend.decimals
        return {
            "origin": dict(self.origin),
            "compared": len(self.trend.compared),
            "risen": self.trend.risen,
            "fallen": self.trend.fallen,
            "unchanged": self.trend.unchanged,
            "mean": _change(self.trend.mean, decimals),
            "shares": {code: _change(share, decimals) for code, share in self.trend.shares.items()},
        }

    def _of(self, unit: Unit) -> UnitTrend | None:
        return None if self.trend is None else self.trend.units.get(unit.code)


def _change(change: Change | None, decimals: int) -> dict[str, str | None] | None:
    """Return both years exactly, and as papers and pages print them with their difference."""
    if change is None:
        return None
    printed = change.printed(decimals)
    return {
        "before_exact": exact(change.before),
        "now_exact": exact(change.now),
        "before": str(printed.before),
        "now": str(printed.now),
        "change": str(printed.change),
    }
