"""One structured log per run of a command: what it did, step by step, in JSON lines that can be handed to anybody.

A line says when (UTC), how grave, which event, and the event's facts; which facts an event has is fixed in `FACTS`, so
that nothing finds its way in by chance. Sentences are logged without their values, errors without their words,
tracebacks without values: what people wrote, names, phone numbers, addresses and secrets are never facts. `masked` is
the second net, for what somebody may have hidden in the name of a file.

The standard library's logging carries it: one logger, a handler per run. structlog would bring processors and bound
contexts, of which one kind of line per event needs none.
"""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from cchc_sheets import __version__
from cchc_sheets.characters import visible_json
from cchc_sheets.errors import CchcError, Problem

FOLDER: Final = "logs"
MOST_FILES: Final = 200
MOST_BYTES: Final = 50_000_000

FACTS: Final[Mapping[str, frozenset[str]]] = {
    event: frozenset(facts.split())
    for event, facts in {
        "start": "command options version python platform",
        "step": "what done total",
        "account": "address kind scopes",
        "request": "method operation kind file what status ms attempt refused",
        "token": "status ms",
        "wait": "seconds reason attempt",
        "ledger": "number kind subject",
        "problem": "code severity unit sheet count",
        "error": "code what cause",
        "crash": "error frames",
        "interrupted": "",
        "end": "status seconds exit_code",
    }.items()
}
"""Every event and the facts it may have."""

Fact = str | int | None | Sequence[str] | Mapping[str, object]

LOGGER: Final = logging.Logger("cchc-sheets run", logging.INFO)  # noqa: LOG001 - no setting of the process reaches it

_NAME: Final = re.compile(r"\d{8}T\d{6}Z-[a-z]+(-\d+)?\.jsonl")
_AS_THEY_ARE: Final = frozenset({"address", "file", "operation", "version", "python", "platform", "frames", "scopes"})
"""Facts that the program makes itself or that are meant to be told whole: no second net."""
_PERSONAL: Final = re.compile(
    r"[^\s@/<>«»\"']+@[^\s@/<>«»\"']+"  # addresses
    r"|(?<!\w)\+?\d(?:[ .-]?\d){8,}(?!\w)"  # telephone and identity numbers; a date has eight digits
    r"|ya29\.\S+|1//\S+|GOCSPX-\S+|eyJ[\w-]{8,}\S*|-----BEGIN.*",  # tokens, client secrets, keys
    re.DOTALL,
)
_SYMLINK_SAFE: Final = getattr(os, "O_NOFOLLOW", 0)


@dataclass
class RunLog:
    """The log of one run.

    Attributes:
        file: where it is; None if nothing is written.
        exit_code: the run's, once it is known; 1 if it ends by an error.
    """

    file: Path | None = None
    exit_code: int = 0


def note(event: str, /, **facts: Fact) -> None:
    """Write one line to the log of the run under way, if there is one.

    Raises:
        KeyError: for an event or fact that is not in `FACTS`: a defect of the caller.
    """
    if unknown := facts.keys() - FACTS[event]:
        raise KeyError(event, *unknown)
    if LOGGER.handlers:
        plain = {name: _plain(name, value) for name, value in facts.items() if value is not None}
        LOGGER.log(_LEVELS.get(event, logging.INFO), event, extra={"facts": plain})


def note_problems(problems: Sequence[Problem]) -> None:
    """Note how many problems of each kind each unit has: codes and keys, not what people wrote."""
    alike = Counter((one.code, one.severity, one.unit, one.sheet) for one in problems)
    for (code, severity, unit, sheet), count in alike.items():
        note("problem", code=code, severity=severity, unit=unit, sheet=sheet, count=count)


def masked(words: str) -> str:
    """Return the words without whatever looks like an address, a telephone number or a secret."""
    return _PERSONAL.sub("…", words)


@contextmanager
def run_log(folder: Path, command: str, options: Mapping[str, object], *, is_written: bool = True) -> Iterator[RunLog]:
    """Log what happens inside, into `folder`/logs; how it ends is noted, and every error goes on.

    A folder that cannot be written, or a disk that is full, stops no run: there is no log then.

    Args:
        folder: the cycle's.
        options: what the command was told; the caller leaves out whatever a person may have worded.
        is_written: False: to nothing but the handlers that are there (`--dry-run` leaves the folder as it is).
    """
    run, handler = RunLog(), None
    if is_written:
        with suppress(OSError):
            run.file, stream = _opened(folder / FOLDER, command)
            handler = _Lines(stream)
            LOGGER.addHandler(handler)
    started = time.monotonic()
    python, system = ".".join(map(str, sys.version_info[:3])), sys.platform
    note("start", command=command, options=options, version=__version__, python=python, platform=system)
    try:
        yield run
    except BaseException as error:
        run.exit_code = run.exit_code or 1
        _note_error(error)
        raise
    finally:
        status = {0: "done", 3: "needs_attention"}.get(run.exit_code, "failed")
        seconds = f"{time.monotonic() - started:.3f}"
        note("end", status=status, seconds=seconds, exit_code=run.exit_code)
        if handler is not None:
            LOGGER.removeHandler(handler)
            handler.close()


_LEVELS: Final = {"problem": logging.WARNING, "wait": logging.WARNING, "error": logging.ERROR, "crash": logging.ERROR}


def _plain(name: str, value: Fact) -> object:
    if isinstance(value, str):
        return value if name in _AS_THEY_ARE else masked(value)
    if isinstance(value, Mapping):
        return {key: masked(found) if isinstance(found, str) else found for key, found in value.items()}
    return list(value) if isinstance(value, Sequence) else value


def _note_error(error: BaseException) -> None:
    if isinstance(error, CchcError):
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        note("error", code=error.code, what=error.what.message, cause=cause)
    elif isinstance(error, Exception):
        note("crash", error=type(error).__name__, frames=_frames(error))
    else:
        note("interrupted")


def _frames(error: BaseException) -> list[str]:
    """Return where it happened, the causes first: file, line, function. Words and values may be people's: none."""
    found: list[str] = []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        found += [*_frames(before), f"{type(before).__name__}, then"]
    for frame in traceback.extract_tb(error.__traceback__):
        found.append(f"{_module(frame.filename)}:{frame.lineno} {frame.name}")
    return found


def _module(file: str) -> str:
    """Return a file's path within its package: the folders above it may be named after a person."""
    parts = Path(file).parts
    roots = [place for place, part in enumerate(parts) if part in {"site-packages", "cchc_sheets"}]
    return "/".join(parts[roots[-1] :]) if roots else parts[-1]


class _Lines(logging.StreamHandler[IO[str]]):
    """Writes each event as one line of JSON; a disk that takes no more ends the log, not the run."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "event": record.msg, **vars(record)["facts"]}
        return visible_json(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=str))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        LOGGER.removeHandler(self)

    def close(self) -> None:
        with suppress(OSError):
            self.stream.close()
        super().close()


def _opened(folder: Path, command: str) -> tuple[Path, IO[str]]:
    """Return a new log and its stream, for its owner only; the oldest make room.

    Raises:
        OSError: if there is no writing here.
    """
    folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    _make_room(folder)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{command}"
    for number in range(1, MOST_FILES):
        file = folder / (f"{name}.jsonl" if number == 1 else f"{name}-{number}.jsonl")
        with suppress(FileExistsError):
            descriptor = os.open(
                file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SYMLINK_SAFE, stat.S_IRUSR | stat.S_IWUSR
            )
            return file, os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")
    raise FileExistsError(name)


def _make_room(folder: Path) -> None:
    """Remove the oldest logs, so that with the one to come `MOST_FILES` and `MOST_BYTES` are kept."""
    with os.scandir(folder) as found:
        logs = sorted((entry for entry in found if _NAME.fullmatch(entry.name)), key=lambda entry: entry.name)
    size = 0
    for place, entry in enumerate(reversed(logs), 2):
        with suppress(OSError):  # another run may have been quicker, or have it open
            size += entry.stat(follow_symlinks=False).st_size
            if place > MOST_FILES or size > MOST_BYTES:
                os.unlink(entry.path)  # noqa: PTH108 - scandir's own entry
