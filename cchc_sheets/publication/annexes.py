"""Annexes I and II: who came to what, in tables whose columns depend on the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets import vietnamese
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.publication.decision import Decision
from cchc_sheets.publication.measures import number_of
from cchc_sheets.publication.nd30_table import CELL_MARGIN, Cell, Row, make_table
from cchc_sheets.publication.typeface import TWIPS_PER_POINT, width_of, wrapped
from cchc_sheets.publication.wording import (
    UNRANKED,
    counted,
    counted_points,
    counted_total,
    group_title,
    has_survey,
    plain,
    points_in_table,
    printed_mean,
)

_SIZES: Final = (12, 11, 10)
_SLACK: Final = 30
_LINE: Final = 1.15  # a line of Times New Roman in terms of its size
_NARROWEST_NAMES, _WIDEST_NAMES = 1800, 3600
_LOWEST_HEADING, _HIGHEST_HEADING = 1500, 4000
_TURNED_ROOM: Final = _HIGHEST_HEADING - 2 * CELL_MARGIN - _SLACK
_WIDEST_WORDS: Final = 1300


@dataclass(frozen=True)
class Column:
    """One column: its heading, its maximum if the table states one, and a cell for each unit."""

    heading: str
    cells: tuple[str, ...]
    maximum: str = ""
    is_name: bool = False
    turned: bool = False


@dataclass(frozen=True)
class Laid:
    """A table as it fits on the page; `is_turned` where that takes a page laid across."""

    element: etree._Element
    size: float
    is_turned: bool


def in_order(decision: Decision) -> list[tuple[str, list[Standing]]]:
    """Return the units as they are printed: group by group, by rank, then by name; the unranked at the end."""
    groups = list(dict.fromkeys(standing.group for standing in decision.standings))

    def place(standing: Standing) -> tuple[int, int]:
        return (len(groups), 0) if standing.rank is None else (groups.index(standing.group), standing.rank)

    ordered = sorted(
        decision.standings,
        key=lambda standing: (
            place(standing),
            vietnamese.sort_key(plain(standing.unit.name)),
            standing.unit.code,
        ),
    )
    blocks = groupby(
        ordered, key=lambda standing: (standing.rank is None, standing.rank is not None and standing.group)
    )
    return [(_block_title(decision, members[0]), members) for members in (list(block) for _, block in blocks)]


def ranking_table(decision: Decision, room: int, turned_room: int) -> Laid:
    """Return the table of Annex I: points, index, rank and class of each unit, and the mean."""
    standings = [standing for _, members in in_order(decision) for standing in members]
    columns = list(_ranking_columns(decision, standings))
    before_index = next(place for place, column in enumerate(columns) if column.heading.startswith("Chỉ số"))
    label = f"Chỉ số bình quân của {counted(len(standings))} đơn vị"
    mean = Row(
        (
            Cell(label, span=before_index),
            Cell(printed_mean(standings, decision.policies)),
            Cell("", span=len(columns) - before_index - 1),
        ),
        is_bold=True,
    )
    return _laid(decision, columns, (mean,), room, turned_room)


def fields_table(decision: Decision, room: int, turned_room: int) -> Laid:
    """Return the table of Annex II: each unit's points in each field, adjustments, total and index."""
    standings = [standing for _, members in in_order(decision) for standing in members]
    return _laid(decision, list(_field_columns(decision, standings)), (), room, turned_room)


def put_table(marker: etree._Element, section: etree._Element, make: Callable[[int, int], Laid]) -> None:
    """Put a table in the place of a paragraph, and lay its section's pages across if the table asks for it."""
    size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
    width, height = number_of(size, "w"), number_of(size, "h")
    sides = sum(number_of(margins, side) for side in ("left", "right", "gutter"))
    laid = make(width - sides, max(width, height) - sides)
    if size is not None and laid.is_turned and width < height:
        size.set(qn("w:w"), str(height))
        size.set(qn("w:h"), str(width))
        size.set(qn("w:orient"), "landscape")
    marker.addprevious(laid.element)
    following = marker.getnext()
    if following is not None and following.tag == qn("w:p") and section not in marker.iter():
        next(marker.iterancestors()).remove(marker)
        return
    for run in marker.findall(qn("w:r")):  # a section must end in a paragraph
        marker.remove(run)


def _block_title(decision: Decision, first: Standing) -> str:
    if first.rank is None:
        return "Các đơn vị không xếp hạng"
    return group_title(first, decision.standings, decision.policies)


def _ranking_columns(decision: Decision, standings: Sequence[Standing]) -> Iterator[Column]:
    results = [standing.result for standing in standings]
    total = counted_total(decision.criteria, with_survey=has_survey(standings))
    yield from _name_columns(standings)
    yield Column("Điểm thẩm định", tuple(points_in_table(result.appraisal_points) for result in results))
    if has_survey(standings):
        points = tuple(points_in_table(result.survey_points or total * 0) for result in results)
        yield Column("Điểm điều tra xã hội học", points)
    if has_adjustments(decision):
        yield Column("Điểm cộng, trừ", tuple(points_in_table(result.adjustment_points) for result in results))
    if any(result.attainable_points != total for result in results):
        points = tuple(points_in_table(result.attainable_points) for result in results)
        yield Column("Điểm tối đa có thể đạt", points)
    yield Column("Chỉ số (%)", _indices(decision, standings))
    yield Column("Xếp hạng", tuple(UNRANKED if s.rank is None else str(s.rank) for s in standings))
    yield Column("Xếp loại", tuple(plain(standing.class_name) for standing in standings))


def _field_columns(decision: Decision, standings: Sequence[Standing]) -> Iterator[Column]:
    with_survey = has_survey(standings)
    total = counted_total(decision.criteria, with_survey=with_survey)
    yield from _name_columns(standings)
    for place, field in enumerate(decision.criteria.fields):
        maximum = vietnamese.number(counted_points(field, with_survey=with_survey))
        points = tuple(points_in_table(standing.result.fields[place].points) for standing in standings)
        yield Column(f"{plain(field.code)}. {plain(field.title)}", points, maximum, turned=True)
    if has_adjustments(decision):
        points = tuple(points_in_table(standing.result.adjustment_points) for standing in standings)
        yield Column("Điểm cộng, trừ", points, turned=True)
    points = tuple(points_in_table(standing.result.points) for standing in standings)
    yield Column("Tổng điểm", points, vietnamese.number(total), turned=True)
    yield Column("Chỉ số (%)", _indices(decision, standings), "100", turned=True)


def has_adjustments(decision: Decision) -> bool:
    """Whether bonuses or penalties outside the criteria have a column."""
    return bool(decision.criteria.adjustments) or any(s.result.adjustment_points for s in decision.standings)


def _name_columns(standings: Sequence[Standing]) -> Iterator[Column]:
    yield Column("TT", tuple(str(place) for place in range(1, len(standings) + 1)))
    yield Column("Đơn vị", tuple(plain(standing.unit.name) for standing in standings), is_name=True)


def _indices(decision: Decision, standings: Sequence[Standing]) -> tuple[str, ...]:
    return tuple(vietnamese.fixed(s.published_index, decision.policies.decimals) for s in standings)


def _laid(decision: Decision, columns: Sequence[Column], last: Sequence[Row], room: int, turned_room: int) -> Laid:
    """Lay a table out upright if it is legible so, across the page if not."""
    tries = ((size, width, _widths(columns, size, width)) for width in (room, turned_room) for size in _SIZES)
    squeezed = (_SIZES[-1], turned_room, _squeezed(columns, turned_room))
    size, width, widths = next((found for found in tries if found[2]), squeezed)
    heading = _heading_rows(columns, widths, size)
    return Laid(make_table(widths, heading, [*_rows(decision, columns), *last], size), size, is_turned=width > room)


def _widths(columns: Sequence[Column], size: float, room: int) -> list[int]:
    """Return widths in which every number stands on one line; none if the names get too little room."""
    needed = [0 if column.is_name else _needed(column, size) for column in columns]
    left = room - sum(needed)
    if left < _NARROWEST_NAMES:
        return []
    longest = max(width_of(name, size) for column in columns if column.is_name for name in column.cells)
    names = min(left, max(_NARROWEST_NAMES, min(longest + 2 * CELL_MARGIN + _SLACK, _WIDEST_NAMES)))
    others = [place for place, column in enumerate(columns) if not column.is_name and column.heading != "TT"]
    share, rest = divmod(left - names, len(others))
    widths = [width or names for width in needed]
    for place in others:
        widths[place] += share
    widths[others[-1]] += rest
    return widths


def _needed(column: Column, size: float) -> int:
    """Return the width in which no number, short class or word of a heading is broken."""
    heading = max(width_of(word, _heading_size(size), is_bold=True) for word in column.heading.split())
    if column.turned:
        lines = 1 if width_of(column.heading, size, is_bold=True) <= _TURNED_ROOM else 2
        heading = round(lines * _heading_size(size) * _LINE * TWIPS_PER_POINT)
    words = {word for cell in {*column.cells, column.maximum} for word in _unbroken(cell, size)}
    width = max((width_of(word, size, is_bold=True) for word in words), default=0)
    return max(width, heading) + 2 * CELL_MARGIN + _SLACK


def _unbroken(cell: str, size: float) -> Sequence[str]:
    return [cell] if width_of(cell, size, is_bold=True) <= _WIDEST_WORDS else cell.split()


def _squeezed(columns: Sequence[Column], room: int) -> list[int]:
    """The last resort for very many columns: names keep their least room, numbers share the rest."""
    share = (room - _NARROWEST_NAMES) // (len(columns) - 1)
    return [_NARROWEST_NAMES if column.is_name else share for column in columns]


def _heading_size(size: float) -> float:
    return min(size, 11)


def _heading_rows(columns: Sequence[Column], widths: Sequence[int], size: float) -> list[Row]:
    size = _heading_size(size)
    height = _heading_height(columns, widths, size)
    cells = tuple(
        Cell(_shortened(column.heading, width, height, size) if column.turned else column.heading, turned=column.turned)
        for column, width in zip(columns, widths, strict=True)
    )
    rows = [Row(cells, is_bold=True, height=height, size=size)]
    if any(column.maximum for column in columns):
        label, others = Cell("Điểm tối đa", span=2), columns[2:]
        rows.append(Row((label, *(Cell(column.maximum) for column in others)), is_bold=True, size=size))
    return rows


def _heading_height(columns: Sequence[Column], widths: Sequence[int], size: float) -> int:
    """Return the least height in which every turned heading fits; 0 if none is turned."""
    turned = [(column.heading, width) for column, width in zip(columns, widths, strict=True) if column.turned]
    if not turned:
        return 0
    heights = range(_LOWEST_HEADING, _HIGHEST_HEADING, 100)
    return next((h for h in heights if all(_fits(words, w, h, size) for words, w in turned)), _HIGHEST_HEADING)


def _fits(words: str, width: int, height: int, size: float) -> bool:
    lines = int((width - 2 * CELL_MARGIN) / (size * _LINE * TWIPS_PER_POINT))
    room = height - 2 * CELL_MARGIN - _SLACK
    broken = list(wrapped(words, size, room, is_bold=True))
    return len(broken) <= lines and all(width_of(line, size, is_bold=True) <= room for line in broken)


def _shortened(words: str, width: int, height: int, size: float) -> str:
    """Leave words off the end of a field's name until it fits; its number tells which field it is."""
    if _fits(words, width, height, size):
        return words
    kept = words.split()
    while len(kept) > 1 and not _fits(" ".join(kept) + "…", width, height, size):
        kept.pop()
    return " ".join(kept) + "…"


def _rows(decision: Decision, columns: Sequence[Column]) -> Iterator[Row]:
    blocks = in_order(decision)
    lines = iter(zip(*(column.cells for column in columns), strict=True))
    for title, members in blocks:
        if title:
            yield Row((Cell(title, "left", span=len(columns)),), is_bold=True, keeps_next=True)
        for _ in members:
            line = next(lines)
            yield Row(
                tuple(
                    Cell(words, "left" if column.is_name else "center")
                    for column, words in zip(columns, line, strict=True)
                )
            )
