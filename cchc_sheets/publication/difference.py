"""What differs between a file as it should be and as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cchc_sheets.messages import Text

_FIGURES: Final = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Difference:
    """One place that is not as it should be: `expected` and `found` as they are printed, "" for nothing there."""

    where: Text
    expected: str
    found: str

    @property
    def is_figure(self) -> bool:
        """Whether a figure was changed, not words alone."""
        return _FIGURES.findall(self.expected) != _FIGURES.findall(self.found)
