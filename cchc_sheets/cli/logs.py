"""The log of a run as the command line keeps and shows it: which runs have one, and `--verbose` in readable lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from cchc_sheets.cli.log_words import said_of
from cchc_sheets.cli.options import MOMENT
from cchc_sheets.cli.terminal import say
from cchc_sheets.messages import Text
from cchc_sheets.outcome import Progress
from cchc_sheets.run_log import LOGGER, RunLog, note, run_log

if TYPE_CHECKING:
    from cchc_sheets.cli.options import Globals

_OF_NO_CYCLE: Final = frozenset({"init", "demo", "watch"})
"""They make a folder of their own, or, as `watch`, run many times: each run has its own log then."""
_CYCLE: Final = "cycle.yaml"


@contextmanager
def logged(ctx: click.Context, options: Globals, *, command: str = "") -> Iterator[RunLog]:
    """Log a run into its cycle's folder, if it is one and may be changed; with `--verbose` show the lines."""
    command = command or options.command
    is_of_cycle = command not in _OF_NO_CYCLE and (options.cycle / _CYCLE).is_file()
    lines = _Readable(ctx)
    if options.verbose and is_of_cycle:
        LOGGER.addHandler(lines)
    try:
        is_written = is_of_cycle and not ctx.params.get("dry_run")
        with run_log(options.cycle, command, _told(ctx, options), is_written=is_written) as run:
            options.log = run.file
            yield run
    finally:
        LOGGER.removeHandler(lines)


def noted(progress: Progress) -> Progress:
    """Return a progress that is shown as before and noted in the log as well."""

    def advance(what: Text, done: int, total: int) -> None:
        note("step", what=what.message, done=done, total=total)
        progress(what, done, total)

    return advance


def _told(ctx: click.Context, options: Globals) -> dict[str, object]:
    """Return the options as given; of those that a person words, or that name a file, only that they were given."""
    told: dict[str, object] = {"now": options.now} if options.now else {}
    for parameter in ctx.command.params:
        value = ctx.params.get(str(parameter.name))
        if value not in (None, "", (), False):
            is_plain = (
                isinstance(value, bool | int) or isinstance(parameter.type, click.Choice) or parameter.type is MOMENT
            )
            told[str(parameter.name)] = value if is_plain else "…"
    return told


class _Readable(logging.Handler):
    """Shows each event as one sentence on stderr, units by their names as soon as these are known."""

    def __init__(self, ctx: click.Context) -> None:
        super().__init__()
        self._ctx = ctx

    def emit(self, record: logging.LogRecord) -> None:
        said = str(said_of(record.msg, vars(record)["facts"], self._ctx.meta.get("names", {})))
        at = f"{datetime.fromtimestamp(record.created):%H:%M:%S}"  # noqa: DTZ006 - on this desk
        say(f"  {at} {said[:1].upper()}{said[1:]}", err=True)
