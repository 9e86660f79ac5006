"""How a command is declared, opens its season, shows what its stage returned, and ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import click

from cchc_sheets.characters import whole
from cchc_sheets.cli import show
from cchc_sheets.cli.logs import logged, noted
from cchc_sheets.cli.options import Globals, SpokenCommand, SpokenGroup, global_options, version_option
from cchc_sheets.errors import Busy
from cchc_sheets.messages import Text, text
from cchc_sheets.run_log import note_problems

if TYPE_CHECKING:
    from cchc_sheets.outcome import Outcome
    from cchc_sheets.stages.season import Season

pass_globals = click.make_pass_decorator(Globals, ensure=True)


@click.group(cls=SpokenGroup, add_help_option=False, context_settings={"max_content_width": 100})
@version_option
@global_options
def commands() -> None:
    """Hold all commands; described by `said`."""


commands.said = text(
    "Runs the yearly Public Administration Reform Index of communes, from the criteria set to the Word decision. "
    "`sync` does what is due today; `demo` shows a whole season."
)


def command(said: Text) -> Callable[[Callable[..., Outcome]], click.Command]:
    """Declare a command whose function returns the outcome of its stage."""

    def declare(function: Callable[..., Outcome]) -> click.Command:
        declared = commands.command(cls=SpokenCommand, add_help_option=False)(global_options(_shown(function)))
        cast("SpokenCommand", declared).said = said
        return declared

    return declare


def _shown(function: Callable[..., Outcome]) -> Callable[..., None]:
    """Turn a function that returns an outcome into one that shows it and ends with its exit status."""

    @click.pass_context
    def run(ctx: click.Context, /, **arguments: Any) -> None:
        options = ctx.find_root().ensure_object(Globals)
        options.command = function.__name__
        with logged(ctx, options) as run_log:
            with show.progress_bar(options) as progress:
                ctx.meta["progress"] = noted(progress)
                outcome = ctx.invoke(function, **arguments)
            if arguments.get("dry_run"):
                outcome = replace(outcome, summary=(text("dry run: nothing was changed"), *outcome.summary))
            note_problems(outcome.problems)
            run_log.exit_code = show.show_outcome(outcome, options, ctx.meta.get("names", {}))
        ctx.exit(run_log.exit_code)

    run.__name__ = function.__name__
    run.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    return run


@contextmanager
def season_of(
    options: Globals, *, dry_run: bool = False, only_reads: bool = False, finds_altered: bool = False
) -> Iterator[Season]:
    """Open the season; whatever does not only read is the only one to change it meanwhile.

    Nothing is told from a ledger that was altered, and nothing written into it, but by who `finds_altered` entries.
    """
    from cchc_sheets.stages.one_writer import only_writer
    from cchc_sheets.stages.season import open_season

    meta = click.get_current_context().meta
    season = open_season(
        options.cycle,
        now=options.now,
        actor=_actor(),
        progress=meta["progress"],
        announce=show.announcer(options),
        dry_run=dry_run,
    )
    meta["names"] = {unit.code: unit.name for unit in season.cycle.units}
    if options.now and not dry_run:
        show.show_rehearsal(season.now, options)
    try:
        if finds_altered:
            yield season
        elif dry_run or only_reads:
            season.ledger.check_chain()
            yield season
        else:
            with only_writer(season, options.command, break_lease=options.break_lease):
                season.ledger.check_chain()
                if not options.now:
                    season.compare_clock()
                yield season
    finally:
        season.close()


@contextmanager
def logged_season(options: Globals) -> Iterator[Season]:
    """Open the season for one of many runs, each with a log of its own; where it is not our turn nothing was run."""
    log = None
    try:
        with logged(click.get_current_context(), options, command="sync") as run:
            log = run.file
            with season_of(options) as season:
                yield season
    except Busy:
        if log is not None:
            log.unlink(missing_ok=True)
        raise


def _actor() -> str:
    import getpass

    try:
        return whole(getpass.getuser())
    except (KeyError, OSError):
        return "?"
