r"""Characters that text from outside may hold and no file of ours can: made whole once, where the text comes in.

Half a surrogate pair cannot be written as UTF-8, and ends the run that tries; the others no XML can hold, and so no
workbook and no paper. They come from escapes (`_xD800_` in a workbook, `\ud800` in JSON), from bytes of the command
line that are no UTF-8, and from programs that do not care.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

REPLACEMENT: Final = "\ufffd"
"""What stands where a character was that cannot be kept: `�`."""

_BROKEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_ESCAPED: Final = re.compile(r"\\u(?:00[01]|d[89a-f]|fff[ef])", re.IGNORECASE)


def whole(value: str) -> str:
    """Return `value` as any file can hold it: two halves of a character as the one, all else as a visible `�`."""
    return _BROKEN.sub(REPLACEMENT, _PAIR.sub(_joined, value)) if _BROKEN.search(value) else value


def broken_in(value: str) -> str:
    """Return the first character of `value` that no file can hold; empty if there is none."""
    found = _BROKEN.search(value)
    return found[0] if found else ""


def is_half(character: str) -> bool:
    """Tell whether this is half a surrogate pair: on the command line a byte that is no text."""
    return _HALF.fullmatch(character) is not None


def read_json(content: str | bytes, *, exact: bool = False, refuse: Any = None) -> Any:
    """Return the data in a JSON text with every word of it whole.

    Args:
        exact: numbers with a fraction are `Decimal`.
        refuse: called with what is written of a number with a fraction, or of none at all, to raise.

    Raises:
        ValueError, RecursionError: if it is no JSON.
    """
    # Not by the library's own decoding of bytes: that lets encoded halves of characters pass.
    words = content if isinstance(content, str) else content.decode("utf-8-sig", "replace")
    options = {"parse_float": refuse, "parse_constant": refuse} if refuse else {}
    data = json.loads(words, **(options or ({"parse_float": Decimal} if exact else {})))
    return _whole_data(data) if _ESCAPED.search(words) or _BROKEN.search(words) else data


def _whole_data(data: Any) -> Any:
    match data:
        case str():
            return whole(data)
        case list():
            return [_whole_data(item) for item in data]
        case dict():
            return {whole(key): _whole_data(value) for key, value in data.items()}
        case _:
            return data


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


# ---- shown to people --------------------------------------------------------------------------------------------

TURNING: Final = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that nobody sees and that turn the order of those after them: `0.5` behind one reads `5.0`."""

_LINE_ENDS: Final = "\n\u2028\u2029"
_MARKS: Final = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "␡",
    **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)},
    **{ord(turning): f"\\u{ord(turning):04x}" for turning in TURNING},
    **dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT),
    **dict.fromkeys(map(ord, _LINE_ENDS), "⏎"),
    ord("\t"): " ",
}
_UNSEEN_IN_JSON: Final = re.compile(f"[\x7f-\x9f\u2028\u2029\ud800-\udfff{TURNING}]")


def visible(words: str) -> str:
    r"""Return words in one line that do to a terminal, a log or a chat window what they show and nothing else.

    What people wrote may be commands of the terminal: to wipe a line, to go back over it, to fill the clipboard. Each
    such character is shown as a mark (`␛`, `\x9b`, `\u202e`), the end of a line as `⏎`.
    """
    return words.replace("\r\n", "\n").translate(_MARKS)


def visible_json(written: str) -> str:
    """Return JSON text whose words hold no unseen character but as an escape; it says the same."""
    return _UNSEEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
