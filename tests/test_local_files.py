"""What a repair of an .xlsx workbook keeps and reports, and what happens to the files on a disk."""

from __future__ import annotations

import errno
import resource
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import openpyxl
import pytest
from openpyxl.comments import Comment

from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.files import put_in_place, remove_left_overs
from cchc_sheets.layouts.workbook import Column, Formula, Input, Link, Row, Sheet, Workbook
from cchc_sheets.reading import Cell
from cchc_sheets.workspace.local import LocalWorkspace
from cchc_sheets.workspace.xlsx_files import is_frozen

POINTS = Input(choices=(Decimal(0), Decimal("0.5")), prompt="Chọn điểm", refusal="Chỉ chọn trong danh sách")
COLUMNS = (
    Column("code", "Mã", 8, "centre"),
    Column("title", "Tiêu chí", 40),
    Column("count", "Số lượng", 9, "number"),
    Column("self_score", "Điểm tự chấm", 9, "number"),
    Column("answer", "Trả lời", 12, "centre", {"Không": "bad", "Đồng ý": "good"}),
    Column("evidence", "Tài liệu kiểm chứng", 40),
)
INPUTS = {
    "count": Input(number=True, minimum=Decimal(0), maximum=Decimal("99.5"), refusal="Chỉ nhập số"),
    "self_score": POINTS,
    "answer": Input(choices=("Đồng ý", "Không")),
    "evidence": Input(length=500),
}


def sheet(title: str = "Tự chấm điểm", count: int = 3) -> Sheet:
    banner = (
        Row("", {"code": "PHIẾU CỦA ⟦unit_name⟧"}, "title", spans=True),
        Row("@sum", {"title": "Tổng", "self_score": Formula("SUM({self_score@*})")}, "total"),
    )
    rows = tuple(
        Row(f"1.{number}", {"code": f"1.{number}", "title": "⟦unit_name⟧"}, "component", INPUTS)
        for number in range(1, count + 1)
    )
    guide = Row("link", {"title": Link("Hướng dẫn", "https://example.gov.vn/?a=1&b=2")})
    return Sheet("form", title, COLUMNS, banner, (*rows, guide), filter=True)


def workbook(*sheets: Sheet, name: str = "Phú Phong") -> Workbook:
    return Workbook("u", f"Phiếu {name}", "ts-2023", "phu-phong", sheets or (sheet(),), {"unit_name": name})


@pytest.fixture
def workspace(tmp_path: Path) -> LocalWorkspace:
    return LocalWorkspace(tmp_path)


# -- repairs --


def edited(workspace: LocalWorkspace, change: Any) -> None:
    """Change the workbook as somebody with the protection taken off can."""
    path = workspace.location("u")
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def values(workspace: LocalWorkspace) -> dict[tuple[str, str], Cell]:
    found = workspace.read("u").sheet("form")
    assert found is not None
    return {(row.key, column): cell for row in found.rows for column, cell in row.cells.items()}


def test_a_deleted_row_comes_back_and_the_rest_stays(workspace: LocalWorkspace, tmp_path: Path) -> None:
    spec = workbook(replace(sheet(), rows=sheet().rows[:3]))
    workspace.ensure(spec)
    workspace.type_in("u", {"form": {"1.3": {"evidence": "Công văn 9"}}})
    edited(workspace, lambda book: book.worksheets[0].delete_rows(6))
    before = (tmp_path / "u.xlsx").read_bytes()
    ensured = workspace.ensure(spec)
    assert (ensured.action, ensured.added, ensured.unplaced) == ("repaired", (("form", "1.2"),), ())
    assert values(workspace)["1.3", "evidence"] == Cell("Công văn 9")
    assert Path(ensured.backup).read_bytes() == before
    assert Path(ensured.backup).parent == tmp_path / "backup"
    assert list(workspace.present()) == ["u"]


def test_links_notes_percentages_and_errors_survive_a_repair(workspace: LocalWorkspace) -> None:
    workspace.ensure(workbook())

    def change(book: Any) -> None:
        page = book.worksheets[0]
        page["G5"] = "Xem https://b.vn/2"
        page["G5"].hyperlink = "https://a.vn/1"
        page["G6"].comment = Comment("Hỏi lại", "x")
        page["D5"], page["D5"].number_format = 0.125, "0.0%"
        page["D6"] = "#REF!"
        page.delete_rows(7)

    edited(workspace, change)
    before = values(workspace)
    assert workspace.ensure(workbook()).action == "repaired"
    after = values(workspace)
    for place in (("1.1", "evidence"), ("1.2", "evidence"), ("1.1", "count"), ("1.2", "count")):
        assert after[place] == before[place]
    assert after["1.1", "evidence"].links == ("https://a.vn/1", "https://b.vn/2")
    assert after["1.2", "evidence"].note == "Hỏi lại"
    assert after["1.1", "count"] == Cell(Decimal("0.125"), percent=True)


def test_everything_without_a_place_is_reported_with_its_address(workspace: LocalWorkspace) -> None:
    workspace.ensure(workbook())

    def change(book: Any) -> None:
        page = book.worksheets[0]
        page["H5"] = "cột thêm"
        page.insert_rows(6)
        page["G6"] = "dòng thêm"
        page["C5"] = "tiêu đề bị sửa"
        book.create_sheet("Nháp")["B2"] = "trang thêm"
        page.delete_rows(8)

    edited(workspace, change)
    ensured = workspace.ensure(workbook())
    assert {(one.sheet, one.address, one.text) for one in ensured.unplaced} == {
        ("Tự chấm điểm", "H5", "cột thêm"),
        ("Tự chấm điểm", "G6", "dòng thêm"),
        ("Tự chấm điểm", "C5", "tiêu đề bị sửa"),
        ("Nháp", "B2", "trang thêm"),
    }


def test_of_two_rows_with_one_key_and_different_content_none_is_carried(workspace: LocalWorkspace) -> None:
    workspace.ensure(workbook())
    workspace.type_in("u", {"form": {"1.1": {"evidence": "một", "count": Decimal(1)}}})

    def change(book: Any) -> None:
        page = book.worksheets[0]
        for name in "ABCDEFG":
            page[f"{name}7"] = page[f"{name}5"].value
        page["G7"] = "hai"

    edited(workspace, change)
    before = workspace.read("u").version
    with pytest.raises(WorkbookUnreadable, match=r"1\.1") as refused:
        workspace.ensure(workbook())
    assert refused.value.code == "ambiguous"
    words = "the workbook cannot be made anew before a person has put it right: "
    assert refused.value.what.said_in("en").startswith(words)
    assert workspace.read("u").version == before


def test_a_prefilled_value_that_a_person_cleared_stays_cleared(workspace: LocalWorkspace) -> None:
    row = Row("1.1", {"evidence": "Theo mẫu"}, inputs=INPUTS)
    spec = workbook(replace(sheet(), rows=(row, *sheet().rows[1:])))
    workspace.ensure(spec)
    workspace.type_in("u", {"form": {"1.1": {"evidence": ""}}})
    edited(workspace, lambda book: book.worksheets[0].delete_rows(6))
    assert workspace.ensure(spec).action == "repaired"
    assert ("1.1", "evidence") not in values(workspace)


def test_values_survive_a_program_that_forgets_the_locks(workspace: LocalWorkspace) -> None:
    workspace.ensure(workbook())
    workspace.type_in("u", {"form": {"1.1": {"evidence": "giữ"}, "1.3": {"evidence": "mất chỗ"}}})

    def forget(book: Any) -> None:
        for row in book.worksheets[0].iter_rows():
            for cell in row:
                cell.style = "Normal"
        del book.custom_doc_props["cchc-sheets digest"]

    edited(workspace, forget)
    ensured = workspace.ensure(workbook(replace(sheet(), rows=sheet().rows[:2])))
    assert values(workspace)["1.1", "evidence"] == Cell("giữ")
    assert "mất chỗ" in {one.text for one in ensured.unplaced}


# -- the disk --


def test_two_repairs_keep_two_backups(workspace: LocalWorkspace, tmp_path: Path) -> None:
    workspace.ensure(workbook())
    for count in (4, 5):
        workspace.ensure(workbook(sheet(count=count)))
    assert len(list((tmp_path / "backup").iterdir())) == 2


def test_backups_and_traces_of_open_programs_are_no_workbooks(workspace: LocalWorkspace, tmp_path: Path) -> None:
    workspace.ensure(workbook())
    (tmp_path / "backup").mkdir()
    for name in ("backup/u.xlsx", "~$u.xlsx", ".~lock.u.xlsx#", ".u.xlsx.ab.part", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert list(workspace.present()) == ["u"]


@pytest.mark.parametrize("owner", ["~$u.xlsx", ".~lock.u.xlsx#"])
def test_a_workbook_open_elsewhere_is_left_alone(workspace: LocalWorkspace, tmp_path: Path, owner: str) -> None:
    workspace.ensure(workbook())
    before = (tmp_path / "u.xlsx").read_bytes()
    (tmp_path / owner).write_bytes(b"nguyen van a")
    for action in (lambda: workspace.read("u"), lambda: workspace.ensure(workbook(sheet(count=9)))):
        with pytest.raises(WorkbookUnreadable) as refused:
            action()
        assert refused.value.code == "locked"
        assert refused.value.what.said_in("en") == "somebody has the workbook open"
        assert owner in refused.value.fix.said_in("en")
    assert (tmp_path / "u.xlsx").read_bytes() == before


def test_a_workbook_that_another_program_keeps_to_itself_is_told_from_one_that_is_open(
    monkeypatch: pytest.MonkeyPatch, workspace: LocalWorkspace
) -> None:
    workspace.ensure(workbook())

    def kept(_: Path) -> NoReturn:
        raise PermissionError(13, "Permission denied")  # what Windows says of a file that a virus scanner holds

    monkeypatch.setattr(Path, "read_bytes", kept)
    with pytest.raises(WorkbookUnreadable) as refused:
        workspace.read("u")
    assert (refused.value.code, Path(refused.value.where).name) == ("locked", "u.xlsx")
    assert refused.value.what.said_in("en") == "another program keeps the workbook to itself"
    assert "a virus scanner" in refused.value.fix.said_in("en")


def test_a_damaged_workbook_is_left_as_it_is(workspace: LocalWorkspace, tmp_path: Path) -> None:
    (tmp_path / "u.xlsx").write_bytes(b"PK damaged")
    with pytest.raises(WorkbookUnreadable) as refused:
        workspace.ensure(workbook())
    assert refused.value.code == "truncated"
    assert (tmp_path / "u.xlsx").read_bytes() == b"PK damaged"
    assert [path.name for path in tmp_path.iterdir()] == ["u.xlsx"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "workspace").write_text("a file in the way")
    with pytest.raises(WorkbookUnreadable) as refused:
        LocalWorkspace(tmp_path / "workspace").ensure(workbook())
    assert refused.value.code in {"unwritable", "missing"}
    assert "workspace" in refused.value.where


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_leaves_the_old_workbook_and_no_rest(workspace: LocalWorkspace, tmp_path: Path) -> None:
    workspace.ensure(workbook())
    before = (tmp_path / "u.xlsx").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(WorkbookUnreadable) as refused:
            workspace.type_in("u", {"form": {"1.1": {"evidence": "mới"}}})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refused.value.code == "unwritable"
    assert "cannot be written" in refused.value.what.said_in("en")
    assert (tmp_path / "u.xlsx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["u.xlsx"]


def test_what_a_killed_run_left_is_swept_up_and_nothing_else(tmp_path: Path) -> None:
    half = [".a.xlsx.0a1b2c3d.part", "papers/.b.docx.0a1b2c3d.part", ".site.0a1b2c3d.part/index.html"]
    own = ["a.xlsx", ".a.part", "b.part", ".env", "site.old/index.html", ".hidden.old"]
    for name in (*half, *own):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / half[0]).chmod(0o400)
    remove_left_overs(tmp_path)
    left = [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()]
    assert sorted(left) == sorted(own)


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_file_opened_only_to_be_replaced_is_closed_again(tmp_path: Path, is_closed: bool) -> None:
    """On Windows a run can die between opening a read-only file and replacing it."""
    book, half = tmp_path / "a.xlsx", tmp_path / ".a.xlsx.0a1b2c3d.part"
    book.write_bytes(b"as it was")
    half.write_bytes(b"as it was to be")
    half.chmod(0o440 if is_closed else 0o640)
    remove_left_overs(tmp_path)
    assert is_frozen(book) is is_closed
    assert book.read_bytes() == b"as it was"
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_read_only_file_stays_so_where_the_system_replaces_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def as_windows_does(source: Path, target: Path) -> Path:
        if is_frozen(target):
            raise PermissionError(errno.EACCES, "read-only", str(target))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", as_windows_does)
    book = tmp_path / "a.xlsx"
    book.write_bytes(b"as it was")
    book.chmod(0o440)
    put_in_place(book, b"as it is to be")
    assert book.read_bytes() == b"as it is to be"
    assert is_frozen(book)


def test_a_folder_that_a_killed_run_had_moved_aside_goes_back_unless_its_place_is_taken(tmp_path: Path) -> None:
    for name in (".site.0a1b2c3d.old", ".pages.0a1b2c3d.old", "pages"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name, encoding="utf-8")
    remove_left_overs(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"site", "pages"}
    assert (tmp_path / "pages" / "index.html").read_text(encoding="utf-8") == "pages"


def test_nobody_types_into_a_frozen_workbook(workspace: LocalWorkspace) -> None:
    workspace.ensure(workbook())
    workspace.freeze(workbook())
    with pytest.raises(WorkbookUnreadable) as refused:
        workspace.type_in("u", {"form": {"1.1": {"evidence": "muộn"}}})
    assert refused.value.code == "unwritable"
    assert refused.value.what.said_in("en") == "the workbook is closed (read-only)"


def test_thawing_gives_the_file_back_to_those_who_could_write_it(workspace: LocalWorkspace, tmp_path: Path) -> None:
    workspace.ensure(workbook())
    tmp_path.chmod(0o770)
    (tmp_path / "u.xlsx").chmod(0o660)
    workspace.freeze(workbook())
    assert (tmp_path / "u.xlsx").stat().st_mode & 0o777 == 0o440
    workspace.thaw(workbook())
    assert (tmp_path / "u.xlsx").stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize("key", ["../u", "a//b", "/etc/x", "a\\b", "", ".hidden", "c:x"])
def test_a_key_never_leads_out_of_the_folder(workspace: LocalWorkspace, key: str) -> None:
    with pytest.raises(ValueError, match="workbook key"):
        workspace.location(key)


def test_a_review_of_ten_thousand_rows_is_made_and_known_again(workspace: LocalWorkspace) -> None:
    names = [f"c{index}" for index in range(14)]
    columns = tuple(Column(name, name, 12) for name in names)
    inputs = {"c12": POINTS, "c13": Input(length=100)}
    rows = tuple(
        Row(
            str(number),
            {"c0": Link("Xem", f"https://x.vn/{number}"), **dict.fromkeys(names[1:12], "nội dung")},
            inputs=inputs,
        )
        for number in range(10_000)
    )
    big = workbook(Sheet("form", "Thẩm định", columns, (), rows, filter=True))
    workspace.ensure(big)
    assert workspace.ensure(big).action == "kept"
