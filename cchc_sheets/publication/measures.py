"""Measures as Word files state them: plain numbers, with a unit of their own («13pt», «2cm»), or parts of a whole.

ISO/IEC 29500-1, 22.9.2.15 (ST_UniversalMeasure), 17.18.90 (ST_TblWidth). Google Docs writes plain ones with decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

_MEASURE: Final = re.compile(r"(-?[0-9]{1,7}(?:\.[0-9]{1,6})?)(mm|cm|in|pt|pc|pi|%)?")
_TWIPS: Final[Mapping[str, float]] = {
    "mm": 1440 / 25.4,
    "cm": 1440 / 2.54,
    "in": 1440,
    "pt": 20,
    "pc": 240,
    "pi": 240,
}
_TWIPS_PER_HALF_POINT: Final = 10
_PERCENT_PARTS: Final = 50
"""A table's width in percent is stated in fiftieths of one."""

OFF: Final = ("0", "false", "off", "none", "baseline")


def number_of(element: etree._Element | None, attribute: str) -> int:
    """Return a number, or a measure in twips, stated in an attribute; 0 if there is none that could be one."""
    value, unit = _parted(None if element is None else element.get(qn(f"w:{attribute}")))
    return round(value * _TWIPS.get(unit, 1))


def half_points_of(element: etree._Element | None) -> float | None:
    """Return the size of letters that `w:sz` states; None if it states none that could be one."""
    value, unit = _parted(None if element is None else element.get(qn("w:val")))
    size = value * _TWIPS[unit] / _TWIPS_PER_HALF_POINT if unit in _TWIPS else value
    return size if size > 0 else None


def is_on(mark: etree._Element | None) -> bool:
    """Whether a property that is switched on or off stands there and is on."""
    return mark is not None and str(mark.get(qn("w:val"), "1")) not in OFF


def width_stated(element: etree._Element | None, room: int) -> int:
    """Return a width in twips: as stated, as a part of the room there is, or all of it if none is stated."""
    if element is None:
        return room
    value, unit = _parted(element.get(qn("w:w")))
    if value <= 0 or element.get(qn("w:type")) in {"auto", "nil"}:
        return room
    if unit == "%":
        return round(room * value / 100)
    if element.get(qn("w:type")) == "pct":
        return round(room * value / (100 * _PERCENT_PARTS))
    return number_of(element, "w")


def _parted(written: str | None) -> tuple[float, str]:
    """Return value and unit; (0, "") for what is no measure."""
    found = _MEASURE.fullmatch(str(written or "").strip())
    return (float(found[1]), found[2] or "") if found else (0.0, "")
