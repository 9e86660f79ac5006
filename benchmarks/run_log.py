"""What the log costs a `sync` in which nothing changed: `python benchmarks/run_log.py CYCLE [runs]` (default 10).

CYCLE is a cycle whose `sync` has nothing left to do, e.g. a demo's after two more; it is copied. Runs with and without
a log take turns in one process; counted is the time of the processor, which neighbours disturb least.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from cchc_sheets import run_log
from cchc_sheets.cli import main

NOW = "2024-02-01T08:00"


def sync(folder: Path) -> float:
    """Run `sync` once; return the seconds of the processor."""
    started = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main(["--json", "--cycle", str(folder), "--now", NOW, "sync"])
    return time.process_time() - started


def measure(cycle: Path, runs: int) -> None:
    """Print the medians, and what one line costs."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(cycle, Path(place) / "cycle"))
        logs = folder / run_log.FOLDER
        with_log: list[float] = []
        without: list[float] = []
        for number in range(2 * runs + 2):
            # a b b a: whatever warms up or grows in the process falls on both alike
            is_logged = number % 4 in (0, 3)
            if not is_logged:
                logs.write_bytes(b"")  # a file in the way: there is no log
            seconds = sync(folder)
            if is_logged:
                lines = sum(len(file.read_bytes().splitlines()) for file in logs.iterdir())
                shutil.rmtree(logs)
            else:
                logs.unlink()
            if number > 1:  # the first pair warms up
                (with_log if is_logged else without).append(seconds)
        print(" ".join(f"{seconds:.2f}" for seconds in with_log), "|", " ".join(f"{one:.2f}" for one in without))
        median, bare = statistics.median(with_log), statistics.median(without)
        print(
            f"sync: {median:.3f} s with a log of {lines} lines, {bare:.3f} s without: {100 * (median / bare - 1):+.1f}%"
        )
        count = 10_000
        with run_log.run_log(folder, "bench", {}):
            started = time.process_time()
            for number in range(count):
                run_log.note("step", what="reading workbooks", done=number, total=count)
            cost = (time.process_time() - started) / count
        print(f"one line: {cost * 1e6:.0f} µs; {lines} lines: {100 * lines * cost / bare:.2f} % of that sync")


if __name__ == "__main__":
    measure(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10)
