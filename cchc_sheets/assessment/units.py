"""The units that are assessed (đơn vị được đánh giá)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# xã, phường, đặc khu since July 2025; thị trấn so that older cycles load.
KINDS: Final = {"commune": "xã", "ward": "phường", "special_zone": "đặc khu", "township": "thị trấn"}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the roster.

    Attributes:
        code: its identity in every file, ledger entry and sheet; `name` the full name, e.g. `Xã Bình Tân`.
        kind: a key of `KINDS`.
        group: units are ranked within their group; "" is one group for all.
        ranked: False for a unit that is scored but not ranked (không xếp hạng).
        emails: the addresses that may edit its workbook.
    """

    code: str
    name: str
    kind: str
    group: str = ""
    ranked: bool = True
    emails: tuple[str, ...] = ()
