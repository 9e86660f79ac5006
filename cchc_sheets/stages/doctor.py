"""`doctor`: check, in the order in which they rest on each other, that everything a cycle needs is there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from pathlib import Path

from cchc_sheets.cycle.folder import Cycle, load_cycle
from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import CchcError, LedgerError
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Announce, Outcome, unheard
from cchc_sheets.stages.season import open_ledger


@dataclass(frozen=True, slots=True)
class Found:
    """A check that was passed, and what was found; `is_warning` if somebody should see to it all the same."""

    code: str
    said: Text
    is_warning: bool = False


def doctor(folder: Path, *, sign_out: bool = False, tell: Announce = unheard, announce: Announce = unheard) -> Outcome:
    """Check a cycle and its way to the workbooks.

    Args:
        folder: the cycle's.
        sign_out: forget first that a person has signed in to Google on this computer.
        tell: told of each check as soon as it is passed: this is the result.
        announce: told what people who wait should know.

    Raises:
        CchcError: the first prerequisite that is broken: what, where, how to mend it.
    """
    passed: list[Found] = []
    cycle = load_cycle(folder)
    for found in _checks(cycle, sign_out=sign_out, announce=announce):
        tell(text("  ! {said}", said=found.said) if found.is_warning else text("  ✓ {said}", said=found.said))
        passed.append(found)
    summary = [text("everything is in order: {count} checks passed", count=len(passed))]
    if any(found.is_warning for found in passed):
        summary.append(text("but see to what is marked with “!”"))
    checks = [
        {"code": found.code, "passed": True, "warning": found.is_warning, "said": str(found.said)} for found in passed
    ]
    return Outcome("doctor", tuple(summary), data={"workspace": cycle.settings.workspace, "checks": checks})


def _checks(cycle: Cycle, *, sign_out: bool, announce: Announce) -> Iterator[Found]:
    yield Found("cycle", text("the cycle's files have no mistake: {units} units", units=len(cycle.units)))
    yield Found("folder", _folder(cycle.folder))
    yield Found("ledger", _ledger(cycle))
    yield Found("templates", _templates(cycle))
    if cycle.settings.workspace == "google":
        yield from _google(cycle, sign_out=sign_out, announce=announce)
    elif sign_out:
        yield _nobody_signed_in()


def _folder(folder: Path) -> Text:
    try:
        # Rights on paper say little, on Windows nothing at all, and a full disk shows only here.
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"cchc-sheets doctor")
    except OSError as error:
        raise CchcError(
            text("the cycle's folder cannot be written: {reason}", reason=error.strerror or str(error)),
            where=str(folder),
            fix=text("ask for the right to write into it, or copy the cycle into a folder of your own"),
            code="folder",
        ) from error
    return text("the cycle's folder can be written: {folder}", folder=folder)


def _ledger(cycle: Cycle) -> Text:
    try:
        with closing(open_ledger(cycle)) as ledger:
            ledger.check_rights()
            ledger.check_chain()
            if cycle.settings.ledger:
                return text(
                    "the ledger on {address} is whole and can be written: {count} entries",
                    address=ledger.place,
                    count=ledger.head()[0],
                )
            return text("the ledger is whole: {count} entries", count=ledger.head()[0])
    except LedgerError as error:
        error.where = error.where or str(cycle.ledger_file)
        raise


def _templates(cycle: Cycle) -> Text:
    """Say which templates the office has changed; `init` puts copies of all of them into the cycle's folder."""
    from cchc_sheets.stages.finalise import DECISION

    ours = {file.name: file.read_bytes() for file in sorted(papers_folder().glob("*.docx"))}
    if DECISION not in ours:
        raise CchcError(
            text("the template sets that belong to the program are missing"),
            where=str(papers_folder() / DECISION),
            fix=text("install the program again"),
            code="installation",
        )
    own = [name for name, content in ours.items() if _is_other(cycle.office_templates / name, content)]
    if own:
        return text("the papers follow the office's own templates: {files}", files=own)
    return text("the papers follow the default templates: {files}", files=list(ours))


def _is_other(file: Path, content: bytes) -> bool:
    return file.exists() and file.read_bytes() != content


def _google(cycle: Cycle, *, sign_out: bool, announce: Announce) -> Iterator[Found]:
    from cchc_sheets.stages.connection import credentials_file, emulator, pace_of, sign_in
    from cchc_sheets.workspace.google_access import forget_token
    from cchc_sheets.workspace.google_checkup import CheckupSettings, checkups
    from cchc_sheets.workspace.google_transport import GoogleTransport

    file = credentials_file(cycle)
    if sign_out:
        if file is not None and forget_token(file, emulator=emulator()):
            yield Found("signed_out", text("the sign-in on this computer was forgotten"))
        else:
            yield _nobody_signed_in()
    # What Google cannot do just now is told, not waited for.
    pace = replace(pace_of(cycle), patience=timedelta(0))
    settings = CheckupSettings(file, cycle.settings.google.shared_drive)
    found = checkups(
        lambda: sign_in(cycle, announce),
        lambda session: GoogleTransport(session, announce=announce, pace=pace),
        settings,
    )
    for check in found:
        if check.error is not None:
            raise check.error
        yield Found(check.code, check.said, is_warning=check.is_warning)
    yield Found("estimate", _estimate(cycle))


def _nobody_signed_in() -> Found:
    return Found("signed_out", text("nobody was signed in on this computer, so there was nothing to forget"))


def _estimate(cycle: Cycle) -> Text:
    """Say what this cycle asks of Google: two requests and one per address for each unit; at the deadline two.

    They go one after the other, about one a second, and not faster than the quota of reads and writes.
    """
    units = len(cycle.units)
    by_quota = units / cycle.settings.google.requests_per_minute
    provision, collect = sum(2 + len(unit.emails) for unit in cycle.units), 2 * units
    return text(
        "for {units} units: handing out takes {provision} requests and about {minutes} minutes, "
        "collecting {collect} requests and about {collecting} minutes",
        units=units,
        provision=provision,
        minutes=ceil(max(by_quota, provision / 60)),
        collect=collect,
        collecting=ceil(max(by_quota, collect / 60)),
    )
