"""What the fuzzers throw bytes at: every parser of something that comes from outside, one function each.

Whatever the bytes are, a target ends soon and raises nothing but `CchcError`; what it gives back holds together. Seeds
are made, not kept: small files of the right kind, from which mutations go further than from noise.

`tools/fuzz.py` runs the targets for minutes under atheris, `test_fuzz_bounded.py` some hundred inputs without it.
"""

from __future__ import annotations

import atexit
import functools
import io
import json
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
from criteria_sets import A, B, criteria_set
from decision_sample import TEMPLATE, sample
from office import CRITERIA, CYCLE, UNITS_CSV

from cchc_sheets.assessment.evidence_caption import parse_caption
from cchc_sheets.assessment.evidence_links import has_local_path, read_address
from cchc_sheets.assessment.submission import parse_submission
from cchc_sheets.assessment.survey import parse_points
from cchc_sheets.assessment.typed import read_number
from cchc_sheets.cycle.criteria_file import load_criteria
from cchc_sheets.cycle.settings import load_settings
from cchc_sheets.cycle.units_file import load_units
from cchc_sheets.cycle.yaml_document import read_yaml
from cchc_sheets.errors import CchcError
from cchc_sheets.publication.decision import make_decision, offered_names
from cchc_sheets.publication.file_compare import compare_files
from cchc_sheets.publication.paper_compare import compare_papers
from cchc_sheets.publication.paper_template import Prepared
from cchc_sheets.reading import Cell, from_json, to_json
from cchc_sheets.stages.archive_package import MANIFEST, packed, unpacked
from cchc_sheets.stages.past_results import past_results
from cchc_sheets.stages.points_file import read_points_file
from cchc_sheets.stages.verify_archive import verify_archive
from cchc_sheets.vietnamese import read_moment
from cchc_sheets.workspace.found import reading_of
from cchc_sheets.workspace.links import links_in, links_in_formula
from cchc_sheets.workspace.xlsx_reading import found_in

CRITERIA_SET = criteria_set("1\n  1.1 5 survey\n  1.10 3 imported\n  1.2 1 points 1\n  1.3 2 levels 0 1 2")
SHEET_PARTS = (
    "xl/worksheets/sheet1.xml",
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
    "[Content_Types].xml",
)
PAPER_PARTS = (
    "word/document.xml",
    "word/_rels/document.xml.rels",
    "[Content_Types].xml",
    "word/styles.xml",
    "_rels/.rels",
    "word/footer1.xml",
)


@dataclass(frozen=True)
class Target:
    """One parser: what it is given, and bytes from which to begin."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    longest: int = 20_000


def tried(target: Target, data: bytes) -> None:
    """Give it bytes; a refusal in words is the right answer to wrong ones."""
    with suppress(CchcError):
        target.run(data)


def mutations(seeds: list[bytes], count: int, chance: random.Random) -> Iterator[bytes]:
    """Yield the seeds and so many inputs that have grown out of them."""
    yield from seeds
    for _ in range(count):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(5):
                case 0:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del data[at : at + chance.randint(1, 12)]
                case 2:
                    other = chance.choice(seeds)
                    start = chance.randrange(len(other) + 1)
                    data[at:at] = other[start : start + chance.randint(1, 60)]
                case 3:
                    data[at:at] = chance.choice(TOKENS)
                case _:
                    data[at:at] = data[max(0, at - 20) : at] * chance.randint(1, 4)
        yield bytes(data)


TOKENS = [
    b"\0", b"\xff", b"\xef\xbb\xbf", b"-1", b"1e999999", b"Infinity", b"NaN", b"99999999999999999999", b"../", b"CON",
    b'"', b"'", b"<", b">", b"&#0;", b"&x;", b"]]>", b"<!--", b"<![CDATA[", b"{{", b"}}", b"{%", b"%}", b"{% for a in ",
    b"*a", b"&a ", b"!!python/object:os.system ", b"? ", b"- ", b": ", b"{", b"}", b"[", b"]", b",", b";", b"\t", b"\n",
    b"=HYPERLINK(", b"javascript:", b"file:///", b"\\\\host\\share", b"http://[::1]/", b"http://169.254.169.254/",
    b"http://user:pw@", b"%00", b"%", b"xn--", "\u202e".encode(), "\u0663".encode(), "\uff11".encode(), b"_x0000_",
    b"_xD800_", b"_xDC00_", b"\\ud800", b"\x1b]52;c;", b"\xc2\x9b2K", b"1_0", b"\xed\xa0\x80",
    b' r="1048577"', b' t="s"', b' si="0" t="shared"', b' ref="A1:XFD1048576"',
]  # fmt: skip


def _file(data: bytes, name: str) -> Path:
    file = _folder() / name
    file.write_bytes(data)
    return file


@functools.cache
def _folder() -> Path:
    made = tempfile.TemporaryDirectory()
    atexit.register(made.cleanup)
    return Path(made.name)


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


@functools.cache
def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["cchc-sheets/1 self_assessment ky-2023 a", "code", "self_score", "evidence", "note", "not_occurred"])
    sheet.append(["1.2", "1.2", "1,0", "https://a.vn/x", "=1+1", None])
    sheet.append(["1.3", "1.3", 2, "Báo cáo số 5/BC-UBND", 0.5, None])
    sheet["D2"].hyperlink = "https://a.vn/x"
    sheet["E3"].number_format = "dd/mm/yyyy"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _chosen(data: bytes, parts: tuple[str, ...]) -> tuple[str, bytes]:
    """The first byte says which part of a package the others take the place of."""
    return parts[data[0] % len(parts)] if data else parts[0], data[1:]


def _as_seeds(content: bytes, parts: tuple[str, ...]) -> list[bytes]:
    there = _parts(content)
    return [bytes([number]) + there[name] for number, name in enumerate(parts) if name in there]


def workbook(data: bytes) -> None:
    reading = reading_of(found_in(data, "x.xlsx").sheets, "v", datetime(2023, 12, 10, tzinfo=UTC))
    assert from_json(json.loads(json.dumps(to_json(reading), ensure_ascii=False).encode())) == reading
    submission, problems = parse_submission(reading, unit=A.code, cycle="ky-2023", criteria=CRITERIA_SET)
    for code, score in submission.scores.items():
        assert score.points is None or 0 <= score.points <= CRITERIA_SET.by_code[code].max_points
    assert all(str(problem.what) and str(problem.fix) for problem in problems)


def workbook_part(data: bytes) -> None:
    name, part = _chosen(data, SHEET_PARTS)
    workbook(_zipped({**_parts(_workbook()), name: part}))


def settings(data: bytes) -> None:
    load_settings(read_yaml(_file(data, "cycle.yaml")))


def criteria(data: bytes) -> None:
    found = load_criteria(read_yaml(_file(data, "criteria.yaml")), {"noi-vu", "tu-phap"})
    if found is not None:
        assert sum(field.max_points for field in found.fields) == found.total_points


def units(data: bytes) -> None:
    found, problems = load_units(_file(data, "units.csv"))
    if not problems:
        assert len({unit.code.casefold() for unit in found}) == len(found)


def _survey(file: Path) -> None:
    points, problems = parse_points(read_points_file(file), units=(A, B), criteria=CRITERIA_SET)
    assert all(0 <= value <= CRITERIA_SET.by_code[code].max_points for (_, code), value in points.items()) or problems


def survey_csv(data: bytes) -> None:
    _survey(_file(data, "survey.csv"))


def survey_workbook(data: bytes) -> None:
    name, part = _chosen(data, SHEET_PARTS)
    _survey(_file(_zipped({**_parts(_workbook()), name: part}), "survey.xlsx"))


def typed(data: bytes) -> None:
    words = data.decode("utf-8", "replace")
    number = read_number(Cell(words))
    if isinstance(number, Decimal):
        assert number.is_finite()
        assert abs(number.adjusted()) <= 30  # a person typed its digits


def caption(data: bytes) -> None:
    parse_caption(data.decode("utf-8", "replace"))


def link(data: bytes) -> None:
    words = data.decode("utf-8", "replace")
    found = read_address(words)
    host = getattr(found, "host", None)
    assert host is None or "@" not in host
    has_local_path(words)
    list(links_in(words))
    list(links_in_formula(words))


def moment(data: bytes) -> None:
    with suppress(ValueError):
        read_moment(data.decode("utf-8", "replace"))


def template(data: bytes) -> None:
    name, part = _chosen(data, PAPER_PARTS)
    file = _file(_zipped({**_parts(TEMPLATE.read_bytes()), name: part}), "decision.docx")
    make_decision(sample(), file)


@functools.cache
def _offered() -> dict[str, object]:
    return dict(offered_names(sample()))


def template_words(data: bytes) -> None:
    words = data.decode("utf-8", "replace")
    document = docx.Document()
    with suppress(ValueError):  # what XML cannot hold, no template can
        document.add_paragraph(words)
    target = io.BytesIO()
    document.save(target)
    Prepared.checked(target.getvalue(), "x.docx", _offered(), ()).filled(_offered())


@functools.cache
def _paper() -> bytes:
    return make_decision(sample(), TEMPLATE)


def signed_paper(data: bytes) -> None:
    name, part = _chosen(data, PAPER_PARTS)
    compare_papers(_paper(), _zipped({**_parts(_paper()), name: part}), "x.docx")


def open_data(data: bytes) -> None:
    past_results(data, "last.json")


def archive(data: bytes) -> None:
    package = unpacked(_file(data, "year.zip"))
    assert MANIFEST in package.members
    verify_archive(_file(data, "year.zip"))


def published(data: bytes) -> None:
    name = ("x.csv", "x.json", "x.xlsx", "x.html")[data[0] % 4] if data else "x.csv"
    expected = {"x.xlsx": _workbook(), "x.json": b'{"a": [{"unit": "a", "b": "1"}]}'}.get(name, b"a;b\n1;2\n")
    differences = compare_files(name, expected, data[1:])
    assert differences or data[1:] == expected or name == "x.xlsx"  # which may be packed in other ways


def _open_data_seed() -> bytes:
    unit = {
        "unit": "a", "name": "Xã A", "group": "", "appraisal_points": "1", "survey_points": None,
        "adjustment_points": "0", "attainable_points": "2", "index": "50.00", "index_exact": "50", "rank": 1,
        "fields": [{"code": "1", "points": "1", "attainable_points": "2"}],
        "criteria": [{"code": "1.1", "points": "1", "excluded": False}],
    }  # fmt: skip
    tree = [
        {"code": "1", "parent": None, "title": "x", "max_points": "2", "source": None},
        {"code": "1.1", "parent": "1", "title": "x", "max_points": "2", "source": "self"},
    ]
    whole = {
        "schema": 1, "cycle": "x", "year": 2022, "authority": "x", "ledger_digest": "0" * 64,
        "policies": {"groups": "all", "decimals": 2}, "criteria": tree, "units": [unit],
    }  # fmt: skip
    return json.dumps(whole).encode()


def _words(*seeds: str) -> Callable[[], list[bytes]]:
    return lambda: [seed.encode() for seed in seeds]


TARGETS: dict[str, Target] = {
    "workbook": Target(workbook, lambda: [_workbook()]),
    "workbook_part": Target(workbook_part, lambda: _as_seeds(_workbook(), SHEET_PARTS)),
    "settings": Target(settings, _words(CYCLE)),
    "criteria": Target(criteria, _words(CRITERIA)),
    "units": Target(units, _words(UNITS_CSV, UNITS_CSV.replace(",", ";"))),
    "survey_csv": Target(survey_csv, _words("unit;1.1;1.10\na;4,5;2\nb;1;3\n", "unit,code,points\na,1.1,5\n")),
    "survey_workbook": Target(survey_workbook, lambda: _as_seeds(_workbook(), SHEET_PARTS)),
    "typed": Target(typed, _words("0,5", "-1.25", "1.000,5", "50%", "#REF!", "1e9999", "Infinity", "٣", "１"), 200),
    "caption": Target(caption, _words("Báo cáo số 05/BC-UBND ngày 30/11/2023 của UBND xã", "QĐ 12; KH số 3"), 2_000),
    "link": Target(
        link,
        _words(
            "https://xa.example.gov.vn/05?id=1#a",
            "javascript:alert(1)",
            "file:///C:/x",
            "\\\\host\\x",
            "http://user:pw@127.0.0.1:80/",
            '=HYPERLINK("http://a.vn";"x")',
        ),
        2_000,
    ),
    "moment": Target(
        moment, _words("2023-12-10T17:00", "2023-12-10", "10/12/2023 17:00", "2023-12-10T17:00+07:00"), 100
    ),
    "template": Target(template, lambda: _as_seeds(TEMPLATE.read_bytes(), PAPER_PARTS), 60_000),
    "template_words": Target(
        template_words,
        _words(
            "{{ year }}", "{% for x in issuer %}{{ x }}{{ '.' if loop.last else ';' }}{% endfor %}", "{{ year|upper }}"
        ),
        500,
    ),
    "signed_paper": Target(signed_paper, lambda: _as_seeds(_paper(), PAPER_PARTS), 60_000),
    "open_data": Target(open_data, lambda: [_open_data_seed()], 5_000),
    "archive": Target(
        archive, lambda: [packed({MANIFEST: b'{"schema":1}', "ledger.jsonl": b"{}\n", "a/b": b"x"})], 5_000
    ),
    "published": Target(
        published, lambda: [b"\0a;b\n1;3\n", b'\1{"a": []}', b"\2" + _workbook(), b"\3<p>x</p>"], 20_000
    ),
}
