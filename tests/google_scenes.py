"""The stages of a season as scenes: what was before, what is done, and what must have come of it in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from google_end_state import State, difference, end_state
from google_season import AFTER, BEFORE, LATER, UNITS, Saved, Stage, StagedOffice
from google_server import GoogleServer
from google_server.log import Record
from google_server.world import Permission
from office import add_criterion

from cchc_sheets.errors import CchcError
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.extend import extend
from cchc_sheets.stages.finalise import finalise
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.season import APPRAISAL, Season
from cchc_sheets.stages.share import share
from cchc_sheets.stages.survey import survey
from cchc_sheets.stages.sync import sync

SCENES: Final = (
    "provision",
    "share",
    "sync_before",
    "rebuild",
    "sync_after",
    "collect",
    "extend",
    "appraise",
    "collect_extended",
    "appraise_again",
    "review_rebuilt",
    "sync_finalises",
    "finalise",
)


@dataclass
class Scene:
    """One stage at its moment: everything before it, and what it comes to undisturbed."""

    stage: Stage
    now: str
    before: Saved
    requests: list[Record] = field(default_factory=list)
    after: State = field(default_factory=dict)
    problems: frozenset[str] = frozenset()


class Play:
    """The season, played once without a mishap; every scene can be played again, with one."""

    def __init__(self, office: StagedOffice) -> None:
        self.office = office
        self.scenes: dict[str, Scene] = {}

    def scene(self, name: str, stage: Stage, now: str) -> None:
        """Play a scene as it should be, and go on from there."""
        scene = Scene(stage, now, self.office.save())
        self.office.server.reset_log()
        outcome = self.office.run(stage, now)
        scene.requests = list(self.office.server.log)
        scene.problems = codes(outcome)
        scene.after = end_state(self.office)
        self.scenes[name] = scene

    def aside(self, name: str, stage: Stage, now: str, prepare: Callable[[], None]) -> None:
        """Play a scene that the season does not go on from."""
        here = self.office.save()
        prepare()
        self.scene(name, stage, now)
        self.office.restore(here)

    def again(self, name: str) -> Scene:
        """Go back to the moment before a scene."""
        scene = self.scenes[name]
        self.office.restore(scene.before)
        return scene

    def completed(self, scene: Scene, *, where: object = "") -> bool:
        """Run a scene that something is in the way of; if it fails in words, run it once more with nothing in the way.

        A run that goes on without the board, and says so, counts as failed. Then nothing is lost and nothing doubled.
        Return whether the second run was needed.
        """
        try:
            outcome = self.office.run(scene.stage, scene.now)
            broke_off = not codes(outcome) <= scene.problems
        except (CchcError, KeyboardInterrupt):
            broke_off = True
        self.office.server.heal()
        self.office.adapter = None
        if broke_off:
            outcome = self.office.run(scene.stage, scene.now)
        self.holds(scene, outcome, where)
        return broke_off

    def holds(self, scene: Scene, outcome: Outcome, where: object = "") -> None:
        """Assert that the scene ended as it does undisturbed, and accused nobody of what went wrong with Google."""
        differing = difference(end_state(self.office), scene.after)
        assert not differing, (where, differing)
        assert codes(outcome) <= scene.problems, (where, [str(problem.what) for problem in outcome.problems])


def codes(outcome: Outcome) -> frozenset[str]:
    """Return the codes of all problems that an outcome tells."""
    return frozenset(problem.code for problem in outcome.problems)


@contextmanager
def played_season(folder: Path) -> Iterator[Play]:
    """Play the small season through all its scenes on a server of its own."""
    with GoogleServer() as server:
        play = Play(StagedOffice(server, folder / "cycle"))
        _play(play)
        assert tuple(play.scenes) == SCENES
        yield play
        assert server.violations == []


def _play(play: Play) -> None:
    office = play.office
    play.scene("provision", provision, BEFORE)
    play.aside("share", _share_and_mend, BEFORE, lambda: _access_in_disorder(office))
    for unit in UNITS:
        office.fill_in(unit)
    play.scene("sync_before", sync, BEFORE)
    play.aside("rebuild", provision, BEFORE, lambda: _another_criterion(office))
    play.aside("sync_after", sync, AFTER, office.write_survey)
    play.scene("collect", collect, AFTER)
    play.scene("extend", _extend, AFTER)
    play.scene("appraise", appraise, AFTER)
    office.agree(but=("tay-an/1.10",))
    more = {"1.10": {"self_score": "1"}, "2.2": {"evidence": "Báo cáo bổ sung"}}
    office.type("tayan@thu.example.gov.vn", "units/tay-an", "self_assessment", more)
    play.scene("collect_extended", collect, LATER)
    play.scene("appraise_again", appraise, LATER)
    play.aside("review_rebuilt", appraise, LATER, lambda: _another_unit(office))
    office.agree()
    office.write_survey()
    office.run(lambda season: survey(season, office.folder / "survey.csv"), LATER)
    office.run(appraise, LATER)
    remark = {"binh-hoa/1.1": {"remark": "Đã đối chiếu"}}
    office.type("noivu@thu.example.gov.vn", APPRAISAL, "appraisal:noi-vu", remark)
    play.aside("sync_finalises", sync, LATER, lambda: None)
    play.scene("finalise", finalise, LATER)


def _share_and_mend(season: Season) -> Outcome:
    return share(season, mend=True)


def _extend(season: Season) -> Outcome:
    return extend(season, "tay-an", until="2023-12-14T17:00", reason="Công văn 41")


def _another_criterion(office: StagedOffice) -> None:
    """Change the criteria set after the workbooks were handed out: the form becomes another one.

    Two communes were dissolved, so that one workbook is left to be made anew: each would be the same once more.
    """
    units = (office.folder / "units.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (office.folder / "units.csv").write_text("".join(units[:2]), encoding="utf-8")
    add_criterion(office.folder)


def _another_unit(office: StagedOffice) -> None:
    """Let a further commune join: the review workbook gets rows between those that departments have written in."""
    office.edit("units.csv", "phu-phong,", "tay-phu,Xã Tây Phú,xã,,yes,\nphu-phong,")


def _access_in_disorder(office: StagedOffice) -> None:
    """An address more in the roster, one that somebody took away by hand, one that somebody let in by hand."""
    office.edit("units.csv", "tayan@thu.example.gov.vn", "tayan@thu.example.gov.vn;ct.tayan@thu.example.gov.vn")
    world = office.server.world
    taken = world.files[office.files("units/binh-hoa")[0]].permissions
    del taken[next(number for number, one in taken.items() if one.role == "writer")]
    stranger = Permission("user", "writer", "ai.do@khac.example.gov.vn")
    world.files[office.files("units/phu-phong")[0]].permissions[stranger.id] = stranger
