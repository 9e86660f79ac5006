"""The results of an earlier year from its own ledger, as `publish` would write them; the ledger is only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import URL

from cchc_sheets.cycle.folder import CRITERIA, SETTINGS, UNITS, load_cycle
from cchc_sheets.errors import CchcError, ConfigurationError, LedgerError
from cchc_sheets.ledger import Entry, Ledger
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.open_data import results_json
from cchc_sheets.stages.published import published
from cchc_sheets.stages.replay import STRANGE
from cchc_sheets.stages.season import Season
from cchc_sheets.workspace.local import LocalWorkspace

SIGNATURE: Final = b"SQLite format 3\0"
"""How every SQLite file begins."""


def ledger_results(file: Path, cycle: str) -> bytes:
    """Return the open data of what was finalised last.

    Args:
        file: a SQLite ledger; it is neither changed nor is anything written beside it.
        cycle: the id of the cycle that asks; its own ledger is refused.

    Raises:
        LedgerError: if the ledger was altered, is newer than this program, or none.
        CchcError: if nothing was finalised in it, or its results do not follow from its entries any more.
    """
    entries = _entries(file)
    final = next((entry for entry in reversed(entries) if entry.kind == "results"), None)
    if final is None:
        raise CchcError(
            text("nothing was finalised in this ledger"),
            where=str(file),
            fix=text("run `finalise` in that folder, or name another file"),
            code="previous_unfinished",
        )
    told = entries[: final.number]
    configuration = next((entry for entry in reversed(told) if entry.kind == "configuration"), None)
    if configuration is None or not _is_whole(configuration.body):
        raise CchcError(
            text("the ledger does not say by which criteria its results were computed"),
            where=str(file),
            fix=text("name the open-data/results.json that `publish` has written in that year"),
            code="previous_unreadable",
        )
    if configuration.body["id"] == cycle:
        raise CchcError(
            text("this is the ledger of {cycle} itself", cycle=cycle),
            where=str(file),
            fix=text("name the ledger of last year's folder"),
            code="previous_same_cycle",
        )
    try:
        with _as_it_was(told, configuration) as season:
            return results_json(published(season, remarks=False))
    except (CchcError, *STRANGE) as error:
        raise CchcError(
            text("the results cannot be computed again from this ledger: {reason}", reason=_reason(error)),
            where=str(file),
            fix=text("name the open-data/results.json that `publish` has written in that year"),
            code="previous_unreadable",
        ) from error


def _is_whole(body: object) -> bool:
    """Tell whether a configuration names a cycle and holds its three files as text."""
    if not isinstance(body, dict) or not isinstance(body.get("files"), dict):
        return False
    files = [body["files"].get(name) for name in (SETTINGS, CRITERIA, UNITS)]
    return all(isinstance(words, str) for words in (body.get("id"), *files))


def _reason(error: Exception) -> Text | str:
    if isinstance(error, ConfigurationError) and error.problems:
        return error.problems[0].what
    return error.what if isinstance(error, CchcError) else type(error).__name__


def _entries(file: Path) -> list[Entry]:
    """Read every entry through a connection that cannot write, after the chain was checked."""
    url = URL.create("sqlite", database=file.resolve().as_uri(), query={"mode": "ro", "uri": "true"})
    try:
        ledger = Ledger(url)
        try:
            ledger.check_chain()
            return ledger.entries()
        finally:
            ledger.close()
    except LedgerError as error:
        is_foreign = error.code == LedgerError.code
        raise LedgerError(
            text("the file cannot be read as a ledger of this program") if is_foreign else error.what,
            where=str(file),
            fix=text("name last year's ledger.db, and check that it is whole") if is_foreign else error.fix,
            code=error.code,
        ) from error


@contextmanager
def _as_it_was(entries: list[Entry], configuration: Entry) -> Iterator[Season]:
    """Lend the season as it was when the last of the entries was written; it lives in memory and leaves no trace."""
    with TemporaryDirectory() as folder:
        for name in (SETTINGS, CRITERIA, UNITS):  # no other file that somebody may have put into the ledger
            (Path(folder) / name).write_text(configuration.body["files"][name], encoding="utf-8")
        season = Season(load_cycle(Path(folder)), LocalWorkspace(Path(folder)), entries[-1].at, entries[-1].actor)
        ledger = Ledger("sqlite://", is_noted=False)
        season.__dict__["ledger"] = ledger  # in the place of the one that a folder would hold
        try:
            for entry in entries:
                ledger.append(entry.kind, entry.subject, entry.body, at=entry.at, actor=entry.actor)
            yield season
        finally:
            ledger.close()
