"""The template sets and default papers that come with the program."""

from __future__ import annotations

from pathlib import Path

from cchc_sheets.cycle.folder import SETTINGS
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text

_PACKAGE = Path(__file__).resolve().parent.parent


def templates_folder() -> Path:
    """Return the folder of all template sets: inside the installed package, or beside it in a checkout."""
    for folder in (_PACKAGE / "sheet_templates", _PACKAGE.parent / "sheet_templates"):
        if folder.is_dir():
            return folder
    raise CchcError(
        text("the template sets that belong to the program are missing"),
        where=str(_PACKAGE),
        fix=text("install the program again"),
        code="installation",
    )


def papers_folder() -> Path:
    """Return the folder of the default Word templates."""
    return templates_folder() / "papers"


def template_set(name: str) -> Path:
    """Return the folder of the template set with this name.

    Raises:
        CchcError: if there is none, naming those there are.
    """
    sets = {file.parent.name: file.parent for file in templates_folder().glob(f"*/{SETTINGS}")}
    if name not in sets:
        raise CchcError(
            text("there is no template set «{name}»", name=name),
            fix=text("choose one of: {sets}", sets=sorted(sets)),
            code="template_unknown",
        )
    return sets[name]
