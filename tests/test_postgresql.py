"""A season whose ledger is a PostgreSQL database: the same results, digit by digit; and what can be wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import Office
from postgres import PASSWORD, Server

from cchc_sheets.cycle.ledger_setting import check_ledger
from cchc_sheets.cycle.yaml_document import Document
from cchc_sheets.ledger import Ledger
from cchc_sheets.messages import speak


@pytest.fixture
def _in_english() -> Iterator[None]:
    speak("en")
    yield
    speak("vi")


@pytest.fixture
def database(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return postgres.new_database()


def keep_in(office: Office, address: str) -> Office:
    with (office.folder / "cycle.yaml").open("a", encoding="utf-8") as file:
        file.write(f"ledger: {address}\n")
    return office


def play(office: Office) -> Iterator[tuple[str, Any]]:
    """Play the season to its end; yield what each command told."""
    yield "provision", office.run("provision", now=office.BEFORE).json
    for unit in office.UNITS:
        office.fill_in(unit)
    yield "status", office.run("status", now=office.BEFORE).json["data"]["units"]
    yield "collect", office.run("collect").json["data"]
    office.run("appraise")
    office.agree_to_everything()
    with office.edit_review() as hand:
        hand.type("appraisal:noi-vu", "tay-an/1.10", verdict="Điều chỉnh", appraised_points=1, remark="Tính lại")
    yield "appraise", office.run("appraise").json["data"]
    office.write_survey()
    yield "survey", office.run("survey").json["data"]
    yield "finalise", office.run("finalise").exit_code
    yield "results", office.run("results").json["data"]
    yield "csv", (office.folder / "output" / "results.csv").read_bytes()
    yield "verify", office.run("verify").exit_code


def entries(ledger: Ledger) -> list[tuple[str, str, Any]]:
    """Return what was recorded, without what differs by its nature: the setting itself, times of files, digests."""
    with closing(ledger):
        ledger.check_chain()
        kinds = ("points", "recheck", "results", "extension")
        return [(e.kind, e.subject, e.body.get("units", e.body)) for e in ledger.entries(*kinds)]


def test_the_season_gives_the_same_results_digit_by_digit(make_office: Callable[[str], Office], database: str) -> None:
    in_file, in_database = make_office("file"), keep_in(make_office("database"), database)
    told, told_too = dict(play(in_file)), dict(play(in_database))
    # 2 + 1 + 0,5 + 1,25 + 2,7 = 7,45 → 74,50
    assert told_too["results"]["units"][0]["index"] == "74.50"
    for name, said in told.items():
        assert without_places(said) == without_places(told_too[name]), name
    file = Ledger.at(in_file.folder / "ledger.db")
    assert entries(file) == entries(Ledger(database))
    with closing(Ledger.at(in_file.folder / "ledger.db")) as one, closing(Ledger(database)) as two:
        kinds = [[(e.kind, e.subject) for e in ledger.entries()] for ledger in (one, two)]
    assert kinds[0] == kinds[1]
    assert not (in_database.folder / "ledger.db").exists()


def without_places(said: Any) -> Any:
    """Leave out what names the folder, or the moment a file was written."""
    if isinstance(said, dict):
        left_out = {"location", "digest", "basis", "ledger_digest", "modified", "file", "decision"}
        return {name: without_places(value) for name, value in said.items() if name not in left_out}
    return [without_places(one) for one in said] if isinstance(said, list) else said


def test_two_computers_share_one_ledger(provisioned_in: Callable[[str], Office], tmp_path: Path) -> None:
    here = provisioned_in("here")
    for unit in here.UNITS:
        here.fill_in(unit)
    assert here.run("collect").exit_code == 0
    there = Office(Path(shutil.copytree(here.folder, tmp_path / "there")), here._capfd)
    assert there.run("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41").exit_code == 0
    assert here.run("status").json["data"]["units"][0]["deadline"].startswith("2023-12-14")
    with closing(Ledger(address_in(here))) as ledger:
        ledger.check_chain()


@pytest.fixture
def provisioned_in(make_office: Callable[[str], Office], database: str) -> Callable[[str], Office]:
    def make(name: str) -> Office:
        office = keep_in(make_office(name), database)
        assert office.run("provision", now=office.BEFORE).exit_code == 0
        return office

    return make


def address_in(office: Office) -> str:
    return (office.folder / "cycle.yaml").read_text(encoding="utf-8").rpartition("ledger: ")[2].strip()


@pytest.mark.usefixtures("_in_english")
def test_doctor_looks_at_the_database(office: Office, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_in(office, database)
    said = {check["code"]: check["said"] for check in office.run("doctor").json["data"]["checks"]}
    assert said["ledger"] == f"the ledger on {database} is whole and can be written: 0 entries"
    monkeypatch.setenv("PGPASSWORD", "sai")
    run = office.run("doctor")
    assert run.exit_code == 1
    assert "password authentication failed" in run.json["error"]["what"]
    assert run.json["error"]["where"] == database


def test_verify_tells_of_a_lock_that_was_taken_away(
    provisioned_in: Callable[[str], Office], database: str, postgres: Server
) -> None:
    office = provisioned_in("office")
    postgres.execute("ALTER TABLE entries DISABLE TRIGGER entries_no_update", address=database)
    assert "ledger_unlocked" in office.run("verify").codes()
    postgres.execute("UPDATE entries SET actor = 'ai đó' WHERE number = 2", address=database)
    assert "ledger_altered" in office.run("verify").codes()


def test_a_ledger_begun_in_the_folder_is_not_forsaken_for_an_empty_database(provisioned: Office, database: str) -> None:
    keep_in(provisioned, database)
    error = provisioned.run("sync", now=provisioned.BEFORE).json["error"]
    assert error["code"] == "ledger_begun"
    assert error["where"].endswith("ledger.db")


@pytest.mark.usefixtures("_in_english")
def test_the_database_of_another_cycle_is_refused(
    provisioned_in: Callable[[str], Office], make_office: Callable[[str], Office], database: str
) -> None:
    provisioned_in("office")
    other = keep_in(make_office("other"), database)
    file = other.folder / "cycle.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("small-2023", "small-2024"), encoding="utf-8")
    error = other.run("sync", now=other.BEFORE).json["error"]
    assert error["code"] == "cycle_id"
    assert "a database for this cycle alone" in error["fix"]


# ---- the setting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("postgresql://cchc:mat-khau@may-chu/cchc", "ledger_password"),
        ("postgresql://cchc:@may-chu/cchc", "ledger_password"),
        ("postgresql://may-chu/cchc?password=mat-khau", "ledger_password"),
        ("postgresql://may-chu/cchc?sslmode=require&PassFile=/mat-khau", "ledger_password"),
        ("mysql://may-chu/cchc", "ledger_address"),
        ("sqlite:///mat-khau.db", "ledger_address"),
        ("postgresql://may-chu", "ledger_address"),
        ("postgresql://may-chu/", "ledger_address"),
        ("postgresql://may-chu:port/cchc", "ledger_address"),
        ("postgresql://[may-chu/cchc", "ledger_address"),
        ("may-chu", "ledger_address"),
        ("postgresql://may-chu/cchc?options=-cfsync%3Doff", "ledger_address"),
        ("postgresql:/cchc@may-chu/cchc", "ledger_address"),
        ("postgresql:/cchc:mat-khau@may-chu/cchc", "ledger_address"),
        ("postgresql:cchc", "ledger_address"),
        ("postgresql:///", "ledger_address"),
        ("postgresql://may-chu/cchc?port=mat-khau", "ledger_address"),
        ("postgresql://may-chu/cchc?port=5432&port=5433", "ledger_address"),
        ("postgresql://may-chu:99999/cchc", "ledger_address"),
        ("postgresql://may-chu/cchc?sslmode=mat-khau", "ledger_address"),
        ("postgresql://cchc:mat-khau@[may-chu/cchc", "ledger_address"),
        ("postgresql://a@b:mat-khau@may-chu/cchc", "ledger_password"),
    ],
)
def test_a_wrong_address_is_told_with_its_line_and_never_repeated(office: Office, address: str, code: str) -> None:
    line = len((office.folder / "cycle.yaml").read_text(encoding="utf-8").splitlines()) + 1
    run = keep_in(office, f'"{address}"').run("check")
    assert run.exit_code in {1, 3}
    problem = run.problem(code)
    assert (problem["sheet"], problem["row"]) == ("cycle.yaml", line)
    assert "mat-khau" not in run.out + run.err


@given(st.text("postgresql:/@?&=.[]%#cAz059- ôé", max_size=30), st.sampled_from(("", "postgresql:", "postgresql://")))
def test_no_address_is_too_odd_to_be_refused_or_opened(written: str, start: str) -> None:
    document = Document("cycle.yaml")
    check_ledger(document, f"{start}{written}")
    assert all("mat-khau" not in str(problem.what) for problem in document.problems)
    if not document.problems and start + written:
        Ledger(f"{start}{written}", is_there=False).close()


def test_a_parameter_with_an_impossible_value_is_named(office: Office) -> None:
    what = (
        keep_in(office, '"postgresql://may-chu/cchc?port=abc"').run("--lang", "en", "check").problem("ledger_address")
    )
    assert "«port» in the ledger's address has a value that it cannot have" in what["what"]


@pytest.mark.parametrize("written", ["", "''", "# postgresql://cchc@may-chu/cchc"])
def test_nothing_means_the_file_in_the_folder(office: Office, written: str) -> None:
    assert keep_in(office, written).run("provision", now=office.BEFORE).exit_code == 0
    assert (office.folder / "ledger.db").exists()
