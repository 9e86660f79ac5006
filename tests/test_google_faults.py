"""Google fails again and again, lags, limits, forgets who signed in: it ends well or says why; the next goes on.

Every single fault at every request is `tests/every_fault.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from google_accidents import ACCIDENTS, COMMON, FOR_EVER, Deadly, at_every_request, every_other, from_request
from google_desk import Desk
from google_scenes import SCENES, Play, codes
from google_season import AFTER, BEFORE, LATER, UNITS
from google_server import Fault, errors
from google_server.clients import OFFICE
from google_server.log import Record
from google_server.sheets_requests import run

from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Ledger
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.share import share


@pytest.mark.parametrize("name", SCENES)
def test_a_stage_run_twice_is_run_once(play: Play, name: str) -> None:
    scene = play.again(name)
    play.office.run(scene.stage, scene.now)
    play.holds(scene, play.office.run(scene.stage, scene.now))


SYNCS = ("sync_after", "sync_finalises")
"""Other stages one after the other: they need not be broken off at every request once more."""

STAGES = tuple(name for name in SCENES if name not in SYNCS)


@pytest.mark.parametrize(
    ("name", "accident"),
    [*((name, accident) for name in STAGES for accident in COMMON), *((name, COMMON[0]) for name in SYNCS)],
)
def test_a_stage_survives_that_every_other_request_fails(play: Play, name: str, accident: str) -> None:
    scene = play.again(name)
    every_other(play.office.server, accident)
    play.completed(scene)


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_refusal_for_good_names_what_happened_and_what_to_do(play: Play, accident: str) -> None:
    scene = play.again("collect")
    from_request(play.office.server, 4, accident)
    with pytest.raises(CchcError) as refused:
        play.office.run(scene.stage, scene.now)
    assert str(refused.value.what)
    assert str(refused.value.fix)
    assert refused.value.code in {"quota", "unavailable", "connection_lost", "answer_unreadable"}


@pytest.mark.parametrize(
    ("denial", "code"), [(errors.sheets_not_found(), "missing"), (errors.sheets_forbidden(), "forbidden")]
)
def test_a_spreadsheet_that_google_denies_once_makes_nobody_late(
    play: Play, denial: errors.GoogleError, code: str
) -> None:
    scene = play.again("collect")
    file = play.office.files("units/binh-hoa")[0]
    play.office.server.fail(("GET", f"/v4/spreadsheets/{file}$"), Fault.answer(denial))
    assert codes(play.office.run(collect, scene.now)) == {code}
    play.office.server.heal()
    assert not codes(play.office.run(collect, scene.now))
    ledger = Ledger.at(play.office.folder / "ledger.db")
    assert ledger.entries("missed") == []
    assert [entry.subject for entry in ledger.entries("submission")] == ["tay-an", "phu-phong", "binh-hoa"]
    assert not any(entry.body["late"] for entry in ledger.entries("submission"))
    ledger.close()


# -------------------------------------------------------------------------------------------------- a search that lags


LAG = timedelta(minutes=5)


def test_files_that_search_does_not_show_yet_are_not_made_again(play: Play) -> None:
    scene = play.again("provision")
    play.office.server.world.search_lag = LAG
    for stage in (provision, provision, share, provision):
        outcome = play.office.run(stage, BEFORE)
        assert not outcome.problems
    play.holds(scene, outcome)


@pytest.mark.parametrize("accident", ["reset after the work", "truncated answer", "half JSON"])
def test_a_file_whose_birth_was_not_told_is_found_in_its_folder_though_search_lags(play: Play, accident: str) -> None:
    scene = play.again("provision")
    server = play.office.server
    server.world.search_lag = LAG
    server.fail(("POST", "/drive/v3/files$"), ACCIDENTS[accident], times=FOR_EVER)
    play.completed(scene)
    assert [len(play.office.files(f"units/{unit}")) for unit in UNITS] == [1, 1, 1]


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_a_file_made_just_before_the_end_is_not_made_again_though_search_lags(play: Play, number: int) -> None:
    scene = play.again("provision")
    play.office.server.world.search_lag = LAG
    play.office.adapter = Deadly(play.office.server, number, "after")
    assert play.completed(scene)
    assert [len(play.office.files(f"units/{unit}")) for unit in UNITS] == [1, 1, 1]


# ------------------------------------------------------------------------------------------------------------- sharing


def test_sharing_that_stopped_at_googles_limit_goes_on_and_shares_with_nobody_twice(play: Play) -> None:
    scene = play.again("provision")
    server = play.office.server
    server.world.sharing_left = 2
    assert codes(play.office.run(provision, BEFORE)) == {"sharing_limit"}
    server.world.sharing_left = None
    server.reset_log()
    outcome = play.office.run(provision, BEFORE)
    assert server.count(operation="drive.permissions.create") == 1
    play.holds(scene, outcome)


def test_an_address_that_is_refused_keeps_nobody_else_from_access(play: Play) -> None:
    scene = play.again("provision")
    server = play.office.server
    server.world.home_domain = "khac.example.gov.vn"
    for address in (OFFICE, "tayan@thu.example.gov.vn", "phuphong@thu.example.gov.vn"):
        server.world.add_user(address)
    try:
        assert codes(play.office.run(provision, BEFORE)) == {"no_google_account"}
        server.world.sharing_domains = {"example.gov.vn"}
        assert codes(play.office.run(share, BEFORE)) == {"domain_policy"}
    finally:
        server.world.home_domain = "example.gov.vn"
    server.reset_log()
    server.world.sharing_domains = None
    outcome = play.office.run(share, BEFORE)
    assert server.count(operation="drive.permissions.create") == 1
    play.holds(scene, outcome)


# ------------------------------------------------------------------------------------------------------------ freezing


def test_protections_that_the_owner_took_away_are_put_back_to_close_the_workbook(play: Play) -> None:
    play.again("collect")
    office, file = play.office, play.office.files("units/tay-an")[0]
    everything = [number for tab in office.server.sheets._books[file].tabs for number in tab.protections]
    with office.server.sheets.writing(file, OFFICE) as edit:
        run(edit, [{"deleteProtectedRange": {"protectedRangeId": number}} for number in everything])
    assert not codes(office.run(collect, AFTER))
    assert office.reading("units/tay-an").is_closed
    ledger = Ledger.at(office.folder / "ledger.db")
    assert [entry.subject for entry in ledger.entries("submission")] == list(UNITS)
    ledger.close()


def test_a_workbook_that_did_not_stay_closed_is_told_and_what_is_typed_later_is_reported(play: Play) -> None:
    play.again("collect")
    office, seen = play.office, [0]
    book, file = office.server.sheets._books, office.files("units/tay-an")[0]
    as_it_was_open = book[file]

    def opens_again(record: Record) -> None:
        if record.operation == "sheets.spreadsheets.get" and file in record.path and not seen[0]:
            seen[0] += 1
            book[file] = as_it_was_open

    at_every_request(office.server, opens_again)
    (told,) = office.run(collect, AFTER).problems
    assert told.code == "not_closed"
    assert told.what.said_in("en") == "the workbook could not be closed to its people; it was read as it stood"
    office.server.heal()
    office.type("tayan@thu.example.gov.vn", "units/tay-an", "self_assessment", {"2.2": {"self_score": "2"}})
    assert codes(office.run(collect, LATER)) == {"edited_after_deadline"}


# --------------------------------------------------------------------------------------------------------- the sign-in


@pytest.fixture
def signed_in(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Let the office sign in as a person with an OAuth client."""
    monkeypatch.setattr("google_desk.OFFICER", OFFICE)
    desk = Desk(play.office.server, tmp_path)
    play.office.session = lambda: desk.open(broad=True).session
    yield desk
    play.office.session = None
    desk.browser.close()


@pytest.mark.parametrize("name", ["provision", "collect", "extend"])
def test_a_token_that_expires_in_the_middle_is_renewed_unnoticed(play: Play, signed_in: Desk, name: str) -> None:
    scene, seen = play.again(name), [0]

    def expires(record: Record) -> None:
        seen[0] += record.kind != "token"
        if seen[0] % 2 == 1:
            play.office.server.oauth.expire_access_tokens()

    at_every_request(play.office.server, expires)
    assert not play.completed(scene)
    assert seen[0] >= 2 * len(scene.requests) - 1
    assert len(signed_in.browser.addresses) == 1


@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize("name", ["provision", "collect", "extend"])
def test_access_that_is_revoked_in_the_middle_is_told_and_completed_after_the_next_sign_in(
    play: Play, signed_in: Desk, name: str, number: int
) -> None:
    scene, seen = play.again(name), [0]

    def revokes(record: Record) -> None:
        seen[0] += record.kind != "token"
        if seen[0] == number + 1:
            signed_in.revoke_everything()

    at_every_request(play.office.server, revokes)
    with pytest.raises(CchcError) as refused:
        play.office.run(scene.stage, scene.now)
    assert refused.value.code == "token_revoked"
    play.office.server.heal()
    signed_in.tokens.forget()
    play.holds(scene, play.office.run(scene.stage, scene.now))
