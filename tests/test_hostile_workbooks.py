"""Workbooks made to harm, all of them in one season: each is refused by its reason, and harms nobody else's numbers.

The real command runs in a process of its own that may use 1.5 GB and two minutes of processor time, no more.
"""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import hostile_files as hostile
import pytest
from office import Hand, Office

SHEET = "self_assessment"
LINKS = (
    "javascript:alert(1)",
    "file:///C:/Windows/win.ini",
    "\\\\evil\\share\\x",
    "http://u:p@a.vn/",
    "http://169.254.169.254/",
)


class Case(NamedTuple):
    """One commune's workbook: how it is broken; code and words of its refusal."""

    broken: hostile.Break
    code: str
    words: str


REFUSED: Mapping[str, Case] = {
    "zip-bomb": Case(hostile.zip_bomb, "too_large", "25 MB, 200 MB unpacked, 200000 rows"),
    "entities": Case(hostile.entity_expansion, "not_a_workbook", "document type"),
    "rows": Case(hostile.rows_to_the_last, "too_large", "200000 rows"),
    "styles": Case(hostile.styles_by_the_million, "too_large", "too large"),
    "link": Case(hostile.link_over_everything, "too_large", "too large"),
    "echo": Case(hostile.one_text_everywhere, "too_large", "too large"),
    "long-text": Case(hostile.too_long_a_text, "too_large", "the text in A1 has 32768 characters; a cell holds 32767"),
    "nested": Case(hostile.elements_within_elements, "truncated", "damaged"),
    "bzip2": Case(hostile.packed_in_bzip2, "truncated", "damaged"),
    "directory": Case(hostile.huge_directory, "too_large", "too large"),
}
JUNK = 6_000
"""Rows under the sheet, one half without a key, the other half under the key of one criterion."""


def rows_of_junk(content: bytes) -> bytes:
    row = b'<row><c t="inlineStr"><is><t>%s</t></is></c><c/><c/><c/><c/><c/><c/><c/><c><v>2</v></c></row>'
    junk = row % b"2.1" * (JUNK // 2) + row % b" " * (JUNK // 2)
    sheet = hostile.sheet_of(content, SHEET)
    return hostile.with_changed(sheet, lambda part: part.replace(b"</sheetData>", junk + b"</sheetData>"))(content)


READ: Mapping[str, hostile.Break] = {
    "macros": hostile.with_macros,
    "external": hostile.with_external_links,
    "hidden": hostile.with_hidden_sheets,
}
TYPED = {"1.1": "1e9999", "1.10": "Infinity", "2.1": "٣", "2.2": "１"}
CODES = ("good", "junk", "numbers", "circle", "links", "keys", *REFUSED, *READ)


@pytest.fixture
def season(office: Office) -> Office:
    lines = [f"{code},Xã {number},xã,,yes," for number, code in enumerate(CODES)]
    (office.folder / "units.csv").write_text(
        "\n".join(["code,name,kind,group,ranked,emails", *lines]), encoding="utf-8"
    )
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    for code in CODES:
        office.fill_in(code)
    with office.edit("numbers") as hand:
        for row, words in TYPED.items():
            hand.type(SHEET, row, self_score=words)
    with office.edit("circle") as hand:
        cell = f"I{hand.row(SHEET, '1.1')}"
        hand.type(SHEET, "1.1", self_score=f"={cell}+1")
    with office.edit("links") as hand:
        for row, url in zip(TYPED, LINKS, strict=False):
            hand.sheet(SHEET).cell(hand.row(SHEET, row), hand.column(SHEET, "evidence")).hyperlink = url
    with office.edit("keys") as hand:
        sheet = hand.sheet(SHEET)
        for code, number in (("1.1", hand.row(SHEET, "1.1")), ("9.9", hand.row(SHEET, "2.2"))):
            sheet.cell(number, 1).value = {"1.1": "../../etc", "9.9": "=1+1"}[code]
    for code, broken in {**{code: case.broken for code, case in REFUSED.items()}, **READ, "junk": rows_of_junk}.items():
        file = office.file(code)
        file.chmod(0o644)
        file.write_bytes(broken(file.read_bytes()))
    return office


def bounded(folder: Path, *arguments: str, now: str = Office.AFTER) -> tuple[int, dict[str, Any]]:
    """Run a command as a person would, within bounds that the system itself enforces."""
    limits = ""
    if sys.platform == "linux":
        limits = (
            "import resource\n"
            "resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2)\n"
            "resource.setrlimit(resource.RLIMIT_CPU, (120, 120))\n"
        )
    program = f"{limits}import sys\nfrom cchc_sheets.cli import main\nmain(sys.argv[1:])"
    options = ["--cycle", str(folder), "--now", now, "--json", "--lang", "en"]
    done = subprocess.run([sys.executable, "-c", program, *options, *arguments], capture_output=True, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


def test_every_hostile_workbook_is_refused_by_its_reason_and_the_others_count(season: Office) -> None:
    outside = {path for path in season.folder.parent.rglob("*") if season.folder not in path.parents}
    status, told = bounded(season.folder, "collect")
    assert status == 3
    problems = told["problems"]
    for code, case in REFUSED.items():
        found = [problem for problem in problems if problem["unit"] == code]
        assert [problem["code"] for problem in found] == [case.code], (code, found)
        assert case.words in found[0]["what"], (code, found[0]["what"])
        assert found[0]["fix"]
    points = {unit["unit"]: unit["self_points"] for unit in told["data"]["units"]}
    # 2 + 1,5 + 0,5 + 1,25, whatever else lies in the file: macros and links are never looked at.
    assert {code: points[code] for code in ("good", "links", *READ)} == dict.fromkeys(("good", "links", *READ), "5.25")
    assert points["circle"] == "3.25"  # the cell counts as none
    assert points["numbers"] == "0"
    # A key that is none of ours takes its row out of the reckoning; a formula is no key, and the words of the row tell.
    assert points["keys"] == "3.25"
    assert {"row_unknown", "row_missing", "key_lost"} <= {p["code"] for p in problems if p["unit"] == "keys"}
    # 2.1 stands there with other content: its 0,5 is not read, the rest is. Fifty rows are told, the others counted.
    assert points["junk"] == "4.75"
    of_junk = [p for p in problems if p["unit"] == "junk"]
    assert len(of_junk) < 120
    assert [p["what"] for p in of_junk if p["code"] == "rows_unknown"] == [
        f"«Tự chấm điểm»: {JUNK + 1 - 100} more rows do not belong here or are there twice; nothing in them was read"
    ]
    of_numbers = [p for p in problems if p["unit"] == "numbers" and p["code"] == "not_a_number"]
    assert sorted(p["row"] for p in of_numbers) == sorted(TYPED)
    assert all(any(typed in p["what"] for p in of_numbers) for typed in TYPED.values())
    assert [p["code"] for p in problems if p["unit"] == "circle"][:1] == ["formula"]
    assert outside == {path for path in season.folder.parent.rglob("*") if season.folder not in path.parents}
    _nothing_of_it_is_handed_on(season)


def _nothing_of_it_is_handed_on(season: Office) -> None:
    """What was collected goes into the review workbook: no macro, no link to anywhere but the web."""
    status, _ = bounded(season.folder, "appraise")
    assert status in {0, 3}
    parts = hostile.parts_of(season.review.read_bytes())
    assert not [name for name in parts if "vba" in name or "external" in name]
    hand = Hand(season.review)
    links = [
        cell.hyperlink.target for sheet in hand.workbook for row in sheet.iter_rows() for cell in row if cell.hyperlink
    ]
    assert all(str(link).startswith(("http://", "https://", "mailto:", "None")) for link in links), links


NAMES = {
    "../x": "code", "..": "code", "a/b": "code", "a\\b": "code", "C:x": "code", "CON": "code", "nul": "code",
    "com1": "code", "a.": "code", " ": "code", "x" * 255: "code", "xã": "code", "a\u202eb": "code", "a\u0000b": "code",
    "GOOD": "twice", "=1+1": "code", "-a": "code",
}  # fmt: skip


@pytest.mark.parametrize("code", NAMES)
def test_a_name_that_breaks_paths_never_becomes_one(office: Office, code: str) -> None:
    roster = f'code,name,kind\ngood,Xã A,xã\n"{code}",Xã B,xã\n'
    (office.folder / "units.csv").write_text(roster, encoding="utf-8")
    run = office.run("--lang", "en", "check")
    assert run.exit_code == 1
    found = [problem for problem in run.problems if problem["sheet"] == "units.csv"]
    assert NAMES[code] in [problem["code"] for problem in found], found
    assert any("cannot be a unit's code and the name of its file" in p["what"] or "already" in p["what"] for p in found)


def test_a_unit_named_in_two_normal_forms_is_one(office: Office) -> None:
    other = unicodedata.normalize("NFD", "Xã Tây Án")
    roster = f"code,name,kind\na,Xã Tây Án,xã\nb,{other},xã\n"
    (office.folder / "units.csv").write_text(roster, encoding="utf-8")
    assert office.run("--lang", "en", "check").problem("twice")["row"] == 3
