"""How a number is shown in a cell, by its number format and the spreadsheet's locale."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from google_server.sheets_locale import Locale

_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?|\.[#0?]+")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.')
_DATE_PART = re.compile(r"y+|m+|d+|h+|s+|\W|[a-z]", re.IGNORECASE)
_ORIGIN = datetime(1899, 12, 30)  # noqa: DTZ001  # a serial number has no time zone
_DEFAULTS = {
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "CURRENCY": "#,##0.00",
    "SCIENTIFIC": "0.00E+00",
    "TIME": "hh:mm:ss",
}


def shown(value: float, number_format: dict[str, Any] | None, locale: Locale) -> str:
    """Return what people see of a number."""
    kind = (number_format or {}).get("type", "")
    pattern = (number_format or {}).get("pattern", "") or _DEFAULTS.get(kind, "")
    if kind in {"DATE", "DATE_TIME", "TIME"}:
        default = locale.date_pattern + (" hh:mm:ss" if kind == "DATE_TIME" else "")
        return _moment(value, pattern or default)
    if kind == "SCIENTIFIC":
        return f"{value:.2E}".replace(".", locale.decimal)
    if kind == "TEXT" or not pattern or pattern.lower() in {"general", "@"}:
        return _general(value, locale)
    return _patterned(value, pattern, locale)


def _general(value: float, locale: Locale) -> str:
    exact = Decimal(repr(value))
    digits = exact.quantize(Decimal(1).scaleb(exact.adjusted() - 14)) if exact else Decimal(0)
    text = f"{digits:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", locale.decimal) if text not in {"-0", ""} else "0"


def _patterned(value: float, pattern: str, locale: Locale) -> str:
    sections = pattern.split(";")
    if value < 0 and len(sections) > 1:
        return _section(-value, sections[1], locale)
    if value == 0 and len(sections) > 2:
        return _section(value, sections[2], locale)
    return _section(value, sections[0], locale)


def _section(value: float, pattern: str, locale: Locale) -> str:
    literals: list[str] = []

    def kept(found: re.Match[str]) -> str:
        literals.append(found[1] or found[2] or found[3] or "")
        return "\N{SYMBOL FOR NULL}"

    bare = _LITERAL.sub(kept, pattern)
    exact = Decimal(repr(value)) * (100 if "%" in bare else 1)
    found = _DIGITS.search(bare)
    text = bare
    if found:
        digits = _digits(abs(exact), found[0], locale)
        sign = "-" if exact < 0 and digits.strip("0,.") else ""
        text = sign + bare[: found.start()] + digits + bare[found.end() :]
    for literal in literals:
        text = text.replace("\N{SYMBOL FOR NULL}", literal, 1)
    return text


def _digits(exact: Decimal, shape: str, locale: Locale) -> str:
    whole_shape, _, part_shape = shape.partition(".")
    rounded = exact.quantize(Decimal(1).scaleb(-len(part_shape)), rounding=ROUND_HALF_UP)
    whole, _, part = f"{rounded:f}".partition(".")
    least = part_shape.count("0")
    while len(part) > least and part.endswith("0"):
        part = part[:-1]
    whole = whole.lstrip("0").rjust(whole_shape.count("0"), "0")
    if "," in whole_shape:
        whole = f"{int(whole or 0):,}".replace(",", locale.thousands)
    # `0.##` shows a whole number with its decimal sign: `2,`. Google does, too.
    return whole + (locale.decimal + part if part_shape else "")


def _moment(value: float, pattern: str) -> str:
    moment = _ORIGIN + timedelta(seconds=round(value * 86400))
    text, clock = "", False
    for part in _DATE_PART.findall(pattern):
        low = part.lower()
        clock = clock or low[0] == "h"
        match low[0]:
            case "y":
                text += f"{moment.year:04d}" if len(low) > 2 else f"{moment.year % 100:02d}"
            case "m":
                text += f"{moment.minute if clock else moment.month:0{min(len(low), 2)}d}"
            case "d":
                text += f"{moment.day:0{min(len(low), 2)}d}"
            case "h":
                text += f"{moment.hour:0{min(len(low), 2)}d}"
            case "s":
                text += f"{moment.second:0{min(len(low), 2)}d}"
            case _:
                text += part
    return text
