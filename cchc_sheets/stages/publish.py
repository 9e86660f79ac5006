"""`publish`: write what was finalised as a folder of pages and open data that anybody may see."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cchc_sheets import __version__
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.files import write_through
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, UnitOutcome
from cchc_sheets.publication.page import CHECKSUMS, make_site, read_checksums
from cchc_sheets.publication.page_content import Picture, Place, Publication
from cchc_sheets.publication.private_details import count_left_out
from cchc_sheets.stages.previous import read_previous, trend_of
from cchc_sheets.stages.published import published
from cchc_sheets.stages.season import Season

FOLDER: Final = "publication"
"""Where the site is written, in the cycle's output folder."""


def publish(season: Season, *, out: Path | None = None, remarks: bool = True, program: str = "") -> Outcome:
    """Write the pages and the open data of what was finalised.

    Args:
        out: the folder to write; `output/publication` by default. It is replaced as a whole or not at all.
        remarks: show what the departments remarked and why rulings were made; contact details are left out of it.
        program: the version that the pages name: to a verification, the one that wrote them; this one by default.

    Raises:
        NotNow: before `finalise`, or when something has changed since.
        LedgerError: if an entry of the ledger was altered.
        CchcError: if the folder holds something else or cannot be written, or last year's results cannot be read;
            the old site is still there then.
    """
    publication = _written_by(published(season, remarks=remarks), program or __version__)
    standings = publication.decision.standings
    trend = trend_of(season.cycle, read_previous(season.cycle), standings)
    publication = replace(publication, pictures=tuple(_pictures(season, standings)), trend=trend)
    folder = out or season.cycle.output_folder / FOLDER
    outcome = _outcome(season, publication, folder, _write(season, publication, folder))
    if out is None and not season.dry_run:
        _record(season, _found(folder), remarks=remarks)
    return outcome


def _written_by(publication: Publication, program: str) -> Publication:
    decision = publication.decision
    decision = replace(decision, basis=replace(decision.basis, program_version=program))
    return replace(publication, decision=decision)


def _record(season: Season, files: Mapping[str, str], *, remarks: bool) -> None:
    """Have the ledger know every file, and by what it was made: a list beside the files could be made to fit them."""
    from cchc_sheets.publication.drawing import drawn_by

    made = {"remarks": remarks, "program": __version__, "drawn_by": drawn_by(), "files": dict(files)}
    last = season.ledger.last("publication", "-")
    if last is None or last.body != made:
        season.record("publication", "-", made)


def with_remarks(season: Season) -> bool:
    """Return whether the remarks were shown when the pages were last written; they are unless somebody said no."""
    last = season.latest("publication").get("-")
    return True if last is None else bool(last.body["remarks"])


def _pictures(season: Season, standings: Sequence[Standing]) -> Iterator[Picture]:
    """Yield the charts of the ranking's page."""
    from cchc_sheets.publication.appraisal_chart import self_and_final_chart
    from cchc_sheets.publication.charts import class_chart, ranking_chart

    policies = season.cycle.policies
    for chart in (
        ranking_chart(standings, policies),
        class_chart(standings, policies),
        self_and_final_chart(standings, season.cycle.criteria),
    ):
        yield Picture(f"{chart.name}.svg", chart.title, chart.description, chart.svg())


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
    summary += _told_of_remarks(publication)
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
            "left_out": sum(count_left_out(words) for told in _remarks(publication).values() for words in told),
        },
    )


def _shortened(publication: Publication) -> Iterator[Problem]:
    """Tell the office where remarks held what may not be public, and how many places of each were left out."""
    for (unit, code), words in _remarks(publication).items():
        count = sum(map(count_left_out, words))
        if count:
            yield Problem(
                "contact_left_out",
                text(
                    "the remark on {code} holds {count} private details (addresses, links, telephone, identity or "
                    "account numbers); they are left out",
                    code=code,
                    count=count,
                ),
                text("look at the page of the unit, and write the remark anew if it is not clear any more"),
                "warning",
                unit=unit,
                row=code,
            )


def _remarks(publication: Publication) -> dict[Place, tuple[str, ...]]:
    """Return what people's words the pages show, by place."""
    words = {place: (score.remark, score.ruling) for place, score in publication.scores.items()}
    return words | {place: (entry.remark,) for place, entry in publication.adjusted.items()}


def _told_of_remarks(publication: Publication) -> Iterator[Text]:
    """Say how many places were left out, and that nobody but a person tells a name or a street."""
    remarks = [words for told in _remarks(publication).values() for words in told if words]
    if remarks:
        yield text(
            "{count} private details were left out of {remarks} remarks; names and street addresses are not found: "
            "read the remarks before you put the pages on the net, or use `--no-remarks`",
            count=sum(map(count_left_out, remarks)),
            remarks=len(remarks),
        )
