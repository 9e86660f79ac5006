"""What people may type into a sheet, as data validations and colour rules of an .xlsx workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl.formatting.rule import Rule
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cchc_sheets.characters import whole
from cchc_sheets.layouts.workbook import Input, Sheet
from cchc_sheets.workspace.placement import Placement, letter, runs
from cchc_sheets.workspace.xlsx_styles import tone_style

LISTS_TITLE: Final = "_cchc_lists"
LISTS_MARK: Final = "cchc-sheets-lists"

_LONGEST_WORDS = 255  # a longer list, prompt or refusal makes Excel call the file damaged
_NO_LIMIT = "1E+300"


class ChoiceLists:
    """The hidden sheet on which the lists of choices stand that cannot stand inside a validation."""

    def __init__(self, book: OpenpyxlWorkbook) -> None:
        self._book = book
        self._sheet: Worksheet | None = None
        self._ranges: dict[tuple[str, ...] | tuple[Decimal, ...], str] = {}

    def range(self, choices: tuple[str, ...] | tuple[Decimal, ...]) -> str:
        """Return the range in which `choices` stand; equal lists stand there once."""
        known = self._ranges.get(choices)
        if known is None:
            known = self._ranges[choices] = self._written(choices)
        return known

    def _written(self, choices: tuple[str, ...] | tuple[Decimal, ...]) -> str:
        if self._sheet is None:
            self._sheet = self._book.create_sheet(LISTS_TITLE)
            self._sheet.sheet_state = "veryHidden"
            self._sheet.protection.sheet = True
            self._sheet["A1"] = LISTS_MARK
        column = len(self._ranges) + 2
        for number, choice in enumerate(choices, start=1):
            cell: Any = self._sheet.cell(number, column)
            is_text = isinstance(choice, str)
            # As text: a number keeps exactly its decimal digits, a word that starts with `=` stays a word.
            cell._value = whole(choice) if isinstance(choice, str) else f"{choice:f}"  # noqa: SLF001
            cell.data_type = "s" if is_text else "n"
        name = letter(column)
        return f"'{LISTS_TITLE}'!${name}$1:${name}${len(choices)}"


def add_inputs(target: Worksheet, placement: Placement, lists: ChoiceLists) -> None:
    """Add one data validation to `target` for each kind of input, over all its cells."""
    places: dict[Input, dict[str, list[int]]] = {}
    for line in placement.lines:
        for column, entry in line.row.inputs.items() if line.row else ():
            places.setdefault(entry, {}).setdefault(placement.columns[column], []).append(line.number)
    for entry, columns in places.items():
        validation = _validation(entry, lists)
        if validation is not None:
            ranges = " ".join(_ranges(columns))
            validation.sqref = MultiCellRange(ranges)
            target.data_validations.append(validation)


def add_tones(target: Worksheet, sheet: Sheet, placement: Placement) -> None:
    """Add the rules that colour cells of `sheet` by the words in them."""
    if placement.last < placement.first:
        return
    for column in sheet.columns:
        name = placement.columns[column.key]
        for word, tone in column.tones.items():
            quoted = whole(word).replace('"', '""')
            rule = Rule(type="cellIs", operator="equal", formula=[f'"{quoted}"'], dxf=tone_style(tone))
            target.conditional_formatting.add(f"{name}{placement.first}:{name}{placement.last}", rule)
        if column.filled:
            rule = Rule(type="expression", formula=[f"LEN({name}{placement.first})>0"], dxf=tone_style(column.filled))
            target.conditional_formatting.add(f"{name}{placement.first}:{name}{placement.last}", rule)


def _ranges(columns: Mapping[str, list[int]]) -> Iterator[str]:
    for name, numbers in columns.items():
        for first, last in runs(numbers):
            yield f"{name}{first}" if first == last else f"{name}{first}:{name}{last}"


def _validation(entry: Input, lists: ChoiceLists) -> DataValidation | None:
    condition = _condition(entry, lists)
    if not condition and not entry.prompt:
        return None
    validation = DataValidation(allow_blank=True, errorStyle="stop", **condition)
    validation.showErrorMessage = bool(condition)
    validation.showInputMessage = bool(entry.prompt)
    validation.prompt = _shortened(entry.prompt) or None
    validation.error = _shortened(entry.refusal) or None
    return validation


def _condition(entry: Input, lists: ChoiceLists) -> dict[str, Any]:
    if entry.choices:
        return {"type": "list", "formula1": _inline(entry.choices) or lists.range(entry.choices)}
    if entry.number:
        low, high = (_limit(entry.minimum), _limit(entry.maximum))
        return {
            "type": "decimal",
            "operator": "between",
            "formula1": low or f"-{_NO_LIMIT}",
            "formula2": high or _NO_LIMIT,
        }
    if entry.length is not None:
        return {"type": "textLength", "operator": "lessThanOrEqual", "formula1": str(entry.length)}
    return {}


def _limit(limit: Decimal | None) -> str:
    return "" if limit is None else f"{limit:f}"


def _inline(choices: tuple[str, ...] | tuple[Decimal, ...]) -> str:
    """Return the choices as a list inside the validation, or nothing where they cannot stand there.

    Numbers never can: with a decimal comma Excel takes `0,5` for two choices, and hands out text.
    """
    words = [choice for choice in choices if isinstance(choice, str)]
    if len(words) < len(choices) or any(set(word) & set(',";\n') or word != word.strip() for word in words):
        return ""
    joined = whole(",".join(words))
    return f'"{joined}"' if len(joined) < _LONGEST_WORDS - 2 else ""


def _shortened(words: str) -> str:
    words = whole(words)
    return words if len(words) <= _LONGEST_WORDS else words[: _LONGEST_WORDS - 1] + "…"
