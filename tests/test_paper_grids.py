"""Tables of running papers on the page: what stays together, and that no word of a heading is broken."""

from __future__ import annotations

import pytest
from docx.oxml.ns import qn
from lxml import etree

from cchc_sheets.publication.grid import Grid, GridColumn, Line, grid_table
from cchc_sheets.publication.nd30 import TEXT_WIDTH
from cchc_sheets.publication.typeface import width_of
from cchc_sheets.stages.paper_heads import _in_lines

COLUMNS = (
    GridColumn("TT"),
    GridColumn("Đơn vị", 1, "left"),
    GridColumn("Điểm thẩm định"),
    GridColumn("Xếp hạng"),
    GridColumn("Xếp loại"),
)


def line(place: int) -> Line:
    return Line((str(place), f"Xã Số {place}", "46,71", str(place), "Trung bình"))


TOTAL = Line(("", "Tổng cộng", "467,10", "", ""), is_bold=True)
TITLE = Line(("Phường",))


def keeps(table: etree._Element) -> list[bool]:
    """Return for each row whether it stays on the page of the next one."""
    return [row.find(f".//{qn('w:keepNext')}") is not None for row in table.findall(qn("w:tr"))]


def test_a_short_table_stays_on_one_page() -> None:
    assert keeps(grid_table(Grid(COLUMNS, tuple(map(line, range(1, 7)))), TEXT_WIDTH)) == [True] * 6 + [False]


def test_a_long_table_breaks_anywhere_but_below_its_heading_and_before_its_last_row() -> None:
    rows = tuple(map(line, range(1, 8)))
    assert keeps(grid_table(Grid(COLUMNS, rows), TEXT_WIDTH)) == [True, *[False] * 5, True, False]


def test_a_total_is_never_alone_on_a_page_and_a_title_stays_with_what_it_is_over() -> None:
    rows = (*map(line, range(1, 8)), TITLE, line(8), line(9), TOTAL)
    assert keeps(grid_table(Grid(COLUMNS, rows), TEXT_WIDTH)) == [
        *(True, *[False] * 7),  # the heading, seven lines
        *(True, False, True, False),  # the title, a line, the last line before the total, the total
    ]


@pytest.mark.parametrize("heading", ["Điểm thẩm định", "Xếp hạng", "Xếp loại"])
def test_a_heading_has_room_for_its_words_in_a_face_a_tenth_wider(heading: str) -> None:
    table = grid_table(Grid(COLUMNS, tuple(map(line, range(1, 8)))), TEXT_WIDTH)
    widths = [int(str(column.get(qn("w:w")))) for column in table.iter(qn("w:gridCol"))]
    longest = max(width_of(word, 12, is_bold=True) for word in heading.split())
    # the margins of a cell are 40 twips on either side
    assert widths[[column.heading for column in COLUMNS].index(heading)] - 80 >= longest * 1.1
    assert sum(widths) == TEXT_WIDTH


def test_a_long_name_in_the_head_is_not_broken_within_a_word_of_two_syllables() -> None:
    assert _in_lines("TỔ THẨM ĐỊNH CHỈ SỐ CẢI CÁCH HÀNH CHÍNH") == ("TỔ THẨM ĐỊNH", "CHỈ SỐ CẢI CÁCH", "HÀNH CHÍNH")
    assert _in_lines("HỘI ĐỒNG THẨM ĐỊNH") == ("HỘI ĐỒNG", "THẨM ĐỊNH")
