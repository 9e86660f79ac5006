"""The program as it is started: language, output, and an end for every way in which a command can break off."""

from __future__ import annotations

import gettext
import os
import sys
from itertools import pairwise
from typing import NoReturn

import click

from cchc_sheets.characters import broken_in, is_half, whole
from cchc_sheets.cli import show
from cchc_sheets.cli.commands import commands
from cchc_sheets.cli.options import Globals
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import DOMAIN, LANGUAGES, LOCALE_FOLDER, speak, text


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end with its exit status."""
    show.utf8_output()
    translate_click()
    arguments = sys.argv[1:] if arguments is None else arguments
    _speak_as_asked(arguments)
    options = Globals(json="--json" in arguments)
    name = next((argument for argument in arguments if argument in commands.commands), "")
    try:
        _refuse_broken(arguments)
        status = commands.main(arguments, prog_name="cchc-sheets", standalone_mode=False, obj=options)
    except CchcError as error:
        status = show.show_error(options.command, error, options)
    except click.ClickException as error:
        status = show.show_usage_error(options.command or name, error, options)
    except (KeyboardInterrupt, click.Abort):
        status = show.show_interruption(options.command, options)
    except Exception as error:  # noqa: BLE001 - shown with its traceback, as Python would, and the log besides
        status = show.show_defect(options.command, error, options)
    sys.exit(status or 0)


def _refuse_broken(arguments: list[str]) -> None:
    """Refuse words that no file can hold: they would be recorded, and stand in workbooks and papers.

    Raises:
        click.UsageError: naming the word.
    """
    for argument in arguments:
        broken = broken_in(argument)
        if broken:
            what = (
                text("«{argument}» holds bytes that are no text in UTF-8", argument=whole(argument))
                if is_half(broken)
                else text(
                    "«{argument}» holds the character U+{code}, which cannot be shown",
                    argument=whole(argument),
                    code=f"{ord(broken):04X}",
                )
            )
            raise click.UsageError(f"{what}; {text('type it anew, or give the file another name')}")


def _speak_as_asked(arguments: list[str]) -> None:
    """Know the language before the command line is understood, for the case that it cannot be."""
    for word, following in pairwise([*arguments, ""]):
        asked = word.removeprefix("--lang=") if word.startswith("--lang=") else following if word == "--lang" else ""
        if asked in LANGUAGES:
            speak(asked)


def translate_click() -> None:
    """Let click's own sentences come from our catalogue: it asks gettext's default domain, in this language."""
    gettext.bindtextdomain(DOMAIN, LOCALE_FOLDER)
    gettext.textdomain(DOMAIN)
    os.environ.setdefault("LANGUAGE", "vi")
