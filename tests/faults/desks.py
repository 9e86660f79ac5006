"""The small cycle and its people at a desk whose commands run on the bench, with a time machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google_memory import GoogleMemory
from google_office import GoogleOffice, small_google_cycle
from google_server import GoogleServer
from google_server.clients import OFFICE
from google_server.world import World
from office import Office, small_cycle

from faults.bench import Bench, Ended, Order

LOCAL, GOOGLE = "local", "google"
WORKSPACES = (LOCAL, GOOGLE)


@dataclass(frozen=True)
class Saved:
    """The cycle's folder and Google's world at one moment."""

    folder: Path
    now: Any = None
    google: GoogleMemory | None = None


class _OnBench(Office):
    """An office whose commands run on the bench."""

    bench: Bench

    def order(self, arguments: tuple[str, ...], now: str, blow: str = "", at: int = 0) -> Ended:
        """Run one command, struck or not."""
        options = ["--cycle", str(self.folder), "--now", now, "--lang", "en", "--json"]
        return self.bench.run(Order([*options, *arguments], str(self.folder), self.environment(), blow, at))

    def environment(self) -> dict[str, str]:
        """Return what the environment says to the command."""
        return {}

    def save(self, name: str) -> Saved:
        """Remember everything."""
        kept = self.bench.temporary.parent / "saved" / name
        if self.folder.exists():
            shutil.copytree(self.folder, kept)
        return Saved(kept)

    def restore(self, saved: Saved) -> None:
        """Go back to that moment."""
        for folder in (self.folder, self.bench.temporary):
            shutil.rmtree(folder, ignore_errors=True)
        self.bench.temporary.mkdir()
        if saved.folder.exists():
            shutil.copytree(saved.folder, self.folder)


class LocalDesk(_OnBench):
    """On workbooks in the cycle's folder."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.folder = folder
        small_cycle(folder)


class GoogleDesk(_OnBench, GoogleOffice):
    """On our Google server."""

    def __init__(self, bench: Bench, folder: Path, server: GoogleServer) -> None:
        self.bench = bench
        self.contents: list[tuple[Any, Any]] = []  # spreadsheets that were compared once; see google_end_state
        self.folder = small_google_cycle(folder)
        self.work_on(server)

    def order(self, arguments: tuple[str, ...], now: str, blow: str = "", at: int = 0) -> Ended:
        self.at_the_moment(now)
        return super().order(arguments, now, blow, at)

    def environment(self) -> dict[str, str]:
        return {"CCHC_GOOGLE_EMULATOR": self.server.url, "CCHC_GOOGLE_EMULATOR_USER": OFFICE}

    def save(self, name: str) -> Saved:
        return Saved(super().save(name).folder, self.now, GoogleMemory.of(self.server))

    def restore(self, saved: Saved) -> None:
        super().restore(saved)
        assert saved.google is not None
        saved.google.bring_back(self.server)
        self.now = saved.now


Desk = LocalDesk | GoogleDesk


@contextmanager
def desk_of(workspace: str, folder: Path) -> Iterator[Desk]:
    """Lend a desk on a workspace; in the end nothing may have been against Google's documents."""
    with ExitStack() as stack:
        bench = stack.enter_context(Bench(folder / "bench"))
        if workspace == LOCAL:
            yield LocalDesk(bench, folder / "cycle")
            return
        server = stack.enter_context(GoogleServer(World()))
        yield GoogleDesk(bench, folder / "cycle", server)
        assert server.violations == []
