"""Which Google the live ring is played on: that of the environment, or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from live.ring import Target


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    """Return the real Google, with the credentials that the environment names."""
    credentials = os.environ.get("CCHC_LIVE_CREDENTIALS", "")
    if not credentials:
        pytest.skip("runs on the real Google: set CCHC_LIVE_CREDENTIALS, see docs/google-setup.md, section 12")
    if os.environ.get("CI"):
        pytest.skip("never run by CI, whatever is set there")
    monkeypatch.delenv("CCHC_GOOGLE_EMULATOR", raising=False)
    return Target(
        Path(credentials).expanduser(),
        subject=os.environ.get("CCHC_LIVE_SUBJECT", ""),
        shared_drive=os.environ.get("CCHC_LIVE_SHARED_DRIVE", ""),
        address=os.environ.get("CCHC_LIVE_ADDRESS", ""),
    )
