"""Reading what people type into a cell for a number. Nothing is guessed: what is not plainly a number is a problem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import Cell

_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,15})?")
# `1.250` and `1,250` may be one and a quarter or twelve hundred and fifty; `0,125` can only be a decimal.
_THOUSANDS: Final = re.compile(r"[+-]?(?!0[.,][0-9]+\Z)[0-9]{1,3}(?:[., ][0-9]{3})+(?:[.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that holds something, but no number that can be taken as it stands."""

    code: str
    what: Text
    fix: Text


def read_number(cell: Cell | None) -> Decimal | Unreadable | None:
    """Return the number in a cell, None if it is blank, or why it is neither.

    Accepts a number cell and text such as `0,5`, `0.5` or ` 1 `. Dates, percentages, thousands separators, units
    (`1,5đ`), formulas and error values are `Unreadable`.
    """
    if cell is None:
        return None
    if cell.error:
        return Unreadable(
            "formula_error",
            text("the cell shows the error {error}", error=cell.error),
            text("type the number itself"),
        )
    if cell.formula:
        return Unreadable(
            "formula",
            text("the cell holds the formula {formula}", formula=cell.formula[:60]),
            text("type the number itself, not a formula"),
        )
    match cell.value:
        case None:
            return None
        case bool():
            return _not_a_number(str(cell.value).upper())
        case Decimal():
            if not cell.value.is_finite():
                return _not_a_number(str(cell.value))
            return _percentage(cell.value) if cell.percent else cell.value
        case date() | time():
            return Unreadable(
                "date",
                text("the spreadsheet turned what was typed into a date or time ({value})", value=cell.value),
                text("set the cell's format to Number and type the number again, e.g. 0,5"),
            )
    return _read_text(vietnamese.normal(cell.value))


def _read_text(typed: str) -> Decimal | Unreadable | None:
    if not typed:
        return None
    if _THOUSANDS.fullmatch(typed):
        return Unreadable(
            "thousands",
            text("«{typed}» may have a thousands separator", typed=typed),
            text("type the number without separators between thousands, e.g. 1250"),
        )
    if _PLAIN.fullmatch(typed):
        return Decimal(typed.replace(",", "."))
    if typed.endswith("%"):
        return Unreadable("percent", text("«{typed}» is a percentage", typed=typed), _points_wanted())
    if typed.startswith("#"):
        return Unreadable(
            "formula_error",
            text("the cell shows the error {error}", error=typed[:60]),
            text("type the number itself"),
        )
    return _not_a_number(typed)


def _percentage(value: Decimal) -> Unreadable:
    shown = f"{vietnamese.number(value * 100)}%"
    return Unreadable("percent", text("«{typed}» is a percentage", typed=shown), _points_wanted())


def _points_wanted() -> Text:
    return text("type the plain number and set the cell's format to Number")


def _not_a_number(typed: str) -> Unreadable:
    return Unreadable(
        "not_a_number",
        text("«{typed}» is not a number", typed=typed if len(typed) <= 60 else typed[:57] + "…"),  # noqa: PLR2004 - fits a line
        text("type only the number, e.g. 0,5 or 0.5; write words in the note"),
    )
