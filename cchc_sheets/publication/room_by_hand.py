"""Lines with room to write in by hand (dots, wide blanks): whether a line is such a one filled in, and with what.

Who fills in a signed paper may write anything; the time it takes to compare grows with its length and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cchc_sheets.vietnamese import normal

BLANK: Final = re.compile(r"(…{2,}|\.{4,}|[ \u00a0]{3,})")
"""Room to write in."""

_LONGEST, _LONGEST_SHORT = 2_000, 20
_LONGEST_LINE: Final = 20_000
_SHORT: Final = re.compile(r"[\w./-]*")


@dataclass(frozen=True)
class Form:
    """A line with room in it: the words that stand there, and between each two of them room for much or little.

    Blanks play no part in comparing: Word sets them as it likes.
    """

    words: tuple[str, ...]
    is_wide: tuple[bool, ...]

    @classmethod
    def of(cls, line: str) -> Form | None:
        """Return the form of a line, None for one without room."""
        pieces = BLANK.split(line)
        if len(pieces) == 1:
            return None
        words = tuple("".join(normal(piece).split()) for piece in pieces[::2])
        return cls(words, tuple(room.startswith(("…", ".")) for room in pieces[1::2]))

    def written(self, line: str) -> list[str] | None:
        """Return what was written into each room of a line, None if it is not this line filled in."""
        if len(line) > _LONGEST_LINE:
            return None
        places = [at for at, letter in enumerate(line) if not letter.isspace()]
        solid = "".join(line[at] for at in places)
        if not solid.startswith(self.words[0]):
            return None
        ways = [{len(self.words[0]): 0}]  # for each room: where it may begin, and where the one before it began
        for number, words in enumerate(self.words[1:]):
            is_last = number == len(self.is_wide) - 1
            ends = {}
            for at in self._standing(words, solid, is_last=is_last):
                begin = self._begin(ways[-1], solid, at, is_wide=self.is_wide[number])
                if begin is not None:
                    ends[at + len(words)] = begin
            if not ends:
                return None
            ways.append(ends)
        return list(self._rooms(ways, line, places))

    def _standing(self, words: str, solid: str, *, is_last: bool) -> Iterator[int]:
        """Yield where words stand in a line; the last ones at its end only."""
        if is_last:
            if solid.endswith(words):
                yield len(solid) - len(words)
            return
        at = solid.find(words)
        while at >= 0:
            yield at
            at = solid.find(words, at + 1) if at < len(solid) else -1

    def _begin(self, begins: dict[int, int], solid: str, end: int, *, is_wide: bool) -> int | None:
        """Return the nearest place before `end` where the room may begin."""
        farthest = max(0, end - (_LONGEST if is_wide else _LONGEST_SHORT))
        for begin in range(end, farthest - 1, -1):
            if begin in begins and (is_wide or _SHORT.fullmatch(solid, begin, end)):
                return begin
        return None

    def _rooms(self, ways: list[dict[int, int]], line: str, places: list[int]) -> Iterator[str]:
        """Yield what stands in each room, found from the end of the line backwards."""
        at = len(places)
        found: list[str] = []
        for words, ends in zip(reversed(self.words[1:]), reversed(ways[1:]), strict=True):
            begin, end = ends[at], at - len(words)
            found.append(line[places[begin] : places[end - 1] + 1] if end > begin else "")
            at = begin
        return reversed(found)
