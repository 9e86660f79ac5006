"""One writer at a time, and ten clients at once: `python benchmarks/one_writer.py [--json]`.

Measured on a SQLite file and on a PostgreSQL server of our own on this machine (tests/postgres.py; with fsync, as an
office runs it; left out where there is none):

- `clients`, `entries`: ten processes that begin one ledger at the same moment and append 30 entries each; how many
  are there afterwards, in how many seconds, and whether the chain is whole (an exception otherwise);
- `lease_ms`: taking the lease and giving it back, the median of 50: what each changing command pays;
- `refused_ms`: until the second one is refused, the median of 50;
- `after_kill_ms`: until the lease of a process that was killed is taken on the same machine, the median of 5.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import os

import postgres
from ledger_books import Book

from cchc_sheets.errors import Busy
from cchc_sheets.ledger import Claim

CLIENTS, EACH = 10, 30
CLAIM = Claim("benchmark", "sync")

WRITER = """
import sys
from datetime import datetime, UTC
from cchc_sheets.ledger import Ledger
ledger = Ledger(sys.argv[1])
for n in range(int(sys.argv[3])):
    ledger.append("note", sys.argv[2], {"n": n, "text": "x" * 2000}, at=datetime.now(UTC), actor="benchmark")
"""
HOLDER = """
import sys, time
from cchc_sheets.ledger import Claim, Ledger
ledger = Ledger(sys.argv[1])
with ledger.held(Claim("benchmark", "collect")):
    print("held", flush=True)
    time.sleep(600)
"""


def milliseconds(work: Callable[[], None], times: int) -> str:
    """Return the median time of some work."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return f"{1000 * median(taken):.1f}"


def measured(book: Book) -> dict[str, Any]:
    """Measure one ledger."""
    begun = time.perf_counter()
    writers = [book.start(WRITER, f"client {n}", str(EACH)) for n in range(CLIENTS)]
    said = [writer.communicate()[1] for writer in writers]
    seconds = time.perf_counter() - begun
    assert not any(said), said
    count = book.check()
    assert count == CLIENTS * EACH
    with closing(book.open()) as ledger, closing(book.open()) as other:

        def take() -> None:
            with ledger.held(CLAIM):
                pass

        def refuse() -> None:
            try:
                with other.held(CLAIM):
                    raise AssertionError
            except Busy:
                pass

        lease = milliseconds(take, 50)
        with ledger.held(CLAIM):
            refused = milliseconds(refuse, 50)
        after_kill = []
        for _ in range(5):
            holder = book.start(HOLDER)
            assert holder.stdout is not None
            holder.stdout.readline()
            holder.send_signal(signal.SIGKILL)
            holder.communicate()
            after_kill.append(float(milliseconds(take, 1)))
    return {
        "clients": CLIENTS,
        "entries": count,
        "seconds": f"{seconds:.1f}",
        "lease_ms": lease,
        "refused_ms": refused,
        "after_kill_ms": f"{median(after_kill):.1f}",
    }


@contextmanager
def books() -> Iterator[dict[str, Book]]:
    """Lend a ledger of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"sqlite": Book.of(Path(folder) / "ledger.db")}
        if postgres.missing():
            print(postgres.missing(), file=sys.stderr)
            yield found
            return
        os.environ["PGPASSWORD"] = postgres.PASSWORD
        with postgres.server(fsync="on") as server:
            yield {**found, "postgresql": Book(server.new_database())}


def main() -> None:
    """Measure, and print a table or JSON."""
    with books() as found:
        rows = {name: measured(book) for name, book in found.items()}
    if "--json" in sys.argv:
        print(json.dumps(rows, indent=2))
        return
    for name, row in rows.items():
        print(f"{name:11}", "  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
