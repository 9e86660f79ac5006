"""`demo`: the whole season of a template set with simulated people, through the same stages as a real one."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from cchc_sheets.cycle.folder import SETTINGS, UNITS, Cycle, load_cycle
from cchc_sheets.errors import CchcError
from cchc_sheets.files import write_whole
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Announce, Outcome, unheard
from cchc_sheets.stages.appraise import appraise
from cchc_sheets.stages.check import check
from cchc_sheets.stages.collect import collect
from cchc_sheets.stages.demo_people import Cast, break_rows, cast_of, departments_write, fill_in, mend_rows
from cchc_sheets.stages.demo_previous import put_last_year_beside
from cchc_sheets.stages.demo_round import council_rules, meeting_rules, units_answer
from cchc_sheets.stages.demo_survey import imported_csv, put_survey_in_force, responses_csv
from cchc_sheets.stages.explain import explain
from cchc_sheets.stages.extend import extend
from cchc_sheets.stages.finalise import DECISION, finalise
from cchc_sheets.stages.init import init
from cchc_sheets.stages.one_writer import only_writer
from cchc_sheets.stages.paper_run import FOLDER as PAPERS
from cchc_sheets.stages.papers import papers
from cchc_sheets.stages.provision import provision, submission_workbook
from cchc_sheets.stages.publish import FOLDER as SITE
from cchc_sheets.stages.publish import publish
from cchc_sheets.stages.robustness import PAGE as BEFORE_SIGNING
from cchc_sheets.stages.season import APPRAISAL, BOARD, Season, open_workspace, unit_key
from cchc_sheets.stages.status import status
from cchc_sheets.stages.survey import survey
from cchc_sheets.workspace.port import Workspace

Tell = Callable[[Text], None]

TEMPLATE: Final = "tay-son-2023"

_ID: Final = re.compile(r"^id: \S+", re.MULTILINE)
_CREDENTIALS: Final = re.compile(r"^credentials: \S+", re.MULTILINE)
_LEADERS: Final = re.compile(r"^leaders: \S+", re.MULTILINE)
_DEPARTMENT_ADDRESS: Final = re.compile(r"^    email: \S+\n(?=  - id|\n)", re.MULTILINE)
_UNIT_ADDRESSES: Final = re.compile(r",[^,]*$")
_ACTOR: Final = "demo"
_PAPERS: Final = ("minutes", "report", "submission", "announcement")


@dataclass
class _Demo:
    """The season as it goes on, and the story told of it."""

    folder: Path
    tell: Tell
    announce: Announce
    steps: list[dict[str, str]] = field(default_factory=list)

    @cached_property
    def cycle(self) -> Cycle:
        """The cycle, once its folder has been made."""
        return load_cycle(self.folder)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace of the cycle."""
        return open_workspace(self.cycle, self.announce)

    @contextmanager
    def at(self, moment: str) -> Iterator[Season]:
        """Open the season at a moment, and close it again, as each command does."""
        season = Season(self.cycle, self.workspace, self.cycle.moment(moment), _ACTOR)
        try:
            with only_writer(season, "demo"):
                yield season
        finally:
            season.close()

    def step(self, day: str, story: Text, outcome: Outcome) -> Outcome:
        """Tell what was done on a day and what came of it."""
        self.tell(text("[{day}] {story}", day=day, story=story))
        for sentence in outcome.summary:
            self.tell(text("    {sentence}", sentence=sentence))
        errors = [problem for problem in outcome.problems if problem.severity == "error"]
        if errors:
            self.tell(text("    {count} things to mend, for example: {what}", count=len(errors), what=errors[0].what))
        self.steps.append({"command": outcome.command, "day": day, "status": outcome.status})
        return outcome


def demo(
    folder: Path, *, tell: Tell, workspace: str = "local", credentials: Path | None = None, announce: Announce = unheard
) -> Outcome:
    """Run the season of Tây Sơn 2023 in `folder`, which must be empty or new.

    Args:
        folder: becomes the cycle's folder.
        tell: told the story.
        workspace: `local`, or `google` for spreadsheets of a cycle of its own, whose id no other one has.
        credentials: the file to sign in to Google with.
        announce: told what people who wait should know.

    Raises:
        CchcError: if there is anything in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CchcError(
            text("the folder is not empty"), where=str(folder), fix=text("name a new folder"), code="exists"
        )
    story = _Demo(folder, tell, announce)
    story.step(
        "16/10/2023",
        text("the office makes the cycle from its template set"),
        init(folder, template=TEMPLATE, workspace=workspace),
    )
    put_survey_in_force(folder)
    put_last_year_beside(load_cycle(folder))
    if workspace == "google":
        _set_apart(folder, credentials)
    story.step("16/10/2023", text("it checks the criteria set"), check(folder))
    with story.at("2023-10-20T08:00") as season:
        story.step("20/10/2023", text("plan and guidance letter are made"), papers(season, ["plan", "guidance"]))
        story.step("20/10/2023", text("every commune gets its workbook"), provision(season))
        cast = cast_of(season.cycle.units)
    _communes_write(story, cast)
    _deadline_passes(story, cast)
    _appraisal(story, cast)
    _explanations(story, cast)
    return _decision(story, cast)


def _set_apart(folder: Path, credentials: Path | None) -> None:
    """Give the cycle an id of its own, so that its spreadsheets are never taken for those of a real cycle.

    On the real Google nobody is invited: the addresses of the template set belong to nobody.
    """
    settings, units = folder / SETTINGS, folder / UNITS
    own = f"{TEMPLATE}-demo-{secrets.token_hex(4)}"
    words = _ID.sub(f"id: {own}", settings.read_text(encoding="utf-8"), count=1)
    if credentials is not None:
        words = _CREDENTIALS.sub(f"credentials: {json.dumps(str(credentials.absolute()))}", words, count=1)
    if not os.environ.get("CCHC_GOOGLE_EMULATOR"):
        words = _LEADERS.sub('leaders: ""', _DEPARTMENT_ADDRESS.sub("", words))
        lines = units.read_text(encoding="utf-8-sig").splitlines()
        write_whole(units, "\n".join([lines[0], *(_UNIT_ADDRESSES.sub(",", line) for line in lines[1:])]).encode())
    write_whole(settings, words.encode())


def _communes_write(story: _Demo, cast: Cast) -> None:
    with story.at("2023-12-08T16:00") as season:
        for unit in season.cycle.units:
            if unit != cast.late:
                fill_in(season, unit, cast)
        break_rows(season, cast.broken)
        said = text("two days before the deadline the office looks around, and reminds those who are not ready")
        story.step("08/12/2023", said, status(season, write=True))
        story.step("08/12/2023", text("the letter to them"), papers(season, ["reminder"]))


def _deadline_passes(story: _Demo, cast: Cast) -> None:
    with story.at("2023-12-10T17:00") as season:
        story.step("10/12/2023", text("the deadline: the workbooks are closed, read and recorded"), collect(season))
        said = text("{unit} reports a damaged sheet and gets two more days", unit=cast.broken.name)
        until = (season.now + timedelta(days=2)).isoformat()
        reason = "Công văn số 41/UBND ngày 10/12/2023 xin gia hạn do lỗi bảng tính"
        story.step("10/12/2023", said, extend(season, cast.broken.code, until=until, reason=reason))
    with story.at("2023-12-12T09:30") as season:
        mend_rows(season, cast.broken)
        season.workspace.thaw(submission_workbook(season, cast.late))
        fill_in(season, cast.late, cast)
    with story.at("2023-12-12T17:00") as season:
        said = text("{unit} has mended its sheet; {late} hands in late", unit=cast.broken.name, late=cast.late.name)
        story.step("12/12/2023", said, collect(season))
        story.step("12/12/2023", text("every commune reads in its guide what has arrived"), status(season, write=True))


def _appraisal(story: _Demo, cast: Cast) -> None:
    with story.at("2023-12-13T08:00") as season:
        story.step("13/12/2023", text("the departments get the review workbook"), appraise(season))
        departments_write(season, cast)
    with story.at("2023-12-22T16:00") as season:
        story.step("22/12/2023", text("the departments have finished"), appraise(season))
        write_whole(story.folder / "survey.csv", responses_csv(season))
        story.step("22/12/2023", text("the survey's answers arrive"), survey(season))
        other = story.folder / "one-stop.csv"
        write_whole(other, imported_csv(season))
        story.step("22/12/2023", text("so do the points from another system"), survey(season, other))


def _explanations(story: _Demo, cast: Cast) -> None:
    with story.at("2023-12-23T08:00") as season:
        said = text("what was lowered is put to the communes")
        story.step("23/12/2023", said, explain(season, until="2023-12-27T17:00"))
        units_answer(season, cast)
    with story.at("2023-12-27T17:00") as season:
        story.step("27/12/2023", text("their answers are read; what they contest goes to the council"), explain(season))
        council_rules(season)
    with story.at("2023-12-28T08:00") as season:
        story.step("28/12/2023", text("the council has ruled; every commune sees its outcome"), explain(season))
        said = text("the final meeting gives points back that a commune had given up")
        story.step("28/12/2023", said, meeting_rules(season))


def _decision(story: _Demo, cast: Cast) -> Outcome:
    with story.at("2023-12-29T09:00") as season:
        final = story.step("29/12/2023", text("results, and the decision for the Chairman to sign"), finalise(season))
        names = [*_PAPERS, f"self-report/{cast.disputing.code}", f"notice/{cast.disputing.code}"]
        story.step(
            "29/12/2023", text("the other papers; of those for each commune one as an example"), papers(season, names)
        )
    with story.at("2024-01-10T08:00") as season:
        story.step("10/01/2024", text("the results and the open data are published"), publish(season))
        files = {
            "decision": season.cycle.output_folder / DECISION,
            "before_you_sign": season.cycle.output_folder / BEFORE_SIGNING,
            "papers": season.cycle.output_folder / PAPERS,
            "site": season.cycle.output_folder / SITE / "index.html",
            "board": season.workspace.location(BOARD),
            "results": season.cycle.output_folder / "results.csv",
            "appraisal": season.workspace.location(APPRAISAL),
            "unit": season.workspace.location(unit_key(season.cycle.units[0])),
        }
    return Outcome(
        "demo",
        (
            text("the season is over; open these:"),
            text("  the draft decision: {file}", file=files["decision"]),
            text("  a page to read before signing: {file}", file=files["before_you_sign"]),
            text("  the other papers: {file}", file=files["papers"]),
            text("  the public page: {file}", file=files["site"]),
            text("  the results: {file}", file=files["results"]),
            text("  the review workbook: {file}", file=files["appraisal"]),
            text("  the board: {file}", file=files["board"]),
            text("  a commune's workbook: {file}", file=files["unit"]),
        ),
        data={
            "folder": str(story.folder),
            "steps": story.steps,
            "files": {name: str(file) for name, file in files.items()},
            "units": final.data["units"],
        },
        table=final.table,
    )
