"""The guide sheet (hướng dẫn): whose workbook it is, by when, whom to ask, how far it is, and how to fill it in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cchc_sheets.assessment.progress import Progress
from cchc_sheets.layouts.progress_words import FILL_WORDS, listed_codes, state_words
from cchc_sheets.layouts.workbook import Column, Row, Sheet, slot
from cchc_sheets.vietnamese import moment, number

GUIDE: Final = "guide"
LOOKED: Final = "@looked"
"""The row that says when the office looked last."""
NOT_LOOKED_YET: Final = "Chưa có"
_MOST_CODES: Final = 15

_STATE_ROWS: Final = {
    "@state": ("Phiếu", FILL_WORDS["blank"]),
    "@answered": ("Đã chấm", NOT_LOOKED_YET),
    "@self-points": ("Tổng điểm tự chấm", NOT_LOOKED_YET),
    "@to-mend": ("Phải sửa", NOT_LOOKED_YET),
    "@unproved": ("Thiếu tài liệu kiểm chứng", NOT_LOOKED_YET),
    "@edited": ("Sửa lần cuối", NOT_LOOKED_YET),
    LOOKED: ("Xem lúc", NOT_LOOKED_YET),
}

_STEPS: Final = (
    (
        "Ô được nhập",
        "Chỉ nhập vào các ô nền vàng. Các ô khác đã khóa để số liệu của các đơn vị tổng hợp được với nhau; "
        "không đổi tên trang, không chèn, xóa hay sắp xếp lại các dòng.",
    ),
    (
        "Điểm tự chấm",
        "Nhập số, dùng dấu phẩy hoặc dấu chấm thập phân (0,5 hoặc 0.5). Ô có danh sách thì chọn trong danh sách. "
        "Không nhập chữ «đ», dấu «%», công thức hay dấu phân cách hàng nghìn. "
        "Không có điểm thì nhập 0, không để trống.",
    ),
    (
        "Tử số, mẫu số",
        "Tiêu chí tính theo tỷ lệ hoặc số lượng: nhập số liệu gốc của năm vào hai cột này, sau đó nhập điểm tự chấm.",
    ),
    (
        "Không phát sinh",
        "Nếu trong năm không phát sinh nội dung của tiêu chí thì chọn «Không phát sinh» (chỉ ở những dòng có ô vàng) "
        "và để trống ô điểm.",
    ),
    (
        "Tài liệu kiểm chứng",
        "Ghi số, ngày, trích yếu văn bản và dán đường dẫn để Tổ thẩm định mở được. Không có tài liệu thì giải thích "
        "ở cột «Ghi chú».",
    ),
    (
        "Cột «Tình trạng»",
        "Tự động cho biết dòng nào còn thiếu hoặc cần sửa; phía trên bảng có tổng điểm và số tiêu chí chưa chấm.",
    ),
    (
        "Khi xong",
        f"Điền trang «Báo cáo tự đánh giá», chọn «Đã hoàn thành» ở dòng cuối{slot('hand_in')} "
        "Nội dung sửa sau thời hạn không được tính.",
    ),
)


def guide_sheet() -> Sheet:
    """Lay out the guide; unit, deadline, office and contact are slots, and what was seen last is told later."""
    facts = (
        ("Đơn vị", slot("unit_name")),
        ("Thời hạn gửi", slot("deadline")),
        ("Cơ quan hướng dẫn", slot("office")),
        ("Liên hệ", slot("contact")),
    )
    return Sheet(
        key=GUIDE,
        title="Hướng dẫn",
        columns=(Column("label", "", 24), Column("value", "", 84)),
        banner=(
            Row("@title", {"label": "PHIẾU TỰ ĐÁNH GIÁ, CHẤM ĐIỂM"}, "title", spans=True),
            Row("@subtitle", {"label": slot("title")}, "subtitle", spans=True),
        ),
        rows=(
            *(Row(f"@fact-{n}", {"label": label, "value": value}, "total") for n, (label, value) in enumerate(facts)),
            Row("@seen", {"label": "TÌNH TRẠNG PHIẾU (công cụ ghi tại lần xem gần nhất)"}, "field", spans=True),
            *(
                Row(key, {"label": label, "value": value}, told=("value",))
                for key, (label, value) in _STATE_ROWS.items()
            ),
            Row("@how", {"label": "CÁCH ĐIỀN PHIẾU"}, "field", spans=True),
            *(Row(f"@step-{n}", {"label": label, "value": value}) for n, (label, value) in enumerate(_STEPS)),
        ),
        paper="A4 landscape",
        headings=False,
    )


def told_at_first() -> dict[str, str]:
    """Return what stands in the rows of the state before anybody has looked, by row key."""
    return {key: value for key, (_, value) in _STATE_ROWS.items()}


def told_of(progress: Progress, looked: datetime) -> Mapping[str, str]:
    """Return what the guide tells its unit after a look at the workbook, by row key; times in the cycle's zone."""
    edited = progress.edited.astimezone(looked.tzinfo) if progress.edited else None
    return {
        "@state": _state(progress, looked),
        "@answered": f"{progress.answered}/{progress.of} tiêu chí ({progress.percent} %)",
        "@self-points": number(progress.self_points),
        "@to-mend": _codes(progress.wrong),
        "@unproved": _codes(progress.unproved),
        "@edited": moment(edited) if edited else NOT_LOOKED_YET if progress.state == "blank" else "Không rõ",
        LOOKED: moment(looked),
    }


def _state(progress: Progress, looked: datetime) -> str:
    if progress.recorded is not None:
        when = f"Đã tiếp nhận lúc {moment(progress.recorded.astimezone(looked.tzinfo))}"
        return f"{when}, trễ {progress.days_late} ngày" if progress.days_late else f"{when}, đúng hạn"
    if progress.is_late:
        return f"Đã quá thời hạn, chưa tiếp nhận được phiếu. {state_words(progress)}"
    return state_words(progress)


def _codes(codes: tuple[str, ...]) -> str:
    return listed_codes(codes, _MOST_CODES) if codes else "Không"
