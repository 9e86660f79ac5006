"""Slots: the marks `⟦name⟧` in the texts of a sheet, and what stands in their place in one workbook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet, Value

_SLOT = re.compile("⟦([^⟦⟧]*)⟧")


def has_slot(text: str) -> bool:
    """Tell whether `text` may hold a slot."""
    return "⟦" in text


def fill(text: str, slots: Mapping[str, str]) -> str:
    """Return `text` with every known slot filled; a mark of an unknown name stays as it is."""
    if not has_slot(text):
        return text
    return _SLOT.sub(lambda found: slots.get(found[1], found[0]), text)


def fill_formula(pattern: str, slots: Mapping[str, str]) -> str:
    """Return a formula with its slots filled; quotes are doubled, as inside a formula's text."""
    return fill(pattern, {name: value.replace('"', '""') for name, value in slots.items()})


def needs_filling_first(sheet: Sheet) -> bool:
    """Tell whether slots stand elsewhere than in the texts of cells: on the tab, in links, inputs, tones."""
    rows = (*sheet.banner, *sheet.rows)
    return (
        has_slot(sheet.title)
        or any(has_slot(word) for column in sheet.columns for word in column.tones)
        or any(isinstance(value, Link) and has_slot(value.url) for row in rows for value in row.cells.values())
        or any(_has_slots(entry) for row in rows for entry in row.inputs.values())
    )


def filled(sheet: Sheet, slots: Mapping[str, str]) -> Sheet:
    """Return the sheet with every slot filled everywhere."""
    return replace(
        sheet,
        title=fill(sheet.title, slots),
        columns=tuple(_filled_column(column, slots) for column in sheet.columns),
        banner=tuple(_filled_row(row, slots) for row in sheet.banner),
        rows=tuple(_filled_row(row, slots) for row in sheet.rows),
    )


def _has_slots(entry: Input) -> bool:
    words = (entry.prompt, entry.refusal, *(choice for choice in entry.choices if isinstance(choice, str)))
    return any(map(has_slot, words))


def _filled_column(column: Column, slots: Mapping[str, str]) -> Column:
    tones = {fill(word, slots): tone for word, tone in column.tones.items()}
    return replace(column, title=fill(column.title, slots), tones=tones)


def _filled_row(row: Row, slots: Mapping[str, str]) -> Row:
    cells = {key: _filled_value(value, slots) for key, value in row.cells.items()}
    inputs = {key: _filled_input(entry, slots) for key, entry in row.inputs.items()}
    return replace(row, cells=cells, inputs=inputs)


def _filled_value(value: Value, slots: Mapping[str, str]) -> Value:
    match value:
        case str():
            return fill(value, slots)
        case Link():
            return Link(fill(value.text, slots), fill(value.url, slots))
        case Formula():
            return Formula(fill_formula(value.pattern, slots))
        case _:
            return value


def _filled_input(entry: Input, slots: Mapping[str, str]) -> Input:
    if not _has_slots(entry):
        return entry
    choices = tuple(fill(choice, slots) for choice in entry.choices if isinstance(choice, str))
    return replace(
        entry,
        choices=choices or entry.choices,
        prompt=fill(entry.prompt, slots),
        refusal=fill(entry.refusal, slots),
    )
