"""A changed byte anywhere is found and named: `python benchmarks/flipped_bytes.py [ROUNDS]`, 20 if not said.

Plays the demo season (fifteen communes, papers of every kind, pages, open data, archive) and changes, one by one:

- `files`: a byte, by chance, in every file that was published; so many rounds, and `verify` after each;
- `configuration`: as many bytes of cycle.yaml, criteria.yaml and units.csv;
- `entries`: every character of the short columns of every entry of the ledger, and 20 of each long one;
- `archive`: every byte of the zip's headers and of its list of members, and a tenth as many of the members.

Prints how many were tried and how many were missed; ends with 1 if any was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from byte_flips import Count, by_chance, flip_archive, flip_configuration, flip_entries, flip_files
from told_season import season_of

from cchc_sheets.stages.archive import archive
from cchc_sheets.stages.demo import demo

ROUNDS = 20


def main() -> int:
    """Try everything, print the counts as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as temporary:
        began, missed = monotonic(), 0
        for name, count in _counts(Path(temporary), rounds):
            seconds = monotonic() - began
            print(
                f"{name}: {count.tried} bytes changed, {len(count.missed)} missed {count.missed[:20]}, {seconds:.0f} s",
                flush=True,
            )
            began, missed = monotonic(), missed + len(count.missed)
    return int(missed > 0)


def _counts(base: Path, rounds: int) -> Iterator[tuple[str, Count]]:
    chance = by_chance(2026)
    season, work, year = base / "season", base / "work", base / "year.zip"
    demo(season, tell=lambda _: None)
    with season_of(season) as opened:
        archive(opened, year)
    yield "files", flip_files(season, work, rounds, chance)
    yield "configuration", flip_configuration(season, work, rounds, chance)
    yield "entries", flip_entries(season, base / "ledger", 20, chance)
    yield "archive", flip_archive(year, work, _places(year), chance)


def _places(file: Path) -> Iterator[int]:
    shell: set[int] = set()
    with zipfile.ZipFile(file) as opened:
        shell.update(range(opened.start_dir, file.stat().st_size))
        for entry in opened.infolist():
            shell.update(range(entry.header_offset, entry.header_offset + 30 + len(entry.filename)))
    yield from sorted(shell)
    yield from range(0, file.stat().st_size, 10 * file.stat().st_size // len(shell))


if __name__ == "__main__":
    sys.exit(main())
