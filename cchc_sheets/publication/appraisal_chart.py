"""The chart of what the appraisal changed: the points each unit claimed against those that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import CriteriaSet
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.publication.charts import FEW, in_printed_order
from cchc_sheets.publication.drawing import FAINT, FAINTEST, QUIET, WIDTH, Canvas, Chart, fitted, house_style, width_of
from cchc_sheets.publication.wording import counted, plain, points_in_table

_TITLE: Final = "Điểm tự chấm và điểm sau thẩm định"
_NAMED: Final = 10
_SIDE: Final = 3.6
_BESIDE: Final = tuple(
    (across, down)
    for reach in (1, 2)
    for across, down in (
        (0.12 * reach, 0.0), (0.0, 0.11 * reach), (-0.12 * reach, 0.0), (0.0, -0.11 * reach),
        (0.08 * reach, 0.08 * reach), (-0.08 * reach, 0.08 * reach), (0.08 * reach, -0.08 * reach),
        (-0.08 * reach, -0.08 * reach),
    )
)  # fmt: skip
_LETTERS: Final = (0.12, 0.1)
"""The room of a number beside a mark, in inches."""

Place = tuple[float, float]


@dataclass(frozen=True)
class _Pair:
    """What one unit claimed, and what stands of it, over the same criteria."""

    name: str
    claimed: Decimal
    stands: Decimal

    @property
    def change(self) -> Decimal:
        return self.stands - self.claimed


@dataclass(frozen=True)
class _Scale:
    """Points along a line `room` inches long that begins at `start`."""

    low: int
    high: int
    start: float
    room: float

    def at(self, points: Decimal) -> float:
        return self.start + self.room * float((points - self.low) / (self.high - self.low))

    @property
    def ticks(self) -> range:
        span = self.high - self.low
        return range(self.low, self.high + 1, max(step for step in (1, 2, 5, 10, 20) if step == 1 or span >= 4 * step))


@house_style()
def self_and_final_chart(standings: Sequence[Standing], criteria: CriteriaSet) -> Chart:
    """Draw claimed and standing points of the self-scored criteria: a line for each unit, or points if there are many.

    Units that claimed nothing are left out.
    """
    codes = [leaf.code for leaf in criteria.self_scored]
    pairs = [_pair(standing, codes) for standing in in_printed_order(standings) if standing.result.self_points]
    canvas = _lines(pairs) if len(pairs) <= FEW else _cloud(pairs)
    return Chart("self-and-final", _TITLE, _words(pairs), canvas.figure)


def _pair(standing: Standing, codes: Sequence[str]) -> _Pair:
    stands = sum((standing.result.standing[code].points or Decimal(0) for code in codes), Decimal(0))
    return _Pair(plain(standing.unit.name), standing.result.self_points, stands)


def _scale(pairs: Sequence[_Pair], start: float, room: float) -> _Scale:
    values = [value for pair in pairs for value in (pair.claimed, pair.stands)] or [Decimal(0)]
    low, high = floor(min(values)), ceil(max(values))
    step = max(step for step in (1, 2, 5, 10) if step == 1 or high - low >= 4 * step)
    low, high = low // step * step, -(-high // step) * step
    return _Scale(low, max(high, low + step), start, room)


def _lines(pairs: Sequence[_Pair]) -> Canvas:
    height = 0.215
    canvas = Canvas(WIDTH, 0.36 + max(len(pairs), 1) * height + 0.36)
    names = min(max((width_of(pair.name, 8) for pair in pairs), default=1), 2.0)
    scale = _scale(pairs, names + 0.2, WIDTH - names - 0.2 - 0.75)
    foot = canvas.height - 0.36
    for tick in scale.ticks:
        x = scale.at(Decimal(tick))
        canvas.line(x, 0.3, x, foot + 0.04, color=FAINT, width=0.5)
        canvas.words(x, foot + 0.13, str(tick), size=7, align="center", color=QUIET)
    canvas.words(scale.start + scale.room / 2, foot + 0.28, "điểm", size=7, align="center", color=QUIET)
    _key(canvas, scale.start, 0.13)
    canvas.words(WIDTH - 0.02, 0.13, "Chênh lệch", size=7, align="right", color=QUIET)
    for place, pair in enumerate(pairs):
        middle = 0.36 + (place + 0.5) * height
        canvas.words(names, middle, fitted(pair.name, 8, names), size=8, align="right")
        canvas.line(scale.at(pair.claimed), middle, scale.at(pair.stands), middle, width=1.3)
        canvas.line(scale.start, middle, scale.start + scale.room, middle, color=FAINTEST, width=0.5)
        canvas.marks([(scale.at(pair.claimed), middle)], "o", 7, is_filled=False)
        canvas.marks([(scale.at(pair.stands), middle)], "s", 3.6)
        canvas.words(WIDTH - 0.02, middle, _signed(pair.change), size=8, align="right")
    return canvas


def _key(canvas: Canvas, left: float, middle: float) -> None:
    canvas.marks([(left + 0.06, middle)], "o", 7, is_filled=False)
    canvas.words(left + 0.16, middle, "Tự chấm", size=7.5)
    second = left + 0.16 + width_of("Tự chấm", 7.5) + 0.25
    canvas.marks([(second, middle)], "s", 3.6)
    canvas.words(second + 0.1, middle, "Sau thẩm định", size=7.5)


def _cloud(pairs: Sequence[_Pair]) -> Canvas:
    """A mark for each unit: across what it claimed, upwards what stands; those changed most are numbered and named."""
    canvas = Canvas(WIDTH, _SIDE + 0.62)
    across = _scale(pairs, 0.5, _SIDE - 0.1)
    top, foot = 0.1, _SIDE
    for tick in across.ticks:
        x, y = across.at(Decimal(tick)), _height(across, Decimal(tick), top, foot)
        canvas.line(x, top, x, foot + 0.04, color=FAINT, width=0.5)
        canvas.line(across.start - 0.04, y, across.start + across.room, y, color=FAINT, width=0.5)
        canvas.words(x, foot + 0.14, str(tick), size=7, align="center", color=QUIET)
        canvas.words(across.start - 0.08, y, str(tick), size=7, align="right", color=QUIET)
    canvas.line(across.start, foot, across.start + across.room, top, width=0.8, dashed=True)
    middle = across.start + across.room / 2
    canvas.words(middle, foot + 0.32, "Điểm tự chấm", size=8, align="center", is_bold=True)
    canvas.words(0.1, (top + foot) / 2, "Điểm sau thẩm định", size=8, align="center", is_bold=True, turned=True)
    canvas.words(
        middle, foot + 0.5, "Trên đường chéo: thẩm định giữ nguyên điểm tự chấm", size=7, align="center", color=QUIET
    )
    named = sorted((pair for pair in pairs if pair.change), key=lambda pair: -abs(pair.change))[:_NAMED]
    places = {pair: (across.at(pair.claimed), _height(across, pair.stands, top, foot)) for pair in pairs}
    canvas.marks([place for pair, place in places.items() if pair not in named], "o", 3.6, is_filled=False)
    canvas.marks([places[pair] for pair in named], "s", 4.2)
    _number_marks(canvas, [places[pair] for pair in named])
    _list_changes(canvas, named)
    return canvas


def _height(scale: _Scale, points: Decimal, top: float, foot: float) -> float:
    return foot - (scale.at(points) - scale.start) / scale.room * (foot - top)


def _number_marks(canvas: Canvas, places: Sequence[Place]) -> None:
    """Write a number beside each mark, where it covers no other number and no other of these marks."""
    taken = list(places)
    for number, (x, y) in enumerate(places, start=1):
        wider = 1.25 if number > 9 else 1  # noqa: PLR2004 - two figures
        tries = [(x + wider * across, y + down) for across, down in _BESIDE]
        free = (place for place in tries if all(_is_apart(place, other) for other in taken if other != (x, y)))
        place = next(free, tries[0])
        taken.append(place)
        canvas.words(*place, str(number), size=6.5, is_bold=True, align="center", covers=True)


def _is_apart(one: Place, other: Place) -> bool:
    return abs(one[0] - other[0]) >= _LETTERS[0] or abs(one[1] - other[1]) >= _LETTERS[1]


def _list_changes(canvas: Canvas, named: Sequence[_Pair]) -> None:
    left, right = _SIDE + 0.7, WIDTH - 0.02
    canvas.words(left, 0.17, "Thay đổi nhiều nhất", size=7.5, is_bold=True)
    for number, pair in enumerate(named, start=1):
        middle = 0.2 + number * 0.2
        canvas.words(left + 0.14, middle, str(number), size=7, align="right", is_bold=True)
        change = _signed(pair.change)
        canvas.words(right, middle, change, size=7, align="right")
        room = right - left - 0.2 - width_of(change, 7) - 0.05
        canvas.words(left + 0.2, middle, fitted(pair.name, 7, room), size=7)


def _signed(points: Decimal) -> str:
    return "0" if not points else f"{'+' if points > 0 else '−'}{points_in_table(abs(points))}"


def _words(pairs: Sequence[_Pair]) -> str:
    lowered = [pair for pair in pairs if pair.change < 0]
    raised = [pair for pair in pairs if pair.change > 0]
    told = (
        f"So sánh điểm tự chấm và điểm sau thẩm định của {counted(len(pairs))} đơn vị trên cùng các tiêu chí tự chấm: "
        f"giảm ở {counted(len(lowered))} đơn vị, tăng ở {counted(len(raised))} đơn vị, "
        f"không đổi ở {counted(len(pairs) - len(lowered) - len(raised))} đơn vị."
    )
    if lowered:
        most = min(lowered, key=lambda pair: pair.change)
        told += f" Giảm nhiều nhất: {most.name}, {vietnamese.number(abs(most.change))} điểm."
    return told
