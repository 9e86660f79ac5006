"""What of an old workbook goes into the new one: what people typed into open cells, and what has no place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.identity import Identity
from cchc_sheets.layouts.workbook import Row, Sheet, Workbook
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import Cell, RowReading, SheetReading, WorkbookReading
from cchc_sheets.workspace.filling import fill, filled
from cchc_sheets.workspace.found import UNKNOWN, FoundSheet
from cchc_sheets.workspace.placement import HEADINGS_KEY, Line, Placement, place, written_cell
from cchc_sheets.workspace.port import Unplaced

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair carries over, and what it has to tell in the words of `Ensured`."""

    carried: Mapping[Place, Cell]
    added: tuple[tuple[str, str], ...]
    restored: tuple[str, ...]
    unplaced: tuple[Unplaced, ...]


def check_owner(workbook: Workbook, reading: WorkbookReading, where: str) -> None:
    """Raise WorkbookUnreadable if any stamp names another cycle or another unit."""
    for sheet in reading.sheets:
        if sheet.cycle != workbook.cycle:
            what = text(
                "this is a workbook of the cycle {found}, not of {expected}",
                found=sheet.cycle,
                expected=workbook.cycle,
            )
            raise _stranger("other_cycle", what, where)
        if sheet.unit != workbook.unit:
            what = text("this is the workbook of {found}, not of {expected}", found=sheet.unit, expected=workbook.unit)
            raise _stranger("other_unit", what, where)


def refuse_ambiguities(workbook: Workbook, reading: WorkbookReading, where: str) -> None:
    """Raise WorkbookUnreadable (`ambiguous`) if a repair would have to guess whose entries are whose."""
    doubts = list(ambiguities(workbook, recovered(workbook, reading)))
    if doubts:
        raise WorkbookUnreadable(
            text("the workbook cannot be made anew before a person has put it right: {doubts}", doubts=doubts[:5]),
            where=where,
            fix=text("undo the sorting, delete the copies or restore the file, then run the command again"),
            code="ambiguous",
        )


def is_intact(workbook: Workbook, reading: WorkbookReading) -> bool:
    """Tell whether every sheet, row and column of `workbook` is found in the reading."""
    return all(_is_intact(sheet, reading.sheet(sheet.key)) for sheet in workbook.sheets)


def ambiguities(workbook: Workbook, reading: WorkbookReading) -> Iterator[Text]:
    """Yield whatever a repair would have to guess: what people wrote in rows that may not be theirs.

    Nothing of such a workbook may be carried over by key alone; a person has to put it right first.
    """
    specs = {sheet.key: filled(sheet, workbook.slots) for sheet in workbook.sheets}
    seen: dict[str, SheetReading] = {}
    for sheet in reading.sheets:
        first = seen.setdefault(sheet.key, sheet)
        if first.rows != sheet.rows:
            yield text("the sheet «{title}» is a copy with other content", title=sheet.title)
        elif sheet.key in specs and first is sheet:
            yield from _doubtful_rows(specs[sheet.key], sheet)
    for spec in specs.values():
        if spec.key not in seen and spec.title in reading.strays:
            yield text("the sheet «{title}» has lost the hidden stamp in its cell A1", title=spec.title)


def _doubtful_rows(spec: Sheet, sheet: SheetReading) -> Iterator[Text]:
    identity = Identity(spec.shown(), sheet.rows)
    inputs = {row.key: row.inputs.keys() for row in spec.rows}
    firsts: dict[str, RowReading] = {}
    for row in sheet.rows:
        if not row.key or row.key.startswith("@") or not inputs.get(row.key, set()) & row.cells.keys():
            continue
        first = firsts.setdefault(row.key, row)
        if first.cells != row.cells:
            yield text("«{title}» row {row}: {key} is there twice", title=sheet.title, row=row.number, key=row.key)
        elif identity.contradiction(row) is not None:
            yield text(
                "«{title}» row {row}: {key} shows what belongs to another row",
                title=sheet.title,
                row=row.number,
                key=row.key,
            )


def recovered(workbook: Workbook, reading: WorkbookReading) -> WorkbookReading:
    """Return the reading with the hidden keys that were deleted, where headings and locked cells still tell them."""
    specs = {sheet.key: filled(sheet, workbook.slots) for sheet in workbook.sheets}
    sheets = (_with_rows(specs, _with_columns(specs, sheet)) for sheet in reading.sheets)
    return replace(reading, sheets=tuple(sheets))


def _with_columns(specs: Mapping[str, Sheet], sheet: SheetReading) -> SheetReading:
    """Give a column whose key is gone the key that its heading tells."""
    headings = next((row for row in sheet.rows if row.key == HEADINGS_KEY), None)
    if sheet.key not in specs or headings is None:
        return sheet
    lost = {column.title: column.key for column in specs[sheet.key].columns if column.key not in sheet.columns}
    keys = {
        name: lost[cell.text] for name, cell in headings.cells.items() if name.startswith(UNKNOWN) and cell.text in lost
    }
    if not keys:
        return sheet
    rows = tuple(replace(row, cells={keys.get(c, c): cell for c, cell in row.cells.items()}) for row in sheet.rows)
    columns = {**sheet.columns, **{key: name.removeprefix(UNKNOWN) for name, key in keys.items()}}
    return replace(sheet, columns=columns, rows=rows)


def _with_rows(specs: Mapping[str, Sheet], sheet: SheetReading) -> SheetReading:
    """Give a row whose key is gone the key that its locked cells tell."""
    if sheet.key not in specs or all(row.key for row in sheet.rows):
        return sheet
    identity, taken = Identity(specs[sheet.key].shown()), {row.key for row in sheet.rows}
    rows = (row if row.key else replace(row, key=identity.recognised(row, taken) or "") for row in sheet.rows)
    return replace(sheet, rows=tuple(rows))


def plan_repair(
    workbook: Workbook, reading: WorkbookReading, found: Iterable[FoundSheet], *, same_spec: bool
) -> Repair:
    """Return what to carry from the workbook found into the one to be written.

    `same_spec` says that the old workbook was made from the very same spec: then whatever differs from it was
    done by a person, even a cleared or an overwritten cell.
    """
    plan = _Plan(workbook, same_spec=same_spec)
    tabs = {sheet.title: sheet for sheet in found}
    old: dict[str, SheetReading] = {}
    unplaced: list[Unplaced] = []
    for sheet in recovered(workbook, reading).sheets:
        is_copy = old.setdefault(sheet.key, sheet) is not sheet
        unplaced += plan.sort(sheet, _Opened(tabs[sheet.title]), is_copy=is_copy)
    for title in reading.strays:
        unplaced += _stray_cells(tabs[title])
    return Repair(plan.carried, _added(workbook, old), _restored(workbook, old), tuple(unplaced))


class _Opened:
    """Tells which cells of an old sheet were open to people."""

    def __init__(self, sheet: FoundSheet) -> None:
        self._is_open = sheet.is_open

    def __call__(self, row: RowReading, name: str) -> bool:
        # Without locks there is no way to tell: then all but our own banner and headings may have been typed.
        if self._is_open is None:
            return not row.key.startswith("@")
        return self._is_open(row.number, name)


class _Plan:
    """Decides for every cell of the old workbook where it goes."""

    def __init__(self, workbook: Workbook, *, same_spec: bool) -> None:
        self.carried: dict[Place, Cell] = {}
        self._same_spec = same_spec
        self._targets = {sheet.key: _Target(filled(sheet, workbook.slots)) for sheet in workbook.sheets}

    def sort(self, sheet: SheetReading, opened: _Opened, *, is_copy: bool) -> Iterator[Unplaced]:
        """Carry what has a place and yield what has none."""
        target = self._targets.get(sheet.key)
        seen: set[str] = set()
        for row in sheet.rows:
            is_first = row.key not in seen and not is_copy
            seen.add(row.key)
            if target is not None and row.key in target.lines and is_first:
                yield from self._known_row(target, sheet, row, opened)
            else:
                yield from self._homeless_row(sheet, row, opened)

    def _known_row(self, target: _Target, sheet: SheetReading, row: RowReading, opened: _Opened) -> Iterator[Unplaced]:
        """Sort the cells of a row that has a place in the new sheet."""
        for column in target.carried_columns(row.key):
            cell = row.cells.get(column)
            if cell is not None:
                self.carried[sheet.key, row.key, column] = cell
            elif self._same_spec and column in sheet.columns:
                self.carried[sheet.key, row.key, column] = Cell()  # a person cleared what we had put there
        for column, cell in row.cells.items():
            if (sheet.key, row.key, column) in self.carried:
                continue
            expected = target.expected(row.key, column)
            if column.startswith(UNKNOWN):
                is_typed = True
            elif cell.note or (self._same_spec and expected is not None):
                is_typed = not _is_same(cell, expected)
            else:
                is_typed = opened(row, sheet.columns[column]) and not _is_same(cell, expected)
            if is_typed:
                yield _unplaced(sheet, row, column, cell)

    def _homeless_row(self, sheet: SheetReading, row: RowReading, opened: _Opened) -> Iterator[Unplaced]:
        """Yield what people typed in a row that nobody knows, or in the copy of a row."""
        for column, cell in row.cells.items():
            is_typed = not row.key or column.startswith(UNKNOWN) or opened(row, sheet.columns[column])
            if is_typed and cell != self.carried.get((sheet.key, row.key, column)):
                yield _unplaced(sheet, row, column, cell)


class _Target:
    """One sheet of the new workbook, its slots filled: what is open in it and what we write into it."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._placement: Placement = place(sheet)
        self.lines: dict[str, Line] = {line.key: line for line in self._placement.lines}

    def carried_columns(self, row: str) -> tuple[str, ...]:
        """Return the columns in which the row keeps what stands there: open to people, or told from time to time."""
        known: Row | None = self.lines[row].row
        return (*known.inputs, *known.told) if known else ()

    def expected(self, row: str, column: str) -> Cell | None:
        """Return what we write there; None if the column is not ours."""
        if column not in self._placement.columns:
            return None
        if row == HEADINGS_KEY:
            return Cell(next(own.title for own in self._sheet.columns if own.key == column))
        known = self.lines[row].row
        return written_cell(known.cells.get(column) if known else None, row, self._placement, {})


def _stranger(code: str, what: Text, where: str) -> WorkbookUnreadable:
    fix = text("move the file to where it belongs, then run the command again to make the right one")
    return WorkbookUnreadable(what, where=where, fix=fix, code=code)


def _is_same(cell: Cell, expected: Cell | None) -> bool:
    """Tell whether a cell holds what we wrote; a formula may have moved with its row."""
    if expected is None or cell.note:
        return False
    if expected.formula:
        return bool(cell.formula)
    return cell.value == expected.value and not cell.formula and not cell.error


def _is_intact(sheet: Sheet, found: SheetReading | None) -> bool:
    if found is None:
        return False
    placement = place(sheet)
    keys = {row.key for row in found.rows}
    return placement.columns.keys() <= found.columns.keys() and placement.numbers.keys() <= keys


def _restored(workbook: Workbook, old: Mapping[str, SheetReading]) -> tuple[str, ...]:
    return tuple(fill(sheet.title, workbook.slots) for sheet in workbook.sheets if sheet.key not in old)


def _added(workbook: Workbook, old: Mapping[str, SheetReading]) -> tuple[tuple[str, str], ...]:
    added: list[tuple[str, str]] = []
    for sheet in workbook.sheets:
        if sheet.key in old:
            known = {row.key for row in old[sheet.key].rows}
            added += [(sheet.key, row.key) for row in sheet.rows if row.key not in known]
    return tuple(added)


def _unplaced(sheet: SheetReading, row: RowReading, column: str, cell: Cell) -> Unplaced:
    return Unplaced(sheet.title, sheet.address(row, column), row.key, column, _shown(cell))


def _stray_cells(sheet: FoundSheet) -> Iterator[Unplaced]:
    for row in sheet.rows:
        for name, cell in row.cells.items():
            yield Unplaced(sheet.title, f"{name}{row.number}", "", f"{UNKNOWN}{name}", _shown(cell))


def _shown(cell: Cell) -> str:
    return cell.text or cell.formula or cell.error or cell.note or " ".join(cell.links)
