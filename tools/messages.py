"""Bring the catalogue up to date with the code: `python tools/messages.py`.

Every `text("…")` of the package goes into `cchc_sheets.po`, with click's own sentences; what is translated already
stays. Then the .mo that the program reads is compiled. `--check` changes nothing and fails if anything is stale.
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
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "cchc_sheets"
CATALOGUE = PACKAGE / "locale" / "vi" / "LC_MESSAGES" / "cchc_sheets.po"
FIXED = datetime(2026, 1, 1, tzinfo=UTC)
# Sentences of click that a user of this program can meet.
CLICK = ("core.py", "exceptions.py", "formatting.py", "parser.py", "types.py", "decorators.py")


def sentences(file: Path, marker: str) -> Iterator[str]:
    """Yield every literal first argument of a call of `marker`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == marker and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def wanted() -> list[str]:
    """Return every sentence to translate, ours first, each once."""
    ours = (s for file in sorted(PACKAGE.rglob("*.py")) for s in sentences(file, "text"))
    folder = Path(click.__file__).parent
    clicks = (s for name in CLICK if (folder / name).exists() for s in sentences(folder / name, "_"))
    return [sentence for sentence in dict.fromkeys((*ours, *clicks)) if sentence]


def main() -> int:
    """Update or check; return the exit status."""
    old = read_po(io.BytesIO(CATALOGUE.read_bytes())) if CATALOGUE.exists() else Catalog()
    catalogue = Catalog(
        locale="vi",
        project="cchc-sheets",
        charset="utf-8",
        header_comment="# Vietnamese sentences of cchc-sheets.",
        creation_date=FIXED,
        revision_date=FIXED,
        fuzzy=False,
    )
    known = {message.id: message.string for message in old}
    for sentence in wanted():
        catalogue.add(sentence, known.get(sentence, ""))
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=110, omit_header=False)
    write_mo(mo, catalogue)
    missing = [sentence for sentence in wanted() if not known.get(sentence)]
    print(f"{len(wanted())} sentences, {len(missing)} without translation")  # noqa: T201 - this is its output
    if "--check" in sys.argv:
        stale = not CATALOGUE.exists() or CATALOGUE.read_bytes() != po.getvalue()
        stale = stale or CATALOGUE.with_suffix(".mo").read_bytes() != mo.getvalue()
        return int(stale or bool(missing))
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(po.getvalue())
    CATALOGUE.with_suffix(".mo").write_bytes(mo.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
