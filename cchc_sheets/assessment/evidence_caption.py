"""Number, date and kind of the papers named in a caption (số, ngày, loại văn bản), where it follows the usual form.

The forms are those of Nghị định 30/2020/NĐ-CP (Phụ lục I; abbreviations: Phụ lục III), with the liberties that people
take with them; and of Party papers (`12-BC/ĐU`). Nothing is guessed: what does not follow a form has no number, a date
that is not plainly the paper's own is none, a paper that is only cited («thực hiện Kế hoạch số …») is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from cchc_sheets.vietnamese import comparable

KINDS: Final[Mapping[str, str]] = {
    "NQ": "Nghị quyết",
    "QĐ": "Quyết định",
    "CT": "Chỉ thị",
    "QC": "Quy chế",
    "QyĐ": "Quy định",
    "TC": "Thông cáo",
    "TB": "Thông báo",
    "HD": "Hướng dẫn",
    "CTr": "Chương trình",
    "KH": "Kế hoạch",
    "PA": "Phương án",
    "ĐA": "Đề án",
    "DA": "Dự án",
    "BC": "Báo cáo",
    "BB": "Biên bản",
    "TTr": "Tờ trình",
    "HĐ": "Hợp đồng",
    "CĐ": "Công điện",
    "BGN": "Bản ghi nhớ",
    "BTT": "Bản thỏa thuận",
    "GUQ": "Giấy ủy quyền",
    "GM": "Giấy mời",
    "GGT": "Giấy giới thiệu",
    "GNP": "Giấy nghỉ phép",
    "PG": "Phiếu gửi",
    "PC": "Phiếu chuyển",
    "PB": "Phiếu báo",
    "SY": "Bản sao y",
    "TrS": "Bản trích sao",
    "SL": "Bản sao lục",
    "NĐ": "Nghị định",
    "TT": "Thông tư",
    "TTLT": "Thông tư liên tịch",
}
"""Kinds of papers by the abbreviation in their number."""

OFFICIAL_LETTER: Final = "Công văn"
"""The kind of a paper in whose number the issuing body comes first (`15/UBND-VX`)."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper named in a caption.

    Attributes:
        kind: as in `KINDS`, or `Công văn`, `Luật`, `Pháp lệnh`; "" if none is named.
        number: in one spelling (`05/BC-UBND`, `45/2023/QĐ-UBND`, `12-BC/ĐU`, or only `12`); "" if none is named.
        date: of its signing; None if none is named, or an impossible one.
        impossible_date: the date as typed, if there is no such day.
    """

    kind: str = ""
    number: str = ""
    date: date | None = None
    impossible_date: str = ""


def parse_caption(caption: str) -> tuple[Paper, ...]:
    """Return the papers that a caption names, in their order; never raises."""
    return tuple(paper for part in _SEPARATORS.split(_prepared(caption)) for paper in _papers(part))


_LONGEST: Final = 4_000
"""What of a caption is looked at: more than a cell of ours takes, little enough that no caption takes long."""

_SEPARATORS = re.compile(r"[;\n]")
_ADDRESS = re.compile(r"(?:https?://|www\.|(?<![\w@.-])(?:docs|drive)\.google\.com/)\S+", re.IGNORECASE)
_DASHES = "\u2010-\u2015\u2212\u00ad\ufe58\ufe63\uff0d"
_INVISIBLE = "\u200b-\u200f\u2060\ufeff"
_ODD = re.compile(f"(?P<dash>[{_DASHES}])|[{_INVISIBLE}]")
_BLANKS = re.compile(r"[^\S\n ][^\S\n]*|  +")

_PART = r"[A-ZĐa-zđ][A-ZĐa-zđ0-9&.]*"
_NUMBER = re.compile(
    rf"""(?<![\w/])(?<!\d[.,-])(?<!\w-)
    (?P<digits>[0-9]{{1,5}})(?P<letter>[a-zA-Z]?)\s*
    (?:
      (?:/\s*(?P<year>(?:19|20)[0-9][0-9])\s*)?/\s*
      (?P<symbol>{_PART}(?:-{_PART}|\s*-\s*[A-ZĐ][A-ZĐ.&]+)?(?:-{_PART})*)
    | -\s*(?P<party_kind>[A-ZĐa-zđ]{{1,4}})\s*/\s*(?P<party_body>[A-ZĐ][A-ZĐ.-]*)
    )(?!\w)""",
    re.VERBOSE,
)
_DATE = (
    r"(?P<day>[0-9]{1,2})\s*(?:(?P<mark>[/.-])\s*(?P<month>[0-9]{1,2})\s*(?P=mark)\s*"
    r"|tháng\s*(?P<month_word>[0-9]{1,2})\s*(?:,\s*)?năm\s*)(?P<year>[0-9]{4})(?!\d|[/.-]\d)"
)
_DATE_NEXT = re.compile(
    r"[\s,.:()\[\]-]*(?:(?:được\s+)?(?:ký|ban\s+hành|lập|phát\s+hành)\s*)?"
    rf"(?:ngày\s*)?(?:(?:ký|ban\s+hành|lập)\s*)?[\s:,(]*{_DATE}",
    re.IGNORECASE,
)
_DATE_SAID = re.compile(rf"ngày\s*(?:(?:ký|ban\s+hành|lập)\s*)?:?\s*{_DATE}", re.IGNORECASE)
_BEFORE_NUMBER = re.compile(r"\bsố(?:\s+(?:ký\s+)?hiệu)?\s*[:.]?\s*$", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(
    r"\s*số\s*:?\s*(?P<digits>[0-9]{1,5})(?P<letter>[a-zA-Z]?)(?![\w/.,-]|\s*[/%])", re.IGNORECASE
)
_END = re.compile(r"[\s).,\]]*$")

_BY_ABBREVIATION: Final = {short.casefold(): short for short in KINDS} | {"qd": "QĐ"}
_BODIES: Final = frozenset({"ubnd", "hđnd", "mttq", "ubmttq", "vp", "đu", "ttvhtt", "ttpvhcc", "tthcc"})
_BY_WORDS: Final = (
    {comparable(name): name for name in (*KINDS.values(), OFFICIAL_LETTER, "Luật", "Pháp lệnh")}
    | {comparable(short): name for short, name in (*KINDS.items(), ("CV", OFFICIAL_LETTER)) if len(short) > 1}
    | {comparable("qd"): "Quyết định"}
)
_MOST_WORDS: Final = max(len(name.split()) for name in _BY_WORDS)
_WORDS_BEFORE: Final = _MOST_WORDS + 3
"""How many words before a number can matter: those of its kind and those that cite it."""

_CITING: Final = frozenset(
    tuple(comparable(word) for word in words.split())
    for words in (
        "thực hiện",
        "theo",
        "căn cứ",
        "triển khai",
        "sửa đổi",
        "bổ sung",
        "thay thế",
        "bãi bỏ",
        "quán triệt",
        "hướng dẫn",
        "trả lời",
        "phúc đáp",
    )
)
_CITING_OR_ABOUT: Final = _CITING | {(comparable(word),) for word in ("về", "của", "tại")}
_ENCLOSED: Final = tuple(comparable(word) for word in ("kèm", "theo"))
_OF_A_PERIOD: Final = frozenset(comparable(word) for word in ("từ", "đến", "tới", "trước", "sau", "hết", "qua", "kể"))


def _prepared(caption: str) -> str:
    """Return the caption in composed letters, with one kind of dash and blank, without addresses."""
    text = unicodedata.normalize("NFC", caption[:_LONGEST])
    text = _ODD.sub(lambda odd: "-" if odd["dash"] else "", text).replace("\r", "\n")
    return _BLANKS.sub(" ", _ADDRESS.sub(" ", text))


def _papers(part: str) -> Iterator[Paper]:
    """Yield the papers of one part of a caption."""
    found = [(match, told) for match in _NUMBER.finditer(part) if (told := _number(match))]
    if not found:
        yield from _paper_without_symbol(part)
        return
    ends = [match.start() for match, _ in found[1:]] + [len(part)]
    begin = 0
    for (match, (number, kind)), end in zip(found, ends, strict=True):
        before = part[begin : match.start()]
        begin = match.end()
        words, named = _kind_before(_BEFORE_NUMBER.sub("", before))
        if _is_cited(words):
            continue
        day = _date_after(part[match.end() : end])
        if day is None and len(found) == 1:
            day = _date_before(before)
        yield Paper(kind or named, number, *_as_date(day))


def _number(match: re.Match[str]) -> tuple[str, str] | None:
    """Return a number in its one spelling and the kind it tells; None if these signs are no number of a paper."""
    digits = _digits(match)
    if match["party_kind"]:
        short = _BY_ABBREVIATION.get(match["party_kind"].casefold())
        return (f"{digits}-{short}/{match['party_body'].rstrip('.-')}", KINDS[short]) if short else None
    first, *further = (part.strip() for part in match["symbol"].rstrip(".").split("-"))
    short = _BY_ABBREVIATION.get(first.casefold())
    begins = f"{digits}/{match['year']}" if match["year"] else digits
    if short and (further or first == short):
        return "-".join((f"{begins}/{short}", *(part.upper() for part in further))), KINDS[short]
    is_body = first.casefold().split(".")[0] in _BODIES
    if not is_body and (not match["symbol"].isupper() or not (further or match["year"])):
        return None
    return f"{begins}/{'-'.join((first, *further)).upper()}", OFFICIAL_LETTER if is_body else ""


def _digits(match: re.Match[str]) -> str:
    """Return the running number as the rules want it: two digits at least."""
    return match["digits"].lstrip("0").zfill(2) + match["letter"].lower()


def _paper_without_symbol(part: str) -> Iterator[Paper]:
    """Yield the paper that a part names by its kind alone, with the plain number and the date that follow it."""
    words = part.lstrip(" -+*•.,:()0123456789").split()
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        kind = _BY_WORDS.get(comparable(" ".join(words[:count])))
        if kind:
            rest = " ".join(words[count:])
            plain = _PLAIN_NUMBER.match(rest)
            alone = _digits(plain) if plain else ""
            day = _date_after(rest[plain.end() :] if plain else rest) or _own_date(rest)
            yield Paper(kind, alone, *_as_date(day))
            return


def _kind_before(before: str) -> tuple[list[str], str]:
    """Return the comparable words before the kind that a text ends in, and that kind."""
    words = comparable(" ".join(before.strip(" -:.,(").split()[-_WORDS_BEFORE:])).split()
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        kind = _BY_WORDS.get(" ".join(words[-count:]))
        if kind:
            return words[:-count], kind
    return words, ""


def _is_cited(words: list[str]) -> bool:
    last_two = tuple(words[-2:])
    return last_two != _ENCLOSED and (last_two in _CITING_OR_ABOUT or last_two[-1:] in _CITING_OR_ABOUT)


def _date_after(text: str) -> re.Match[str] | None:
    """Return the date that stands next to a number, after «của …», or set apart at the very end."""
    if found := _DATE_NEXT.match(text):
        return found
    said = _date_said(text)
    if said is None:
        return None
    before = text[: said.start()].rstrip()
    between = comparable(before.strip(" ,(")).split()
    is_issuer = bool(between) and between[0] == comparable("của") and not _names(between[1:], _CITING_OR_ABOUT)
    stands_last = before.endswith((",", "(")) and bool(_END.match(text[said.end() :])) and not _names(between, _CITING)
    return said if is_issuer or stands_last else None


def _date_said(text: str) -> re.Match[str] | None:
    """Return the first date that «ngày» introduces and that does not begin or end a period."""
    for found in _DATE_SAID.finditer(text):
        before = text[: found.start()].split()
        if not before or comparable(before[-1]) not in _OF_A_PERIOD:
            return found
    return None


def _own_date(text: str) -> re.Match[str] | None:
    """Return the date said in a text that cites nothing else before it."""
    said = _date_said(text)
    return said if said and not _names(comparable(text[: said.start()]).split(), _CITING_OR_ABOUT) else None


def _date_before(text: str) -> re.Match[str] | None:
    """Return the date that stands right before a number: «ngày 05/12/2023, số 12/BC-UBND»."""
    for found in _DATE_SAID.finditer(text):
        if not re.sub(r"[\s,:()-]|số", "", text[found.end() :], flags=re.IGNORECASE):
            return found
    return None


def _names(words: list[str], phrases: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether any of the phrases, of one word or two, is among the words."""
    return any((word,) in phrases for word in words) or any(pair in phrases for pair in pairwise(words))


def _as_date(found: re.Match[str] | None) -> tuple[date | None, str]:
    """Return a date, or the words typed for one that is none."""
    if found is None:
        return None, ""
    day, month, year = (int(found[name] or 0) for name in ("day", "month", "year"))
    try:
        return date(year, month or int(found["month_word"]), day), ""
    except ValueError:
        written = found[0]
        return None, written[found.start("day") - found.start() :].strip()
