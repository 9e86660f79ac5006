"""Measures in Word files, as every program writes them; none that is no measure ends a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from decision_sample import TEMPLATE, sample
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from hostile_files import with_changed
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cchc_sheets.errors import PublicationError
from cchc_sheets.messages import speak
from cchc_sheets.publication.decision import make_decision
from cchc_sheets.publication.measures import half_points_of, number_of, width_stated

ROOM = 6000


def width(stated: str) -> etree._Element:
    return parse_xml(f"<w:tcW {nsdecls('w')} {stated}/>")


@pytest.mark.parametrize(
    ("stated", "twips"),
    [
        ('w:w="3087" w:type="dxa"', 3087),
        ('w:w="3087.4" w:type="dxa"', 3087),  # as Google Docs writes it
        ('w:w="2in"', 2880),  # 2 x 1440
        ('w:w="5.08cm"', 2880),  # 5.08 / 2.54 = 2 in
        ('w:w="10pt"', 200),  # 10 x 20
        ('w:w="50%"', 3000),  # half of 6000
        ('w:w="1250" w:type="pct"', 1500),  # 1250 fiftieths are 25 %; a quarter of 6000
        ('w:w="0" w:type="auto"', ROOM),
        ('w:w="auto"', ROOM),
        ('w:w="-20"', ROOM),
        ('w:w="-1%"', ROOM),
        ("", ROOM),
    ],
)
def test_a_width_is_read_in_any_form_that_programs_give_it(stated: str, twips: int) -> None:
    assert width_stated(width(stated), ROOM) == twips


@pytest.mark.parametrize(
    ("written", "half_points"),
    [("26", 26), ("26.5", 26.5), ("13pt", 26), ("0", None), ("-4", None), ("abc", None), ("", None), ("9" * 400, None)],
)
def test_a_size_of_letters_is_read_or_is_none(written: str, half_points: float | None) -> None:
    size = parse_xml(f"<w:sz {nsdecls('w')} w:val='{written}'/>")
    assert half_points_of(size) == half_points


@given(st.text() | st.from_regex(r"-?[0-9]{0,400}(\.[0-9]{0,400})?([eE]\+?[0-9]{1,5})?(mm|pt|%)?", fullmatch=True))
def test_whatever_stands_where_a_measure_should_is_no_crash(written: str) -> None:
    element = etree.Element(qn("w:tcW"))
    try:
        element.set(qn("w:w"), written)
    except ValueError:  # no XML can hold it
        return
    assert -(10**11) < number_of(element, "w") < 10**11
    assert 0 <= width_stated(element, ROOM) < 10**11


def rewritten(folder: Path, tag: str, attribute: str, value: str) -> Path:
    """Return the template with every such attribute rewritten, `\\1` being what stood there."""
    pattern = re.compile(rf'(?<=<w:)({tag} [^>]*w:{attribute}=")([0-9]+)"')
    change = with_changed("word/document.xml", lambda part: pattern.sub(rf'\g<1>{value}"', part.decode()).encode())
    path = folder / "decision.docx"
    path.write_bytes(change(TEMPLATE.read_bytes()))
    assert path.read_bytes() != TEMPLATE.read_bytes()
    return path


@pytest.mark.parametrize(
    ("tag", "attribute", "value"),
    [("tcW", "w", r"\2.0"), ("tcW", "w", "50%"), ("gridCol", "w", r"\2.0"), ("ind", "firstLine", r"\2.0")],
)
def test_a_template_edited_in_another_program_makes_the_decision(
    tmp_path: Path, tag: str, attribute: str, value: str
) -> None:
    assert make_decision(sample(), rewritten(tmp_path, tag, attribute, value))


def test_sizes_that_are_none_are_told_as_what_word_shows(tmp_path: Path) -> None:
    speak("en")
    with pytest.raises(PublicationError, match="«CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM» is of size 10"):
        make_decision(sample(), rewritten(tmp_path, "sz", "val", "abc"))
    speak("vi")
