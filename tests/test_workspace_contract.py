"""What every workspace promises, whatever it keeps the workbooks in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from google_server import GoogleServer
from google_workspaces import google_workspace

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet, Value, Workbook
from cchc_sheets.workspace.local import LocalWorkspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cchc_sheets.reading import Cell
    from cchc_sheets.workspace.port import Workspace

SCORE = Input(choices=(Decimal(0), Decimal("0.5"), Decimal(1)), refusal="Chỉ chọn trong danh sách")
COLUMNS = (
    Column("code", "Mã", 8, "centre"),
    Column("title", "Tiêu chí", 40),
    Column("max_points", "Điểm tối đa", 9, "number"),
    Column("self_score", "Điểm tự chấm", 9, "number"),
    Column("evidence", "Tài liệu kiểm chứng", 40),
)


def component(code: str, title: str = "Ban hành kế hoạch") -> Row:
    cells: dict[str, Value] = {"code": code, "title": title, "max_points": Decimal("0.1")}
    return Row(code, cells, "component", {"self_score": SCORE, "evidence": Input(length=500)})


def form(*codes: str) -> Sheet:
    banner = (
        Row("", {"code": "PHIẾU TỰ CHẤM ĐIỂM: ⟦unit_name⟧"}, "title", spans=True),
        Row("@total", {"title": "Tổng", "self_score": Formula("=SUM({self_score@*})")}, "total"),
    )
    return Sheet("self_assessment", "Tự chấm điểm", COLUMNS, banner, tuple(component(code) for code in codes))


REPORT = Sheet(
    "self_report",
    "Báo cáo",
    (Column("label", "Mục", 30), Column("value", "Nội dung", 70)),
    (),
    (Row("strengths", {"label": "Ưu điểm"}, inputs={"value": Input()}),),
)
SHEETS = (form("1.1", "1.2", "1.10"), REPORT)


def workbook(*sheets: Sheet, key: str = "units/phu-phong", unit: str = "phu-phong") -> Workbook:
    slots = {"unit_name": "Thị trấn Phú Phong"}
    return Workbook(key, "Phiếu tự chấm điểm", "tay-son-2023", unit, sheets or SHEETS, slots)


@pytest.fixture(params=["local", "google"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    if request.param == "local":
        yield LocalWorkspace(tmp_path / "workspace")
        return
    with GoogleServer() as server:
        yield google_workspace(server, tmp_path)
        assert server.violations == []


def cell(workspace: Workspace, row: str, column: str, sheet: str = "self_assessment") -> Cell | None:
    found = workspace.read("units/phu-phong").sheet(sheet)
    assert found is not None
    return next(line for line in found.rows if line.key == row).cells.get(column)


def test_an_empty_workspace_holds_nothing(workspace: Workspace) -> None:
    assert workspace.present() == {}


def test_a_created_workbook_is_present_and_reads_back_under_its_keys(workspace: Workspace) -> None:
    assert workspace.ensure(workbook()).action == "created"
    reading = workspace.read("units/phu-phong")
    sheet = reading.sheet("self_assessment")
    assert sheet is not None
    assert (sheet.title, sheet.cycle, sheet.unit) == ("Tự chấm điểm", "tay-son-2023", "phu-phong")
    assert list(sheet.columns) == ["code", "title", "max_points", "self_score", "evidence"]
    assert [row.key for row in sheet.rows] == ["@1", "@total", "@headings", "1.1", "1.2", "1.10"]
    assert sheet.rows[0].cells["code"].text == "PHIẾU TỰ CHẤM ĐIỂM: Thị trấn Phú Phong"
    assert sheet.rows[3].cells["max_points"].value == Decimal("0.1")
    assert "self_score" not in sheet.rows[3].cells
    assert reading.strays == ()
    presence = workspace.present()["units/phu-phong"]
    assert presence.version == reading.version
    assert presence.modified == reading.modified
    assert presence.modified.tzinfo is not None
    assert not reading.is_closed


def test_ensuring_twice_changes_nothing(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    before = workspace.present()
    assert workspace.ensure(workbook()).action == "kept"
    assert workspace.present() == before


def test_what_people_typed_is_no_reason_for_a_repair(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    workspace.type_in("units/phu-phong", {"self_assessment": {"1.1": {"self_score": Decimal("0.5")}}})
    assert workspace.ensure(workbook()).action == "kept"


@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.5"),
        Decimal("0.30000000000000004"),
        "0,5",
        "+84 912 345 678",
        "Báo cáo số 12/BC-UBND\nngày 05/12/2023",
        True,
        date(2023, 12, 5),
        datetime(2023, 12, 5, 17, 30),  # noqa: DTZ001 - a cell knows no time zone
        time(7, 30),
    ],
)
def test_a_repair_keeps_typed_values_with_their_types(workspace: Workspace, value: object) -> None:
    workspace.ensure(workbook())
    entries = {"1.1": {"self_score": value, "evidence": value}}
    workspace.type_in("units/phu-phong", {"self_assessment": entries})  # type: ignore[dict-item]
    before = cell(workspace, "1.1", "self_score")
    wider = workbook(form("1.1", "1.2", "1.3", "1.10"), REPORT)
    ensured = workspace.ensure(wider)
    assert ensured.action == "repaired"
    assert ensured.added == (("self_assessment", "1.3"),)
    assert ensured.unplaced == ()
    assert ensured.backup
    assert cell(workspace, "1.1", "self_score") == before
    assert cell(workspace, "1.1", "evidence") == before
    assert workspace.ensure(wider).action == "kept"


def test_a_repair_keeps_typed_formulas(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    formula = '=HYPERLINK("https://example.gov.vn/a","xem")'
    workspace.type_in("units/phu-phong", {"self_assessment": {"1.1": {"evidence": formula}}})
    workspace.ensure(workbook(form("1.1"), REPORT))
    found = cell(workspace, "1.1", "evidence")
    assert found is not None
    assert (found.value, found.formula, found.links) == (None, formula, ("https://example.gov.vn/a",))


def test_text_in_a_row_that_is_gone_is_reported_and_backed_up(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    workspace.type_in("units/phu-phong", {"self_assessment": {"1.2": {"evidence": "Quyết định 5"}}})
    ensured = workspace.ensure(workbook(form("1.1", "1.10"), REPORT))
    assert [(one.row, one.column, one.text) for one in ensured.unplaced] == [("1.2", "evidence", "Quyết định 5")]
    assert ensured.unplaced[0].sheet == "Tự chấm điểm"
    assert ensured.backup


def test_a_value_whose_cell_is_closed_now_is_reported(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    workspace.type_in("units/phu-phong", {"self_assessment": {"1.1": {"evidence": "Công văn 7"}}})
    closed = form("1.1", "1.2", "1.10")
    row = replace(closed.rows[0], inputs={"self_score": SCORE})
    ensured = workspace.ensure(workbook(replace(closed, rows=(row, *closed.rows[1:])), REPORT))
    assert [one.text for one in ensured.unplaced] == ["Công văn 7"]


def test_a_sheet_added_to_the_spec_is_restored(workspace: Workspace) -> None:
    workspace.ensure(workbook(SHEETS[0]))
    workspace.type_in("units/phu-phong", {"self_assessment": {"1.1": {"self_score": Decimal(1)}}})
    ensured = workspace.ensure(workbook())
    assert ensured.restored == ("Báo cáo",)
    assert ensured.added == ()
    found = cell(workspace, "1.1", "self_score")
    assert found is not None
    assert found.value == Decimal(1)


@pytest.mark.parametrize(
    ("stranger", "code", "what"),
    [
        (
            workbook(unit="tay-phu"),
            "other_unit",
            "this is the workbook of phu-phong, not of tay-phu",
        ),
        (
            replace(workbook(), cycle="tay-son-2024"),
            "other_cycle",
            "this is a workbook of the cycle tay-son-2023, not of tay-son-2024",
        ),
    ],
)
def test_a_stranger_is_refused_and_left_alone(workspace: Workspace, stranger: Workbook, code: str, what: str) -> None:
    workspace.ensure(workbook())
    before = workspace.present()
    with pytest.raises(WorkbookUnreadable) as refused:
        workspace.ensure(stranger)
    assert refused.value.code == code
    assert refused.value.what.said_in("en") == what
    assert workspace.present() == before


def test_freezing_and_thawing_twice_is_once(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    for action, expected in ((workspace.freeze, True), (workspace.thaw, False)):
        action(workbook())
        action(workbook())
        assert workspace.read("units/phu-phong").is_closed is expected
    assert workspace.ensure(workbook()).action == "kept"


def test_a_closed_workbook_that_is_repaired_stays_closed(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    workspace.freeze(workbook())
    assert workspace.ensure(workbook(form("1.1"), REPORT)).action == "repaired"
    assert workspace.read("units/phu-phong").is_closed
    assert workspace.ensure(workbook(form("1.1"), REPORT)).action == "kept"


def test_a_workbook_that_was_kept_comes_with_its_reading(workspace: Workspace) -> None:
    assert workspace.ensure(workbook()).reading is None
    assert workspace.ensure(workbook()).reading == workspace.read("units/phu-phong")


def test_a_missing_workbook_is_named(workspace: Workspace) -> None:
    with pytest.raises(WorkbookUnreadable) as refused:
        workspace.read("units/tay-phu")
    assert refused.value.code == "missing"
    assert refused.value.what.said_in("en") == "there is no such workbook"
    assert "tay-phu" in refused.value.where


STATED = replace(
    REPORT, rows=(*REPORT.rows, Row("@state", {"label": "Tình trạng", "value": "Chưa xem"}, told=("value",)))
)


def state(workspace: Workspace) -> object:
    found = cell(workspace, "@state", "value", "self_report")
    return found.value if found else None


def test_what_we_tell_is_written_into_our_cell_and_nothing_else_changes(workspace: Workspace) -> None:
    described = workbook(SHEETS[0], STATED)
    workspace.ensure(described)
    workspace.type_in("units/phu-phong", {"self_report": {"strengths": {"value": "Đúng hạn"}}})
    before = workspace.read("units/phu-phong").sheets
    workspace.write("units/phu-phong", {"self_report": {"@state": {"value": "=1+1 <&> đủ"}}})
    assert state(workspace) == "=1+1 <&> đủ"
    workspace.write("units/phu-phong", {"self_report": {"@state": {"value": "Chưa xem"}}})
    assert workspace.read("units/phu-phong").sheets == before
    assert workspace.ensure(described).action == "kept"


def test_a_closed_workbook_is_told_too_and_stays_closed(workspace: Workspace) -> None:
    described = workbook(SHEETS[0], STATED)
    workspace.ensure(described)
    workspace.freeze(described)
    workspace.write("units/phu-phong", {"self_report": {"@state": {"value": "Đã nhận"}}})
    assert state(workspace) == "Đã nhận"
    assert workspace.read("units/phu-phong").is_closed


def test_what_we_told_outlives_a_repair_and_is_nobodys_lost_text(workspace: Workspace) -> None:
    workspace.ensure(workbook(SHEETS[0], STATED))
    workspace.write("units/phu-phong", {"self_report": {"@state": {"value": "Đã nhận"}}})
    ensured = workspace.ensure(workbook(form("1.1", "1.3"), replace(STATED, title="Báo cáo năm")))
    assert (ensured.action, ensured.unplaced) == ("repaired", ())
    assert state(workspace) == "Đã nhận"


def test_what_is_told_where_no_place_is_left_is_left_out(workspace: Workspace) -> None:
    workspace.ensure(workbook())
    before = workspace.read("units/phu-phong").sheets
    workspace.write("units/phu-phong", {"self_report": {"@state": {"value": "x"}}, "guide": {"@a": {"value": "y"}}})
    assert workspace.read("units/phu-phong").sheets == before


@pytest.mark.parametrize("text", ["=1+1", "+84", "-5", "@a", "'x", '=HYPERLINK("https://x.vn")', "_x0041_"])
def test_text_from_outside_stays_text(workspace: Workspace, text: str) -> None:
    row = component("1.1", text)
    workspace.ensure(workbook(replace(form(), rows=(row,)), REPORT))
    found = cell(workspace, "1.1", "title")
    assert found is not None
    assert (found.value, found.formula) == (text, "")


def test_links_of_the_spec_are_read_back_but_only_safe_ones(workspace: Workspace) -> None:
    for url, links in (("https://x.vn/a?b=1&c=2", ("https://x.vn/a?b=1&c=2",)), ("javascript:alert(1)", ())):
        row = Row("1.1", {"title": Link("Xem", url)})
        workspace.ensure(workbook(replace(form(), rows=(row,)), REPORT))
        found = cell(workspace, "1.1", "title")
        assert found is not None
        assert (found.value, found.links) == ("Xem", links)


def test_the_office_workbook_lies_beside_those_of_the_units(workspace: Workspace) -> None:
    workspace.ensure(workbook(key="appraisal", unit="-"))
    workspace.ensure(workbook())
    assert list(workspace.present()) == ["appraisal", "units/phu-phong"]
    assert workspace.location("appraisal") != workspace.location("units/phu-phong")


LIST_COLUMNS = (Column("unit", "Đơn vị", 24), Column("place", "Bảng tính", 20, "link"), Column("done", "Đã chấm", 9))


def list_of(*units: str, done: str = "0/4", link: str = "https://x.vn/a") -> Workbook:
    """A workbook of the office that takes nothing from anybody."""
    banner = (Row("@title", {"unit": "THEO DÕI ⟦moment⟧"}, "title", spans=True),)
    rows = (Row(f"@{unit}", {"unit": unit, "place": Link("Mở", link), "done": done}) for unit in units)
    sheet = Sheet("board", "Theo dõi", LIST_COLUMNS, banner, tuple(rows), filter=True)
    return Workbook("board", "Bảng theo dõi", "tay-son-2023", "-", (sheet,), {"moment": "lúc 08:00"})


def listed(workspace: Workspace) -> list[list[str]]:
    """What the list says below its headings."""
    (sheet,) = workspace.read("board").sheets
    return [[cell.text for cell in row.cells.values()] for row in sheet.rows[2:]]


def test_a_workbook_that_takes_nothing_is_made_anew_without_a_copy_of_the_old(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert workspace.ensure(list_of("a", "b")).action == "created"
    described = (list_of("a", "b", done="1/4"), list_of("a", "c", "b"), list_of("c", link="https://x.vn/c"))
    for one in described:
        done = workspace.ensure(one)
        assert (done.action, done.added, done.restored, done.unplaced, done.backup) == ("repaired", (), (), (), "")
        assert workspace.ensure(one).action == "kept"
    assert listed(workspace) == [["c", "Mở", "0/4"]]
    assert [path for path in tmp_path.rglob("*") if "backup" in path.parts] == []


def test_a_workbook_that_takes_nothing_is_left_alone_as_long_as_it_says_what_it_should(workspace: Workspace) -> None:
    workspace.ensure(list_of("a", "b"))
    before = workspace.present()
    ensured = workspace.ensure(list_of("a", "b"))
    assert (ensured.action, ensured.reading) == ("kept", workspace.read("board"))
    assert workspace.present() == before


def test_what_is_written_over_a_workbook_that_takes_nothing_goes_again(workspace: Workspace) -> None:
    workspace.ensure(list_of("a", "b"))
    workspace.write("board", {"board": {"@a": {"done": "4/4", "place": "x"}}})
    assert listed(workspace)[0] == ["a", "x", "4/4"]
    ensured = workspace.ensure(list_of("a", "b"))
    assert (ensured.action, ensured.unplaced, ensured.backup) == ("repaired", (), "")
    assert listed(workspace) == [["a", "Mở", "0/4"], ["b", "Mở", "0/4"]]
    (sheet,) = workspace.read("board").sheets
    assert sheet.rows[2].cells["place"].links == ("https://x.vn/a",)
    assert workspace.ensure(list_of("a", "b")).action == "kept"


def test_a_workbook_that_takes_nothing_is_not_put_in_the_place_of_a_stranger(workspace: Workspace) -> None:
    workspace.ensure(replace(list_of("a"), cycle="tay-son-2022"))
    before = workspace.present()
    with pytest.raises(WorkbookUnreadable) as refused:
        workspace.ensure(list_of("a"))
    assert refused.value.code == "other_cycle"
    assert workspace.present() == before
