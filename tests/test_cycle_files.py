"""The three files of a cycle, as offices really save them: loaded exactly, or every mistake told with its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from criteria_sets import D

from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.errors import ConfigurationError, Problem

TEMPLATE = Path(__file__).parents[1] / "sheet_templates" / "tay-son-2023"
CYCLE, CRITERIA, UNITS = "cycle.yaml", "criteria.yaml", "units.csv"
FILES = (CYCLE, CRITERIA, UNITS)

Edit = tuple[str, str, str]
"""File, what stands there now, what is put in its place (the first time it occurs)."""


def issued(name: str) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8-sig")


def _first_field_only() -> str:
    """The packaged set with its first field alone (16 points, 2 of them surveyed): quicker to read a hundred times."""
    head, _, rest = issued(CRITERIA).partition("fields:\n")
    first, _, _ = rest.partition('  - code: "2"\n')
    head = head.replace("total_points: 100", "total_points: 16").replace("survey_points: 30", "survey_points: 2")
    return f"{head}fields:\n{first}adjustments:\n{rest.partition('adjustments:')[2].lstrip()}".replace(
        "\n- code", "\n  - code"
    )


SHORT = {
    CYCLE: issued(CYCLE).replace("field:3", "field:1"),
    CRITERIA: _first_field_only(),
    UNITS: issued(UNITS),
}


def written(name: str) -> str:
    return SHORT[name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_text(written(name), encoding="utf-8")
    return tmp_path


def edit(folder: Path, *edits: Edit) -> None:
    for name, old, new in edits:
        content = (folder / name).read_text(encoding="utf-8-sig")
        assert old in content
        (folder / name).write_text(content.replace(old, new, 1), encoding="utf-8")


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(ConfigurationError) as caught:
        load_cycle(folder)
    assert all(str(problem.what) and str(problem.fix) for problem in caught.value.problems)
    assert caught.value.what.said_in("en") == f"the cycle's files have {len(caught.value.problems)} mistakes"
    return list(caught.value.problems)


def told(folder: Path, *edits: Edit) -> list[tuple[str, str]]:
    """Edit the files; return code and sentence of every problem, each placed as the editor shows it."""
    edit(folder, *edits)
    found = problems(folder)
    for problem in found:
        assert problem.sheet in FILES
        assert f"{problem.sheet} line {problem.row}, column " in problem.what.said_in("en")
    return [(problem.code, problem.what.said_in("en").split(": ", 1)[1]) for problem in found]


def line_of(name: str, words: str) -> int:
    return next(n for n, line in enumerate(written(name).splitlines(), start=1) if words in line)


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
        lambda text: unicodedata.normalize("NFD", text).encode(),
    ],
)
def test_a_cycle_is_the_same_however_its_files_are_saved(folder: Path, saved: Callable[[str], bytes]) -> None:
    as_issued = load_cycle(TEMPLATE)
    for name in FILES:
        (folder / name).write_bytes(saved(issued(name)))
    cycle = load_cycle(folder)
    assert [unit.name for unit in cycle.units] == [unit.name for unit in as_issued.units]
    assert [leaf.title for leaf in cycle.criteria.leaves] == [leaf.title for leaf in as_issued.criteria.leaves]
    assert cycle.settings == as_issued.settings


def test_all_mistakes_of_all_three_files_are_told_at_once(folder: Path) -> None:
    edit(
        folder,
        (CYCLE, "  appraisal: 2023-12-25", "  appraisal: 2023-12-01"),
        (CYCLE, "      from: 0\n", "      from: 10\n"),
        (CYCLE, "    - field:1 ", "    - field:33 "),
        (CRITERIA, "total_points: 16", "total_points: 17"),
        (CRITERIA, "department: noi-vu", "department: noi-vo"),
        (UNITS, "binh-tan,Xã Bình Tân,xã", "bình-tân,Xã Bình Tân,thôn"),
    )
    found = problems(folder)
    assert [(p.sheet, p.row, p.code) for p in found] == [
        (CYCLE, line_of(CYCLE, "- name: Xuất sắc"), "bands_with_hole"),
        (CYCLE, line_of(CYCLE, "  appraisal: 2023-12-25"), "dates_out_of_order"),
        (CRITERIA, line_of(CRITERIA, "department: noi-vu"), "department_unknown"),
        (CRITERIA, line_of(CRITERIA, "total_points: 16"), "total_points"),
        (UNITS, 3, "kind_unknown"),
        (UNITS, 3, "code"),
    ]
    assert [p.what.said_in("en").split(": ", 1)[1] for p in found] == [
        "an index below 10 has no class",
        "appraisal (17:00 on 01/12/2023) comes before self_assessment (17:00 on 10/12/2023)",
        "there is no department «noi-vo» in cycle.yaml",
        "the set is worth 17 points but its fields add up to 16",
        "«thôn» is no kind of unit",
        "«bình-tân» cannot be a unit's code and the name of its file",
    ]


def test_a_sum_is_told_although_a_rule_elsewhere_lacks_a_parameter(folder: Path) -> None:
    found = told(
        folder,
        (CRITERIA, "        max_points: 3\n", "        max_points: 4\n"),
        (
            CRITERIA,
            "            method: levels\n            levels:",
            "            method: points\n            levels:",
        ),
    )
    assert found == [
        ("parameter_unknown", "«levels» does not belong to method points"),
        ("max_points", "1 is worth 16 points but its parts add up to 17"),
        ("max_points", "1.1 is worth 4 points but its parts add up to 3"),
    ]


def test_sums_are_told_with_both_numbers_and_the_line_of_the_maximum(folder: Path) -> None:
    edit(
        folder,
        (CRITERIA, "    max_points: 16\n", "    max_points: 15.5\n"),
        (CRITERIA, "survey_points: 2", "survey_points: 1"),
    )
    found = problems(folder)
    assert [(p.code, p.row, p.what.said_in("en").split(": ", 1)[1]) for p in found] == [
        (
            "total_points",
            line_of(CRITERIA, "total_points: 16"),
            "the set is worth 16 points but its fields add up to 15.5",
        ),
        (
            "survey_points",
            line_of(CRITERIA, "survey_points: 2"),
            "the survey is worth 1 points but its criteria add up to 2",
        ),
        ("max_points", line_of(CRITERIA, "    max_points: 16"), "1 is worth 15.5 points but its parts add up to 16"),
    ]


def test_a_number_as_code_is_refused_with_line_and_fix(folder: Path) -> None:
    edit(folder, (CRITERIA, 'code: "1.1"\n', "code: 1.10\n"), (CRITERIA, 'code: "1"\n', "code: 1\n"))
    assert [(p.row, p.what.said_in("en").split(": ", 1)[1], p.fix.said_in("en")) for p in problems(folder)] == [
        (
            line_of(CRITERIA, 'code: "1"'),
            "the code 1 is a number here; 1 and 10 would be the same",
            'write it in quotes: code: "1"',
        ),
        (
            line_of(CRITERIA, 'code: "1.1"'),
            "the code 1.10 is a number here; 1.10 and 1.100 would be the same",
            'write it in quotes: code: "1.10"',
        ),
    ]


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        ((CRITERIA, 'code: "1.1.2"', 'code: "1.1.1"'), "code", "code 1.1.1 is used 2 times"),
        ((CRITERIA, 'code: "C.2"', 'code: "C.1"'), "code", "code C.1 is used 2 times"),
        ((CRITERIA, "    department: noi-vu\n", ""), "department", "nobody owns 1.1.1: no department appraises it"),
        ((CRITERIA, "max_points: 0.5", "max_points: 0,5"), "decimal_parsing", "«max_points» must be a number"),
        ((CRITERIA, "max_points: 0.5", "max_points: .inf"), "number", "«.inf» is no plain number"),
        ((CRITERIA, "max_points: 0.5", "max_points: 5e-1"), "number", "«5e-1» is no plain number"),
        (
            (CRITERIA, "max_points: 0.5", 'max_points: "NaN"'),
            "decimal_parsing",
            "«max_points» must be a number",
        ),
        ((CRITERIA, "max_points: 0.5", "max_pionts: 0.5"), "extra_forbidden", "«max_pionts» is not known here"),
        ((CRITERIA, "method: levels", "method: level"), "literal_error", "«method» is none of the choices"),
        (
            (CRITERIA, "            method: levels\n", ""),
            "parameter_unknown",
            "«levels» belongs to a scoring method, but 1.1.1 has none",
        ),
        (
            (CRITERIA, "            item: hình thức tuyên truyền đã thực hiện\n", ""),
            "missing",
            "method count of 1.4.1 needs «item»",
        ),
        (
            (CRITERIA, "total_points: 16", "total_points: 16\ntotal_points: 16"),
            "twice",
            "«total_points» is there twice",
        ),
        (
            (CRITERIA, "total_points: 16", "total_points: !!python/name:x 16"),
            "tag",
            "the tag tag:yaml.org,2002:python/name:x is not understood",
        ),
        ((CRITERIA, "title: Kế hoạch cải cách hành chính năm\n", "title:\n"), "string_type", "«title» must be text"),
        (
            (CRITERIA, "        max_points: 3\n", "        max_points: 3\n        not_occurred: full\n"),
            "not_occurred",
            "1.1 is not self-scored, so nobody can claim that it did not occur",
        ),
        ((CRITERIA, 'criterion: "1.2.3"', 'criterion: "1.2"'), "criterion", "there is no scored criterion 1.2"),
        (
            (CYCLE, "email: noivu@tayson.example.gov.vn", "email: noivu@tayson"),
            "string_pattern_mismatch",
            "«noivu@tayson» is no e-mail address",
        ),
        ((CYCLE, "provision: 2023-10-25", "provision: 25/10/2023"), "datetime_parsing", "«provision» is not a date"),
        ((CYCLE, "provision: 2023-10-25", "provision: 20231025"), "datetime_parsing", "«provision» is not a date"),
        ((CYCLE, "provision: 2023-10-25", 'provision: "20231025"'), "datetime_parsing", "«provision» is not a date"),
        (
            (CYCLE, "provision: 2023-10-25", "provision: 2023-02-30"),
            "datetime_from_date_parsing",
            "«provision» is not a date",
        ),
        ((CYCLE, "time_zone: Asia/Ho_Chi_Minh", "time_zone: Asia/Hanoi"), "time_zone", "«Asia/Hanoi» is no time zone"),
        ((CYCLE, "time_zone: Asia/Ho_Chi_Minh", "time_zone: Asia"), "time_zone", "«Asia» is no time zone"),
        ((CYCLE, "time_zone: Asia/Ho_Chi_Minh", "time_zone: ../../etc"), "time_zone", "«../../etc» is no time zone"),
        ((CYCLE, "ties: min", "ties: max"), "literal_error", "«ties» is none of the choices"),
        ((CYCLE, "- survey_points", "- survey"), "tie_break", "«survey» decides nothing between equal units"),
        ((CYCLE, "- id: van-phong", "- id: noi-vu"), "twice", "department «noi-vu» is there twice"),
        (
            (CYCLE, "      from: 80", "      from: 95"),
            "bands_out_of_order",
            "the classes do not go from the best down, each with a limit of its own",
        ),
        (
            (CYCLE, "      from: 80", "      from: 90"),
            "bands_out_of_order",
            "the classes do not go from the best down, each with a limit of its own",
        ),
        ((CYCLE, "- name: Tốt", "- name: Khá"), "twice", "two classes have the same name"),
        (
            (CYCLE, "schema: 1\n", "schema: 1\nprevious: {file: last, units: [a]}\n"),
            "dict_type",
            "«units» does not fit (dict_type)",
        ),
        ((CYCLE, "decimals: 2", "decimals: 7"), "less_than_equal", "«decimals» is above 6"),
        ((UNITS, "code,name,kind", "code,tên,kind"), "missing", "«name» is missing"),
        ((UNITS, "ranked,emails", "emails,emails"), "twice", "«emails» is there twice"),
        ((UNITS, "binh-tan,Xã Bình Tân,xã", "binh-tan,Xã Bình Tân,thôn"), "kind_unknown", "«thôn» is no kind of unit"),
        (
            (UNITS, "binh-tan,Xã Bình Tân,xã,,yes", "binh-tan,Xã Bình Tân,xã,,có lẽ"),
            "ranked",
            "«có lẽ» is neither yes nor no",
        ),
        (
            (UNITS, "ubnd@binh-thuan.tayson.example.gov.vn", "ubnd@binh-thuan"),
            "email",
            "«ubnd@binh-thuan» is no e-mail address",
        ),
        (
            (UNITS, "ubnd@binh-thuan.tayson.example.gov.vn", "a@x.gov.vn,b@x.gov.vn"),
            "too_many_values",
            "the line has more values than the first line has columns",
        ),
    ],
)
def test_a_mistake_is_told_in_words(folder: Path, change: Edit, code: str, what: str) -> None:
    assert (code, what) in told(folder, change)


def test_an_unknown_key_is_told_with_the_one_that_was_meant(folder: Path) -> None:
    edit(folder, (CYCLE, "decimals: 2", "decimal: 2"), (CRITERIA, "max_points: 0.5", "max_point: 0.5"))
    fixes = [p.fix.said_in("en") for p in problems(folder) if p.code == "extra_forbidden"]
    assert fixes == ["did you mean «decimals»?", "did you mean «max_points»?"]


@pytest.mark.parametrize(
    "code", ["CON", "nul", "Aux", "com1", "LPT9", "../x", "a/b", "a\\b", "..", ".", "a b", "a.", "xã", "C:x", "x" * 61]
)
def test_a_code_that_cannot_name_a_file_on_every_computer_is_refused(folder: Path, code: str) -> None:
    assert told(folder, (UNITS, "binh-tan,", f"{code},"))[0] == (
        "code",
        f"«{code}» cannot be a unit's code and the name of its file",
    )


@pytest.mark.parametrize(
    ("line", "column", "first"),
    [
        ("BINH-TAN,Xã Khác,xã,,yes,", 1, 3),
        ("khac,Xã Bình Hoà,xã,,yes,", 2, 9),
        ("khac,XÃ BÌNH HÒA,xã,,yes,", 2, 9),
        ("khac," + unicodedata.normalize("NFD", "Xã Bình Hòa") + ",xã,,yes,", 2, 9),
    ],
)
def test_a_unit_twice_is_found_in_any_spelling(folder: Path, line: str, column: int, first: int) -> None:
    with (folder / UNITS).open("a", encoding="utf-8") as units:
        units.write(line + "\n")
    found = problems(folder)
    assert [(p.code, p.row, p.column) for p in found] == [("twice", 17, column)]
    assert found[0].what.said_in("en").endswith(f": the unit is there already, in line {first}")


def units_of(folder: Path, content: str) -> Cycle:
    (folder / UNITS).write_text(content, encoding="utf-8")
    return load_cycle(folder)


def test_a_roster_of_headings_alone_is_refused(folder: Path) -> None:
    (folder / UNITS).write_text("code,name,kind\n,,\n", encoding="utf-8")
    assert told(folder) == [("missing", "there is no unit in the file")]


def test_a_roster_may_use_semicolons_quotes_and_few_columns(folder: Path) -> None:
    cycle = units_of(
        folder, 'code;name;kind;emails\na;Xã A;xã;x@a.gov.vn\nb;"Đặc khu B";ĐẶC KHU;"x@b.gov.vn; y@b.gov.vn;"\n'
    )
    assert [(u.name, u.kind, u.ranked, u.emails) for u in cycle.units] == [
        ("Xã A", "commune", True, ("x@a.gov.vn",)),
        ("Đặc khu B", "special_zone", True, ("x@b.gov.vn", "y@b.gov.vn")),
    ]


@pytest.mark.parametrize(
    ("answer", "ranked"), [("yes", True), ("", True), ("Có", True), ("không", False), ("NO", False), ("0", False)]
)
def test_an_unranked_unit_is_one_that_says_so(folder: Path, answer: str, ranked: bool) -> None:
    assert units_of(folder, f"code,name,kind,ranked\na,Xã A,xã,{answer}\n").units[0].ranked is ranked


def test_lines_are_counted_as_an_editor_does_even_after_blank_ones(folder: Path) -> None:
    (folder / UNITS).write_text("\n\ncode,name,kind\na,Xã A,xã\n\nb,Xã B,thôn\n", encoding="utf-8")
    assert [(p.code, p.row) for p in problems(folder)] == [("kind_unknown", 6)]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1258"])
def test_a_file_in_another_encoding_is_told_and_the_others_are_still_checked(
    folder: Path, name: str, encoding: str
) -> None:
    (folder / name).write_bytes(written(name).encode(encoding, "replace"))
    other = UNITS if name != UNITS else CYCLE
    edit(folder, (other, *(("xã", "thôn") if other == UNITS else ("ties: min", "ties: max"))))
    found = {p.sheet: p for p in problems(folder)}
    assert {name: p.code for name, p in found.items()} == {
        name: "unreadable",
        other: "kind_unknown" if other == UNITS else "literal_error",
    }
    assert found[name].what.said_in("en") == f"{name} line 1, column 1: cannot be read as text"


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_the_disk_does_not_give_is_told_with_its_reason(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    (found,) = problems(folder)
    assert (found.sheet, found.code) == (name, "unreadable")
    assert found.what.said_in("en") == f"{name} line 1, column 1: cannot be read: Is a directory"
    assert found.fix.said_in("en") == "check the drive or the network folder, then try again"


def test_a_missing_file_is_told_and_an_empty_folder_is_no_cycle(folder: Path) -> None:
    (folder / CRITERIA).unlink()
    (folder / UNITS).unlink()
    found = problems(folder)
    assert [(p.sheet, p.code) for p in found] == [(CRITERIA, "missing"), (UNITS, "missing")]
    assert [p.what.said_in("en") for p in found] == [
        f"{name} line 1, column 1: the file is missing" for name in (CRITERIA, UNITS)
    ]
    (folder / CYCLE).unlink()
    with pytest.raises(ConfigurationError) as refused:
        load_cycle(folder)
    assert refused.value.what.said_in("en") == "there is no cycle in this folder"


@pytest.mark.parametrize("name", [CYCLE, CRITERIA])
@pytest.mark.parametrize("content", ["", "# trống\n", "- a\n- b\n", "chữ", "1\n"])
def test_a_file_with_nothing_in_it_misses_everything(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    assert {p.code for p in problems(folder) if p.sheet == name} == {"missing"}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("    max_points: 16\n", "\tmax_points: 16\n", "    max_points: 16"),
        ("total_points: 16", "total_points 16", "survey_points: 2"),
        ('code: "1"\n', 'code: "1\n', None),
    ],
)
def test_a_file_that_is_no_yaml_is_told_with_the_line(folder: Path, old: str, new: str, line: str | None) -> None:
    edit(folder, (CRITERIA, old, new))
    found = problems(folder)
    assert [(p.sheet, p.code) for p in found] == [(CRITERIA, "syntax")]
    assert ": the YAML cannot be understood: " in found[0].what.said_in("en")
    if line:
        assert found[0].row in {line_of(CRITERIA, line), line_of(CRITERIA, line) - 1}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (BOMB, "the file has too many entries (at most 50000)"),
        ("a: &a [*a]\n", "the entries of the file are nested too deeply (at most 50 levels)"),
        ("fields: &a\n  - criteria: *a\n", "the entries of the file are nested too deeply (at most 50 levels)"),
        ("[" * 51, "the entries of the file are nested too deeply (at most 50 levels)"),
    ],
)
def test_a_file_made_to_blow_up_is_refused_in_a_moment(folder: Path, content: str, what: str) -> None:
    (folder / CRITERIA).write_text(content, encoding="utf-8")
    (found,) = problems(folder)
    assert (found.sheet, found.code) == (CRITERIA, "too_large")
    assert found.what.said_in("en").endswith(f": {what}")


def test_fifty_levels_are_not_too_many(folder: Path) -> None:
    (folder / CRITERIA).write_text("[" * 49 + "x" + "]" * 49, encoding="utf-8")
    assert "too_large" not in {problem.code for problem in problems(folder)}


def test_a_zero_byte_or_a_second_document_is_a_mistake(folder: Path) -> None:
    (folder / CRITERIA).write_text(written(CRITERIA) + "\0", encoding="utf-8")
    (folder / CYCLE).write_text(written(CYCLE) + "\n---\nid: x\n", encoding="utf-8")
    assert [(p.sheet, p.code) for p in problems(folder)] == [(CYCLE, "syntax"), (CRITERIA, "syntax")]


def test_decimals_are_those_that_were_written(folder: Path) -> None:
    edit(folder, (CYCLE, "from: 90", "from: 89.995"))
    assert load_cycle(folder).policies.bands[0].lower == D("89.995")
    assert str(load_cycle(folder).policies.bands[0].lower) == "89.995"


def test_a_date_without_a_clock_time_is_the_end_of_that_working_day(folder: Path) -> None:
    calendar = load_cycle(folder).settings.calendar
    assert calendar.provision.isoformat() == "2023-10-25T17:00:00+07:00"
    assert calendar.self_assessment.isoformat() == "2023-12-10T17:00:00+07:00"


def test_one_problem_of_each_file_names_file_line_column_what_and_fix(folder: Path) -> None:
    found = told(folder, (CYCLE, "ties: min", "ties: max"), (UNITS, "Xã Bình Tân,xã", "Xã Bình Tân,x"))
    assert [code for code, _ in found] == ["literal_error", "kind_unknown"]
    first, second = problems(folder)
    assert first.what.said_in("en").startswith(f"cycle.yaml line {line_of(CYCLE, 'ties: min')}, column 9: ")
    assert first.fix.said_in("en") == "choose one of: 'min', 'dense'"
    assert (second.row, second.column) == (3, 3)
