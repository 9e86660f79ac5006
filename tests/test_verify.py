"""`verify`: what was published says what the ledger gives; whatever was altered is found and named."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pytest
from altered import TEXT, cell_of, edit, errors, rewrite, set_words, state, told_in, verified
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import Office
from told_season import END, run, season_of

from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import LedgerError
from cchc_sheets.publication.paper_compare import compare_papers
from cchc_sheets.run_log import run_log
from cchc_sheets.stages.finalise import finalise
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.ruling import rule
from cchc_sheets.stages.verify import verify


@pytest.fixture
def folder(told_copy: Path) -> Path:
    return told_copy


# ---- nothing altered --------------------------------------------------------------------------------------------


def test_an_untouched_season_is_intact_in_every_file(told: Path) -> None:
    outcome = verified(told)
    assert outcome.problems == ()
    assert outcome.status == "success"
    assert outcome.data["intact"] is True
    states = {one["file"]: one["state"] for one in outcome.data["files"]}
    assert set(states.values()) == {"as_made"}
    made = {file.relative_to(told / "output").as_posix() for file in (told / "output").rglob("*") if file.is_file()}
    assert made <= states.keys()


def test_verifying_changes_nothing(folder: Path) -> None:
    def all_of() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    before = all_of()
    verified(folder)
    verified(folder, folder / "output" / "decision.docx")
    assert all_of() == before


def test_the_log_of_a_verification_tells_of_no_entry_for_none_was_written(folder: Path, tmp_path: Path) -> None:
    with run_log(tmp_path, "verify", {}) as run:
        verified(folder)
    assert run.file is not None
    events = [json.loads(line)["event"] for line in run.file.read_text(encoding="utf-8").splitlines()]
    assert "ledger" not in events
    assert events[-1] == "end"


def test_before_anything_is_published_only_the_ledger_is_looked_at(collected: Office) -> None:
    with season_of(collected.folder, collected.AFTER) as season:
        outcome = verify(season)
    assert outcome.status == "success"
    assert outcome.data["files"] == []


def test_every_paper_rests_on_the_ledger_as_it_was_then(folder: Path) -> None:
    # A later ruling overtakes decision and notices; those that lie there are still what they were made as.
    run(folder, END, lambda season: rule(season, "tay-an/2.1", points="1", reason="Biên bản số 13"))
    assert verified(folder).problems == ()
    run(folder, END, finalise)
    outcome = verified(folder)
    assert errors(outcome) == []
    assert [one.code for one in outcome.problems] == ["publication_outdated"]
    assert told_in(outcome) == "publication: the pages show results that were overtaken since"
    run(folder, END, lambda season: papers(season, ["all"]))
    run(folder, END, publish)
    assert verified(folder).problems == ()


def test_pages_without_remarks_are_known_as_such(folder: Path) -> None:
    run(folder, END, lambda season: publish(season, remarks=False))
    assert verified(folder).problems == ()


# ---- the ledger -------------------------------------------------------------------------------------------------


def altered_entry(folder: Path) -> tuple[str, str]:
    """Return what is said of an altered ledger; where the newest configuration itself is torn, by an error."""
    try:
        outcome = verified(folder)
    except LedgerError as refused:
        return refused.what.said_in("en"), refused.code
    assert len(outcome.problems) == 1
    return told_in(outcome).partition(" (")[0], outcome.problems[0].code


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_byte_of_any_entry_is_found_and_the_entry_named(told: Path, data: st.DataObject) -> None:
    folder = told.with_name("flipped")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("cycle.yaml", "criteria.yaml", "units.csv", "ledger.db"):
        shutil.copy(told / name, folder / name)
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        count = connection.execute("SELECT max(number) FROM entries").fetchone()[0]
        number = data.draw(st.integers(1, count))
        column = data.draw(st.sampled_from(["at", "actor", "kind", "subject", "body", "previous", "digest"]))
        words = connection.execute(f"SELECT {column} FROM entries WHERE number = ?", (number,)).fetchone()[0]  # noqa: S608
    at = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(st.sampled_from([c for c in '0a9Z ,"{' if c != words[at]]))
    words = words[:at] + other + words[at + 1 :]
    rewrite(folder, f"UPDATE entries SET {column} = ? WHERE number = ?", words, number)  # noqa: S608
    assert (f"the ledger was altered at entry {number}", "ledger_altered") == altered_entry(folder)


@pytest.mark.parametrize("command", ["verify", "status", "sync"])
@pytest.mark.parametrize("value", ["CAST(subject AS BLOB)", "body", "replace(hex(zeroblob(50000)), '0', '[')"])
def test_every_command_that_reads_names_an_altered_entry(
    folder: Path, capfd: pytest.CaptureFixture[str], command: str, value: str
) -> None:
    column = "subject" if "subject" in value else "body"
    value = "CAST(body AS BLOB)" if value == "body" else value
    which = "(SELECT max(number) FROM entries WHERE kind = 'submission')"
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        number = connection.execute(f"SELECT {which}").fetchone()[0]
    rewrite(folder, f"UPDATE entries SET {column} = {value} WHERE number = ?", number)  # noqa: S608
    run = Office(folder, capfd).run(command, *["--dry-run"] * (command == "sync"))
    told = [run.json["error"] or {}, *run.json["problems"]]
    assert ("ledger_altered", True) in [(one.get("code"), f"{number}" in str(one.get("what"))) for one in told]


def test_an_altered_entry_is_named_with_what_it_is_about(folder: Path) -> None:
    rewrite(folder, "UPDATE entries SET actor = 'ai đó' WHERE kind = 'submission' AND subject = 'phu-phong'")
    assert "(submission, phu-phong, 08:00 on 11/12/2023)" in told_in(verified(folder))


def test_a_removed_entry_is_found(folder: Path) -> None:
    rewrite(folder, "DELETE FROM entries WHERE number = 20")
    assert errors(verified(folder)) == [("ledger_altered", "ledger.db")]


def test_a_ledger_whose_lock_was_taken_away_is_told_of(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.commit()
    outcome = verified(folder)
    assert [(one.code, one.severity) for one in outcome.problems] == [("ledger_unlocked", "warning")]
    assert told_in(outcome) == (
        "the lock that keeps entries of the ledger from being changed was taken away or replaced"
    )


def test_a_lock_replaced_by_one_of_that_name_that_does_nothing_is_told_of(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT 1; END")
        connection.commit()
    assert [one.code for one in verified(folder).problems] == ["ledger_unlocked"]


def test_a_damaged_index_of_the_ledger_is_found(folder: Path) -> None:
    # The rows are whole, but a search by kind would miss one: results would come out wrong without a word.
    file = folder / "ledger.db"
    with closing(sqlite3.connect(file)) as connection:
        page, size = connection.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name LIKE '%kind%'"
        ).fetchone()
    content = bytearray(file.read_bytes())
    at = content.index(b"submission", (page - 1) * size, page * size)
    content[at] ^= 1
    file.write_bytes(content)
    outcome = verified(folder)
    assert [code for code, _ in errors(outcome)] == ["ledger_damaged"]
    assert "the file of the ledger is damaged: row " in told_in(outcome)


def test_results_that_do_not_follow_from_the_readings_are_found(folder: Path) -> None:
    # Somebody who knows how the chain is made writes an entry of results by the program's own means.
    with season_of(folder) as season:
        last = season.ledger.last("results", "-")
        assert last is not None
        forged = {**last.body, "units": [{**unit, "index": "99.99"} for unit in last.body["units"]]}
        season.record("results", "-", forged)
        number = season.ledger.head()[0]
    outcome = verified(folder)
    assert ("figure_altered", f"ledger.db #{number}") in errors(outcome)
    assert "units[tay-an].index: «99.99» stands where the ledger gives «69.50»" in told_in(outcome)
    assert "publication: the pages show results that were overtaken since" in told_in(outcome).splitlines()


def test_files_of_the_cycle_changed_since_are_told_of(folder: Path) -> None:
    criteria = folder / "criteria.yaml"
    criteria.write_text(criteria.read_text(encoding="utf-8").replace("Kế hoạch năm", "Kế hoạch"), encoding="utf-8")
    outcome = verified(folder)
    assert [(one.code, one.sheet) for one in outcome.problems] == [("configuration_changed", "criteria.yaml")]
    assert told_in(outcome) == "criteria.yaml: the file has changed since anything was recorded under it"


# ---- papers -----------------------------------------------------------------------------------------------------


def test_a_figure_altered_in_the_table_of_the_decision_is_named(folder: Path) -> None:
    edit(folder / "output/decision.docx", lambda d: set_words(cell_of(d, "Chỉ số (%)", "Xã Tây An"), "96,50"))
    outcome = verified(folder)
    assert errors(outcome) == [("figure_altered", "decision.docx")]
    assert "«Xã Tây An», column «Chỉ số (%)»: «96,50» stands where the ledger gives «69,50»" in told_in(outcome)
    assert state(outcome, "decision.docx") == "altered"
    assert outcome.data["alterations"][0]["expected"] == "69,50"


def test_a_figure_altered_in_a_notice_is_named(folder: Path) -> None:
    file = folder / "output/papers/notice/binh-hoa.docx"
    edit(file, lambda d: set_words(cell_of(d, "Điểm đạt được", "2.2"), "2,00"))
    outcome = verified(folder)
    assert errors(outcome) == [("figure_altered", "papers/notice/binh-hoa.docx")]
    assert "column «Điểm đạt được»: «2,00»" in told_in(outcome)


def test_a_figure_altered_in_running_text_is_named(folder: Path) -> None:
    def change(document: Any) -> None:
        piece = next(t for t in document.element.body.iter(TEXT) if "75,67" in (t.text or ""))
        piece.text = piece.text.replace("75,67", "95,67")

    edit(folder / "output/papers/submission.docx", change)
    outcome = verified(folder)
    assert errors(outcome) == [("figure_altered", "papers/submission.docx")]
    assert "95,67" in told_in(outcome)


def test_a_paper_whose_template_was_changed_since_is_not_called_altered(folder: Path) -> None:
    (folder / "templates").mkdir()
    template = Path(shutil.copy(papers_folder() / "notice.docx", folder / "templates/notice.docx"))
    edit(template, lambda d: d.add_paragraph("Phòng Nội vụ xin trân trọng cảm ơn."))
    outcome = verified(folder)
    told = {(one.code, one.sheet, one.severity) for one in outcome.problems}
    names = [f"papers/notice/{unit}.docx" for unit in Office.UNITS]
    assert {one for one in told if one[0] == "made_otherwise_today"} == {
        ("made_otherwise_today", name, "warning") for name in names
    }
    assert {sheet for _, sheet, _ in told} <= {*names, None}
    assert errors(outcome) == []
    since = "unchanged since it was made, but template, wording or program have changed: it would differ today"
    assert f"{names[0]}: {since}" in told_in(outcome).splitlines()
    assert {state(outcome, name) for name in names} == {"as_made"}


def test_a_paper_saved_again_after_its_template_was_changed_is_not_called_unaltered(folder: Path) -> None:
    (folder / "templates").mkdir()
    template = Path(shutil.copy(papers_folder() / "decision.docx", folder / "templates/decision.docx"))
    edit(template, lambda d: d.add_paragraph("Quyết định này được công bố trên cổng thông tin."))
    edit(folder / "output/decision.docx", lambda _: None)
    said = [line.said_in("en") for line in verified(folder).summary]
    assert "saved again, and the running text says something else: decision.docx" in said


def test_words_altered_without_a_figure_are_told_as_such(folder: Path) -> None:
    edit(folder / "output/decision.docx", lambda d: set_words(cell_of(d, "Xếp loại", "Xã Tây An"), "Xuất sắc"))
    assert errors(verified(folder)) == [("words_altered", "decision.docx")]


def test_a_line_taken_out_or_put_in_is_named(folder: Path) -> None:
    def take_out(document: Any) -> None:
        row = cell_of(document, "Chỉ số (%)", "Xã Tây An")._tc.getparent()
        row.getparent().remove(row)

    edit(folder / "output/decision.docx", take_out)
    edit(folder / "output/papers/plan.docx", lambda d: d.add_paragraph("Điều khoản thêm vào"))
    outcome = verified(folder)
    assert set(errors(outcome)) >= {("figure_altered", "decision.docx"), ("words_altered", "papers/plan.docx")}
    assert "«Điều khoản thêm vào» stands where the ledger gives «–»" in told_in(outcome)


def test_a_paper_only_saved_again_is_not_called_altered(folder: Path) -> None:
    edit(folder / "output/decision.docx", lambda _: None)
    outcome = verified(folder)
    assert outcome.problems == ()
    assert state(outcome, "decision.docx") == "saved_again"


def test_hidden_words_in_a_paper_are_found(folder: Path) -> None:
    def hide(document: Any) -> None:
        cell_of(document, "Chỉ số (%)", "Xã Tây An").paragraphs[0].runs[0].font.hidden = True

    edit(folder / "output/decision.docx", hide)
    assert "hidden words (1): «–» stands where the ledger gives «69,50 (3 Xã Tây An" in told_in(verified(folder))


def test_a_chart_that_was_exchanged_is_found(folder: Path) -> None:
    file = folder / "output/papers/report.docx"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    picture = next(name for name in parts if name.startswith("word/media/"))
    parts[picture] = parts[picture][:-1] + bytes([parts[picture][-1] ^ 1])
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    outcome = verified(folder)
    assert [sheet for _, sheet in errors(outcome)] == ["papers/report.docx"]
    assert "picture Biểu đồ 1" in told_in(outcome)


def test_a_paper_that_is_gone_and_one_that_nobody_made_are_told(folder: Path) -> None:
    (folder / "output/papers/plan.docx").rename(folder / "output/papers/own.docx")
    outcome = verified(folder)
    assert [(one.code, one.sheet, one.severity) for one in outcome.problems] == [
        ("file_missing", "papers/plan.docx", "error"),
        ("unknown_file", "papers/own.docx", "warning"),
    ]
    assert told_in(outcome).splitlines() == [
        "papers/plan.docx: the file is missing or cannot be read: No such file or directory",
        "papers/own.docx: the ledger knows of no such paper",
    ]


def test_a_paper_that_is_no_word_document_any_more_is_told(folder: Path) -> None:
    file = folder / "output/papers/plan.docx"
    file.write_bytes(file.read_bytes()[:-30])
    assert errors(verified(folder)) == [("not_a_paper", "papers/plan.docx")]


@settings(max_examples=60)
@given(data=st.data())
def test_no_figure_of_the_decision_can_be_altered_unseen(told: Path, data: st.DataObject) -> None:
    content = (told / "output/decision.docx").read_bytes()
    document = docx.Document(io.BytesIO(content))
    pieces = [t for t in document.element.body.iter(TEXT) if any(c.isdigit() for c in t.text or "")]
    piece = pieces[data.draw(st.integers(0, len(pieces) - 1))]
    at = data.draw(st.sampled_from([at for at, c in enumerate(piece.text) if c.isdigit()]))
    other = data.draw(st.sampled_from([c for c in "0123456789" if c != piece.text[at]]))
    piece.text = piece.text[:at] + other + piece.text[at + 1 :]
    target = io.BytesIO()
    document.save(target)
    found = compare_papers(content, target.getvalue(), "decision.docx").differences
    assert len(found) == 1
    assert found[0].is_figure
