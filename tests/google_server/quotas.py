"""Google's quota of Sheets requests: so many reads and so many writes a minute for each user."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from google_server.errors import sheets_rate


@dataclass
class Quota:
    """A sliding window, stricter than Google's fixed minute; refused requests do not count.

    Tests shorten `window` (seconds) instead of waiting. `project_reads`/`project_writes` hold for all users together.
    """

    reads: int = 60
    writes: int = 60
    window: float = 60.0
    project_reads: int = 300
    project_writes: int = 300
    clock: Callable[[], float] = time.monotonic
    _used: dict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque), repr=False)

    def spend(self, kind: str, user: str) -> None:
        """Count one request of `kind` ("read" or "write").

        Raises:
            GoogleError: 429 when the window is used up.
        """
        limits = {"read": (self.reads, self.project_reads), "write": (self.writes, self.project_writes)}[kind]
        now = self.clock()
        buckets = [("user", self._used[kind, user], limits[0]), ("project", self._used[kind, "*"], limits[1])]
        for per, times, limit in buckets:
            while times and times[0] <= now - self.window:
                times.popleft()
            if len(times) >= limit:
                raise sheets_rate(kind, per)
        for _, times, _ in buckets:
            times.append(now)
