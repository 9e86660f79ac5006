"""Web sites on this machine that behave, and such as do not: every connection is real, every byte is theirs."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from cchc_sheets.assessment.evidence_links import WebAddress, read_address
from cchc_sheets.assessment.public_addresses import NetworkAddress
from cchc_sheets.link_check import Answer, LinkChecker

Script = Callable[[str], Iterable[bytes]]
"""What a site sends for a path, piece by piece; it may take its time in between, and never end."""

OPEN, SECOND = "127.0.0.1", "127.0.0.2"
"""Where the sites of a test are: one address that is allowed, one that stands for an inner network."""

_HELLO = b"\x16"
"""How somebody begins who wants to encrypt."""


def answer(status: int, *headers: str, body: bytes = b"ok") -> list[bytes]:
    """Return a well-behaved answer."""
    head = (f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers)
    return ["\r\n".join((*head, "", "")).encode() + body]


def redirect(location: str, *headers: str, status: int = 302) -> list[bytes]:
    """Return an answer that sends on."""
    return answer(status, f"Location: {location}", *headers)


def dripping(content: bytes, pause: float) -> Iterator[bytes]:
    """Send byte by byte."""
    for at in range(len(content)):
        yield content[at : at + 1]
        time.sleep(pause)


@dataclass
class Site:
    """One site.

    Attributes:
        requests: the head of every request, as it came.
        port: where it listens.
        sent: how many bytes were taken off its hands.
        most_at_once: how many requests waited for their answer at the same time.
    """

    script: Script
    address: str = OPEN
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    sent: int = 0
    most_at_once: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self.address, 0))
        self.port = self._listener.getsockname()[1]
        self._lock, self._at_once, self._threads = Lock(), 0, list[Thread]()
        Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def url(self, path: str = "/", host: str = "") -> str:
        """Return the address of one of its pages."""
        return f"{'https' if self.tls else 'http'}://{host or self.address}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in their order."""
        return [head.split(" ")[1] for head in self.requests]

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        raw.settimeout(30)
        # Whoever asks may hang up at any moment: that is what is tested.
        with raw, suppress(OSError):
            connection = self.tls.wrap_socket(raw, server_side=True) if self.tls else raw
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and not head.startswith(_HELLO) and (piece := connection.recv(4096)):
            head += piece
        if not head:
            return
        path = "" if head.startswith(_HELLO) else head.decode().split(" ")[1]
        with self._lock:
            self.requests.append(head.decode("latin-1"))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        pieces = iter(self.script(path))
        try:
            first = next(pieces, b"")
        finally:
            with self._lock:  # whoever asked may have gone on as soon as the answer begins
                self._at_once -= 1
        for piece in chain([first], pieces):
            connection.sendall(piece)
            self.sent += len(piece)


# ------------------------------------------------------------------------------------------------------- who looks


def at_open(address: NetworkAddress) -> bool:
    """Allow the one address at which the open sites of these tests are."""
    return str(address) == OPEN


def address_of(link: str) -> WebAddress:
    read = read_address(link)
    assert isinstance(read, WebAddress), link
    return read


def looked(link: str, *, seconds: float = 20, ports: Iterable[int] = ()) -> Answer:
    address = address_of(link)
    return LinkChecker(allowed=at_open, ports=[address.port, *ports], seconds=seconds).check(address)


def found(link: str, **options: Any) -> tuple[str, str]:
    outcome = looked(link, **options)
    return outcome.state, outcome.reason


def known_as(patch: pytest.MonkeyPatch, *answers: list[str] | OSError) -> list[str]:
    """Let names be known under addresses: the first answer for the first look-up, the last for all further ones."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> list[Any]:
        if host[:1].isdigit():
            return real(host, port, *arguments, **options)
        asked.append(host)
        result = answers[min(len(asked), len(answers)) - 1]
        if isinstance(result, OSError):
            raise result
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in result]

    patch.setattr(socket, "getaddrinfo", look_up)
    return asked


# ----------------------------------------------------------------------------------------------------------- sites


@contextmanager
def sites(*scripts: Script, address: str = OPEN) -> Iterator[list[Site]]:
    """Open several sites at once, at one address or, if it ends in a full stop, at one each."""
    opened: list[Site] = []
    try:
        for number, script in enumerate(scripts, 1):
            place = f"{address}{number}" if address.endswith(".") else address
            opened.append(Site(script, place).__enter__())
        yield opened
    finally:
        for site in opened:
            site.__exit__()


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def at(cls, folder: Path) -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _builder(key, "Authority", "Authority", days=365).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        signed = certificate.sign(key, hashes.SHA256())
        (folder / "authority.pem").write_bytes(signed.public_bytes(Encoding.PEM))
        return cls(folder, key, signed)

    def context(self, *, host: str = OPEN, days: int = 365) -> ssl.SSLContext:
        """Return what a site with a certificate for `host` needs, good for so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        signed = _builder(key, "Authority", host, days).add_extension(names, critical=False)
        file = self.folder / f"{host}-{days}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + signed.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _builder(key: ec.EllipticCurvePrivateKey, issuer: str, subject: str, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]),
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=400),
        not_valid_after=now + timedelta(days=days),
    )
