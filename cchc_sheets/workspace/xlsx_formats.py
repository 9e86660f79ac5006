"""What the number formats of .xlsx cells say about their numbers."""

from __future__ import annotations

import re
from typing import Final

from cchc_sheets.workspace.cell_numbers import Meaning

_BUILT_IN: Final[dict[int, Meaning]] = {
    9: "percent",
    10: "percent",
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)), "date"),
    **dict.fromkeys((18, 19, 20, 21, 22, 32, 33, 34, 35, 45, 46, 47), "moment"),
}
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


def meaning(number: int, code: str | None) -> Meaning:
    """Return what a number format means: by its code, or by its number where it is built in."""
    if code is None:
        return _BUILT_IN.get(number, "number")
    if _ELAPSED.search(code):
        return "moment"
    bare = _LITERAL.sub("", code).lower()
    if bare in {"general", "standard", "@"}:
        return "number"
    if any(letter in bare for letter in "hs"):
        return "moment"
    if any(letter in bare for letter in "ymd"):
        return "date"
    return "percent" if "%" in bare else "number"
