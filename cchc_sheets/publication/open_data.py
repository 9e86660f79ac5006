"""The open data as text files: what a spreadsheet program opens by double click, and what programs read."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.criteria import Criterion
from cchc_sheets.assessment.index import mean_index, rounded
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.trend import Trend
from cchc_sheets.assessment.units import KINDS
from cchc_sheets.layouts.rule_words import rule_in_words
from cchc_sheets.outcome import plain_decimal
from cchc_sheets.publication.open_data_survey import SURVEY_HEADINGS, survey_cells, survey_data
from cchc_sheets.publication.open_data_trend import trend_cells, trend_data, trend_headings, unit_data
from cchc_sheets.publication.page_content import Publication
from cchc_sheets.publication.wording import plain

SCHEMA: Final = 1
# With a decimal comma only a semicolon can part the columns; that is how Excel reads a file where the regional
# settings are Vietnamese. The byte order mark tells it that the letters are UTF-8.
SEPARATOR: Final = ";"
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER_LIKE: Final = re.compile(r"\d[\d.\-]*(?:[eE]\d+)?")
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9]\d{0,14}")
_NOT_OCCURRED: Final = {"full": "được điểm tối đa", "exclude": "không tính vào điểm tối đa", None: ""}


def results_csv(publication: Publication) -> bytes:
    """Return the results, a line per unit in the order of the ranking."""
    from cchc_sheets.publication.annexes import in_order

    decision = publication.decision
    headings = ["Mã đơn vị", "Đơn vị", "Loại đơn vị", "Nhóm xếp hạng", "Điểm tự chấm", "Điểm thẩm định"]
    headings += ["Điểm điều tra xã hội học", "Điểm cộng, trừ", "Tổng điểm", "Điểm tối đa có thể đạt"]
    headings += ["Chỉ số (%)", "Xếp hạng", "Xếp loại"]
    headings += [f"Điểm lĩnh vực {plain(field.code)}. {plain(field.title)}" for field in decision.criteria.fields]
    headings += trend_headings(publication.trend) if publication.trend else []
    headings += SURVEY_HEADINGS if publication.survey else []
    lines = (
        _result_line(standing, title, decision.policies.decimals)
        + _previous_cells(publication.trend, standing)
        + (survey_cells(publication.survey, standing.unit.code) if publication.survey else [])
        for title, members in in_order(decision)
        for standing in members
    )
    return _csv(headings, lines)


def criteria_csv(publication: Publication) -> bytes:
    """Return the criteria set, a line per field, criterion and sub-criterion."""
    headings = ["Mã", "Thuộc mã", "Cấp", "Tên", "Điểm tối đa", "Nguồn điểm", "Cơ quan thẩm định", "Cách chấm"]
    headings += ["Không phát sinh", "Tài liệu kiểm chứng"]
    return _csv(headings, _criterion_lines(publication))


def results_json(publication: Publication) -> bytes:
    """Return everything that is published, for programs.

    One object: `schema`, `cycle`, `title`, `year`, `authority`, `ledger_digest`, `configuration_digest`, `mean_index`,
    `policies`, `criteria` (`code parent title max_points source`) and `units`: what `results --json` gives for each
    unit, and `criteria` with a mapping per scored criterion. Numbers are strings of exact decimals; what nobody gave
    is null. Where the year is held against an earlier one there is `previous` beside them and in every unit
    (see `trend_data` and `unit_data`); a criterion measured from answers has `survey` (see `survey_data`).
    """
    decision = publication.decision
    policies = asdict(decision.policies)
    policies["bands"] = [{"name": band.name, "from": plain_decimal(band.lower)} for band in decision.policies.bands]
    mean = mean_index([standing.result for standing in decision.standings])
    trend = publication.trend
    data = {
        "schema": SCHEMA,
        "cycle": publication.cycle,
        "title": publication.title,
        "year": decision.year,
        "authority": publication.authority,
        "ledger_digest": decision.basis.ledger_digest,
        "configuration_digest": decision.basis.configuration_digest,
        "mean_index": str(rounded(mean, decision.policies.decimals)),
        "policies": policies,
        "criteria": list(_criteria_data(publication)),
        "units": [
            {
                **recorded,
                "criteria": [_score_data(publication, standing, leaf) for leaf in publication.leaves],
                **({} if trend is None else {"previous": unit_data(trend, standing)}),
            }
            for standing, recorded in zip(decision.standings, publication.recorded, strict=True)
        ],
        **({} if trend is None else {"previous": trend_data(trend)}),
    }
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def source_of(leaf: Criterion) -> str:
    """Return where the points of a criterion come from: appraisal, survey or imported."""
    if leaf.is_surveyed:
        return "survey"
    return "appraisal" if leaf.is_self_scored else "imported"


SOURCES: Final = {"appraisal": "Thẩm định", "survey": "Điều tra xã hội học", "imported": "Hệ thống cấp trên"}


def _result_line(standing: Standing, group: str, decimals: int) -> list[str]:
    result = standing.result
    shown = vietnamese.number
    return [
        _code(standing.unit.code),
        _text(standing.unit.name),
        KINDS.get(standing.unit.kind, standing.unit.kind),
        _text(group),
        shown(result.self_points),
        shown(result.appraisal_points),
        "" if result.survey_points is None else shown(result.survey_points),
        shown(result.adjustment_points),
        shown(result.points),
        shown(result.attainable_points),
        vietnamese.fixed(standing.published_index, decimals),
        "" if standing.rank is None else str(standing.rank),
        _text(standing.class_name),
        *(shown(field.points) for field in result.fields),
    ]


def _previous_cells(trend: Trend | None, standing: Standing) -> list[str]:
    if trend is None:
        return []
    figures, names = trend_cells(trend, standing)
    return [*figures, _text(names)]


def _criterion_lines(publication: Publication) -> Iterator[list[str]]:
    for parent, level, criterion in _tree(publication.decision.criteria.fields):
        department = "" if criterion.parts else publication.departments.get(criterion.department, "")
        yield [
            _code(criterion.code),
            _code(parent),
            str(level),
            _text(criterion.title),
            vietnamese.number(criterion.max_points),
            "" if criterion.parts else SOURCES[source_of(criterion)],
            _text(department),
            _text(rule_in_words(criterion)),
            _NOT_OCCURRED[criterion.not_occurred],
            _text("; ".join(criterion.evidence)),
        ]


def _tree(criteria: Iterable[Criterion], parent: str = "", level: int = 1) -> Iterator[tuple[str, int, Criterion]]:
    for criterion in criteria:
        yield parent, level, criterion
        yield from _tree(criterion.parts, criterion.code, level + 1)


def _criteria_data(publication: Publication) -> Iterator[dict[str, Any]]:
    for parent, _, criterion in _tree(publication.decision.criteria.fields):
        yield {
            "code": criterion.code,
            "parent": parent or None,
            "title": plain(criterion.title),
            "max_points": plain_decimal(criterion.max_points),
            "source": None if criterion.parts else source_of(criterion),
        }


def _score_data(publication: Publication, standing: Standing, leaf: Criterion) -> dict[str, Any]:
    stands, score = standing.result.standing[leaf.code], publication.score(standing, leaf.code)
    return {
        "code": leaf.code,
        "self_points": _exact(score.self_points),
        "not_occurred": score.not_occurred,
        "appraised_points": _exact(score.appraised_points),
        "ruled_points": _exact(score.ruled_points),
        "points": _exact(stands.points),
        "source": stands.source,
        "excluded": stands.is_excluded,
        "remark": score.remark,
        "ruling": score.ruling,
        **survey_data(publication.survey, standing.unit.code, leaf.code),
    }


def _exact(points: Decimal | None) -> str | None:
    return None if points is None else plain_decimal(points)


def _csv(headings: list[str], lines: Iterable[list[str]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow([_text(heading) for heading in headings])
    writer.writerows(lines)
    return stream.getvalue().encode("utf-8-sig")


def _text(words: str) -> str:
    """Return text of one line that cannot become a formula when the file is opened."""
    words = plain(words)
    return f"'{words}" if words.startswith(_FORMULA_SIGNS) else words


def _code(code: str) -> str:
    """Return a code that Excel takes neither for a number nor for a date: 1.10 is not 1.1, and 007 not 7."""
    return f"'{code}" if _NUMBER_LIKE.fullmatch(code) and not _PLAIN_NUMBER.fullmatch(code) else _text(code)
