"""`criteria`: the criteria set as it is understood: what counts how much, by which rule, appraised by whom."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.criteria import Adjustment, CriteriaSet, Criterion
from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.cycle.settings import Settings
from cchc_sheets.errors import CchcError
from cchc_sheets.layouts.rule_words import adjustment_in_words, guidance_in_words, rule_in_words
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table, plain_decimal
from cchc_sheets.vietnamese import number

_FEW, _MANY = 5, 20
_METHODS: Final = {
    "levels": text("by levels"),
    "bands": text("by bands of a figure"),
    "ratio": text("by a ratio"),
    "count": text("by the number of cases"),
    "points": text("points in steps"),
    "survey": text("from the survey"),
    "imported": text("from another system"),
}
_INDENT: Final = "  "


def criteria(folder: Path, code: str = "") -> Outcome:
    """Show the set, or with a code one branch, criterion, bonus or penalty with all that is said of it.

    Raises:
        ConfigurationError: carrying every mistake of the cycle's files.
        CchcError: if the code means nothing.
    """
    cycle = load_cycle(folder)
    whole, settings = cycle.criteria, cycle.settings
    shown = [whole.by_code[code]] if code in whole.by_code else [] if code else list(whole.fields)
    items = [item for item in whole.adjustments if code in {"", item.code}]
    if not shown and not items:
        raise unknown_code(whole, code)
    lines = [*_lines(shown, settings, in_full=bool(code)), *_items(items, settings)]
    return Outcome(
        "criteria",
        (_summary(whole),),
        data={
            "title": whole.title,
            "total_points": plain_decimal(whole.total_points),
            "survey_points": plain_decimal(whole.survey_points),
            "criteria": [_data(criterion, whole, settings) for top in shown for criterion in top.walk()],
            "adjustments": [_item_data(item) for item in items],
        },
        table=Table(
            text("{title}", title=whole.title),
            (text("Code"), text("Criterion"), text("Maximum"), text("How it is scored"), text("Department")),
            tuple(lines),
            frozenset({2}),
        ),
    )


def unknown_code(criteria: CriteriaSet, code: str) -> CchcError:
    """Return the refusal of a code that stands nowhere in the set, with those that may be meant."""
    titles = {criterion.code: criterion.title for criterion in criteria.by_code.values()}
    titles |= {item.code: item.title for item in criteria.adjustments}
    near = [f"{one} ({titles[one]})" for one in difflib.get_close_matches(code, titles, _FEW)]
    fix = text("write a code as it stands in criteria.yaml, e.g. {codes}", codes=list(titles)[:_FEW])
    if near:
        fix = text("did you mean {near}?", near=near)
    elif len(titles) <= _MANY:
        fix = text("choose one of: {codes}", codes=list(titles))
    return CchcError(
        text("«{code}» is no code of the criteria set", code=code),
        where="criteria.yaml",
        fix=fix,
        code="criterion_unknown",
    )


def sums_of(criteria: CriteriaSet) -> dict[str, object]:
    """Return how much there is in a set, by the names that sentences about it use."""
    return {
        "fields": len(criteria.fields),
        "leaves": len(criteria.leaves),
        "total": criteria.total_points,
        "appraised": criteria.appraised_points,
        "survey": criteria.survey_points,
        "adjustments": len(criteria.adjustments),
    }


def _summary(criteria: CriteriaSet) -> Text:
    return text(
        "{fields} fields, {leaves} components, {total} points ({appraised} appraised, {survey} survey); "
        "{adjustments} bonus and penalty items",
        **sums_of(criteria),
    )


def _lines(
    criteria: Iterable[Criterion], settings: Settings, *, in_full: bool, level: int = 0
) -> Iterator[tuple[str, ...]]:
    for criterion in criteria:
        yield (
            criterion.code,
            _INDENT * level + criterion.title,
            number(criterion.max_points),
            guidance_in_words(criterion) if in_full else _method(criterion),
            _department(criterion, settings),
        )
        yield from _lines(criterion.parts, settings, in_full=in_full, level=level + 1)


def _items(items: Iterable[Adjustment], settings: Settings) -> Iterator[tuple[str, ...]]:
    for item in items:
        department = settings.department(item.department).name
        yield item.code, item.title, number(item.cap), adjustment_in_words(item), department


def _method(criterion: Criterion) -> str:
    return "" if criterion.rule is None else str(_METHODS[criterion.rule.method])


def _department(criterion: Criterion, settings: Settings) -> str:
    return settings.department(criterion.department).name if criterion.is_self_scored else ""


def _data(criterion: Criterion, whole: CriteriaSet, settings: Settings) -> dict[str, Any]:
    parent = next((one.code for one in whole.by_code.values() if criterion in one.parts), None)
    return {
        "code": criterion.code,
        "parent": parent,
        "title": criterion.title,
        "max_points": plain_decimal(criterion.max_points),
        "method": criterion.rule.method if criterion.rule else None,
        "rule": rule_in_words(criterion) or None,
        "department": _department(criterion, settings) or None,
        "not_occurred": criterion.not_occurred,
        "evidence": list(criterion.evidence),
    }


def _item_data(item: Adjustment) -> dict[str, Any]:
    return {
        "code": item.code,
        "title": item.title,
        "kind": item.kind,
        "per_item": plain_decimal(item.per_item),
        "cap": plain_decimal(item.cap),
        "criterion": item.criterion or None,
    }
