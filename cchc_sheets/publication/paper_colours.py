"""The colours of a Word file as they print, those of its theme among them, and whether letters can be read on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

Colour = tuple[float, float, float]

_READABLE: Final = 3.0
"""The least contrast of letters on what lies behind them: what WCAG 2.1 (1.4.11) asks of what must be seen at all."""

_DARK: Final = 0.03928
_BLACK, _WHITE = (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_USUAL: Final = {
    "dk1": "000000", "lt1": "FFFFFF", "dk2": "44546A", "lt2": "E7E6E6", "accent1": "4472C4", "accent2": "ED7D31",
    "accent3": "A5A5A5", "accent4": "FFC000", "accent5": "5B9BD5", "accent6": "70AD47", "hlink": "0563C1",
    "folHlink": "954F72",
}  # fmt: skip
_NAMED: Final = {"dark1": "dk1", "light1": "lt1", "dark2": "dk2", "light2": "lt2", "hyperlink": "hlink",
                 "followedHyperlink": "folHlink"}  # fmt: skip
_ROLES: Final = {"text1": ("t1", "dark1"), "text2": ("t2", "dark2"), "background1": ("bg1", "light1"),
                 "background2": ("bg2", "light2"), "tx1": ("t1", "dark1"), "tx2": ("t2", "dark2"),
                 "bg1": ("bg1", "light1"), "bg2": ("bg2", "light2")}  # fmt: skip
_HIGHLIGHTS: Final = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000",
    "darkMagenta": "800080", "darkRed": "800000", "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0",
}  # fmt: skip


class Colours:
    """What the colours stated in one paper come out as.

    Args:
        theme: the paper's theme, None where it has none; `settings` say which of its colours is that of the text.
    """

    def __init__(self, theme: etree._Element | None, settings: etree._Element | None) -> None:
        self._theme = dict(_USUAL)
        scheme = None if theme is None else next(theme.iter(f"{_A}clrScheme"), None)
        for slot in () if scheme is None else scheme:
            value = next((one.get("lastClr") or one.get("val") for one in slot), None)
            if isinstance(slot.tag, str) and value:
                self._theme[etree.QName(slot).localname] = value
        mapping = None if settings is None else settings.find(qn("w:clrSchemeMapping"))
        self._mapping: Mapping[str, str] = (
            {} if mapping is None else {etree.QName(key).localname: str(value) for key, value in mapping.items()}
        )

    def front(self, color: etree._Element | None) -> tuple[Colour, ...]:
        """Return what letters may print in: a file states the colour of a theme twice. () for what Word chooses."""
        return () if color is None else tuple(self._stated(color, "val", "themeColor", "theme"))

    def behind(self, shading: etree._Element | None) -> tuple[Colour, ...]:
        """Return what shading may come out as; () for none."""
        if shading is None:
            return ()
        pattern = str(shading.get(qn("w:val"), "clear"))
        fill = tuple(self._stated(shading, "fill", "themeFill", "themeFill"))
        if pattern in {"clear", "nil"}:
            return fill
        ink = tuple(self._stated(shading, "color", "themeColor", "theme")) or (_BLACK,)
        part = re.fullmatch(r"pct([0-9]{1,2})", pattern)
        share = int(part[1]) / 100 if part else 1.0
        return tuple(_mixed(one, other, share) for one in ink for other in fill or (_WHITE,))

    def highlight(self, mark: etree._Element | None) -> tuple[Colour, ...]:
        """Return the colour of a marker; () for none."""
        name = None if mark is None else _HIGHLIGHTS.get(str(mark.get(qn("w:val"))))
        return () if name is None else (_channels(name),)

    def _stated(self, element: etree._Element, plain: str, theme: str, prefix: str) -> Iterator[Colour]:
        written = str(element.get(qn(f"w:{plain}"), "auto"))
        if re.fullmatch(r"[0-9A-Fa-f]{6}", written):
            yield _channels(written)
        elif written in _HIGHLIGHTS:
            yield _channels(_HIGHLIGHTS[written])
        name = element.get(qn(f"w:{theme}"))
        if name is not None and name != "none":
            yield self._of_theme(str(name), element, prefix)

    def _of_theme(self, name: str, element: etree._Element, prefix: str) -> Colour:
        slot = name
        if name in _ROLES:
            role, usual = _ROLES[name]
            slot = self._mapping.get(role, usual)
        written = self._theme.get(_NAMED.get(slot, slot), "FFFFFF")
        colour = _channels(written if re.fullmatch(r"[0-9A-Fa-f]{6}", written) else "FFFFFF")
        for kind, other in (("Tint", _WHITE), ("Shade", _BLACK)):
            share = element.get(qn(f"w:{prefix}{kind}"))
            if share is not None and re.fullmatch(r"[0-9A-Fa-f]{2}", share):
                colour = _mixed(colour, other, int(share, 16) / 255)
        return colour


def is_readable(front: tuple[Colour, ...], behind: tuple[Colour, ...]) -> bool:
    """Whether letters stand out from all that may lie behind them; Word chooses black or white where none is stated."""
    return all(_contrast(one, other) >= _READABLE for one in front for other in behind or (_WHITE,))


def _contrast(one: Colour, other: Colour) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance of WCAG 2.1."""
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= _DARK else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _channels(written: str) -> Colour:
    red, green, blue = (float(int(written[at : at + 2], 16)) for at in (0, 2, 4))
    return red, green, blue
