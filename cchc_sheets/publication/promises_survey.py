"""What the report has to say of the survey, worked out once more from what was recorded and from the points that count.

Nothing here is shared with the code that lays it out: sample sizes, measures, sums and counts are computed anew.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from math import ceil

from cchc_sheets.assessment.survey_taken import AnswersOfUnit, SurveyTaken
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_readback import Expected, Key, Promise, Value, visible
from cchc_sheets.publication.readback import half_up

_SUMMED = ("Phiếu nhận", "Phiếu hợp lệ", "Phiếu loại", "Phiếu cần có")


def survey_promises(facts: Facts) -> dict[str, Promise]:
    """Return the table and the sentences of the survey, each by the name under which a template prints it."""
    survey = facts.survey
    if survey is None or not facts.record.with_survey:
        return {}
    rows: dict[Key, dict[str, Value]] = {
        (str(place), one.unit.name): _row(facts, survey, one) for place, one in enumerate(survey.units, start=1)
    }
    rows["", "Tổng cộng"] = {"Mức hài lòng (%)": None, "Sai số (± %)": None, "Điểm từ phiếu": None}
    table = Expected(("TT", "Đơn vị"), rows, total=("", "Tổng cộng"), summed=_SUMMED)
    return {
        "survey_table": Promise((table,)),
        "survey_counts": Promise(sentences=_counts(survey)),
        "survey_sample": Promise(sentences=_sample(survey)),
        "survey_short": Promise(sentences=_short(survey)),
        "survey_tabled": Promise(sentences=_tabled(facts, survey)),
    }


def survey_reason(facts: Facts, unit: str, code: str) -> str:
    """Return where a unit's notice says that the points of a surveyed criterion come from, and how firm they are."""
    lines = [one for one in facts.survey.units if one.unit.code == unit] if facts.survey else []
    for line in lines:
        for measured in line.criteria:
            if measured.code == code and measured.stands:
                valid = line.received - sum(line.excluded.values())
                answered = "" if measured.respondents == valid else f", {measured.respondents} phiếu có trả lời"
                kind = "tỷ lệ hài lòng" if measured.measure == "share_satisfied" else "mức hài lòng bình quân"
                value, margin = (
                    f"{one:.2f}".replace(".", ",") for one in (half_up(measured.value * 100, 2), measured.margin)
                )
                return (
                    f"Điều tra xã hội học: {valid}/{line.received} phiếu hợp lệ{answered}, "
                    f"{kind} {value}%, sai số ±{margin}% (độ tin cậy 95%)"
                )
    return "Điều tra xã hội học"


def _row(facts: Facts, survey: SurveyTaken, one: AnswersOfUnit) -> dict[str, Value]:
    excluded = sum(one.excluded.values())
    maxima = sum((Fraction(measured.max_points) for measured in one.criteria), Fraction(0))
    reached = sum((measured.value * Fraction(measured.max_points) for measured in one.criteria), Fraction(0))
    standing = [facts.record.imported[one.unit.code, measured.code] for measured in one.criteria if measured.stands]
    return {
        "Phiếu nhận": one.counted + excluded,
        "Phiếu hợp lệ": one.received - excluded,
        "Phiếu loại": excluded,
        "Phiếu cần có": _wanted(survey, one.population),
        "Mức hài lòng (%)": half_up(reached / maxima * 100, 2) if maxima else None,
        "Sai số (± %)": one.margin,
        "Điểm từ phiếu": sum(standing, Decimal(0)) if standing else None,
    }


def _wanted(survey: SurveyTaken, population: int | None) -> int:
    """Return N ÷ (1 + N·e²) rounded up or the minimum, whichever is more; nobody is asked twice."""
    if population is None:
        return survey.minimum
    required = ceil(Fraction(population) / (1 + population * Fraction(survey.error_margin) ** 2))
    return min(population, max(required, survey.minimum))


def _counts(survey: SurveyTaken) -> tuple[str, ...]:
    reasons = Counter({"unknown_unit": survey.unattributed})
    for one in survey.units:
        reasons.update({str(reason): count for reason, count in one.excluded.items()})
    excluded = sum(reasons.values())
    valid = sum(one.counted for one in survey.units)
    told = [f"nhận {_count(valid + excluded)} phiếu, {_count(valid)} phiếu hợp lệ"]
    told += [f"loại {_count(excluded)} phiếu: "] if excluded else []
    return (*told, *(f"{_count(count)} phiếu {words}" for reason, words in _WORDS if (count := reasons[reason])))


_WORDS = (
    ("unknown_unit", "không rõ đơn vị"),
    ("unknown_group", "không rõ nhóm đối tượng"),
    ("impossible", "có câu trả lời không hợp lệ"),
    ("incomplete", "bỏ trống quá nhiều câu"),
    ("straight_line", "có mọi câu trả lời giống nhau"),
    ("duplicate", "trùng"),
)


def _sample(survey: SurveyTaken) -> tuple[str, ...]:
    told = [f"ít nhất {_count(survey.minimum)} phiếu"] if survey.minimum else []
    if any(one.population is not None for one in survey.units):
        told.append(f"e = {str(survey.error_margin.normalize()).replace('.', ',')}")
    return tuple(told)


def _short(survey: SurveyTaken) -> tuple[str, ...]:
    wanted = [(one, _wanted(survey, one.population)) for one in survey.units]
    few = [(one, of) for one, of in wanted if one.counted < of]
    named = (f"{_tail(one.unit.name)} ({_count(one.counted)}/{_count(of)})" for one, of in few)
    return (f"{_count(len(few))} đơn vị, gồm ", *named) if few else ()


def _tabled(facts: Facts, survey: SurveyTaken) -> tuple[str, ...]:
    """Return every criterion and unit whose points count but are not among those measured from answers."""
    measured = {(one.unit.code, m.code) for one in survey.units for m in one.criteria if m.stands}
    told = []
    for leaf in facts.criteria.leaves:
        places = [unit for unit in facts.units if (unit.code, leaf.code) in facts.record.imported]
        others = [unit for unit in places if (unit.code, leaf.code) not in measured]
        if not leaf.is_surveyed or not others:
            continue
        is_all = len(others) == len(facts.units)
        told.append(f"tiêu chí {leaf.code} của {'tất cả các đơn vị' if is_all else ''}")
        told += [] if is_all else [_tail(unit.name) for unit in others]
    return tuple(told)


def _tail(name: str) -> str:
    """Return a name without its first letter, which is small within a sentence."""
    return visible(name)[1:]


def _count(count: int) -> str:
    return f"{count:02d}" if count else "0"
