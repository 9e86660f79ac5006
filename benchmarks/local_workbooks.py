"""How long the local workspace takes, beside plain openpyxl on the same cells in the same run.

    python benchmarks/local_workbooks.py [number of units, 168 if not given]

Bounds: ensure at most 1.0 times plain writing, read at most 1.5 times plain loading (of the plain workbook).
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl

from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet, Value, Workbook
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.local import LocalWorkspace

SCORE = Input(choices=tuple(Decimal(quarter) / 4 for quarter in range(5)), refusal="Chỉ chọn trong danh sách")
INPUTS = {
    "numerator": Input(number=True, minimum=Decimal(0)),
    "denominator": Input(number=True, minimum=Decimal(0)),
    "not_occurred": Input(choices=("Không phát sinh",)),
    "self_score": SCORE,
    "evidence": Input(length=2000),
    "note": Input(length=2000),
}
COLUMNS = (
    Column("code", "Mã", 8, "centre"),
    Column("title", "Tiêu chí thành phần", 45),
    Column("max_points", "Điểm tối đa", 9, "number"),
    Column("guidance", "Hướng dẫn chấm điểm", 50),
    Column("numerator", "Tử số", 10, "number"),
    Column("denominator", "Mẫu số", 10, "number"),
    Column("not_occurred", "Không phát sinh", 14, "centre"),
    Column("self_score", "Điểm tự chấm", 10, "number"),
    Column("evidence", "Tài liệu kiểm chứng", 40),
    Column("note", "Ghi chú", 30),
    Column("check", "Kiểm tra", 18, "centre", {"Thiếu minh chứng": "attention"}),
)
PEOPLE_TYPE = ("numerator", "denominator", "self_score", "evidence", "note")


def form() -> Sheet:
    """Seventy-nine rows of eleven columns, all of which end up filled."""
    banner = (
        Row("", {"code": "PHIẾU TỰ CHẤM ĐIỂM CỦA ⟦unit_name⟧"}, "title", spans=True),
        Row("@sum", {"title": "Tổng", "self_score": Formula("SUM({self_score@*})")}, "total"),
    )
    rows = tuple(_component(f"{1 + number // 10}.{number % 10}") for number in range(79))
    return Sheet("self_assessment", "Tự chấm điểm", COLUMNS, banner, rows, filter=True)


def _component(code: str) -> Row:
    cells: dict[str, Value] = {
        "code": code,
        "title": f"Ban hành kế hoạch cải cách hành chính năm theo quy định, tiêu chí {code}",
        "max_points": Decimal("1.5"),
        "guidance": "Ban hành kịp thời: 1 điểm.\nKhông kịp thời: 0,5 điểm.\nKhông ban hành: 0 điểm.",
        "check": Formula('IF({evidence}="","Thiếu minh chứng","")'),
    }
    return Row(code, cells, "component", INPUTS)


def guide() -> Sheet:
    """A page of explanations."""
    rows = tuple(Row(f"g{number}", {"text": "Nội dung hướng dẫn chi tiết. " * 8}) for number in range(20))
    return Sheet("guide", "Hướng dẫn", (Column("text", "", 85),), (), rows, "A4 portrait", headings=False)


def report() -> Sheet:
    """A page of long texts."""
    columns = (Column("label", "Mục", 30), Column("value", "Nội dung", 70))
    keys = ("strengths", "weaknesses", "causes", "proposals", "reporter", "phone", "confirmed")
    rows = tuple(Row(key, {"label": key}, inputs={"value": Input(length=5000)}) for key in keys)
    return Sheet("self_report", "Báo cáo", columns, (), rows, "A4 portrait")


def workbooks(count: int) -> list[Workbook]:
    """Workbooks of one mail merge."""
    sheets = (guide(), form(), report())
    return [
        Workbook(f"units/u{n}", f"Phiếu {n}", "c-2026", f"u{n}", sheets, {"unit_name": f"Xã số {n} & <bạn>"})
        for n in range(count)
    ]


def review(rows: int) -> Workbook:
    """One sheet with links and two columns of validations."""
    names = [f"c{index}" for index in range(14)]
    columns = tuple(Column(name, name, 14) for name in names)
    inputs = {"c12": Input(choices=("Đồng ý", "Điều chỉnh")), "c13": SCORE}
    texts = dict.fromkeys(names[2:12], "nội dung thẩm định")
    lines = tuple(
        Row(f"u/{n}", {"c0": f"{n}", "c1": Link("Mở", f"https://x.vn/{n}"), **texts}, "component", inputs)
        for n in range(rows)
    )
    return Workbook("appraisal", "Thẩm định", "c-2026", "-", (Sheet("a", "Nội vụ", columns, (), lines, filter=True),))


def plain_cells(workspace: LocalWorkspace, key: str) -> list[tuple[str, list[tuple[int, str, Cell]]]]:
    """Return the cells of a workbook, for openpyxl to write."""
    return [
        (
            sheet.title,
            [(row.number, sheet.columns[c], cell) for row in sheet.rows for c, cell in row.cells.items()],
        )
        for sheet in workspace.read(key).sheets
    ]


def write_plain(path: Path, sheets: list[tuple[str, list[tuple[int, str, Cell]]]]) -> None:
    """Write the same cells with openpyxl and nothing else."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, cells in sheets:
        sheet = book.create_sheet(title)
        for number, name, cell in cells:
            sheet[f"{name}{number}"] = cell.formula or cell.value
    book.save(path)


def write_all(paths: list[Path], sheets: list[tuple[str, list[tuple[int, str, Cell]]]]) -> None:
    """Write the same workbook to many files."""
    for path in paths:
        write_plain(path, sheets)


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that `action` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 168
    specs = workbooks(count)
    with tempfile.TemporaryDirectory() as folder:
        workspace = LocalWorkspace(Path(folder) / "ours")
        ensured = timed(lambda: [workspace.ensure(spec) for spec in specs])
        kept = timed(lambda: [workspace.ensure(spec) for spec in specs])
        typed = {key.key: dict.fromkeys(PEOPLE_TYPE, "12/BC-UBND ngày 05/12") for key in form().rows}
        cells = plain_cells(workspace, "units/u0")
        plain = Path(folder) / "plain"
        plain.mkdir()
        paths = [plain / f"{n}.xlsx" for n in range(count)]
        wrote = timed(lambda: write_all(paths, cells))
        workspace.type_in("units/u0", {"self_assessment": typed})
        filled = plain_cells(workspace, "units/u0")
        write_plain(plain / "filled.xlsx", filled)
        read = timed(lambda: [workspace.read("units/u0") for _ in range(count)])
        loaded = timed(lambda: [openpyxl.load_workbook(plain / "filled.xlsx") for _ in range(count)])
        print(f"{count} workbooks                 ours  openpyxl    ratio   bound")
        for name, ours, peer, bound in (
            ("ensure (fresh)", ensured, wrote, 1.0),
            ("read (filled)", read, loaded, 1.5),
        ):
            ratio = ours / peer
            print(f"{name:<20} {ours / count * 1000:8.1f} ms {peer / count * 1000:7.1f} ms {ratio:7.2f} {bound:7.1f}")
            assert ratio <= bound, name
        print(f"{'ensure (kept)':<20} {kept / count * 1000:8.1f} ms")
        big = review(10_000)
        print(f"{'10,000 x 14 ensure':<20} {timed(lambda: workspace.ensure(big)):8.1f} s")
        print(f"{'10,000 x 14 read':<20} {timed(lambda: workspace.read('appraisal')):8.1f} s")
        print(f"{'10,000 x 14 kept':<20} {timed(lambda: workspace.ensure(big)):8.1f} s")
    print(f"{'peak memory':<20} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


if __name__ == "__main__":
    main()
