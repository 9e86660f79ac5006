"""`verify`: tables, pages and open data against the ledger, byte by byte and figure by figure."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from altered import errors, told_in, verified


@pytest.fixture
def folder(told_copy: Path) -> Path:
    return told_copy


def test_a_figure_altered_in_the_table_of_results_is_named(folder: Path) -> None:
    file = folder / "output/results.csv"
    file.write_bytes(file.read_bytes().replace(b"69.50", b"96.50"))
    outcome = verified(folder)
    assert errors(outcome) == [("figure_altered", "results.csv")]
    assert "line 2 (tay-an), column «index»: «96.50» stands where the ledger gives «69.50»" in told_in(outcome)


def test_a_value_altered_in_the_data_is_named_by_its_path(folder: Path) -> None:
    file = folder / "output/results.json"
    file.write_bytes(file.read_bytes().replace(b'"rank": 3', b'"rank": 1'))
    assert "units[tay-an].rank: «1» stands where the ledger gives «3»" in told_in(verified(folder))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("index.html", b"69,50", b"96,50"),
        ("units/tay-an.html", b"69,50", b"96,50"),
        ("open-data/results.csv", b"69,50", b"96,50"),
        ("open-data/results.json", b'"69.50"', b'"96.50"'),
        ("open-data/criteria.csv", b";2;", b";3;"),
        ("method.html", b"10", b"11"),
        ("charts/ranking.svg", b"<svg", b"<SVG"),
        ("assets/page.css", b"{", b"("),
        ("checksums.txt", b"0", b"1"),
    ],
)
def test_a_byte_altered_in_a_published_file_is_found_in_that_file(
    folder: Path, name: str, old: bytes, new: bytes
) -> None:
    file = folder / "output/publication" / name
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))
    assert {sheet for _, sheet in errors(verified(folder))} == {f"publication/{name}"}


def test_a_cell_altered_in_the_published_workbook_is_named(folder: Path) -> None:
    from openpyxl import load_workbook

    file = folder / "output/publication/open-data/results.xlsx"
    workbook = load_workbook(file)
    cells = (cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row)
    cell = next(cell for cell in cells if isinstance(cell.value, float) and cell.value == 1.25)
    cell.value = 1.5
    workbook.save(file)
    assert "cell G5 («Thị trấn Phú Phong, 2.2»): «1.5» stands where the ledger gives «1.25»" in told_in(
        verified(folder)
    )


def test_a_published_workbook_that_another_machine_packed_is_not_called_altered(folder: Path) -> None:
    """Libraries of another version pack the same content into other bytes; the list of check sums vouches for them."""
    site = folder / "output/publication"
    name = "open-data/results.xlsx"
    made = (site / name).read_bytes()
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as new:
        for member in old.namelist():
            new.writestr(member, old.read(member))
    (site / name).write_bytes(again.getvalue())
    outcome = verified(folder)
    assert [(one.code, one.sheet, one.severity) for one in outcome.problems] == [
        ("saved_again", f"publication/{name}", "warning")
    ]
    listed = (site / "checksums.txt").read_text(encoding="utf-8")
    old_digest, new_digest = (hashlib.sha256(content).hexdigest() for content in (made, again.getvalue()))
    assert old_digest in listed
    (site / "checksums.txt").write_text(listed.replace(old_digest, new_digest), encoding="utf-8", newline="\n")
    outcome = verified(folder)
    assert [(one.code, one.sheet, one.severity) for one in outcome.problems] == [
        ("made_otherwise_today", "publication", "warning")
    ]
    assert f"{name} would come out with other bytes" in told_in(outcome)


def test_a_list_of_check_sums_made_to_fit_does_not_help(folder: Path) -> None:
    from cchc_sheets.publication.page import CHECKSUMS, checksums

    site = folder / "output/publication"
    page = site / "index.html"
    page.write_bytes(page.read_bytes().replace(b"69,50", b"96,50"))
    files = {f.relative_to(site).as_posix(): f.read_bytes() for f in site.rglob("*") if f.is_file()}
    (site / CHECKSUMS).write_bytes(checksums({name: c for name, c in files.items() if name != CHECKSUMS}))
    assert {sheet for _, sheet in errors(verified(folder))} == {"publication/index.html", f"publication/{CHECKSUMS}"}


def test_a_page_that_is_gone_and_one_that_was_put_in_are_told(folder: Path) -> None:
    (folder / "output/publication/units/tay-an.html").unlink()
    (folder / "output/publication/units/khac.html").write_text("<p>96,50</p>")
    outcome = verified(folder)
    assert {(one.code, one.sheet, one.severity) for one in outcome.problems} == {
        ("file_missing", "publication/units/tay-an.html", "error"),
        ("unknown_file", "publication/units/khac.html", "warning"),
    }
