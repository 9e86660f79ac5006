"""Who may open which workbook: as the roster and the settings want it, and where that differs from what is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cchc_sheets.assessment.appraisal import departments_of
from cchc_sheets.errors import Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.stages.season import APPRAISAL, BOARD, Season, unit_key
from cchc_sheets.workspace.port import Role

OFFICE: Final = "office"
"""What the office's own people hold; see `Held`."""

REFUSALS: Final = {
    "no_google_account": text("no Google account belongs to it"),
    "domain_policy": text("the rules of an organisation forbid it"),
    "invalid_address": text("there can be no such address"),
    "sharing_refused": text("Google refused"),
    "notification_failed": text("Google could not send its e-mail"),
}
"""The refusals that are about one address."""

_MAY: Final = {"reader": text("read"), "commenter": text("comment"), "writer": text("edit")}
_ANYONE, _DOMAIN = "*anyone*", "*domain "

Claims = Mapping[str, Mapping[str, "str | Text"]]
"""Whose an address is: address in small letters → workbook → name of the owner."""


@dataclass
class Access:
    """Who may open one workbook: as it should be, and as far as it is known.

    Attributes:
        wanted: address → role.
        held: address → what it may do (`Held`), as the workspace lists it.
        refused: address → code of the refusal.
        listed_as: alias → the address under which the workspace lists it.
    """

    key: str
    wanted: Mapping[str, Role]
    held: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    listed_as: dict[str, str] = field(default_factory=dict)

    def holds(self, address: str) -> str | None:
        """Return what an address may do; None if nothing."""
        return self.held.get(self.listed_as.get(address, address))

    def lacking(self) -> list[str]:
        """Return the addresses that do not have the access they should have."""
        return [address for address, role in self.wanted.items() if self.holds(address) not in {role, OFFICE}]

    def untried(self) -> list[str]:
        """Return those of them that were not refused."""
        return [address for address in self.lacking() if address not in self.refused]

    def excess(self, claims: Claims) -> list[str]:
        """Return the addresses that have access and should not.

        A contested address stays until its owners have settled whose it is.
        """
        expected = {self.listed_as.get(address, address) for address in self.wanted}
        return [
            address
            for address, held in self.held.items()
            if held != OFFICE and address not in expected and not _is_contested(address, claims)
        ]

    def as_body(self, place: str) -> dict[str, Any]:
        """Return what the ledger keeps of it."""
        return {
            "place": place,
            "people": dict(self.held),
            "refused": dict(self.refused),
            "listed_as": dict(self.listed_as),
        }


def claims_of(season: Season) -> Claims:
    """Return whose each address of the roster and the settings is.

    The workbooks of the office are one here, the review workbook: who may open several of them is not contested.
    """
    settings = season.cycle.settings
    claims: dict[str, dict[str, str | Text]] = defaultdict(dict)
    for unit in season.cycle.units:
        for address in unit.emails:
            claims[address.casefold()][unit_key(unit)] = unit.name
    for department in settings.departments:
        for address in department.addresses:
            claims[address.casefold()].setdefault(APPRAISAL, department.name)
    for address in settings.council:
        claims[address.casefold()].setdefault(APPRAISAL, text("council"))
    for address in settings.leaders:
        claims[address.casefold()].setdefault(APPRAISAL, text("leaders"))
    return dict(claims)


def wanted_access(season: Season) -> dict[str, dict[str, Role]]:
    """Return who should have access: workbook → address in small letters → role; contested addresses have none."""
    settings, claims = season.cycle.settings, claims_of(season)
    wanted: dict[str, dict[str, Role]] = {}
    for unit in season.cycle.units:
        wanted[unit_key(unit)] = dict.fromkeys(map(str.casefold, unit.emails), "writer")
    appraisers = [address.casefold() for department in settings.departments for address in department.addresses]
    leaders = [address.casefold() for address in settings.leaders]
    council = [address.casefold() for address in settings.council]
    wanted[APPRAISAL] = {**dict.fromkeys(leaders, "reader"), **dict.fromkeys((*council, *appraisers), "writer")}
    wanted[BOARD] = dict.fromkeys(leaders, "reader")
    return {
        key: {address: role for address, role in people.items() if not _is_contested(address, claims)}
        for key, people in wanted.items()
    }


def is_stranger(address: str, claims: Claims) -> bool:
    """Tell whether nobody knows the address; who it is may still turn out, if it is the account behind an alias."""
    return address not in claims and not address.startswith((_ANYONE, _DOMAIN))


def unit_of(key: str) -> str | None:
    """Return the code of the unit whose workbook this is; None for a workbook of the office."""
    return key.removeprefix("units/") if key.startswith("units/") else None


def contested(season: Season, keys: Collection[str]) -> list[Problem]:
    """Return the addresses that would open one of these workbooks and another: of two units, of unit and appraiser."""
    return [
        Problem(
            "address_contested",
            text(
                "{address} belongs to several: {owners}; nothing is shared with it",
                address=address,
                owners=list(owners.values()),
            ),
            text("each unit needs an address of its own, which is no appraiser's; mend units.csv or cycle.yaml"),
            row=address,
        )
        for address, owners in claims_of(season).items()
        if len(owners) > 1 and not owners.keys().isdisjoint(keys)
    ]


def without_address(season: Season, keys: Collection[str]) -> list[Problem]:
    """Return the units and appraising departments with whom these workbooks cannot be shared: without an address."""
    appraising = departments_of(season.cycle.criteria)
    units = [
        Problem(
            "no_address",
            text("{unit} has no address, so nobody there can open its workbook", unit=unit.name),
            text("write its address into units.csv"),
            unit=unit.code,
        )
        for unit in season.cycle.units
        if not unit.emails and unit_key(unit) in keys
    ]
    departments = [
        Problem(
            "no_address",
            text("{department} has no address, so nobody there can open the review workbook", department=d.name),
            text("write `email:` to the department in cycle.yaml"),
            "warning",
        )
        for d in season.cycle.settings.departments
        if APPRAISAL in keys and d.id in appraising and not d.addresses
    ]
    return [*units, *departments]


def lacking_problems(access: Access) -> Iterator[Problem]:
    """Yield what is missing in one workbook; the row of each problem is the address."""
    unit, has_access = unit_of(access.key), len(access.lacking()) < len(access.wanted)
    for address in access.lacking():
        held, code = access.holds(address), access.refused.get(address)
        if code is not None:
            yield Problem(
                "access_refused",
                text("{address} has no access: {reason}", address=address, reason=REFUSALS[code]),
                text("mend the address, or run `share` to try again; `share --notify` sends an invitation"),
                "warning" if has_access else "error",
                unit,
                row=address,
            )
        elif held is not None:
            yield Problem(
                "access_role",
                text(
                    "{address} may {held}, and should {wanted}",
                    address=address,
                    held=_MAY[held],
                    wanted=_MAY[access.wanted[address]],
                ),
                text("run `share`"),
                unit=unit,
                row=address,
            )
        else:
            what = text("{address} has no access", address=address)
            yield Problem("access_missing", what, text("run `share`"), unit=unit, row=address)


def excess_problems(access: Access, claims: Claims) -> Iterator[Problem]:
    """Yield what is too much in one workbook; the row of each problem is the address."""
    unit = unit_of(access.key)
    away = text("run `share --mend`, which takes this access away")
    for address in access.excess(claims):
        may = _MAY[access.held[address]]
        if address.startswith(_ANYONE):
            what = text("whoever has the link may {may} this workbook, without any sign-in", may=may)
            yield Problem("access_open", what, away, unit=unit, row=address)
        elif address.startswith(_DOMAIN):
            domain = address.removeprefix(_DOMAIN).rstrip("*")
            what = text("everybody at {domain} may {may} this workbook", domain=domain, may=may)
            yield Problem("access_open", what, away, unit=unit, row=address)
        elif address in claims:
            owners = list(claims[address].values())
            what = text("{address} of {owners} may {may} this workbook", address=address, owners=owners, may=may)
            yield Problem("access_foreign", what, away, unit=unit, row=address)
        else:
            yield Problem(
                "access_unknown",
                text("{address}, which nobody knows here, may {may} this workbook", address=address, may=may),
                text("if it should, write it into units.csv or cycle.yaml; if not, run `share --mend`"),
                unit=unit,
                row=address,
            )


def overseers(found: list[Access], claims: Claims) -> Iterator[Problem]:
    """Yield the units' addresses that open everything, by owning the workbooks or being members where they are."""
    held = {address for access in found for address, role in access.held.items() if role == OFFICE}
    for address in sorted(held):
        owners = [name for key, name in claims.get(address, {}).items() if unit_of(key)]
        if owners:
            yield Problem(
                "access_everything",
                text("{address} of {owners} may open every unit's workbook", address=address, owners=owners),
                text("take it out of the members of the Shared Drive or folder, in the browser"),
                row=address,
            )


def _is_contested(address: str, claims: Claims) -> bool:
    return len(claims.get(address, ())) > 1
