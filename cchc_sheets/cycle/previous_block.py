"""The block `previous:` of `cycle.yaml`: where last year's results are, and what of them can be compared.

What is not written is as last year: a unit continues the one with its code and name, a criterion the one with its code,
title and level.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from cchc_sheets.cycle.schema import Code, Entry, Words
from cchc_sheets.cycle.yaml_document import Document, Path_
from cchc_sheets.messages import text

BLOCK: Final = "previous"


def _as_list(value: object) -> object:
    """Take a bare code for a list of one."""
    return [value] if isinstance(value, str) else value


Predecessors = Annotated[tuple[Code, ...], BeforeValidator(_as_list)]


class PreviousEntry(Entry):
    """The whole block.

    Attributes:
        file: last year's `ledger.db`, or the `results.json` of the open data; relative to the cycle folder.
        year: only needed where the file does not tell.
        units: this year's code → last year's codes: one for a renamed unit, several for a merged one, none for a new
            one.
        criteria: this year's code → last year's, or null where the two do not compare.
    """

    file: Words
    year: int | None = Field(None, ge=2000, le=2100)
    units: dict[str, Predecessors] = Field(default_factory=dict)
    criteria: dict[str, Code | None] = Field(default_factory=dict)


def check_previous(document: Document, entry: PreviousEntry, units: Collection[str], criteria: Collection[str]) -> None:
    """Report codes that this year does not know, and codes of last year that are used twice.

    Args:
        units: the codes of this year's units; `criteria` those of its criteria of every level.
    """
    for code in entry.units:
        if code not in units:
            document.report(
                (BLOCK, "units", code),
                "unit_unknown",
                text("there is no unit «{name}»", name=code),
                text("write the unit's code as in units.csv"),
            )
    for code in entry.criteria:
        if code not in criteria:
            document.report(
                (BLOCK, "criteria", code),
                "criterion_unknown",
                text("there is no criterion «{code}»", code=code),
                text("write this year's code before the colon, last year's after it"),
            )
    _report_units_twice(document, entry, units)
    _report_criteria_twice(document, entry)


def _report_units_twice(document: Document, entry: PreviousEntry, units: Collection[str]) -> None:
    """A unit of last year is continued by one unit at most; a unit that is not named continues the one of its code."""
    by_themselves = Counter(code for code in units if code not in entry.units)
    named = Counter(code for codes in entry.units.values() for code in codes)
    seen: set[str] = set()
    for path, code in _named_units(entry):
        if named[code] > 1 and code in seen:
            document.report(
                path,
                "twice",
                text("last year's unit «{code}» is used twice", code=code),
                text("a unit that was divided is continued by one unit at most; write `[]` for the others"),
            )
        elif by_themselves[code] and code not in seen:
            document.report(
                path,
                "twice",
                text("last year's unit «{code}» is already continued by this year's unit of that code", code=code),
                text("write `{code}: []` if that is a new unit", code=code),
            )
        seen.add(code)


def _named_units(entry: PreviousEntry) -> Iterator[tuple[Path_, str]]:
    for unit, codes in entry.units.items():
        for place, code in enumerate(codes):
            yield (BLOCK, "units", unit, place), code


def _report_criteria_twice(document: Document, entry: PreviousEntry) -> None:
    seen: set[str] = set()
    for code, before in entry.criteria.items():
        if before is not None and before in seen:
            document.report(
                (BLOCK, "criteria", code),
                "twice",
                text("last year's criterion «{code}» is used twice", code=before),
                text("hold it against one criterion of this year; write null for the other"),
            )
        seen.add(before or "")
