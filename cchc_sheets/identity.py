"""Which row is which: by its hidden key, and by what its locked cells show.

People sort without the hidden column, paste over locked cells, delete keys. A row is trusted only while what it
shows does not speak against its key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from cchc_sheets import vietnamese
from cchc_sheets.reading import RowReading


class Identity:
    """What the locked cells of every row of a sheet should show: row key → column → text."""

    def __init__(self, shown: Mapping[str, Mapping[str, str]]) -> None:
        self._shown = shown
        self._claims: dict[str, set[str]] = defaultdict(set)
        for cells in shown.values():
            for column, wanted in cells.items():
                self._claims[column].add(vietnamese.comparable(wanted))

    def contradiction(self, row: RowReading) -> str | None:
        """Return the column in which a row shows what belongs to another row, or nothing of its own.

        None if its key can be trusted. A wording that has changed since the sheet was made, and so belongs to no
        row, is no contradiction.
        """
        own = self._shown.get(row.key, {})
        differing = [column for column, wanted in own.items() if not _shows(row, column, wanted)]
        foreign = [column for column in differing if self._is_claimed(row, column)]
        if not differing or (not foreign and len(differing) < len(own)):
            return None
        return (foreign or differing)[0]

    def recognised(self, row: RowReading, taken: Collection[str]) -> str | None:
        """Return the key of a row that has lost it, if its locked cells fit exactly one row that is not taken."""
        fitting = [
            key
            for key, cells in self._shown.items()
            if cells and key not in taken and all(_shows(row, column, wanted) for column, wanted in cells.items())
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _is_claimed(self, row: RowReading, column: str) -> bool:
        cell = row.cells.get(column)
        return cell is not None and vietnamese.comparable(cell.text) in self._claims[column]


def _shows(row: RowReading, column: str, wanted: str) -> bool:
    cell = row.cells.get(column)
    if cell is None:
        return False
    return cell.text == wanted or vietnamese.comparable(cell.text) == vietnamese.comparable(wanted)
