"""The pages as people use them: in a real browser, from the disk, with a keyboard, on a phone, on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from decision_sample import BANDS, NAMES, sample
from publication_sample import published

from cchc_sheets import vietnamese
from cchc_sheets.assessment.ranking import Policies
from cchc_sheets.publication.page import make_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
FLAGS = (
    "--no-sandbox",  # tests run as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGES = ("index.html", "units/U002.html", "units/U003.html", "method.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the site of a season of 40 units, ranked apart by kind, one of them not ranked."""
    folder = tmp_path_factory.mktemp("site")
    decision = sample(count=40, unranked=(9,), exclude=2, policies=Policies(BANDS, groups="kind"))
    for name, content in make_site(published(decision)).items():
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


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Lend a browser that fails the test at any request outside the disk, and at any complaint in its console."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    outside: list[str] = []
    opened.on("request", lambda request: None if request.url.startswith("file:") else outside.append(request.url))
    opened.on("console", lambda message: outside.append(message.text))
    opened.on("weberror", lambda error: outside.append(str(error.error)))
    yield opened
    opened.close()
    assert not outside


@pytest.fixture
def page(context: BrowserContext, site: Path) -> Page:
    """Open the ranking from the disk."""
    opened = context.new_page()
    opened.goto((site / "index.html").as_uri())
    return opened


def shown_names(page: Page) -> list[str]:
    return page.locator("table.ranking tbody tr:visible th.name").all_inner_texts()


# ---- search -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["tay an", "TÂY AN", "  Tây   An ", "tây an", "u007"])
def test_search_ignores_tone_marks_and_capitals(page: Page, typed: str) -> None:
    page.get_by_label("Tìm đơn vị").fill(typed)
    assert shown_names(page)[0] == "Xã Tây An"
    assert all("Tây An" in name for name in shown_names(page))
    assert page.get_by_role("status").inner_text() == f"{len(shown_names(page))} đơn vị phù hợp."


def test_a_search_without_result_says_so_and_clearing_it_brings_all_back(page: Page) -> None:
    search = page.get_by_label("Tìm đơn vị")
    search.fill("xyz")
    assert shown_names(page) == []
    assert page.get_by_role("status").inner_text() == "Không có đơn vị nào phù hợp."
    search.fill("")
    assert len(shown_names(page)) == 40


def test_the_page_folds_letters_as_the_program_does(page: Page) -> None:
    words = [*NAMES, "Đặc khu Phú Quý", "Phường Ô Chợ Dừa", "ĐĂK  HÀ", "Xã Ia Ơ", "xã Ya Hội", "Hoà/Hòa", "Ẵ ẳ Ữ ự"]
    words += [chr(code) for code in range(0x1EA0, 0x1EFA)]
    found = []
    for word in words:
        page.evaluate(
            "key => document.querySelector('table.ranking tbody tr').dataset.search = key",
            vietnamese.without_marks(word),
        )
        page.get_by_label("Tìm đơn vị").fill(word)
        found.append(page.locator("table.ranking tbody tr").first.is_visible())
    assert [word for word, is_found in zip(words, found, strict=True) if not is_found] == []


# ---- sorting ----------------------------------------------------------------------------------------------------


def test_sorting_by_index_and_back(page: Page) -> None:
    table = page.locator("table.ranking").nth(1)
    by_rank = table.locator("tbody th").all_inner_texts()
    index = table.get_by_role("columnheader", name="Chỉ số")
    index.get_by_role("button").click()
    assert index.get_attribute("aria-sort") == "descending"
    falling = [float(words.replace(",", ".")) for words in table.locator("td.index").all_inner_texts()]
    assert falling == sorted(falling, reverse=True)
    index.get_by_role("button").click()
    assert index.get_attribute("aria-sort") == "ascending"
    assert page.get_by_role("status").inner_text() == "Đã sắp xếp theo Chỉ số (%), tăng dần."
    rising = [float(words.replace(",", ".")) for words in table.locator("td.index").all_inner_texts()]
    assert rising == sorted(falling)
    table.get_by_role("columnheader", name="Hạng").get_by_role("button").click()
    assert table.locator("tbody th").all_inner_texts() == by_rank
    assert index.get_attribute("aria-sort") is None


def test_names_are_sorted_as_in_a_vietnamese_dictionary(page: Page) -> None:
    table = page.locator("table.ranking").nth(1)
    table.get_by_role("columnheader", name="Đơn vị").get_by_role("button").click()
    names = table.locator("tbody th").all_inner_texts()
    assert names == sorted(names, key=vietnamese.sort_key)


# ---- keyboard, screen reader ------------------------------------------------------------------------------------


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    page.keyboard.type("binh hoa")
    assert shown_names(page)[0] == "Xã Bình Hòa"
    for _ in range(6):  # rank, name, appraisal, survey, adjustments, attainable
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("[aria-sort=descending]").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/units/U*.html")
    assert "Xã Bình Hòa" in page.locator("h1").inner_text()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_barrier(context: BrowserContext, site: Path, name: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((site / name).as_uri())
    found = axe.Axe().run(page, options={"resultTypes": ["violations"], "preload": False})  # it would fetch the styles
    assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []


def test_tables_stay_tables_where_they_look_like_cards(context: BrowserContext, site: Path) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto((site / "units" / "U002.html").as_uri())
    row = page.get_by_role("table", name="Lĩnh vực 1:").get_by_role("row", name="1.1.")
    assert row.get_by_role("rowheader").count() == 1
    assert row.get_by_role("cell").count() == 5


# ---- phone, paper, no script ------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 360, 768])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_on_a_phone(context: BrowserContext, site: Path, name: str, width: int) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 640})
    page.goto((site / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = page.evaluate(
        """() => [...document.querySelectorAll("h1, td, th, p, li")]
            .filter((e) => !e.closest(".cards thead, .unseen") && e.getBoundingClientRect().right > innerWidth + 1)
            .map((e) => e.textContent)"""
    )
    assert beyond == []


def test_paper_shows_every_column_and_nothing_to_click(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 900})  # A4 less its margins
    table = page.locator("table.ranking").nth(1)
    assert table.locator("tbody tr").first.locator("td:visible, th:visible").count() == 8
    assert not page.get_by_label("Tìm đơn vị").is_visible()
    assert not page.locator("nav").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_without_script_the_whole_ranking_is_there(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert page.locator("table.ranking tbody tr").count() == 40
    assert not page.locator("#search").is_visible()
    assert page.locator("thead button").count() == 0
    context.close()


def test_pages_lead_from_one_to_the_next(page: Page) -> None:
    page.get_by_role("link", name="Xã Tây An", exact=True).click()
    assert page.title().startswith("Xã Tây An – ")
    page.locator("[rel=next]").click()
    page.locator("[rel=prev]").click()
    assert page.title().startswith("Xã Tây An – ")
    page.get_by_role("link", name="Cách tính").click()
    assert page.locator("h1").inner_text().endswith("Cách tính")


def test_language_is_declared_for_the_voice(page: Page) -> None:
    assert page.evaluate("document.documentElement.lang") == "vi"
