"""`--verbose` tells every event of a run's log in a sentence; nothing is shown in the words that are for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from doctors_office import VIETNAMESE
from google_office import GoogleOffice, on_google
from google_server import Fault, errors
from office import Office

from cchc_sheets.cli.log_words import KINDS, refused, said_of
from cchc_sheets.messages import Text, text
from cchc_sheets.run_log import FACTS, LOGGER, masked
from cchc_sheets.stages.evidence import KIND as LINKS
from cchc_sheets.stages.one_writer import BROKEN
from cchc_sheets.workspace.google_refusal_texts import CODES

ROOT: Final = Path(__file__).parent.parent
NAMES: Final = {"tay-an": "Xã Tây An"}
EXAMPLES: Final[tuple[tuple[str, dict[str, Any], str], ...]] = (
    (
        "start",
        {
            "command": "extend",
            "options": {"until": "2023-12-12T17:00", "reason": "…", "dry_run": True},
            "version": "0.1.0",
            "python": "3.11.7",
            "platform": "win32",
        },
        "bắt đầu lệnh `extend` với until=2023-12-12T17:00 reason=… --dry-run; phiên bản 0.1.0, Python 3.11.7, Windows",
    ),
    ("step", {"what": "making workbooks", "done": 2, "total": 3}, "Tạo phiếu: 2/3"),
    (
        "account",
        {
            "address": "noivu@thu.example.gov.vn",
            "kind": "delegation",
            "scopes": ["https://www.googleapis.com/auth/drive.file"],
        },
        "đăng nhập Google bằng noivu@thu.example.gov.vn (tài khoản dịch vụ thay mặt người dùng); "
        "được phép dùng: các tệp do chương trình này tạo",
    ),
    (
        "request",
        {
            "method": "POST",
            "operation": "v4/spreadsheets/{id}:batchUpdate",
            "kind": "write",
            "file": "1AbC",
            "what": "Xã Tây An",
            "status": 503,
            "ms": 1234,
            "attempt": 2,
            "refused": "unavailable",
        },
        "Google: ghi vào bảng tính (Xã Tây An): dịch vụ của Google đang trục trặc (mã …) [unavailable], lần thử thứ 2, "
        "1,234 giây",
    ),
    ("token", {"status": 200, "ms": 250}, "Google đã gia hạn phiên đăng nhập, 0,25 giây"),
    (
        "wait",
        {"seconds": 62, "reason": "quota", "attempt": 1},
        "chờ 62 giây: đã dùng hết số yêu cầu mỗi phút mà Google cho phép [quota]",
    ),
    (
        "ledger",
        {"number": 12, "kind": "ruling", "subject": "tay-an/1.10"},
        "đã ghi sổ: kết luận của cuộc họp (Xã Tây An, 1.10), bản ghi số 12",
    ),
    (
        "problem",
        {"code": "not_a_number", "severity": "error", "unit": "tay-an", "sheet": "self_assessment", "count": 2},
        "lỗi [not_a_number], 2 lần: Xã Tây An, tự chấm điểm",
    ),
    (
        "error",
        {"code": "date", "what": "{until} is no later deadline", "cause": "ValueError"},
        "không tiếp tục được: … is no later deadline [date, do ValueError]",
    ),
    (
        "crash",
        {"error": "KeyError", "frames": ["cchc_sheets/stages/check.py:9 check", "x.py:7 f"]},
        "lỗi của chương trình: KeyError ở x.py:7 f",
    ),
    ("interrupted", {}, "dừng theo yêu cầu"),
    (
        "end",
        {"status": "needs_attention", "seconds": "1.060", "exit_code": 3},
        "kết thúc sau 1,06 giây: xong, nhưng có việc cần xem (mã kết thúc 3)",
    ),
)
RAW: Final = re.compile(r"drive/v3|v4/|\w+=\w+=|\{\w+\}|\d\.\d+ (giây|s)\b")
"""What is for programs only: paths of requests, facts by their names, places of values, a decimal point."""


SHOWN: Final = re.compile(r"  \d\d:\d\d:\d\d ")
"""How a line of `--verbose` begins."""


def unsaid(err: str) -> list[str]:
    """Return the lines of `--verbose` that are no sentences in Vietnamese."""
    lines = [line for line in err.splitlines() if SHOWN.match(line)]
    return [line for line in lines if RAW.search(line) or not VIETNAMESE.search(line.lower())]


@pytest.mark.parametrize(("event", "facts", "said"), EXAMPLES, ids=[event for event, *_ in EXAMPLES])
def test_an_event_is_said_in_a_sentence(event: str, facts: dict[str, Any], said: str) -> None:
    assert facts.keys() == FACTS[event]
    assert str(said_of(event, facts, NAMES)) == said


def test_every_event_of_the_log_is_among_them() -> None:
    assert {event for event, *_ in EXAMPLES} == FACTS.keys()


@pytest.mark.parametrize(
    ("event", "facts", "said"),
    [
        (
            "start",
            {"command": "sync", "options": {}, "version": "0.1.0", "python": "3.12", "platform": "linux"},
            "bắt đầu lệnh `sync`; phiên bản 0.1.0, Python 3.12, Linux",
        ),
        ("step", {"what": "reading workbooks", "done": 0, "total": 0}, "Đọc phiếu: không có việc gì"),
        (
            "account",
            {"address": "", "kind": "person", "scopes": ()},
            "đăng nhập Google với tư cách người dùng; được phép dùng: không nêu rõ",
        ),
        (
            "request",
            {"method": "PUT", "operation": "v9/new", "kind": "drive", "ms": 7, "attempt": 1},
            "Google: hỏi Google Drive: xong, 0,007 giây",
        ),
        ("token", {"status": 400, "ms": 40}, "Google không gia hạn phiên đăng nhập (mã 400), 0,04 giây"),
        ("wait", {"seconds": 3, "reason": "pace"}, "chờ 3 giây để không hỏi Google quá dày"),
        ("ledger", {"number": 1, "kind": "configuration", "subject": "-"}, "bản ghi số 1"),
        ("ledger", {"number": 5, "kind": "snapshot", "subject": "units/tay-an"}, "(phiếu, Xã Tây An)"),
        ("ledger", {"number": 5, "kind": "appraisal", "subject": "appraisal:noi-vu"}, "(bảng thẩm định, noi-vu)"),
        (
            "ledger",
            {"number": 6, "kind": "paper", "subject": "notice/tay-an"},
            "văn bản (Thông báo kết quả của từng đơn vị, Xã Tây An)",
        ),
        (
            "ledger",
            {"number": 7, "kind": "made", "subject": "papers plan guidance"},
            "lập (Kế hoạch đánh giá",
        ),
        ("problem", {"code": "survey_unknown", "severity": "warning", "count": 1}, "cảnh báo [survey_unknown], 1 lần"),
        ("error", {"code": "busy", "what": "stopped by hand"}, "không tiếp tục được: dừng theo yêu cầu [busy]"),
        ("crash", {"error": "KeyError", "frames": []}, "lỗi của chương trình: KeyError ở ?"),
    ],
)
def test_facts_that_are_not_there_are_not_missed(event: str, facts: dict[str, Any], said: str) -> None:
    assert said in str(said_of(event, facts, NAMES))


@pytest.mark.parametrize("code", [*CODES, "something_new"])
def test_a_refusal_of_google_is_said_without_its_values(code: str) -> None:
    said = str(refused(code))
    assert said.endswith(f"[{code}]")
    assert not RAW.search(said)


def test_a_sentence_without_its_values_keeps_those_that_are_sentences_of_ours() -> None:
    placed = text("{file}: {what}", file="ông A.xlsx", what=text("«{written}» is not a date", written="0912 345 678"))
    assert placed.without_values().said_in("en") == "…: «…» is not a date"
    assert Text("reading workbooks").without_values().said_in("en") == "reading workbooks"


def test_every_kind_of_entry_has_its_words() -> None:
    table = (ROOT / "docs/design.md").read_text(encoding="utf-8").partition("## Ledger kinds")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == KINDS.keys()
    stages = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "cchc_sheets/stages").glob("*.py"))
    recorded = set(re.findall(r"\.record\(\s*\"(\w+)\"", stages)) | {BROKEN, LINKS}
    assert recorded < KINDS.keys()
    assert len(recorded) > 20


def test_verbose_speaks_the_language_that_was_asked_for(office: Office) -> None:
    english = office.run("--lang", "en", "provision", "-v", now=office.BEFORE, as_json=False).err
    assert "Making workbooks: 0 of 3" in english
    assert "Recorded: the cycle's settings and criteria, entry 1" in english
    assert re.search(r"Ended after \d+(\.\d+)? s: done \(exit status 0\)", english)
    vietnamese = office.run("--lang", "vi", "provision", "-v", now=office.BEFORE, as_json=False).err
    assert "Bắt đầu lệnh `provision` với now=2023-" in vietnamese
    assert re.search(r"Kết thúc sau \d+(,\d+)? giây: xong \(mã kết thúc 0\)", vietnamese)
    assert LOGGER.handlers == []


@on_google
def test_what_google_was_asked_is_told_in_words(office: GoogleOffice) -> None:
    office.server.fail(lambda record: record.kind == "drive", Fault.answer(errors.drive_backend(), retry_after=1))
    said = office.run("provision", "-v", now=office.BEFORE, as_json=False).err
    assert "Đăng nhập Google bằng office@example.gov.vn (máy chủ diễn tập trên máy này)" in said
    for asked in ("tìm các tệp của kỳ", "tạo tệp", "ghi vào bảng tính", "cấp quyền với tệp"):
        assert f"Google: {asked}" in said
    assert "[unavailable]" in said
    assert "lần thử thứ 2" in said
    lines = [line for line in said.splitlines() if SHOWN.match(line)]
    assert len(lines) > len(office.server.requests())
    assert unsaid(said) == []
    shown = "".join(lines).replace("office@example.gov.vn", "")
    assert masked(shown) == shown
