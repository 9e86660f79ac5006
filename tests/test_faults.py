"""Faults spread over the whole season, on both workspaces: the next run completes it, nothing lost, nothing doubled.

A bounded form of `tests/every_fault.py`, which tries every fault at every point.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from faults.answers import ANSWERS
from faults.blows import BLOWS, CUT_OFF, FULL, LOCKED, READ_ONLY
from faults.circumstances import CIRCUMSTANCES
from faults.desks import GOOGLE, LOCAL, WORKSPACES
from faults.points import BEGUN, FILE, FOLDER_MADE, OPENED, RENAMED
from faults.season import Play, played_season
from faults.trials import Trial, complaints, trials_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork and no SIGKILL")

POINTS = {LOCAL: 6, GOOGLE: 4}
"""So many points of the season for each blow; one request for each of Google's answers."""

TEMPORARY = re.compile(r"((?:[^/]+/)*\.[^/]+\.[0-9a-f]{8}\.part)(?:/.*)?$")
MOVED_ASIDE = {"output/publication"}
"""The one folder that is replaced as a whole: the old one makes room first."""


@pytest.fixture(params=WORKSPACES, scope="module")
def season(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Play]]:
    """Lend the season, played once; with the workspace it was played on."""
    with played_season(request.param, tmp_path_factory.mktemp("season")) as play:
        yield request.param, play


def spread(trials: list[Trial], count: int) -> list[Trial]:
    """Return so many of them, as far apart as they can be, no two blows' at the same places."""
    if not trials:  # on Google nobody opens a workbook in Excel
        return []
    step = len(trials) / count
    shift = sum(map(ord, trials[0].blow)) % 97 / 97
    return [trials[int((number + shift) * step)] for number in range(count)]


def test_faults_all_over_the_season_leave_no_trace(season: tuple[str, Play]) -> None:
    workspace, play = season
    said = []
    for blow in BLOWS if workspace == GOOGLE else tuple(blow for blow in BLOWS if blow != CUT_OFF):
        trials = [trial for scene in play.scenes.values() for trial in trials_of(scene, blow)]
        said += [each for trial in spread(trials, POINTS[workspace]) for each in complaints(play, trial)]
    for others, number in ((CIRCUMSTANCES, 3), (ANSWERS if workspace == GOOGLE else (), 1)):
        for fault in others:
            trials = [trial for scene in play.scenes.values() for trial in trials_of(scene, fault)]
            said += [each for trial in spread(trials, number) for each in complaints(play, trial)]
    assert not said, "\n".join(said)


FILE_FIX = "close it in Word or Excel, check that the disk has room and that you may write into the folder"
WORKBOOK_FIX = "close it in Excel, check that the disk has room and that you may write into the folder"
PAGES_FIX = (
    "close what is opened from this folder, check that the disk has room and that you may write there; "
    "what was published before is unchanged"
)
LEDGER_FIX = (
    "check that ledger.db is whole, not read-only and not opened by another program, and that the disk has room"
)
WATCH_FIX = "see that the disk has room and that you may write into the folder"
REFUSALS = [
    ("init", FULL, OPENED, "the file cannot be written: File too large", "templates/announcement.docx", FILE_FIX),
    ("finalise", FULL, OPENED, "the file cannot be written: File too large", "output/decision.docx", FILE_FIX),
    ("finalise", READ_ONLY, OPENED, "the file cannot be written: Read-only file system", "decision.docx", FILE_FIX),
    ("finalise", LOCKED, RENAMED, "the file cannot be written: used by another process", "decision.docx", FILE_FIX),
    ("archive", FULL, OPENED, "the file cannot be written: File too large", "output/small-2023.zip", FILE_FIX),
    ("provision", LOCKED, RENAMED, "the file cannot be written: used by another process", "tay-an.xlsx", WORKBOOK_FIX),
    ("publish", FULL, OPENED, "the pages cannot be written: File too large", "output/publication", PAGES_FIX),
    ("survey", FULL, BEGUN, "the ledger cannot be used: disk I/O error", "ledger.db", LEDGER_FIX),
    ("survey", READ_ONLY, BEGUN, "the ledger cannot be used: attempt to write a readonly database", "", LEDGER_FIX),
    ("survey", LOCKED, BEGUN, "the ledger cannot be used: database is locked", "ledger.db", LEDGER_FIX),
    ("watch", READ_ONLY, OPENED, "the file cannot be written: Read-only file system", "watch.lock", WATCH_FIX),
]
"""The full disk of these runs is a limit on the size of files: the system says so in its own words."""

REFUSALS_ON_GOOGLE = [
    (
        "provision",
        FULL,
        FOLDER_MADE,
        "the file cannot be written: No space left on device",
        "google-files.json",
        FILE_FIX,
    ),
    ("provision (other criteria)", FULL, FOLDER_MADE, "the file cannot be written: No space left", ".xlsx", FILE_FIX),
]


def test_what_a_disk_refuses_is_told_in_three_parts(season: tuple[str, Play]) -> None:
    workspace, play = season
    for name, blow, act, what, where, fix in REFUSALS if workspace == LOCAL else REFUSALS_ON_GOOGLE:
        scene = play.scenes[name]
        play.desk.restore(scene.before)
        at = next(number for number, point in enumerate(scene.undisturbed.points, 1) if point.act == act)
        told = play.desk.order(scene.arguments, scene.now, blow, at).json
        said = told["error"] or told["problems"][0]
        assert said["what"].startswith(what), (name, blow, said)
        assert where in said.get("where", said["what"]), (name, blow, said)
        assert said["fix"] == fix, (name, blow, said)


def test_no_file_is_ever_written_in_place(season: tuple[str, Play]) -> None:
    """Whatever is opened for writing bears a temporary name, and nothing of that name is there in the end."""
    _, play = season
    for name, scene in play.scenes.items():
        points = [point for point in scene.undisturbed.points if point.kind == FILE]
        opened = [point.what for point in points if point.act == OPENED and point.what != "watch.lock"]
        assert [what for what in opened if not TEMPORARY.match(what)] == [], name
        renamed = {point.what for point in points if point.act == RENAMED}
        assert {found[1] for what in opened if (found := TEMPORARY.match(what))} == renamed - MOVED_ASIDE, name
        assert not any(point.act in {"truncate", "link", "symlink"} for point in points), name
