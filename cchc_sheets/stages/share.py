"""`share`: give access to the workbooks where it is missing, find what is too much, take it away on request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from cchc_sheets.errors import CchcError, NotNow, Problem
from cchc_sheets.messages import Text, text
from cchc_sheets.outcome import Outcome, Table, UnitOutcome
from cchc_sheets.stages.access import (
    OFFICE,
    REFUSALS,
    Access,
    Claims,
    claims_of,
    contested,
    excess_problems,
    is_stranger,
    lacking_problems,
    overseers,
    unit_of,
    wanted_access,
    without_address,
)
from cchc_sheets.stages.season import APPRAISAL, BOARD, Season
from cchc_sheets.workspace.port import Role, Sharing

_LIMIT: Final = "sharing_limit"
_ABOUT_THE_ADDRESS: Final = frozenset({*REFUSALS, "inherited_access"})
_ABOUT_THE_FILE: Final = frozenset({"missing", "forbidden", "app_not_authorized", "shared_drive_membership"})
_KNOWN_UNSEEN: Final = frozenset({"access_refused", "access_foreign", "access_open"})
"""What is told from the ledger alone, without a look: the rest may have changed since, or is for `share` to find."""

_OF_THE_OFFICE: Final = {APPRAISAL: text("the review workbook"), BOARD: text("the board")}

_SAID: Final = {
    "in_order": text("access is in order"),
    "changed": text("access was put in order"),
    "attention": text("access is not in order"),
    "unreadable": text("access could not be looked at"),
    "missing": text("no workbook yet"),
}


@dataclass
class _Run:
    """Sharing, one address after the other, until the workspace's limit.

    Attributes:
        told: (workbook, address) of the refusals that are among the problems already; a refusal that was about the
            whole workbook has no address.
        limit: the refusal after which nothing more can be shared in this run.
        changed: the workbooks in which anything was given or taken away.
    """

    season: Season
    sharing: Sharing
    notify: bool = False
    problems: list[Problem] = field(default_factory=list)
    told: set[tuple[str, str | None]] = field(default_factory=set)
    limit: CchcError | None = None
    given: int = 0
    taken: int = 0
    changed: set[str] = field(default_factory=set)

    @cached_property
    def claims(self) -> Claims:
        return claims_of(self.season)

    def look(self, access: Access) -> bool:
        """See who has access; False, and told, if that cannot be seen."""
        try:
            access.held = dict(self.sharing.people([access.key])[access.key])
        except CchcError as refusal:
            self._note(access, "", refusal)
            return False
        # Who was let in by hand in the meantime is refused no more.
        access.refused = {address: code for address, code in access.refused.items() if address in access.lacking()}
        return True

    def give(self, access: Access, addresses: Iterable[str]) -> None:
        for address in addresses:
            if self.limit is not None or not self.is_open(access):
                return
            role = access.wanted[address]
            try:
                listed = self.sharing.admit(access.key, address, role, notify=self.notify)
            except CchcError as refusal:
                if refusal.code in REFUSALS:
                    access.refused[address] = refusal.code
                self._note(access, address, refusal)
                continue
            access.refused.pop(address, None)
            if listed != address:
                access.listed_as[address] = listed
            access.held[listed] = role
            self.given += 1
            self.changed.add(access.key)

    def take_away(self, access: Access, addresses: Iterable[str]) -> None:
        for address in addresses:
            if not self.is_open(access):
                return
            try:
                self.sharing.dismiss(access.key, address)
            except CchcError as refusal:
                self._note(access, address, refusal)
                continue
            del access.held[address]
            self.taken += 1
            self.changed.add(access.key)

    def is_open(self, access: Access) -> bool:
        """Tell whether the workbook itself was not refused to us."""
        return (access.key, None) not in self.told

    def remember(self, access: Access) -> None:
        """Record who has access now."""
        if not self.is_open(access):
            return
        body = access.as_body(self.season.workspace.location(access.key))
        entry = self.season.latest("access").get(access.key)
        if entry is None or entry.body != body or access.key in _begun(self.season):
            self.season.record("access", access.key, body)

    def differences(self, access: Access) -> list[Problem]:
        """Return what is not as it should be, without what was told already."""
        if not self.is_open(access):
            return []
        found = [*lacking_problems(access), *excess_problems(access, self.claims)]
        return [problem for problem in found if (access.key, problem.row) not in self.told]

    def _note(self, access: Access, address: str, refusal: CchcError) -> None:
        """Take a refusal as a problem of this address or workbook; raise what would stop every other, too."""
        unit = unit_of(access.key)
        if refusal.code == _LIMIT:
            self.limit = refusal
        elif refusal.code in _ABOUT_THE_ADDRESS and address:
            self.told.add((access.key, address))
            self.problems.append(Problem(refusal.code, refusal.what, refusal.fix, unit=unit, row=address))
        elif refusal.code in _ABOUT_THE_FILE:
            self.told.add((access.key, None))
            where = self.season.workspace.location(access.key)
            what = text("{what} ({where})", what=refusal.what, where=where)
            self.problems.append(Problem(refusal.code, what, refusal.fix, unit=unit))
        else:
            raise refusal


def share_missing(season: Season, keys: Iterable[str], *, notify: bool = False) -> list[Problem]:
    """Give the access that the ledger does not know as given; return what stands in the way.

    Nothing is asked of the workspace where the ledger says that all was given or refused. A refused address is tried
    again by `share` only.
    """
    sharing = season.workspace.sharing
    if sharing is None or season.dry_run:
        return []
    wanted, keys = wanted_access(season), tuple(keys)
    known = [_recorded(season, key, wanted.get(key, {})) for key in keys]
    due = [access for access in known if access.untried()]
    run = _Run(season, sharing, notify)
    if due:
        _give_what_is_due(run, due)
    problems = [*contested(season, keys), *without_address(season, keys), *run.problems]
    if run.limit is not None:
        problems.append(_limit_problem(season, run.limit, due))
    for access in known:
        problems.extend(problem for problem in run.differences(access) if problem.code in _KNOWN_UNSEEN)
    return problems


def _give_what_is_due(run: _Run, due: list[Access]) -> None:
    season, begun = run.season, _begun(run.season)
    season.record("access", "-", {"keys": [access.key for access in due]})
    for done, access in enumerate(due):
        if run.limit is not None:
            break
        season.progress(text("sharing workbooks"), done, len(due))
        # Where a run was cut off, it is not known who has access already. Looking is cheaper than sharing again:
        # Google counts what is shared, and sends its e-mail again.
        if access.key in begun and not run.look(access):
            continue
        run.give(access, access.untried())
        run.remember(access)
    season.progress(text("sharing workbooks"), len(due), len(due))


def share(season: Season, *, check: bool = False, mend: bool = False, notify: bool = False) -> Outcome:
    """Look who has access to each workbook; give what is missing, and take away what is too much if `mend`.

    `check` only looks. `notify` lets the workspace send an e-mail to everybody who is given access.

    Raises:
        NotNow: on local workbooks, and before any workbook is made.
    """
    run = _Run(season, _sharing_of(season, check=check, mend=mend), notify)
    wanted = wanted_access(season)
    found: list[Access] = []
    for done, key in enumerate(wanted):
        season.progress(text("looking who has access"), done, len(wanted))
        if key not in season.present:
            continue
        access = _recorded(season, key, wanted[key])
        if run.look(access):
            found.append(access)
            if not (check or season.dry_run):
                _put_in_order(run, access, mend=mend)
    season.progress(text("looking who has access"), len(wanted), len(wanted))
    return _outcome(run, found, only_looked=check or season.dry_run)


def _sharing_of(season: Season, *, check: bool, mend: bool) -> Sharing:
    if check and mend:
        raise CchcError(
            text("--check only looks and --mend changes: not both"), fix=text("choose one of them"), code="options"
        )
    sharing = season.workspace.sharing
    if sharing is None:
        raise NotNow(
            text("the workbooks of this cycle are files: only those have them to whom they were sent"),
            fix=text("send each unit its own, by e-mail or as usual; `share` is for cycles on Google Sheets"),
        )
    if not season.present:
        raise NotNow(text("no unit has a workbook yet"), fix=text("run `provision` and send each unit its own"))
    return sharing


def _put_in_order(run: _Run, access: Access, *, mend: bool) -> None:
    """Take away what is certainly wrong, give what is missing, then take away what nobody knows.

    In this order, because a stranger may be the account behind an alias that should have access, which is seen
    only when the alias is given it. Where giving had to stop, strangers are left alone.
    """
    excess = access.excess(run.claims) if mend else []
    if excess or (access.lacking() and run.limit is None):
        run.season.record("access", "-", {"keys": [access.key]})
    run.take_away(access, [address for address in excess if not is_stranger(address, run.claims)])
    run.give(access, access.lacking())
    if mend and run.limit is None:
        run.take_away(access, [a for a in access.excess(run.claims) if is_stranger(a, run.claims)])
    run.remember(access)


def _begun(season: Season) -> set[str]:
    """Return the workbooks whose access a run began to change and did not finish."""
    finished = {key: entry.number for key, entry in season.latest("access").items()}
    return {
        key
        for entry in season.ledger.entries("access", subject="-")
        for key in entry.body["keys"]
        if finished.get(key, 0) < entry.number
    }


def _recorded(season: Season, key: str, wanted: Mapping[str, Role]) -> Access:
    """Return what the ledger knows of a workbook; of one that was made anew it knows nothing."""
    entry = season.latest("access").get(key)
    if entry is None or entry.body["place"] != season.workspace.location(key):
        return Access(key, wanted)
    people, refused, listed_as = (dict(entry.body[name]) for name in ("people", "refused", "listed_as"))
    return Access(key, wanted, people, refused, listed_as)


def _limit_problem(season: Season, limit: CchcError, files: Iterable[Access]) -> Problem:
    left = [_name(season, access.key) for access in files if access.untried()]
    return Problem(
        limit.code,
        text("Google allows no further sharing for hours, up to a day; not shared with all yet: {left}", left=left),
        limit.fix,
    )


def _name(season: Season, key: str) -> str | Text:
    unit = unit_of(key)
    return season.cycle.unit(unit).name if unit else _OF_THE_OFFICE[key]


def _outcome(run: _Run, found: list[Access], *, only_looked: bool) -> Outcome:
    season = run.season
    differences = {access.key: run.differences(access) for access in found}
    keys = list(wanted_access(season))
    problems = [*contested(season, keys), *without_address(season, keys), *run.problems]
    if run.limit is not None:
        problems.append(_limit_problem(season, run.limit, found))
    problems += [problem for each in differences.values() for problem in each]
    problems += overseers(found, run.claims)
    units = tuple(_unit_outcome(run, unit.code, found) for unit in season.cycle.units)
    problems += [
        Problem("missing", text("no workbook yet"), text("run `provision`"), unit=unit.unit)
        for unit in units
        if unit.action == "missing"
    ]
    count = sum(len(each) for each in differences.values())
    if only_looked:
        said = text(
            "{files} workbooks looked at: {count} differences from who should have access",
            files=len(found),
            count=count,
        )
    else:
        said = text(
            "{files} workbooks looked at: access given {given} times, taken away {taken} times",
            files=len(found),
            given=run.given,
            taken=run.taken,
        )
    data = {"given": run.given, "taken": run.taken, "workbooks": [_as_data(run, access) for access in found]}
    return Outcome("share", (said,), units, tuple(problems), data, _table(run, found))


def _unit_outcome(run: _Run, unit: str, found: list[Access]) -> UnitOutcome:
    key = f"units/{unit}"
    access = next((access for access in found if access.key == key), None)
    if access is None:
        action = "unreadable" if key in run.season.present else "missing"
    elif access.lacking() or access.excess(run.claims):
        action = "attention"
    else:
        action = "changed" if key in run.changed else "in_order"
    return UnitOutcome(unit, action, _SAID[action])


def _as_data(run: _Run, access: Access) -> dict[str, Any]:
    return {
        "workbook": access.key,
        "unit": unit_of(access.key),
        "place": run.season.workspace.location(access.key),
        "people": dict(access.held),
        "missing": access.lacking(),
        "excess": access.excess(run.claims),
        "refused": dict(access.refused),
    }


def _table(run: _Run, found: list[Access]) -> Table:
    lines = tuple(
        (
            str(_name(run.season, access.key)),
            str(sum(held != OFFICE for held in access.held.values())),
            str(len(access.lacking())),
            str(len(access.excess(run.claims))),
        )
        for access in found
    )
    headings = (text("workbook"), text("with access"), text("missing"), text("too much"))
    return Table(text("who has access"), headings, lines, frozenset({1, 2, 3}))
