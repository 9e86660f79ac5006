"""Vietnamese text, numbers and dates: how they are compared, ordered and printed."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

END_OF_WORK: Final = 17
"""The hour at which a day ends that is named without a time."""

_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the dictionary's order
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"


def number(value: Decimal) -> str:
    """Print a number with the decimal comma and no needless zeros: `0.50` becomes `0,5`."""
    digits = f"{value:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits.replace(".", ",") if digits not in {"-0", ""} else "0"


def fixed(value: Decimal, decimals: int) -> str:
    """Print a number that is already rounded with exactly `decimals` places: `78,40`."""
    return f"{value:.{decimals}f}".replace(".", ",")


def day(value: date) -> str:
    """Print a date as offices write it in running text: `05/10/2023`."""
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """Print a date with its clock time: `17:00 ngày 10/12/2023`."""
    return f"{value:%H:%M} ngày {day(value)}"


def normal(text: str) -> str:
    """Return one spelling of `text`: composed letters (NFC), single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def read_moment(written: str) -> datetime:
    """Read `2023-12-12T17:00`, `2023-12-12`, `12/12/2023 17:00` or `12/12/2023`; a day alone ends at 17:00.

    Raises:
        ValueError: if it is none of these.
    """
    plain = written.strip()
    for form in ("%d/%m/%Y %H:%M", "%d/%m/%Y"):
        with suppress(ValueError):
            read = datetime.strptime(plain, form)  # noqa: DTZ007 - the caller knows the zone
            return read if "%H" in form else read.replace(hour=END_OF_WORK)
    read = datetime.fromisoformat(plain)
    return read.replace(hour=END_OF_WORK) if len(plain) <= len("2023-12-12") else read


def unicode_text(text: str) -> str:
    """Return text with composed letters (NFC) and nothing blank at its ends; lines within it stay."""
    return unicodedata.normalize("NFC", text).strip()


@lru_cache(maxsize=8192)  # the same names and titles are compared in every row
def comparable(text: str) -> str:
    """Return a key under which `Hoà` and `Hòa`, NFC and NFD, capitals and small letters are the same.

    The tone mark moves to the end of its word: old and new spelling differ only in the letter that carries it.
    """
    return " ".join(_tone_last(word) for word in unicodedata.normalize("NFD", text).casefold().split())


def without_marks(text: str) -> str:
    """Return `text` in plain letters (`Bình Hòa` → `binh hoa`), for look-ups typed without tone marks."""
    plain = (c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(plain).replace("đ", "d").split())


def sort_key(text: str) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """Order words as a Vietnamese dictionary does: digits, then letters (a < ă < â, d < đ), and tones last."""
    return tuple(_word_key(word) for word in unicodedata.normalize("NFD", text).casefold().split())


def _tone_last(word: str) -> str:
    letters = "".join(c for c in word if c not in _TONES)
    return unicodedata.normalize("NFC", letters) + "".join(c for c in word if c in _TONES)


def _word_key(word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    marked = _tone_last(word)
    letters = [c for c in marked if c not in _TONES]
    places = tuple(_ALPHABET.find(c) if c in _ALPHABET else ord(c) - sys.maxunicode for c in letters)
    return places, tuple(_TONES.index(c) + 1 for c in marked if c in _TONES)
