"""What a text becomes that a person types into a cell, by the spreadsheet's locale."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

Message = dict[str, Any]
EPOCH = date(1899, 12, 30).toordinal()

_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$")
_DATE = re.compile(r"^(\d{1,4})([./-])(\d{1,2})(?:\2(\d{2,4}))?$")


@dataclass(frozen=True, slots=True)
class Locale:
    """How a country writes numbers and dates."""

    decimal: str
    thousands: str
    day_first: bool
    date_pattern: str
    argument: str
    separators: str
    money: tuple[str, str]


LOCALES = {
    "vi_VN": Locale(",", ".", True, "dd/mm/yyyy", ";", "./-", ("₫", "#,##0\\ [$₫-1]")),
    "en_US": Locale(".", ",", False, "m/d/yyyy", ",", "/-", ("$", "[$$]#,##0.00")),
    "en_GB": Locale(".", ",", True, "dd/mm/yyyy", ",", "./-", ("£", "[$£]#,##0.00")),
}


def locale_of(name: str) -> Locale:
    """Return the habits of a locale; KeyError for one that this server does not know."""
    return LOCALES[name]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a typed text becomes: an ExtendedValue (None: the cell is emptied), and a number format it brings."""

    value: Message | None
    number_format: Message | None = None


def typed(text: str, locale: str, today: date, number_format: Message | None = None) -> Typed:
    """Return what a cell holds after `text` was typed into it; `number_format` is the one the cell has."""
    if not text:
        return Typed(None)
    if number_format and number_format.get("type") == "TEXT":
        return Typed({"stringValue": text})
    if text.startswith("'"):
        return Typed({"stringValue": text[1:]})
    if text.startswith("=") and len(text) > 1:
        return Typed({"formulaValue": text})
    stripped = text.strip().replace("\N{NO-BREAK SPACE}", " ")
    if stripped.upper() in {"TRUE", "FALSE"}:
        return Typed({"boolValue": stripped.upper() == "TRUE"})
    readings: tuple[Callable[[str, Locale, date], Typed | None], ...] = (_number, _percent, _money, _date, _moment)
    habits = locale_of(locale)
    found = (reading(stripped, habits, today) for reading in readings)
    return next((one for one in found if one is not None), Typed({"stringValue": text}))


def parse_number(text: str, locale: Locale) -> float | None:
    """Return the number that a text is in a locale: `1.250` is 1250 and `0,5` a half in Viet Nam."""
    if not _number_pattern(locale).fullmatch(text):
        return None
    try:
        return float(text.replace(locale.thousands, "").replace(locale.decimal, "."))
    except ValueError:
        return None


@cache
def _number_pattern(locale: Locale) -> re.Pattern[str]:
    thousands, decimal = re.escape(locale.thousands), re.escape(locale.decimal)
    whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:{thousands}\d{{3}})+)"
    return re.compile(rf"[+-]?(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?")


def serial(day: date) -> int:
    """Return the serial number of a day."""
    return day.toordinal() - EPOCH


def _number(text: str, locale: Locale, _today: date) -> Typed | None:
    value = parse_number(text, locale)
    if value is None:
        return None
    if "e" in text.lower():
        return Typed({"numberValue": value}, {"type": "SCIENTIFIC", "pattern": "0.00E+00"})
    if locale.thousands in text:
        pattern = "#,##0.00" if locale.decimal in text else "#,##0"
        return Typed({"numberValue": value}, {"type": "NUMBER", "pattern": pattern})
    return Typed({"numberValue": value})


def _percent(text: str, locale: Locale, _today: date) -> Typed | None:
    if not text.endswith("%"):
        return None
    value = parse_number(text[:-1].strip(), locale)
    if value is None:
        return None
    pattern = "0.00%" if locale.decimal in text else "0%"
    # Divided in decimal: 12,3% is 0.123, not 0.12300000000000001.
    return Typed({"numberValue": float(f"{value!r}e-2")}, {"type": "PERCENT", "pattern": pattern})


def _money(text: str, locale: Locale, _today: date) -> Typed | None:
    sign, pattern = locale.money
    if not (text.startswith(sign) or text.endswith(sign)):
        return None
    value = parse_number(text.strip(sign).strip(), locale)
    return None if value is None else Typed({"numberValue": value}, {"type": "CURRENCY", "pattern": pattern})


def _day(text: str, locale: Locale, today: date) -> tuple[date, str] | None:
    found = _DATE.match(text)
    if not found or found[2] not in locale.separators:
        return None
    first, sign, second, third = found[1], found[2], found[3], found[4]
    if len(first) == 4:
        if third is None or len(third) > 2:
            return None
        return _made(int(first), int(second), int(third), f"yyyy{sign}mm{sign}dd")
    if len(first) > 2 or (third is not None and len(third) == 3):
        return None
    year = today.year if third is None else int(third) + (2000 if len(third) == 2 else 0)
    day, month = (int(first), int(second)) if locale.day_first else (int(second), int(first))
    shape = f"d{sign}m" if locale.day_first else f"m{sign}d"
    if third is not None:
        shape = locale.date_pattern.replace("/", sign)
    return _made(year, month, day, shape)


def _made(year: int, month: int, day: int, pattern: str) -> tuple[date, str] | None:
    try:
        return date(year, month, day), pattern
    except ValueError:
        return None


def _date(text: str, locale: Locale, today: date) -> Typed | None:
    found = _day(text, locale, today)
    if found is None:
        return None
    return Typed({"numberValue": float(serial(found[0]))}, {"type": "DATE", "pattern": found[1]})


def _moment(text: str, locale: Locale, today: date) -> Typed | None:
    day_text, _, clock_text = text.rpartition(" ")
    clock = _CLOCK.match(clock_text)
    if not clock:
        return None
    fraction = (int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3] or 0)) / 86400
    if not day_text:
        return Typed({"numberValue": fraction}, {"type": "TIME", "pattern": "hh:mm:ss"})
    found = _day(day_text.strip(), locale, today)
    if found is None:
        return None
    number_format = {"type": "DATE_TIME", "pattern": f"{found[1]} hh:mm:ss"}
    return Typed({"numberValue": serial(found[0]) + fraction}, number_format)
