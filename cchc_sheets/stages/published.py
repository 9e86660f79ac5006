"""What was finalised, as it may be published: taken from the ledger, and refused where it is not that any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.cycle.folder import CRITERIA
from cchc_sheets.errors import LedgerError, NotNow
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.decision import Basis
from cchc_sheets.publication.page_content import Adjusted, Place, Publication, Score, public_words
from cchc_sheets.stages.finalise import decision_of
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.results import as_data
from cchc_sheets.stages.season import BESIDE_THE_NUMBERS, Season
from cchc_sheets.stages.survey_taken import survey_taken

_MOST_NAMED: Final = 5


def published(season: Season, *, remarks: bool) -> Publication:
    """Return what was finalised, as far as it is public; the charts, and what was before, are added by the caller.

    Args:
        remarks: with what the departments remarked and why rulings were made; contact details are left out of it.

    Raises:
        NotNow: before `finalise`, or when something has changed since.
        LedgerError: if an entry of the ledger was altered.
    """
    final = _finalised(season)
    known = known_so_far(season)
    standings = compute(season, known.record)
    _refuse_changes(season, final, standings)
    settings = season.cycle.settings
    decision = decision_of(season, known, standings)
    basis = Basis(
        ledger_digest=final.basis.digest,
        entries=final.basis.number,
        configuration_digest=final.configuration.body["digest"],
        program_version=decision.basis.program_version,
    )

    def told(words: str) -> str:
        return public_words(words) if remarks else ""

    return Publication(
        decision=replace(decision, basis=basis),
        cycle=season.cycle.id,
        title=settings.title,
        authority=settings.authority.name,
        office=settings.office.name,
        departments={department.id: department.name for department in settings.departments},
        recorded=final.units,
        scores=dict(_scores(season, known.record, told)),
        adjusted={
            place: Adjusted(entry.points, told(entry.remark))
            for place, entry in known.record.adjustments.entries.items()
        },
        survey=survey_taken(season) if known.record.with_survey else None,
    )


@dataclass(frozen=True)
class _Final:
    """What `finalise` recorded: the units' results, the entry they rest on, and the configuration in force."""

    units: tuple[Mapping[str, Any], ...]
    basis: Entry
    configuration: Entry


def _finalised(season: Season) -> _Final:
    results = season.ledger.last("results", "-")
    if results is None:
        raise NotNow(text("there are no final results to publish yet"), fix=text("run `finalise` first"))
    season.ledger.check_chain()
    before = [entry for entry in season.ledger.entries() if entry.number < results.number]
    basis = next((entry for entry in before if entry.digest == results.body["basis"]), None)
    configuration = next((entry for entry in reversed(before) if entry.kind == "configuration"), None)
    if basis is None or configuration is None:
        raise LedgerError(
            text("the ledger does not hold what its results rest on"),
            fix=text("restore the ledger from a backup made before"),
        )
    return _Final(tuple(results.body["units"]), basis, configuration)


def _refuse_changes(season: Season, final: _Final, standings: tuple[Standing, ...]) -> None:
    """What is published must be what the decision says, criterion by criterion."""
    now, then = [as_data(standing) for standing in standings], list(final.units)
    if now != then:
        before = {unit["unit"]: unit for unit in then}
        changed = [unit["name"] for unit in now if before.get(unit["unit"]) != unit]
        raise _changed(text("the results are not those that were finalised"), ", ".join(changed[:_MOST_NAMED]))
    # The configuration is compared by itself.
    if season.ledger.head(without=(*BESIDE_THE_NUMBERS, "configuration"))[0] > final.basis.number:
        raise _changed(text("something was recorded after the results were finalised"), "")
    if final.configuration.body["files"][CRITERIA] != season.cycle.configuration[CRITERIA]:
        raise _changed(text("the criteria have changed since the results were finalised"), CRITERIA)


def _changed(what: Text, where: str) -> NotNow:
    fix = text("run `finalise` again, so that the decision and the pages say the same")
    return NotNow(what, where=where, fix=fix, code="results_changed")


def _scores(season: Season, record: Record, told: Callable[[str], str]) -> Iterator[tuple[Place, Score]]:
    """Take from the record what the public may know of each self-scored criterion of each unit."""
    for unit in season.cycle.units:
        submission = record.submissions.get(unit.code, Submission(unit.code))
        for leaf in season.cycle.criteria.self_scored:
            place = (unit.code, leaf.code)
            claim, finding, ruling = submission.score(leaf.code), record.findings.get(place), record.rulings.get(place)
            yield (
                place,
                Score(
                    self_points=claim.claimed(leaf),
                    not_occurred=claim.not_occurred,
                    is_appraised=finding is not None,
                    appraised_points=finding.points if finding else None,
                    ruled_points=ruling.points if ruling else None,
                    remark=told(finding.remark) if finding else "",
                    ruling=told(ruling.reason) if ruling else "",
                ),
            )
