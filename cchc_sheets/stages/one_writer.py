"""One command at a time changes a cycle: it holds the ledger's lease from its first look to its last write."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cchc_sheets.files import remove_left_overs
from cchc_sheets.ledger import Claim
from cchc_sheets.stages.season import Season

BROKEN: Final = "lease_broken"
"""The kind of the entry that says whose lease was broken, by whom, when."""


@contextmanager
def only_writer(season: Season, command: str, *, break_lease: bool = False) -> Iterator[None]:
    """Hold the lease while a command runs; errors, Ctrl-C and a request to end give it back.

    Args:
        command: its name, told to whoever comes meanwhile.
        break_lease: take it even from somebody who holds it, and record that.

    Raises:
        Busy: at once, if somebody else holds it.
    """
    claim = Claim(season.actor, command, season.cycle.settings.zone)
    with _ended_like_interrupted(), season.ledger.held(claim, by_force=break_lease) as broken:
        if broken is not None:
            body = {
                "actor": broken.actor,
                "machine": broken.machine,
                "process": broken.process,
                "command": broken.command,
                "since": broken.since.isoformat() if broken.is_readable else "?",
                "expires": broken.expires.isoformat() if broken.is_readable else "?",
            }
            season.record(BROKEN, "-", body)
        remove_left_overs(season.cycle.folder)
        yield


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Let SIGTERM, and a closed terminal, end the command as Ctrl-C does, unless somebody listens to them already."""
    names = ("SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [signal.Signals[name] for name in names if name in signal.Signals.__members__]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
