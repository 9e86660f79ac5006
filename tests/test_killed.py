"""A laptop dies in the middle of a command: the next run completes it, and the result is the undisturbed one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from office import Office

KILLER = Path(__file__).with_name("killer.py")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


def kill_at(office: Office, number: int, moment: str, *command: str) -> int:
    """Run a command on the office's cycle and kill it at its N-th write; return the exit status."""
    arguments = [str(number), moment, "--cycle", str(office.folder), "--now", office.AFTER, *command]
    ended = subprocess.run([sys.executable, str(KILLER), *arguments], capture_output=True, check=False)
    return ended.returncode


def results(office: Office) -> Any:
    return office.run("results").json["data"]["units"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_provision_killed_at_a_write_is_completed_by_the_next(office: Office, number: int, moment: str) -> None:
    assert kill_at(office, number, moment, "provision") == -9
    run = office.run("provision", now=office.BEFORE)
    assert run.exit_code == 0
    made = sorted(path.name for path in (office.folder / "workspace" / "units").iterdir())
    assert made == [f"{unit}.xlsx" for unit in sorted(office.UNITS)]
    office.fill_in("tay-an")
    assert office.run("status", now=office.BEFORE).json["data"]["units"][0]["self_points"] == "5.25"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_collect_killed_at_a_write_is_completed_by_the_next(filled: Office, number: int, moment: str) -> None:
    assert kill_at(filled, number, moment, "collect") == -9
    run = filled.run("collect")
    assert run.exit_code == 0
    assert {unit["action"] for unit in run.json["data"]["units"]} <= {"collected", "kept"}
    assert [unit["self_points"] for unit in run.json["data"]["units"]] == ["5.25"] * 3
    from cchc_sheets.ledger import Ledger

    ledger = Ledger.at(filled.folder / "ledger.db")
    ledger.check_chain()
    assert [entry.subject for entry in ledger.entries("submission")] == list(filled.UNITS)
    ledger.close()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_appraise_killed_at_a_write_loses_no_finding(appraised: Office, number: int, moment: str) -> None:
    with appraised.edit_review() as hand:
        hand.type("appraisal:noi-vu", "tay-an/1.10", verdict="Điều chỉnh", appraised_points=1, remark="Tính lại")
    kill_at(appraised, number, moment, "appraise")
    run = appraised.run("appraise")
    assert run.json["data"]["settled"] == 12
    # 2 + 1 + 0,5 + 1,25 + 2,7 = 7,45 → 74,50
    assert results(appraised)[0]["index"] == "74.50"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_finalise_killed_at_a_write_gives_the_same_papers_afterwards(
    appraised: Office, number: int, moment: str
) -> None:
    appraised.run("finalise")
    output = appraised.folder / "output"
    undisturbed = {file.name: file.read_bytes() for file in output.iterdir()}
    for file in output.iterdir():
        file.unlink()
    kill_at(appraised, number, moment, "finalise")
    assert appraised.run("finalise").exit_code == 0
    assert undisturbed == {file.name: file.read_bytes() for file in output.iterdir()}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
def test_extend_killed_at_a_write_is_completed_by_the_next(collected: Office, number: int, moment: str) -> None:
    extension = ("extend", "tay-an", "--until", "2023-12-14T17:00", "--reason", "CV 41")
    kill_at(collected, number, moment, *extension)
    assert collected.run(*extension).exit_code == 0
    assert collected.file("tay-an").stat().st_mode & 0o200
    with collected.edit("tay-an") as hand:
        assert hand.value("self_assessment", "1.10", "self_score") == 1.5
        hand.type("self_assessment", "1.10", self_score=1)
    again = collected.run("collect", now="2023-12-14T17:00")
    assert [unit["self_points"] for unit in again.json["data"]["units"]] == ["4.75", "5.25", "5.25"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_survey_killed_at_its_write_is_completed_by_the_next(collected: Office, moment: str) -> None:
    collected.write_survey()
    assert kill_at(collected, 1, moment, "survey") == -9
    assert collected.run("survey").exit_code == 0
    assert [unit["survey_points"] for unit in results(collected)] == ["2.7", "2.4", "2.1"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 3, 5, 7])
def test_sync_killed_at_a_write_is_completed_by_the_next(filled: Office, number: int, moment: str) -> None:
    filled.write_survey()
    kill_at(filled, number, moment, "sync")
    filled.run("sync")
    filled.agree_to_everything()
    assert filled.run("sync").exit_code == 0
    # 5,25 of 7 and 2,7; 2,4; 2,1 of 3
    assert [unit["index"] for unit in results(filled)] == ["79.50", "76.50", "73.50"]
