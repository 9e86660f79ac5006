"""The papers and pages that are due: made as soon as they can be, and again whenever what they rest on has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cchc_sheets import __version__
from cchc_sheets.ledger import Entry
from cchc_sheets.outcome import Outcome
from cchc_sheets.publication.page import CHECKSUMS
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.publish import FOLDER, publish, with_remarks
from cchc_sheets.stages.season import Season


@dataclass(frozen=True)
class Batch:
    """Papers that become possible together; `rests_on` are the kinds of entries they follow from (None: all)."""

    names: tuple[str, ...]
    rests_on: tuple[str, ...] | None

    @property
    def subject(self) -> str:
        """Under which the ledger knows that they were made."""
        return f"papers {' '.join(self.names)}"


AT_THE_START: Final = Batch(("plan", "guidance"), ())
HANDED_IN: Final = Batch(("self-report",), ("submission",))
AFTER_THE_DECISION: Final = Batch(("minutes", "report", "submission", "announcement", "notice"), None)


def make_due_papers(season: Season, batch: Batch) -> Outcome | None:
    """Make papers as `papers` does; None if nothing that they rest on has changed since, and all are still there."""
    folder = season.cycle.output_folder
    missing = any(not (folder / last.body["file"]).exists() for last in _papers_made(season, batch))
    return _unless_done(
        season,
        batch.subject,
        lambda: papers(season, batch.names, may_wait=True),
        rests_on=batch.rests_on,
        anew=missing,
    )


def publish_when_due(season: Season) -> Outcome | None:
    """Write the pages as `publish` does; None if nothing that they rest on has changed since, and they are there."""
    there = is_published(season)
    return _unless_done(
        season, "publication", lambda: publish(season, remarks=with_remarks(season)), rests_on=None, anew=not there
    )


def is_published(season: Season) -> bool:
    """Tell whether there are pages."""
    return (season.cycle.output_folder / FOLDER / CHECKSUMS).is_file()


def _unless_done(
    season: Season, subject: str, make: Callable[[], Outcome], *, rests_on: tuple[str, ...] | None, anew: bool
) -> Outcome | None:
    basis = _basis(season, rests_on)
    done = season.latest("made").get(subject)
    if done is not None and done.body["basis"] == basis and not anew:
        return None
    outcome = make()
    # A unit that handed nothing in has no self-report; any other paper that is wanting is tried again.
    waits = any(one["state"] == "waiting" for one in outcome.data.get("papers", ()))
    is_whole = not waits or subject == HANDED_IN.subject
    if not season.dry_run and outcome.status == "success" and is_whole:
        season.record("made", subject, {"basis": _basis(season, rests_on)})
    return outcome


def _papers_made(season: Season, batch: Batch) -> list[Entry]:
    return [last for name, last in season.latest("paper").items() if name.partition("/")[0] in batch.names]


def _basis(season: Season, rests_on: tuple[str, ...] | None) -> str:
    """Return the digest of ledger, configuration, templates of the office, results of last year, and this program."""
    templates = season.cycle.office_templates
    files = sorted(templates.glob("*.docx")) if templates.is_dir() else []
    entries = sorted(entry.digest for kind in rests_on or () for entry in season.latest(kind).values())
    parts = [
        *(entries if rests_on is not None else [season.basis()[1]]),
        season.cycle.configuration_digest,
        __version__,
    ]
    previous = season.cycle.settings.previous
    if previous is not None and rests_on is None:
        files.append(season.cycle.folder / previous.file)
    parts += [hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "missing" for file in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
