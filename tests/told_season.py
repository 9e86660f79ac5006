"""A small season in which everything happens that a number can live through, played to its end and published.

Every commune claims 2 (1.1) + 1,5 (1.10) + 0,5 (2.1) + 1,25 (2.2) = 5,25 of 7 points. Then:

- Bình Hòa gets more time and claims 1,5 in 2.2; both departments had agreed already, so the finding has to be looked
  at again: 2 + 1,5 + 0,5 + 1,5 = 5,5.
- Tây An is lowered in 1.10 (1,5 to 1) and 2.2 (1,25 to 0,75). It contests 2.2: the council rules 1. It agrees to
  1.10, but the final meeting rules 1,25. A penalty T.2 takes 0,5 from 2.2: 2 + 1,25 + 0,5 + (1 - 0,5) = 4,25.
- Phú Phong gets a bonus C.1 of 0,5: 5,25 + 0,5.

Survey points are imported twice; the second file gives 1,8 + 0,9 = 2,7, 1,6 + 0,8 = 2,4, 1,4 + 0,7 = 2,1. Totals of
10: Tây An 4,25 + 2,7 = 6,95; Bình Hòa 5,5 + 2,4 = 7,9; Phú Phong 5,25 + 2,1 + 0,5 = 7,85. Ranks 3, 1, 2.
The mean index is (69,5 + 79 + 78,5) / 3 = 227 / 3 = 75,67.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from office import CRITERIA, Office, small_cycle

from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.explain import explain
from cchc_sheets.stages.extend import extend
from cchc_sheets.stages.finalise import finalise
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.ruling import rule
from cchc_sheets.stages.season import Season, open_season
from cchc_sheets.stages.survey import survey

NOI_VU, TU_PHAP = "appraisal:noi-vu", "appraisal:tu-phap"
PENALTY = (
    '  - {code: T.2, title: Sai sót, kind: penalty, per_item: 0.5, cap: 1, department: tu-phap, criterion: "2.2"}\n'
)
REMARK = "Thiếu tài liệu"
ANSWER = "Đã có báo cáo bổ sung"
END = "2024-01-20T08:00"


@contextmanager
def season_of(folder: Path, now: str = END, *, dry_run: bool = False) -> Iterator[Season]:
    """Open a season as a command would."""
    season = open_season(folder, now=now, actor="văn thư", dry_run=dry_run)
    try:
        yield season
    finally:
        season.close()


def run(folder: Path, now: str, stage: Callable[[Season], Outcome]) -> Outcome:
    """Run one stage at a moment."""
    with season_of(folder, now) as season:
        return stage(season)


def played(folder: Path) -> Path:
    """Play the season in a new folder, up to the published pages, and return the folder."""
    small_cycle(folder)
    (folder / "criteria.yaml").write_text(CRITERIA + PENALTY, encoding="utf-8")
    office = Desk(folder)
    run(folder, "2023-12-01T08:00", provision)
    for unit in Office.UNITS:
        office.fill_in(unit)
    run(folder, "2023-12-11T08:00", collect)
    _appraise(folder, office)
    _explain(folder, office)
    (folder / "survey.csv").write_text("unit;1.2;2.3\ntay-an;1;0,5\nbinh-hoa;1;0,5\nphu-phong;1;0,5\n")
    run(folder, "2023-12-28T18:00", survey)
    office.write_survey()
    run(folder, "2023-12-28T19:00", survey)
    run(folder, "2023-12-29T08:00", finalise)
    run(folder, END, lambda season: papers(season, ["all"]))
    run(folder, END, publish)
    return folder


def _appraise(folder: Path, office: Office) -> None:
    run(folder, "2023-12-11T09:00", appraise)
    office.agree_to_everything()
    run(folder, "2023-12-11T10:00", appraise)
    run(folder, "2023-12-11T11:00", _give_time)
    with office.edit("binh-hoa") as hand:
        hand.type("self_assessment", "2.2", self_score=1.5)
    run(folder, "2023-12-14T18:00", collect)
    run(folder, "2023-12-15T08:00", appraise)
    with office.edit_review() as hand:
        hand.type(TU_PHAP, "binh-hoa/2.2", remark="Đã xem lại")
        hand.type(NOI_VU, "tay-an/1.10", verdict="Điều chỉnh", appraised_points=1, remark=REMARK)
        hand.type(TU_PHAP, "tay-an/2.2", verdict="Điều chỉnh", appraised_points=0.75, remark=REMARK)
        hand.type("adjustments", "tay-an/T.2", count=1, remark="Văn bản số 9/STP ngày 01/12/2023")
        hand.type("adjustments", "phu-phong/C.1", count=1, remark="Bằng khen số 8")
    run(folder, "2023-12-20T08:00", appraise)


def _give_time(season: Season) -> Outcome:
    return extend(season, "binh-hoa", until="2023-12-14T17:00", reason="Công văn số 41")


def _explain(folder: Path, office: Office) -> None:
    run(folder, "2023-12-27T08:00", lambda season: explain(season, until="2023-12-28T17:00"))
    with office.edit("tay-an") as hand:
        hand.type("explanation", "2.2", answer="Không đồng ý", explanation=ANSWER)
        hand.type("explanation", "1.10", answer="Đồng ý")
    run(folder, "2023-12-28T17:00", explain)
    with office.edit_review() as hand:
        hand.type("rulings", "tay-an/2.2", ruled_points=1, reason="Chấp nhận một phần")
    run(folder, "2023-12-28T17:30", explain)
    reason = "Biên bản số 12"
    run(folder, "2023-12-28T17:45", lambda season: rule(season, "tay-an/1.10", points="1,25", reason=reason))


class Desk(Office):
    """An office whose commands are run as stages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
