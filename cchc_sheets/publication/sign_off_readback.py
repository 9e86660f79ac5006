"""Reading the finished page for the chairman as a stranger would: every sentence whole, every figure of its tables."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

import docx
from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets import vietnamese
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.robustness import Strictness
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.before_you_sign import SignOff
from cchc_sheets.publication.finished_paper import words_of
from cchc_sheets.publication.sign_off_words import (
    MOST_BOUNDARIES,
    MOST_DEPARTMENTS,
    certain,
    close,
    method,
    review,
    status,
)
from cchc_sheets.publication.wording import plain

_LONGEST_QUOTE: Final = 160
_NEAREST, _LIMIT = "So với ngưỡng", "Ngưỡng gần nhất"


def sign_off_differences(content: bytes, note: SignOff) -> list[Text]:
    """Return every sentence that is missing and every figure in the tables that is not the one of the results."""
    body = docx.Document(io.BytesIO(content)).element.body
    paragraphs = [words_of(block) for block in body.iter(qn("w:p"))]
    problems = list(_sentence_differences(paragraphs, note))
    tables = {headings[0]: lines for headings, lines in map(_table, body.iter(qn("w:tbl"))) if headings}
    problems += _boundary_differences(tables.get("Đơn vị", []), note)
    problems += _strictness_differences(tables.get("Cơ quan thẩm định", []), note)
    return problems


def _sentence_differences(paragraphs: Sequence[str], note: SignOff) -> Iterator[Text]:
    """Each sentence stands there, alone or after a dash; what is provisional is never left out."""
    for sentence in (*status(note), *certain(note), *close(note), *review(note), *method(note)):
        wanted = " ".join(sentence.split())
        if not any(paragraph.endswith(wanted) for paragraph in paragraphs):
            yield text("the page does not say: «{words}»", words=wanted[:_LONGEST_QUOTE])
    if not any(str(note.robustness.draws.seed) in paragraph for paragraph in paragraphs):
        yield text("the page does not state the seed {seed}", seed=str(note.robustness.draws.seed))


def _table(table: etree._Element) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    rows = [tuple(map(words_of, row.findall(qn("w:tc")))) for row in table.findall(qn("w:tr"))]
    headings = rows[0] if rows else ()
    return headings, [dict(zip(headings, row, strict=False)) for row in rows[1:]]


def _boundary_differences(lines: Sequence[dict[str, str]], note: SignOff) -> Iterator[Text]:
    expected = min(len(note.robustness.boundaries), MOST_BOUNDARIES)
    if len(lines) != expected:
        yield text("the page shows {count} units near a limit, not {expected}", count=len(lines), expected=expected)
    known = {(boundary.unit, boundary.limit) for boundary in note.robustness.boundaries}
    for line in lines:
        units = [standing for standing in note.standings if plain(standing.unit.name) == line["Đơn vị"]]
        if not any(_is_boundary(line, standing, known, note) for standing in units):
            yield text("the page's line «{line}» is not what the results say", line=" | ".join(line.values()))


def _is_boundary(line: dict[str, str], standing: Standing, known: set[tuple[str, Decimal]], note: SignOff) -> bool:
    """Work the line out anew: the limit from the bands, the distance from the printed figures themselves."""
    decimals = note.policies.decimals
    kept = next(steady.in_class for steady in note.robustness.steadiness if steady.unit == standing.unit.code)
    for band in note.policies.bands:
        distance = standing.published_index - band.lower
        is_reached = (standing.result.index if note.policies.class_by == "exact" else distance) >= (
            Fraction(band.lower) if note.policies.class_by == "exact" else 0
        )
        wanted = {
            "Chỉ số": vietnamese.fixed(standing.published_index, decimals),
            "Xếp loại": plain(standing.class_name),
            _LIMIT: f"{plain(band.name)} (từ {vietnamese.number(band.lower)})",
            _NEAREST: ("+" if is_reached else "\N{MINUS SIGN}") + vietnamese.fixed(abs(distance), decimals),
            "Số lần thử giữ xếp loại": f"{kept:,}".replace(",", "."),
        }
        if (standing.unit.code, band.lower) in known and wanted.items() <= line.items():
            return True
    return False


def _strictness_differences(lines: Sequence[dict[str, str]], note: SignOff) -> Iterator[Text]:
    strictness = [strict for strict in note.robustness.strictness if strict.rows]
    expected = min(len(strictness), MOST_DEPARTMENTS)
    if len(lines) != expected:
        yield text("the page shows {count} departments, not {expected}", count=len(lines), expected=expected)
    for line in lines:
        candidates = [
            strict
            for strict in strictness
            if plain(note.departments.get(strict.department, strict.department)) == line["Cơ quan thẩm định"]
        ]
        figures = (line["Lượt chấm"].replace(".", ""), _parsed(line["Hạ điểm"]), _parsed(line["Nâng điểm"]))
        right = [
            strict
            for strict in candidates
            if figures[0] == str(strict.rows)
            and _is_near(figures[1], Fraction(strict.lowered * 100, strict.rows), Fraction(1, 20))
            and _is_near(figures[2], Fraction(strict.raised * 100, strict.rows), Fraction(1, 20))
            and _is_near(_parsed(line["Trung vị thay đổi"]), strict.median_change, Fraction(1, 200))
            and _is_near(_parsed(line["Tổng thay đổi"]), _percent_changed(strict), Fraction(1, 20))
        ]
        if not right:
            yield text("the page's line «{line}» is not what the results say", line=" | ".join(line.values()))


def _percent_changed(strict: Strictness) -> Fraction:
    return Fraction(strict.change) * 100 / Fraction(strict.claimed) if strict.claimed else Fraction(0)


def _parsed(words: str) -> Fraction:
    """Read a printed figure; what cannot be read is far from every right one."""
    plain_words = words.replace("\N{MINUS SIGN}", "-").replace(",", ".").removesuffix("%")
    try:
        return Fraction(plain_words)
    except ValueError:
        return Fraction(10**9)


def _is_near(printed: Fraction, exact: Fraction, half_a_place: Fraction) -> bool:
    return abs(printed - exact) <= half_a_place
