"""Refusals that no other test meets, said by the real command where it can be, and read (see refusal_book.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from altered import errors, told_in, verified
from office import Office
from refusal_book import Book, Refusal, refusals, refusals_in, unread
from told_season import END, run, season_of

from cchc_sheets.cycle import template_sets
from cchc_sheets.errors import CchcError, LedgerError
from cchc_sheets.messages import text
from cchc_sheets.publication.difference import Difference
from cchc_sheets.publication.paper_compare import Comparison
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.verify_papers import settle_pictures
from cchc_sheets.stages.verify_report import Report


def change(file: Path, old: str, new: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "code", "what", "fix"),
    [
        (("init", "{new}", "--template", "ha-noi"), "template_unknown", "there is no template set «ha-noi»", "tay-son"),
        (("init", "{cycle}", "--template", "tay-son-2023"), "exists", "the folder holds a cycle already", ""),
        (("demo", "{cycle}"), "exists", "the folder is not empty", "name a new folder"),
        (("papers", "thu-moi"), "paper_unknown", "there is no paper «thu-moi»", "notice"),
        (("publish",), "not_now", "there are no final results to publish yet", "run `finalise` first"),
        (("results",), "not_now", "nothing has been collected yet", "collect"),
        (("trace", "tay-an"), "not_now", "nothing has been collected yet", "collect"),
        (("archive",), "not_now", "nothing has been recorded yet", "run `provision` first"),
        (("share",), "not_now", "the workbooks of this cycle are files", ""),
        (("survey",), "missing", "there is no survey file in the cycle folder", "survey.csv"),
        (("--cycle", "{new}", "status"), "configuration", "there is no cycle in this folder", "init"),
        (("verify", "--digest", "Điều 1"), "no_digest", "«Điều 1» is no digest", "16"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_command_that_cannot_run_says_what_and_how_to_mend_it(
    office: Office, tmp_path: Path, command: tuple[str, ...], code: str, what: str, fix: str
) -> None:
    places = {"new": str(tmp_path / "new"), "cycle": str(office.folder)}
    done = office.run("--lang", "en", *(word.format(**places) for word in command))
    assert done.exit_code == 1
    error = done.json["error"]
    assert (error["code"], what in error["what"], fix in error["fix"]) == (code, True, True), error


@pytest.mark.parametrize(
    ("old", "new", "code", "what"),
    [
        ("floor: 0.5", "floor: 1.5", "floor", "floor 1.5 is not between 0 and full_at 1"),
        ("floor: 0.5", "full_at: 98", "full_at", "full_at 98 looks like a percentage"),
        ("per_item: 0.5", "per_item: 5", "per_item", "per_item 5 is not between 0 and the maximum 1"),
        ("step: 0.25", "step: 0.3", "step", "the maximum 2 is not on the step 0.3"),
        ("          - {points: 1, label: Chậm}\n          - {points: 0, label: Không ban hành}\n", "", "levels",
         "only one level is given"),
        ("{points: 1, label: Chậm}", "{points: 2, label: Chậm}", "levels", "two levels give the same points"),
        ("{points: 0, label: Không ban hành}", "{points: -1, label: Không}", "levels", "points below zero"),
        ("method: ratio", "method: bands\n        bands: [{points: 2}, {from: 0, points: 0}]", "band_limit",
         "a band needs either «from» or «above»"),
        ("department: tu-phap", "department: tu-phap-2", "department_unknown", "tu-phap-2"),
    ],
)  # fmt: skip
def test_a_criteria_set_with_a_mistake_is_refused_with_the_place(
    office: Office, old: str, new: str, code: str, what: str
) -> None:
    change(office.folder / "criteria.yaml", old, new)
    done = office.run("--lang", "en", "check")
    assert done.exit_code == 1
    assert any(one["code"] == code and what in one["what"] for one in done.json["problems"]), done.json["problems"]


def test_a_ruling_from_the_minutes_needs_a_reason(appraised: Office) -> None:
    done = appraised.run("--lang", "en", "explain", "--rule", "tay-an/2.2", "--points", "1", "--reason", " ")
    error = done.json["error"]
    assert (error["code"], error["what"]) == ("reason", "a ruling needs a reason")


def test_an_installation_without_its_templates_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(template_sets, "_PACKAGE", tmp_path / "cchc_sheets")
    with pytest.raises(CchcError) as refused:
        template_sets.templates_folder()
    assert refused.value.code == "installation"
    assert refused.value.what.said_in("en") == "the template sets that belong to the program are missing"
    assert "install the program again" in refused.value.fix.said_in("en")


# ---- verify -----------------------------------------------------------------------------------------------------


def test_a_paper_whose_template_is_broken_now_is_known_by_its_bytes(told_copy: Path) -> None:
    (told_copy / "templates").mkdir(exist_ok=True)
    (told_copy / "templates/notice.docx").write_bytes(b"broken")
    outcome = verified(told_copy)
    assert errors(outcome) == []
    assert {one.code for one in outcome.problems} == {"not_comparable"}
    file = told_copy / "output/papers/notice/tay-an.docx"
    file.write_bytes(file.read_bytes() + b"\n")
    outcome = verified(told_copy)
    assert errors(outcome) == [("paper_altered", "papers/notice/tay-an.docx")]
    assert "it cannot be made again to compare it: this is no Word document" in told_in(outcome)


def test_of_many_altered_figures_some_are_shown_and_the_rest_counted(told_copy: Path) -> None:
    file = told_copy / "output/results.json"
    file.write_text(file.read_text(encoding="utf-8").translate(str.maketrans("1250", "7869")), encoding="utf-8")
    outcome = verified(told_copy)
    assert ("more_altered", "results.json") in errors(outcome)
    assert "see them all with --json" in {one.fix.said_in("en") for one in outcome.problems}
    assert len(outcome.data["alterations"]) > 20


def test_charts_of_another_machine_are_not_called_altered() -> None:
    report, comparison = Report(), Comparison(pictures_changed=[Difference(text("picture"), "a", "")])
    settle_pictures("report.docx", comparison, is_faithful=False, report=report)
    (problem,) = report.problems
    assert (problem.code, problem.severity) == ("picture_not_comparable", "warning")
    assert "1 pictures cannot be compared on this machine" in problem.what.said_in("en")
    assert comparison.differences == []


def test_results_that_rest_on_nothing_are_not_published(told_copy: Path) -> None:
    with season_of(told_copy) as season:
        newest = season.ledger.last("results", "-")
        assert newest is not None
        season.record("results", "-", dict(newest.body) | {"basis": "0" * 64})
    with pytest.raises(LedgerError) as refused:
        run(told_copy, END, publish)
    assert "does not hold what its results rest on" in refused.value.what.said_in("en")
    assert "from a backup" in refused.value.fix.said_in("en")


# ---- the book ---------------------------------------------------------------------------------------------------


SAID = """
class CchcError:
    def __init__(self, what, *, where="", fix, code=""): ...
class Sheet:
    def report(self, line, what, fix):
        raise CchcError(text("line {line}: {what}", what=what), fix=fix, code="sheet")
def _refused(what, fix):
    return CchcError(what, fix=fix)
def read(sheet, cell, error, is_long):
    sheet.report(1, cell.what, text("this mends it"))
    what, fix = text("what is wrong"), text("how to mend that")
    sheet.report(2, what, fix)
    sheet.report(text("a picture of {what}", what=error.what))
    told = text("it is too long") if is_long else text("it is too short")
    return _refused(told, text("make it longer"))
"""
ELSEWHERE = """
def _refused(where, what, fix):
    return CchcError(what, where=where, fix=fix)
def opened(where):
    raise _refused(where, text("nobody can open it"), text("close it first"))
"""


def test_the_book_takes_no_mending_and_no_other_sentence_for_a_refusal() -> None:
    assert [one.message for one in refusals_in({"a.py": SAID, "b.py": ELSEWHERE})] == [
        "what is wrong",
        "it is too long",
        "it is too short",
        "nobody can open it",
    ]


def test_a_sentence_with_braces_of_its_own_is_known_by_its_words() -> None:
    book = Book(test="test_decision_template.py")
    sentence = "{{{{ {name} }}}} does not stand alone in one paragraph of the text"
    book.note(text(sentence, name="ranking_table"))
    assert unread(book, [Refusal("a.py", 1, sentence, "")]) == ([], [])


def test_the_book_knows_the_refusals_of_the_source_and_what_was_asked_for() -> None:
    found = {one.message: one for one in refusals()}
    assert found["«{name}» means several units"].file == "cycle/folder.py"
    assert found["the ledger was altered at entry {number}"].code == "ledger_altered"
    assert len(found) > 390
    book = Book(test="test_refusals.py")
    book.note(text("the folder is not empty"))
    book.note(text("{place}: {what}", place="a", what=text("a sentence of nobody")))
    wanted = [
        Refusal("a.py", 1, "the folder is not empty", "exists"),
        Refusal("a.py", 2, "never said by anybody", ""),
    ]
    assert unread(book, wanted) == ([wanted[1]], [])
    silent = Book(test="test_vietnamese.py")
    silent.note(text("the folder is not empty"))
    assert unread(silent, wanted) == ([wanted[1]], [wanted[0]])


def test_a_refusal_of_which_a_test_knows_only_the_code_is_unread() -> None:
    book = Book(test="test_ledger.py")
    newer = "the ledger was written by a newer version of this program"
    held = "another command is at work in this cycle"
    book.note(text(newer))
    book.note(text(held))
    wanted = [Refusal("a.py", 1, newer, "ledger_newer"), Refusal("a.py", 2, held, "ledger_newer")]
    assert unread(book, wanted) == ([], [wanted[1]])


def test_a_sentence_of_short_pieces_is_known_with_something_in_its_places() -> None:
    book = Book(test="test_cycle_files.py")
    told, other = "method {method} of {code} needs «{name}»", "method {method} in {code} needs «{name}»"
    for sentence in (told, other):
        book.note(text(sentence, method="count", code="1.4.1", name="item"))
    wanted = [Refusal("a.py", 1, told, ""), Refusal("a.py", 2, other, "")]
    assert unread(book, wanted) == ([], [wanted[1]])
