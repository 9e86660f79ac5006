"""The commands, in the order of the procedure. Each is the twin of the stage of the same name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cchc_sheets.cli import show
from cchc_sheets.cli.options import MOMENT, Globals, dry_run, notify, option, workspace
from cchc_sheets.cli.running import command, commands, logged_season, pass_globals, season_of
from cchc_sheets.messages import text

if TYPE_CHECKING:
    from cchc_sheets.outcome import Outcome

__all__ = ["commands"]


@command(text("Make a cycle folder from a template set."))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@option(
    "--template",
    default="tay-son-2023",
    show_default=True,
    said=text("Which template set: tay-son-2023 or province-2026."),
)
@workspace
@dry_run
@pass_globals
def init(options: Globals, folder: Path | None, template: str, workspace: str, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.init import init as stage

    return stage(folder or options.cycle, template=template, workspace=workspace, dry_run=dry_run)


@command(text("Check the cycle's files and report every mistake at once."))
@pass_globals
def check(options: Globals) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.check import check as stage

    return stage(options.cycle)


@command(text("Show the criteria set as it is understood, or all that is said of one criterion."))
@click.argument("code", required=False, default="")
@pass_globals
def criteria(options: Globals, code: str) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.criteria import criteria as stage

    return stage(options.cycle, code)


@command(text("Check that everything the cycle needs is there: files, ledger, and the way to Google."))
@option("--sign-out", is_flag=True, said=text("Forget first who signed in to Google on this computer."))
@pass_globals
def doctor(options: Globals, sign_out: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.doctor import doctor as stage

    return stage(options.cycle, sign_out=sign_out, tell=show.teller(options), announce=show.announcer(options))


@command(text("Make or mend the workbook of every unit, and give its people access."))
@notify
@dry_run
@pass_globals
def provision(options: Globals, notify: bool, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.provision import provision as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season, notify=notify or season.cycle.settings.google.notify)


@command(text("Give people access to the Google spreadsheets that they still lack."))
@option("--check", is_flag=True, said=text("Compare who has access with who should have it."))
@option("--mend", is_flag=True, said=text("Give and take away until both agree."))
@notify
@dry_run
@pass_globals
def share(options: Globals, check: bool, mend: bool, notify: bool, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.share import share as stage

    with season_of(options, dry_run=dry_run, only_reads=check) as season:
        notify = notify or season.cycle.settings.google.notify
        return stage(season, check=check, mend=mend, notify=notify)


@command(text("Show where every unit and department stands."))
@option("--write", is_flag=True, said=text("Also tell each unit in its guide, and write the board and the reminders."))
@dry_run
@pass_globals
def status(options: Globals, write: bool, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.status import status as stage

    with season_of(options, dry_run=dry_run, only_reads=not write) as season:
        return stage(season, write=write)


@command(text("At the deadline close, read and record the units' workbooks."))
@option("--preview", is_flag=True, said=text("Before the deadline: look at the workbooks, record nothing."))
@dry_run
@pass_globals
def collect(options: Globals, preview: bool, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.collect import collect as stage

    with season_of(options, dry_run=dry_run, only_reads=preview) as season:
        return stage(season, preview=preview)


@command(text("Give one unit more time, for a reason."))
@click.argument("unit")
@option("--until", required=True, type=MOMENT, said=text("The new deadline, e.g. 2023-12-12T17:00."))
@option("--reason", required=True, said=text("Why, e.g. number and date of the unit's request."))
@dry_run
@pass_globals
def extend(options: Globals, unit: str, until: str, reason: str, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.extend import extend as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season, unit, until=until, reason=reason)


@command(text("Lay the submissions out for the departments and read their findings."))
@option("--check-links", is_flag=True, said=text("Look first whether the evidence's links open for everybody."))
@dry_run
@pass_globals
def appraise(options: Globals, check_links: bool, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.appraise import appraise as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season, with_links=check_links)


@command(text("Put lowered criteria to the units, read their answers, show them the rulings."))
@option("--until", type=MOMENT, said=text("Deadline of the answers; by default the calendar's."))
@option("--rule", default="", metavar="UNIT/CODE", said=text("Record a ruling of the final meeting on a criterion."))
@option("--points", default="", said=text("With --rule: the points that stand."))
@option("--reason", default="", said=text("With --rule: the reason, e.g. the minutes' number and date."))
@option("--withdraw", is_flag=True, said=text("With --rule: take the meeting's ruling back; what stood before stands."))
@dry_run
@pass_globals
def explain(  # noqa: PLR0913 - one for each option
    options: Globals, until: str | None, rule: str, points: str, reason: str, *, withdraw: bool, dry_run: bool
) -> Outcome:
    """Twin of the stages."""
    from cchc_sheets.stages.explain import explain as stage
    from cchc_sheets.stages.ruling import rule as record_ruling
    from cchc_sheets.stages.ruling import withdraw as withdraw_ruling

    if not rule and (points or reason or withdraw):
        raise click.UsageError(str(text("--points, --reason and --withdraw go with --rule UNIT/CODE")))
    with season_of(options, dry_run=dry_run) as season:
        if rule and withdraw:
            return withdraw_ruling(season, rule, reason=reason)
        if rule:
            return record_ruling(season, rule, points=points, reason=reason)
        return stage(season, until=until or "")


@command(text("Import the survey's points from a CSV or .xlsx file."))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@dry_run
@pass_globals
def survey(options: Globals, file: Path | None, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.survey import survey as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season, file)


@command(text("Show indices, ranks and classes as they stand now."))
@pass_globals
def results(options: Globals) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.results import results as stage

    with season_of(options, only_reads=True) as season:
        return stage(season)


@command(text("Compute the final results and write the Word decision."))
@option(
    "--allow-unappraised",
    is_flag=True,
    said=text("Go on although the appraisal is unfinished; needs --reason."),
)
@option("--reason", default="", said=text("Who decided to go on, and why; it is recorded and printed."))
@dry_run
@pass_globals
def finalise(options: Globals, allow_unappraised: bool, reason: str, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.finalise import finalise as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season, allow_unappraised=allow_unappraised, reason=reason)


@command(text("List the papers of the cycle, or make those that are named."))
@click.argument("names", nargs=-1)
@option("--unit", said=text("Of the papers for each unit only this unit's."))
@dry_run
@pass_globals
def papers(options: Globals, names: tuple[str, ...], unit: str | None, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.papers import papers as stage

    with season_of(options, dry_run=dry_run, only_reads=not names) as season:
        return stage(season, names, unit=unit)


@command(text("Write the finalised results as web pages and open data."))
@option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    said=text("The folder to write; output/publication by default."),
)
@option("--no-remarks", is_flag=True, said=text("Leave out the departments' remarks and the reasons of rulings."))
@dry_run
@pass_globals
def publish(options: Globals, out: Path | None, no_remarks: bool, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.publish import publish as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season, out=out, remarks=not no_remarks)


@command(text("Tell where a number comes from: a criterion or the sum of a unit, or of all units."))
@click.argument("unit", default="")
@click.argument("code", default="")
@pass_globals
def trace(options: Globals, unit: str, code: str) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.trace import trace as stage

    with season_of(options, only_reads=True) as season:
        return stage(season, unit, code)


@command(text("Compute everything again from the ledger and hold it against what was published, or against one file."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@option(
    "--digest",
    default="",
    said=text("Also look for the entry whose digest a signed paper prints (or, of an archive, its SHA-256)."),
)
@pass_globals
def verify(options: Globals, file: Path | None, digest: str) -> Outcome:
    """Twin of the stages; an archive needs no cycle folder."""
    if file is not None and file.suffix.casefold() == ".zip":
        from cchc_sheets.stages.verify_archive import verify_archive

        return verify_archive(file, click.get_current_context().meta["progress"], digest)
    from cchc_sheets.stages.verify import verify as stage

    with season_of(options, finds_altered=True) as season:
        return stage(season, file, digest)


@command(text("Write everything of the year into one zip file."))
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    said=text("The file to write; output/<cycle>.zip by default."),
)
@dry_run
@pass_globals
def archive(options: Globals, out: Path | None, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.archive import archive as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season, out)


@command(text("Do what is due now; say what comes next, when, and whom we are waiting for."))
@dry_run
@pass_globals
def sync(options: Globals, dry_run: bool) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.sync import sync as stage

    with season_of(options, dry_run=dry_run) as season:
        return stage(season)


@command(text("Run `sync` again and again, as a service, and at each deadline besides."))
@option("--every", type=click.IntRange(1), default=15, show_default=True, said=text("How often, in minutes."))
@option("--times", type=click.IntRange(0), default=0, said=text("Stop after so many runs; 0 goes on until stopped."))
@pass_globals
def watch(options: Globals, every: int, times: int) -> Outcome:
    """Twin of the stage."""
    from datetime import timedelta

    from cchc_sheets.stages.watch import Rhythm
    from cchc_sheets.stages.watch import watch as stage

    rhythm = Rhythm(timedelta(minutes=every), times)
    return stage(options.cycle, lambda: logged_season(options), rhythm, announce=show.announcer(options))


@command(text("Run a whole season with simulated communes."))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("cchc-demo"))
@workspace
@option(
    "--credentials",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    said=text("The file to sign in to Google with."),
)
@pass_globals
def demo(options: Globals, folder: Path, workspace: str, credentials: Path | None) -> Outcome:
    """Twin of the stage."""
    from cchc_sheets.stages.demo import demo as stage

    tell, announce = show.teller(options), show.announcer(options)
    return stage(folder, tell=tell, workspace=workspace, credentials=credentials, announce=announce)
