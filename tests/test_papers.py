"""`papers`: what is listed, what is made, what is left alone, and what is never handed over."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import docx
import pytest
from office import Office
from paper_season import LATER, decide, file_of, make, play, season_of, titles, words_in

from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import CchcError, NotNow, PublicationError
from cchc_sheets.publication import paper_making
from cchc_sheets.stages.papers import papers


@pytest.fixture
def played(collected: Office) -> Office:
    return play(collected)


@pytest.fixture
def decided(played: Office) -> Office:
    return decide(played)


def state(office: Office, paper: str, now: str = LATER) -> dict[str, Any]:
    rows = make(office, now=now).data["papers"]
    found: dict[str, Any] = next(row for row in rows if row["paper"] == paper)
    return found


def own_template(office: Office, name: str, old: str, new: str) -> None:
    """Have the office edit its copy of a template: one text replaced by another."""
    document = docx.Document(str(papers_folder() / f"{name}.docx"))
    paragraph = next(p for p in document.paragraphs if old in p.text)
    paragraph.runs[0].text = paragraph.text.replace(old, new)
    for run in paragraph.runs[1:]:
        paragraph._p.remove(run._r)
    (office.folder / "templates").mkdir(exist_ok=True)
    document.save(str(office.folder / "templates" / f"{name}.docx"))


def test_all_papers_are_listed_in_the_order_of_the_year_with_their_dates(office: Office) -> None:
    rows = make(office, now=office.BEFORE).data["papers"]
    assert [row["paper"] for row in rows] == [*titles()[:7], "decision", *titles()[7:]]
    dues = {row["paper"]: row["due"][:10] for row in rows}
    assert dues["plan"] == "2023-10-25"
    assert dues["self-report"] == "2023-12-10"
    assert dues["minutes"] == "2023-12-25"
    assert dues["decision"] == "2023-12-31"
    assert dues["notice"] == "2024-01-31"


def test_listing_makes_nothing_and_leaves_no_trace(office: Office) -> None:
    make(office, now=office.BEFORE)
    assert not (office.folder / "output").exists()
    assert not (office.folder / "ledger.db").exists()


def test_before_anything_is_collected_only_plan_and_guidance_are_possible(office: Office) -> None:
    rows = make(office, now=office.BEFORE).data["papers"]
    assert [row["paper"] for row in rows if row["state"] != "waiting"] == ["plan", "guidance"]


def test_a_paper_that_is_not_possible_yet_says_what_is_missing(collected: Office) -> None:
    with pytest.raises(NotNow) as refusal:
        make(collected, "report")
    assert refusal.value.code == "unappraised"
    assert not file_of(collected, "report").exists()


def test_a_notice_waits_for_the_decision(played: Office) -> None:
    with pytest.raises(NotNow) as refusal:
        make(played, "notice", unit="tay-an")
    assert refusal.value.code == "results_changed"
    decide(played)
    make(played, "notice", unit="tay-an")
    assert file_of(played, "notice/tay-an").exists()


def test_a_result_that_changes_after_the_decision_stops_the_notices(decided: Office) -> None:
    decided.run("explain", "--rule", "tay-an/2.2", "--points", "1", "--reason", "Biên bản số 5", now=LATER)
    with pytest.raises(NotNow) as refusal:
        make(decided, "notice/tay-an")
    assert refusal.value.code == "results_changed"


def test_an_unknown_name_is_refused_with_those_there_are(office: Office) -> None:
    with pytest.raises(CchcError) as refusal:
        make(office, "planning")
    assert "self-report" in str(refusal.value)
    with pytest.raises(CchcError):
        make(office, "plan/tay-an")


def test_all_makes_every_paper_that_is_possible(decided: Office) -> None:
    outcome = make(decided, "all")
    assert outcome.status == "success"
    made = sorted(str(f.relative_to(decided.folder / "output" / "papers")) for f in papers_in(decided))
    once = ["announcement", "guidance", "minutes", "plan", "report", "submission"]
    each = [f"{code}/{unit}" for code in ("notice", "self-report") for unit in ("binh-hoa", "phu-phong", "tay-an")]
    assert made == sorted(f"{name}.docx" for name in [*once, *each])  # nobody is left to remind
    assert (decided.folder / "output" / "decision.docx").exists()


def papers_in(office: Office) -> list[Path]:
    return list((office.folder / "output" / "papers").rglob("*.docx"))


def test_what_is_up_to_date_is_not_made_again(decided: Office) -> None:
    make(decided, "notice", "plan")
    before = {file: file.stat().st_mtime_ns for file in papers_in(decided)}
    entries = len(season_of(decided).ledger.entries("paper"))
    outcome = make(decided, "notice", "plan")
    assert {entry["state"] for entry in outcome.data["papers"]} == {"made"}
    assert {file: file.stat().st_mtime_ns for file in papers_in(decided)} == before
    assert len(season_of(decided).ledger.entries("paper")) == entries == 4


def test_notices_go_on_where_they_were_interrupted(decided: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = paper_making.make_paper
    made: list[str] = []

    def interrupted(*arguments: Any) -> bytes:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(arguments[1].names["unit"])
        return whole(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(paper_making, "make_paper", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make(decided, "notice")
    assert [file.stem for file in sorted(papers_in(decided))] == ["binh-hoa", "tay-an"]
    outcome = make(decided, "notice")
    assert {entry["unit"]: entry["state"] for entry in outcome.data["papers"]} == {
        "tay-an": "made",
        "binh-hoa": "made",
        "phu-phong": "written",
    }


def test_the_same_season_gives_the_same_bytes(decided: Office) -> None:
    make(decided, "all")
    before = {file: file.read_bytes() for file in papers_in(decided)}
    for file in before:
        file.unlink()
    time.sleep(2.1)  # zip files hold times of two seconds
    make(decided, "all")
    assert {file: file.read_bytes() for file in papers_in(decided)} == before


def test_a_paper_edited_by_hand_is_kept_beside_the_new_one(decided: Office) -> None:
    make(decided, "plan")
    file = file_of(decided, "plan")
    document = docx.Document(str(file))
    document.paragraphs[0].add_run("sửa tay")
    document.save(str(file))
    edited = file.read_bytes()
    assert state(decided, "plan")["state"] == "edited"
    outcome = make(decided, "plan")
    copy = file.with_name("plan-edited-1.docx")
    assert outcome.data["kept"] == [str(copy)]
    assert copy.read_bytes() == edited
    assert file.read_bytes() != edited


def test_a_change_of_the_settings_makes_a_paper_stale(decided: Office) -> None:
    make(decided, "plan", "guidance")
    assert state(decided, "plan")["state"] == "made"
    settings = decided.folder / "cycle.yaml"
    settings.write_text(settings.read_text().replace("2024-01-31", "2024-02-15"), encoding="utf-8")
    assert state(decided, "plan")["state"] == "stale"
    assert state(decided, "guidance")["state"] == "made"
    make(decided, "plan")
    assert any("15/02/2024" in cell for table in docx_tables(decided, "plan") for cell in table)


def docx_tables(office: Office, name: str) -> list[list[str]]:
    document = docx.Document(str(file_of(office, name)))
    return [[cell.text for row in table.rows for cell in row.cells] for table in document.tables]


def test_dry_run_tells_and_changes_nothing(decided: Office) -> None:
    outcome = make(decided, "plan", "notice", dry_run=True)
    assert {entry["state"] for entry in outcome.data["papers"]} == {"would_make"}
    assert papers_in(decided) == []
    assert season_of(decided).ledger.entries("paper") == []


def test_papers_do_not_change_the_digest_in_the_decision(decided: Office) -> None:
    before = (decided.folder / "output" / "decision.docx").read_bytes()
    make(decided, "plan", "minutes")
    decide(decided)
    assert (decided.folder / "output" / "decision.docx").read_bytes() == before


def test_the_office_may_write_its_own_words(decided: Office) -> None:
    own_template(decided, "plan", "III. KINH PHÍ THỰC HIỆN", "III. NGUỒN KINH PHÍ")
    make(decided, "plan")
    assert "III. NGUỒN KINH PHÍ" in words_in(file_of(decided, "plan").read_bytes())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{{ task_table }}", "Xem phụ lục.", "the template lacks {{ task_table }}"),
        (
            "{{ task_table }}",
            "Bảng: {{ task_table }}",
            "{{ task_table }} does not stand alone in one paragraph of the text",
        ),
        ("{{ basis }}", "{{ bassis }}", "basis"),
        ("I. MỤC ĐÍCH, YÊU CẦU", "Kết thúc./.", "./."),
        ("{{ basis }}", "{{ basis.__class__.__mro__ }}", "not understood here"),
    ],
)
def test_a_template_that_would_spoil_the_paper_is_refused(decided: Office, old: str, new: str, said: str) -> None:
    own_template(decided, "plan", old, new)
    with pytest.raises(PublicationError) as refusal:
        make(decided, "plan")
    assert said in refusal.value.what.said_in("en") + refusal.value.fix.said_in("en")
    assert not file_of(decided, "plan").exists()


def test_one_paper_that_cannot_be_made_does_not_stop_the_others(decided: Office) -> None:
    own_template(decided, "plan", "{{ basis }}", "{{ bassis }}")
    outcome = make(decided, "plan", "announcement")
    assert outcome.status == "partial"
    assert [problem.sheet for problem in outcome.problems] == ["plan"]
    assert file_of(decided, "announcement").exists()


def test_progress_is_told_paper_by_paper(decided: Office) -> None:
    told: list[tuple[int, int]] = []
    season = season_of(decided)
    object.__setattr__(season, "progress", lambda _, done, total: told.append((done, total)))
    papers(season, ["notice"])
    assert [pair for pair in told if pair[1] == 3] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_without_the_drawing_library_the_report_has_no_charts(decided: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cchc_sheets.publication.paper_charts.pictures_of", lambda _, __: ())
    make(decided, "report")
    content = file_of(decided, "report").read_bytes()
    assert "6. Biểu đồ" not in words_in(content)
    assert not docx.Document(io.BytesIO(content)).inline_shapes


# ---- papers that were named and have to wait ----------------------------------------------------------------------


def test_papers_that_have_to_wait_are_refused_alone_and_problems_beside_others(played: Office) -> None:
    run = played.run("papers", "announcement", "notice", now=LATER)
    assert (run.exit_code, run.json["error"]["code"]) == (1, "results_changed")
    assert "finalise" in run.json["error"]["fix"]
    assert played.run("papers", "notice", now=LATER).exit_code == 1  # three papers of one kind
    nobody = played.run("papers", "reminder", now=LATER).json["error"]["what"]
    assert nobody == "mọi đơn vị đã hoàn thành, không có đơn vị nào phải đôn đốc"
    assert papers_in(played) == []
    whole = played.run("papers", "all", "--dry-run", now=LATER)
    assert (whole.exit_code, whole.problems) == (0, [])
    waiting = {one["paper"] for one in whole.json["data"]["papers"] if one["state"] == "waiting"}
    assert waiting == {"reminder", "announcement", "notice"}
    run = played.run("papers", "report", "announcement", "notice", now=LATER)
    assert (run.exit_code, run.json["status"]) == (3, "partial")
    assert [(one["sheet"], one["code"], one["severity"]) for one in run.problems] == [
        ("announcement", "results_changed", "error"),
        ("notice", "results_changed", "error"),
    ]
    said = "chưa có quyết định, hoặc kết quả đã thay đổi sau khi lập quyết định"
    assert [one["what"] for one in run.problems] == [  # as people call them, not by code
        f"Thông báo kết quả: {said}",
        f"Thông báo kết quả của từng đơn vị: {said}; 3 văn bản loại này còn phải chờ",
    ]
    assert [file.name for file in papers_in(played)] == ["report.docx"]
    again = played.run("papers", "report", "announcement", "notice", now=LATER)
    assert (again.exit_code, len(again.problems)) == (3, 2)  # the report is up to date; nothing else has changed


def test_papers_named_with_a_decision_that_has_to_wait_are_made_all_the_same(collected: Office) -> None:
    run = collected.run("papers", "plan", "decision", "announcement", now=LATER)
    assert (run.exit_code, [(one["sheet"], one["what"]) for one in run.problems]) == (
        3,
        [
            ("decision", "Quyết định phê duyệt kết quả: 3 đơn vị chưa có điểm điều tra xã hội học (1.2, 2.3)"),
            ("announcement", "Thông báo kết quả: 3 đơn vị còn thiếu nội dung"),
        ],
    )
    assert [file.name for file in papers_in(collected)] == ["plan.docx"]
    alone = collected.run("papers", "decision", "announcement", now=LATER)
    assert (alone.exit_code, alone.json["error"]["code"]) == (1, "points_missing")


def test_a_unit_that_handed_nothing_in_is_named_where_the_others_reports_are_made(filled: Office) -> None:
    filled.file("tay-an").unlink()
    filled.run("collect")
    run = filled.run("papers", "self-report")
    assert (run.exit_code, run.problem("not_submitted")["sheet"]) == (3, "self-report")
    assert run.problem("not_submitted")["what"] == "Báo cáo tự đánh giá, chấm điểm của đơn vị: Xã Tây An chưa nộp hồ sơ"
    assert sorted(file.stem for file in papers_in(filled)) == ["binh-hoa", "phu-phong"]
