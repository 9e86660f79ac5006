"""`archive` and its verification: one file from which the year can be repeated, and in which no byte changes unseen."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from altered import cell_of, edit, set_words
from archives import again, errors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import Office
from test_survey_stage import plan_office
from told_season import season_of

from cchc_sheets import __version__
from cchc_sheets.errors import CchcError, NotNow
from cchc_sheets.messages import speak
from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.page import CHECKSUMS, checksums
from cchc_sheets.stages.archive import archive
from cchc_sheets.stages.archive_package import MANIFEST, unpacked
from cchc_sheets.stages.robustness import robustness
from cchc_sheets.stages.survey import survey
from cchc_sheets.stages.verify import verify
from cchc_sheets.stages.verify_archive import verify_archive

LEDGER = "ledger.jsonl"


@pytest.fixture(scope="module")
def made(told: Path) -> Path:
    with season_of(told) as season:
        archive(season, told.parent / "year.zip")
    return told.parent / "year.zip"


def told_in(outcome: Outcome) -> str:
    speak("en")
    try:
        return "\n".join(str(one.what) for one in outcome.problems)
    finally:
        speak("vi")


def verified(file: Path) -> tuple[Outcome | None, CchcError | None]:
    """Return what a verification found, or why it was refused."""
    try:
        return verify_archive(file), None
    except CchcError as refused:
        return None, refused


# ---- what it is -------------------------------------------------------------------------------------------------


def test_the_year_is_repeated_from_the_file_alone(made: Path, tmp_path: Path) -> None:
    elsewhere = Path(shutil.copy(made, tmp_path / "copy.zip"))
    outcome = verify_archive(elsewhere)
    assert outcome.problems == ()
    assert outcome.data["intact"] is True
    members = set(unpacked(made).members) - {MANIFEST}
    assert {one["file"] for one in outcome.data["files"] if "#" not in one["file"]} == members
    assert {one["state"] for one in outcome.data["files"]} == {"as_made"}


def test_the_same_season_gives_the_same_bytes(told: Path, made: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(told, tmp_path / "elsewhere"))
    with season_of(moved, "2024-03-01T09:00") as season:
        outcome = archive(season)
    assert Path(outcome.data["file"]) == moved / "output" / "small-2023.zip"
    assert Path(outcome.data["file"]).read_bytes() == made.read_bytes()


def test_a_paper_saved_again_before_it_was_packed_is_named_and_not_called_untouched(
    told_copy: Path, tmp_path: Path
) -> None:
    edit(told_copy / "output/decision.docx", lambda _: None)
    with season_of(told_copy) as season:
        archive(season, tmp_path / "year.zip")
        folder = [line.said_in("en") for line in verify(season).summary]
    saved = "saved again by another program, nothing that prints was altered: {}"
    assert saved.format("decision.docx") in folder
    outcome = verify_archive(tmp_path / "year.zip")
    said = [line.said_in("en") for line in outcome.summary]
    assert said[:2] == [
        "year.zip is whole: not a byte was changed since it was packed",
        saved.format("output/decision.docx"),
    ]
    assert outcome.data["intact"] is True


def test_it_opens_with_any_zip_program_and_says_what_it_is(made: Path) -> None:
    with zipfile.ZipFile(made) as opened:
        assert opened.testzip() is None
        assert "cchc-sheets verify small-2023.zip" in opened.read("README.txt").decode()
        manifest = json.loads(opened.read(MANIFEST))
    assert manifest["cycle"] == "small-2023"
    assert manifest["program"]


def test_a_later_version_of_the_program_accuses_nobody(made: Path, told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [one for name, one in sys.modules.items() if name.startswith("cchc_sheets")]:
        if "__version__" in vars(module):
            monkeypatch.setattr(module, "__version__", "99.1")
    outcome = verify_archive(made)
    assert {(one.code, one.severity) for one in outcome.problems} == {("other_version", "warning")}
    assert f"the results were made by version {__version__}, this is version 99.1" in told_in(outcome)
    assert {one["state"] for one in outcome.data["files"]} == {"as_made"}
    with season_of(told) as season:
        assert verify(season).problems == ()


def test_the_page_for_the_chairman_made_anew_by_a_later_version_is_known(
    told_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("robustness", "verify_results"):
        monkeypatch.setattr(f"cchc_sheets.stages.{module}.__version__", "99.1")
    with season_of(told_copy) as season:
        robustness(season)
    with season_of(told_copy) as season:
        assert errors(verify(season)) == set()
    page = told_copy / "output/before-you-sign.docx"
    edit(page, lambda d: set_words(cell_of(d, "Tổng thay đổi", "Phòng Tư pháp"), "−1,9%"))
    with season_of(told_copy) as season:
        assert errors(verify(season)) == {("figure_altered", page.name)}


def test_nothing_secret_and_nobody_elses_is_in_it(told: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(told, tmp_path / "cycle"))
    secrets = {
        "credentials.json": "SECRET-A",
        "credentials-2.json": "SECRET-B",
        "token.json": "SECRET-C",
        "workspace/google-files.json": "SECRET-D",
        "watch.log": "SECRET-E",
        "output/watch.log": "SECRET-F",
        "output/papers/note.txt": "SECRET-G",
        "templates/other.docx": "SECRET-H",
    }
    for name, words in secrets.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(words)
    with season_of(folder) as season:
        outcome = archive(season)
    content = Path(outcome.data["file"]).read_bytes()
    assert b"SECRET" not in content
    assert not any(name.startswith("workspace") or name.endswith(".db") for name in outcome.data["members"])


def test_the_table_of_survey_points_is_in_it_the_answers_of_people_are_not(made: Path, office: Office) -> None:
    lines = unpacked(made).members[LEDGER].splitlines()
    newest = max(number for number, line in enumerate(lines, start=1) if json.loads(line)["kind"] == "points")
    assert [name for name in unpacked(made).members if name.startswith("survey/")] == [f"survey/{newest:05}.csv"]
    plan_office(office)
    assert office.run("provision", now=office.BEFORE).exit_code == 0
    with season_of(office.folder, office.AFTER) as season:
        survey(season)
        outcome = archive(season)
    content = Path(outcome.data["file"]).read_bytes()
    assert not any(name.startswith("survey/") for name in outcome.data["members"])
    assert all(words.encode() not in content for words in ("Trần Thị B", "0912 345 678", "Rất hài lòng,"))
    assert verify_archive(Path(outcome.data["file"])).problems == ()


def test_dry_run_writes_nothing(told: Path, tmp_path: Path) -> None:
    with season_of(told, dry_run=True) as season:
        archive(season, tmp_path / "no.zip")
    assert not (tmp_path / "no.zip").exists()


def test_before_anything_is_recorded_there_is_nothing_to_archive(office: Office) -> None:
    with (
        season_of(office.folder, office.BEFORE) as season,
        pytest.raises(NotNow, match="chưa có gì được ghi sổ") as refused,
    ):
        archive(season)
    assert "provision" in str(refused.value)


# ---- altered ----------------------------------------------------------------------------------------------------


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_byte_changed_anywhere_is_found_and_its_place_named(made: Path, data: st.DataObject) -> None:
    content = bytearray(made.read_bytes())
    with zipfile.ZipFile(made) as opened:
        entries = opened.infolist()
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    file = made.with_name("flipped.zip")
    file.write_bytes(content)
    outcome, refused = verified(file)
    if outcome is None:
        # The list of members at the end, or a name in it: the archive itself is what is named.
        assert refused is not None
        assert refused.code.startswith(("archive_", "not_an_archive"))
        assert refused.where == str(file)
        return
    assert not outcome.data["intact"]
    inside = [
        e
        for e in entries
        if e.header_offset + 30 + len(e.filename) <= at < e.header_offset + 30 + len(e.filename) + e.file_size
    ]
    named = {sheet for _, sheet in errors(outcome)}
    assert (inside[0].filename if inside else file.name) in named


@pytest.mark.parametrize(
    "begins", ["README.txt", "cycle.yaml", "templates/notice.docx", "output/decision.docx", "survey/"]
)
def test_a_member_that_was_altered_is_named(made: Path, tmp_path: Path, begins: str) -> None:
    name = next(name for name in unpacked(made).members if name.startswith(begins))

    def change(members: dict[str, bytes]) -> None:
        members[name] = members[name][:-1] + bytes([members[name][-1] ^ 1])

    outcome = verify_archive(again(made, tmp_path, change))
    assert ("member_altered", name) in errors(outcome)
    assert f"{name}: its content is not the one that was archived" in told_in(outcome).splitlines()


def test_a_figure_altered_in_a_member_is_named_as_such(made: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["output/results.csv"] = members["output/results.csv"].replace(b"69.50", b"96.50")

    outcome = verify_archive(again(made, tmp_path, change))
    assert errors(outcome) == {("member_altered", "output/results.csv"), ("figure_altered", "results.csv")}
    assert "column «index»: «96.50» stands where the ledger gives «69.50»" in told_in(outcome)


def test_a_manifest_made_to_fit_does_not_help(made: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["output/results.csv"] = members["output/results.csv"].replace(b"69.50", b"96.50")
        members["cycle.yaml"] = members["cycle.yaml"].replace(b"from: 80", b"from: 60")

    outcome = verify_archive(again(made, tmp_path, change, fit=True))
    assert errors(outcome) == {("member_altered", "cycle.yaml"), ("figure_altered", "results.csv")}
    assert "cycle.yaml: it is not what the ledger says was in force" in told_in(outcome).splitlines()


@pytest.mark.parametrize(
    ("begins", "named"),
    [
        ("output/publication/", "output/publication/"),
        ("output/publication/units/tay-an.html", "output/publication/units/tay-an.html"),
        ("output/publication/charts/", "output/publication/charts/ranking.svg"),
        ("templates/", "templates/notice.docx"),
        ("output/papers/notice/", "output/papers/notice/tay-an.docx"),
        ("output/before-you-sign.docx", "output/before-you-sign.docx"),
        ("output/results.csv", "output/results.csv"),
        ("output/", "output/decision.docx"),
        ("README.txt", "README.txt"),
    ],
)
def test_what_was_taken_out_is_named_although_the_manifest_fits(
    made: Path, tmp_path: Path, begins: str, named: str
) -> None:
    def change(members: dict[str, bytes]) -> None:
        for name in [name for name in members if name.startswith(begins)]:
            del members[name]

    outcome = verify_archive(again(made, tmp_path, change, fit=True))
    told = {one.what.said_in("en").partition(": ")[0] for one in outcome.problems if one.code == "file_missing"}
    assert told & {named, named.removeprefix("output/")}
    assert not outcome.data["intact"]
    assert outcome.summary[0].said_in("en") == "altered.zip is not as it was made"


def test_charts_altered_all_at_once_are_named_although_manifest_and_check_sums_fit(made: Path, tmp_path: Path) -> None:
    site = "output/publication/"

    def change(members: dict[str, bytes]) -> None:
        pages = {name.removeprefix(site): members[name] for name in members if name.startswith(site)}
        del pages[CHECKSUMS]
        for name in [name for name in pages if name.endswith(".svg")]:
            pages[name] = pages[name].replace(b"</svg>", b'<rect width="9" height="9"/></svg>')
        members |= {site + name: content for name, content in pages.items()}
        members[site + CHECKSUMS] = checksums(pages)

    outcome = verify_archive(again(made, tmp_path, change, fit=True))
    assert "publication/charts/ranking.svg" in {sheet for _, sheet in errors(outcome)}


def test_an_entry_of_the_ledger_that_was_altered_is_named_by_its_number(made: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        lines = members[LEDGER].split(b"\n")
        lines[8] = lines[8].replace(b"1.25", b"1.75")
        members[LEDGER] = b"\n".join(lines)

    outcome = verify_archive(again(made, tmp_path, change, fit=True))
    assert errors(outcome) == {("ledger_altered", LEDGER)}
    assert "the ledger was altered at entry 9" in told_in(outcome)


def test_entries_cut_off_at_the_end_are_found(made: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[LEDGER] = b"".join(members[LEDGER].splitlines(keepends=True)[:-1])

    outcome = verify_archive(again(made, tmp_path, change, fit=True))
    assert ("ledger_cut", LEDGER) in errors(outcome)
    assert "the ledger does not end where the list of the files says" in told_in(outcome)


def test_a_member_taken_out_or_put_in_is_named(made: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        del members["output/decision.docx"]
        members["output/extra.docx"] = b"x"

    outcome = verify_archive(again(made, tmp_path, change))
    assert {("file_missing", "output/decision.docx"), ("unknown_file", "output/extra.docx")} <= errors(outcome)
    told = told_in(outcome).splitlines()
    assert "output/decision.docx: the file is missing" in told
    assert "output/extra.docx: the list of the files does not name it" in told


def test_an_altered_manifest_is_named_and_nothing_else_is_accused(made: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = members[MANIFEST].replace(b'"sha256":"', b'"sha256":"0', 1)

    outcome = verify_archive(again(made, tmp_path, change))
    assert errors(outcome) == {("manifest_altered", MANIFEST)}
    assert told_in(outcome) == "manifest.json: the list of the files was altered"


def test_bytes_put_before_or_behind_the_archive_are_found(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "longer.zip"
    file.write_bytes(made.read_bytes() + b"\n")
    outcome = verify_archive(file)
    assert {code for code, _ in errors(outcome)} == {"shell_altered"}
    where = f"byte {made.stat().st_size + 1}, in the list of members"  # the first one behind
    assert told_in(outcome) == f"longer.zip: the zip around the files was altered: {where}"


def test_entries_that_no_program_ever_wrote_are_told_and_break_nothing(made: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from cchc_sheets.ledger import Ledger
    from cchc_sheets.stages.archive import entry_line

    ledger = Ledger("sqlite://")
    for kind, body in (("configuration", {"id": "x", "digest": "y", "files": {"../../evil": "1"}}), ("results", {})):
        ledger.append(kind, "-", body, at=datetime(2024, 1, 1, tzinfo=UTC), actor="x")
    lines = b"".join(entry_line(entry) + b"\n" for entry in ledger.entries())

    def change(members: dict[str, bytes]) -> None:
        members[LEDGER] = lines

    outcome = verify_archive(again(made, tmp_path, change, fit=True))
    assert ("not_repeatable", LEDGER) in errors(outcome)
    told = told_in(outcome)
    assert f"{LEDGER}: the year cannot be repeated from this ledger: KeyError" in told.splitlines()
    assert "survey/00038.csv: the ledger knows of no such table of points" in told.splitlines()
    assert not (tmp_path.parent / "evil").exists()
