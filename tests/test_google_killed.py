"""The program ends in the middle of its work on Google: the next run completes it, as if nothing had been."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import pytest
from google_accidents import Deadly
from google_scenes import SCENES, Play
from google_season import UNITS
from google_server.clients import OFFICE

KILLER: Final = Path(__file__).with_name("google_killer.py")
AT_BOTH: Final = frozenset({"extend", "appraise", "collect_extended", "finalise"})
"""Short scenes, broken off both before and after every request; the others in turn."""


@pytest.mark.parametrize("name", [name for name in SCENES if not name.startswith("sync_")])
def test_a_stage_interrupted_at_any_request_is_completed_by_the_next_run(play: Play, name: str) -> None:
    for number, record in enumerate(play.scenes[name].requests):
        # Once a request is answered, all is as before the next is sent, but for what the program itself does between.
        moments: tuple[Literal["before", "after"], ...] = ("before", "after") if number % 2 else ("after", "before")
        for moment in moments if name in AT_BOTH else moments[:1]:
            scene = play.again(name)
            play.office.adapter = Deadly(play.office.server, number, moment)
            assert play.completed(scene, where=(number, record.operation, moment))


@pytest.mark.parametrize("name", ["sync_before", "sync_after", "sync_finalises"])
def test_sync_interrupted_again_and_again_comes_to_its_end(play: Play, name: str) -> None:
    scene = play.again(name)
    interrupted = 0
    for number in range(2, len(scene.requests), 3):
        play.office.adapter = Deadly(play.office.server, number, "after")
        try:
            play.office.run(scene.stage, scene.now)
        except KeyboardInterrupt:  # what was done before it is not asked for again: a late one may find nothing left
            interrupted += 1
    assert interrupted > 1
    play.office.adapter = None
    play.holds(scene, play.office.run(scene.stage, scene.now))


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_a_file_made_just_before_the_end_is_not_made_again_though_search_lags(play: Play, number: int) -> None:
    scene = play.again("provision")
    play.office.server.world.search_lag = timedelta(minutes=5)
    play.office.adapter = Deadly(play.office.server, number, "after")
    assert play.completed(scene)
    assert [len(play.office.files(f"units/{unit}")) for unit in UNITS] == [1, 1, 1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    ("name", "command", "number", "moment"),
    [
        ("provision", ["provision"], 3, "after"),
        ("collect", ["collect"], 6, "after"),
        ("appraise", ["appraise"], 3, "after"),
    ],
)
def test_a_command_that_is_killed_is_completed_by_the_next(
    play: Play, name: str, command: list[str], number: int, moment: str
) -> None:
    scene = play.again(name)
    arguments = [str(number), moment, "--cycle", str(play.office.folder), "--now", scene.now, *command]
    environment = os.environ | {"CCHC_GOOGLE_EMULATOR": play.office.server.url, "CCHC_GOOGLE_EMULATOR_USER": OFFICE}
    killed = subprocess.run(
        [sys.executable, str(KILLER), *arguments], env=environment, capture_output=True, check=False, timeout=60
    )
    assert killed.returncode == -9, killed.stderr.decode()
    play.completed(scene)
