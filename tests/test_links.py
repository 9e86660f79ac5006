"""Addresses in texts: those without a scheme are links too, ordinary words never are, and no reading is an edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import Office

from cchc_sheets.assessment.evidence_caption import parse_caption
from cchc_sheets.assessment.evidence_links import Unusable, read_address, stands_in
from cchc_sheets.reading import Cell, RowReading, SheetReading, WorkbookReading, from_json, to_json
from cchc_sheets.stages.closing import changed_cells
from cchc_sheets.stages.record import record_appraisal
from cchc_sheets.stages.season import open_season
from cchc_sheets.stages.snapshots import last_edit, remember_reading
from cchc_sheets.workspace.google_cells import cell_data
from cchc_sheets.workspace.google_renewal import _is_same
from cchc_sheets.workspace.links import as_typed, attached_link, is_linked_by_itself, links_in, with_links_in

BARE = "www.example.gov.vn/vb/7"
DOC = "docs.google.com/document/d/1AbC-dEf_GhIjKlMnOpQ/edit"


@pytest.mark.parametrize(
    ("words", "links"),
    [
        (BARE, [f"https://{BARE}"]),
        ("Báo cáo 7 (WWW.Example.gov.vn/vb/7#p2).", ["https://WWW.Example.gov.vn/vb/7#p2"]),
        (f"Xem {DOC}, drive.google.com/file/d/1AbC", [f"https://{DOC}", "https://drive.google.com/file/d/1AbC"]),
        ("Link:www.x.vn.", ["https://www.x.vn"]),
        ("www.x.vn:8080/a?b=1 và www.y.vn", ["https://www.x.vn:8080/a?b=1", "https://www.y.vn"]),
        ("www.x.vn/@a/7", ["https://www.x.vn/@a/7"]),
        ("https://a.vn/?u=www.x.vn/1; http://www.y.vn", ["https://a.vn/?u=www.x.vn/1;", "http://www.y.vn"]),
    ],
)
def test_addresses_typed_without_a_scheme_are_found(words: str, links: list[str]) -> None:
    assert list(links_in(words)) == [link.rstrip(";") for link in links]


ORDINARY = (
    "1.2.3",
    "báo cáo.docx",
    "a.b",
    "www.",
    "www.báo cáo",
    "www.abc",
    "www.1.2.3",
    "nam@www.x.vn",
    "www.hoa.le@gmail.com",
    "www.x.vn:matkhau@y.vn",
    "www.x.vn:80@y.vn",
    "ftp://www.x.vn/a",
    "file:///www.x.vn/a",
    r"\\www.x.vn\chung",
    "xdocs.google.com/a",
    "nam@docs.google.com/a",
    "docs.google.com/",
    "javascript:alert(1)//www.x.vn",
)


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_words_and_hostile_ones_are_no_links(words: str) -> None:
    assert list(links_in(words)) == []


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])).filter(lambda words: "://" not in words))
def test_every_link_found_begins_as_one_of_the_known_ones(words: str) -> None:
    known = ("https://www.", "https://docs.google.com/", "https://drive.google.com/")
    assert all(link.lower().startswith(known) and link[8:] in words for link in links_in(words))


def test_what_excel_and_sheets_attach_to_an_address_without_a_scheme_is_that_link() -> None:
    for attached in (f"http://{BARE}", f"https://{BARE}", f"http://{BARE}/"):
        assert with_links_in(f"Xem {BARE}", [attached]) == (attached,)
    assert with_links_in(BARE, ["http://www.example.gov.vn/vb/8"]) == (
        "http://www.example.gov.vn/vb/8",
        f"https://{BARE}",
    )
    # Two addresses in full are two: somebody has typed the one and attached the other.
    assert with_links_in(f"https://{BARE}", [f"http://{BARE}"]) == (f"http://{BARE}", f"https://{BARE}")


def test_they_mean_the_same_document_as_those_with_a_scheme() -> None:
    one, other = read_address(*links_in(BARE)), read_address("HTTP://WWW.Example.gov.vn/vb/7#p2")
    attached = read_address(BARE)
    assert not isinstance(one, Unusable)
    assert not isinstance(other, Unusable)
    assert not isinstance(attached, Unusable)
    assert one.identity == other.identity == attached.identity
    assert not parse_caption(f"Xem docs.google.com/12/QĐ-UBND {BARE}")


def test_an_address_shown_without_its_scheme_is_not_listed_again() -> None:
    assert stands_in(f"https://{BARE}", f"Báo cáo {BARE}")
    assert not stands_in(f"https://{BARE}", f"Báo cáo http://{BARE}")
    assert not stands_in(f"https://{BARE}", "Báo cáo")


# ---- written and read again -------------------------------------------------------------------------------------


def test_google_is_left_no_choice_of_the_scheme() -> None:
    data = cell_data(Cell(BARE, links=(f"https://{BARE}",)), "x")
    assert data["userEnteredFormat"] == {"textFormat": {"link": {"uri": f"https://{BARE}"}}}
    assert "userEnteredFormat" not in cell_data(Cell("https://a.vn", links=("https://a.vn",)), "x")
    assert attached_link(Cell(BARE, links=(f"http://{BARE}",))) == f"http://{BARE}"


def test_words_of_our_own_that_google_made_a_link_of_are_the_same_words() -> None:
    own = Cell(f"Xem {BARE}")
    assert _is_same(replace(own, links=(f"http://{BARE}",)), own)
    assert _is_same(replace(own, links=(f"https://{BARE}",)), own)
    assert not _is_same(replace(own, links=("http://evil.vn",)), own)
    assert not _is_same(own, own)  # no link at all: somebody has taken it away
    assert not is_linked_by_itself("abc", ("http://evil.vn",))


# ---- a reading from before --------------------------------------------------------------------------------------


def sheet_of(key: str, cell: Cell, **more: Cell) -> SheetReading:
    cells = {"evidence": cell, "remark": cell, **more}
    row = RowReading("tay-an/1.1", 5, cells)
    return SheetReading(key, "Trang", "small-2023", "-", {"evidence": "H", "remark": "I"}, (row,))


def reading_of(key: str, cell: Cell, day: int = 1) -> WorkbookReading:
    return WorkbookReading(str(day), datetime(2023, 12, day, tzinfo=UTC), (sheet_of(key, cell),))


BEFORE, NOW = Cell(BARE), Cell(BARE, links=(f"https://{BARE}",))


def test_a_recorded_reading_is_restored_as_it_was() -> None:
    assert from_json(to_json(reading_of("self_assessment", BEFORE))) == reading_of("self_assessment", BEFORE)


def test_the_same_words_read_anew_are_no_edit() -> None:
    assert not list(changed_cells(reading_of("a", BEFORE), reading_of("a", NOW)))
    assert as_typed(sheet_of("a", BEFORE)) == as_typed(sheet_of("a", NOW))
    attached = replace(NOW, links=("https://khac.vn", *NOW.links))
    assert as_typed(sheet_of("a", BEFORE)) != as_typed(sheet_of("a", attached))


def test_nothing_is_recorded_anew_and_no_moment_moves_because_links_are_seen(collected: Office) -> None:
    season = open_season(collected.folder, now="2023-12-12T08:00", actor="clerk")
    key = "appraisal:noi-vu"
    try:
        assert record_appraisal(season, reading_of(key, BEFORE))
        assert not record_appraisal(season, reading_of(key, NOW, day=2))
        assert record_appraisal(season, reading_of(key, Cell("khác"), day=3))
        remember_reading(season, "appraisal", reading_of(key, BEFORE))
        assert last_edit(season, "appraisal", reading_of(key, NOW, day=2)) == reading_of(key, BEFORE).modified
    finally:
        season.close()
