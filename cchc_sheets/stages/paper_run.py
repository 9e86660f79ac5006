"""What every run of `papers` works with: papers, facts, templates, and why a paper is not possible yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cchc_sheets.assessment.units import Unit
from cchc_sheets.cycle.previous_block import BLOCK
from cchc_sheets.cycle.template_sets import papers_folder
from cchc_sheets.errors import CchcError, ConfigurationError, NotNow, Problem
from cchc_sheets.ledger import Entry
from cchc_sheets.messages import Text, text
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_content import Content
from cchc_sheets.publication.paper_kinds import PaperKind
from cchc_sheets.stages.finalise import DECISION, UNSETTLED, digest_of
from cchc_sheets.stages.paper_facts import gather, with_progress, with_seen, with_trend
from cchc_sheets.stages.paper_heads import head_of
from cchc_sheets.stages.previous import Previous, read_previous
from cchc_sheets.stages.record import Known, known_so_far
from cchc_sheets.stages.results import as_data, result_gaps
from cchc_sheets.stages.season import Season, unit_key

if TYPE_CHECKING:
    from cchc_sheets.publication.paper_template import Prepared

FOLDER: Final = "papers"
COMPARED: Final = ("report", "notice")
"""The papers that hold this year against last year."""

SAID: Final = {
    "waiting": text("not possible yet"),
    "to_make": text("can be made"),
    "made": text("made, up to date"),
    "stale": text("made, but the data have changed since"),
    "edited": text("made, then edited by hand"),
    "partly": text("made for some units"),
    "written": text("made"),
    "would_make": text("would be made"),
    "refused": text("could not be made"),
}
"""The state of a paper in words."""


@dataclass(frozen=True)
class Job:
    """One paper to make: its kind, and whose it is if there is one for each unit."""

    kind: PaperKind
    unit: Unit | None = None

    @property
    def name(self) -> str:
        """Its word on the command line and in the ledger: `plan`, `notice/tay-an`."""
        return f"{self.kind.code}/{self.unit.code}" if self.unit else self.kind.code

    @property
    def file(self) -> str:
        """Its file below the output folder."""
        return f"{FOLDER}/{self.name}.docx"


@dataclass
class Run:
    """One run: what is known, and what was made so far.

    Attributes:
        seen: how far the units were, as the ledger recorded it, for a run that makes a paper of then again.
    """

    season: Season
    actions: dict[str, str] = field(default_factory=dict)
    kept: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    waiting: dict[str, NotNow] = field(default_factory=dict)
    said: list[Text] = field(default_factory=list)
    refusals: dict[str, NotNow | None] = field(default_factory=dict)
    seen: Mapping[str, Any] | None = None
    _templates: dict[str, bytes] = field(default_factory=dict)
    _prepared: dict[str, Prepared] = field(default_factory=dict)

    @cached_property
    def known(self) -> Known | None:
        """What the ledger knows; None before anything was collected."""
        return known_so_far(self.season) if self.season.latest("submission") else None

    @cached_property
    def plain_facts(self) -> Facts:
        """The facts without a look at the workbooks."""
        return gather(self.season, self.known)

    @cached_property
    def previous(self) -> Previous | None:
        """Last year's results, read once; None where the settings name none."""
        return read_previous(self.season.cycle)

    @cached_property
    def compared_facts(self) -> Facts:
        """The facts with this year held against last year."""
        return with_trend(self.season, self.plain_facts, self.previous)

    @cached_property
    def facts_with_progress(self) -> Facts:
        """The facts with how far every unit is, looked at once."""
        if self.seen is not None:
            return with_seen(self.season, self.plain_facts, self.seen)
        return with_progress(self.season, self.plain_facts)

    def facts(self, kind: PaperKind) -> Facts:
        """Return the facts as far as a paper needs them."""
        if kind.code in COMPARED:
            return self.compared_facts
        return self.facts_with_progress if kind.needs == "workbooks" else self.plain_facts

    def template(self, kind: PaperKind) -> bytes:
        """Return the office's own template, or the one that comes with the program."""
        from cchc_sheets.publication.docx_package import read_template

        if kind.code not in self._templates:
            own = self.season.cycle.office_templates / kind.template
            file = own if own.exists() else papers_folder() / kind.template
            self._templates[kind.code] = read_template(file)
        return self._templates[kind.code]

    def content(self, job: Job) -> Content:
        """Return what a paper says at this moment."""
        facts = self.facts(job.kind)
        return job.kind.content(facts, head_of(job.kind, self.season.cycle.settings, facts, job.unit), job.unit)

    def basis(self, job: Job, content: Content) -> str:
        """Return the digest of everything a paper would be made from."""
        basis = content.digest(self.template(job.kind), with_pictures=job.kind.has_charts and charts_are_there())
        if job.kind.code not in COMPARED or self.previous is None:
            return basis
        return digest_of(f"{basis}\0{self.previous.origin['digest']}".encode())

    def made(self, job: Job, content: Content) -> bytes:
        """Make a paper, read back and compared with the data.

        Raises:
            PublicationError: if it says anything else than the data, or its template does not allow it.
        """
        from cchc_sheets.publication.paper_charts import pictures_of
        from cchc_sheets.publication.paper_making import make_paper

        facts = self.facts(job.kind)
        pictures = pictures_of(facts, job.unit) if job.kind.has_charts else ()
        promise = job.kind.promise(facts, job.unit)
        return make_paper(job.kind, content, promise, self.prepared(job, content), pictures)

    def prepared(self, job: Job, content: Content) -> Prepared:
        """Return the template of a paper, checked once for all units."""
        from cchc_sheets.publication.paper_making import prepared

        if job.kind.code not in self._prepared:
            template = self.template(job.kind)
            own = self.season.cycle.office_templates / job.kind.template
            where = f"{own.parent.name}/{own.name}" if own.exists() else own.name
            self._prepared[job.kind.code] = prepared(job.kind, template, where, content)
        return self._prepared[job.kind.code]


def charts_are_there() -> bool:
    """Whether charts can be drawn on this machine."""
    return find_spec("matplotlib") is not None


def is_as_written(file: Path, last: Entry) -> bool:
    """Tell whether a file is still what was last written: nobody has worked on it."""
    return digest_of(file.read_bytes()) == str(last.body["digest"])


def refusal_of(run: Run, job: Job, *, is_listing: bool = False) -> NotNow | None:
    """Return why a paper is not possible at this moment, None if it is."""
    needs = job.kind.needs
    if needs == "settings":
        return None
    if needs == "workbooks":
        return _workbook_refusal(run, is_listing=is_listing)
    if run.known is None:
        return NotNow(text("nothing has been collected yet"), fix=text("run `collect` once the deadline has passed"))
    if needs == "submission":
        if job.unit is not None and run.plain_facts.submission(job.unit).is_blank:
            return NotNow(
                text("{unit} has handed nothing in", unit=job.unit.name),
                fix=text("ask the unit for its self-assessment; `extend` gives it more time"),
                code="not_submitted",
            )
        return None
    if needs not in run.refusals:
        run.refusals[needs] = result_refusal(run, run.known, needs)
    if run.refusals[needs] is None and job.kind.code in COMPARED:
        if BLOCK not in run.refusals:
            run.refusals[BLOCK] = _previous_refusal(run)
        return run.refusals[BLOCK]
    return run.refusals[needs]


def _previous_refusal(run: Run) -> NotNow | None:
    """Return why this year cannot be held against last year as the settings ask, None if it can."""
    try:
        run.compared_facts  # noqa: B018 - read once, kept by the run
    except CchcError as error:
        wrong = error.problems[0] if isinstance(error, ConfigurationError) and error.problems else error
        return NotNow(wrong.what, where=error.where, fix=wrong.fix, code=wrong.code)
    return None


def _workbook_refusal(run: Run, *, is_listing: bool) -> NotNow | None:
    season = run.season
    if is_listing:
        there = bool(season.latest("provision"))
    else:
        there = any(unit_key(unit) in season.present for unit in season.cycle.units)
    if not there:
        return NotNow(text("no unit has a workbook yet"), fix=text("run `provision` and send each unit its own"))
    if not is_listing and all(one.is_ready for one in run.facts_with_progress.progress):
        return NotNow(text("every unit has finished: there is nobody to remind"), fix=text("run `status` to see them"))
    return None


def result_refusal(run: Run, known: Known, needs: str) -> NotNow | None:
    """Return why the results are not final enough for a paper that needs the appraisal, them, or the decision."""
    season, standings = run.season, run.plain_facts.standings
    gaps = list(result_gaps(season, known, standings))
    override = season.ledger.last("override", "-")
    allowed = set(override.body["gaps"]) if override else set()
    open_gaps = [gap for gap in gaps if gap.what.said_in("vi") not in allowed]
    if needs == "appraisal":
        open_gaps = [gap for gap in open_gaps if gap.code in UNSETTLED]
    if open_gaps:
        return NotNow(
            text("something is still missing in {count} units", count=len({gap.unit for gap in open_gaps})),
            where="; ".join(str(gap.what) for gap in open_gaps[:3]),
            fix=text("run `results` to see what; then make the paper again"),
            code=open_gaps[0].code,
        )
    if needs != "decision":
        return None
    final = season.ledger.last("results", "-")
    if final is None or final.body["units"] != [as_data(standing) for standing in standings]:
        return NotNow(
            text("the decision does not exist yet, or the results have changed since"),
            fix=text("run `finalise`, so that the decision and this paper say the same"),
            code="results_changed",
        )
    return None


def decision_state(run: Run) -> str:
    """Return whether the decision is `made`, `edited` by hand, `stale`, or `waiting` to be made at all."""
    final = run.season.ledger.last("results", "-")
    file = run.season.cycle.output_folder / DECISION
    if final is None or not file.exists():
        return "waiting"
    if final.body["units"] != [as_data(standing) for standing in run.plain_facts.standings]:
        return "stale"
    return "made" if digest_of(file.read_bytes()) == final.body["papers"][DECISION] else "edited"
