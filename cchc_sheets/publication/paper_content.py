"""What goes into one paper: names for its template, tables, pictures; and the pieces that all papers share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_sheets.assessment.criteria import CriteriaSet, Criterion
from cchc_sheets.assessment.units import KINDS, Unit
from cchc_sheets.publication.facts import Facts, Head
from cchc_sheets.publication.grid import Grid
from cchc_sheets.publication.wording import counted, date_line, number_line, paper_reference, phrase, plain
from cchc_sheets.vietnamese import number

NOTHING = "–"


@dataclass(frozen=True)
class Picture:
    """A chart for a paper: what stands under it, and what it shows in words for those who do not see it."""

    caption: str
    description: str
    png: bytes


@dataclass(frozen=True)
class Content:
    """Everything one paper says.

    Attributes:
        title: for the properties of the file; `year` that of the line with place and date.
        names: what the template may name; `grids` the tables by the name that stands where they go.
    """

    title: str
    year: int
    names: Mapping[str, object]
    grids: Mapping[str, Grid] = field(default_factory=dict)

    def digest(self, template: bytes, *, with_pictures: bool) -> str:
        """Return a digest of everything the paper is made from; what only says when it was made is left out."""
        names = {name: value for name, value in self.names.items() if name != "moment"}
        grids = [(name, repr(grid)) for name, grid in sorted(self.grids.items())]
        told = json.dumps([self.title, self.year, names, grids, with_pictures], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(template + b"\0" + told.encode()).hexdigest()


def head_names(head: Head, kind: str) -> dict[str, object]:
    """Return the names of head and foot that every template may use; `kind` is the paper's, e.g. `Kế hoạch`."""
    letterhead = head.letterhead
    return {
        "parent": plain(letterhead.parent),
        "issuer": [plain(line) for line in letterhead.issuer],
        "number_line": number_line(letterhead.symbol),
        "date_line": date_line(letterhead.place, head.year),
        "place": plain(letterhead.place),
        "issued_by": plain(letterhead.authority),
        "signer_title": [plain(line) for line in letterhead.signer_title.splitlines() if line.strip()],
        "signer_name": plain(letterhead.signer_name),
        "recipients": [plain(recipient) for recipient in head.recipients],
        "addressees": [plain(addressee) for addressee in head.addressees],
        "annex_reference": paper_reference(kind, letterhead.symbol, head.year, letterhead.authority),
    }


def word_names(facts: Facts) -> dict[str, object]:
    """Return the names of the cycle's people and papers that every template may use."""
    words = facts.words
    return {
        "year": str(facts.year),
        "units": plain(words.units),
        "units_alone": plain(words.units_alone),
        "authority": plain(words.authority),
        "office": plain(words.office),
        "contact": plain(words.contact),
        "council": plain(words.council),
        "chair": plain(words.chair),
        "plan": phrase(words.plan),
        "decision": phrase(words.decision),
        "criteria_title": plain(facts.criteria.title),
        "unit_count": f"{len(facts.units):02d}",
    }


def set_figures(facts: Facts) -> dict[str, object]:
    """Return the size of the criteria set in words of running text."""
    criteria = facts.criteria
    scored = criteria.self_scored
    return {
        "total_points": number(criteria.total_points),
        "survey_points": number(criteria.survey_points) if criteria.survey_points else "",
        "other_points": number(other) if (other := _neither_claimed_nor_surveyed(criteria)) else "",
        "self_scored_points": number(sum_of([leaf.max_points for leaf in scored])),
        "field_count": counted(len(criteria.fields)),
        "leaf_count": counted(len(criteria.leaves)),
        "self_scored_count": counted(len(scored)),
    }


def _neither_claimed_nor_surveyed(criteria: CriteriaSet) -> Decimal:
    return sum_of([leaf.max_points for leaf in criteria.leaves if not leaf.is_self_scored and not leaf.is_surveyed])


def in_text(unit: Unit) -> str:
    """Return a unit's name as it stands within a sentence: `xã Bình Tân`."""
    name = plain(unit.name)
    return name[:1].lower() + name[1:] if _kind_of(name) else name


def own_name(unit: Unit) -> str:
    """Return a unit's name without its kind: `Bình Tân`."""
    name = plain(unit.name)
    return name[len(_kind_of(name)) :].strip() or name


def council_of(unit: Unit) -> str:
    """Return the unit's people's committee in running text: `Ủy ban nhân dân xã Bình Tân`."""
    return f"Ủy ban nhân dân {in_text(unit)}"


def _kind_of(name: str) -> str:
    return next((name[: len(kind)] for kind in KINDS.values() if name.casefold().startswith(f"{kind} ")), "")


def sum_of(values: Iterator[Decimal] | Sequence[Decimal]) -> Decimal:
    """Return an exact sum; 0 of nothing."""
    return sum(values, Decimal(0))


def title_of(criterion: Criterion) -> str:
    """Return a criterion's title as it stands in a cell."""
    return plain(criterion.title)
