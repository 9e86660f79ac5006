"""Last year's results: read from its ledger or its open data, refused where they are not what they say."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from office import Office
from paper_season import LATER, season_of
from two_years import LEDGER, OPEN_DATA, TwoYears

from cchc_sheets.assessment.trend import Trend
from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.errors import CchcError, ConfigurationError
from cchc_sheets.messages import speak
from cchc_sheets.stages.past_results import LARGEST
from cchc_sheets.stages.previous import Previous, read_previous, trend_of
from cchc_sheets.stages.record import known_so_far, results

Data = dict[str, Any]


def read(office: Office) -> Previous:
    previous = read_previous(load_cycle(office.folder))
    assert previous is not None
    return previous


def trend(office: Office) -> Trend:
    season = season_of(office)
    try:
        found = trend_of(season.cycle, read(office), results(season, known_so_far(season).record))
    finally:
        season.close()
    assert found is not None
    return found


def printed(found: Trend) -> dict[str, tuple[str, str, str]]:
    return {one.unit.code: (str(p.before), str(p.now), str(p.change)) for one, p in found.compared}


def refused(office: Office) -> CchcError:
    with pytest.raises(CchcError) as refusal:
        read(office)
    assert refusal.value.where
    assert str(refusal.value.fix)
    return refusal.value


def mistakes(office: Office) -> list[tuple[str, int, str]]:
    """Return code, line and sentence of every mistake in the settings."""
    with pytest.raises(ConfigurationError) as refusal:
        read(office)
    return [(one.code, int(one.row or 0), one.what.said_in("en").split(": ", 1)[1]) for one in refusal.value.problems]


def line_of(office: Office, words: str) -> int:
    lines = (office.folder / "cycle.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


# ---- what is read -----------------------------------------------------------------------------------------------


def test_the_seasons_are_held_against_each_other(years: TwoYears) -> None:
    found = trend(years.hold_against())
    assert printed(found) == {
        "tay-an": ("69.50", "79.50", "10.00"),
        "binh-hoa": ("74.00", "76.50", "2.50"),
        "phu-phong": ("73.50", "73.50", "0.00"),
    }
    ranks = {code: (one.rank.before, one.rank.now) for code, one in found.units.items() if one.rank}
    assert ranks == {"tay-an": (3, 1), "binh-hoa": (1, 2), "phu-phong": (2, 3)}
    shares = {code: change.printed(2) for code, change in found.shares.items()}
    assert (str(shares["1"].before), str(shares["1"].now)) == ("82.22", "85.00")
    assert (str(shares["2"].before), str(shares["2"].now)) == ("57.50", "63.75")
    assert (str(shares["2.2"].before), str(shares["2.2"].now)) == ("50.00", "62.50")


def test_ledger_and_open_data_tell_the_same(years: TwoYears) -> None:
    from_ledger = read(years.hold_against(LEDGER))
    from_data = read(years.hold_against(OPEN_DATA))
    assert from_ledger.past == from_data.past
    assert from_ledger.origin["digest"] == from_data.origin["digest"]
    assert from_ledger.origin["ledger_digest"] == years.open_data["ledger_digest"]


def test_what_came_after_the_results_does_not_move_them(years: TwoYears) -> None:
    before = read(years.hold_against())
    years.before.run("explain", "--rule", "tay-an/2.2", "--points", "2", "--reason", "Biên bản số 9", now=LATER)
    assert read(years.office).past == before.past
    assert years.before.run("finalise", now=LATER).exit_code == 0
    assert read(years.office).past != before.past  # 4,25 + 1,25 more


def test_reading_a_ledger_changes_no_file(years: TwoYears) -> None:
    folder = years.before.folder
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.rglob("*") if file.is_file()}
    (folder / "ledger.db").chmod(0o444)
    read(years.hold_against())
    after = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.rglob("*") if file.is_file()}
    assert after == before


@pytest.mark.parametrize("name", ["sổ năm trước #1 100%?.db", "a&mode=rwc.db"])
def test_a_ledger_may_have_any_name(years: TwoYears, name: str) -> None:
    shutil.copyfile(years.before.folder / "ledger.db", years.folder / name)
    assert read(years.hold_against(f'"../{name}"')).past.year == 2022


def test_without_the_block_nothing_is_read(years: TwoYears) -> None:
    assert read_previous(load_cycle(years.office.folder)) is None


def test_a_merged_a_renamed_and_a_new_unit(years: TwoYears) -> None:
    more = "  units:\n    tay-an: [tay-an, binh-hoa]\n    binh-hoa: []\n"
    found = trend(years.hold_against(more=more))
    assert printed(found) == {"tay-an": ("71.75", "79.50", "7.75"), "phu-phong": ("73.50", "73.50", "0.00")}
    assert found.units["binh-hoa"].is_unmatched
    swapped = "  units:\n    tay-an: binh-hoa\n    binh-hoa: tay-an\n"
    found = trend(years.hold_against(more=swapped))
    assert printed(found)["tay-an"] == ("74.00", "79.50", "5.50")
    assert found.units["tay-an"].rank is not None


def test_criteria_may_be_mapped_or_left_out(years: TwoYears) -> None:
    more = '  criteria:\n    "2.1": "2.2"\n    "1.10": null\n    "1.1":\n'
    found = trend(years.hold_against(more=more))
    assert found.counterparts["2.1"].code == "2.2"
    assert {"1.1", "1.10", "2.2"}.isdisjoint(found.shares)
    assert "1.2" in found.shares


def test_a_renamed_criterion_is_not_compared_until_it_is_mapped(years: TwoYears) -> None:
    file = years.office.folder / "criteria.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("title: Thể chế", "title: Cải cách thể chế"), encoding="utf-8"
    )
    assert "2" not in trend(years.hold_against()).shares
    assert "2" in trend(years.hold_against(more='  criteria: {"2": "2"}\n')).shares


def test_a_year_is_taken_from_the_settings_where_the_file_does_not_tell(years: TwoYears) -> None:
    data = years.open_data
    del data["year"]
    error = refused(years.hold_against_data(data))
    assert (error.code, error.what.said_in("en")) == ("previous_year", "the file does not tell which year it is of")
    assert read(years.hold_against_data(data, "  year: 2021\n")).past.year == 2021


# ---- mistakes of the settings -----------------------------------------------------------------------------------


def test_every_mistake_of_the_block_is_told_with_its_line(years: TwoYears) -> None:
    more = (
        "  units:\n    tay-am: [tay-an]\n    binh-hoa: [phu-phong]\n    tay-an: [x, x]\n"
        '  criteria:\n    "9.9": "1.1"\n    "1.1": "1.2"\n    "1.2": "1.2"\n    "2.1": 1.10\n'
    )
    office = years.hold_against(more=more)
    assert mistakes(office) == [
        ("string_type", line_of(office, '"2.1": 1.10'), "«2.1» must be text"),
        ("unit_unknown", line_of(office, "tay-am"), "there is no unit «tay-am»"),
        ("criterion_unknown", line_of(office, '"9.9"'), "there is no criterion «9.9»"),
        (
            "twice",
            line_of(office, "binh-hoa: [phu"),
            "last year's unit «phu-phong» is already continued by this year's unit of that code",
        ),
        ("twice", line_of(office, "tay-an: [x"), "last year's unit «x» is used twice"),
        ("twice", line_of(office, '"1.2": "1.2"'), "last year's criterion «1.2» is used twice"),
    ]


def test_a_unit_that_was_split_is_continued_by_one_at_most(years: TwoYears) -> None:
    office = years.hold_against(more="  units:\n    tay-an: [tay-an]\n    binh-hoa: [tay-an]\n")
    assert [what for _, _, what in mistakes(office)] == ["last year's unit «tay-an» is used twice"]
    found = trend(years.hold_against(more="  units:\n    tay-an: [tay-an]\n    binh-hoa: []\n"))
    assert sorted(printed(found)) == ["phu-phong", "tay-an"]


def test_codes_that_last_year_did_not_know_are_told_with_their_line(years: TwoYears) -> None:
    office = years.hold_against(more='  units:\n    tay-an: [tay-anh]\n  criteria:\n    "1.1": "7.7"\n')
    assert mistakes(office) == [
        ("unit_unknown", line_of(office, "tay-anh"), "last year there was no unit «tay-anh»"),
        ("criterion_unknown", line_of(office, '"7.7"'), "last year's set has no criterion «7.7»"),
    ]


def test_a_block_without_a_file_is_a_mistake(years: TwoYears) -> None:
    office = years.hold_against('""')
    assert mistakes(office) == [("too_short", line_of(office, 'file: ""'), "«file» is empty")]


def test_two_years_without_a_common_unit_are_refused(years: TwoYears) -> None:
    data = years.open_data
    for unit in data["units"]:
        unit["unit"] += "-cu"
    office = years.hold_against_data(data)
    assert mistakes(office) == [
        ("previous_nothing", line_of(office, "file: ../last"), "no unit of this year is found in last year's results")
    ]


# ---- refusals ---------------------------------------------------------------------------------------------------


def test_check_says_how_much_can_be_compared_or_what_is_wrong(years: TwoYears) -> None:
    office = years.hold_against(more='  units:\n    tay-an: []\n  criteria:\n    "1.10": null\n')
    run = office.run("check")
    assert run.exit_code == 0
    told = run.json["data"]["previous"]
    assert (told["year"], told["new_units"], told["not_comparable"]) == (2022, ["tay-an"], ["1.10"])
    try:
        said = office.run("--lang", "en", "check", as_json=False).out
    finally:
        speak("vi")  # the tests after this one
    assert "The results of 2022 can be compared for 2 of 3 units and 5 of 6 components." in said
    run = years.hold_against("../2021/ledger.db").run("check")
    assert run.exit_code == 1
    assert run.json["error"]["code"] == "previous_missing"


def test_check_asks_whether_a_unit_with_the_code_of_another_is_the_same(years: TwoYears) -> None:
    office = years.hold_against()
    units = office.folder / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("Xã Tây An", "Xã Tây Phú"), encoding="utf-8")
    run = office.run("--lang", "en", "check")
    told = run.problem("code_reused")
    assert (told["unit"], told["severity"]) == ("tay-an", "warning")
    assert told["what"] == "the code tay-an was that of Xã Tây An in 2022; Xã Tây Phú is not compared with it"
    assert "`tay-an: [tay-an]` below previous: units:" in told["fix"]
    said_so = years.hold_against(more="  units:\n    tay-an: [tay-an]\n")
    assert "code_reused" not in said_so.run("check").codes()


def test_a_missing_file_and_a_folder_are_refused(years: TwoYears) -> None:
    error = refused(years.hold_against("../2021/ledger.db"))
    assert error.code == "previous_missing"
    assert error.what.said_in("en") == "last year's results cannot be read: No such file or directory"
    assert "2021" in error.where
    assert "open-data/results.json" in error.fix.said_in("en")
    assert refused(years.hold_against("../2022")).code == "previous_missing"


def test_an_altered_ledger_is_refused(years: TwoYears) -> None:
    ledger = years.before.folder / "ledger.db"
    content = ledger.read_bytes()
    assert b'"index":"69.50"' in content
    ledger.write_bytes(content.replace(b'"index":"69.50"', b'"index":"96.50"'))
    error = refused(years.hold_against())
    assert error.code == "ledger_altered"
    assert error.where.endswith("ledger.db")


def test_the_ledger_of_the_cycle_itself_is_refused(years: TwoYears) -> None:
    error = refused(years.hold_against("ledger.db"))
    assert error.code == "previous_same_cycle"
    assert error.what.said_in("en") == "this is the ledger of small-2023 itself"


def test_a_ledger_in_which_nothing_was_finalised_is_refused(
    years: TwoYears, make_office: Callable[[str], Office]
) -> None:
    unfinished = make_office("unfinished")
    assert unfinished.run("provision", now=unfinished.BEFORE).exit_code == 0
    shutil.copyfile(unfinished.folder / "ledger.db", years.folder / "unfinished.db")
    assert refused(years.hold_against("../unfinished.db")).code == "previous_unfinished"


def test_a_database_of_another_program_is_refused_and_left_as_it_is(years: TwoYears) -> None:
    import sqlite3

    file = years.folder / "other.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    error = refused(years.hold_against("../other.db"))
    assert "cannot be read as a ledger" in error.what.said_in("en")
    assert file.read_bytes() == before
    file.write_bytes(before[:1000])
    refused(years.office)


def test_a_file_too_large_is_not_read_whole(years: TwoYears) -> None:
    file = years.folder / "last.json"
    with file.open("wb") as stream:
        stream.truncate(LARGEST * 3)  # holes on the disk
    error = refused(years.hold_against("../last.json"))
    assert "larger than any results" in error.what.said_in("en")


def test_the_sums_that_finalise_writes_are_no_open_data(years: TwoYears) -> None:
    error = refused(years.hold_against("../2022/output/results.json"))
    assert "only the sums" in error.what.said_in("en")


@pytest.mark.parametrize(
    ("changed", "more", "code", "said"),
    [
        ({"year": 2023}, "", "previous_year", "the results are of 2023, which is not before 2023"),
        ({"year": 2024}, "", "previous_year", "the results are of 2024, which is not before 2023"),
        ({}, "  year: 2021\n", "previous_year", "the file is of 2022, but cycle.yaml says 2021"),
        ({"cycle": "small-2023"}, "", "previous_same_cycle", "these are the results of small-2023 itself"),
    ],
)
def test_results_of_another_year_than_the_last_are_refused(
    years: TwoYears, changed: Data, more: str, code: str, said: str
) -> None:
    error = refused(years.hold_against_data({**years.open_data, **changed}, more))
    assert (error.code, error.what.said_in("en")) == (code, said)


def test_a_ledger_whose_criteria_this_program_does_not_understand_is_refused(years: TwoYears) -> None:
    from datetime import UTC, datetime

    from cchc_sheets.ledger import Ledger

    ledger = Ledger.at(years.before.folder / "ledger.db")
    body = ledger.entries("configuration")[-1].body
    files = {**body["files"], "criteria.yaml": "schema: 1\n"}
    at = datetime(2023, 1, 1, tzinfo=UTC)
    ledger.append("configuration", "-", {**body, "files": files}, at=at, actor="x")
    final = ledger.entries("results")[-1].body
    ledger.append("results", "-", dict(final), at=at, actor="x")
    ledger.close()
    error = refused(years.hold_against())
    assert "cannot be computed again" in error.what.said_in("en")
