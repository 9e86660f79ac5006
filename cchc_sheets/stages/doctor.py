"""`doctor`: check, in the order in which they rest on each other, that everything a cycle needs is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import CchcError
from cchc_sheets.ledger import Ledger
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Announce, Outcome, Table, unheard

Found = tuple[str, Text]
"""A check that was passed: its code, and what was found."""


def doctor(folder: Path, *, sign_out: bool = False, announce: Announce = unheard) -> Outcome:
    """Check a cycle and its way to the workbooks; each check that is passed is announced at once.

    Args:
        folder: the cycle's.
        sign_out: forget first that a person has signed in to Google on this computer.
        announce: told of each passed check.

    Raises:
        CchcError: the first prerequisite that is broken: what, where, how to mend it.
    """
    passed: list[Found] = []
    cycle = load_cycle(folder)
    for code, said in _checks(cycle, sign_out=sign_out, announce=announce):
        announce(text("  ✓ {said}", said=said))
        passed.append((code, said))
    return Outcome(
        "doctor",
        (text("everything is in order: {count} checks passed", count=len(passed)),),
        data={
            "workspace": cycle.settings.workspace,
            "checks": [{"code": code, "passed": True, "said": str(said)} for code, said in passed],
        },
        table=Table(
            text("checks"),
            (text("check"), text("found")),
            tuple((code, str(said)) for code, said in passed),
        ),
    )


def _checks(cycle: Cycle, *, sign_out: bool, announce: Announce) -> Iterator[Found]:
    yield "cycle", text("the cycle's files have no mistake: {units} units", units=len(cycle.units))
    yield "folder", _folder(cycle.folder)
    yield "ledger", _ledger(cycle)
    yield "templates", _templates(cycle)
    if cycle.settings.workspace == "google":
        yield from _google(cycle, sign_out=sign_out, announce=announce)


def _folder(folder: Path) -> Text:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CchcError(
            text("the cycle's folder cannot be written"),
            where=str(folder),
            fix=text("ask for the right to write into it, or copy the cycle into a folder of your own"),
            code="folder",
        )
    return text("the cycle's folder can be written: {folder}", folder=folder)


def _ledger(cycle: Cycle) -> Text:
    ledger = Ledger.at(cycle.ledger_file)
    try:
        ledger.check_chain()
        return text("the ledger is whole: {count} entries", count=ledger.head()[0])
    finally:
        ledger.close()


def _templates(cycle: Cycle) -> Text:
    own = sorted(cycle.office_templates.glob("*.docx"))
    if own:
        return text("the papers follow the office's own templates: {files}", files=[file.name for file in own])
    return text(
        "the papers follow the default templates: {files}",
        files=[file.name for file in sorted(papers_folder().glob("*.docx"))],
    )


def _google(cycle: Cycle, *, sign_out: bool, announce: Announce) -> Iterator[Found]:
    from cchc_sheets.stages.connection import credentials_file, emulator, pace_of, sign_in
    from cchc_sheets.workspace.google_access import forget_token
    from cchc_sheets.workspace.google_checkup import CheckupSettings, checkups
    from cchc_sheets.workspace.google_transport import GoogleTransport

    file = credentials_file(cycle)
    if sign_out and file is not None and forget_token(file, emulator=emulator()):
        yield "signed_out", text("the sign-in on this computer was forgotten")
    settings = CheckupSettings(file, cycle.settings.google.shared_drive)
    found = checkups(
        lambda: sign_in(cycle, announce),
        lambda session: GoogleTransport(session, announce=announce, pace=pace_of(cycle)),
        settings,
    )
    for check in found:
        if check.error is not None:
            raise check.error
        yield check.code, check.said
    yield "estimate", _estimate(cycle)


def _estimate(cycle: Cycle) -> Text:
    """Say what this cycle asks of Google: two requests and one per address for each unit; at the deadline two."""
    units = len(cycle.units)
    limit = cycle.settings.google.requests_per_minute
    return text(
        "for {units} units: handing out takes {provision} requests and about {minutes} minutes, "
        "collecting {collect} requests and about {collecting} minutes",
        units=units,
        provision=sum(2 + len(unit.emails) for unit in cycle.units),
        minutes=ceil(units / limit),
        collect=2 * units,
        collecting=ceil(units / limit),
    )
