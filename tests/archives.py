"""Archives with other members than they were made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from cchc_sheets.outcome import Outcome
from cchc_sheets.stages.archive_package import MANIFEST, as_json, manifest_digest, packed, unpacked


def again(made: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], *, fit: bool = False) -> Path:
    """Write the archive anew with other members; `fit` makes the manifest fit them."""
    members = dict(unpacked(made).members)
    change(members)
    if fit:
        refit(members)
    file = tmp_path / "altered.zip"
    file.write_bytes(packed(members))
    return file


def refit(members: dict[str, bytes]) -> None:
    manifest = json.loads(members[MANIFEST])
    manifest["members"] = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(members.items())
        if name != MANIFEST
    ]
    manifest["digest"] = manifest_digest(manifest)
    members[MANIFEST] = as_json(manifest) + b"\n"


def errors(outcome: Outcome) -> set[tuple[str, str | None]]:
    return {(one.code, one.sheet) for one in outcome.problems if one.severity == "error"}
