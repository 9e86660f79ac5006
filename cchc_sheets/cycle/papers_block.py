"""The block `papers:` of `cycle.yaml`: symbols, signers and recipients of the papers beside the decision.

Everything in it may be left out; what is not written follows from `authority`, `office` and `decision`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cchc_sheets.cycle.schema import Entry, OptionalWords, Words

PaperCode = Literal[
    "plan",
    "guidance",
    "reminder",
    "self-report",
    "minutes",
    "report",
    "submission",
    "announcement",
    "notice",
]
"""The papers that the block can say something of, by their words on the command line."""


class PaperSigner(Entry):
    """Who signs: the title in capitals as printed, line by line; the name, left open if empty."""

    title: OptionalWords = ""
    name: OptionalWords = ""


class PaperWords(Entry):
    """How the papers of the cycle are numbered, signed and sent.

    Attributes:
        office_parent: the body printed above the office; the authority if empty.
        office_issuer: the office's name as printed at the top left, line by line, in capitals.
        office_symbol: the office's abbreviation, e.g. `PNV`; from the first letters of its name if empty.
        office_signer: who signs for the office; `authority_signer` for the authority as a body.
        council: who appraises, e.g. `Tổ thẩm định Chỉ số cải cách hành chính`.
        symbols: by paper, e.g. `plan: KH-UBND`.
        recipients: by paper, each without the dash and the closing `;`, the last one `Lưu: VT, …`.
        basis: what the plan carries out, after «Thực hiện»; `plan` how the other papers name the plan; `decision` how
            announcement and notices name the decision.
    """

    office_parent: OptionalWords = ""
    office_issuer: tuple[Words, ...] = ()
    office_symbol: OptionalWords = ""
    office_signer: PaperSigner = PaperSigner()
    authority_signer: PaperSigner = PaperSigner()
    council: OptionalWords = ""
    symbols: dict[PaperCode, Words] = Field(default_factory=dict)
    recipients: dict[PaperCode, tuple[Words, ...]] = Field(default_factory=dict)
    basis: OptionalWords = ""
    plan: OptionalWords = ""
    decision: OptionalWords = ""
