"""A server that plays a script, a clock that runs only while somebody sleeps, and a desk to watch both from."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from google_server.errors import GoogleError
from requests.adapters import HTTPAdapter

from cchc_sheets.messages import Text
from cchc_sheets.workspace.google_pace import Pace
from cchc_sheets.workspace.google_refusals import GoogleRefusal
from cchc_sheets.workspace.google_transport import Call, GoogleTransport

SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"
DRIVE = "https://www.googleapis.com/drive/v3/files"
SHEET = f"{SHEETS}/1AbC-dEf_9"

READ = Call("GET", SHEET, "read")
FILL = Call("POST", f"{SHEET}:batchUpdate", "write", body={"requests": []})
CREATE = Call("POST", DRIVE, "drive", body={"name": "Phiếu tự chấm điểm"}, may_repeat=False)


class Hours:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def answer(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self) -> None:
        """Reset the connection, as a dying router does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.received.append(Received(self.command, self.path, dict(self.headers), body))
        with suppress(OSError, ValueError):  # the other side may be gone, or we have cut the line
            self.server.next_step()(self)

    do_GET = do_POST = do_DELETE = do_CONNECT = handle_any  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Stay silent."""


Step = Callable[[Handler], None]


class Scripted(ThreadingHTTPServer):
    """Plays its script, one step a request, and answers `{}` when it is played."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Step] = []
        self.received: list[Received] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def plays(self, *steps: Step) -> None:
        self.script.extend(steps)

    def next_step(self) -> Step:
        return self.script.pop(0) if self.script else answers(200)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that we cut ourselves is no error."""


def answers(status: int, body: bytes | dict[str, Any] = b"{}", **headers: str) -> Step:
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    return lambda handler: handler.answer(status, content, **headers)


def refuses(error: GoogleError, **headers: str) -> Step:
    return answers(error.status, error.body, **headers)


def cuts(handler: Handler) -> None:
    handler.cut()


def truncates(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"spreadsheetId": "1A')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def stays_silent(handler: Handler) -> None:
    handler.server.released.wait(10)
    handler.close_connection = True


class ToServer(HTTPAdapter):
    """Carries what is meant for Google to the test's server."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        redirected = request.copy()
        redirected.url = self.url + request.path_url
        return super().send(redirected, *args, **kwargs)


@dataclass
class Desk:
    """A transport with its server, its clock and what the person has been told."""

    session: requests.Session
    server: Scripted
    hours: Hours = field(default_factory=Hours)
    said: list[Text] = field(default_factory=list)

    def transport(self, pace: Pace | None = None, chance: Callable[[], float] = lambda: 0.5) -> GoogleTransport:
        return GoogleTransport(
            self.session,
            announce=self.said.append,
            pace=pace or Pace(),
            sleep=self.hours.sleep,
            clock=self.hours.clock,
            chance=chance,
        )

    @property
    def told(self) -> list[str]:
        return [sentence.said_in("en") for sentence in self.said]


@contextmanager
def scripted_desk() -> Iterator[Desk]:
    """A desk whose Google is a script."""
    with Scripted() as server, requests.Session() as session:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        session.trust_env = False
        session.mount("https://", ToServer(server.url))
        try:
            yield Desk(session, server)
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


def refused(transport: GoogleTransport, call: Call = READ) -> GoogleRefusal:
    with pytest.raises(GoogleRefusal) as caught:
        transport.call(call)
    return caught.value
