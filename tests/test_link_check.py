"""Looking at documents: what every answer means, and that no site can lead the looker astray, hold or fill it."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path

import pytest
from hostile_sites import OPEN, SECOND, Authority, Site, address_of, answer, found, known_as, looked, redirect

from cchc_sheets.link_check import MOST_REDIRECTS, Answer, LinkChecker

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
MEGABYTE = 1_000_000


# -------------------------------------------------------------------------------------------------- what it means


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (200, ("opens", "")),
        (204, ("opens", "")),
        (206, ("opens", "")),
        (401, ("needs_permission", "401")),
        (403, ("needs_permission", "403")),
        (404, ("broken", "404")),
        (410, ("broken", "410")),
        (302, ("not_checked", "302")),  # without saying where to
        (400, ("not_checked", "400")),
        (429, ("not_checked", "429")),
        (500, ("not_checked", "500")),
        (503, ("not_checked", "503")),
    ],
)
def test_every_status_means_one_state(status: int, means: tuple[str, str]) -> None:
    with Site(lambda _: answer(status)) as site:
        assert looked(site.url("/van-ban/12")) == Answer(*means, answered=True)  # type: ignore[arg-type]  # plain text


@pytest.mark.parametrize(
    "location",
    [
        "https://accounts.google.com/v3/signin/identifier?continue=x",
        "https://accounts.google.com/ServiceLogin?service=wise",
        "https://login.microsoftonline.com/common/oauth2/authorize",
        "/dang-nhap?tro-lai=12",
        "/Account/Login",
    ],
)
def test_being_sent_to_a_sign_in_means_that_permission_is_needed(location: str) -> None:
    with Site(lambda _: redirect(location)) as site:
        assert found(site.url("/file/d/1/view")) == ("needs_permission", "sign_in")
        assert len(site.requests) == 1


def test_a_link_to_a_sign_in_itself_is_not_even_asked() -> None:
    link = address_of("https://accounts.google.com/ServiceLogin?continue=https://docs.google.com/document/d/1")
    assert LinkChecker().check(link) == Answer("needs_permission", "sign_in")


def test_a_document_behind_redirects_is_found() -> None:
    def page(path: str) -> list[bytes]:
        steps = int(path.removeprefix("/"))
        return redirect(str(steps - 1), status=301 + steps % 2) if steps else answer(200)

    with Site(page) as site:
        assert found(site.url(f"/{MOST_REDIRECTS}")) == ("opens", "")
        assert found(site.url(f"/{MOST_REDIRECTS + 1}")) == ("not_checked", "redirects")


def test_letters_in_the_place_it_sends_on_to_are_understood_encoded_or_not() -> None:
    places = {"/1": "/báo cáo.pdf", "/2": "/b%C3%A1o%20c%C3%A1o.pdf"}
    with Site(lambda path: redirect(places[path]) if path in places else answer(200)) as site:
        assert {found(site.url(path)) for path in places} == {("opens", "")}
        assert site.paths == ["/1", "/b%C3%A1o%20c%C3%A1o.pdf", "/2", "/b%C3%A1o%20c%C3%A1o.pdf"]


def test_a_site_that_is_not_there_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site(lambda _: answer(200)) as site:
        gone = site.url()
    assert looked(gone) == Answer("broken", "refused")
    known_as(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    assert looked("https://khong-co.example.gov.vn/") == Answer("broken", "no_such_host")


def test_a_name_that_cannot_be_looked_up_just_now_is_not_called_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    known_as(monkeypatch, socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
    assert found("https://xa.example.gov.vn/") == ("not_checked", "unreachable")


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 4096, b"HTTP/1.1 abc X\r\n\r\n"])
def test_an_answer_that_is_none_is_not_called_broken(said: bytes) -> None:
    with Site(lambda _: [said]) as site:
        assert found(site.url()) == ("not_checked", "not_http")


# ------------------------------------------------------------------------------------------------------ encryption


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Lend an authority that this machine trusts."""
    authority = Authority.at(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def test_an_encrypted_site_is_asked_under_its_name(authority: Authority) -> None:
    with Site(lambda _: answer(200), tls=authority.context()) as site:
        assert found(site.url("/12")) == ("opens", "")
        assert f"Host: {OPEN}:{site.port}" in site.requests[0]


def test_a_certificate_for_another_host_or_out_of_date_is_broken(authority: Authority) -> None:
    for context in (authority.context(host=SECOND), authority.context(days=-1)):
        with Site(lambda _: answer(200), tls=context) as site:
            assert found(site.url()) == ("broken", "tls")
            assert site.requests == []


def test_a_certificate_that_nobody_vouches_for_is_broken(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with Site(lambda _: answer(200), tls=authority.context()) as site:
        assert found(site.url()) == ("broken", "tls")


def test_a_site_that_only_pretends_to_encrypt_is_broken() -> None:
    with Site(lambda _: answer(200)) as site:
        assert found(site.url().replace("http:", "https:")) == ("broken", "tls")


# ------------------------------------------------------------------------------------------------- inner networks


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every attempt to connect fail the test."""

    def refuse(_: object, place: object) -> None:
        raise AssertionError(place)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("no_connection")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - a hostile link, not where we listen
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:1::1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "localhost",
        "may-chu",
        "xa.local",
        "metadata.internal",
    ],
)
def test_an_inner_address_is_never_connected_to(host: str) -> None:
    assert LinkChecker().check(address_of(f"http://{host}/")) == Answer("not_checked", "internal")


@pytest.mark.usefixtures("no_connection")
@pytest.mark.parametrize("numbers", [["127.0.0.1"], ["::ffff:10.0.0.1"], ["fe80::1"], ["8.8.8.8", "192.168.1.1"]])
def test_a_name_is_not_connected_to_if_any_of_its_addresses_is_an_inner_one(
    numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known_as(monkeypatch, numbers)
    assert LinkChecker().check(address_of("https://xa.example.gov.vn/")) == Answer("not_checked", "internal")


@pytest.mark.usefixtures("no_connection")
@pytest.mark.parametrize("port", [22, 25, 8080, 3306])
def test_only_the_ports_of_web_sites_are_connected_to(port: int) -> None:
    assert LinkChecker().check(address_of(f"http://8.8.8.8:{port}/")) == Answer("not_checked", "port")


def test_the_address_that_was_judged_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = known_as(monkeypatch, [OPEN], [SECOND])
    with Site(lambda _: answer(200)) as site:
        assert found(site.url("/12", host="doi.example.gov.vn")) == ("opens", "")
        assert f"Host: doi.example.gov.vn:{site.port}\r\n" in site.requests[0]
    assert asked == ["doi.example.gov.vn"]


def test_a_name_that_changes_its_address_on_the_way_is_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    known_as(monkeypatch, [OPEN], [SECOND])
    with Site(lambda _: redirect("/13")) as site, Site(lambda _: answer(200), SECOND):
        assert found(site.url("/12", host="doi.example.gov.vn")) == ("not_checked", "internal")
        assert site.paths == ["/12"]


@pytest.mark.parametrize("host", [SECOND, "[::1]", "169.254.169.254", "localhost", "10.0.0.1"])
def test_being_sent_on_to_an_inner_address_ends_there(host: str) -> None:
    with Site(lambda _: answer(200), SECOND) as inner:
        with Site(lambda _: redirect(f"http://{host}:{inner.port}/latest/meta-data/")) as site:
            assert found(site.url(), ports=[inner.port]) == ("not_checked", "internal")
        assert inner.connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://xa.example.gov.vn/",
        "javascript:alert(1)",
        "http://ten:matkhau@xa.example.gov.vn/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://[::1/",
        "http://xa.example.gov.vn:99999/",
    ],
)
def test_being_sent_on_to_what_is_no_plain_web_address_ends_there(location: str) -> None:
    with Site(lambda _: redirect(location)) as site:
        assert found(site.url()) == ("not_checked", "redirect_unusable")
        assert len(site.requests) == 1


def test_a_redirect_to_another_port_ends_there() -> None:
    with Site(lambda _: answer(200)) as other, Site(lambda _: redirect(other.url())) as site:
        assert found(site.url()) == ("not_checked", "port")
        assert other.connections == 0


@pytest.mark.parametrize("places", [["/a"], ["/b", "/a"]])
def test_a_circle_is_left(places: list[str]) -> None:
    turns = itertools.cycle(places)
    with Site(lambda _: redirect(next(turns))) as site:
        assert found(site.url("/a")) == ("not_checked", "redirects")
        assert len(site.requests) == MOST_REDIRECTS + 1


# ------------------------------------------------------------------------------------------- nothing is given away


def test_a_site_sees_a_stranger_each_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine {OPEN} login ten password matkhau\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    pages = {"/1": redirect("/2", "Set-Cookie: ten=gia-tri; Path=/"), "/2": answer(200, "Set-Cookie: b=2; Path=/")}
    with Site(pages.__getitem__) as site:
        assert [found(site.url("/1")), found(site.url("/2"))] == [("opens", ""), ("opens", "")]
        assert site.paths == ["/1", "/2", "/2"]
        names = {line.partition(":")[0] for head in site.requests for line in head.split("\r\n")[1:] if line}
        assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site(lambda _: answer(200), SECOND) as proxy, Site(lambda _: answer(404)) as site:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert found(site.url()) == ("broken", "404")
        assert proxy.connections == 0
