"""The server that tests talk to: one address for every Google host."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import traceback
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from google_server.discovery import Discovery
from google_server.drive import DriveService
from google_server.faults import Fault, Match, Plan
from google_server.handler import Handler
from google_server.log import Record
from google_server.oauth import OAuthService
from google_server.quotas import Quota
from google_server.sheets import SheetsService
from google_server.world import World

Address = tuple[str, int]


class _Listener(ThreadingHTTPServer):
    """Threads that end with the server, open connections included."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, google: GoogleServer) -> None:
        self.google = google
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server for our own name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def cut_all(self) -> None:
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was quicker

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            self.google.violations.append("server crashed: " + traceback.format_exc())


class GoogleServer:
    """Sheets v4, Drive v3 and the token endpoint on 127.0.0.1, from `with` to the end of the block.

    `violations` holds what broke the discovery documents, in requests and in answers: a fixture asserts that it is
    empty. `quota` is off (None) until a test sets one.
    """

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.discovery = Discovery()
        self.sheets = SheetsService(self.world)
        self.drive = DriveService(self.world, self.sheets)
        self.oauth = OAuthService(self.world)
        self.quota: Quota | None = None
        self.log: list[Record] = []
        self.violations: list[str] = []
        self.disabled: set[str] = set()
        self.stopping = threading.Event()
        self._plans: list[Plan] = []
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._listener = _Listener(self)
        self.url = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self.oauth.url = self.url
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        if self._listener is not None and self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._listener.cut_all()
            self._listener.server_close()

    # ------------------------------------------------------------------------------------------------ what tests set

    def fail(self, match: Match, fault: Fault, *, times: int = 1, after: int = 0) -> Plan:
        """Let `fault` strike `times` requests that `match` (a predicate, or method and a regular expression for the
        path) after letting `after` of them pass. Plans are tried in their order; the first that strikes counts.
        """
        plan = Plan(match, fault, times, after)
        with self.world.lock:
            self._plans.append(plan)
        return plan

    def heal(self) -> None:
        """Forget all faults that still wait."""
        with self.world.lock:
            self._plans.clear()

    def disable(self, service: str) -> None:
        """Switch off the API "sheets" or "drive" of the project."""
        self.disabled.add(service)

    def enable(self, service: str) -> None:
        """Switch the API on again."""
        self.disabled.discard(service)

    # ------------------------------------------------------------------------------------------------ what tests read

    def requests(
        self,
        *,
        kind: str | None = None,
        method: str | None = None,
        operation: str | None = None,
        user: str | None = None,
    ) -> list[Record]:
        """Return the logged requests that fit; `operation` is the id of the discovery document (drive.files.list)."""
        return [
            record
            for record in list(self.log)
            if kind in (None, record.kind)
            and method in (None, record.method)
            and operation in (None, record.operation)
            and user in (None, record.user)
        ]

    def count(self, **wanted: str | None) -> int:
        """Return how many logged requests fit; see `requests`."""
        return len(self.requests(**wanted))

    def reset_log(self) -> None:
        """Start counting anew."""
        self.log.clear()

    # -------------------------------------------------------------------------------------------------- for the handler

    def fault_for(self, record: Record) -> Fault | None:
        """Return the fault that strikes this request."""
        with self.world.lock:
            return next((plan.fault for plan in self._plans if plan.strikes(record)), None)
