"""What a stored number means: its exact value, and whether it is a date or a percentage."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from cchc_sheets.reading import Cell, Raw

Meaning = Literal["number", "percent", "date", "moment"]

_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"\+?[0-9]{1,10}")
_BLANKS = " \t\r\n"


def whole_number(written: str) -> int:
    """Return a whole number of the format: of a row, a style, a shared text.

    Raises:
        ValueError: if it is none.
    """
    plain = written.strip(_BLANKS)
    if not _WHOLE.fullmatch(plain):
        raise ValueError(plain[:20])
    return int(plain)


@lru_cache(maxsize=8192)
def exact(written: str) -> Decimal | None:
    """Return the number as Excel shows it: the shortest decimal of the stored double; None if it is none.

    What a double is says the format (xsd:double), not Python, which also takes `1_0` and digits of other scripts.
    """
    if not _DOUBLE.fullmatch(written.strip(_BLANKS)):
        return None
    shortest = repr(float(written)).removesuffix(".0")
    value = Decimal(shortest)
    return (value or Decimal(0)) if value.is_finite() else None


def number_cell(written: str, means: Meaning, *, since_1904: bool) -> Cell:
    """Return the cell for a stored number under the meaning of its format."""
    value = exact(written)
    if value is None:
        return Cell(written)
    if means == "percent":
        return Cell(value, percent=True)
    if means == "number":
        return Cell(value)
    return Cell(_moment(value, means, since_1904=since_1904))


def iso_cell(written: str) -> Cell:
    """Return the cell for a date stored as ISO 8601 text."""
    try:
        value: object = from_ISO8601(written)  # type: ignore[no-untyped-call]
    except ValueError:
        return Cell(written)
    return Cell(value) if isinstance(value, datetime | date | time) else Cell(written)


def _moment(value: Decimal, means: Meaning, *, since_1904: bool) -> Raw:
    epoch = CALENDAR_MAC_1904 if since_1904 else CALENDAR_WINDOWS_1900
    try:
        moment = from_excel(float(value), epoch)
    except (ValueError, OverflowError):
        return value
    if isinstance(moment, datetime):
        return moment.date() if means == "date" and moment.time() == time() else moment
    return moment if isinstance(moment, time) else value
