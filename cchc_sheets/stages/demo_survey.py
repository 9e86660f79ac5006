"""The survey of the demo: the block of the criteria set put in force, and the answers of its respondents."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Final

from cchc_sheets.assessment.index import rounded
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.folder import CRITERIA
from cchc_sheets.files import write_whole
from cchc_sheets.stages.season import Season
from cchc_sheets.vietnamese import number

MINIMUM: Final = 30
"""How many valid answers each commune of the demo needs; its template set asks for more than a demo has time for."""

_BLOCK: Final = re.compile(r"^#survey:\n(?:#.*\n?)+", re.MULTILINE)
_TEMPLATE_MINIMUM: Final = re.compile(r"^  minimum: \d+", re.MULTILINE)
_RESPONDENTS: Final = 34
_LABELS: Final = ("Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng", "Rất không hài lòng")
_SEED: Final = 2023


def put_survey_in_force(folder: Path) -> None:
    """Take the signs of a comment from the `survey:` block, as an officer does who wants answers to be counted."""
    file = folder / CRITERIA
    words = file.read_text(encoding="utf-8")
    block = _BLOCK.sub(lambda found: re.sub(r"^#", "", found[0], flags=re.MULTILINE), words, count=1)
    write_whole(file, _TEMPLATE_MINIMUM.sub(f"  minimum: {MINIMUM}", block, count=1).encode())


def responses_csv(season: Season) -> bytes:
    """Write the sheet of answers: a line per respondent; some answer twice, some cross the same box throughout."""
    plan = season.cycle.criteria.survey_plan
    questions = range(1, len(plan.questions) + 1 if plan else 1)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Đơn vị", "Số phiếu", *(f"{question}." for question in questions)])
    for unit in season.cycle.units:
        for respondent, answers in _answers(unit, len(questions)):
            writer.writerow([unit.name, respondent, *answers])
    return stream.getvalue().encode("utf-8-sig")


def imported_csv(season: Season) -> bytes:
    """Write the table of points that other systems give: one line a commune, decimal commas."""
    leaves = [leaf for leaf in season.cycle.criteria.imported if not leaf.is_surveyed]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(["unit", *(leaf.code for leaf in leaves)])
    for unit in season.cycle.units:
        chance = Random(f"{_SEED} imported {unit.code}")  # noqa: S311 - a rehearsal, not a secret
        shares = [Fraction(chance.randint(70, 98), 100) for _ in leaves]
        points = (rounded(Fraction(leaf.max_points) * share, 2) for leaf, share in zip(leaves, shares, strict=True))
        writer.writerow([unit.code, *(number(Decimal(value)) for value in points)])
    return stream.getvalue().encode("utf-8-sig")


def _answers(unit: Unit, questions: int) -> Iterator[tuple[str, list[str]]]:
    chance = Random(f"{_SEED} survey {unit.code}")  # noqa: S311 - a rehearsal, not a secret
    content = chance.uniform(0.7, 0.93)
    for place in range(1, _RESPONDENTS + 1):
        if place == _RESPONDENTS:
            yield f"{place:03d}", [_LABELS[0]] * questions
            continue
        weights = (content * 0.4, content * 0.6, (1 - content) * 0.6, (1 - content) * 0.3, (1 - content) * 0.1)
        answers = chance.choices(_LABELS, weights, k=questions)
        yield f"{place:03d}", answers
        if place == 1:
            yield f"{place:03d}", answers
