"""Finding the columns of a survey's answers by their headings, as people name them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.survey import Table
from cchc_sheets.assessment.survey_plan import SurveyPlan
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_GRID_ROW: Final = re.compile(r"\[([^\[\]]+)\]$")
_NUMBER: Final = re.compile(r"[0-9]+(?:[.][0-9]+)*")
_WORDS_BEFORE_NUMBER: Final = ("câu hỏi số", "câu hỏi", "câu số", "câu")
_LONGEST_HEADING: Final = 40


@dataclass(frozen=True)
class Columns:
    """Where the plan's columns stand in a table; `questions` in the order of the plan's."""

    unit: int
    group: int | None
    respondent: int | None
    questions: tuple[int, ...]

    @cached_property
    def of_the_plan(self) -> frozenset[int]:
        """Columns that say nothing about who answered: unit, group and questions."""
        return frozenset({self.unit, *self.questions} | ({self.group} if self.group is not None else set()))


def fits(table: Table, plan: SurveyPlan) -> bool:
    """Whether a table looks like answers to this plan: the unit's column and a question are there."""
    headings = _comparable_headings(table)
    return bool(_places(headings, plan.unit)) and any(_places(headings, q.column) for q in plan.questions)


def find_columns(table: Table, plan: SurveyPlan) -> tuple[Columns | None, tuple[Problem, ...]]:
    """Return where every column of the plan stands; None, and a problem for each that is missing or not the only one.

    A column is meant by its whole heading, by the row's name of a grid of questions (`… [Thái độ]`), by whole words
    that either begins with, or by the number of the question (`5` means «5. …» and «Câu 5: …», but not «5.1 …»).
    Capitals, blanks and the place of tone marks do not matter.
    """
    headings = _comparable_headings(table)
    wanted = [plan.unit, plan.group, plan.respondent, *(question.column for question in plan.questions)]
    found = [_places(headings, name) if name else [] for name in wanted]
    problems = list(_problems(table, wanted, found))
    problems += _shared(table, plan, found[3:])
    if problems:
        return None, tuple(problems)
    unit, group, respondent, *questions = (places[0] if places else None for places in found)
    known = tuple(place for place in questions if place is not None)
    return Columns(unit or 0, group, respondent, known), ()


def column_name(table: Table, place: int) -> str:
    """Return a column as people find it: its letter and the beginning of its heading, of a grid the row's name."""
    heading = table.headings[place] if place < len(table.headings) else None
    words = vietnamese.normal(heading.text) if heading else ""
    words = row[0] if (row := _GRID_ROW.search(words)) else words
    short = words if len(words) <= _LONGEST_HEADING else f"{words[: _LONGEST_HEADING - 1]}…"
    return f"{_letters(place)} «{short}»" if short else _letters(place)


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _comparable(words: str) -> str:
    """Return what `vietnamese.comparable` does, word by word, so that a comma after a word does not hide it."""
    composed = vietnamese.normal(words)
    return _LETTERS.sub(lambda word: vietnamese.comparable(word[0]), composed)


def _comparable_headings(table: Table) -> list[str]:
    return [_comparable(heading.text) if heading else "" for heading in table.headings]


def _places(headings: Sequence[str], name: str) -> list[int]:
    """Return the columns that a name means; the more exact way of naming goes first."""
    wanted = _comparable(name)
    rows = [match[1].strip() if (match := _GRID_ROW.search(heading)) else "" for heading in headings]
    plain = [_without_word(heading) if _NUMBER.fullmatch(wanted) else "" for heading in headings]
    exact = [place for place, heading in enumerate(headings) if heading == wanted]
    of_grid = [place for place, row in enumerate(rows) if row == wanted]
    spellings = enumerate(zip(headings, rows, plain, strict=True))
    begun = [place for place, words in spellings if any(_begins(spelling, wanted) for spelling in words)]
    return exact or of_grid or begun


def _without_word(heading: str) -> str:
    words = (f"{_comparable(word)} " for word in _WORDS_BEFORE_NUMBER)
    return next((heading.removeprefix(word) for word in words if heading.startswith(word)), "")


def _begins(words: str, wanted: str) -> bool:
    """Whether `words` begins with the whole words of `wanted`: `5` does not begin `50`, `5,5` or `5.1`."""
    if not words.startswith(wanted):
        return False
    rest = words[len(wanted) :]
    if not rest:
        return True
    if wanted[-1].isdigit() and re.match(r"[.,][0-9]", rest):
        return False
    if wanted[-1] in ".," and rest[0].isdigit():
        return False
    inside_a_word = rest[0].isalnum() or unicodedata.combining(rest[0])
    return not (wanted[-1].isalnum() and inside_a_word)


def _problems(table: Table, wanted: Sequence[str], found: Sequence[Sequence[int]]) -> Iterator[Problem]:
    for name, places in zip(wanted, found, strict=True):
        if name and not places:
            yield _problem(
                table,
                "question_unmatched",
                text("no column is headed «{column}»", column=name[:80]),
                text("copy the heading, its beginning or its number into `survey:` of criteria.yaml"),
            )
        elif len(places) > 1:
            columns = [column_name(table, place) for place in places]
            yield _problem(
                table,
                "question_ambiguous",
                text("«{column}» may mean several columns: {columns}", column=name[:80], columns=columns),
                text("write more of the heading into `survey:` of criteria.yaml"),
            )


def _shared(table: Table, plan: SurveyPlan, found: Sequence[Sequence[int]]) -> Iterator[Problem]:
    """Two names of one column would count its answers twice for a criterion."""
    seen: set[tuple[int, str]] = set()
    for question, places in zip(plan.questions, found, strict=True):
        for place in places[:1]:
            if (place, question.criterion) in seen:
                yield _problem(
                    table,
                    "question_ambiguous",
                    text(
                        "the column {column} counts twice for {code}",
                        column=column_name(table, place),
                        code=question.criterion,
                    ),
                    text("write more of the heading into `survey:` of criteria.yaml"),
                )
            seen.add((place, question.criterion))


def _problem(table: Table, code: str, what: Text, fix: Text) -> Problem:
    placed = text("{file} line {line}, column {column}: {what}", file=table.name, line=1, column="–", what=what)
    return Problem(code, placed, fix, sheet=table.name, row=1)
