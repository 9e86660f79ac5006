"""Last year's results beside this year's, where `previous:` of cycle.yaml names them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cchc_sheets.assessment.past import PastYear
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.trend import Matching, ThisYear, Trend, compare, predecessors_of
from cchc_sheets.cycle.folder import SETTINGS, Cycle
from cchc_sheets.cycle.previous_block import BLOCK, PreviousEntry
from cchc_sheets.cycle.yaml_document import Document, read_yaml
from cchc_sheets.errors import CchcError, ConfigurationError
from cchc_sheets.messages import text
from cchc_sheets.stages.past_ledger import SIGNATURE, ledger_results
from cchc_sheets.stages.past_results import LARGEST, past_results


@dataclass(frozen=True)
class Previous:
    """An earlier year as it was read, and what the settings say of it.

    Attributes:
        origin: for the ledger: the file, its year, cycle, the digest of the ledger entry its numbers rest on, and
            the digest of everything that was read.
    """

    past: PastYear
    matching: Matching
    origin: dict[str, Any]


def read_previous(cycle: Cycle) -> Previous | None:
    """Read the results that `previous:` names, and hold the codes of its mappings against them; None without it.

    Raises:
        CchcError: if the file is missing, unreadable, altered, of this very cycle, or of no earlier year.
        ConfigurationError: with the place of every code that the file does not know.
    """
    entry = cycle.settings.previous
    if entry is None:
        return None
    file = cycle.folder / entry.file
    past = past_results(past_content(file, cycle.id), str(file), entry.year)
    _refuse_other_year(past, cycle, file)
    matching = Matching(entry.units, entry.criteria, cycle.settings.year)
    _refuse_unknown(cycle, entry, past, matching)
    origin = {
        "file": entry.file,
        "year": past.year,
        "cycle": past.cycle,
        "ledger_digest": past.ledger_digest,
        "digest": digest_of_past(past),
    }
    return Previous(past, matching, origin)


def trend_of(cycle: Cycle, previous: Previous | None, standings: Sequence[Standing]) -> Trend | None:
    """Return this year's results held against last year's; None where there is nothing to hold them against."""
    if previous is None or not standings:
        return None
    now = ThisYear(cycle.settings.authority.name, cycle.criteria, cycle.policies, tuple(standings))
    return compare(previous.past, previous.matching, now)


def digest_of_past(past: PastYear) -> str:
    """Return the digest of everything that was read, the same from a ledger and from its open data."""
    told = json.dumps(asdict(past), default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def past_content(file: Path, cycle: str) -> bytes:
    """Return the open data in a file, or those that follow from the ledger in it."""
    try:
        with file.open("rb") as stream:
            head = stream.read(len(SIGNATURE))
            content = b"" if head == SIGNATURE else head + stream.read(LARGEST)
    except OSError as error:
        raise CchcError(
            text("last year's results cannot be read: {reason}", reason=error.strerror or str(error)),
            where=str(file),
            fix=text(
                "write after `file:` in the block `previous:` of cycle.yaml where last year's ledger.db or "
                "open-data/results.json lies"
            ),
            code="previous_missing",
        ) from error
    return content or ledger_results(file, cycle)


def _refuse_other_year(past: PastYear, cycle: Cycle, file: Path) -> None:
    if past.cycle == cycle.id:
        raise CchcError(
            text("these are the results of {cycle} itself", cycle=cycle.id),
            where=str(file),
            fix=text("name the file of last year"),
            code="previous_same_cycle",
        )
    if past.year >= cycle.settings.year:
        raise CchcError(
            text("the results are of {year}, which is not before {now}", year=str(past.year), now=cycle.settings.year),
            where=str(file),
            fix=text("name the file of last year"),
            code="previous_year",
        )


def _refuse_unknown(cycle: Cycle, entry: PreviousEntry, past: PastYear, matching: Matching) -> None:
    document = read_yaml(cycle.folder / SETTINGS)
    _report_unknown(document, entry, past)
    nothing = not any(predecessors_of(unit, past, matching) for unit in cycle.units)
    if nothing and not document.problems:
        document.report(
            (BLOCK,),
            "previous_nothing",
            text("no unit of this year is found in last year's results"),
            text("write in `units:` which unit of last year each one continues"),
        )
    if document.problems:
        raise ConfigurationError(
            text("the block `previous:` has {count} mistakes", count=len(document.problems)),
            where=str(cycle.folder / entry.file),
            fix=text("mend them, then run `check`"),
            problems=document.problems,
        )


def _report_unknown(document: Document, entry: PreviousEntry, past: PastYear) -> None:
    for unit, codes in entry.units.items():
        for place, code in enumerate(codes):
            if code not in past.unit_by_code:
                document.report(
                    (BLOCK, "units", unit, place),
                    "unit_unknown",
                    text("last year there was no unit «{name}»", name=code),
                    text("choose one of: {units}", units=[f"{one.code} ({one.name})" for one in past.units]),
                )
    for code, before in entry.criteria.items():
        if before is not None and before not in past.criterion_by_code:
            document.report(
                (BLOCK, "criteria", code),
                "criterion_unknown",
                text("last year's set has no criterion «{code}»", code=before),
                text("write last year's code after the colon, or null where the two do not compare"),
            )
