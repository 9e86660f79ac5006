"""Remembering everything that our Google server holds, and going back to that moment."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from typing import Any, Self

from google_server import GoogleServer

_WORLD = ("users", "files", "drives", "mails", "_roots", "search_lag", "sharing_left", "sharing_domains")


@dataclass(frozen=True)
class GoogleMemory:
    """Google's world and the content of its spreadsheets at one moment."""

    world: dict[str, Any]
    books: dict[str, Any]

    @classmethod
    def of(cls, server: GoogleServer) -> Self:
        """Remember this moment."""
        world = {name: copy.deepcopy(getattr(server.world, name)) for name in _WORLD}
        return cls(world, dict(server.sheets._books))  # the server itself writes into copies only

    def bring_back(self, server: GoogleServer) -> None:
        """Let the server be as it was; it goes on counting versions, and forgets what it was told to break."""
        server.heal()
        with server.world.lock:
            for name, value in self.world.items():
                setattr(server.world, name, copy.deepcopy(value))
            newest = max((file.version for file in server.world.files.values()), default=0)
            server.world._versions = itertools.count(1 + newest)
            server.sheets._books = dict(self.books)
            server.reset_log()
