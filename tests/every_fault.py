"""Every fault at every point of every changing command: `python tests/every_fault.py`; see docs/reliability.md.

Plays the season on each workspace, then each scene again for each fault at each of its points, and compares. Ends with
status 1 if anything came out differently. Hours in full; `--every 10` takes each tenth point, `--known FILE` goes on
where an earlier run was stopped.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any, Final

from faults.answers import ANSWERS
from faults.blows import BLOWS
from faults.circumstances import CIRCUMSTANCES
from faults.desks import GOOGLE, WORKSPACES
from faults.season import Play, played_season
from faults.trials import Trial, complaints, trials_of

_SHOWN: Final = 1500


def main() -> int:
    """Run what was asked for and print the table; return the exit status."""
    options = _options()
    if options.count:
        _count(options)
        return 0
    known = _known(options.known)
    found = list(known.values())
    started = time.monotonic()
    for number, result in enumerate(_results(options, set(known)), 1):
        found.append(result)
        if options.known:
            with options.known.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(result, ensure_ascii=False) + "\n")
        for complaint in result["complaints"]:
            print(f"{result['workspace']} {complaint[:_SHOWN]}", flush=True)
        if number % 100 == 0:
            print(f"{number} trials, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    _show(found)
    return int(any(result["complaints"] for result in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", action="append", choices=WORKSPACES, default=[])
    parser.add_argument("--fault", action="append", choices=[*BLOWS, *CIRCUMSTANCES, *ANSWERS], default=[])
    parser.add_argument("--scene", action="append", default=[], help="e.g. provision, or «sync (deadline)»")
    parser.add_argument("--every", type=int, default=1, help="take each n-th point only")
    parser.add_argument("--count", action="store_true", help="only tell how many points and trials there are")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--known", type=Path, help="a file of results: what stands in it is not tried again")
    return parser.parse_args()


def _count(options: argparse.Namespace) -> None:
    """Print how many points each scene has, and how many trials there are of each fault."""
    for workspace in options.workspace or WORKSPACES:
        folder = Path(tempfile.mkdtemp(prefix="every-fault-"))
        with played_season(workspace, folder) as play:
            for name, scene in play.scenes.items():
                kinds = Counter(point.kind for point in scene.undisturbed.points)
                print(f"{workspace:10}{name:26}", *(f"{kind} {count:<6}" for kind, count in kinds.items()))
            trials = Counter(trial.blow for trial in _wanted(play, options, workspace))
            points = sum(len(scene.undisturbed.points) for scene in play.scenes.values())
            print(f"{workspace:10}{len(play.scenes)} scenes, {points} points, {trials.total()} trials:", dict(trials))
        shutil.rmtree(folder)


def _known(file: Path | None) -> dict[tuple[str, str], Any]:
    lines = file.read_text(encoding="utf-8").splitlines() if file and file.exists() else []
    results = (json.loads(line) for line in lines)
    return {(one["workspace"], _name(Trial(one["scene"], one["fault"], one["at"]))): one for one in results}


def _name(trial: Trial) -> str:
    return f"{trial.scene}/{trial.blow}/{trial.at}"


def _results(options: argparse.Namespace, known: set[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the result of every trial, from as many processes as are wanted."""
    context = multiprocessing.get_context("spawn")
    queue: Queue[dict[str, Any] | None] = context.Queue()  # type: ignore[assignment]
    jobs = [
        context.Process(target=_job, args=(options, known, number, queue), daemon=True)
        for number in range(options.jobs)
    ]
    for job in jobs:
        job.start()
    ended = 0
    while ended < len(jobs):
        result = queue.get()
        if result is None:
            ended += 1
        else:
            yield result
    for job in jobs:
        job.join()
        if job.exitcode:
            sys.exit("a job broke off: its traceback stands above")


def _job(options: argparse.Namespace, known: set[tuple[str, str]], number: int, queue: Queue[Any]) -> None:
    """Try every n-th trial on a season of its own."""
    try:
        for workspace in options.workspace or WORKSPACES:
            folder = Path(tempfile.mkdtemp(prefix="every-fault-"))
            with played_season(workspace, folder) as play:
                wanted = _wanted(play, options, workspace)
                for trial in wanted[number :: options.jobs]:
                    if (workspace, _name(trial)) not in known:
                        said = complaints(play, trial)
                        fault = {"workspace": workspace, "scene": trial.scene, "fault": trial.blow, "at": trial.at}
                        queue.put({**fault, "complaints": said})
            shutil.rmtree(folder)
    finally:
        queue.put(None)


def _wanted(play: Play, options: argparse.Namespace, workspace: str) -> list[Trial]:
    faults = options.fault or [*BLOWS, *CIRCUMSTANCES, *(ANSWERS if workspace == GOOGLE else ())]
    scenes = [scene for name, scene in play.scenes.items() if not options.scene or name in options.scene]
    return [trial for fault in faults for scene in scenes for trial in trials_of(scene, fault)[:: options.every]]


def _show(found: list[dict[str, Any]]) -> None:
    """Print how many points of each scene were tried with each fault, and at how many something differed."""
    tried = Counter((one["workspace"], one["scene"], one["fault"]) for one in found)
    failed = Counter((one["workspace"], one["scene"], one["fault"]) for one in found if one["complaints"])
    print(f"{'workspace':10}{'scene':26}{'fault':38}{'tried':>8}{'failed':>8}")
    for (workspace, scene, fault), count in tried.items():
        print(f"{workspace:10}{scene:26}{fault:38}{count:8}{failed[workspace, scene, fault]:8}")
    for workspace in WORKSPACES:
        by_fault = Counter(one["fault"] for one in found if one["workspace"] == workspace)
        for fault, count in by_fault.items():
            bad = sum(count for (where, _, what), count in failed.items() if (where, what) == (workspace, fault))
            print(f"{workspace:10}{'all scenes':26}{fault:38}{count:8}{bad:8}")
    print(f"{'both':10}{'all scenes':26}{'all faults':38}{len(found):8}{failed.total():8}")


if __name__ == "__main__":
    sys.exit(main())
