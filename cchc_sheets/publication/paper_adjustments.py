"""Bonuses and penalties (điểm cộng, điểm trừ) as a table of common papers: whose, which, how many points, why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cchc_sheets.assessment.adjustments import Adjusted
from cchc_sheets.assessment.criteria import Adjustment
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.grid import Grid, GridColumn, Line, cell_words
from cchc_sheets.publication.paper_content import NOTHING
from cchc_sheets.publication.wording import plain, signed

TABLE: Final = "adjustment_table"


def adjustment_grids(facts: Facts) -> dict[str, Grid]:
    """Return the table of bonuses and penalties; none where no unit has any."""
    entered = list(entered_adjustments(facts))
    if not entered:
        return {}
    columns = (
        GridColumn("TT"),
        GridColumn("Đơn vị", 18, "left"),
        GridColumn("Mã"),
        GridColumn("Nội dung", 34, "left"),
        GridColumn("Điểm cộng, trừ"),
        GridColumn("Trừ vào tiêu chí"),
        GridColumn("Lý do", 40, "left"),
    )
    lines = (
        Line(
            (
                str(place),
                plain(unit.name),
                plain(item.code),
                plain(item.title),
                signed(entry.points if item.kind == "bonus" else -entry.points),
                plain(item.criterion) or NOTHING,
                cell_words(entry.remark) or NOTHING,
            )
        )
        for place, (unit, item, entry) in enumerate(entered, start=1)
    )
    return {TABLE: Grid(columns, tuple(lines), 11)}


def entered_adjustments(facts: Facts) -> Iterator[tuple[Unit, Adjustment, Adjusted]]:
    """Yield every bonus and penalty of any points, unit by unit in the order of the roster and the set."""
    for unit in facts.units:
        for item in facts.criteria.adjustments:
            entry = facts.record.adjustments.entries.get((unit.code, item.code))
            if entry is not None and entry.points:
                yield unit, item, entry
