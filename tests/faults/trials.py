"""One scene, one point, one blow: a run is struck, run again, and compared with the undisturbed one."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faults.answers import ANSWERS, answering
from faults.bench import Ended
from faults.blows import BLOWS, ENDS, KILLED, applies
from faults.circumstances import CIRCUMSTANCES, CLOCK_BACK, clock, count, opened
from faults.desks import GoogleDesk
from faults.ends import State, difference, end_state, is_left_over, left_over, without_backups, without_papers_too_many
from faults.season import Play, Scene

_ZIPS: Final = {".xlsx", ".docx", ".zip"}
_MADE_ALREADY: Final = "exists"
"""How `init` ends over a cycle that is whole."""


@dataclass(frozen=True)
class Trial:
    """A blow at the point with a number in a scene; or, on Google, one of its answers at a request with a number."""

    scene: str
    blow: str
    at: int

    def __str__(self) -> str:
        return f"{self.scene}: {self.blow} at {self.at}"


def trials_of(scene: Scene, blow: str) -> list[Trial]:
    """Return every trial of a blow, a circumstance, or an answer of Google's in a scene."""
    if blow in BLOWS:
        points = enumerate(scene.undisturbed.points, 1)
        return [Trial(scene.name, blow, number) for number, point in points if applies(blow, point)]
    if blow in CIRCUMSTANCES:
        return [Trial(scene.name, blow, number) for number in range(1, count(scene, blow) + 1)]
    return [
        Trial(scene.name, blow, number)
        for number, request in enumerate(scene.requests, 1)
        if ANSWERS[blow].service in request.what
    ]


def complaints(play: Play, trial: Trial) -> list[str]:
    """Carry out a trial; return what did not come out as promised, in words."""
    scene, desk = play.scenes[trial.scene], play.desk
    desk.restore(scene.before)
    blow = (trial.blow, trial.at) if trial.blow in BLOWS else ()
    with answering(desk, trial.blow, trial.at), opened(desk.folder, trial.blow, trial.at):
        struck = desk.order(scene.arguments, clock(scene, trial.blow, trial.at), *blow)
    found = [*_of_the_struck(play, scene, trial, struck), *_of_the_files(desk.folder)]
    _let_time_pass(desk.bench.temporary)
    found += _of_the_end(play, scene, trial, desk.order(scene.arguments, scene.now))
    return [f"{trial} ({_place(scene, trial)}): {each}" for each in found]


def _let_time_pass(temporary: Path) -> None:
    """Let what a run left in the system's temporary folder be old enough to be nobody's."""
    for file in temporary.iterdir():
        os.utime(file, (0, 0))


def _place(scene: Scene, trial: Trial) -> str:
    if trial.blow in CIRCUMSTANCES:
        return scene.now
    points = scene.undisturbed.points if trial.blow in BLOWS else scene.requests
    return " ".join(points[trial.at - 1][:3])


def _of_the_struck(play: Play, scene: Scene, trial: Trial, struck: Ended) -> Iterator[str]:
    """A run ends with its life, with a refusal in three parts, or having done what it says."""
    if struck.status < 0 and trial.blow in ENDS:
        return
    if trial.blow == KILLED or struck.status not in {0, 1, 3}:
        yield f"the struck run ended with {struck.status}: {struck.out[-600:]}{struck.err[-1500:]}"
        return
    if "Traceback" in struck.err:
        yield f"a traceback was shown: {struck.err[-1500:]}"
    if struck.status == 1:
        error = struck.json["error"]
        if not (error["code"] and error["what"] and error["fix"]) or error["code"] in {"defect", "interrupted"}:
            yield f"no refusal: {error}"
    elif struck.status == 3 and not struck.json["problems"]:
        yield "attention is asked for, and nothing named"
    elif trial.blow not in CIRCUMSTANCES and not _is_a_watch(struck) and _codes(struck) == _codes(scene.undisturbed):
        yield from (f"said to be done, but {each}" for each in difference(end_state(play.desk), scene.after))


def _is_a_watch(struck: Ended) -> bool:
    """Tell whether it goes on whatever happens in a turn, and says what in its log."""
    return bool(struck.json["command"] == "watch")


def _of_the_files(folder: Path) -> Iterator[str]:
    """No file stands half written under its own name."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not is_left_over(name) and not _is_whole(file):
            yield f"{name} is half written"


def _is_whole(file: Path) -> bool:
    try:
        if file.suffix == ".json":
            json.loads(file.read_bytes())
        elif file.suffix in _ZIPS:
            with zipfile.ZipFile(file) as package:
                return package.testzip() is None
    except (ValueError, zipfile.BadZipFile):
        return False
    return True


def _of_the_state(play: Play, scene: Scene, trial: Trial) -> Iterator[str]:
    """Compare with what the command comes to undisturbed.

    After what was so and passed, but for what was set aside meanwhile; after a wrong clock also but for times told and
    papers too many: a paper that was due by that clock is made, stays, and is right.
    """
    is_right = trial.blow != CLOCK_BACK
    after = scene.after if is_right else scene.whenever
    end = end_state(play.desk, told_times=is_right)
    if not is_right:
        end = without_papers_too_many(end, after)
    if differing := _difference(trial, end, after):
        is_as_twice = not _difference(trial, end, play.run_twice(scene, told_times=is_right))
        yield from () if is_as_twice else differing


def _difference(trial: Trial, found: State, expected: State) -> list[str]:
    if trial.blow in CIRCUMSTANCES:
        found, expected = without_backups(found), without_backups(expected)
    return difference(found, expected)


def _of_the_end(play: Play, scene: Scene, trial: Trial, again: Ended) -> Iterator[str]:
    """The next run ends as if nothing had been, and nothing is left of what had been.

    What the command comes to undisturbed, or undisturbed twice: who asks again goes on, e.g. hears the first answers.
    """
    if again.status not in {0, 1, 3}:
        yield f"the next run ended with {again.status}: {again.err[-1500:]}"
        return
    is_made = again.status == 1 and again.json["error"]["code"] == _MADE_ALREADY
    if not is_made and not _codes(again) <= _codes(scene.undisturbed):
        yield f"the next run ended with {again.status}, {sorted(_codes(again))}: {again.json['error']}"
    desk = play.desk
    left = [*left_over(desk.folder), *(file.name for file in desk.bench.temporary.glob("cchc-sheets-*"))]
    yield from (f"left behind: {name}" for name in left)
    yield from _of_the_state(play, scene, trial)
    if isinstance(desk, GoogleDesk) and desk.server.violations:
        yield f"against Google's documents: {desk.server.violations}"
        desk.server.violations.clear()


def _codes(ended: Ended) -> frozenset[str]:
    if ended.status == 1:
        return frozenset({ended.json["error"]["code"]})
    return frozenset(problem["code"] for problem in ended.json["problems"])


__all__ = ["Trial", "complaints", "trials_of"]
