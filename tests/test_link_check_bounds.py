"""The bounds of a look: no site can hold the looker, fill its memory, or be asked too much of at once."""

from __future__ import annotations

import gzip
import itertools
import socket
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hostile_sites import OPEN, SECOND, Authority, Site, address_of, answer, dripping, found, sites
from memory import memory_below

from cchc_sheets.link_check import LinkChecker

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
MEGABYTE = 1_000_000


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Lend an authority that this machine trusts."""
    authority = Authority.at(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def endless(piece: bytes) -> Iterator[bytes]:
    return itertools.chain((HEAD,), itertools.repeat(piece))


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Hold a test to a few megabytes."""
    with memory_below(20 * MEGABYTE):
        yield


@pytest.mark.usefixtures("little_memory")
def test_a_document_without_end_is_not_read() -> None:
    with Site(lambda _: endless(b"x" * MEGABYTE)) as site:
        assert found(site.url()) == ("opens", "")
    # What stood in the network's buffers is all that was ever taken.
    assert site.sent < 100 * MEGABYTE


@pytest.mark.usefixtures("little_memory")
def test_a_compressed_bomb_is_neither_wanted_nor_unpacked() -> None:
    bomb = gzip.compress(bytes(200 * MEGABYTE), compresslevel=1)
    tracemalloc.reset_peak()
    with Site(lambda _: answer(200, "Content-Encoding: gzip", body=bomb)) as site:
        assert found(site.url()) == ("opens", "")
        assert "Accept-Encoding: identity\r\n" in site.requests[0]


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize(
    "head",
    [
        itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X-More: and more\r\n")),
        itertools.chain([b"HTTP/1.1 200 OK\r\nX-Long: "], itertools.repeat(b"x" * 4096)),
        itertools.chain([b"HTTP/1.1 "], itertools.repeat(b"2" * 4096)),
    ],
    ids=["lines", "a line", "the first line"],
)
def test_a_head_without_end_is_not_read_to_it(head: Iterator[bytes]) -> None:
    with Site(lambda _: head) as site:
        assert found(site.url()) == ("not_checked", "not_http")


def test_promises_of_more_without_end_are_not_waited_out() -> None:
    with Site(lambda _: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")) as site:
        assert found(site.url()) == ("not_checked", "not_http")


# The drips below would end with an answer after half a minute; the time for a document is one second.


def test_a_drip_of_bytes_is_cut_when_the_time_is_over() -> None:
    with Site(lambda _: dripping(HEAD, 0.5)) as site:
        assert found(site.url(), seconds=1) == ("not_checked", "timeout")


def test_an_encrypted_drip_is_cut_too(authority: Authority) -> None:
    with Site(lambda _: dripping(HEAD, 0.5), tls=authority.context()) as site:
        assert found(site.url(), seconds=1) == ("not_checked", "timeout")


def test_a_drip_of_redirects_has_the_time_of_one_document() -> None:
    page = b"HTTP/1.1 302 X\r\nLocation: /again\r\n\r\n"
    with Site(lambda _: dripping(page, 0.02)) as site:
        assert found(site.url(), seconds=1) == ("not_checked", "timeout")


def test_a_site_that_never_begins_to_encrypt_ends_with_the_time() -> None:
    listener = socket.create_server((OPEN, 0))
    with listener:
        link = f"https://{OPEN}:{listener.getsockname()[1]}/"
        assert found(link, seconds=0.5) == ("not_checked", "timeout")


def test_a_look_up_that_does_not_end_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    over = Event()

    def wait(*_: object, **__: object) -> list[Any]:
        over.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    assert found("https://xa.example.gov.vn/", seconds=0.5) == ("not_checked", "timeout")
    over.set()


# ------------------------------------------------------------------------------------------------- many documents


def look_at_all(links: Iterable[str], *, seconds: float = 20) -> dict[str, tuple[str, str]]:
    addresses = {link: address_of(link) for link in links}
    ports = {address.port for address in addresses.values()}
    checker = LinkChecker(allowed=lambda number: number.is_loopback, ports=ports, seconds=seconds)
    answers = list(checker.check_all(addresses))
    assert len(answers) == len(addresses)
    return {link: (answer.state, answer.reason) for link, answer in answers}


def unhurried(_: str) -> Iterator[bytes]:
    """Answer only after others had the time to come, too."""
    Event().wait(0.05)
    yield from answer(200)


def test_every_document_is_asked_once_and_two_at_a_time_of_one_site() -> None:
    with Site(unhurried) as site:
        links = [site.url(f"/{number}") for number in range(12)]
        assert look_at_all(links) == dict.fromkeys(links, ("opens", ""))
        assert sorted(site.paths) == sorted(f"/{number}" for number in range(12))
        assert site.most_at_once == 2


def test_eight_at_a_time_are_asked_of_all_sites_together() -> None:
    at_once: list[int] = []
    under_way: list[None] = []

    def page(_: str) -> Iterator[bytes]:
        under_way.append(None)
        at_once.append(len(under_way))
        Event().wait(0.05)
        under_way.pop()  # before the answer begins: as soon as it does, whoever asked may go on
        yield from answer(200)

    with sites(*[page] * 6, address="127.0.0.") as opened:
        look_at_all(site.url(f"/{number}") for site in opened for number in range(4))
    assert 2 < max(at_once) <= 8


def test_a_site_that_asks_for_patience_is_left_alone() -> None:
    with Site(lambda _: answer(429)) as busy, Site(lambda _: answer(200), SECOND) as other:
        links = [busy.url(f"/{number}") for number in range(10)]
        answers = look_at_all([*links, other.url()])
        assert answers == {**dict.fromkeys(links, ("not_checked", "429")), other.url(): ("opens", "")}
        assert len(busy.requests) <= 3  # the first, the one beside it, and one begun before it answered


def test_a_site_that_keeps_silent_is_left_alone_after_three_documents() -> None:
    with Site(lambda _: dripping(HEAD, 0.5)) as silent:
        links = [silent.url(f"/{number}") for number in range(10)]
        assert look_at_all(links, seconds=0.3) == dict.fromkeys(links, ("not_checked", "timeout"))
        assert silent.connections <= 4


def test_a_site_that_is_slow_now_and_then_is_asked_to_the_end() -> None:
    def page(path: str) -> Iterable[bytes]:
        return dripping(HEAD, 0.5) if path in {"/0", "/4", "/8"} else answer(200)

    with Site(page) as site:
        links = [site.url(f"/{number}") for number in range(10)]
        answers = look_at_all(links, seconds=2)
        assert sum(state == "opens" for state, _ in answers.values()) == 7
