"""Run one command and kill it, without warning, at its N-th request: `python google_killer.py N before|after …`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from cchc_sheets.cli import main

number, moment = int(sys.argv[1]), sys.argv[2]
count = [0]
send = HTTPAdapter.send


def deadly(adapter: HTTPAdapter, *arguments: Any, **named: Any) -> requests.Response:
    """Send a request; the N-th is the last thing that happens."""
    count[0] += 1
    if count[0] == number and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = send(adapter, *arguments, **named)
    if count[0] == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


HTTPAdapter.send = deadly  # type: ignore[assignment,method-assign]  # that is the point
main(sys.argv[3:])
