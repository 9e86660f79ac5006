"""Who has access and should not, or should and has not: found, told, and put right on request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google_server import Fault, errors
from google_server.world import FOLDER, Permission
from office import small_cycle
from share_bench import (
    BINH_HOA,
    LEADER,
    NOI_VU,
    OFFICE,
    PHU_PHONG,
    TAY_AN,
    TU_PHAP,
    UNITS,
    Aliases,
    Bench,
    Interrupted,
    actions,
    codes,
    only,
    open_bench,
    open_shared_bench,
)

from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.errors import CchcError, NotNow
from cchc_sheets.stages.season import APPRAISAL, Season
from cchc_sheets.stages.share import share, share_missing
from cchc_sheets.workspace.local import LocalWorkspace


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path / "cycle") as bench:
        yield bench


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Bench]:
    with open_shared_bench(tmp_path / "cycle") as bench:
        yield bench


def spoil(bench: Bench) -> None:
    """Do by hand everything that should not be."""
    bench.give("units/tay-an", "user", "reader", BINH_HOA)
    bench.give("units/tay-an", "anyone", "writer")
    bench.give("units/binh-hoa", "user", "reader", BINH_HOA)
    bench.give("units/binh-hoa", "domain", "reader", "example.gov.vn")
    bench.give(APPRAISAL, "user", "writer", TAY_AN)
    bench.give("units/phu-phong", "user", "writer", "ai-do@gmail.com")
    del bench.workspace.files["units/phu-phong"].permissions[Permission("user", "writer", PHU_PHONG).id]


SPOILED = {
    ("tay-an", "access_foreign", BINH_HOA),
    ("tay-an", "access_open", "*anyone*"),
    ("binh-hoa", "access_role", BINH_HOA),
    ("binh-hoa", "access_open", "*domain example.gov.vn*"),
    (None, "access_foreign", TAY_AN),
    ("phu-phong", "access_unknown", "ai-do@gmail.com"),
    ("phu-phong", "access_missing", PHU_PHONG),
}

SAID = {
    f"{BINH_HOA} of Xã Bình Hòa may read this workbook",
    "whoever has the link may edit this workbook, without any sign-in",
    f"{BINH_HOA} may read, and should edit",
    "everybody at example.gov.vn may read this workbook",
    f"{TAY_AN} of Xã Tây An may edit this workbook",
    "ai-do@gmail.com, which nobody knows here, may edit this workbook",
    f"{PHU_PHONG} has no access",
}


def test_check_finds_nothing_where_all_is_well_with_one_look_at_each_workbook(shared: Bench) -> None:
    outcome = shared.share(check=True)
    assert outcome.problems == ()
    assert set(actions(outcome).values()) == {"in_order"}
    assert shared.server.count() == 4


def test_check_finds_everything_that_should_not_be_and_touches_nothing(shared: Bench) -> None:
    spoil(shared)
    outcome = shared.share(check=True)
    assert {(problem.unit, problem.code, problem.row) for problem in outcome.problems} == SPOILED
    assert {problem.what.said_in("en") for problem in outcome.problems} == SAID
    assert set(actions(outcome).values()) == {"attention"}
    assert outcome.status == "partial"
    assert {record.method for record in shared.server.log} == {"GET"}


def test_mend_puts_everything_right(shared: Bench) -> None:
    spoil(shared)
    outcome = shared.share(mend=True)
    assert outcome.problems == ()
    assert (outcome.data["given"], outcome.data["taken"]) == (2, 5)
    assert [shared.people(key) for key in (*UNITS, APPRAISAL)] == [
        {TAY_AN: "writer"},
        {BINH_HOA: "writer"},
        {PHU_PHONG: "writer"},
        {NOI_VU: "writer", TU_PHAP: "writer", LEADER: "reader"},
    ]
    assert shared.share(check=True).problems == ()


def test_share_gives_what_is_missing_and_only_tells_what_is_too_much(shared: Bench) -> None:
    spoil(shared)
    outcome = shared.share()
    wrong = {entry for entry in SPOILED if entry[1] not in {"access_missing", "access_role"}}
    assert {(problem.unit, problem.code, problem.row) for problem in outcome.problems} == wrong
    assert shared.people("units/phu-phong") == {PHU_PHONG: "writer", "ai-do@gmail.com": "writer"}
    assert shared.server.count(method="DELETE") == 0


def test_an_interrupted_mend_is_completed_by_the_next(shared: Bench) -> None:
    spoil(shared)
    real = shared.workspace.shared_by
    shared.workspace.shared_by = Interrupted(real, 1)
    with pytest.raises(KeyboardInterrupt):
        shared.share(mend=True)
    shared.workspace.shared_by = real
    assert shared.share(mend=True).problems == ()
    assert shared.share(check=True).problems == ()


def test_an_address_that_moved_to_another_unit_still_opens_the_old_workbook_and_every_run_says_so(
    shared: Bench,
) -> None:
    shared.server.world.add_user("moi@thu.example.gov.vn")
    shared.write("units.csv", (BINH_HOA, "{moi}"), (TAY_AN, BINH_HOA), ("{moi}", "moi@thu.example.gov.vn"))
    problem = only(shared.provision().problems, "access_foreign")
    assert (problem.unit, problem.row) == ("binh-hoa", BINH_HOA)
    shared.share(mend=True)
    assert shared.people("units/binh-hoa") == {"moi@thu.example.gov.vn": "writer"}
    assert shared.people("units/tay-an") == {BINH_HOA: "writer"}
    assert shared.provision().problems == ()


def test_a_link_that_comes_from_the_folder_is_told_and_the_rest_is_mended(shared: Bench) -> None:
    world = shared.server.world
    folder = world.add_file("Thư mục", FOLDER, OFFICE, parents=[world.root_of(OFFICE)])
    shared.workspace.files["units/tay-an"].parents = [folder.id]
    open_to_all = Permission("anyone", "reader")
    folder.permissions[open_to_all.id] = open_to_all
    shared.give("units/tay-an", "user", "reader", BINH_HOA)
    outcome = shared.share(mend=True)
    problem = only(outcome.problems, "inherited_access")
    assert (problem.unit, problem.row) == ("tay-an", "*anyone*")
    assert codes(outcome.problems) == ["inherited_access"]
    assert shared.people("units/tay-an") == {TAY_AN: "writer"}


def test_a_unit_among_the_members_of_the_shared_drive_sees_everything_and_is_told_once(shared: Bench) -> None:
    drive = shared.server.world.add_shared_drive("CCHC", {OFFICE: "organizer", TAY_AN: "reader"})
    for file in shared.workspace.files.values():
        file.parents, file.drive_id, file.owner = [drive.id], drive.id, ""
        file.permissions = {key: given for key, given in file.permissions.items() if given.role != "owner"}
    problem = only(shared.share(check=True).problems, "access_everything")
    assert problem.row == TAY_AN
    assert problem.what.said_in("en") == f"{TAY_AN} of Xã Tây An may open every unit's workbook"


def test_a_file_that_is_gone_is_told_and_the_others_go_on(shared: Bench) -> None:
    shared.server.world.remove(shared.workspace.files["units/tay-an"].id)
    del shared.workspace.files["units/phu-phong"].permissions[Permission("user", "writer", PHU_PHONG).id]
    outcome = shared.share()
    assert codes(outcome.problems) == ["missing"]
    assert actions(outcome) == {"tay-an": "unreadable", "binh-hoa": "in_order", "phu-phong": "changed"}


def test_a_file_that_this_account_may_not_share_is_told_once(bench: Bench) -> None:
    bench.write("units.csv", (TAY_AN, f"{TAY_AN};motcua@thu.example.gov.vn"))
    bench.server.fail(("POST", "/permissions$"), Fault.answer(errors.drive_forbidden("1A")))
    assert codes(bench.provision().problems) == ["forbidden"]
    assert bench.people("units/binh-hoa") == {BINH_HOA: "writer"}


def test_an_alias_counts_as_its_account_and_mend_never_locks_it_out(bench: Bench) -> None:
    aliases = Aliases({TAY_AN: "xa.tayan@thu.example.gov.vn"})
    bench.workspace.shared_by = aliases
    bench.provision()
    assert bench.share(check=True).problems == ()
    bench.share(mend=True)
    assert aliases.held["units/tay-an"] == {"xa.tayan@thu.example.gov.vn": "writer"}


def test_a_stranger_who_may_be_an_alias_stays_while_the_alias_cannot_be_given_access(bench: Bench) -> None:
    stranger = "xa.tayan@thu.example.gov.vn"
    aliases = Aliases({TAY_AN: stranger}, {"units/tay-an": {stranger: "writer", "*anyone*": "reader"}}, limit=True)
    bench.provision()
    (bench.folder / "ledger.db").unlink()
    bench.workspace.shared_by = aliases
    assert "sharing_limit" in codes(bench.share(mend=True).problems)
    assert aliases.held["units/tay-an"] == {stranger: "writer"}
    aliases.limit = False
    assert bench.share(mend=True).problems == ()
    assert aliases.held["units/tay-an"] == {stranger: "writer"}


def test_check_and_mend_exclude_each_other(shared: Bench) -> None:
    with pytest.raises(CchcError) as refused:
        shared.share(check=True, mend=True)
    assert refused.value.code == "options"
    assert refused.value.what.said_in("en") == "--check only looks and --mend changes: not both"


def test_before_anything_is_made_there_is_nothing_to_share(bench: Bench) -> None:
    with pytest.raises(NotNow) as refused:
        bench.share()
    assert refused.value.what.said_in("en") == "no unit has a workbook yet"


def test_a_unit_without_a_workbook_is_told(shared: Bench) -> None:
    shared.write("units.csv", (PHU_PHONG, f"{PHU_PHONG}\nmoi,Xã Mới,xã,,yes,moi@example.gov.vn"))
    outcome = shared.share(check=True)
    problem = only(outcome.problems, "missing")
    assert (problem.unit, problem.what.said_in("en")) == ("moi", "no workbook yet")
    assert actions(outcome)["moi"] == "missing"


def test_local_workbooks_are_sent_by_hand_and_never_shared(tmp_path: Path) -> None:
    cycle = load_cycle(small_cycle(tmp_path / "cycle"))
    season = Season(cycle, LocalWorkspace(cycle.workspace_folder), datetime(2023, 12, 1, tzinfo=UTC), "clerk")
    assert share_missing(season, UNITS) == []
    with pytest.raises(NotNow):
        share(season)
    season.close()


def test_the_outcome_names_everybody_for_programs_and_counts_for_people(shared: Bench) -> None:
    spoil(shared)
    outcome = shared.share(check=True)
    (tay_an,) = (entry for entry in outcome.data["workbooks"] if entry["unit"] == "tay-an")
    assert tay_an["people"] == {OFFICE: "office", TAY_AN: "writer", BINH_HOA: "reader", "*anyone*": "writer"}
    assert tay_an["excess"] == [BINH_HOA, "*anyone*"]
    assert outcome.table is not None
    assert outcome.table.lines[0] == ("Xã Tây An", "3", "0", "2")
