"""`verify before-you-sign.docx`: the chairman's page saved again is known, an altered figure in it is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from altered import TEXT, cell_of, edit, errors, set_words, state, told_in, verified
from told_season import END, run

from cchc_sheets import __version__
from cchc_sheets.messages import speak
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages import verify_sign_off
from cchc_sheets.stages.ruling import rule

PAGE = "before-you-sign.docx"


@pytest.fixture
def folder(told_copy: Path) -> Path:
    return told_copy


@pytest.fixture
def copy(folder: Path) -> Path:
    """Return a copy under another name, as it comes back by mail."""
    return Path(shutil.copy(folder / "output" / PAGE, folder.parent / "trang 3.docx"))


def said_of(outcome: Outcome) -> str:
    speak("vi")
    return "\n".join(map(str, outcome.summary))


def reword(old: str, new: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        piece = next(one for one in document.element.body.iter(TEXT) if old in (one.text or ""))
        piece.text = piece.text.replace(old, new)

    return change


def test_the_page_as_it_was_made_is_known_byte_for_byte(folder: Path, copy: Path) -> None:
    outcome = verified(folder, copy)
    assert outcome.problems == ()
    assert (outcome.data["paper"], outcome.data["intact"]) == ("before-you-sign", True)
    assert "đúng từng byte là văn bản «Trang đọc trước khi ký»" in said_of(outcome)


def test_the_page_saved_again_is_known_and_called_intact(folder: Path, copy: Path) -> None:
    edit(copy, lambda _: None)
    outcome = verified(folder, copy)
    assert outcome.problems == ()
    assert (outcome.data["paper"], outcome.data["intact"]) == ("before-you-sign", True)
    assert state(outcome, copy.name) == "saved_again"
    assert "không số liệu, không chữ nào bị sửa" in said_of(outcome)


def test_a_figure_altered_in_a_table_of_the_page_is_named(folder: Path, copy: Path) -> None:
    edit(copy, lambda d: set_words(cell_of(d, "Hạ điểm", "Phòng Tư pháp"), "6,7%"))
    outcome = verified(folder, copy)
    assert errors(outcome) == [("figure_altered", copy.name)]
    assert "3. Cần xem lại trước khi ký, «Phòng Tư pháp», column «Hạ điểm»: «6,7%» stands" in told_in(outcome)
    assert "the ledger gives «16,7%»" in told_in(outcome)
    assert outcome.data["intact"] is False


def test_a_figure_altered_in_a_sentence_of_the_page_is_named(folder: Path, copy: Path) -> None:
    edit(copy, reword("cả 3 đơn vị giữ nguyên", "cả 2 đơn vị giữ nguyên"))
    outcome = verified(folder, copy)
    assert errors(outcome) == [("figure_altered", copy.name)]
    assert "cả 2 đơn vị giữ nguyên xếp loại" in told_in(outcome)


def test_a_page_whose_digest_was_altered_is_still_known_and_the_digest_named(folder: Path, copy: Path) -> None:
    edit(copy, reword("mã kiểm tra ", "mã kiểm tra 0000"))
    assert errors(verified(folder, copy)) == [("figure_altered", copy.name)]


def test_another_version_of_the_program_is_told_and_no_change(folder: Path, copy: Path) -> None:
    edit(copy, reword(f"cchc-sheets {__version__}.", "cchc-sheets 0.0.9."))
    outcome = verified(folder, copy)
    assert [(one.code, one.severity) for one in outcome.problems] == [("version_unknown", "warning")]
    assert "version 0.0.9 of the program made it, which the ledger does not know" in told_in(outcome)
    assert outcome.data["intact"] is True
    assert "phiên bản 0.0.9" in said_of(outcome)


def test_a_version_that_nobody_used_excuses_no_altered_word(folder: Path, copy: Path) -> None:
    edit(copy, reword(f"cchc-sheets {__version__}.", "cchc-sheets 0.0.9."))
    edit(copy, reword("Không có đơn vị nào đồng hạng", "Có đơn vị đồng hạng"))
    assert errors(verified(folder, copy)) == [("words_altered", copy.name)]


def test_a_page_of_the_version_that_made_the_results_is_intact_after_an_upgrade(
    folder: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_sign_off, "__version__", "9.9.9")
    edit(copy, lambda _: None)
    outcome = verified(folder, copy)
    assert (outcome.problems, outcome.data["intact"]) == ((), True)
    assert f"phiên bản {__version__}" in said_of(outcome)
    edit(copy, reword("Không có đơn vị nào đồng hạng", "Có đơn vị đồng hạng"))
    assert [(one.code, one.severity) for one in verified(folder, copy).problems] == [("words_altered", "warning")]
    edit(copy, lambda d: set_words(cell_of(d, "Lượt chấm", "Phòng Tư pháp"), "7"))
    assert errors(verified(folder, copy)) == [("figure_altered", copy.name)]


def test_the_page_in_its_place_made_by_another_version_is_not_called_altered(folder: Path) -> None:
    edit(folder / "output" / PAGE, reword(f"cchc-sheets {__version__}.", "cchc-sheets 0.0.9."))
    outcome = verified(folder)
    assert [(one.code, one.severity, one.sheet) for one in outcome.problems] == [("version_unknown", "warning", PAGE)]
    assert state(outcome, PAGE) == "saved_again"


def test_a_page_that_was_overtaken_is_told_as_such(folder: Path, copy: Path) -> None:
    run(folder, END, lambda season: rule(season, "tay-an/2.1", points="1", reason="Biên bản số 13"))
    edit(copy, lambda _: None)
    outcome = verified(folder, copy)
    assert [(one.code, one.severity) for one in outcome.problems] == [("overtaken", "warning")]
    assert outcome.data["intact"] is True
