"""The people of the demo: communes that fill in, mistype and hand in late; departments that appraise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from cchc_sheets.assessment.adjustments import ADJUSTMENTS
from cchc_sheets.assessment.appraisal import (
    ADJUST,
    AGREE,
    NOT_OCCURRED_SHOWN,
    criteria_of,
    departments_of,
    row_key,
    sheet_key,
)
from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.scoring import Bands, Count, Declared, Levels, Ratio
from cchc_sheets.assessment.submission import CONFIRMED, NOT_OCCURRED, SELF_ASSESSMENT, SELF_REPORT
from cchc_sheets.assessment.units import Unit
from cchc_sheets.reading import Raw
from cchc_sheets.stages.season import APPRAISAL, Season, unit_key
from cchc_sheets.vietnamese import number

Entries = dict[str, dict[str, Raw]]

_SEED: Final = 2023


@dataclass(frozen=True)
class Cast:
    """Which commune plays which part."""

    late: Unit
    broken: Unit
    commas: Unit
    unproven: Unit
    disputing: Unit
    copied: Unit
    copying: Unit


def cast_of(units: Sequence[Unit]) -> Cast:
    """Give the parts out."""
    return Cast(
        late=units[-4],
        broken=units[-3],
        commas=units[1],
        unproven=units[3],
        disputing=units[5],
        copied=units[6],
        copying=units[7],
    )


def fill_in(season: Season, unit: Unit, cast: Cast) -> None:
    """Type a commune's self-assessment into its workbook, as its officer would."""
    criteria = season.cycle.criteria
    chance = Random(f"{_SEED} {unit.code}")  # noqa: S311 - a rehearsal, not a secret
    diligence = chance.uniform(0.7, 0.8) if unit == cast.late else chance.uniform(0.78, 0.985)
    entries: Entries = {}
    for leaf in criteria.self_scored:
        entries[leaf.code] = _commune_row(leaf, unit, chance, diligence)
    if unit == cast.commas:
        for row in entries.values():
            if isinstance(row.get("self_score"), Decimal):
                row["self_score"] = number(Decimal(str(row["self_score"])))
    if unit == cast.unproven:
        for code in list(entries)[::6]:
            entries[code].pop("evidence", None)
    if unit == cast.disputing:
        _claim_too_much(criteria, entries)
    if unit in (cast.copied, cast.copying):
        _share_a_document(entries, cast)
    season.workspace.type_in(unit_key(unit), {SELF_ASSESSMENT: entries, SELF_REPORT: _report(unit)})


def _commune_row(leaf: Criterion, unit: Unit, chance: Random, diligence: float) -> dict[str, Raw]:
    if leaf.not_occurred and chance.random() < 0.12:  # noqa: PLR2004 - now and then
        return {"not_occurred": NOT_OCCURRED, "note": "Trong năm không phát sinh."}
    row: dict[str, Raw] = _figures(leaf, chance, diligence)
    points = _points(leaf, row, chance, diligence)
    row["self_score"] = points
    if points:
        day = f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/2023"
        kind = chance.choice(("Báo cáo", "Kế hoạch", "Quyết định"))
        symbol = {"Báo cáo": "BC", "Kế hoạch": "KH", "Quyết định": "QĐ"}[kind]
        number_ = chance.randint(2, 240)
        link = f"https://{unit.code}.example.gov.vn/van-ban/{number_}-{symbol.lower()}"
        row["evidence"] = f"{kind} số {number_:02d}/{symbol}-UBND ngày {day} {link}"
    return row


def _figures(leaf: Criterion, chance: Random, diligence: float) -> dict[str, Raw]:
    match leaf.rule:
        case Ratio() | Bands(denominator=str()):
            total = chance.randint(8, 60)
            share = min(1.0, max(0.0, chance.gauss(diligence + 0.06, 0.07)))
            return {"numerator": Decimal(round(total * share)), "denominator": Decimal(total)}
        case Count():
            return {"numerator": Decimal(chance.randint(0, 4))}
    return {}


def _points(leaf: Criterion, row: Mapping[str, Raw], chance: Random, diligence: float) -> Decimal:
    rule = leaf.rule
    if isinstance(rule, Levels):
        ordered = sorted((level.points for level in rule.levels), reverse=True)
        return ordered[0] if chance.random() < diligence else chance.choice(ordered[1:])
    declared = Declared(_decimal(row.get("numerator")), _decimal(row.get("denominator")))
    by_rule = rule.rule_score(declared, leaf.max_points) if rule else None
    if by_rule is not None:
        return rounded(by_rule, 2)
    steps = int(leaf.max_points / Decimal("0.25"))
    return Decimal("0.25") * round(steps * min(1.0, chance.gauss(diligence, 0.1)))


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _claim_too_much(criteria: CriteriaSet, entries: Entries) -> None:
    """Claim full points where the declared figures do not bear them out."""
    for leaf in criteria.self_scored:
        row = entries[leaf.code]
        if isinstance(leaf.rule, Ratio) and "numerator" in row and row["self_score"] != leaf.max_points:
            row["self_score"] = leaf.max_points
            row["note"] = "Xã đề nghị tính cả các trường hợp hoàn thành sau ngày chốt số liệu."
            return


def _share_a_document(entries: Entries, cast: Cast) -> None:
    """Prove the first claim with one commune's report, whoever claims it; the second with a plan of the year before."""
    first, second, *_ = (row for row in entries.values() if "evidence" in row)
    first["evidence"] = f"Báo cáo số 45/BC-UBND ngày 05/12/2023 https://{cast.copied.code}.example.gov.vn/van-ban/45-bc"
    second["evidence"] = (
        f"Kế hoạch số 187/KH-UBND ngày 28/12/2022 https://{cast.copied.code}.example.gov.vn/van-ban/187"
    )


def _report(unit: Unit) -> Entries:
    words = {
        "strengths": "Hoàn thành kế hoạch cải cách hành chính năm 2023; hồ sơ giải quyết đúng hạn đạt tỷ lệ cao.",
        "weaknesses": "Tỷ lệ hồ sơ nộp trực tuyến còn thấp ở một số lĩnh vực.",
        "causes": "Người dân chưa quen sử dụng dịch vụ công trực tuyến.",
        "proposals": "Đề nghị huyện tập huấn thêm cho tổ công nghệ số cộng đồng.",
        "reporter": f"Công chức Văn phòng - thống kê {unit.name}",
        "phone": "0256 3880 000",
        "confirmed": CONFIRMED,
    }
    return {key: {"value": value} for key, value in words.items()}


def break_rows(season: Season, unit: Unit) -> None:
    """Paste over a locked code, write a score with its unit, and one above the maximum: the usual accidents."""
    first, second, third = season.cycle.criteria.self_scored[:3]
    accidents: Entries = {
        first.code: {"code": second.code},
        second.code: {"self_score": "0,5đ", "not_occurred": ""},
        third.code: {"self_score": third.max_points + 1, "not_occurred": ""},
    }
    season.workspace.type_in(unit_key(unit), {SELF_ASSESSMENT: accidents})


def mend_rows(season: Season, unit: Unit) -> None:
    """Put right what `break_rows` did."""
    first, second, third = season.cycle.criteria.self_scored[:3]
    mended: Entries = {
        first.code: {"code": first.code},
        second.code: {"self_score": Decimal(0)},
        third.code: {"self_score": Decimal(0)},
    }
    season.workspace.type_in(unit_key(unit), {SELF_ASSESSMENT: mended})


def departments_write(season: Season, cast: Cast) -> None:
    """Type each department's findings: agree, or adjust to what figures and evidence bear out."""
    reading = season.workspace.read(APPRAISAL)
    written: dict[str, Entries] = {ADJUSTMENTS: _office_adjusts(season, cast)}
    for department in departments_of(season.cycle.criteria):
        sheet = reading.sheet(sheet_key(department))
        rows = {row.key: row.cells for row in sheet.rows} if sheet else {}
        entries: Entries = {}
        for leaf, unit in _places(season, department):
            cells = rows[row_key(unit.code, leaf.code)]
            shown = {column: cells[column].value if column in cells else None for column in _SEEN}
            entries[row_key(unit.code, leaf.code)] = _verdict(leaf, shown, is_disputing=unit == cast.disputing)
        written[sheet_key(department)] = entries
    season.workspace.type_in(APPRAISAL, written)


_SEEN: Final = ("self_score", "difference", "evidence")


def _places(season: Season, department: str) -> Iterator[tuple[Criterion, Unit]]:
    return ((leaf, unit) for leaf in criteria_of(season.cycle.criteria, department) for unit in season.cycle.units)


def _verdict(leaf: Criterion, shown: Mapping[str, Raw | None], *, is_disputing: bool) -> dict[str, Raw]:
    claimed, difference = shown["self_score"], shown["difference"]
    if claimed == NOT_OCCURRED_SHOWN:
        return {"verdict": AGREE}
    if claimed is None:
        return _adjusted(Decimal(0), "Đơn vị không tự chấm; không có tài liệu kiểm chứng.")
    if isinstance(difference, Decimal) and difference > 0 and isinstance(claimed, Decimal):
        reason = "Tính lại theo số liệu đơn vị khai."
        if is_disputing:
            reason += " Không tính các trường hợp hoàn thành sau ngày chốt số liệu."
        return _adjusted(claimed - difference, reason)
    if isinstance(claimed, Decimal) and claimed > 0 and not shown["evidence"] and isinstance(leaf.rule, Levels):
        return _adjusted(min(level.points for level in leaf.rule.levels), "Không có tài liệu kiểm chứng.")
    return {"verdict": AGREE}


def _adjusted(points: Decimal, reason: str) -> dict[str, Raw]:
    return {"verdict": ADJUST, "appraised_points": points, "remark": reason}


def _office_adjusts(season: Season, cast: Cast) -> Entries:
    """Return one bonus and the penalty for the late commune."""
    items: dict[str, list[str]] = defaultdict(list)
    for item in season.cycle.criteria.adjustments:
        items[item.kind].append(item.code)
    best = season.cycle.units[0]
    return {
        f"{best.code}/{items['bonus'][0]}": {
            "count": Decimal(1),
            "remark": "Bằng khen tại Quyết định số 812/QĐ-UBND ngày 15/11/2023 của UBND tỉnh",
        },
        f"{cast.late.code}/{items['penalty'][0]}": {
            "count": Decimal(2),
            "remark": "Nộp ngày 12/12/2023, chậm 2 ngày",
        },
    }
