"""`verify FILE.docx`: a signed copy is known again, and a single figure altered in it is named."""

from __future__ import annotations

import copy
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from altered import TEXT, cell_of, edit, errors, set_words, told_in, verified
from told_season import END, run

from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import CchcError
from cchc_sheets.stages.finalise import finalise
from cchc_sheets.stages.ruling import rule


@pytest.fixture
def folder(told_copy: Path) -> Path:
    return told_copy


def sign(document: Any) -> None:
    """Fill number and date in, as the office does before it is signed."""
    for piece in document.element.body.iter(TEXT):
        words = piece.text or ""
        piece.text = words.replace("Số:        /", "Số: 05/").replace(
            "ngày      tháng      năm", "ngày 29 tháng 12 năm"
        )


@pytest.fixture
def signed(folder: Path) -> Iterator[Path]:
    file = folder.parent / "QD da ky.docx"
    shutil.copy(folder / "output/decision.docx", file)
    edit(file, sign)
    yield file
    file.unlink()


def test_a_signed_copy_is_known_and_what_was_filled_in_is_told(folder: Path, signed: Path) -> None:
    outcome = verified(folder, signed)
    assert outcome.problems == ()
    assert (outcome.data["paper"], outcome.data["intact"]) == ("decision", True)
    assert {one["words"] for one in outcome.data["filled"]} == {"05", "29", "12"}


def test_one_figure_altered_in_a_signed_copy_is_named(folder: Path, signed: Path) -> None:
    edit(signed, lambda d: set_words(cell_of(d, "Chỉ số (%)", "Xã Tây An"), "96,50"))
    outcome = verified(folder, signed)
    assert errors(outcome) == [("figure_altered", signed.name)]
    assert "«96,50» stands where the ledger gives «69,50»" in told_in(outcome)
    assert outcome.data["intact"] is False


@pytest.fixture
def reworded(folder: Path) -> Path:
    """The folder of the cycle after the office has added a sentence to its template of the decision."""
    (folder / "templates").mkdir()
    template = Path(shutil.copy(papers_folder() / "decision.docx", folder / "templates/decision.docx"))
    edit(template, lambda d: d.add_paragraph("Quyết định này được công bố trên cổng thông tin."))
    return folder


@pytest.mark.parametrize(
    ("column", "words"), [("Xếp loại", "Xuất sắc"), ("Đơn vị", "Xã Tây Ân"), ("Chỉ số (%)", "96,50")]
)
def test_a_cell_altered_in_a_signed_copy_is_an_error_whatever_became_of_the_template(
    reworded: Path, signed: Path, column: str, words: str
) -> None:
    edit(signed, lambda d: set_words(cell_of(d, column, "Xã Tây An"), words))
    outcome = verified(reworded, signed)
    assert errors(outcome) == [("figure_altered" if column == "Chỉ số (%)" else "words_altered", signed.name)]
    assert f"«{words}» stands where the ledger gives" in told_in(outcome)
    assert outcome.data["intact"] is False


def test_a_line_put_into_a_table_is_an_error_whatever_became_of_the_template(reworded: Path, signed: Path) -> None:
    def put_in(document: Any) -> None:
        row = cell_of(document, "Xếp loại", "Xã Tây An")._tc.getparent()
        row.addnext(copy.deepcopy(row))

    edit(signed, put_in)
    assert ("figure_altered", signed.name) in errors(verified(reworded, signed))


def test_a_cell_hidden_in_a_signed_copy_is_an_error_whatever_became_of_the_template(
    reworded: Path, signed: Path
) -> None:
    def hide(document: Any) -> None:
        cell_of(document, "Xếp loại", "Xã Tây An").paragraphs[0].runs[0].font.hidden = True

    edit(signed, hide)
    assert [sheet for _, sheet in errors(verified(reworded, signed))] == [signed.name]


def test_running_text_that_the_template_may_have_changed_is_a_warning_and_not_called_unaltered(
    reworded: Path, signed: Path
) -> None:
    outcome = verified(reworded, signed)
    assert [(one.code, one.severity) for one in outcome.problems] == [("words_altered", "warning")]
    said = [line.said_in("en") for line in outcome.summary]
    assert (
        "no figure and no cell of a table was altered; the running text says something else in 1 places, and whether"
        " template or program have changed or somebody altered them cannot be told"
    ) in said
    assert not any("no figure and no word" in line for line in said)


def test_the_name_of_a_signed_notice_does_not_matter(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "scan 17.docx"
    shutil.copy(folder / "output/papers/notice/phu-phong.docx", file)
    edit(file, sign)
    assert verified(folder, file).data["paper"] == "notice/phu-phong"


def test_a_copy_as_it_was_made_is_known_byte_for_byte(folder: Path) -> None:
    outcome = verified(folder, folder / "output/papers/minutes.docx")
    assert outcome.data["paper"] == "minutes"
    assert outcome.data["intact"] is True


def test_minutes_filled_in_by_hand_are_not_called_altered(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "bien ban.docx"
    shutil.copy(folder / "output/papers/minutes.docx", file)

    def fill_in(document: Any) -> None:
        for piece in document.element.body.iter(TEXT):
            words = piece.text or ""
            if words.startswith("Địa điểm:"):
                piece.text = "Địa điểm: Phòng họp số 2, trụ sở UBND huyện"
            elif words.startswith("Ý kiến khác:"):
                piece.text = "Ý kiến khác: Không có ý kiến khác."

    edit(file, fill_in)
    outcome = verified(folder, file)
    assert outcome.problems == ()
    assert "Phòng họp số 2, trụ sở UBND huyện" in {one["words"] for one in outcome.data["filled"]}


def test_a_picture_put_on_a_signed_copy_is_told_of(folder: Path, signed: Path) -> None:
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "PNG")
    edit(signed, lambda d: d.paragraphs[-1].add_run().add_picture(io.BytesIO(picture.getvalue())))
    outcome = verified(folder, signed)
    assert [(one.code, one.severity) for one in outcome.problems] == [("picture_added", "warning")]
    assert told_in(outcome) == "QD da ky.docx: 1 pictures or shapes were added (a signature, a seal?)"


def test_a_version_that_was_overtaken_is_told_as_such(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "cu.docx"
    shutil.copy(folder / "output/decision.docx", old)
    run(folder, END, lambda season: rule(season, "tay-an/2.1", points="1", reason="Biên bản số 13"))
    run(folder, END, finalise)
    outcome = verified(folder, old)
    assert [(one.code, one.severity) for one in outcome.problems] == [("overtaken", "warning")]
    edit(old, sign)
    outcome = verified(folder, old)
    assert [one.code for one in outcome.problems] == ["overtaken"]
    assert outcome.data["intact"] is True


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda file: file.write_bytes(b"PK nothing"), "not_a_paper", "this is no whole Word document"),
        (
            lambda file: docx.Document().save(str(file)),
            "unknown_paper",
            "this is no paper of the cycle small-2023",
        ),
        (lambda _: None, "missing", "the file cannot be read: No such file or directory"),
    ],
    ids=["damaged", "foreign", "missing"],
)
def test_a_file_that_is_no_paper_of_the_cycle_is_refused(
    told: Path, tmp_path: Path, make: Callable[[Path], None], code: str, said: str
) -> None:
    file = tmp_path / "la.docx"
    make(file)
    with pytest.raises(CchcError) as refused:
        verified(told, file)
    assert (refused.value.code, refused.value.what.said_in("en")) == (code, said)
    assert refused.value.fix.said_in("en")


def test_a_word_file_that_would_grow_beyond_measure_is_refused(told: Path, tmp_path: Path) -> None:
    file = tmp_path / "bom.docx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (201 * 1024 * 1024))
    with pytest.raises(CchcError) as refused:
        verified(told, file)
    assert refused.value.code == "too_large"
    assert refused.value.what.said_in("en") == "the document is too large for a paper"
