"""A process that has everything imported and forks a child for each run of the real command: tens of milliseconds each.

The bench itself has one thread and is told what to run, line by line, on its standard input; waits are not waited.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from ruamel.yaml import YAML

from faults.points import Point

_LIBRARIES: Final = (
    *("openpyxl", "xlsxwriter", "docx", "docxtpl", "lxml.etree", "matplotlib.figure", "jinja2.sandbox", "gspread"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "rich.table", "rich.progress", "filelock"),
    *("google.oauth2.credentials", "zoneinfo", "sqlite3", "sqlalchemy.dialects.sqlite.pysqlite"),
)
_LONGEST: Final = 120
"""After so many seconds a run is ended: nothing here takes a fraction of it."""


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        status: the exit status; negative: the signal that ended it.
        points: where it wrote; empty if it was ended by a signal.
        has_struck: whether the blow fell.
    """

    status: int
    out: str = ""
    err: str = ""
    points: tuple[Point, ...] = ()
    has_struck: bool = True

    @property
    def json(self) -> dict[str, Any]:
        """The envelope that `--json` prints."""
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed


@dataclass(frozen=True)
class Order:
    """What to run: arguments of the command, the folder in which writes are points, and what strikes at which."""

    arguments: list[str]
    folder: str
    environment: dict[str, str] = field(default_factory=dict)
    blow: str = ""
    at: int = 0


class Bench:
    """The process, from `with` to the end of the block."""

    def __init__(self, folder: Path) -> None:
        """Let runs keep their temporary files below `folder`."""
        self._folder = folder
        self._report = folder / "report.json"
        self.temporary = folder / "tmp"

    def __enter__(self) -> Self:
        self.temporary.mkdir(parents=True, exist_ok=True)
        tests = str(Path(__file__).parent.parent)
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([tests, *filter(None, [os.environ.get("PYTHONPATH")])]),
            "OPENBLAS_NUM_THREADS": "1",
            "TMPDIR": str(self.temporary),
            "MPLCONFIGDIR": str(self._folder / "matplotlib"),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.bench"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)

    def run(self, order: Order) -> Ended:
        """Run the command once and return how it ended."""
        self._report.unlink(missing_ok=True)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({**vars(order), "report": str(self._report)}) + "\n")
        stdin.flush()
        status = int(stdout.readline())
        if status < 0:
            return Ended(status)
        report = json.loads(self._report.read_text(encoding="utf-8"))
        points = tuple(Point(*point) for point in report["points"])
        return Ended(status, report["out"], report["err"], points, report["has_struck"])


# ---- in the bench's own process ---------------------------------------------------------------------------------


def _serve(orders: IO[str], answers: IO[str]) -> None:
    for line in orders:
        order = json.loads(line)
        _read_ahead(Path(order["folder"]))
        child = os.fork()
        if child == 0:
            _run(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _run(order: dict[str, Any]) -> None:
    """Be the program, once, and write down how it ended."""
    from cchc_sheets.cli import main
    from faults.blows import Blow, healed
    from faults.points import Observer

    signal.alarm(_LONGEST)
    os.environ.update(order["environment"])
    folder = Path(order["folder"])
    blow = Blow(order["blow"], order["at"], folder) if order["blow"] else None
    observer = Observer(folder, blow or (lambda _number, _point: None))
    shown = io.BytesIO(), io.BytesIO()
    sys.stdout, sys.stderr = (io.TextIOWrapper(each, encoding="utf-8", write_through=True) for each in shown)
    observer.begin()
    try:
        main(order["arguments"])
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
        status = 99
        sys.stderr.write(repr(error))
    healed()
    out, err = (each.getvalue().decode("utf-8") for each in shown)
    has_struck = blow is None or blow.has_struck
    report = {"out": out, "err": err, "points": observer.seen, "has_struck": has_struck}
    Path(order["report"]).write_text(json.dumps(report), encoding="utf-8")
    os._exit(status)


@lru_cache(maxsize=16)
def _composed(words: str) -> Any:
    return _compose(YAML(typ="safe", pure=True), words)


_compose = YAML.compose


def _read_ahead(folder: Path) -> None:
    """Parse the cycle's files once for all runs; what a mistake in them does is tested elsewhere."""
    for name in ("cycle.yaml", "criteria.yaml"):
        with suppress(OSError):
            _composed((folder / name).read_text(encoding="utf-8-sig"))


def _prepare() -> None:
    """Import everything there is, and let no run wait for a clock or ask a name server."""
    passed = [0.0]
    real = time.monotonic
    time.monotonic = lambda: real() + passed[0]
    time.sleep = lambda seconds: passed.__setitem__(0, passed[0] + float(seconds))
    resolve = socket.getaddrinfo

    def loopback_only(host: Any, *rest: Any, **named: Any) -> Any:
        if host not in {"127.0.0.1", "localhost", None}:
            raise socket.gaierror(socket.EAI_AGAIN, "no name server")
        return resolve(host, *rest, **named)

    socket.getaddrinfo = loopback_only
    YAML.compose = lambda _yaml, words: _composed(words)  # type: ignore[assignment,method-assign]
    import cchc_sheets

    for name in _LIBRARIES:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(cchc_sheets.__path__, "cchc_sheets."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    tempfile.gettempdir()
    gc.freeze()  # so that no child copies what it only looks through for garbage
    gc.disable()


if __name__ == "__main__":
    _prepare()
    _serve(sys.stdin, sys.stdout)
