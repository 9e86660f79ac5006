"""What people may type into a Google sheet: validations, colour rules, the filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from cchc_sheets.characters import whole
from cchc_sheets.layouts.workbook import Input, Sheet
from cchc_sheets.workspace.google_batches import Request
from cchc_sheets.workspace.google_cells import LONGEST_TEXT
from cchc_sheets.workspace.google_formats import tone_format
from cchc_sheets.workspace.google_grid import Rectangle, Spot, rectangles
from cchc_sheets.workspace.placement import Placement, letter


def input_spots(placement: Placement) -> dict[Spot, Input]:
    """Return every cell that is open to people, and what it takes."""
    return {
        (line.number - 1, index): line.row.inputs[column]
        for line in placement.lines
        if line.row is not None and line.row.inputs
        for index, column in enumerate(placement.columns, start=1)
        if column in line.row.inputs
    }


def validation_requests(sheet_id: int, placement: Placement) -> Iterator[Request]:
    """Yield the rules for what may be typed, one request for each rectangle of equal inputs."""
    spots: dict[Input, list[Spot]] = defaultdict(list)
    for spot, entry in input_spots(placement).items():
        spots[entry].append(spot)
    for entry, own in spots.items():
        for rectangle in rectangles(own):
            condition = _condition(entry, rectangle)
            if condition:
                rule = {"condition": condition, "strict": True, "showCustomUi": bool(entry.choices)}
                message = " ".join(dict.fromkeys(filter(None, (whole(entry.prompt), whole(entry.refusal)))))
                rule |= {"inputMessage": message} if message else {}
                yield {"setDataValidation": {"range": rectangle.on(sheet_id), "rule": rule}}


def tone_requests(sheet_id: int, sheet: Sheet, placement: Placement) -> Iterator[Request]:
    """Yield the rules that colour cells of `sheet` by the words in them."""
    if placement.last < placement.first:
        return
    rules: list[dict[str, Any]] = []
    for index, column in enumerate(sheet.columns, start=1):
        ranges = [Rectangle(placement.first - 1, index, placement.last, index + 1).on(sheet_id)]
        tones = [(_is_word(word), tone) for word, tone in column.tones.items()]
        tones += [({"type": "NOT_BLANK"}, column.filled)] if column.filled else []
        rules += (
            {"ranges": ranges, "booleanRule": {"condition": condition, "format": tone_format(tone)}}
            for condition, tone in tones
        )
    for index, rule in enumerate(rules):
        yield {"addConditionalFormatRule": {"rule": rule, "index": index}}


def filter_requests(sheet_id: int, sheet: Sheet, placement: Placement) -> Iterator[Request]:
    """Yield what puts a filter over headings and rows, if the sheet has one."""
    if sheet.filter and placement.heading and placement.last >= placement.first:
        whole = Rectangle(placement.heading - 1, 1, placement.last, len(sheet.columns) + 1)
        yield {"setBasicFilter": {"filter": {"range": whole.on(sheet_id)}}}


def _condition(entry: Input, rectangle: Rectangle) -> dict[str, Any]:
    """Return what a cell of `rectangle` must fulfil; nothing if it takes everything and tells nothing."""
    first = f"{letter(rectangle.left + 1)}{rectangle.top + 1}"
    match entry:
        case Input(choices=choices) if choices:
            return _of("ONE_OF_LIST", *map(_typed, choices))
        case Input(number=True, minimum=None, maximum=None):
            return _of("CUSTOM_FORMULA", f"=ISNUMBER({first})")
        case Input(number=True, minimum=low, maximum=None) if low is not None:
            return _of("NUMBER_GREATER_THAN_EQ", _typed(low))
        case Input(number=True, minimum=None, maximum=high) if high is not None:
            return _of("NUMBER_LESS_THAN_EQ", _typed(high))
        case Input(number=True, minimum=low, maximum=high) if low is not None and high is not None:
            return _of("NUMBER_BETWEEN", _typed(low), _typed(high))
        case Input(length=None, prompt="", refusal=""):
            return {}
        case Input(length=length):
            # Words are shown beside a cell only by a rule; without a limit of its own the cell keeps Google's.
            return _of("CUSTOM_FORMULA", f"=LEN({first})<={LONGEST_TEXT if length is None else length}")


def _is_word(word: str) -> dict[str, Any]:
    return _of("TEXT_EQ", whole(word))


def _of(kind: str, *values: str) -> dict[str, Any]:
    return {"type": kind, "values": [{"userEnteredValue": value} for value in values]}


def _typed(choice: str | Decimal) -> str:
    """Return a choice or a limit as a person types it where the comma is the decimal sign."""
    return whole(choice) if isinstance(choice, str) else f"{choice:f}".replace(".", ",")
