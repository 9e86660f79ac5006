"""`survey.csv` or `survey.xlsx`: reading a table from a file, points or answers, before anybody interprets it.

Text must be Unicode. Older Vietnamese encodings (cp1258, TCVN3) are refused and not guessed: they cannot be told from
one another, and an answer read wrongly would be an answer lost.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from cchc_sheets.assessment.survey import Table
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text
from cchc_sheets.reading import Cell

NAMES: Final = ("survey.csv", "survey.xlsx")
_LARGEST: Final = 100_000_000
_MOST_CELLS: Final = 4_000_000
"""168 units, 385 responses each, 30 questions: 1.9 million."""
_SEPARATORS: Final = ",;\t"
_SAMPLE_LINES, _SAMPLE_LENGTH = 30, 100_000


def find_points_file(folder: Path) -> Path | None:
    """Return the survey file of a cycle folder, if it has one.

    Raises:
        CchcError: if it has two, of which nobody can tell which one counts.
    """
    found = [folder / name for name in NAMES if (folder / name).exists()]
    if len(found) > 1:
        raise CchcError(
            text("there are two survey files: {names}", names=" / ".join(file.name for file in found)),
            where=str(folder),
            fix=text("keep the one that counts under this name, or name it: `survey FILE`"),
            code="two_files",
        )
    return found[0] if found else None


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def read_points_file(file: Path) -> Table:
    """Read the table in a CSV file or in the first worksheet of an .xlsx file.

    Raises:
        CchcError: if the file is missing, too large, or neither.
    """
    if not file.is_file():
        raise CchcError(
            text("the file is missing"),
            where=str(file),
            fix=text("save the survey's points as survey.csv or survey.xlsx in the cycle folder"),
            code="missing",
        )
    if file.stat().st_size > _LARGEST:
        raise _too_large(file)
    return _read_xlsx(file) if file.suffix.casefold() == ".xlsx" else _read_csv(file)


def _too_large(file: Path) -> CchcError:
    return CchcError(
        text("the file is too large for a table of points"),
        where=str(file),
        fix=text("keep only the table of points in it"),
        code="too_large",
    )


def _read_csv(file: Path) -> Table:
    raw = file.read_bytes()
    encoding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        content = raw.decode(encoding)
    except UnicodeDecodeError:
        raise CchcError(
            text("cannot be read as text"),
            where=str(file),
            fix=text("save the file as «CSV UTF-8»"),
            code="unreadable",
        ) from None
    separator = max(_SEPARATORS, key=lambda sign: _fitness(content, sign))
    reader = csv.reader(io.StringIO(content, newline=None), delimiter=separator)
    try:
        headings = _csv_cells(next(reader, []), 0)
        lines = [(reader.line_num, _csv_cells(row, len(headings))) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise CchcError(
            text("cannot be read: {error}", error=error),
            where=str(file),
            fix=text("look for a double quote that is not closed"),
            code="unreadable",
        ) from None
    return Table(file.name, headings, lines)


def _fitness(content: str, separator: str) -> tuple[bool, Fraction, int]:
    """Tell how well a separator cuts the first lines: into columns at all, as many in each, and into many.

    Questions in the headings hold commas and semicolons of their own; those cut the other lines differently.
    """
    reader = csv.reader(io.StringIO(content[:_SAMPLE_LENGTH], newline=None), delimiter=separator)
    try:
        widths = [len(row) for row in islice(reader, _SAMPLE_LINES) if row]
    except csv.Error:
        return False, Fraction(0), 0
    width = widths[0] if widths else 0
    alike = Fraction(sum(other == width for other in widths), max(len(widths), 1))
    return width > 1, alike, width


def _csv_cells(row: list[str], width: int) -> list[Cell | None]:
    """Return the cells of a line; beyond the last heading a blank one counts too, for its line has slipped."""
    return [_text_cell(value) if value.strip() or place >= width > 0 else None for place, value in enumerate(row)]


@lru_cache(maxsize=4096)  # the same few answers stand in a million cells
def _text_cell(value: str) -> Cell:
    return Cell(value)


def _read_xlsx(file: Path) -> Table:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = load_workbook(file, read_only=True)
        if (workbook.worksheets[0].max_row or 0) * (workbook.worksheets[0].max_column or 0) > _MOST_CELLS:
            raise _too_large(file)
        rows = [[_cell(cell) for cell in row] for row in workbook.worksheets[0].iter_rows()]
        workbook.close()
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise CchcError(
            text("cannot be read as a workbook: {error}", error=error),
            where=str(file),
            fix=text("open it in Excel and save it again as .xlsx"),
            code="not_a_workbook",
        ) from None
    headings = rows[0] if rows else []
    return Table(file.name, headings, [line for line in enumerate(rows[1:], start=2) if any(line[1])])


def _cell(cell: Any) -> Cell | None:
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if cell.data_type == "f":
        return Cell(formula=str(value))
    if cell.data_type == "e":
        return Cell(error=str(value))
    if isinstance(value, str):
        return _text_cell(value)
    if isinstance(value, bool | datetime | date | time):
        return Cell(value)
    if not isinstance(value, int | float):
        return Cell(str(value))  # a duration, such as 30:15
    return Cell(Decimal(repr(value)), percent="%" in (cell.number_format or ""))


def points_to_json(points: Sequence[tuple[tuple[str, str], Decimal]]) -> list[list[str]]:
    """Return points as plain JSON values, for the ledger."""
    return [[unit, code, str(value)] for (unit, code), value in points]
