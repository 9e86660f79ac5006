"""`sync` makes papers and pages as soon as they can be made, and again only when what they rest on has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import Office
from test_survey_stage import BLOCK

NOI_VU = "appraisal:noi-vu"
EARLY, LATER = "2023-11-01T08:00", "2023-11-02T08:00"
DECIDED, PUBLIC, NEXT_DAY = "2023-12-26T08:00", "2024-01-31T18:00", "2024-02-01T08:00"


def papers(office: Office) -> dict[str, int]:
    """Return every paper there is, with the time at which it was written."""
    folder = office.folder / "output" / "papers"
    files = (file for file in sorted(folder.rglob("*.docx")) if file.is_file())
    return {file.relative_to(folder).as_posix(): file.stat().st_mtime_ns for file in files}


def site(office: Office) -> Path:
    return office.folder / "output" / "publication" / "index.html"


def steps(office: Office, now: str) -> list[str]:
    run = office.run("sync", now=now)
    assert run.exit_code in {0, 3}, run.out
    return [step["command"] for step in run.json["data"]["steps"]]


def test_plan_and_guidance_are_made_at_the_start_and_once(office: Office) -> None:
    assert "papers" in steps(office, EARLY)
    made = papers(office)
    assert list(made) == ["guidance.docx", "plan.docx"]
    assert "papers" not in steps(office, LATER)
    assert papers(office) == made


def test_a_paper_that_was_deleted_is_made_again(office: Office) -> None:
    steps(office, EARLY)
    (office.folder / "output" / "papers" / "plan.docx").unlink()
    assert "papers" in steps(office, LATER)
    assert list(papers(office)) == ["guidance.docx", "plan.docx"]


def test_papers_follow_the_settings(office: Office) -> None:
    steps(office, EARLY)
    before = papers(office)
    settings = office.folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8").replace("Bộ phận CCHC", "Tổ cải cách hành chính")
    settings.write_text(words, encoding="utf-8")
    assert "papers" in steps(office, LATER)
    assert papers(office)["guidance.docx"] != before["guidance.docx"]


def test_papers_follow_the_templates_of_the_office(office: Office) -> None:
    steps(office, EARLY)
    template = Path(__file__).parents[1] / "sheet_templates" / "papers" / "plan.docx"
    (office.folder / "templates").mkdir()
    (office.folder / "templates" / "plan.docx").write_bytes(template.read_bytes())
    assert "papers" in steps(office, LATER)
    assert "papers" not in steps(office, LATER)


def test_a_unit_finds_its_self_report_as_soon_as_it_was_collected(filled: Office) -> None:
    steps(filled, filled.AFTER)
    assert {"self-report/binh-hoa.docx", "self-report/phu-phong.docx", "self-report/tay-an.docx"} <= papers(
        filled
    ).keys()
    assert "notice/tay-an.docx" not in papers(filled)


def test_the_papers_after_the_decision_are_made_with_it_and_the_pages_on_their_date(appraised: Office) -> None:
    assert "papers" in steps(appraised, DECIDED)
    made = papers(appraised)
    assert {"minutes.docx", "report.docx", "submission.docx", "announcement.docx", "notice/tay-an.docx"} <= made.keys()
    assert not site(appraised).exists()
    assert "papers" not in steps(appraised, DECIDED)
    assert "publish" in steps(appraised, PUBLIC)
    assert site(appraised).exists()
    assert "publish" not in steps(appraised, NEXT_DAY)
    assert papers(appraised) == made


def test_pages_that_were_deleted_are_written_again(appraised: Office) -> None:
    steps(appraised, PUBLIC)
    (site(appraised).parent / "checksums.txt").unlink()
    site(appraised).parent.rename(appraised.folder / "moved-away")
    assert "publish" in steps(appraised, NEXT_DAY)
    assert site(appraised).exists()


def test_a_dry_run_makes_nothing(office: Office) -> None:
    run = office.run("sync", "--dry-run", now=EARLY)
    assert run.exit_code == 0
    assert papers(office) == {}


def test_a_survey_block_that_changed_has_the_survey_taken_again_and_once(appraised: Office) -> None:
    assert "survey" not in steps(appraised, DECIDED)
    criteria = appraised.folder / "criteria.yaml"
    criteria.write_text(criteria.read_text(encoding="utf-8") + BLOCK, encoding="utf-8")
    assert "survey" in steps(appraised, DECIDED)
    assert "survey" not in steps(appraised, DECIDED)


def test_remarks_that_were_left_out_once_are_left_out_by_sync_too(appraised: Office) -> None:
    with appraised.edit_review() as hand:
        hand.type(NOI_VU, "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark="Chậm ba tuần")
    steps(appraised, DECIDED)
    page = site(appraised).parent / "units" / "tay-an.html"
    assert appraised.run("publish", "--no-remarks", now=PUBLIC).exit_code == 0
    assert "Chậm ba tuần" not in page.read_text(encoding="utf-8")
    steps(appraised, NEXT_DAY)
    assert "Chậm ba tuần" not in page.read_text(encoding="utf-8")
    assert appraised.run("publish", now=NEXT_DAY).exit_code == 0
    assert "Chậm ba tuần" in page.read_text(encoding="utf-8")


def test_papers_that_had_to_wait_are_made_as_soon_as_they_can_be(appraised: Office) -> None:
    settings = appraised.folder / "cycle.yaml"
    words = settings.read_text(encoding="utf-8")
    settings.write_text(words + "previous: {file: last-year.json}\n", encoding="utf-8")
    steps(appraised, DECIDED)
    assert "minutes.docx" in papers(appraised)
    assert "report.docx" not in papers(appraised)
    settings.write_text(words, encoding="utf-8")
    steps(appraised, DECIDED)
    assert "report.docx" in papers(appraised)


def test_a_paper_that_is_open_in_word_stops_nothing_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(source: Path, target: Path) -> None:
        if target.name == "plan.docx":
            raise PermissionError(13, "Permission denied")  # what Windows says of a file that Word holds
        source.replace(target)

    monkeypatch.setattr("cchc_sheets.files._replace", locked)
    run = office.run("sync", now=EARLY)
    assert run.json["status"] == "partial"
    assert (office.folder / "workspace" / "board.xlsx").exists()
    assert "guidance.docx" in papers(office)


def test_after_the_publication_nothing_more_is_due(appraised: Office) -> None:
    steps(appraised, DECIDED)
    following = appraised.run("sync", now=NEXT_DAY).json["data"]["next"]
    assert following["overdue"] is False
    assert "archive" in following["what"]


def test_the_survey_is_not_taken_again_for_what_its_points_do_not_rest_on(appraised: Office) -> None:
    settings, criteria = appraised.folder / "cycle.yaml", appraised.folder / "criteria.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "# ghi chú\n", encoding="utf-8")
    words = criteria.read_text(encoding="utf-8").replace("title: Khảo sát", "title: Khảo sát ý kiến")
    criteria.write_text(words, encoding="utf-8")
    assert "survey" not in steps(appraised, DECIDED)


def test_a_unit_that_handed_nothing_in_keeps_sync_from_nothing_and_is_no_problem_of_its_papers(filled: Office) -> None:
    filled.file("tay-an").unlink()
    run = filled.run("sync", now=filled.AFTER)
    papers_step = [step for step in run.json["data"]["steps"] if step["command"] == "papers"]
    assert papers_step
    assert "not_submitted" not in run.codes()
    assert {"self-report/binh-hoa.docx", "self-report/phu-phong.docx"} <= papers(filled).keys()
    assert "papers" not in steps(filled, filled.AFTER)
