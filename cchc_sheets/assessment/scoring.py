"""The scoring methods (cách chấm điểm): what each asks for, what points it allows, what its rule comes to.

Rules are computed with exact fractions; nothing is rounded here. A new method is a new class in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Final, Protocol

from cchc_sheets.messages import Text, text


@dataclass(frozen=True, slots=True)
class Declared:
    """The figures a unit states for a criterion; None where it stated none."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake in a rule or a criterion of the set; `key` names the entry of the file it is about."""

    key: str
    what: Text
    fix: Text


_MOST_RATIO: Final = 10
"""A target above ten times the total is a percentage that was meant as a part of one."""


class Rule(Protocol):
    """One scoring method with its parameters."""

    method: ClassVar[str]
    self_scored: ClassVar[bool]
    """Whether the unit scores itself; else the points come from outside (survey, another system)."""

    @property
    def asks(self) -> tuple[str, ...]:
        """Which of `numerator` and `denominator` the unit states."""
        ...

    def rule_score(self, declared: Declared, max_points: Decimal) -> Fraction | None:
        """Return what the rule gives for the declared figures; None where it cannot tell."""
        ...

    def objection(self, points: Decimal, max_points: Decimal) -> tuple[Text, Text] | None:
        """Return what is wrong with these points (0 ≤ points ≤ max) and what is right, or None."""
        ...

    def flaws(self, max_points: Decimal) -> Iterator[Flaw]:
        """Yield the mistakes in the rule's own parameters."""
        ...


@dataclass(frozen=True, slots=True)
class Level:
    """One level (mức độ) with its points."""

    points: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """One band of values: from `lower` on, `lower` itself included unless `exclusive`."""

    lower: Decimal
    points: Decimal
    exclusive: bool = False
    label: str = ""

    def holds(self, value: Fraction) -> bool:
        """Whether `value` reaches this band."""
        return value > Fraction(self.lower) or (not self.exclusive and value == Fraction(self.lower))


@dataclass(frozen=True, slots=True)
class Levels:
    """`levels`: exactly one of the listed levels; only their points are possible."""

    levels: tuple[Level, ...]
    method: ClassVar[str] = "levels"
    self_scored: ClassVar[bool] = True

    @property
    def asks(self) -> tuple[str, ...]:
        """Nothing but the points themselves."""
        return ()

    def rule_score(self, declared: Declared, max_points: Decimal) -> Fraction | None:
        """None: which level holds is a judgement."""
        return None

    def objection(self, points: Decimal, max_points: Decimal) -> tuple[Text, Text] | None:
        """Refuse points between the levels."""
        return _off_list(points, [level.points for level in self.levels])

    def flaws(self, max_points: Decimal) -> Iterator[Flaw]:
        """At least two levels, no points twice, the highest equal to the maximum, none outside 0 and maximum."""
        points = [level.points for level in self.levels]
        if len(points) < 2:  # noqa: PLR2004 - a choice needs two
            yield Flaw("levels", text("only one level is given"), text("list every level with its points"))
        if len(set(points)) != len(points):
            yield Flaw("levels", text("two levels give the same points"), text("give each level points of its own"))
        yield from _points_flaws("levels", points, max_points)


@dataclass(frozen=True, slots=True)
class Bands:
    """`bands`: points by the band that the declared value falls into.

    The value is numerator ÷ denominator, or the numerator alone if no denominator is asked for. The band with the
    highest lower limit that the value reaches gives the points.
    """

    bands: tuple[Band, ...]
    numerator: str
    denominator: str = ""
    method: ClassVar[str] = "bands"
    self_scored: ClassVar[bool] = True

    @property
    def asks(self) -> tuple[str, ...]:
        """The figure, and what it is divided by."""
        return ("numerator", "denominator") if self.denominator else ("numerator",)

    def rule_score(self, declared: Declared, max_points: Decimal) -> Fraction | None:
        """Return the points of the band that the value falls into."""
        value = _ratio(declared) if self.denominator else _exact(declared.numerator)
        if value is None:
            return None
        reached = [band for band in self.bands if band.holds(value)]
        if not reached:
            return None
        return Fraction(max(reached, key=lambda band: (band.lower, band.exclusive)).points)

    def objection(self, points: Decimal, max_points: Decimal) -> tuple[Text, Text] | None:
        """Refuse points that no band gives."""
        return _off_list(points, [band.points for band in self.bands])

    def flaws(self, max_points: Decimal) -> Iterator[Flaw]:
        """No hole below the lowest band, no limit twice, the best band worth the maximum."""
        lowest = min(self.bands, key=lambda band: (band.lower, band.exclusive), default=None)
        if lowest is None or lowest.lower != 0 or lowest.exclusive:
            yield Flaw(
                "bands",
                text("the bands leave a hole: no band begins at 0"),
                text("add a band `from: 0` with its points"),
            )
        limits = [(band.lower, band.exclusive) for band in self.bands]
        if len(set(limits)) != len(limits):
            yield Flaw("bands", text("two bands begin at the same value"), text("give each band its own limit"))
        yield from _points_flaws("bands", [band.points for band in self.bands], max_points)


@dataclass(frozen=True, slots=True)
class Ratio:
    """`ratio`: maximum × min(numerator ÷ denominator, `full_at`) ÷ `full_at`; nothing below `floor`."""

    numerator: str
    denominator: str
    floor: Decimal = Decimal(0)
    full_at: Decimal = Decimal(1)
    method: ClassVar[str] = "ratio"
    self_scored: ClassVar[bool] = True

    @property
    def asks(self) -> tuple[str, ...]:
        """Both figures."""
        return ("numerator", "denominator")

    def rule_score(self, declared: Declared, max_points: Decimal) -> Fraction | None:
        """Return the points in proportion; None without both figures or with a denominator of zero."""
        value = _ratio(declared)
        if value is None:
            return None
        if value < Fraction(self.floor):
            return Fraction(0)
        full_at = Fraction(self.full_at)
        return Fraction(max_points) * min(value, full_at) / full_at

    def objection(self, points: Decimal, max_points: Decimal) -> tuple[Text, Text] | None:
        """Any points up to the maximum are possible; the difference to the rule is shown, not refused."""
        return None

    def flaws(self, max_points: Decimal) -> Iterator[Flaw]:
        """The floor lies below the value that earns full points, which is above zero."""
        if self.full_at > _MOST_RATIO:
            yield Flaw(
                "full_at",
                text("full_at {full_at} looks like a percentage", full_at=self.full_at),
                text("write it as a part of one, e.g. 0.98 for 98 %"),
            )
        if not 0 <= self.floor < self.full_at:
            yield Flaw(
                "floor",
                text(
                    "floor {floor} is not between 0 and full_at {full_at}",
                    floor=self.floor,
                    full_at=self.full_at,
                ),
                text("write both as parts of one, e.g. floor: 0.8 and full_at: 1"),
            )


@dataclass(frozen=True, slots=True)
class Count:
    """`count`: so many points per item, up to the maximum."""

    item: str
    per_item: Decimal
    method: ClassVar[str] = "count"
    self_scored: ClassVar[bool] = True

    @property
    def asks(self) -> tuple[str, ...]:
        """The number of items."""
        return ("numerator",)

    def rule_score(self, declared: Declared, max_points: Decimal) -> Fraction | None:
        """Return items × points per item, at most the maximum."""
        items = _exact(declared.numerator)
        return None if items is None else min(items * Fraction(self.per_item), Fraction(max_points))

    def objection(self, points: Decimal, max_points: Decimal) -> tuple[Text, Text] | None:
        """Refuse points that no whole number of items gives."""
        if points == max_points:
            return None
        return _off_step(points, self.per_item)

    def flaws(self, max_points: Decimal) -> Iterator[Flaw]:
        """An item earns something, and not more than the maximum."""
        if not 0 < self.per_item <= max_points:
            yield Flaw(
                "per_item",
                text(
                    "per_item {per_item} is not between 0 and the maximum {max_points}",
                    per_item=self.per_item,
                    max_points=max_points,
                ),
                text("write the points that one item earns"),
            )


@dataclass(frozen=True, slots=True)
class Points:
    """`points`: free points from 0 to the maximum on a step."""

    step: Decimal = Decimal("0.25")
    method: ClassVar[str] = "points"
    self_scored: ClassVar[bool] = True

    @property
    def asks(self) -> tuple[str, ...]:
        """Nothing but the points themselves."""
        return ()

    def rule_score(self, declared: Declared, max_points: Decimal) -> Fraction | None:
        """None: the points are a judgement."""
        return None

    def objection(self, points: Decimal, max_points: Decimal) -> tuple[Text, Text] | None:
        """Refuse points off the step."""
        return _off_step(points, self.step)

    def flaws(self, max_points: Decimal) -> Iterator[Flaw]:
        """The maximum lies on the step."""
        if self.step <= 0 or max_points % self.step != 0:
            yield Flaw(
                "step",
                text(
                    "the maximum {max_points} is not on the step {step}",
                    max_points=max_points,
                    step=self.step,
                ),
                text("choose a step that divides the maximum"),
            )


@dataclass(frozen=True, slots=True)
class Survey:
    """`survey`: points from the sociological survey (điều tra xã hội học); never self-scored."""

    method: ClassVar[str] = "survey"
    self_scored: ClassVar[bool] = False

    @property
    def asks(self) -> tuple[str, ...]:
        """Nothing: the unit leaves it alone."""
        return ()

    def rule_score(self, declared: Declared, max_points: Decimal) -> Fraction | None:
        """None: the points are imported."""
        return None

    def objection(self, points: Decimal, max_points: Decimal) -> tuple[Text, Text] | None:
        """Any points up to the maximum are possible."""
        return None

    def flaws(self, max_points: Decimal) -> Iterator[Flaw]:
        """There is nothing to get wrong."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Imported(Survey):
    """`imported`: points taken over from another system or authority; never self-scored."""

    method: ClassVar[str] = "imported"


METHODS: Final[Mapping[str, type[Rule]]] = {
    rule.method: rule for rule in (Levels, Bands, Ratio, Count, Points, Survey, Imported)
}


def _exact(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _ratio(declared: Declared) -> Fraction | None:
    if declared.numerator is None or not declared.denominator:
        return None
    return Fraction(declared.numerator) / Fraction(declared.denominator)


def _off_list(points: Decimal, allowed: list[Decimal]) -> tuple[Text, Text] | None:
    if points in allowed:
        return None
    return (
        text("{points} points is none of the levels", points=points),
        text("choose one of {allowed}", allowed=_spoken(allowed)),
    )


def _off_step(points: Decimal, step: Decimal) -> tuple[Text, Text] | None:
    if points % step == 0:
        return None
    return (
        text("{points} points is off the step", points=points),
        text("points go by steps of {step}", step=step),
    )


def _spoken(values: list[Decimal]) -> Text:
    """List numbers with semicolons, for the comma is the decimal sign."""
    names = [f"v{place}" for place in range(len(values))]
    return Text("; ".join(f"{{{name}}}" for name in names), tuple(zip(names, values, strict=True)))


def _points_flaws(key: str, points: list[Decimal], max_points: Decimal) -> Iterator[Flaw]:
    if points and max(points) != max_points:
        yield Flaw(
            key,
            text(
                "the best is worth {best} but the maximum is {max_points}",
                best=max(points),
                max_points=max_points,
            ),
            text("make the highest points equal to max_points"),
        )
    if any(value < 0 for value in points):
        yield Flaw(key, text("points below zero"), text("use a penalty item for points that are taken away"))
