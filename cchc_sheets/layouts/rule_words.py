"""A criterion's rule in the words of a commune officer: what earns how many points."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from cchc_sheets.assessment.criteria import Adjustment, Criterion
from cchc_sheets.assessment.scoring import (
    Band,
    Bands,
    Count,
    Imported,
    Levels,
    Points,
    Ratio,
    Rule,
    Survey,
)
from cchc_sheets.vietnamese import number


def rule_in_words(criterion: Criterion) -> str:
    """Return the rule of a leaf, one sentence or level a line."""
    if criterion.rule is None:
        return ""
    lines = _WORDS[type(criterion.rule)](criterion.rule, criterion.max_points)
    if criterion.not_occurred == "full":
        lines.append("• Không phát sinh trong năm: được điểm tối đa.")
    if criterion.not_occurred == "exclude":
        lines.append("• Không phát sinh trong năm: không tính vào điểm tối đa.")
    return "\n".join(lines)


def guidance_in_words(criterion: Criterion) -> str:
    """Return everything an officer needs to score a leaf: the rule, how to count, which documents prove it."""
    parts = [rule_in_words(criterion), criterion.guidance]
    if criterion.evidence:
        parts.append("\n".join(("Tài liệu kiểm chứng:", *(f"– {document}" for document in criterion.evidence))))
    return "\n".join(part for part in parts if part)


def adjustment_in_words(item: Adjustment) -> str:
    """Return the rule of a bonus or penalty item."""
    verb = "cộng" if item.kind == "bonus" else "trừ"
    words = f"Mỗi trường hợp {verb} {number(item.per_item)} điểm, tối đa {number(item.cap)} điểm"
    if item.criterion:
        words += f"; trừ vào tiêu chí {item.criterion}"
    if item.below_zero:
        words += " (có thể xuống dưới 0)"
    return words + "."


def percent(value: Decimal) -> str:
    """Print a part of one as a percentage: `0.985` becomes `98,5%`."""
    return f"{number(value * 100)}%"


def _levels(rule: Levels, _max_points: Decimal) -> list[str]:
    return [f"• {number(level.points)} điểm: {level.label}." for level in rule.levels]


def _bands(rule: Bands, _max_points: Decimal) -> list[str]:
    shown = percent if rule.denominator else number
    value = f"{rule.numerator} ÷ {rule.denominator}" if rule.denominator else rule.numerator
    ordered = sorted(rule.bands, key=lambda band: (band.lower, band.exclusive), reverse=True)
    lines = [f"Tính theo: {value}."]
    above: Band | None = None
    for band in ordered:
        label = f" ({band.label})" if band.label else ""
        lines.append(f"• {_span(band, above, shown)}: {number(band.points)} điểm{label}.")
        above = band
    return lines


def _span(band: Band, above: Band | None, shown: Callable[[Decimal], str]) -> str:
    lower = f"trên {shown(band.lower)}" if band.exclusive else f"từ {shown(band.lower)}"
    if above is None:
        return lower[0].upper() + lower[1:] + ("" if band.exclusive else " trở lên")
    upper = f"đến {shown(above.lower)}" if above.exclusive else f"đến dưới {shown(above.lower)}"
    if band.lower == 0 and not band.exclusive:
        return f"Từ {shown(above.lower)} trở xuống" if above.exclusive else f"Dưới {shown(above.lower)}"
    return f"{lower[0].upper()}{lower[1:]} {upper}"


def _ratio(rule: Ratio, max_points: Decimal) -> list[str]:
    lines = [f"Tỷ lệ = {rule.numerator} ÷ {rule.denominator}."]
    full = number(max_points)
    if rule.full_at == 1:
        lines.append(f"• Điểm = tỷ lệ × {full}, tối đa {full} điểm.")
    else:
        lines.append(f"• Từ {percent(rule.full_at)} trở lên: {full} điểm.")
        lines.append(f"• Dưới {percent(rule.full_at)}: điểm = tỷ lệ ÷ {percent(rule.full_at)} × {full}.")
    if rule.floor:
        lines.append(f"• Dưới {percent(rule.floor)}: 0 điểm.")
    return lines


def _count(rule: Count, max_points: Decimal) -> list[str]:
    return [f"• Mỗi {rule.item}: {number(rule.per_item)} điểm, tối đa {number(max_points)} điểm."]


def _points(rule: Points, max_points: Decimal) -> list[str]:
    return [f"• Cho điểm từ 0 đến {number(max_points)}, mỗi bậc {number(rule.step)} điểm."]


def _survey(_rule: Survey, _max_points: Decimal) -> list[str]:
    return ["Điểm lấy từ kết quả điều tra xã hội học; đơn vị không tự chấm."]


def _imported(_rule: Imported, _max_points: Decimal) -> list[str]:
    return ["Điểm lấy từ số liệu của cơ quan, hệ thống cấp trên; đơn vị không tự chấm."]


_WORDS: Final[dict[type[Rule], Callable[..., list[str]]]] = {
    Levels: _levels,
    Bands: _bands,
    Ratio: _ratio,
    Count: _count,
    Points: _points,
    Survey: _survey,
    Imported: _imported,
}
