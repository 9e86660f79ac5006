"""A small cycle and the hands of its people: what an officer types into a workbook, what a clerk runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cchc_sheets.cli import main

CYCLE = """\
schema: 1
id: small-2023
year: 2023
title: Chỉ số cải cách hành chính năm 2023
authority:
  name: Ủy ban nhân dân huyện Thử
  issuer: [ỦY BAN NHÂN DÂN, HUYỆN THỬ]
  decider: CHỦ TỊCH ỦY BAN NHÂN DÂN HUYỆN THỬ
  place: Thử
  symbol: QĐ-UBND
  signer: {title: CHỦ TỊCH, name: Nguyễn Văn A}
office:
  name: Phòng Nội vụ
  head: Trưởng phòng Nội vụ
  contact: {name: Bộ phận CCHC, phone: "0256", email: noivu@thu.example.gov.vn}
departments:
  - {id: noi-vu, name: Phòng Nội vụ}
  - {id: tu-phap, name: Phòng Tư pháp}
calendar:
  provision: 2023-10-25
  self_assessment: 2023-12-10T17:00
  appraisal: 2023-12-25
  decision: 2023-12-31
  publication: 2024-01-31
policies:
  ties: min
  classes:
    - {name: Xuất sắc, from: 90}
    - {name: Tốt, from: 80}
    - {name: Khá, from: 0}
decision:
  subject: phê duyệt kết quả Chỉ số cải cách hành chính các xã năm 2023
  units: các xã trên địa bàn huyện
  legal_bases: [Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015]
  proposal: Trưởng phòng Nội vụ
  implementers: Chánh Văn phòng, Trưởng phòng Nội vụ, Chủ tịch Ủy ban nhân dân các xã
  recipients: [Như Điều 3, "Lưu: VT, NV"]
"""

# 10 points: 7 self-scored (2 + 2 + 1 + 2), 3 survey.
CRITERIA = """\
schema: 1
title: Bộ tiêu chí thử
total_points: 10
survey_points: 3
fields:
  - code: "1"
    title: Chỉ đạo, điều hành
    max_points: 6
    department: noi-vu
    criteria:
      - code: "1.1"
        title: Kế hoạch năm
        max_points: 2
        method: levels
        levels:
          - {points: 2, label: Đúng hạn}
          - {points: 1, label: Chậm}
          - {points: 0, label: Không ban hành}
        evidence: [Kế hoạch]
      - code: "1.10"
        title: Nhiệm vụ hoàn thành
        max_points: 2
        method: ratio
        numerator: Số hoàn thành
        denominator: Số được giao
        floor: 0.5
        not_occurred: exclude
      - code: "1.2"
        title: Khảo sát
        max_points: 2
        method: survey
  - code: "2"
    title: Thể chế
    max_points: 4
    department: tu-phap
    criteria:
      - code: "2.1"
        title: Số mô hình
        max_points: 1
        method: count
        item: mô hình
        per_item: 0.5
      - code: "2.2"
        title: Nhận định của Tổ thẩm định
        max_points: 2
        method: points
        step: 0.25
        not_occurred: full
      - code: "2.3"
        title: Hài lòng
        max_points: 1
        method: survey
adjustments:
  - {code: C.1, title: Khen thưởng, kind: bonus, per_item: 0.5, cap: 1, department: noi-vu}
  - {code: T.1, title: Nộp muộn, kind: penalty, per_item: 0.25, cap: 1, department: noi-vu}
"""

_FURTHER = """\
      - code: "1.3"
        title: Tiêu chí mới
        max_points: 1
        method: points
        step: 0.5
  - code: "2"
"""

UNITS_CSV = """\
code,name,kind,group,ranked,emails
tay-an,Xã Tây An,xã,,yes,tayan@thu.example.gov.vn
binh-hoa,Xã Bình Hòa,xã,,yes,binhhoa@thu.example.gov.vn
phu-phong,Thị trấn Phú Phong,thị trấn,,yes,phuphong@thu.example.gov.vn
"""


def add_criterion(folder: Path) -> None:
    """Add criterion 1.3 of 1 point to the set: 11 points, 7 of them in field 1."""
    file = folder / "criteria.yaml"
    words = file.read_text(encoding="utf-8")
    for old, new in (
        ("total_points: 10", "total_points: 11"),
        ("    max_points: 6\n", "    max_points: 7\n"),
        ('  - code: "2"\n', _FURTHER),
    ):
        assert old in words
        words = words.replace(old, new, 1)
    file.write_text(words, encoding="utf-8")


def small_cycle(folder: Path) -> Path:
    """Write the files of a small cycle into a new folder."""
    folder.mkdir(parents=True)
    (folder / "cycle.yaml").write_text(CYCLE, encoding="utf-8")
    (folder / "criteria.yaml").write_text(CRITERIA, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS_CSV, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Run:
    """What a command did, as its caller sees it."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The envelope that `--json` prints."""
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed

    @property
    def problems(self) -> list[dict[str, Any]]:
        """The problems of the envelope."""
        found: list[dict[str, Any]] = self.json["problems"]
        return found

    def problem(self, code: str) -> dict[str, Any]:
        """Return the one problem with this code."""
        found = [problem for problem in self.problems if problem["code"] == code]
        assert len(found) == 1, (code, self.problems)
        return found[0]

    def codes(self) -> list[str]:
        """Return the codes of all problems."""
        return [problem["code"] for problem in self.problems]


class Office:
    """One cycle folder, the command line, and people at their spreadsheets."""

    UNITS: ClassVar = ("tay-an", "binh-hoa", "phu-phong")
    BEFORE: ClassVar = "2023-12-01T08:00"
    AFTER: ClassVar = "2023-12-11T08:00"

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capfd = capfd

    def run(self, *arguments: str, now: str = AFTER, as_json: bool = True) -> Run:
        """Run one command of the program on the cycle; `now` empty: by the clock of this computer."""
        options = ["--cycle", str(self.folder), *(["--now", now] if now else []), *(["--json"] if as_json else [])]
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*options, *arguments])
        out, err = self._capfd.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return Run(code, out, err)

    def file(self, unit: str) -> Path:
        """Return a commune's workbook."""
        return self.folder / "workspace" / "units" / f"{unit}.xlsx"

    @property
    def review(self) -> Path:
        """The review workbook."""
        return self.folder / "workspace" / "appraisal.xlsx"

    def edit(self, unit: str) -> Hand:
        """Open a commune's workbook to type into it."""
        return Hand(self.file(unit))

    def edit_past_locks(self, unit: str) -> Hand:
        """Open a commune's workbook although it is closed; a file cannot keep anybody out."""
        return self.edit(unit)

    def edit_review(self) -> Hand:
        """Open the review workbook to type into it."""
        return Hand(self.review)

    def delete_review(self) -> None:
        """Delete the review workbook."""
        self.review.unlink()

    def fill_in(self, unit: str, *, past_locks: bool = False, **changed: Mapping[str, Any]) -> None:
        """Fill in a commune's workbook: 2 + 1,5 + 0,5 + 1,25 = 5,25 points unless `changed` (keys `c1_10` etc.)."""
        proof = {"evidence": "Báo cáo số 05/BC-UBND ngày 30/11/2023 https://xa.example.gov.vn/05"}
        rows: dict[str, dict[str, Any]] = {
            "1.1": {"self_score": 2, **proof},
            "1.10": {"numerator": 15, "denominator": 20, "self_score": 1.5, **proof},
            "2.1": {"numerator": 1, "self_score": 0.5, **proof},
            "2.2": {"self_score": 1.25, **proof},
        }
        for name, values in changed.items():
            rows[name.removeprefix("c").replace("_", ".")] |= values
        with self.edit_past_locks(unit) if past_locks else self.edit(unit) as hand:
            for code, values in rows.items():
                hand.type("self_assessment", code, **values)
            hand.type("self_report", "strengths", value="Hoàn thành kế hoạch")
            hand.type("self_report", "confirmed", value="Đã hoàn thành")

    def agree_to_everything(self) -> None:
        """Have both departments agree in every row."""
        with self.edit_review() as hand:
            for sheet in ("appraisal:noi-vu", "appraisal:tu-phap"):
                for key in hand.row_keys(sheet):
                    if "/" in key:
                        hand.type(sheet, key, verdict="Đồng ý")

    def write_survey(self) -> None:
        """Write survey points: 1,8 + 0,9; 1,6 + 0,8; 1,4 + 0,7."""
        lines = ("unit;1.2;2.3", "tay-an;1,8;0,9", "Xã Bình Hoà;1,6;0,8", "phu-phong;1,4;0,7")
        (self.folder / "survey.csv").write_text("\n".join(lines), encoding="utf-8-sig")

    def backup(self) -> Path:
        """Copy the whole folder aside and return the copy."""
        copy = self.folder.with_name(f"{self.folder.name}-copy")
        shutil.copytree(self.folder, copy)
        return copy


class Hand:
    """A person's hand in a workbook: finds cells by the hidden keys, saves when done."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.workbook: Workbook = load_workbook(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.save()

    def save(self) -> None:
        """Save over the file, as Excel does, even where it is read-only."""
        self.file.chmod(0o644)
        self.workbook.save(self.file)

    def sheet(self, key: str) -> Worksheet:
        """Return the worksheet whose stamp carries this key."""
        return next(
            ws for ws in self.workbook.worksheets if str(ws["A1"].value or "").startswith(f"cchc-sheets/1 {key} ")
        )

    def row_keys(self, key: str) -> list[str]:
        """Return the hidden row keys of a sheet, from top to bottom."""
        column = (row[0].value for row in self.sheet(key).iter_rows(min_row=2, max_col=1))
        return [str(value) for value in column if value]

    def row(self, key: str, row_key: str) -> int:
        """Return the number of a row."""
        sheet = self.sheet(key)
        return next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == row_key)

    def column(self, key: str, column_key: str) -> int:
        """Return the number of a column."""
        sheet = self.sheet(key)
        return next(n for n in range(2, sheet.max_column + 1) if sheet.cell(1, n).value == column_key)

    def type(self, sheet_key: str, row_key: str, **values: Any) -> None:
        """Type values into the cells of one row."""
        sheet = self.sheet(sheet_key)
        for column_key, value in values.items():
            cell = sheet.cell(self.row(sheet_key, row_key), self.column(sheet_key, column_key))
            cell.value = value

    def paste(self, sheet_key: str, row_key: str, **values: Any) -> None:
        """Put values into the cells of one row past the rules that would refuse them at the keyboard."""
        self.type(sheet_key, row_key, **values)

    def lose_keys(self, sheet_key: str, *, row_key: str, column_key: str) -> None:
        """Clear the hidden keys of a row and of a column."""
        sheet = self.sheet(sheet_key)
        row, column = self.row(sheet_key, row_key), self.column(sheet_key, column_key)
        sheet.cell(row, 1).value = None
        sheet.cell(1, column).value = None

    def text(self, sheet_key: str, row_key: str, column_key: str, value: str) -> None:
        """Type text that stays text even where it begins like a formula (as after an apostrophe)."""
        cell = self.sheet(sheet_key).cell(self.row(sheet_key, row_key), self.column(sheet_key, column_key))
        cell.value = value
        cell.data_type = "s"

    def links(self, sheet_key: str, row_key: str, column_key: str) -> list[str]:
        """Return the addresses that a click on the cell can open."""
        cell = self.sheet(sheet_key).cell(self.row(sheet_key, row_key), self.column(sheet_key, column_key))
        return [cell.hyperlink.target] if cell.hyperlink is not None and cell.hyperlink.target else []

    def delete_row(self, sheet_key: str, row_key: str) -> None:
        """Delete a row."""
        self.sheet(sheet_key).delete_rows(self.row(sheet_key, row_key))

    def swap(self, sheet_key: str, one: str, other: str) -> None:
        """Exchange two rows as a sort does that leaves the hidden column out."""
        sheet = self.sheet(sheet_key)
        first, second = self.row(sheet_key, one), self.row(sheet_key, other)
        for column in range(2, sheet.max_column + 1):
            a, b = sheet.cell(first, column), sheet.cell(second, column)
            a.value, b.value = b.value, a.value

    def value(self, sheet_key: str, row_key: str, column_key: str) -> Any:
        """Return what stands in a cell."""
        return self.sheet(sheet_key).cell(self.row(sheet_key, row_key), self.column(sheet_key, column_key)).value
