"""A sheet of paper measured in inches to draw charts on, and its two forms: PNG for Word, SVG for the page.

The bytes depend on nothing but what is drawn: the typeface is the one that comes with matplotlib, settings of the
computer are left aside, no date or version is written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH: Final = 6.1
"""The width of the text of a paper, in inches."""

DOTS_PER_INCH: Final = 200
TYPEFACE: Final = "DejaVu Sans"
INK: Final = "#1c1c1c"
QUIET: Final = "#5a5a5a"
FAINT: Final = "#b9b9b9"
FAINTEST: Final = "#dcdcdc"

_POINTS_PER_INCH: Final = 72
_MIDDLE: Final = 0.36  # of the size: half the height of a capital, so that a mark above a letter moves no line
_SETTINGS: Final[Any] = {
    "font.family": [TYPEFACE],
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is a name
    "text.usetex": False,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "cchc-sheets",
    "svg.fonttype": "path",  # phones and Windows have no DejaVu Sans
    "path.simplify": False,
}
_SVG_START: Final = re.compile(r"<svg [^>]*>")
_PATH: Final = re.compile(r' d="([^"]*)"')
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^>]*>\n?")

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Look:
    """How an area is filled, so that it can be told from others in black and white too."""

    fill: str
    hatch: str = ""


@contextmanager
def house_style() -> Iterator[None]:
    """Draw by these settings alone, whatever the computer's own are; a canvas is used within it."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def drawn_by() -> str:
    """Name the libraries on whose versions the bytes of a chart depend."""
    import matplotlib as mpl
    from matplotlib import ft2font

    return f"matplotlib {mpl.__version__}, FreeType {ft2font.__freetype_version__}"


class Canvas:
    """One drawing; x runs to the right and y downwards, in inches from the top left corner."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
        # Artists of the figure itself: axes, with all that belongs to them, take longer than the rest of a chart.
        self._inches = Affine2D().scale(1, -1).translate(0, height) + self.figure.dpi_scale_trans

    def words(  # noqa: PLR0913 - the properties of a line of text
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 8,
        align: Align = "left",
        is_bold: bool = False,
        color: str = INK,
        turned: bool = False,
        covers: bool = False,
    ) -> None:
        """Write a line, its middle at height `y`; `turned` reads upwards, `covers` hides the lines behind it."""
        self.figure.text(
            x,
            y if turned else y + _MIDDLE * size / _POINTS_PER_INCH,
            words,
            fontsize=size,
            ha=align,
            va="center" if turned else "baseline",
            weight="bold" if is_bold else "normal",
            color=color,
            rotation=90 if turned else 0,
            rotation_mode="anchor",
            parse_math=False,
            transform=self._inches,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8} if covers else None,
        )

    def area(self, x: float, y: float, width: float, height: float, look: Look) -> None:
        """Fill a rectangle whose top left corner is at `x`, `y`."""
        from matplotlib.patches import Rectangle

        self.figure.add_artist(
            Rectangle(
                (x, y),
                width,
                height,
                facecolor=look.fill,
                edgecolor=INK,
                linewidth=0.5,
                hatch=look.hatch or None,
                transform=self._inches,
            )
        )

    def line(  # noqa: PLR0913 - two points and how they are joined
        self,
        x: float,
        y: float,
        to_x: float,
        to_y: float,
        *,
        width: float = 0.6,
        color: str = INK,
        dashed: bool = False,
    ) -> None:
        """Draw a straight line; faint ones lie under everything else."""
        from matplotlib.lines import Line2D

        self.figure.add_artist(
            Line2D(
                (x, to_x),
                (y, to_y),
                color=color,
                linewidth=width,
                linestyle=(0, (3, 2)) if dashed else "solid",
                zorder=0.5 if color in {FAINT, FAINTEST} else 1.5,
                transform=self._inches,
            )
        )

    def marks(self, places: Sequence[tuple[float, float]], shape: str, size: float, *, is_filled: bool = True) -> None:
        """Put marks at these places: `o` a circle, `s` a square, `D` a diamond; hollow ones are white inside."""
        from matplotlib.lines import Line2D

        self.figure.add_artist(
            Line2D(
                [x for x, _ in places],
                [y for _, y in places],
                linestyle="none",
                marker=shape,
                markersize=size,
                markerfacecolor=INK if is_filled else "white",
                markeredgecolor=INK,
                markeredgewidth=0.8,
                zorder=2.9,
                transform=self._inches,
            )
        )


@dataclass(frozen=True)
class Chart:
    """A finished drawing.

    Attributes:
        name: for the file; `title` for the caption; `description` says in words what the picture shows.
    """

    name: str
    title: str
    description: str
    figure: Figure

    def png(self) -> bytes:
        """Return the picture for Word, 200 dots to the inch."""
        return _png(self.figure)

    def svg(self) -> bytes:
        """Return the picture for the page."""
        return _svg(self.figure, self.title, self.description)


def _png(figure: Figure) -> bytes:
    """Return the drawing as a picture for Word."""
    target = io.BytesIO()
    with house_style():
        figure.savefig(
            target,
            format="png",
            dpi=DOTS_PER_INCH,
            metadata={"Software": None},
            pil_kwargs={"compress_level": 1},  # 168 notices have one each: their time counts more than some kilobytes
        )
    return target.getvalue()


def _svg(figure: Figure, title: str, description: str) -> bytes:
    """Return the drawing for a web page, with the words that a screen reader speaks."""
    target = io.BytesIO()
    nothing: dict[str, None] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with house_style():
        figure.savefig(target, format="svg", metadata=nothing)
    drawn = _DOCTYPE.sub("", target.getvalue().decode())
    spoken = f"<title>{escape(title)}</title>\n <desc>{escape(description)}</desc>"
    start = _SVG_START.search(drawn)
    if start is None:
        raise ValueError(drawn[:200])
    opening = start[0].replace("<svg ", '<svg role="img" ', 1)
    return _PATH.sub(_shorter, f"{drawn[: start.start()]}{opening}\n {spoken}{drawn[start.end() :]}").encode()


def _shorter(path: re.Match[str]) -> str:
    """Leave off decimals that nobody can see."""
    places = _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", path[1])
    return f' d="{" ".join(places.split())}"'


@lru_cache(maxsize=8192)
def width_of(words: str, size: float, *, is_bold: bool = False) -> float:
    """Return how wide a line is, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    letters = FontProperties(family=TYPEFACE, weight="bold" if is_bold else "normal", size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(words, letters, ismath=False)
    return float(width) / _POINTS_PER_INCH


def fitted(words: str, size: float, room: float, *, is_bold: bool = False) -> str:
    """Return `words`, shortened by an ellipsis if they are wider than `room`."""
    if width_of(words, size, is_bold=is_bold) <= room:
        return words
    kept = words
    while kept and width_of(f"{kept}…", size, is_bold=is_bold) > room:
        kept = kept[:-1].rstrip()
    return f"{kept}…"


def broken(words: str, size: float, room: float, most: int) -> list[str]:
    """Return `words` in at most so many lines no wider than `room`; the last one is shortened if it must be."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (width_of(longer, size) <= room or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(word)
    return [fitted(line, size, room) for line in lines]
