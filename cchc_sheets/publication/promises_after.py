"""What the papers of the results have to say, worked out from the standings once more.

Nothing here is shared with the code that lays their tables out; means and shares are rounded by the decimal library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_readback import Expected, Key, Promise, Value, visible
from cchc_sheets.publication.promises_before import adjustment_promises
from cchc_sheets.publication.promises_survey import survey_promises, survey_reason
from cchc_sheets.publication.promises_trend import notice_trend_sentences, trend_sentences, trend_tables
from cchc_sheets.publication.readback import half_up

_ZERO = Decimal(0)
_MOST_NAMED = 5
_MOST_TIED = 3
_STANDS = "Điểm đạt được của tiêu chí tự chấm"


def report_promise(facts: Facts) -> Promise:
    """Return results, fields, extreme criteria and changes of the synthesis report."""
    ranked = _by_share(facts)
    shown = min(_MOST_NAMED, len(ranked) // 2)
    return Promise(
        (
            _class_table(facts),
            Expected(("TT", "Lĩnh vực"), {(f.code, f.title): _field_row(facts, f) for f in facts.criteria.fields}),
            Expected(("Mã",), {(leaf.code,): _criterion_row(facts, leaf) for leaf in ranked[:shown]}),
            Expected(("Mã",), {(leaf.code,): _criterion_row(facts, leaf) for leaf in ranked[::-1][:shown]}),
            _field_changes(facts),
            Expected(("TT", "Đơn vị"), _ranking_rows(facts, is_short=False)),
            _unit_changes(facts),
            *trend_tables(facts, _in_order(facts.standings)),
        ),
        (*_sentences(facts), *trend_sentences(facts)),
        {**survey_promises(facts), **_extremes(facts), **adjustment_promises(facts)},
    )


def submission_promise(facts: Facts) -> Promise:
    """Return the classes, and the mean in the text."""
    return Promise((_class_table(facts),), _sentences(facts), _extremes(facts))


def announcement_promise(facts: Facts) -> Promise:
    """Return index, rank and class of every unit."""
    return Promise(
        (Expected(("TT", "Đơn vị"), _ranking_rows(facts, is_short=True)),), _sentences(facts), _extremes(facts)
    )


def notice_promise(facts: Facts, unit: Unit) -> Promise:
    """Return everything that is on record for one unit."""
    standing = next(one for one in facts.standings if one.unit.code == unit.code)
    leaves = [leaf for leaf in facts.criteria.leaves if facts.record.with_survey or not leaf.is_surveyed]
    criteria: dict[Key, dict[str, Value]] = {(leaf.code,): _notice_row(facts, standing, leaf) for leaf in leaves}
    points = sum((standing.result.standing[leaf.code].points or _ZERO for leaf in leaves), _ZERO)
    criteria["",] = {
        "Điểm tối đa": sum((leaf.max_points for leaf in leaves), _ZERO),
        "Điểm đạt được": points,
        "Điểm tự chấm": _claimed_in_all(facts, unit),
        "Điểm thẩm định": None,
        "Điểm kết luận": None,
    }
    reached = {leaf.code: standing.result.standing[leaf.code].points or _ZERO for leaf in leaves}
    left_out = {leaf.code for leaf in leaves if standing.result.standing[leaf.code].is_excluded}
    lost = {leaf.code: (_ZERO if leaf.code in left_out else leaf.max_points) - reached[leaf.code] for leaf in leaves}
    ordered = sorted((leaf for leaf in leaves if lost[leaf.code] > 0), key=lambda leaf: -lost[leaf.code])
    weak: dict[Key, dict[str, Value]] = {
        (leaf.code,): {
            "Điểm đạt được": reached[leaf.code],
            "Điểm mất": lost[leaf.code],
            **_survey_reason(facts, unit, leaf, "Lý do mất điểm"),
        }
        for leaf in ordered
    }
    index = vietnamese.fixed(standing.published_index, facts.policies.decimals)
    sentences = [f"{index}%", f"xếp loại {visible(standing.class_name)}"]
    if standing.rank is not None:
        of = sum(one.rank is not None and one.group == standing.group for one in facts.standings)
        sentences.append(f"xếp hạng {standing.rank}/{of};")
    sentences += notice_trend_sentences(facts, standing)
    return Promise(
        (
            Expected(("TT",), _notice_fields(standing), total=("",), summed=("Điểm đạt được",)),
            Expected(("Mã",), criteria, total=("",), summed=("Điểm tối đa", "Điểm đạt được")),
            Expected(("Mã",), weak),
        ),
        tuple(sentences),
    )


def _notice_fields(standing: Standing) -> dict[Key, dict[str, Value]]:
    fields: dict[Key, dict[str, Value]] = {
        (field.code,): {
            "Lĩnh vực": field.title,
            "Điểm tối đa có thể đạt": field.attainable_points,
            "Điểm đạt được": field.points,
            "Tỷ lệ (%)": _share(field.points, field.attainable_points),
        }
        for field in standing.result.fields
    }
    points = sum((field.points for field in standing.result.fields), _ZERO)
    fields["",] = {
        "Điểm đạt được": points,
        "Tỷ lệ (%)": _share(points, sum((field.attainable_points for field in standing.result.fields), _ZERO)),
    }
    return fields


def _survey_reason(facts: Facts, unit: Unit, leaf: Criterion, column: str) -> dict[str, Value]:
    """Promise where surveyed points come from, unless a penalty is told in the same cell."""
    taken = {item.criterion for item in facts.criteria.adjustments}
    if not leaf.is_surveyed or leaf.code in taken:
        return {}
    return {column: survey_reason(facts, unit.code, leaf.code)}


def _notice_row(facts: Facts, standing: Standing, leaf: Criterion) -> dict[str, Value]:
    place = (standing.unit.code, leaf.code)
    stands = standing.result.standing[leaf.code]
    finding, ruling = facts.record.findings.get(place), facts.record.rulings.get(place)
    submission = facts.record.submissions.get(standing.unit.code)
    claimed: Value = None
    if submission is not None and leaf.is_self_scored:
        score = submission.score(leaf.code)
        claimed = "KPS" if score.not_occurred else score.claimed(leaf)
    found: Value = None
    if finding is not None:
        found = "KPS" if finding.points is None else finding.points
    return {
        "Tiêu chí": leaf.title,
        "Điểm tối đa": leaf.max_points,
        "Điểm tự chấm": claimed,
        "Điểm thẩm định": found,
        "Điểm kết luận": None if ruling is None else ruling.points,
        "Điểm đạt được": "KPS" if stands.is_excluded and stands.points is None else stands.points,
        **_survey_reason(facts, standing.unit, leaf, "Lý do"),
    }


def _sentences(facts: Facts) -> tuple[str, ...]:
    exact = sum((one.result.index for one in facts.standings), Fraction(0)) / len(facts.standings)
    mean = vietnamese.fixed(half_up(exact, facts.policies.decimals), facts.policies.decimals)
    counts = Counter(one.class_name for one in facts.standings)
    classes = (f"{count:02d} đơn vị xếp loại {visible(name)}" for name, count in counts.items())
    return (f"{mean}%", *classes)


def _extremes(facts: Facts) -> dict[str, Promise]:
    """Whoever stands highest and lowest is named with the index, if they are few; in each group apart."""
    ranked = [one for one in facts.standings if one.rank is not None]
    groups = {one.group for one in ranked} if facts.policies.groups != "all" else set()
    apart = [[one for one in ranked if one.group == group] for group in sorted(groups)]
    parts = apart if len(apart) > 1 else [list(facts.standings)]
    lowest = [part for part in parts if len(part) > 1] or parts
    return {
        "highest": Promise((), tuple(words for part in parts for words in _at_end(facts, part, highest=True))),
        "lowest": Promise((), tuple(words for part in lowest for words in _at_end(facts, part, highest=False))),
    }


def _at_end(facts: Facts, part: list[Standing], *, highest: bool) -> Iterator[str]:
    """Yield what is printed of one end: the names but for their first letter, which is small in running text."""
    by_index = facts.policies.rank_by == "exact"
    values = [one.result.index if by_index else Fraction(one.published_index) for one in part]
    end = max(values) if highest else min(values)
    there = [one for one, value in zip(part, values, strict=True) if value == end]
    same = "" if len(there) == 1 else "cùng "
    yield f"({same}{vietnamese.fixed(there[0].published_index, facts.policies.decimals)}%"
    if len(there) > _MOST_TIED:
        yield f"{len(there):02d} đơn vị (cùng"
    else:
        yield from (visible(one.unit.name)[1:] for one in there)


def _class_table(facts: Facts) -> Expected:
    counts = Counter(one.class_name for one in facts.standings)
    bands = sorted(facts.policies.bands, key=lambda band: -band.lower)
    of = Decimal(len(facts.standings))
    rows: dict[Key, dict[str, Value]] = {
        (band.name,): {"Số đơn vị": counts[band.name], "Tỷ lệ (%)": _share(Decimal(counts[band.name]), of)}
        for band in bands
    }
    rows["Tổng cộng",] = {"Số đơn vị": len(facts.standings)}
    return Expected(("Xếp loại",), rows, total=("Tổng cộng",), summed=("Số đơn vị",))


def _in_order(standings: Iterable[Standing]) -> list[Standing]:
    standings = list(standings)
    groups = list(dict.fromkeys(one.group for one in standings))
    return sorted(
        standings,
        key=lambda one: (
            one.rank is None,
            0 if one.rank is None else groups.index(one.group),
            one.rank or 0,
            vietnamese.sort_key(visible(one.unit.name)),
            one.unit.code,
        ),
    )


def _ranking_rows(facts: Facts, *, is_short: bool) -> dict[Key, dict[str, Value]]:
    rows: dict[Key, dict[str, Value]] = {}
    for place, one in enumerate(_in_order(facts.standings), start=1):
        row: dict[str, Value] = {
            "Chỉ số (%)": one.published_index,
            "Xếp hạng": "không xếp hạng" if one.rank is None else one.rank,
            "Xếp loại": one.class_name,
        }
        if not is_short:
            row |= {"Điểm thẩm định": one.result.appraisal_points, "Tổng điểm": one.result.points}
            if facts.record.with_survey:
                row["Điểm điều tra XHH"] = one.result.survey_points
        rows[str(place), one.unit.name] = row
    return rows


def _sums(facts: Facts, criterion: Criterion) -> tuple[Decimal, Decimal]:
    """Add up what all units came to in a branch, and what they could."""
    points, attainable = _ZERO, _ZERO
    for leaf in criterion.leaves:
        if leaf.is_surveyed and not facts.record.with_survey:
            continue
        for one in facts.standings:
            stands = one.result.standing[leaf.code]
            if not stands.is_excluded:
                points += stands.points or _ZERO
                attainable += leaf.max_points
    return points, attainable


def _share(part: Decimal, whole: Decimal) -> Value:
    return half_up(Fraction(part) / Fraction(whole) * 100, 2) if whole else None


def _field_row(facts: Facts, field: Criterion) -> dict[str, Value]:
    points, attainable = _sums(facts, field)
    leaves = [leaf for leaf in field.leaves if facts.record.with_survey or not leaf.is_surveyed]
    return {
        "Điểm tối đa": sum((leaf.max_points for leaf in leaves), _ZERO),
        "Điểm bình quân": half_up(Fraction(points) / len(facts.standings), 2),
        "Tỷ lệ đạt (%)": _share(points, attainable),
    }


def _by_share(facts: Facts) -> list[Criterion]:
    shares: list[tuple[Fraction, Criterion]] = []
    for leaf in facts.criteria.leaves:
        points, attainable = _sums(facts, leaf)
        if attainable:
            shares.append((Fraction(points) / Fraction(attainable), leaf))
    return [leaf for _, leaf in sorted(shares, key=lambda one: -one[0])]


def _criterion_row(facts: Facts, leaf: Criterion) -> dict[str, Value]:
    points, attainable = _sums(facts, leaf)
    stands = [one.result.standing[leaf.code] for one in facts.standings]
    return {
        "Tiêu chí": leaf.title,
        "Điểm tối đa": leaf.max_points,
        "Điểm bình quân": half_up(Fraction(points) / len(facts.standings), 2),
        "Tỷ lệ đạt (%)": _share(points, attainable),
        "Đạt tối đa": sum(one.points == leaf.max_points for one in stands),
        "Không có điểm": sum(not one.points and not one.is_excluded for one in stands),
    }


def _field_changes(facts: Facts) -> Expected:
    rows: dict[Key, dict[str, Value]] = {}
    for field in facts.criteria.fields:
        leaves = [leaf for leaf in field.leaves if leaf.is_self_scored]
        if leaves:
            rows[field.code,] = {"Lĩnh vực": field.title, **_change(facts, leaves, facts.units)}
    rows["",] = _change(facts, [leaf for leaf in facts.criteria.leaves if leaf.is_self_scored], facts.units)
    return Expected(("TT",), rows, total=("",), summed=("Điểm tự chấm", _STANDS, "Chênh lệch"))


def _unit_changes(facts: Facts) -> Expected:
    leaves = [leaf for leaf in facts.criteria.leaves if leaf.is_self_scored]
    rows: dict[Key, dict[str, Value]] = {}
    for place, unit in enumerate(facts.units, start=1):
        contested = [place_ for place_ in facts.record.contested if place_[0] == unit.code]
        rows[str(place), unit.name] = {
            **_change(facts, leaves, (unit,)),
            "Điểm tự chấm": _claimed_in_all(facts, unit),
            "Tiêu chí giải trình": len(contested),
        }
    rows["", "Tổng cộng"] = _change(facts, leaves, facts.units)
    summed = ("Điểm tự chấm", _STANDS, "Chênh lệch", "Tiêu chí giải trình", "Giữ nguyên", "Điều chỉnh")
    return Expected(("TT", "Đơn vị"), rows, total=("", "Tổng cộng"), summed=summed)


def _claimed_in_all(facts: Facts, unit: Unit) -> Decimal | None:
    """Add up what a unit claimed; None where it claimed nothing, not even 0."""
    submission = facts.record.submissions.get(unit.code)
    leaves = [leaf for leaf in facts.criteria.leaves if leaf.is_self_scored]
    scores = [] if submission is None else [(leaf, submission.score(leaf.code)) for leaf in leaves]
    if all(score.points is None and not score.not_occurred for _, score in scores):
        return None
    return sum((score.claimed(leaf) or _ZERO for leaf, score in scores), _ZERO)


def _change(facts: Facts, leaves: Iterable[Criterion], units: Iterable[Unit]) -> dict[str, Value]:
    standing = {one.unit.code: one.result.standing for one in facts.standings}
    claimed, stands = _ZERO, _ZERO
    leaves = list(leaves)
    for unit in units:
        submission = facts.record.submissions.get(unit.code)
        for leaf in leaves:
            stands += standing[unit.code][leaf.code].points or _ZERO
            if submission is not None:
                claimed += submission.score(leaf.code).claimed(leaf) or _ZERO
    return {"Điểm tự chấm": claimed, _STANDS: stands, "Chênh lệch": stands - claimed}
