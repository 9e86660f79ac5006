"""Holding a published chart against the same one drawn by other libraries: by its words, for its bytes must differ.

The letters are drawn as outlines. Which outline stands for which letter may differ from library to library, but one
and the same letter is one and the same outline everywhere in a chart. That the outlines are those of the letters cannot
be told: who compares so has to say that the picture was not compared in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import zip_longest
from typing import Final

from cchc_sheets.messages import text
from cchc_sheets.publication.difference import Difference
from cchc_sheets.zips import TooMuch

_ROOM: Final = 64 * 1024
_LETTER: Final = re.compile(r'<use [^<>]{0,40}href="#([^"<>]{1,80})"')
_TAG: Final = re.compile(r"<[^<>]*>")
_LONGEST_SHOWN: Final = 120


def compare_charts(expected: bytes, found: bytes) -> Iterator[Difference]:
    """Yield what the words of a chart say otherwise: title, description, labels, figures.

    Raises:
        TooMuch: if `found` is far larger than such a chart is.
    """
    if len(found) > 4 * len(expected) + _ROOM:
        raise TooMuch
    right, there = expected.decode(), found.decode()
    for one, other in zip_longest(_said(right), _said(there), fillvalue=""):
        if one != other:
            yield Difference(text("its words"), one[:_LONGEST_SHOWN], other[:_LONGEST_SHOWN])
    if not _same_letters(_LETTER.findall(right), _LETTER.findall(there)):
        yield Difference(text("its words"), "", str(text("letters drawn otherwise than the words say")))


def _said(chart: str) -> list[str]:
    """Return the texts of a chart and the remarks beside drawn letters, in their order."""
    pieces = []
    for part in chart.split("<!--"):
        remark, mark, rest = part.partition("-->")
        pieces += [remark, *_TAG.split(rest)] if mark else _TAG.split(part)
    return [words for piece in pieces if (words := " ".join(unescape(piece).split()))]


def _same_letters(right: list[str], there: list[str]) -> bool:
    """Whether each outline always stands for the same other one."""
    pairs = set(zip_longest(right, there, fillvalue=""))
    return len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
