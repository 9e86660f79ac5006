"""Links to evidence: which address a link means, when two links mean the same document, what a look at it found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal, Self
from urllib.parse import SplitResult, quote, unquote, unquote_to_bytes, urlsplit

from cchc_sheets.assessment.public_addresses import NetworkAddress, is_public
from cchc_sheets.messages import Text, text

State = Literal["opens", "needs_permission", "broken", "not_checked"]
Scheme = Literal["http", "https"]
Flaw = Literal["local_file", "not_web", "credentials", "malformed"]

PORTS: Final = {"http": 80, "https": 443}
_SCHEMES: Final[Mapping[str, Scheme]] = {"http": "http", "https": "https"}


@dataclass(frozen=True, slots=True)
class WebAddress:
    """One address on the web.

    Attributes:
        host: in small ASCII letters, without a full stop at its end; an IPv6 address without brackets.
        target: path and query as they are asked for, percent-encoded; begins with `/`.
        identity: the address under which every link to the same document is the same; itself a link.
        is_home_page: it names a site and no page of it.
    """

    scheme: Scheme
    host: str
    port: int
    target: str
    identity: str
    is_home_page: bool

    @property
    def network_address(self) -> NetworkAddress | None:
        """The host, where it is written as a number; None where it is a name."""
        is_number = ":" in self.host or self.host.rsplit(".", 1)[-1].isdigit()
        return ip_address(self.host) if is_number else None

    @property
    def url(self) -> str:
        """The address as it is asked for."""
        return f"{self.scheme}://{self.named_host}{self.target}"

    @property
    def named_host(self) -> str:
        """Host and, where it is not the usual one, port, as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def has_internal_name(self) -> bool:
        """Whether the host is a name that only means something within one machine or one office."""
        if self.network_address is not None:
            return False
        return "." not in self.host or self.host.rsplit(".", 1)[1] in _INTERNAL_DOMAINS

    @property
    def is_internal(self) -> bool:
        """Whether nobody outside one machine or one office can open it, as far as the link itself tells."""
        number = self.network_address
        return self.has_internal_name if number is None else not is_public(number)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A link that nobody else can open, and why."""

    flaw: Flaw


@dataclass(frozen=True, slots=True)
class LinkState:
    """What a look at a document found.

    Attributes:
        reason: why it does not open: a key of `REASONS`, or the status a server answered; "" where it opens.
        at: when it was looked at.
    """

    state: State
    reason: str
    at: datetime


REASONS: Final[Mapping[str, Text]] = {
    "sign_in": text("the site asks for a sign-in"),
    "no_such_host": text("there is no such site"),
    "refused": text("the site refuses connections"),
    "tls": text("the site's certificate or encryption is not in order"),
    "timeout": text("no answer in time"),
    "unreachable": text("the site could not be reached"),
    "not_http": text("the answer was not understood"),
    "internal": text("the address belongs to an internal network"),
    "port": text("the port is not that of a web site"),
    "redirects": text("the site keeps sending on to other addresses"),
    "redirect_unusable": text("the site sends on to an address that is not followed"),
    "offline": text("no site at all answered; perhaps this machine has no internet connection"),
}


def reason_in_words(reason: str) -> Text:
    """Return why a document does not open, or was not looked at."""
    return REASONS[reason] if reason in REASONS else text("the site answers {status}", status=reason)


def read_address(link: str) -> WebAddress | Unusable:
    """Read a link as a browser would; of one that only shows or forwards to another, that other. Never raises."""
    taken = _take_apart(link)
    if isinstance(taken, Unusable):
        return taken
    document = _Document.of(taken)
    while inner := document.wrapped():
        taken, document = inner, _Document.of(inner)
    path, query = _as_asked(taken.parts.path, "/%"), _as_asked(taken.parts.query, "/?%")
    target = (path or "/") + (f"?{query}" if query else "")
    return WebAddress(
        taken.scheme, taken.host, taken.port, target, document.identity(), is_home_page=document.is_home_page
    )


def has_local_path(caption: str) -> bool:
    """Tell whether a caption names a file on somebody's own machine or file server."""
    return ("\\" in caption or "file:/" in caption.lower()) and bool(_LOCAL_PATH.search(caption))


def stands_in(link: str, caption: str) -> bool:
    """Tell whether a caption shows a link, be it without its scheme."""
    bare = link.removeprefix("https://")
    is_shown_bare = _WITHOUT_SCHEME.match(bare) is not None and bare in caption and f"//{bare}" not in caption
    return link in caption or is_shown_bare


_WITHOUT_SCHEME = re.compile(r"www\.[\w-]+\.|(?:docs|drive)\.google\.com/", re.IGNORECASE)
_LOCAL_FILE = re.compile(r"\\\\|//|[a-z]:[\\/](?!/)|file:", re.IGNORECASE)
_LOCAL_PATH = re.compile(r"(?<![\w\\])\\\\\w[^\s\\]*\\\S|(?<!\w)[a-z]:\\\S|\bfile:/", re.IGNORECASE)
_INTERNAL_DOMAINS: Final = frozenset({"local", "localhost", "localdomain", "internal", "intranet", "lan", "home"})
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_ALWAYS_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")
_LONGEST_NAME: Final = 253
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A link that can be opened, taken apart; its host is as in `WebAddress`."""

    scheme: Scheme
    host: str
    port: int
    parts: SplitResult


def _take_apart(link: str) -> _Taken | Unusable:
    written = unicodedata.normalize("NFC", link.encode(errors="replace").decode()).strip()
    if _LOCAL_FILE.match(written):
        return Unusable("local_file")
    if _WITHOUT_SCHEME.match(written):
        written = f"https://{written}"
    try:
        parts = urlsplit(written)
        scheme, port = _SCHEMES.get(parts.scheme), parts.port
    except ValueError:
        return Unusable("malformed")
    if scheme is None:
        return Unusable("not_web")
    if "@" in parts.netloc:
        return Unusable("credentials")
    host = _host(parts)
    if host is None or port == 0:
        return Unusable("malformed")
    return _Taken(scheme, host, port or PORTS[scheme], parts)


def _host(parts: SplitResult) -> str | None:
    """Return the host, or None if there can be none of this name; numbers only in their usual form."""
    written = parts.hostname or ""
    if "[" in parts.netloc:
        return _number_6(written)
    if len(written) > _LONGEST_NAME:
        return None
    try:
        name = written if written.isascii() else written.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    name = name.removesuffix(".")
    if not _NAME.fullmatch(name):
        return None
    if _ENDS_IN_NUMBER.fullmatch(name):
        # 2130706433, 0177.0.0.1 and 127.1 are ways to hide an address; `ip_address` takes none of them.
        try:
            return str(ip_address(name))
        except ValueError:
            return None
    return name


def _number_6(written: str) -> str | None:
    try:
        return str(IPv6Address(written)) if "%" not in written else None
    except ValueError:
        return None


def _as_asked(part: str, kept: str) -> str:
    return part if _ALWAYS_PLAIN.fullmatch(part) else quote(part, safe=f"!$&'()*+,;=:@~{kept}")


# ------------------------------------------------------------------------------------------------------- identity

_GOOGLE_FILES: Final = frozenset(
    {
        "docs.google.com",
        "drive.google.com",
        "sheets.google.com",
        "slides.google.com",
        "spreadsheets.google.com",
        "drive.usercontent.google.com",
        "lh3.googleusercontent.com",
    }
)
_GOOGLE_ID_IN_PATH = re.compile(r"/(?:d|folders)/(?:e/)?([A-Za-z0-9_-]{10,})(?=/|$)")
_GOOGLE_ID = re.compile(r"[A-Za-z0-9_-]{10,}")
_GOOGLE_ID_NAMES: Final = ("id", "key", "srcid")

# Sites that only show or forward to another address, and the part of the query that names it.
_WRAPPERS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("www.google.com", "/url"): ("q", "url"),
    ("docs.google.com", "/viewer"): ("url",),
    ("docs.google.com", "/gview"): ("url",),
    ("drive.google.com", "/viewerng/viewer"): ("url",),
    ("view.officeapps.live.com", "/op/view.aspx"): ("src",),
    ("l.facebook.com", "/l.php"): ("u",),
}
_TRACKING: Final = frozenset(
    "fbclid gclid gclsrc dclid msclkid yclid igshid mc_cid mc_eid zarsrc _ga _gl usp utm_id jsessionid".split()  # noqa: SIM905
)
_SESSION = re.compile(r";jsessionid=[^;/]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Document:
    """An address without what does not choose the document.

    Left out are http or https, usual ports, anchors, tracking, the order of the query, a slash at the end, the way
    letters are encoded.
    """

    place: str
    path: str
    pieces: tuple[str, ...]
    route: str

    @classmethod
    def of(cls, taken: _Taken) -> Self:
        place = f"[{taken.host}]" if ":" in taken.host else taken.host
        return cls(
            place if taken.port in PORTS.values() else f"{place}:{taken.port}",
            _path(taken.parts.path),
            _query(taken.parts.query),
            _route(taken.parts.fragment),
        )

    @property
    def is_home_page(self) -> bool:
        return not (self.path or self.pieces or self.route)

    def wrapped(self) -> _Taken | None:
        """Return the link that this address only shows or forwards to."""
        for link in self._values(_WRAPPERS.get((self.place, self.path), ())):
            inner = _take_apart(link)
            if not isinstance(inner, Unusable):
                return inner
        return None

    def identity(self) -> str:
        if self.place in _GOOGLE_FILES and (file := self._google_file()):
            return f"https://drive.google.com/open?id={file}"
        return f"https://{self.place}{self.path}{'?' if self.pieces else ''}{'&'.join(self.pieces)}{self.route}"

    def _google_file(self) -> str:
        """Return the id of a Google file, which all the forms of its address have in common."""
        if found := _GOOGLE_ID_IN_PATH.search(self.path):
            return found[1]
        return next((value for value in self._values(_GOOGLE_ID_NAMES) if _GOOGLE_ID.fullmatch(value)), "")

    def _values(self, names: Sequence[str]) -> Iterator[str]:
        for piece in self.pieces:
            name, _, value = piece.partition("=")
            if name in names:
                yield unquote(value)


def _path(path: str) -> str:
    if _ALWAYS_PLAIN.fullmatch(path) and "/." not in path:
        return path.rstrip("/")
    kept: list[str] = []
    for segment in _SESSION.sub("", path).split("/"):
        plain = _plain(segment, "!$&'()*+,;=:@~")
        if plain == "..":
            kept[1:] = kept[1:-1]
        elif plain != ".":
            kept.append(plain)
    return "/".join(kept).rstrip("/")


def _query(query: str) -> tuple[str, ...]:
    return tuple(sorted(piece for part in query.split("&") if (piece := _query_piece(part)))) if query else ()


def _query_piece(piece: str) -> str:
    name, _, value = (_plain(side, "/:,~") for side in piece.replace("+", "%20").partition("="))
    if name.casefold() in _TRACKING or name.casefold().startswith("utm_"):
        return ""
    return f"{name}={value}" if value else name


def _route(fragment: str) -> str:
    """Return an anchor that is no anchor but the page, as sites of one page have it (`#/van-ban/12`, `#!van-ban`)."""
    if not fragment.startswith(("/", "!")):
        return ""
    plain = _plain(fragment, "!$&'()*+,;=:@~/?")
    return f"#{plain}" if plain.strip("/!") else ""


def _plain(part: str, kept: str) -> str:
    """Encode a part of an address in one way: composed letters, only what must be encoded."""
    if _ALWAYS_PLAIN.fullmatch(part):
        return part
    held = unquote_to_bytes(part)
    try:
        return quote(unicodedata.normalize("NFC", held.decode()), safe=kept)
    except UnicodeDecodeError:
        return quote(held, safe=kept)
