"""Changing single bytes of everything a verification covers, and asking whether each was found and its file named."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from told_season import season_of

from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Ledger
from cchc_sheets.messages import speak
from cchc_sheets.stages.verify import verify
from cchc_sheets.stages.verify_archive import check_bytes
from cchc_sheets.stages.verify_report import Report

CONFIGURATION = ("cycle.yaml", "criteria.yaml", "units.csv")
COLUMNS = ("at", "actor", "kind", "subject", "body", "previous", "digest")


@dataclass
class Count:
    """How many bytes were changed, and those that nothing was said of."""

    tried: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, place: str, *, is_named: bool) -> None:
        self.tried += 1
        if not is_named:
            self.missed.append(place)


def published(folder: Path) -> list[str]:
    """Return what the ledger speaks for in the output folder; reminders to be sent by e-mail are no paper."""
    output = folder / "output"
    files = (file.relative_to(output).as_posix() for file in sorted(output.rglob("*")) if file.is_file())
    return [name for name in files if not name.endswith((".zip", "reminders.txt"))]


def by_chance(seed: int) -> random.Random:
    """Return chance that can be repeated."""
    return random.Random(seed)  # noqa: S311 - nothing secret is drawn


def flip_files(folder: Path, work: Path, rounds: int, chance: random.Random) -> Count:
    """Change one byte in every published file at once, verify, and look that every file is named; so many times."""
    count = Count()
    names = published(folder)
    for _ in range(rounds):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(folder, work, ignore=shutil.ignore_patterns("workspace", "logs", "*.zip"))
        places = {name: flip(work / "output" / name, chance) for name in names}
        speak("en")
        with season_of(work) as season:
            outcome = verify(season)
        named = {problem.sheet for problem in outcome.problems}
        told = " ".join(one.said_in("en") for one in outcome.summary)
        speak("vi")
        for name, at in places.items():
            count.add(f"{name} byte {at}", is_named=name in named or name in told)
    return count


def flip_configuration(folder: Path, work: Path, each: int, chance: random.Random) -> Count:
    """Change one byte of a file of the cycle, and look that it is named, whether it can still be read or not."""
    count = Count()
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work, ignore=shutil.ignore_patterns("workspace", "logs", "output"))
    for name in CONFIGURATION:
        for _ in range(each):
            shutil.copy(folder / name, work / name)
            at = flip(work / name, chance)
            count.add(f"{name} byte {at}", is_named=name in _said_of(work))
        shutil.copy(folder / name, work / name)
    return count


def _said_of(folder: Path) -> str:
    try:
        with season_of(folder) as season:
            return " ".join(f"{one.sheet}" for one in verify(season).problems)
    except CchcError as refused:
        problems = getattr(refused, "problems", ())
        return " ".join([refused.where, *(f"{one.sheet} {one.row} {one.what}" for one in problems)])


def flip_archive(made: Path, work: Path, places: Iterator[int], chance: random.Random) -> Count:
    """Change bytes of an archive one by one; each must be found, and the member or the file named."""
    count = Count()
    right = made.read_bytes()
    file = work / made.name
    for at in places:
        content = bytearray(right)
        content[at] ^= chance.randint(1, 255)
        file.write_bytes(content)
        report = Report()
        try:
            check_bytes(file, report)
        except CchcError as refused:
            count.add(f"byte {at}", is_named=str(file) in refused.where or refused.code == "archive_newer")
            continue
        errors = [problem for problem in report.problems if problem.severity == "error"]
        count.add(f"byte {at}", is_named=bool(errors) and all(problem.sheet for problem in errors))
    return count


def flip_entries(folder: Path, work: Path, each: int, chance: random.Random) -> Count:
    """Change characters of every column of every entry of the ledger: of short ones all, of long ones so many."""
    count = Count()
    work.mkdir(exist_ok=True)
    file = Path(shutil.copy(folder / "ledger.db", work / "ledger.db"))
    with closing(sqlite3.connect(file, isolation_level=None)) as connection, closing(Ledger.at(file)) as ledger:
        connection.execute("PRAGMA synchronous = OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        rows = connection.execute(f"SELECT number, {', '.join(COLUMNS)} FROM entries ORDER BY number").fetchall()  # noqa: S608
        for number, *cells in rows:
            for column, words in zip(COLUMNS, cells, strict=True):
                spots = range(len(words)) if len(words) <= each else chance.sample(range(len(words)), each)
                statement = f"UPDATE entries SET {column} = ? WHERE number = ?"  # noqa: S608
                for at in spots:
                    other = chance.choice([letter for letter in '09aZ ,"{ế' if letter != words[at]])
                    connection.execute(statement, (words[:at] + other + words[at + 1 :], number))
                    count.add(f"entry {number} {column} {at}", is_named=_names(ledger, number))
                connection.execute(statement, (words, number))
    return count


def _names(ledger: Ledger, number: int) -> bool:
    try:
        ledger.check_chain()
    except CchcError as refused:
        return f"at entry {number}" in refused.what.said_in("en")
    return False


def flip(file: Path, chance: random.Random) -> int:
    """Change one byte of a file; return which."""
    content = bytearray(file.read_bytes())
    at = chance.randrange(len(content))
    content[at] ^= chance.randint(1, 255)
    file.write_bytes(content)
    return at
