"""From the settings of a cycle to its workspace on Google: which credentials, which pace, which folder."""

from __future__ import annotations

import os
from pathlib import Path

from cchc_sheets.cycle.folder import Cycle
from cchc_sheets.outcome import Announce, unheard
from cchc_sheets.run_log import note
from cchc_sheets.workspace.google import GoogleWorkspace
from cchc_sheets.workspace.google_access import Access, Ask, ask_by_browser, open_access
from cchc_sheets.workspace.google_emulator import Emulator, emulator_from
from cchc_sheets.workspace.google_pace import Pace
from cchc_sheets.workspace.google_spreadsheets import GooglePlace
from cchc_sheets.workspace.google_transport import GoogleTransport


def google_workspace(cycle: Cycle, announce: Announce) -> GoogleWorkspace:
    """Return the cycle's workspace on Google; it signs in at its first request.

    Raises CchcError at once for an emulator that is not on this machine.
    """
    emulator()
    settings = cycle.settings
    place = GooglePlace(
        cycle=cycle.id,
        title=settings.title,
        time_zone=settings.time_zone,
        shared_drive=settings.google.shared_drive,
        folder=cycle.workspace_folder,
    )

    def connect() -> GoogleTransport:
        return GoogleTransport(sign_in(cycle, announce).session, announce=announce, pace=pace_of(cycle))

    return GoogleWorkspace(place, connect)


def sign_in(cycle: Cycle, announce: Announce) -> Access:
    """Sign in with the cycle's credentials; a person is asked in the browser if need be, and if one can be asked."""
    access = open_access(
        credentials_file(cycle),
        subject=cycle.settings.credentials.subject or "",
        broad=bool(cycle.settings.google.shared_drive),
        emulator=emulator(),
        ask=_question(announce),
    )
    note("account", address=access.account, kind=access.kind, scopes=access.scopes)
    return access


def _question(announce: Announce) -> Ask | None:
    """Return how to ask a person to sign in; None where nobody would see the question: five minutes are long."""
    import webbrowser

    if announce is unheard:
        try:
            webbrowser.get()
        except webbrowser.Error:
            return None
    return ask_by_browser(announce)


def credentials_file(cycle: Cycle) -> Path | None:
    """Return the credentials file; None if there is none and the emulator needs none."""
    file = cycle.folder / Path(cycle.settings.credentials.file).expanduser()
    return None if emulator() and not file.exists() else file


def emulator() -> Emulator | None:
    """Return the emulator that the environment asks for."""
    return emulator_from(os.environ)


def pace_of(cycle: Cycle) -> Pace:
    """Return how fast the tool may ask, by the cycle's settings."""
    limit = cycle.settings.google.requests_per_minute
    return Pace(reads=limit, writes=limit)
