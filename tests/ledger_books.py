"""A ledger of either kind, and what people do to it past the program."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from postgres import PASSWORD
from sqlalchemy import URL, create_engine, inspect, make_url

from cchc_sheets.ledger import Ledger

REPO = Path(__file__).parents[1]


@dataclass(frozen=True)
class Book:
    """Where a ledger is: the address of a SQLite file or of a PostgreSQL database."""

    url: str

    @classmethod
    def of(cls, file: Path) -> Self:
        """Return the book in a file."""
        return cls(URL.create("sqlite", database=str(file)).render_as_string())

    @property
    def is_file(self) -> bool:
        """Whether it is a SQLite file."""
        return self.url.startswith("sqlite")

    def open(self) -> Ledger:
        """Open it as the program does."""
        return Ledger.at(Path(make_url(self.url).database or "")) if self.is_file else Ledger(self.url)

    def check(self) -> int:
        """Check its chain; return the number of entries."""
        opened = self.open()
        try:
            opened.check_chain()
            return len(opened.entries())
        finally:
            opened.close()

    def execute(self, *statements: str) -> list[Any]:
        """Run statements as somebody with a database program would; return the last one's rows."""
        url = make_url(self.url)
        driven = url if self.is_file else url.set(drivername="postgresql+psycopg", password=PASSWORD)
        engine = create_engine(driven)
        rows: list[Any] = []
        try:
            with engine.begin() as connection:
                for statement in statements:
                    result = connection.exec_driver_sql(statement)
                    rows = list(result) if result.returns_rows else []
        finally:
            engine.dispose()
        return rows

    def tamper(self, *statements: str) -> None:
        """Run statements after the lock that would refuse them was taken away."""
        locks = [f"DROP TRIGGER entries_no_{verb}" for verb in ("update", "delete")]
        self.execute(*(locks if self.is_file else ["ALTER TABLE entries DISABLE TRIGGER USER"]), *statements)

    def tables(self) -> set[str]:
        """Return the names of the tables that are there; a file that is not there has none and is not made."""
        url = make_url(self.url)
        if self.is_file and not Path(url.database or "").exists():
            return set()
        engine = create_engine(url if self.is_file else url.set(drivername="postgresql+psycopg", password=PASSWORD))
        names = set(inspect(engine).get_table_names())
        engine.dispose()
        return names

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python program in a process of its own; the address is its first argument."""
        return subprocess.Popen(
            [sys.executable, "-c", program, self.url, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPO), os.environ.get("PYTHONPATH", "")])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
