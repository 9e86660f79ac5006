"""What plan, guidance, reminder, self-assessment report and minutes have to say, worked out from the data once more.

Nothing here is shared with the code that lays their tables out; names of columns are what a reader sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from cchc_sheets import vietnamese
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_readback import Expected, Key, Promise, Value

_ZERO = Decimal(0)
_LAST_HOUR = 17


def plan_promise(facts: Facts) -> Promise:
    """Return the six tasks with their dates, and every line of the criteria set."""
    calendar = facts.calendar
    dates = (
        calendar.provision,
        calendar.self_assessment,
        calendar.appraisal,
        calendar.decision,
        calendar.decision,
        calendar.publication,
    )
    tasks: dict[Key, dict[str, Value]] = {
        (str(place),): {"Thời gian thực hiện": f"Hoàn thành {_by(date)}"} for place, date in enumerate(dates, start=1)
    }
    tasks["2",] = {"Thời gian thực hiện": f"Trước {calendar.self_assessment.strftime('%H giờ %M ngày %d/%m/%Y')}"}
    if calendar.explanation is not None:
        explained = calendar.explanation.strftime("%H giờ %M ngày %d/%m/%Y")
        tasks["3",] = {"Thời gian thực hiện": f"Thẩm định xong {_by(calendar.appraisal)}; giải trình trước {explained}"}
    criteria: dict[Key, dict[str, Value]] = {
        (one.code,): {"Lĩnh vực, tiêu chí, tiêu chí thành phần": one.title, "Điểm tối đa": one.max_points}
        for one in facts.criteria.by_code.values()
    }
    criteria["",] = {
        "Lĩnh vực, tiêu chí, tiêu chí thành phần": "Tổng cộng",
        "Điểm tối đa": sum((leaf.max_points for leaf in facts.criteria.leaves), _ZERO),
    }
    return Promise((Expected(("TT",), tasks), Expected(("Mã",), criteria)))


def _by(moment: datetime) -> str:
    words = "chậm nhất ngày %d/%m/%Y" if moment.hour >= _LAST_HOUR else "trước %H giờ %M ngày %d/%m/%Y"
    return moment.strftime(words)


def guidance_promise(facts: Facts) -> Promise:
    """Return how many criteria and points each department guides, and the deadline."""
    rows: dict[Key, dict[str, Value]] = {}
    for identity, name in facts.words.departments.items():
        own = [leaf for leaf in facts.criteria.leaves if leaf.department == identity and leaf.is_self_scored]
        if own:
            rows[name,] = {
                "Tiêu chí được phân công": ", ".join(leaf.code for leaf in own),
                "Số tiêu chí": len(own),
                "Điểm tối đa": sum((leaf.max_points for leaf in own), _ZERO),
            }
    scored = [leaf for leaf in facts.criteria.leaves if leaf.is_self_scored]
    rows["Tổng cộng",] = {
        "Tiêu chí được phân công": None,
        "Số tiêu chí": len(scored),
        "Điểm tối đa": sum((leaf.max_points for leaf in scored), _ZERO),
    }
    table = Expected(
        ("Cơ quan hướng dẫn, thẩm định",), rows, total=("Tổng cộng",), summed=("Số tiêu chí", "Điểm tối đa")
    )
    return Promise((table,), (facts.calendar.self_assessment.strftime("%H giờ %M ngày %d/%m/%Y"),))


def reminder_promise(facts: Facts) -> Promise:
    """Return every unit that has not finished, with how far it is."""
    waiting = [one for one in facts.progress if one.state != "confirmed" or one.wrong]
    waiting.sort(key=lambda one: (vietnamese.sort_key(one.unit.name), one.unit.code))
    of = len([leaf for leaf in facts.criteria.leaves if leaf.is_self_scored])
    rows: dict[Key, dict[str, Value]] = {
        (str(place), one.unit.name): {"Đã chấm": f"{one.answered}/{of}"} for place, one in enumerate(waiting, start=1)
    }
    return Promise((Expected(("TT", "Đơn vị"), rows),))


def self_report_promise(facts: Facts, unit: Unit) -> Promise:
    """Return the unit's points in each field and criterion, and what it wrote beside them."""
    submission = facts.submission(unit)
    fields: dict[Key, dict[str, Value]] = {}
    scores: dict[Key, dict[str, Value]] = {}
    total, maximum = _ZERO, _ZERO
    for field in facts.criteria.fields:
        leaves = [leaf for leaf in field.leaves if leaf.is_self_scored]
        points = _ZERO
        for leaf in leaves:
            score = submission.score(leaf.code)
            claimed = score.claimed(leaf)
            points += claimed or _ZERO
            scores[leaf.code,] = {"Điểm tối đa": leaf.max_points, "Điểm tự chấm": claimed}
        if leaves:
            most = sum((leaf.max_points for leaf in leaves), _ZERO)
            fields[field.code,] = {"Lĩnh vực": field.title, "Điểm tối đa tự chấm": most, "Điểm tự chấm": points}
            total, maximum = total + points, maximum + most
    fields["",] = {"Lĩnh vực": "Tổng cộng", "Điểm tối đa tự chấm": maximum, "Điểm tự chấm": total}
    scores["",] = {"Điểm tối đa": maximum, "Điểm tự chấm": total}
    sums = ("Điểm tối đa tự chấm", "Điểm tự chấm")
    return Promise(
        (
            Expected(("TT",), fields, total=("",), summed=sums),
            Expected(("Mã",), scores, total=("",), summed=("Điểm tối đa", "Điểm tự chấm")),
        ),
        (f"tổng điểm tự chấm {vietnamese.number(total)} điểm",),
    )


def minutes_promise(facts: Facts) -> Promise:
    """Return what each department and unit came to, every change, every dispute and ruling."""
    names = {one.code: one.name for one in facts.units}
    departments: dict[Key, dict[str, Value]] = {}
    for identity, name in facts.words.departments.items():
        codes = {leaf.code for leaf in facts.criteria.leaves if leaf.department == identity and leaf.is_self_scored}
        if codes:
            departments[name,] = _sums(facts, lambda _, code, codes=codes: code in codes)  # type: ignore[misc]
    units: dict[Key, dict[str, Value]] = {
        (str(place), one.name): _sums(facts, lambda owner, _, one=one: owner == one.code)  # type: ignore[misc]
        for place, one in enumerate(facts.units, start=1)
    }
    whole = _sums(facts, lambda _, __: True)
    whole["Điểm tự chấm"] = whole["Điểm tự chấm"] or _ZERO
    counts = ("Số tiêu chí", "Giữ nguyên", "Giảm điểm", "Tăng điểm", "Không tự chấm")
    summed = (*counts, "Điểm tự chấm", "Điểm thẩm định", "Chênh lệch")
    departments["Tổng cộng",] = whole
    units["", "Tổng cộng"] = whole
    return Promise(
        (
            Expected(("Cơ quan thẩm định",), departments, total=("Tổng cộng",), summed=summed),
            Expected(("TT", "Đơn vị"), units, total=("", "Tổng cộng"), summed=summed),
            Expected(("Đơn vị", "Mã"), _changed(facts, names)),
            Expected(("Đơn vị", "Mã"), _ruled(facts, names)),
        ),
        named=adjustment_promises(facts),
    )


def adjustment_promises(facts: Facts) -> dict[str, Promise]:
    """Return the table of bonuses and penalties, by the name under which a template prints it."""
    names, items = {one.code: one.name for one in facts.units}, {one.code: one for one in facts.criteria.adjustments}
    rows: dict[Key, dict[str, Value]] = {
        (names[unit], code): {
            "Nội dung": items[code].title,
            "Điểm cộng, trừ": -entry.points if items[code].kind == "penalty" else entry.points,
            "Trừ vào tiêu chí": items[code].criterion or None,
            "Lý do": entry.remark or None,
        }
        for unit in names
        for code in items
        if (entry := facts.record.adjustments.entries.get((unit, code))) is not None and entry.points
    }
    return {"adjustment_table": Promise((Expected(("Đơn vị", "Mã"), rows),))} if rows else {}


def _sums(facts: Facts, holds: Callable[[str, str], bool]) -> dict[str, Value]:
    """Add up claims and findings of the places for which `holds` says so."""
    leaves = facts.criteria.by_code
    places = [place for place in facts.record.findings if holds(*place)]
    claimed = [
        facts.record.submissions[unit].score(code).claimed(leaves[code]) if unit in facts.record.submissions else None
        for unit, code in places
    ]
    found = [facts.record.findings[place].points for place in places]
    kept = sum(_is_kept(facts, place) for place in places)
    lowered = sum(_is_lowered(facts, place) for place in places)
    unclaimed = sum(_is_unclaimed(facts, place) for place in places)
    before = sum((points for points in claimed if points is not None), _ZERO)
    after = sum((points for points in found if points is not None), _ZERO)
    return {
        "Số tiêu chí": len(places),
        "Giữ nguyên": kept,
        "Giảm điểm": lowered,
        "Tăng điểm": len(places) - kept - lowered - unclaimed,
        "Không tự chấm": unclaimed,
        "Điểm tự chấm": None if unclaimed == len(places) else before,
        "Điểm thẩm định": after,
        "Chênh lệch": after - before,
    }


def _claim(facts: Facts, place: tuple[str, str]) -> tuple[Decimal | None, bool]:
    """Return what was claimed, and whether the criterion was to be left out."""
    unit, code = place
    leaf = facts.criteria.by_code[code]
    submission = facts.record.submissions.get(unit)
    if submission is None:
        return None, False
    score = submission.score(code)
    left_out = score.not_occurred and leaf.not_occurred == "exclude"
    return None if left_out else score.claimed(leaf), left_out


def _is_kept(facts: Facts, place: tuple[str, str]) -> bool:
    finding = facts.record.findings[place]
    claimed, _ = _claim(facts, place)
    return finding.is_agreed or (claimed is not None and claimed == finding.points)


def _is_lowered(facts: Facts, place: tuple[str, str]) -> bool:
    if _is_kept(facts, place):
        return False
    claimed, left_out = _claim(facts, place)
    before = facts.criteria.by_code[place[1]].max_points if left_out else claimed
    after = facts.record.findings[place].points
    return before is not None and after is not None and after < before


def _is_unclaimed(facts: Facts, place: tuple[str, str]) -> bool:
    claimed, left_out = _claim(facts, place)
    return claimed is None and not left_out and not facts.record.findings[place].is_agreed


def _changed(facts: Facts, names: Mapping[str, str]) -> dict[Key, dict[str, Value]]:
    rows: dict[Key, dict[str, Value]] = {}
    for identity in facts.words.departments:
        for unit in facts.units:
            for leaf in facts.criteria.leaves:
                place = (unit.code, leaf.code)
                if leaf.department != identity or place not in facts.record.findings or _is_kept(facts, place):
                    continue
                claimed, _ = _claim(facts, place)
                submission = facts.record.submissions.get(unit.code)
                not_occurred = submission is not None and submission.score(leaf.code).not_occurred
                finding = facts.record.findings[place]
                rows[names[unit.code], leaf.code] = {
                    "Điểm tối đa": leaf.max_points,
                    "Điểm tự chấm": "KPS" if not_occurred else claimed,
                    "Điểm thẩm định": finding.points,
                    "Lý do": finding.remark or None,
                }
    return rows


def _ruled(facts: Facts, names: Mapping[str, str]) -> dict[Key, dict[str, Value]]:
    rows: dict[Key, dict[str, Value]] = {}
    for unit in facts.units:
        for leaf in facts.criteria.leaves:
            place = (unit.code, leaf.code)
            ruling = facts.record.rulings.get(place)
            if ruling is None and place not in facts.record.contested:
                continue
            explanation = facts.record.explanations.get(place)
            rows[names[unit.code], leaf.code] = {
                "Giải trình của đơn vị": explanation.text if explanation and explanation.text else None,
                "Điểm kết luận": ruling.points if ruling else None,
                "Lý do": (ruling.reason or None) if ruling else None,
            }
    return rows
