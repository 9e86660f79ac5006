"""`verify reminder.docx`: a letter to those who have not finished says what the ledger recorded when it was made."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pytest
from altered import TEXT, cell_of, edit, errors, set_words, state, told_in, verified
from office import Office, small_cycle
from told_season import Desk, run, season_of

from cchc_sheets.ledger import Ledger
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.provision import provision

FILE = "papers/reminder.docx"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an office that wrote to two communes, one of which went on typing after that."""
    folder = small_cycle(tmp_path_factory.mktemp("reminder") / "cycle")
    office = Desk(folder)
    run(folder, Office.BEFORE, provision)
    office.fill_in("tay-an")
    with office.edit("binh-hoa") as hand:
        hand.type("self_assessment", "1.1", self_score=2)
    run(folder, Office.BEFORE, lambda season: papers(season, ["reminder"]))
    office.fill_in("binh-hoa")
    return folder


@pytest.fixture
def reminded(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "cycle"))


@pytest.fixture
def copy(reminded: Path) -> Path:
    return Path(shutil.copy(reminded / "output" / FILE, reminded.parent / "cong van.docx"))


def forget_what_was_seen(folder: Path) -> None:
    """Write the ledger as versions of the program wrote it that did not record what a reminder was made from."""
    with season_of(folder) as season:
        entries = season.ledger.entries()
    (folder / "ledger.db").unlink()
    with closing(Ledger(f"sqlite:///{folder / 'ledger.db'}")) as ledger:
        for one in entries:
            body = {key: value for key, value in one.body.items() if key != "seen"}
            ledger.append(one.kind, one.subject, body, at=one.at, actor=one.actor)


def redate(document: Any) -> None:
    """Give one more day: 10/12/2023 becomes 11/12/2023."""
    piece = next(one for one in document.element.body.iter(TEXT) if "10/12/2023" in (one.text or ""))
    piece.text = piece.text.replace("10/12/2023", "11/12/2023")


def test_a_reminder_saved_again_is_known_and_called_intact(reminded: Path, copy: Path) -> None:
    edit(copy, lambda _: None)
    outcome = verified(reminded, copy)
    assert outcome.problems == ()
    assert (outcome.data["paper"], outcome.data["intact"]) == ("reminder", True)
    assert "là văn bản «Công văn đôn đốc» theo bản ghi" in str(outcome.summary[0])


def test_a_figure_altered_in_a_reminder_is_named(reminded: Path, copy: Path) -> None:
    # Bình Hòa had scored 1.1 alone of its four criteria.
    edit(copy, lambda d: set_words(cell_of(d, "Đã chấm", "Xã Bình Hòa"), "3/4"))
    outcome = verified(reminded, copy)
    assert errors(outcome) == [("figure_altered", copy.name)]
    assert "table, «Xã Bình Hòa», column «Đã chấm»: «3/4» stands where the ledger gives «1/4»" in told_in(outcome)


def test_a_reminder_in_its_place_is_compared_as_all_papers_are(reminded: Path) -> None:
    file = reminded / "output" / FILE
    assert verified(reminded).problems == ()
    edit(file, lambda _: None)
    outcome = verified(reminded)
    assert (outcome.problems, state(outcome, FILE)) == ((), "saved_again")
    edit(file, lambda d: set_words(cell_of(d, "Đã chấm", "Thị trấn Phú Phong"), "2/4"))
    assert errors(verified(reminded)) == [("figure_altered", FILE)]


def test_of_an_older_reminder_saved_again_what_cannot_be_compared_is_told(reminded: Path, copy: Path) -> None:
    forget_what_was_seen(reminded)
    assert verified(reminded, copy).problems == ()
    edit(copy, lambda _: None)
    outcome = verified(reminded, copy)
    assert (outcome.data["paper"], outcome.data["intact"]) == ("reminder", False)
    assert errors(outcome) == [("not_comparable", copy.name)]
    assert "lines rest on what stood in the workbooks then" in told_in(outcome)
    assert "Xã Bình Hòa Đang nhập, chưa đủ 1/4" in told_in(outcome)
    assert "10/12/2023" not in told_in(outcome)
    assert state(outcome, copy.name) == "not_comparable"


def test_of_an_older_reminder_what_rests_on_the_settings_is_compared(reminded: Path, copy: Path) -> None:
    forget_what_was_seen(reminded)
    edit(copy, redate)
    outcome = verified(reminded, copy)
    assert errors(outcome) == [("figure_altered", copy.name), ("not_comparable", copy.name)]
    assert "10/12/2023" in told_in(outcome)
    shutil.copy(copy, reminded / "output" / FILE)
    assert errors(verified(reminded)) == [("figure_altered", FILE), ("not_comparable", FILE)]


def test_a_template_that_fits_no_more_keeps_no_other_paper_from_being_known(reminded: Path) -> None:
    with season_of(reminded, Office.BEFORE) as season:
        papers(season, ["plan"])
    forget_what_was_seen(reminded)
    (reminded / "templates").mkdir()
    docx.Document().save(str(reminded / "templates/reminder.docx"))
    copy = Path(shutil.copy(reminded / "output/papers/plan.docx", reminded.parent / "ke hoach.docx"))
    edit(copy, lambda _: None)
    outcome = verified(reminded, copy)
    assert (outcome.data["paper"], outcome.data["intact"]) == ("plan", True)


def test_a_reminder_that_is_no_word_document_any_more_is_told(reminded: Path) -> None:
    file = reminded / "output" / FILE
    file.write_bytes(file.read_bytes()[:-30])
    for _ in ("as recorded now", "as recorded by older versions"):
        outcome = verified(reminded)
        assert errors(outcome) == [("not_a_paper", FILE)]
        assert "this is no whole Word document" in told_in(outcome)
        assert state(outcome, FILE) == "altered"
        forget_what_was_seen(reminded)
