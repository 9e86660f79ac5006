"""What the board shows: the words for every state, what is missing, the figures, the links."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from cchc_sheets.assessment.explanation import Hearing, RoundCounts
from cchc_sheets.assessment.progress import FillState, Progress
from cchc_sheets.assessment.units import Unit
from cchc_sheets.layouts.board import LOOKED, BoardContent, board_sheets, hearing_words
from cchc_sheets.layouts.workbook import Link, Row, Workbook
from cchc_sheets.stages.season import BOARD
from cchc_sheets.vietnamese import moment

ZONE = datetime.fromisoformat("2023-12-01T08:00+07:00").tzinfo
DEADLINE = datetime(2023, 12, 10, 17, tzinfo=ZONE)
NOW = datetime(2023, 12, 8, 8, tzinfo=ZONE)
CODES = tuple(f"1.{number}" for number in range(1, 21))


def one(state: FillState, **changed: object) -> Progress:
    unit = Unit("tay-an", "Xã Tây An", "commune")
    return replace(Progress(unit, state, len(CODES), DEADLINE), **changed)  # type: ignore[arg-type]


def line(progress: Progress, now: datetime = NOW, place: str = "") -> Row:
    """The line of the board for one unit."""
    content = BoardContent("Kỳ 2023", [progress], now, DEADLINE, {"tay-an": place})
    (sheet,) = board_sheets(content)
    (row,) = sheet.rows
    return row


TAKEN = {"recorded": DEADLINE, "answered": 20}


@pytest.mark.parametrize(
    ("progress", "state", "tone"),
    [
        (one("missing"), "Chưa có phiếu", "bad"),
        (one("unreadable"), "Phiếu không mở được", "bad"),
        (one("foreign"), "Phiếu của đơn vị khác hoặc kỳ khác", "bad"),
        (one("blank", missing=CODES), "Chưa nhập nội dung nào", "bad"),
        (one("in_progress", missing=CODES[:3], answered=17), "Đang nhập, chưa đủ", "attention"),
        (one("complete", answered=20), "Đã đủ, chưa xác nhận hoàn thành", "attention"),
        (one("confirmed", answered=20), "Đã xác nhận hoàn thành", "good"),
        (one("confirmed", answered=20, wrong=CODES[:1]), "Đã xác nhận, còn lỗi phải sửa", "attention"),
        (one("confirmed", **TAKEN), "Đã tiếp nhận", "good"),
        (one("complete", **TAKEN), "Đã tiếp nhận", "good"),
        (one("in_progress", recorded=DEADLINE, missing=CODES[:1]), "Đã tiếp nhận, còn thiếu hoặc còn lỗi", "attention"),
        (one("confirmed", **TAKEN, wrong=CODES[:1]), "Đã tiếp nhận, còn thiếu hoặc còn lỗi", "attention"),
    ],
)
def test_every_state_has_its_words_and_its_colour(progress: Progress, state: str, tone: str) -> None:
    (sheet,) = board_sheets(BoardContent("Kỳ 2023", [progress], NOW, DEADLINE))
    tones = next(column.tones for column in sheet.columns if column.key == "state")
    assert (sheet.rows[0].cells["state"], tones[state]) == (state, tone)
    counts = next(row for row in sheet.banner if row.key == "@counts")
    assert counts.cells["unit"] == f"Tổng số: 1 đơn vị. {state}: 1"


@pytest.mark.parametrize(
    ("progress", "late"),
    [
        (one("in_progress"), None),
        (one("blank", is_late=True), "Quá hạn, chưa nộp"),
        (one("missing", is_late=True), "Quá hạn, chưa nộp"),
        (one("foreign", is_late=True), "Quá hạn, chưa nộp"),
        (one("in_progress", is_late=True), "Đến hạn, chờ thu phiếu"),
        (one("confirmed", recorded=DEADLINE), None),
        (one("confirmed", recorded=DEADLINE, is_late=True, days_late=2), "Trễ 2 ngày"),
    ],
)
def test_every_way_of_being_late_has_its_words(progress: Progress, late: str | None) -> None:
    assert line(progress).cells.get("late") == late


ASKED = RoundCounts(lowered=6, silent=6)


@pytest.mark.parametrize(
    ("hearing", "words"),
    [
        (Hearing(RoundCounts(), None, is_over=False), "Không có tiêu chí bị giảm điểm"),
        # 10:30 in Greenwich is 17:30 in Việt Nam.
        (
            Hearing(ASKED, datetime.fromisoformat("2023-12-28T10:30:00+00:00"), is_over=False, unanswered=CODES[:4]),
            "Đã trả lời 2/6 tiêu chí, hạn 28/12/2023 17:30",
        ),
        (
            Hearing(ASKED, DEADLINE, is_over=False, unanswered=CODES[:4], incomplete=CODES[4:5]),
            "Đã trả lời 2/6 tiêu chí (1 chưa đủ), hạn 10/12/2023 17:00",
        ),
        (Hearing(ASKED, NOW, is_over=False), "Hết hạn 08/12/2023 08:00, chưa đọc được câu trả lời"),
        (Hearing(ASKED, DEADLINE, is_over=True), "Không trả lời 6"),
        (Hearing(RoundCounts(lowered=2, agreed=2), DEADLINE, is_over=True), "Đồng ý 2"),
        (
            Hearing(RoundCounts(6, agreed=1, silent=2, contested=3, upheld=1, open=2), DEADLINE, is_over=True),
            "Đồng ý 1, không đồng ý 3, không trả lời 2; chờ kết luận 2",
        ),
        (
            Hearing(RoundCounts(3, contested=3, upheld=1, changed=2), DEADLINE, is_over=True),
            "Không đồng ý 3; đã kết luận",
        ),
    ],
)
def test_every_turn_of_the_explanation_round_has_its_words(hearing: Hearing, words: str) -> None:
    assert hearing_words(hearing, NOW) == words
    content = BoardContent("Kỳ 2023", [one("confirmed", **TAKEN)], NOW, DEADLINE, hearings={"tay-an": hearing})
    assert board_sheets(content)[0].rows[0].cells["explanation"] == words
    assert "explanation" not in line(one("confirmed", **TAKEN)).cells


def test_at_most_ten_criteria_of_a_kind_are_named() -> None:
    told = str(line(one("in_progress", missing=CODES[:13], wrong=CODES[13:14], unproved=CODES[:10])).cells["lacking"])
    assert told.splitlines() == [
        "Chưa chấm 13 tiêu chí: 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 1.10 và 3 tiêu chí khác",
        "Điểm, số liệu phải sửa 01 tiêu chí: 1.14",
        "Thiếu tài liệu kiểm chứng 10 tiêu chí: 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 1.10",
        "Chưa chọn «Đã hoàn thành»",
    ]


def test_figures_that_say_nothing_are_left_out_and_times_are_those_of_the_cycle() -> None:
    edited = datetime.fromisoformat("2023-12-07T20:05:00+00:00")  # 03:05 the next day in Việt Nam
    cells = line(one("in_progress", answered=7, missing=CODES[7:], self_points=Decimal("3.5"), edited=edited)).cells
    assert (cells["answered"], cells["percent"], cells["self_points"]) == ("7/20", 35, Decimal("3.5"))
    assert cells["edited"] == "08/12/2023 03:05"
    assert not {"wrong", "unproved", "late", "place"} & cells.keys()
    assert "self_points" not in line(one("blank", missing=CODES)).cells


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (
            "https://docs.google.com/spreadsheets/d/x/edit",
            Link("Mở phiếu", "https://docs.google.com/spreadsheets/d/x/edit"),
        ),
        ("workspace/units/tay-an.xlsx", "workspace/units/tay-an.xlsx"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_an_address_is_a_link_and_a_path_is_text(place: str, shown: object) -> None:
    assert line(one("blank"), place=place).cells["place"] == shown


def test_the_moment_alone_changes_nothing_that_is_compared() -> None:
    def described(now: datetime) -> Workbook:
        sheets = board_sheets(BoardContent("Kỳ 2023", [one("blank")], now, DEADLINE))
        return Workbook(BOARD, "Theo dõi", "ky-2023", "-", sheets)

    assert described(NOW).is_for_reading
    assert described(NOW).digest() == described(NOW.replace(hour=9)).digest()
    assert described(NOW).digest() != described(DEADLINE).digest()  # the deadline has passed then
    filled = replace(described(NOW), slots={LOOKED: moment(NOW)})
    assert filled.digest() != replace(filled, slots={LOOKED: moment(DEADLINE)}).digest()
