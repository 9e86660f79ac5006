"""Every changing command as a scene of one season: the moment before it, and what it comes to undisturbed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from google_office import NOI_VU, TU_PHAP
from google_server.world import Permission
from office import CRITERIA, add_criterion

from faults.bench import Ended
from faults.desks import Desk, GoogleDesk, Saved, desk_of
from faults.ends import State, end_state
from faults.points import SENT, Point

BEFORE, AFTER, LATER = "2023-12-01T08:00", "2023-12-11T08:00", "2023-12-15T08:00"
ASKED, ANSWERED, RULED = "2023-12-20T08:00", "2023-12-28T17:00", "2023-12-28T18:00"
DECIDED, PUBLISHED = "2023-12-29T08:00", "2024-01-31T08:00"

PENALTY: Final = (
    '  - {code: T.2, title: Sai sót, kind: penalty, per_item: 0.5, cap: 1, department: tu-phap, criterion: "2.2"}\n'
)


@dataclass(frozen=True)
class Scene:
    """One command at its moment.

    Attributes:
        name: as it is called in reports; the first word is the command.
        undisturbed: how it ended, with every point at which it wrote.
        after: what the season had come to then.
        whenever: the same, but for the times that it tells.
    """

    name: str
    arguments: tuple[str, ...]
    now: str
    before: Saved
    undisturbed: Ended
    after: State
    whenever: State

    @property
    def requests(self) -> list[Point]:
        """The requests to Google, in their order."""
        return [point for point in self.undisturbed.points if point.act == SENT]


class Play:
    """The season, played once without a mishap; every scene can be played again, with one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.scenes: dict[str, Scene] = {}
        self._twice: dict[tuple[str, bool], State] = {}

    def scene(self, name: str, now: str, *arguments: str) -> None:
        """Play a scene as it should be, and go on from there."""
        before = self.desk.save(name)
        ended = self.desk.order(arguments, now)
        assert ended.status in {0, 3}, (name, ended.out, ended.err)
        after, whenever = end_state(self.desk), end_state(self.desk, told_times=False)
        self.scenes[name] = Scene(name, arguments, now, before, ended, after, whenever)

    def run_twice(self, scene: Scene, *, told_times: bool) -> State:
        """Return what a scene comes to if its command is run twice, undisturbed; the desk is as before then."""
        if (scene.name, told_times) not in self._twice:
            here = self.desk.save(f"while {scene.name} is run twice, {told_times}")
            self.desk.restore(scene.before)
            for _ in range(2):
                self.desk.order(scene.arguments, scene.now)
            self._twice[scene.name, told_times] = end_state(self.desk, told_times=told_times)
            self.desk.restore(here)
        return self._twice[scene.name, told_times]

    def aside(self, name: str, now: str, *arguments: str, prepare: Callable[[], None] = lambda: None) -> None:
        """Play a scene that the season does not go on from."""
        here = self.desk.save(f"before {name}")
        prepare()
        self.scene(name, now, *arguments)
        self.desk.restore(here)


@contextmanager
def played_season(workspace: str, folder: Path) -> Iterator[Play]:
    """Play the season of every changing command on a workspace; tests go back to any of its scenes."""
    with desk_of(workspace, folder) as desk:
        play = Play(desk)
        _play(play)
        yield play


def _play(play: Play) -> None:
    desk = play.desk
    kind = "google" if isinstance(desk, GoogleDesk) else "local"
    play.aside(
        "init", BEFORE, "init", str(desk.folder), "--workspace", kind, prepare=lambda: shutil.rmtree(desk.folder)
    )
    (desk.folder / "criteria.yaml").write_text(CRITERIA + PENALTY, encoding="utf-8")
    _self_assessment(play, desk)
    _appraisal(play, desk)
    _explanation(play, desk)
    _end(play, desk)


def _self_assessment(play: Play, desk: Desk) -> None:
    play.aside("sync (handing out)", BEFORE, "sync")
    play.scene("provision", BEFORE, "provision")
    if isinstance(desk, GoogleDesk):
        play.aside("share", BEFORE, "share", "--mend", prepare=lambda: _access_in_disorder(desk))
    for unit in desk.UNITS:
        desk.fill_in(unit)
    play.aside("provision (other criteria)", BEFORE, "provision", prepare=lambda: add_criterion(desk.folder))
    play.scene("status", BEFORE, "status", "--write")
    play.aside("sync (deadline)", AFTER, "sync", prepare=desk.write_survey)
    play.scene("collect", AFTER, "collect")
    until = ("--until", "2023-12-14T17:00", "--reason", "Công văn số 41")
    play.scene("extend", AFTER, "extend", "tay-an", *until)


def _appraisal(play: Play, desk: Desk) -> None:
    play.aside("appraise (links)", AFTER, "appraise", "--check-links")
    play.scene("appraise", AFTER, "appraise")
    desk.agree_to_everything()
    with desk.edit("tay-an") as hand:
        hand.type("self_assessment", "2.2", self_score=1.5, evidence="Báo cáo bổ sung")
    play.scene("collect (extended)", LATER, "collect")
    with desk.edit_review() as hand:
        hand.type(NOI_VU, "tay-an/1.10", verdict="Điều chỉnh", appraised_points=1, remark="Thiếu tài liệu")
        hand.type(TU_PHAP, "binh-hoa/2.2", verdict="Điều chỉnh", appraised_points=0.75, remark="Thiếu tài liệu")
        hand.type("adjustments", "phu-phong/C.1", count=1, remark="Bằng khen số 8")
    play.scene("appraise (edited)", LATER, "appraise")
    play.aside("appraise (another unit)", LATER, "appraise", prepare=lambda: _another_unit(desk))
    with desk.edit_review() as hand:
        hand.type(TU_PHAP, "tay-an/2.2", remark="Đã xem lại")


def _explanation(play: Play, desk: Desk) -> None:
    play.scene("explain (asked)", ASKED, "explain", "--until", ANSWERED)
    with desk.edit("tay-an") as hand:
        hand.type("explanation", "1.10", answer="Không đồng ý", explanation="Đã có báo cáo bổ sung")
    with desk.edit("binh-hoa") as hand:
        hand.type("explanation", "2.2", answer="Đồng ý")
    play.scene("explain (answered)", ANSWERED, "explain")
    with desk.edit_review() as hand:
        hand.type("rulings", "tay-an/1.10", ruled_points=1.25, reason="Chấp nhận một phần")
    play.scene("explain (ruled)", RULED, "explain")
    ruling = ("--rule", "binh-hoa/2.2", "--points", "1", "--reason", "Biên bản số 12")
    play.scene("explain (meeting)", RULED, "explain", *ruling)


def _end(play: Play, desk: Desk) -> None:
    desk.write_survey()
    play.scene("survey", RULED, "survey")
    play.aside("sync (decision)", DECIDED, "sync")
    play.scene("finalise", DECIDED, "finalise")
    play.scene("papers", DECIDED, "papers", "all")
    play.aside("watch", PUBLISHED, "watch", "--times", "1")
    play.scene("publish", PUBLISHED, "publish")
    play.scene("publish (again)", PUBLISHED, "publish", "--no-remarks")
    play.scene("archive", PUBLISHED, "archive")


def _another_unit(desk: Desk) -> None:
    """Let a further commune join: the review workbook gets rows between those that departments have written in."""
    file = desk.folder / "units.csv"
    words = file.read_text(encoding="utf-8")
    file.write_text(words.replace("phu-phong,", "tay-phu,Xã Tây Phú,xã,,yes,\nphu-phong,"), encoding="utf-8")


def _access_in_disorder(desk: GoogleDesk) -> None:
    """An address more in the roster, one that somebody took away by hand, one that somebody let in by hand."""
    file = desk.folder / "units.csv"
    words = file.read_text(encoding="utf-8")
    more = "tayan@thu.example.gov.vn;ct.tayan@thu.example.gov.vn"
    file.write_text(words.replace("tayan@thu.example.gov.vn", more), encoding="utf-8")
    taken = desk.drive_file("units/binh-hoa").permissions
    del taken[next(number for number, one in taken.items() if one.role == "writer")]
    stranger = Permission("user", "writer", "ai.do@khac.example.gov.vn")
    desk.drive_file("units/phu-phong").permissions[stranger.id] = stranger
