"""Which row is which: by its hidden key, and by what its locked cells show.

People sort without the hidden column, paste over locked cells, delete keys. A row is trusted only while what it
shows does not speak against its key.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from cchc_sheets import vietnamese
from cchc_sheets.reading import RowReading


class Identity:
    """What the locked cells of every row of a sheet should show: row key → column → text.

    `rows` are the rows of the sheet as they stand: a wording that nobody knows any more is judged by where else it,
    or the wording it should be, is shown.
    """

    def __init__(self, shown: Mapping[str, Mapping[str, str]], rows: Iterable[RowReading] = ()) -> None:
        self._shown = shown
        self._rows = rows
        self._claims: dict[str, set[str]] = defaultdict(set)
        for cells in shown.values():
            for column, wanted in cells.items():
                self._claims[column].add(vietnamese.comparable(wanted))
        self._alike: dict[tuple[str, ...], Counter[tuple[str, ...]]] = {}

    def contradiction(self, row: RowReading) -> str | None:
        """Return the column in which a row shows what belongs to another row, or nothing of its own.

        None if its key can be trusted. A wording that nobody knows any more, since a unit or a criterion was renamed
        after the sheet was made, is no contradiction, unless another row shows what this one should. Where the rest of
        the row would fit other rows as well, the wording must moreover be there, and stand for one and the same
        wherever it is shown: rows that were sorted after a renaming do not keep to that.
        """
        own = self._shown.get(row.key, {})
        differing = [column for column, wanted in own.items() if not _shows(row, column, wanted)]
        if not differing:
            return None
        foreign = [column for column in differing if self._is_claimed(row, column)]
        if foreign or len(differing) == len(own):
            return (foreign or differing)[0]
        moved = [column for column in differing if self._is_shown_elsewhere(column, own[column])]
        if not moved and self._fits_others(own, differing):
            moved = [column for column in differing if not self._is_one_wording(row, column)]
        return moved[0] if moved else None

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

    @cached_property
    def _wanted(self) -> Mapping[str, Mapping[str, set[str]]]:
        """Column → what a row shows there → what the rows that show it should show."""
        wanted: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in self._rows:
            for column, text in self._shown.get(row.key, {}).items():
                if column in row.cells:
                    shown = vietnamese.comparable(row.cells[column].text)
                    wanted[column][shown].add(vietnamese.comparable(text))
        return wanted

    def _is_shown_elsewhere(self, column: str, text: str) -> bool:
        """Whether a row that should show something else shows this."""
        own = vietnamese.comparable(text)
        return bool(self._wanted[column].get(own, set()) - {own})

    def _is_one_wording(self, row: RowReading, column: str) -> bool:
        """Whether what the row shows can be an earlier wording: it stands for one wording wherever it is shown."""
        shown = vietnamese.comparable(row.cells[column].text) if column in row.cells else ""
        return bool(shown) and len(self._wanted[column][shown]) == 1

    def _fits_others(self, own: Mapping[str, str], differing: Collection[str]) -> bool:
        """Whether another row should show the same in the columns that do not differ."""
        columns = tuple(column for column in own if column not in differing)
        if columns not in self._alike:
            self._alike[columns] = Counter(_wording(cells, columns) for cells in self._shown.values())
        return self._alike[columns][_wording(own, columns)] > 1


def _wording(cells: Mapping[str, str], columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(vietnamese.comparable(cells.get(column, "")) for column in columns)


def _shows(row: RowReading, column: str, wanted: str) -> bool:
    cell = row.cells.get(column)
    if cell is None:
        return False
    return cell.text == wanted or vietnamese.comparable(cell.text) == vietnamese.comparable(wanted)
