"""From one cell as Google describes it (`CellData`) to what stands in it; equal content gives equal cells as in .xlsx.

Where a person's link may hide, by how it was put there:

    a smart chip                          chipRuns[].chip.richLinkProperties.uri, personProperties.email
    a link over words, several addresses  textFormatRuns[].format.link.uri
    the only link of the cell             hyperlink
    =HYPERLINK("address"; "words")        userEnteredValue.formulaValue
    a link on the whole cell              userEnteredFormat.textFormat.link.uri
    typed, but not recognised by Sheets   the text

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.reading import BLANK, Cell, Raw
from cchc_sheets.workspace.cell_numbers import Meaning, exact, number_cell
from cchc_sheets.workspace.google_formulas import from_vietnamese
from cchc_sheets.workspace.links import links_in_formula, with_links_in
from cchc_sheets.workspace.xlsx_formats import meaning

CELL_MASK: Final = (
    "userEnteredValue,effectiveValue(errorValue),formattedValue,hyperlink,note,"
    "textFormatRuns(startIndex,format(link(uri))),"
    "userEnteredFormat(textFormat(link(uri)),numberFormat),effectiveFormat(numberFormat),"
    "chipRuns(startIndex,chip(richLinkProperties(uri,mimeType),personProperties(email)))"
)
"""The fields of a cell that are read."""

# In a locale with decimal points, arguments are separated by commas: the notation is ours already.
_POINT_LANGUAGES: Final = frozenset(("en", "zh", "ja", "ko", "th"))
_ERRORS: Final = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading…",
}
_OTHER_ERROR: Final = "#ERROR!"
_MEANINGS: Final[dict[str, Meaning]] = {"PERCENT": "percent", "DATE": "date", "TIME": "moment", "DATE_TIME": "moment"}
_PLACEHOLDER: Final = "@"
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell knows no time zone
_DAY: Final = 24 * 60 * 60 * 1000

Data = Mapping[str, Any]


def found_cell(data: Data, locale: str) -> Cell | None:
    """Return what stands in a cell; None if nothing was typed, linked or noted.

    The result of a formula is never read, nor are the values that a formula spills into the cells beside it.
    """
    chips = [run["chip"] for run in data["chipRuns"] if run.get("chip")] if "chipRuns" in data else []
    typed = _typed(data, locale, has_chips=bool(chips))
    links = _links(data, chips, typed)
    note = data.get("note", "")
    if note.strip():
        return replace(typed or BLANK, links=links, note=note)
    return replace(typed or BLANK, links=links) if links else typed


def _typed(data: Data, locale: str, *, has_chips: bool) -> Cell | None:
    """Return the value, formula or error of a cell, its links left out."""
    for kind, value in data.get("userEnteredValue", {}).items():  # there is one at most
        match kind:
            case "stringValue":
                return _text(_caption(data, value) if has_chips else value)
            case "numberValue":
                return _number(str(value), _meaning(data))
            case "boolValue":
                return Cell(bool(value))
            case "formulaValue":
                return Cell(formula=_in_our_notation(value, locale))
            case "errorValue":
                return _error(value)
    if has_chips:
        return _text(_caption(data, ""))
    unexpected = data.get("effectiveValue", {}).get("errorValue")
    return _error(unexpected) if unexpected else None


def _text(words: str) -> Cell | None:
    return Cell(words) if words.strip() else None


def _caption(data: Data, words: str) -> str:
    """Return the text of a cell with chips as people see it: each by its title.

    What was entered has the title of a chip or only a placeholder for it, according to how the chip came in.
    """
    shown: str = data.get("formattedValue", words)
    return "" if not shown.replace(_PLACEHOLDER, "").strip() else shown


def _error(error: Data) -> Cell:
    return Cell(error=_ERRORS.get(error.get("type", ""), _OTHER_ERROR))


def _number(written: str, means: Meaning) -> Cell:
    serial = exact(written)
    if serial is None or means in {"number", "percent"}:
        return number_cell(written, means, since_1904=False)
    return Cell(_moment(serial, means))


def _moment(serial: Decimal, means: Meaning) -> Raw:
    """Return the date or time that is so many days after the epoch, to the millisecond as in .xlsx files.

    Unlike Excel, Sheets knows no 29 February 1900: the first 60 days are one day apart.
    """
    try:
        moment = _EPOCH + timedelta(milliseconds=round(serial * _DAY))
    except OverflowError:
        return serial
    if 0 <= serial < 1 and moment.date() == _EPOCH.date():
        return moment.time()
    return moment.date() if means == "date" and moment.time() == time() else moment


def _meaning(data: Data) -> Meaning:
    """Return what a number means by its format; Sheets notes the format of a typed `50%` or `1/5` in either place."""
    for name in ("userEnteredFormat", "effectiveFormat"):
        number_format = data.get(name, {}).get("numberFormat")
        if number_format:
            return _MEANINGS.get(number_format.get("type", "")) or _meaning_of_pattern(number_format.get("pattern", ""))
    return "percent" if data.get("formattedValue", "").endswith("%") else "number"


def _meaning_of_pattern(pattern: str) -> Meaning:
    """Return whether a pattern that a person made up shows percentages; those with dates have a type that says so."""
    return "percent" if "%" in pattern and meaning(0, pattern) == "percent" else "number"


def _in_our_notation(formula: str, locale: str) -> str:
    return formula if locale.partition("_")[0] in _POINT_LANGUAGES else from_vietnamese(formula)


def _links(data: Data, chips: list[Data], typed: Cell | None) -> tuple[str, ...]:
    """Return every address of the cell once."""
    found: list[str] = []
    for chip in chips:
        found.append(chip.get("richLinkProperties", {}).get("uri", ""))
        person = chip.get("personProperties", {}).get("email", "")
        # Opened on a click like any link; a repair, which writes no chips, then keeps whom the name stands for.
        found.append(f"mailto:{person}" if person else "")
    if "textFormatRuns" in data:
        found += [run.get("format", {}).get("link", {}).get("uri", "") for run in data["textFormatRuns"]]
    if "hyperlink" in data:
        found.append(data["hyperlink"])
    if typed is not None and typed.formula:
        found += links_in_formula(typed.formula)
    if "textFormat" in data.get("userEnteredFormat", ()):
        found.append(data["userEnteredFormat"]["textFormat"].get("link", {}).get("uri", ""))
    return with_links_in(typed.value if typed is not None and isinstance(typed.value, str) else "", found)
