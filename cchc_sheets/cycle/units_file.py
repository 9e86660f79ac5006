"""`units.csv`: the roster (danh sách đơn vị)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path
from typing import Final

from cchc_sheets import vietnamese
from cchc_sheets.assessment.units import KINDS, Unit
from cchc_sheets.cycle.yaml_document import LARGEST, TooLong, settings_text
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text

COLUMNS: Final = ("code", "name", "kind", "group", "ranked", "emails")
REQUIRED: Final = ("code", "name", "kind")
_CODE: Final = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
# Names that Windows keeps for devices: a workbook cannot be called so.
_DEVICES: Final = re.compile(r"(?i)con|prn|aux|nul|com[0-9]|lpt[0-9]")
_YES: Final = {"", "yes", "true", "1", "có"}
_NO: Final = {"no", "false", "0", "không"}
_LONGEST_CODE: Final = 60
_LONGEST_NAME: Final = 200
_MOST_UNITS: Final = 5_000
"""Viet Nam has 3,321 communes."""
_LONGEST_QUOTE: Final = 80
_INVISIBLE: Final = {"Cc", "Cf", "Cn", "Co", "Cs"}


class _Roster:
    """Reads lines into units and gathers the mistakes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.units: list[Unit] = []
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}

    def report(self, line: int, column: str, code: str, what: Text, fix: Text) -> None:
        place = COLUMNS.index(column) + 1 if column in COLUMNS else 1
        self.problems.append(
            Problem(
                code,
                text(
                    "{file} line {line}, column {column}: {what}",
                    file=self.name,
                    line=line,
                    column=column or 1,
                    what=what,
                ),
                fix,
                sheet=self.name,
                row=line,
                column=place,
            )
        )

    def check_headings(self, headings: list[str]) -> None:
        for missing in [name for name in REQUIRED if name not in headings]:
            self.report(1, missing, "missing", text("«{name}» is missing", name=missing), text("head a column with it"))
        for place, heading in enumerate(headings):
            if heading in headings[:place]:
                self.report(1, heading, "twice", text("«{key}» is there twice", key=heading), text("keep one of them"))
            elif heading not in COLUMNS:
                self.report(
                    1,
                    heading,
                    "column_unknown",
                    text("«{name}» is not known here", name=heading[:_LONGEST_QUOTE]),
                    text("the columns are: {columns}", columns=list(COLUMNS)),
                )

    def add(self, line: int, headings: list[str], values: list[str]) -> None:
        if any(values[len(headings) :]):
            self.report(
                line,
                "",
                "too_many_values",
                text("the line has more values than the first line has columns"),
                text("put a value that contains a comma in double quotes"),
            )
        entry = dict(zip(headings, values, strict=False))
        unit = Unit(
            code=entry.get("code", ""),
            name=entry.get("name", ""),
            kind=self._kind(line, entry.get("kind", "")),
            group=entry.get("group", ""),
            ranked=self._ranked(line, entry.get("ranked", "")),
            emails=tuple(email for email in re.split(r"[;\s]+", entry.get("emails", "")) if email),
        )
        self._check(line, unit)
        self.units.append(unit)

    def _kind(self, line: int, written: str) -> str:
        names = {vietnamese.comparable(name): kind for kind, name in KINDS.items()} | {k: k for k in KINDS}
        kind = names.get(vietnamese.comparable(written), "")
        if not kind:
            self.report(
                line,
                "kind",
                "kind_unknown",
                text("«{written}» is no kind of unit", written=written[:_LONGEST_QUOTE]),
                text("choose one of: {kinds}", kinds=list(KINDS.values())),
            )
        return kind

    def _ranked(self, line: int, written: str) -> bool:
        answer = vietnamese.comparable(written)
        if answer not in _YES | {vietnamese.comparable(word) for word in _YES | _NO} | _NO:
            self.report(
                line,
                "ranked",
                "ranked",
                text("«{written}» is neither yes nor no", written=written[:_LONGEST_QUOTE]),
                text("write yes or no"),
            )
        return answer not in {vietnamese.comparable(word) for word in _NO}

    def _check(self, line: int, unit: Unit) -> None:
        if not _CODE.fullmatch(unit.code) or len(unit.code) > _LONGEST_CODE or _DEVICES.fullmatch(unit.code):
            self.report(
                line,
                "code",
                "code",
                text("«{code}» cannot be a unit's code and the name of its file", code=unit.code[:_LONGEST_QUOTE]),
                text("use letters without marks, digits and hyphens, e.g. binh-tan"),
            )
        if not unit.name:
            self.report(
                line,
                "name",
                "missing",
                text("«{name}» is missing", name="name"),
                text("write the unit's full name"),
            )
        for column, written in (("name", unit.name), ("group", unit.group), ("emails", " ".join(unit.emails))):
            if len(written) > _LONGEST_NAME * (1 if column != "emails" else 10):
                what = text("«{name}…» is too long", name=written[:_LONGEST_QUOTE])
                self.report(line, column, "too_long", what, text("shorten it"))
        if any(unicodedata.category(letter) in _INVISIBLE for letter in unit.name + unit.group):
            self.report(
                line,
                "name",
                "name",
                text("the name holds an invisible character"),
                text("type the name anew instead of pasting it"),
            )
        for key, column in ((unit.code.casefold(), "code"), (vietnamese.comparable(unit.name), "name")):
            if key and key in self.lines:
                self.report(
                    line,
                    column,
                    "twice",
                    text("the unit is there already, in line {line}", line=self.lines[key]),
                    text("remove one of the two lines"),
                )
            self.lines.setdefault(key, line)
        for email in unit.emails:
            if not _EMAIL.fullmatch(email) or any(unicodedata.category(letter) in _INVISIBLE for letter in email):
                self.report(
                    line,
                    "emails",
                    "email",
                    text("«{email}» is no e-mail address", email=email[:_LONGEST_QUOTE]),
                    text("write addresses like ten@xa.example.gov.vn, several separated by semicolons"),
                )


def load_units(file: Path) -> tuple[tuple[Unit, ...], list[Problem]]:
    """Return the units of the roster in its order, and every mistake in it."""
    roster = _Roster(file.name)
    try:
        _read(roster, settings_text(file))
    except FileNotFoundError:
        roster.report(1, "", "missing", text("the file is missing"), text("`init` makes it from a template set"))
    except UnicodeDecodeError:
        roster.report(1, "", "unreadable", text("cannot be read as text"), text("save the file as «CSV UTF-8»"))
    except OSError as error:
        fix = text("check the drive or the network folder, then try again")
        roster.report(1, "", "unreadable", text("cannot be read: {error}", error=error.strerror or error), fix)
    except TooLong:
        what = text("the file is larger than any settings are (at most {size} KB)", size=LARGEST // 1024)
        roster.report(1, "", "too_large", what, text("put back the file that was meant to be here"))
    except csv.Error as error:
        fix = text("look for a double quote that is not closed")
        roster.report(1, "", "unreadable", text("cannot be read: {error}", error=error), fix)
    return tuple(roster.units), roster.problems


def _read(roster: _Roster, content: str) -> None:
    separator = ";" if content.partition("\n")[0].count(";") > content.partition("\n")[0].count(",") else ","
    blank_lines = content[: len(content) - len(content.lstrip())].count("\n")
    reader = csv.reader(io.StringIO(vietnamese.unicode_text(content)), delimiter=separator)
    headings = [heading.strip() for heading in next(reader, [])]
    roster.check_headings(headings)
    if roster.problems:
        return
    for row in reader:
        if len(roster.units) == _MOST_UNITS:
            what = text("the file has more than {most} units", most=_MOST_UNITS)
            roster.report(
                blank_lines + reader.line_num, "", "too_large", what, text("keep only the units of this cycle")
            )
            return
        if any(value.strip() for value in row):
            roster.add(blank_lines + reader.line_num, headings, [value.strip() for value in row])
    if not roster.units:
        roster.report(1, "", "missing", text("there is no unit in the file"), text("add a line for each unit"))
