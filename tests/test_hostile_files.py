"""Hostile files other than workbooks: settings, rosters, surveys, templates, signed papers, last year's results.

Each is given to the real command, and its refusal is read. What could take time or memory runs where the system itself
sets the bound.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import hostile_files as hostile
import pytest
from decision_sample import TEMPLATE
from office import CRITERIA, CYCLE, UNITS_CSV, Office
from openpyxl import Workbook
from told_season import season_of

from cchc_sheets.errors import CchcError
from cchc_sheets.publication.paper_compare import compare_papers
from cchc_sheets.publication.room_by_hand import Form
from cchc_sheets.reading import recorded_number
from cchc_sheets.stages.archive_package import unpacked
from cchc_sheets.stages.verify import verify

ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
SETTINGS = {
    "aliases": (ALIASES, "too_large", "too many entries (at most 50000)"),
    "aliases as a key": (ALIASES + "? *j\n: 1\n", "too_large", "too many entries"),
    "an alias of itself": ("a: &a [*a]\n", "too_large", "nested too deeply (at most 50 levels)"),
    "brackets": ("[" * 100_000, "too_large", "nested too deeply (at most 50 levels)"),
    "entries": ("[" + "a," * 60_000 + "]", "too_large", "too many entries"),
    "a megabyte": ("# x\n" * 270_000, "too_large", "the file is larger than any settings are (at most 1024 KB)"),
    "a tag on a group": (
        "title: !!python/object:os.system {x: 1}\n",
        "tag",
        "python/object:os.system is not understood",
    ),
    "a tag on a word": ("title: !!python/name:os.system x\n", "tag", "python/name:os.system is not understood"),
    "a tag on a list": ("title: !!set [x]\n", "tag", "set is not understood"),
    "a list as a key": ("? [a, b]\n: 1\n", "key", "what stands before the colon is no word"),
    "no character": ('title: "\\U00110000"\n', "syntax", "not YAML"),
    "half a character": ('title: "\\ud800"\n', "character", "U+D800, which cannot be shown"),
    "an unseen character": ('title: "\\0"\n', "character", "U+0000, which cannot be shown"),
    "digits": ("total_points: " + "9" * 100_000, "number", "is no plain number"),
    "an exponent": ("total_points: 1e999999999\n", "number", "«1e999999999» is no plain number"),
    "infinity": ("total_points: .inf\n", "number", "«.inf» is no plain number"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_hostile_settings_are_refused_by_name(office: Office, name: str) -> None:
    content, code, words = SETTINGS[name]
    (office.folder / "criteria.yaml").write_text(content, encoding="utf-8")
    run = office.run("--lang", "en", "check")
    assert run.exit_code == 1
    found = [p for p in run.problems if p["sheet"] == "criteria.yaml" and p["code"] == code]
    assert any(words in problem["what"] for problem in found), run.problems
    assert all(problem["fix"] for problem in found)


LINE = b"code,name,kind\n"
ROSTERS = {
    "an open quote": (LINE + b'a,"' + b"x" * 200_000, "unreadable", "field larger than field limit"),
    "a zero byte": (LINE + b"a\0b,x,xa\n", "code", "cannot be a unit's code"),
    "two encodings": (
        LINE + "a,Xã A,xã\n".encode() + b"b,X\xe3 B,xa\n",
        "unreadable",
        "as text",
    ),
    "UTF-16": ((LINE.decode() + "a,Xã A,xã\n").encode("utf-16"), "unreadable", "as text"),
    "a megabyte": (
        LINE + b"a,b,c\n" * 200_000,
        "too_large",
        "the file is larger than any settings are (at most 1024 KB)",
    ),
    "too many": (
        LINE + b"".join(b"u%d,Xa %d,commune\n" % (n, n) for n in range(5_001)),
        "too_large",
        "the file has more than 5000 units",
    ),
    "a long name": (LINE + b"a," + b"x" * 201 + b",commune\n", "too_long", "is too long"),
    "a name turned round": (LINE + "a,Xã \u202eA,xã\n".encode(), "name", "invisible character"),
}


@pytest.mark.parametrize("name", ROSTERS)
def test_a_hostile_roster_is_refused_by_name(office: Office, name: str) -> None:
    content, code, words = ROSTERS[name]
    (office.folder / "units.csv").write_bytes(content)
    run = office.run("--lang", "en", "check")
    assert run.exit_code == 1
    assert any(words in p["what"] and p["code"] == code for p in run.problems), run.problems[:3]


def _table() -> bytes:
    book = Workbook()
    for row in (["unit", "1.2", "2.3"], ["tay-an", 1, 0.5], ["binh-hoa", 1, 0.5], ["phu-phong", 1, 0.5]):
        book.worksheets[0].append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


SURVEYS: dict[str, tuple[str, Callable[[], bytes], str, str]] = {
    "zip bomb": ("survey.xlsx", lambda: hostile.with_rows(b" " * 410 * 1024 * 1024)(_table()), "too_large", "400 MB"),
    "entities": ("survey.xlsx", lambda: hostile.entity_expansion(_table()), "not_a_workbook", "document type"),
    "no sheet": (
        "survey.xlsx",
        lambda: hostile.with_changed("xl/_rels/workbook.xml.rels", lambda _: b"<x/>")(_table()),
        "truncated",
        "damaged",
    ),
    "bzip2": ("survey.xlsx", lambda: hostile.packed_in_bzip2(_table()), "truncated", "damaged"),
    "commas": ("survey.csv", lambda: b"unit,1.2\n" + b"," * 4_000_001, "too_large", "4000000 cells"),
    "an open quote": ("survey.csv", lambda: b'unit,1.2\na,"' + b"x" * 200_000, "unreadable", "field limit"),
    "bytes": ("survey.csv", lambda: b"\xff\xfe\x00\xd8", "unreadable", "cannot be read as text"),
}


@pytest.mark.parametrize("name", SURVEYS)
def test_a_hostile_survey_is_refused_by_name(office: Office, name: str) -> None:
    file, make, code, words = SURVEYS[name]
    (office.folder / file).write_bytes(make())
    run = office.run("--lang", "en", "survey")
    assert (run.exit_code, run.json["error"]["code"]) == (1, code)
    assert words in run.json["error"]["what"]
    assert run.json["error"]["fix"]


def test_a_table_that_lies_about_its_size_loses_no_line(office: Office) -> None:
    sheet = hostile.parts_of(_table())[hostile.SHEET]
    assert b'<dimension ref="A1:C4"' in sheet
    lying = hostile.with_changed(hostile.SHEET, lambda part: part.replace(b'ref="A1:C4"', b'ref="A1"'))(_table())
    (office.folder / "survey.xlsx").write_bytes(lying)
    run = office.run("survey")
    assert (run.exit_code, run.json["data"]["values"]) == (0, 6)  # 3 units, 2 criteria


PREVIOUS = {
    "nested": (b"[" * 100_000, "neither a ledger nor open data"),
    "a large exponent": (b'{"schema": 1, "x": 1e999999}', "the file holds the bare number 1e999999"),
    "no number": (b'{"schema": 1, "x": -Infinity}', "the file holds the bare number -Infinity"),
    "many digits": (b'{"schema": ' + b"9" * 5_000 + b"}", "neither a ledger nor open data"),
    "large": (b" " * (24 * 1024 * 1024 + 1), "larger than any results"),
}


def _check_previous(office: Office, content: bytes) -> str:
    (office.folder / "last").write_bytes(content)
    (office.folder / "cycle.yaml").write_text(f"{CYCLE}previous:\n  file: last\n", encoding="utf-8")
    run = office.run("--lang", "en", "check")
    assert run.exit_code != 0
    return run.out


@pytest.mark.parametrize("name", PREVIOUS)
def test_hostile_results_of_last_year_are_refused_by_name(office: Office, name: str) -> None:
    content, words = PREVIOUS[name]
    assert words in _check_previous(office, content)


@pytest.mark.parametrize(
    "entries",
    [
        "CREATE VIEW entries AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT * FROM c",
        "CREATE TABLE entries (number INTEGER, body AS (hex(zeroblob(1000000000))))",
    ],
)
def test_a_ledger_that_would_never_end_is_not_read(office: Office, tmp_path: Path, entries: str) -> None:
    file = tmp_path / "endless.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE migrations (name TEXT)")
        database.execute("INSERT INTO migrations VALUES ('m001_initial')")
        database.execute(entries)
    database.close()
    assert "cannot be read as a ledger of this program" in _check_previous(office, file.read_bytes())


@pytest.mark.parametrize("body", ["[]", "{}", '{"files": []}', '{"id": 1, "files": {"cycle.yaml": 1}}', "1", "null"])
def test_a_ledger_with_strange_entries_is_refused_and_no_traceback_shown(
    office: Office, tmp_path: Path, body: str
) -> None:
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    content = (office.folder / "ledger.db").read_bytes()
    file = tmp_path / "strange.db"
    file.write_bytes(content)
    with sqlite3.connect(file) as database:
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger[0]}")
        database.execute("DELETE FROM entries")
        previous = "0" * 64
        for number, kind in ((1, "configuration"), (2, "results")):
            parts = [number, "2022-12-31T08:00:00+07:00", "x", kind, "-", body, previous]
            digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
            database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*parts, digest))
            previous = digest
    database.close()
    said = _check_previous(office, file.read_bytes())
    strange = ("does not say by which criteria", "cannot be computed again", "the ledger was altered at entry 1")
    assert any(words in said for words in strange)


def _template_with(words: str) -> bytes:
    parts = hostile.parts_of(TEMPLATE.read_bytes())
    document = parts["word/document.xml"].decode()
    paragraph = f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"
    return hostile.zipped(
        parts | {"word/document.xml": document.replace("<w:body>", f"<w:body>{paragraph}", 1).encode()}
    )


TEMPLATES: dict[str, tuple[Callable[[], bytes], str]] = {
    "loops in loops": (
        lambda: _template_with("{% for a in method %}" * 12 + "{% endfor %}" * 12),
        "more than 100000 times",
    ),
    "range": (lambda: _template_with("{% for a in range(99999) %}{% endfor %}"), "a call with brackets"),
    "a billion times": (lambda: _template_with("{{ 'x' * 1000000000 }}"), "uses *, which is not understood"),
    "a power": (lambda: _template_with("{{ 9 ** 9 ** 9 }}"), "uses **, which is not understood"),
    "doubled and kept": (lambda: _template_with("{% set a = year ~ year %}"), "{% set %}"),
    "padded": (lambda: _template_with("{{ year|center(1000000000) }}"), "No filter named 'center'"),
    "formatted": (lambda: _template_with("{{ '%999999999d'|format(1) }}"), "No filter named 'format'"),
    "filler": (lambda: _template_with("{{ lipsum(n=1000000) }}"), "a call with brackets"),
    "markup of its own": (lambda: _template_with("{{ subject|safe }}"), "No filter named 'safe'"),
    "letters of a word": (lambda: _template_with("{% for a in subject %}{% endfor %}"), "a loop goes over a list only"),
    "Python": (lambda: _template_with("{{ year.__class__ }}"), "uses .__class__, which is not understood"),
    "itself": (lambda: _template_with("{{ self._TemplateReference__context }}"), "is not understood"),
    "a macro": (lambda: _template_with("{% macro m() %}{% endmacro %}"), "{% macro %}"),
    "another file": (lambda: _template_with("{% include 'x' %}"), "{% include %}"),
    "brackets": (lambda: _template_with("{{ " + "(" * 3_000 + "year" + ")" * 3_000 + " }}"), "nested too deeply"),
    "loops too deep": (lambda: _template_with("{% for a in method %}" * 30 + "{% endfor %}" * 30), "nested too deeply"),
    "tags without end": (lambda: _template_with("{%" * 20_000), "it is not closed"),
    "tags": (lambda: _template_with("{{ year }}" * 5_100), "tags; a paper needs at most 5000"),
    "text without end": (
        lambda: _template_with("{% for a in method %}" * 3 + "x" * 3_000_000 + "{% endfor %}" * 3),
        "it would fill in more than 50000000 characters",
    ),
    "half a character": (lambda: _template_with("{{ '\\ud800' }}"), "uses U+D800, which is not understood"),
    "an unseen character": (lambda: _template_with("{{ '\\x01' }}"), "uses U+0001, which"),
    "elements": (
        lambda: hostile.with_parts(word__x_dot_xml=b"<x>" + b"<a/>" * 1_100_000 + b"</x>")(TEMPLATE.read_bytes()),
        "4 MB of text",
    ),
    "a bomb": (
        lambda: hostile.with_parts(word__media__x_dot_png=bytes(101 * 1024 * 1024))(TEMPLATE.read_bytes()),
        "too large",
    ),
    "bzip2": (lambda: hostile.packed_in_bzip2(TEMPLATE.read_bytes()), "the template is damaged"),
    "a header that is not there": (
        lambda: hostile.with_changed("word/document.xml", lambda part: re.sub(rb'(?<=r:id=")rId', b"rNo", part))(
            TEMPLATE.read_bytes()
        ),
        "the template is damaged",
    ),
    "no styles": (
        lambda: hostile.with_changed(
            "[Content_Types].xml", lambda part: part.replace(b"wordprocessingml.styles+xml", b"x")
        )(TEMPLATE.read_bytes()),
        "the template holds something that no paper needs",
    ),
    "macros": (lambda: hostile.with_parts(word__vbaProject_dot_bin=b"x")(TEMPLATE.read_bytes()), "carries macros"),
    "a field": (
        lambda: _template_with('</w:t></w:r><w:r><w:instrText>DDEAUTO c:\\\\cmd "/k calc"</w:instrText><w:t>'),
        "a field of the template could fetch something",
    ),
    "another document": (
        lambda: hostile.with_changed(
            "word/_rels/document.xml.rels",
            lambda part: part.replace(
                b"</Relationships>",
                b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"'
                b' Target="x.html"/></Relationships>',
            ),
        )(TEMPLATE.read_bytes()),
        "another file is embedded",
    ),
}


def test_every_hostile_template_is_refused_by_the_command_and_nothing_is_written(appraised: Office) -> None:
    folder = appraised.folder / "templates"
    folder.mkdir()
    for name, (make, words) in TEMPLATES.items():
        (folder / "decision.docx").write_bytes(make())
        run = appraised.run("--lang", "en", "finalise", now="2023-12-29T08:00")
        assert (run.exit_code, run.json["error"]["code"]) == (1, "publication"), (name, run.out)
        assert words in run.json["error"]["what"], (name, run.json["error"])
        assert run.json["error"]["fix"], name
        assert not (appraised.folder / "output" / "decision.docx").exists()


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "b">]>'
PAPERS: dict[str, tuple[dict[str, bytes], str]] = {
    "elements": ({"word/document.xml": b"<a/>" * 1_500_001}, "too_large"),
    "entities": ({"word/document.xml": f"{DOCTYPE}<x/>".encode()}, "not_a_paper"),
    "entities in UTF-16": ({"word/document.xml": f"{DOCTYPE}<x/>".encode("utf-16")}, "not_a_paper"),
    "entities beside": ({"word/header9.bin": f"{DOCTYPE}<x/>".encode()}, "not_a_paper"),
    "depth": ({"word/document.xml": b"<w>" * 100_000 + b"</w>" * 100_000}, "not_a_paper"),
    "another kind": ({"[Content_Types].xml": b"<x/>"}, "not_a_paper"),
    "no relations": ({"_rels/.rels": b"<x/>"}, "not_a_paper"),
    "no document": ({"word/document.xml": b""}, "not_a_paper"),
    "a bomb": ({"word/media/x.png": bytes(201 * 1024 * 1024)}, "too_large"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_hostile_signed_paper_is_refused(told: Path, name: str, tmp_path: Path) -> None:
    parts, code = PAPERS[name]
    made = (told / "output" / "decision.docx").read_bytes()
    file = tmp_path / "signed.docx"
    file.write_bytes(hostile.zipped(hostile.parts_of(made) | parts))
    with season_of(told, dry_run=True) as season, pytest.raises(CchcError) as refused:
        verify(season, file)
    assert refused.value.code == code
    said = refused.value.what.said_in("en")
    assert (
        said
        == {"too_large": "the document is too large for a paper", "not_a_paper": "this is no whole Word document"}[code]
    )


def test_words_in_the_dotted_lines_cannot_hold_up_the_comparison() -> None:
    form = Form.of("Hồi …… giờ …… phút, ngày …… tháng …… năm 2023, tại ……, thành phần ……")
    assert form is not None
    right = "Hồi 8 giờ 30 phút, ngày 5 tháng 12 năm 2023, tại Hội trường A, tầng 2, thành phần đủ cả"
    assert form.written(right) == ["8", "30", "5", "12", "Hội trường A, tầng 2", "đủ cả"]
    # A search that tried every way would have 40 × 40 × 40 × 40 × 40 of them, and find none: the system would end it.
    program = (
        "import sys\n"
        "if sys.platform == 'linux':\n"
        "    import resource; resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "from cchc_sheets.publication.room_by_hand import Form\n"
        "form = Form.of('Hồi …… giờ …… phút, ngày …… tháng …… năm 2023, tại ……, thành phần ……')\n"
        "words = ('giờ ', 'phút, ngày ', 'tháng ', 'năm 2023, tại ', ', ')\n"
        "print(form.written('Hồi ' + ''.join(word * 40 for word in words) + 'thành phan'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, b"None"), done.stderr.decode()


@pytest.mark.parametrize("written", ["1E+999999999", "1e-999999999", "Infinity", "NaN", "9" * 2_000, "x"])
def test_a_number_that_no_cell_can_hold_is_not_restored_from_a_ledger(written: str) -> None:
    with pytest.raises(ValueError, match=written[:20].replace("+", r"\+")):
        recorded_number(written)


def test_a_zip_whose_directory_is_larger_than_what_it_lists_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a", b"1")
    content = bytearray((tmp_path / "x.zip").read_bytes())
    at = content.rindex(b"PK\x05\x06")
    content[at + 12 : at + 16] = (20_000 * 300 + 1).to_bytes(4, "little")
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(CchcError) as refused:
        unpacked(tmp_path / "x.zip")
    assert refused.value.code == "archive_bomb"
    assert "more than 20000 members" in refused.value.what.said_in("en")


def test_the_good_files_that_all_these_were_made_from_are_taken(office: Office) -> None:
    assert office.run("check").exit_code == 0
    assert tuple((office.folder / name).read_text(encoding="utf-8") for name in ("criteria.yaml", "units.csv")) == (
        CRITERIA,
        UNITS_CSV,
    )
    (office.folder / "survey.xlsx").write_bytes(_table())
    assert office.run("survey").exit_code == 0
    assert compare_papers(TEMPLATE.read_bytes(), TEMPLATE.read_bytes(), "x").differences == []
