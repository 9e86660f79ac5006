"""Two small seasons, each with a criterion that did not occur and is left out for a unit; the later knows the earlier.

Every commune claims 2 (1.1) + 1,5 (1.10) + 0,5 (2.1) + 1,25 (2.2) = 5,25 of 7 points; the survey gives 2,7, 2,4 and 2,1
of 3. But 1.10, worth 2 points, «did not occur»:

- in 2022 at Tây An: 2 + 0,5 + 1,25 + 2,7 = 6,45 of 8 = 80,625. Bình Hòa has 7,65 of 10 = 76,5, Phú Phong 7,35 of 10 =
  73,5; the mean is 230,625 / 3 = 76,875.
- in 2023 at Bình Hòa: 2 + 0,5 + 1,25 + 2,4 = 6,15 of 8 = 76,875. At Phú Phong, too, but there the department found that
  it had occurred, and gives 0,5: 2 + 0,5 + 0,5 + 1,25 + 2,1 = 6,35 of 10 = 63,5. Tây An has 7,95 of 10 = 79,5; the mean
  is 219,875 / 3 = 73,2917.

Changes, of the printed figures: 79,5 - 80,63 = -1,13; 76,88 - 76,5 = +0,38; -10; of the mean 73,29 - 76,88 = -3,59.
"""

from __future__ import annotations

from pathlib import Path

from office import CYCLE, Office, small_cycle
from told_season import END, NOI_VU, REMARK, Desk, run

from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.finalise import finalise
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.survey import survey

PREVIOUS = "previous:\n  file: ../2022/ledger.db\n"
DID_NOT_OCCUR = {"numerator": None, "denominator": None, "self_score": None, "not_occurred": "Không phát sinh"}


def both_played(folder: Path) -> Path:
    """Play 2022 to its decision and 2023 to its published pages; return the folder of 2023."""
    settings = CYCLE.replace("small-2023", "small-2022").replace("year: 2023", "year: 2022")
    _decided(folder / "2022", settings, left_out=("tay-an",))
    later = _decided(folder / "2023", CYCLE + PREVIOUS, left_out=("binh-hoa", "phu-phong"), occurred=("phu-phong",))
    run(later, END, lambda season: papers(season, ["all"]))
    run(later, END, publish)
    return later


def _decided(folder: Path, settings: str, *, left_out: tuple[str, ...], occurred: tuple[str, ...] = ()) -> Path:
    """Play a season in which 1.10 did not occur at some units, at others only in their own eyes."""
    small_cycle(folder)
    (folder / "cycle.yaml").write_text(settings, encoding="utf-8")
    office = Desk(folder)
    run(folder, "2023-12-01T08:00", provision)
    for unit in Office.UNITS:
        office.fill_in(unit, c1_10=DID_NOT_OCCUR if unit in left_out else {})
    run(folder, "2023-12-11T08:00", collect)
    run(folder, "2023-12-11T09:00", appraise)
    office.agree_to_everything()
    with office.edit_review() as hand:
        for unit in occurred:
            hand.type(NOI_VU, f"{unit}/1.10", verdict="Điều chỉnh", appraised_points=0.5, remark=REMARK)
    run(folder, "2023-12-11T10:00", appraise)
    office.write_survey()
    run(folder, "2023-12-28T19:00", survey)
    run(folder, "2023-12-29T08:00", finalise)
    return folder
