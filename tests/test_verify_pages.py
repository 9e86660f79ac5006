"""An altered page is named as its readers would name the place: unit, criterion, column; the line beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from altered import errors, told_in, verified

from cchc_sheets.messages import speak
from cchc_sheets.publication.file_compare import compare_files


def told_of(site: Path, name: str, old: str, new: str) -> list[str]:
    content = (site / name).read_text(encoding="utf-8")
    assert old in content
    found = content.replace(old, new, 1)
    speak("en")
    try:
        differences = compare_files(name, content.encode(), found.encode())
        return [f"{one.where}: «{one.found}» for «{one.expected}»" for one in differences]
    finally:
        speak("vi")


@pytest.fixture
def site(told: Path) -> Path:
    return told / "output/publication"


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "said"),
    [
        ("units/tay-an.html", "<dd>69,50", "<dd>96,50", "Xã Tây An, Kết quả chung, Chỉ số", "«96,50» for «69,50»"),
        (
            "units/tay-an.html",
            'data-label="Điểm đạt" class="stands short">1,25',
            'data-label="Điểm đạt" class="stands short">2',
            "Xã Tây An, 1.10. Nhiệm vụ hoàn thành, Điểm đạt",
            "«2» for «1,25»",
        ),
        ("index.html", "<b>69,50", "<b>96,50", "Xã Tây An, Chỉ số (%)", "«96,50» for «69,50»"),
        ("method.html", "từ 90% trở lên", "từ 80% trở lên", "Cách tính, Phương pháp và quy tắc áp dụng", "từ 80%"),
    ],
    ids=["index of a unit", "criterion of a unit", "ranking", "rule"],
)
def test_an_altered_figure_of_a_page_is_named_by_unit_and_label(
    site: Path, name: str, old: str, new: str, where: str, said: str
) -> None:
    (told,) = told_of(site, name, old, new)
    assert told.startswith(f"«{where}», line ")
    assert said in told


def test_a_figure_that_is_only_struck_through_or_drawn_otherwise_is_named_too(site: Path) -> None:
    (told,) = told_of(site, "index.html", "<b>69,50</b>", "<b><s>69,50</s></b>")
    assert told.startswith("«Xã Tây An, Chỉ số (%)», line ")
    (told,) = told_of(site, "index.html", '<rect class="filled" width="69.50"', '<rect class="filled" width="96.50"')
    assert told.startswith("«Xã Tây An, Chỉ số (%)», line ")


def test_a_line_put_into_a_page_is_named_and_no_line_after_it(site: Path) -> None:
    (told,) = told_of(site, "units/tay-an.html", "<h1>", "<p>Hạng 1</p>\n<h1>")
    assert "«Hạng 1» for «»" in told


def test_verify_names_page_unit_and_column(told_copy: Path) -> None:
    page = told_copy / "output/publication/index.html"
    page.write_bytes(page.read_bytes().replace(b"<b>69,50", b"<b>96,50"))
    outcome = verified(told_copy)
    assert errors(outcome) == [("figure_altered", "publication/index.html")]
    assert "publication/index.html, «Xã Tây An, Chỉ số (%)», line " in told_in(outcome)
    assert "«96,50» stands where the ledger gives «69,50»" in told_in(outcome)
