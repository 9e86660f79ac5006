"""The one door to the screen: nothing goes past it, so that nobody's words can command a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cchc_sheets.characters import visible, visible_json

if TYPE_CHECKING:
    from rich.text import Text as OnScreen


def say(words: str = "", *, err: bool = False) -> None:
    """Print one line; whatever in it is no plain text is shown as a mark."""
    click.echo(visible(words), err=err)


def say_lines(words: str, *, err: bool = False) -> None:
    """Print several lines of our own making, a help page or a traceback, each as `say` does."""
    for line in words.removesuffix("\n").split("\n"):
        say(line, err=err)


def say_json(written: str) -> None:
    """Print a JSON object."""
    click.echo(visible_json(written))


def shown(words: str) -> OnScreen:
    """Return words for a table or a bar: without commands of the terminal, and without rich's own markup."""
    from rich.text import Text as OnScreen

    return OnScreen(visible(words))
