"""The results of an earlier year as their open data tell them: read strictly, added up again, or refused.

A file of another office may be anything. Numbers are taken from strings of exact decimals only, and what does not add
up to what it says itself is not compared with anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.past import PastCriterion, PastUnit, PastYear, Portion, together
from cchc_sheets.characters import read_json
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import Text, text

LARGEST: Final = 24 * 1024 * 1024
"""The most bytes a file of open data may have; 168 units with 79 criteria come to five million."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_FRACTION: Final = re.compile(r"-?[0-9]{1,60}(?:/0*[1-9][0-9]{0,59})?")


def _number(value: object) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    raise ValueError


def _fraction(value: object) -> Fraction:
    if isinstance(value, str) and _FRACTION.fullmatch(value):
        return Fraction(value)
    raise ValueError


_Number = Annotated[Decimal, BeforeValidator(_number)]
_Exact = Annotated[Fraction, BeforeValidator(_fraction)]
_Code = Annotated[str, StringConstraints(min_length=1, max_length=80)]
_Words = Annotated[str, StringConstraints(max_length=4000)]


class _Part(BaseModel):
    """One object of the file; what it holds beside is passed over."""

    model_config = ConfigDict(frozen=True, strict=True, arbitrary_types_allowed=True)


class _Field(_Part):
    code: _Code
    points: _Number
    attainable_points: _Number


class _Score(_Part):
    code: _Code
    points: _Number | None
    excluded: bool


class _Unit(_Part):
    unit: _Code
    name: _Words
    group: _Words
    appraisal_points: _Number
    survey_points: _Number | None
    adjustment_points: _Number
    attainable_points: _Number
    index: _Number
    index_exact: _Exact
    rank: Annotated[int, Field(ge=1)] | None
    fields: list[_Field] = Field(min_length=1)
    criteria: list[_Score]

    @property
    def points(self) -> Decimal:
        """All points that stand."""
        return self.appraisal_points + (self.survey_points or Decimal(0)) + self.adjustment_points


class _Criterion(_Part):
    code: _Code
    parent: _Code | None
    title: _Words
    max_points: _Number
    source: _Words | None


class _Policies(_Part):
    groups: Literal["all", "kind", "group"]
    decimals: int = Field(ge=0, le=6)


class _File(_Part):
    cycle: _Words
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    authority: _Words
    ledger_digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    policies: _Policies
    criteria: list[_Criterion] = Field(min_length=1)
    units: list[_Unit] = Field(min_length=1)


def past_results(content: bytes, where: str, year: int | None = None) -> PastYear:
    """Return the results that a file of open data holds.

    Args:
        where: the file's name for messages; `year` that of the settings, for a file that does not tell.

    Raises:
        CchcError: if it is none, is of another form, or does not add up.
    """
    data = _data(content, where)
    _refuse_other_form(data, where)
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        raise _refusal(text("the file is not as `publish` writes it: {place}", place=place), where) from error
    year = _year(file.year, year, where)
    wrong = next(_wrong(file), None)
    if wrong is not None:
        raise _refusal(wrong, where)
    parents = {one.code: one.parent or "" for one in file.criteria}
    maxima = {one.code: one.max_points for one in file.criteria}
    return PastYear(
        year=year,
        cycle=file.cycle,
        authority=file.authority,
        groups=file.policies.groups,
        with_survey=any(one.survey_points is not None for one in file.units),
        criteria=tuple(
            PastCriterion(one.code, one.title, one.max_points, one.parent or "", one.source is not None)
            for one in file.criteria
        ),
        units=tuple(
            PastUnit(one.unit, one.name, one.group, one.index_exact, one.rank, _reached(one, parents, maxima))
            for one in file.units
        ),
        ledger_digest=file.ledger_digest,
    )


class _NotExact(ValueError):
    """A bare number with a fraction, or none at all: it has lost its exact value already."""


def _data(content: bytes, where: str) -> Any:
    if len(content) > LARGEST:
        raise _refusal(text("the file is larger than any results are"), where)
    try:
        return read_json(content.decode("utf-8-sig"), refuse=_refuse_bare)
    except _NotExact as error:
        raise _refusal(text("the file holds the bare number {number}", number=str(error)), where) from error
    except (ValueError, RecursionError) as error:
        raise _refusal(text("the file is neither a ledger nor open data of results"), where) from error


def _refuse_bare(written: str) -> None:
    raise _NotExact(written[:40])


def _refuse_other_form(data: Any, where: str) -> None:
    if not isinstance(data, dict) or "schema" not in data:
        raise _refusal(text("the file is neither a ledger nor open data of results"), where)
    if data["schema"] != 1 or isinstance(data["schema"], bool):
        raise CchcError(
            text("the file is of form {schema}, which this program does not know", schema=str(data["schema"])[:20]),
            where=where,
            fix=text("install the newest version"),
            code="previous_newer",
        )
    if "units" in data and "criteria" not in data:
        raise _refusal(text("the file holds only the sums that `finalise` writes"), where)


def _year(told: int | None, given: int | None, where: str) -> int:
    if told is None and given is None:
        raise CchcError(
            text("the file does not tell which year it is of"),
            where=where,
            fix=text("write `year:` in the block `previous:` of cycle.yaml"),
            code="previous_year",
        )
    if told is not None and given is not None and told != given:
        raise CchcError(
            text("the file is of {told}, but cycle.yaml says {given}", told=str(told), given=str(given)),
            where=where,
            fix=text("name the right file, or remove `year:` from the block `previous:`"),
            code="previous_year",
        )
    return told or given or 0


def _wrong(file: _File) -> Iterator[Text]:
    """Yield everything in the file that does not fit together."""
    codes = [one.code for one in file.criteria]
    units = [one.unit for one in file.units]
    if len(set(codes)) < len(codes) or len(set(units)) < len(units):
        yield text("a code is there twice")
    yield from _wrong_tree(file)
    parents = {one.code: one.parent or "" for one in file.criteria}
    maxima = {one.code: one.max_points for one in file.criteria}
    leaves = {one.code for one in file.criteria if one.source is not None}
    for unit in file.units:
        scored = [score.code for score in unit.criteria]
        if len(set(scored)) < len(scored) or not leaves.issuperset(scored):
            yield text("{unit}: its criteria are not those of the set", unit=unit.name)
            continue
        if not _adds_up(unit, _reached(unit, parents, maxima), file.policies.decimals):
            yield text("{unit}: the points do not add up to the index", unit=unit.name)


def _wrong_tree(file: _File) -> Iterator[Text]:
    """A criterion stands below one that was named before it, and what is scored has nothing below it."""
    seen: set[str] = set()
    for one in file.criteria:
        if one.parent is not None and one.parent not in seen:
            yield text("criterion {code} stands below one that is not there", code=one.code)
        if one.max_points <= 0:
            yield text("criterion {code} is worth nothing", code=one.code)
        if one.source is None:
            seen.add(one.code)


def _reached(unit: _Unit, parents: Mapping[str, str], maxima: Mapping[str, Decimal]) -> dict[str, Portion]:
    """Add up a unit's points in every branch; a criterion without points counts as 0, one left out not at all."""
    reached: dict[str, Portion] = {}
    for score in unit.criteria:
        if score.excluded:
            continue
        own, code = Portion(score.points or Decimal(0), maxima[score.code]), score.code
        while code:
            reached[code] = together(iter((reached[code], own))) if code in reached else own
            code = parents[code]
    return reached


def _adds_up(unit: _Unit, reached: Mapping[str, Portion], decimals: int) -> bool:
    nothing = Portion(Decimal(0), Decimal(0))
    fields = {one.code: Portion(one.points, one.attainable_points) for one in unit.fields}
    whole = together(iter(fields.values()))
    exact = Fraction(unit.points) / Fraction(unit.attainable_points) * 100 if unit.attainable_points else Fraction(0)
    return (
        len(fields) == len(unit.fields)
        and all(reached.get(code, nothing) == portion for code, portion in fields.items())
        and whole.points == unit.appraisal_points + (unit.survey_points or Decimal(0))
        and whole.attainable == unit.attainable_points
        and exact == unit.index_exact
        and rounded(exact, decimals) == unit.index
    )


def _refusal(what: Text, where: str) -> CchcError:
    return CchcError(
        what,
        where=where,
        fix=text("name last year's ledger.db, or the open-data/results.json that `publish` has written"),
        code="previous_unreadable",
    )
