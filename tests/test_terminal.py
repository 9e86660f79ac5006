"""Nothing that people wrote commands a terminal: not the screen, not the clipboard, not the order of the letters."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import Office

from cchc_sheets.characters import TURNING, visible, visible_json
from cchc_sheets.cli.options import Globals
from cchc_sheets.cli.show import show_defect, show_usage_error
from cchc_sheets.publication.wording import phrase, plain

SOURCE = Path(__file__).parent.parent / "cchc_sheets"
WIPED = "0_x001B_[2K_x000D_The unit scored itself 0.5._x001B_[8m"
CLIPBOARD = "_x001B_]52;c;cm0gLXJm_x0007_ https://a.vn/5 \u009b2K \u202e5.0 \u2066\nline two"
COMMANDS = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def screen(*arguments: str) -> str:
    """What a person's terminal is given by a command, stdout and stderr together."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200", "NO_COLOR": "1"}
    program = [sys.executable, "-m", "cchc_sheets", *arguments]
    with subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # as a pseudo-terminal of Linux tells of its end
                break
            if not piece:
                break
            shown += piece
        process.wait()
    os.close(ours)
    return shown.decode()


def without_our_own(shown: str) -> str:
    """Without what rich itself draws with: styles, the cursor hidden and shown, a bar drawn over itself."""
    return re.sub(r"\x1b\[(?:[0-9;]*m|\?25[lh]|1A|2K)|\r", "", shown)


def test_no_command_of_a_commune_reaches_the_screen(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    office.fill_in("tay-an")
    with office.edit("tay-an") as hand:
        hand.type("self_assessment", "1.1", self_score=WIPED, evidence=CLIPBOARD)
    cycle = ("--cycle", str(office.folder), "--lang", "en")
    preview = screen("collect", "--preview", *cycle, "--now", office.BEFORE)
    assert "«0\ufffd[2K The unit scored itself 0.5.\ufffd[8m» is not a number" in preview
    assert office.run("collect").exit_code == 3
    traced = screen("trace", "tay-an", "1.1", *cycle, "--now", office.AFTER)
    assert "«0\ufffd[2K The unit scored itself 0.5.\ufffd[8m»" in traced
    assert "\ufffd]52;c;cm0gLXJm\ufffd https://a.vn/5 \\x9b2K \\u202e5.0 \\u2066⏎line two" in traced
    assert "\x1b" not in traced  # no bar is drawn, no colour asked for: not one command
    assert not COMMANDS.search(without_our_own(preview + traced).replace("\n", ""))
    told = office.run("trace", "tay-an", "1.1").out
    assert not COMMANDS.search(told)
    assert "\u009b2K \u202e5.0 \u2066\nline two" in json.dumps(json.loads(told), ensure_ascii=False).replace(
        "\\n", "\n"
    )


def test_a_reason_with_two_lines_is_told_in_one(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    office.fill_in("tay-an")
    reason = "công văn 5\nThe unit scored itself 0.5."
    assert office.run("extend", "tay-an", "--until", "2023-12-20", "--reason", reason).exit_code == 0
    assert office.run("collect", now="2023-12-21T08:00").exit_code in {0, 3}
    run = office.run("--lang", "en", "trace", "tay-an", "1.1", as_json=False, now="2023-12-21T08:00")
    told = run.out
    assert "công văn 5⏎The unit scored itself 0.5." in told


@given(st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x07\r\n\t\x9b" + TURNING)), max_size=40))
def test_visible_words_are_one_line_without_commands(words: str) -> None:
    shown = visible(words)
    assert "\n" not in shown
    assert not COMMANDS.search(shown)
    shown.encode()
    written = json.dumps({"a": words}, ensure_ascii=False)
    assert not COMMANDS.search(visible_json(written))
    assert json.loads(visible_json(written)) == {"a": words}
    for printed in (plain(words), phrase(words)):
        assert not set(printed) & set(TURNING)


def test_plain_text_is_shown_as_it_is() -> None:
    said = "Xã Bình Hòa: «0,5» → 0.5 ± 1 😀 – …"
    assert visible(said) == visible_json(said) == said


def test_a_traceback_and_a_wrong_usage_command_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    import click

    show_defect("trace", ValueError("x\x1b[2K\r\u202e"), Globals())
    show_usage_error("trace", click.UsageError("no such \x1b]0;t\x07"), Globals())
    shown = capsys.readouterr().err
    assert "ValueError: x␛[2K␍\\u202e" in shown
    assert "no such ␛]0;t␇" in shown
    assert not COMMANDS.search(shown.replace("\n", ""))


def test_nothing_is_printed_past_the_one_door() -> None:
    printing = re.compile(r"\b(?:click\.s?echo|click\.secho|print|print_exception|print_exc|error\.show)\(")
    found = [
        f"{file.relative_to(SOURCE)}: {line.strip()}"
        for file in SOURCE.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if printing.search(line)
    ]
    assert sorted(found) == [
        "cli/show.py: console.print(table)",
        "cli/show.py: error.show(page)",
        "cli/terminal.py: click.echo(visible(words), err=err)",
        "cli/terminal.py: click.echo(visible_json(written))",
    ]


def test_the_logs_hold_one_line_for_one_event(tmp_path: Path) -> None:
    import logging

    from cchc_sheets.run_log import _Lines
    from cchc_sheets.stages.watch import _log

    with _log(tmp_path) as log:
        log.error("%s", "a\nb\x1b[2K\u202e")
    (line,) = [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()]
    assert line.endswith(" a⏎b␛[2K\\u202e\n")
    record = logging.makeLogRecord({"msg": "problem", "facts": {"row": "a\u202e\x9b\n"}, "created": 0.0})
    written = _Lines(io.StringIO()).format(record)
    assert '"row":"a\\u202e\\u009b\\n"' in written
