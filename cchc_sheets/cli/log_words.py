"""What a run's log tells, in sentences: every event of `run_log.FACTS`, for `--verbose`.

The log itself keeps words for programs: kinds of entries, operations, codes. Here they become words of the office; a
code for which there is none stands in brackets beside a sentence, so that it can be looked for in the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from cchc_sheets.messages import Text, text

Facts = Mapping[str, Any]
Names = Mapping[str, str]
"""The units' names by their codes."""

KINDS: Final = {
    "configuration": text("the cycle's settings and criteria"),
    "provision": text("a workbook made or mended"),
    "submission": text("a self-assessment as it was handed in"),
    "missed": text("nothing to collect at the deadline"),
    "extension": text("more time given"),
    "appraisal": text("what the appraisers wrote"),
    "recheck": text("a finding to be looked at again"),
    "snapshot": text("a workbook as it was read"),
    "access": text("who may open it"),
    "closing": text("workbooks closed"),
    "explanation_round": text("lowered criteria put to a unit"),
    "explanation": text("a unit's answers"),
    "ruling": text("a ruling of the final meeting"),
    "layout": text("a sheet laid out anew"),
    "told": text("units told in their guides"),
    "made": text("papers or pages made by `sync`"),
    "links": text("documents looked at"),
    "points": text("imported points"),
    "responses": text("measured answers of the survey"),
    "lease_broken": text("taken over from another command"),
    "override": text("finalised although something was missing"),
    "paper": text("a paper"),
    "results": text("finalised results"),
    "publication": text("pages and open data"),
}
"""What each kind of ledger entry holds."""

_PLACES: Final = {
    "units": text("workbook"),
    "appraisal": text("review workbook"),
    "board": text("board"),
    "self_assessment": text("self-assessment"),
    "self_report": text("self-report"),
    "explanation": text("explanation"),
    "adjustments": text("bonus and penalty points"),
    "rulings": text("rulings"),
    "survey": text("the survey"),
}

OPERATIONS: Final = {
    "GET drive/v3/files": text("looked for the cycle's files"),
    "GET drive/v3/files/{id}": text("looked at a file"),
    "POST drive/v3/files": text("made a file"),
    "PATCH drive/v3/files/{id}": text("put a file into the bin"),
    "GET drive/v3/files/{id}/permissions": text("looked who has access to a file"),
    "POST drive/v3/files/{id}/permissions": text("gave access to a file"),
    "PATCH drive/v3/files/{id}/permissions/{id}": text("changed the access to a file"),
    "DELETE drive/v3/files/{id}/permissions/{id}": text("took away the access to a file"),
    "GET drive/v3/drives/{id}": text("looked at the Shared Drive"),
    "GET drive/v3/about": text("asked which account is signed in"),
    "GET v4/spreadsheets/{id}": text("read a spreadsheet"),
    "POST v4/spreadsheets/{id}:batchUpdate": text("wrote into a spreadsheet"),
}
"""What each request asks Google for."""

_KINDS_OF_REQUEST: Final = {
    "read": text("read a spreadsheet"),
    "write": text("wrote into a spreadsheet"),
    "drive": text("asked Google Drive"),
}
_ACCOUNTS: Final = {
    "person": text("a person"),
    "service_account": text("a service account"),
    "delegation": text("a service account acting for a person"),
    "emulator": text("the rehearsal server on this computer"),
}
_SCOPES: Final = {
    "https://www.googleapis.com/auth/drive.file": text("files that this program made"),
    "https://www.googleapis.com/auth/drive": text("all files that the account may open"),
}
_ENDS: Final = {
    "done": text("done"),
    "needs_attention": text("done, but something needs attention"),
    "failed": text("could not run to its end"),
}
_SYSTEMS: Final = {"linux": "Linux", "win32": "Windows", "darwin": "macOS"}


def said_of(event: str, facts: Facts, names: Names) -> Text:
    """Return what an event of the log says to the person at the desk.

    Raises:
        KeyError: for an event that is not in `run_log.FACTS`: a defect of the caller.
    """
    return _SAID[event](facts, names)


def refused(code: str) -> Text:
    """Return why Google, or the way to it, refused: the sentence without its values, and the code."""
    from cchc_sheets.workspace.google_refusal_texts import CODES, CONSOLE, Told, sentences

    if code not in CODES:
        return text("refused [{code}]", code=code)
    what, _ = sentences(code, Told("…", 0, "Google API", CONSOLE))
    return text("{what} [{code}]", what=what.without_values(), code=code)


def _start(facts: Facts, _: Names) -> Text:
    known = text(
        "version {version}, Python {python}, {platform}",
        version=facts["version"],
        python=facts["python"],
        platform=_SYSTEMS.get(facts["platform"], facts["platform"]),
    )
    if not facts["options"]:
        return text("`{command}` begins; {known}", command=facts["command"], known=known)
    return text(
        "`{command}` begins with {options}; {known}", command=facts["command"], options=_typed(facts), known=known
    )


def _typed(facts: Facts) -> str:
    """Return the options much as they were typed; what a person worded is `…` in the log already."""
    options: Mapping[str, object] = facts["options"]
    return " ".join(
        f"--{name.replace('_', '-')}" if value is True else f"{name.replace('_', '-')}={value}"
        for name, value in options.items()
    )


def _step(facts: Facts, _: Names) -> Text:
    step = _logged(facts["what"])
    if not facts["total"]:
        return text("{step}: nothing to do", step=step)
    return text("{step}: {done} of {total}", step=step, done=facts["done"], total=facts["total"])


def _account(facts: Facts, _: Names) -> Text:
    scopes = [_SCOPES.get(scope, scope) for scope in facts.get("scopes", ())] or [text("nothing that was named")]
    kind = _ACCOUNTS[facts["kind"]]
    if not facts["address"]:
        return text("signed in to Google as {kind}; allowed: {scopes}", kind=kind, scopes=scopes)
    return text(
        "signed in to Google as {address} ({kind}); allowed: {scopes}",
        address=facts["address"],
        kind=kind,
        scopes=scopes,
    )


def _request(facts: Facts, _: Names) -> Text:
    asked = OPERATIONS.get(f"{facts['method']} {facts['operation']}") or _KINDS_OF_REQUEST[facts["kind"]]
    if place := facts.get("what") or facts.get("file"):
        asked = text("{asked} ({place})", asked=asked, place=place)
    answer = refused(facts["refused"]) if "refused" in facts else text("done")
    if facts["attempt"] > 1:
        answer = text("{answer}, at try {attempt}", answer=answer, attempt=facts["attempt"])
    return text("Google: {asked}: {answer}, {seconds} s", asked=asked, answer=answer, seconds=_seconds(facts))


def _token(facts: Facts, _: Names) -> Text:
    if facts["status"] < 400:  # noqa: PLR2004 - HTTP's own class of statuses
        return text("Google renewed the sign-in, {seconds} s", seconds=_seconds(facts))
    return text(
        "Google did not renew the sign-in (status {status}), {seconds} s",
        status=facts["status"],
        seconds=_seconds(facts),
    )


def _wait(facts: Facts, _: Names) -> Text:
    if facts["reason"] == "pace":
        return text("waiting {seconds} s so as not to ask Google too often", seconds=facts["seconds"])
    return text("waiting {seconds} s: {reason}", seconds=facts["seconds"], reason=refused(facts["reason"]))


def _ledger(facts: Facts, names: Names) -> Text:
    kind = KINDS[facts["kind"]]
    if facts["subject"] == "-":
        return text("recorded: {kind}, entry {number}", kind=kind, number=facts["number"])
    about = _about(facts["kind"], facts["subject"], names)
    return text("recorded: {kind} ({about}), entry {number}", kind=kind, about=about, number=facts["number"])


def _about(kind: str, subject: str, names: Names) -> list[Text | str]:
    """Return what an entry is about, part by part: units by their names, papers and sheets by their titles."""
    words: Mapping[str, Text | str] = {**_PLACES, **names}
    if kind not in {"paper", "made"}:
        return [words.get(part, part) for part in re.split("[/:]", subject)]
    words = {**words, **_papers(), "publication": KINDS["publication"]}
    return [words.get(part, part) for part in re.split("[/ ]", subject.removeprefix("papers "))]


def _papers() -> Mapping[str, str]:
    from cchc_sheets.publication.paper_kinds import KINDS as PAPERS

    return {paper.code: paper.title for paper in PAPERS}


def _problem(facts: Facts, names: Names) -> Text:
    kind = text("error") if facts["severity"] == "error" else text("warning")
    unit, sheet = facts.get("unit"), facts.get("sheet")
    about: list[Text | str] = [names.get(unit, unit)] if unit else []
    if sheet:
        about.append(_PLACES.get(sheet.partition(":")[0]) or sheet)
    code, count = facts["code"], facts["count"]
    if not about:
        return text("{kind} [{code}], {count} times", kind=kind, code=code, count=count)
    return text("{kind} [{code}], {count} times: {about}", kind=kind, code=code, count=count, about=about)


def _error(facts: Facts, _: Names) -> Text:
    what = _logged(facts["what"])
    if "cause" not in facts:
        return text("could not go on: {what} [{code}]", what=what, code=facts["code"])
    return text("could not go on: {what} [{code}, from {cause}]", what=what, code=facts["code"], cause=facts["cause"])


def _crash(facts: Facts, _: Names) -> Text:
    return text(
        "a defect of the program: {error} at {place}", error=facts["error"], place=(facts["frames"] or ["?"])[-1]
    )


def _interrupted(_: Facts, __: Names) -> Text:
    return text("stopped by hand")


def _end(facts: Facts, _: Names) -> Text:
    return text(
        "ended after {seconds} s: {status} (exit status {exit_code})",
        seconds=Decimal(facts["seconds"]),
        status=_ENDS[facts["status"]],
        exit_code=facts["exit_code"],
    )


def _logged(sentence: str) -> Text:
    """Return a sentence that is in the log as it stands in the code: its values were never there."""
    return Text(sentence).without_values()


def _seconds(facts: Facts) -> Decimal:
    return Decimal(facts["ms"]) / 1000


_SAID: Final[Mapping[str, Callable[[Facts, Names], Text]]] = {
    "start": _start,
    "step": _step,
    "account": _account,
    "request": _request,
    "token": _token,
    "wait": _wait,
    "ledger": _ledger,
    "problem": _problem,
    "error": _error,
    "crash": _crash,
    "interrupted": _interrupted,
    "end": _end,
}
