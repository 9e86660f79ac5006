"""`criteria.yaml`: the criteria set as an office edits it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from cchc_sheets.assessment.criteria import (
    Adjustment,
    CriteriaSet,
    Criterion,
    InvalidCriteria,
    Mistake,
    NotOccurred,
)
from cchc_sheets.assessment.scoring import METHODS, Band, Level, Rule
from cchc_sheets.cycle.schema import Code, Entry, OptionalWords, Words, validate
from cchc_sheets.cycle.survey_block import SurveyEntry, survey_plan
from cchc_sheets.cycle.yaml_document import Document, Path_
from cchc_sheets.messages import text

MethodName = Literal["levels", "bands", "ratio", "count", "points", "survey", "imported"]


class LevelEntry(Entry):
    """One level of `method: levels`."""

    points: Decimal
    label: Words


class BandEntry(Entry):
    """One band of `method: bands`: `from` includes its limit, `above` does not."""

    from_: Decimal | None = Field(None, alias="from")
    above: Decimal | None = None
    points: Decimal
    label: OptionalWords = ""


class CriterionEntry(Entry):
    """A field, criterion or sub-criterion; either `criteria` or a `method` with its parameters."""

    code: Code
    title: Words
    max_points: Decimal
    department: OptionalWords = ""
    guidance: OptionalWords = ""
    evidence: tuple[Words, ...] = ()
    not_occurred: NotOccurred | None = None
    method: MethodName | None = None
    levels: tuple[LevelEntry, ...] | None = None
    bands: tuple[BandEntry, ...] | None = None
    numerator: Words | None = None
    denominator: Words | None = None
    floor: Decimal | None = None
    full_at: Decimal | None = None
    item: Words | None = None
    per_item: Decimal | None = None
    step: Decimal | None = None
    criteria: tuple[CriterionEntry, ...] = ()


class AdjustmentEntry(Entry):
    """A bonus or penalty item."""

    code: Code
    title: Words
    kind: Literal["bonus", "penalty"]
    per_item: Decimal
    cap: Decimal
    department: Words
    evidence: tuple[Words, ...] = ()
    criterion: OptionalWords = ""
    below_zero: bool = False


class CriteriaFile(Entry):
    """The whole file."""

    schema_: int = Field(1, alias="schema", ge=1, le=1)
    title: Words
    total_points: Decimal
    survey_points: Decimal = Decimal(0)
    fields: tuple[CriterionEntry, ...] = Field(min_length=1)
    adjustments: tuple[AdjustmentEntry, ...] = ()
    survey: SurveyEntry | None = None


PARAMETERS: Final = (
    "levels",
    "bands",
    "numerator",
    "denominator",
    "floor",
    "full_at",
    "item",
    "per_item",
    "step",
)


def load_criteria(document: Document, departments: Collection[str] | None) -> CriteriaSet | None:
    """Return the criteria set of the file, every mistake being in the document's problems; None if none can be made.

    Args:
        departments: the ids that `cycle.yaml` knows; None if that file could not be read, so that the owners
            cannot be checked.
    """
    file = validate(document, CriteriaFile)
    if file is None:
        return None
    places = {entry.code: path for path, entry in _entries(file)}
    for path, entry in _entries(file):
        _check_department(document, path, entry.department, departments)
    before = len(document.problems)
    fields = tuple(_criterion(document, entry, ("fields", place), "") for place, entry in enumerate(file.fields))
    plan = survey_plan(document, file.survey, _surveyed(file)) if file.survey else None
    is_whole = len(document.problems) == before
    try:
        criteria = CriteriaSet(
            file.title,
            file.total_points,
            file.survey_points,
            fields,
            tuple(map(_adjustment, file.adjustments)),
            plan,
        )
    except InvalidCriteria as invalid:
        for mistake in invalid.mistakes:
            if not _is_echo(mistake, file):
                _report(document, mistake, places)
        return None
    return criteria if is_whole else None


def _entries(file: CriteriaFile) -> Iterator[tuple[Path_, CriterionEntry | AdjustmentEntry]]:
    def walk(path: Path_, entry: CriterionEntry) -> Iterator[tuple[Path_, CriterionEntry]]:
        yield path, entry
        for place, part in enumerate(entry.criteria):
            yield from walk((*path, "criteria", place), part)

    for place, field in enumerate(file.fields):
        yield from walk(("fields", place), field)
    for place, item in enumerate(file.adjustments):
        yield ("adjustments", place), item


def _surveyed(file: CriteriaFile) -> list[str]:
    return [entry.code for _, entry in _entries(file) if isinstance(entry, CriterionEntry) and entry.method == "survey"]


def _criterion(document: Document, entry: CriterionEntry, path: Path_, department: str) -> Criterion:
    owner = entry.department or department
    return Criterion(
        code=entry.code,
        title=entry.title,
        max_points=entry.max_points,
        department=owner,
        rule=_rule(document, entry, path),
        not_occurred=entry.not_occurred,
        guidance=entry.guidance,
        evidence=entry.evidence,
        parts=tuple(
            _criterion(document, part, (*path, "criteria", place), owner) for place, part in enumerate(entry.criteria)
        ),
    )


def _rule(document: Document, entry: CriterionEntry, path: Path_) -> Rule | None:
    """Build the scoring rule; parameters of other methods and missing ones are mistakes."""
    given = {name for name in PARAMETERS if getattr(entry, name) is not None}
    if entry.method is None:
        for name in sorted(given):
            document.report(
                (*path, name),
                "parameter_unknown",
                text("«{name}» belongs to a scoring method, but {code} has none", name=name, code=entry.code),
                text("add `method:` or remove it"),
            )
        return None
    rule_type = METHODS[entry.method]
    parameters = {f.name: f for f in dataclasses.fields(rule_type)}  # type: ignore[arg-type]  # every rule is a dataclass
    for name in sorted(given - parameters.keys()):
        document.report(
            (*path, name),
            "parameter_unknown",
            text("«{name}» does not belong to method {method}", name=name, method=entry.method),
            text("remove it, or choose another method"),
        )
    required = {name for name, f in parameters.items() if f.default is dataclasses.MISSING}
    for name in sorted(required - given):
        document.report(
            path,
            "missing",
            text("method {method} of {code} needs «{name}»", method=entry.method, code=entry.code, name=name),
            text("add `{name}:`", name=name),
        )
    if required - given:
        return None
    return rule_type(**{name: _parameter(document, entry, path, name) for name in given & parameters.keys()})


def _parameter(document: Document, entry: CriterionEntry, path: Path_, name: str) -> object:
    if name == "levels":
        return tuple(Level(level.points, level.label) for level in entry.levels or ())
    if name == "bands":
        return tuple(_band(document, band, (*path, "bands", place)) for place, band in enumerate(entry.bands or ()))
    return getattr(entry, name)


def _band(document: Document, entry: BandEntry, path: Path_) -> Band:
    if (entry.from_ is None) == (entry.above is None):
        document.report(
            path,
            "band_limit",
            text("a band needs either «from» or «above»"),
            text("`from: 0.9` includes 0.9, `above: 0.9` begins just above it"),
        )
    lower = entry.from_ if entry.from_ is not None else entry.above
    return Band(lower or Decimal(0), entry.points, exclusive=entry.from_ is None, label=entry.label)


def _adjustment(entry: AdjustmentEntry) -> Adjustment:
    return Adjustment(**{name: getattr(entry, name) for name in AdjustmentEntry.model_fields})


def _check_department(document: Document, path: Path_, department: str, departments: Collection[str] | None) -> None:
    if department and departments is not None and department not in departments:
        document.report(
            (*path, "department"),
            "department_unknown",
            text("there is no department «{department}» in cycle.yaml", department=department),
            text("choose one of: {departments}", departments=sorted(departments)),
        )


def _is_echo(mistake: Mistake, file: CriteriaFile) -> bool:
    """A leaf has no rule also when its method lacks a parameter, which has been reported already."""
    leaves = (entry for _, entry in _entries(file) if isinstance(entry, CriterionEntry) and not entry.criteria)
    return mistake.key == "method" and any(leaf.method and leaf.code == mistake.code for leaf in leaves)


def _report(document: Document, mistake: Mistake, places: dict[str, Path_]) -> None:
    path = places.get(mistake.code, ())
    document.report((*path, mistake.key), mistake.key, mistake.what, mistake.fix)
