"""What differs between a file as it should be and as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from cchc_sheets.messages import Text

_FIGURES: Final = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Difference:
    """One place that is not as it should be: `expected` and `found` as they are printed, "" for nothing there.

    Attributes:
        is_certain: it stands among results, which come from the ledger alone: no other template, no other wording
            explains it.
    """

    where: Text
    expected: str
    found: str
    is_certain: bool = field(default=False, kw_only=True)

    @property
    def is_figure(self) -> bool:
        """Whether a figure was changed, not words alone."""
        return _FIGURES.findall(self.expected) != _FIGURES.findall(self.found)


@dataclass
class Counterparts:
    """Which lines of a paper as it is belong to which lines of the paper as it should be, where they differ.

    Attributes:
        filled: the lines with room to write in: those without what was written, for both.
        altered: the other ones.
    """

    filled: dict[str, str] = field(default_factory=dict)
    altered: dict[str, str] = field(default_factory=dict)
