"""Reading the lines of a survey's answers: which count, and why the others do not.

Nothing is dropped without a word: every line that does not count has one reason, and what nobody foresaw is told with
its cell. Reasons that lie in the line itself go first, so that a line excluded for itself never makes another one a
duplicate; the order of the lines plays no part.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from cchc_sheets import vietnamese
from cchc_sheets.assessment.response_columns import Columns, column_name
from cchc_sheets.assessment.survey import Merged, Table
from cchc_sheets.assessment.survey_plan import NO_UNIT, Option, Question, SurveyPlan
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.reading import Cell

Reason = Literal["unknown_unit", "unknown_group", "impossible", "incomplete", "straight_line", "duplicate"]
REASONS: Final[tuple[Reason, ...]] = (
    "unknown_unit",
    "unknown_group",
    "impossible",
    "incomplete",
    "straight_line",
    "duplicate",
)

_SLIP: Final = 2
"""So often the same unknown answer may be a slip of the pen; more often, the plan does not know the form."""
_BLANK_SHARE: Final = Fraction(1, 10)
"""So large a part of the answered lines may lack unit or group: people who left it blank. A larger part is a column
that was not filled in, and what is left of the survey would speak for nobody."""
_LONGEST_ANSWER: Final = 60
_NO_UNIT: Final = text(
    "if the unit stands only in the first line of a block (merged cells), unmerge the cells and fill in every line; "
    "where nobody knows it, write a word such as «không rõ» there and give it «-» under `unit_names:`"
)
_NO_GROUP: Final = text(
    "if the group stands only in the first line of a block (merged cells), unmerge the cells and fill in every line; "
    "if the form does not ask for it of everybody, remove `group:`"
)
_CODES: Final = {
    "unit": "unit_unknown",
    "group": "group_unknown",
    "option": "option_unknown",
    "unasked": "not_asked",
}


@dataclass(frozen=True)
class Response:
    """One line (phiếu trả lời).

    Attributes:
        unit: the code of the unit it is about; "" if that cannot be told.
        group: the respondent's group, "" if the plan has none.
        answers: the option chosen, by the question's place in the plan; a blank is not there.
        reason: why it does not count; None if it does.
        key: the respondent's own mark, or the whole line; None where nothing tells respondents apart.
    """

    line: int
    unit: str
    group: str
    answers: Mapping[int, Option]
    reason: Reason | None
    key: tuple[str, ...] | None


@dataclass
class _Slips:
    """What the plan does not know, by where and what it is, so that many of a kind are told once.

    `answered` are the lines in which any question is answered: only these can be lost.
    """

    table: Table
    answered: set[int] = field(default_factory=set)
    found: dict[tuple[str, int, str], list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, line: int, place: int, shown: str) -> None:
        self.found[kind, place, vietnamese.comparable(shown)].append((line, shown))

    def problems(self) -> Iterator[Problem]:
        for (kind, place, answer), slips in sorted(self.found.items()):
            line, shown = min(slips)
            is_slip = len(slips) <= _SLIP if answer else self._are_few([line for line, _ in slips])
            what, fix = _in_words(kind, shown if len(shown) <= _LONGEST_ANSWER else f"{shown[:59]}…")
            placed = text(
                "{file} line {line}, column {column}: {what}; {count} responses are not counted for it",
                file=self.table.name,
                line=line,
                column=column_name(self.table, place),
                what=what,
                count=len(slips),
            )
            yield Problem(
                _CODES[kind],
                placed,
                fix,
                "warning" if is_slip else "error",
                sheet=self.table.name,
                row=line,
                column=column_name(self.table, place),
            )

    def _are_few(self, blank: Sequence[int]) -> bool:
        """Whether so few answered lines are blank here that respondents may have left them so."""
        lost = sum(line in self.answered for line in blank)
        return lost <= _SLIP or lost <= _BLANK_SHARE * len(self.answered)


def _in_words(kind: str, shown: str) -> tuple[Text, Text]:
    match kind:
        case "unit" | "group" if not shown:
            return (text("no unit is named"), _NO_UNIT) if kind == "unit" else (text("no group is named"), _NO_GROUP)
        case "unit":
            return (
                text("there is no unit «{name}»", name=shown),
                text("write this name with the unit's code under `unit_names:`, with «-» if it is none of the units"),
            )
        case "group":
            return (
                text("there is no group «{name}» in `groups:`", name=shown),
                text("add this name to a group under `groups:`, as its name or under `also:`"),
            )
        case "unasked":
            return (
                text("this question is not asked of the group «{name}»", name=shown),
                text("mend `groups:` of the question, or leave the responses out"),
            )
    return (
        text("«{answer}» is no answer of the scale", answer=shown),
        text("if the form offers it, add it to `scale:` or `no_answer:`; if it cannot be, to `impossible:`"),
    )


def read_responses(
    table: Table, *, plan: SurveyPlan, columns: Columns, units: Sequence[Unit]
) -> tuple[tuple[Response, ...], tuple[Problem, ...]]:
    """Interpret every line and say why it counts or not.

    An answer that the plan does not know excludes its line; met more than twice it is no slip but a gap in the plan,
    and an error. So are units or groups left blank in more than two lines and more than a tenth of those answered.
    """
    reader = _Reader(table, plan, columns, units)
    own = [reader.response(line, cells) for line, cells in table.lines]
    responses, contradictory = _without_duplicates(own)
    problems = [*reader.slips.problems(), *contradictory, *_slipped_lines(table), *_merged_cells(table, columns)]
    if own and not any(response.key for response in own):
        problems.append(
            Problem(
                "no_identity",
                text("{file}: no column tells respondents apart, so duplicates cannot be found", file=table.name),
                text("name the column of the form's number under `respondent:`"),
                "warning",
                sheet=table.name,
            )
        )
    return responses, tuple(problems)


class _Reader:
    """Turns lines into responses; gathers what the plan does not know."""

    def __init__(self, table: Table, plan: SurveyPlan, columns: Columns, units: Sequence[Unit]) -> None:
        self.plan = plan
        self.columns = columns
        self.slips = _Slips(table)
        self.width = len(table.headings)
        self.units = {vietnamese.comparable(unit.name): unit.code for unit in units}
        self.units |= {vietnamese.comparable(unit.code): unit.code for unit in units}
        self.units |= {name: "" if code == NO_UNIT else code for name, code in plan.unit_names.items()}
        self.groups = {
            vietnamese.comparable(name): group.name for group in plan.groups for name in (group.name, *group.also)
        }

    def response(self, line: int, cells: Sequence[Cell | None]) -> Response:
        """Interpret one line, from what its cells show."""
        shown = [_shown(cell) for cell in cells]
        shown += [""] * (self.width - len(shown))
        if any(shown[place] for place in self.columns.questions):
            self.slips.answered.add(line)
        reasons: list[Reason] = []
        unit = self._known("unit", line, shown, self.columns.unit, self.units)
        if not unit:
            reasons.append("unknown_unit")
        group = ""
        if self.columns.group is not None:
            group = self._known("group", line, shown, self.columns.group, self.groups)
            if not group:
                reasons.append("unknown_group")
        answers: dict[int, Option] = {}
        for place, question in enumerate(self.plan.questions):
            answer = self._answer(line, shown, question, self.columns.questions[place], group)
            if isinstance(answer, Option):
                answers[place] = answer
            elif answer is not None:
                reasons.append(answer)
        reasons += self._of_the_whole(answers, group)
        reason = min(reasons, key=REASONS.index, default=None)
        return Response(line, unit, group, answers, reason, self._key(shown))

    def _known(self, kind: str, line: int, shown: Sequence[str], place: int, names: Mapping[str, str]) -> str:
        name = vietnamese.comparable(shown[place])
        if name not in names:
            self.slips.add(kind, line, place, shown[place])
        return names.get(name, "")

    def _answer(
        self, line: int, shown: Sequence[str], question: Question, place: int, group: str
    ) -> Option | Reason | None:
        """Return the option chosen, None for a blank, or why the line cannot count."""
        answer = vietnamese.comparable(shown[place])
        if not answer or answer in self.plan.no_answer:
            return None
        if answer in self.plan.impossible:
            return "impossible"
        option = question.scale.by_name.get(answer)
        if option is None:
            self.slips.add("option", line, place, shown[place])
            return "impossible"
        if group and not question.is_asked_of(group):
            self.slips.add("unasked", line, place, group)
            return "impossible"
        return option

    def _of_the_whole(self, answers: Mapping[int, Option], group: str) -> Iterator[Reason]:
        """Look at a line as a whole; a column that counts for several criteria is one answer."""
        asked = {
            self.columns.questions[place]
            for place, question in enumerate(self.plan.questions)
            if not group or question.is_asked_of(group)
        }
        ranks: dict[int, Decimal | None] = {self.columns.questions[place]: o.rank for place, o in answers.items()}
        if not ranks or len(ranks) < Fraction(self.plan.least_answered) * len(asked):
            yield "incomplete"
        if 0 < self.plan.straight_line <= len(ranks) and len(set(ranks.values())) == 1:
            yield "straight_line"

    def _key(self, shown: Sequence[str]) -> tuple[str, ...] | None:
        """Return what tells respondents apart. Two people may well give the same answers: those alone are no key."""
        if self.columns.respondent is not None:
            own = vietnamese.comparable(shown[self.columns.respondent])
            if own:
                return ("respondent", own)
        others = (words for place, words in enumerate(shown) if place not in self.columns.of_the_plan)
        if not self.plan.excludes_identical or not any(others):
            return None
        return ("line", *shown)


def _without_duplicates(responses: Sequence[Response]) -> tuple[tuple[Response, ...], tuple[Problem, ...]]:
    """Keep one of several equal responses with one key, and none where they contradict each other."""
    alike: dict[tuple[str, tuple[str, ...]], list[Response]] = defaultdict(list)
    for response in responses:
        if response.reason is None and response.key:
            alike[response.unit, response.key].append(response)
    again: set[int] = set()
    contradictory: dict[str, list[int]] = defaultdict(list)
    for (unit, _), same in alike.items():
        lines = sorted(response.line for response in same)
        if all((r.group, r.answers) == (same[0].group, same[0].answers) for r in same):
            again.update(lines[1:])
        else:
            again.update(lines)
            contradictory[unit] += lines
    marked = tuple(replace(r, reason="duplicate") if r.reason is None and r.line in again else r for r in responses)
    return marked, tuple(_contradiction(unit, lines) for unit, lines in sorted(contradictory.items()))


def _contradiction(unit: str, lines: list[int]) -> Problem:
    return Problem(
        "contradictory",
        text("lines {lines} have the same respondent but other answers; none of them counts", lines=sorted(lines)),
        text("nobody can tell which one is meant: ask, and leave the right one in the file"),
        "warning",
        unit=unit,
    )


def _slipped_lines(table: Table) -> Iterator[Problem]:
    """A line longer than the headings has slipped: every answer in it may stand in the wrong column."""
    width = len(table.headings)
    slipped = [line for line, cells in table.lines if any(cell is not None for cell in cells[width:])]
    if slipped:
        first, what = slipped[0], text("the line has more values than the first line has columns")
        yield Problem(
            "too_many_values",
            text("{file} line {line}, column {column}: {what}", file=table.name, line=first, column="–", what=what),
            text("download the answers again as .xlsx, or separate the values with semicolons"),
            sheet=table.name,
            row=first,
        )


def _merged_cells(table: Table, columns: Columns) -> Iterator[Problem]:
    """Of merged cells only the first line holds the value: what the others say cannot be read, however few they are."""
    numbers = [line for line, _ in table.lines]
    found: dict[int, list[Merged]] = defaultdict(list)
    for merged in table.merged:
        has_lines = bisect_right(numbers, merged.first) < bisect_right(numbers, merged.last)
        if merged.place in columns.of_the_plan and merged.first > 1 and has_lines:
            found[merged.place].append(merged)
    for place, several in sorted(found.items()):
        first = min(several, key=lambda merged: merged.first)
        yield Problem(
            "cells_merged",
            text(
                "{file} lines {first}–{last}, column {column}: the cells are merged, so that only line {first} holds a "
                "value ({count} such blocks)",
                file=table.name,
                first=first.first,
                last=first.last,
                column=column_name(table, place),
                count=len(several),
            ),
            text("unmerge the cells of this column in Excel, fill in every line, save, and run `survey` again"),
            sheet=table.name,
            row=first.first,
            column=column_name(table, place),
        )


def _shown(cell: Cell | None) -> str:
    """Return what a cell shows, a formula or an error as such, a number without needless zeros."""
    if cell is None:
        return ""
    if cell.error or cell.formula:
        return cell.error or cell.formula
    if isinstance(cell.value, Decimal):
        number = vietnamese.number(cell.value * 100 if cell.percent else cell.value)
        return f"{number}%" if cell.percent else number
    return _normal(cell.text)


_normal = lru_cache(maxsize=8192)(vietnamese.normal)  # the same few answers stand in every line
