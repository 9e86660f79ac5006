"""How the answers of a survey (điều tra xã hội học) become points: the set's own rules, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal

from cchc_sheets import vietnamese
from cchc_sheets.assessment.scoring import Flaw
from cchc_sheets.messages import text

MeasureName = Literal["share_satisfied", "weighted_mean"]
NO_UNIT: Final = "-"
"""Stands in `unit_names` for an answer that names none of the units on purpose."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen (phương án trả lời).

    Attributes:
        level: its number on the scale, the best having the highest; the answer may also be given as this number.
        worth: percent of the criterion's points, for the weighted mean.
        also: other ways in which the form writes it.
    """

    label: str
    level: int | None = None
    worth: Decimal | None = None
    also: tuple[str, ...] = ()

    @property
    def rank(self) -> Decimal | None:
        """What makes two answers to different questions the same answer."""
        return self.worth if self.level is None else Decimal(self.level)

    @property
    def names(self) -> frozenset[str]:
        """Every spelling, ready to be compared."""
        number = () if self.level is None else (str(self.level),)
        return frozenset(vietnamese.comparable(name) for name in (self.label, *self.also, *number))


@dataclass(frozen=True)
class Scale:
    """The answers to one question (thang đo)."""

    options: tuple[Option, ...]

    @cached_property
    def by_name(self) -> dict[str, Option]:
        """Each option under every comparable spelling."""
        return {name: option for option in self.options for name in option.names}

    def flaws(self, measure: MeasureName, satisfied_from: int | None) -> Iterator[Flaw]:
        """Yield what keeps the scale from giving this measure; `key` is `scale` or `satisfied_from`."""
        if len(self.options) < 2:  # noqa: PLR2004 - a choice needs two
            yield Flaw("scale", text("the scale has only one answer"), text("list every answer that can be chosen"))
        for name in sorted({n for option in self.options for n in option.names if self.by_name[n] is not option}):
            yield Flaw(
                "scale",
                text("two answers of the scale can both be read from «{name}»", name=name),
                text("give each answer its own label, level and spellings"),
            )
        yield from self._share_flaws(satisfied_from) if measure == "share_satisfied" else self._mean_flaws()

    def _share_flaws(self, satisfied_from: int | None) -> Iterator[Flaw]:
        levels = sorted(option.level for option in self.options if option.level is not None)
        if len(levels) < len(self.options):
            yield Flaw(
                "scale",
                text("the share of satisfied answers needs a `level:` for every answer"),
                text("number the answers, the best with the highest number"),
            )
        elif satisfied_from is None or satisfied_from not in levels[1:]:
            what = text("it is not said from which level on an answer counts as satisfied")
            if satisfied_from is not None:
                what = text("level {level} is no level above the lowest of the scale", level=satisfied_from)
            yield Flaw(
                "satisfied_from",
                what,
                text("write `satisfied_from:` with one of the levels {levels}", levels=levels[1:]),
            )
        elif self._runs_the_wrong_way:
            yield Flaw(
                "scale",
                text("a denial has a higher level than what it denies"),
                text("number the answers so that the best has the highest level"),
            )

    @property
    def _runs_the_wrong_way(self) -> bool:
        """Whether «không hài lòng» stands above «hài lòng»: many forms number their answers from the best down."""
        levels: dict[tuple[str, bool], list[int]] = {}
        for option in self.options:
            said = vietnamese.without_marks(option.label).removeprefix("rat ")
            stem = said.removeprefix("khong ").removeprefix("chua ")
            levels.setdefault((stem, stem != said), []).append(option.level or 0)
        return any(
            min(levels[stem, False]) < max(denied)
            for (stem, is_denial), denied in levels.items()
            if is_denial and (stem, False) in levels
        )

    def _mean_flaws(self) -> Iterator[Flaw]:
        worths = [option.worth for option in self.options if option.worth is not None]
        if len(worths) < len(self.options):
            yield Flaw(
                "scale",
                text("the weighted mean needs a `worth:` for every answer"),
                text("write what part of the points each answer earns, in percent, e.g. worth: 60"),
            )
        elif max(worths) != 100 or min(worths) < 0:  # noqa: PLR2004 - percent
            yield Flaw(
                "scale",
                text("the best answer is worth {best} %, not 100 %, or one is worth less than 0", best=max(worths)),
                text("write percents of the criterion's points, from 0 to 100"),
            )


SATISFACTION: Final = Scale(
    (
        Option("Rất hài lòng", 5),
        Option("Hài lòng", 4),
        Option("Bình thường", 3),
        Option("Không hài lòng", 2),
        Option("Rất không hài lòng", 1),
    )
)
"""The five levels of satisfaction surveys; satisfied are levels 4 and 5."""
SATISFIED_FROM: Final = 4


@dataclass(frozen=True)
class Question:
    """One question that counts for a criterion; one scale that gives its measure.

    Attributes:
        column: the heading of its column, the beginning of it, its number, or the row's name in a grid of questions.
        satisfied_from: the lowest level that counts as satisfied.
        groups: the names of the groups it is asked of; all, if empty.

    Raises:
        ValueError: if the scale cannot give the measure (see `Scale.flaws`).
    """

    column: str
    criterion: str
    scale: Scale = SATISFACTION
    measure: MeasureName = "share_satisfied"
    satisfied_from: int | None = SATISFIED_FROM
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for flaw in self.scale.flaws(self.measure, self.satisfied_from):
            raise ValueError(f"{flaw.key}: {flaw.what}")

    def value(self, option: Option) -> Fraction:
        """Return what one answer counts, from 0 to 1."""
        if self.measure == "weighted_mean":
            return Fraction(option.worth or 0) / 100
        return Fraction((option.level or 0) >= (self.satisfied_from or 0))

    def is_asked_of(self, group: str) -> bool:
        """Whether respondents of this group have the question in their form."""
        return not self.groups or group in self.groups


@dataclass(frozen=True, slots=True)
class RespondentGroup:
    """A group of respondents (nhóm đối tượng): people, businesses, deputies; `weight` None where all count alike."""

    name: str
    weight: Decimal | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class SurveyPlan:
    """The whole plan: columns, questions, what is excluded, how exact the points are.

    Attributes:
        unit, group, respondent: headings of columns, as `Question.column`; "" where there is none.
        unit_names: what the form writes for a unit, by its comparable spelling; `NO_UNIT` for none of them.
        population: how many people could have been asked, of each unit; `population_of_all` where it is one number.
        error_margin: e of the required sample; `minimum` responses are wanted of every unit.
        straight_line: from so many answers on, all alike, a response is excluded; 0 for never.
        least_answered: the part of its questions that a response must answer.
        excludes_identical: whether a line that repeats another one of its unit in every column is a duplicate.
        needs_every_group: whether a weighted group without answers leaves the criterion without points; otherwise
            the weights of the other groups are scaled up.
        no_answer: answers that count as blank; `impossible` those known to be wrong; both comparable.
    """

    unit: str
    questions: tuple[Question, ...]
    group: str = ""
    groups: tuple[RespondentGroup, ...] = ()
    respondent: str = ""
    unit_names: Mapping[str, str] = field(default_factory=dict, hash=False)
    population: Mapping[str, int] = field(default_factory=dict, hash=False)
    population_of_all: int | None = None
    error_margin: Decimal = Decimal("0.05")
    minimum: int = 30
    straight_line: int = 10
    least_answered: Decimal = Decimal(0)
    excludes_identical: bool = True
    needs_every_group: bool = True
    no_answer: frozenset[str] = frozenset()
    impossible: frozenset[str] = frozenset()
    decimals: int = 2

    @cached_property
    def criteria(self) -> tuple[str, ...]:
        """The codes of the criteria that get points, in the order of their first question."""
        return tuple(dict.fromkeys(question.criterion for question in self.questions))

    @cached_property
    def weights(self) -> dict[str, Decimal]:
        """The weight of each group; empty where all responses count alike."""
        return {group.name: group.weight for group in self.groups if group.weight is not None}

    def population_of(self, unit: str) -> int | None:
        """Return how many people could have been asked of a unit, None if that is not known."""
        return self.population.get(unit, self.population_of_all)
