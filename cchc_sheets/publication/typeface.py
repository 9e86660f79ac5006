"""How wide a line of Times New Roman is: rules, columns and turned headings are drawn to measure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

FONT: Final = "Times New Roman"
TWIPS_PER_POINT: Final = 20

# Advance widths in thousandths of the size, from the metrics of the typeface.
_UPRIGHT: Final[Mapping[int, str]] = {
    250: " ,.",
    278: "ijlt:;/",
    333: "Ifr-()",
    389: "Js",
    444: "acez",
    500: "bdghknopquvxy0123456789đ«»",
    556: "FPS",
    611: "ELTZ",
    667: "BCR",
    722: "ADGHKNOQUVXYwĐ",
    778: "m",
    833: "%",
    889: "M",
    944: "W",
}
_BOLD: Final[Mapping[int, str]] = {
    250: " ,.",
    278: "il/",
    333: "fjt-:;()",
    389: "Is",
    444: "cerz",
    500: "Jagovxy0123456789«»",
    556: "Sbdhknpquđ",
    611: "FP",
    667: "BELTZ",
    722: "ACDNRUVXYwĐ",
    778: "GHKOQ",
    833: "m",
    944: "M",
    1000: "W%",
}
_WIDEST: Final = 1000
_TABLES: Final = {
    is_bold: {letter: width for width, letters in table.items() for letter in letters}
    for is_bold, table in ((False, _UPRIGHT), (True, _BOLD))
}


def width_of(text: str, size: float, *, is_bold: bool = False) -> int:
    """Return the width in twips of `text` on one line; marks add nothing to their letter."""
    table = _TABLES[is_bold]
    letters = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return round(sum(table.get(c, _WIDEST) for c in letters) * size * TWIPS_PER_POINT / 1000)


def wrapped(text: str, size: float, room: int, *, is_bold: bool = False) -> Iterator[str]:
    """Yield the lines into which `text` falls in a column `room` twips wide; a longer word stands alone."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size, is_bold=is_bold) > room:
            yield line
            longer = word
        line = longer
    if line:
        yield line
