"""A changed byte anywhere is found and named: `python benchmarks/flipped_bytes.py [ROUNDS]` (60 if not said).

Plays the demo season (fifteen communes, papers of every kind, pages, open data, archive) and changes, one by one:

- `files`: a byte, by chance, in every file that was published; so many rounds, and `verify` after each;
- `configuration`: as many bytes of cycle.yaml, criteria.yaml and units.csv;
- `entries`: every character of the short columns of every entry of the ledger, and 20 of each long one;
- `archive`: every byte of the zip's headers and of its list of members, and a tenth as many of the members.

Prints how many were tried and how many were missed; ends with 1 if any was.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from byte_flips import by_chance, flip_archive, flip_configuration, flip_entries, flip_files
from told_season import season_of

from cchc_sheets.stages.archive import archive
from cchc_sheets.stages.demo import demo

ROUNDS = 60


def main() -> int:
    """Try everything, print the counts."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    chance = by_chance(2026)
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        season, work = base / "season", base / "work"
        demo(season, tell=lambda _: None)
        with season_of(season) as opened:
            archive(opened, base / "year.zip")
        counts = {
            "files": flip_files(season, work, rounds, chance),
            "configuration": flip_configuration(season, work, rounds, chance),
            "entries": flip_entries(season, base / "ledger", 20, chance),
            "archive": flip_archive(base / "year.zip", work, _places(base / "year.zip"), chance),
        }
    for name, count in counts.items():
        print(f"{name}: {count.tried} bytes changed, {len(count.missed)} missed {count.missed[:20]}", flush=True)
    return int(any(count.missed for count in counts.values()))


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
