"""The pictures that a paper shows, drawing by drawing: which one, how large, how much of it.

The names of the files in which pictures lie say nothing: a drawing shows what its relation points at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.messages import text
from cchc_sheets.publication.difference import Difference
from cchc_sheets.publication.finished_paper import Paper

_RELATIONS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LINKED: Final = tuple(f"{_RELATIONS}{name}" for name in ("embed", "link", "pict", "id"))
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MC_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CLICKS: Final = frozenset(("hlinkClick", "hlinkHover", "hlinkMouseOver"))
_SHOWN: Final = 16
_TOLERANCE: Final = 0.03
"""Programs round the size of a picture to points of their own."""

_SIDES: Final = ("l", "t", "r", "b")
_EDGES: Final = ("srcRect", "fillRect")
_EMU: Final = re.compile(r"[0-9]{1,12}")
_PLAIN: Final = frozenset(("extLst", "ext", "useLocalDpi"))


@dataclass(frozen=True)
class Picture:
    """One drawing that shows a picture, or a chart that the program draws.

    Attributes:
        digests: of all that it shows.
        look: what is done to it besides showing it: cropped, turned, faded, hidden.
    """

    name: str
    digests: tuple[str, ...]
    size: tuple[int, int]
    look: tuple[str, ...]


@dataclass(frozen=True)
class Pictures:
    """What a comparison of pictures found.

    Attributes:
        changed: another picture stands in the place of one, or none; another machine may have drawn the same one.
        shown_otherwise: cropped, stretched or hidden, which no machine does by itself.
        are_alike: one at least is the same, byte for byte, wherever it stands.
    """

    changed: list[Difference]
    shown_otherwise: list[Difference]
    added: int
    are_alike: bool


def compare_pictures(expected: bytes, found: bytes) -> Pictures:
    """Hold the pictures of a paper against those it should show, in their order."""
    wanted, there = (list(_pictures(Paper.opened(content))) for content in (expected, found))
    changed: list[Difference] = []
    shown_otherwise: list[Difference] = []
    added = 0
    for kind, i1, i2, j1, j2 in _pieces(wanted, there):
        pairs = list(zip(wanted[i1:i2], there[j1:j2], strict=False))
        shown_otherwise.extend(one for pair in pairs for one in _shown_otherwise(*pair))
        if kind != "equal":
            changed.extend(_changed(wanted[i1:i2], there[j1:j2]))
        added += max(0, (j2 - j1) - (i2 - i1))
    more = shapes_in(found) - shapes_in(expected)
    are_alike = bool({one.digests for one in wanted} & {one.digests for one in there})
    return Pictures(changed, shown_otherwise, max(added, more), are_alike)


def _pieces(wanted: Sequence[Picture], there: Sequence[Picture]) -> Sequence[tuple[str, int, int, int, int]]:
    """Return which pictures belong together: as many as there should be are taken one by one, else what is alike."""
    if len(wanted) == len(there):
        pairs = enumerate(zip(wanted, there, strict=True))
        return [("equal" if one.digests == other.digests else "replace", at, at + 1, at, at + 1)
                for at, (one, other) in pairs]  # fmt: skip
    right, other = ([one.digests for one in pictures] for pictures in (wanted, there))
    return SequenceMatcher(None, right, other, autojunk=False).get_opcodes()


def shapes_in(content: bytes) -> int:
    """Count pictures and drawn shapes: each of them may lie upon a figure."""
    return sum(1 for part in Paper.opened(content).printed_parts for _ in _drawings(part))


def _changed(wanted: Sequence[Picture], there: Sequence[Picture]) -> Iterator[Difference]:
    for at, one in enumerate(wanted):
        other = "".join(there[at].digests)[:_SHOWN] if at < len(there) else ""
        yield Difference(text("picture {name}", name=one.name), "".join(one.digests)[:_SHOWN], other, is_certain=True)


def _shown_otherwise(wanted: Picture, there: Picture) -> Iterator[Difference]:
    sizes = zip(wanted.size, there.size, strict=True)
    if any(abs(right - other) > _TOLERANCE * right for right, other in sizes):
        where = text("size of picture {name}", name=wanted.name)
        yield Difference(where, *(" × ".join(map(str, one.size)) for one in (wanted, there)), is_certain=True)
    if wanted.look != there.look:
        where = text("picture {name}, cropped or shown otherwise", name=wanted.name)
        yield Difference(where, *("; ".join(one.look) for one in (wanted, there)), is_certain=True)


def _drawings(part: etree._Element) -> Iterator[etree._Element]:
    """Yield every drawing once: where a file gives it in two forms, the one that newer programs show."""
    for drawing in part.iter(qn("w:drawing"), qn("w:pict"), qn("w:object")):
        outer = {one.tag for one in drawing.iterancestors()}
        if _MC_FALLBACK not in outer:
            yield drawing


def _pictures(paper: Paper) -> Iterator[Picture]:
    part = paper.document.part  # the charts stand in the text; an emblem of the head is counted as a shape
    for number, drawing in enumerate(_drawings(paper.body), start=1):
        names = [key for one in drawing.iter() for key in _links(one)]
        digests = tuple(_digest(part.rels.get(name)) for name in names)
        if digests:
            yield Picture(_name(drawing) or str(number), digests, _size(drawing), tuple(_look(drawing)))


def _links(element: etree._Element) -> Iterator[str]:
    if isinstance(element.tag, str) and etree.QName(element).localname not in _CLICKS:
        yield from (str(element.get(name)) for name in _LINKED if element.get(name))


def _digest(relation: Any) -> str:
    """Return the digest of what a relation points at; what lies outside the file has its address."""
    if relation is None:
        return "–"
    if relation.is_external:
        return str(relation.target_ref)
    return hashlib.sha256(relation.target_part.blob).hexdigest()


def _name(drawing: etree._Element) -> str:
    return next((str(one.get("name")) for one in drawing.iter(qn("wp:docPr"))), "")


def _size(drawing: etree._Element) -> tuple[int, int]:
    extent = next(drawing.iter(qn("wp:extent")), None)
    written = ("0", "0") if extent is None else (str(extent.get("cx")), str(extent.get("cy")))
    width, height = (int(one) if _EMU.fullmatch(one) else 0 for one in written)
    return width, height


def _look(drawing: etree._Element) -> Iterator[str]:
    """Yield what keeps a picture from being shown whole, upright and in its own colours."""
    for element in drawing.iter():
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name in _EDGES:
            sides = [str(element.get(side, "0")) for side in _SIDES]
            if any(side not in {"0", "0%"} for side in sides):
                yield f"{name} {' '.join(sides)}"
        elif name == "blip":
            yield from (etree.QName(one).localname for one in element.iter() if one is not element and _changes(one))
        elif name == "xfrm":
            yield from (f"{key!s} {value!s}" for key, value in sorted(element.items()) if value not in {"0", "false"})
        elif name in {"docPr", "cNvPr"} and element.get("hidden") not in {None, "0", "false"}:
            yield "hidden"
        elif name in {"prstGeom", "custGeom"} and element.get("prst") != "rect":
            yield " ".join((name, str(element.get("prst"))))


def _changes(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and etree.QName(element).localname not in _PLAIN
