"""Characters that no file of ours can hold, wherever they come in: half a surrogate pair, controls, noncharacters.

One commune's cell with half a character in it stopped the reading of all; so each way in is tried through the commands.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from office import Office

from cchc_sheets.characters import broken_in, read_json, whole
from cchc_sheets.ledger import Ledger
from cchc_sheets.reading import from_json, to_json
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.xlsx_reading import found_in

HALF, PAIR = "x _xD800_", "_xD83D__xDE00_"
AT = datetime(2023, 12, 10, tzinfo=UTC)
ESCAPES = st.integers(0, 0xFFFF).map(lambda code: f"_x{code:04X}_")


def workbook_with(words: str) -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["cchc-sheets/1 form tay-son-2023 phu-phong", "value"])
    book.worksheets[0].append(["k", words])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read_from(words: str) -> str:
    reading = reading_of(found_in(workbook_with(words), "x.xlsx").sheets, "v", AT)
    assert from_json(json.loads(json.dumps(to_json(reading), ensure_ascii=False).encode())) == reading
    return reading.sheets[0].rows[0].cells["value"].text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (HALF, "x \ufffd"),
        ("_xDC00_x", "\ufffdx"),
        ("_xDE00__xD83D_", "\ufffd\ufffd"),
        (PAIR, "😀"),
        ("a_x0000_b_x001B_[2K", "a\ufffdb\ufffd[2K"),
        ("_xFFFE__xFFFF_", "\ufffd\ufffd"),
        ("a_x000D__x000A_b", "a\r\nb"),
        ("_x005F_x0041_", "_x0041_"),
    ],
)
def test_what_a_cell_writes_as_escapes_becomes_text_that_every_file_can_hold(written: str, read: str) -> None:
    assert read_from(written) == read


@given(st.lists(st.one_of(ESCAPES, st.text("ab_x0DΩ", max_size=4)), max_size=6).map("".join).filter(str.strip))
@example("_xD800_")
@example("_xdbff__xdfff_")
def test_whatever_a_cell_escapes_can_be_recorded(words: str) -> None:
    assert not broken_in(read_from(f"k{words}"))


@given(st.text())
@example("\ud83d\ude00")
def test_whole_text_is_whole_and_text_that_is_whole_stays(words: str) -> None:
    mended = whole(words)
    assert mended.encode().decode() == mended
    assert not broken_in(mended)
    assert whole(mended) == mended
    assert mended == words or broken_in(words)


JSON_TEXTS = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(), st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)


@given(JSON_TEXTS)
@example({"\ud800": ["\udc00", "\x1b"]})
def test_whatever_json_escapes_can_be_written_again(data: object) -> None:
    json.dumps(read_json(json.dumps(data)), ensure_ascii=False).encode()
    json.dumps(read_json(json.dumps(data).encode()), ensure_ascii=False).encode()


def test_json_is_read_as_exactly_as_before() -> None:
    assert read_json('{"a": 0.10, "b": "\\u00e9 \\\\ud800"}', exact=True) == {"a": Decimal("0.10"), "b": "é \\ud800"}
    assert read_json(b'\xef\xbb\xbf["\xed\xa0\x80"]') == ["\ufffd\ufffd\ufffd"]  # encoded halves are no UTF-8


def test_one_cell_of_one_commune_stops_no_command(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    for unit in office.UNITS:
        office.fill_in(unit)
    with office.edit("tay-an") as hand:
        hand.type("self_assessment", "1.1", note=HALF, evidence=f"{PAIR} Báo cáo số 05/BC-UBND https://a.vn/5")
    for command in ("status", "provision"):
        assert office.run(command, *(["--write"] if command == "status" else []), now=office.BEFORE).exit_code in {0, 3}
    run = office.run("collect")
    assert run.exit_code in {0, 3}
    assert {unit["unit"]: unit["self_points"] for unit in run.json["data"]["units"]} == dict.fromkeys(
        office.UNITS, "5.25"
    )
    assert office.run("appraise").exit_code in {0, 3}
    with office.edit_review() as hand:
        hand.type("appraisal:noi-vu", "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark=HALF)
    assert office.run("appraise").exit_code in {0, 3}
    assert office.run("sync").exit_code in {0, 3}
    traced = office.run("trace", "tay-an", "1.1")
    assert "x \ufffd" in traced.out
    assert "😀" in traced.out
    assert office.run("verify").exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a Windows command line is made of characters, not of bytes")
def test_bytes_on_the_command_line_that_are_no_text_are_refused_in_words(office: Office) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    program = [sys.executable, "-m", "cchc_sheets", "--cycle", str(office.folder), "--lang", "en"]
    arguments = [b"extend", b"tay-an", b"--until", b"2023-12-20", b"--reason", b"c\xf4ng v\xe3n"]
    done = subprocess.run([*map(str.encode, program), *arguments], capture_output=True, check=False)
    assert done.returncode == 2
    assert "«c\ufffdng v\ufffdn» holds bytes that are no text in UTF-8; type it anew" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize("reason", ["c\udcf4ng", "x\x1b[2K"])
def test_a_reason_that_no_file_can_hold_is_refused(office: Office, reason: str) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    run = office.run("--lang", "en", "extend", "tay-an", "--until", "2023-12-20", "--reason", reason)
    assert run.exit_code == 2
    error = run.json["error"]
    assert error["code"] == "usage"
    assert "bytes that are no text" in error["what"] or "U+001B, which cannot be shown; type it anew" in error["what"]


def test_the_ledger_takes_and_gives_back_only_whole_text(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = Ledger.at(file)
    entry = ledger.append("x", "a\ud800", {"b\udc00": "\ud83d\ude00 \ufffe"}, at=AT, actor="c\udcff")
    assert (entry.subject, entry.actor, entry.body) == ("a\ufffd", "c\ufffd", {"b\ufffd": "😀 \ufffd"})
    ledger.check_chain()
    assert ledger.entries() == [entry]
    ledger.close()
    with sqlite3.connect(file) as database:
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger[0]}")
        at, actor, kind, subject, previous = database.execute(
            "SELECT at, actor, kind, subject, previous FROM entries"
        ).fetchone()
        parts = [1, at, actor, kind, subject, body := '{"b": "\\ud800"}', previous]
        digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        database.execute("UPDATE entries SET body = ?, digest = ?", (body, digest))  # as another program would write it
    database.close()
    foreign = Ledger.at(file)
    assert foreign.entries()[0].body == {"b": "\ufffd"}
    foreign.close()


def test_a_survey_file_with_a_control_character_in_a_name_is_told_with_a_visible_mark(office: Office) -> None:
    (office.folder / "survey.csv").write_text("unit;1.2\nXã \x1b[2KY;1\n", encoding="utf-8")
    run = office.run("--lang", "en", "survey")
    assert run.exit_code == 3
    assert "Xã \ufffd[2KY" in run.out


def test_an_address_with_an_unseen_character_is_no_address(office: Office) -> None:
    roster = "code,name,kind,group,ranked,emails\na,Xã A,xã,,yes,a\u202e@x.vn\n"
    (office.folder / "units.csv").write_text(roster, encoding="utf-8")
    assert "email" in office.run("check").codes()
