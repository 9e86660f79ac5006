"""Which units stand highest and lowest, in words of running text: all who share a place, group by group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cchc_sheets.assessment.ranking import Standing
from cchc_sheets.publication.facts import Facts
from cchc_sheets.publication.paper_content import in_text
from cchc_sheets.publication.standings_grids import in_printed_order, printed_index
from cchc_sheets.publication.wording import counted, group_title

_MOST_NAMED: Final = 3
_GROUP: Final = "nhóm"


def extreme_names(facts: Facts) -> dict[str, object]:
    """Return who stands highest and lowest, for running text; `in_groups` where each group has its own."""
    groups = _groups(facts)
    several = [(title, members) for title, members in groups if len(members) > 1]
    return {
        "highest": ", ".join(_words(facts, title, members, max) for title, members in groups),
        "lowest": ", ".join(_words(facts, title, members, min) for title, members in several or groups),
        "in_groups": len(groups) > 1,
    }


def _groups(facts: Facts) -> list[tuple[str, list[Standing]]]:
    """Return the ranked units by the title of their group; where all are ranked together, every unit."""
    groups: dict[str, list[Standing]] = {}
    for one in in_printed_order(facts.standings):
        if one.rank is not None:
            groups.setdefault(group_title(one, facts.standings, facts.policies), []).append(one)
    return list(groups.items()) if len(groups) > 1 else [("", in_printed_order(facts.standings))]


def _words(
    facts: Facts,
    title: str,
    members: Sequence[Standing],
    choose: Callable[[Iterable[Fraction | Decimal]], Fraction | Decimal],
) -> str:
    """Name those at one end, or count them if they are many, with their index and group."""
    values = {one.unit.code: one.result.index if _is_exact(facts) else one.published_index for one in members}
    end = choose(values.values())
    there = [one for one in members if values[one.unit.code] == end]
    index = f"{printed_index(facts, there[0])}%"
    group = f", {_called(title)}" if title else ""
    if len(there) > _MOST_NAMED:
        return f"{counted(len(there))} đơn vị (cùng {index}{group})"
    names = [in_text(one.unit) for one in there]
    if len(names) == 1:
        return f"{names[0]} ({index}{group})"
    return f"{', '.join(names[:-1])} và {names[-1]} (cùng {index}{group})"


def _is_exact(facts: Facts) -> bool:
    return facts.policies.rank_by == "exact"


def _called(title: str) -> str:
    """Return a group's title as it stands within a sentence."""
    if title.casefold().startswith((_GROUP, "các")):
        return title[:1].lower() + title[1:]
    return f"{_GROUP} {title}"
