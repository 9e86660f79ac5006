"""The charts of the report and the page that show results: ranking, classes, field profile.

Each is legible in black and white: classes by hatch and by name, two kinds of points by their marks, figures beside
what they belong to. The pictures carry no title; it belongs into the caption, with the description for those who do
not see the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.index import FieldResult, rounded
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing
from cchc_sheets.publication.drawing import (
    FAINT,
    FAINTEST,
    QUIET,
    WIDTH,
    Canvas,
    Chart,
    Look,
    broken,
    fitted,
    house_style,
    width_of,
)
from cchc_sheets.publication.paper_content import in_text
from cchc_sheets.publication.wording import UNRANKED, counted, group_title, plain, printed_mean

FEW: Final = 45
"""Up to so many units each has a line of its own in one column."""

_HATCHES: Final = ("", "////", "---", "xxxx", "\\\\\\\\")
_DARKEST, _LIGHTEST = (0x2F, 0x55, 0x7F), (0xFF, 0xFF, 0xFF)
_HUNDRED: Final = 100
_BETWEEN: Final = 0.2
"""The room between columns, in inches."""


def looks_of(policies: Policies) -> Mapping[str, Look]:
    """Return how each class is filled, the best one darkest; the same in all charts."""
    bands = _best_first(policies)
    last = max(len(bands) - 1, 1)
    return {
        band.name: Look(_shade(Fraction(place, last)), _HATCHES[place % len(_HATCHES)])
        for place, band in enumerate(bands)
    }


def _shade(share: Fraction) -> str:
    parts = (round(dark + (light - dark) * share) for dark, light in zip(_DARKEST, _LIGHTEST, strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _best_first(policies: Policies) -> list[ClassBand]:
    return sorted(policies.bands, key=lambda band: band.lower, reverse=True)


@dataclass(frozen=True)
class _Line:
    """One line of the ranking: a unit, or a heading over those that follow (of a class where `look` is given)."""

    words: str
    standing: Standing | None = None
    look: Look | None = None


@dataclass(frozen=True)
class _Plan:
    """How the ranking is laid out: so many columns, lines of this height, letters of this size, `top` the full bar."""

    columns: int
    height: float
    size: float
    top: Fraction
    policies: Policies

    @property
    def width(self) -> float:
        return (WIDTH - _BETWEEN * (self.columns - 1)) / self.columns

    @property
    def rank_room(self) -> float:
        return width_of("000", self.size) + 0.06

    @property
    def value_room(self) -> float:
        return width_of("100," + "0" * self.policies.decimals, self.size) + 0.08

    def share(self, index: Fraction) -> float:
        return float(max(index, Fraction(0)) / self.top)


@house_style()
def ranking_chart(standings: Sequence[Standing], policies: Policies) -> Chart:
    """Draw a bar for every unit, best first, under the names of their classes; groups apart."""
    lines = list(_ranking_lines(standings, policies))
    plan = _plan(standings, policies)
    blocks = _columns_of(lines, plan.columns)
    most = max(len(block) for block in blocks)
    canvas = Canvas(WIDTH, most * plan.height + (0.26 if plan.columns == 1 else 0.04))
    column = _wide_column if plan.columns == 1 else _narrow_column
    for place, block in enumerate(blocks):
        column(canvas, block, plan, place * (plan.width + _BETWEEN))
    return Chart(
        "ranking", "Xếp hạng theo Chỉ số cải cách hành chính", _ranking_words(standings, policies), canvas.figure
    )


def _plan(standings: Sequence[Standing], policies: Policies) -> _Plan:
    top = max(Fraction(_HUNDRED), *(standing.result.index for standing in standings))
    if len(standings) <= FEW:
        return _Plan(1, 0.205, 8, top, policies)
    if len(standings) <= 2 * FEW:
        return _Plan(2, 0.19, 7.5, top, policies)
    return _Plan(3, 0.156, 6.4, top, policies)


def _ranking_lines(standings: Sequence[Standing], policies: Policies) -> Iterator[_Line]:
    looks = looks_of(policies)
    counts = Counter((_block(standing), standing.class_name) for standing in standings)
    heading: tuple[object, str] | None = None
    for standing in in_printed_order(standings):
        block = _block(standing)
        if (heading is None or heading[0] != block) and (title := _block_title(standing, standings, policies)):
            yield _Line(title)
        if heading != (block, standing.class_name):
            heading = (block, standing.class_name)
            name = plain(standing.class_name)
            yield _Line(f"{name}: {counted(counts[heading])} đơn vị", look=looks[standing.class_name])
        yield _Line(plain(standing.unit.name), standing, looks[standing.class_name])


def _block(standing: Standing) -> tuple[bool, str]:
    return (True, "") if standing.rank is None else (False, standing.group)


def _block_title(standing: Standing, standings: Sequence[Standing], policies: Policies) -> str:
    if standing.rank is None:
        return UNRANKED.capitalize()
    return group_title(standing, standings, policies)


def in_printed_order(standings: Sequence[Standing]) -> list[Standing]:
    """Return the units group by group in the order of the roster, by rank, then by name; the unranked at the end."""
    groups = list(dict.fromkeys(standing.group for standing in standings))
    return sorted(
        standings,
        key=lambda standing: (
            standing.rank is None,
            groups.index(standing.group) if standing.rank is not None else 0,
            standing.rank or -standing.result.index,
            vietnamese.sort_key(standing.unit.name),
            standing.unit.code,
        ),
    )


def _columns_of(lines: Sequence[_Line], count: int) -> list[list[_Line]]:
    """Part the lines into at most so many columns, as low as they can be; headings that are repeated take room too."""
    heights = range(-(-len(lines) // count), len(lines) + 1)
    return next(blocks for most in heights if len(blocks := list(_in_columns(lines, most))) <= count)


def _in_columns(lines: Sequence[_Line], most: int) -> Iterator[list[_Line]]:
    """Part the lines into columns; no heading stands at the foot of one, and a class that goes on is named again."""
    block: list[_Line] = []
    heading: _Line | None = None
    for place, line in enumerate(lines):
        is_last_heading = line.standing is None and (
            len(block) >= most - 1 or _leads_out(lines, place, most - len(block))
        )
        if block and (len(block) >= most or is_last_heading):
            yield block
            block = (
                []
                if line.standing is None or heading is None
                else [_Line(f"{heading.words} (tiếp)", look=heading.look)]
            )
        if line.standing is None:
            heading = line
        block.append(line)
    yield block


def _leads_out(lines: Sequence[_Line], place: int, room: int) -> bool:
    """Whether headings from here on fill the room that is left, so that no unit would stand under them."""
    return all(line.standing is None for line in lines[place : place + room])


def _wide_column(canvas: Canvas, block: Sequence[_Line], plan: _Plan, left: float) -> None:
    """Bars beside the names, over the limits of the classes."""
    size, height = plan.size, plan.height
    names = left + plan.rank_room
    longest = max((width_of(line.words, size) for line in block if line.standing), default=0)
    name_room = min(longest, plan.width * 0.45)
    start = names + name_room + 0.07
    room = left + plan.width - plan.value_room - start
    foot = len(block) * height
    canvas.words(names, foot + 0.12, "Ngưỡng xếp loại", size=size - 1, color=QUIET)
    for band in _best_first(plan.policies)[:-1]:
        x = start + room * plan.share(Fraction(band.lower))
        canvas.line(x, 0.02, x, foot + 0.04, color=FAINT, width=0.5)
        canvas.words(x, foot + 0.12, vietnamese.number(band.lower), size=size - 1, align="center", color=QUIET)
    for place, line in enumerate(block):
        middle = (place + 0.5) * height
        if line.standing is None or line.look is None:
            _heading(canvas, line, plan, (left, middle))
            continue
        length = room * plan.share(line.standing.result.index)
        canvas.words(names - 0.06, middle, _rank(line.standing), size=size, align="right", color=QUIET)
        canvas.words(names, middle, fitted(line.words, size, name_room), size=size)
        canvas.area(start, middle - height * 0.33, length, height * 0.66, line.look)
        canvas.words(start + length + 0.05, middle, _index(line.standing, plan.policies), size=size, covers=True)


def _narrow_column(canvas: Canvas, block: Sequence[_Line], plan: _Plan, left: float) -> None:
    """Thin bars under the names, so that names are whole and bars long although many units share a page."""
    size, height, right = plan.size, plan.height, left + plan.width
    names = left + plan.rank_room
    for place, line in enumerate(block):
        top = place * height
        if line.standing is None or line.look is None:
            _heading(canvas, line, plan, (left, top + height / 2))
            continue
        middle = top + height * 0.4
        canvas.words(names - 0.06, middle, _rank(line.standing), size=size, align="right", color=QUIET)
        canvas.words(names, middle, fitted(line.words, size, right - plan.value_room - names), size=size)
        canvas.words(right, middle, _index(line.standing, plan.policies), size=size, align="right")
        length = (right - names) * plan.share(line.standing.result.index)
        canvas.area(names, top + height * 0.76, length, height * 0.15, Look(line.look.fill))


def _rank(standing: Standing) -> str:
    return "–" if standing.rank is None else str(standing.rank)


def _heading(canvas: Canvas, line: _Line, plan: _Plan, at: tuple[float, float]) -> None:
    height, size = plan.height, plan.size
    left, middle = at
    words_at = left
    if line.look is not None:
        look = line.look if plan.columns == 1 else Look(line.look.fill)
        canvas.area(left + 0.02, middle - height * 0.25, height * 0.9, height * 0.5, look)
        words_at = left + height * 0.9 + 0.08
    words = fitted(line.words, size, left + plan.width - words_at, is_bold=True)
    canvas.words(words_at, middle, words, size=size, is_bold=True)
    canvas.line(left, middle + height * 0.46, left + plan.width, middle + height * 0.46, color=FAINT, width=0.5)


def _ranking_words(standings: Sequence[Standing], policies: Policies) -> str:
    ordered = sorted(standings, key=lambda standing: standing.result.index, reverse=True)
    best, worst = ordered[0], ordered[-1]
    return (
        f"Biểu đồ thanh Chỉ số của {counted(len(standings))} đơn vị, xếp từ cao xuống thấp: cao nhất "
        f"{plain(best.unit.name)} {_index(best, policies)}%, thấp nhất {plain(worst.unit.name)} "
        f"{_index(worst, policies)}%, bình quân {printed_mean(standings, policies)}%. "
        f"{_class_words(standings, policies)}."
    )


def _index(standing: Standing, policies: Policies) -> str:
    return vietnamese.fixed(standing.published_index, policies.decimals)


def _class_words(standings: Sequence[Standing], policies: Policies) -> str:
    counts = Counter(standing.class_name for standing in standings)
    parts = (f"{plain(b.name)} {counted(counts[b.name])} đơn vị" for b in _best_first(policies) if counts[b.name])
    return "Xếp loại: " + ", ".join(parts)


@house_style()
def class_chart(standings: Sequence[Standing], policies: Policies) -> Chart:
    """Draw how many units are in each class, best first, with their share of all."""
    counts = Counter(standing.class_name for standing in standings)
    looks, bands = looks_of(policies), _best_first(policies)
    most = max(counts.values())
    canvas = Canvas(WIDTH, 3.0)
    step, top, foot = WIDTH / len(bands), 0.42, 2.48
    for place, band in enumerate(bands):
        middle = (place + 0.5) * step
        height = (foot - top) * counts[band.name] / most
        share = rounded(Fraction(counts[band.name] * _HUNDRED, len(standings)), 1)
        if counts[band.name]:
            canvas.area(middle - step * 0.31, foot - height, step * 0.62, height, looks[band.name])
        canvas.words(
            middle, foot - height - 0.11, f"{vietnamese.fixed(share, 1)}%", size=7.5, align="center", color=QUIET
        )
        canvas.words(middle, foot - height - 0.26, f"{counts[band.name]} đơn vị", size=9, align="center", is_bold=True)
        name = fitted(plain(band.name), 9, step - 0.06, is_bold=True)
        canvas.words(middle, foot + 0.17, name, size=9, align="center", is_bold=True)
        canvas.words(middle, foot + 0.35, _limits(bands, place), size=7.5, align="center", color=QUIET)
    canvas.line(0, foot, WIDTH, foot, width=0.8)
    words = f"Biểu đồ cột số đơn vị theo từng mức xếp loại. {_class_words(standings, policies)}."
    return Chart("classes", "Số đơn vị theo mức xếp loại", words, canvas.figure)


def _limits(bands: Sequence[ClassBand], place: int) -> str:
    lower = vietnamese.number(bands[place].lower)
    if len(bands) == 1:
        return "mọi mức"
    if place == 0:
        return f"từ {lower} trở lên"
    upper = vietnamese.number(bands[place - 1].lower)
    return f"dưới {upper}" if place == len(bands) - 1 else f"từ {lower} đến dưới {upper}"


@house_style()
def field_profile(standing: Standing, means: Mapping[str, Fraction | None]) -> Chart:
    """Draw what share of each field's points one unit reached, beside the mean of all units (`facts.field_means`)."""
    fields = standing.result.fields
    titles = {field.code: broken(f"{plain(field.code)}. {plain(field.title)}", 7.5, 2.3, 3) for field in fields}
    heights = [max(0.36, 0.15 * len(titles[field.code]) + 0.08) for field in fields]
    canvas = Canvas(WIDTH, 0.46 + sum(heights) + 0.3)
    start, room = 2.42, 1.95
    _profile_frame(canvas, standing, start, room)
    top = 0.46
    for field, height in zip(fields, heights, strict=True):
        middle = top + height / 2
        _profile_line(canvas, field, means[field.code], (titles[field.code], middle, start, room))
        top += height
        canvas.line(0, top, WIDTH, top, color=FAINTEST, width=0.5)
    name = plain(standing.unit.name)
    told = "; ".join(f"lĩnh vực {plain(f.code)}: {_share(f)}, bình quân {_percent(means[f.code])}" for f in fields)
    words = f"Tỷ lệ điểm đạt được của {name} theo từng lĩnh vực so với bình quân các đơn vị: {told}."
    title = f"Điểm theo lĩnh vực của {in_text(standing.unit)}"
    return Chart(f"fields-{standing.unit.code}", title, words, canvas.figure)


def _profile_frame(canvas: Canvas, standing: Standing, start: float, room: float) -> None:
    canvas.area(0.01, 0.1, 0.22, 0.1, _UNIT_LOOK)
    unit = fitted(plain(standing.unit.name), 8, start - 0.4, is_bold=True)
    canvas.words(0.3, 0.15, unit, size=8, is_bold=True)
    canvas.marks([(start + 0.05, 0.15)], "D", 5, is_filled=False)
    canvas.words(start + 0.15, 0.15, "Bình quân các đơn vị", size=7.5)
    for x, words in ((_POINTS_AT, "Điểm"), (_SHARE_AT, "Tỷ lệ"), (_MEAN_AT, "Bình quân")):
        canvas.words(x, 0.15, words, size=7, align="right", color=QUIET)
    foot = canvas.height - 0.3
    for percent in (0, 25, 50, 75, 100):
        x = start + room * percent / _HUNDRED
        canvas.line(x, 0.46, x, foot + 0.04, color=FAINTEST, width=0.5)
        canvas.words(x, foot + 0.14, f"{percent}%", size=6.5, align="center", color=QUIET)
    canvas.line(0, 0.46, WIDTH, 0.46, color=FAINT, width=0.6)


_UNIT_LOOK: Final = Look("#8fa9c6")
_POINTS_AT, _SHARE_AT, _MEAN_AT = 5.07, 5.53, WIDTH - 0.02


def _profile_line(
    canvas: Canvas, field: FieldResult, mean: Fraction | None, at: tuple[Sequence[str], float, float, float]
) -> None:
    lines, middle, start, room = at
    for place, words in enumerate(lines):
        canvas.words(0, middle + 0.14 * (place - (len(lines) - 1) / 2), words, size=7.5)
    share = _share_of(field)
    if share is not None:
        canvas.area(start, middle - 0.09, room * _drawn(share), 0.18, _UNIT_LOOK)
    if mean is not None:
        canvas.marks([(start + room * _drawn(mean), middle)], "D", 5, is_filled=False)
    points = f"{vietnamese.number(field.points)}/{vietnamese.number(field.attainable_points)}"
    canvas.words(_POINTS_AT, middle, points, size=7, align="right")
    canvas.words(_SHARE_AT, middle, _share(field), size=7, align="right", is_bold=True)
    canvas.words(_MEAN_AT, middle, _percent(mean), size=7, align="right")


def _share_of(field: FieldResult) -> Fraction | None:
    """Return points ÷ attainable points; None where the unit could attain nothing."""
    return Fraction(field.points) / Fraction(field.attainable_points) if field.attainable_points else None


def _share(field: FieldResult) -> str:
    return _percent(_share_of(field))


def _percent(share: Fraction | None) -> str:
    return "–" if share is None else f"{vietnamese.fixed(rounded(share * _HUNDRED, 1), 1)}%"


def _drawn(share: Fraction) -> float:
    return float(min(max(share, Fraction(0)), Fraction(1)))
