"""The board: how far every unit is, for the office and its leaders; it takes nothing from anybody and fails no run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from board_reading import EARLY, opened, said
from google_office import COMMUNES, LEADER, GoogleHand, GoogleOffice, on_both, on_google
from google_server import Fault, errors
from google_server.clients import OFFICE
from google_server.world import Permission
from office import Hand, Office
from openpyxl import load_workbook

from cchc_sheets.assessment.progress import Progress
from cchc_sheets.errors import Problem
from cchc_sheets.stages.access import wanted_access
from cchc_sheets.stages.board import write_board
from cchc_sheets.stages.progress import look_at_units
from cchc_sheets.stages.season import BOARD
from cchc_sheets.stages.share import share

LATER = "2023-12-05T10:30"


def looked(office: Office, now: str) -> list[Progress]:
    with opened(office, now) as season:
        return [look.progress for look in look_at_units(season)]


def board(office: Office, now: str = EARLY, progress: Sequence[Progress] = ()) -> tuple[Problem, ...]:
    """Write the board in a run of its own."""
    told = progress or looked(office, now)
    with opened(office, now) as season:
        return write_board(season, told, {})


def version(office: Office) -> str:
    with opened(office, EARLY) as season:
        return season.present[BOARD].version


@pytest.fixture
def begun(provisioned: Office) -> Office:
    """Return an office in which Tây An is ready and Bình Hòa has one score, without evidence, and a mistake."""
    provisioned.fill_in("tay-an")
    with provisioned.edit("binh-hoa") as hand:
        hand.type("self_assessment", "1.1", self_score=1)
        hand.paste("self_assessment", "2.1", numerator=1, self_score=7)
    return provisioned


@on_both
def test_the_board_tells_of_every_unit_how_far_it_is(begun: Office) -> None:
    assert board(begun) == ()
    shown = said(begun)
    assert {key: shown["tay-an"].get(key) for key in ("unit", "state", "answered", "percent", "self_points")} == {
        "unit": "Xã Tây An",
        "state": "Đã xác nhận hoàn thành",
        "answered": "4/4",
        "percent": "100",
        "self_points": "5.25",  # 2 + 1,5 + 0,5 + 1,25
    }
    assert "lacking" not in shown["tay-an"]
    assert shown["binh-hoa"]["state"] == "Đang nhập, chưa đủ"
    assert (shown["binh-hoa"]["wrong"], shown["binh-hoa"]["deadline"]) == ("1", "10/12/2023 17:00")
    assert "Điểm, số liệu phải sửa 01 tiêu chí: 2.1" in shown["binh-hoa"]["lacking"]
    assert shown["phu-phong"]["state"] == "Chưa nhập nội dung nào"
    assert shown["phu-phong"]["lacking"] == "Toàn bộ các tiêu chí\nChưa chọn «Đã hoàn thành»"
    assert not {"self_points", "edited", "late", "wrong"} & shown["phu-phong"].keys()
    assert shown["looked"]["unit"] == "Tình hình lúc 09:00 ngày 01/12/2023; chỉ ghi lại khi có thay đổi."
    assert shown["counts"]["unit"] == (
        "Tổng số: 3 đơn vị. Đã xác nhận hoàn thành: 1; Đang nhập, chưa đủ: 1; Chưa nhập nội dung nào: 1"
    )


@on_both
def test_the_board_leads_to_every_workbook(begun: Office) -> None:
    board(begun)
    with opened(begun, EARLY) as season:
        sheet = season.workspace.read(BOARD).sheet("board")
    assert sheet is not None
    places = {row.key: row.cells["place"] for row in sheet.rows if "place" in row.cells}
    if isinstance(begun, GoogleOffice):
        assert places["@tay-an"].links == (f"https://docs.google.com/spreadsheets/d/{begun.id('tay-an')}/edit",)
        assert places["@tay-an"].text == "Mở phiếu"
    else:
        assert places["@tay-an"].text == "workspace/units/tay-an.xlsx"


@on_both
def test_a_look_at_which_nothing_changed_writes_nothing_and_asks_google_once(begun: Office) -> None:
    board(begun)
    before, progress = version(begun), looked(begun, LATER)
    if isinstance(begun, GoogleOffice):
        begun.server.reset_log()
    assert board(begun, LATER, progress) == ()
    if isinstance(begun, GoogleOffice):
        assert Counter(record.operation for record in begun.server.log) == {"drive.files.list": 1}
    assert version(begun) == before
    assert "09:00 ngày 01/12/2023" in said(begun)["looked"]["unit"]


@on_google
def test_making_the_board_takes_five_requests_and_a_change_four(begun: GoogleOffice) -> None:
    first = looked(begun, EARLY)
    begun.server.reset_log()
    board(begun, EARLY, first)
    made = Counter(record.operation for record in begun.server.log)
    begun.fill_in("phu-phong")
    second = looked(begun, LATER)
    begun.server.reset_log()
    board(begun, LATER, second)
    changed = Counter(record.operation for record in begun.server.log)
    listed, written = {"drive.files.list": 2}, {"sheets.spreadsheets.batchUpdate": 1}
    assert made == {**listed, **written, "drive.files.create": 1, "drive.permissions.create": 1}
    assert changed == {**listed, **written, "sheets.spreadsheets.get": 1}


@on_both
def test_a_change_is_shown_with_the_moment_at_which_it_was_seen_and_no_copy_is_kept(begun: Office) -> None:
    board(begun)
    begun.fill_in("phu-phong")
    assert board(begun, LATER) == ()
    shown = said(begun)
    assert shown["phu-phong"]["state"] == "Đã xác nhận hoàn thành"
    assert "10:30 ngày 05/12/2023" in shown["looked"]["unit"]
    assert not [path for path in begun.folder.rglob("*") if "backup" in path.parts]


@on_both
def test_what_somebody_wrote_over_the_board_goes_again_and_the_moment_stays(begun: Office) -> None:
    board(begun)
    progress = looked(begun, LATER)
    with board_hand(begun) as hand:
        hand.type("board", "@phu-phong", state="Đã xác nhận hoàn thành")
    assert said(begun)["phu-phong"]["state"] == "Đã xác nhận hoàn thành"
    assert board(begun, LATER, progress) == ()
    assert said(begun)["phu-phong"]["state"] == "Chưa nhập nội dung nào"
    assert "09:00 ngày 01/12/2023" in said(begun)["looked"]["unit"]
    before = version(begun)
    board(begun, LATER, progress)
    assert version(begun) == before


def board_hand(office: Office) -> Hand:
    """The office's hand on the board."""
    if isinstance(office, GoogleOffice):
        return GoogleHand(office, office.drive_file(BOARD).id, OFFICE)
    return Hand(office.folder / "workspace" / "board.xlsx")


@on_google
def test_a_board_that_has_lost_its_stamp_is_made_again_for_nobody_typed_into_it(begun: GoogleOffice) -> None:
    board(begun)
    file = begun.drive_file(BOARD).id
    begun.person().clear(file, "Theo dõi", "A1")
    assert board(begun, LATER) == ()
    assert said(begun)["tay-an"]["state"] == "Đã xác nhận hoàn thành"
    assert begun.drive_file(BOARD).id == file


def test_a_board_open_in_excel_is_one_warning_and_written_when_it_is_closed(begun: Office) -> None:
    board(begun)
    file, progress = begun.folder / "workspace" / "board.xlsx", looked(begun, LATER)
    before = file.read_bytes()
    trace = file.with_name("~$board.xlsx")
    trace.write_bytes(b"")
    begun.fill_in("phu-phong")
    (problem,) = board(begun, LATER)
    assert (problem.code, problem.severity, problem.unit) == ("locked", "warning", None)
    assert "somebody has the workbook open" in problem.what.said_in("en")
    assert "board.xlsx" in problem.what.said_in("en")
    assert "~$board.xlsx" in problem.fix.said_in("en")
    assert file.read_bytes() == before
    trace.unlink()
    assert board(begun, LATER) == ()
    assert board(begun, LATER, progress) == ()  # and back to what was seen before
    assert said(begun)["phu-phong"]["state"] == "Chưa nhập nội dung nào"


def test_a_file_of_somebody_else_in_its_place_is_a_warning_and_stays(begun: Office) -> None:
    file = begun.folder / "workspace" / "board.xlsx"
    file.write_bytes(b"Danh sach rieng")
    (problem,) = board(begun)
    assert (problem.code, problem.severity) == ("not_a_workbook", "warning")
    assert file.read_bytes() == b"Danh sach rieng"


@on_google
def test_a_refusal_by_google_fails_no_run(begun: GoogleOffice) -> None:
    progress = looked(begun, EARLY)
    begun.server.fail(("POST", "/files$"), Fault.answer(errors.user_full()), times=9)
    (problem,) = board(begun, EARLY, progress)
    assert problem.severity == "warning"
    assert "the board could not be written" in problem.what.said_in("en")
    assert problem.fix.said_in("en")


@on_google
def test_leaders_read_the_board_and_nobody_else(begun: GoogleOffice) -> None:
    assert board(begun) == ()
    assert people(begun) == {LEADER: "reader"}
    with opened(begun, EARLY) as season:
        assert wanted_access(season)[BOARD] == {LEADER: "reader"}
        assert share(season, check=True).problems == ()


@on_google
def test_a_commune_let_in_by_hand_is_told_and_a_new_leader_gets_in_without_any_other_change(
    begun: GoogleOffice,
) -> None:
    board(begun)
    progress, commune = looked(begun, EARLY), COMMUNES["tay-an"]
    stranger = Permission("user", "reader", commune)
    begun.drive_file(BOARD).permissions[stranger.id] = stranger
    with opened(begun, EARLY) as season:
        (problem,) = share(season, check=True).problems
        assert (problem.code, problem.row, problem.unit) == ("access_foreign", commune, None)
    begun.server.world.add_user("bithu@thu.example.gov.vn")
    settings = begun.folder / "cycle.yaml"
    content = settings.read_text(encoding="utf-8")
    settings.write_text(content.replace(LEADER, f"{LEADER}; bithu@thu.example.gov.vn"), encoding="utf-8")
    assert board(begun, LATER, progress) == ()
    assert people(begun)["bithu@thu.example.gov.vn"] == "reader"


@on_google
def test_a_leader_whom_google_refuses_is_a_warning(begun: GoogleOffice) -> None:
    begun.server.world.add_user(LEADER, has_google_account=False)
    (problem,) = board(begun)
    assert (problem.code, problem.row, problem.severity) == ("no_google_account", LEADER, "warning")


def people(office: GoogleOffice) -> dict[str, str]:
    given = office.drive_file(BOARD).permissions.values()
    return {permission.target: permission.role for permission in given if permission.role != "owner"}


@on_both
def test_a_dry_run_makes_no_board(begun: Office) -> None:
    progress = looked(begun, EARLY)
    with opened(begun, EARLY, dry_run=True) as season:
        assert write_board(season, progress, {}) == ()
        assert BOARD not in season.look_again()


@on_both
@pytest.mark.parametrize("name", ["=1+1", "+84 912", "@SUM(A1)", '=HYPERLINK("https://x.vn")', "-5", "Xã 'A' & <B>"])
def test_a_name_that_looks_like_a_formula_stays_a_name(begun: Office, name: str) -> None:
    progress = looked(begun, EARLY)
    changed = [replace(one, unit=replace(one.unit, name=name)) for one in progress]
    assert board(begun, EARLY, changed) == ()
    with opened(begun, EARLY) as season:
        sheet = season.workspace.read(BOARD).sheet("board")
    assert sheet is not None
    cells = [row.cells["unit"] for row in sheet.rows if row.key == "@tay-an"]
    assert [(cell.value, cell.formula) for cell in cells] == [(name, "")]


def test_the_same_look_makes_the_same_file_wherever_the_cycle_lies(make_office: Callable[[str], Office]) -> None:
    offices = [make_office("one"), make_office("two")]
    files = []
    for office in offices:
        assert office.run("provision", now=EARLY).exit_code == 0
        board(office)
        files.append((office.folder / "workspace" / "board.xlsx").read_bytes())
    assert files[0] == files[1]


def test_nothing_is_open_on_the_sheet(begun: Office) -> None:
    board(begun)
    sheet = load_workbook(begun.folder / "workspace" / "board.xlsx").worksheets[0]
    assert sheet.protection.sheet
    assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)
    assert sheet.auto_filter.ref is not None
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)


@on_both
def test_after_the_deadline_it_tells_who_was_taken_in_who_was_late_and_who_is_missing(begun: Office) -> None:
    assert begun.run("collect", now=begun.AFTER).exit_code == 3
    begun.fill_in("phu-phong", past_locks=True)
    board(begun, begun.AFTER)
    shown = said(begun)
    assert shown["deadline"]["unit"] == "Đã hết thời hạn tự chấm điểm: 17:00 ngày 10/12/2023"
    assert shown["tay-an"]["state"] == "Đã tiếp nhận"
    assert "lacking" not in shown["tay-an"]
    assert shown["binh-hoa"]["state"] == "Đã tiếp nhận, còn thiếu hoặc còn lỗi"
    assert shown["phu-phong"]["late"] == "Đến hạn, chờ thu phiếu"
    begun.run("collect", now="2023-12-12T08:00")
    board(begun, "2023-12-12T08:00")
    shown = said(begun)
    assert (shown["phu-phong"]["state"], shown["phu-phong"]["late"]) == ("Đã tiếp nhận", "Trễ 2 ngày")
    assert shown["counts"]["unit"].endswith("Trễ hạn: 1")


def test_the_units_stand_in_the_order_of_the_roster(begun: Office) -> None:
    board(begun)
    assert [key for key in said(begun) if key in begun.UNITS] == list(begun.UNITS)
