"""The log of a run as the command line keeps and shows it: which runs have one, and `--verbose` in readable lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

from cchc_sheets.cli.options import MOMENT
from cchc_sheets.messages import Text, text
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
    lines = _Readable()
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
    """Shows each event as one line on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        said = _said(record.msg, vars(record)["facts"])
        click.echo(f"  {datetime.fromtimestamp(record.created):%H:%M:%S} {said}", err=True)  # noqa: DTZ006 - on this desk


def _said(event: str, facts: Mapping[str, Any]) -> Text | str:
    """Return the event in words; what has none is shown as it is logged."""
    match event:
        case "request":
            ended = facts.get("refused") or facts.get("status", "")
            parts = (facts["method"], facts["operation"], facts.get("file") or facts.get("what", ""))
            what = " ".join(part for part in parts if part)
            return text("asked Google: {what}: {ended}, {ms} ms", what=what, ended=ended, ms=facts["ms"])
        case "step":
            step = facts["what"] if "{" in facts["what"] else Text(facts["what"])
            return text("{step}: {done} of {total}", step=step, done=facts["done"], total=facts["total"])
        case "ledger":
            return text("recorded: {kind} {subject}, entry {number}", **facts)
        case "wait":
            return text("waiting {seconds} s: {reason}", seconds=facts["seconds"], reason=facts["reason"])
        case "end":
            return text("ended after {seconds} s with status {exit_code}", **facts)
    return " ".join([event, *(f"{name}={value}" for name, value in facts.items())])
