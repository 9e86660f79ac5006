"""The charts of a report, drawing by drawing: replaced, exchanged, cropped, shrunk, hidden or gone, each is told."""

from __future__ import annotations

import copy
import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from altered import edit, errors, told_in, verified
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from PIL import Image
from tricks import Trick, altered_by

from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.messages import speak
from cchc_sheets.publication.paper_compare import Comparison, compare_papers

Parts = dict[str, bytes]
A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
RELATIONS: Final = "word/_rels/document.xml.rels"
DOCUMENT: Final = "word/document.xml"


@pytest.fixture
def report(told: Path) -> bytes:
    return (told / "output/papers/report.docx").read_bytes()


def repacked(paper: bytes, change: Callable[[Parts], None]) -> bytes:
    """Change the parts of a file as somebody with a zip program would."""
    with zipfile.ZipFile(io.BytesIO(paper)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(target, "PNG")
    return target.getvalue()


def point_elsewhere(parts: Parts) -> None:
    """Leave the chart in the file, and have the drawing show another picture."""
    parts["word/pictures/image1.png"] = picture()
    parts[RELATIONS] = parts[RELATIONS].replace(b"media/image1.png", b"pictures/image1.png")


def point_outside(parts: Parts) -> None:
    parts[RELATIONS] = re.sub(
        rb'Target="(/word/)?media/image1.png"',
        b'Target="https://example.org/other.png" TargetMode="External"', parts[RELATIONS],
    )  # fmt: skip


def exchange(parts: Parts) -> None:
    one, other = re.findall(rb"media/image[0-9]+\.png", parts[RELATIONS])[:2]
    parts[RELATIONS] = parts[RELATIONS].replace(one, b"@@").replace(other, one).replace(b"@@", other)


def of_blip(inner: str) -> Trick:
    return lambda document: next(document.element.iter(f"{{{A}}}blip")).append(parse_xml(inner))


def crop(document: Any) -> None:
    edges = parse_xml(f'<a:srcRect xmlns:a="{A}" t="60000" b="30000"/>')
    next(document.element.iter(f"{{{A}}}blip")).addnext(edges)


def stretch(document: Any) -> None:
    next(document.element.iter(f"{{{A}}}fillRect")).set("t", "-90000")


def shrink(document: Any) -> None:
    next(document.element.iter(qn("wp:extent"))).set("cx", "9525")


def mirror(document: Any) -> None:
    next(document.element.iter(f"{{{A}}}xfrm")).set("flipH", "1")


def hide(document: Any) -> None:
    next(document.element.iter(qn("wp:docPr"))).set("hidden", "1")


def take_out(document: Any) -> None:
    drawing = next(document.element.iter(qn("w:drawing")))
    drawing.getparent().remove(drawing)


def said(found: Comparison) -> list[tuple[str, bool]]:
    speak("en")
    try:
        return [(str(one.where), one.is_certain) for one in (*found.pictures_changed, *found.differences)]
    finally:
        speak("vi")


FIRST, CUT = ("picture Biểu đồ 1", True), ("picture Biểu đồ 1, cropped or shown otherwise", True)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (point_elsewhere, [FIRST]),
        (point_outside, [FIRST]),
        (exchange, [FIRST, ("picture Biểu đồ 2", True)]),
    ],
)
def test_a_drawing_that_shows_another_picture_is_told(
    report: bytes, change: Callable[[Parts], None], expected: list[tuple[str, bool]]
) -> None:
    found = compare_papers(report, repacked(report, change), "report.docx")
    assert set(expected) <= set(said(found))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (crop, CUT),
        (stretch, CUT),
        (mirror, CUT),
        (hide, CUT),
        (of_blip(f'<a:lum xmlns:a="{A}" bright="100000"/>'), CUT),
        (shrink, ("size of picture Biểu đồ 1", True)),
        (take_out, FIRST),
    ],
    ids=["cropped", "stretched", "mirrored", "hidden", "bleached", "shrunk", "gone"],
)
def test_a_chart_that_is_not_shown_as_it_was_is_told(report: bytes, change: Trick, expected: tuple[str, bool]) -> None:
    assert said(compare_papers(report, altered_by(report, change), "report.docx")) == [expected]


def test_a_picture_put_before_the_charts_is_an_addition_and_no_alteration(report: bytes) -> None:
    def add(document: Any) -> None:
        document.paragraphs[0].add_run().add_picture(io.BytesIO(picture()))

    found = compare_papers(report, altered_by(report, add), "report.docx")
    assert (said(found), found.pictures_added) == ([], 1)


def test_a_seal_twice_is_two_additions(report: bytes) -> None:
    def add(document: Any) -> None:
        run = document.paragraphs[-1].add_run()
        run.add_picture(io.BytesIO(picture()))
        run._r.addnext(copy.deepcopy(run._r))

    assert compare_papers(report, altered_by(report, add), "report.docx").pictures_added == 2


def test_charts_exchanged_are_an_error_though_the_template_has_changed_since(told_copy: Path, tmp_path: Path) -> None:
    """One of them is drawn today as it was: this machine draws the same pictures, and another one proves something."""
    signed = tmp_path / "bao-cao.docx"
    shutil.copy(told_copy / "output/papers/report.docx", signed)
    signed.write_bytes(repacked(signed.read_bytes(), exchange))
    (told_copy / "templates").mkdir()
    template = Path(shutil.copy(papers_folder() / "report.docx", told_copy / "templates/report.docx"))
    edit(template, lambda d: d.paragraphs[-1].add_run(" Thêm một lời."))
    outcome = verified(told_copy, signed)
    assert errors(outcome)[:2] == [("figure_altered", signed.name)] * 2
    assert "picture Biểu đồ 1" in told_in(outcome)
