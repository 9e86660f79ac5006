"""Whatever people do to their sheets, no number ever counts for another criterion or another unit, or is lost unsaid.

Every number and every proof typed here is typed once in the world, so that one that turns up anywhere else, or from
nowhere, is known at once. Between the commands of a season people type, sort, paste, delete, move, merge, lose hidden
keys, take back what they did, put old copies in place, exchange two files; the office sorts and renames units and
criteria. After each command:

- everything recorded, and everything that would be read now, is what somebody typed for that very place;
- what a command took away from a workbook stands in a backup;
- what stood in a workbook and was not taken is told, with its row or its sheet.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from generated_seasons import ADJUST, AGREE, Leaf, Season
from google_server.errors import GoogleError
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from office import Run
from played_cycles import ADJUSTMENTS, UNIT, LocalCycle, google_cycle, spare_the_disk, write_cycle, write_units
from rough_cycle import FIGURES, LEAVES, SAME_TITLES, Owner, accidents, rough_criteria, rough_season
from rough_desks import Desk, GoogleDesk, LocalDesk
from sheet_accidents import Accident
from whole_bounds import IS_FULL, TALLY, bounded

from cchc_sheets.assessment.submission import parse_submission
from cchc_sheets.assessment.units import Unit
from cchc_sheets.errors import WorkbookUnreadable
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.season import Season as Opened
from cchc_sheets.stages.season import open_season

CLOSES = datetime.fromisoformat("2023-12-10T17:00")
UNITS = st.sampled_from(["u1", "u2", "u3"])
WORKBOOKS = st.sampled_from(["u1", "u2", "u3", "", ""])  # the review is that of ""


class Accidents(RuleBasedStateMachine):
    """A small cycle in rough hands."""

    make: Callable[[Season], Desk]

    @initialize(same_titles=st.booleans(), so_far=st.sampled_from([3, 4, 2, 1] if IS_FULL else [4, 3]))
    def begin(self, same_titles: bool, so_far: int) -> None:
        TALLY["rough cycles"] += 1
        self.season = rough_season()
        self.titles = dict.fromkeys(SAME_TITLES, "Kế hoạch năm") if same_titles else {}
        self.desk = type(self).make(self.season)
        self.now = datetime.fromisoformat("2023-12-01T08:00")
        self.owners: dict[str, Owner] = {}
        self.newest: dict[Owner, str] = {}
        self.older: dict[str, list[Any]] = {}
        self.counted: dict[Owner, str] = {}
        self.write_criteria(turned=False)
        self.run("provision")
        plan = (self.all_units_type, self.the_deadline_passes_and_all_is_read, self.departments_type)
        for step in plan[: so_far - 1]:
            step()

    # ---------------------------------------------------------------------------------------------------- commands

    @rule(unit=UNITS)
    def a_unit_gets_more_time(self, unit: str) -> None:
        until = max(self.now, CLOSES) + timedelta(days=1)
        self.run("extend", unit, "--until", until.isoformat(), "--reason", "CV 41")

    @precondition(lambda self: self.now < CLOSES)
    @rule()
    def the_deadline_passes_and_all_is_read(self) -> None:
        self.now = CLOSES
        self.run("collect")
        self.run("appraise")

    @rule()
    def a_day_passes(self) -> None:
        self.now += timedelta(days=1)

    def run(self, *arguments: str) -> Run:
        self.now += timedelta(minutes=1)
        before = {which: self.desk.values(which) for which in self.workbooks()}
        run = self.desk.office.run(*arguments, now=self.now.isoformat())
        assert run.exit_code in {0, 1, 3}, (run.out, run.err)
        self.nothing_was_thrown_away(before)
        self.everything_counts_where_it_was_typed()
        self.nothing_is_lost_unsaid(arguments[0], run)
        return run

    # ------------------------------------------------------------------------------------------------------ typing

    def fresh(self, unit: str, code: str, column: str) -> str:
        """Return a number that nobody has typed before."""
        value = str(1001 + len(self.owners))
        self.owners[value] = (unit, code, column)
        self.newest[unit, code, column] = value
        TALLY["cells typed"] += 1
        return value

    @rule(
        unit=UNITS,
        one=st.sampled_from([*LEAVES, "C.1", "T.1"]),
        is_unit=st.booleans(),
        verdict=st.sampled_from([AGREE, ADJUST]),
    )
    def somebody_types(self, unit: str, one: Leaf | str, is_unit: bool, verdict: str) -> None:
        """A unit into its self-assessment, or a department into what it appraises or adjusts."""
        if isinstance(one, str):
            self._type("", ADJUSTMENTS, unit, one)
        elif is_unit:
            self._type(unit, UNIT, unit, one)
        else:
            self._type("", f"appraisal:{one.department}", unit, one, verdict)

    def all_units_type(self) -> None:
        for unit in self.season.units:
            for leaf in LEAVES:
                self._type(unit.code, UNIT, unit.code, leaf)

    def departments_type(self) -> None:
        for leaf in LEAVES:
            for unit in self.season.units:
                self._type("", f"appraisal:{leaf.department}", unit.code, leaf)
        self.run("appraise")

    def _type(self, which: str, sheet: str, unit: str, one: Leaf | str, verdict: str = ADJUST) -> None:
        if not self.desk.has(which):
            return
        self.remember(which)
        code = one if isinstance(one, str) else one.code
        seen = {"code": code} if which else {"unit": self._label(unit), "code": code}
        self.desk.type(which, sheet, seen, self._entries(sheet, unit, one, verdict))

    def _entries(self, sheet_key: str, unit: str, one: Any, verdict: str) -> dict[str, Any]:
        if sheet_key == ADJUSTMENTS:
            return {"points": int(self.fresh(unit, one, "points")), "remark": "QĐ " + self.fresh(unit, one, "remark")}
        if sheet_key != UNIT:
            points = int(self.fresh(unit, one.code, "appraised_points")) if verdict == ADJUST else None
            remark = "Vì " + self.fresh(unit, one.code, "remark")
            return {"verdict": verdict, "appraised_points": points, "remark": remark}
        figures = {column: int(self.fresh(unit, one.code, column)) for column in FIGURES.get(one.method, ())}
        proof = {"evidence": "BC " + self.fresh(unit, one.code, "evidence"), "note": self.fresh(unit, one.code, "note")}
        return {**figures, **proof, "self_score": int(self.fresh(unit, one.code, "self_score"))}

    # --------------------------------------------------------------------------------------------------- accidents

    @rule(
        which=WORKBOOKS,
        happened=st.lists(accidents, min_size=0 if IS_FULL else 2, max_size=3),
        command=st.sampled_from(["appraise", "collect", "provision", "status", "results"]),
    )
    def something_happens_before_a_command(self, which: str, happened: list[Accident], command: str) -> None:
        for accident in happened if self.desk.has(which) else ():
            self._happen(which, accident)
        self.run(command)

    @rule(which=WORKBOOKS, accident=accidents)
    def something_happens(self, which: str, accident: Accident) -> None:
        if self.desk.has(which):
            self._happen(which, accident)

    def _happen(self, which: str, accident: Accident) -> None:
        self.remember(which)
        with self.desk.hands_on(which) as table, suppress(GoogleError):
            accident.happen(table)  # Google may refuse, e.g. to sort what is partly merged: then nothing has happened
            TALLY["accidents"] += 1
            TALLY[f"accidents: {accident.name}"] += 1

    @rule(which=WORKBOOKS, back=st.integers(1, 4))
    def an_older_copy_is_put_in_place(self, which: str, back: int) -> None:
        """One step back takes back the last accident."""
        kept = self.older.get(which, [])
        if len(kept) >= back and self.desk.has(which):
            self.desk.put_back(which, kept[-back])

    @rule(one=st.sampled_from(["u1", "u2"]))
    def two_files_are_exchanged(self, one: str) -> None:
        if self.desk.has(one) and self.desk.has("u3"):
            self.remember(one)
            self.remember("u3")
            self.desk.exchange(one, "u3")

    @rule()
    def the_review_workbook_is_deleted(self) -> None:
        if self.desk.has(""):
            self.older.pop("", None)
            self.desk.delete("")

    @rule(order=st.randoms(use_true_random=False), turned=st.booleans(), renamed=st.booleans())
    def the_office_sorts_and_renames(self, order: random.Random, turned: bool, renamed: bool) -> None:
        """Units and criteria in another order, one of each under another name."""
        order.shuffle(self.season.units)
        if renamed:
            place = order.randrange(3)
            unit = self.season.units[place]
            self.season.units[place] = Unit(unit.code, f"{unit.name.split(' (')[0]} ({self.now:%d%H%M})", unit.kind)
            self.titles[order.choice(LEAVES).code] = f"Việc khác {self.now:%d%H%M}"
        write_units(self.season, self.desk.office.folder)
        self.write_criteria(turned=turned)

    def write_criteria(self, *, turned: bool) -> None:
        text = rough_criteria(self.season, self.titles, turned=turned)
        (self.desk.office.folder / "criteria.yaml").write_text(text, encoding="utf-8")

    def remember(self, which: str) -> None:
        self.older.setdefault(which, []).append(self.desk.state(which))

    # ---------------------------------------------------------------------------------------------------- promises

    def workbooks(self) -> list[str]:
        return [which for which in ("u1", "u2", "u3", "") if self.desk.has(which)]

    def _label(self, unit: str) -> str:
        return next(one.name for one in self.season.units if one.code == unit)

    def nothing_was_thrown_away(self, before: dict[str, set[str]]) -> None:
        """What a command took away from a workbook stands in a backup."""
        gone: set[str] = set()
        for which, values in before.items():
            now = self.desk.values(which) if self.desk.has(which) else set()
            gone |= {value for value in values - now if value in self.owners}
        if gone:
            lost = gone - self.desk.backups()
            assert not lost, [(value, self.owners[value]) for value in lost]

    def everything_counts_where_it_was_typed(self) -> None:
        """Of all that is recorded, and of all that stands in the workbooks now."""
        with opened(self.desk.office.folder, self.now) as season:
            self.counted = dict(self._recorded(season))
            for unit in season.cycle.units:
                key = f"units/{unit.code}"
                if key in season.present:
                    try:
                        reading = season.workspace.read(key)
                    except WorkbookUnreadable:
                        continue
                    of: dict[str, Any] = {
                        "unit": unit.code,
                        "cycle": season.cycle.id,
                        "criteria": season.cycle.criteria,
                    }
                    self._belongs(unit.code, parse_submission(reading, **of)[0])

    def _recorded(self, season: Opened) -> Iterator[tuple[Owner, str]]:
        """Yield what counts by the ledger, after holding each of it against whoever typed it."""
        known = known_so_far(season)
        for unit, submission in known.record.submissions.items():
            yield from self._belongs(unit, submission)
        for (unit, code), finding in known.record.findings.items():
            column = "self_score" if finding.is_agreed else "appraised_points"
            yield from self._is_of((unit, code, column), finding.points)
            yield from self._is_of((unit, code, "remark"), finding.remark)
        for (unit, code), entry in known.record.adjustments.entries.items():
            yield from self._is_of((unit, code, "points"), entry.points)
            yield from self._is_of((unit, code, "remark"), entry.remark)

    def _belongs(self, unit: str, submission: Any) -> list[tuple[Owner, str]]:
        found: list[tuple[Owner, str]] = []
        for code, score in submission.scores.items():
            found += self._is_of((unit, code, "self_score"), score.points)
            found += self._is_of((unit, code, "numerator"), score.declared.numerator)
            found += self._is_of((unit, code, "denominator"), score.declared.denominator)
            found += self._is_of((unit, code, "evidence"), score.evidence.text)
            found += self._is_of((unit, code, "note"), score.note)
        return found

    def _is_of(self, place: Owner, value: Decimal | str | None) -> list[tuple[Owner, str]]:
        if value is None or value == "":
            return []
        word = str(value).rsplit(" ", maxsplit=1)[-1]
        assert self.owners.get(word) == place, (value, "counts for", place, "typed for", self.owners.get(word))
        return [(place, word)]

    def nothing_is_lost_unsaid(self, command: str, run: Run) -> None:
        """Of what stands in the workbook that the command reads, whatever was not taken is told."""
        if run.exit_code == 1 or command not in {"collect", "appraise"}:
            return
        fresh = set()
        if command == "collect":
            states = {unit["unit"]: unit for unit in run.json["data"].get("units", [])}
            fresh = {u for u in ("u1", "u2", "u3") if states.get(u, {}).get("action", "") in {"collected", "late"}}
        standing = {which: self.desk.values(which) for which in self.workbooks()}
        for (unit, code, column), value in self.newest.items():
            if command == "collect" and (unit not in fresh or column != "self_score"):
                continue
            if command == "appraise" and column not in {"appraised_points", "points"}:
                continue
            which = unit if command == "collect" else ""
            if self.counted.get((unit, code, column)) == value or value not in standing[which]:
                continue
            row = code if command == "collect" else f"{unit}/{code}"
            told = [p for p in run.problems if p["unit"] in {unit, None} and p["row"] in {row, None}]
            assert told, (command, value, (unit, code, column), run.problems)


@contextmanager
def opened(folder: Path, now: datetime) -> Iterator[Opened]:
    season = open_season(folder, now=now.isoformat(), actor="van-thu")
    try:
        yield season
    finally:
        season.close()


def test_on_files_no_accident_moves_a_number_or_loses_one_unsaid(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spare_the_disk(monkeypatch)

    class OnFiles(Accidents):
        @staticmethod
        def make(season: Season) -> Desk:
            return LocalDesk(LocalCycle(write_cycle(season, tmp_path_factory.mktemp("rough") / "cycle"), capfd))

    run_state_machine_as_test(OnFiles, settings=bounded(5, full=60, steps=40 if IS_FULL else 12))


def test_on_google_no_accident_moves_a_number_or_loses_one_unsaid(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spare_the_disk(monkeypatch)

    class OnGoogle(Accidents):
        @staticmethod
        def make(season: Season) -> Desk:
            return GoogleDesk(OnGoogle.open.enter_context(google_cycle(season, new(), capfd, monkeypatch)))

        open = ExitStack()

        def teardown(self) -> None:
            self.open.close()

    def new() -> Path:
        return tmp_path_factory.mktemp("rough") / "cycle"

    run_state_machine_as_test(OnGoogle, settings=bounded(1, full=15, steps=30 if IS_FULL else 8))
