"""Last year on the public pages and in the open data: figures, words, sorting, no barrier."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from decision_sample import BANDS, sample
from office import Office
from openpyxl import load_workbook
from publication_sample import published
from trend_sample import trend_of_sample
from two_years import OPEN_DATA, TwoYears, publish_in

from cchc_sheets.assessment.ranking import Policies
from cchc_sheets.errors import CchcError
from cchc_sheets.publication.open_data import results_csv, results_json
from cchc_sheets.publication.open_data_workbook import RESULTS, results_xlsx
from cchc_sheets.publication.page import make_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

DECISION = sample(count=40, unranked=(9,), exclude=2, policies=Policies(BANDS, groups="kind"))
COMPARED = published(DECISION, trend=trend_of_sample(DECISION))


def words_of(file: Path) -> str:
    """Return what a page says, without tags, in single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", file.read_text(encoding="utf-8"))).split())


def data_of(office: Office) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((publish_in(office) / "open-data" / "results.json").read_bytes())
    return data


# ---- two real seasons -------------------------------------------------------------------------------------------


def test_the_ranking_and_the_units_pages_say_last_year(years: TwoYears) -> None:
    site = publish_in(years.hold_against())
    ranking = words_of(site / "index.html")
    assert "Năm trước (2022, %)" in ranking
    assert "Xã Tây An 4,00 " not in ranking
    assert "79,50 69,50 +10,00 (tăng) Khá" in ranking
    assert "73,50 73,50 không đổi Khá" in ranking
    assert "02 đơn vị tăng, 0 đơn vị giảm, 01 đơn vị giữ nguyên Chỉ số." in ranking
    assert "năm 2022 là 72,33%, năm nay là 76,50% (tăng 4,17 điểm phần trăm)." in ranking
    unit = words_of(site / "units" / "tay-an.html")
    assert "Năm 2022: 69,50% , hạng 3/3. Năm nay tăng 10,00 điểm phần trăm , thứ hạng tăng 2 bậc." in unit
    # field 2 of Tây An: 0,5 + 0,75 + 0,9 = 2,15 of 4, then 2,65
    assert "66,25 63,75 53,75 tăng 12,50" in unit
    assert "So sánh với năm 2022" in words_of(site / "method.html")


def test_a_merged_unit_is_said_to_be_one_wherever_it_is_compared(years: TwoYears) -> None:
    more = "  units:\n    tay-an: [tay-an, binh-hoa]\n    binh-hoa: []\n"
    site = publish_in(years.hold_against(more=more))
    assert "2022: bình quân của Xã Tây An, Xã Bình Hòa" in words_of(site / "index.html")
    assert "(bình quân của Xã Tây An, Xã Bình Hòa)" in words_of(site / "units" / "tay-an.html")
    assert "Không so sánh với năm 2022: đơn vị mới." in words_of(site / "units" / "binh-hoa.html")
    rows = list(csv.DictReader(io.StringIO((site / "open-data" / "results.csv").read_text("utf-8-sig")), delimiter=";"))
    told = {row["Mã đơn vị"]: row["Đơn vị năm 2022"] for row in rows}
    assert told == {
        "tay-an": "bình quân của Xã Tây An, Xã Bình Hòa",
        "binh-hoa": "đơn vị mới",
        "phu-phong": "Thị trấn Phú Phong",
    }


def test_a_unit_that_was_called_otherwise_and_not_mapped_is_not_called_new(years: TwoYears) -> None:
    data = years.open_data
    next(one for one in data["units"] if one["unit"] == "tay-an")["name"] = "Xã Tên Cũ"
    site = publish_in(years.hold_against_data(data))
    page = words_of(site / "units" / "tay-an.html")
    assert "Không so sánh với năm 2022: không có tên trong kết quả năm trước." in page
    assert "đơn vị mới" not in page
    rows = list(csv.DictReader(io.StringIO((site / "open-data" / "results.csv").read_text("utf-8-sig")), delimiter=";"))
    told = {row["Mã đơn vị"]: row["Đơn vị năm 2022"] for row in rows}
    assert told["tay-an"] == "không có tên trong kết quả năm trước"


def test_the_json_only_gains_and_can_be_next_years_last_year(years: TwoYears) -> None:
    plain = data_of(years.office)
    data = data_of(years.hold_against())
    previous = data.pop("previous")
    of_units = {unit["unit"]: unit.pop("previous") for unit in data["units"]}
    # the settings are part of what the numbers rest on only as text: nothing else may have moved
    assert {**data, "configuration_digest": ""} == {**plain, "configuration_digest": ""}
    assert previous["mean_index"] == {"before": "72.33", "now": "76.50", "change": "4.17"}
    assert (previous["year"], previous["cycle"], previous["compared_units"]) == (2022, "small-2022", 3)
    assert (previous["risen"], previous["fallen"], previous["unchanged"]) == (2, 0, 1)
    assert previous["ledger_digest"] == years.open_data["ledger_digest"]
    shares = {share["code"]: share for share in previous["shares"]}
    assert shares["2.2"] == {
        "code": "2.2",
        "previous_code": "2.2",
        "previous_max_points": "2",
        "before": "50.00",
        "now": "62.50",
        "change": "12.50",
    }
    one = of_units["tay-an"]
    assert (one["units"], one["names"]) == (["tay-an"], ["Xã Tây An"])
    assert one["index"] == {"before": "69.50", "now": "79.50", "change": "10.00", "before_exact": "139/2"}
    assert one["rank"] == {"before": 3, "of_before": 3, "now": 1, "of_now": 3, "places": 2}
    assert {"code": "1.10", "before": "50.00", "now": "75.00", "change": "25.00"} in one["shares"]


def test_ledger_and_open_data_make_the_same_site(years: TwoYears) -> None:
    from_ledger = {f.name: f.read_bytes() for f in publish_in(years.hold_against()).rglob("*") if f.is_file()}
    from_data = {f.name: f.read_bytes() for f in publish_in(years.hold_against(OPEN_DATA)).rglob("*") if f.is_file()}
    assert from_data == from_ledger


def test_a_file_that_is_gone_leaves_the_old_site(years: TwoYears) -> None:
    site = publish_in(years.hold_against())
    before = (site / "index.html").read_bytes()
    with pytest.raises(CchcError) as refusal:
        publish_in(years.hold_against("../gone.json"))
    assert refusal.value.code == "previous_missing"
    assert (site / "index.html").read_bytes() == before


def test_without_the_block_no_page_speaks_of_last_year(years: TwoYears) -> None:
    for file in publish_in(years.office).rglob("*"):
        if file.suffix in {".html", ".csv", ".json"}:
            assert "2022" not in file.read_text(encoding="utf-8").replace("digest", "")
            assert "Thay đổi" not in file.read_text(encoding="utf-8")


# ---- spreadsheets -----------------------------------------------------------------------------------------------


def test_csv_and_workbook_have_the_same_five_columns_at_the_end() -> None:
    reader = csv.reader(io.StringIO(results_csv(COMPARED).decode("utf-8-sig"), newline=""), delimiter=";")
    headings, *rows = list(reader)
    book = load_workbook(io.BytesIO(results_xlsx(COMPARED)), data_only=True)[RESULTS]
    table = [[cell.value for cell in row] for row in book.iter_rows(min_row=1, max_row=1 + len(rows))]
    assert headings[-5:] == table[0][-5:]
    assert headings[-5:] == [
        "Chỉ số năm 2022 (%)",
        "Tăng, giảm",
        "Xếp hạng năm 2022",
        "Thay đổi hạng",
        "Đơn vị năm 2022",
    ]
    for line, row in zip(rows, table[1:], strict=True):
        numbers = ["" if value is None else str(value) for value in row[-5:-1]]
        assert [number.rstrip("0").rstrip(",") if "," in number else number for number in line[-5:-1]] == [
            re.sub(r"\.0$", "", number).replace(".", ",") for number in numbers
        ]
        assert line[-1] == row[-1]


def test_the_change_is_a_formula() -> None:
    book = load_workbook(io.BytesIO(results_xlsx(COMPARED)))[RESULTS]
    place = [cell.value for cell in book[1]].index("Tăng, giảm")
    formulas = [row[place].value for row in book.iter_rows(min_row=2, max_row=41)]
    assert sum(value is None for value in formulas) == 1  # the new unit's
    assert all(value is None or str(value).startswith("=ROUND(") for value in formulas)


def test_the_same_publication_gives_the_same_bytes() -> None:
    assert make_site(COMPARED) == make_site(published(DECISION, trend=trend_of_sample(DECISION)))
    assert json.loads(results_json(COMPARED))["schema"] == 1


# ---- in the browser ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the site of 40 units that are held against last year."""
    folder = tmp_path_factory.mktemp("site")
    for name, content in make_site(COMPARED).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


def opened(browser: Browser, file: Path, width: int = 1280) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="vi-VN")
    page.goto(file.as_uri())
    return page


@in_browser
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", ["index.html", "units/U001.html", "units/U002.html", "units/U004.html", "method.html"])
def test_axe_finds_no_barrier_and_nothing_scrolls_sideways(browser: Browser, site: Path, name: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(browser, site / name, width)
    found = axe.Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@in_browser
def test_the_change_sorts_from_rise_to_fall_the_new_unit_last(browser: Browser, site: Path) -> None:
    page = opened(browser, site / "index.html")
    table = page.locator("table.ranking").nth(1)
    table.get_by_role("columnheader", name="Thay đổi").get_by_role("button").click()
    cells = table.locator("td.change").all_inner_texts()
    assert cells[-1] == "đơn vị mới"
    told = [cell.partition(" ") for cell in cells[:-1]]
    values = [0.0 if cell[0] == "không" else float(cell[0].replace("−", "-").replace(",", ".")) for cell in told]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0 > values[-1]
    ways = {"(tăng)": 1, "(giảm)": -1, "đổi": 0}
    assert all(ways[cell[2]] == (value > 0) - (value < 0) for cell, value in zip(told, values, strict=True))
    page.close()


@in_browser
def test_on_a_phone_the_change_stays_and_says_with_whom(browser: Browser, site: Path) -> None:
    page = opened(browser, site / "index.html", 360)
    row = page.locator("tr", has=page.locator("a[href='units/U001.html']"))
    assert row.locator("td.change").is_visible()
    assert not row.locator("td.before").is_visible()
    assert "bình quân của Thị trấn Phú Phong, Xã Cũ" in row.locator("th").inner_text()
    page.close()


@in_browser
def test_paper_shows_every_column(browser: Browser, site: Path) -> None:
    page = opened(browser, site / "index.html", 690)
    page.emulate_media(media="print")
    row = page.locator("table.ranking").nth(1).locator("tbody tr").first
    assert row.locator("td:visible, th:visible").count() == 10
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    page.close()
