"""`init`: make a cycle folder from a template set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cchc_sheets.cycle.folder import SETTINGS, load_cycle
from cchc_sheets.cycle.template_sets import papers_folder, template_set
from cchc_sheets.errors import CchcError
from cchc_sheets.files import remove_left_overs, write_whole
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome

_KIND: Final = re.compile(r"^workspace: \w+", re.MULTILINE)


def init(folder: Path, *, template: str, workspace: str = "local", dry_run: bool = False) -> Outcome:
    """Copy a template set and the default Word templates into `folder`; never over an existing cycle.

    Raises:
        CchcError: if the folder holds a cycle already, or the set is unknown.
    """
    source = template_set(template)
    if (folder / SETTINGS).exists():
        raise CchcError(
            text("the folder holds a cycle already"),
            where=str(folder),
            fix=text("choose another folder"),
            code="exists",
        )
    if dry_run:
        return Outcome(
            "init",
            (text("would make a cycle in {folder} from {template}", folder=folder, template=template),),
            data={"folder": str(folder), "template": template},
        )
    _copy(source, folder, workspace)
    cycle = load_cycle(folder)
    return Outcome(
        "init",
        (
            text("made the cycle {cycle} in {folder}", cycle=cycle.settings.title, folder=folder),
            text("look through cycle.yaml, criteria.yaml and units.csv, then run `cchc-sheets check`"),
            *_way_to_google(workspace),
        ),
        data={"folder": str(folder), "template": template, "cycle": cycle.id, "units": len(cycle.units)},
    )


def _way_to_google(workspace: str) -> Iterator[Text]:
    if workspace == "google":
        yield text("put credentials.json into the folder (see docs/google-setup.md), then run `cchc-sheets doctor`")


def _copy(source: Path, folder: Path, workspace: str) -> None:
    """Copy everything, cycle.yaml with the kind of workspace last: a folder in which it stands is whole."""
    remove_left_overs(folder)
    for paper in sorted(papers_folder().glob("*.docx")):
        write_whole(folder / "templates" / paper.name, paper.read_bytes())
    for file in sorted(source.iterdir()):
        if file.is_file() and file.name != SETTINGS:
            write_whole(folder / file.name, file.read_bytes())
    settings = (source / SETTINGS).read_text(encoding="utf-8")
    write_whole(folder / SETTINGS, _KIND.sub(f"workspace: {workspace}", settings, count=1).encode())
