"""`survey.csv` or `survey.xlsx`: reading a table from a file, points or answers, before anybody interprets it.

Text must be Unicode. Older Vietnamese encodings (cp1258, TCVN3) are refused and not guessed: they cannot be told from
one another, and an answer read wrongly would be an answer lost.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from cchc_sheets.assessment.survey import Merged, Table
from cchc_sheets.characters import whole
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text
from cchc_sheets.reading import Cell

NAMES: Final = ("survey.csv", "survey.xlsx")
_LARGEST: Final = 64 * 1024 * 1024
_MOST_CELLS: Final = 4_000_000
"""168 units, 385 responses each, 30 questions: 1.9 million."""
_SEPARATORS: Final = ",;\t"
_SAMPLE_LINES, _SAMPLE_LENGTH = 30, 100_000
_RANGE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")


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
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_points_file(file: Path) -> Table:
    """Read the table in a CSV file or in the first worksheet of an .xlsx file.

    Raises:
        CchcError: if the file is missing, too large, damaged, or neither.
    """
    if not file.is_file():
        raise CchcError(
            text("the file is missing"),
            where=str(file),
            fix=text("save the survey's points as survey.csv or survey.xlsx in the cycle folder"),
            code="missing",
        )
    if file.suffix.casefold() == ".xlsx":
        return _read_xlsx(file)
    if file.stat().st_size > _LARGEST:
        raise _too_large(file)
    return _read_csv(file)


def _too_large(file: Path) -> CchcError:
    return CchcError(
        text(
            "the file is too large for a table of points (at most {file} MB, {cells} cells)",
            file=_LARGEST // 1024 // 1024,
            cells=_MOST_CELLS,
        ),
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
    content = whole(content)
    separator = max(_SEPARATORS, key=lambda sign: _fitness(content, sign))
    if content.count(separator) + content.count("\n") > _MOST_CELLS:
        raise _too_large(file)
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
    """Read the first sheet by the reader that also reads the workbooks: within bounds, whatever the file says."""
    from cchc_sheets.workspace.xlsx_files import read_bytes
    from cchc_sheets.workspace.xlsx_package import TABLES
    from cchc_sheets.workspace.xlsx_reading import found_in

    sheets = found_in(read_bytes(file, TABLES), str(file), TABLES).sheets
    rows = {row.number: _in_order(row.cells) for row in sheets[0].rows} if sheets else {}
    if sum(map(len, rows.values())) > _MOST_CELLS:
        raise _too_large(file)
    headings = rows.pop(1, [])
    merged = tuple(_merged(sheets[0].merged, len(headings))) if sheets else ()
    return Table(file.name, headings, sorted(rows.items()), merged)


def _merged(ranges: Sequence[str], width: int) -> Iterator[Merged]:
    """Yield what of the table was merged over several lines, column by column."""
    from cchc_sheets.workspace.placement import place_of

    for found in filter(None, map(_RANGE.fullmatch, ranges)):
        left, first, right, last = found.groups()
        if int(first) < int(last):
            for place in range(place_of(left) - 1, min(place_of(right), width)):
                yield Merged(place, int(first), int(last))


def _in_order(cells: Mapping[str, Cell]) -> list[Cell | None]:
    """Return the cells of a row from column A to the last one that holds anything."""
    from cchc_sheets.workspace.placement import place_of

    held = {place_of(name): cell for name, cell in cells.items() if cell.text.strip() or cell.formula or cell.error}
    return [held.get(place) for place in range(1, max(held, default=0) + 1)]


def points_to_json(points: Sequence[tuple[tuple[str, str], Decimal]]) -> list[list[str]]:
    """Return points as plain JSON values, for the ledger."""
    return [[unit, code, str(value)] for (unit, code), value in points]
