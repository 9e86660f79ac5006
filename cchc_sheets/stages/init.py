"""`init`: make a cycle folder from a template set."""

from __future__ import annotations

import shutil
from pathlib import Path

from cchc_sheets.cycle.folder import SETTINGS, load_cycle
from cchc_sheets.cycle.template_sets import papers_folder, template_set
from cchc_sheets.errors import CchcError
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome


def init(folder: Path, *, template: str, workspace: str = "local", dry_run: bool = False) -> Outcome:
    """Copy a template set and the default Word templates into `folder`; never over an existing cycle.

    Raises:
        CchcError: if the folder holds a cycle already, or set or workspace are unknown.
    """
    source = template_set(template)
    if workspace != "local":
        raise CchcError(
            text("this version works on local workbooks only, not on {kind}", kind=workspace),
            fix=text("choose --workspace local"),
            code="workspace_unknown",
        )
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
    _copy(source, folder)
    cycle = load_cycle(folder)
    return Outcome(
        "init",
        (
            text("made the cycle {cycle} in {folder}", cycle=cycle.settings.title, folder=folder),
            text("look through cycle.yaml, criteria.yaml and units.csv, then run `cchc-sheets check`"),
        ),
        data={"folder": str(folder), "template": template, "cycle": cycle.id, "units": len(cycle.units)},
    )


def _copy(source: Path, folder: Path) -> None:
    """Copy everything, cycle.yaml last: a folder in which it stands is whole."""
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    for paper in sorted(papers_folder().glob("*.docx")):
        shutil.copyfile(paper, folder / "templates" / paper.name)
    for file in sorted(source.iterdir(), key=lambda file: file.name == SETTINGS):
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
