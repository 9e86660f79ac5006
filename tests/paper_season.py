"""A small season for the tests of the papers, played to its end, and ways to look into a paper.

Every commune claims 2 + 1,5 + 0,5 + 1,25 = 5,25 of 7 points. Tây An is lowered in 1.10 (1,5 to 1) and 2.2 (1,25 to
0,75), Bình Hòa in 2.2 (1,25 to 1). With the survey of 2,7, 2,4 and 2,1 points they come to 4,25 + 2,7 = 6,95,
5 + 2,4 = 7,4 and 5,25 + 2,1 = 7,35 of 10: ranks 3, 1, 2, all of them «Khá»; the mean is 217 / 3 = 72,33.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn
from office import Office

from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.paper_kinds import kind_of
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.season import Season, open_season

LATER = "2023-12-29T08:00"
NOI_VU, TU_PHAP = "appraisal:noi-vu", "appraisal:tu-phap"
REMARK = "Thiếu tài liệu & số liệu <a> {{ mật }}"


def play(office: Office) -> Office:
    """Appraise what was collected, lower three findings, take in the survey, decide."""
    assert office.run("appraise").exit_code == 0
    office.agree_to_everything()
    changed = {(NOI_VU, "tay-an/1.10"): 1, (TU_PHAP, "tay-an/2.2"): 0.75, (TU_PHAP, "binh-hoa/2.2"): 1}
    with office.edit_review() as hand:
        for (sheet, row), points in changed.items():
            hand.type(sheet, row, verdict="Điều chỉnh", appraised_points=points, remark=REMARK)
    assert office.run("appraise").exit_code == 0
    office.write_survey()
    assert office.run("survey").exit_code == 0
    return office


def decide(office: Office) -> Office:
    """Write the decision."""
    run = office.run("finalise", now=LATER)
    assert run.exit_code == 0, run.out
    return office


def season_of(office: Office, now: str = LATER, *, dry_run: bool = False) -> Season:
    """Open the office's season as a command would."""
    return open_season(office.folder, now=now, actor="văn thư", dry_run=dry_run)


def make(office: Office, *names: str, now: str = LATER, unit: str | None = None, dry_run: bool = False) -> Outcome:
    """Make papers, or list them."""
    season = season_of(office, now, dry_run=dry_run)
    try:
        return papers(season, names, unit=unit)
    finally:
        season.close()


def file_of(office: Office, name: str) -> Path:
    """Return where a paper lies."""
    return office.folder / "output" / "papers" / f"{name}.docx"


def words_in(content: bytes) -> str:
    """Return everything a paper says outside its tables, a paragraph a line."""
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


def tables_in(content: bytes) -> list[list[list[str]]]:
    """Return the ruled tables of a paper: rows of cells; the head and the signature are none."""
    tables = docx.Document(io.BytesIO(content)).tables
    ruled = [table for table in tables if next(table._tbl.iter(qn("w:tblHeader")), None) is not None]
    return [[list(map(_cell, row.findall(qn("w:tc")))) for row in table._tbl.tr_lst] for table in ruled]


def _cell(cell: Any) -> str:
    return "".join(t.text or "" for t in cell.iter(qn("w:t")))


def letterhead_of(content: bytes) -> list[str]:
    """Return the lines of the head, left column first, row by row."""
    table = docx.Document(io.BytesIO(content)).tables[0]
    return [p.text for row in table.rows for cell in row.cells for p in cell.paragraphs if p.text]


def titles() -> list[str]:
    """Return the words of all papers but the decision."""
    codes = ["plan", "guidance", "reminder", "self-report", "minutes", "report", "submission", "announcement", "notice"]
    assert all(kind_of(code) for code in codes)
    return codes
