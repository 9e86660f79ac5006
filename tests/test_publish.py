"""`publish`: what was finalised, all of it and nothing else, as a folder that is whole or not there."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from decision_sample import sample
from office import Office
from publication_sample import PICTURE, published

from cchc_sheets import vietnamese
from cchc_sheets.errors import CchcError, NotNow
from cchc_sheets.files import write_through
from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.page import make_site, read_checksums
from cchc_sheets.publication.page_unit import NOT_OCCURRED
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.season import open_season

REMARK = "Thiếu kế hoạch quý III; liên hệ 0905 123 456"
REPORTER, PHONE, NOTE, STRENGTH = "Trần Thị Khai Báo", "0978 654 321", "ghi chú nội bộ của xã", "tự khen rất nhiều"
LINK = "https://drive.google.com/file/d/BIMAT"


def run(office: Office, *, dry_run: bool = False, out: Path | None = None, remarks: bool = True) -> Outcome:
    season = open_season(office.folder, now="2024-01-15T08:00", actor="clerk", dry_run=dry_run)
    try:
        return publish(season, out=out, remarks=remarks)
    finally:
        season.close()


def site_of(office: Office) -> Path:
    return office.folder / "output" / "publication"


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def words_of(page: bytes) -> str:
    """Return what a page says, without tags, in single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.decode())).split())


@pytest.fixture
def finalised(
    request: pytest.FixtureRequest, tmp_path: Path, capfd: pytest.CaptureFixture[str], once: dict[str, Path]
) -> Office:
    """Return an office that has finalised: Tây An lost a point in 1.1. Played once, then copied."""
    if "finalised" not in once:
        played: Office = request.getfixturevalue("appraised")
        with played.edit_review() as hand:
            hand.type("appraisal:noi-vu", "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark=REMARK)
        assert played.run("finalise").exit_code == 0
        once["finalised"] = played.folder
    return Office(Path(shutil.copytree(once["finalised"], tmp_path / "copy")), capfd)


@pytest.fixture(scope="module")
def once() -> dict[str, Path]:
    """Remember the folders that were played."""
    return {}


# ---- when -------------------------------------------------------------------------------------------------------


def test_nothing_is_published_before_finalise(appraised: Office) -> None:
    with pytest.raises(NotNow, match="finalise"):
        run(appraised)
    assert not site_of(appraised).exists()


def test_what_has_changed_since_must_be_finalised_again(finalised: Office) -> None:
    with finalised.edit_review() as hand:
        hand.type("appraisal:noi-vu", "binh-hoa/1.1", verdict="Điều chỉnh", appraised_points=0, remark="Không có")
    assert finalised.run("appraise").exit_code == 0
    with pytest.raises(NotNow) as refused:
        run(finalised)
    assert refused.value.code == "results_changed"
    assert "Xã Bình Hòa" in refused.value.where
    assert finalised.run("finalise").exit_code == 0
    assert run(finalised).status == "success"


def test_points_moved_within_a_field_are_a_change_although_no_sum_shows_it(finalised: Office) -> None:
    # Bình Hòa had 0,5 + 1,25 in field 2; now 1 + 0,75
    with finalised.edit_review() as hand:
        hand.type("appraisal:tu-phap", "binh-hoa/2.1", verdict="Điều chỉnh", appraised_points=1, remark="Hai mô hình")
        hand.type("appraisal:tu-phap", "binh-hoa/2.2", verdict="Điều chỉnh", appraised_points=0.75, remark="Còn chậm")
    assert finalised.run("appraise").exit_code == 0
    with pytest.raises(NotNow) as refused:
        run(finalised)
    assert refused.value.code == "results_changed"


def test_criteria_reworded_since_are_not_published_under_the_old_decision(finalised: Office) -> None:
    file = finalised.folder / "criteria.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("Số mô hình", "Số sáng kiến"), encoding="utf-8")
    with pytest.raises(NotNow) as refused:
        run(finalised)
    assert refused.value.where == "criteria.yaml"


def test_a_dry_run_writes_nothing(finalised: Office) -> None:
    outcome = run(finalised, dry_run=True)
    assert not site_of(finalised).exists()
    assert "units/tay-an.html" in outcome.data["files"]


# ---- what -------------------------------------------------------------------------------------------------------


def test_every_unit_has_its_page_and_every_page_says_the_finalised_numbers(finalised: Office) -> None:
    outcome = run(finalised)
    site = files_of(site_of(finalised))
    assert sorted(site) == outcome.data["files"]
    data = json.loads(site["open-data/results.json"])
    final = json.loads((finalised.folder / "output" / "results.json").read_bytes())
    ranking = words_of(site["index.html"])
    charts = [name for name in site if name.startswith("charts/")]
    assert sorted(charts) == ["charts/classes.svg", "charts/ranking.svg", "charts/self-and-final.svg"]
    assert all(f'src="{chart}"' in site["index.html"].decode() for chart in charts)
    for unit, recorded in zip(data["units"], final["units"], strict=True):
        assert recorded.items() <= unit.items()
        page = words_of(site[f"units/{unit['unit']}.html"])
        index = vietnamese.fixed(Decimal(unit["index"]), 2)
        assert f"Chỉ số {index} % Xếp hạng {unit['rank']} /3 Xếp loại {unit['class']}" in page
        assert f"{unit['name']} " in ranking
        assert index in ranking


def test_a_unit_page_tells_each_step_of_each_criterion(finalised: Office) -> None:
    run(finalised)
    page = words_of((site_of(finalised) / "units" / "tay-an.html").read_bytes())
    # 1.1: maximum 2, claimed 2, appraised 1, stands 1
    assert re.search(r"1\.1\. .*? Nhận xét thẩm định: Thiếu kế hoạch quý III; [^ ]+ .*? 2 2 1 1 1\.10\.", page)
    # 1 + 1,5 + 0,5 + 1,25 appraised, 1,8 + 0,9 surveyed: 6,95 of 10
    assert "4,25 điểm thẩm định + 2,7 điểm điều tra xã hội học + 0 điểm cộng, trừ = 6,95 điểm, trên 10" in page
    # lost: 1 in 1.1, 0,5 in 1.10, 0,2 in 1.2, 0,5 in 2.1, 0,75 in 2.2, 0,1 in 2.3
    assert "Mất 3,05 điểm ở 6 tiêu chí: 1.1. " in page


def test_the_page_rests_on_what_the_decision_rests_on(finalised: Office) -> None:
    run(finalised)
    final = json.loads((finalised.folder / "output" / "results.json").read_bytes())
    digest = final["ledger_digest"]
    assert digest in words_of((site_of(finalised) / "method.html").read_bytes()).replace(" ", "")
    assert json.loads((site_of(finalised) / "open-data" / "results.json").read_bytes())["ledger_digest"] == digest


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_checksums_can_be_checked_by_anybody(finalised: Office) -> None:
    run(finalised)
    site = site_of(finalised)
    listed = read_checksums((site / "checksums.txt").read_bytes())
    assert listed.keys() | {"checksums.txt"} == files_of(site).keys()
    checked = subprocess.run(["sha256sum", "-c", "--strict", "checksums.txt"], cwd=site, check=False)  # noqa: S607
    assert checked.returncode == 0


def test_no_page_asks_for_anything_outside_the_folder(finalised: Office) -> None:
    run(finalised)
    site = files_of(site_of(finalised))
    for name, content in site.items():
        if name.endswith(".html"):
            page = content.decode()
            assert "default-src 'self'" in page
            for target in re.findall(r'(?:src|href)="([^"#]+)', page):
                assert not re.match(r"[a-z]+:|//|/", target), target
                assert (Path("/") / name).parent.joinpath(target).resolve().relative_to("/").as_posix() in site
            assert not re.search(r"\sstyle=|<style|\son\w+=", page)


# ---- what not ---------------------------------------------------------------------------------------------------


@pytest.fixture
def confided(collected: Office) -> Office:
    """Return a finalised office to which many things were confided."""
    office = collected
    assert office.run("extend", "tay-an", "--until", "2023-12-20T17:00", "--reason", "mưa lũ").exit_code == 0
    assert office.run("provision").exit_code == 0
    with office.edit("tay-an") as hand:
        hand.type("self_assessment", "1.1", evidence=f"Kế hoạch số 05 {LINK}", note=NOTE)
        hand.type("self_report", "strengths", value=STRENGTH)
        hand.type("self_report", "reporter", value=REPORTER)
        hand.type("self_report", "phone", value=PHONE)
    for command in ("collect", "appraise"):
        office.run(command, now="2023-12-21T08:00")
    office.agree_to_everything()
    with office.edit_review() as hand:
        remark = f"Hỏi lại {PHONE} hoặc tayan@thu.example.gov.vn, xem {LINK}"
        hand.type("appraisal:noi-vu", "tay-an/1.1", verdict="Điều chỉnh", appraised_points=1, remark=remark)
    office.write_survey()
    for command in ("appraise", "survey", "finalise"):
        run = office.run(command, now="2023-12-22T08:00")
        assert run.exit_code == 0, run.out
    return office


def test_what_is_private_is_in_no_file(confided: Office) -> None:
    ledger = (confided.folder / "ledger.db").read_bytes()
    private = (REPORTER, PHONE, NOTE, STRENGTH, LINK, "example.gov.vn", "Báo cáo số 05/BC-UBND", "mưa lũ")
    assert all(secret.encode() in ledger for secret in private)  # the season does hold them all
    outcome = run(confided)
    files = files_of(site_of(confided))
    book = site_of(confided) / "open-data" / "results.xlsx"
    with zipfile.ZipFile(book) as archive:
        files |= {f"{book.name}/{name}": archive.read(name) for name in archive.namelist()}
    for name, content in files.items():
        for secret in private:
            assert html.escape(secret) not in content.decode(errors="replace"), name
        assert b"@" not in content or name.endswith((".css", ".xml", ".xlsx"))
    assert [(p.code, p.unit, p.row, p.severity) for p in outcome.problems] == [
        ("contact_left_out", "tay-an", "1.1", "warning")
    ]
    left_out = "the remark on 1.1 holds 3 private details"
    assert outcome.problems[0].what.said_in("en").startswith(left_out)
    assert outcome.data["left_out"] == 3
    assert any("đã lược 3 chỗ là thông tin riêng trong" in line.said_in("vi") for line in outcome.summary)


def test_remarks_can_be_left_out(finalised: Office) -> None:
    outcome = run(finalised, remarks=False)
    assert outcome.data["left_out"] == 0
    assert not [line for line in outcome.summary if "--no-remarks" in line.said_in("vi")]
    for name, content in files_of(site_of(finalised)).items():
        assert "quý III".encode() not in content, name


# ---- whole or not at all ----------------------------------------------------------------------------------------


def test_publishing_twice_changes_no_file(finalised: Office) -> None:
    run(finalised)
    before = {name: (site_of(finalised) / name).stat().st_mtime_ns for name in files_of(site_of(finalised))}
    outcome = run(finalised)
    assert not outcome.data["written"]
    assert before == {name: (site_of(finalised) / name).stat().st_mtime_ns for name in before}


def test_the_same_ledger_gives_the_same_bytes_elsewhere(finalised: Office, tmp_path: Path) -> None:
    run(finalised)
    run(finalised, out=tmp_path / "elsewhere")
    assert files_of(site_of(finalised)) == files_of(tmp_path / "elsewhere")


def test_a_full_disk_leaves_the_old_site_whole(finalised: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run(finalised)
    before = files_of(site_of(finalised))
    written: list[Path] = []

    def fails_half_way(file: Path, content: bytes) -> None:
        written.append(file)
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        write_through(file, content)

    monkeypatch.setattr("cchc_sheets.stages.publish.write_through", fails_half_way)
    with pytest.raises(CchcError) as refused:
        run(finalised, remarks=False)
    assert refused.value.code == "unwritable"
    assert refused.value.what.said_in("en") == "the pages cannot be written: No space left on device"
    assert "what was published before is unchanged" in refused.value.fix.said_in("en")
    assert files_of(site_of(finalised)) == before
    assert [file.name for file in site_of(finalised).parent.iterdir() if "publication" in file.name] == ["publication"]


def test_a_site_that_cannot_be_put_in_place_leaves_the_old_one(
    finalised: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(finalised)
    before = files_of(site_of(finalised))
    real: Callable[[Path, Path], Path] = Path.rename

    def refuses(self: Path, target: Path) -> Path:
        if self.name.endswith(".part"):
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", refuses)
    with pytest.raises(CchcError, match="Permission denied"):
        run(finalised, remarks=False)
    assert files_of(site_of(finalised)) == before


def test_what_a_killed_run_has_left_is_swept_away(finalised: Office) -> None:
    half = site_of(finalised).with_name(".publication.0a1b2c3d.part")
    (half / "units").mkdir(parents=True)
    run(finalised)
    assert [file.name for file in site_of(finalised).parent.iterdir() if "publication" in file.name] == ["publication"]


def test_pages_edited_by_hand_are_kept(finalised: Office) -> None:
    run(finalised)
    page = site_of(finalised) / "index.html"
    page.write_bytes(page.read_bytes().replace(b"</h1>", b" (ban nhap)</h1>"))
    (site_of(finalised) / "them.txt").write_text("của cơ quan", encoding="utf-8")
    outcome = run(finalised)
    kept = site_of(finalised).with_name("publication-edited-1")
    assert outcome.data["kept"] == str(kept)
    assert b"(ban nhap)" in (kept / "index.html").read_bytes()
    assert (kept / "them.txt").exists()
    assert b"(ban nhap)" not in page.read_bytes()


def test_a_folder_that_holds_something_else_is_not_touched(finalised: Office, tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("trang chủ", encoding="utf-8")
    with pytest.raises(CchcError) as refused:
        run(finalised, out=tmp_path / "www")
    assert refused.value.code == "exists"
    assert refused.value.what.said_in("en") == "the folder holds something else"
    assert files_of(tmp_path / "www") == {"index.html": "trang chủ".encode()}


# ---- the pages themselves ---------------------------------------------------------------------------------------


def test_rulings_bonuses_and_charts_are_shown() -> None:
    site = make_site(published())
    ruled = words_of(site["units/U002.html"])
    # i = 7 for the second unit: it lost 2 + 7/2 in 1.1, so 8,5 stand; found 5, ruled 8,5
    assert "Lý do kết luận: Đã bổ sung văn bản hợp lệ 14 14 5 8,5 8,5" in ruled
    assert "+0,5" in words_of(site["units/U003.html"])
    assert "−0,25" in words_of(site["units/U006.html"])
    assert f"charts/{PICTURE.file}" in site["index.html"].decode()
    assert site[f"charts/{PICTURE.file}"] == PICTURE.content


def test_what_does_not_count_is_not_shown_as_lost() -> None:
    site = make_site(published(sample(exclude=1)))
    page = words_of(site["units/U001.html"])
    assert f"Không phát sinh, không tính vào điểm tối đa 6 {NOT_OCCURRED} {NOT_OCCURRED} {NOT_OCCURRED}" in page
    assert "trên 94 điểm có thể đạt" in page


def test_unranked_units_stand_apart() -> None:
    site = make_site(published(sample(unranked=(0,))))
    assert "Các đơn vị không xếp hạng – 1 đơn vị" in words_of(site["index.html"])
    assert "Xếp hạng Không xếp hạng" in words_of(site["units/U001.html"])


def test_words_from_outside_are_words_on_the_page() -> None:
    names = ('Xã <b>"A"</b> & {{ 7*7 }}', "Xã <script>alert(1)</script>")
    site = make_site(published(sample(count=2, names=names)))
    page = site["index.html"].decode()
    assert "<script>alert" not in page
    assert "Xã &lt;b&gt;&#34;A&#34;&lt;/b&gt; &amp; {{ 7*7 }}" in page


def test_every_file_is_in_the_package() -> None:
    from cchc_sheets.publication.page import ASSETS, TEMPLATES

    assert {file.name for file in TEMPLATES.iterdir()} == {
        "base.html", "index.html", "unit.html", "method.html", "pieces.html", *ASSETS,
    }  # fmt: skip
