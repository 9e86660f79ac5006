"""A small cycle whose workbooks are shared through our Google server, and the clerk who runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from google_server import GoogleServer
from google_server.world import SPREADSHEET, DriveFile, Permission
from office import small_cycle

from cchc_sheets.cycle.folder import load_cycle
from cchc_sheets.errors import CchcError, Problem
from cchc_sheets.layouts.workbook import Workbook
from cchc_sheets.messages import text
from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.provision import provision
from cchc_sheets.stages.season import APPRAISAL, Season
from cchc_sheets.stages.share import share
from cchc_sheets.workspace.google_access import open_access
from cchc_sheets.workspace.google_emulator import Emulator
from cchc_sheets.workspace.google_sharing import GoogleSharing
from cchc_sheets.workspace.google_transport import GoogleTransport
from cchc_sheets.workspace.local import LocalWorkspace
from cchc_sheets.workspace.port import Ensured, Held, Presence, Role, Sharing

OFFICE = "office@example.gov.vn"
TAY_AN, BINH_HOA, PHU_PHONG = (f"{name}@thu.example.gov.vn" for name in ("tayan", "binhhoa", "phuphong"))
NOI_VU, TU_PHAP, LEADER = (f"{name}@thu.example.gov.vn" for name in ("noivu", "tuphap", "pct"))
UNITS = ("units/tay-an", "units/binh-hoa", "units/phu-phong")


class SharedFolder(LocalWorkspace):
    """Workbooks in a folder, whose sharing is Google's: each has a file on the server that carries its permissions."""

    def __init__(self, folder: Path, server: GoogleServer) -> None:
        super().__init__(folder)
        self.server = server
        self.files: dict[str, DriveFile] = {}
        self.shared_by: Sharing = GoogleSharing(self._transport(), lambda key: self.files[key].id)

    @property
    def sharing(self) -> Sharing:  # type: ignore[override]  # a local folder has none
        return self.shared_by

    def present(self) -> Mapping[str, Presence]:
        now = datetime(2023, 12, 1, tzinfo=UTC)
        return {**{key: Presence("1", now) for key in self.files}, **super().present()}

    def ensure(self, workbook: Workbook) -> Ensured:
        if workbook.key not in self.files:
            self.make(workbook.key)
        return super().ensure(workbook)

    def make(self, key: str) -> None:
        world = self.server.world
        self.files[key] = world.add_file(key, SPREADSHEET, OFFICE, parents=[world.root_of(OFFICE)])

    def location(self, key: str) -> str:
        return f"https://docs.google.com/spreadsheets/d/{self.files[key].id}/edit"

    def _transport(self) -> GoogleTransport:
        access = open_access(None, emulator=Emulator(self.server.url, OFFICE))
        return GoogleTransport(access.session, sleep=lambda _: None)


@dataclass
class Bench:
    """A small cycle on shared workbooks, and the clerk who runs it."""

    folder: Path
    server: GoogleServer
    workspace: SharedFolder

    def season(self, *, dry_run: bool = False) -> Season:
        now = datetime(2023, 12, 1, 8, tzinfo=UTC)
        return Season(load_cycle(self.folder), self.workspace, now, "clerk", dry_run=dry_run)

    def provision(self) -> Outcome:
        return self.run(provision)

    def share(self, *, dry_run: bool = False, check: bool = False, mend: bool = False, notify: bool = False) -> Outcome:
        return self.run(lambda season: share(season, check=check, mend=mend, notify=notify), dry_run=dry_run)

    def run(self, stage: Callable[[Season], Outcome], *, dry_run: bool = False) -> Outcome:
        season = self.season(dry_run=dry_run)
        try:
            return stage(season)
        finally:
            season.close()

    def write(self, name: str, *changes: tuple[str, str]) -> None:
        file = self.folder / name
        content = file.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in content
            content = content.replace(old, new)
        file.write_text(content, encoding="utf-8")

    def people(self, key: str) -> dict[str, str]:
        """Everybody but the owner, from Google's own books."""
        given = self.workspace.files[key].permissions.values()
        return {
            permission.target or permission.kind: permission.role for permission in given if permission.role != "owner"
        }

    def give(self, key: str, kind: str, role: str, target: str = "") -> None:
        """Share by hand, in the browser."""
        permission = Permission(kind, role, target)
        self.workspace.files[key].permissions[permission.id] = permission

    def shares(self) -> int:
        return self.server.count(method="POST")


@dataclass
class Interrupted:
    """Google's sharing, with a clerk who presses Ctrl-C right after the so-manieth share was done."""

    sharing: Sharing
    left: int

    def people(self, keys: Iterable[str]) -> Mapping[str, Mapping[str, Held]]:
        return self.sharing.people(keys)

    def admit(self, key: str, address: str, role: Role, *, notify: bool = False) -> str:
        listed = self.sharing.admit(key, address, role, notify=notify)
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return listed

    def dismiss(self, key: str, address: str) -> None:
        self.sharing.dismiss(key, address)


@dataclass
class Aliases:
    """A workspace that lists everybody under the main address of the account, as Google does with aliases."""

    main: dict[str, str]
    held: dict[str, dict[str, Held]] = field(default_factory=dict)
    limit: bool = False

    def people(self, keys: Iterable[str]) -> Mapping[str, Mapping[str, Held]]:
        return {key: dict(self.held.get(key, {})) for key in keys}

    def admit(self, key: str, address: str, role: Role, *, notify: bool = False) -> str:
        if self.limit:
            raise CchcError(text("no"), where=address, fix=text("later"), code="sharing_limit")
        listed = self.main.get(address, address)
        self.held.setdefault(key, {})[listed] = role
        return listed

    def dismiss(self, key: str, address: str) -> None:
        self.held[key].pop(address, None)


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """A bench on a new cycle in `folder`; nothing is made yet."""
    with GoogleServer() as server:
        for address in (TAY_AN, BINH_HOA, PHU_PHONG, NOI_VU, TU_PHAP, LEADER):
            server.world.add_user(address)
        bench = Bench(small_cycle(folder), server, SharedFolder(folder / "workspace", server))
        bench.write(
            "cycle.yaml",
            ("name: Phòng Nội vụ}", f"name: Phòng Nội vụ, email: {NOI_VU}}}"),
            ("name: Phòng Tư pháp}", f"name: Phòng Tư pháp, email: {TU_PHAP}}}"),
            ("year: 2023", f"year: 2023\nleaders: {LEADER}"),
        )
        yield bench
    assert server.violations == []


@contextmanager
def open_shared_bench(folder: Path) -> Iterator[Bench]:
    """The same; every workbook is made, the review workbook too, and everybody has access."""
    with open_bench(folder) as bench:
        bench.provision()
        bench.workspace.make(APPRAISAL)
        assert bench.share().problems == ()
        bench.server.reset_log()
        yield bench


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def only(problems: Iterable[Problem], code: str) -> Problem:
    (found,) = (problem for problem in problems if problem.code == code)
    return found


def actions(outcome: Outcome) -> dict[str, str]:
    return {unit.unit: unit.action for unit in outcome.units}
