"""How fast we may ask Google: a moving window of one minute for each of its quotas.

Google counts 60 reads and 60 writes a minute for each user of a project (Google Sheets API, “Usage limits”); ours are
a little lower, because a request is counted when it arrives there, not when it leaves here.

The window itself is pyrate-limiter's. Only its bucket is used, not its `Limiter`: that one sleeps by itself and
starts a thread, while a wait has to be known beforehand to be announced, and time is an argument here. (The library
`limits` cannot be used that way: it asks `time.time()` itself, which jumps when somebody sets the clock.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, cast

from pyrate_limiter import Duration, InMemoryBucket, Rate, RateItem

Kind = Literal["read", "write", "drive"]
"""The quota that a request counts against: Sheets reads, Sheets writes, Drive."""

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Pace:
    """Our own limits.

    Attributes:
        reads: requests that read a spreadsheet, at most, in any 60 seconds.
        writes: the same for requests that write one.
        drive: the same for Drive, where Google allows some thousands.
        patience: how long a request that Google cannot serve at the moment is repeated in all.
        timeout: seconds to reach Google; seconds without a byte of its answer. Google itself gives up after 180.
    """

    reads: int = 55
    writes: int = 55
    drive: int = 600
    patience: timedelta = timedelta(minutes=10)
    timeout: tuple[float, float] = (10, 190)

    def limit(self, kind: Kind) -> int:
        """Return how many requests of this kind are sent in any 60 seconds."""
        return {"read": self.reads, "write": self.writes, "drive": self.drive}[kind]


STANDARD_PACE: Final = Pace()


class Limiter:
    """Counts what was sent in the running minute; itself it never sleeps."""

    def __init__(self, pace: Pace, clock: Clock = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        kinds: tuple[Kind, ...] = ("read", "write", "drive")
        self._windows = {kind: InMemoryBucket([Rate(pace.limit(kind), Duration.MINUTE)]) for kind in kinds}

    def take(self, kind: Kind) -> float:
        """Take the place of one request: return 0, or the seconds after which to ask again (nothing is taken then)."""
        now = self._now()
        window = self._windows[kind]
        window.leak(now)
        return _delay(window, now) / 1000

    def left(self, kind: Kind) -> int:
        """Return how many requests of this kind may be sent at once."""
        window = self._windows[kind]
        window.leak(self._now())
        return self._pace.limit(kind) - len(window.items)

    def seconds_for(self, kind: Kind, count: int) -> float:
        """Return after how many seconds, at the earliest, the last of `count` further requests can be sent."""
        now = moment = self._now()
        plan = InMemoryBucket(self._windows[kind].rates)
        plan.items = list(self._windows[kind].items)
        for _ in range(count):
            while delay := _delay(plan, moment):
                moment += delay
        return (moment - now) / 1000

    def _now(self) -> int:
        return int(self._clock() * 1000)


def _delay(window: InMemoryBucket, moment: int) -> int:
    """Enter a request at `moment` into the window; if it is full, enter nothing and return the wait (milliseconds)."""
    request = RateItem("", moment)
    return 0 if window.put(request) else max(1, cast("int", window.waiting(request)))  # awaitable in other buckets only
