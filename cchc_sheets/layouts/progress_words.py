"""The words for how far a unit is, the same in its own guide, on the office's board, in reminders and papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cchc_sheets.assessment.progress import FillState, Progress
from cchc_sheets.vietnamese import normal

FILL_WORDS: Final[Mapping[FillState, str]] = {
    "missing": "Chưa có phiếu",
    "unreadable": "Phiếu không mở được",
    "foreign": "Phiếu của đơn vị khác hoặc kỳ khác",
    "blank": "Chưa nhập nội dung nào",
    "in_progress": "Đang nhập, chưa đủ",
    "complete": "Đã đủ, chưa xác nhận hoàn thành",
    "confirmed": "Đã xác nhận hoàn thành",
}
MENDING: Final = "Đã xác nhận, còn lỗi phải sửa"
UNUSABLE: Final = frozenset[FillState]({"missing", "unreadable", "foreign"})
"""The states in which nothing can be said of what is in the workbook."""


def state_words(progress: Progress) -> str:
    """Say where the workbook stands; one that is confirmed but not without mistakes says both."""
    if progress.state == "confirmed" and progress.wrong:
        return MENDING
    return FILL_WORDS[progress.state]


def lacking(progress: Progress, most: int, titles: Mapping[str, str] | None = None) -> list[str]:
    """Say line by line what the unit still has to do.

    Of each kind at most `most` criteria by their codes, with their titles where these are given.
    """
    if progress.state in UNUSABLE:
        return ["Liên hệ cơ quan thường trực để được giao lại phiếu"]
    told = []
    if len(progress.missing) == progress.of:
        told.append("Toàn bộ các tiêu chí")
    elif progress.missing:
        told.append(f"Chưa chấm {listed_codes(progress.missing, most, titles)}")
    if progress.wrong:
        told.append(f"Điểm, số liệu phải sửa {listed_codes(progress.wrong, most, titles)}")
    if progress.unproved:
        told.append(f"Thiếu tài liệu kiểm chứng {listed_codes(progress.unproved, most, titles)}")
    if progress.state != "confirmed":
        told.append("Chưa chọn «Đã hoàn thành»")
    return told


def listed_codes(codes: Sequence[str], most: int, titles: Mapping[str, str] | None = None) -> str:
    """Name criteria by their codes, as offices count: `03 tiêu chí: 1.1, 2.4, 3.10`; with titles `1.1 Kế hoạch; …`.

    Without room for any code (`most` is 0) only their number is told.
    """
    count = f"{len(codes):02d} tiêu chí"
    if not most:
        return count
    known = titles or {}
    shown = ("; " if known else ", ").join(f"{normal(code)} {known.get(code, '')}".strip() for code in codes[:most])
    more = f" và {len(codes) - most} tiêu chí khác" if len(codes) > most else ""
    return f"{count}: {shown}{more}"
