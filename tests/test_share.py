"""Every unit is given its own workbook and nobody else's, once, whatever comes between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google_server import Fault, errors
from google_server.world import Permission
from share_bench import (
    BINH_HOA,
    LEADER,
    NOI_VU,
    OFFICE,
    PHU_PHONG,
    TAY_AN,
    TU_PHAP,
    UNITS,
    Bench,
    Interrupted,
    actions,
    codes,
    only,
    open_bench,
    open_shared_bench,
)

from cchc_sheets.stages.access import wanted_access
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.season import APPRAISAL
from cchc_sheets.stages.share import share_missing


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path / "cycle") as bench:
        yield bench


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Bench]:
    with open_shared_bench(tmp_path / "cycle") as bench:
        yield bench


def test_every_unit_gets_its_own_workbook_and_no_other(bench: Bench) -> None:
    assert bench.provision().problems == ()
    assert [bench.people(key) for key in UNITS] == [{TAY_AN: "writer"}, {BINH_HOA: "writer"}, {PHU_PHONG: "writer"}]
    assert bench.server.count() == 3
    assert bench.server.world.mails == []


def test_appraisers_may_write_in_the_review_workbook_and_leaders_read_it(shared: Bench) -> None:
    assert shared.people(APPRAISAL) == {NOI_VU: "writer", TU_PHAP: "writer", LEADER: "reader"}


def test_a_second_run_asks_google_nothing(shared: Bench) -> None:
    shared.provision()
    season = shared.season()
    assert share_missing(season, [*UNITS, APPRAISAL]) == []
    season.close()
    assert shared.server.count() == 0


def test_a_new_address_in_the_roster_is_one_more_share(shared: Bench) -> None:
    shared.server.world.add_user("motcua@thu.example.gov.vn")
    shared.write("units.csv", (TAY_AN, f"{TAY_AN};MotCua@thu.example.gov.vn"))
    shared.provision()
    assert shared.people("units/tay-an") == {TAY_AN: "writer", "motcua@thu.example.gov.vn": "writer"}
    assert shared.server.count() == 1


def test_mails_go_out_only_when_asked_for(bench: Bench) -> None:
    bench.run(lambda season: provision(season, notify=True))
    assert [address for address, _ in bench.server.world.mails] == [TAY_AN, BINH_HOA, PHU_PHONG]


def test_a_dry_run_shares_with_nobody(bench: Bench) -> None:
    bench.provision()
    for key in UNITS:
        bench.workspace.files[key].permissions.pop(Permission("user", "writer", TAY_AN).id, None)
    bench.server.reset_log()
    outcome = bench.share(dry_run=True, mend=True)
    problem = only(outcome.problems, "access_missing")
    assert (len(outcome.problems), problem.what.said_in("en")) == (1, f"{TAY_AN} has no access")
    assert {record.method for record in bench.server.log} == {"GET"}


@pytest.mark.parametrize(
    ("file", "change", "owners"),
    [
        ("units.csv", (BINH_HOA, TAY_AN.upper()), "Xã Tây An, Xã Bình Hòa"),
        ("cycle.yaml", (TU_PHAP, TAY_AN), "Xã Tây An, Phòng Tư pháp"),
        ("cycle.yaml", (LEADER, TAY_AN), "Xã Tây An, leaders"),
    ],
    ids=["two units", "unit and department", "unit and leader"],
)
def test_an_address_that_would_open_two_workbooks_is_told_and_shared_with_neither(
    bench: Bench, file: str, change: tuple[str, str], owners: str
) -> None:
    bench.write(file, change)
    problem = only(bench.provision().problems, "address_contested")
    assert problem.row == TAY_AN
    assert problem.what.said_in("en") == f"{TAY_AN} belongs to several: {owners}; nothing is shared with it"
    assert TAY_AN not in bench.people("units/tay-an") | bench.people("units/binh-hoa")
    assert bench.people("units/phu-phong") == {PHU_PHONG: "writer"}


def test_a_contested_address_is_not_thrown_out_before_its_owner_is_known(shared: Bench) -> None:
    shared.write("units.csv", (BINH_HOA, TAY_AN))
    outcome = shared.share(mend=True)
    assert "address_contested" in codes(outcome.problems)
    assert shared.people("units/tay-an") == {TAY_AN: "writer"}
    assert shared.people("units/binh-hoa") == {}


def test_two_departments_may_have_one_address(bench: Bench) -> None:
    bench.write("cycle.yaml", (TU_PHAP, NOI_VU))
    season = bench.season()
    assert wanted_access(season)[APPRAISAL] == {LEADER: "reader", NOI_VU: "writer"}
    season.close()


def test_a_unit_without_an_address_is_told(bench: Bench) -> None:
    bench.write("units.csv", (TAY_AN, ""))
    problem = only(bench.provision().problems, "no_address")
    said = "Xã Tây An has no address, so nobody there can open its workbook"
    assert (problem.unit, problem.what.said_in("en")) == ("tay-an", said)


def test_a_department_without_an_address_is_told(bench: Bench) -> None:
    bench.write("cycle.yaml", (f", email: {TU_PHAP}", ""))
    bench.provision()
    bench.workspace.make(APPRAISAL)
    problem = only(bench.share().problems, "no_address")
    said = "Phòng Tư pháp has no address, so nobody there can open the review workbook"
    assert problem.what.said_in("en") == said


def test_the_address_that_owns_the_workbooks_needs_no_share(bench: Bench) -> None:
    bench.write("cycle.yaml", (NOI_VU, OFFICE))
    bench.provision()
    bench.workspace.make(APPRAISAL)
    assert bench.share(check=True).problems[0].row != OFFICE
    bench.share()
    assert OFFICE not in bench.people(APPRAISAL)
    assert bench.share(check=True).problems == ()


def test_a_refused_address_is_told_with_unit_and_remedy_and_the_others_get_theirs(bench: Bench) -> None:
    bench.server.world.add_user(BINH_HOA, has_google_account=False)
    problem = only(bench.provision().problems, "no_google_account")
    assert (problem.unit, problem.row) == ("binh-hoa", BINH_HOA)
    assert BINH_HOA in problem.what.said_in("en")
    assert "share --notify" in problem.fix.said_in("en")
    assert bench.people("units/phu-phong") == {PHU_PHONG: "writer"}


def test_a_refused_address_is_not_tried_again_by_the_way_but_not_forgotten_either(bench: Bench) -> None:
    bench.server.world.add_user(BINH_HOA, has_google_account=False)
    bench.provision()
    bench.server.reset_log()
    problem = only(bench.provision().problems, "access_refused")
    assert (problem.unit, problem.row, problem.severity) == ("binh-hoa", BINH_HOA, "error")
    assert problem.what.said_in("en") == f"{BINH_HOA} has no access: no Google account belongs to it"
    assert bench.server.count() == 0


def test_share_tries_refused_addresses_again(bench: Bench) -> None:
    bench.server.world.add_user(BINH_HOA, has_google_account=False)
    bench.provision()
    assert codes(bench.share().problems) == ["no_google_account"]
    bench.server.world.add_user(BINH_HOA)
    outcome = bench.share()
    assert outcome.problems == ()
    assert actions(outcome) == {"tay-an": "in_order", "binh-hoa": "changed", "phu-phong": "in_order"}
    assert bench.provision().problems == ()


def test_an_invitation_reaches_who_has_no_google_account(bench: Bench) -> None:
    bench.server.world.add_user(BINH_HOA, has_google_account=False)
    bench.provision()
    assert bench.share(notify=True).problems == ()
    assert [address for address, _ in bench.server.world.mails] == [BINH_HOA]


def test_who_was_let_in_by_hand_is_refused_no_more(bench: Bench) -> None:
    bench.server.world.add_user(BINH_HOA, has_google_account=False)
    bench.provision()
    bench.give("units/binh-hoa", "user", "writer", BINH_HOA)
    assert bench.share().problems == ()
    assert bench.provision().problems == ()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (errors.acl_change_not_allowed(), "domain_policy"),
        (errors.invalid_drive("Không được.", "invalidSharingRequest"), "sharing_refused"),
    ],
    ids=["domain policy", "unknown words"],
)
def test_each_refusal_of_an_address_lets_the_others_go_on(bench: Bench, answer: errors.GoogleError, code: str) -> None:
    bench.server.fail(("POST", "/permissions$"), Fault.answer(answer))
    assert only(bench.provision().problems, code).row == TAY_AN
    assert bench.people("units/phu-phong") == {PHU_PHONG: "writer"}


def test_the_sharing_limit_ends_the_sharing_names_who_is_left_and_the_next_run_goes_on(bench: Bench) -> None:
    bench.server.world.sharing_left = 1
    problem = only(bench.provision().problems, "sharing_limit")
    left = "Xã Bình Hòa, Thị trấn Phú Phong"  # the one share that was left went to Xã Tây An
    limited = "Google allows no further sharing for hours, up to a day; not shared with all yet:"
    assert problem.what.said_in("en") == f"{limited} {left}"
    assert bench.shares() == 2
    bench.server.world.sharing_left = None
    assert bench.provision().problems == ()
    assert bench.shares() == 4
    assert [bench.people(key) for key in UNITS] == [{TAY_AN: "writer"}, {BINH_HOA: "writer"}, {PHU_PHONG: "writer"}]


def test_after_the_limit_nothing_more_is_tried_in_the_same_run(bench: Bench) -> None:
    bench.write("units.csv", (TAY_AN, f"{TAY_AN};motcua@example.gov.vn"))
    bench.server.world.sharing_left = 0
    bench.provision()
    assert bench.shares() == 1
    assert codes(bench.share().problems) == ["sharing_limit", *["access_missing"] * 4]
    assert bench.shares() == 2


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_an_interrupted_run_is_completed_by_the_next_and_nobody_is_invited_twice(bench: Bench, after: int) -> None:
    bench.server.world.add_user("motcua@thu.example.gov.vn")
    bench.write("units.csv", (BINH_HOA, f"{BINH_HOA};motcua@thu.example.gov.vn"))
    real = bench.workspace.shared_by
    bench.workspace.shared_by = Interrupted(real, after)
    with pytest.raises(KeyboardInterrupt):
        bench.run(lambda season: provision(season, notify=True))
    bench.workspace.shared_by = real
    assert bench.run(lambda season: provision(season, notify=True)).problems == ()
    assert sorted(address for address, _ in bench.server.world.mails) == sorted(
        [TAY_AN, BINH_HOA, "motcua@thu.example.gov.vn", PHU_PHONG]
    )
    assert bench.people("units/binh-hoa") == {BINH_HOA: "writer", "motcua@thu.example.gov.vn": "writer"}


def test_a_lost_answer_invites_nobody_twice(bench: Bench) -> None:
    bench.server.fail(("POST", "/permissions$"), Fault.reset_after(), times=3)
    bench.run(lambda season: provision(season, notify=True))
    assert [address for address, _ in bench.server.world.mails] == [TAY_AN, BINH_HOA, PHU_PHONG]


def test_a_workbook_that_was_made_anew_is_shared_anew(shared: Bench) -> None:
    shared.workspace.make("units/tay-an")
    shared.provision()
    assert shared.people("units/tay-an") == {TAY_AN: "writer"}
    assert shared.server.count() == 1
