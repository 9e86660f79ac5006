"""`watch`: run `sync` again and again, as a service, so that a deadline is met at its minute."""

from __future__ import annotations

import logging
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, Final

from cchc_sheets.characters import visible
from cchc_sheets.cycle.folder import Cycle
from cchc_sheets.errors import Busy, CchcError, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Announce, Outcome
from cchc_sheets.run_log import masked, note_problems
from cchc_sheets.stages.round_sheets import round_deadline
from cchc_sheets.stages.season import Season
from cchc_sheets.stages.sync import sync

LOG: Final = "watch.log"
LOCK: Final = "watch.lock"
SHORTEST: Final = timedelta(seconds=1)

_LOG_SIZE = 1_000_000  # bytes, kept five times over
_LOGS_KEPT = 5
_AT = "%d/%m/%Y %H:%M:%S"
_JUST_AFTER = timedelta(seconds=1)
_TURN = timedelta(seconds=10)

OpenSeason = Callable[[], AbstractContextManager[Season]]


@dataclass(frozen=True)
class Rhythm:
    """When to run: `every` so often, at each deadline besides; `times` ends it after so many runs (0: never)."""

    every: timedelta
    times: int = 0


def watch(folder: Path, opened: OpenSeason, rhythm: Rhythm, *, announce: Announce) -> Outcome:
    """Run `sync` in this rhythm until somebody stops it; each run opens the cycle anew, so changed files count.

    A run that fails is written to the log and tried again at the next turn; while somebody else changes the cycle it
    waits its turn, which is neither a run nor a failure. SIGTERM and Ctrl-C let the run that is
    under way finish; a second Ctrl-C breaks it off, which the next one completes.

    Args:
        folder: the cycle's, for the log and the lock.
        opened: opens the season for one run.
        rhythm: how often, how many times.
        announce: told what is written to the log.

    Raises:
        CchcError: if another watch is at work in this folder.
    """
    runs = failures = 0
    told: set[str] = set()
    with _only_one(folder), _log(folder) as log, _stoppable() as stopping:
        while True:
            try:
                wait, failed = _one_run(opened, rhythm, log, announce)
                runs += 1
                failures += failed
            except Busy as busy:
                wait = _TURN
                _tell_once(busy, log, announce, told)
            if 0 < runs == rhythm.times or stopping.wait(wait.total_seconds()):
                break
    return Outcome(
        "watch",
        (text("{runs} runs, {failures} of them failed; the log is {file}", runs=runs, failures=failures, file=LOG),),
        data={"runs": runs, "failures": failures, "log": str(folder / LOG)},
    )


def next_turn(season: Season, every: timedelta) -> timedelta:
    """Return how long to wait: until the next turn, or the next deadline if that comes first."""
    ahead = [deadline - season.now + _JUST_AFTER for deadline in _deadlines(season) if deadline > season.now]
    return max(SHORTEST, min([every, *ahead]))


def _deadlines(season: Season) -> Iterator[datetime]:
    calendar = season.cycle.settings.calendar
    dates = (getattr(calendar, name) for name in type(calendar).model_fields)
    yield from (date for date in dates if date is not None)
    for unit in season.cycle.units:
        yield season.deadline(unit)
        until = round_deadline(season, unit)
        if until is not None:
            yield until


def _one_run(opened: OpenSeason, rhythm: Rhythm, log: logging.Logger, announce: Announce) -> tuple[timedelta, bool]:
    """Run once; return how long to wait and whether it failed."""
    began = monotonic()
    wait = rhythm.every
    try:
        with opened() as season:
            wait = next_turn(season, rhythm.every)
            outcome = sync(season)
            for sentence in outcome.summary:
                log.info("%s", sentence)
                announce(sentence)
            note_problems(outcome.problems)
            for problem in outcome.problems:
                told = in_short(problem, season.cycle)
                log.warning("%s", told)
                announce(told)
            wait = next_turn(season, rhythm.every)
        return _less(wait, monotonic() - began), False
    except Busy:
        raise
    except CchcError as error:
        failed = text("this run did not come to its end: {what}", what=masked(str(error)))
        log.error("%s", failed)  # noqa: TRY400 - what went wrong is in its words, a traceback would only hide them
        announce(error.what)
    except Exception as error:  # noqa: BLE001 - a mistake of ours in one run must not let the next deadline pass
        # Where it came from, not what it says: that may repeat what a person wrote.
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = text(
            "the program itself failed: {kind} in {file} line {line}",
            kind=type(error).__name__,
            file=Path(place.filename).name,
            line=place.lineno or 0,
        )
        log.error("%s", what)  # noqa: TRY400 - see above
        announce(what)
    return _less(wait, monotonic() - began), True


def in_short(problem: Problem, cycle: Cycle) -> Text:
    """Return a problem as the log tells it: where, and its sentence without values, which may repeat what people wrote.

    For the same reason a row is named only if its key is the set's or the roster's.
    """
    criteria, names = cycle.criteria, {unit.code: unit.name for unit in cycle.units}
    known = {*names, *criteria.by_code, *(item.code for item in criteria.adjustments)}
    row = str(problem.row or "")
    place = [names.get(problem.unit, problem.unit)] if problem.unit else []
    place += [row] if set(row.split("/")) <= known else []
    kind = text("error") if problem.severity == "error" else text("warning")
    what, code = problem.what.without_values(), problem.code
    if not place:
        return text("{kind}: {what} [{code}]", kind=kind, what=what, code=code)
    return text("{kind}: {place}: {what} [{code}]", kind=kind, place=place, what=what, code=code)


def _less(wait: timedelta, seconds: float) -> timedelta:
    """Return what is left to wait: the turns are counted from when a run began, not from when it ended."""
    return max(SHORTEST, wait - timedelta(seconds=seconds))


def _tell_once(busy: Busy, log: logging.Logger, announce: Announce, told: set[str]) -> None:
    """Say for whom we wait, once for each command: its words do not change while it goes on."""
    if str(busy.what) not in told:
        told.add(str(busy.what))
        log.info("%s", busy.what)
        announce(text("waiting: {what}", what=busy.what))


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets it go when the process ends, however that comes about."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        with _told(folder / LOCK):
            lock.acquire()
    except Timeout:
        raise CchcError(
            text("another `watch` is at work in this folder"),
            where=str(folder / LOCK),
            fix=text("stop it first, or leave it to its work"),
            code="already_running",
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Tell a person why a file of the watch's own cannot be written."""
    from filelock import Timeout

    try:
        yield
    except Timeout:
        raise
    except OSError as error:
        raise CchcError(
            text("the file cannot be written: {reason}", reason=error.strerror or str(error)),
            where=str(file),
            fix=text("see that the disk has room and that you may write into the folder"),
            code="unwritable",
        ) from error


@contextmanager
def _log(folder: Path) -> Iterator[logging.Logger]:
    with _told(folder / LOG):
        handler = _Handler(folder / LOG, maxBytes=_LOG_SIZE, backupCount=_LOGS_KEPT, encoding="utf-8")
    handler.setFormatter(_Line("%(asctime)s %(message)s", _AT))
    log = logging.Logger("cchc-sheets watch", logging.INFO)  # noqa: LOG001 - of this run alone, not the process's
    log.addHandler(handler)
    try:
        yield log
    finally:
        handler.close()


class _Line(logging.Formatter):
    """One line for one event: the name of a file in an error may hold anything."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without commands of a terminal."""
        return visible(super().format(record))


class _Handler(RotatingFileHandler):
    """Writes the log; a disk that takes no more ends the log, not the watch."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Go on without this line."""

    def close(self) -> None:
        """Close the file, whatever of it can no longer be written."""
        with suppress(OSError):
            super().close()


@contextmanager
def _stoppable() -> Iterator[Event]:
    """Yield what is set when somebody asks for the end; the second Ctrl-C is the ordinary one."""
    stopping = Event()
    ordinary = signal.getsignal(signal.SIGINT)

    def stop(number: int, _frame: Any) -> None:
        stopping.set()
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, ordinary)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
