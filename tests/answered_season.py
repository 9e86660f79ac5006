"""A small season whose survey is measured from answers, decided and reported; the council gives one unit its points.

Answers (see `test_survey_stage`):

- Tây An sent 4, one of them twice; 2 of 3 and 4 of 5 satisfied: (2·66,67 + 80) ÷ 3 = 71,11, the margin likewise
  (2·37,72 + 32,01) ÷ 3 = 35,82; 1,33 + 0,8 points. Of 5 people, 5 ÷ (1 + 5·0,0025) = 4,9… wants all.
- Bình Hòa sent 3, one impossible; 1 of 1 and 2 of 4: (2·100 + 50) ÷ 3 = 83,33; only 2.3 has a margin,
  1,96·√(0,25 ÷ 2 · 1998/1999) = 69,28, a third of it is 23,09; 2 + 0,5 points. 2000 ÷ 6 wants 334.
- Phú Phong sent none, 4000 ÷ 11 wants 364; it has 1,5 and 0,5 points from the council.
- One more line names no unit.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from office import CRITERIA, Office, small_cycle
from test_survey_stage import BLOCK, FORM
from told_season import Desk, run

from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.finalise import finalise
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.survey import survey

DAY = "2023-12-29T08:00"


def answered(folder: Path) -> Path:
    """Play the season in a new folder, up to report, notices and pages, and return the folder."""
    small_cycle(folder)
    (folder / "criteria.yaml").write_text(CRITERIA + BLOCK, encoding="utf-8")
    office = Desk(folder)
    run(folder, "2023-12-01T08:00", provision)
    for unit in Office.UNITS:
        office.fill_in(unit)
    run(folder, "2023-12-11T08:00", collect)
    run(folder, "2023-12-11T09:00", appraise)
    office.agree_to_everything()
    run(folder, "2023-12-11T10:00", appraise)
    give(folder, "council.csv", "unit;1.2;2.3\nphu-phong;1,5;0,5\n")
    give(folder, "survey.csv", FORM)
    run(folder, DAY, finalise)
    run(folder, DAY, lambda season: papers(season, ["report", "notice"]))
    run(folder, DAY, publish)
    return folder


def give(folder: Path, name: str, content: str) -> None:
    """Write a file of points or answers and take it in."""
    (folder / name).write_text(content, encoding="utf-8-sig")
    run(folder, DAY, partial(survey, file=folder / name))
