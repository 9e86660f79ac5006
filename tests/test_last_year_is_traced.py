"""Last year's results beside this year's: traced, verified and archived like everything else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from told_season import END, run, season_of
from two_years import play_both

from cchc_sheets.stages.archive import archive
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.trace import trace
from cchc_sheets.stages.verify import verify
from cchc_sheets.stages.verify_archive import verify_archive


def test_the_year_before_is_traced_and_travels_with_the_archive(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    years = play_both(tmp_path / "years", capfd)
    folder = years.hold_against().folder
    with season_of(folder) as season:
        # The settings have changed since the decision, and nothing was recorded under them yet.
        assert [one.code for one in verify(season).problems] == ["configuration_changed"]
    run(folder, END, publish)
    run(folder, END, lambda season: papers(season, ["report", "notice"]))
    with season_of(folder) as season:
        assert verify(season).problems == ()
        whole, unit = trace(season).data["previous"], trace(season, "tay-an").data["previous"]
        archive(season, tmp_path / "year.zip")
    # See `two_years`: 69,5 then 79,5; the means 217 / 3 and 76,5; field 1: 14,8 and 15,3 of 18.
    printed = {"before": "69.50", "now": "79.50", "change": "10.00"}
    assert unit["index"] == {"before_exact": "139/2", "now_exact": "159/2", **printed}
    assert unit["origin"]["file"] == "../2022/ledger.db"
    printed = {"before": "72.33", "now": "76.50", "change": "4.17"}
    assert (whole["mean"], whole["risen"]) == ({"before_exact": "217/3", "now_exact": "153/2", **printed}, 2)
    printed = {"before": "82.22", "now": "85.00", "change": "2.78"}
    assert whole["shares"]["1"] == {"before_exact": "740/9", "now_exact": "85", **printed}

    shutil.rmtree(tmp_path / "years")
    outcome = verify_archive(tmp_path / "year.zip")
    assert outcome.problems == ()
    assert {"file": "previous-results.json", "state": "as_made"} in outcome.data["files"]


def test_last_year_that_cannot_be_read_keeps_nothing_else_from_being_traced(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    years = play_both(tmp_path / "years", capfd)
    folder = years.hold_against("../nowhere.db").folder
    with season_of(folder) as season:
        outcome = trace(season, "tay-an")
    found = [(one.code, one.severity) for one in outcome.problems]
    assert found == [("previous_missing", "warning"), ("configuration_changed", "warning")]  # `previous:` is new
    assert outcome.data["previous"] is None
    assert outcome.data["result"]["index"] == "79.50"
