"""`verify`: tables, pages and open data against the ledger, byte by byte and figure by figure."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import zipfile
from pathlib import Path
from typing import Final

import pytest
from altered import errors, state, told_in, verified
from told_season import season_of

from cchc_sheets.messages import text
from cchc_sheets.publication.file_compare import compare_only_said
from cchc_sheets.publication.page import CHECKSUMS, checksums
from cchc_sheets.stages.publish import publish


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


def refit(site: Path) -> None:
    """Write the list of check sums anew, so that it fits what lies in the folder now."""
    files = {f.relative_to(site).as_posix(): f.read_bytes() for f in site.rglob("*") if f.is_file()}
    (site / CHECKSUMS).write_bytes(checksums({name: c for name, c in files.items() if name != CHECKSUMS}))


def forget_files(folder: Path) -> None:
    """Have the ledger know of the pages what an earlier version recorded: nothing of their files."""
    with season_of(folder) as season:
        entries = season.ledger.entries()
    (folder / "ledger.db").unlink()
    with season_of(folder) as season:
        for entry in entries:
            body = {"remarks": entry.body["remarks"]} if entry.kind == "publication" else entry.body
            season.ledger.append(entry.kind, entry.subject, body, at=entry.at, actor=entry.actor)


def replace_in(file: Path, old: bytes, new: bytes) -> None:
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new))


OTHER_VERSION: Final = [
    "cchc_sheets.stages.verify_results.__version__",
    "cchc_sheets.stages.verify_site.__version__",
]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this be a later version of the program than the one that published."""
    for name in OTHER_VERSION:
        monkeypatch.setattr(name, "0.1.1")


@pytest.fixture
def other_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let other libraries draw the charts here: the same letters and lines with other bytes."""
    from cchc_sheets.publication import drawing

    drawn = drawing.Chart.svg
    monkeypatch.setattr(drawing.Chart, "svg", lambda chart: drawn(chart).replace(b'<g id="', b'<g id="x'))
    monkeypatch.setattr(drawing, "drawn_by", lambda: "matplotlib 4, FreeType 3")


@pytest.mark.parametrize("is_recorded", [True, False], ids=["recorded", "not recorded"])
@pytest.mark.usefixtures("later")
def test_pages_of_an_earlier_version_are_compared_by_what_they_say(folder: Path, *, is_recorded: bool) -> None:
    site = folder / "output/publication"
    replace_in(site / "index.html", b"69,50", b"96,50")
    replace_in(site / "units/tay-an.html", "Khá".encode(), "Xuất sắc".encode())
    refit(site)
    if not is_recorded:
        forget_files(folder)
    outcome = verified(folder)
    found = {sheet for _, sheet in errors(outcome)}
    assert {"publication/index.html", "publication/units/tay-an.html"} <= found
    assert "«Xã Tây An, Chỉ số (%)», line " in told_in(outcome)
    assert "«96,50» stands where the ledger gives «69,50»" in told_in(outcome)
    assert "«Xuất sắc» stands where the ledger gives «Khá»" in told_in(outcome)
    assert not any("files say what the ledger gives" in one.said_in("en") for one in outcome.summary)


@pytest.mark.usefixtures("later", "other_library")
def test_untouched_pages_of_an_earlier_version_drawn_by_other_libraries_are_intact(folder: Path) -> None:
    outcome = verified(folder)
    assert errors(outcome) == []
    assert [one.code for one in outcome.problems] == ["made_otherwise_today"]
    assert "charts/self-and-final.svg would come out with other bytes by this program on this machine" in told_in(
        outcome
    )


@pytest.mark.usefixtures("later")
def test_another_layout_of_pages_that_nobody_recorded_is_told_and_not_called_right(folder: Path) -> None:
    site = folder / "output/publication"
    replace_in(site / "index.html", b"<b>69,50", b'<b class="x">69,50')
    replace_in(site / "assets/page.css", b"{", b"{ ")
    refit(site)
    forget_files(folder)
    outcome = verified(folder)
    assert errors(outcome) == []
    assert "what they say is right, but how it is laid out cannot be compared" in told_in(outcome)
    assert {file for file in ("index.html", "assets/page.css") if file in told_in(outcome)} == {
        "index.html", "assets/page.css",
    }  # fmt: skip
    assert state(outcome, "publication/index.html") == "not_comparable"
    assert "cannot be compared in full: 2 files: " in "\n".join(one.said_in("en") for one in outcome.summary)


def alter_pictures(site: Path) -> set[str]:
    for chart in (site / "charts").iterdir():
        replace_in(chart, b"</svg>", b'<rect width="50" height="50"/></svg>')
    replace_in(site / "assets/icon.svg", b"</svg>", b"</svg> ")
    refit(site)
    return {f"publication/charts/{chart.name}" for chart in (site / "charts").iterdir()}


def test_charts_and_icon_altered_all_at_once_are_found(folder: Path) -> None:
    charts = alter_pictures(folder / "output/publication")
    found = {sheet for _, sheet in errors(verified(folder))}
    assert charts | {"publication/assets/icon.svg", "publication/checksums.txt"} == found


@pytest.mark.usefixtures("other_library")
def test_charts_altered_all_at_once_are_found_where_other_libraries_draw(folder: Path) -> None:
    charts = alter_pictures(folder / "output/publication")
    outcome = verified(folder)
    assert charts | {"publication/assets/icon.svg", "publication/checksums.txt"} == {s for _, s in errors(outcome)}
    assert "its bytes are not those that the ledger recorded when it was published" in told_in(outcome)


def test_charts_that_nobody_recorded_are_compared_by_their_words(folder: Path) -> None:
    charts = alter_pictures(folder / "output/publication")
    forget_files(folder)
    outcome = verified(folder)
    assert ("words_altered", "publication/assets/icon.svg") in errors(outcome)
    assert "their words are right, but the pictures cannot be compared byte by byte" in told_in(outcome)
    assert {state(outcome, chart) for chart in charts} == {"not_comparable"}
    replace_in(folder / "output/publication/charts/ranking.svg", b"<!-- 69,50 -->", b"<!-- 96,50 -->")
    refit(folder / "output/publication")
    outcome = verified(folder)
    assert ("figure_altered", "publication/charts/ranking.svg") in errors(outcome)
    assert "its words: «96,50» stands where the ledger gives «69,50»" in told_in(outcome)


def test_letters_drawn_otherwise_beside_the_right_words_are_found(told: Path) -> None:
    made = (told / "output/publication/charts/ranking.svg").read_bytes()
    letters = re.findall(rb'href="(#[^"]*)"', made)
    one, other = letters[0], next(letter for letter in letters if letter != letters[0])
    found = made.replace(b'href="%s"' % one, b'href="%s"' % other, 1)
    (said,) = compare_only_said("ranking.svg", made, found)
    assert said.found == str(text("letters drawn otherwise than the words say"))
    assert compare_only_said("ranking.svg", made, made.replace(b"DejaVuSans-", b"Other-")) == []
    assert len(compare_only_said("ranking.svg", made, made * 9)) == 1


def test_pages_that_were_recorded_and_are_gone_are_told(folder: Path) -> None:
    shutil.rmtree(folder / "output/publication")
    outcome = verified(folder)
    assert errors(outcome) == [("file_missing", "publication/")]
    assert "the ledger says that pages were published (entry " in told_in(outcome)


def test_a_publication_recorded_by_somebody_else_does_not_help(folder: Path) -> None:
    site = folder / "output/publication"
    replace_in(site / "index.html", b"69,50", b"96,50")
    refit(site)
    with season_of(folder) as season:
        last = season.ledger.last("publication", "-")
        assert last is not None
        files = {f.relative_to(site).as_posix(): f.read_bytes() for f in site.rglob("*") if f.is_file()}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        season.record("publication", "-", {**last.body, "files": digests})
        outcome = verified(folder)
        season.record("publication", "-", {**last.body, "files": digests, "program": "0.0.9"})
    assert ("figure_altered", "publication/index.html") in errors(outcome)
    assert ("figure_altered", "publication/index.html") in errors(verified(folder))


def test_publishing_again_records_nothing_new(folder: Path) -> None:
    with season_of(folder) as season:
        before = season.ledger.head()
        publish(season)
        assert season.ledger.head() == before


def test_a_published_workbook_that_another_machine_packed_is_not_called_altered(folder: Path) -> None:
    """Libraries of another version pack the same content into other bytes; that is told, as of one saved again."""
    site = folder / "output/publication"
    name = "open-data/results.xlsx"
    made = (site / name).read_bytes()
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as new:
        for member in old.namelist():
            new.writestr(member, old.read(member))
    (site / name).write_bytes(again.getvalue())
    for _ in range(2):  # with the list as it was, and made to fit
        outcome = verified(folder)
        assert [(one.code, one.sheet, one.severity) for one in outcome.problems] == [
            ("saved_again", f"publication/{name}", "warning")
        ]
        refit(site)


def test_a_list_of_check_sums_made_to_fit_does_not_help(folder: Path) -> None:
    site = folder / "output/publication"
    replace_in(site / "index.html", b"69,50", b"96,50")
    refit(site)
    assert {sheet for _, sheet in errors(verified(folder))} == {"publication/index.html", f"publication/{CHECKSUMS}"}


def test_a_page_that_is_gone_and_one_that_was_put_in_are_told(folder: Path) -> None:
    (folder / "output/publication/units/tay-an.html").unlink()
    (folder / "output/publication/units/khac.html").write_text("<p>96,50</p>")
    outcome = verified(folder)
    assert {(one.code, one.sheet, one.severity) for one in outcome.problems} == {
        ("file_missing", "publication/units/tay-an.html", "error"),
        ("unknown_file", "publication/units/khac.html", "warning"),
    }
    assert "the file does not belong to what was published" in told_in(outcome)
