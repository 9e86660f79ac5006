"""What may be published (công bố): plain data without anything that is nobody's business.

Evidence, notes, self-reports, addresses and checks have no place in these types, so no page can show them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.assessment.criteria import Adjustment, Criterion
from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.assessment.survey_taken import SurveyTaken
from cchc_sheets.assessment.trend import Trend
from cchc_sheets.publication.decision import Decision
from cchc_sheets.publication.private_details import without_private_details
from cchc_sheets.publication.wording import has_survey, plain

Place = tuple[str, str]
"""A unit's code and the code of a criterion, or of a bonus or penalty."""

_INVISIBLE: Final = "Cf"  # turns of writing direction and zero-width signs can make a page say something else


@dataclass(frozen=True, slots=True)
class Score:
    """What stands on record for one criterion of one unit, as far as it is public.

    Attributes:
        self_points: what the unit claimed, None where it claimed none; `not_occurred` that it claimed
            "không phát sinh".
        appraised_points: None where nothing was appraised or the department agreed to leave the criterion out.
        ruled_points: None where there was no ruling.
        remark: the department's, "" if it made none or remarks are not published; `ruling` the reason of a ruling.
    """

    self_points: Decimal | None = None
    not_occurred: bool = False
    is_appraised: bool = False
    appraised_points: Decimal | None = None
    ruled_points: Decimal | None = None
    remark: str = ""
    ruling: str = ""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One bonus or penalty of one unit: its size and, if remarks are published, its reason."""

    points: Decimal
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as it was drawn elsewhere.

    Attributes:
        file: its name, `.svg` or `.png`; `unit` the code of the unit on whose page it stands, "" for the ranking.
        caption: one line; `description` says in words what it shows, for those who do not see it.
    """

    file: str
    caption: str
    description: str
    content: bytes
    unit: str = ""


@dataclass(frozen=True)
class Publication:
    """Everything the pages and the open data say.

    Attributes:
        decision: what the decision says: standings, policies, criteria and what the numbers rest on.
        cycle: the cycle's id; `title` what is assessed, in one line.
        authority: whose page it is, in running text; `office` who runs the assessment.
        departments: the names of those who appraise, by id.
        recorded: what was finalised, one mapping per standing and in the same order, as the ledger has it.
        scores: by unit and criterion; `adjusted` by unit and code of the bonus or penalty.
        trend: the results held against an earlier year's, if that is published.
        survey: what was measured from answers; None where no points that count were.
    """

    decision: Decision
    cycle: str
    title: str
    authority: str
    office: str
    departments: Mapping[str, str]
    recorded: tuple[Mapping[str, Any], ...]
    scores: Mapping[Place, Score]
    adjusted: Mapping[Place, Adjusted] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    trend: Trend | None = None
    survey: SurveyTaken | None = None

    @property
    def with_survey(self) -> bool:
        """Whether the indices were computed with the survey."""
        return has_survey(self.decision.standings)

    def counts(self, leaf: Criterion) -> bool:
        """Whether a criterion counts towards the index."""
        return self.with_survey or not leaf.is_surveyed

    @property
    def leaves(self) -> tuple[Criterion, ...]:
        """The criteria that count, in the order of the set."""
        return tuple(leaf for leaf in self.decision.criteria.leaves if self.counts(leaf))

    def score(self, standing: Standing, code: str) -> Score:
        """Return what stands on record for a criterion of a unit."""
        return self.scores.get((standing.unit.code, code), Score())

    def items(self, standing: Standing) -> list[tuple[Adjustment, Adjusted]]:
        """Return the unit's bonuses and penalties, those of no points left out."""
        found = (
            (item, self.adjusted.get((standing.unit.code, item.code))) for item in self.decision.criteria.adjustments
        )
        return [(item, entry) for item, entry in found if entry is not None and entry.points]


def public_words(words: str) -> str:
    """Return a remark as it may be published: without private details (see `private_details`), lines kept.

    What is left out is marked, so that nobody takes the remark for whole.
    """
    lines = (plain("".join(c for c in line if unicodedata.category(c) != _INVISIBLE)) for line in words.splitlines())
    return without_private_details("\n".join(line for line in lines if line))
