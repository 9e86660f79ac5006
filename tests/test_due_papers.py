"""`sync` makes papers and pages as soon as they can be made, and again only when what they rest on has changed."""

from __future__ import annotations

from pathlib import Path

from office import Office

EARLY, LATER = "2023-11-01T08:00", "2023-11-02T08:00"
DECIDED, PUBLIC, NEXT_DAY = "2023-12-26T08:00", "2024-01-31T18:00", "2024-02-01T08:00"


def papers(office: Office) -> dict[str, int]:
    """Return every paper there is, with the time at which it was written."""
    folder = office.folder / "output" / "papers"
    return {file.relative_to(folder).as_posix(): file.stat().st_mtime_ns for file in sorted(folder.rglob("*.docx"))}


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


def test_a_survey_block_that_changed_has_the_answers_counted_again(appraised: Office) -> None:
    assert "survey" not in steps(appraised, DECIDED)
    criteria = appraised.folder / "criteria.yaml"
    words = criteria.read_text(encoding="utf-8").replace("title: Khảo sát", "title: Khảo sát ý kiến")
    criteria.write_text(words, encoding="utf-8")
    assert "survey" in steps(appraised, DECIDED)
