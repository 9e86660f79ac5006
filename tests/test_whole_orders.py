"""Results do not depend on the order of commands, nor on how often they are run.

A machine runs the commands of a generated season in any order and as often as it likes, while people type what the
season says they mean, at any moment that is theirs. Beside it goes a model that knows what the plan promises and
nothing of how it is done:

- what a unit claims is what stood in its workbook at the first `collect` (or `sync`) after its own deadline;
- what a department finds, or the office adds or takes away, is what stood in the review workbook at the last
  `appraise`, `explain` or `sync`; a verdict counts for the self-score it was written beside;
- what comes from outside is what the last `survey` took; what was ruled stands.

These facts go to the second computation, so whatever order left the same facts has left the same results. Commands that
only look, that were refused, or that were run for show (`--dry-run`) leave no fact.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from generated_seasons import Claim, Finding, Place, Season, seasons
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from office import Office, Run
from played_cycles import (
    LocalCycle,
    criteria_of,
    points_word,
    spare_the_disk,
    write_adjustments,
    write_answers,
    write_claims,
    write_cycle,
    write_finding,
    write_outside,
    write_rulings,
    write_units,
)
from second_computation import finding, shown
from test_whole_seasons import agree
from whole_bounds import IS_FULL, TALLY, bounded

CLOSES = datetime.fromisoformat("2023-12-10T17:00")
LOOKS = (
    ("status",),
    ("check",),
    ("collect", "--preview"),
    ("collect", "--dry-run"),
    ("appraise", "--dry-run"),
    ("survey", "--dry-run"),
    ("explain", "--dry-run"),
    ("verify",),
    ("trace", "u1"),
    ("results",),
)


@dataclass
class Facts:
    """What is known to the office by what was promised, beside what stands in people's files."""

    files: dict[str, dict[Place, Claim]] = field(default_factory=dict)
    claims: dict[str, dict[Place, Claim]] = field(default_factory=dict)
    collected: dict[str, datetime] = field(default_factory=dict)
    deadlines: dict[str, datetime] = field(default_factory=dict)
    beside: dict[Place, str] = field(default_factory=dict)  # the self-score shown in the review workbook
    cells: dict[Place, tuple[Finding, str]] = field(default_factory=dict)  # what appraisers wrote, beside what
    read: dict[Place, tuple[Finding, str]] = field(default_factory=dict)
    outdated: dict[Place, Finding] = field(default_factory=dict)
    is_laid_out: bool = False
    adjustments_written: bool = False
    adjustments_read: bool = False
    survey_read: bool = False
    hearing: datetime | None = None
    answers_read: bool = False
    rulings_laid_out: bool = False
    rulings_written: bool = False
    rulings_read: bool = False
    meeting: set[Place] = field(default_factory=set)


class Orders(RuleBasedStateMachine):
    """One generated season, its office and its people; `make` makes the office."""

    make: Callable[[Season], Office]

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.fromisoformat("2023-12-01T08:00")
        self.facts = Facts()
        self.syncs = 0

    @initialize(season=seasons(), so_far=st.sampled_from([8, 6, 4, 7, 5, 3, 2, 0] if IS_FULL else [8, 6]))
    def begin(self, season: Season, so_far: int) -> None:
        """Provision, and bring the season so far by the plan; from there on anything may happen in any order."""
        TALLY["orders"] += 1
        season.is_heard = True  # everything that must be there for a hearing is meant to be written
        self.season = season
        self.office = type(self).make(season)
        self.facts.deadlines = {unit.code: CLOSES for unit in season.units}
        plan = (
            self.all_units_write,
            self.the_deadline_passes,
            self.collect,
            self.appraise,
            self.departments_write_everything,
            self.open_the_hearing,
            self.the_hearing_ends,
            self.the_council_rules,
        )
        self.run("provision")
        for step in plan[:so_far]:
            if step != self.the_hearing_ends or self.facts.hearing is not None:
                step()

    # ------------------------------------------------------------------------------------------------- what is done

    def run(self, *arguments: str) -> Run:
        self.now += timedelta(minutes=1)
        run = self.office.run(*arguments, now=self.now.isoformat())
        assert run.exit_code in {0, 1, 3}, (run.out, run.err)
        return run

    @rule(days=st.integers(1, 4))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @precondition(lambda self: self.now < CLOSES)
    @rule()
    def the_deadline_passes(self) -> None:
        self.now = CLOSES

    @rule(arguments=st.sampled_from(LOOKS))
    def somebody_looks(self, arguments: tuple[str, ...]) -> None:
        self.run(*arguments)

    @rule()
    def provision(self) -> None:
        self.run("provision")

    @rule()
    def collect(self) -> None:
        run = self.run("collect")
        assert (run.exit_code != 1) == (self.now >= CLOSES)
        self.was_collected()

    @rule()
    def appraise(self) -> None:
        run = self.run("appraise")
        assert (run.exit_code != 1) == bool(self.facts.claims)
        if self.facts.claims:
            self.was_appraised()

    @rule()
    def survey(self) -> None:
        if self.run("survey").exit_code != 1:
            self.facts.survey_read = True

    @precondition(lambda self: self.syncs < (3 if IS_FULL else 1))
    @rule()
    def sync(self) -> None:
        self.syncs += 1
        run = self.run("sync")
        steps = [step["command"] for step in run.json["data"]["steps"]]
        assert ("collect" in steps) == (self.now >= CLOSES)
        if "collect" in steps:
            self.was_collected()
        if "appraise" in steps:
            self.was_appraised()
        if (self.office.folder / "survey.csv").exists() and "appraise" in steps:
            self.facts.survey_read = True
        if "explain" in steps:
            self.was_heard()

    @precondition(lambda self: self.facts.hearing is None and self.now >= CLOSES)
    @rule(data=st.data())
    def extend(self, data: st.DataObject) -> None:
        unit = data.draw(st.sampled_from(sorted(self.facts.deadlines)))
        until = max(self.now, self.facts.deadlines[unit]) + timedelta(days=1)
        run = self.run("extend", unit, "--until", until.isoformat(), "--reason", "CV 41")
        assert run.exit_code == 0, run.out
        self.facts.deadlines[unit] = until

    @rule(order=st.randoms(use_true_random=False), turned=st.booleans())
    def the_office_sorts_its_files(self, order: random.Random, turned: bool) -> None:
        """Units and criteria in another order are the same units and criteria."""
        order.shuffle(self.season.units)
        write_units(self.season, self.office.folder)
        text = criteria_of(self.season, turned=turned)
        (self.office.folder / "criteria.yaml").write_text(text, encoding="utf-8")

    # ---------------------------------------------------------------------------------------------- what is written

    @rule(data=st.data(), later=st.booleans())
    def a_unit_writes(self, data: st.DataObject, later: bool) -> None:
        """Before its deadline, or into a file that was closed, which counts only if it is collected once more."""
        unit = data.draw(st.sampled_from(sorted(self.facts.deadlines)))
        write_claims(self.office, self.season, unit, later=later)
        claims = self.season.later if later else self.season.claims
        self.facts.files[unit] = {place: claim for place, claim in claims.items() if place[0] == unit}

    @rule()
    def all_units_write(self) -> None:
        for unit in self.facts.deadlines:
            write_claims(self.office, self.season, unit)
            self.facts.files[unit] = {p: claim for p, claim in self.season.claims.items() if p[0] == unit}

    @precondition(lambda self: self.facts.is_laid_out and self.facts.hearing is None)
    @rule(data=st.data(), early=st.booleans())
    def departments_write(self, data: st.DataObject, early: bool) -> None:
        found = self.season.early if early else self.season.findings
        written = data.draw(st.lists(st.sampled_from(sorted(found)), unique=True)) if found else []
        self._write(found, set(written))

    @precondition(lambda self: self.facts.is_laid_out and self.facts.hearing is None)
    @rule()
    def departments_write_everything(self) -> None:
        """Look at everything once more and see to it that each verdict counts, as far as the season means it so."""
        self._write(self.season.findings, set(self.season.findings))

    def _write(self, found: dict[Place, Finding], places: set[Place]) -> None:
        with self.office.edit_review() as hand:
            for unit, leaf in self.season.places():
                place = (unit, leaf.code)
                if place in places:
                    write_finding(hand, unit, leaf, found[place])
                    self.facts.cells[place] = (found[place], self.facts.beside[place])

    @precondition(lambda self: self.facts.is_laid_out)
    @rule()
    def the_office_adjusts(self) -> None:
        write_adjustments(self.office, self.season)
        self.facts.adjustments_written = True

    @rule()
    def the_survey_comes(self) -> None:
        write_outside(self.office, self.season)

    @rule(data=st.data())
    def the_meeting_rules(self, data: st.DataObject) -> None:
        if not self.season.meeting:
            return
        place = data.draw(st.sampled_from(sorted(self.season.meeting)))
        words = ("--points", points_word(self.season.meeting[place]), "--reason", "Biên bản 7")
        assert self.run("explain", "--rule", "/".join(place), *words).exit_code == 0
        self.facts.meeting.add(place)

    # --------------------------------------------------------------------------------------------------- the hearing

    @precondition(lambda self: self.facts.hearing is None and self._is_settled())
    @rule()
    def open_the_hearing(self) -> None:
        until = self.now + timedelta(days=3)
        run = self.run("explain", "--until", until.isoformat())
        if self.facts.claims:
            self.was_recorded()
        is_complete = len(self.now_meant().findings) == len(self.season.places())
        assert (run.exit_code != 1) == (bool(self.facts.claims) and is_complete), run.out
        if run.exit_code != 1:
            TALLY["hearings"] += 1
            self.facts.hearing = until
            self.put = self.now_meant(is_heard=True)
            for unit in self.season.units:
                write_answers(self.office, self.put, unit.code)

    @precondition(lambda self: self.facts.hearing is not None)
    @rule()
    def explain(self) -> None:
        self.run("explain")
        self.was_heard()

    def the_hearing_ends(self) -> None:
        self.time_passes(4)
        self.explain()

    @precondition(lambda self: self.facts.rulings_laid_out)
    @rule()
    def the_council_rules(self) -> None:
        if not self.facts.rulings_laid_out:
            return
        write_rulings(self.office, self.put)
        self.facts.rulings_written = True

    # --------------------------------------------------------------------------------------------- what was promised

    def was_collected(self) -> None:
        facts = self.facts
        for unit, deadline in facts.deadlines.items():
            is_done = unit in facts.collected and (facts.collected[unit] >= deadline or self.now < deadline)
            if is_done or self.now < deadline or not self._is_written(unit):
                continue
            facts.claims[unit] = dict(facts.files[unit])
            facts.collected[unit] = self.now

    def _is_written(self, unit: str) -> bool:
        """Whether there is anything in the unit's workbook; the first unit of the season has written a report."""
        wrote = unit in self.facts.files
        return wrote and (bool(self.facts.files[unit]) or self._has_report(unit))

    def _has_report(self, unit: str) -> bool:
        return unit == self.season.reporter

    def _is_settled(self) -> bool:
        """Whether every unit has been collected for the deadline that it has now."""
        facts = self.facts
        return all(
            facts.collected.get(u, CLOSES - timedelta(days=1)) >= d or (self.now >= d and not self._is_written(u))
            for u, d in facts.deadlines.items()
        )

    def was_recorded(self) -> None:
        facts = self.facts
        facts.read = dict(facts.cells)
        facts.adjustments_read = facts.adjustments_written
        facts.rulings_read = facts.rulings_written

    def was_appraised(self) -> None:
        facts = self.facts
        self.was_recorded()
        for unit, leaf in self.season.places():
            place = (unit, leaf.code)
            now = shown(self.claim(place))
            if place in facts.cells and facts.cells[place][1] != now:
                facts.outdated[place] = facts.cells[place][0]
                facts.cells[place] = facts.read[place] = (facts.cells[place][0], now)
            facts.beside[place] = now
        facts.is_laid_out = True

    def was_heard(self) -> None:
        facts = self.facts
        self.was_recorded()
        if facts.hearing is not None and self.now >= facts.hearing:
            facts.answers_read = facts.rulings_laid_out = True
        self.was_appraised()

    def claim(self, place: Place) -> Claim | None:
        return self.facts.claims.get(place[0], {}).get(place)

    def now_meant(self, *, is_heard: bool = False) -> Season:
        """Return the season as the office must see it now."""
        facts, season = self.facts, deepcopy(self.season)
        season.extended, season.later, season.early = set(), {}, {}
        season.claims = {place: claim for claims in facts.claims.values() for place, claim in claims.items()}
        season.findings = {
            place: found
            for place, (found, beside) in facts.read.items()
            if beside == shown(self.claim(place)) and found != facts.outdated.get(place)
        }
        season.findings = {
            (unit, leaf.code): season.findings[unit, leaf.code]
            for unit, leaf in season.places()
            if finding(season, (unit, leaf.code), leaf) is not None
        }
        if not facts.adjustments_read:
            season.entered = {}
        if not facts.survey_read:
            season.outside = {}
        season.is_heard = is_heard or facts.answers_read
        if not facts.rulings_read:
            season.council = {}
        season.meeting = {place: season.meeting[place] for place in facts.meeting}
        return season

    def teardown(self) -> None:
        if not hasattr(self, "season"):
            return
        run = self.run("results")
        if not self.facts.claims:
            assert run.exit_code == 1
            return
        units: list[dict[str, Any]] = run.json["data"]["units"]
        agree(self.now_meant(), units)
        TALLY["orders compared"] += 1
        TALLY["findings that count in the end"] += len(self.now_meant().findings)
        TALLY["rulings that were read"] += len(self.now_meant().council)


def test_results_do_not_depend_on_the_order_of_commands(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spare_the_disk(monkeypatch)

    class Here(Orders):
        @staticmethod
        def make(season: Season) -> Office:
            return LocalCycle(write_cycle(season, tmp_path_factory.mktemp("orders") / "cycle"), capfd)

    run_state_machine_as_test(Here, settings=bounded(5, full=60, steps=40 if IS_FULL else 20))
