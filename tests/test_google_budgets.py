"""How often Google is asked, and with how much: what the stages may cost, counted by the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from google_cycles import OWN_UNITS, everything, google_cycle
from google_server import GoogleServer, Person
from google_server.clients import OFFICE
from google_server.log import Record

from cchc_sheets.assessment.appraisal import AGREE
from cchc_sheets.outcome import Outcome
from cchc_sheets.reading import to_json
from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.provision import provision, submission_workbook
from cchc_sheets.stages.season import APPRAISAL, Season, open_season, unit_key
from cchc_sheets.stages.sync import sync

BEFORE, AFTER = "2023-11-01T08:00", "2023-12-11T08:00"
ADDRESSES = 20
"""Of the 15 communes of the template set."""

REVIEWERS = 6
"""Five departments and the leader; the review workbook is shared with them."""

TWO_MEGABYTES = 2_000_000

FORM = "Tự chấm điểm"
LIST, CREATE, SHARE = "drive.files.list", "drive.files.create", "drive.permissions.create"
READ, WRITE = "sheets.spreadsheets.get", "sheets.spreadsheets.batchUpdate"


@dataclass
class Play:
    """A season on Google and what the server was asked in each of its steps."""

    server: GoogleServer
    folder: Path
    logs: dict[str, list[Record]] = field(default_factory=dict)
    outcomes: dict[str, Any] = field(default_factory=dict)

    def step(self, name: str, stage: Callable[[Season], Any], now: str) -> Any:
        """Run a stage as a command of its own, and keep what the server was asked meanwhile."""
        self.server.reset_log()
        season = open_season(self.folder, now=now, actor="test")
        try:
            self.outcomes[name] = stage(season)
            return self.outcomes[name]
        finally:
            season.close()
            self.logs[name] = list(self.server.log)

    def asked(self, name: str) -> Counter[str]:
        """Return how often each method of Google's was called in a step."""
        return Counter(record.operation for record in self.logs[name])


@contextmanager
def new_play(folder: Path, units: int = OWN_UNITS, *, all_appraised: bool = False) -> Iterator[Play]:
    """Lend a cycle on a server of its own; all that the server is asked must be in order."""
    with GoogleServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCHC_GOOGLE_EMULATOR", server.url)
        patch.delenv("CCHC_GOOGLE_EMULATOR_USER", raising=False)
        yield Play(server, google_cycle(folder / "cycle", units, all_appraised=all_appraised))
    assert server.violations == []


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Play the season of Tây Sơn until the departments have begun; one commune never hands in anything."""
    with new_play(tmp_path_factory.mktemp("budgets")) as play:
        play.step("provision", provision, BEFORE)
        quiet(play, "provisioned", BEFORE)
        play.step("filling in", all_but_the_last_fill_in, BEFORE)
        play.step("looking", sync, BEFORE)
        quiet(play, "filled", BEFORE)
        collected = play.step("collect", collect, AFTER)
        assert Counter(unit.action for unit in collected.units) == {"collected": OWN_UNITS - 1, "not_submitted": 1}
        play.step("appraise", appraise, AFTER)
        quiet(play, "laid out", AFTER)
        play.step("writing", some_agree, AFTER)
        assert play.step("reading the appraisal", appraise, AFTER).data["settled"] == OWN_UNITS - 1
        quiet(play, "appraising", AFTER)
    return play


def quiet(play: Play, when: str, now: str) -> None:
    """Run `sync` three times without anybody having done anything."""
    for count in ("first", "second", "third"):
        play.step(f"{when}, {count}", sync, now)


def problems(play: Play, name: str) -> set[tuple[str | None, str]]:
    """Return which problems a step told, by unit and code."""
    return {(problem.unit, problem.code) for problem in play.outcomes[name].problems}


def unit_file(play: Play, unit: str) -> str:
    """Return the id of a commune's spreadsheet."""
    (found,) = (file.id for file in play.server.world.files.values() if file.properties.get("unit") == unit)
    return found


def all_but_the_last_fill_in(season: Season) -> None:
    for unit in season.cycle.units[:-1]:
        season.workspace.type_in(unit_key(unit), everything(season.cycle.criteria))


def some_agree(season: Season) -> None:
    """Have one department agree to its first criterion, for all communes."""
    sheet = next(sheet for sheet in season.workspace.read(APPRAISAL).sheets if sheet.key.startswith("appraisal:"))
    rows = [row.key for row in sheet.rows if "/" in row.key][:OWN_UNITS]
    season.workspace.type_in(APPRAISAL, {sheet.key: {row: {"verdict": AGREE} for row in rows}})


def record_submissions(season: Season) -> None:
    """Record for every commune what one of them has typed: a score, its proof and a note everywhere."""
    workspace, first = season.workspace, season.cycle.units[0]
    workspace.ensure(submission_workbook(season, first))
    workspace.type_in(unit_key(first), everything(season.cycle.criteria))
    reading = workspace.read(unit_key(first))
    for unit in season.cycle.units:
        own = replace(reading, sheets=tuple(replace(sheet, unit=unit.code) for sheet in reading.sheets))
        body = {"reading": to_json(own), "late": False, "deadline": season.deadline(unit).isoformat()}
        season.record("submission", unit.code, body)


def test_provisioning_takes_two_requests_for_each_unit_and_one_for_each_address(play: Play) -> None:
    whole_cycle = Counter({LIST: 3, CREATE: 1})  # what there is, before and after sharing; the folder
    assert play.asked("provision") == Counter({CREATE: OWN_UNITS, WRITE: OWN_UNITS, SHARE: ADDRESSES}) + whole_cycle


def test_collecting_takes_one_request_to_close_and_one_to_read_for_each_unit(play: Play) -> None:
    whole_cycle = Counter({LIST: 3})  # what there is, before closing, after closing and after reading
    assert play.asked("collect") == Counter({WRITE: OWN_UNITS, READ: OWN_UNITS}) + whole_cycle


def test_a_look_before_the_deadline_reads_what_was_written_in_and_tells_each_guide_and_the_board(play: Play) -> None:
    board = Counter({LIST: 1, READ: 1, WRITE: 1})
    assert play.asked("looking") == Counter({LIST: 1, READ: OWN_UNITS - 1, WRITE: OWN_UNITS - 1}) + board


def test_the_board_is_made_and_shared_with_the_leader_in_its_first_sync(play: Play) -> None:
    assert play.asked("provisioned, first") == {LIST: 2, CREATE: 1, WRITE: 1, SHARE: 1}


@pytest.mark.parametrize(
    ("when", "told"), [("provisioned", 0), ("filled", OWN_UNITS - 1), ("laid out", OWN_UNITS), ("appraising", 0)]
)
def test_a_sync_in_which_nothing_changed_asks_once_after_it_has_seen_what_was_told(
    play: Play, when: str, told: int
) -> None:
    syncs = [play.asked(f"{when}, {count}") for count in ("first", "second", "third")]
    again = [asked for asked in syncs if asked[READ] and not asked[WRITE]]
    assert [asked for asked in again if asked.total() > told + 2] == []  # each guide we wrote, the review, the list
    assert syncs[-1] == {LIST: 1}


def test_the_review_workbook_of_fifteen_units_takes_four_requests_and_one_for_each_reader(play: Play) -> None:
    assert play.asked("appraise") == {LIST: 2, CREATE: 1, WRITE: 1, SHARE: REVIEWERS}


def test_the_appraisal_is_read_in_one_request_and_the_progress_written_in_another(play: Play) -> None:
    assert play.asked("reading the appraisal") == {LIST: 2, READ: 1, WRITE: 1}


def test_no_request_is_larger_than_google_recommends(play: Play) -> None:
    sizes = {name: max(record.size for record in log) for name, log in play.logs.items()}
    assert max(sizes.values()) <= TWO_MEGABYTES, sizes


def test_damaged_workbooks_are_told_in_every_sync_and_read_in_one(tmp_path: Path) -> None:
    with new_play(tmp_path, units=3) as play:
        play.step("provision", provision, BEFORE)
        office = Person(play.server, OFFICE)
        stampless, doubled, _ = (unit_file(play, unit) for unit in ("phu-phong", "binh-tan", "tay-thuan"))
        for tab in office.open(stampless):
            office.clear(stampless, tab, "A1")
        for row in ("12", "13"):
            office.type(doubled, FORM, f"A{row}", "1.1.1")
            office.type(doubled, FORM, f"J{row}", f"dòng {row}")
        damaged = {("phu-phong", "ambiguous"), ("binh-tan", "ambiguous")}
        for when, now in (("before", BEFORE), ("after", AFTER)):
            play.step(f"{when}, once", sync, now)
            quiet(play, when, now)
    assert problems(play, "before, once") == problems(play, "before, first") == damaged
    (told,) = (one for one in play.outcomes["before, once"].problems if one.unit == "phu-phong")
    assert "no sheet of the workbook has the hidden stamp in its cell A1 any more" in told.what.said_in("en")
    assert problems(play, "after, first") == problems(play, "after, second") != set()
    for when in ("before", "after"):
        assert play.asked(f"{when}, third") == {LIST: 1}


@pytest.mark.parametrize(("units", "most"), [(15, 4), (168, 12)])
def test_the_review_workbook_of_79_components_stays_within_its_requests(tmp_path: Path, units: int, most: int) -> None:
    with new_play(tmp_path, units, all_appraised=True) as play:
        play.step("recording", record_submissions, AFTER)
        outcome: Outcome = play.step("appraise", appraise, AFTER)
    assert outcome.data["of"] == units * 79
    asked = play.asked("appraise")
    assert asked[SHARE] == REVIEWERS
    assert asked.total() - REVIEWERS <= most, asked
    assert max(record.size for record in play.logs["appraise"]) <= TWO_MEGABYTES
