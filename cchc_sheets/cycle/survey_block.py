"""The `survey:` block of `criteria.yaml`: how the answers of a survey become points, as an office writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import Field

from cchc_sheets import vietnamese
from cchc_sheets.assessment.survey_plan import (
    NO_UNIT,
    SATISFACTION,
    SATISFIED_FROM,
    MeasureName,
    Option,
    Question,
    RespondentGroup,
    Scale,
    SurveyPlan,
)
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.schema import Code, Entry, OptionalWords, Words
from cchc_sheets.cycle.yaml_document import Document, Path_
from cchc_sheets.messages import text

BLOCK: Final = "survey"
_FEWEST_ALIKE: Final = 3


class OptionEntry(Entry):
    """One answer of a scale: `level` for the share of satisfied answers, `worth` for the weighted mean."""

    label: Words
    level: int | None = Field(None, ge=0, le=100)
    worth: Decimal | None = None
    also: tuple[Words, ...] = ()


class GroupEntry(Entry):
    """A group of respondents."""

    name: Words
    weight: Decimal | None = None
    also: tuple[Words, ...] = ()


class QuestionEntry(Entry):
    """A column of answers and the criterion it counts for; what it does not say is as the block says."""

    column: Words
    criterion: Code
    measure: MeasureName | None = None
    scale: tuple[OptionEntry, ...] | None = None
    satisfied_from: int | None = None
    groups: tuple[Words, ...] = ()


class SurveyEntry(Entry):
    """The whole block; see `SurveyPlan` for the meaning of each setting."""

    unit: Words
    unit_names: dict[str, Words] = Field(default_factory=dict)
    respondent: OptionalWords = ""
    group: OptionalWords = ""
    groups: tuple[GroupEntry, ...] = ()
    population: Any = None
    error_margin: Decimal = Field(Decimal("0.05"), ge=Decimal("0.001"), le=Decimal("0.5"))
    minimum: int = Field(30, ge=0)
    measure: MeasureName = "share_satisfied"
    scale: tuple[OptionEntry, ...] | None = None
    satisfied_from: int | None = None
    no_answer: tuple[Words, ...] = ()
    impossible: tuple[Words, ...] = ()
    straight_line: int = Field(10, ge=0)
    least_answered: Decimal = Field(Decimal(0), ge=0, le=1)
    identical_rows: Literal["exclude", "keep"] = "exclude"
    empty_group: Literal["refuse", "rescale"] = "refuse"
    decimals: int = Field(2, ge=0, le=6)
    questions: tuple[QuestionEntry, ...] = Field(min_length=1)


def survey_plan(document: Document, entry: SurveyEntry, surveyed: Collection[str]) -> SurveyPlan | None:
    """Return the plan that the block makes, every mistake being in the document's problems; None if there are any.

    Args:
        surveyed: the codes of the criteria with `method: survey`.
    """
    before = len(document.problems)
    _check_groups(document, entry)
    _check_straight_line(document, entry)
    questions = tuple(_questions(document, entry, surveyed))
    _check_measures(document, questions)
    _check_blanks(document, entry, questions)
    population, of_all = _population(document, entry.population)
    if len(document.problems) > before:
        return None
    return SurveyPlan(
        unit=entry.unit,
        questions=tuple(placed.question for placed in questions),
        group=entry.group,
        groups=tuple(RespondentGroup(group.name, group.weight, group.also) for group in entry.groups),
        respondent=entry.respondent,
        unit_names={vietnamese.comparable(name): code for name, code in entry.unit_names.items()},
        population=population,
        population_of_all=of_all,
        error_margin=entry.error_margin,
        minimum=entry.minimum,
        straight_line=entry.straight_line,
        least_answered=entry.least_answered,
        excludes_identical=entry.identical_rows == "exclude",
        needs_every_group=entry.empty_group == "refuse",
        no_answer=frozenset(map(vietnamese.comparable, entry.no_answer)),
        impossible=frozenset(map(vietnamese.comparable, entry.impossible)),
        decimals=entry.decimals,
    )


def check_against_units(document: Document, plan: SurveyPlan, units: Sequence[Unit]) -> None:
    """Report every code in `population` and `unit_names` that is not in units.csv."""
    known = {unit.code for unit in units}
    named = [(("population", code), code) for code in plan.population]
    written = document.data[BLOCK].get("unit_names") or {}
    named += [(("unit_names", name), code) for name, code in written.items() if code != NO_UNIT]
    for place, code in named:
        if code not in known:
            document.report(
                (BLOCK, *place),
                "unit_unknown",
                text("there is no unit «{name}»", name=code),
                text("write the unit's code as in units.csv"),
            )


@dataclass(frozen=True, slots=True)
class _Placed:
    path: Path_
    question: Question


def _questions(document: Document, entry: SurveyEntry, surveyed: Collection[str]) -> Iterator[_Placed]:
    default = _scale(entry.scale)
    names = {group.name for group in entry.groups}
    seen: set[tuple[str, str]] = set()
    for place, asked in enumerate(entry.questions):
        path = (BLOCK, "questions", place)
        _check_question(document, path, asked, surveyed, names)
        key = (vietnamese.comparable(asked.column), asked.criterion)
        if key in seen:
            document.report(
                (*path, "column"),
                "twice",
                text("«{column}» counts twice for {code}", column=asked.column[:60], code=asked.criterion),
                text("keep one of them"),
            )
        seen.add(key)
        scale = _scale(asked.scale) or default or SATISFACTION
        own = path if asked.scale else (BLOCK,)
        limit = asked.satisfied_from
        if limit is None and not asked.scale:
            limit = entry.satisfied_from
            if limit is None and scale is SATISFACTION:
                limit = SATISFIED_FROM
        measure = asked.measure or entry.measure
        flaws = list(scale.flaws(measure, limit))
        for flaw in flaws:
            at = path if flaw.key == "satisfied_from" and asked.satisfied_from is not None else own
            _report_once(document, (*at, flaw.key), flaw.key, flaw.what, flaw.fix)
        if not flaws:
            question = Question(asked.column, asked.criterion, scale, measure, limit, asked.groups)
            yield _Placed(path, question)


def _scale(options: tuple[OptionEntry, ...] | None) -> Scale | None:
    if options is None:
        return None
    return Scale(tuple(Option(option.label, option.level, option.worth, option.also) for option in options))


def _report_once(document: Document, path: Path_, code: str, what: Any, fix: Any) -> None:
    """A flaw of the scale that all questions share is one mistake."""
    problem = document.problem(path, code, what, fix)
    if problem not in document.problems:
        document.problems.append(problem)


def _check_question(
    document: Document, path: Path_, asked: QuestionEntry, surveyed: Collection[str], groups: Collection[str]
) -> None:
    if asked.criterion not in surveyed:
        document.report(
            (*path, "criterion"),
            "criterion_unknown",
            text("«{code}» is no survey criterion of the set", code=asked.criterion),
            text("these are: {codes}", codes=list(surveyed)),
        )
    for place, name in enumerate(asked.groups):
        if name not in groups:
            document.report(
                (*path, "groups", place),
                "group_unknown",
                text("there is no group «{name}» in `groups:`", name=name),
                text("choose one of: {names}", names=sorted(groups)),
            )


def _check_groups(document: Document, entry: SurveyEntry) -> None:
    path = (BLOCK, "groups")
    if bool(entry.group) != bool(entry.groups):
        document.report(
            path if entry.groups else (BLOCK, "group"),
            "groups_incomplete",
            text("groups of respondents need both their column and their list"),
            text("write `group:` with the column's heading and list the names under `groups:`"),
        )
    taken: set[str] = set()
    for place, group in enumerate(entry.groups):
        names = {vietnamese.comparable(name) for name in (group.name, *group.also)}
        if names & taken:
            document.report(
                (*path, place),
                "twice",
                text("the group «{name}» has a name that another group has too", name=group.name),
                text("give each group names of its own"),
            )
        taken |= names
        if group.weight is not None and group.weight <= 0:
            document.report(
                (*path, place, "weight"),
                "weight",
                text("the weight {weight} is not above 0", weight=group.weight),
                text("write e.g. 60 and 40, or remove a group that does not count"),
            )
    if 0 < sum(group.weight is not None for group in entry.groups) < len(entry.groups):
        document.report(
            path,
            "weight",
            text("some groups have a weight and some have none"),
            text("give every group a weight, or none of them, so that all responses count alike"),
        )


def _check_straight_line(document: Document, entry: SurveyEntry) -> None:
    if 0 < entry.straight_line < _FEWEST_ALIKE:
        document.report(
            (BLOCK, "straight_line"),
            "straight_line",
            text("{count} answers alike say nothing", count=entry.straight_line),
            text("write {fewest} or more, or 0 to exclude no response for it", fewest=_FEWEST_ALIKE),
        )


def _check_measures(document: Document, questions: Sequence[_Placed]) -> None:
    """Answers of one criterion are counted together, so they must be counted in one way."""
    first: dict[str, str] = {}
    for placed in questions:
        question = placed.question
        if first.setdefault(question.criterion, question.measure) != question.measure:
            document.report(
                (*placed.path, "measure"),
                "measure",
                text("the questions of {code} are measured in two ways", code=question.criterion),
                text("choose one measure for all questions of a criterion"),
            )


def _check_blanks(document: Document, entry: SurveyEntry, questions: Sequence[_Placed]) -> None:
    """An answer cannot be on the scale and beside it."""
    taken = {name for placed in questions for name in placed.question.scale.by_name}
    for key, answers in (("no_answer", entry.no_answer), ("impossible", entry.impossible)):
        for place, answer in enumerate(answers):
            if vietnamese.comparable(answer) in taken:
                document.report(
                    (BLOCK, key, place),
                    "twice",
                    text("«{answer}» is an answer of a scale or stands in another list", answer=answer),
                    text("keep it in one place"),
                )
        taken |= set(map(vietnamese.comparable, answers))


def _population(document: Document, written: Any) -> tuple[Mapping[str, int], int | None]:
    """Read one number for every unit, or a number for each."""
    if written is None:
        return {}, None
    path = (BLOCK, "population")
    if not isinstance(written, dict):
        return {}, _people(document, path, written)
    read = {code: _people(document, (*path, code), people) for code, people in written.items()}
    return {code: people for code, people in read.items() if people is not None}, None


def _people(document: Document, path: Path_, written: Any) -> int | None:
    if isinstance(written, Decimal) and written >= 1 and written == int(written):
        return int(written)
    document.report(
        path,
        "population",
        text("the population must be a whole number above 0, or one for each unit's code"),
        text("write e.g. `population: 5200`, or on lines of their own `binh-hoa: 5200`"),
    )
    return None
