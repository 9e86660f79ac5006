"""A PostgreSQL server of our own for the tests: in a folder that goes away, on a free port of this computer alone."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

if sys.platform != "win32":
    import pwd

USER = "cchc"
PASSWORD = "Mật-khẩu/không:được@lộ#ra"  # noqa: S105 - of a server that lives as long as the tests

_PLACE = tempfile.gettempdir()  # as it is before any test has a temporary folder of its own
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        start: starts it.
        stop: ends it at once, as a crash would: what was under way is for the next start to clear up.
    """

    port: int
    start: Callable[[], None]
    stop: Callable[[], None]

    def address(self, name: str = "postgres") -> str:
        """Return the address of a database, as `ledger:` takes it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def new_database(self, options: str = "") -> str:
        """Make an empty database; return its address."""
        name = f"cchc_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.address(name)

    def execute(self, *statements: str, address: str = "") -> list[Any]:
        """Run statements past the program, as somebody with a database program would; return the last one's rows."""
        url = (address or self.address()).replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"password": PASSWORD})
        rows: list[Any] = []
        with engine.connect() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
                rows = list(result) if result.returns_rows else []
        engine.dispose()
        return rows


def missing() -> str:
    """Return why no server can be started here; empty if one can."""
    if sys.platform == "win32":
        return "starts a server as Linux does"
    if find_spec("psycopg") is None:
        return "needs psycopg (pip install 'cchc-sheets[postgresql]')"
    if not _programs():
        return "needs the programs of a PostgreSQL server (Debian: postgresql)"
    if os.geteuid() == 0 and _somebody() is None:
        return "PostgreSQL refuses to run as root, and there is no account to run it as"
    return ""


@contextmanager
def server(*, fsync: str = "off") -> Iterator[Server]:
    """Lend a server whose only account needs a password; without `fsync` unless its speed is measured."""
    programs, account = _programs(), _somebody() if os.geteuid() == 0 else None
    assert programs is not None, missing()
    folder = Path(
        tempfile.mkdtemp(prefix="cchc-postgres-", dir=_PLACE)
    )  # not below pytest's, which only its user can enter
    try:
        secret = folder / "secret"
        secret.write_text(PASSWORD, encoding="utf-8")
        if account:
            shutil.chown(folder, account)
            shutil.chown(secret, account)
        data = folder / "data"
        _run(programs / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}",
             "-E", "UTF8", "--locale=C", "-N", account=account)  # fmt: skip
        port = free_port()
        settings = " ".join(f"-c {name}={value}" for name, value in {**_SETTINGS, "fsync": fsync, "port": port}.items())
        options = f"{settings} -c unix_socket_directories={folder}"
        control = partial(_run, programs / "pg_ctl", "-D", data, "-w", account=account)
        start = partial(control, "-l", folder / "log", "-o", options, "start")
        stop = partial(control, "-m", "immediate", "stop")
        start()
        try:
            yield Server(port, start, stop)
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    return packaged[-1].parent if packaged else None


def _somebody() -> str | None:
    """Return an account that the server can run as: it refuses root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def _run(program: Path, *arguments: object, account: str | None) -> None:
    options: dict[str, Any] = {"user": account, "group": pwd.getpwnam(account).pw_gid} if account else {}
    if account:
        options["extra_groups"] = []
    done = subprocess.run(
        [str(program), *map(str, arguments)], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, check=False, **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def free_port() -> int:
    """Return a port of this computer on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
