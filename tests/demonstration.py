"""The demo season as anybody runs it: the installed program, a folder, and what was printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any


@dataclass(frozen=True)
class Demonstration:
    """A demo that has ended well.

    Attributes:
        said: all it printed.
        secrets: what lay at hand meanwhile, to its left and right; none of its business.
    """

    folder: Path
    data: dict[str, Any]
    said: bytes
    secrets: frozenset[str]


def demonstrated(folder: Path) -> Demonstration:
    """Run `demo FOLDER --json` on local workbooks, where secrets lie about that it does not need."""
    secret, token, password = (f"{kind}-kanarienvogel-{token_hex(12)}" for kind in ("GOCSPX", "1//", "postgres"))
    desk = folder.with_name("desk")
    _save(desk / "credentials.json", {"installed": {"client_id": "cchc", "client_secret": secret}})
    _save(desk / "cchc-sheets" / "token-cchc.json", {"refresh_token": token, "client_secret": secret})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCHC_")}
    environment |= {"PGPASSWORD": password, "XDG_CONFIG_HOME": str(desk)}
    environment |= {"GOOGLE_APPLICATION_CREDENTIALS": str(desk / "credentials.json")}
    command = [sys.executable, "-m", "cchc_sheets", "demo", str(folder), "--json"]
    ended = subprocess.run(command, capture_output=True, check=False, env=environment, cwd=desk)
    assert ended.returncode == 0, ended.stderr.decode()
    said = ended.stdout + ended.stderr
    return Demonstration(folder, json.loads(ended.stdout)["data"], said, frozenset({secret, token, password}))


def _save(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")
