"""The default templates beside the decision's: title, subject and annexes; their texts are in `paper_texts/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Annex:
    """One annex: its name, the lines of its title, the table in it; `is_turned` lays its pages across.

    `more` is what follows the table, in the words of `paper_texts/`; without `only_if` it is always there.
    """

    name: str
    titles: tuple[str, ...]
    table: str
    is_turned: bool = True
    more: tuple[tuple[str, str], ...] = ()
    only_if: str = ""


@dataclass(frozen=True)
class Template:
    """One default template but the decision's.

    Attributes:
        title: the kind in capitals; "" for a letter, whose `subject` stands under its number.
        first_recipient: the first line of «Nơi nhận».
        is_minutes: it is dated in its text and bears two signatures.
    """

    code: str
    title: str
    subject: tuple[str, ...]
    annexes: tuple[Annex, ...] = ()
    is_addressed: bool = False
    first_recipient: str = ""
    is_minutes: bool = False


def _kps(name: str) -> tuple[tuple[str, str], ...]:
    """Return what explains «KPS» below a table that says so."""
    return (
        ("if", name),
        (
            "text",
            "KPS: đơn vị chọn «Không phát sinh», được tính điểm tối đa hoặc loại khỏi điểm tối đa theo Bộ tiêu chí.",
        ),
        ("end", "if"),
    )


_ADJUSTMENTS: Final = ("ĐIỂM CỘNG, ĐIỂM TRỪ VÀ LÝ DO",)
_OF_UNITS: Final = "{{ units }} năm {{ year }}"
TEMPLATES: Final = (
    Template(
        "plan",
        "KẾ HOẠCH",
        ("Đánh giá, xác định Chỉ số cải cách hành chính", _OF_UNITS),
        (Annex("Phụ lục", ("BỘ TIÊU CHÍ XÁC ĐỊNH CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM {{ year }}",), "criteria_table"),),
    ),
    Template(
        "guidance",
        "",
        ("V/v hướng dẫn tự đánh giá, chấm điểm Chỉ số cải cách hành chính năm {{ year }}",),
        is_addressed=True,
        first_recipient="Như trên",
    ),
    Template(
        "reminder",
        "",
        ("V/v đôn đốc tự đánh giá, chấm điểm Chỉ số cải cách hành chính năm {{ year }}",),
        is_addressed=True,
        first_recipient="Như trên",
    ),
    Template(
        "self-report",
        "BÁO CÁO",
        ("Tự đánh giá, chấm điểm Chỉ số cải cách hành chính", "năm {{ year }} của {{ unit }}"),
        (Annex("Phụ lục", ("BẢNG TỰ CHẤM ĐIỂM VÀ TÀI LIỆU KIỂM CHỨNG NĂM {{ year }}",), "scores_table"),),
        is_addressed=True,
        first_recipient="Như trên",
    ),
    Template(
        "minutes",
        "BIÊN BẢN",
        ("Họp thẩm định kết quả tự đánh giá, chấm điểm", "Chỉ số cải cách hành chính", _OF_UNITS),
        (
            Annex("Phụ lục I", ("KẾT QUẢ THẨM ĐỊNH THEO ĐƠN VỊ",), "unit_table", is_turned=False),
            Annex(
                "Phụ lục II",
                ("CÁC TIÊU CHÍ ĐƯỢC ĐIỀU CHỈNH ĐIỂM{% if unclaimed_count %}, KHÔNG TỰ CHẤM{% endif %} VÀ LÝ DO",),
                "change_table",
                more=_kps("changes_name_kps"),
            ),
            Annex("Phụ lục III", ("GIẢI TRÌNH CỦA ĐƠN VỊ VÀ KẾT LUẬN",), "ruling_table", more=_kps("rulings_name_kps")),
            Annex("Phụ lục IV", _ADJUSTMENTS, "adjustment_table", only_if="adjustment_table"),
        ),
        is_minutes=True,
    ),
    Template(
        "report",
        "BÁO CÁO",
        ("Kết quả đánh giá, xác định Chỉ số cải cách hành chính", _OF_UNITS),
        (
            Annex(
                "Phụ lục I",
                ("KẾT QUẢ CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM {{ year }}",),
                "ranking_table",
                is_turned=False,
                more=(
                    ("if", "previous_year"),
                    ("part", "So sánh với năm {{ previous_year }}"),
                    ("table", "trend_table"),
                    ("end", "if"),
                ),
            ),
            Annex(
                "Phụ lục II",
                ("ĐIỂM TỰ CHẤM, ĐIỂM ĐẠT ĐƯỢC VÀ GIẢI TRÌNH", "CỦA CÁC TIÊU CHÍ ĐƠN VỊ TỰ CHẤM"),
                "unit_table",
                is_turned=False,
            ),
            Annex(
                "Phụ lục III",
                ("KẾT QUẢ ĐIỀU TRA XÃ HỘI HỌC",),
                "survey_table",
                is_turned=False,
                only_if="survey_table",
            ),
            Annex(
                "Phụ lục {{ adjustment_annex }}",
                _ADJUSTMENTS,
                "adjustment_table",
                is_turned=False,
                only_if="adjustment_table",
            ),
        ),
        is_addressed=True,
        first_recipient="Như trên",
    ),
    Template(
        "submission",
        "TỜ TRÌNH",
        ("Về việc phê duyệt kết quả Chỉ số cải cách hành chính", _OF_UNITS),
        is_addressed=True,
        first_recipient="Như trên",
    ),
    Template(
        "announcement",
        "THÔNG BÁO",
        ("Kết quả Chỉ số cải cách hành chính", _OF_UNITS),
        (
            Annex(
                "Phụ lục",
                ("CHỈ SỐ, XẾP HẠNG, XẾP LOẠI", "CẢI CÁCH HÀNH CHÍNH NĂM {{ year }}"),
                "ranking_table",
                is_turned=False,
            ),
        ),
    ),
    Template(
        "notice",
        "THÔNG BÁO",
        ("Kết quả Chỉ số cải cách hành chính năm {{ year }}", "của {{ unit }}"),
        (
            Annex(
                "Phụ lục I",
                ("ĐIỂM TỪNG TIÊU CHÍ CỦA {{ unit|upper }}",),
                "criteria_table",
                more=_kps("criteria_name_kps"),
            ),
            Annex("Phụ lục II", ("CÁC TIÊU CHÍ MẤT ĐIỂM VÀ CÁCH ĐẠT ĐIỂM",), "lost_table"),
        ),
    ),
)
