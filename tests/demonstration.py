"""The demo season as anybody runs it: the installed program, a folder, and what was printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Demonstration:
    """A demo that has ended well."""

    folder: Path
    data: dict[str, Any]


def demonstrated(folder: Path) -> Demonstration:
    """Run `demo FOLDER --json` on local workbooks."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCHC_")}
    command = [sys.executable, "-m", "cchc_sheets", "demo", str(folder), "--json"]
    ended = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr.decode()
    return Demonstration(folder, json.loads(ended.stdout)["data"])
