"""Bring the catalogue up to date with the code: `python tools/messages.py`.

Every `text("…")` of the package goes into `cchc_sheets.po`, with click's own sentences; what is translated already
stays. Then the .mo that the program reads is compiled. `--check` changes nothing and fails if a sentence of ours is
missing or untranslated, or the .mo is not compiled from the .po.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "cchc_sheets"
CATALOGUE = PACKAGE / "locale" / "vi" / "LC_MESSAGES" / "cchc_sheets.po"
FIXED = datetime(2026, 1, 1, tzinfo=UTC)
# Sentences of click that a user of this program can meet; one of them it takes from a variable.
CLICK = ("core.py", "exceptions.py", "formatting.py", "parser.py", "types.py", "decorators.py")
CLICK_HIDDEN = ("required",)

Sentence = str | tuple[str, str]
"""A sentence, or its singular and plural."""


def sentences(file: Path, marker: str, words: int = 1) -> Iterator[Sentence]:
    """Yield the literal first argument (or first two) of every call of `marker`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == marker:
            literals = [a.value for a in node.args[:words] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if len(literals) == words and all(literals):
                yield literals[0] if words == 1 else (literals[0], literals[1])


def ours() -> list[Sentence]:
    """Return every sentence of the package, each once."""
    return list(dict.fromkeys(s for file in sorted(PACKAGE.rglob("*.py")) for s in sentences(file, "text")))


def clicks() -> list[Sentence]:
    """Return the sentences of the click that is installed."""
    files = [file for name in CLICK if (file := Path(click.__file__).parent / name).exists()]
    plain = [sentence for file in files for sentence in sentences(file, "_")]
    pairs = [sentence for file in files for sentence in sentences(file, "ngettext", words=2)]
    return list(dict.fromkeys((*plain, *CLICK_HIDDEN, *pairs)))


def read_catalogue() -> Catalog:
    """Return the catalogue as it is on disk."""
    return read_po(io.BytesIO(CATALOGUE.read_bytes())) if CATALOGUE.exists() else Catalog(locale="vi")


def updated(old: Catalog) -> Catalog:
    """Return a catalogue of all sentences with the translations known so far."""
    new = Catalog(
        locale="vi",
        project="cchc-sheets",
        charset="utf-8",
        header_comment="# Vietnamese sentences of cchc-sheets.",
        creation_date=FIXED,
        revision_date=FIXED,
        fuzzy=False,
    )
    known = {message.id: message.string for message in old}
    for sentence in dict.fromkeys((*ours(), *clicks())):
        new.add(sentence, known.get(sentence, "" if isinstance(sentence, str) else ("",)))
    return new


def compiled(catalogue: Catalog) -> bytes:
    """Return the .mo of a catalogue."""
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def translations(mo: bytes) -> list[tuple[object, object]]:
    """Return what a .mo says, without its head: that names the Babel which wrote it."""
    return [(message.id, message.string) for message in read_mo(io.BytesIO(mo)) if message.id]


def check() -> int:
    """Return 0 if every sentence of ours is translated and the .mo is compiled from the .po."""
    catalogue = read_catalogue()
    translated = {message.id for message in catalogue if message.string and all(message.string)}
    missing = [sentence for sentence in ours() if sentence not in translated]
    stale = translations(CATALOGUE.with_suffix(".mo").read_bytes()) != translations(compiled(catalogue))
    print(f"{len(missing)} sentences without translation; .mo {'stale' if stale else 'up to date'}")  # noqa: T201
    for sentence in missing:
        print(f"  {sentence}")  # noqa: T201 - this is its output
    return int(bool(missing) or stale)


def update() -> int:
    """Rewrite the .po and compile the .mo."""
    catalogue = updated(read_catalogue())
    target = io.BytesIO()
    write_po(target, catalogue, width=110)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(target.getvalue())
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(read_catalogue()))
    return check()


if __name__ == "__main__":
    sys.exit(check() if "--check" in sys.argv else update())
