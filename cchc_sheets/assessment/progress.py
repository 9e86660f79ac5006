"""How far a unit is with its self-assessment: what is filled in, what is missing, whether it is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from cchc_sheets.assessment.units import Unit

FillState = Literal["missing", "unreadable", "foreign", "blank", "in_progress", "complete", "confirmed"]
"""`missing`: no workbook; `foreign`: that of another unit or cycle; `complete`: every criterion, but not confirmed."""

UNFILLED: Final = {"missing_score", "not_submitted"}
"""Codes of problems that only say that something is not filled in yet."""


@dataclass(frozen=True)
class Progress:
    """Where a unit's workbook stands at one moment.

    Attributes:
        answered: how many of its `of` criteria it has scored, «không phát sinh» included.
        missing: the codes of criteria without points; `wrong` those with a mistake; `unproved` without evidence.
        self_points: the sum of the points claimed.
        deadline: the unit's own.
        edited: when its content was last changed, as far as is known.
        recorded: when its submission was recorded for this deadline; None if it was not.
        is_late: the deadline has passed and nothing was recorded in time.
        days_late: of a submission that was recorded late, begun days included.
    """

    unit: Unit
    state: FillState
    of: int
    deadline: datetime
    answered: int = 0
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()
    self_points: Decimal = Decimal(0)
    edited: datetime | None = None
    recorded: datetime | None = None
    is_late: bool = False
    days_late: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether the unit has nothing more to do."""
        return self.state == "confirmed" and not self.wrong

    @property
    def percent(self) -> int:
        """How much is filled in, in whole per cent, rounded down: 100 only where nothing is missing."""
        return self.answered * 100 // self.of if self.of else 100
