"""The season on the real Google. `tests/test_live_ring.py` tests the same on our own server."""

from __future__ import annotations

from pathlib import Path

import pytest

from live.ring import Ring, Target, cleared


def test_the_season_on_the_real_google_equals_the_one_on_local_workbooks(
    target: Target, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with cleared(Ring(tmp_path / "google", capfd, target)) as ring:
        on_google = ring.play()
    assert on_google == Ring(tmp_path / "local", capfd).play()
