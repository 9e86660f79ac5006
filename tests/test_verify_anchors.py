"""A ledger whose newest entries are gone hangs together all the same; what was made from them tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from altered import errors, rewrite, told_in, verified
from told_season import END, run, season_of

from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Entry
from cchc_sheets.publication.paper_compare import printed_lines
from cchc_sheets.stages.archive import archive
from cchc_sheets.stages.extend import extend
from cchc_sheets.stages.verify import verify
from cchc_sheets.stages.verify_archive import verify_archive


@pytest.fixture
def folder(told_copy: Path) -> Path:
    return told_copy


def entries_of(folder: Path) -> list[Entry]:
    with season_of(folder) as season:
        return season.ledger.entries()


def printed_digest(folder: Path) -> str:
    """Return the digest of the ledger as the decision prints it, in groups."""
    words = [cell for line in printed_lines((folder / "output/decision.docx").read_bytes()) for cell in line.key]
    line = next(one for one in words if "Sổ theo dõi:" in one)
    return line.partition("mã kiểm tra ")[2].rstrip(".")


def test_entries_cut_off_at_the_end_are_found_by_what_was_made_from_them(folder: Path) -> None:
    # The chain alone cannot tell; but papers, results and pages are there, and the ledger knows of none of them.
    first = next(entry for entry in entries_of(folder) if entry.kind in {"results", "paper"})
    rewrite(folder, "DELETE FROM entries WHERE number >= ?", first.number)
    outcome = verified(folder)
    named = {(one.code, one.sheet) for one in outcome.problems if one.severity == "error"}
    assert outcome.data["intact"] is False
    assert {("results_unknown", "decision.docx"), ("results_unknown", "publication/")} <= named
    assert "decision.docx: the ledger knows of no results that it could show" in told_in(outcome).splitlines()
    assert {("unknown_file", f"papers/notice/{unit}.docx") for unit in ("tay-an", "binh-hoa", "phu-phong")} <= named
    rewrite(folder, "DELETE FROM entries")
    assert {code for code, _ in errors(verified(folder))} == {"results_unknown", "unknown_file"}


@pytest.mark.parametrize("kind", ["paper", "results", "ruling", "submission"])
def test_the_last_entries_of_any_kind_are_missed_by_what_was_made_from_them(folder: Path, kind: str) -> None:
    last = [entry.number for entry in entries_of(folder) if entry.kind == kind][-1]
    rewrite(folder, "DELETE FROM entries WHERE number >= ?", last)
    assert errors(verified(folder))


def test_an_archive_is_known_by_the_digest_that_was_noted_down(folder: Path) -> None:
    made = folder / "year.zip"
    noted = run(folder, END, lambda season: archive(season, made)).data["digest"]
    assert verify_archive(made, digest=noted).summary[-1].said_in("en") == "the digest is that of this file"
    with pytest.raises(CchcError) as missed:
        verify_archive(made, digest="f" * 64)
    assert missed.value.code == "digest_unknown"


def test_an_archive_beside_the_ledger_remembers_where_it_ended(folder: Path) -> None:
    run(folder, END, lambda season: extend(season, "tay-an", until="2024-02-01T17:00", reason="Công văn số 50"))
    run(folder, END, archive)
    assert errors(verified(folder)) == []
    rewrite(folder, "DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)")
    outcome = verified(folder)
    assert ("ledger_cut", "small-2023.zip") in errors(outcome)
    assert "it holds 54 entries, and the last of them is not in the ledger" in told_in(outcome)


def test_the_digest_on_the_signed_decision_is_found_in_the_ledger_or_missed(folder: Path) -> None:
    printed = printed_digest(folder)
    with season_of(folder) as season:
        rested = next(entry for entry in season.ledger.entries() if entry.digest == printed.replace(" ", ""))
        assert f"bản ghi số {rested.number} " in str(verify(season, digest=printed).summary[-1])
    rewrite(folder, "DELETE FROM entries WHERE number >= ?", rested.number)
    with season_of(folder) as season, pytest.raises(CchcError) as missed:
        verify(season, digest=printed)
    assert missed.value.code == "digest_unknown"
    assert "this one was cut" in missed.value.fix.said_in("en")


@pytest.mark.parametrize("digest", ["12ab", "Quyết định số 05/QĐ-UBND", "0" * 15])
def test_what_is_no_digest_is_refused(folder: Path, digest: str) -> None:
    with season_of(folder) as season, pytest.raises(CchcError) as refused:
        verify(season, digest=digest)
    assert refused.value.code == "no_digest"
    assert "at least its first 16" in refused.value.fix.said_in("en")
