"""No secret leaves its own file, and no log tells of people: the season with canaries, errors and crashes included."""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from canaries import found_below, found_in
from doctors_office import Surgery, open_surgery
from google_desk import OFFICER, asked_for
from google_office import APPRAISERS, COMMUNES, NOI_VU, TU_PHAP, GoogleOffice
from google_server import Fault, errors
from office import Office, Run
from test_log_words import unsaid
from test_survey_stage import FORM, plan_office

from cchc_sheets.workspace import google_transport
from cchc_sheets.workspace.google_access import DRIVE, DRIVE_FILE

PHONE, REMARK, RESPONDENT = "0987654321", "Chim hoàng yến hót trong mỏ than", "Nguyễn Thị Hoàng Yến"
OF_PEOPLE: Final = (PHONE, REMARK, RESPONDENT, *COMMUNES.values(), *APPRAISERS.values())
END: Final = "2024-02-01T08:00"
COMMANDS: Final[tuple[tuple[str, ...], ...]] = (
    ("check",),
    ("doctor",),
    ("provision",),
    ("share", "--check"),
    ("status", "--write"),
    ("extend", "tay-an", "--until", "2023-12-10T18:00", "--reason", REMARK),
)
COLLECTED: Final[tuple[tuple[str, ...], ...]] = (("collect",), ("appraise",))
LATER: Final[tuple[tuple[str, ...], ...]] = (
    ("appraise",),
    ("survey", "survey.csv"),
    ("explain", "--until", "2024-02-20T17:00"),
    ("explain", "--rule", "tay-an/1.1", "--points", "1", "--reason", REMARK),
    ("results",),
    ("finalise", "--allow-unappraised", "--reason", REMARK),
    ("papers", "self-report"),
    ("publish", "--no-remarks"),
    ("trace", "tay-an"),
    ("verify",),
    ("archive",),
    ("sync",),
    ("watch", "--times", "1"),
)
AS_IT_SHOULD: Final = {"share --check", "explain --rule"}
"""Commands that are refused here: there is nobody to share files with, and no criterion was lowered."""


@pytest.fixture
def surgery(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Surgery]:
    with open_surgery(tmp_path, capfd, monkeypatch) as surgery:
        settings = surgery.folder / "cycle.yaml"
        content = settings.read_text(encoding="utf-8").replace('shared_drive: ""', "requests_per_minute: 3000")
        content = content.replace('{"shared_drive": ""}', '{"requests_per_minute": 3000}')
        for name, sheet in (("Phòng Nội vụ", NOI_VU), ("Phòng Tư pháp", TU_PHAP)):
            content = content.replace(f"name: {name}}}", f"name: {name}, email: {APPRAISERS[sheet]}}}")
        settings.write_text(content.replace('phone: "0256"', f'phone: "{PHONE}"'), encoding="utf-8")
        yield surgery


def write_survey(office: Office) -> None:
    last = "2023/11/21 4:00:00 CH GMT+7,Hồ H,Thị trấn Phú Phong,Hài lòng,Hài lòng,Hài lòng,\n"
    words = (FORM + last).replace("0912 345 678", PHONE).replace("Nguyễn Văn A", RESPONDENT).replace("Xa quá", REMARK)
    plan_office(office, form=words)


def fill_in(office: Office) -> None:
    for unit in office.UNITS:
        office.fill_in(unit, c1_1={"note": f"{REMARK}, gọi {PHONE}"})
    with office.edit("tay-an") as hand:
        hand.paste("self_assessment", "2.1", self_score=f"gọi {PHONE}")  # no number: a problem that repeats it


def appraise(office: Office) -> None:
    office.agree_to_everything()
    with office.edit_review() as hand:
        hand.type(
            "appraisal:tu-phap", "tay-an/2.1", verdict="Điều chỉnh", appraised_points=0.5, remark=f"{REMARK} {PHONE}"
        )


class Listener:
    """Runs commands and hears whatever is said."""

    def __init__(self, office: Office, secrets: set[str]) -> None:
        self.office = office
        self.secrets = secrets
        self.failed: dict[str, str] = {}

    def run(self, *arguments: str, now: str = Office.AFTER, as_json: bool = False) -> Run:
        run = self.office.run(*arguments, "-v", now=now, as_json=as_json)
        assert found_in((run.out + run.err).encode(), self.secrets) == set(), arguments
        assert unsaid(run.err) == [], arguments
        if run.exit_code == 1:
            self.failed[" ".join(arguments[:2])] = "\n".join(run.err.splitlines()[-4:])
        return run

    def nothing_was_told(self, *kept: Path) -> None:
        """Hold every file of the cycle against the secrets, and every log against the people."""
        folder = self.office.folder
        assert found_below(folder, self.secrets, kept=kept) == {}
        assert list((folder / "logs").iterdir())
        assert found_below(folder / "logs", OF_PEOPLE) == {}
        watched = (folder / "watch.log").read_bytes() if (folder / "watch.log").exists() else b""
        assert found_in(watched, OF_PEOPLE) == set()


def crash(*_: object) -> None:
    """Fail as no part of the program may."""
    raise RuntimeError("a defect")


def test_the_search_hears_a_canary_in_every_disguise() -> None:
    secret = "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34567890"  # noqa: S105 - a canary
    told: list[Any] = [
        secret,
        quote(secret, safe=""),
        base64.b64encode(b"id:" + secret.encode()).decode(),
        base64.b64encode(b"x" + secret.encode()).decode(),
        f"{secret[:20]}\n{secret[20:]}",
        f"token={secret[:32]}…",
        json.dumps({"a": secret}),
    ]
    assert [found_in(str(words).encode(), [secret]) for words in told] == [{secret}] * len(told)
    assert found_in(b"nothing is said here of anything", [secret]) == set()


def test_a_season_on_files_tells_no_log_of_people(office: Office) -> None:
    listener = Listener(office, set())
    write_survey(office)
    for command in COMMANDS:
        listener.run(*command, now=office.BEFORE)
    fill_in(office)
    for command in COLLECTED:
        listener.run(*command)
    appraise(office)
    for command in LATER:
        listener.run(*(str(office.folder / word) if word == "survey.csv" else word for word in command), now=END)
    assert listener.failed.keys() <= AS_IT_SHOULD, listener.failed
    listener.nothing_was_told()
    assert found_below(office.folder, [RESPONDENT], kept=[office.folder / "survey.csv"]) == {}


def test_a_season_on_google_tells_no_secret_and_its_logs_nothing_of_people(
    surgery: Surgery, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("google_office.OFFICE", OFFICER)
    office = GoogleOffice(surgery.folder, capfd, surgery.google)
    write_survey(office)
    office.run("doctor", now=office.BEFORE)  # the officer signs in
    listener = Listener(office, surgery.desk.canaries())
    for command in COMMANDS:
        listener.run(*command, now=office.BEFORE)
    fill_in(office)
    for command in COLLECTED:
        listener.run(*command)
    appraise(office)
    for command in LATER:
        listener.secrets |= surgery.desk.canaries()
        listener.run(*(str(office.folder / word) if word == "survey.csv" else word for word in command), now=END)
    assert listener.failed.keys() <= AS_IT_SHOULD, listener.failed
    listener.secrets |= surgery.desk.canaries()
    listener.nothing_was_told(surgery.desk.desktop)
    (token,) = surgery.desk.config.iterdir()
    if os.name == "posix":
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        assert stat.S_IMODE(token.parent.stat().st_mode) == 0o700
    assert {asked_for(address)["scope"] for address in surgery.desk.browser.addresses} == {DRIVE_FILE}


def test_errors_and_crashes_tell_no_secret(
    surgery: Surgery, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = GoogleOffice(surgery.folder, capfd, surgery.google)
    office.run("doctor", now=office.BEFORE)
    listener = Listener(office, surgery.desk.canaries())
    listener.run("provision", now=office.BEFORE)
    for error in (errors.unauthenticated("drive"), errors.drive_forbidden("a"), errors.drive_daily_limit()):
        surgery.google.fail(lambda record: record.kind == "drive", Fault.answer(error), times=5)
        assert listener.run("status", now=office.BEFORE, as_json=True).exit_code == 1
        surgery.google.heal()
    surgery.google.oauth.expire_access_tokens()
    assert listener.run("status", now=office.BEFORE).exit_code == 0

    with monkeypatch.context() as patch:
        patch.setattr(google_transport, "_content", crash)
        crashed = listener.run("status", now=office.BEFORE)
    assert "Traceback" in crashed.err
    surgery.desk.revoke_everything()
    surgery.google.oauth.expire_access_tokens()
    assert listener.run("status", now=office.BEFORE).exit_code == 1
    listener.secrets |= surgery.desk.canaries()
    listener.nothing_was_told(surgery.desk.desktop)


def test_init_beside_the_credentials_and_a_demo_that_breaks_off_tell_no_secret(
    surgery: Surgery, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = GoogleOffice(surgery.folder.with_name("made"), capfd, surgery.google)
    office.folder.mkdir()
    credentials = Path(shutil.copy(surgery.desk.desktop, office.folder))
    listener = Listener(office, surgery.desk.canaries())
    assert listener.run("init", "--workspace", "google").exit_code == 0
    assert listener.run("init", "--workspace", "google").exit_code == 1  # there is a cycle already
    assert listener.run("check").exit_code == 0
    assert listener.run("doctor").exit_code == 0
    listener.secrets |= surgery.desk.canaries()
    listener.nothing_was_told(credentials)

    demo, season = ("--workspace", "google", "--credentials", str(credentials)), surgery.folder.with_name("demo")

    with monkeypatch.context() as patch:
        patch.setattr(google_transport, "_content", crash)
        assert "Traceback" in listener.run("demo", str(season / "crashed"), *demo).err
    surgery.desk.revoke_everything()
    surgery.google.oauth.expire_access_tokens()
    assert listener.run("demo", str(season / "revoked"), *demo, as_json=True).exit_code == 1
    assert {folder.name for folder in season.iterdir()} == {"crashed", "revoked"}
    assert found_below(season, listener.secrets | surgery.desk.canaries()) == {}


def test_the_key_of_a_service_account_stays_in_its_file_and_its_scope_is_drive_alone(surgery: Surgery) -> None:
    surgery.use_shared_drive()
    (key,) = surgery.folder.glob("key-*.json")
    listener = Listener(surgery, surgery.desk.canaries())
    assert surgery.found()
    assert listener.run("doctor", now=END).exit_code == 0
    damaged = json.loads(key.read_text(encoding="utf-8"))
    whole, damaged["private_key"] = dict(damaged), damaged["private_key"].replace("\n", "", 1)[:900]
    key.write_text(json.dumps(damaged), encoding="utf-8")
    assert listener.run("doctor", now=END).exit_code == 1
    key.write_text(json.dumps(whole), encoding="utf-8")
    listener.secrets |= surgery.desk.canaries()
    listener.nothing_was_told(key, surgery.desk.desktop)
    accounts = [
        json.loads(line)
        for file in (surgery.folder / "logs").glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
        if '"event":"account"' in line
    ]
    assert all(account["scopes"] == [DRIVE] for account in accounts)
