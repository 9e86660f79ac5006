"""What a command did: per unit and as a whole, with the problems met. Stages return it; only the CLI shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text

Status = Literal["success", "partial", "error"]

Progress = Callable[[Text, int, int], None]
"""Called as (what is being done, how many are done, of how many) in the course of long work."""


Announce = Callable[[Text], None]
"""Called with what people who wait should know: how long it takes, why it stands still."""


def silent(what: Text, done: int, total: int) -> None:
    """Show no progress."""


def unheard(what: Text) -> None:
    """Announce nothing."""


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What was done for one unit: a word for programs (`action`) and a sentence for people."""

    unit: str
    action: str
    what: Text


@dataclass(frozen=True)
class Outcome:
    """What a command did.

    Attributes:
        summary: sentences for people, in order; the first says the main thing.
        units: one entry per unit concerned.
        data: for `--json`, the command's own result.
        table: for people, the command's result as headings and lines of text.
    """

    command: str
    summary: tuple[Text, ...] = ()
    units: tuple[UnitOutcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    table: Table | None = None

    @property
    def status(self) -> Status:
        """`partial` if any problem needs attention; warnings alone do not."""
        return "partial" if any(problem.severity == "error" for problem in self.problems) else "success"


@dataclass(frozen=True, slots=True)
class Table:
    """A result for people: headings, and lines of cells; `numeric` names the columns to align right."""

    title: Text
    headings: tuple[Text, ...]
    lines: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


def plain_decimal(points: Decimal) -> str:
    """Print an exact decimal without exponent or needless zeros."""
    digits = f"{points:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
