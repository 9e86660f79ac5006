"""Evidence through a season: what stands out reaches the appraisers, looks at links are recorded and never repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from google_office import on_both
from hostile_sites import OPEN, Site, answer, redirect
from office import Office

from cchc_sheets.errors import NotNow
from cchc_sheets.ledger import Ledger
from cchc_sheets.link_check import LinkChecker
from cchc_sheets.messages import Text
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.evidence import check_links, recorded_states
from cchc_sheets.stages.season import Season, open_season

NOI_VU, TU_PHAP = "appraisal:noi-vu", "appraisal:tu-phap"
LATER = "2023-12-12T08:00"
DOC = "1AbC-dEf_GhIjKlMnOpQ"


@pytest.fixture
def site() -> Iterator[Site]:
    """Lend a site with a page in each state."""
    pages = {
        "/cho-xem": lambda: answer(200),
        "/rieng": lambda: redirect("https://accounts.google.com/ServiceLogin"),
        "/mat": lambda: answer(404),
        "/ban": lambda: answer(503),
    }
    with Site(lambda path: pages.get(path.rstrip("0123456789"), pages["/cho-xem"])()) as site:
        yield site


def hand_in(office: Office, site_url: Callable[[str], str]) -> None:
    """Have every commune hand in; Tây An's links are in every state, all others open, each for itself."""
    own = {"1.1": "/cho-xem1", "1.10": "/rieng2", "2.1": "/mat3", "2.2": "/ban4"}
    for number, unit in enumerate(office.UNITS):
        pages = own if unit == "tay-an" else {code: f"/cho-xem{number}{at}" for at, code in enumerate(own)}
        office.fill_in(unit)
        with office.edit(unit) as hand:
            for at, (code, page) in enumerate(pages.items(), 1):
                evidence = f"Báo cáo số {at}{number}/BC-UBND {site_url(page)}"
                hand.type("self_assessment", code, evidence=evidence)
    assert office.run("collect").exit_code == 0


@contextmanager
def at_desk(office: Office, now: str = Office.AFTER, **options: bool) -> Iterator[Season]:
    season = open_season(office.folder, now=now, actor="van-thu", **options)  # type: ignore[arg-type]  # flags only
    try:
        yield season
    finally:
        season.close()


def checker(site: Site) -> LinkChecker:
    return LinkChecker(allowed=lambda number: str(number) == OPEN, ports=[site.port])


def look(office: Office, site: Site, now: str = Office.AFTER, **options: bool) -> Outcome:
    with at_desk(office, now, **options) as season:
        return check_links(season, checker(site))


def checks(office: Office, row: str) -> str:
    sheet = TU_PHAP if row.split("/")[1].startswith("2") else NOI_VU
    return str(office.edit_review().value(sheet, row, "checks") or "")


def entries(office: Office) -> list[dict[str, dict[str, str]]]:
    ledger = Ledger.at(office.folder / "ledger.db")
    try:
        ledger.check_chain()
        return [dict(entry.body["links"]) for entry in ledger.entries("links")]
    finally:
        ledger.close()


@on_both
def test_a_document_given_by_two_communes_and_a_paper_of_another_year_are_shown_to_the_appraisers(
    provisioned: Office,
) -> None:
    shared = f"Báo cáo số 7/BC-UBND ngày 05/12/2021 https://docs.google.com/document/d/{DOC}/edit?usp=sharing"
    provisioned.fill_in("tay-an", c1_1={"evidence": shared}, c2_2={"evidence": "Kế hoạch số 5/KH-UBND ngày 03/01/2023"})
    provisioned.fill_in("binh-hoa", c2_1={"evidence": f"Số 9/BC-UBND https://drive.google.com/open?id={DOC}"})
    provisioned.fill_in("phu-phong", c1_1={"evidence": "Kế hoạch số 5/KH-UBND ngày 03/01/2023 https://x.example.vn/5"})
    assert provisioned.run("collect").exit_code == 0
    assert provisioned.run("appraise").exit_code == 0
    assert checks(provisioned, "tay-an/1.1") == (
        "Trùng đường dẫn với Xã Bình Hòa (2.1): xem có phải tài liệu của chính đơn vị.\n"
        "Báo cáo số 07/BC-UBND ký ngày 05/12/2021, ngoài năm 2023."
    )
    assert "Trùng đường dẫn với Xã Tây An (1.1)" in checks(provisioned, "binh-hoa/2.1")
    # The same number in another commune is another paper.
    assert checks(provisioned, "tay-an/2.2") == "Tài liệu không có đường dẫn."
    assert checks(provisioned, "phu-phong/1.1") == ""


@on_both
def test_an_address_without_a_scheme_is_a_link_and_the_same_document(provisioned: Office) -> None:
    bare, full = "Báo cáo www.example.gov.vn/vb/7", "Kế hoạch HTTP://WWW.Example.gov.vn/vb/7#p2"
    provisioned.fill_in("tay-an", c1_1={"evidence": bare}, c2_1={"evidence": full}, c2_2={"evidence": "bao.cao.docx"})
    provisioned.fill_in("binh-hoa")
    provisioned.fill_in("phu-phong", c2_1={"evidence": f"Phụ lục docs.google.com/document/d/{DOC}"})
    assert provisioned.run("collect").exit_code == 0
    assert provisioned.run("appraise").exit_code == 0
    assert checks(provisioned, "tay-an/1.1") == "Tài liệu này còn dùng cho tiêu chí 2.1."
    assert checks(provisioned, "tay-an/2.1") == "Tài liệu này còn dùng cho tiêu chí 1.1."
    assert checks(provisioned, "tay-an/2.2") == "Tài liệu không có đường dẫn."
    assert checks(provisioned, "phu-phong/2.1") == ""
    assert provisioned.run("collect", now=LATER).problems == []


@on_both
def test_what_a_look_found_is_told_to_the_office_and_shown_to_the_appraisers(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    outcome = look(provisioned, site)
    # 3 communes with 4 documents each; Tây An's are one of each state.
    assert {name: value for name, value in outcome.data.items() if name != "links"} == {
        "documents": 12,
        "asked": 12,
        "opens": 9,
        "needs_permission": 1,
        "broken": 1,
        "not_checked": 1,
    }
    assert {(p.code, p.severity, p.unit, p.sheet, p.row, p.column) for p in outcome.problems} == {
        ("link_needs_permission", "warning", "tay-an", "self_assessment", "1.10", "evidence"),
        ("link_broken", "warning", "tay-an", "self_assessment", "2.1", "evidence"),
    }
    assert outcome.status == "success"
    said = {problem.code: problem.what.said_in("en") for problem in outcome.problems}
    assert (
        said["link_needs_permission"] == f"{site.url('/rieng2')} is not open to everybody: the site asks for a sign-in"
    )
    assert said["link_broken"] == f"{site.url('/mat3')} does not open: the site answers 404"
    assert {(link["criterion"], link["state"], link["reason"]) for link in outcome.data["links"]} == {
        ("1.10", "needs_permission", "sign_in"),
        ("2.1", "broken", "404"),
        ("2.2", "not_checked", "503"),
    }
    assert outcome.table is not None
    assert outcome.table.lines[0] == ("Xã Tây An", "1", "1", "1", "1")

    assert provisioned.run("appraise").exit_code == 0
    begins = {code: checks(provisioned, f"tay-an/{code}").splitlines()[1:] for code in ("1.1", "1.10", "2.1", "2.2")}
    assert begins["1.1"] == []
    assert begins["1.10"][0].startswith("Đường dẫn cần quyền truy cập (")
    assert begins["2.1"][0].startswith("Đường dẫn hỏng (")
    assert begins["2.2"][0].startswith("Đường dẫn chưa kiểm tra được (")
    assert all(lines[0].endswith("), xem ngày 11/12/2023.") for code, lines in begins.items() if code != "1.1")


@on_both
def test_a_look_is_recorded_once_and_moves_no_number(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    with at_desk(provisioned) as season:
        before = season.basis()
        check_links(season, checker(site))
        assert season.basis() == before
    [recorded] = entries(provisioned)
    assert len(recorded) == 12
    assert recorded[f"https://{OPEN}:{site.port}/mat3"] == {
        "state": "broken",
        "reason": "404",
        "at": "2023-12-11T08:00:00+07:00",
    }


def test_what_opened_is_not_asked_again_and_all_else_is(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    look(provisioned, site)
    assert len(site.requests) == 12
    site.requests.clear()
    assert look(provisioned, site, LATER).data["asked"] == 3
    assert sorted(site.paths) == ["/ban4", "/mat3", "/rieng2"]
    assert [len(recorded) for recorded in entries(provisioned)] == [12, 3]


def test_a_document_linked_from_many_places_is_asked_once(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, lambda page: site.url(f"{page[:5]}?utm_source={page}"))
    assert look(provisioned, site).data["asked"] == 4  # /cho-, /rien, /mat3 and /ban4
    assert len(site.requests) == 4


def test_a_page_that_has_come_back_is_shown_no_more(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    look(provisioned, site)
    provisioned.run("appraise")
    assert "hỏng" in checks(provisioned, "tay-an/2.1")
    site.script = lambda _: answer(200)
    with at_desk(provisioned, LATER) as season:
        assert check_links(season, checker(site)).problems == ()
        appraise(season)
    assert "hỏng" not in checks(provisioned, "tay-an/2.1")


def test_an_interrupted_look_keeps_what_it_found(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)

    def pressed(_what: Text, done: int, _total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    season = open_season(provisioned.folder, now=provisioned.AFTER, actor="van-thu", progress=pressed)
    with pytest.raises(KeyboardInterrupt):
        check_links(season, checker(site))
    season.close()
    [recorded] = entries(provisioned)
    assert len(recorded) == 5
    left = 12 - sum(found["state"] == "opens" for found in recorded.values())
    assert look(provisioned, site, LATER).data["asked"] == left


def test_progress_is_told_to_the_end(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    told: list[tuple[int, int]] = []
    season = open_season(
        provisioned.folder,
        now=provisioned.AFTER,
        actor="van-thu",
        progress=lambda _, done, total: told.append((done, total)),
    )
    check_links(season, checker(site))
    season.close()
    assert told == [(done, 12) for done in range(13)]


def test_without_any_answer_nothing_is_called_broken(provisioned: Office) -> None:
    with Site(lambda _: answer(200)) as gone:
        hand_in(provisioned, gone.url)
    outcome = look(provisioned, gone)
    assert (outcome.data["broken"], outcome.data["not_checked"]) == (0, 12)
    assert outcome.problems == ()
    assert "no internet connection" in outcome.summary[-1].said_in("en")
    assert {found["reason"] for recorded in entries(provisioned) for found in recorded.values()} == {"offline"}


def test_where_others_answer_a_site_that_is_gone_is_broken(provisioned: Office, site: Site) -> None:
    with Site(lambda _: answer(200)) as gone:
        hand_in(provisioned, lambda page: (gone if page.startswith("/mat") else site).url(page))
    with at_desk(provisioned) as season:
        both = LinkChecker(allowed=lambda number: str(number) == OPEN, ports=[site.port, gone.port])
        assert check_links(season, both).data["broken"] == 1
        assert [state.reason for state in recorded_states(season).values() if state.state == "broken"] == ["refused"]


def test_a_rehearsal_asks_nobody_and_records_nothing(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    outcome = look(provisioned, site, dry_run=True)
    assert (outcome.data["documents"], outcome.data["asked"], outcome.data["not_checked"]) == (12, 0, 12)
    assert outcome.summary[1].said_in("en") == "12 would be asked"
    assert site.connections == 0
    assert entries(provisioned) == []


def test_an_unusable_link_is_told_and_not_asked(provisioned: Office, site: Site) -> None:
    hand_in(
        provisioned,
        lambda page: site.url(page).replace("http://", "http://ten:matkhau@") if "mat" in page else site.url(page),
    )
    outcome = look(provisioned, site)
    assert outcome.data["documents"] == 11
    [unusable] = [problem for problem in outcome.problems if problem.code == "link_unusable"]
    assert (unusable.unit, unusable.row) == ("tay-an", "2.1")
    assert unusable.what.said_in("en") == "a link that nobody else can open"
    assert "/mat3" not in site.paths


def test_before_anything_was_collected_there_is_nothing_to_look_at(provisioned: Office) -> None:
    with at_desk(provisioned) as season, pytest.raises(NotNow) as refused:
        check_links(season)
    assert refused.value.what.said_in("en") == "nothing has been collected yet"


def test_the_checker_of_the_office_never_reaches_into_its_own_network(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    with at_desk(provisioned) as season:
        outcome = check_links(season)
    assert outcome.data["not_checked"] == 12
    assert site.connections == 0


@on_both
def test_evidence_added_in_the_explanation_round_is_looked_at_for_the_council(provisioned: Office, site: Site) -> None:
    hand_in(provisioned, site.url)
    provisioned.run("appraise")
    provisioned.agree_to_everything()
    with provisioned.edit_review() as hand:
        hand.type(NOI_VU, "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark="Thiếu tài liệu")
    provisioned.run("appraise")
    assert provisioned.run("explain", "--until", "2023-12-28T17:00", now="2023-12-27T08:00").exit_code == 0
    # It brings forward what Bình Hòa had handed in for 1.1, and a page that is not open to everybody.
    added = f"Báo cáo bổ sung {site.url('/cho-xem10')} {site.url('/rieng9')} drive.google.com/open?id={DOC}"
    with provisioned.edit("tay-an") as hand:
        hand.type("explanation", "1.1", answer="Không đồng ý", explanation="Đã bổ sung", new_evidence=added)
    over = "2023-12-28T17:00"
    provisioned.run("explain", now=over)
    look(provisioned, site, over)
    assert provisioned.run("appraise", now=over).exit_code == 0
    said = str(provisioned.edit_review().value("rulings", "tay-an/1.1", "checks")).splitlines()
    assert "Trùng đường dẫn với Xã Bình Hòa (1.1): xem có phải tài liệu của chính đơn vị." in said
    assert any(line.startswith("Đường dẫn thứ 2 cần quyền truy cập (") for line in said)
    traced = provisioned.run("trace", "tay-an", "1.1", now=over)
    assert f"https://drive.google.com/open?id={DOC}" in traced.out
