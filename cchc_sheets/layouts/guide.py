"""The guide sheet (hướng dẫn): whose workbook it is, by when, whom to ask, and how to fill it in."""

from __future__ import annotations

from typing import Final

from cchc_sheets.layouts.workbook import Column, Row, Sheet, slot

GUIDE: Final = "guide"

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
    """Lay out the guide; unit, deadline, office and contact are slots."""
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
            Row("@how", {"label": "CÁCH ĐIỀN PHIẾU"}, "field", spans=True),
            *(Row(f"@step-{n}", {"label": label, "value": value}) for n, (label, value) in enumerate(_STEPS)),
        ),
        paper="A4 landscape",
        headings=False,
    )
