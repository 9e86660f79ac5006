"""What stands out about evidence (tài liệu kiểm chứng): documents given more than once, other years, dead ends.

Two things are the same document if their links have the same identity. Within one unit they also are if kind, number
and date of their papers are the same; between units a number tells nothing, since every unit numbers its own papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Final

from cchc_sheets.assessment.appraisal import Place
from cchc_sheets.assessment.evidence_caption import Paper, parse_caption
from cchc_sheets.assessment.evidence_links import Unusable, WebAddress, has_local_path, read_address
from cchc_sheets.assessment.submission import Evidence

DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """The evidence of one place, read.

    Attributes:
        links: in their order; `addresses` those of them that can be opened.
        documents: the identities of the documents linked to; home pages are none.
        papers: named by the caption; `numbered` those of them with a number: without one, kind and date do not tell
            which paper is meant.
        has_local_path: the caption names a file on somebody's own machine.
    """

    links: tuple[WebAddress | Unusable, ...]
    addresses: tuple[WebAddress, ...]
    documents: tuple[str, ...]
    papers: tuple[Paper, ...]
    numbered: tuple[Paper, ...]
    has_local_path: bool


@dataclass(frozen=True, slots=True)
class Noticed:
    """What stands out about the evidence of one place.

    Attributes:
        other_units: other units with a link to the same document, and the codes of the criteria they give it for.
        own_criteria: the codes of the unit's other criteria that give the same document.
        off_year: papers signed outside the year that is assessed; `impossible`: with a day that does not exist.
    """

    other_units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own_criteria: tuple[str, ...] = ()
    off_year: tuple[Paper, ...] = ()
    impossible: tuple[Paper, ...] = ()


@lru_cache(maxsize=32_768)  # every layout of the review workbook reads all evidence of all units
def read_evidence(evidence: Evidence) -> ReadEvidence:
    """Read caption and links of one place."""
    links = tuple(read_address(link) for link in evidence.links)
    addresses = tuple(link for link in links if isinstance(link, WebAddress))
    documents = tuple(link.identity for link in addresses if not link.is_home_page)
    papers = parse_caption(evidence.text)
    numbered = tuple(paper for paper in papers if paper.number)
    return ReadEvidence(links, addresses, documents, papers, numbered, has_local_path(evidence.text))


def notice(
    read: Mapping[Place, ReadEvidence], year: int, given_before: Mapping[Place, ReadEvidence]
) -> dict[Place, Noticed]:
    """Tell what stands out, by place.

    Documents are compared with all others in `read` and with those `given_before`, at another time; both in the order
    in which places are to be named.
    """
    cited = _Cited((given_before, read))
    noticed = {}
    for place, evidence in read.items():
        others, own = cited.elsewhere(place, evidence)
        off_year = tuple([paper for paper in evidence.papers if paper.date and paper.date.year != year])
        impossible = tuple([paper for paper in evidence.papers if paper.impossible_date])
        if others or own or off_year or impossible:
            noticed[place] = Noticed(others, own, off_year, impossible)
    return noticed


def is_of_december_before(paper: Paper, year: int) -> bool:
    """Tell whether a paper was signed in the last month before the year: plans for the year often are."""
    return paper.date is not None and (paper.date.year, paper.date.month) == (year - 1, DECEMBER)


_NOWHERE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class _Cited:
    """Where every document is given. A place is compared with units, not with places: all may give the same link."""

    def __init__(self, readings: Iterable[Mapping[Place, ReadEvidence]]) -> None:
        by_link: dict[str, list[Place]] = {}
        by_paper: dict[tuple[str, Paper], list[str]] = {}
        for place, evidence in chain.from_iterable(read.items() for read in readings):
            for document in evidence.documents:
                by_link.setdefault(document, []).append(place)
            for paper in evidence.numbered:
                by_paper.setdefault((place[0], paper), []).append(place[1])
        self._by_link = {document: _by_unit(places) for document, places in by_link.items() if len(places) > 1}
        self._by_paper = by_paper

    def elsewhere(self, place: Place, evidence: ReadEvidence) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
        """Return where else the documents of one place are given: in other units, and by its own unit."""
        shared = [self._by_link[document] for document in evidence.documents if document in self._by_link]
        numbered = [self._by_paper[place[0], paper] for paper in evidence.numbered]
        if not shared and all(len(codes) == 1 for codes in numbered):
            return _NOWHERE, ()
        own = dict.fromkeys(chain(*(units[place[0]] for units in shared), *numbered))
        own.pop(place[1], None)
        others: dict[str, tuple[str, ...]] = {}
        for units in shared:
            for unit, codes in units.items():
                others[unit] = tuple(dict.fromkeys((*others[unit], *codes))) if unit in others else codes
        others.pop(place[0], None)
        return others, tuple(own)


def _by_unit(places: Iterable[Place]) -> dict[str, tuple[str, ...]]:
    units: dict[str, dict[str, None]] = {}
    for unit, code in places:
        units.setdefault(unit, {})[code] = None
    return {unit: tuple(codes) for unit, codes in units.items()}
