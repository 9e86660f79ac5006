"""One HTTP request: read, checked, done, checked again, answered – or spoiled by a fault."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import time
import traceback
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from google_server import errors
from google_server.discovery import Method, Violation
from google_server.errors import GoogleError
from google_server.faults import Fault
from google_server.log import Record, kind_of
from google_server.oauth import Caller
from google_server.service import Request

if TYPE_CHECKING:
    from google_server.server import GoogleServer

_QUIET = {"Vary": "Origin, X-Origin, Referer", "Cache-Control": "private", "Server": "ESF"}


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 with keep-alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Any

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the overridden method
        """Keep standard error for the tests."""

    def do_GET(self) -> None:
        """Answer a request to read."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a request to make or do something."""
        self._answer()

    def do_PUT(self) -> None:
        """Answer a request to replace something."""
        self._answer()

    def do_PATCH(self) -> None:
        """Answer a request to change something."""
        self._answer()

    def do_DELETE(self) -> None:
        """Answer a request to delete something."""
        self._answer()

    @property
    def _google(self) -> GoogleServer:
        google: GoogleServer = self.server.google
        return google

    def _answer(self) -> None:
        split = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        record = Record(
            method=self.command,
            path=split.path,
            query=parse_qs(split.query, keep_blank_values=True),
            size=len(data),
            kind=kind_of(self.command, split.path),
            time=time.monotonic(),
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        self._foresee(record, data)
        self._google.log.append(record)
        fault = self._google.fault_for(record)
        if fault is not None and fault.kind == "reset before":
            self._cut()
            return
        if fault is not None and fault.kind == "html":
            self._send(record, 502, fault.page.encode(), {"Content-Type": "text/html; charset=UTF-8"})
            return
        status, body, headers = self._work(record, data, fault)
        content = b"" if status == 204 else dump(body)
        self._deliver(record, (status, content, headers), fault)

    def _foresee(self, record: Record, data: bytes) -> None:
        """Tell the faults what the request is about, as far as it can be told before any check."""
        method, _ = self._google.discovery.find(record.method, record.path)
        record.operation = method.id if method is not None else ""
        if data.startswith(b"{"):
            with contextlib.suppress(ValueError):
                record.body = json.loads(data)

    def _work(self, record: Record, data: bytes, fault: Fault | None) -> tuple[int, Any, dict[str, str]]:
        try:
            if fault is not None and fault.error is not None:
                raise GoogleError(fault.error.status, fault.error.body, fault.error.headers | fault.headers)  # noqa: TRY301
            answer = Desk(self._google, record).serve(data)
        except GoogleError as refusal:
            return refusal.status, refusal.body, refusal.headers
        except Exception:  # noqa: BLE001  # a mistake of the server must fail the test that met it, with its trace
            self._google.violations.append(f"server crashed on {record.path}: {traceback.format_exc()}")
            return 500, errors.sheets_internal().body, {}
        return (204, None, {}) if answer is None else (200, answer, {})

    def _deliver(self, record: Record, answer: tuple[int, bytes, dict[str, str]], fault: Fault | None) -> None:
        status, content, headers = answer
        kind = fault.kind if fault is not None else ""
        if kind == "reset after":
            self._cut()
        elif kind == "truncated":
            self._send(
                record, status, content[: len(content) // 2], headers | {"Content-Length": str(len(content) + 1)}
            )
            self._cut()
        elif kind == "half json":
            self._send(record, status, content[: len(content) // 2], headers)
        else:
            if fault is not None and fault.seconds:
                self._google.stopping.wait(fault.seconds)
            self._send(record, status, content, headers)

    def _send(self, record: Record, status: int, content: bytes, headers: dict[str, str]) -> None:
        record.status, record.answer_size = status, len(content)
        fields = (
            _QUIET | {"Content-Type": "application/json; charset=UTF-8", "Content-Length": str(len(content))} | headers
        )
        try:
            self.send_response_only(status)
            self.send_header("Date", formatdate(self._google.world.now().timestamp(), usegmt=True))
            for name, value in fields.items():
                if status != 204 or name != "Content-Type":
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            self.close_connection = True  # the client gave up waiting, which is its right

    def _cut(self) -> None:
        """Drop the connection as a broken line does: with RST, not with a polite end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())


class Desk:
    """Leads one request through all checks to the service it is for."""

    def __init__(self, google: GoogleServer, record: Record) -> None:
        self._google = google
        self._record = record

    def serve(self, data: bytes) -> Any:
        """Return the JSON of the answer, None for "no content".

        Raises:
            GoogleError: whatever Google would refuse.
        """
        record = self._record
        if record.kind == "token":
            return self._google.oauth.token(record, data)
        if record.kind == "other" or record.path.startswith("/upload/"):
            self._violated(f"{record.method} {record.path}: nothing of Google's that this server knows")
            raise GoogleError(404, {"error": {"code": 404, "message": "Not Found"}})
        service = "drive" if record.kind == "drive" else "sheets"
        if service in self._google.disabled:
            raise errors.api_off(service)
        with self._google.world.lock:
            caller = self._google.oauth.caller(record.headers.get("authorization", ""), service)
        record.user = caller.address
        if record.kind in ("read", "write") and self._google.quota is not None:
            with self._google.world.lock:
                self._google.quota.spend(record.kind, caller.address)
        return self._checked(service, caller, data)

    def _checked(self, service: str, caller: Caller, data: bytes) -> Any:
        record, discovery = self._record, self._google.discovery
        method, parts = discovery.find(record.method, record.path)
        if method is None:
            self._violated(f"{record.method} {record.path}: no such method in the discovery document")
            raise GoogleError(404, {"error": {"code": 404, "message": "Not Found"}})
        if service == "drive" and not self._google.drive.covers(method.id):
            self._violated(f"{method.id} is not covered by this server")
            raise errors.drive_error(501, "notImplemented", f"{method.id} is not covered by this server")
        if not caller.covers(method.scopes):
            raise errors.scope_insufficient(service, method.id)
        body = self._json(data, method)
        query, body = self._check_request(method, record.query, body)
        request = Request(method.id, record.method, record.path, parts, query, body, caller)
        with self._google.world.lock:
            answer = self._google.drive.handle(request) if service == "drive" else self._sheets(request)
        answer = discovery.trim(method, query, answer)
        for problem in discovery.check_answer(method, answer):
            self._violated(f"answer of {method.id}: {problem}")
        return answer

    def _sheets(self, request: Request) -> dict[str, Any]:
        self._google.drive.sheets_may_open(request)
        answer: dict[str, Any] = self._google.sheets.handle(
            request.method, request.path, request.query, request.body, request.user
        )
        return answer

    def _check_request(
        self, method: Method, query: dict[str, list[str]], body: Any
    ) -> tuple[dict[str, list[str]], Any]:
        try:
            return self._google.discovery.check_request(method, query, body)
        except Violation as violation:
            self._violated(f"{method.id}: {violation}")
            raise violation.refusal() from None

    def _json(self, data: bytes, method: Method) -> dict[str, Any] | None:
        if not data:
            return None
        if "application/json" not in self._record.headers.get("content-type", ""):
            self._violated(f"{method.id}: body without the content type application/json")
            raise errors.invalid_sheets("Invalid JSON payload received.")
        try:
            body = json.loads(data.decode(), parse_constant=_no_constant)
        except ValueError as error:
            self._violated(f"{method.id}: body is not JSON: {error}")
            raise errors.invalid_sheets("Invalid JSON payload received.") from None
        if not isinstance(body, dict):
            self._violated(f"{method.id}: body is not an object")
            raise errors.invalid_sheets("Invalid JSON payload received.")
        return body

    def _violated(self, what: str) -> None:
        self._google.violations.append(what)


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise ValueError(message)


def dump(body: Any) -> bytes:
    """Return JSON as Google writes it: UTF-8, whole numbers without a point."""
    return json.dumps(_whole(body), ensure_ascii=False, separators=(",", ":")).encode()


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole(member) for member in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
