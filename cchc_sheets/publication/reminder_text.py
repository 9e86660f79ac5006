"""Reminders (đôn đốc) as plain text: what one unit still has to do and by when, to paste into Zalo or an e-mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cchc_sheets.assessment.appraisal import AGREE
from cchc_sheets.assessment.explanation import DISAGREE, Hearing
from cchc_sheets.assessment.progress import FillState, Progress
from cchc_sheets.assessment.units import Unit
from cchc_sheets.layouts.progress_words import UNUSABLE, lacking, listed_codes, state_words
from cchc_sheets.publication.paper_content import in_text
from cchc_sheets.publication.wording import hour_and_day, plain

LONGEST: Final = 1_500
"""No reminder has more characters: Zalo cuts longer messages."""

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_NAME, _TITLE, _CONTACT, _PLACE = 100, 160, 200, 250  # so many characters of each at most
_ROOM: Final = ((12, 60), (12, 40), (12, 24), (12, 0), (5, 0), (0, 0))
"""How many criteria of each kind are named, and how many characters of their titles: as much as there is room for."""

_WITHOUT_WORKBOOK: Final[Mapping[FillState, str]] = {
    "missing": "Hiện chưa có phiếu của đơn vị tại nơi tiếp nhận.",
    "unreadable": "Không mở được tệp phiếu của đơn vị (tệp hỏng, có mật khẩu hoặc sai định dạng).",
    "foreign": "Tệp ở vị trí phiếu của đơn vị là phiếu của đơn vị khác hoặc của kỳ khác.",
}


@dataclass(frozen=True)
class ReminderWords:
    """What every reminder of a cycle says alike.

    Attributes:
        title: of the cycle; `office` who reminds, `contact` whom to ask.
        now: the moment of the reminder, in the cycle's time zone.
        titles: of the criteria, by code.
        is_online: the workbook is filled in on the web and closes by itself, instead of being sent back.
    """

    title: str
    office: str
    contact: str
    now: datetime
    titles: Mapping[str, str] = field(default_factory=dict)
    is_online: bool = False


def needs_reminder(progress: Progress) -> bool:
    """Whether there is anything to remind a unit of: what was taken in is not open to it any more."""
    return not progress.is_ready and progress.recorded is None


def reminder_text(progress: Progress, words: ReminderWords, place: str = "") -> str:
    """Return the reminder of the self-assessment, at most `LONGEST` characters; empty where none is needed.

    `place` is the address or the file name of the unit's workbook.
    """
    if not needs_reminder(progress):
        return ""
    if progress.state in UNUSABLE:
        return "\n".join((*_without_workbook(progress, words), *_closing(words)))
    opening = (*_opening(progress, words), "", "Nội dung còn thiếu, cần sửa:")
    is_over = words.now >= progress.deadline
    if words.is_online:
        how = () if is_over else ("Nhập vào các ô nền vàng; không phải gửi lại, phiếu tự khóa khi hết thời hạn.",)
    else:
        how = ("Nhập vào các ô nền vàng, lưu tệp rồi gửi lại" + (" ngay." if is_over else " trước thời hạn."),)
    return _fitting(
        opening,
        lambda most, titles: lacking(progress, most, titles),
        (*_workbook(place), *how, *_closing(words)),
        words.titles,
    )


def explanation_reminder_text(unit: Unit, hearing: Hearing, words: ReminderWords, place: str = "") -> str:
    """Return the reminder of the explanation round; empty where the unit has answered to all, or its time is over."""
    if hearing.until is None or not hearing.is_open(words.now) or not (hearing.unanswered or hearing.incomplete):
        return ""
    deadline = hour_and_day(hearing.until.astimezone(words.now.tzinfo))
    opening = (
        _addressed(unit),
        "",
        f"Kết quả thẩm định ({_clipped(words.title, _TITLE)}) có tiêu chí của đơn vị bị giảm điểm mà đơn vị chưa trả "
        f"lời xong. Thời hạn giải trình: {deadline} ({time_left(hearing.until, words.now)}).",
        "",
        "Nội dung còn thiếu, cần sửa:",
    )
    closing = (
        f"Đề nghị đơn vị mở trang «Giải trình» trong phiếu, ở mỗi tiêu chí chọn «{AGREE}», hoặc «{DISAGREE}» và giải "
        "trình, bổ sung tài liệu. Không trả lời đúng hạn thì giữ điểm thẩm định.",
        *_workbook(place),
        *(() if words.is_online else ("Nhập xong, lưu tệp rồi gửi lại trước thời hạn.",)),
        *_closing(words),
    )
    return _fitting(opening, lambda most, titles: _answers_lacking(hearing, most, titles), closing, words.titles)


def _answers_lacking(hearing: Hearing, most: int, titles: Mapping[str, str] | None) -> list[str]:
    told = []
    if hearing.unanswered:
        told.append(f"Chưa trả lời {listed_codes(hearing.unanswered, most, titles)}")
    if hearing.incomplete:
        listed = listed_codes(hearing.incomplete, most, titles)
        told.append(f"Chưa chọn đúng câu trả lời, hoặc không đồng ý mà chưa giải trình {listed}")
    return told


def time_left(deadline: datetime, now: datetime) -> str:
    """Say how much time is left, rounded down, or for how many days, begun ones included, it has been over."""
    left = deadline - now
    if left <= timedelta(0):
        return f"đã quá hạn {max(1, -(left // _DAY))} ngày"
    if left >= _DAY:
        return f"còn {left // _DAY} ngày"
    return f"còn {left // _HOUR} giờ" if left >= _HOUR else "còn chưa đầy 1 giờ"


def _opening(progress: Progress, words: ReminderWords) -> Iterator[str]:
    deadline = hour_and_day(progress.deadline.astimezone(words.now.tzinfo))
    left, title, office = time_left(progress.deadline, words.now), _clipped(words.title, _TITLE), _office(words)
    yield _addressed(progress.unit)
    yield ""
    if words.now < progress.deadline:
        yield f"{office} đề nghị đơn vị hoàn thành phiếu tự đánh giá, chấm điểm ({title}) trước {deadline} ({left})."
    else:
        yield (
            f"Thời hạn tự đánh giá, chấm điểm ({title}) đã hết lúc {deadline} ({left}), nhưng phiếu của đơn vị chưa "
            "hoàn thành."
        )
        if words.is_online:
            yield f"Phiếu đã khóa. Đề nghị đơn vị liên hệ ngay với {office} để được xem xét mở lại."
        else:
            yield "Đề nghị đơn vị hoàn thành và gửi ngay; phiếu gửi sau thời hạn được ghi nhận là nộp trễ."
    state = state_words(progress)
    yield (
        f"Tình trạng phiếu: {state[:1].lower()}{state[1:]}; đã chấm {progress.answered}/{progress.of} tiêu chí "
        f"({progress.percent}%)."
    )


def _without_workbook(progress: Progress, words: ReminderWords) -> Iterator[str]:
    deadline = hour_and_day(progress.deadline.astimezone(words.now.tzinfo))
    left = time_left(progress.deadline, words.now)
    yield _addressed(progress.unit)
    yield ""
    yield f"Về việc tự đánh giá, chấm điểm ({_clipped(words.title, _TITLE)}): {_WITHOUT_WORKBOOK[progress.state]}"
    if words.now < progress.deadline:
        again = "" if words.is_online else "gửi lại đúng phiếu, hoặc "
        yield (
            f"Đề nghị đơn vị {again}liên hệ {_office(words)} để được giao lại phiếu và hoàn thành trước {deadline} "
            f"({left})."
        )
    else:
        yield (
            f"Thời hạn đã hết lúc {deadline} ({left}). Đề nghị đơn vị liên hệ ngay với {_office(words)} để được hướng "
            "dẫn; phiếu gửi sau thời hạn được ghi nhận là nộp trễ."
        )


def _fitting(
    opening: Sequence[str],
    tasks: Callable[[int, Mapping[str, str] | None], list[str]],
    closing: Sequence[str],
    titles: Mapping[str, str],
) -> str:
    """Put a reminder together, with as many criteria named as there is room for."""
    written = ""
    for most, width in _ROOM:
        short = {code: _clipped(title, width) for code, title in titles.items()} if width else None
        numbered = (f"{number}. {line}" for number, line in enumerate(tasks(most, short), start=1))
        written = "\n".join((*opening, *numbered, "", *closing))
        if len(written) <= LONGEST:
            break
    return written


def _closing(words: ReminderWords) -> tuple[str, ...]:
    return f"Cần hỗ trợ, xin liên hệ: {_clipped(words.contact, _CONTACT)}.", "Trân trọng cảm ơn."


def _workbook(place: str) -> tuple[str, ...]:
    """Tell where the workbook is; an address that is too long is left out, never cut."""
    return (f"Phiếu của đơn vị: {plain(place)}",) if place and len(place) <= _PLACE else ()


def _addressed(unit: Unit) -> str:
    return f"Kính gửi: UBND {_clipped(in_text(unit), _NAME)}"


def _office(words: ReminderWords) -> str:
    return _clipped(words.office, _NAME)


def _clipped(text: str, most: int) -> str:
    """Return text from outside in one line, shortened at the end of a word."""
    line = plain(text)
    if len(line) <= most:
        return line
    kept = line[: most - 1].rsplit(" ", 1)[0]
    return f"{kept.rstrip(' ,;:.–-')}…"
