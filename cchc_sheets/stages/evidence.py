"""What stands out about evidence, for the sheets; and `appraise --check-links`, which looks whether links open.

A look is recorded (kind `links`) in batches, each a mapping of documents to what was found: `state`, `reason`, `at`.
A document that opened once is not asked again in the cycle; a changed link is another document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.assessment.evidence import ReadEvidence, read_evidence
from cchc_sheets.assessment.evidence_links import LinkState, State, Unusable, WebAddress, reason_in_words
from cchc_sheets.assessment.submission import SELF_ASSESSMENT, Evidence
from cchc_sheets.errors import NotNow, Problem
from cchc_sheets.layouts.evidence_words import EvidenceContext, evidence_remarks, link_states
from cchc_sheets.link_check import Answer, LinkChecker
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table
from cchc_sheets.stages.record import Known, known_so_far
from cchc_sheets.stages.season import Season

KIND: Final = "links"
_BATCH: Final = 50
_STATES: Final[Mapping[State, Text]] = {
    "opens": text("opens"),
    "needs_permission": text("needs permission"),
    "broken": text("broken"),
    "not_checked": text("not checked"),
}


@dataclass(frozen=True)
class EvidenceRemarks:
    """Sentences on evidence by place: on what was submitted, and on what was added in the explanation round.

    `links` tells in a word whether the links of what was submitted open.
    """

    submitted: Mapping[Place, tuple[str, ...]]
    added: Mapping[Place, tuple[str, ...]]
    links: Mapping[Place, str]


def remarks_on_evidence(season: Season, known: Known) -> EvidenceRemarks:
    """Tell what stands out about all evidence that is recorded."""
    units = season.cycle.units
    context = EvidenceContext(
        season.cycle.settings.year, {unit.code: unit.name for unit in units}, recorded_states(season)
    )
    submitted, added = _submitted(season, known), _added(season, known)
    return EvidenceRemarks(
        evidence_remarks(submitted, context),
        evidence_remarks(added, context, submitted) if added else {},
        link_states(submitted, context.states),
    )


def recorded_states(season: Season) -> dict[str, LinkState]:
    """Return what the looks at documents have found so far, by identity."""
    states: dict[str, LinkState] = {}
    for entry in season.ledger.entries(KIND):
        for document, found in entry.body["links"].items():
            states[document] = LinkState(found["state"], found["reason"], datetime.fromisoformat(found["at"]))
    return states


def check_links(season: Season, checker: LinkChecker | None = None) -> Outcome:
    """Look whether the documents given as evidence open for anybody, and record what was found.

    Every document is asked once; whatever was found is kept if the run is interrupted. Sites see an ordinary visit,
    and nothing of a document is stored.

    Raises:
        NotNow: before anything was collected.
    """
    if not season.latest("submission"):
        raise NotNow(text("nothing has been collected yet"), fix=text("run `collect` once the deadline has passed"))
    known = known_so_far(season)
    cited = [*_submitted(season, known).items(), *_added(season, known).items()]
    states = recorded_states(season)
    documents: dict[str, WebAddress] = {}
    for _, evidence in cited:
        for link in evidence.addresses:
            documents.setdefault(link.identity, link)
    due = {
        document: link
        for document, link in documents.items()
        if document not in states or states[document].state != "opens"
    }
    run = _Run(season, states)
    if not season.dry_run:
        run.ask(due, checker or LinkChecker())
    return _outcome(run, cited, documents, len(due))


@dataclass
class _Run:
    """One run of looking.

    Attributes:
        states: what is known, by document; `fresh` what was found and is not recorded yet.
        has_heard: whether any site answered.
    """

    season: Season
    states: dict[str, LinkState]
    fresh: dict[str, Answer] = field(default_factory=dict)
    has_heard: bool = False

    def ask(self, due: Mapping[str, WebAddress], checker: LinkChecker) -> None:
        tell = partial(self.season.progress, text("looking whether the evidence opens"))
        try:
            for done, (document, answer) in enumerate(checker.check_all(due)):
                tell(done, len(due))
                self.fresh[document] = answer
                self.has_heard = self.has_heard or answer.answered
                # As long as nobody answered, a site that is not found says nothing: the cable may be out.
                if self.has_heard and len(self.fresh) >= _BATCH:
                    self._record()
        finally:
            self._record()
        tell(len(due), len(due))

    def _record(self) -> None:
        if not self.fresh:
            return
        found = {document: self._state(answer) for document, answer in self.fresh.items()}
        self.fresh = {}
        self.states |= found
        body = {document: _as_body(state) for document, state in sorted(found.items())}
        self.season.record(KIND, "-", {"links": body})

    def _state(self, answer: Answer) -> LinkState:
        if answer.state == "broken" and not self.has_heard:
            answer = replace(answer, state="not_checked", reason="offline")
        return LinkState(answer.state, answer.reason, self.season.now)


def _as_body(state: LinkState) -> dict[str, str]:
    return {"state": state.state, "reason": state.reason, "at": state.at.isoformat()}


def _submitted(season: Season, known: Known) -> dict[Place, ReadEvidence]:
    """Read the evidence of all self-scores, unit by unit, in the order of the set."""
    found: dict[Place, ReadEvidence] = {}
    for unit in season.cycle.units:
        submission = known.record.submissions.get(unit.code)
        if submission is not None:
            for leaf in season.cycle.criteria.self_scored:
                _take(found, (unit.code, leaf.code), submission.score(leaf.code).evidence)
    return found


def _added(season: Season, known: Known) -> dict[Place, ReadEvidence]:
    """Read the evidence that units added in the explanation round, in the same order."""
    found: dict[Place, ReadEvidence] = {}
    explanations = known.record.explanations
    if not explanations:
        return found
    for unit in season.cycle.units:
        for leaf in season.cycle.criteria.self_scored:
            if (unit.code, leaf.code) in explanations:
                _take(found, (unit.code, leaf.code), explanations[unit.code, leaf.code].evidence)
    return found


def _take(found: dict[Place, ReadEvidence], place: Place, evidence: Evidence) -> None:
    if evidence:
        found[place] = read_evidence(evidence)


# -------------------------------------------------------------------------------------------------------- outcome


def _outcome(
    run: _Run, cited: list[tuple[Place, ReadEvidence]], documents: Mapping[str, WebAddress], due: int
) -> Outcome:
    states = {document: state for document, state in run.states.items() if document in documents}
    counts = Counter(state.state for state in states.values())
    counts["not_checked"] += len(documents) - len(states)
    problems = tuple(_problems(cited, states))
    summary = text(
        "{documents} documents: {opens} open, {permission} need permission, {broken} broken, {unknown} not checked",
        documents=len(documents),
        opens=counts["opens"],
        permission=counts["needs_permission"],
        broken=counts["broken"],
        unknown=counts["not_checked"],
    )
    said = text("{count} would be asked", count=due) if run.season.dry_run else text("{count} were asked", count=due)
    return Outcome(
        "appraise",
        (summary, said, *_offline(states)),
        problems=problems,
        data={
            "documents": len(documents),
            "asked": 0 if run.season.dry_run else due,
            **{state: counts[state] for state in _STATES},
            "links": list(_data(cited, states)),
        },
        table=_table(run.season, cited, states),
    )


def _offline(states: Mapping[str, LinkState]) -> Iterator[Text]:
    if any(state.reason == "offline" for state in states.values()):
        yield reason_in_words("offline")


def _problems(cited: list[tuple[Place, ReadEvidence]], states: Mapping[str, LinkState]) -> Iterator[Problem]:
    """Yield a warning for each link that does not open, so that the office can ask the unit."""
    for place, link in _links(cited):
        if isinstance(link, Unusable):
            what = text("a link that nobody else can open")
            yield _problem(place, "link_unusable", what, text("ask the unit for a link to a web page"))
            continue
        state = states.get(link.identity)
        if state is not None and state.state == "needs_permission":
            yield _problem(
                place,
                "link_needs_permission",
                text("{link} is not open to everybody: {why}", link=_short(link), why=reason_in_words(state.reason)),
                text("ask the unit to let anybody who has the link read it; then `appraise --check-links` again"),
            )
        elif state is not None and state.state == "broken":
            yield _problem(
                place,
                "link_broken",
                text("{link} does not open: {why}", link=_short(link), why=reason_in_words(state.reason)),
                text("ask the unit for a link that opens; then `appraise --check-links` again"),
            )


def _short(link: WebAddress) -> str:
    return link.url[:120]


def _problem(place: Place, code: str, what: Text, fix: Text) -> Problem:
    unit, row = place
    return Problem(code, what, fix, "warning", unit=unit, sheet=SELF_ASSESSMENT, row=row, column="evidence")


def _links(cited: list[tuple[Place, ReadEvidence]]) -> Iterator[tuple[Place, WebAddress | Unusable]]:
    return ((place, link) for place, evidence in cited for link in evidence.links)


def _data(cited: list[tuple[Place, ReadEvidence]], states: Mapping[str, LinkState]) -> Iterator[dict[str, Any]]:
    """Yield every link that was looked at and does not open."""
    for (unit, code), link in _links(cited):
        if isinstance(link, WebAddress) and (state := states.get(link.identity)) and state.state != "opens":
            yield {"unit": unit, "criterion": code, "link": link.url, **_as_body(state)}


def _table(season: Season, cited: list[tuple[Place, ReadEvidence]], states: Mapping[str, LinkState]) -> Table:
    counts: dict[str, Counter[State]] = {unit.code: Counter() for unit in season.cycle.units}
    for (unit, _), link in _links(cited):
        if isinstance(link, WebAddress):
            state = states.get(link.identity)
            counts[unit][state.state if state else "not_checked"] += 1
    return Table(
        text("links to evidence"),
        (text("unit"), *_STATES.values()),
        tuple((unit.name, *(str(counts[unit.code][state]) for state in _STATES)) for unit in season.cycle.units),
        frozenset(range(1, len(_STATES) + 1)),
    )
