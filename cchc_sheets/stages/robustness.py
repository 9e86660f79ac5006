"""`robustness`: how firmly the results stand, as one page for the chairman and as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from cchc_sheets import __version__
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.robustness import Robustness, robustness_of
from cchc_sheets.assessment.what_if import Draws
from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import NotNow, Problem
from cchc_sheets.files import write_whole
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome, plain_decimal
from cchc_sheets.publication.before_you_sign import SignOff, make_sign_off
from cchc_sheets.stages.record import Known, known_so_far, not_in_time
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.results import result_gaps
from cchc_sheets.stages.season import Season

PAGE: Final = "before-you-sign.docx"
DATA: Final = "robustness.json"


@dataclass(frozen=True)
class Examined:
    """What was examined, and how it came out; `missing` keeps it from being final."""

    known: Known
    standings: tuple[Standing, ...]
    robustness: Robustness
    missing: tuple[Problem, ...]


def robustness(season: Season) -> Outcome:
    """Examine the results as they follow from the ledger now, and write the page and `robustness.json`.

    Before the appraisal is finished both say what is missing: the results are provisional then.

    Raises:
        NotNow: before anything was collected.
        PublicationError: if the page could not be made or does not say what the results say.
    """
    if not season.latest("submission"):
        raise NotNow(text("nothing has been collected yet"), fix=text("run `collect` once the deadline has passed"))
    season.progress(text("trying the weights"), 0, 1)
    examined = examine(season)
    papers = robustness_papers(season, examined, __version__)
    if not season.dry_run:
        for file, content in papers.items():
            write_whole(file, content)
    season.progress(text("trying the weights"), 1, 1)
    found = examined.robustness
    return Outcome(
        "robustness",
        (
            text(
                "{close} units are near the limit of a class, {ties} groups of units share an index",
                close=len({boundary.unit for boundary in found.boundaries}),
                ties=len(found.ties),
            ),
            *([] if season.dry_run else [text("the page for the chairman is {file}", file=next(iter(papers)))]),
            *([text("the figures are provisional: something is still missing")] if examined.missing else []),
        ),
        problems=examined.missing,
        data=robustness_data(season, examined)
        | {"files": [str(file) for file in papers] if not season.dry_run else []},
    )


def examine(season: Season) -> Examined:
    """Compute results and robustness from the ledger; the seed is the year that is assessed, so nobody chooses it."""
    known = known_so_far(season)
    standings = compute(season, known.record)
    cycle = season.cycle
    wrong = (problem for problem in known.problems if problem.severity == "error")
    return Examined(
        known,
        standings,
        robustness_of(standings, cycle.criteria, cycle.policies, known.record, Draws(cycle.settings.year)),
        (*result_gaps(season, known, standings), *wrong),
    )


def robustness_papers(season: Season, examined: Examined, version: str) -> Mapping[Path, bytes]:
    """Return the page and the data by the files they belong in; nothing is written.

    Args:
        season: with the ledger the page rests on.
        examined: what it says.
        version: the version of the program that the page names as its maker.
    """
    output = season.cycle.output_folder
    own = season.cycle.office_templates / PAGE
    page = make_sign_off(sign_off_of(season, examined, version), own if own.exists() else papers_folder() / PAGE)
    data = json.dumps(robustness_data(season, examined), ensure_ascii=False, indent=2) + "\n"
    return {output / PAGE: page, output / DATA: data.encode()}


def sign_off_of(season: Season, examined: Examined, version: str) -> SignOff:
    """Put together what the page says."""
    settings = season.cycle.settings
    override = season.ledger.last("override", "-")
    return SignOff(
        office=settings.office.name,
        title=settings.title,
        year=settings.year,
        standings=examined.standings,
        policies=season.cycle.policies,
        criteria=season.cycle.criteria,
        robustness=examined.robustness,
        departments={department.id: department.short_name or department.name for department in settings.departments},
        ledger_digest=_digest(season),
        program_version=version,
        missing=tuple(problem.what.said_in("vi") for problem in examined.missing),
        remarks=(
            *([f"kết thúc khi chưa thẩm định hết, lý do: {override.body['reason']}"] if override else []),
            *not_in_time(season, examined.known),
        ),
    )


def _digest(season: Season) -> str:
    return season.basis()[1]


def robustness_data(season: Season, examined: Examined) -> dict[str, Any]:
    """Return everything as plain JSON values; exact numbers are strings, of decimals or of fractions."""
    found = examined.robustness
    return {
        "schema": 1,
        "cycle": season.cycle.id,
        "year": season.cycle.settings.year,
        "provisional": bool(examined.missing),
        "missing": [problem.what.said_in("vi") for problem in examined.missing],
        "ledger_digest": _digest(season),
        "seed": found.draws.seed,
        "draws": found.draws.count,
        "variation": str(found.draws.variation),
        "ties": _plain(found.ties),
        "boundaries": _plain(found.boundaries),
        "units": [
            _plain(steady) | {key: value for key, value in _plain(depends).items() if key != "unit"}
            for steady, depends in zip(found.steadiness, found.dependence, strict=True)
        ],
        "neighbours": _plain(found.neighbours),
        "undiscriminating": _plain(found.undiscriminating),
        "departments": [
            _plain(strict)
            | {
                "lowered_share": str(strict.lowered_share),
                "raised_share": str(strict.raised_share),
                "change_share": str(strict.change_share),
            }
            for strict in found.strictness
        ],
    }


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return plain_decimal(value)
        case Fraction():
            return str(value)
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case str() | int() | None:
            return value
        case Sequence():
            return [_plain(item) for item in value]
        case _:
            return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
