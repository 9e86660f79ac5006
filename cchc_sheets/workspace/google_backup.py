"""A copy of a spreadsheet on this computer, as an .xlsx file, before any of its sheets is replaced.

Google's own version history keeps the old sheets too, for as long as it pleases Google.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import column_index_from_string

from cchc_sheets.characters import whole
from cchc_sheets.files import write_whole
from cchc_sheets.reading import Cell, WorkbookReading
from cchc_sheets.workspace.google_reading import FoundSpreadsheet, FoundTab
from cchc_sheets.workspace.xlsx_page import accepted_titles


def back_up(folder: Path, key: str, found: FoundSpreadsheet, reading: WorkbookReading) -> Path:
    """Write every value, formula, link and note of a spreadsheet into `folder`; return the file."""
    book = Workbook()
    titles = accepted_titles([tab.sheet.title for tab in found.tabs])
    for tab, title in zip(found.tabs, titles, strict=True):
        _copy(tab, book.create_sheet(title))
    book.remove(book.worksheets[0])
    content = io.BytesIO()
    book.save(content)
    name = f"{Path(key).name}-{reading.modified:%Y%m%d-%H%M%S}-{reading.version[:8]}.xlsx"
    file = folder / Path(key).parent / name
    write_whole(file, content.getvalue())
    return file


def _copy(tab: FoundTab, target: Any) -> None:
    for row in tab.sheet.rows:
        for name, cell in row.cells.items():
            _write(target.cell(row.number, column_index_from_string(name)), cell)


def _write(target: Any, cell: Cell) -> None:
    shown = cell.formula or cell.error if cell.value is None else cell.value
    target.value = whole(shown) if isinstance(shown, str) else shown
    if isinstance(shown, str):
        target.data_type = "s"  # a formula of Google's is text here: what people wrote, not what Excel makes of it
    notes = [*cell.links, *([cell.note] if cell.note else [])]
    if notes:
        target.comment = Comment(whole("\n".join(notes)), "")
