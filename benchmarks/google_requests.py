"""Requests and time under Google's quota, beside a plain gspread script that does the same the usual way.

    python benchmarks/google_requests.py [UNITS …] [--minute SECONDS] [--json]      (15 168 units if not given)

Both ask our own server on this machine over HTTP, one after the other in one run. Each is an account of its own that
may read 60 times and write 60 times a minute; what is more is refused with 429 in Google's words. The server's log
counts, refused requests included. `--minute 20` lets the quota's minute, our pace and every wait of the two last a
third of theirs; the work itself gets no quicker by it, so that such a run shows who waits, not how long at Google.

The script (gspread 6, unpatched) makes one sheet where we make three: `create` (two requests), `sheet1`, `update`,
`format` twice, `freeze`, `add_validation` twice, `add_protected_range` and `share`, 11 requests for a unit with one
address; then `open_by_key`, `worksheet` and `get_all_records`. It closes nothing at the deadline. On a 429 it sleeps
2, 4, 8 … 64 s and calls again what it had called. `files` counts the spreadsheets that exist in the end: `create` makes
the file before its second request, which can be refused too, and calling it again makes another.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

import gspread
import requests
from gspread.exceptions import APIError
from gspread.utils import ValidationConditionType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from google_cycles import NOTE, PROOF, everything, google_cycle
from google_server import GoogleServer, Quota
from google_server.clients import OFFICE, ToServer
from google_server.world import SPREADSHEET

from cchc_sheets.assessment.submission import SELF_ASSESSMENT
from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.layouts.self_assessment import self_assessment_sheet
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.season import Season, unit_key
from cchc_sheets.workspace.google import GoogleWorkspace
from cchc_sheets.workspace.google_access import open_access
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_pace import STANDARD_PACE, Pace
from cchc_sheets.workspace.google_spreadsheets import GooglePlace
from cchc_sheets.workspace.google_transport import GoogleTransport

BEFORE, AFTER = "2023-11-01T08:00", "2023-12-11T08:00"
SCRIPT = "script@example.gov.vn"
MINUTE: Final = 60.0
QUOTA: Final = 60
TRIES: Final = 15
LONGEST_SLEEP: Final = 64


class Minute:
    """A minute that lasts `seconds`: its clock runs quicker and its sleep is shorter by the same factor."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asleep = 0.0

    def clock(self) -> float:
        """Return how late it is, in seconds of this minute."""
        return time.monotonic() * MINUTE / self.seconds

    def sleep(self, seconds: float) -> None:
        """Sleep so many seconds of this minute."""
        lasting = seconds * self.seconds / MINUTE
        self.asleep += lasting
        time.sleep(lasting)


class Contender(Protocol):
    """Who provisions and collects."""

    name: str
    account: str

    def provision(self) -> None:
        """Make and share every unit's spreadsheet."""
        ...

    def fill_in(self) -> None:
        """Type what the units type; this is not measured."""
        ...

    def collect(self) -> None:
        """Read every unit's spreadsheet."""
        ...


class Ours:
    """Our stages, each with a workspace that has seen nothing yet, as a command has."""

    name = "cchc-sheets"
    account = OFFICE

    def __init__(self, server: GoogleServer, cycle: Cycle, minute: Minute) -> None:
        self._server, self._cycle, self._minute = server, cycle, minute

    def provision(self) -> None:
        """Run the stage."""
        with self._season(BEFORE) as season:
            _all(provision(season), "created")

    def fill_in(self) -> None:
        """Type a score, its evidence and a note into every row."""
        with self._season(BEFORE, Pace(reads=10_000, writes=10_000)) as season:
            for unit in season.cycle.units:
                season.workspace.type_in(unit_key(unit), everything(season.cycle.criteria))

    def collect(self) -> None:
        """Run the stage."""
        with self._season(AFTER) as season:
            _all(collect(season), "collected")

    @contextmanager
    def _season(self, now: str, pace: Pace = STANDARD_PACE) -> Iterator[Season]:
        cycle = self._cycle
        place = GooglePlace(cycle.id, cycle.settings.title, cycle.settings.time_zone, "", cycle.workspace_folder)

        def connect() -> GoogleTransport:
            session = open_access(None, emulator=Emulator(self._server.url, self.account)).session
            return GoogleTransport(session, pace=pace, sleep=self._minute.sleep, clock=self._minute.clock)

        season = Season(cycle, GoogleWorkspace(place, connect), cycle.moment(now), "benchmark")
        try:
            yield season
        finally:
            season.close()


class Script:
    """What one writes with gspread in an afternoon, for the same cells of the self-assessment."""

    name = "gspread script"
    account = SCRIPT

    def __init__(self, server: GoogleServer, cycle: Cycle, minute: Minute) -> None:
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer user:{self.account}"
        session.mount("https://", ToServer(server.url))
        self._client = gspread.authorize(None, session=session)  # type: ignore[arg-type]  # documented: None with one
        self._units, self._minute = cycle.units, minute
        self._cells = _cells_of(cycle)
        self._keys: dict[str, str] = {}

    def provision(self) -> None:
        """Make one sheet for each unit, call by call."""
        for unit in self._units:
            self._keys[unit.code] = self._make(unit)

    def fill_in(self) -> None:
        """Type the same three cells into every row."""
        typed = [[0.5, PROOF.format(number=number), NOTE] for number in range(100, 99 + len(self._cells))]
        for key in self._keys.values():
            self._client.open_by_key(key).sheet1.update(typed, f"H2:J{len(self._cells)}")

    def collect(self) -> None:
        """Read every unit's records."""
        for key in self._keys.values():
            book = self._patiently(self._client.open_by_key, key)
            sheet = self._patiently(book.worksheet, "Sheet1")
            assert len(self._patiently(sheet.get_all_records)) == len(self._cells) - 1

    def _make(self, unit: Unit) -> str:
        do, last = self._patiently, len(self._cells)
        book = do(self._client.create, f"Phiếu tự chấm điểm – {unit.name}")
        sheet = do(lambda: book.sheet1)
        do(sheet.update, self._cells, "A1")
        do(sheet.format, "A1:K1", {"textFormat": {"bold": True}, "horizontalAlignment": "CENTER"})
        do(sheet.format, f"E2:J{last}", {"backgroundColor": {"red": 1, "green": 0.95, "blue": 0.8}})
        do(sheet.freeze, rows=1)
        do(sheet.add_validation, f"H2:H{last}", ValidationConditionType.number_between, ["0", "5"], strict=True)
        do(sheet.add_validation, f"G2:G{last}", ValidationConditionType.one_of_list, ["Không phát sinh"], strict=True)
        do(sheet.add_protected_range, f"A1:D{last}", [self.account], description="Mẫu phiếu")
        for address in unit.emails:
            do(book.share, address, perm_type="user", role="writer", notify=False)
        return str(book.id)

    def _patiently(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call; if the quota is used up, sleep and call again."""
        for tried in range(1, TRIES):
            try:
                return call(*arguments, **named)
            except APIError as error:
                if error.code != requests.codes.too_many_requests:
                    raise
                self._minute.sleep(min(2**tried, LONGEST_SLEEP))
        return call(*arguments, **named)


@dataclass(frozen=True)
class Figures:
    """What one contender needed for one step; the bytes are those of the bodies."""

    units: int
    addresses: int
    minute: float
    contender: str
    step: str
    requests: int
    drive: int
    reads: int
    writes: int
    refused: int
    sent: int
    received: int
    files: int
    seconds: float
    asleep: float


HEADINGS: Final = (
    f"{'':15} {'':9} {'requests':>8} {'drive':>6} {'reads':>6} {'writes':>6} {'429s':>5} "
    f"{'sent MB':>8} {'read MB':>8} {'files':>5} {'time s':>8} {'asleep':>8}"
)


def measure(units: int, seconds: float) -> list[Figures]:
    """Let both provision and collect so many units, on one server."""
    folder = Path(tempfile.mkdtemp())
    try:
        cycle = load_cycle(google_cycle(folder / "cycle", units))
        with GoogleServer() as server:
            kinds: tuple[type[Ours | Script], ...] = (Ours, Script)
            return [one for kind in kinds for one in _measured(server, cycle, Minute(seconds), kind)]
    finally:
        shutil.rmtree(folder)


def _measured(
    server: GoogleServer, cycle: Cycle, minute: Minute, kind: Callable[[GoogleServer, Cycle, Minute], Contender]
) -> Iterator[Figures]:
    contender = kind(server, cycle, minute)
    server.quota = Quota(reads=QUOTA, writes=QUOTA, window=minute.seconds)
    yield _step(server, cycle, minute, contender, contender.provision)
    server.quota = None
    contender.fill_in()
    server.quota = Quota(reads=QUOTA, writes=QUOTA, window=minute.seconds)
    yield _step(server, cycle, minute, contender, contender.collect)


def _step(
    server: GoogleServer, cycle: Cycle, minute: Minute, contender: Contender, step: Callable[[], None]
) -> Figures:
    server.reset_log()
    minute.asleep = 0.0
    started = time.monotonic()
    step()
    seconds = time.monotonic() - started
    kinds = [record.kind for record in server.log]
    files = server.world.files.values()
    return Figures(
        units=len(cycle.units),
        addresses=sum(len(unit.emails) for unit in cycle.units),
        minute=minute.seconds,
        contender=contender.name,
        step=step.__name__,
        requests=len(kinds),
        drive=kinds.count("drive"),
        reads=kinds.count("read"),
        writes=kinds.count("write"),
        refused=sum(record.status == requests.codes.too_many_requests for record in server.log),
        sent=sum(record.size for record in server.log),
        received=sum(record.answer_size for record in server.log),
        files=sum(file.mime_type == SPREADSHEET and file.owner == contender.account for file in files),
        seconds=round(seconds, 1),
        asleep=round(minute.asleep, 1),
    )


def _cells_of(cycle: Cycle) -> list[list[str | float]]:
    """Return headings and rows of the self-assessment, as a script writes them."""
    sheet = self_assessment_sheet(cycle.criteria)
    assert sheet.key == SELF_ASSESSMENT
    rows = [[row.cells.get(column.key, "") for column in sheet.columns] for row in sheet.rows]
    plain = [[float(v) if isinstance(v, Decimal) else v if isinstance(v, str) else "" for v in row] for row in rows]
    return [[column.title for column in sheet.columns], *plain]


def _all(outcome: Outcome, action: str) -> None:
    assert {unit.action for unit in outcome.units} == {action}, [str(said) for said in outcome.summary]


def show(found: list[Figures]) -> None:
    """Print a table."""
    first = found[0]
    print(f"\n{first.units} units, {first.addresses} addresses; a minute of the quota lasts {first.minute:g} s")
    print(HEADINGS)
    for one in found:
        print(
            f"{one.contender:15} {one.step:9} {one.requests:8} {one.drive:6} {one.reads:6} {one.writes:6} "
            f"{one.refused:5} {one.sent / 1e6:8.1f} {one.received / 1e6:8.1f} {one.files:5} {one.seconds:8.1f} "
            f"{one.asleep:8.1f}",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("units", nargs="*", type=int, default=[15, 168])
    parser.add_argument(
        "--minute", type=float, default=MINUTE, metavar="SECONDS", help="how long the quota's minute is"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON instead of tables")
    given = parser.parse_args()
    found: list[Figures] = []
    for units in given.units:
        measured = measure(units, given.minute)
        found += measured
        if not given.json:
            show(measured)
    if given.json:
        print(json.dumps([asdict(one) for one in found], indent=1))


if __name__ == "__main__":
    main()
