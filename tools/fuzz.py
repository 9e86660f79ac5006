"""Runs the fuzzers of `tests/fuzz_targets.py` one after the other and prints a table of what they tried.

    python tools/fuzz.py --minutes 5                 every target for five minutes each
    python tools/fuzz.py --minutes 1 --only link     one of them

Needs atheris (`pip install -e ".[dev,fuzz]"`, Python 3.11 to 3.13, Linux or macOS). An input that ends in anything but
a refusal in words, takes more than 20 seconds or 2 GB is kept in `--findings` and the run ends with status 1.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
SECONDS, MEGABYTES = 20, 2048
_EXECUTED = re.compile(r"number_of_executed_units: *(\d+)|^#(\d+)", re.MULTILINE)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5, help="for each target")
    parser.add_argument("--only", nargs="*", default=[], help="names of targets")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    told, rest = parser.parse_known_args()
    sys.path.insert(0, str(TESTS))
    if told.child:
        return _fuzz(told.child, rest)
    try:
        import atheris  # noqa: F401
    except ImportError:
        sys.stderr.write('atheris is not installed: pip install -e ".[dev,fuzz]"\n')
        return 2
    from fuzz_targets import TARGETS

    if unknown := set(told.only) - TARGETS.keys():
        parser.error(f"no target: {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
    told.findings.mkdir(parents=True, exist_ok=True)
    failed = [name for name in told.only or TARGETS if not _run(name, told.minutes, told.findings)]
    return 1 if failed else 0


def _run(name: str, minutes: float, findings: Path) -> bool:
    """Fuzz one target in a process of its own; print its line of the table."""
    from fuzz_targets import TARGETS

    start = time.monotonic()
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(TARGETS[name].seeds()):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        options = [
            f"-max_total_time={int(minutes * 60)}",
            f"-timeout={SECONDS}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-max_len={TARGETS[name].longest}",
            f"-artifact_prefix={findings.resolve()}/{name}-",
            "-print_final_stats=1",
        ]
        command = [sys.executable, __file__, "--child", name, *options, corpus]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - our own command
    counts = [int(one or other) for one, other in _EXECUTED.findall(done.stderr)]
    ended = "" if done.returncode == 0 else "FOUND SOMETHING"
    sys.stdout.write(f"{name:16} {max(counts, default=0):>10} inputs {time.monotonic() - start:6.0f} s  {ended}\n")
    sys.stdout.flush()
    if done.returncode:
        (findings / f"{name}.log").write_text(done.stdout[-20_000:] + done.stderr[-20_000:], encoding="utf-8")
    return done.returncode == 0


def _fuzz(name: str, options: list[str]) -> int:
    """Be the process that fuzzes; never returns by itself."""
    import atheris

    with atheris.instrument_imports(include=["cchc_sheets"]):
        from fuzz_targets import TARGETS, tried
    target = TARGETS[name]
    atheris.Setup([sys.argv[0], *options], lambda data: tried(target, data))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
