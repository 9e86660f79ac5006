"""Formula and script injection: texts made to become more than text, through a whole season, in every output.

Each poisoned text begins or goes on like something that a spreadsheet, a browser, Word or a template would run, and
carries `MARK`. Afterwards every file is opened and every place where the mark stands is one for words.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from google_office import GoogleOffice, on_google
from lxml import etree
from office import CRITERIA, CYCLE, UNITS_CSV, Office

from cchc_sheets.messages import speak

MARK = "Bẫy"
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x.vn";"y")', "=cmd|' /C calc'!A0")
SCRIPTS = ("<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "{{ 7*7 }}")
POISON = tuple(f"{start} {MARK}" for start in (*FORMULAS, *SCRIPTS))
LINKS = ("javascript:alert(1)//", "file:///C:/Windows/x", "\\\\evil\\share\\x", "data:text/html,<script>1</script>")
LATER = "2023-12-29T08:00"


def poisoned(office: Office) -> None:
    """Put poison into everything that an office writes."""
    title = POISON[0].replace('"', "'")
    criteria = (
        CRITERIA.replace("title: Kế hoạch năm", f'title: "{title}"')
        .replace("title: Thể chế", f'title: "{POISON[6]}"')
        .replace("label: Đúng hạn", f'label: "{POISON[2]}"')
        .replace("title: Khen thưởng", f'title: "{POISON[3]}"')
    )
    assert criteria.count(MARK) == 4
    (office.folder / "criteria.yaml").write_text(criteria, encoding="utf-8")
    settings = CYCLE.replace("name: Phòng Tư pháp", f'name: "{POISON[1]}"')
    assert MARK in settings
    own = (office.folder / "cycle.yaml").read_text(encoding="utf-8")
    (office.folder / "cycle.yaml").write_text(own.replace(CYCLE, settings), encoding="utf-8")
    names = dict(
        zip(("Xã Tây An", "Xã Bình Hòa", "Thị trấn Phú Phong"), (POISON[4], POISON[7], POISON[8]), strict=True)
    )
    roster = UNITS_CSV
    for name, poison in names.items():
        doubled = poison.replace('"', '""')
        roster = roster.replace(name, f'"{doubled}"')
    (office.folder / "units.csv").write_text(roster, encoding="utf-8")


def typed_in(office: Office) -> None:
    """Let the communes type poison."""
    for at, unit in enumerate(office.UNITS):
        office.fill_in(unit)
        with office.edit(unit) as hand:
            for code, poison in zip(("1.1", "1.10", "2.1", "2.2"), POISON[at:], strict=False):
                hand.text("self_assessment", code, "evidence", f"{poison} {LINKS[at]}")
                hand.text("self_assessment", code, "note", poison)
            for row, poison in zip(("strengths", "weaknesses", "causes", "reporter"), POISON[at + 3 :], strict=False):
                hand.text("self_report", row, "value", poison)


def appraised(office: Office) -> None:
    """Let the departments type poison, the council and a commune as well."""
    assert office.run("collect", now=office.AFTER).exit_code in {0, 3}
    assert office.run("appraise").exit_code == 0
    office.agree_to_everything()
    with office.edit_review() as hand:
        for at, unit in enumerate(office.UNITS):
            row = f"{unit}/2.2"
            hand.type("appraisal:tu-phap", row, verdict="Điều chỉnh", appraised_points=0.75)
            hand.text("appraisal:tu-phap", row, "remark", POISON[at * 3])
        hand.type("adjustments", "phu-phong/C.1", count=1)
        hand.text("adjustments", "phu-phong/C.1", "remark", POISON[5])
    assert office.run("appraise").exit_code in {0, 3}


@pytest.fixture
def season(office: Office) -> Office:
    poisoned(office)
    run = office.run("provision", now=office.BEFORE)
    assert run.exit_code == 0, run.out
    assert office.run("status", "--write", now="2023-12-09T08:00").exit_code in {0, 3}
    assert MARK in (office.folder / "output" / "reminders.txt").read_text(encoding="utf-8")  # a text to send, no more
    typed_in(office)
    appraised(office)
    office.run("explain", "--until", "2023-12-28T17:00", now="2023-12-27T08:00")
    with office.edit("tay-an") as hand:
        hand.type("explanation", "2.2", answer="Không đồng ý")
        hand.text("explanation", "2.2", "explanation", POISON[1])
    office.run("explain", now="2023-12-28T17:00")
    with office.edit_review() as hand:
        hand.type("rulings", "tay-an/2.2", ruled_points=1)
        hand.text("rulings", "tay-an/2.2", "reason", POISON[2])
    office.run("explain", now="2023-12-28T17:30")
    office.write_survey()
    codes = (office.folder / "survey.csv").read_text(encoding="utf-8-sig").replace("Xã Bình Hoà", "binh-hoa")
    (office.folder / "survey.csv").write_text(codes, encoding="utf-8")
    for command in (["survey"], ["status", "--write"], ["finalise"], ["papers", "report", "minutes"], ["publish"]):
        run = office.run(*command, now=LATER)
        assert run.exit_code in {0, 3}, (command, run.out)
    run = office.run("papers", "notice", "--unit", "tay-an", now=LATER)
    assert run.exit_code == 0, run.out
    return office


def test_poison_in_every_text_of_a_season_is_words_in_every_output(season: Office) -> None:
    speak("en")
    checks = {".xlsx": in_workbook, ".csv": in_csv, ".html": in_page, ".docx": in_paper, ".json": in_json}
    read = dict.fromkeys(checks, 0)
    for file in sorted(season.folder.rglob("*")):
        check = checks.get(file.suffix)
        own = file.name in {"survey.csv", "units.csv"}
        if check and not own and "backup" not in file.parts:
            read[file.suffix] += check(file)
    # Each kind of output did hold poison, so that there was something to be wrong.
    assert all(count > 0 for count in read.values()), read


def in_workbook(file: Path) -> int:
    found = 0
    for sheet in openpyxl.load_workbook(file).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink is not None and cell.hyperlink.target:
                    assert cell.hyperlink.target.startswith(("http://", "https://", "mailto:")), (file.name, cell)
                if MARK in str(cell.value):
                    found += 1
                    assert cell.data_type in {"s", "inlineStr"}, (file.name, cell.coordinate, cell.value)
        for rule in sheet.data_validations.dataValidation:
            assert rule.formula1 is None or MARK not in rule.formula1 or rule.formula1.startswith('"'), file.name
    with zipfile.ZipFile(file) as archive:
        formulas = [
            part for name in archive.namelist() if name.startswith("xl/worksheets/")
            for part in re.findall(rb"<f[ >].*?</f>", archive.read(name))
        ]  # fmt: skip
    assert not [formula for formula in formulas if MARK.encode() in formula], file.name
    return found


def in_csv(file: Path) -> int:
    words = file.read_text(encoding="utf-8-sig")
    separator = ";" if ";" in words.partition("\n")[0] else ","
    fields = [field for line in csv.reader(io.StringIO(words), delimiter=separator) for field in line]
    marked = [field for field in fields if MARK in field]
    assert not [field for field in marked if field.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))], file.name
    return len(marked)


class _Page(HTMLParser):
    """Looks at every element of a page."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.found, self.is_script = name, 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_script = tag == "script"
        for attribute, value in attrs:
            assert not attribute.startswith("on"), (self.name, tag, attribute)
            if attribute in {"href", "src", "action", "xlink:href"}:
                assert not re.match(r"\s*(javascript|file|data:text|vbscript|\\\\)", value or "", re.IGNORECASE), (
                    self.name,
                    value,
                )

    def handle_endtag(self, tag: str) -> None:
        self.is_script = False

    def handle_data(self, data: str) -> None:
        if MARK in data:
            self.found += 1
            assert not self.is_script, (self.name, data[:80])
        assert not (self.is_script and "alert(1)" in data), self.name


def in_page(file: Path) -> int:
    page = _Page(file.name)
    page.feed(file.read_text(encoding="utf-8"))
    return page.found


def in_paper(file: Path) -> int:
    found = 0
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                for relation in etree.fromstring(archive.read(name)):
                    is_web = str(relation.get("Target")).startswith(("http://", "https://", "mailto:"))
                    assert relation.get("TargetMode") != "External" or is_web, (file.name, relation.get("Target"))
            elif name.startswith("word/") and name.endswith(".xml"):
                for element in etree.fromstring(archive.read(name)).iter():
                    if MARK in (element.text or ""):
                        found += 1
                        assert element.tag == f"{word}t", (file.name, element.tag)
                    assert not any(
                        MARK in str(value) for key, value in element.attrib.items() if str(key).endswith("instr")
                    )
        # Jinja in a text was not run: `7*7` is still what was typed.
        assert b"> 49 " not in archive.read("word/document.xml")
    return found


def in_json(file: Path) -> int:
    def strings(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for one in value.values():
                yield from strings(one)
        elif isinstance(value, list):
            for one in value:
                yield from strings(one)

    return sum(MARK in one for one in strings(json.loads(file.read_bytes())))


@on_google
def test_poison_is_words_in_every_cell_on_google(office: GoogleOffice) -> None:
    poisoned(office)
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    typed_in(office)
    appraised(office)
    found = 0
    for book in office.server.sheets._books.values():
        written = repr(book)
        found += written.count(MARK)
        assert not re.findall(rf"'formulaValue': (?:'[^']*{MARK}|\"[^\"]*{MARK})", written)
        links = re.findall(r"'(?:uri|hyperlink)': '([^']*)'", written)
        assert not [link for link in links if not link.startswith(("http://", "https://", "mailto:", "#"))]
    assert found > 20
