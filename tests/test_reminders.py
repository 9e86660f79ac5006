"""Reminders: to each unit that has still to do something one text to paste, and to nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from board_reading import opened
from google_office import COMMUNES, GoogleOffice, on_both, on_google
from hypothesis import given
from hypothesis import strategies as st
from office import Office
from paper_season import play

from cchc_sheets.assessment.explanation import Hearing, RoundCounts
from cchc_sheets.assessment.progress import FillState, Progress
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.reminder_text import (
    LONGEST,
    ReminderWords,
    explanation_reminder_text,
    reminder_text,
    time_left,
)
from cchc_sheets.publication.wording import plain
from cchc_sheets.stages.hearings import hearings_of
from cchc_sheets.stages.progress import look_at_units
from cchc_sheets.stages.reminders import Reminder, reminders_data, reminders_of, write_reminders
from cchc_sheets.stages.season import Season

ZONE = datetime.fromisoformat("2023-12-01T08:00+07:00").tzinfo
DEADLINE = datetime(2023, 12, 10, 17, tzinfo=ZONE)
BEFORE, AFTER = datetime(2023, 12, 8, 8, tzinfo=ZONE), datetime(2023, 12, 11, 8, tzinfo=ZONE)
UNIT = Unit("tay-an", "Xã Tây An", "commune", emails=("tayan@thu.example.gov.vn",))
CODES = tuple(f"1.{number}" for number in range(1, 21))
WORDS = ReminderWords(
    title="Chỉ số cải cách hành chính năm 2023",
    office="Phòng Nội vụ",
    contact="Bộ phận CCHC (điện thoại 0256)",
    now=BEFORE,
    titles={code: f"Tiêu chí số {code}" for code in CODES},
)
LATE = replace(WORDS, now=AFTER)
ONLINE = replace(WORDS, is_online=True)
EARLY = "2023-12-08T08:00"


def one(state: FillState, **changed: object) -> Progress:
    return replace(Progress(UNIT, state, len(CODES), DEADLINE), **changed)  # type: ignore[arg-type]


BEGUN = one("in_progress", answered=18, missing=CODES[:2], wrong=CODES[4:5], unproved=CODES[6:7])


def test_a_reminder_before_the_deadline_says_what_is_missing_until_when_where_and_whom_to_ask() -> None:
    assert reminder_text(BEGUN, WORDS, "tay-an.xlsx") == (
        "Kính gửi: UBND xã Tây An\n"
        "\n"
        "Phòng Nội vụ đề nghị đơn vị hoàn thành phiếu tự đánh giá, chấm điểm (Chỉ số cải cách hành chính năm 2023) "
        "trước 17 giờ 00 ngày 10/12/2023 (còn 2 ngày).\n"
        "Tình trạng phiếu: đang nhập, chưa đủ; đã chấm 18/20 tiêu chí (90%).\n"
        "\n"
        "Nội dung còn thiếu, cần sửa:\n"
        "1. Chưa chấm 02 tiêu chí: 1.1 Tiêu chí số 1.1; 1.2 Tiêu chí số 1.2\n"
        "2. Điểm, số liệu phải sửa 01 tiêu chí: 1.5 Tiêu chí số 1.5\n"
        "3. Thiếu tài liệu kiểm chứng 01 tiêu chí: 1.7 Tiêu chí số 1.7\n"
        "4. Chưa chọn «Đã hoàn thành»\n"
        "\n"
        "Phiếu của đơn vị: tay-an.xlsx\n"
        "Nhập vào các ô nền vàng, lưu tệp rồi gửi lại trước thời hạn.\n"
        "Cần hỗ trợ, xin liên hệ: Bộ phận CCHC (điện thoại 0256).\n"
        "Trân trọng cảm ơn."
    )


def test_on_the_web_nothing_has_to_be_sent_back() -> None:
    told = reminder_text(BEGUN, ONLINE, "https://docs.google.com/spreadsheets/d/x/edit")
    assert "Phiếu của đơn vị: https://docs.google.com/spreadsheets/d/x/edit\n" in told
    assert "không phải gửi lại, phiếu tự khóa khi hết thời hạn" in told
    assert "lưu tệp" not in told


def test_after_the_deadline_it_says_since_when_and_what_to_do_now() -> None:
    blank = one("blank", missing=CODES, is_late=True)
    told = reminder_text(blank, LATE, "tay-an.xlsx")
    assert "đã hết lúc 17 giờ 00 ngày 10/12/2023 (đã quá hạn 1 ngày), nhưng phiếu của đơn vị chưa hoàn thành." in told
    assert "phiếu gửi sau thời hạn được ghi nhận là nộp trễ" in told
    assert "lưu tệp rồi gửi lại ngay." in told
    assert "1. Toàn bộ các tiêu chí\n2. Chưa chọn «Đã hoàn thành»" in told
    assert "đề nghị đơn vị hoàn thành phiếu" not in told
    closed = reminder_text(blank, replace(LATE, is_online=True), "https://x.vn")
    assert "Phiếu đã khóa. Đề nghị đơn vị liên hệ ngay với Phòng Nội vụ để được xem xét mở lại." in closed
    assert "ô nền vàng" not in closed


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("missing", "Hiện chưa có phiếu của đơn vị tại nơi tiếp nhận."),
        ("unreadable", "Không mở được tệp phiếu của đơn vị"),
        ("foreign", "là phiếu của đơn vị khác hoặc của kỳ khác"),
    ],
)
def test_a_unit_without_a_workbook_is_told_so_and_whom_to_ask(state: FillState, words: str) -> None:
    before, after = reminder_text(one(state), WORDS, "tay-an.xlsx"), reminder_text(one(state), LATE)
    assert words in before
    assert words in after
    assert "gửi lại đúng phiếu, hoặc liên hệ Phòng Nội vụ để được giao lại phiếu" in before
    assert "trước 17 giờ 00 ngày 10/12/2023 (còn 2 ngày)." in before
    assert "Thời hạn đã hết lúc 17 giờ 00 ngày 10/12/2023 (đã quá hạn 1 ngày)." in after
    assert "gửi lại đúng phiếu" not in reminder_text(one(state), ONLINE)
    assert all("tiêu chí" not in told and told.endswith("Trân trọng cảm ơn.") for told in (before, after))


@pytest.mark.parametrize(
    "progress",
    [one("confirmed", answered=20), one("in_progress", missing=CODES[:1], recorded=DEADLINE)],
    ids=["ready", "taken in"],
)
def test_who_has_nothing_more_to_do_is_not_reminded(progress: Progress) -> None:
    assert reminder_text(progress, WORDS) == reminder_text(progress, LATE) == ""


def test_a_mistake_in_a_confirmed_workbook_is_reminded_of() -> None:
    told = reminder_text(one("confirmed", answered=20, wrong=CODES[:1]), WORDS)
    assert "Tình trạng phiếu: đã xác nhận, còn lỗi phải sửa" in told
    assert "1. Điểm, số liệu phải sửa 01 tiêu chí: 1.1 Tiêu chí số 1.1\n\n" in told
    assert "Phiếu của đơn vị" not in told


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=2, hours=23), "còn 2 ngày"),
        (timedelta(days=1), "còn 1 ngày"),
        (timedelta(hours=23, minutes=59), "còn 23 giờ"),
        (timedelta(hours=1), "còn 1 giờ"),
        (timedelta(minutes=59), "còn chưa đầy 1 giờ"),
        (timedelta(0), "đã quá hạn 1 ngày"),
        (timedelta(minutes=-1), "đã quá hạn 1 ngày"),
        (timedelta(days=-1), "đã quá hạn 1 ngày"),
        (timedelta(days=-1, seconds=-1), "đã quá hạn 2 ngày"),
    ],
)
def test_time_left_is_rounded_down_and_begun_days_over_count(left: timedelta, words: str) -> None:
    assert time_left(DEADLINE + left, DEADLINE) == words


def test_at_most_twelve_criteria_are_named_with_as_much_of_their_titles_as_there_is_room_for() -> None:
    few = reminder_text(one("in_progress", missing=CODES[:13]), WORDS)
    assert "1.12 Tiêu chí số 1.12 và 1 tiêu chí khác" in few
    long = dict.fromkeys(CODES, "Tỷ lệ hồ sơ giải quyết đúng hạn, trước hạn trên hệ thống " * 3)
    many = reminder_text(one("in_progress", missing=CODES[:13], unproved=CODES), replace(WORDS, titles=long))
    assert "Chưa chấm 13 tiêu chí: 1.1 Tỷ lệ hồ sơ giải quyết…; 1.2" in many
    assert "và 8 tiêu chí khác" in many  # of the twenty without evidence twelve are named
    assert len(many) <= LONGEST


def test_the_explanation_round_asks_for_the_answers_that_are_missing() -> None:
    told = explanation_reminder_text(UNIT, asked("1.10", "1.2"), WORDS, "tay-an.xlsx")
    assert told.splitlines()[:5] == [
        "Kính gửi: UBND xã Tây An",
        "",
        "Kết quả thẩm định (Chỉ số cải cách hành chính năm 2023) có tiêu chí của đơn vị bị giảm điểm mà đơn vị chưa "
        "trả lời xong. Thời hạn giải trình: 17 giờ 00 ngày 10/12/2023 (còn 2 ngày).",
        "",
        "Nội dung còn thiếu, cần sửa:",
    ]
    assert "1. Chưa trả lời 02 tiêu chí: 1.10 Tiêu chí số 1.10; 1.2 Tiêu chí số 1.2" in told
    assert "chọn «Đồng ý», hoặc «Không đồng ý» và giải trình" in told
    assert "gửi lại trước thời hạn" in told
    assert "gửi lại" not in explanation_reminder_text(UNIT, asked("1.2"), ONLINE)
    assert explanation_reminder_text(UNIT, asked(), WORDS) == ""


def test_it_also_asks_for_the_rest_of_an_answer_that_says_too_little() -> None:
    told = explanation_reminder_text(UNIT, replace(asked(), incomplete=("1.10",)), WORDS)
    lacking = "Chưa chọn đúng câu trả lời, hoặc không đồng ý mà chưa giải trình 01 tiêu chí: 1.10 Tiêu chí số 1.10"
    assert f"\n1. {lacking}\n" in told


@pytest.mark.parametrize("hearing", [{"is_over": True}, {"until": BEFORE}, {"until": None}])
def test_nobody_is_asked_for_answers_when_it_is_too_late(hearing: dict[str, Any]) -> None:
    assert explanation_reminder_text(UNIT, replace(asked("1.10"), **hearing), WORDS) == ""


def asked(*codes: str) -> Hearing:
    """A unit that may still answer, and has not answered to these criteria."""
    return Hearing(RoundCounts(), DEADLINE, is_over=False, unanswered=codes)


LINES = st.text(min_size=1, max_size=400)
MANY = st.lists(st.text("0123456789.ABC", min_size=1, max_size=300), max_size=60, unique=True).map(tuple)


@given(
    name=LINES,
    office=LINES,
    contact=LINES,
    title=LINES,
    place=st.text(max_size=600),
    kinds=st.tuples(MANY, MANY, MANY),
    state=st.sampled_from(["missing", "unreadable", "foreign", "blank", "in_progress", "complete", "confirmed"]),
    hours=st.integers(-20_000, 20_000),
    is_online=st.booleans(),
)
def test_whatever_names_are_long_a_reminder_is_short_whole_and_one_message(  # noqa: PLR0913 - one for each word
    *,
    name: str,
    office: str,
    contact: str,
    title: str,
    place: str,
    kinds: tuple[tuple[str, ...], ...],
    state: FillState,
    hours: int,
    is_online: bool,
) -> None:
    missing, wrong, unproved = kinds
    words = ReminderWords(title, office, contact, DEADLINE + timedelta(hours=hours), {}, is_online)
    named = replace(words, titles=dict.fromkeys((*missing, *wrong, *unproved), title))
    unit = Unit("a", name, "commune")
    progress = Progress(unit, state, 80, DEADLINE, 0, missing, wrong, unproved)
    hearing = replace(asked(*missing), incomplete=wrong)
    told = (reminder_text(progress, named, place), explanation_reminder_text(unit, hearing, named, place))
    assert bool(told[0]) is not progress.is_ready
    assert bool(told[1]) is (hours < 0 and bool(missing or wrong))
    for text in filter(None, told):
        assert len(text) <= LONGEST
        assert text.startswith("Kính gửi: UBND ")
        assert text.endswith("\nTrân trọng cảm ơn.")
        assert {category(c) for c in text if c != "\n"}.isdisjoint({"Cc", "Cs", "Co", "Cn"})
        assert "Phiếu của đơn vị" not in text or f"Phiếu của đơn vị: {plain(place)}\n" in text


def write(office: Office, now: str = EARLY, *, dry_run: bool = False) -> Path | None:
    """Look at the units and write the reminders, in a run of its own."""
    with opened(office, now, dry_run=dry_run) as season:
        return write_reminders(season, due(season))


def due(season: Season) -> tuple[Reminder, ...]:
    return reminders_of(season, [look.progress for look in look_at_units(season)], hearings_of(season))


def data(office: Office, now: str) -> list[dict[str, Any]]:
    with opened(office, now) as season:
        return reminders_data(due(season))


def blocks(file: Path) -> Sequence[str]:
    """The blocks of the file below its head."""
    content = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    return content.split("=" * 72 + "\n")[1:]


@pytest.fixture
def begun(provisioned: Office) -> Office:
    """Return an office in which Tây An is ready and Bình Hòa has one score."""
    provisioned.fill_in("tay-an")
    with provisioned.edit("binh-hoa") as hand:
        hand.type("self_assessment", "1.1", self_score=1, evidence="Kế hoạch số 01/KH-UBND")
    return provisioned


@on_both
def test_the_file_holds_a_block_for_each_unit_that_has_to_do_something(begun: Office) -> None:
    file = write(begun)
    assert file == begun.folder / "output" / "reminders.txt"
    binh_hoa, phu_phong = blocks(file)
    assert binh_hoa.splitlines()[:4] == [
        "Xã Bình Hòa",
        f"Gửi: {COMMUNES['binh-hoa']}",
        "",
        "Kính gửi: UBND xã Bình Hòa",
    ]
    assert (
        "1. Chưa chấm 03 tiêu chí: 1.10 Nhiệm vụ hoàn thành; 2.1 Số mô hình; 2.2 Nhận định của Tổ thẩm định" in binh_hoa
    )
    assert "Kính gửi: UBND thị trấn Phú Phong" in phu_phong
    assert "Bộ phận CCHC (điện thoại 0256, thư điện tử noivu@thu.example.gov.vn)" in phu_phong
    if isinstance(begun, GoogleOffice):
        assert f"Phiếu của đơn vị: https://docs.google.com/spreadsheets/d/{begun.id('binh-hoa')}/edit" in binh_hoa
    else:
        assert "Phiếu của đơn vị: binh-hoa.xlsx" in binh_hoa


def test_notepad_can_open_it(begun: Office) -> None:
    file = write(begun)
    assert file is not None
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") > 10


def test_it_is_written_only_if_it_says_something_new(begun: Office) -> None:
    file = write(begun)
    assert file is not None
    before = file.stat().st_mtime_ns, file.stat().st_ino
    assert write(begun, "2023-12-08T08:30") == file  # still «còn 2 ngày»
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before
    write(begun, "2023-12-09T18:00")
    assert all("(còn 23 giờ)" in block for block in blocks(file))


def test_where_nobody_waits_there_is_no_file_and_an_old_one_says_so(filled: Office) -> None:
    file = filled.folder / "output" / "reminders.txt"
    assert write(filled) is None
    assert not file.exists()
    with filled.edit("tay-an") as hand:
        hand.type("self_report", "confirmed", value=None)
    assert write(filled) == file
    assert "1. Chưa chọn «Đã hoàn thành»" in blocks(file)[0]
    with filled.edit("tay-an") as hand:
        hand.type("self_report", "confirmed", value="Đã hoàn thành")
    assert write(filled) is None
    assert file.read_bytes().decode("utf-8-sig") == "Lúc này không phải đôn đốc đơn vị nào.\r\n"


def test_a_dry_run_writes_nothing(begun: Office) -> None:
    assert write(begun, dry_run=True) is None
    assert not (begun.folder / "output" / "reminders.txt").exists()


def test_a_unit_without_an_address_is_named_all_the_same(begun: Office) -> None:
    roster = begun.folder / "units.csv"
    roster.write_text(roster.read_text(encoding="utf-8").replace(COMMUNES["binh-hoa"], ""), encoding="utf-8")
    file = write(begun)
    assert file is not None
    assert blocks(file)[0].splitlines()[1] == "Gửi: (đơn vị chưa có địa chỉ trong units.csv)"


@on_both
def test_programs_get_unit_addresses_and_text(begun: Office) -> None:
    told = data(begun, EARLY)
    assert [(one["unit"], one["to"]) for one in told] == [
        ("binh-hoa", [COMMUNES["binh-hoa"]]),
        ("phu-phong", [COMMUNES["phu-phong"]]),
    ]
    assert all(one["text"].startswith("Kính gửi: UBND ") for one in told)


@on_both
def test_after_the_deadline_only_who_handed_in_nothing_is_reminded(begun: Office) -> None:
    begun.run("collect", now=begun.AFTER)
    (told,) = data(begun, begun.AFTER)
    assert told["unit"] == "phu-phong"
    assert "đã quá hạn 1 ngày" in told["text"]


UNTIL, IN_THE_ROUND, OVER = "2023-12-28T17:00", "2023-12-27T08:00", "2023-12-28T17:00"


@on_both
def test_in_the_explanation_round_who_has_not_answered_is_reminded_until_it_ends(collected: Office) -> None:
    office = play(collected)  # Tây An lowered in 1.10 and 2.2, Bình Hòa in 2.2
    assert data(office, "2023-12-26T08:00") == []
    assert office.run("explain", "--until", UNTIL, now=IN_THE_ROUND).exit_code == 0
    first = {one["unit"]: one["text"] for one in data(office, IN_THE_ROUND)}
    assert first.keys() == {"tay-an", "binh-hoa"}
    assert "02 tiêu chí: 1.10 Nhiệm vụ hoàn thành; 2.2 Nhận định của Tổ thẩm định" in first["tay-an"]
    assert "17 giờ 00 ngày 28/12/2023 (còn 1 ngày)" in first["tay-an"]
    with office.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Đồng ý")
    with office.edit("binh-hoa") as hand:
        hand.type("explanation", "2.2", answer="Không đồng ý", explanation="Đã có báo cáo")
    (told,) = data(office, IN_THE_ROUND)
    assert told["unit"] == "tay-an"
    assert "1. Chưa trả lời 01 tiêu chí: 2.2 Nhận định của Tổ thẩm định" in told["text"]
    assert data(office, OVER) == []


def test_a_unit_whose_workbook_cannot_be_read_in_the_round_is_reminded_of_everything(collected: Office) -> None:
    office = play(collected)
    assert office.run("explain", "--until", UNTIL, now=IN_THE_ROUND).exit_code == 0
    with office.edit("binh-hoa") as hand:
        hand.type("explanation", "2.2", answer="Đồng ý")
    office.file("binh-hoa").unlink()
    told = {one["unit"]: one["text"] for one in data(office, IN_THE_ROUND)}
    assert "1. Chưa trả lời 01 tiêu chí: 2.2" in told["binh-hoa"]
    assert "Phiếu của đơn vị" not in told["binh-hoa"]


@on_google
def test_in_the_round_a_look_at_which_nobody_has_answered_anew_reads_no_workbook(collected: GoogleOffice) -> None:
    office = collected
    play(office)
    assert office.run("explain", "--until", UNTIL, now=IN_THE_ROUND).exit_code == 0
    assert office.run("collect", now=IN_THE_ROUND).exit_code == 0  # as every `sync` does: it remembers what it reads
    office.server.reset_log()
    assert len(data(office, IN_THE_ROUND)) == 2
    assert {record.operation for record in office.server.log} == {"drive.files.list"}
