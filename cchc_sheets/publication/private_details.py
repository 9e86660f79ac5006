"""What is nobody's business in a remark (thông tin riêng): found in whatever way it was typed, and marked.

Found are identity, account and telephone numbers, e-mail addresses and links. Digits are looked for in any grouping,
also with Word's dashes, hard spaces and wide digits. Numbers and dates of papers, points, codes of criteria and amounts
of money stay. Names and street addresses cannot be told from those of offices, and stay too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cchc_sheets.assessment.evidence_caption import KINDS

CONTACT: Final = "[đã lược thông tin liên hệ]"
LINK: Final = "[đã lược đường dẫn]"
IDENTITY: Final = "[đã lược số giấy tờ tùy thân]"
ACCOUNT: Final = "[đã lược số tài khoản]"
MARKS: Final = (CONTACT, LINK, IDENTITY, ACCOUNT)


def without_private_details(words: str) -> str:
    """Return words, given in composed letters, with a mark in the place of each private detail."""
    search = _Search(words)
    for look in (_full_addresses, _emails, _bare_addresses, _identities, _accounts, _telephones, _bare_numbers):
        look(search)
    return search.marked()


def count_left_out(told: str) -> int:
    """Return how many details were left out of a remark."""
    return sum(told.count(mark) for mark in MARKS)


# ---- the text as it is searched ---------------------------------------------------------------------------------

_TAKEN: Final = "\0"
_POINTS: Final = "·•∙・。｡"


@lru_cache(maxsize=4096)
def _seen_as(character: str) -> str:
    """Return the plain sign that a sign stands for, always one: no tone, no capital, one kind of blank and dash."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category == "Zs" or character == "\t":
        return " "
    if category == "Pd" or character == "\u2212":
        return "-"
    if character in _POINTS:
        return "."
    plain = unicodedata.normalize("NFKC", character)
    base = unicodedata.normalize("NFD", plain if len(plain) == 1 else character)[0]
    return base.lower() if len(base.lower()) == 1 else base


def _seen(words: str) -> str:
    return "".join(map(_seen_as, words))


class _Search:
    """One remark: `words` as typed, `seen` sign by sign in plain signs, with what was found blotted out."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.seen = _seen(words)
        self._found: list[tuple[int, int, str]] = []

    def take(self, start: int, end: int, mark: str) -> None:
        """Mark a stretch as private."""
        self._found.append((start, end, mark))
        self.seen = self.seen[:start] + _TAKEN * (end - start) + self.seen[end:]

    def take_all(self, pattern: re.Pattern[str], mark: str) -> None:
        """Mark whatever a pattern finds."""
        for match in pattern.finditer(self.seen):
            self.take(match.start(), match.end(), mark)

    def marked(self) -> str:
        """Return the words with the marks in place of what was found."""
        told, at = [], 0
        for start, end, mark in sorted(self._found):
            told += [self.words[at:start], mark]
            at = end
        return "".join((*told, self.words[at:]))


# ---- addresses --------------------------------------------------------------------------------------------------

_TAIL: Final = r"[^\s\0]*[^\s\0.,;:)\]»”\"']"
_FULL_ADDRESS: Final = re.compile(rf"\b(?:[a-z][a-z0-9+.-]{{1,15}}://|www\.){_TAIL}")
_LABEL: Final = r"[^\W_][\w-]{0,62}"
# Names alone only of domains in which no sentence goes on after a full stop («xong.Vn» is none, «xong.Me» may be).
_BARE_ADDRESS: Final = re.compile(
    rf"(?<![\w@.-])(?:{_LABEL}\.){{1,8}}"
    rf"(?:(?:com|vn|net|org|gov|edu|info|asia|biz|xyz|online|site)(?![\w-])(?::\d{{1,5}})?(?:[/?#](?:{_TAIL})?)?"
    rf"|(?:me|ly|gl|gle|be|co|io|ai|app|dev|link|page|tv|us|cc|top|club)(?::\d{{1,5}})?/{_TAIL})"
)
_DOT: Final = r"(?:\.|\s?[\[({]\s?(?:\.|dot|cham)\s?[\])}]\s?|\s(?:dot|cham)\s)"
_AT: Final = r"(?:\s?@\s?|\s?[\[({]\s?(?:@|at|a\s?cong)\s?[\])}]\s?|\s(?:a\s?cong|at)\s)"
_LOCAL: Final = r"[^\s@<>(),;:\[\]{}\0]"
_PLAIN_EMAIL: Final = re.compile(rf"(?<!{_LOCAL}){_LOCAL}+@{_LOCAL}+\.{_LOCAL}*[^\s@<>(),;:.\[\]{{}}\0]")
_EMAIL: Final = re.compile(
    rf"(?<![\w.+-])[\w+-]{{1,64}}(?:{_DOT}[\w+-]{{1,64}}){{0,4}}{_AT}(?:{_LABEL}{_DOT}){{1,5}}[a-z]{{2,}}"
)


def _full_addresses(search: _Search) -> None:
    search.take_all(_FULL_ADDRESS, LINK)


def _emails(search: _Search) -> None:
    search.take_all(_PLAIN_EMAIL, CONTACT)
    search.take_all(_EMAIL, CONTACT)


def _bare_addresses(search: _Search) -> None:
    search.take_all(_BARE_ADDRESS, LINK)


# ---- numbers ----------------------------------------------------------------------------------------------------

# One digit more than the longest number: a longer one is seen to be longer, and no remark takes long.
_RUN: Final = re.compile(r"\d(?:[ .()\[\]-]{0,3}\d){0,20}")
_GROUP: Final = re.compile(r"\d+")
# Where a number of somebody's ends at the latest: a date begins, or points or the code of a criterion (0.5, 1.2.3).
_SOMETHING_ELSE: Final = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[ .-]{1,3}(?:0?[1-9]|1[0-2])[ .-]{1,3}(?:19|20)\d\d(?!\d)"
    r"|(?<![\d.])(?:0|[1-9]\d?)(?:\.\d{1,2})+(?![\d.-])"
)
_MORE_DIGITS: Final = re.compile(r"\.?\d")
_AMOUNT: Final = re.compile(
    r"(?:[.,]\d+)?\s?(?:đong(?!\s+chi(?!\w))|đ(?![\w/])|vnđ|vnd|usd|tr\.?đ|trieu|ty(?!\w)|nghin|ngan(?!\w)|%)"
)
_COUNTED: Final = re.compile(r"\s?(?:luot|cuoc|thue\sbao|diem|van\sban|m2)(?!\w)")
_KINDS: Final = "|".join(re.escape(_seen(kind)) for kind in (*KINDS, "QD", "UBND", "HĐND"))
_KINDS_IN_FULL: Final = "|".join(re.escape(_seen(kind)) for kind in (*KINDS.values(), "Công văn", "Văn bản"))
_PAPER_AFTER: Final = re.compile(rf"\s?/\s?(?:(?:19|20)\d\d(?!\d)|(?:{_KINDS})(?!\w))|\s?-\s?(?:{_KINDS})\s?/")
_PAPER_BEFORE: Final = re.compile(
    rf"(?<!\w)(?:(?:{_KINDS_IN_FULL}|hoa đon|ho so|bien lai|giay phep)\s+(?:so|ma)(?:\s+hieu)?"
    r"|ma so(?:\s+thue)?|ma ho so|so ho so|so hieu|mst)\s*[:.]?\s*$"
)
# As typed, with capitals: «TT», «PA» or «DA» in small letters is a word. «CT: …» may be a chairman's telephone.
_SHORT_BEFORE: Final = re.compile(
    rf"(?<!\w)(?:(?:{'|'.join(map(re.escape, KINDS))}|CV|QD)(?:-[A-ZĐ]+)?\s*[Ss]ố|QĐ|QD|BC|KH|CV|NQ|TTr)\s*[:.]?\s*$"
)
_LOOK_BACK: Final = 40


@dataclass(frozen=True, slots=True)
class _Number:
    """Digits that may be one number; `ends` tells where it ends by how many of its digits it is taken to have."""

    digits: str
    ends: dict[int, int]

    def first_of(self, *lengths: int) -> int | None:
        """Return the first of these lengths with which it can end, at the end of a group."""
        return next((length for length in lengths if length in self.ends), None)


_Length = Callable[[_Number], int | None]


def _number_at(seen: str, start: int, longest: int = 14) -> _Number:
    """Return what may be one number from `start` on."""
    digits, ends = "", {}
    run = _RUN.match(seen, start)
    for group in _GROUP.finditer(seen, start, run.end() if run else start):
        if _SOMETHING_ELSE.match(seen, group.start()) or len(digits) + len(group[0]) > longest:
            break
        digits += group[0]
        ends[len(digits)] = group.end()
    return _Number(digits, ends)


def _is_of_something_else(search: _Search, start: int, end: int) -> bool:
    """Tell whether digits are only a piece of a longer number, an amount of money, or the number of a paper."""
    if any(after.match(search.seen, end) for after in (_MORE_DIGITS, _AMOUNT, _PAPER_AFTER)):
        return True
    before = slice(max(0, start - _LOOK_BACK), start)
    return bool(_PAPER_BEFORE.search(search.seen[before]) or _SHORT_BEFORE.search(search.words[before]))


def _take_number(search: _Search, start: int, end: int, mark: str) -> int:
    """Mark a number with the `+` and the brackets about it; return where it ends."""
    while start and search.seen[start - 1] in "+([":
        start -= 1
    pair = {"(": ")", "[": "]"}.get(search.seen[start], "")
    if pair and search.seen[end : end + 1] == pair and pair not in search.seen[start:end]:
        end += 1
    search.take(start, end, mark)
    return end


# ---- numbers of which a word tells what they are ----------------------------------------------------------------

_NOT_IN_A_WORD: Final = r"(?<![^\W\d_])"
_THEN: Final = (
    r"(?![^\W\d_])(?:[\s:.,=(\[/+-]"
    r"|\b(?:so|la|cua|ong|ba|anh|chi|ca nhan|di đong|co quan|nha rieng|rieng|ban|moi|lien he|ma|the)\b){0,12}+"
)
_IDENTITY_WORD: Final = re.compile(
    _NOT_IN_A_WORD + r"(?:cccd|cmnd|cmtnd|cmt|cmqđ|đdcn|can\s?cuoc(?:\scong\sdan)?|[đd]inh\s?danh(?:\sca\snhan)?"
    r"|chung\s?minh(?:\snhan\sdan|\sthu|\squan\sđoi){0,2}|ho\s?chieu|passport|giay\sto\stuy\sthan)"
    rf"{_THEN}(?=\d)"
)
_PASSPORT: Final = re.compile(rf"{_NOT_IN_A_WORD}(?:ho\s?chieu|passport){_THEN}(?P<number>[a-z]\s?\d{{7,8}})(?!\d)")
_ACCOUNT_WORD: Final = re.compile(
    _NOT_IN_A_WORD + r"(?:stk|s?tknh|tk|tai\s?khoan|iban|so\sthe)(?![^\W\d_])"
    r"(?:[^\W\d_]++|[\s:.,=(\[/+-]){0,12}+(?=\d)"  # the bank's name may stand between
)
_PHONE_WORD: Final = re.compile(
    _NOT_IN_A_WORD + r"(?:s?đt(?:dđ|cq|nr|lh)?|sdt|[đd]ien\s?thoai|đthoai|tel|telephone|phone|mobile|hotline|fax|dđ"
    r"|di\s?đong|[đd]uong\s?day\s?nong|so\s?may|dt(?=\W{0,4}0\d{8}))"
    rf"{_THEN}(?=\d)"
)
_MESSENGER_WORD: Final = re.compile(rf"{_NOT_IN_A_WORD}(?:za\s?lo|viber|whatsapp|telegram|so\s?lien\s?he){_THEN}(?=\d)")
_NEXT: Final = re.compile(r"\s?(?:,|;|/|-|hoac|va|hay|&)\s?[+(]{0,2}(?=\d)")
_LONGEST_ACCOUNT: Final = 20  # see `_RUN`
_ACCOUNT_AT_LEAST, _ACCOUNT_ALONE = 8, 9


def _identities(search: _Search) -> None:
    for match in _PASSPORT.finditer(search.seen):
        search.take(*match.span("number"), IDENTITY)
    _told_by(search, _IDENTITY_WORD, IDENTITY, lambda number: number.first_of(12, 9, 13, 11, 10, 8))


def _accounts(search: _Search) -> None:
    _told_by(search, _ACCOUNT_WORD, ACCOUNT, _account_length)


def _account_length(number: _Number) -> int | None:
    first = next(iter(number.ends), 0)
    whole = max(number.ends, default=0)
    return first if first >= _ACCOUNT_ALONE else whole if whole >= _ACCOUNT_AT_LEAST else None


def _telephones(search: _Search) -> None:
    local, full = (7, 8, 6, 9, 10, 11, 12), (9, 10, 11, 12)
    _told_by(search, _PHONE_WORD, CONTACT, lambda number: _phone_length(number) or number.first_of(*local))
    _told_by(search, _MESSENGER_WORD, CONTACT, lambda number: _phone_length(number) or number.first_of(*full))


def _told_by(search: _Search, word: re.Pattern[str], mark: str, length: _Length) -> None:
    """Mark the numbers that follow a word which says what they are, one or a list of them."""
    for match in word.finditer(search.seen):
        end = _take_told(search, match.end(), mark, length)
        while end is not None and (following := _NEXT.match(search.seen, end)):
            end = _take_told(search, following.end(), mark, length)


def _take_told(search: _Search, start: int, mark: str, length: _Length) -> int | None:
    """Mark the number at a place; return where it ends, None if there is none."""
    number = _number_at(search.seen, start, _LONGEST_ACCOUNT)
    count = length(number)
    if count is None:
        return None
    end = number.ends[count]
    is_count = mark == CONTACT and _COUNTED.match(search.seen, end) is not None
    if is_count or _is_of_something_else(search, start, end):
        return None
    return _take_number(search, start, end, mark)


# ---- numbers that tell themselves what they are -----------------------------------------------------------------

_PHONE: Final = re.compile(r"0[1-9]\d{8}|0[12]\d{9}|(?:00)?84(?:0?[1-9]\d{8}|0?2\d{9})")
_IDENTITY: Final = re.compile(r"0(?!00)\d{11}")
_IDENTITY_DIGITS: Final = 12
_GLUED_DIGITS: Final = 9


def _phone_length(number: _Number) -> int | None:
    """Return how many of the digits are a telephone number in full."""
    lengths = (11, 10) if number.digits.startswith("02") else (10, 11, 12, 13, 14)
    return next((n for n in lengths if n in number.ends and _PHONE.fullmatch(number.digits[:n])), None)


def _bare_numbers(search: _Search) -> None:
    done = 0
    for group in _GROUP.finditer(search.seen):
        if group.start() >= done:
            other = _SOMETHING_ELSE.match(search.seen, group.start())
            done = other.end() if other else _take_bare(search, group)


def _take_bare(search: _Search, group: re.Match[str]) -> int:
    """Mark the telephone or identity number that begins with a group of digits; return where to look on."""
    if _may_begin(search, group):
        number = _number_at(search.seen, group.start())
        count, mark = _phone_length(number), CONTACT
        if count is None and _IDENTITY.fullmatch(number.digits[:_IDENTITY_DIGITS]):
            count, mark = number.first_of(_IDENTITY_DIGITS), IDENTITY
        if count is not None and not _is_of_something_else(search, group.start(), number.ends[count]):
            return _take_number(search, group.start(), number.ends[count], mark)
    return group.end()


def _may_begin(search: _Search, group: re.Match[str]) -> bool:
    """Tell whether a number may begin here: not within another one, nor within a code (H08-231205-0012)."""
    start = group.start()
    while start and search.seen[start - 1] in "+([":
        start -= 1
    before, further = search.seen[max(0, start - 1) : start], search.seen[max(0, start - 2) : max(0, start - 1)]
    if before == "_" or before.isdigit():
        return False
    if before.isalpha():
        return search.words[start - 1].islower() and len(group[0]) >= _GLUED_DIGITS
    return not (before in {".", ",", "-", "/"} and further.isdigit())
