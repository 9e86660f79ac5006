"""The page of a sheet: tab, widths, what stays in view, protection, print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from cchc_sheets.characters import whole
from cchc_sheets.layouts.workbook import Paper, Sheet
from cchc_sheets.workspace.placement import letter
from cchc_sheets.workspace.xlsx_rows import SheetRows

_LONGEST_TITLE = 31
_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_TALLEST_VIEW = 300.0  # points: more than this frozen leaves no room to scroll on a small screen
_WIDE = 4  # columns: with more than these the first two stay in view
_PAPERS: Final[dict[Paper, tuple[int, Literal["portrait", "landscape"]]]] = {
    "A4 portrait": (9, "portrait"),
    "A4 landscape": (9, "landscape"),
    "A3 landscape": (8, "landscape"),
}


def tab_titles(sheets: tuple[Sheet, ...]) -> list[str]:
    """Return for each tab a title that Excel accepts: short, without forbidden letters, each different."""
    return accepted_titles([_accepted(sheet.title) or sheet.key for sheet in sheets])


def accepted_titles(wanted_titles: Sequence[str]) -> list[str]:
    """Return titles that Excel accepts, as near to the wanted ones as can be, each different."""
    taken: dict[str, str] = {}
    for wanted_title in wanted_titles:
        title = _accepted(wanted_title) or "_"
        wanted, number = title[:_LONGEST_TITLE], 2
        while wanted.casefold() in taken:
            ending = f" ({number})"
            wanted, number = title[: _LONGEST_TITLE - len(ending)] + ending, number + 1
        taken[wanted.casefold()] = wanted
    return list(taken.values())


def _accepted(title: str) -> str:
    return _FORBIDDEN_IN_TITLE.sub("-", whole(title)).strip("' ")


def prepare_page(target: Worksheet, rows: SheetRows) -> None:
    """Set up `target` for the sheet of `rows`: everything but cells and inputs."""
    _set_widths(target, rows.sheet)
    _set_view(target, rows)
    _set_protection(target, rows)
    _set_print(target, rows)
    for line in rows.placement.lines:
        first = rows.spanning(line)
        if first:
            start = rows.placement.address(line.key, first)
            target.merge_cells(f"{start}:{rows.placement.last_column}{line.number}")


def _set_widths(target: Worksheet, sheet: Sheet) -> None:
    target.column_dimensions["A"].hidden = True
    for index, column in enumerate(sheet.columns, start=2):
        target.column_dimensions[letter(index)].width = column.width


def _set_view(target: Worksheet, rows: SheetRows) -> None:
    target.sheet_view.showGridLines = False
    column = "D" if len(rows.sheet.columns) > _WIDE else "A"
    above = (line for line in rows.placement.lines if line.number <= rows.placement.heading)
    height = sum(rows.height(line, {}) for line in above)
    row = rows.placement.heading + 1 if rows.placement.heading and height <= _TALLEST_VIEW else 1
    target.freeze_panes = f"{column}{row}"


def _set_protection(target: Worksheet, rows: SheetRows) -> None:
    """Lock the sheet. For openpyxl `False` means: people may."""
    protection = target.protection
    protection.sheet = True
    protection.formatColumns = False
    protection.formatRows = False
    protection.insertHyperlinks = False
    if rows.sheet.filter and rows.placement.heading and rows.placement.last >= rows.placement.first:
        protection.autoFilter = False
        protection.sort = False
        place = rows.placement
        target.auto_filter.ref = f"B{place.heading}:{place.last_column}{place.last}"


def _set_print(target: Worksheet, rows: SheetRows) -> None:
    paper, orientation = _PAPERS[rows.sheet.paper]
    target.page_setup.paperSize = paper
    target.page_setup.orientation = orientation
    target.page_setup.fitToWidth = 1
    target.page_setup.fitToHeight = 0
    target.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    target.print_options.horizontalCentered = True
    target.page_margins = PageMargins(left=0.5, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    footer: Any = target.oddFooter
    footer.left.text = "&A"
    footer.right.text = "&P/&N"
    if rows.placement.heading:
        target.print_title_rows = f"{rows.placement.heading}:{rows.placement.heading}"
