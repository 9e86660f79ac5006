"""Generated seasons played with the real commands: the files of a cycle, and people at their workbooks."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from criteria_sets import D
from generated_seasons import BANDS, KPS, Claim, Finding, Leaf, Season
from google_office import COLLEAGUE, GoogleHand, GoogleOffice
from google_server import GoogleServer
from google_server.world import World
from office import CYCLE, Hand, Office, Run
from second_computation import contested, put_to_unit
from whole_bounds import TALLY

from cchc_sheets.assessment.criteria import Adjustment, Criterion
from cchc_sheets.assessment.scoring import Bands, Count, Levels, Points, Ratio
from cchc_sheets.assessment.standing import given_points
from cchc_sheets.ledger import database
from cchc_sheets.stages.record import known_so_far
from cchc_sheets.stages.season import open_season

UNIT, REPORT, EXPLANATION = "self_assessment", "self_report", "explanation"
ADJUSTMENTS, RULINGS = "adjustments", "rulings"
TYPING, DEADLINE, MORE_TIME, EXTENDED = "2023-12-01T08:00", "2023-12-11T08:00", "2023-12-14T17:00", "2023-12-15T08:00"
HEARING, HEARD = "2023-12-20T17:00", "2023-12-21T08:00"


# The files of a cycle.


def write_cycle(season: Season, folder: Path, *, google: bool = False) -> Path:
    """Write the files of the season's cycle into a new folder."""
    folder.mkdir(parents=True)
    (folder / "cycle.yaml").write_text(settings_of(season, google=google), encoding="utf-8")
    (folder / "criteria.yaml").write_text(criteria_of(season), encoding="utf-8")
    write_units(season, folder)
    return folder


def write_units(season: Season, folder: Path) -> None:
    """Write the roster, in the order of the season's units."""
    lines = [
        f"{u.code},{u.name},{u.kind},{u.group},{'yes' if u.ranked else 'no'},{address(u.code)}" for u in season.units
    ]
    text = "\n".join(["code,name,kind,group,ranked,emails", *lines])
    (folder / "units.csv").write_text(f"{text}\n", encoding="utf-8")


def settings_of(season: Season, *, google: bool = False) -> str:
    """Return `cycle.yaml`: that of the small office under the season's policies."""
    head, _, rest = CYCLE.partition("policies:\n")
    classes = [{"name": name, "from": Decimal(lower)} for name, lower in BANDS]
    without = "refuse" if season.with_survey else "rescale"
    chosen = {**season.policies, "tie_break": list(season.policies["tie_break"]), "without_survey": without}
    policies = f"policies: {flow({**chosen, 'classes': classes})}\n"
    text = head + policies + rest[rest.index("decision:\n") :]
    if google:
        text = text.replace("title: Chỉ số", "workspace: google\ngoogle: {requests_per_minute: 3000}\ntitle: Chỉ số", 1)
        text = text.replace(
            "name: Phòng Nội vụ}", f'name: Phòng Nội vụ, email: "noivu@thu.example.gov.vn; {COLLEAGUE}"}}'
        )
        text = text.replace("name: Phòng Tư pháp}", "name: Phòng Tư pháp, email: tuphap@thu.example.gov.vn}")
    return text


def criteria_of(season: Season, *, turned: bool = False) -> str:
    """Return `criteria.yaml`; `turned` with everything in it the other way round."""
    criteria = season.criteria()
    way = -1 if turned else 1
    whole = {
        "schema": 1,
        "title": criteria.title,
        "total_points": criteria.total_points,
        "survey_points": criteria.survey_points,
        "fields": [_entry(one, way) for one in criteria.fields[::way]],
        "adjustments": [_item(item) for item in criteria.adjustments[::way]],
    }
    return f"{flow(whole)}\n"


def _entry(criterion: Criterion, way: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "code": criterion.code,
        "title": criterion.title,
        "max_points": criterion.max_points,
        "department": criterion.department,
    }
    if criterion.parts:
        return {**entry, "criteria": [_entry(part, way) for part in criterion.parts[::way]]}
    if criterion.not_occurred:
        entry["not_occurred"] = criterion.not_occurred
    return {**entry, **_method(criterion.rule)}


def _method(rule: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    match rule:
        case Levels():
            found = {"levels": [{"points": level.points, "label": level.label} for level in rule.levels]}
        case Bands():
            limits = ["above" if band.exclusive else "from" for band in rule.bands]
            bands = [{limit: band.lower, "points": band.points} for limit, band in zip(limits, rule.bands, strict=True)]
            found = {"bands": bands, "numerator": rule.numerator}
            found |= {"denominator": rule.denominator} if rule.denominator else {}
        case Ratio():
            words = {"numerator": rule.numerator, "denominator": rule.denominator}
            found = {**words, "floor": rule.floor, "full_at": rule.full_at}
        case Count():
            found = {"item": rule.item, "per_item": rule.per_item}
        case Points():
            found = {"step": rule.step}
    return {"method": rule.method, **found}


def _item(item: Adjustment) -> dict[str, Any]:
    names = ("code", "title", "kind", "per_item", "cap", "department", "criterion", "below_zero")
    return {name: value for name in names if (value := getattr(item, name)) != ""}


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def address(unit: str) -> str:
    """The address of a unit's officer."""
    return f"{unit}@thu.example.gov.vn"


# The offices.


class LocalCycle(Office):
    """The office of a generated cycle on files."""

    def run(self, *arguments: str, now: str = DEADLINE, as_json: bool = True) -> Run:
        TALLY["commands"] += 1
        return super().run(*arguments, now=now, as_json=as_json)


class GoogleCycle(GoogleOffice):
    """The office of a generated cycle on Google."""

    def run(self, *arguments: str, now: str = DEADLINE, as_json: bool = True) -> Run:
        TALLY["commands"] += 1
        return super().run(*arguments, now=now, as_json=as_json)

    def edit(self, unit: str) -> GoogleHand:
        """Let the unit's officer open its workbook."""
        return GoogleHand(self, self.id(unit), address(unit))


@contextmanager
def google_cycle(
    season: Season, folder: Path, capfd: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
) -> Iterator[GoogleCycle]:
    """Open the office on a Google server of its own; in the end nothing may have been against Google's documents."""
    write_cycle(season, folder, google=True)
    with GoogleServer(World()) as server:
        patch.setenv("CCHC_GOOGLE_EMULATOR", server.url)
        patch.delenv("CCHC_GOOGLE_EMULATOR_USER", raising=False)
        yield GoogleCycle(folder, capfd, server)
        assert server.violations == []


def spare_the_disk(patch: pytest.MonkeyPatch) -> None:
    """Let ledgers of thrown-away folders not wait for the disk: no power cut happens here."""

    def quick(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = OFF")

    patch.setattr(database, "_plain_sqlite", quick)


# The people.


def points_cell(points: D) -> str | D:
    """Points as text with a comma where that is unmistakable, else as a number."""
    written = f"{points:f}".rstrip("0") if "." in f"{points:f}" else f"{points:f}"
    return written.replace(".", ",") if len(written.partition(".")[2]) in {1, 2, 4} else points


def points_word(points: D) -> str:
    """Points for a command line or a CSV file: never with three decimals, which may be thousands."""
    written = f"{points:f}"
    return (f"{written}0" if len(written.partition(".")[2]) == len("305") else written).replace(".", ",")


def nonsense(place: tuple[str, str], leaf: Leaf) -> str | D:
    """Something in the cell of a self-score that is none; each place has its own."""
    kinds = ("một điểm", "1,5đ", D(leaf.max.numerator) / leaf.max.denominator + 1, D(-1), "=1+1")
    return kinds[zlib.crc32("/".join(place).encode()) % len(kinds)]


def write_claims(office: Office, season: Season, unit: str, *, later: bool = False) -> None:
    """Have a unit fill in its workbook, or change it in the time it was given."""
    claims = season.later if later else season.claims
    with office.edit(unit) as hand:
        for leaf in season.leaves:
            if leaf.is_self_scored:
                _write_claim(hand, (unit, leaf.code), leaf, claims.get((unit, leaf.code)))
        if unit == season.reporter:
            hand.type(REPORT, "strengths", value="Hoàn thành kế hoạch")


def _write_claim(hand: Hand, place: tuple[str, str], leaf: Leaf, claim: Claim | None) -> None:
    row = (UNIT, leaf.code)
    if leaf.kps:
        hand.type(*row, not_occurred=KPS if claim == "kps" else None)
    if claim == "nonsense":
        hand.paste(*row, self_score=nonsense(place, leaf))
    else:
        hand.type(*row, self_score=points_cell(claim) if isinstance(claim, D) else None)
    if isinstance(claim, D):
        hand.type(*row, evidence=f"Báo cáo của {place[0]} cho {place[1]}")
        if leaf.method in {"ratio", "bands"}:
            hand.type(*row, numerator=D(5), denominator=D(7))
    TALLY["cells typed"] += 1


def write_finding(hand: Hand, unit: str, leaf: Leaf, finding: Finding) -> None:
    """Have an appraiser write a verdict, with the same words whenever it is the same finding."""
    verdict, points, remark = finding
    hand.type(
        f"appraisal:{leaf.department}",
        f"{unit}/{leaf.code}",
        verdict=verdict,
        appraised_points=None if points is None else points_cell(points),
        remark="Theo hồ sơ" if remark else None,
    )
    TALLY["cells typed"] += 3


def write_findings(office: Office, season: Season, findings: dict[tuple[str, str], Finding]) -> None:
    """Have the departments write these findings."""
    with office.edit_review() as hand:
        for unit, leaf in season.places():
            if (unit, leaf.code) in findings:
                write_finding(hand, unit, leaf, findings[unit, leaf.code])


def write_adjustments(office: Office, season: Season) -> None:
    """Have the office write bonuses and penalties."""
    if not season.entered:
        return
    with office.edit_review() as hand:
        for (unit, code), (cases, points) in season.entered.items():
            entered = None if points is None else points_cell(points)
            hand.type(ADJUSTMENTS, f"{unit}/{code}", count=cases, points=entered, remark="QĐ 12")
            TALLY["cells typed"] += 3


def write_outside(office: Office, season: Season) -> bool:
    """Write the points of the survey and of other systems into a file; tell whether there are any."""
    counted = {leaf.code for leaf in season.leaves if leaf.method == "imported" or season.with_survey}
    lines = [f"{u};{c};{points_word(p)}" for (u, c), p in season.outside.items() if c in counted]
    (office.folder / "survey.csv").write_text("\n".join(["unit;code;points", *lines]), encoding="utf-8-sig")
    TALLY["cells typed"] += len(lines)
    return bool(lines)


def write_answers(office: Office, season: Season, unit: str) -> None:
    """Have a unit answer everything that was put to it."""
    put = [leaf for owner, leaf in season.places() if owner == unit and put_to_unit(season, (unit, leaf.code), leaf)]
    if not put:
        return
    with office.edit(unit) as hand:
        assert [key for key in hand.row_keys(EXPLANATION) if not key.startswith("@")] == [leaf.code for leaf in put]
        for leaf in put:
            answer, words = season.answers[unit, leaf.code]
            hand.type(EXPLANATION, leaf.code, answer=answer or None, explanation=words or None)
            TALLY["cells typed"] += 2


def write_rulings(office: Office, season: Season) -> None:
    """Have the council rule on what is contested."""
    rows = {f"{u}/{leaf.code}" for u, leaf in season.places() if contested(season, (u, leaf.code), leaf)}
    if not rows:
        return
    with office.edit_review() as hand:
        assert {key for key in hand.row_keys(RULINGS) if not key.startswith("@")} == rows
        for (unit, code), (points, reason) in season.council.items():
            if f"{unit}/{code}" in rows:
                hand.type(RULINGS, f"{unit}/{code}", ruled_points=points_cell(points), reason=reason or None)
                TALLY["cells typed"] += 2


# The season.


def play(office: Office, season: Season) -> Run:
    """Play the season in the order of the plan, and return the results."""
    TALLY["seasons"] += 1
    done(office.run("provision", now=TYPING))
    for unit in season.units:
        write_claims(office, season, unit.code)
    done(office.run("collect", now=DEADLINE))
    done(office.run("appraise", now=DEADLINE))
    write_findings(office, season, season.early)
    if season.extended:
        play_more_time(office, season)
    write_findings(office, season, season.findings)
    write_adjustments(office, season)
    done(office.run("appraise", now=EXTENDED))
    if write_outside(office, season):
        done(office.run("survey", now=EXTENDED))
    if season.is_heard:
        play_hearing(office, season)
    for (name, code), points in season.meeting.items():
        ruling = ("--rule", f"{name}/{code}", "--points", points_word(points), "--reason", "Biên bản 7")
        done(office.run("explain", *ruling, now=HEARD))
    return done(office.run("results", now=HEARD))


def play_more_time(office: Office, season: Season) -> None:
    """Give units more time in which they change what they claim."""
    done(office.run("appraise", now=DEADLINE))
    for unit in sorted(season.extended):
        done(office.run("extend", unit, "--until", MORE_TIME, "--reason", "CV 41", now=DEADLINE))
        write_claims(office, season, unit, later=True)
    done(office.run("collect", now=EXTENDED))
    done(office.run("appraise", now=EXTENDED))


def play_hearing(office: Office, season: Season) -> None:
    """Hold the explanation round and have the council rule."""
    done(office.run("explain", "--until", HEARING, now=EXTENDED))
    for one in season.units:
        write_answers(office, season, one.code)
    done(office.run("explain", now=HEARD))
    write_rulings(office, season)
    done(office.run("explain", now=HEARD))


def done(run: Run) -> Run:
    """Return the run if the command could do its work; some units may need attention."""
    assert run.exit_code in {0, 3}, (run.out, run.err)
    return run


def stands(folder: Path) -> dict[tuple[str, str], Any]:
    """Return what stands of every criterion of every unit by the ledger, before penalties."""
    season = open_season(folder, now=HEARD, actor="van-thu")
    try:
        record = known_so_far(season).record
        criteria, units = season.cycle.criteria, season.cycle.units
        return {(u.code, leaf.code): given_points(leaf, u.code, record) for u in units for leaf in criteria.leaves}
    finally:
        season.close()
