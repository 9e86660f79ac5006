"""The open data as an Excel workbook whose sums, indices, ranks and classes are formulas anybody can follow.

Beside each formula stands the value that it must give, worked out here in exact decimals. Where the formulas would not
give what was published (indices that differ only after the tenth decimal), index, rank and class are written as
numbers, and the workbook says so.
"""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.publication.method import method_lines
from cchc_sheets.publication.open_data import SOURCES, source_of
from cchc_sheets.publication.open_data_trend import trend_cells
from cchc_sheets.publication.page_content import Publication
from cchc_sheets.publication.wording import plain

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

RESULTS: Final = "Kết quả"
METHOD: Final = "Cách tính"
_A4: Final = 9


def results_xlsx(publication: Publication) -> bytes:
    """Return the workbook, the same bytes for the same publication; text in it is never a formula."""
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(stream, options)
    book.set_properties(
        {
            "title": plain(publication.title),
            "author": plain(publication.authority),
            "created": datetime(publication.decision.date_line_year, 1, 1),  # noqa: DTZ001 - stored as UTC
        }
    )
    _Book(publication, book).write()
    book.close()
    return stream.getvalue()


class _Book:
    """Writes the sheets."""

    def __init__(self, publication: Publication, book: Workbook) -> None:
        from cchc_sheets.publication.annexes import in_order
        from cchc_sheets.publication.open_data_formulas import BANDS, MAXIMA, POINTS, Formulas

        self.publication = publication
        self.decision = publication.decision
        self.book = book
        self.groups = in_order(self.decision)
        self.standings: list[Standing] = [standing for _, members in self.groups for standing in members]
        self.formulas = Formulas(publication, self.standings)
        self.points, self.maxima, self.bands = POINTS, MAXIMA, BANDS
        decimals = self.decision.policies.decimals
        head = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E7F0F3"}
        self.head = book.add_format(head)
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.published = book.add_format({"num_format": f"0.{'0' * decimals}" if decimals else "0", "bold": True})

    def write(self) -> None:
        self._write_results(self.book.add_worksheet(RESULTS))
        self._write_matrix(self.book.add_worksheet(self.points), are_maxima=False)
        self._write_matrix(self.book.add_worksheet(self.maxima), are_maxima=True)
        self._write_bands(self.book.add_worksheet(self.bands))
        self._write_method(self.book.add_worksheet(METHOD))

    def _write_results(self, sheet: Worksheet) -> None:
        for place, column in enumerate(self.formulas.columns):
            sheet.write_string(0, place, column.heading, self.head)
            sheet.set_column(place, place, column.width)
        row = 0
        for number, (title, members) in enumerate(self.groups, start=1):
            for standing in members:
                row += 1
                self._write_unit(_Row(sheet, row, self), standing, title, 0 if standing.rank is None else number)
        mean = _Row(sheet, row + 2, self)
        formula, value = self.formulas.mean()
        mean.text("name", "Chỉ số bình quân")
        if formula:
            mean.formula("index", formula, value, self.published)
        else:
            mean.number("index", value, self.published)
        _set_page(sheet, heads=1)

    def _write_unit(self, put: _Row, standing: Standing, title: str, group: int) -> None:
        formulas, result, row = self.formulas, standing.result, put.row
        put.text("code", standing.unit.code)
        put.text("name", plain(standing.unit.name))
        put.text("group_title", title)
        put.number("group", Decimal(group))
        for field in result.fields:
            put.formula(f"field:{field.code}", formulas.field(field.code, row), field.points)
        put.number("self", result.self_points)
        put.formula("appraisal", formulas.by_source(row, is_surveyed=False), result.appraisal_points)
        if result.survey_points is not None:
            put.formula("survey", formulas.by_source(row, is_surveyed=True), result.survey_points)
        put.number("adjustment", result.adjustment_points)
        put.formula("total", formulas.total(row), result.points)
        put.formula("attainable", formulas.attainable(row), result.attainable_points)
        put.formula("key", formulas.key(row), formulas.keys[standing.unit.code])
        if formulas.follows:
            self._write_outcome(put, standing)
        else:
            put.number("index", standing.published_index, self.published)
            put.text("rank", "") if standing.rank is None else put.number("rank", Decimal(standing.rank))
            put.text("class", plain(standing.class_name))
        self._write_previous(put, standing)

    def _write_previous(self, put: _Row, standing: Standing) -> None:
        """Write the earlier year's index and rank as numbers, the change as a formula."""
        trend = self.publication.trend
        if trend is None:
            return
        one = trend.units[standing.unit.code]
        if one.index is not None:
            printed = one.index.printed(trend.decimals)
            put.number("before:0", printed.before, self.published)
            put.formula("before:1", self.formulas.change(put.row), printed.change, self.published)
        if one.rank is not None:
            put.number("before:2", Decimal(one.rank.before))
            put.number("before:3", Decimal(one.rank.places))
        put.text("before:4", trend_cells(trend, standing)[1])

    def _write_outcome(self, put: _Row, standing: Standing) -> None:
        formulas, row = self.formulas, put.row
        put.formula("index", formulas.index(row), standing.published_index, self.published)
        rank = "" if standing.rank is None else standing.rank
        if self.decision.policies.ties == "dense":
            above = [s for s in self.standings if s.rank is not None and s.group == standing.group]
            better = 1 + sum((s.rank or 0) < (standing.rank or 0) for s in above)
            put.formula("better", formulas.better(row), better if rank else "")
            put.formula("rank", formulas.dense_rank(row), rank)
        else:
            put.formula("rank", formulas.better(row), rank)
        put.formula("class", formulas.class_name(row), plain(standing.class_name))

    def _write_matrix(self, sheet: Worksheet, *, are_maxima: bool) -> None:
        for row, words in enumerate(("Mã tiêu chí", "Nguồn điểm", "Điểm tối đa")):
            sheet.write_string(row, 0, words, self.head)
            sheet.write_blank(row, 1, None, self.head)
        for column, leaf in enumerate(self.publication.leaves, start=2):
            sheet.write_string(0, column, plain(leaf.code), self.head)
            sheet.write_string(1, column, SOURCES[source_of(leaf)], self.head)
            sheet.write_number(2, column, leaf.max_points, self.head)
        for row, standing in enumerate(self.standings, start=3):
            sheet.write_string(row, 0, standing.unit.code)
            sheet.write_string(row, 1, plain(standing.unit.name))
            for column, leaf in enumerate(self.publication.leaves, start=2):
                stands = standing.result.standing[leaf.code]
                maximum = Decimal(0) if stands.is_excluded else leaf.max_points
                value = maximum if are_maxima else stands.points
                if value is not None:
                    sheet.write_number(row, column, value)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 26)
        _set_page(sheet, heads=3)

    def _write_bands(self, sheet: Worksheet) -> None:
        for column, words in enumerate(("Mức", "Chỉ số từ")):
            sheet.write_string(0, column, words, self.head)
        for row, band in enumerate(sorted(self.decision.policies.bands, key=lambda band: band.lower), start=1):
            sheet.write_string(row, 0, plain(band.name))
            sheet.write_number(row, 1, band.lower)
        sheet.set_column(0, 1, 16)

    def _write_method(self, sheet: Worksheet) -> None:
        lines = [
            f"Sheet “{self.points}”: điểm đạt được của từng tiêu chí. Sheet “{self.maxima}”: điểm tối đa có thể đạt, "
            f"tiêu chí được loại ra ghi 0. Tổng điểm, chỉ số, xếp hạng, xếp loại ở sheet “{RESULTS}” là công thức tính "
            "từ hai sheet này.",
            "Bảng tính điện tử chỉ tính gần đúng với số thập phân, nên mỗi tổng được làm tròn theo số chữ số thập phân "
            "của điểm, và chỉ số được tính đến 10 chữ số thập phân trước khi làm tròn để công bố.",
        ]
        if not self.formulas.follows:
            lines.append(
                "Kỳ này có đơn vị chỉ khác nhau sau chữ số thập phân thứ 10: chỉ số, xếp hạng và xếp loại được ghi "
                "bằng số đã công bố, không bằng công thức."
            )
        sheet.set_column(0, 0, 110)
        for row, line in enumerate([*lines, "", *method_lines(self.decision)]):
            sheet.write_string(row, 0, line, self.wrapped)


class _Row:
    """One row of the results, its cells known by the keys of the columns."""

    def __init__(self, sheet: Worksheet, row: int, book: _Book) -> None:
        self.row = row
        self._sheet, self._place = sheet, book.formulas.place

    def text(self, key: str, words: str) -> None:
        self._sheet.write_string(self.row, self._place(key), words)

    def number(self, key: str, value: Decimal, look: Any = None) -> None:
        self._sheet.write_number(self.row, self._place(key), value, look)

    def formula(self, key: str, formula: str, value: Decimal | int | str, look: Any = None) -> None:
        """Write a formula and the value it has, for programs that do not calculate."""
        self._sheet.write_formula(self.row, self._place(key), formula, look, value)


def _set_page(sheet: Worksheet, *, heads: int) -> None:
    """Keep headings and names in sight, on the screen and on A4 paper laid across."""
    sheet.freeze_panes(heads, 2)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, heads - 1)
