"""Run one command and kill it, without warning, at its N-th write: `python killer.py N before|after …`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from cchc_sheets import files, ledger
from cchc_sheets.cli import main
from cchc_sheets.workspace import xlsx_files


def deadly(write: Callable[..., Any], *, at: int, moment: str) -> Callable[..., Any]:
    """Wrap a function that writes, so that the N-th call of any such function is the last thing that happens."""

    def wrapped(*arguments: Any, **named: Any) -> Any:
        count[0] += 1
        if count[0] == at and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = write(*arguments, **named)
        if count[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


count = [0]
number, when = int(sys.argv[1]), sys.argv[2]
put = deadly(files.put_in_place, at=number, moment=when)
files.put_in_place = put
vars(xlsx_files)["put_in_place"] = put
ledger.Ledger.append = deadly(ledger.Ledger.append, at=number, moment=when)  # type: ignore[method-assign]  # that is the point
main(sys.argv[3:])
