"""Showing outcomes and errors: for people with tables and sentences, for programs as one JSON object."""

from __future__ import annotations

import io
import json
import sys
import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from cchc_sheets.characters import visible
from cchc_sheets.cli.terminal import say, say_json, say_lines
from cchc_sheets.cli.terminal import shown as on_screen
from cchc_sheets.errors import CchcError, ConfigurationError, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Announce, Outcome, Progress, silent, unheard

if TYPE_CHECKING:
    from cchc_sheets.cli.options import Globals

SCHEMA: Final = 1
DONE, COULD_NOT_RUN, WRONG_USAGE, NEEDS_ATTENTION = 0, 1, 2, 3
_MOST_ALIKE: Final = 3
_LONGEST_WORD: Final = 16


def utf8_output() -> None:
    """Let any console and pipe take Vietnamese letters."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def show_rehearsal(now: datetime, options: Globals) -> None:
    """Remind that the clock is made up, but what is recorded is not."""
    if not options.json and not options.quiet:
        notice = text("acting as if it were {now}; what is recorded stays recorded, so rehearse on a copy", now=now)
        say(_sentence(notice), err=True)


def show_outcome(outcome: Outcome, options: Globals, names: Mapping[str, str]) -> int:
    """Show what a command did, units by their names; return the exit status."""
    status = NEEDS_ATTENTION if outcome.status == "partial" else DONE
    if options.json:
        _print_json(outcome.command, outcome.status, outcome.data, outcome.problems, None)
        return status
    if outcome.table is not None:
        _show_table(outcome)
    elif options.verbose:
        for unit in outcome.units:
            say(f"{names.get(unit.unit, unit.unit)}: {unit.what}")
    if not options.quiet:
        show_problems(outcome.problems, names, everything=options.verbose)
    for sentence in outcome.summary:
        say(_sentence(sentence))
    return status


def show_error(command: str, error: CchcError, options: Globals) -> int:
    """Show why a command could not run; return the exit status."""
    problems = error.problems if isinstance(error, ConfigurationError) else ()
    if options.json:
        _print_json(command, "error", _log_as_data(options), problems, _error_as_data(error))
        return COULD_NOT_RUN
    show_problems(problems, {}, everything=True)
    say(f"{text('Error')}: {error.what}", err=True)
    if error.where:
        say(f"  {text('Where')}: {error.where}", err=True)
    _show_log(options)
    say(f"  {text('What to do')}: {error.fix}", err=True)
    return COULD_NOT_RUN


def _show_log(options: Globals) -> None:
    if options.log is not None:
        say(f"  {text('Log')}: {options.log}", err=True)


def _log_as_data(options: Globals) -> dict[str, str]:
    return {"log": str(options.log)} if options.log is not None else {}


def show_usage_error(command: str, error: click.ClickException, options: Globals) -> int:
    """Show a wrong use of the command line; return the exit status."""
    if options.json:
        fix = str(text("see `cchc-sheets --help`"))
        data = {"code": "usage", "what": error.format_message(), "where": command, "fix": fix}
        _print_json(command, "error", {}, (), data)
    else:
        page = io.StringIO()
        error.show(page)
        say_lines(page.getvalue(), err=True)
    return WRONG_USAGE


def show_interruption(command: str, options: Globals) -> int:
    """Say that the run was stopped by hand, and that nothing is half done."""
    what = text("stopped; what was done so far is kept, run the command again to go on")
    if options.json:
        data = {"code": "interrupted", "what": str(what), "where": command, "fix": ""}
        _print_json(command, "error", {}, (), data | _log_as_data(options))
    else:
        say(err=True)
        say(_sentence(what), err=True)
        _show_log(options)
    return COULD_NOT_RUN


def show_defect(command: str, error: Exception, options: Globals) -> int:
    """Say that the fault is ours, with the traceback, which shows no variable; return the exit status."""
    what = text("a defect of the program: {error}", error=f"{type(error).__name__}: {error}")
    fix = text("run the command again: nothing is half done; if it ends like this again, report it with the log")
    say_lines("".join(traceback.format_exception(error)), err=True)
    if options.json:
        data = {"code": "defect", "what": str(what), "where": command, "fix": str(fix)}
        _print_json(command, "error", {}, (), data | _log_as_data(options))
    else:
        say(f"{text('Error')}: {what}", err=True)
        _show_log(options)
        say(f"  {text('What to do')}: {fix}", err=True)
    return COULD_NOT_RUN


def show_problems(problems: Sequence[Problem], names: Mapping[str, str], *, everything: bool) -> None:
    """List problems unit by unit on stderr: errors first, many of a kind in one line unless all are asked for."""
    by_unit: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_unit[problem.unit or ""].append(problem)
    for unit, found in by_unit.items():
        if unit:
            say(f"{names.get(unit, unit)} ({unit}):" if unit in names else f"{unit}:", err=True)
        kinds: dict[tuple[str, str], list[Problem]] = defaultdict(list)
        for problem in sorted(found, key=lambda problem: problem.severity):
            kinds[problem.severity, problem.code].append(problem)
        for alike in kinds.values():
            shown = alike if everything or len(alike) <= _MOST_ALIKE else alike[:1]
            for problem in shown:
                kind = text("error") if problem.severity == "error" else text("warning")
                say(f"  {kind}: {problem.what} → {problem.fix}", err=True)
            if len(shown) < len(alike):
                rows = [str(problem.row) for problem in alike[len(shown) :] if problem.row is not None]
                more = text("and {count} more of this kind: {rows}", count=len(alike) - len(shown), rows=rows)
                say(f"    … {more}", err=True)


@contextmanager
def progress_bar(options: Globals) -> Iterator[Progress]:
    """Yield a progress that draws a bar on a terminal, and shows nothing in pipes, JSON or quiet runs."""
    if options.json or options.quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Bars(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    with ExitStack() as shown:
        tasks: dict[str, Any] = {}

        def advance(what: Text, done: int, total: int) -> None:
            name = str(what)
            if not tasks:
                # Not before: as long as bars are shown, all other lines are broken at the terminal's edge, and an
                # address to sign in at must stay in one piece.
                shown.enter_context(bars)
            if name not in tasks:
                tasks[name] = bars.add_task(_for_bars(name), total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield advance


def announcer(options: Globals) -> Announce:
    """Return what tells people who wait; programs and quiet runs hear nothing."""
    return unheard if options.json or options.quiet else _announce


def _announce(what: Text) -> None:
    say(str(what), err=True)


def teller(options: Globals) -> Announce:
    """Return what tells, line by line, of a command whose result comes bit by bit; not in quiet runs or JSON."""
    return unheard if options.json or options.quiet else _tell


def _tell(what: Text) -> None:
    say(str(what))


def _show_table(outcome: Outcome) -> None:
    from rich.box import ASCII2, SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = outcome.table
    if shown is None:
        return
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    table = Table(
        title=on_screen(_capital(str(shown.title))),
        box=SIMPLE_HEAD if console.is_terminal else ASCII2,
        title_justify="left",
    )
    for place, heading in enumerate(shown.headings):
        # A name stays on one line. All else may wrap but not vanish: columns that may not are never made narrower.
        justify: Literal["left", "right"] = "right" if place in shown.numeric else "left"
        least = min(max((len(word) for line in shown.lines for word in line[place].split()), default=1), _LONGEST_WORD)
        table.add_column(on_screen(_capital(str(heading))), justify=justify, no_wrap=place == 0, min_width=least)
    for line in shown.lines:
        table.add_row(*map(on_screen, line))
    console.print(table)


def _for_bars(name: str) -> str:
    """Return the words beside a bar, in which rich looks for markup."""
    from rich.markup import escape

    return escape(visible(name))


def _print_json(
    command: str,
    status: str,
    data: Mapping[str, Any],
    problems: Sequence[Problem],
    error: Mapping[str, str] | None,
) -> None:
    envelope = {
        "schema": SCHEMA,
        "command": command,
        "status": status,
        "data": data,
        "problems": [_problem_as_data(problem) for problem in problems],
        "error": error,
    }
    say_json(json.dumps(envelope, ensure_ascii=False, indent=2))


def _problem_as_data(problem: Problem) -> dict[str, Any]:
    return {
        "unit": problem.unit,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "severity": problem.severity,
        "code": problem.code,
        "what": str(problem.what),
        "fix": str(problem.fix),
    }


def _error_as_data(error: CchcError) -> dict[str, str]:
    return {"code": error.code, "what": str(error.what), "where": error.where, "fix": str(error.fix)}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sentence(words: Text) -> str:
    """Begin with a capital, but not in a name somebody gave; end with a stop, but not after a path to be copied."""
    said = str(words)
    if not any(isinstance(value, str) and value and said.startswith(value) for _, value in words.values):
        said = _capital(said)
    ends_in_path = bool({"/", "\\"} & set(said.rpartition(" ")[2]))
    return said if said.endswith((".", "!", "?", ":")) or ends_in_path else f"{said}."
