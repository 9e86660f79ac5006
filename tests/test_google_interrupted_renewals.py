"""A workbook is renewed while people type and the line breaks: no word of theirs is lost."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Final

import pytest
from google_accidents import Deadly, at_every_request, from_request
from google_scenes import Play, codes
from google_season import BEFORE, DEPARTMENTS, LATER, OFFICERS
from google_server.clients import OFFICE
from google_server.log import Record
from google_server.person import Person, Refused
from office import CRITERIA
from openpyxl import load_workbook

from cchc_sheets.errors import CchcError
from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.season import APPRAISAL
from cchc_sheets.workspace import google_batches, google_spreadsheets

UNIT: Final = "units/tay-an"
OFFICER: Final = f"{OFFICERS['tay-an']}@thu.example.gov.vn"


@pytest.fixture
def small_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every renewal take several requests, as the review workbook of a province does."""
    monkeypatch.setattr(google_spreadsheets, "parts", partial(google_batches.parts, limit=20_000))


@pytest.mark.parametrize("room", range(40, 400, 7))
def test_what_belongs_into_one_body_is_never_parted(room: int) -> None:
    requests: list[google_batches.Request] = [{"deleteSheet": {"sheetId": number}} for number in range(9)]
    last: list[google_batches.Request] = [{"addSheet": {"properties": {"title": "x"}}}, {"deleteSheet": {"sheetId": 9}}]
    bodies = list(google_batches.parts(requests, room, last=last))
    assert [request for body in bodies for request in body] == [*requests, *last]
    assert bodies[-1][-2:] == last


class Typist:
    """Somebody who goes on typing into one cell as long as it is taken."""

    def __init__(self, play: Play, address: str, key: str, place: tuple[str, str, str]) -> None:
        self._play = play
        self._who = (address, key)
        self._place = place
        self.last = ""
        self.refused = 0
        self._count = 0

    def type(self, _: Record | None = None) -> None:
        sheet, row, column = self._place
        self._count += 1
        words = f"Gõ lần thứ {self._count}"
        try:
            self._play.office.type(*self._who, sheet, {row: {column: words}})
        except (Refused, AssertionError, KeyError):
            self.refused += 1  # closed at this moment, or there is nothing to type into
        else:
            self.last = words

    @property
    def seen(self) -> str:
        return self._play.office.shown(self._who[1], *self._place)


def commune(play: Play) -> Typist:
    return Typist(play, OFFICER, UNIT, ("self_assessment", "2.2", "evidence"))


def department(play: Play) -> Typist:
    return Typist(play, DEPARTMENTS["noi-vu"], APPRAISAL, ("appraisal:noi-vu", "tay-an/1.10", "remark"))


def test_what_is_typed_at_any_moment_of_a_renewal_is_kept(play: Play) -> None:
    play.again("rebuild")
    typist = commune(play)
    at_every_request(play.office.server, typist.type)
    play.office.run(provision, BEFORE)
    play.office.server.heal()
    assert typist.last
    assert typist.refused
    assert typist.seen == typist.last


@pytest.mark.usefixtures("small_bodies")
def test_what_is_typed_at_any_moment_of_a_renewal_in_several_bodies_is_kept(play: Play) -> None:
    play.again("review_rebuilt")
    typist = department(play)
    at_every_request(play.office.server, typist.type)
    play.office.run(appraise, LATER)
    play.office.server.heal()
    assert len(play.office.server.requests(operation="sheets.spreadsheets.batchUpdate")) > 4
    assert typist.last
    assert typist.refused
    assert typist.seen == typist.last


@pytest.mark.usefixtures("small_bodies")
@pytest.mark.parametrize("name", ["review_rebuilt", "appraise"])
def test_a_workbook_made_in_several_bodies_is_completed_wherever_it_breaks_off(play: Play, name: str) -> None:
    scene = play.again(name)
    play.office.run(scene.stage, scene.now)
    done = [record.operation for record in play.office.server.log]
    assert len(done) > len(scene.requests)
    for number in range(1, min(len(done), 9)):
        play.again(name)
        play.office.adapter = Deadly(play.office.server, number, "after")
        assert play.completed(scene, where=(number, done[number]))


@pytest.mark.usefixtures("small_bodies")
@pytest.mark.parametrize("accident", ["reset after the work", "reset before the work"])
def test_people_who_type_while_runs_break_off_lose_nothing(play: Play, accident: str) -> None:
    for number in (2, 5, 7):
        play.again("review_rebuilt")
        typist = department(play)
        at_every_request(play.office.server, typist.type)
        from_request(play.office.server, number, accident)
        with suppress(CchcError):
            play.office.run(appraise, LATER)
        play.office.server.heal()
        typist.type()
        at_every_request(play.office.server, typist.type)
        play.office.run(appraise, LATER)
        play.office.server.heal()
        assert typist.last
        assert typist.seen == typist.last, number


def test_a_workbook_that_a_broken_renewal_locked_is_open_again_after_the_next_run(play: Play) -> None:
    for name, stage, now, typist in (
        ("rebuild", provision, BEFORE, commune(play)),
        ("review_rebuilt", appraise, LATER, department(play)),
    ):
        play.again(name)
        play.office.adapter = Deadly(play.office.server, 2, "after")
        with pytest.raises(KeyboardInterrupt):
            play.office.run(stage, now)
        play.office.adapter = None
        typist.type()
        assert typist.refused == 1
        play.office.run(stage, now)
        typist.type()
        assert typist.seen == typist.last


def test_a_renewal_that_is_no_longer_wanted_leaves_nothing_locked(play: Play) -> None:
    scene, office = play.again("rebuild"), play.office
    criteria = scene.before.files["criteria.yaml"]
    office.adapter = Deadly(office.server, 2, "after")
    with pytest.raises(KeyboardInterrupt):
        office.run(provision, BEFORE)
    office.adapter = None
    (office.folder / "criteria.yaml").write_bytes(play.scenes["provision"].before.files["criteria.yaml"])
    assert criteria != (office.folder / "criteria.yaml").read_bytes()
    assert codes(office.run(provision, BEFORE)) == {"unit_removed"}
    typist = commune(play)
    typist.type()
    assert typist.seen == typist.last


def test_rows_mixed_up_just_before_the_lock_are_told_and_people_are_let_in_again(play: Play) -> None:
    play.again("rebuild")
    office, file, typist = play.office, play.office.files(UNIT)[0], commune(play)
    owner, sheet = Person(office.server, OFFICE), "Tự chấm điểm"
    reading = office.reading(UNIT).sheet("self_assessment")
    assert reading is not None
    key = next(f"A{row.number}" for row in reading.rows if row.key == "1.10")

    def mixes(record: Record) -> None:
        if record.operation == "sheets.spreadsheets.batchUpdate" and file in record.path:
            owner.type(file, sheet, key, "'1.1")

    at_every_request(office.server, mixes)
    assert "ambiguous" in codes(office.run(provision, BEFORE))
    office.server.heal()
    typist.type()
    assert typist.seen == typist.last
    owner.type(file, sheet, key, "'1.10")
    assert codes(office.run(provision, BEFORE)) == play.scenes["rebuild"].problems
    assert typist.seen == typist.last


@pytest.mark.parametrize("number", [2, 4, 5])
def test_what_has_no_place_any_more_is_kept_in_the_backup_wherever_the_renewal_breaks_off(
    play: Play, number: int
) -> None:
    play.again("rebuild")
    office = play.office
    (office.folder / "criteria.yaml").write_text(without_models(CRITERIA), encoding="utf-8")
    office.adapter = Deadly(office.server, number, "after")
    with pytest.raises(KeyboardInterrupt):
        office.run(provision, BEFORE)
    office.adapter = None
    told = [str(problem.what) for problem in office.run(provision, BEFORE).problems if problem.unit == "tay-an"]
    backups = list((office.folder / "workspace" / "backup").rglob("tay-an-*.xlsx"))
    assert backups
    for file in backups:
        cells = {cell for sheet in load_workbook(file) for row in sheet.values for cell in row}
        assert "Số mô hình" in cells
    # When the new sheets already stand, the next run cannot tell: only the backup and Google's own history know.
    assert sum("https://xa.example.gov.vn/05" in what for what in told) == (number < 5)


def without_models(criteria: str) -> str:
    """Return the criteria set without criterion 2.1, for which every commune has typed something."""
    first, last = criteria.index('      - code: "2.1"'), criteria.index('      - code: "2.2"')
    fewer = criteria[:first] + criteria[last:]
    return fewer.replace("total_points: 10", "total_points: 9").replace("max_points: 4", "max_points: 3")
