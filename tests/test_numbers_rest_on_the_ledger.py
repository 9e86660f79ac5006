"""No number is told that does not rest on what was recorded: an altered ledger, other files, a unit nobody read."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from altered import rewrite
from google_office import on_both
from office import Office

AFTER = Office.AFTER
LATER = "2023-12-20T08:00"
MORE_TIME = ("--until", "2023-12-14T17:00", "--reason", "Công văn số 5")


@pytest.mark.parametrize(
    "command",
    [
        ("trace", "tay-an", "1.1"),
        ("results",),
        ("status",),
        ("papers",),
        ("collect",),
        ("appraise",),
        ("explain", "--until", "2023-12-28T17:00"),
        ("extend", "tay-an", *MORE_TIME),
        ("sync", "--dry-run"),
        ("finalise",),
    ],
)
def test_nothing_is_told_from_a_ledger_that_was_altered_and_nothing_written_behind_it(
    appraised: Office, command: tuple[str, ...]
) -> None:
    rewrite(appraised.folder, "UPDATE entries SET body = replace(body, '1.5', '1.2') WHERE kind = 'submission'")
    before = numbers(appraised)
    refused = appraised.run(*command, now=AFTER)
    assert (refused.exit_code, refused.json["error"]["code"]) == (1, "ledger_altered")
    assert numbers(appraised) == before
    assert appraised.run("verify", now=AFTER).problem("ledger_altered")


def numbers(office: Office) -> list[int]:
    """Return the numbers of all entries."""
    with closing(sqlite3.connect(office.folder / "ledger.db")) as database:
        return [number for (number,) in database.execute("SELECT number FROM entries ORDER BY number")]


@pytest.mark.parametrize("command", [("trace", "tay-an", "1.1"), ("trace", "tay-an"), ("trace",), ("results",)])
def test_files_changed_since_anything_was_recorded_are_told_beside_the_numbers(
    appraised: Office, command: tuple[str, ...]
) -> None:
    assert "configuration_changed" not in appraised.run(*command, now=AFTER).codes()
    roster = appraised.folder / "units.csv"
    names = roster.read_text(encoding="utf-8")
    roster.write_text(names.replace("Xã Tây An", "Xã Tây Anh"), encoding="utf-8")
    told = appraised.run("--lang", "en", *command, now=AFTER).problem("configuration_changed")
    assert told["what"] == "units.csv: the file has changed since anything was recorded under it"
    assert told["severity"] == "warning"


def test_a_rule_that_was_never_recorded_is_not_said_to_be_the_ledger_s(appraised: Office) -> None:
    def rule() -> dict[str, object]:
        (step, *_) = appraised.run("--lang", "en", "trace", "tay-an", "1.1", now=AFTER).json["data"]["life"]
        return {name: step[name] for name in ("what", "origin")}

    assert rule()["origin"] is not None
    file = appraised.folder / "criteria.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# another word\n", encoding="utf-8")
    changed = rule()
    assert changed["origin"] is None
    assert str(changed["what"]).endswith("; so says criteria.yaml today, the ledger does not")


@on_both
def test_a_unit_with_more_time_or_whose_workbook_nobody_read_never_counts_as_if_it_handed_nothing_in(
    filled: Office,
) -> None:
    assert filled.run("extend", "binh-hoa", *MORE_TIME, now="2023-12-09T08:00").exit_code == 0
    filled.run("collect", now=AFTER)
    filled.run("appraise", now=AFTER)
    filled.agree_to_everything()
    filled.run("appraise", now=AFTER)
    filled.write_survey()
    filled.run("survey", now=AFTER)
    go_on = ("--lang", "en", "finalise", "--allow-unappraised", "--reason", "Họp")

    early = filled.run(*go_on, now="2023-12-13T08:00").json["error"]
    assert (early["code"], early["what"]) == ("still_open", "1 units have not been collected yet")
    assert early["where"] == "Xã Bình Hòa has time for its self-assessment until 17:00 on 14/12/2023"
    assert early["fix"] == "wait for that, then run `collect`"

    late = filled.run(*go_on, now=LATER).json["error"]
    assert late["code"] == "uncollected"
    assert late["where"] == "Xã Bình Hòa: what it has handed in was not read after its deadline, 17:00 on 14/12/2023"
    assert late["fix"] == "run `collect`: it reads the workbook, or records that nothing was handed in"

    filled.run("collect", now=LATER)
    done = filled.run(*go_on, now=LATER)
    assert done.exit_code == 0, done.out
    # 5,25 claimed, 1,6 + 0,8 by the survey: 7,65 of 10.
    found = {unit["unit"]: unit["index"] for unit in done.json["data"]["units"]}
    assert found["binh-hoa"] == "76.50"


@pytest.mark.parametrize("code", [(), ("1",), ("1.1",)])
def test_what_a_unit_got_that_handed_nothing_in_is_traced_too(provisioned: Office, code: tuple[str, ...]) -> None:
    for unit in ("binh-hoa", "phu-phong"):
        provisioned.fill_in(unit)
    provisioned.run("collect", now=AFTER)
    run = provisioned.run("--lang", "en", "trace", "tay-an", *code, now=AFTER)
    assert run.exit_code == 0, run.out
    if code != ("1.1",):
        assert run.json["data"]["claimed"] is None
