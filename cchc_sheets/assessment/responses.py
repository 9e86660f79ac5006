"""From the answers of a survey to points: measures, margins and points of every unit, exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.response_columns import find_columns
from cchc_sheets.assessment.response_rows import REASONS, Reason, Response, read_responses
from cchc_sheets.assessment.sampling import Stratum, margin_of_error, required_responses
from cchc_sheets.assessment.survey import Table
from cchc_sheets.assessment.survey_plan import SurveyPlan
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text


@dataclass(frozen=True, slots=True)
class Measured:
    """What the answers say about one criterion.

    Attributes:
        value: the satisfied share or the weighted mean, from 0 to 1, exact.
        respondents: the people whose answers are in it; `answers` how many answers these are.
        margin: how far `value` may be off at 95 % confidence, a part of one.
        points: `value` × the maximum, rounded half up once to the plan's decimals; never above the maximum, which
            may have more decimals itself.
    """

    code: str
    max_points: Decimal
    value: Fraction
    respondents: int
    answers: int
    margin: Decimal
    points: Decimal


@dataclass(frozen=True)
class UnitSurvey:
    """The survey of one unit.

    Attributes:
        excluded: the lines of the file that do not count, by reason.
        groups: how many responses count of each group, if the plan has groups.
        population: how many people could have been asked, if that is known.
        required: the responses that the population requires, if that is known.
        wanted: the responses that are wanted: the required or the minimum, whichever is more, at most everybody.
    """

    unit: Unit
    received: int
    counted: int
    excluded: Mapping[Reason, tuple[int, ...]]
    groups: Mapping[str, int]
    population: int | None
    required: int | None
    wanted: int
    measured: tuple[Measured, ...]

    @property
    def points(self) -> Decimal:
        """All points that the answers give."""
        return sum((measured.points for measured in self.measured), Decimal(0))

    @property
    def satisfaction(self) -> Fraction | None:
        """The mean of the measures, each by its criterion's maximum; None if nothing could be measured."""
        return self._mean([measured.value for measured in self.measured])

    @property
    def margin(self) -> Fraction | None:
        """How far `satisfaction` may be off: the criteria's margins, weighted likewise; they err together."""
        return self._mean([Fraction(measured.margin) for measured in self.measured])

    def _mean(self, values: Sequence[Fraction]) -> Fraction | None:
        weights = [Fraction(measured.max_points) for measured in self.measured]
        if not weights:
            return None
        return sum((v * w for v, w in zip(values, weights, strict=True)), Fraction(0)) / sum(weights)


@dataclass(frozen=True)
class SurveyResult:
    """What a file of answers comes to.

    Attributes:
        received: all lines; `unattributed` those that name none of the units.
        problems: those of severity `error` without a unit mean that the file or the plan is wrong as a whole.
    """

    received: int
    unattributed: tuple[int, ...]
    units: tuple[UnitSurvey, ...]
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Whether the points can be taken; what a single unit lacks is its own matter."""
        return not any(problem.severity == "error" and problem.unit is None for problem in self.problems)

    @property
    def points(self) -> dict[tuple[str, str], Decimal]:
        """The points of every unit and criterion that was measured."""
        return {(of.unit.code, measured.code): measured.points for of in self.units for measured in of.measured}

    @property
    def excluded(self) -> Counter[Reason]:
        """How many lines of the whole file do not count, by reason."""
        count: Counter[Reason] = Counter({"unknown_unit": len(self.unattributed)} if self.unattributed else {})
        for of in self.units:
            count.update({reason: len(lines) for reason, lines in of.excluded.items()})
        return count


def parse_responses(table: Table, *, plan: SurveyPlan, units: Sequence[Unit], criteria: CriteriaSet) -> SurveyResult:
    """Interpret a table of answers: one line for each respondent, the headings in the first.

    Every line is counted: for its unit, or as excluded with its reason. A blank answer counts nowhere, neither as
    zero nor among the answers. A criterion without any answer gets no points. The order of the lines plays no part.
    """
    columns, problems = find_columns(table, plan)
    if columns is None:
        return SurveyResult(len(table.lines), (), (), problems)
    responses, told = read_responses(table, plan=plan, columns=columns, units=units)
    survey = _Survey(plan, criteria)
    by_unit: dict[str, list[Response]] = defaultdict(list)
    for response in responses:
        by_unit[response.unit].append(response)
    found = [survey.of_unit(unit, by_unit[unit.code]) for unit in units]
    unattributed = tuple(sorted(r.line for r in responses if not r.unit))
    everything = (*told, *(problem for _, own in found for problem in own))
    return SurveyResult(len(responses), unattributed, tuple(of for of, _ in found), everything)


class _Survey:
    """Measures one unit after the other by the plan."""

    def __init__(self, plan: SurveyPlan, criteria: CriteriaSet) -> None:
        self.plan = plan
        self.criteria = criteria

    def of_unit(self, unit: Unit, responses: Sequence[Response]) -> tuple[UnitSurvey, tuple[Problem, ...]]:
        counted = [response for response in responses if response.reason is None]
        population = self.plan.population_of(unit.code)
        required = None if population is None else required_responses(population, self.plan.error_margin)
        wanted = max(self.plan.minimum, required or 0)
        problems: list[Problem] = []
        measured = [found for code in self.plan.criteria if (found := self._measured(unit, code, counted, problems))]
        of = UnitSurvey(
            unit=unit,
            received=len(responses),
            counted=len(counted),
            excluded=_excluded(responses),
            groups=self._groups(counted),
            population=population,
            required=required,
            wanted=wanted if population is None else min(wanted, population),
            measured=tuple(measured),
        )
        if not counted:
            problems = [_of_unit(unit, "no_response", *_no_response(unit, len(responses)))]
        return of, (*problems, *self._size_problems(of))

    def _groups(self, counted: Sequence[Response]) -> dict[str, int]:
        members = Counter(response.group for response in counted)
        return {group.name: members[group.name] for group in self.plan.groups}

    def _measured(self, unit: Unit, code: str, counted: Sequence[Response], problems: list[Problem]) -> Measured | None:
        """Measure one criterion; without answers, or without those of a group that must not miss, there is none."""
        places = [place for place, question in enumerate(self.plan.questions) if question.criterion == code]
        tallies = {group: self._tally(places, counted, group) for group in self._strata(places)}
        answered = {group: tally for group, tally in tallies.items() if tally.respondents}
        missing = sorted(tallies.keys() - answered.keys())
        if not answered:
            what = text("{unit}: nobody answered the questions of {code}", unit=unit.name, code=code)
            problems.append(_of_unit(unit, "no_answers", what, _by_hand()))
            return None
        if missing:
            refuses = self.plan.needs_every_group
            problems.append(_group_empty(unit, code, missing, "error" if refuses else "warning"))
            if refuses:
                return None
        strata = self._weighted(answered)
        value = sum((part.weight * part.mean for part in strata), Fraction(0))
        max_points = self.criteria.by_code[code].max_points
        return Measured(
            code=code,
            max_points=max_points,
            value=value,
            respondents=sum(tally.respondents for tally in answered.values()),
            answers=sum(tally.answers for tally in answered.values()),
            margin=margin_of_error(strata, self.plan.population_of(unit.code)),
            points=min(rounded(value * Fraction(max_points), self.plan.decimals), max_points),
        )

    def _strata(self, places: Sequence[int]) -> list[str]:
        """Return the weighted groups that are asked; one nameless stratum where all responses count alike."""
        questions = [self.plan.questions[place] for place in places]
        asked = [name for name in self.plan.weights if any(q.is_asked_of(name) for q in questions)]
        return asked if self.plan.weights else [""]

    def _tally(self, places: Sequence[int], counted: Sequence[Response], group: str) -> _Tally:
        chosen: Counter[tuple[int, str]] = Counter()
        respondents = 0
        for response in counted:
            if group and response.group != group:
                continue
            given = [(place, response.answers[place].label) for place in places if place in response.answers]
            chosen.update(given)
            respondents += bool(given)
        total = sum((self._value(*answer) * count for answer, count in chosen.items()), Fraction(0))
        return _Tally(respondents, chosen.total(), total)

    def _value(self, place: int, label: str) -> Fraction:
        question = self.plan.questions[place]
        return question.value(question.scale.by_name[vietnamese.comparable(label)])

    def _weighted(self, answered: Mapping[str, _Tally]) -> list[Stratum]:
        weights = {group: Fraction(self.plan.weights.get(group, Decimal(1))) for group in answered}
        whole = sum(weights.values())
        return [
            Stratum(weights[group] / whole, tally.total / tally.answers, tally.respondents)
            for group, tally in answered.items()
        ]

    def _size_problems(self, of: UnitSurvey) -> Iterator[Problem]:
        unit, population = of.unit, of.population
        if self.plan.population and population is None:
            what = text("{unit}: `population:` does not say how many people could be asked", unit=unit.name)
            fix = text("add the unit's code with the number, so that the required responses can be computed")
            yield _of_unit(unit, "population_missing", what, fix, "warning")
        if population is not None and of.counted > population:
            what = text(
                "{unit}: {counted} responses of a population of {population}",
                unit=unit.name,
                counted=of.counted,
                population=population,
            )
            yield _of_unit(unit, "population_small", what, text("correct the number under `population:`"), "warning")
        if 0 < of.counted < of.wanted:
            what = text(
                "{unit}: only {counted} responses count, {wanted} are wanted",
                unit=unit.name,
                counted=of.counted,
                wanted=of.wanted,
            )
            fix = text("ask more people, or let the council decide whether so few may count")
            yield _of_unit(unit, "too_few_responses", what, fix, "warning")


@dataclass(frozen=True, slots=True)
class _Tally:
    """The answers of one group to the questions of one criterion."""

    respondents: int
    answers: int
    total: Fraction


def _excluded(responses: Sequence[Response]) -> dict[Reason, tuple[int, ...]]:
    lines = {reason: tuple(sorted(r.line for r in responses if r.reason == reason)) for reason in REASONS}
    return {reason: numbers for reason, numbers in lines.items() if numbers}


def _no_response(unit: Unit, received: int) -> tuple[Text, Text]:
    if received:
        what = text("{unit}: none of {count} responses counts, so it has no points", unit=unit.name, count=received)
    else:
        what = text("{unit}: there is no response, so it has no points", unit=unit.name)
    return what, _by_hand()


def _by_hand() -> Text:
    return text("collect responses, or let the council set the points and import them as a table")


def _group_empty(unit: Unit, code: str, groups: Sequence[str], severity: str) -> Problem:
    names = list(groups)
    what = text("{unit}: nobody of {groups} answered the questions of {code}", unit=unit.name, groups=names, code=code)
    if severity == "error":
        fix = text("collect their responses, or choose `empty_group: rescale` if the other groups may stand for them")
        return _of_unit(unit, "group_empty", what, fix)
    return _of_unit(unit, "group_empty", what, text("the weights of the other groups were scaled up"), "warning")


def _of_unit(unit: Unit, code: str, what: Text, fix: Text, severity: str = "error") -> Problem:
    return Problem(code, what, fix, "warning" if severity == "warning" else "error", unit=unit.code)
