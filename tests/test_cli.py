"""The command line as its users and other programs meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from demonstration import Demonstration
from office import Office

from cchc_sheets.cli.commands import commands
from cchc_sheets.cli.options import SpokenCommand, SpokenOption
from cchc_sheets.cli.show import _show_table
from cchc_sheets.messages import Text
from cchc_sheets.outcome import Outcome, Table

ENVELOPE = {"schema", "command", "status", "data", "problems", "error"}
PROBLEM = {"unit", "sheet", "row", "column", "severity", "code", "what", "fix"}


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cchc_sheets", *arguments], capture_output=True, check=False, env=environment or None
    )


def test_every_command_has_the_envelope_with_exactly_its_keys(provisioned: Office) -> None:
    for command in ("check", "provision", "status", "collect", "results", "sync"):
        envelope = provisioned.run(command).json
        assert set(envelope) == ENVELOPE
        assert (envelope["schema"], envelope["command"]) == (1, command)
        assert all(set(problem) == PROBLEM for problem in envelope["problems"])


def test_an_error_is_one_json_object_on_stdout_and_exit_status_1(office: Office) -> None:
    run = office.run("results")
    assert run.exit_code == 1
    assert run.json["status"] == "error"
    assert set(run.json) == ENVELOPE
    assert set(run.json["error"]) == {"code", "what", "where", "fix"}
    assert Path(run.json["data"]["log"]).exists()


def test_an_error_for_people_goes_to_stderr_and_says_what_to_do(office: Office) -> None:
    run = office.run("results", as_json=False)
    assert run.out == ""
    assert run.err.splitlines()[-1].startswith("  Cách xử lý: ")


def test_global_options_may_stand_before_or_after_the_command(office: Office) -> None:
    before = start("--json", "--cycle", str(office.folder), "check")
    after = start("check", "--cycle", str(office.folder), "--json")
    assert before.returncode == after.returncode == 0
    assert before.stdout == after.stdout


@pytest.mark.parametrize("arguments", [["nope"], ["extend"], ["collect", "--nope"], ["init", "--workspace", "moon"]])
def test_wrong_usage_ends_with_2_also_as_json(arguments: list[str]) -> None:
    plain, as_json = start(*arguments), start("--json", *arguments)
    assert plain.returncode == as_json.returncode == 2
    assert plain.stderr
    assert json.loads(as_json.stdout)["error"]["code"] == "usage"


def test_the_bare_name_of_the_program_shows_what_it_can_do() -> None:
    ended = start()
    shown = (ended.stdout + ended.stderr).decode("utf-8")
    assert shown.startswith("Cách dùng: cchc-sheets")
    assert "provision" in shown
    assert "Traceback" not in shown


def test_a_folder_without_a_cycle_is_told_in_words(tmp_path: Path) -> None:
    ended = start("status", "--cycle", str(tmp_path), "--json")
    assert ended.returncode == 1
    assert str(tmp_path) in json.loads(ended.stdout)["error"]["where"]


def test_vietnamese_letters_come_out_whatever_the_console(office: Office) -> None:
    ended = start("check", "--cycle", str(office.folder), PYTHONIOENCODING="cp1258", PATH="")
    assert "đơn vị" in ended.stdout.decode("utf-8")


def test_english_on_request(office: Office) -> None:
    assert "no mistakes" in start("--lang", "en", "check", "--cycle", str(office.folder)).stdout.decode().casefold()


def test_every_command_and_option_explains_itself_in_vietnamese() -> None:
    assert "Cách dùng" in start("--help").stdout.decode()
    for name, command in commands.commands.items():
        assert isinstance(command, SpokenCommand), name
        assert command.said.said_in("vi") != command.said.said_in("en"), name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert isinstance(parameter, SpokenOption), (name, parameter.name)


def test_help_loads_no_heavy_library() -> None:
    heavy = ("pandas", "openpyxl", "docx", "sqlalchemy", "pydantic", "ruamel", "rich", "lxml", "gspread", "matplotlib")
    code = (
        "import sys\nfrom cchc_sheets.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ended.stdout.decode().splitlines()[-1] == "[]"


def test_check_tells_every_mistake_with_line_and_column_and_ends_with_1(office: Office) -> None:
    file = office.folder / "criteria.yaml"
    text = (
        file.read_text(encoding="utf-8").replace('code: "1.10"', "code: 1.10").replace("max_points: 6", "max_points: 7")
    )
    file.write_text(text, encoding="utf-8")
    run = office.run("check")
    assert run.exit_code == 1
    line = next(n for n, content in enumerate(text.splitlines(), 1) if "code: 1.10" in content)
    numeric = next(p for p in run.problems if p["row"] == line)
    assert (numeric["sheet"], numeric["column"]) == ("criteria.yaml", 15)
    assert '"1.10"' in numeric["fix"]
    assert any("7" in p["what"] and "6" in p["what"] for p in run.problems)


def test_init_makes_a_cycle_that_passes_its_check_and_never_overwrites_one(tmp_path: Path) -> None:
    folder = str(tmp_path / "ky-2026")
    assert start("init", folder, "--template", "province-2026").returncode == 0
    assert start("check", "--cycle", folder).returncode == 0
    again = start("init", folder, "--template", "tay-son-2023", "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["error"]["code"] == "exists"


def test_an_unknown_template_set_is_answered_with_those_there_are(tmp_path: Path) -> None:
    error = json.loads(start("init", str(tmp_path / "x"), "--template", "huyen-2020", "--json").stdout)["error"]
    assert "province-2026" in error["fix"]
    assert "tay-son-2023" in error["fix"]


def test_the_demo_runs_the_season_and_refuses_a_folder_in_use(demonstration: Demonstration) -> None:
    data = demonstration.data
    assert len(data["units"]) == 15
    assert [step["command"] for step in data["steps"]] == [
        "init",
        "check",
        "papers",
        "provision",
        "status",
        "papers",
        "collect",
        "extend",
        "collect",
        "status",
        "appraise",
        "appraise",
        "survey",
        "survey",
        "explain",
        "explain",
        "explain",
        "explain",
        "finalise",
        "papers",
        "publish",
    ]
    assert all(Path(file).exists() for file in data["files"].values())
    assert start("demo", str(demonstration.folder)).returncode == 1


def test_a_long_reason_in_a_table_wraps_and_no_column_vanishes(capsys: pytest.CaptureFixture[str]) -> None:
    reason = " ".join(f"lý-do-{place}" for place in range(40))  # wider than the 160 letters of a line
    table = Table(
        Text("units"),
        tuple(map(Text, ("unit", "state", "due", "file"))),
        (("Xã Tây An", reason, "31/12/2023", "x.docx"),),
    )
    _show_table(Outcome("papers", table=table))
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("Xã Tây An", *reason.split(), "31/12/2023", "x.docx"))
    assert "…" not in shown
