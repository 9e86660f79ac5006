"""An office that is set up for Google bit by bit: its cycle folder, its credentials, its browser, and the command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from google_desk import OFFICER, Desk
from google_server import GoogleServer
from office import Office, Run, small_cycle

ACCOUNT = "cchc@cchc-test.iam.gserviceaccount.com"

VIETNAMESE = re.compile("[ạảãàáậẩẫầấặẳẵằắăâẹẻẽèéệểễềếêịỉĩìíọỏõòóộổỗồốôợởỡờớơụủũùúựửữừứưỵỷỹỳýđ]")


class Surgery(Office):
    """An office with the small cycle on Google, at which `doctor` is run; `desk` is where its officer sits."""

    def __init__(self, desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
        super().__init__(desk.folder, capfd)
        self.desk = desk
        self.google = desk.google
        self._settings = (desk.folder / "cycle.yaml").read_text(encoding="utf-8")
        self.set_up()

    def set_up(self, credentials: Path | None = None, *, subject: str = "", shared_drive: str = "") -> None:
        """Write into cycle.yaml how Google is reached; the OAuth client of a person if nothing is named."""
        file = (credentials or self.desk.desktop).name
        google = {
            "workspace": "google",
            "credentials": {"file": file, "subject": subject} if subject else file,
            "google": {"shared_drive": shared_drive},
        }
        lines = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in google.items())
        (self.folder / "cycle.yaml").write_text(self._settings + lines, encoding="utf-8")

    def use_shared_drive(self, role: str = "fileOrganizer") -> str:
        """Set the office up with a service account in this role on a Shared Drive; return the drive's id."""
        key = self.desk.key()
        drive = self.google.world.add_shared_drive("CCHC 2026", {ACCOUNT: role, OFFICER: "organizer"})
        self.set_up(key, shared_drive=drive.id)
        return drive.id

    def doctor(self, *options: str, as_json: bool = True) -> Run:
        """Run the command; whatever it says, no token and no key is in it."""
        run = self.run("doctor", *options, as_json=as_json)
        for secret in self.secrets():
            assert secret not in run.out + run.err
        return run

    def found(self, *options: str) -> dict[str, str]:
        """Run the command, which must find all in order; return what it says of each check, by its code."""
        run = self.doctor(*options)
        assert run.exit_code == 0, run.out
        return {check["code"]: check["said"] for check in run.json["data"]["checks"]}

    def broken(self, code: str, *options: str) -> dict[str, str]:
        """Run the command, which must stop with this error; return its three parts, which are in Vietnamese."""
        run = self.doctor(*options)
        assert (run.exit_code, run.json["status"]) == (1, "error")
        error: dict[str, str] = run.json["error"]
        assert error["code"] == code
        assert error["where"]
        assert VIETNAMESE.search(error["what"])
        assert VIETNAMESE.search(error["fix"])
        return error

    def asked(self) -> list[str]:
        """Return what Google was asked for, in order."""
        return [record.operation or record.path for record in self.google.log]

    def spreadsheets(self) -> list[bool]:
        """Return, for every spreadsheet that was ever made, whether it is in the trash."""
        world = self.google.world
        return [world.is_trashed(file.id) for file in world.files.values() if file.mime_type.endswith(".spreadsheet")]

    def secrets(self) -> set[str]:
        """Return everything that opens a door: keys, passwords of clients, tokens."""
        return self.desk.secrets()


@contextmanager
def open_surgery(folder: Path, capfd: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> Iterator[Surgery]:
    """Open the office on a server of its own; in the end nothing may have been against Google's documents."""
    with GoogleServer() as google:
        desk = Desk(google, small_cycle(folder / "cycle"))
        desk.config = folder / "config"
        desk.sit_down(patch)
        yield Surgery(desk, capfd)
        desk.browser.close()
        assert google.violations == []
