"""Commands and options whose help speaks the user's language, and the options that every command takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cchc_sheets import __version__
from cchc_sheets.cli.terminal import say, say_lines
from cchc_sheets.messages import LANGUAGES, Text, speak, text
from cchc_sheets.vietnamese import read_moment


@dataclass
class Globals:
    """The options that may stand before or after the name of a command."""

    cycle: Path = Path()
    now: str | None = None
    command: str = ""
    log: Path | None = None
    json: bool = False
    verbose: bool = False
    quiet: bool = False
    break_lease: bool = False


class SpokenOption(click.Option):
    """An option whose help is translated when it is shown."""

    def __init__(self, *args: Any, said: Text, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.said = said

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return names and help in the language of this run."""
        self.help = str(self.said)
        return super().get_help_record(ctx)


class SpokenCommand(click.Command):
    """A command whose help is translated when it is shown."""

    said: Text

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the language of this run."""
        self.help = str(self.said)
        super().format_help_text(ctx, formatter)

    def get_short_help_str(self, limit: int = 90) -> str:
        """Return the first sentence of the help in the language of this run."""
        self.help = str(self.said)
        return super().get_short_help_str(limit)


class SpokenGroup(SpokenCommand, click.Group):
    """The group of all commands; they are listed in the order of the procedure."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they were declared."""
        return list(self.commands)


class _Moment(click.ParamType[str]):
    """A date or moment; checked here, read in the cycle's time zone later."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text as it is, if it can be read."""
        try:
            read_moment(str(value))
        except ValueError:
            self.fail(str(text("«{written}» is not a date; write e.g. 2023-12-10T17:00", written=value)), param, ctx)
        return str(value)


MOMENT = _Moment()

Declare = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(*names: str, said: Text, **attributes: Any) -> Declare:
    """Declare an option with translated help."""
    return click.option(*names, cls=SpokenOption, said=said, **attributes)


notify = option("--notify", is_flag=True, said=text("Let Google send an e-mail to everyone who gets access."))
workspace = option(
    "--workspace",
    default="local",
    show_default=True,
    type=click.Choice(["local", "google"]),
    said=text("Where the workbooks are: .xlsx files on this computer, or Google Sheets."),
)


def global_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command takes, listed after its own."""
    own = list(getattr(function, "__click_params__", []))
    function.__click_params__ = []  # type: ignore[attr-defined]  # where click keeps declared options
    function = help_option(function)
    for name, said, attributes in reversed(_GLOBAL):
        function = option(*name, said=said, expose_value=False, callback=_remember, is_eager=True, **attributes)(
            function
        )
    function.__click_params__.extend(own)  # type: ignore[attr-defined]
    return function


def dry_run(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command takes that changes the cycle: to try it out, and to go on where another one died."""
    broken = option(
        "--break-lease",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        said=text("Take over from a command that is certainly dead but still holds the ledger; this is recorded."),
    )
    tried = option("--dry-run", is_flag=True, said=text("Say what would be done; change nothing."))
    return tried(broken(function))


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a global option for the whole run, wherever it stood; absent ones leave the earlier word standing."""
    if value is None or value is False or ctx.resilient_parsing:
        return
    if parameter.name == "lang":
        speak(value)
    else:
        setattr(ctx.find_root().ensure_object(Globals), str(parameter.name), value)


def _show_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        say(f"cchc-sheets {__version__}")
        ctx.exit()


version_option = option(
    "--version",
    said=text("Show the version."),
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
)


def _show_help(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        say_lines(ctx.get_help())
        ctx.exit()


help_option = option(
    "-h",
    "--help",
    said=text("Show this help."),
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_help,
)

_GLOBAL: list[tuple[tuple[str, ...], Text, dict[str, Any]]] = [
    (
        ("--cycle",),
        text("The cycle's folder; the current one by default."),
        {"type": click.Path(path_type=Path, file_okay=False), "metavar": "DIR"},
    ),
    (("--now",), text("Rehearse: act as if it were this moment."), {"type": MOMENT}),
    (("--lang",), text("Language of what is shown: vi or en."), {"type": click.Choice(LANGUAGES)}),
    (("--json",), text("Print one JSON object for programs."), {"is_flag": True}),
    (("-v", "--verbose"), text("Show everything, unit by unit."), {"is_flag": True}),
    (("-q", "--quiet"), text("Show only results and errors."), {"is_flag": True}),
]
