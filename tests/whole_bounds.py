"""How far the properties of the whole are tried: bounded and always the same in CI, far and by chance in full.

HYPOTHESIS_PROFILE=full python -m pytest -n 0 tests/test_whole_*.py
"""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, Phase, settings

IS_FULL = os.environ.get("HYPOTHESIS_PROFILE") == "full"

TALLY: Counter[str] = Counter()
"""What was played in this run, for the report."""


def bounded(examples: int, *, full: int, steps: int = 50) -> settings:
    """Return how many examples are tried; `steps` are those of a state machine."""
    return settings(
        max_examples=full if IS_FULL else examples,
        stateful_step_count=steps,
        derandomize=not IS_FULL,
        database=None,
        print_blob=IS_FULL,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
