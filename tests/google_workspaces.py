"""A workspace on our own Google server, through the real client over HTTP."""

from __future__ import annotations

from pathlib import Path

from google_server import GoogleServer

from cchc_sheets.workspace.google import GoogleWorkspace
from cchc_sheets.workspace.google_access import open_access
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_pace import Pace
from cchc_sheets.workspace.google_spreadsheets import GooglePlace
from cchc_sheets.workspace.google_transport import GoogleTransport

OFFICE = "office@example.gov.vn"
UNHURRIED = Pace(reads=10_000, writes=10_000, drive=10_000)
"""No limit that a test could feel; quotas have tests of their own."""


def google_workspace(server: GoogleServer, folder: Path, *, cycle: str = "tay-son-2023") -> GoogleWorkspace:
    """Return a workspace of the office; every call gives one that has seen nothing yet."""
    place = GooglePlace(cycle, "Chỉ số CCHC 2023", "Asia/Ho_Chi_Minh", "", folder)

    def connect() -> GoogleTransport:
        access = open_access(None, emulator=Emulator(server.url, OFFICE))
        return GoogleTransport(access.session, pace=UNHURRIED)

    return GoogleWorkspace(place, connect)
