"""Whether the cycle's files are those under which the ledger was written: what follows from others is not recorded."""

from __future__ import annotations

from collections.abc import Iterator

from cchc_sheets.errors import Problem
from cchc_sheets.messages import text
from cchc_sheets.stages.season import Season


def changed_files(season: Season) -> frozenset[str]:
    """Return the names of the cycle's files that were changed since anything was recorded last."""
    last = season.ledger.last("configuration", "-")
    if last is None:
        return frozenset()
    recorded = last.body["files"]
    return frozenset(name for name, content in season.cycle.configuration.items() if recorded.get(name) != content)


def changed_configuration(season: Season) -> Iterator[Problem]:
    """Yield a warning for each of them."""
    for name in sorted(changed_files(season)):
        yield Problem(
            "configuration_changed",
            text("{file}: {what}", file=name, what=text("the file has changed since anything was recorded under it")),
            text("if that is meant, the next command that records anything takes it up; `check` looks at it"),
            "warning",
            sheet=name,
        )
