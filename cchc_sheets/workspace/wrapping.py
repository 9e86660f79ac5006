"""How many lines a text takes in a column: the programs that show a workbook do not tell."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_NARROW: Final = frozenset("iljtfrI.,;:'!|()[]-/ ìíỉĩị“”‘’\"")
_BROAD: Final = frozenset("mwMW%@—–ƯƠÔÂĂ")


@lru_cache(maxsize=4096)
def lines_of(words: str, width: int, size: int, bold: bool) -> int:
    """Return how many lines `words` take in a column of `width` digits of the default size."""
    room = max(1.0, width * 12 / size * (0.93 if bold else 1.0) - 0.6)
    return sum(_wrapped(paragraph, room) for paragraph in words.split("\n")) if words else 1


def _wrapped(paragraph: str, room: float) -> int:
    if len(paragraph) * 1.6 <= room:
        return 1
    lines, used = 1, 0.0
    for word in paragraph.split(" "):
        length = sum(map(_letter_width, word))
        if used and used + length > room:
            lines, used = lines + 1, 0.0
        if length > room:  # a word longer than the line is broken
            lines += int((used + length) // room)
            used = (used + length) % room
            continue
        used += length + 0.5
    return lines


def _letter_width(letter: str) -> float:
    if letter in _NARROW:
        return 0.62
    if letter in _BROAD:
        return 1.6
    return 1.4 if letter.isupper() else 0.98
