"""Faults spread over the whole season, on both workspaces: the next run completes it, nothing lost, nothing doubled.

A bounded form of `tests/every_fault.py`, which tries every fault at every point.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from faults.answers import ANSWERS
from faults.blows import BLOWS, CUT_OFF
from faults.desks import GOOGLE, LOCAL, WORKSPACES
from faults.points import FILE, OPENED, RENAMED
from faults.season import Play, played_season
from faults.trials import Trial, complaints, trials_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork and no SIGKILL")

POINTS = {LOCAL: 10, GOOGLE: 6}
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
    step = len(trials) / count
    shift = sum(map(ord, trials[0].blow)) % 97 / 97
    return [trials[int((number + shift) * step)] for number in range(count)]


def test_faults_all_over_the_season_leave_no_trace(season: tuple[str, Play]) -> None:
    workspace, play = season
    said = []
    for blow in BLOWS if workspace == GOOGLE else set(BLOWS) - {CUT_OFF}:
        trials = [trial for scene in play.scenes.values() for trial in trials_of(scene, blow)]
        said += [each for trial in spread(trials, POINTS[workspace]) for each in complaints(play, trial)]
    for answer in ANSWERS if workspace == GOOGLE else ():
        trials = [trial for scene in play.scenes.values() for trial in trials_of(scene, answer)]
        said += [each for trial in spread(trials, 1) for each in complaints(play, trial)]
    assert not said, "\n".join(said)


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
