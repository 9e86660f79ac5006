"""Every sentence the tool says, in the language of the person it says it to.

The code holds the English sentence; `locale/` holds the Vietnamese one (gettext). A `Text` is translated when it
is shown, not when it is made, so one problem can be printed in either language and written into a Vietnamese sheet.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

from cchc_sheets import vietnamese

LANGUAGES: Final = ("vi", "en")
DOMAIN: Final = "cchc_sheets"
LOCALE_FOLDER: Final = Path(__file__).with_name("locale")

_language: ContextVar[str] = ContextVar("language", default="vi")


@dataclass(frozen=True)
class Text:
    """A sentence with its values, not yet in any language."""

    message: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.said_in(_language.get())

    def said_in(self, language: str) -> str:
        """Return the sentence in `vi` or `en`, its numbers and dates in that language's form."""
        values = {name: _shown(value, language) for name, value in self.values}
        return _translate(self.message, language).format_map(values)

    def without_values(self) -> Text:
        """Return the sentence with `…` in place of its values, which a person may have written.

        A value that is itself a sentence of ours stays, without its own values.
        """
        bare = {name: value.without_values() for name, value in self.values if isinstance(value, Text)}
        return Text(self.message, tuple((name, bare.get(name, "…")) for name in _names(self.message)))


def text(message: str, /, **values: object) -> Text:
    """Mark an English sentence for translation; `{name}` in it stands for the value of that name."""
    return Text(message, tuple(values.items()))


def speak(language: str) -> None:
    """Choose the language of everything shown from now on in this context."""
    if language not in LANGUAGES:
        raise ValueError(language)
    _language.set(language)
    os.environ["LANGUAGE"] = language  # for sentences of libraries that ask gettext themselves


def _names(message: str) -> Iterator[str]:
    return (name for _, name, _, _ in Formatter().parse(message) if name)


def _translate(message: str, language: str) -> str:
    return message if language == "en" or not message else _catalogue(language).gettext(message)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE_FOLDER, languages=[language])


def _shown(value: object, language: str) -> object:
    match value:
        case Text():
            return value.said_in(language)
        case Decimal():
            printed = vietnamese.number(value)
            return printed if language == "vi" else printed.replace(",", ".")
        case datetime():
            return vietnamese.moment(value) if language == "vi" else f"{value:%H:%M on %d/%m/%Y}"
        case date():
            return vietnamese.day(value)
        case list() | tuple() | set() | frozenset():
            return ", ".join(str(_shown(item, language)) for item in value)
        case Mapping():
            return ", ".join(f"{key}: {_shown(item, language)}" for key, item in value.items())
        case _:
            return value
