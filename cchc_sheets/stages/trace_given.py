"""The life of a self-scored number: what the unit wrote, what the departments found, what was ruled in the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from cchc_sheets.assessment.appraisal import WRITTEN as FOUND
from cchc_sheets.assessment.appraisal import rule_difference, rule_points
from cchc_sheets.assessment.appraisal import sheet_key as review_key
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.explanation import RULED, RULINGS
from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.scoring import Declared
from cchc_sheets.assessment.submission import NOT_OCCURRED, SelfScore
from cchc_sheets.assessment.units import Unit
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import recorded_number
from cchc_sheets.stages.collect import lateness, recorded_submission
from cchc_sheets.stages.record import is_withdrawn
from cchc_sheets.stages.trace_origin import Origin, Written, explanation_row, review_rows, submission_row
from cchc_sheets.stages.trace_step import Scene, Step, exact

_NOTHING = "–"
_LONGEST_GROUNDS = 200


def self_scored_steps(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    """Yield what happened to a self-scored criterion of a unit, in the order in which it comes to count."""
    yield from _claims(scene, unit, leaf)
    yield from _rule(scene, unit, leaf)
    yield from _findings(scene, unit, leaf)
    yield from _answers(scene, unit, leaf)
    yield from _rulings(scene, unit, leaf)


def _claims(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    season = scene.season
    for entry in season.ledger.entries("extension", subject=unit.code):
        until = datetime.fromisoformat(entry.body["until"])
        said = text("the unit got time until {until}: {reason}", until=until, reason=entry.body["reason"])
        yield Step("extension", said, origin=Origin(entry))
    for entry in season.ledger.entries("missed", subject=unit.code):
        yield Step("missed", text("at its deadline the unit had handed nothing in"), origin=Origin(entry))
    entries = season.ledger.entries("submission", subject=unit.code)
    for entry in entries[:-1]:
        yield _claim(scene, leaf, entry, is_last=False)
    if entries:
        yield _claim(scene, leaf, entries[-1], is_last=True)
    else:
        yield Step("self_score", text("the unit has handed nothing in"), counts=False)


def _claim(scene: Scene, leaf: Criterion, entry: Entry, *, is_last: bool) -> Step:
    submission, problems = recorded_submission(scene.season, entry)
    score = submission.score(leaf.code)
    row = submission_row(scene.season, entry, leaf.code)
    column = "not_occurred" if score.not_occurred else "self_score"
    origin = row.origin(column) if row else Origin(entry, f"units/{entry.subject}")
    late = lateness(entry)
    said = _claim_words(leaf, score, row)
    wrong = [p.what for p in problems if p.row == leaf.code and p.severity == "error" and not score.is_answered()]
    if wrong:
        said = text("{said}; {wrong}", said=said, wrong=wrong)
    if late:
        said = text("{said}; {late}", said=said, late=late)
    for told in _grounds(score):
        said = text("{said}; {told}", said=said, told=told)
    if not is_last:
        said = text("{said}; overtaken by a later reading", said=said)
    return Step("self_score", said, score.claimed(leaf), origin, is_last, _claim_details(score, late))


def _claim_words(leaf: Criterion, score: SelfScore, row: Written | None) -> Text:
    if score.is_excluded(leaf):
        return text("the unit wrote «{typed}»: the criterion is left out", typed=NOT_OCCURRED)
    if score.not_occurred:
        return text(
            "the unit wrote «{typed}»: worth the maximum of {points}", typed=NOT_OCCURRED, points=leaf.max_points
        )
    if score.points is not None:
        return text("the unit scored itself {points}", points=score.points)
    typed = row.typed("self_score") if row else ""
    if typed:
        return text("the unit wrote «{typed}», which could not be taken", typed=typed[:60])
    return text("the unit left its score blank")


def _grounds(score: SelfScore) -> Iterator[Text]:
    """Yield what the unit gave as grounds, beginnings only; all of it is in the details."""
    if score.evidence.text:
        yield text("evidence: «{evidence}»", evidence=score.evidence.text[:_LONGEST_GROUNDS])
    if score.note:
        yield text("note: «{note}»", note=score.note[:_LONGEST_GROUNDS])


def _claim_details(score: SelfScore, late: Text | None) -> dict[str, Any]:
    return {
        "not_occurred": score.not_occurred,
        "numerator": exact(score.declared.numerator),
        "denominator": exact(score.declared.denominator),
        "evidence": score.evidence.text,
        "links": list(score.evidence.links),
        "note": score.note,
        "late": str(late) if late else None,
    }


def _rule(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    submission = scene.known.record.submissions.get(unit.code)
    score = submission.score(leaf.code) if submission else SelfScore()
    rule = rule_points(score, leaf)
    if rule is None:
        yield Step("rule_score", _no_rule_words(leaf), counts=False)
        return
    decimals = scene.season.cycle.policies.decimals
    difference = rule_difference(score, leaf, decimals)
    said = _rule_words(score.declared, rounded(rule, decimals))
    if difference:
        said = text("{said}; the self-score differs from it by {difference}", said=said, difference=difference)
    yield Step("rule_score", said, rule, counts=False, details={"difference": exact(difference)})


def _no_rule_words(leaf: Criterion) -> Text:
    if leaf.rule is None or leaf.rule.asks:
        return text("the rule cannot be computed from what was stated")
    return text("which points hold is judged; no figures are stated for this criterion")


def _rule_words(declared: Declared, points: Decimal) -> Text:
    if declared.denominator is None:
        return text("by the rule {numerator}, as stated, gives {points}", numerator=declared.numerator, points=points)
    return text(
        "by the rule {numerator} ÷ {denominator}, as stated, gives {points}",
        numerator=declared.numerator,
        denominator=declared.denominator,
        points=points,
    )


def _findings(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    place = (unit.code, leaf.code)
    rows = review_rows(scene.season, review_key(leaf.department), place, FOUND)
    rechecks = scene.season.ledger.entries("recheck", subject="/".join(place))
    for written in rows[:-1]:
        yield _finding(scene, leaf, written, is_last=False)
    for entry in rechecks:
        said = text(
            "the self-score changed after «{verdict}» was written; it had to be looked at again",
            verdict=entry.body["verdict"],
        )
        yield Step("recheck", said, origin=Origin(entry), counts=False)
    if rows and any(rows[-1].typed(column) for column in FOUND):
        yield _finding(scene, leaf, rows[-1], is_last=place in scene.known.record.findings)
        yield from _not_counted(scene, unit, leaf)
    elif rows:
        said = text("the finding was cleared again; nothing counts here")
        yield Step("finding", said, origin=rows[-1].origin("verdict"), counts=False)
    elif place not in scene.known.record.findings:
        yield Step("finding", text("no department has appraised it"), counts=False)


def _finding(scene: Scene, leaf: Criterion, written: Written, *, is_last: bool) -> Step:
    finding = scene.known.record.findings.get((written.row.key.partition("/")[0], leaf.code)) if is_last else None
    departments = {one.id: one.name for one in scene.season.cycle.settings.departments}
    verdict, points, remark = (written.typed(column) for column in FOUND)
    said = text(
        "{department} wrote «{typed}»",
        department=departments.get(leaf.department, leaf.department),
        typed=" / ".join(part for part in (verdict, points.replace(".", ","), remark) if part),
    )
    if finding is not None and finding.points is not None:
        said = text("{said}: {points} points", said=said, points=finding.points)
    elif not is_last:
        said = text("{said}; does not count any more", said=said)
    details = {"verdict": verdict, "typed_points": points, "remark": remark, "department": leaf.department}
    details["beside"] = written.typed("self_score")
    return Step("finding", said, finding.points if finding else None, written.origin("verdict"), is_last, details)


def _not_counted(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    """Say why what stands in the cells is no finding."""
    key = f"{unit.code}/{leaf.code}"
    if (unit.code, leaf.code) in scene.known.record.findings:
        return
    for problem in scene.known.appraisal.problems:
        if problem.row == key and problem.severity == "error":
            yield Step("not_counted", problem.what, counts=False, details={"code": problem.code})


def _answers(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    season, place = scene.season, (unit.code, leaf.code)
    rounds = season.ledger.entries("explanation_round", subject=unit.code)
    if not rounds or leaf.code not in rounds[-1].body["put"]:
        return
    until = datetime.fromisoformat(rounds[-1].body["until"])
    yield Step("put", text("put to the unit to answer until {until}", until=until), origin=Origin(rounds[0]))
    answered = season.ledger.last("explanation", unit.code)
    if answered is None:
        yield Step("answer", text("its answer has not been read yet"), counts=False)
        return
    row = explanation_row(season, answered, leaf.code)
    origin = row.origin("answer") if row else Origin(answered)
    explanation = scene.known.record.explanations.get(place)
    if explanation is None:
        yield Step("answer", text("the unit did not answer; the finding stands"), origin=origin)
        return
    words = {True: text("the unit agrees"), False: text("the unit does not agree")}
    said = words.get(bool(explanation.is_agreed), words[False])
    if explanation.is_agreed is None:
        said = text("the unit chose no answer")
    if explanation.text:
        said = text("{said}: «{words}»", said=said, words=explanation.text)
    details = {
        "agreed": explanation.is_agreed,
        "explanation": explanation.text,
        "evidence": explanation.evidence.text,
        "links": list(explanation.evidence.links),
    }
    yield Step("answer", said, origin=origin, details=details)


def _rulings(scene: Scene, unit: Unit, leaf: Criterion) -> Iterator[Step]:
    season, place = scene.season, (unit.code, leaf.code)
    ruling = scene.known.record.rulings.get(place)
    council = review_rows(season, RULINGS, place, RULED)
    meetings = season.ledger.entries("ruling", subject="/".join(place))
    for at, written in enumerate(council):
        points, reason = (written.typed(column) for column in RULED)
        counts = ruling is not None and ruling.source == "council" and at == len(council) - 1
        said = text("the council ruled {points}: {reason}", points=points.replace(".", ","), reason=reason or _NOTHING)
        stands = ruling.points if counts and ruling else None
        yield Step(
            "ruling",
            _overtaken(said, counts=counts),
            stands,
            written.origin("ruled_points"),
            counts,
            {"source": "council", "reason": reason},
        )
    for at, entry in enumerate(meetings):
        if is_withdrawn(entry):
            said = text("the ruling of the final meeting was withdrawn: {reason}", reason=entry.body["reason"])
            details = {"source": "meeting", "reason": entry.body["reason"]}
            yield Step("ruling", said, None, Origin(entry), counts=False, details=details)
            continue
        points_, counts = recorded_number(entry.body["points"]), at == len(meetings) - 1
        said = text("the final meeting ruled {points}: {reason}", points=points_, reason=entry.body["reason"])
        details = {"source": "meeting", "reason": entry.body["reason"]}
        yield Step("ruling", _overtaken(said, counts=counts), points_, Origin(entry), counts, details)


def _overtaken(said: Text, *, counts: bool) -> Text:
    return said if counts else text("{said}; overtaken", said=said)
