"""`publish`: write what was finalised as a folder of pages and open data that anybody may see."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.standing import Record
from cchc_sheets.assessment.submission import Submission
from cchc_sheets.cycle.folder import CRITERIA
from cchc_sheets.errors import CchcError, NotNow, Problem
from cchc_sheets.files import write_through
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.publication.decision import Basis
from cchc_sheets.publication.page import CHECKSUMS, make_site, read_checksums
from cchc_sheets.publication.page_content import (
    Adjusted,
    Picture,
    Place,
    Publication,
    Score,
    is_shortened,
    public_words,
)
from cchc_sheets.stages.finalise import decision_of
from cchc_sheets.stages.record import Known, known_so_far
from cchc_sheets.stages.record import results as compute
from cchc_sheets.stages.results import as_data
from cchc_sheets.stages.season import BESIDE_THE_NUMBERS, Season

FOLDER: Final = "publication"
"""Where the site is written, in the cycle's output folder."""

_MOST_NAMED: Final = 5


def publish(season: Season, *, out: Path | None = None, remarks: bool = True) -> Outcome:
    """Write the pages and the open data of what was finalised.

    Args:
        out: the folder to write; `output/publication` by default. It is replaced as a whole or not at all.
        remarks: show what the departments remarked and why rulings were made; contact details are left out of it.

    Raises:
        NotNow: before `finalise`, or when something has changed since.
        LedgerError: if an entry of the ledger was altered.
        CchcError: if the folder holds something else or cannot be written; the old site is still there then.
    """
    final = _finalised(season)
    known = known_so_far(season)
    standings = compute(season, known.record)
    _refuse_changes(season, final, standings)
    publication = _publication(season, known, standings, final, remarks=remarks)
    publication = replace(publication, pictures=tuple(_pictures(season, standings)))
    folder = out or season.cycle.output_folder / FOLDER
    return _outcome(season, publication, folder, _write(season, publication, folder))


def _pictures(season: Season, standings: Sequence[Standing]) -> Iterator[Picture]:
    """Yield the charts of the ranking's page."""
    from cchc_sheets.publication.charts import class_chart, ranking_chart

    for chart in (ranking_chart(standings, season.cycle.policies), class_chart(standings, season.cycle.policies)):
        yield Picture(f"{chart.name}.svg", chart.title, chart.description, chart.svg())


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
    return _Final(
        units=tuple(results.body["units"]),
        basis=next(entry for entry in before if entry.digest == results.body["basis"]),
        configuration=next(entry for entry in reversed(before) if entry.kind == "configuration"),
    )


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


def _publication(
    season: Season, known: Known, standings: tuple[Standing, ...], final: _Final, *, remarks: bool
) -> Publication:
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
    )


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


@dataclass(frozen=True)
class _Written:
    """What became of the folder: `kept` is where a site that somebody had changed by hand lies now."""

    files: tuple[str, ...]
    is_new: bool = True
    kept: Path | None = None


def _write(season: Season, publication: Publication, folder: Path) -> _Written:
    """Put the whole site in the place of the old one; leave everything as it is if nothing has changed."""
    if folder.exists() and not (folder / CHECKSUMS).is_file() and any(folder.iterdir()):
        raise CchcError(
            text("the folder holds something else"),
            where=str(folder),
            fix=text("name a new folder, or one that `publish` has made"),
            code="exists",
        )
    found = _found(folder)
    site = make_site(publication, season.progress)
    files = tuple(sorted(site))
    if season.dry_run or found == {name: _digest(content) for name, content in site.items()}:
        return _Written(files, is_new=False)
    is_edited = bool(found) and not _is_whole(folder, found)
    try:
        return _Written(files, kept=_replace(folder, site, is_edited=is_edited))
    except OSError as error:
        raise CchcError(
            text("the pages cannot be written: {reason}", reason=error.strerror or str(error)),
            where=str(folder),
            fix=text(
                "close what is opened from this folder, check that the disk has room and that you may write there; "
                "what was published before is unchanged"
            ),
            code="unwritable",
        ) from error


def _found(folder: Path) -> dict[str, str]:
    """Return the digest of every file in a folder, by its path in it."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): _digest(file.read_bytes()) for file in files}


def _is_whole(folder: Path, found: Mapping[str, str]) -> bool:
    """Tell whether a site is as it was written: no file of it changed, none added, none gone."""
    written = read_checksums((folder / CHECKSUMS).read_bytes())
    return {name: digest for name, digest in found.items() if name != CHECKSUMS} == written


def _replace(folder: Path, site: Mapping[str, bytes], *, is_edited: bool) -> Path | None:
    """Write the site beside its folder and swap the two; return where a site lies now that somebody had edited."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = secrets.token_hex(4)
    made = folder.with_name(f".{folder.name}.{mark}.part")
    old = _free_name(folder) if is_edited else folder.with_name(f".{folder.name}.{mark}.old")
    try:
        for name, content in site.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            write_through(made / name, content)
        if folder.exists():
            folder.rename(old)
        try:
            made.rename(folder)
        except OSError:
            with suppress(OSError):
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    for left_over in folder.parent.glob(f".{folder.name}.????????.*"):  # also of a run that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    return old if is_edited else None


def _free_name(folder: Path) -> Path:
    number = 1
    while (name := folder.with_name(f"{folder.name}-edited-{number}")).exists():
        number += 1
    return name


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _outcome(season: Season, publication: Publication, folder: Path, written: _Written) -> Outcome:
    count = len(publication.decision.standings)
    if season.dry_run:
        main = text("the results of {units} units would be written to {folder}", units=count, folder=folder)
    elif written.is_new:
        main = text("the results of {units} units are in {folder}; open index.html", units=count, folder=folder)
    else:
        main = text("nothing has changed in {folder}", folder=folder)
    summary = [main]
    if written.kept:
        summary.append(text("the pages had been edited by hand; they are kept in {folder}", folder=written.kept))
    return Outcome(
        "publish",
        tuple(summary),
        units=tuple(
            UnitOutcome(
                standing.unit.code,
                "published",
                text("page {file}", file=f"units/{standing.unit.code}.html"),
            )
            for standing in publication.decision.standings
        ),
        problems=tuple(_shortened(publication)),
        data={
            "folder": str(folder),
            "files": list(written.files),
            "written": written.is_new,
            "kept": str(written.kept) if written.kept else None,
        },
    )


def _shortened(publication: Publication) -> Iterator[Problem]:
    """Tell the office where a remark held what may not be public."""
    words = {place: f"{score.remark} {score.ruling}" for place, score in publication.scores.items()}
    words |= {place: entry.remark for place, entry in publication.adjusted.items()}
    for (unit, code), told in words.items():
        if is_shortened(told):
            yield Problem(
                "contact_left_out",
                text("the remark on {code} holds an address, a phone number or a link; it is left out", code=code),
                text("look at the page of the unit, and write the remark anew if it is not clear any more"),
                "warning",
                unit=unit,
                row=code,
            )
