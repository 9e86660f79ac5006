"""Looking whether the documents that links name can be opened by anybody, without ever reaching into an inner network.

Links come from people we do not know, and the machine that asks stands inside an office. So a site is asked only at
public addresses, and the address that was judged is the one connected to; the same for every address it sends on to.
Asked is as a stranger: no cookies, no sign-in, no proxy of the environment. Only the head of the answer is read.

Written on the standard library's connections: a session of `requests` looks names up by itself, and its time-outs run
for each read anew, so that a site which drips byte by byte holds it for ever.
"""

from __future__ import annotations

import socket
import ssl
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from io import BufferedReader, RawIOBase
from ipaddress import ip_address
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, NoReturn, cast
from urllib.parse import urljoin

from cchc_sheets.assessment.evidence_links import PORTS, State, Unusable, WebAddress, read_address
from cchc_sheets.assessment.public_addresses import NetworkAddress, is_public

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_REDIRECTS: Final = 5
SECONDS: Final = 20.0
LONGEST_HEAD: Final = 262_144
AT_ONCE, AT_ONCE_PER_HOST = 8, 2
_MOST_ADDRESSES: Final = 4
"""How many addresses of one name are tried."""

_SILENT_HOST: Final = 3
"""After so many documents of one site without an answer the others are not asked."""

_SIGN_IN_HOSTS: Final = frozenset(
    {"accounts.google.com", "login.microsoftonline.com", "login.live.com", "login.microsoft.com"}
)
_SIGN_IN_PAGES: Final = frozenset({"login", "signin", "sign-in", "servicelogin", "dang-nhap", "dangnhap", "login.aspx"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "User-Agent": "Mozilla/5.0 (compatible; cchc-sheets)",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_NO_SUCH_NAME: Final = frozenset(
    number for name in ("EAI_NONAME", "EAI_NODATA") if (number := getattr(socket, name, None)) is not None
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of looking at one document.

    Attributes:
        reason: as in `LinkState`.
        answered: whether any site answered at all; if none ever does, the fault may be on our side.
    """

    state: State
    reason: str = ""
    answered: bool = False


class _Over(Exception):
    """Looking at a document has come to this end."""

    def __init__(self, state: State, reason: str = "") -> None:
        super().__init__(reason)
        self.state: State = state
        self.reason = reason


class LinkChecker:
    """Asks sites, each document by itself.

    Attributes:
        allowed: which network addresses may be connected to.
        ports: which ports.
        seconds: for one document from the look-up of the name to the end, redirects included.
    """

    def __init__(
        self,
        *,
        allowed: Callable[[NetworkAddress], bool] = is_public,
        ports: Collection[int] = tuple(PORTS.values()),
        seconds: float = SECONDS,
    ) -> None:
        self._allowed, self._ports, self._seconds = allowed, ports, seconds

    def check(self, address: WebAddress) -> Answer:
        """Look at one document; never raises for anything that a site does."""
        clock = _Clock(self._seconds)
        try:
            self._follow(address, clock)
        except _Over as over:
            end = over
        except (OSError, HTTPException, ValueError) as error:
            end = _Over("not_checked", "timeout") if clock.is_over else _failure(error)
        return Answer(end.state, end.reason, clock.has_heard)

    def check_all(self, addresses: Mapping[str, WebAddress]) -> Iterator[tuple[str, Answer]]:
        """Look at many documents, a few at a time; yield each answer under its key as soon as it is there.

        A site that asks for patience, or keeps silent again and again, is left alone from then on.
        """
        waiting: dict[str, deque[str]] = {}
        for key, address in addresses.items():
            waiting.setdefault(address.host, deque()).append(key)
        answers: Queue[tuple[str, Answer]] = Queue()
        running: Counter[str] = Counter()
        silent: Counter[str] = Counter()
        while waiting or running.total():
            for host, keys in list(waiting.items()):
                while keys and running[host] < AT_ONCE_PER_HOST and running.total() < AT_ONCE:
                    running[host] += 1
                    key = keys.popleft()
                    Thread(target=self._answer, args=(key, addresses[key], answers), daemon=True).start()
                if not keys:
                    del waiting[host]
            try:
                # A wait without end could not be interrupted on Windows.
                key, answer = answers.get(timeout=0.5)
            except Empty:
                continue
            host = addresses[key].host
            running[host] -= 1
            yield key, answer
            silent[host] = silent[host] + 1 if answer.reason == "timeout" else 0
            if answer.reason == str(HTTPStatus.TOO_MANY_REQUESTS.value) or silent[host] >= _SILENT_HOST:
                yield from ((left, Answer("not_checked", answer.reason)) for left in waiting.pop(host, ()))

    def _answer(self, key: str, address: WebAddress, answers: Queue[tuple[str, Answer]]) -> None:
        answers.put((key, self.check(address)))

    def _follow(self, address: WebAddress, clock: _Clock) -> NoReturn:
        """Ask, follow where the site sends on to, and end with a verdict."""
        for _ in range(MOST_REDIRECTS + 1):
            if address.host in _SIGN_IN_HOSTS:
                raise _Over("needs_permission", "sign_in")
            status, location = self._ask(address, clock)
            clock.has_heard = True
            if status not in _REDIRECTS or not location:
                raise _verdict(status)
            address = _next(address, location)
        raise _Over("not_checked", "redirects")

    def _ask(self, address: WebAddress, clock: _Clock) -> tuple[int, str]:
        """Ask for one address; return the status and where it sends on to."""
        connection = HTTPConnection(address.host, address.port)
        with closing(self._connect(address, clock)) as raw, closing(self._secured(raw, address, clock)) as secured:
            connection.sock = cast("socket.socket", _Wary(secured, clock))
            connection.putrequest("GET", address.target, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": address.named_host, **_HEADERS}.items():
                connection.putheader(name, value)
            connection.endheaders()
            with closing(connection.getresponse()) as response:
                return response.status, response.getheader("Location") or ""

    def _connect(self, address: WebAddress, clock: _Clock) -> socket.socket:
        """Connect to the first address of the site that takes us; none is tried unless all are allowed."""
        if address.port not in self._ports:
            raise _Over("not_checked", "port")
        if address.has_internal_name:
            raise _Over("not_checked", "internal")
        numbers = [address.network_address] if address.network_address else _look_up(address, clock)
        if not all(self._allowed(number) for number in numbers):
            raise _Over("not_checked", "internal")
        failure: OSError = ConnectionRefusedError()
        tried = numbers[:_MOST_ADDRESSES]
        for done, number in enumerate(tried):
            seconds = clock.remaining() / (len(tried) - done)
            try:
                return socket.create_connection((str(number), address.port), timeout=seconds)
            except OSError as error:
                failure = error
        raise failure

    def _secured(self, raw: socket.socket, address: WebAddress, clock: _Clock) -> socket.socket:
        if address.scheme == "http":
            return raw
        secured = self._tls.wrap_socket(raw, server_hostname=address.host, do_handshake_on_connect=False)
        try:
            secured.settimeout(clock.remaining())  # a handshake has its time-out as a whole
            secured.do_handshake()
        except BaseException:
            secured.close()
            raise
        return secured

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Whom to trust: the machine's own list, where offices keep theirs, and that of the web."""
        from requests.utils import DEFAULT_CA_BUNDLE_PATH

        context = ssl.create_default_context()
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
        return context


class _Clock:
    """The time that one document has."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self.has_heard = False
        """Whether any site has answered."""

    @property
    def is_over(self) -> bool:
        return monotonic() >= self._end

    def remaining(self) -> float:
        """Return how many seconds are left; there are always some.

        Raises:
            TimeoutError: if none are.
        """
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Wary:
    """A connection as `http.client` uses one: every read has what is left of the time, all together what a head needs.

    The time-out of a socket alone begins anew with every byte, and what arrives can go on although it was shut down.
    """

    def __init__(self, connected: socket.socket, clock: _Clock) -> None:
        self._connected, self._clock = connected, clock

    def sendall(self, content: bytes) -> None:
        self._connected.settimeout(self._clock.remaining())
        self._connected.sendall(content)

    def makefile(self, mode: str) -> BufferedReader:
        return BufferedReader(_Head(self._connected, self._clock))

    def close(self) -> None:
        """Leave the connection to who opened it."""


class _Head(RawIOBase):
    """What a site sends, up to the length of the longest head."""

    def __init__(self, connected: socket.socket, clock: _Clock) -> None:
        self._connected, self._clock, self._left = connected, clock, LONGEST_HEAD

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self._left <= 0:
            raise HTTPException(LONGEST_HEAD)
        self._connected.settimeout(self._clock.remaining())
        taken = self._connected.recv_into(buffer)
        self._left -= taken
        return taken


def _look_up(address: WebAddress, clock: _Clock) -> list[NetworkAddress]:
    """Return the network addresses of a name. The system's look-up knows no time limit, so it is waited for aside."""
    found: Queue[list[NetworkAddress] | Exception] = Queue()

    def ask() -> None:
        try:
            known = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            found.put([ip_address(number) for number in dict.fromkeys(str(entry[4][0]) for entry in known)])
        except (OSError, ValueError) as error:
            found.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=clock.remaining())
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _next(address: WebAddress, location: str) -> WebAddress:
    """Return where a site sends on to, read as warily as a link that was typed."""
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode()  # many sites write their own letters there as they are
    try:
        following = read_address(urljoin(address.url, location))
    except ValueError:
        following = Unusable("malformed")
    if isinstance(following, Unusable):
        raise _Over("not_checked", "redirect_unusable")
    if not _SIGN_IN_PAGES.isdisjoint(following.target.partition("?")[0].lower().split("/")):
        raise _Over("needs_permission", "sign_in")
    return following


def _verdict(status: int) -> _Over:
    if status in range(200, 300):
        return _Over("opens")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return _Over("needs_permission", str(status))
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return _Over("broken", str(status))
    return _Over("not_checked", str(status))


def _failure(error: Exception) -> _Over:
    match error:
        case socket.gaierror() if error.errno in _NO_SUCH_NAME:
            return _Over("broken", "no_such_host")
        case ssl.SSLError():
            return _Over("broken", "tls")
        case ConnectionRefusedError():
            return _Over("broken", "refused")
        case TimeoutError():
            return _Over("not_checked", "timeout")
        case HTTPException() | ConnectionResetError():
            return _Over("not_checked", "not_http")
    return _Over("not_checked", "unreachable")
