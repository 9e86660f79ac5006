"""The open data say what was published, to people's spreadsheets and to programs, and nothing in them can run."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from decision_sample import BANDS, NAMES, sample
from openpyxl import load_workbook
from publication_sample import published
from trend_sample import trend_of_sample

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.index import StandingPoints, compute_result
from cchc_sheets.assessment.ranking import ClassBand, Policies, Standing, standings
from cchc_sheets.assessment.scoring import Level, Levels, Points
from cchc_sheets.assessment.units import Unit
from cchc_sheets.publication.annexes import in_order
from cchc_sheets.publication.open_data import criteria_csv, results_csv, results_json
from cchc_sheets.publication.open_data_formulas import Formulas
from cchc_sheets.publication.open_data_workbook import METHOD, RESULTS, results_xlsx
from cchc_sheets.publication.page_content import Publication

OFFICE = shutil.which("soffice")
KINDS = Policies(BANDS, groups="kind", ties="dense", tie_break=("survey_points", "field:1"), class_by="exact")
SEASONS = {
    "plain": published(),
    "excluded": published(sample(exclude=4, unranked=(3, 6))),
    "unsurveyed": published(sample(with_survey=False)),
    "kinds": published(sample(count=40, policies=KINDS)),
    "dense": published(sample(count=45, policies=Policies(BANDS, ties="dense", decimals=0, rank_by="published"))),
    "compared": published(trend=trend_of_sample(sample())),
    "whole": published(sample(count=45, policies=Policies(BANDS, decimals=0, rank_by="published"))),
}


def lines(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def printed_order(publication: Publication) -> list[Standing]:
    return [standing for _, members in in_order(publication.decision) for standing in members]


def few(
    points: dict[str, tuple[str, str]], policies: Policies, attainable: tuple[str, str] = ("2", "1")
) -> Publication:
    """Return a publication of units with points in two criteria, "" being left out."""
    parts = tuple(
        Criterion(f"1.{n}", f"Tiêu chí {n}", Decimal(most), "pnv", Points(), not_occurred="exclude")
        for n, most in enumerate(attainable, start=1)
    )
    total = sum((part.max_points for part in parts), Decimal(0))
    criteria = CriteriaSet("Bộ", total, Decimal(0), (Criterion("1", "Lĩnh vực", total, "pnv", parts=parts),))
    units = [Unit(code, code, "commune") for code in points]
    results = [
        compute_result(
            unit.code,
            criteria,
            {
                part.code: StandingPoints(Decimal(given), "finding")
                if given
                else StandingPoints(None, "finding", is_excluded=True)
                for part, given in zip(parts, points[unit.code], strict=True)
            },
        )
        for unit in units
    ]
    decision = replace(
        sample(), criteria=criteria, policies=policies, standings=standings(units, results, policies), remarks=()
    )
    recorded = tuple({"unit": unit.code} for unit in units)
    return replace(published(), decision=decision, recorded=recorded, scores={}, adjusted={}, pictures=())


# ---- the workbook -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calculated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """Return the results sheet of every season as LibreOffice calculates it, our values taken out before."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("calculated")
    for name, publication in SEASONS.items():
        (folder / f"{name}.xlsx").write_bytes(without_values(results_xlsx(publication)))
    command = [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,false,false,false,false,1", "--outdir"]
    files = [str(folder / f"{name}.xlsx") for name in SEASONS]
    subprocess.run([*command, str(folder), *files], check=True, capture_output=True, timeout=180)
    return {name: rows_of(next(folder.glob(f"{name}*.csv"))) for name in SEASONS}


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))


def without_values(content: bytes) -> bytes:
    """Take out the values beside the formulas, so that whoever opens the workbook must calculate."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/"):
                part, count = re.subn(rb"(</f>)<v>[^<]*</v>", rb"\1", part)
                assert count or b"<f>" not in part
            copy.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize("name", SEASONS)
def test_formulas_give_exactly_the_published_numbers(calculated: dict[str, list[dict[str, str]]], name: str) -> None:
    publication = SEASONS[name]
    decision = publication.decision
    ordered = printed_order(publication)
    for row, standing in zip(calculated[name], ordered, strict=False):
        result = standing.result
        assert row["Mã đơn vị"] == standing.unit.code
        for field in result.fields:
            assert Decimal(row[f"{field.code}. {field.title}"]) == field.points
        assert Decimal(row["Điểm thẩm định"]) == result.appraisal_points
        if publication.with_survey:
            assert Decimal(row["Điểm điều tra xã hội học"]) == result.survey_points
        assert Decimal(row["Tổng điểm"]) == result.points
        assert Decimal(row["Điểm tối đa có thể đạt"]) == result.attainable_points
        assert Decimal(row["Chỉ số (%)"]) == standing.published_index
        assert row["Xếp hạng"] == ("" if standing.rank is None else str(standing.rank))
        assert row["Xếp loại"] == standing.class_name
    mean = Decimal(calculated[name][len(ordered) + 1]["Chỉ số (%)"])
    exact = sum((s.result.index for s in ordered), Fraction(0)) / len(ordered)
    assert abs(Fraction(mean) - exact) <= Fraction(1, 2 * 10**decision.policies.decimals)


def test_the_seasons_hold_what_is_hard_for_a_spreadsheet() -> None:
    assert any(s.result.attainable_points != 100 for s in SEASONS["excluded"].decision.standings)
    assert {s.group for s in SEASONS["kinds"].decision.standings} == {"commune", "township"}
    ranks = [s.rank for s in SEASONS["whole"].decision.standings]
    assert len(set(ranks)) < len(ranks)
    assert max(s.rank or 0 for s in SEASONS["dense"].decision.standings) == len(set(ranks))


def test_values_stand_beside_the_formulas_for_programs_that_do_not_calculate() -> None:
    publication = SEASONS["plain"]
    sheet = load_workbook(io.BytesIO(results_xlsx(publication)), data_only=True)[RESULTS]
    headings = [cell.value for cell in sheet[1]]
    for row, standing in zip(sheet.iter_rows(min_row=2, values_only=True), printed_order(publication), strict=False):
        shown = dict(zip(headings, row, strict=True))
        assert Decimal(str(shown["Chỉ số (%)"])) == standing.published_index
        assert shown["Xếp hạng"] == standing.rank
        assert shown["Xếp loại"] == standing.class_name


def test_indices_that_differ_only_after_the_tenth_decimal_are_written_as_numbers() -> None:
    # 1/3 and 0.3333333333334 of three points: 33.3333333333… and 33.33333333334 %
    hair = few({"a": ("1", "0"), "b": ("1.0000000000002", "0")}, Policies((ClassBand("Khá", Decimal(0)),)))
    assert [s.rank for s in hair.decision.standings] == [2, 1]
    assert not Formulas(hair, hair.decision.standings).follows
    book = load_workbook(io.BytesIO(results_xlsx(hair)))
    place = [cell.value for cell in book[RESULTS][1]].index("Xếp hạng")
    ranks = {row[0].value: row[place] for row in book[RESULTS].iter_rows(min_row=2, max_row=3)}
    assert {code: (cell.value, cell.data_type) for code, cell in ranks.items()} == {"b": (1, "n"), "a": (2, "n")}
    told = " ".join(str(row[0]) for row in book[METHOD].iter_rows(values_only=True))
    assert "không bằng công thức" in told


def test_equal_indices_of_unequal_sums_share_a_rank_by_formula() -> None:
    # 1.7 of 2 (the second left out) and 2.55 of 3 are both 85 %
    publication = few({"a": ("1.7", ""), "b": ("1.7", "0.85"), "c": ("1", "1")}, Policies(BANDS))
    assert [s.rank for s in publication.decision.standings] == [1, 1, 3]
    formulas = Formulas(publication, publication.decision.standings)
    assert formulas.follows
    assert formulas.keys["a"] == formulas.keys["b"] == 85


# ---- nothing runs -----------------------------------------------------------------------------------------------

HOSTILE = ("=HYPERLINK(A1)", "+84 ấp 1", "-Xã", "@Xã", "＝1+1", "<script>alert(1)</script>", "Xã; “A”\r\nB")


@pytest.fixture(scope="module")
def hostile() -> Publication:
    return published(sample(names=(*HOSTILE, *NAMES[len(HOSTILE) :])))


def test_text_never_becomes_a_formula(hostile: Publication) -> None:
    for line in lines(results_csv(hostile)):
        assert not line["Đơn vị"].startswith(("=", "+", "-", "@", "＝"))
    for sheet in load_workbook(io.BytesIO(results_xlsx(hostile))):
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str) and any(word in cell.value for word in ("HYPERLINK", "ấp 1", "-Xã", "@Xã")):
                assert cell.data_type == "s"


def test_every_line_of_the_csv_has_all_columns(hostile: Publication) -> None:
    rows = list(csv.reader(io.StringIO(results_csv(hostile).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert {len(row) for row in rows} == {13 + 8}
    assert len(rows) == 1 + 15


# ---- what the text files say ------------------------------------------------------------------------------------


def test_the_csv_says_the_results_as_vietnamese_excel_reads_them() -> None:
    publication = SEASONS["plain"]
    found = lines(results_csv(publication))
    assert [line["Mã đơn vị"] for line in found] == [s.unit.code for s in printed_order(publication)]
    first = found[0]  # i = 0 in the sample: 98 of 100
    assert (first["Đơn vị"], first["Chỉ số (%)"], first["Xếp hạng"], first["Xếp loại"]) == (
        "Thị trấn Phú Phong",
        "98,00",
        "1",
        "Xuất sắc",
    )
    assert first["Tổng điểm"] == "98"


def test_codes_of_criteria_stay_text() -> None:
    found = {line["Mã"]: line for line in lines(criteria_csv(SEASONS["plain"]))}
    assert "'1.1" in found
    assert "1.1" not in found  # Excel would make a number or a date of it
    assert found["1"]["Cấp"] == "1"
    assert found["'1.2"]["Nguồn điểm"] == "Điều tra xã hội học"


def test_the_criteria_are_all_there_with_their_rules() -> None:
    level = Levels((Level(Decimal(1), "Đúng hạn"), Level(Decimal(0), "Không")))
    leaf = Criterion("1", "Báo cáo", Decimal(1), "pnv", level, evidence=("Báo cáo năm",))
    publication = few({"a": ("1", "1")}, Policies(BANDS))
    criteria = CriteriaSet("Bộ", Decimal(1), Decimal(0), (leaf,))
    line = lines(criteria_csv(replace(publication, decision=replace(publication.decision, criteria=criteria))))[0]
    assert line["Cách chấm"] == "• 1 điểm: Đúng hạn. • 0 điểm: Không."
    assert line["Tài liệu kiểm chứng"] == "Báo cáo năm"


def numbers_of(data: object) -> Iterator[object]:
    if isinstance(data, dict):
        for value in data.values():
            yield from numbers_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from numbers_of(value)
    elif isinstance(data, float):
        yield data


def test_the_json_holds_every_point_as_an_exact_decimal() -> None:
    publication = SEASONS["excluded"]
    data = json.loads(results_json(publication))
    assert data["schema"] == 1
    assert not list(numbers_of(data))
    for unit, standing in zip(data["units"], publication.decision.standings, strict=True):
        assert unit["unit"] == standing.unit.code
        points = {c["code"]: c["points"] for c in unit["criteria"]}
        for code, stands in standing.result.standing.items():
            assert (None if points[code] is None else Decimal(points[code])) == stands.points
    ruled = next(c for c in data["units"][1]["criteria"] if c["code"] == "1.1")
    assert (ruled["self_points"], ruled["appraised_points"], ruled["ruling"]) == (
        "14",
        "5",
        "Đã bổ sung văn bản hợp lệ",
    )


@pytest.mark.parametrize("make", [results_csv, results_json, results_xlsx, criteria_csv])
def test_the_same_publication_gives_the_same_bytes(make: object) -> None:
    assert callable(make)
    first, second = make(published()), make(published())
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest()
