"""The command line: thin commands over the stages; the only place that prints."""

from cchc_sheets.cli.entry import main

__all__ = ["main"]
