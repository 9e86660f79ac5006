"""The board (bảng theo dõi): how far every unit is, line by line, for the office and its leaders to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cchc_sheets.assessment.explanation import Hearing
from cchc_sheets.assessment.progress import Progress
from cchc_sheets.layouts.progress_words import FILL_WORDS, MENDING, UNUSABLE, lacking, state_words
from cchc_sheets.layouts.workbook import Column, Link, Row, RowStyle, Sheet, Tone, Value, slot
from cchc_sheets.vietnamese import day, moment

BOARD_SHEET: Final = "board"
LOOKED: Final = "looked"
"""The slot in which it stands when somebody looked: a board that says nothing else anew need not be written."""

OVERDUE: Final = "Quá hạn, chưa nộp"
DUE: Final = "Đến hạn, chờ thu phiếu"
_TAKEN: Final = "Đã tiếp nhận"
_TAKEN_LACKING: Final = "Đã tiếp nhận, còn thiếu hoặc còn lỗi"
_MOST_CODES: Final = 10

_TONES: Final[Mapping[str, Tone]] = {
    FILL_WORDS["confirmed"]: "good",
    _TAKEN: "good",
    _TAKEN_LACKING: "attention",
    MENDING: "attention",
    FILL_WORDS["complete"]: "attention",
    FILL_WORDS["in_progress"]: "attention",
    FILL_WORDS["blank"]: "bad",
    FILL_WORDS["missing"]: "bad",
    FILL_WORDS["unreadable"]: "bad",
    FILL_WORDS["foreign"]: "bad",
}
"""Every word for a state, from the best to the worst."""


@dataclass(frozen=True)
class BoardContent:
    """What the board shows.

    Attributes:
        title: of the cycle.
        progress: one for each unit, in the order of the roster.
        looked: when it was looked at, in the cycle's time zone: times are shown in it, and it tells whether the general
            `deadline` has passed. The moment itself goes into the slot `LOOKED`.
        places: where each unit's workbook is, by the unit's code: an address of the web, or a path.
        hearings: where each unit is in the explanation round, by its code; empty before there is one.
    """

    title: str
    progress: Sequence[Progress]
    looked: datetime
    deadline: datetime
    places: Mapping[str, str] = field(default_factory=dict)
    hearings: Mapping[str, Hearing] = field(default_factory=dict)


def board_sheets(content: BoardContent) -> tuple[Sheet, ...]:
    """Lay out the board: one sheet, in which nothing is open to anybody."""
    return (
        Sheet(
            key=BOARD_SHEET,
            title="Theo dõi",
            columns=(
                Column("unit", "Đơn vị", 24),
                Column("state", "Tình trạng", 25, tones=_TONES),
                Column("answered", "Đã chấm", 10, "centre"),
                Column("percent", "Tỷ lệ (%)", 8, "number"),
                Column("self_points", "Điểm tự chấm", 9, "number"),
                Column("wrong", "Phải sửa", 9, "number", filled="attention"),
                Column("unproved", "Thiếu tài liệu", 9, "number", filled="attention"),
                Column("edited", "Sửa lần cuối", 18, "centre"),
                Column("deadline", "Thời hạn", 18, "centre"),
                Column("late", "Trễ hạn", 18, "centre", {OVERDUE: "bad"}, filled="attention"),
                Column("explanation", "Giải trình", 28),
                Column("place", "Bảng tính", 31, "link"),
                Column("lacking", "Còn thiếu", 60),
            ),
            banner=tuple(_banner(content)),
            rows=tuple(_row(content, progress) for progress in content.progress),
            paper="A3 landscape",
            filter=True,
        ),
    )


def late_words(progress: Progress) -> str:
    """Say whether a unit is late: nothing is there at its deadline, or what was taken in came after it."""
    if progress.days_late:
        return f"Trễ {progress.days_late} ngày"
    if progress.recorded is not None or not progress.is_late:
        return ""
    return OVERDUE if progress.state == "blank" or progress.state in UNUSABLE else DUE


def hearing_words(hearing: Hearing, now: datetime) -> str:
    """Say where a unit is in the explanation round: what it is asked, what it answered, what is still to be ruled."""
    counts = hearing.counts
    if hearing.until is None:
        return "Không có tiêu chí bị giảm điểm"
    if not hearing.is_over:
        until = _short(hearing.until.astimezone(now.tzinfo))
        if not hearing.is_open(now):
            return f"Hết hạn {until}, chưa đọc được câu trả lời"
        answered = f"Đã trả lời {counts.lowered - len(hearing.unanswered)}/{counts.lowered} tiêu chí"
        incomplete = f" ({len(hearing.incomplete)} chưa đủ)" if hearing.incomplete else ""
        return f"{answered}{incomplete}, hạn {until}"
    answers = {"đồng ý": counts.agreed, "không đồng ý": counts.contested, "không trả lời": counts.silent}
    told = ", ".join(f"{words} {count}" for words, count in answers.items() if count).capitalize()
    if counts.open:
        return f"{told}; chờ kết luận {counts.open}"
    return f"{told}; đã kết luận" if counts.contested else told


def board_state(progress: Progress) -> str:
    """Say where a unit stands: what was taken in counts before what is filled in."""
    if progress.recorded is None:
        return state_words(progress)
    return _TAKEN_LACKING if progress.missing or progress.wrong else _TAKEN


def _banner(content: BoardContent) -> Iterator[Row]:
    is_over = content.looked >= content.deadline
    term = "Đã hết thời hạn tự chấm điểm" if is_over else "Thời hạn tự chấm điểm"
    lines: tuple[tuple[RowStyle, str, str], ...] = (
        ("title", "@title", "BẢNG THEO DÕI TỰ ĐÁNH GIÁ, CHẤM ĐIỂM"),
        ("subtitle", "@subtitle", content.title),
        ("note", "@deadline", f"{term}: {moment(content.deadline)}"),
        ("note", "@looked", f"Tình hình lúc {slot(LOOKED)}; chỉ ghi lại khi có thay đổi."),
        ("total", "@counts", _counts(content.progress)),
        ("note", "@how", "Tệp này do công cụ ghi lại sau mỗi lần chạy; sửa ở đây không có tác dụng."),
    )
    for style, key, words in lines:
        yield Row(key, {"unit": words}, style, spans=True)


def _counts(progress: Sequence[Progress]) -> str:
    """Count the units by state, and those that are late."""
    counted = Counter(map(board_state, progress))
    told = [f"{words}: {counted[words]}" for words in _TONES if counted[words]]
    late = sum(late_words(one) not in {"", DUE} for one in progress)
    told += [f"Trễ hạn: {late}"] if late else []
    return f"Tổng số: {len(progress)} đơn vị. " + "; ".join(told)


def _row(content: BoardContent, progress: Progress) -> Row:
    code, zone = progress.unit.code, content.looked.tzinfo
    place = content.places.get(code, "")
    cells: dict[str, Value] = {
        "unit": progress.unit.name,
        "state": board_state(progress),
        "answered": f"{progress.answered}/{progress.of}",
        "percent": progress.percent,
        "self_points": progress.self_points if progress.answered else "",
        "wrong": len(progress.wrong) or "",
        "unproved": len(progress.unproved) or "",
        "edited": _short(progress.edited.astimezone(zone)) if progress.edited else "",
        "deadline": _short(progress.deadline.astimezone(zone)),
        "late": late_words(progress),
        "explanation": hearing_words(content.hearings[code], content.looked) if code in content.hearings else "",
        "place": Link("Mở phiếu", place) if place.startswith(("https://", "http://")) else place,
        "lacking": "\n".join(_lacking(progress)),
    }
    return Row(f"@{code}", {column: value for column, value in cells.items() if value != ""}, "component")


def _lacking(progress: Progress) -> list[str]:
    """Say what is missing; where there is nothing to read, what the office has to do."""
    if progress.state in UNUSABLE:
        return ["Giao lại phiếu cho đơn vị"]
    if progress.recorded is not None and not (progress.missing or progress.wrong or progress.unproved):
        return []
    return lacking(progress, _MOST_CODES)


def _short(at: datetime) -> str:
    return f"{day(at)} {at:%H:%M}"
